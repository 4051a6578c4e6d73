//! Slack's own client as a second opinion: what it sends is understood, and what it gets it understands.

use std::path::{Path, PathBuf};

use tokio::process::Command;

use crate::support::{SCOPES, TestApp};

/// The script with its packages, if they are installed: `npm ci` in the folder does it.
fn script() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sdk");
    folder.join("node_modules/@slack/web-api").is_dir().then(|| folder.join("slack.mjs"))
}

#[tokio::test]
async fn slacks_own_client_speaks_with_the_simulator() {
    let Some(script) = script() else {
        eprintln!("skipped: @slack/web-api is not installed; run `npm ci` in simulators/tests/sdk");
        return;
    };
    let app = TestApp::with(|options| options.app.token_rotation = true).await;
    let settings = app.slack.app();
    let run = Command::new("node")
        .arg(script)
        .env("SLACK_API_URL", format!("{}/api/", app.slack.base_url()))
        .env("SLACK_CLIENT_ID", settings.client_id)
        .env("SLACK_CLIENT_SECRET", settings.client_secret)
        .env("SLACK_CODE", app.code(&app.team, SCOPES))
        .env("SLACK_REDIRECT_URI", crate::support::REDIRECT)
        .env("SLACK_USER", &app.slack.teams()[0].users[1].id)
        .output()
        .await;
    let Ok(run) = run else {
        eprintln!("skipped: node is not installed");
        return;
    };
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}");
    assert_eq!(String::from_utf8_lossy(&run.stdout).trim(), "all good");
    app.slack.assert_understood();
    let texts: Vec<_> = app.slack.messages().into_iter().map(|message| (message.text, message.is_deleted)).collect();
    assert_eq!(texts, [("changed & &lt;kept&gt;".to_owned(), true), ("again".to_owned(), false)]);
}
