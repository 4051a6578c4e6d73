//! An app to install: a Slack that stands still in time, with the app's receiver beside it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header;
use http_body_util::Full;
use serde_json::Value;
use simulators::Clock;
use simulators::slack::{App, Consent, Slack, SlackOptions};

use super::client::Client;
use super::receiver::Receiver;

/// What the app asks for unless a test wants something else.
pub const SCOPES: &str = "chat:write,chat:write.public,channels:read,groups:read,channels:join,commands,users:read,users:read.email,team:read";

/// Where people are sent back to.
pub const REDIRECT: &str = "http://127.0.0.1:3000/connect/slack?from=slack";

/// A Slack with one app.
pub struct TestApp {
    pub slack: Slack,
    pub client: Client,
    pub receiver: Receiver,
    /// The first workspace.
    pub team: String,
}

impl TestApp {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// With other options than the usual ones.
    pub async fn with(change: impl FnOnce(&mut SlackOptions)) -> Self {
        let receiver = Receiver::start().await;
        let mut options = SlackOptions {
            clock: Clock::fixed(1_795_356_131_000),
            app: App {
                redirect_uris: vec![REDIRECT.to_owned()],
                events_url: Some(receiver.url.clone()),
                commands_url: Some(receiver.url.clone()),
                interactivity_url: Some(receiver.url.clone()),
                ..App::default()
            },
            ..SlackOptions::default()
        };
        change(&mut options);
        let slack = Slack::start(options).await.unwrap();
        let team = slack.teams()[0].id.clone();
        Self { client: Client::new(slack.base_url()), slack, receiver, team }
    }

    /// The consent page's URL.
    pub fn authorize_url(&self, scopes: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("client_id", &self.slack.app().client_id);
        query.append_pair("scope", scopes).append_pair("redirect_uri", REDIRECT).append_pair("state", "s t&te");
        format!("{}/oauth/v2/authorize?{}", self.slack.base_url(), query.finish())
    }

    /// A code of somebody who allowed.
    pub fn code(&self, account: &str, scopes: &str) -> String {
        let allow = Consent::Allow { account: account.to_owned() };
        let back = self.slack.consent(&self.authorize_url(scopes), &allow).unwrap();
        query(&back, "code").unwrap()
    }

    /// `oauth.v2.access` with the client in the Authorization header.
    pub async fn access(&self, fields: &[(&str, &str)]) -> Value {
        let app = self.slack.app();
        let basic = STANDARD.encode(format!("{}:{}", app.client_id, app.client_secret));
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self.client.request("POST", "/api/oauth.v2.access");
        let request = request.header(header::AUTHORIZATION, format!("Basic {basic}"));
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.client.send(request.body(Full::new(body.into())).unwrap()).await.unwrap().json()
    }

    /// The whole flow; gives the answer with the tokens.
    pub async fn connect(&self, account: &str, scopes: &str) -> Value {
        let code = self.code(account, scopes);
        let answer = self.access(&[("code", &code), ("redirect_uri", REDIRECT)]).await;
        assert_eq!(answer["ok"], true, "{answer}");
        answer
    }

    /// The client of a bot in the first workspace.
    pub async fn bot(&self, scopes: &str) -> Client {
        let answer = self.connect(&self.team, scopes).await;
        self.client.with_token(answer["access_token"].as_str().unwrap())
    }

    pub fn channel(&self, name: &str) -> String {
        self.slack.channel(name).unwrap().id
    }
}

/// A field of a URL's query.
pub fn query(url: &str, name: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    form_urlencoded::parse(query.as_bytes()).find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}
