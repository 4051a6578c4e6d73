//! A server on a fresh database, asked without a socket.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use domain::Hub;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::Value;
use server::config::Config;
use server::router::Door;
use server::state::AppState;
use simulators::entra::{self, Entra, EntraOptions};
use simulators::jira::{self, Jira, JiraOptions};
use simulators::slack::{App, Slack, SlackOptions};
use tower::ServiceExt as _;

/// Where the usual settings send people back to from Slack.
pub const REDIRECT: &str = "http://127.0.0.1:3000/oauth/slack/callback";

/// The program's router on a fresh, migrated database; its workers do not run until they are started.
pub struct TestServer {
    pub state: AppState,
    pub doors: Vec<Door>,
    /// The Slack that it has an app at.
    pub slack: Slack,
    /// The Jira that it has an app at.
    pub jira: Jira,
    /// The Entra ID that it has an app at.
    pub entra: Entra,
    router: Router,
    folder: PathBuf,
}

/// A request in the making.
pub struct Ask {
    request: http::request::Builder,
    body: Vec<u8>,
}

/// What came back, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

fn unique() -> String {
    format!("patchbay_it_{}", &domain::hub::Random::System.token()[..16])
}

impl TestServer {
    /// On SQLite.
    pub async fn sqlite() -> Self {
        Self::with(&[]).await
    }

    /// On PostgreSQL, or none (with a line on the console) when no server is named.
    pub async fn postgres() -> Option<Self> {
        let Ok(url) = std::env::var("PATCHBAY_TEST_DATABASE_URL") else {
            eprintln!("skipped on PostgreSQL: PATCHBAY_TEST_DATABASE_URL is not set");
            return None;
        };
        let name = unique();
        let made = Command::new("psql").args([&url, "-q", "-c", &format!("CREATE DATABASE {name}")]).status();
        assert!(made.expect("psql can be run").success(), "the test server refused a database");
        let (base, _) = url.rsplit_once('/').expect("the URL ends with a database name");
        Some(Self::with(&[("DATABASE_URL", &format!("{base}/{name}"))]).await)
    }

    /// With settings of its own.
    pub async fn with(settings: &[(&str, &str)]) -> Self {
        let folder = std::env::temp_dir().join(unique());
        let data = folder.display().to_string();
        let app = App { redirect_uris: vec![REDIRECT.to_owned()], ..App::default() };
        let slack = Slack::start(SlackOptions { app, ..SlackOptions::default() }).await.expect("a simulator");
        let (app, url) = (slack.app(), slack.base_url().to_owned());
        let back = REDIRECT.replace("slack", "jira");
        let ours = jira::App { redirect_uris: vec![back], ..jira::App::default() };
        let jira = Jira::start(JiraOptions { app: ours, ..JiraOptions::default() }).await.expect("a simulator");
        let (ours, jira_url) = (jira.app(), jira.base_url().to_owned());
        let back = REDIRECT.replace("slack", "teams");
        let teams = entra::App { redirect_uris: vec![back], ..entra::App::default() };
        let entra = Entra::start(EntraOptions { app: teams, ..EntraOptions::default() }).await.expect("a simulator");
        let (teams, entra_url) = (entra.app(), entra.base_url().to_owned());
        let usual = [
            ("PATCHBAY_ENTRA_URL", entra_url.as_str()),
            ("PATCHBAY_TEAMS_CLIENT_ID", teams.client_id.as_str()),
            ("PATCHBAY_TEAMS_CLIENT_SECRET", teams.client_secret.as_str()),
            ("PATCHBAY_JIRA_URL", jira_url.as_str()),
            ("PATCHBAY_JIRA_CLIENT_ID", ours.client_id.as_str()),
            ("PATCHBAY_JIRA_CLIENT_SECRET", ours.client_secret.as_str()),
            ("PATCHBAY_DATA_DIR", data.as_str()),
            ("PATCHBAY_ALLOW_TARGETS", "127.0.0.0/8"),
            ("PATCHBAY_SLACK_URL", url.as_str()),
            ("PATCHBAY_SLACK_CLIENT_ID", app.client_id.as_str()),
            ("PATCHBAY_SLACK_CLIENT_SECRET", app.client_secret.as_str()),
            ("PATCHBAY_SLACK_SIGNING_SECRET", app.signing_secret.as_str()),
        ];
        let find = |name: &str| {
            settings.iter().chain(&usual).find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        let config = Config::read(find, &toml::Table::new()).expect("good settings");
        let hub = server::startup::open_hub(&config, config.addr).await.expect("a hub");
        let state = AppState::looking_every(hub, config.trust_proxy.clone(), Duration::from_millis(300));
        let (router, doors) = server::router::build(&state).expect("a router");
        Self { state, doors, slack, jira, entra, router, folder }
    }

    /// The doors, to be put behind a listener.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    pub fn hub(&self) -> &Hub {
        &self.state.hub
    }

    /// The files of its data folder, by name.
    pub fn stored(&self) -> Vec<(String, Vec<u8>)> {
        let files = std::fs::read_dir(&self.folder).expect("a folder").filter_map(Result::ok);
        let files = files.filter(|file| file.file_type().is_ok_and(|kind| kind.is_file()));
        files.map(|file| (file.path().display().to_string(), std::fs::read(file.path()).expect("readable"))).collect()
    }

    /// Asks and leaves the body to be read.
    pub async fn open(&self, ask: Ask) -> http::Response<Body> {
        let request = ask.request.body(Body::from(ask.body)).expect("a request");
        self.router.clone().oneshot(request).await.expect("an answer")
    }

    /// Asks and reads the answer whole.
    pub async fn ask(&self, ask: Ask) -> Answer {
        let response = self.open(ask).await;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.state.hub.shutdown.cancel();
        let _gone_anyway = std::fs::remove_dir_all(&self.folder);
    }
}

impl Ask {
    pub fn new(method: &str, path: &str) -> Self {
        let method: Method = method.parse().expect("a method");
        Self { request: Request::builder().method(method).uri(path).header("host", "127.0.0.1:3000"), body: Vec::new() }
    }

    pub fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    pub fn post(path: &str) -> Self {
        Self::new("POST", path)
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// As if the connection came from this address.
    pub fn peer(mut self, address: &str) -> Self {
        let address: std::net::SocketAddr = address.parse().expect("an address");
        self.request = self.request.extension(axum::extract::ConnectInfo(address));
        self
    }

    pub fn key(self, key: &str) -> Self {
        self.header("authorization", &format!("Bearer {key}"))
    }

    pub fn cookie(self, session: &str) -> Self {
        self.header("cookie", &format!("patchbay_session={session}"))
    }

    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }

    /// A form as our own page sends it by script.
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let encoded = fields
            .iter()
            .map(|(name, value)| format!("{}={}", escape(name), escape(value)))
            .collect::<Vec<_>>()
            .join("&");
        self.header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(encoded)
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }
}

fn escape(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("not JSON ({error}): {} {}", self.status, self.text))
    }

    /// The status, checked, and the JSON.
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// The code of an error of this status.
    pub fn code(&self, status: u16) -> String {
        self.expect(status)["error"]["code"].as_str().expect("a code").to_owned()
    }

    /// The code of an error of this status, as pages and server functions get it.
    pub fn code_of_page(&self, status: u16) -> String {
        self.expect(status)["problem"]["code"].as_str().expect("a code").to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }
}
