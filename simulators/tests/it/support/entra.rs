//! An app to let into an Entra ID that stands still in time, with the app's receiver beside it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use simulators::Clock;
use simulators::entra::{App, Consent, Entra, EntraOptions, Tenant};

use super::client::{Client, Reply};
use super::query;
use super::receiver::Receiver;

/// What the app asks for unless a test wants something else.
pub const ENTRA_SCOPES: &str =
    "openid profile offline_access User.Read Team.ReadBasic.All Channel.ReadBasic.All ChannelMessage.Send";

/// Where people are sent back to.
pub const ENTRA_REDIRECT: &str = "http://127.0.0.1:3000/connect/teams?from=entra";

/// What the app keeps for the exchange.
pub const VERIFIER: &str = "a-verifier-of-forty-three-characters-or-more";

/// An Entra ID of two organizations with one app.
pub struct TestEntra {
    pub entra: Entra,
    pub client: Client,
    pub receiver: Receiver,
    /// The first organization.
    pub tenant: Tenant,
}

impl TestEntra {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// With other options than the usual ones.
    pub async fn with(change: impl FnOnce(&mut EntraOptions)) -> Self {
        let receiver = Receiver::start().await;
        let mut options = EntraOptions {
            clock: Clock::fixed(1_795_356_131_000),
            app: App { redirect_uris: vec![ENTRA_REDIRECT.to_owned()], ..App::default() },
            ..EntraOptions::default()
        };
        change(&mut options);
        let entra = Entra::start(options).await.unwrap();
        let tenant = entra.tenants().remove(0);
        Self { client: Client::new(entra.base_url()), entra, receiver, tenant }
    }

    /// The administrator of the first organization.
    pub fn admin(&self) -> &str {
        &self.tenant.people[0].id
    }

    /// Somebody of the first organization without a role.
    pub fn user(&self) -> &str {
        &self.tenant.people[1].id
    }

    /// The path of the sign-in page.
    pub fn authorize_path(&self, scopes: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("client_id", &self.entra.app().client_id).append_pair("response_type", "code");
        query.append_pair("response_mode", "query").append_pair("prompt", "select_account");
        query.append_pair("redirect_uri", ENTRA_REDIRECT).append_pair("scope", scopes).append_pair("state", "s t&te");
        query.append_pair("code_challenge", &URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER)));
        query.append_pair("code_challenge_method", "S256");
        format!("/organizations/oauth2/v2.0/authorize?{}", query.finish())
    }

    /// The path of the page for administrators.
    pub fn admin_path(&self, scope: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("client_id", &self.entra.app().client_id).append_pair("redirect_uri", ENTRA_REDIRECT);
        query.append_pair("scope", scope).append_pair("state", "s t&te");
        format!("/{}/v2.0/adminconsent?{}", self.tenant.id, query.finish())
    }

    /// A code of somebody who allowed it.
    pub fn code(&self, user: &str, scopes: &str) -> String {
        let back = self.entra.consent(&self.authorize_path(scopes), &Consent::allow(user)).unwrap();
        query(&back, "code").unwrap()
    }

    /// The token endpoint of all organizations, with the client's id and secret.
    pub async fn token(&self, fields: &[(&str, &str)]) -> Reply {
        self.token_at("organizations", fields).await
    }

    /// The token endpoint of a tenant.
    pub async fn token_at(&self, tenant: &str, fields: &[(&str, &str)]) -> Reply {
        let app = self.entra.app();
        let client = [("client_id", app.client_id.as_str()), ("client_secret", app.client_secret.as_str())];
        self.client.form(&format!("/{tenant}/oauth2/v2.0/token"), &[&client[..], fields].concat()).await
    }

    pub async fn exchange(&self, code: &str) -> Reply {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", ENTRA_REDIRECT),
            ("code_verifier", VERIFIER),
        ];
        self.token(&fields).await
    }

    pub async fn refresh(&self, token: &str) -> Reply {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// The whole flow; gives the answer with the tokens.
    pub async fn connect(&self, user: &str, scopes: &str) -> Value {
        let answer = self.exchange(&self.code(user, scopes)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    /// The client of Graph for a person, with a token of the usual scopes.
    pub fn graph(&self, user: &str) -> Client {
        let scopes: Vec<&str> = ENTRA_SCOPES.split(' ').collect();
        self.graph_with(user, &scopes)
    }

    pub fn graph_with(&self, user: &str, scopes: &[&str]) -> Client {
        self.client.with_token(&self.entra.connect(user, scopes).value)
    }

    /// The path of a channel of the first team, by its place.
    pub fn channel(&self, index: usize) -> String {
        let team = &self.tenant.teams[0];
        format!("/v1.0/teams/{}/channels/{}", team.id, team.channels[index].id)
    }
}

/// A message with a card of one text.
pub fn card_message(text: &str) -> Value {
    let card = json!({ "type": "AdaptiveCard", "version": "1.5", "body": [{ "type": "TextBlock", "text": text }] });
    message_with(&card)
}

/// A message with a card.
pub fn message_with(card: &Value) -> Value {
    json!({
        "body": { "contentType": "html", "content": "<attachment id=\"74d2\"></attachment>" },
        "attachments": [{ "id": "74d2", "contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": null,
            "content": card.to_string() }],
    })
}

/// The number in an error of the token endpoint.
pub fn aadsts(reply: &Reply) -> u64 {
    reply.json()["error_codes"][0].as_u64().unwrap()
}
