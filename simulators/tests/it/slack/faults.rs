//! What goes wrong on request.

use std::time::Duration;

use serde_json::json;
use simulators::Fault;
use simulators::fault::EVERY;

use crate::support::{SCOPES, TestApp};

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn faults_happen_once_and_nothing_is_done() {
    let app = TestApp::start().await;
    let bot = app.bot(SCOPES).await;
    let fields = [("channel", "#alerts"), ("text", "hello")];
    let post = async || bot.form("/api/chat.postMessage", &fields).await;
    app.slack.fail_next("chat.postMessage", Fault::Error("fatal_error".to_owned()));
    app.slack.fail_next("chat.postMessage", Fault::RateLimited(7));
    app.slack.fail_next("chat.postMessage", Fault::Status(503));
    app.slack.fail_next("chat.postMessage", Fault::Body("<html>maintenance</html>".to_owned()));
    assert_eq!(post().await.json(), json!({ "ok": false, "error": "fatal_error" }));
    let limited = post().await;
    assert_eq!((limited.status, limited.header("retry-after")), (429, "7"));
    assert_eq!(post().await.status, 503);
    assert_eq!(post().await.body, "<html>maintenance</html>");
    assert_eq!(app.slack.messages().len(), 0);
    assert_eq!(post().await.json()["ok"], true);
    assert_eq!(app.slack.messages().len(), 1);
    app.slack.assert_understood();
}

#[tokio::test]
async fn a_connection_closes_before_or_after_the_message_is_posted() {
    let app = TestApp::start().await;
    let bot = app.bot(SCOPES).await;
    let post = async || bot.try_post("/api/chat.postMessage", FORM, "channel=%23alerts&text=hello".to_owned()).await;
    app.slack.fail_next("chat.postMessage", Fault::Drop);
    assert!(post().await.is_err());
    assert_eq!(app.slack.messages().len(), 0);
    app.slack.fail_next("chat.postMessage", Fault::DropAfter);
    assert!(post().await.is_err());
    assert_eq!(app.slack.messages().len(), 1);
    let calls = app.slack.calls_of("chat.postMessage");
    assert_eq!(calls.iter().map(|call| call.status).collect::<Vec<_>>(), [0, 0]);
    assert_eq!(calls[1].authorised_as.as_ref().unwrap().account, app.team);
}

#[tokio::test]
async fn an_answer_that_never_comes_is_waited_for_by_the_caller_alone() {
    let app = TestApp::start().await;
    let bot = app.bot(SCOPES).await;
    app.slack.fail_next("chat.postMessage", Fault::Hang);
    app.slack.fail_next("chat.postMessage", Fault::HangAfter);
    for posted in [0, 1] {
        let body = "channel=%23alerts&text=hello".to_owned();
        let hanging = tokio::spawn({
            let bot = bot.clone();
            async move { bot.try_post("/api/chat.postMessage", FORM, body).await }
        });
        app.slack.wait_for_calls("chat.postMessage", posted + 1).await;
        assert_eq!(app.slack.messages().len(), posted);
        assert!(!hanging.is_finished());
        hanging.abort();
    }
    assert_eq!(bot.call("auth.test", &[]).await["ok"], true);
}

#[tokio::test]
async fn an_outage_lasts_until_it_is_over() {
    let app = TestApp::start().await;
    app.slack.fail_always(EVERY, Fault::Status(502));
    for _ in 0..3 {
        assert_eq!(app.client.get("/api/api.test").await.status, 502);
    }
    app.slack.recover();
    assert_eq!(app.client.get("/api/api.test").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_comes_after_the_message_is_posted() {
    let app = TestApp::start().await;
    let bot = app.bot(SCOPES).await;
    app.slack.fail_next("chat.postMessage", Fault::Slow(Duration::from_secs(20)));
    let before = tokio::time::Instant::now();
    let answer = bot.call("chat.postMessage", &[("channel", "#alerts"), ("text", "hello")]).await;
    assert!(answer["ok"] == true && before.elapsed() >= Duration::from_secs(20));
}

#[tokio::test]
async fn requests_are_recorded_without_their_secrets() {
    let app = TestApp::start().await;
    let bot = app.bot(SCOPES).await;
    bot.call("chat.postMessage", &[("channel", "#alerts"), ("text", "hello")]).await;
    let all = format!("{:?}", app.slack.calls());
    assert!(all.contains("oauth.v2.access") && all.contains("#alerts"));
    for secret in [bot.token.as_deref().unwrap(), &app.slack.app().client_secret] {
        assert!(!all.contains(secret));
    }
}
