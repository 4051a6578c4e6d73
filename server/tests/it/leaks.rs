//! Everything that comes out of a whole run is searched for tokens and secrets: the log at its most talkative, pages, answers,
//! redirects, the audit log and its export, and the database itself.

use std::io;
use std::sync::{Arc, Mutex};

use domain::worker;
use serde_json::json;
use simulators::Fault;
use tracing_subscriber::fmt::MakeWriter;

use crate::support::{Ask, Cast, Role, TestServer, both};

/// Keeps what is logged.
#[derive(Clone, Default)]
pub struct Heard(pub Arc<Mutex<Vec<u8>>>);

impl io::Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Heard {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// What came out, and where.
#[derive(Default)]
struct Output(Vec<(String, Vec<u8>)>);

impl Output {
    async fn ask(&mut self, server: &TestServer, what: &str, ask: Ask) -> String {
        let answer = server.ask(ask).await;
        let text = format!("{:?}\n{}", answer.headers, answer.text);
        self.0.push((what.to_owned(), text.clone().into_bytes()));
        answer.headers.get("location").map(|value| value.to_str().expect("visible").to_owned()).unwrap_or(answer.text)
    }

    /// Connects as a browser does, with whatever a provider's consent page answers.
    async fn connect(&mut self, server: &TestServer, cast: &Cast, provider: &str, consent: impl Fn(&str) -> String) {
        let start = Ask::new("POST", &format!("/oauth/{provider}/start"));
        let start = start.header("content-type", "application/x-www-form-urlencoded").body(String::new());
        let url = self.ask(server, "start", cast.with_cookie(Role::Owner, start)).await;
        let back = consent(&url);
        let path = back.strip_prefix("http://127.0.0.1:3000").expect("the hub's own address").to_owned();
        let ended = self.ask(server, "callback", cast.with_cookie(Role::Owner, Ask::get(&path))).await;
        assert!(ended.contains("done="), "{ended}");
    }

