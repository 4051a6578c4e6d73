//! An app to let into a Jira that stands still in time, with the app's receiver beside it.

use serde_json::{Value, json};
use simulators::Clock;
use simulators::jira::{App, Consent, Jira, JiraOptions};

use super::client::{Client, Reply};
use super::query;
use super::receiver::Receiver;

/// What the app asks for unless a test wants something else.
pub const JIRA_SCOPES: &str = "read:jira-work write:jira-work read:jira-user manage:jira-webhook offline_access";

/// Where people are sent back to.
pub const JIRA_REDIRECT: &str = "http://127.0.0.1:3000/connect/jira?from=jira";

/// A Jira of two sites with one app.
pub struct TestJira {
    pub jira: Jira,
    pub client: Client,
    pub receiver: Receiver,
    /// The first site.
    pub site: String,
}

/// The client of a site's API.
pub struct Api {
    pub client: Client,
    base: String,
}

impl TestJira {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// With other options than the usual ones.
    pub async fn with(change: impl FnOnce(&mut JiraOptions)) -> Self {
        let receiver = Receiver::start().await;
        let mut options = JiraOptions {
            clock: Clock::fixed(1_795_356_131_000),
            app: App { redirect_uris: vec![JIRA_REDIRECT.to_owned()], ..App::default() },
            ..JiraOptions::default()
        };
        change(&mut options);
        let jira = Jira::start(options).await.unwrap();
        let site = jira.sites()[0].id.clone();
        Self { client: Client::new(jira.base_url()), jira, receiver, site }
    }

    /// The consent page's URL.
    pub fn authorize_url(&self, scopes: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("audience", "api.atlassian.com").append_pair("client_id", &self.jira.app().client_id);
        query.append_pair("scope", scopes).append_pair("redirect_uri", JIRA_REDIRECT).append_pair("state", "s t&te");
        query.append_pair("response_type", "code").append_pair("prompt", "consent");
        format!("{}/authorize?{}", self.jira.base_url(), query.finish())
    }

    /// A code of the administrator, who allowed it for a site.
    pub fn code(&self, site: &str, scopes: &str) -> String {
        query(&self.jira.consent(&self.authorize_url(scopes), &Consent::allow(site)).unwrap(), "code").unwrap()
    }

    /// `oauth/token` with the client's id and secret.
    pub async fn token(&self, fields: Value) -> Reply {
        let app = self.jira.app();
        let mut body = json!({ "client_id": app.client_id, "client_secret": app.client_secret });
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        self.client.json("/oauth/token", &body).await
    }

    /// The whole flow; gives the answer with the tokens.
    pub async fn connect(&self, scopes: &str) -> Value {
        let code = self.code(&self.site, scopes);
        let fields = json!({ "grant_type": "authorization_code", "code": code, "redirect_uri": JIRA_REDIRECT });
        let answer = self.token(fields).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    pub async fn refresh(&self, token: &str) -> Reply {
        self.token(json!({ "grant_type": "refresh_token", "refresh_token": token })).await
    }

    /// The API of the first site, with a token of all scopes.
    pub async fn api(&self) -> Api {
        self.api_with(self.connect(JIRA_SCOPES).await["access_token"].as_str().unwrap())
    }

    pub fn api_with(&self, token: &str) -> Api {
        Api { client: self.client.with_token(token), base: format!("/ex/jira/{}/rest/api/3", self.site) }
    }
}

impl Api {
    pub async fn get(&self, path: &str) -> Reply {
        self.client.get(&format!("{}{path}", self.base)).await
    }

    pub async fn read(&self, path: &str) -> Value {
        let reply = self.get(path).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        reply.json()
    }

    pub async fn send(&self, verb: &str, path: &str, body: &Value) -> Reply {
        self.client.json_by(verb, &format!("{}{path}", self.base), body).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send("POST", path, body).await
    }

    /// Makes a task and gives its key.
    pub async fn task(&self, summary: &str) -> String {
        let fields = json!({ "project": { "key": "ED" }, "issuetype": { "id": "10001" }, "summary": summary });
        let made = self.post("/issue", &json!({ "fields": fields })).await;
        assert_eq!(made.status, 201, "{}", made.body);
        made.json()["key"].as_str().unwrap().to_owned()
    }

    /// Registers a webhook and gives the answer's entry about it.
    pub async fn hook(&self, url: &str, events: &[&str], jql: &str) -> Value {
        let body = json!({ "url": url, "webhooks": [{ "events": events, "jqlFilter": jql }] });
        let reply = self.post("/webhook", &body).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        reply.json()["webhookRegistrationResult"][0].clone()
    }
}

/// A document of one paragraph.
pub fn doc(text: &str) -> Value {
    json!({ "type": "doc", "version": 1, "content": [{ "type": "paragraph", "content": [{ "type": "text", "text": text }] }] })
}
