//! What is known of Entra ID: addresses, permissions and what each is for, what its authorization server does
//! differently, who signed in, and an administrator's consent.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth_flow::{Provider, Rotation};
use serde_json::Value;

use crate::provider::Access::{self, Read, Write};
use crate::provider::Scope;

/// Where people sign in and tokens are given.
pub const LOGIN: &str = "https://login.microsoftonline.com";
/// Where Microsoft Graph is.
pub const GRAPH: &str = "https://graph.microsoft.com";
/// Stands for the tenant of whoever signs in with a work account. Personal accounts have no Teams.
pub const ANY_TENANT: &str = "organizations";
/// What separates scopes in a request and in an answer.
pub const SCOPE_SEPARATOR: char = ' ';
/// After so many days without use a refresh token is worth nothing.
pub const IDLE_DAYS: i64 = 90;

const DAY_MS: i64 = 86_400_000;
/// Scopes of the sign-in, of which an answer does not say reliably whether they were granted.
const SIGN_IN: [&str; 3] = ["openid", "profile", "offline_access"];

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
        query.append_pair("client_id", client_id).append_pair("scope", &wanted());
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

const fn scope(name: &'static str, access: Access, sentence: &'static str) -> Scope {
    Scope { name, sentence, access, optional: false }
}

/// The permissions that the app asks for. None of them needs an administrator by itself, though an organization may
/// want one.
pub const SCOPES: [Scope; 7] = [
    scope("openid", Read, "Recognise the account and the organization of the person who connects."),
    scope("profile", Read, "See the name of that person."),
    scope("offline_access", Read, "Go on working when that person is not there."),
    scope("User.Read", Read, "See whom the connection acts as, which also shows that it still works."),
    scope("Team.ReadBasic.All", Read, "See the names of the teams that person is in."),
    scope("Channel.ReadBasic.All", Read, "See the names of the channels in these teams."),
    scope("ChannelMessage.Send", Write, "Post messages into these channels, in the name of that person."),
];

/// All scopes, as the consent page takes them.
#[must_use]
pub fn wanted() -> String {
    SCOPES.map(|scope| scope.name).join(" ")
}

/// The scopes of an answer, one by one, by their short names.
#[must_use]
pub fn granted(scope: &str) -> Vec<String> {
    let names = scope.split(SCOPE_SEPARATOR).filter(|name| !name.is_empty());
    names.map(|name| name.strip_prefix("https://graph.microsoft.com/").unwrap_or(name).to_owned()).collect()
}

/// Permissions that a connection needs and does not have. Those of the sign-in are not looked for: Entra ID does not
/// repeat `offline_access`, whose grant shows in the refresh token, and only sometimes the others, whose grant shows in
/// the id token.
#[must_use]
pub fn missing(granted: &[String]) -> Vec<&'static Scope> {
    let has = |scope: &Scope| granted.iter().any(|name| name.eq_ignore_ascii_case(scope.name));
    SCOPES.iter().filter(|scope| !SIGN_IN.contains(&scope.name) && !has(scope)).collect()
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
    pub name: String,
}

impl Account {
    /// Reads an id token (a JWT) of the token endpoint's answer. Its signature is not looked at: whoever gets it
    /// straight from the token endpoint, by TLS, may trust it for that (OpenID Connect Core 1.0, section 3.1.3.7, point
    /// 6). An id token that came by any other way must not be read with this.
    #[must_use]
    pub fn of_id_token(token: &str) -> Option<Self> {
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
        let claims: Value = serde_json::from_slice(&claims).ok()?;
        let text = |name: &str| claims[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let name = text("name").or_else(|| text("preferred_username")).unwrap_or_default();
        Some(Self { tenant_id: text("tid")?, object_id: text("oid")?, name })
    }

    /// What recognises the account: the same person of the same organization, whatever their name is by then.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}:{}", self.tenant_id, self.object_id)
    }
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
    fn what_is_missing_is_what_is_needed_and_not_granted() {
        let names = |scope: &str| missing(&granted(scope)).into_iter().map(|scope| scope.name).collect::<Vec<_>>();
        assert!(
            names("user.read https://graph.microsoft.com/Team.ReadBasic.All Channel.ReadBasic.All ChannelMessage.Send")
                .is_empty()
        );
        assert_eq!(names("openid User.Read  Team.ReadBasic.All Channel.ReadBasic.All"), ["ChannelMessage.Send"]);
        assert_eq!(names("").len(), 4);
        assert!(SCOPES.iter().all(|scope| scope.sentence.ends_with('.')));
    }

    #[test]
    fn who_signed_in_is_known_by_tenant_and_object() {
        let token = |claims: &Value| format!("e30.{}.signature", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let read = |claims: &Value| Account::of_id_token(&token(claims));
        let account = read(&json!({ "tid": "t", "oid": "o", "name": "Megan" })).expect("an account");
        assert_eq!((account.key().as_str(), account.name.as_str()), ("t:o", "Megan"));
        let nameless = read(&json!({ "tid": "t", "oid": "o", "preferred_username": "m@acme.example" }));
        assert_eq!(nameless.expect("an account").name, "m@acme.example");
        assert_eq!(read(&json!({ "tid": "t", "sub": "s" })), None);
        for wrong in ["", "a.b.c", "e30", "e30.e30.e30"] {
            assert_eq!(Account::of_id_token(wrong), None, "{wrong}");
        }
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
