//! People and workspaces.

use serde_json::json;

use crate::support::{SCOPES, TestApp};

#[tokio::test]
async fn people_are_found_by_id_and_by_address() {
    let app = TestApp::start().await;
    let bot = app.bot(SCOPES).await;
    let grace = app.slack.teams()[0].users[1].clone();
    let found = bot.call("users.lookupByEmail", &[("email", "Grace@acme.example")]).await;
    assert_eq!((&found["user"]["id"], &found["user"]["real_name"]), (&json!(grace.id), &json!("Grace Hopper")));
    let info = bot.call("users.info", &[("user", &grace.id)]).await;
    assert_eq!(info["user"]["profile"]["email"], "grace@acme.example");
    assert_eq!(bot.call("users.lookupByEmail", &[("email", "a@b.example")]).await["error"], "users_not_found");
    assert_eq!(bot.call("users.info", &[("user", "U0NOBODY")]).await["error"], "user_not_found");
    let me = bot.call("users.info", &[("user", &app.slack.installs()[0].bot_user)]).await;
    assert_eq!(me["user"]["is_bot"], true);

    let narrow = app.bot("users:read").await;
    assert!(narrow.call("users.info", &[("user", &grace.id)]).await["user"]["profile"].get("email").is_none());
    let refused = narrow.call("users.lookupByEmail", &[("email", "grace@acme.example")]).await;
    assert_eq!(refused["needed"], "users:read.email");
    app.slack.assert_understood();
}

#[tokio::test]
async fn a_workspace_tells_its_name_domain_and_icon() {
    let app = TestApp::start().await;
    let bot = app.bot(SCOPES).await;
    let team = bot.call("team.info", &[]).await["team"].clone();
    assert_eq!((&team["id"], &team["name"], &team["domain"]), (&json!(app.team), &json!("Acme"), &json!("acme")));
    let icon = team["icon"]["image_68"].as_str().unwrap().strip_prefix(app.slack.base_url()).unwrap();
    assert_eq!(app.client.get(icon).await.header("content-type"), "image/svg+xml");
    app.slack.assert_understood();
}

#[tokio::test]
async fn direct_messages_are_opened_once_per_person() {
    let app = TestApp::start().await;
    let bot = app.bot("chat:write,im:write,im:read").await;
    let person = app.slack.teams()[0].users[2].id.clone();
    let first = bot.call_json("conversations.open", &json!({ "users": person })).await["channel"]["id"].clone();
    let posted = bot.call("chat.postMessage", &[("channel", &person), ("text", "psst")]).await;
    assert_eq!(posted["channel"], first);
    let listed = bot.call("conversations.list", &[("types", "im")]).await;
    assert_eq!((&listed["channels"][0]["id"], &listed["channels"][0]["user"]), (&first, &json!(person)));
    app.slack.assert_understood();
}
