//! Messages by the app.

use serde_json::{Value, json};
use simulators::slack::NewChannel;

use crate::support::{SCOPES, TestApp};

#[tokio::test]
async fn a_message_arrives_as_it_was_sent() {
    let app = TestApp::start().await;
    let bot = app.bot(SCOPES).await;
    let body = json!({
        "channel": app.channel("alerts"),
        "text": "Invoice paid",
        "blocks": [{ "type": "section", "text": { "type": "mrkdwn", "text": "*Invoice* <https://hub.example/1|paid>" } }],
        "metadata": { "event_type": "delivery", "event_payload": { "delivery_id": "dlv_1" } },
        "unfurl_links": false,
    });
    let answer = bot.call_json("chat.postMessage", &body).await;
    assert_eq!(answer["ok"], true, "{answer}");
    let message = app.slack.wait_for_messages(1).await.remove(0);
    assert_eq!((answer["ts"].as_str(), answer["channel"].as_str()), (Some(&*message.ts), Some(&*message.channel)));
    assert_eq!((message.text.as_str(), message.channel_name.as_str()), ("Invoice paid", "alerts"));
    assert_eq!(message.metadata, Some(body["metadata"].clone()));
    assert!(message.blocks[0]["block_id"].is_string(), "Slack gives every block an id");
    assert_eq!(answer["message"]["bot_id"], app.slack.installs()[0].bot);
    app.slack.assert_understood();
}

