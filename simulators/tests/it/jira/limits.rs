//! Rate limits, each with its reason, and latency.

use std::time::Duration;

use serde_json::json;

use crate::support::{TestJira, doc};

#[tokio::test]
async fn a_burst_of_one_operation_is_refused_and_others_go_on() {
    let app = TestJira::with(|options| options.rate_limits = true).await;
    let api = app.api().await;
    for _ in 0..20 {
        assert_eq!(api.get("/project/search").await.status, 200);
    }
    let refused = api.get("/project/search").await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "1"));
    assert_eq!(refused.header("ratelimit-reason"), "jira-burst-based");
    assert_eq!(refused.header("x-ratelimit-limit"), "65000");
    assert_eq!(api.get("/myself").await.status, 200);
    app.jira.clock().advance(Duration::from_secs(1));
    assert_eq!(api.get("/project/search").await.status, 200);
    app.jira.assert_understood();
}

#[tokio::test]
async fn an_issue_takes_twenty_writes_in_two_seconds_by_key_or_by_id() {
    let app = TestJira::with(|options| options.rate_limits = true).await;
    let api = app.api().await;
    let (one, other) = (api.task("One").await, api.task("Other").await);
    let id = app.jira.issue(&app.site, &one).unwrap().id;
    for number in 0..10 {
        let body = json!({ "fields": { "summary": format!("Number {number}") } });
        assert_eq!(api.send("PUT", &format!("/issue/{one}"), &body).await.status, 204);
        assert_eq!(api.post(&format!("/issue/{id}/comment"), &json!({ "body": doc("x") })).await.status, 201);
    }
    let property = async |key: &str| api.send("PUT", &format!("/issue/{key}/properties/x"), &json!(1)).await;
    let refused = property(&one).await;
    assert_eq!((refused.status, refused.header("ratelimit-reason")), (429, "jira-per-issue-on-write"));
    assert_eq!(refused.header("retry-after"), "2");
    assert_eq!(property(&other).await.status, 201);
    assert_eq!(api.get(&format!("/issue/{one}")).await.status, 200);
    app.jira.clock().advance(Duration::from_secs(2));
    assert_eq!(property(&one).await.status, 201);
    app.jira.assert_understood();
}

#[tokio::test]
async fn a_site_has_so_many_points_an_hour_and_every_answer_says_what_is_left() {
    let app = TestJira::with(|options| {
        options.rate_limits = true;
        options.points_per_hour = 5;
    })
    .await;
    let api = app.api().await;
    let first = api.get("/myself").await;
    assert_eq!((first.header("x-ratelimit-remaining"), first.header("x-ratelimit-nearlimit")), ("4", "false"));
    for _ in 0..4 {
        assert_eq!(api.get("/myself").await.status, 200);
    }
    let refused = api.get("/myself").await;
    assert_eq!((refused.status, refused.header("ratelimit-reason")), (429, "jira-quota-global-based"));
    assert_eq!((refused.header("retry-after"), refused.header("x-ratelimit-nearlimit")), ("3600", "true"));
    assert_eq!(refused.header("x-ratelimit-reset"), "2026-11-22T15:02:11.000+0000");
    app.jira.clock().advance(Duration::from_secs(3600));
    let api = app.api().await;
    assert_eq!(api.get("/myself").await.status, 200);
    app.jira.assert_understood();
}

#[tokio::test(start_paused = true)]
async fn every_answer_takes_as_long_as_it_is_told_to() {
    let app = TestJira::start().await;
    app.jira.set_latency(Duration::from_secs(30));
    let before = tokio::time::Instant::now();
    app.client.get("/oauth/token/accessible-resources").await;
    assert!(before.elapsed() >= Duration::from_secs(30));
}
