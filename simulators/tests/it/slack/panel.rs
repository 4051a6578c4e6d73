//! The control panel: what a newcomer clicks.

use serde_json::json;

use crate::support::{SCOPES, TestApp};

async fn act(app: &TestApp, fields: &[(&str, &str)]) {
    let reply = app.client.form("/_control/act", fields).await;
    assert_eq!(reply.status, 303, "{fields:?}");
}

#[tokio::test]
async fn the_panel_shows_where_the_app_is_and_what_arrived() {
    let app = TestApp::start().await;
    let bot = app.bot(SCOPES).await;
    let blocks = json!([
        { "type": "header", "text": { "type": "plain_text", "text": "Order <1>" } },
        { "type": "section", "text": { "type": "mrkdwn", "text": "*paid* by <https://a.example/|Ada>" },
            "fields": [{ "type": "mrkdwn", "text": "12,90" }] },
        { "type": "context", "elements": [{ "type": "mrkdwn", "text": "_now_" }] },
        { "type": "divider" },
        { "type": "actions", "elements": [{ "type": "button", "action_id": "ack", "value": "1",
            "text": { "type": "plain_text", "text": "Acknowledge" } }] },
    ]);
    bot.call_json("chat.postMessage", &json!({ "channel": "#alerts", "text": "Order", "blocks": blocks })).await;
    bot.call("users.info", &[("usr", "U1")]).await;
    let overview = app.client.get("/_control").await.body;
    for part in ["This is not Slack", "Acme", "installed", "chat.postMessage", "&quot;usr&quot; is no parameter"] {
        assert!(overview.contains(part), "{part}: {overview}");
    }
    assert!(!overview.contains(bot.token.as_deref().unwrap()), "tokens are nobody's business");
    let channels = app.client.get(&format!("/_control/teams/{}?q=aler", app.team)).await.body;
    assert!(channels.contains("#alerts") && !channels.contains("#general"));
    let channel = app.client.get(&format!("/_control/channels/{}", app.channel("alerts"))).await.body;
    for part in ["Order &lt;1&gt;", "<strong>paid</strong>", "<em>now</em>", "12,90", "Acknowledge", "<hr>"] {
        assert!(channel.contains(part), "{part}: {channel}");
    }
    assert_eq!(app.client.get("/_control/channels/C0NONE").await.status, 404);
    assert_eq!(app.client.get("/").await.header("location"), "/_control");
}

#[tokio::test]
async fn what_is_clicked_happens_and_the_app_hears_of_it() {
    let app = TestApp::start().await;
    let bot = app.bot(SCOPES).await;
    let alerts = app.channel("alerts");
    let user = app.slack.teams()[0].users[1].id.clone();
    act(&app, &[("act", "rename"), ("channel", &alerts), ("name", "#alarms")]).await;
    act(&app, &[("act", "archive"), ("channel", &alerts)]).await;
    app.slack.settled().await;
    act(&app, &[("act", "unarchive"), ("channel", &alerts)]).await;
    act(&app, &[("act", "invite"), ("channel", &alerts)]).await;
    app.slack.settled().await;
    act(&app, &[("act", "command"), ("channel", &alerts), ("user", &user), ("text", "/patchbay status")]).await;
    act(&app, &[("act", "verify")]).await;
    act(&app, &[("act", "event"), ("team", &app.team), ("json", r#"{"type":"x"}"#), ("how", "retry")]).await;
    let arrivals = app.receiver.arrivals();
    assert_eq!(arrivals[0].json()["event"]["channel"]["name"], "alarms");
    let last = &arrivals[arrivals.len() - 3..];
    assert_eq!((last[0].field("text").as_str(), last[1].json()["type"].as_str()), ("status", Some("url_verification")));
    assert_eq!(last[2].header("x-slack-retry-num"), "2");
    act(&app, &[("act", "create"), ("team", &app.team), ("name", "secret"), ("private", "1")]).await;
    assert!(app.slack.channel("secret").unwrap().is_private);
    act(&app, &[("act", "say"), ("channel", &alerts), ("user", &user), ("text", "hi")]).await;
    assert_eq!(app.slack.messages().last().unwrap().text, "hi");
    act(&app, &[("act", "revoke"), ("account", &app.team)]).await;
    assert_eq!(bot.call("auth.test", &[]).await["error"], "token_revoked");
    act(&app, &[("act", "uninstall"), ("account", &app.team)]).await;
    assert!(!app.slack.installs()[0].is_active);
}

#[tokio::test]
async fn a_button_is_pressed_on_the_page() {
    let app = TestApp::start().await;
    let bot = app.bot(SCOPES).await;
    let blocks = json!([{ "type": "actions", "elements": [{ "type": "button", "action_id": "ack",
        "text": { "type": "plain_text", "text": "Acknowledge" } }] }]);
    let body = json!({ "channel": app.channel("alerts"), "text": "x", "blocks": blocks });
    let posted = bot.call_json("chat.postMessage", &body).await;
    let (channel, ts) = (app.channel("alerts"), posted["ts"].as_str().unwrap());
    act(&app, &[("act", "press"), ("channel", &channel), ("ts", ts), ("action_id", "ack")]).await;
    assert!(app.receiver.arrivals()[0].field("payload").contains("block_actions"));
    let gone = [("act", "press"), ("channel", &*channel), ("ts", "1.0"), ("action_id", "ack")];
    act(&app, &gone).await;
    assert_eq!(app.receiver.arrivals().len(), 1);
}

#[tokio::test]
async fn settings_and_faults_are_set_on_the_page() {
    let app = TestApp::start().await;
    let urls = "http://127.0.0.1:1/a\r\nhttp://127.0.0.1:1/b\r\n";
    let fields = [("act", "settings"), ("redirects", urls), ("events", ""), ("commands", "http://127.0.0.1:1/c")];
    let more = [("rotation", "1"), ("limits", "1"), ("latency", "0"), ("interactivity", ""), ("back", "//elsewhere")];
    let reply = app.client.form("/_control/act", &[&fields[..], &more[..]].concat()).await;
    assert_eq!(reply.header("location"), "/_control", "back leads nowhere else");
    let settings = app.slack.app();
    assert_eq!(settings.redirect_uris, ["http://127.0.0.1:1/a", "http://127.0.0.1:1/b"]);
    assert_eq!((settings.events_url, settings.token_rotation), (None, true));
    let manifest = r#"{"display_information":{"name":"Other"},"settings":{"colour":"red"}}"#;
    act(&app, &[("act", "manifest"), ("manifest", manifest)]).await;
    assert!(app.slack.take_violations()[0].what.contains("/settings/colour"));
    act(&app, &[("act", "manifest"), ("manifest", &manifest.replace(r#""colour":"red""#, ""))]).await;
    assert_eq!((app.slack.app().name.as_str(), app.slack.app().redirect_uris.len()), ("Other", 0));
    act(&app, &[("act", "fault"), ("method", "api.test"), ("fault", "limited"), ("value", "9")]).await;
    assert_eq!(app.client.get("/api/api.test").await.header("retry-after"), "9");
    act(&app, &[("act", "fault"), ("method", "*"), ("fault", "error"), ("value", "fatal_error")]).await;
    act(&app, &[("act", "recover")]).await;
    assert_eq!(app.client.get("/api/api.test").await.json()["ok"], true);
}