    fn assert_without(&self, secrets: &[(&str, String)]) {
        for (name, secret) in secrets {
            assert!(secret.len() >= 8, "{name} is too short to be looked for");
            for (what, bytes) in &self.0 {
                let found = bytes.windows(secret.len()).position(|window| window == secret.as_bytes());
                assert!(
                    found.is_none(),
                    "{name} is in {what}: {}",
                    found.map_or(String::new(), |at| String::from_utf8_lossy(&bytes[at.saturating_sub(120)..at])
                        .into_owned())
                );
            }
        }
    }
}

/// A fault whose code is one of Microsoft's, where it has one.
fn in_words_of_microsoft(fault: &Fault) -> Fault {
    match fault {
        Fault::Error(_) => Fault::Error("50173".into()),
        other => other.clone(),
    }
}

both!(no_token_comes_out_of_a_whole_run, |server| {
    let heard = Heard::default();
    let lines = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(heard.clone()).finish();
    let _logging = tracing::subscriber::set_default(lines);
    let cast = Cast::assemble(&server).await;
    worker::keep(server.hub()).await.expect("keys are made");
    let (hub, key) = (server.hub(), cast.key(Role::Owner).to_owned());
    let mut out = Output::default();
    server.slack.change_app(|app| app.token_rotation = true);
    let team = server.slack.teams()[0].id.clone();
    let allow = simulators::slack::Consent::Allow { account: team };
    out.connect(&server, &cast, "slack", |url| server.slack.consent(url, &allow).expect("a way back")).await;
    let site = server.jira.sites()[0].clone();
    let accept = simulators::jira::Consent::allow(&site.id);
    out.connect(&server, &cast, "jira", |url| server.jira.consent(url, &accept).expect("a way back")).await;
    let person = server.entra.tenants()[0].people[0].id.clone();
    let yes = simulators::entra::Consent::allow(&person);
    out.connect(&server, &cast, "teams", |url| server.entra.consent(url, &yes).expect("a way back")).await;
    worker::look_after(hub).await.expect("looked after");

    let (email, api_token) = server.jira.make_api_token(&server.jira.everybody()[0].account_id);
    let by_token = json!({ "site_url": server.jira.sites()[1].url, "email": email, "api_token": api_token });
    out.ask(&server, "API token", Ask::post("/api/v1/connections/jira").key(&key).json(&by_token)).await;
    let wrong = json!({ "site_url": site.url, "email": email, "api_token": "a-token-that-nobody-made" });
    out.ask(&server, "wrong API token", Ask::post("/api/v1/connections/jira").key(&key).json(&wrong)).await;
    let address = "https://prod-01.westeurope.logic.azure.com/workflows/3?sig=a-signature-of-a-workflow";
    let workflow = json!({ "name": "Finance", "workflow_url": address });
    out.ask(&server, "workflow", Ask::post("/api/v1/connections").key(&key).json(&workflow)).await;

    // Tokens are renewed, answers are lost, and providers refuse.
    let connections = out.ask(&server, "connections", Ask::get("/api/v1/connections").key(&key)).await;
    let connections: serde_json::Value = serde_json::from_str(&connections).expect("JSON");
    let ids: Vec<String> = connections["data"]
        .as_array()
        .expect("connections")
        .iter()
        .map(|connection| connection["id"].as_str().expect("an id").to_owned())
        .collect();
    assert!(ids.len() >= 3, "{connections}");
    server.jira.expire_tokens();
    server.entra.expire_tokens();
    for id in &ids {
        out.ask(&server, "check", Ask::post(&format!("/api/v1/connections/{id}/check")).key(&key)).await;
    }
    worker::look_after(hub).await.expect("looked after");
    let faults = [
        Fault::Error("token_expired".into()),
        Fault::Error("internal_error".into()),
        Fault::DropAfter,
        Fault::Status(502),
    ];
    for fault in faults {
        for operation in ["auth.test", "oauth.v2.access"] {
            server.slack.fail_next(operation, fault.clone());
        }
        for operation in ["getCurrentUser", "oauth/token"] {
            server.jira.fail_next(operation, fault.clone());
        }
        for operation in ["getMe", "token"] {
            server.entra.fail_next(operation, in_words_of_microsoft(&fault));
        }
        for id in &ids {
            out.ask(&server, "check", Ask::post(&format!("/api/v1/connections/{id}/check")).key(&key)).await;
        }
        worker::look_after(hub).await.expect("looked after");
    }
    worker::drain(hub).await.expect("drained");

    let mut secrets: Vec<(&str, String)> =
        vec![("an API token", api_token), ("a wrong API token", "a-token-that-nobody-made".into())];
    secrets.push(("a workflow's signature", "a-signature-of-a-workflow".into()));
    let app = server.slack.app();
    secrets.extend([("Slack's client secret", app.client_secret), ("Slack's signing secret", app.signing_secret)]);
    secrets.push(("Jira's client secret", server.jira.app().client_secret));
    for token in server.slack.tokens() {
        secrets.push(("a token of Slack's", token.value));
        secrets.extend(token.refresh_token.map(|token| ("a refresh token of Slack's", token)));
    }
    let tokens = server.jira.tokens();
    assert!(tokens.len() >= 2, "they were renewed");
    for token in tokens {
        secrets.push(("a token of Jira's", token.value));
        secrets.extend(token.refresh_token.map(|token| ("a refresh token of Jira's", token)));
    }
    secrets.push(("Entra's client secret", server.entra.app().client_secret));
    let tokens = server.entra.tokens();
    assert!(tokens.len() >= 2, "they were renewed");
    for token in tokens {
        secrets.push(("a token of Entra's", token.value));
        secrets.extend(token.refresh_token.map(|token| ("a refresh token of Entra's", token)));
    }
    for path in [
        "/integrations",
        "/integrations/teams",
        "/integrations/slack",
        "/integrations/jira",
        "/settings/audit",
        "/settings/audit/export",
        "/deliveries",
        "/deliveries/export?direction=both&format=ndjson",
        "/alerts",
    ] {
        out.ask(&server, path, cast.with_cookie(Role::Owner, Ask::get(path))).await;
    }
    for path in [
        "/api/v1/audit-entries",
        "/api/v1/audit-entries/export",
        "/api/v1/deliveries",
        "/api/v1/events",
        "/api/v1/alerts",
        "/metrics",
    ] {
        out.ask(&server, path, Ask::get(path).key(&key)).await;
    }
    for id in &ids {
        out.ask(&server, "a connection's page", cast.with_cookie(Role::Owner, Ask::get(&format!("/connections/{id}"))))
            .await;
        let calls = out.ask(&server, "its calls", Ask::get(&format!("/api/v1/connections/{id}/calls")).key(&key)).await;
        assert!(calls.contains("data"), "{calls}");
        out.ask(&server, "its end", Ask::new("DELETE", &format!("/api/v1/connections/{id}")).key(&key)).await;
    }
    out.0.push(("the log".into(), heard.0.lock().expect("no panic").clone()));
    out.0.extend(server.stored());
    out.assert_without(&secrets);
});
