//! What is sent to the app: signed, retried, and wrongly on request.

use std::time::Duration;

use serde_json::json;
use signature::{TextKey, VerifyError, verify_slack};
use simulators::slack::{NewChannel, Slack};

use crate::support::{Arrival, SCOPES, TestApp};

fn verified(slack: &Slack, arrival: &Arrival) -> Result<(), VerifyError> {
    let key = TextKey::new(&slack.app().signing_secret);
    let (timestamp, header) = (arrival.header("x-slack-request-timestamp"), arrival.header("x-slack-signature"));
    verify_slack(&[&key], timestamp, header, arrival.body.as_bytes(), slack.clock().now_s())
}

#[tokio::test]
async fn everything_is_signed_unless_it_is_asked_to_be_wrong() {
    let app = TestApp::start().await;
    let event = app.slack.event(&app.team, &json!({ "type": "app_uninstalled" }));
    event.send().await.unwrap();
    event.clone().aged(301).send().await.unwrap();
    event.clone().signed_with("another secret").send().await.unwrap();
    app.slack.url_verification().send().await.unwrap();
    let arrivals = app.receiver.arrivals();
    let results: Vec<_> = arrivals.iter().map(|arrival| verified(&app.slack, arrival)).collect();
    assert_eq!(results[0], Ok(()));
    assert!(matches!(results[1], Err(VerifyError::TooOld { .. })), "{results:?}");
    assert_eq!(results[2], Err(VerifyError::Mismatch));
    assert_eq!(results[3], Ok(()));
    assert_eq!(arrivals[3].json()["type"], "url_verification");
    assert_eq!(arrivals[0].header("content-type"), "application/json");
}

#[tokio::test]
async fn a_challenge_comes_back_to_whoever_asked() {
    let app = TestApp::start().await;
    app.receiver.answers(200, &[], "the challenge");
    let answer = app.slack.url_verification().send().await.unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (200, "the challenge"));
    assert_eq!(app.slack.sent()[0].answer, "the challenge");
}

#[tokio::test]
async fn an_event_is_tried_four_times_with_the_same_id() {
    let app = TestApp::start().await;
    for _ in 0..4 {
        app.receiver.answers(500, &[], "");
    }
    let outcomes = app.slack.event(&app.team, &json!({ "type": "app_uninstalled" })).deliver().await;
    assert_eq!(outcomes.len(), 4);
    let arrivals = app.receiver.arrivals();
    let numbers: Vec<&str> = arrivals.iter().map(|arrival| arrival.header("x-slack-retry-num")).collect();
    assert_eq!(numbers, ["", "1", "2", "3"]);
    assert_eq!(arrivals[1].header("x-slack-retry-reason"), "http_error");
    assert!(arrivals.iter().all(|arrival| arrival.json()["event_id"] == arrivals[0].json()["event_id"]));
}

#[tokio::test]
async fn retries_end_with_a_success_or_when_the_app_says_so() {
    let app = TestApp::start().await;
    let event = app.slack.event(&app.team, &json!({ "type": "app_uninstalled" }));
    app.receiver.answers(500, &[], "");
    assert_eq!(event.deliver().await.len(), 2);
    app.receiver.answers(500, &[("x-slack-no-retry", "1")], "");
    assert_eq!(event.deliver().await.len(), 1);
}

#[tokio::test]
async fn a_duplicate_is_sent_by_hand() {
    let app = TestApp::start().await;
    let event = app.slack.event(&app.team, &json!({ "type": "app_uninstalled" }));
    event.send().await.unwrap();
    event.retry(2, "http_timeout").send().await.unwrap();
    let arrivals = app.receiver.arrivals();
    assert_eq!(arrivals[0].body, arrivals[1].body);
    assert_eq!(arrivals[1].header("x-slack-retry-num"), "2");
    assert_eq!(arrivals[1].header("x-slack-retry-reason"), "http_timeout");
}

#[tokio::test]
async fn a_receiver_that_is_gone_or_too_slow_is_noted_and_nothing_leaves_the_machine() {
    let app = TestApp::with(|options| options.patience = Duration::from_millis(500)).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = format!("http://{}/", listener.local_addr().unwrap());
    let send = async |url: &str| app.slack.send_event(url, &json!({})).await.unwrap_err().to_string();
    assert!(send(&silent).await.contains("within 500 ms"));
    drop(listener);
    assert!(send(&silent).await.contains("no answer"));
    assert!(send("http://example.com/").await.contains("nobody else"));
    assert!(app.slack.sent().iter().all(|sent| sent.outcome.is_err()));
}

#[tokio::test]
async fn acts_of_people_are_told_in_order_if_the_app_wants_to_know() {
    let app = TestApp::start().await;
    app.connect(&app.team, SCOPES).await;
    let alerts = app.channel("alerts");
    app.slack.invite_bot(&alerts);
    app.slack.rename_channel(&alerts, "alarms");
    app.slack.settled().await;
    app.slack.archive_channel(&alerts);
    app.slack.archive_channel(&alerts);
    app.slack.settled().await;
    app.slack.unarchive_channel(&alerts);
    app.slack.settled().await;
    app.slack.remove_bot(&alerts);
    app.slack.settled().await;
    let kinds = || -> Vec<String> {
        let arrivals = app.receiver.arrivals();
        arrivals.iter().map(|one| one.json()["event"]["type"].as_str().unwrap().to_owned()).collect()
    };
    let expected = ["channel_rename", "channel_archive", "channel_unarchive", "member_left_channel"];
    assert_eq!(kinds(), expected, "joining is not among the events that the app wants");
    app.slack.change_app(|app| app.events_url = None);
    app.slack.delete_channel(&alerts);
    app.slack.settled().await;
    assert_eq!(kinds(), expected);
}

#[tokio::test]
async fn private_channels_have_events_of_their_own_for_members() {
    let app = TestApp::with(|options| options.app.events.extend(["group_rename".to_owned()])).await;
    app.connect(&app.team, SCOPES).await;
    let new = |has_bot| NewChannel { name: format!("b-{has_bot}"), is_private: true, has_bot, ..NewChannel::default() };
    let (inside, outside) = (app.slack.add_channel(&app.team, new(true)), app.slack.add_channel(&app.team, new(false)));
    app.slack.rename_channel(&outside, "unheard");
    app.slack.rename_channel(&inside, "heard");
    app.slack.settled().await;
    let arrivals = app.receiver.arrivals();
    assert_eq!((arrivals.len(), arrivals[0].json()["event"]["type"].as_str()), (1, Some("group_rename")));
}

#[tokio::test]
async fn messages_of_the_app_come_back_without_a_subtype() {
    let app = TestApp::with(|options| options.app.events.push("message.channels".to_owned())).await;
    let bot = app.bot(SCOPES).await;
    app.slack.invite_bot(&app.channel("alerts"));
    bot.call("chat.postMessage", &[("channel", "#alerts"), ("text", "mine")]).await;
    app.slack.settled().await;
    let event = app.receiver.arrivals()[0].json()["event"].clone();
    assert_eq!((&event["type"], event.get("subtype")), (&json!("message"), None));
    assert_eq!(event["bot_id"], app.slack.installs()[0].bot);
}
