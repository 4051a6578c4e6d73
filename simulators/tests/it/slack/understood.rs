//! Requests that Slack would not understand are remembered, answered as Slack does, and fail the test.

use serde_json::{Value, json};
use simulators::Specs;

use crate::support::{SCOPES, TestApp, specs};

fn message(blocks: Value) -> Value {
    json!({ "channel": "#alerts", "text": "hello", "blocks": blocks })
}

#[tokio::test]
async fn limits_and_parameters_are_checked_without_the_published_schemas() {
    let app = TestApp::with(|options| options.specs = Specs::at("/nowhere")).await;
    assert!(app.slack.validation_skipped().unwrap().contains("/nowhere"));
    let bot = app.bot(SCOPES).await;
    let button =
        json!({ "type": "button", "action_id": "a", "text": { "type": "plain_text", "text": "x".repeat(76) } });
    for (body, code, word) in [
        (json!({ "channel": "#alerts", "text": "x".repeat(40_001) }), "msg_too_long", "40,000"),
        (json!({ "channel": "#alerts" }), "no_text", "needs a text"),
        (json!({ "text": "hello" }), "invalid_arguments", "missing required field: channel"),
        (json!({ "channel": "#alerts", "text": "x", "colour": "red" }), "invalid_arguments", "colour"),
        (json!({ "channel": "#alerts", "text": "x", "unfurl_links": "false" }), "invalid_arguments", "true or false"),
        (json!({ "channel": "#alerts", "text": "x", "blocks": "[]" }), "invalid_blocks", "a list"),
        (json!({ "channel": "#alerts", "text": "a < b" }), "invalid_arguments", "unescaped"),
        (
            message(json!([{ "type": "actions", "elements": [button] }])),
            "invalid_blocks",
            "/blocks/0/elements/0/text/text",
        ),
        (message(json!(vec![json!({ "type": "divider" }); 51])), "invalid_blocks", "no more than 50"),
        (json!({ "channel": "#alerts", "text": "x", "metadata": {} }), "invalid_metadata_format", "event_type"),
    ] {
        let answer = bot.call_json("chat.postMessage", &body).await;
        assert_eq!((&answer["ok"], answer["error"].as_str()), (&json!(false), Some(code)), "{answer}");
        let messages = answer["response_metadata"]["messages"].to_string();
        assert!(messages.contains(word), "{word}: {messages}");
        let violations = app.slack.take_violations();
        assert!(violations.len() == 1 && violations[0].what.contains(word), "{word}: {violations:?}");
    }
    assert_eq!(app.slack.messages().len(), 0);
    app.slack.assert_understood();
}

#[tokio::test]
async fn blocks_are_checked_against_the_published_schemas() {
    if specs().is_none() {
        return;
    }
    let app = TestApp::start().await;
    let bot = app.bot(SCOPES).await;
    let text = json!({ "type": "mrkdwn", "text": "x" });
    for (blocks, word) in [
        (json!([{ "type": "sections", "text": text }]), "/blocks/0/type: the value is none of"),
        (json!([{ "type": "header", "text": text }]), "plain_text"),
        (json!([{ "type": "section", "text": text, "colour": "red" }]), "colour"),
        (json!([{ "type": "divider" }, { "type": "context", "elements": [{ "type": "button" }] }]), "/blocks/1"),
        (json!([{ "type": "image", "image_url": "https://a.example/1.png" }]), "alt_text"),
        (
            json!([{ "type": "actions", "elements": [{ "type": "button", "action_id": "a", "style": "green",
                "text": { "type": "plain_text", "text": "x" } }] }]),
            "/blocks/0/elements/0/style",
        ),
    ] {
        let answer = bot.call_json("chat.postMessage", &message(blocks)).await;
        assert_eq!(answer["error"], "invalid_blocks", "{answer}");
        let violations = app.slack.take_violations();
        let all = format!("{violations:?}");
        assert!(all.contains(word) && all.contains("blockkit.json"), "{word}: {all}");
        assert!(all.len() < 900 && violations.len() == 1, "one mistake is told in one sentence: {all}");
    }
}

#[tokio::test]
async fn whole_requests_are_checked_against_the_published_schemas() {
    if specs().is_none() {
        return;
    }
    let app = TestApp::start().await;
    let bot = app.bot(SCOPES).await;
    let post = async |body: Value| bot.call_json("chat.postMessage", &body).await["error"].clone();
    assert_eq!(post(json!({ "channel": "#alerts", "text": "x", "parse": "some" })).await, "invalid_arguments");
    assert_eq!(post(json!({ "channel": "#alerts", "text": "x", "reply_broadcast": true })).await, "invalid_arguments");
    let attachments = json!([{ "text": "x", "colour": "red" }]);
    let answer = post(json!({ "channel": "#alerts", "text": "x", "attachments": attachments })).await;
    assert_eq!(answer, "invalid_attachments");
    assert!(app.slack.take_violations().iter().all(|one| one.what.contains(".json)")));
}

#[tokio::test]
async fn bodies_that_slack_cannot_read_have_their_own_errors() {
    let app = TestApp::start().await;
    let bot = app.bot(SCOPES).await;
    let (json, form) = ("application/json; charset=utf-8", "application/x-www-form-urlencoded");
    for (method, kind, body, error) in [
        ("chat.postMessage", json, "{", "invalid_json"),
        ("chat.postMessage", json, "[]", "json_not_object"),
        ("chat.postMessage", "text/plain", "x", "invalid_post_type"),
        ("conversations.list", json, "{}", "invalid_post_type"),
        ("oauth.v2.access", json, "{}", "invalid_post_type"),
        ("chat.shout", form, "text=x", "unknown_method"),
    ] {
        let answer = bot.post(&format!("/api/{method}"), kind, body.to_owned()).await.json();
        assert_eq!(answer["error"], error, "{method} {kind}");
        assert_eq!(app.slack.take_violations().len(), 1, "{method} {kind}");
    }
    let untyped = bot.request("POST", "/api/chat.postMessage").body(http_body_util::Full::new("a=b".into())).unwrap();
    assert_eq!(bot.send(untyped).await.unwrap().json()["error"], "missing_post_type");
    let body = json!({ "channel": "#alerts", "text": "x" }).to_string();
    let warned = bot.post("/api/chat.postMessage", "application/json", body).await.json();
    assert_eq!((&warned["ok"], &warned["warning"]), (&json!(true), &json!("missing_charset")));
}

#[tokio::test]
async fn a_token_in_the_address_is_a_mistake_even_where_it_works() {
    let app = TestApp::start().await;
    let token = app.bot(SCOPES).await.token.unwrap();
    let answer = app.client.get(&format!("/api/auth.test?token={token}")).await.json();
    assert_eq!(answer["error"], "invalid_arguments");
    assert!(app.slack.take_violations()[0].what.contains("Authorization"));
}

#[tokio::test]
async fn a_test_fails_with_everything_that_was_not_understood() {
    let app = TestApp::start().await;
    let bot = app.bot(SCOPES).await;
    bot.call("chat.postMessage", &[("channel", "#alerts"), ("txt", "x")]).await;
    bot.call("users.info", &[("id", "U1")]).await;
    let message = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| app.slack.assert_understood())).unwrap_err();
    let message = message.downcast_ref::<String>().unwrap();
    for part in ["chat.postMessage", "\"txt\"", "users.info", "\"id\"", "missing required field: user"] {
        assert!(message.contains(part), "{part}: {message}");
    }
}
