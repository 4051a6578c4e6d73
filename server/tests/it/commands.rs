//! The binary as it is typed.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

use crate::support::{PASSWORD, Receiver};

static COUNTER: AtomicU32 = AtomicU32::new(0);

/// A data folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let name = format!("patchbay_cli_{}_{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        // Process ids come again.
        std::fs::remove_dir_all(&folder).ok();
        Self(folder)
    }

    /// The binary with this folder and nothing else of the environment.
    fn patchbay(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_patchbay"));
        command.args(arguments).env_clear().env("PATCHBAY_DATA_DIR", &self.0).env("PATCHBAY_ADDR", "127.0.0.1:0");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = self.patchbay(arguments).spawn().expect("it starts");
        child.stdin.take().expect("an input").write_all(input.as_bytes()).expect("written");
        child.wait_with_output().expect("it ends")
    }

    fn bootstrap(&self, org: &str) -> Output {
        self.run(
            &["bootstrap", "--org", org, "--email", "ada@acme.test", "--password-stdin", "--json"],
            &format!("{PASSWORD}\n"),
        )
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone_anyway = std::fs::remove_dir_all(&self.0);
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn bootstrap_prints_one_line_of_json_and_twice_changes_nothing() {
    let folder = Folder::new();
    let first = folder.bootstrap("Acme");
    assert!(first.status.success(), "{}", text(&first.stderr));
    let printed = text(&first.stdout);
    assert_eq!(printed.lines().count(), 1);
    let made: Value = serde_json::from_str(&printed).expect("JSON");
    assert!(made["org_id"].as_str().is_some_and(|id| id.starts_with("org_")), "{made}");
    assert!(made["user_id"].as_str().is_some_and(|id| id.starts_with("usr_")), "{made}");
    assert!(made["api_key"].as_str().is_some_and(|key| key.starts_with("pb_")), "{made}");

    let second = folder.bootstrap("Acme");
    assert!(second.status.success());
    let again: Value = serde_json::from_str(&text(&second.stdout)).expect("JSON");
    assert_eq!(
        (&again["org_id"], &again["user_id"], &again["api_key"]),
        (&made["org_id"], &made["user_id"], &Value::Null)
    );
    assert!(text(&second.stderr).contains("Nothing changed"));

    let other = folder.bootstrap("Globex");
    assert_eq!(
        (other.status.code(), text(&other.stdout).as_str()),
        (Some(1), ""),
        "a set-up installation is not set up again"
    );
}

#[test]
fn a_wrong_setting_stops_the_start_with_one_sentence_and_code_2() {
    let folder = Folder::new();
    for (name, value) in [
        ("PATCHBAY_ADDR", "nowhere"),
        ("PATCHBAY_BASE_URL", "x"),
        ("DATABASE_URL", "mysql://x"),
        ("PATCHBAY_CONFIG", "/no.toml"),
    ] {
        let output = folder.patchbay(&[]).env(name, value).output().expect("it runs");
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        let key = if name == "PATCHBAY_CONFIG" { value } else { name };
        assert!(said.contains(key) && said.trim_end().lines().count() == 1, "{said}");
    }
}

#[test]
fn staff_is_managed_from_the_command_line() {
    let folder = Folder::new();
    folder.bootstrap("Acme");
    let key = folder.run(&["admin", "api-key", "--name", "Ops", "--scope", "orgs:manage"], "");
    assert!(text(&key.stdout).starts_with("pb_"), "{}", text(&key.stderr));
    assert!(text(&folder.run(&["admin", "api-keys"], "").stdout).contains("Ops"));
    assert!(text(&folder.run(&["admin", "orgs"], "").stdout).contains("Acme"));
    let role = folder.run(&["admin", "operator-role", "--email", "ada@acme.test", "--role", "support"], "");
    assert!(text(&role.stdout).contains("support"), "{}", text(&role.stderr));
    let reset = folder
        .run(&["admin", "reset-password", "--email", "ada@acme.test", "--password-stdin"], "another long password\n");
    assert!(reset.status.success(), "{}", text(&reset.stderr));
    let unknown = folder.run(&["admin", "operator-role", "--email", "nobody@acme.test", "--role", "none"], "");
    assert_eq!(unknown.status.code(), Some(1));
}

#[test]
fn keys_are_rotated_from_the_command_line() {
    let folder = Folder::new();
    let made: Value = serde_json::from_str(&text(&folder.bootstrap("Acme").stdout)).expect("JSON");
    let org = made["org_id"].as_str().expect("an id");
    let said = |arguments: &[&str]| {
        let output = folder.run(arguments, "");
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let before = said(&["keys", "status"]);
    assert!(before.contains("1\torganizations") && before.contains("still needed"), "{before}");
    assert!(said(&["keys", "rotate", "--org", org]).starts_with(org));
    assert!(said(&["keys", "rotate", "--all"]).starts_with(org));
    // The one that the organization was made with, and two more.
    let first = said(&["keys", "status"]);
    let master = first.lines().next().and_then(|line| line.strip_prefix("Data keys are wrapped by "));
    let master = master.expect("what wraps them").trim_end_matches('.');
    assert!(first.contains(&format!("3\twrapped by {master}\n")), "{first}");

    assert!(said(&["keys", "rotate-master"]).contains("above the older ones"));
    let second = said(&["keys", "status"]);
    assert!(!second.starts_with(&format!("Data keys are wrapped by {master}.")), "{second}");
    assert!(second.contains(&format!("3\twrapped by {master}\n")) && second.contains("still needed"), "{second}");
    let nobody = folder.run(&["keys", "rotate", "--org", "org_00000000000000000000000009"], "");
    assert_eq!((nobody.status.code(), text(&nobody.stderr).contains("no such organization")), (Some(1), true));
    let given = folder.patchbay(&["keys", "rotate-master"]).env("PATCHBAY_MASTER_KEY", "07".repeat(32)).output();
    let given = given.expect("it ends");
    assert!(text(&given.stderr).contains("PATCHBAY_MASTER_KEYS_OLD"), "{}", text(&given.stderr));
}

#[test]
fn an_export_of_the_audit_log_is_verified_without_the_database_it_came_from() {
    let folder = Folder::new();
    let made: Value = serde_json::from_str(&text(&folder.bootstrap("Acme").stdout)).expect("JSON");
    let org = made["org_id"].as_str().expect("an id");
    folder.run(&["admin", "api-key", "--name", "Ops", "--scope", "orgs:manage"], "");
    let elsewhere = Folder::new();
    for (arguments, of, action) in [
        (&["audit", "export", "--org", org][..], org, "org.created"),
        (&["audit", "export"], "the installation", "api_key.created"),
    ] {
        let exported = folder.run(arguments, "");
        assert!(exported.status.success(), "{}", text(&exported.stderr));
        let (csv, file) = (text(&exported.stdout), folder.0.join("export.csv"));
        assert!(csv.contains(action) && csv.contains("audit.exported"), "{csv}");
        let verify = |csv: &str| {
            std::fs::write(&file, csv).expect("written");
            elsewhere.run(&["audit", "verify", &file.display().to_string()], "")
        };
        let good = verify(&csv);
        assert!(good.status.success(), "{}", text(&good.stderr));
        let last_hash = csv.trim_end().rsplit(',').next().expect("a hash");
        assert!(text(&good.stdout).contains(of) && text(&good.stdout).contains(last_hash), "{}", text(&good.stdout));
        assert!(text(&good.stdout).contains("It begins with the first entry of the chain."));

        let bad = verify(&csv.replacen(action, "nothing.happened", 1));
        assert_eq!((bad.status.code(), text(&bad.stdout).as_str()), (Some(1), ""));
        assert!(
            text(&bad.stderr).contains("does not verify: line 2: entry 1 does not give its hash"),
            "{}",
            text(&bad.stderr)
        );

        let lines: Vec<_> = csv.split_inclusive("\r\n").collect();
        let front = verify(&[&lines[..1], &lines[2..]].concat().concat());
        assert!(front.status.success(), "{}", text(&front.stderr));
        let anchor = lines[1].trim_end().rsplit(',').next().expect("a hash");
        assert!(
            text(&front.stdout).contains(&format!("hash of entry 1, before its first: {anchor}")),
            "{}",
            text(&front.stdout)
        );
    }
    let unknown = folder.run(&["audit", "export", "--org", "org_00000000000000000000000009"], "");
    assert_eq!(unknown.status.code(), Some(1));
    let missing = elsewhere.run(&["audit", "verify", "/no/file.csv"], "");
    assert_eq!(missing.status.code(), Some(1));
    assert!(text(&missing.stderr).contains("/no/file.csv cannot be opened"));
    assert!(!elsewhere.0.exists(), "verifying makes nothing");
}

#[test]
fn the_document_and_the_version_need_no_settings() {
    let folder = Folder::new();
    let document: Value = serde_json::from_str(&text(&folder.run(&["openapi"], "").stdout)).expect("JSON");
    assert_eq!(document["openapi"], "3.1.0");
    assert!(text(&folder.run(&["--version"], "").stdout).starts_with("patchbay "));
    assert!(text(&folder.run(&["--help"], "").stdout).contains("PATCHBAY_TRUST_PROXY"));
    assert!(!folder.0.exists(), "nothing was made");
}

/// A line of the running program that starts so.
fn line_of(lines: &mut impl Iterator<Item = std::io::Result<String>>, start: &str) -> String {
    let found = lines.map(|line| line.expect("text")).find(|line| line.starts_with(start));
    found.unwrap_or_else(|| panic!("no line starts with {start}"))
}

#[test]
fn serving_tells_the_real_url_and_the_set_up_token_and_stops_when_told() {
    let folder = Folder::new();
    let mut child: Child = folder.patchbay(&["serve"]).env("PATCHBAY_LOG_FORMAT", "json").spawn().expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("an output")).lines();
    let running = line_of(&mut lines, "Patchbay is running at http://127.0.0.1:");
    let url = running.rsplit(' ').next().expect("a URL");
    assert!(!url.ends_with(":0"), "{url}");
    let token = line_of(&mut lines, "Set-up token: ");
    assert!(token.ends_with(&format!("Open {url}/setup")), "{token}");
    let killed = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("kill runs");
    assert!(killed.success());
    let ended = child.wait_with_output().expect("it ends");
    assert!(ended.status.success(), "{}", text(&ended.stderr));
    let logged = text(&ended.stderr);
    assert!(logged.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "JSON lines: {logged}");
}

/// Posts JSON to the running program, as a caller that is tracing; answers what came back.
fn post(url: &str, path: &str, key: &str, body: &Value) -> String {
    let host = url.strip_prefix("http://").expect("a URL");
    let body = body.to_string();
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {key}\r\ncontent-type: application/json\r\n\
         traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0c1902b7-01\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut socket = TcpStream::connect(host).expect("it listens");
    socket.write_all(request.as_bytes()).expect("written");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).expect("an answer");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_collector_requests_commits_and_attempts_are_traced() {
    let folder = Folder::new();
    let made: Value = serde_json::from_str(&text(&folder.bootstrap("Acme").stdout)).expect("JSON");
    let key = made["api_key"].as_str().expect("a key");
    let (mut collector, mut receiver) = (Receiver::start(&[]).await, Receiver::start(&[]).await);
    let mut command = folder.patchbay(&["serve"]);
    command.env("PATCHBAY_ALLOW_TARGETS", "127.0.0.0/8").env("PATCHBAY_LOG", "info");
    command.env("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.url).env("OTEL_EXPORTER_OTLP_HEADERS", "x-team=hub");
    let mut child: Child = command.spawn().expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("an output")).lines();
    let running = line_of(&mut lines, "Patchbay is running at http://127.0.0.1:");
    let url = running.rsplit(' ').next().expect("a URL");
    let endpoint = serde_json::json!({"name": "Billing", "url": receiver.url, "event_types": ["invoice.*"]});
    assert!(post(url, "/api/v1/endpoints", key, &endpoint).starts_with("HTTP/1.1 201"));
    let event = serde_json::json!({"event_type": "invoice.paid", "data": {"id": "inv_1"}});
    assert!(post(url, "/api/v1/events", key, &event).starts_with("HTTP/1.1 202"));
    receiver.next().await;

    let (mut spans, mut logs) = (Vec::new(), Vec::new());
    let count = |spans: &[Value], name: &str| spans.iter().filter(|span| span["name"] == name).count();
    while count(&spans, "request") < 2 || count(&spans, "commit") < 1 || count(&spans, "attempt") < 1 {
        let arrival = collector.next().await;
        assert_eq!(arrival.headers["x-team"], "hub");
        let body: Value = serde_json::from_slice(&arrival.body).expect("JSON");
        spans.extend(body["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().into_iter().flatten().cloned());
        logs.extend(body["resourceLogs"][0]["scopeLogs"][0]["logRecords"].as_array().into_iter().flatten().cloned());
    }
    let continued = |record: &&Value| record["traceId"] == "4bf92f3577b34da6a3ce929d0e0e4736";
    let requests: Vec<_> = spans.iter().filter(continued).filter(|span| span["name"] == "request").collect();
    assert_eq!(requests.len(), 2, "both requests go on with their caller's trace: {spans:?}");
    assert!(requests.iter().all(|request| request["parentSpanId"] == "00f067aa0c1902b7"));
    let attempt = spans.iter().find(|span| span["name"] == "attempt").expect("an attempt").to_string();
    assert!(attempt.contains("succeeded") && attempt.contains("\"200\"") && attempt.contains("dlv_"), "{attempt}");
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("kill runs").success());
    let ended = child.wait_with_output().expect("it ends");
    assert!(ended.status.success(), "{}", text(&ended.stderr));
    while !logs.iter().any(|log| log["body"]["stringValue"] == "stopping") {
        let body: Value = serde_json::from_slice(&collector.next().await.body).expect("JSON");
        logs.extend(body["resourceLogs"][0]["scopeLogs"][0]["logRecords"].as_array().into_iter().flatten().cloned());
    }
    assert!(logs.iter().find(continued).is_some_and(|log| log["body"]["stringValue"] == "answered"), "{logs:?}");
}
