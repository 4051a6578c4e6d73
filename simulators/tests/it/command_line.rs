//! The binary that the demo starts.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use crate::support::Client;

#[tokio::test]
async fn the_binary_serves_slack_and_says_where() {
    let manifest = std::env::temp_dir().join(format!("patchbay-manifest-{}.json", std::process::id()));
    let text = r#"{"display_information":{"name":"From a file"},"oauth_config":{"redirect_urls":["http://127.0.0.1:1/back"]}}"#;
    std::fs::write(&manifest, text).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_simulators"))
        .args(["slack", "--port", "0", "--channels", "30", "--rotation", "--client-id", "1.2", "--manifest"])
        .arg(&manifest)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next_line().await.unwrap().unwrap();
    let url = first.strip_prefix("Slack simulator:").unwrap().trim().to_owned();
    std::fs::remove_file(&manifest).unwrap();
    let client = Client::new(&url);
    let panel = client.get("/_control").await.body;
    for part in ["From a file", "Acme", "Initech Sales", "http://127.0.0.1:1/back", "1.2"] {
        assert!(panel.contains(part), "{part}");
    }
    let page = client.get("/oauth/v2/authorize?client_id=1.2&scope=chat:write&state=x").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Initech Group"));
}

#[tokio::test]
async fn the_binary_serves_jira_and_says_where() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_simulators"))
        .args([
            "jira",
            "--port",
            "0",
            "--projects",
            "30",
            "--client-id",
            "1.2",
            "--redirect-uri",
            "http://127.0.0.1:1/back",
        ])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next_line().await.unwrap().unwrap();
    let client = Client::new(first.strip_prefix("Jira simulator:").unwrap().trim());
    let panel = client.get("/_control").await.body;
    for part in ["Acme", "30 projects", "Globex", "http://127.0.0.1:1/back", "1.2"] {
        assert!(panel.contains(part), "{part}");
    }
    let query =
        "audience=api.atlassian.com&client_id=1.2&scope=read:jira-work&state=x&response_type=code&prompt=consent";
    let page = client.get(&format!("/authorize?{query}&redirect_uri=http://127.0.0.1:1/back")).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Globex"));
}

#[tokio::test]
async fn the_binary_serves_entra_and_says_where() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_simulators"))
        .args([
            "entra",
            "--port",
            "0",
            "--channels",
            "30",
            "--client-id",
            "1-2",
            "--redirect-uri",
            "http://127.0.0.1:1/back",
        ])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next_line().await.unwrap().unwrap();
    let client = Client::new(first.strip_prefix("Entra simulator:").unwrap().trim());
    let panel = client.get("/_control").await.body;
    for part in ["Acme", "30 channels", "Globex", "http://127.0.0.1:1/back", "1-2"] {
        assert!(panel.contains(part), "{part}");
    }
    let query = "client_id=1-2&scope=User.Read&redirect_uri=http://127.0.0.1:1/back";
    let page = client.get(&format!("/organizations/v2.0/adminconsent?{query}")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("Megan Bowen"));
}
