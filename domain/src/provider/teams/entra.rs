//! What is known of Entra ID: addresses, what its authorization server does differently, who signed in, and an
//! administrator's consent.

use oauth_flow::{Provider, Rotation};
use serde_json::Value;

use super::scopes::SCOPES;

/// Where people sign in and tokens are given.
pub const LOGIN: &str = "https://login.microsoftonline.com";
/// Where Microsoft Graph is.
pub const GRAPH: &str = "https://graph.microsoft.com";
/// Stands for the tenant of whoever signs in with a work account. Personal accounts have no Teams.
pub const ANY_TENANT: &str = "organizations";
/// After so many days without use a refresh token is worth nothing.
pub const IDLE_DAYS: i64 = 90;

const DAY_MS: i64 = 86_400_000;
/// What is read of an id token.
const CLAIMS: &[&str] = &["tid", "oid", "name", "preferred_username"];

/// Microsoft's addresses; below another base where a simulator stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Urls {
    login: String,
    graph: String,
}

impl Default for Urls {
    fn default() -> Self {
        Self { login: LOGIN.to_owned(), graph: GRAPH.to_owned() }
    }
}

impl Urls {
    /// Both below one base, with or without a slash at its end.
    #[must_use]
    pub fn at(base: &str) -> Self {
        let base = base.trim_end_matches('/').to_owned();
        Self { login: base.clone(), graph: base }
    }

    /// Where people sign in and consent.
    #[must_use]
    pub fn authorize(&self) -> String {
        format!("{}/{ANY_TENANT}/oauth2/v2.0/authorize", self.login)
    }

    /// Where a code or a refresh token becomes a token.
    #[must_use]
    pub fn token(&self) -> String {
        format!("{}/{ANY_TENANT}/oauth2/v2.0/token", self.login)
    }

    /// Where an administrator consents for everybody in their organization, with the state that comes back. People
    /// without a role can connect afterwards, also where their organization lets nobody else consent.
    #[must_use]
    pub fn admin_consent(&self, client_id: &str, redirect_uri: &str, state: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let scopes = SCOPES.map(|scope| scope.name).join(" ");
        query.append_pair("client_id", client_id).append_pair("scope", &scopes);
        query.append_pair("redirect_uri", redirect_uri).append_pair("state", state);
        format!("{}/{ANY_TENANT}/v2.0/adminconsent?{}", self.login, query.finish())
    }

    /// A path of Graph: `/me`.
    #[must_use]
    pub fn graph(&self, path: &str) -> String {
        format!("{}/v1.0{path}", self.graph)
    }

    /// The path of an address of Graph, where lists go on. Nothing if it leads elsewhere: no token is sent there.
    #[must_use]
    pub fn graph_path<'a>(&self, url: &'a str) -> Option<&'a str> {
        url.strip_prefix(&self.graph("")).filter(|path| path.starts_with('/'))
    }
}

/// The provider, as the OAuth library wants it: with PKCE; a refresh may bring a newer refresh token, and the one
/// before stays good for a while. `unauthorized_client` at a refresh says that an administrator has taken the app out
/// of the organization.
#[must_use]
pub fn provider(urls: &Urls) -> Provider {
    Provider {
        pkce: true,
        authorize_parameters: &[("response_mode", "query"), ("prompt", "select_account")],
        ending_codes: &["unauthorized_client"],
        claims: CLAIMS,
        rotation: Rotation::Renewed,
        idle_expiry_ms: Some(IDLE_DAYS * DAY_MS),
        ..Provider::new(urls.authorize(), urls.token())
    }
}

/// Who signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The tenant's id, a GUID.
    pub tenant_id: String,
    /// The person's object id within it, a GUID; together they never change and are never given again.
    pub object_id: String,
    /// The person's name, else the account's.
    pub person: String,
    /// The person's name and the account's, as people are shown it: `Megan Bowen (megan@contoso.com)`.
    pub name: String,
}

impl Account {
    /// Reads the claims that are kept of an id token ([`Provider::claims`]).
    #[must_use]
    pub fn of_claims(claims: &Value) -> Option<Self> {
        let text = |name: &str| claims[name].as_str().filter(|text| !text.is_empty());
        let name = match (text("name"), text("preferred_username")) {
            (Some(name), Some(principal)) => format!("{name} ({principal})"),
            (name, principal) => name.or(principal).unwrap_or("Microsoft Teams").to_owned(),
        };
        let person = text("name").unwrap_or(&name).to_owned();
        Some(Self { tenant_id: text("tid")?.to_owned(), object_id: text("oid")?.to_owned(), person, name })
    }

    /// What recognises the account: the same person of the same organization, whatever their name is by then.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}:{}", self.tenant_id, self.object_id)
    }
}

/// Whether two accounts, by their keys, are of one organization, and so see the same teams by the same ids.
#[must_use]
pub fn are_of_one_tenant(one: &str, other: &str) -> bool {
    let tenant = |key: &str| key.split_once(':').map(|(tenant, _)| tenant.to_owned());
    tenant(one).is_some() && tenant(one) == tenant(other)
}

/// With what an administrator came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdminConsent {
    /// The app may, in the tenant with this id.
    Granted(String),
    /// It may not; the error's code.
    Denied(String),
    /// This is no answer to what the administrator was sent away with.
    Malformed,
}