#[tokio::test]
async fn a_form_with_json_inside_does_the_same() {
    let app = TestApp::start().await;
    let bot = app.bot(SCOPES).await;
    let fields =
        [("channel", "#alerts"), ("text", "hello"), ("blocks", r#"[{"type":"divider"}]"#), ("unfurl_links", "false")];
    let answer = bot.call("chat.postMessage", &fields).await;
    assert_eq!((&answer["ok"], &answer["channel"]), (&json!(true), &json!(app.channel("alerts"))));
    assert_eq!(app.slack.messages()[0].blocks[0]["type"], "divider");
    app.slack.assert_understood();
}

#[tokio::test]
async fn timestamps_grow_though_the_clock_stands_still() {
    let app = TestApp::start().await;
    let bot = app.bot(SCOPES).await;
    for _ in 0..20 {
        bot.call("chat.postMessage", &[("channel", "#alerts"), ("text", "again")]).await;
    }
    let ts: Vec<_> = app.slack.messages().into_iter().map(|message| message.ts).collect();
    assert!(ts.is_sorted() && ts[0].starts_with("1795356131.") && ts[0] != ts[1], "{ts:?}");
}

#[tokio::test]
async fn each_channel_that_does_not_take_messages_says_why() {
    let app = TestApp::start().await;
    let bot = app.bot("chat:write").await;
    let post = async |channel: &str| {
        let answer = bot.call("chat.postMessage", &[("channel", channel), ("text", "hello")]).await;
        answer["error"].as_str().unwrap_or("ok").to_owned()
    };
    let alerts = app.channel("alerts");
    assert_eq!(post(&alerts).await, "not_in_channel");
    app.slack.invite_bot(&alerts);
    assert_eq!(post(&alerts).await, "ok");
    app.slack.restrict_channel(&alerts, true);
    assert_eq!(post(&alerts).await, "restricted_action");
    app.slack.archive_channel(&alerts);
    assert_eq!(post(&alerts).await, "is_archived");
    app.slack.delete_channel(&alerts);
    assert_eq!(post(&alerts).await, "channel_not_found");
    let new = NewChannel { name: "board".to_owned(), is_private: true, ..NewChannel::default() };
    assert_eq!(post(&app.slack.add_channel(&app.team, new)).await, "channel_not_found");
    assert_eq!(post("#board").await, "channel_not_found");
    let person = app.slack.teams()[0].users[1].id.clone();
    assert_eq!(post(&person).await, "ok", "direct messages need no membership");
    app.slack.assert_understood();
}

#[tokio::test]
async fn the_app_changes_and_deletes_its_own_messages_and_nobody_elses() {
    let app = TestApp::start().await;
    let bot = app.bot(SCOPES).await;
    let alerts = app.channel("alerts");
    let posted = bot.call("chat.postMessage", &[("channel", &alerts), ("text", "one")]).await;
    let ts = posted["ts"].as_str().unwrap();
    let updated = bot.call_json("chat.update", &json!({ "channel": alerts, "ts": ts, "text": "two" })).await;
    assert_eq!((&updated["text"], &updated["message"]["text"]), (&json!("two"), &json!("two")));
    assert_eq!((app.slack.messages()[0].text.as_str(), app.slack.messages()[0].edits), ("two", 1));
    let link = bot.call("chat.getPermalink", &[("channel", &alerts), ("message_ts", ts)]).await;
    assert_eq!(link["permalink"], format!("https://acme.slack.com/archives/{alerts}/p{}", ts.replace('.', "")));

    app.slack.say(&alerts, &app.slack.teams()[0].users[1].id, "mine");
    let theirs = app.slack.messages()[1].ts.clone();
    let change = json!({ "channel": alerts, "ts": theirs, "text": "yours" });
    assert_eq!(bot.call_json("chat.update", &change).await["error"], "cant_update_message");
    let delete = json!({ "channel": alerts, "ts": theirs });
    assert_eq!(bot.call_json("chat.delete", &delete).await["error"], "cant_delete_message");

    let own = json!({ "channel": alerts, "ts": ts });
    assert_eq!(bot.call_json("chat.delete", &own).await["ok"], true);
    assert_eq!(bot.call_json("chat.delete", &own).await["error"], "message_not_found");
    assert!(app.slack.messages()[0].is_deleted);
    app.slack.assert_understood();
}

#[tokio::test]
async fn a_change_keeps_the_blocks_unless_it_brings_others() {
    let app = TestApp::start().await;
    let bot = app.bot(SCOPES).await;
    let mut body = json!({ "channel": app.channel("alerts"), "text": "one", "blocks": [{ "type": "divider" }] });
    body["ts"] = bot.call_json("chat.postMessage", &body).await["ts"].clone();
    let change = async |more: Value| {
        let mut body = json!({ "channel": body["channel"], "ts": body["ts"], "text": "two" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        bot.call_json("chat.update", &body).await["message"].get("blocks").map(|blocks| blocks[0]["type"].clone())
    };
    assert_eq!(change(json!({})).await, Some(json!("divider")));
    let header = json!({ "type": "header", "text": { "type": "plain_text", "text": "three" } });
    assert_eq!(change(json!({ "blocks": [header] })).await, Some(json!("header")));
    assert_eq!(change(json!({ "blocks": [] })).await, None);
    app.slack.assert_understood();
}

#[tokio::test]
async fn scopes_are_asked_for_by_name() {
    let app = TestApp::start().await;
    let bot = app.bot("channels:read").await;
    let refused = bot.call("chat.postMessage", &[("channel", "#alerts"), ("text", "hello")]).await;
    assert_eq!(refused["error"], "missing_scope");
    assert_eq!((&refused["needed"], &refused["provided"]), (&json!("chat:write"), &json!("channels:read")));
    let bot = app.bot(SCOPES).await;
    let dressed = [("channel", "#alerts"), ("text", "hello"), ("username", "Somebody")];
    assert_eq!(bot.call("chat.postMessage", &dressed).await["needed"], "chat:write.customize");
}

#[tokio::test]
async fn a_reply_needs_the_message_that_it_answers() {
    let app = TestApp::start().await;
    let bot = app.bot(SCOPES).await;
    let posted = bot.call("chat.postMessage", &[("channel", "#alerts"), ("text", "one")]).await;
    let fields = |ts| [("channel", "#alerts"), ("text", "two"), ("thread_ts", ts)];
    let reply = bot.call("chat.postMessage", &fields(posted["ts"].as_str().unwrap())).await;
    assert_eq!(reply["message"]["thread_ts"], posted["ts"]);
    assert_eq!(bot.call("chat.postMessage", &fields("1.000001")).await["error"], "thread_not_found");
}
