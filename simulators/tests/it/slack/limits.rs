//! Rate limits, latency.

use std::time::Duration;

use serde_json::json;

use crate::support::{SCOPES, TestApp};

#[tokio::test]
async fn a_method_that_is_called_too_often_answers_429_and_says_how_long_to_wait() {
    let app = TestApp::with(|options| options.rate_limits = true).await;
    let bot = app.bot(SCOPES).await;
    for _ in 0..20 {
        assert_eq!(bot.call("conversations.list", &[]).await["ok"], true);
    }
    let refused = bot.get("/api/conversations.list").await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "60"));
    assert_eq!(refused.json(), json!({ "ok": false, "error": "ratelimited" }));
    assert_eq!(bot.call("auth.test", &[]).await["ok"], true, "other methods go on");
    app.slack.clock().advance(Duration::from_secs(60));
    assert_eq!(bot.call("conversations.list", &[]).await["ok"], true);
    let statuses: Vec<_> = app.slack.calls_of("conversations.list").into_iter().map(|call| call.status).collect();
    assert_eq!((statuses.len(), statuses[20], statuses[21]), (22, 429, 200));
}

#[tokio::test]
async fn a_channel_takes_a_message_a_second_until_limits_are_off() {
    let app = TestApp::with(|options| options.rate_limits = true).await;
    let bot = app.bot(SCOPES).await;
    let post = async |channel: &str| bot.form("/api/chat.postMessage", &[("channel", channel), ("text", "x")]).await;
    let (alerts, billing) = (app.channel("alerts"), app.channel("billing"));
    assert_eq!(post(&alerts).await.status, 200);
    let refused = post(&alerts).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "1"));
    assert_eq!(post(&billing).await.status, 200);
    app.slack.set_rate_limits(false);
    assert_eq!(post(&alerts).await.status, 200);
    assert_eq!(app.slack.messages().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn every_answer_takes_as_long_as_it_is_told_to() {
    let app = TestApp::start().await;
    app.slack.set_latency(Duration::from_secs(30));
    let before = tokio::time::Instant::now();
    app.client.call("api.test", &[]).await;
    assert!(before.elapsed() >= Duration::from_secs(30));
}