impl AdminConsent {
    /// Reads the query that an administrator came back with. Nothing of it is believed unless its state is the one with
    /// the hash that was kept.
    #[must_use]
    pub fn read(state_hash: &str, query: &str) -> Self {
        let field = |name: &str| {
            let mut found = form_urlencoded::parse(query.as_bytes()).filter(|(known, _)| known == name);
            let value = found.next().map(|(_, value)| value.into_owned()).filter(|value| !value.is_empty());
            value.filter(|_| found.next().is_none())
        };
        if !field("state").is_some_and(|state| oauth_flow::is_state(&state, state_hash)) {
            return Self::Malformed;
        }
        if let Some(error) = field("error") {
            return Self::Denied(error.chars().filter(|letter| !letter.is_control()).take(100).collect());
        }
        let is_granted = field("admin_consent").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        match field("tenant").filter(|_| is_granted) {
            Some(tenant) => Self::Granted(tenant.chars().take(100).collect()),
            None => Self::Malformed,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::published;

    #[test]
    fn the_provider_is_as_published() {
        let Some(facts) = published("oauth-providers.json") else { return };
        let fact = &facts["providers"]["microsoft"];
        let provider = provider(&Urls::default());
        let url = |name: &str| fact[name].as_str().expect("a URL").replace("{tenant}", ANY_TENANT);
        assert_eq!(
            (provider.authorize_url.to_string(), provider.token_url.to_string()),
            (url("authorize_url"), url("token_url"))
        );
        assert_eq!(
            (&fact["token_body"], &fact["pkce"], &fact["revoke"]),
            (&json!("form"), &json!("supported"), &Value::Null)
        );
        assert!(provider.pkce && provider.rotation == Rotation::Renewed);
        assert!(fact["refresh"].as_str().expect("words").ends_with("90 days idle"));
        assert_eq!(provider.idle_expiry_ms, Some(90 * DAY_MS));
        let fixed = fact["authorize_params"].as_array().expect("a list").iter();
        let own = [("response_type", "code"), ("code_challenge_method", "S256")];
        let ours: Vec<_> = provider.authorize_parameters.iter().copied().chain(own).collect();
        for parameter in fixed.filter_map(|one| one.as_str()?.split_once('=')) {
            assert!(ours.contains(&parameter), "{parameter:?}");
        }
    }

    #[test]
    fn each_address_lies_below_its_base() {
        let real = Urls::default();
        assert_eq!(real.authorize(), "https://login.microsoftonline.com/organizations/oauth2/v2.0/authorize");
        assert_eq!(real.graph("/me"), "https://graph.microsoft.com/v1.0/me");
        let next = "https://graph.microsoft.com/v1.0/me/joinedTeams?$skiptoken=x";
        assert_eq!(real.graph_path(next), Some("/me/joinedTeams?$skiptoken=x"));
        for elsewhere in
            ["https://graph.microsoft.com/beta/me", "https://graph.microsoft.com/v1.0.evil.example/x", "/me"]
        {
            assert_eq!(real.graph_path(elsewhere), None, "{elsewhere}");
        }
        let simulated = Urls::at("http://127.0.0.1:4030/");
        assert_eq!(simulated.token(), "http://127.0.0.1:4030/organizations/oauth2/v2.0/token");
        let consent = simulated.admin_consent("a b", "http://127.0.0.1:3000/back", "s&t");
        assert!(
            consent.starts_with("http://127.0.0.1:4030/organizations/v2.0/adminconsent?client_id=a+b&scope=openid")
        );
        assert!(consent.ends_with("state=s%26t"), "{consent}");
    }

    #[test]
    fn who_signed_in_is_known_by_tenant_and_object() {
        let claims = json!({ "tid": "t", "oid": "o", "name": "Megan", "preferred_username": "m@contoso.com" });
        let account = Account::of_claims(&claims).expect("an account");
        assert_eq!((account.key().as_str(), account.name.as_str()), ("t:o", "Megan (m@contoso.com)"));
        assert_eq!(account.person, "Megan");
        let nameless = Account::of_claims(&json!({ "tid": "t", "oid": "o", "preferred_username": "m@contoso.com" }));
        assert_eq!(nameless.expect("an account").name, "m@contoso.com");
        assert_eq!(Account::of_claims(&json!({ "tid": "t", "name": "Megan" })), None);
        assert_eq!(Account::of_claims(&Value::Null), None);
        assert!(are_of_one_tenant("t:o", "t:p") && !are_of_one_tenant("t:o", "u:o") && !are_of_one_tenant("x", "x"));
    }

    #[test]
    fn an_administrators_way_back_is_believed_by_its_state() {
        let hash = oauth_flow::state_hash("s t");
        let read = |query: &str| AdminConsent::read(&hash, query);
        let granted = AdminConsent::Granted("84bd8158".to_owned());
        assert_eq!(read("admin_consent=True&tenant=84bd8158&state=s+t&scope=x"), granted);
        assert_eq!(read("error=access_denied&state=s+t"), AdminConsent::Denied("access_denied".to_owned()));
        for wrong in [
            "",
            "admin_consent=True&tenant=x&state=other",
            "tenant=x&state=s+t",
            "admin_consent=True&state=s+t",
            "admin_consent=True&tenant=x&tenant=y&state=s+t",
        ] {
            assert_eq!(read(wrong), AdminConsent::Malformed, "{wrong}");
        }
    }
}
