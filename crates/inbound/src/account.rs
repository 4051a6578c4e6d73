//! Whose account at the provider a request is of: a workspace, an organization, a site.

use serde_json::Value;

use crate::provider::Provider;
use crate::request::InboundRequest;

/// What there is to know of the accounts of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountFacts {
    /// What the provider calls it.
    pub name: &'static str,
    /// What it looks like.
    pub looks_like: &'static str,
}

/// Where a provider's requests name the account: the first of these that is there.
const fn places(provider: Provider) -> &'static [&'static str] {
    match provider {
        // Only events of connected accounts name one.
        Provider::Stripe => &["/account"],
        Provider::Clerk => &["/instance_id"],
        Provider::Slack => &["/team_id", "/team/id"],
        Provider::Github => &["/organization/login", "/installation/account/login", "/repository/owner/login"],
        Provider::Linear => &["/organizationId"],
        Provider::Jira => &["/issue/self", "/comment/self", "/user/self"],
        Provider::Hubspot => &["/portalId"],
        Provider::Notion => &["/workspace_id"],
        _ => &[],
    }
}

impl AccountFacts {
    /// Those of a provider whose requests name an account.
    #[must_use]
    pub const fn of(provider: Provider) -> Option<Self> {
        let (name, looks_like) = match provider {
            Provider::Stripe => ("Connected account", "acct_1A2b3C4d5E6f7G8h"),
            Provider::Clerk => ("Instance", "ins_…"),
            Provider::Slack => ("Workspace", "T061EG9R6"),
            Provider::Github => ("Owner of the repositories", "octo-org"),
            Provider::Linear => ("Organization", "a1b2c3d4-…"),
            Provider::Jira => ("Site", "example.atlassian.net"),
            Provider::Hubspot => ("Portal", "62515"),
            Provider::Notion => ("Workspace", "13950b26-…"),
            _ => return None,
        };
        Some(Self { name, looks_like })
    }
}

/// The accounts that a request names; none where it names no account. One request of HubSpot can hold events of several.
#[must_use]
pub fn accounts(provider: Provider, request: &InboundRequest<'_>) -> Vec<String> {
    let places = places(provider);
    if places.is_empty() {
        return Vec::new();
    }
    let Ok(body) = request.json() else { return Vec::new() };
    let items = body.as_array().map_or(std::slice::from_ref(&body), Vec::as_slice);
    let mut all: Vec<String> = Vec::new();
    for account in items.iter().filter_map(|item| places.iter().find_map(|place| named(provider, item.pointer(place)?)))
    {
        if !all.contains(&account) {
            all.push(account);
        }
    }
    all
}

fn named(provider: Provider, value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    if provider != Provider::Jira {
        return Some(text);
    }
    // A site is the host of its addresses.
    let host = text.split_once("://")?.1.split(['/', '?', '#', ':']).next()?;
    Some(host.to_owned())
}

/// Whether a request is of this account. One that names none may be.
pub(crate) fn may_be_of(account: &str, provider: Provider, request: &InboundRequest<'_>) -> bool {
    accounts(provider, request).iter().all(|named| named.eq_ignore_ascii_case(account.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(provider: Provider, body: &str) -> Vec<String> {
        let headers = [("content-type".to_owned(), "application/json".to_owned())];
        accounts(provider, &InboundRequest { method: "POST", url: "", headers: &headers, body: body.as_bytes() })
    }

    #[test]
    fn the_account_is_found_where_its_provider_names_it() {
        for (provider, body, account) in [
            (Provider::Stripe, r#"{"account":"acct_1"}"#, "acct_1"),
            (Provider::Slack, r#"{"team_id":"T1","team":{"id":"T2"}}"#, "T1"),
            (Provider::Slack, r#"{"team":{"id":"T2"}}"#, "T2"),
            (Provider::Github, r#"{"repository":{"owner":{"login":"octo"}}}"#, "octo"),
            (Provider::Jira, r#"{"issue":{"self":"https://a.atlassian.net/rest/api/2/1"}}"#, "a.atlassian.net"),
            (Provider::Notion, r#"{"workspace_id":"w"}"#, "w"),
        ] {
            assert_eq!(of(provider, body), [account], "{provider}");
        }
        assert_eq!(of(Provider::Hubspot, r#"[{"portalId":1},{"portalId":2},{"portalId":1}]"#), ["1", "2"]);
        for body in ["{}", "[]", "null", "x", r#"{"account":{}}"#] {
            assert_eq!(of(Provider::Stripe, body), [""; 0], "{body}");
        }
        assert_eq!(of(Provider::Bearer, r#"{"account":"acct_1"}"#), [""; 0]);
    }

    #[test]
    fn every_provider_that_names_accounts_says_what_they_are() {
        for provider in Provider::ALL {
            assert_eq!(places(provider).is_empty(), AccountFacts::of(provider).is_none(), "{provider}");
        }
    }
}
