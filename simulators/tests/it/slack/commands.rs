//! Slash commands, buttons, and the addresses at which the app answers them later.

use std::time::Duration;

use serde_json::{Value, json};
use simulators::slack::{Press, SlashCommand};

use crate::support::{SCOPES, TestApp};

fn typed(app: &TestApp, text: &str) -> SlashCommand {
    SlashCommand {
        channel: app.channel("alerts"),
        user: app.slack.teams()[0].users[1].id.clone(),
        command: "/patchbay".to_owned(),
        text: text.to_owned(),
    }
}

/// A command that was sent; the path of its `response_url`.
async fn response_path(app: &TestApp) -> String {
    app.slack.slash_command(&typed(app, "status")).send().await.unwrap();
    let url = app.receiver.arrivals().last().unwrap().field("response_url");
    url.strip_prefix(app.slack.base_url()).unwrap().to_owned()
}

/// A message with one button; its timestamp.
async fn button(app: &TestApp) -> String {
    let bot = app.bot(SCOPES).await;
    let blocks = json!([{ "type": "section", "text": { "type": "mrkdwn", "text": "failed" }, "accessory":
        { "type": "button", "action_id": "replay", "value": "dlv_1", "text": { "type": "plain_text", "text": "Replay" } } }]);
    let body = json!({ "channel": app.channel("alerts"), "text": "failed", "blocks": blocks });
    bot.call_json("chat.postMessage", &body).await["ts"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_command_says_who_typed_what_where() {
    let app = TestApp::start().await;
    app.bot(SCOPES).await;
    app.slack.slash_command(&typed(&app, "subscribe order.* & more")).send().await.unwrap();
    let form = &app.receiver.arrivals()[0];
    assert_eq!(form.header("content-type"), "application/x-www-form-urlencoded");
    for (name, value) in [
        ("command", "/patchbay"),
        ("text", "subscribe order.* & more"),
        ("team_id", &app.team),
        ("team_domain", "acme"),
        ("channel_name", "alerts"),
        ("user_name", "grace"),
        ("is_enterprise_install", "false"),
        ("enterprise_id", ""),
    ] {
        assert_eq!(form.field(name), value, "{name}");
    }
}

#[tokio::test]
async fn the_answer_to_a_command_is_shown_and_checked() {
    let app = TestApp::start().await;
    app.bot(SCOPES).await;
    let answer = async |body: &str| {
        app.receiver.answers(200, &[], body);
        app.slack.slash_command(&typed(&app, "status")).send().await.unwrap();
    };
    answer(r#"{"response_type":"ephemeral","text":"All is well"}"#).await;
    answer(r#"{"response_type":"in_channel","text":"Subscribed"}"#).await;
    answer("plain text").await;
    answer("").await;
    let messages = app.slack.messages();
    let shown: Vec<_> = messages.iter().map(|one| (one.text.as_str(), one.only_for.is_some())).collect();
    assert_eq!(shown, [("All is well", true), ("Subscribed", false), ("plain text", true)]);
    app.slack.assert_understood();
    answer(r#"{"text":"a < b"}"#).await;
    assert!(app.slack.take_violations()[0].what.contains("unescaped"));
}

#[tokio::test]
async fn a_response_url_takes_five_answers_in_half_an_hour() {
    let app = TestApp::start().await;
    app.bot(SCOPES).await;
    let path = response_path(&app).await;
    for _ in 0..5 {
        assert_eq!(app.client.json(&path, &json!({ "text": "later" })).await.status, 200);
    }
    let sixth = app.client.json(&path, &json!({ "text": "later" })).await;
    assert_eq!((sixth.status, sixth.body.as_str()), (404, "used_url"));
    let path = response_path(&app).await;
    app.slack.clock().advance(Duration::from_secs(1800));
    let late = app.client.json(&path, &json!({ "text": "later" })).await;
    assert_eq!((late.status, late.body.as_str()), (404, "expired_url"));
    assert_eq!(app.client.json("/commands/T1/1/none", &json!({ "text": "x" })).await.body, "no_service");
    assert_eq!(app.slack.messages().len(), 5);
    app.slack.assert_understood();
}

#[tokio::test]
async fn an_answer_that_slack_would_not_understand_is_a_violation() {
    let app = TestApp::start().await;
    app.bot(SCOPES).await;
    let path = response_path(&app).await;
    for body in [json!({ "txt": "x" }), json!({}), json!([]), json!({ "text": "x", "blocks": [{ "type": "section" }] })]
    {
        assert_eq!(app.client.json(&path, &body).await.body, "invalid_payload", "{body}");
        assert!(!app.slack.take_violations().is_empty(), "{body}");
    }
    assert_eq!(app.slack.messages().len(), 0);
}

#[tokio::test]
async fn a_button_says_what_was_pressed_and_its_message_can_be_replaced_or_deleted() {
    let app = TestApp::start().await;
    let ts = button(&app).await;
    let user = app.slack.teams()[0].users[1].id.clone();
    let press = Press { channel: app.channel("alerts"), ts, action_id: "replay".to_owned(), user: user.clone() };
    app.slack.press(&press).send().await.unwrap();
    let payload: Value = serde_json::from_str(&app.receiver.arrivals()[0].field("payload")).unwrap();
    assert_eq!((&payload["user"]["id"], &payload["actions"][0]["value"]), (&json!(user), &json!("dlv_1")));
    assert_eq!(payload["team"]["id"], json!(app.team));
    let path = payload["response_url"].as_str().unwrap().strip_prefix(app.slack.base_url()).unwrap();
    let done = json!({ "replace_original": true, "text": "Replayed" });
    assert_eq!(app.client.json(path, &done).await.body, "ok");
    let message = &app.slack.messages()[0];
    assert_eq!((message.text.as_str(), message.blocks.len(), message.edits), ("Replayed", 0, 1));
    assert_eq!(app.client.json(path, &json!({ "delete_original": true })).await.body, "ok");
    assert!(app.slack.messages()[0].is_deleted);
    app.slack.assert_understood();
}
