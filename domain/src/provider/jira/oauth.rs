//! What Atlassian's authorization server does differently from the standard, and the sites that a consent is good for.

use oauth_flow::{BodyEncoding, Provider};
use serde_json::Value;

use super::facts::{CONSENT_DAYS, IDLE_DAYS, Urls};

const DAY_MS: i64 = 86_400_000;

/// The provider, as the OAuth library wants it. Every refresh brings another refresh token, and the one before is taken for
/// worthless at once, though it works for some minutes more: nothing is built on that.
#[must_use]
pub fn provider(urls: &Urls) -> Provider {
    Provider {
        encoding: BodyEncoding::Json,
        pkce: false,
        authorize_parameters: &[("audience", "api.atlassian.com"), ("prompt", "consent")],
        ending_codes: &["unauthorized_client"],
        idle_expiry_ms: Some(IDLE_DAYS * DAY_MS),
        absolute_expiry_ms: Some(CONSENT_DAYS * DAY_MS),
        ..Provider::new(urls.authorize(), urls.token())
    }
}

/// A site that a token is good for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The cloud id, which its API is reached by.
    pub cloud_id: String,
    /// Its name.
    pub name: String,
    /// Its address, which links start with: `https://example.atlassian.net`.
    pub url: String,
    /// What the token may do there.
    pub scopes: Vec<String>,
}

impl Site {
    /// The page of an issue.
    #[must_use]
    pub fn issue_url(&self, key: &str) -> String {
        format!("{}/browse/{}", self.url, super::request::segment(key))
    }

    /// Whether a link in a body leads to this site: webhooks say in no other way where they come from.
    #[must_use]
    pub fn is_host_of(&self, link: &str) -> bool {
        link.strip_prefix(&self.url).is_some_and(|rest| rest.starts_with('/'))
    }
}

/// The sites of an answer; one consent can be good for several, and a person picks one.
#[must_use]
pub fn sites(answer: &Value) -> Vec<Site> {
    let text = |value: &Value, key: &str| value[key].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let site = |value: &Value| {
        let scopes = value["scopes"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let url = text(value, "url")?.trim_end_matches('/').to_owned();
        let name = text(value, "name").unwrap_or_else(|| url.clone());
        Some(Site { cloud_id: text(value, "id")?, name, url, scopes: scopes.map(str::to_owned).collect() })
    };
    answer.as_array().into_iter().flatten().filter_map(site).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::published;

    #[test]
    fn the_provider_is_as_published() {
        let Some(facts) = published("oauth-providers.json") else { return };
        let fact = &facts["providers"]["jira"];
        let provider = provider(&Urls::default());
        assert_eq!(
            (&*provider.authorize_url, &*provider.token_url),
            (fact["authorize_url"].as_str().expect("a URL"), fact["token_url"].as_str().expect("a URL"),)
        );
        assert_eq!(fact["token_body"], "json");
        assert_eq!(fact["refresh"], "rotating; 90 days idle; 365 days absolute");
        assert_eq!(provider.idle_expiry_ms.zip(provider.absolute_expiry_ms), Some((90 * DAY_MS, 365 * DAY_MS)));
        let fixed =
            fact["authorize_params"].as_array().expect("a list").iter().filter_map(|one| one.as_str()?.split_once('='));
        let ours: Vec<_> = provider.authorize_parameters.iter().copied().chain([("response_type", "code")]).collect();
        for parameter in fixed {
            assert!(ours.contains(&parameter), "{parameter:?}");
        }
    }

    #[test]
    fn sites_are_read_and_known_by_their_links() {
        let list = sites(&json!([
            { "id": "1", "url": "https://example.atlassian.net/", "name": "Acme", "scopes": ["read:jira-work"], "avatarUrl": "x" },
            { "id": "2", "url": "https://b.atlassian.net" }, { "id": "", "url": "https://c" }, { "url": "https://d" }, 7,
        ]));
        assert_eq!(list.iter().map(|site| site.name.as_str()).collect::<Vec<_>>(), ["Acme", "https://b.atlassian.net"]);
        assert_eq!(list[0].issue_url("ED-1"), "https://example.atlassian.net/browse/ED-1");
        assert!(list[0].is_host_of("https://example.atlassian.net/rest/api/2/10002"));
        for other in ["https://example.atlassian.net.evil.example/x", "https://b.atlassian.net/x", ""] {
            assert!(!list[0].is_host_of(other), "{other}");
        }
        assert!(sites(&json!({ "code": 401 })).is_empty());
    }
}
