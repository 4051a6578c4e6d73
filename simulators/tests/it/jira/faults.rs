//! What goes wrong on request.

use std::time::Duration;

use serde_json::json;
use simulators::Fault;
use simulators::fault::EVERY;

use crate::support::{JIRA_SCOPES, TestJira};

fn task() -> serde_json::Value {
    json!({ "fields": { "project": { "key": "ED" }, "issuetype": { "id": "10001" }, "summary": "One" } })
}

#[tokio::test]
async fn faults_happen_once_and_nothing_is_done() {
    let app = TestJira::start().await;
    let api = app.api().await;
    for fault in [
        Fault::Error("Something is wrong.".to_owned()),
        Fault::Error("jira-quota-tenant-based".to_owned()),
        Fault::RateLimited(7),
        Fault::Status(503),
        Fault::Body("<html>maintenance</html>".to_owned()),
    ] {
        app.jira.fail_next("createIssue", fault);
    }
    let post = async || api.post("/issue", &task()).await;
    let refused = post().await;
    assert_eq!(
        (refused.status, refused.json()),
        (400, json!({ "errorMessages": ["Something is wrong."], "errors": {} }))
    );
    let quota = post().await;
    assert_eq!((quota.status, quota.header("ratelimit-reason")), (429, "jira-quota-tenant-based"));
    let limited = post().await;
    assert_eq!((limited.status, limited.header("retry-after")), (429, "7"));
    assert_eq!(post().await.status, 503);
    assert_eq!(post().await.body, "<html>maintenance</html>");
    assert!(app.jira.issues(&app.site).is_empty());
    assert_eq!(post().await.status, 201);
    app.jira.assert_understood();
}

#[tokio::test]
async fn a_connection_closes_before_or_after_the_issue_is_made() {
    let app = TestJira::start().await;
    let api = app.api().await;
    let path = format!("/ex/jira/{}/rest/api/3/issue", app.site);
    let post = async || api.client.try_post(&path, "application/json", task().to_string()).await;
    app.jira.fail_next("createIssue", Fault::Drop);
    assert!(post().await.is_err());
    assert!(app.jira.issues(&app.site).is_empty());
    app.jira.fail_next("createIssue", Fault::DropAfter);
    assert!(post().await.is_err());
    assert_eq!(app.jira.issues(&app.site).len(), 1);
    let calls = app.jira.calls_of("createIssue");
    assert_eq!(calls.iter().map(|call| call.status).collect::<Vec<_>>(), [0, 0]);
    assert_eq!(calls[1].authorised_as.as_ref().unwrap().account, app.site);
}

#[tokio::test]
async fn a_refresh_whose_answer_is_lost_can_be_asked_for_again() {
    let app = TestJira::start().await;
    let first = app.connect(JIRA_SCOPES).await;
    let old = first["refresh_token"].as_str().unwrap();
    let body = json!({ "grant_type": "refresh_token", "client_id": app.jira.app().client_id,
        "client_secret": app.jira.app().client_secret, "refresh_token": old });
    app.jira.fail_next("oauth/token", Fault::DropAfter);
    assert!(app.client.try_post("/oauth/token", "application/json", body.to_string()).await.is_err());
    assert_eq!(app.jira.tokens().len(), 2, "it was carried out");
    assert_eq!(app.refresh(old).await.status, 200);
    app.jira.fail_next("oauth/token", Fault::Error("unauthorized_client".to_owned()));
    assert_eq!(app.refresh(old).await.status, 403);
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_comes_after_the_issue_is_made_and_an_outage_ends() {
    let app = TestJira::start().await;
    let api = app.api().await;
    app.jira.fail_next("createIssue", Fault::Slow(Duration::from_secs(20)));
    let before = tokio::time::Instant::now();
    assert_eq!(api.post("/issue", &task()).await.status, 201);
    assert!(before.elapsed() >= Duration::from_secs(20));
    app.jira.fail_always(EVERY, Fault::Status(502));
    assert_eq!((api.get("/myself").await.status, api.get("/status").await.status), (502, 502));
    app.jira.recover();
    assert_eq!(api.get("/myself").await.status, 200);
}

#[tokio::test]
async fn requests_are_recorded_without_their_secrets() {
    let app = TestJira::start().await;
    let first = app.connect(JIRA_SCOPES).await;
    app.refresh(first["refresh_token"].as_str().unwrap()).await;
    let token = first["access_token"].as_str().unwrap();
    app.api_with(token).task("One").await;
    let all = format!("{:?}", app.jira.calls());
    assert!(all.contains("oauth/token") && all.contains("createIssue"));
    for secret in [token, first["refresh_token"].as_str().unwrap(), &app.jira.app().client_secret] {
        assert!(!all.contains(secret));
    }
}
