//! Codes, tokens, refreshing, sites.

use std::time::Duration;

use serde_json::{Value, json};
use simulators::jira::Consent;

use crate::support::{JIRA_REDIRECT, JIRA_SCOPES, TestJira, query};

const DAY: Duration = Duration::from_secs(86_400);

fn exchange(code: &str) -> Value {
    json!({ "grant_type": "authorization_code", "code": code, "redirect_uri": JIRA_REDIRECT })
}

#[tokio::test]
async fn a_code_gives_tokens_once() {
    let app = TestJira::start().await;
    let code = app.code(&app.site, JIRA_SCOPES);
    let answer = app.token(exchange(&code)).await.json();
    assert_eq!((&answer["expires_in"], &answer["token_type"]), (&json!(3600), &json!("Bearer")));
    assert_eq!(answer["scope"], JIRA_SCOPES);
    assert!(answer["refresh_token"].is_string());
    let again = app.token(exchange(&code)).await;
    assert_eq!((again.status, &again.json()["error"]), (403, &json!("invalid_grant")));
    let me = app.api_with(answer["access_token"].as_str().unwrap()).read("/myself").await;
    assert_eq!(
        (&me["displayName"], &me["accountId"]),
        (&json!("Mia Krystof"), &json!(app.jira.everybody()[0].account_id))
    );
    app.jira.assert_understood();
}

#[tokio::test]
async fn an_exchange_shows_the_client_the_code_and_the_redirect_url() {
    let app = TestJira::start().await;
    let code = app.code(&app.site, JIRA_SCOPES);
    let (id, secret) = (app.jira.app().client_id, app.jira.app().client_secret);
    let ask = async |id: &str, secret: &str, code: &str, redirect: &str| {
        let body = json!({ "grant_type": "authorization_code", "client_id": id, "client_secret": secret, "code": code,
            "redirect_uri": redirect });
        let reply = app.client.json("/oauth/token", &body).await;
        (reply.status, reply.json()["error"].as_str().unwrap_or("ok").to_owned())
    };
    let refused = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(ask("other", &secret, &code, JIRA_REDIRECT).await, refused(401, "access_denied"));
    assert_eq!(ask(&id, "wrong", &code, JIRA_REDIRECT).await, refused(401, "access_denied"));
    assert_eq!(ask(&id, &secret, "no code", JIRA_REDIRECT).await, refused(403, "invalid_grant"));
    assert_eq!(ask(&id, &secret, &code, "http://127.0.0.1:3000/").await, refused(403, "invalid_grant"));
    assert_eq!(ask(&id, &secret, &code, JIRA_REDIRECT).await, refused(200, "ok"), "none of these spent the code");
    let late = app.code(&app.site, JIRA_SCOPES);
    app.jira.clock().advance(Duration::from_secs(300));
    assert_eq!(ask(&id, &secret, &late, JIRA_REDIRECT).await, refused(403, "invalid_grant"));
    app.jira.assert_understood();
}

#[tokio::test]
async fn access_tokens_expire_and_refresh_tokens_rotate() {
    let app = TestJira::start().await;
    let first = app.connect(JIRA_SCOPES).await;
    let token = first["access_token"].as_str().unwrap();
    app.jira.clock().advance(Duration::from_secs(3599));
    assert_eq!(app.api_with(token).get("/myself").await.status, 200);
    app.jira.clock().advance(Duration::from_secs(1));
    let expired = app.api_with(token).get("/myself").await;
    assert_eq!((expired.status, expired.json()), (401, json!({ "code": 401, "message": "Unauthorized" })));
    let second = app.refresh(first["refresh_token"].as_str().unwrap()).await.json();
    assert_ne!(second["access_token"], first["access_token"]);
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    assert_eq!(app.api_with(second["access_token"].as_str().unwrap()).get("/myself").await.status, 200);
    app.jira.assert_understood();
}

#[tokio::test]
async fn a_refresh_token_works_again_for_ten_minutes_and_not_a_second_longer() {
    let app = TestJira::start().await;
    let first = app.connect(JIRA_SCOPES).await;
    let old = first["refresh_token"].as_str().unwrap();
    assert_eq!(app.refresh(old).await.status, 200);
    app.jira.clock().advance(Duration::from_secs(599));
    let within = app.refresh(old).await;
    assert_eq!(within.status, 200, "an answer that was lost can be asked for again");
    app.jira.clock().advance(Duration::from_secs(1));
    let after = app.refresh(old).await;
    let body = json!({ "error": "unauthorized_client", "error_description": "refresh_token is invalid" });
    assert_eq!((after.status, after.json()), (403, body));
    assert_eq!(app.refresh(within.json()["refresh_token"].as_str().unwrap()).await.status, 200);
    app.jira.assert_understood();
}

#[tokio::test]
async fn a_refresh_token_ends_after_ninety_days_without_use() {
    let app = TestJira::start().await;
    let first = app.connect(JIRA_SCOPES).await;
    app.jira.clock().advance(DAY * 90 - Duration::from_secs(1));
    let second = app.refresh(first["refresh_token"].as_str().unwrap()).await.json();
    app.jira.clock().advance(DAY * 90);
    assert_eq!(app.refresh(second["refresh_token"].as_str().unwrap()).await.status, 403);
}

#[tokio::test]
async fn no_use_puts_off_the_end_after_three_hundred_and_sixty_five_days() {
    let app = TestJira::start().await;
    let mut token = app.connect(JIRA_SCOPES).await["refresh_token"].as_str().unwrap().to_owned();
    for _ in 0..6 {
        app.jira.clock().advance(DAY * 60);
        let reply = app.refresh(&token).await;
        assert_eq!(reply.status, 200);
        token = reply.json()["refresh_token"].as_str().unwrap().to_owned();
    }
    app.jira.clock().advance(DAY * 5 - Duration::from_secs(1));
    assert_eq!(app.refresh(&token).await.status, 200);
    app.jira.clock().advance(Duration::from_secs(1));
    assert_eq!(app.refresh(&token).await.status, 403);
    let again = app.connect(JIRA_SCOPES).await;
    assert_eq!(app.refresh(again["refresh_token"].as_str().unwrap()).await.status, 200, "consenting anew begins anew");
}

#[tokio::test]
async fn without_offline_access_there_is_no_refresh_token_and_without_a_scope_no_answer() {
    let app = TestJira::start().await;
    let answer = app.connect("read:jira-work").await;
    assert!(answer.get("refresh_token").is_none());
    let api = app.api_with(answer["access_token"].as_str().unwrap());
    assert_eq!(api.get("/project/search").await.status, 200);
    let refused = api.get("/myself").await;
    assert_eq!((refused.status, refused.json()["message"].as_str()), (401, Some("Unauthorized; scope does not match")));
    app.jira.assert_understood();
}

#[tokio::test]
async fn a_grant_reaches_the_sites_that_were_chosen() {
    let app = TestJira::start().await;
    let sites = app.jira.sites();
    let first = app.connect(JIRA_SCOPES).await;
    let list = async |answer: &Value| {
        let client = app.client.with_token(answer["access_token"].as_str().unwrap());
        client.get("/oauth/token/accessible-resources").await.json()
    };
    let one = list(&first).await;
    assert_eq!(one.as_array().unwrap().len(), 1);
    assert_eq!(
        (&one[0]["id"], &one[0]["name"], &one[0]["url"]),
        (&json!(app.site), &json!("Acme"), &json!(sites[0].url))
    );
    let scopes = json!(["read:jira-work", "write:jira-work", "read:jira-user", "manage:jira-webhook"]);
    assert_eq!(one[0]["scopes"], scopes);
    let elsewhere = format!("/ex/jira/{}/rest/api/3/project/search", sites[1].id);
    let client = app.client.with_token(first["access_token"].as_str().unwrap());
    assert_eq!(client.get(&elsewhere).await.status, 404);

    let back = app.jira.consent(&app.authorize_url(JIRA_SCOPES), &Consent::allow(&sites[1].id)).unwrap();
    let second = app.token(exchange(&query(&back, "code").unwrap())).await.json();
    assert_eq!(list(&second).await.as_array().unwrap().len(), 2, "sites that were allowed before stay");
    let client = app.client.with_token(second["access_token"].as_str().unwrap());
    assert_eq!(client.get(&elsewhere).await.status, 200);
    app.jira.remove_site(&sites[1].id);
    assert_eq!(list(&second).await.as_array().unwrap().len(), 1);
    assert_eq!(client.get(&elsewhere).await.status, 404);
    app.jira.assert_understood();
}

#[tokio::test]
async fn whoever_takes_the_app_out_ends_all_tokens_and_nothing_tells_of_it() {
    let app = TestJira::start().await;
    let answer = app.connect(JIRA_SCOPES).await;
    let api = app.api_with(answer["access_token"].as_str().unwrap());
    api.hook(&app.receiver.url, &["jira:issue_created"], "project = ED").await;
    app.jira.remove_app(&app.jira.everybody()[0].account_id);
    assert_eq!(api.get("/myself").await.status, 401);
    let refused = app.refresh(answer["refresh_token"].as_str().unwrap()).await;
    assert_eq!((refused.status, &refused.json()["error"]), (403, &json!("unauthorized_client")));
    app.jira.settled().await;
    assert!(app.jira.sent().is_empty() && app.jira.webhooks(&app.site).is_empty());
    app.jira.assert_understood();
}

#[tokio::test]
async fn a_request_for_tokens_that_is_no_json_or_lacks_something_is_not_understood() {
    let app = TestJira::start().await;
    let form = app.client.form("/oauth/token", &[("grant_type", "refresh_token")]).await;
    assert_eq!(form.status, 415);
    assert!(app.jira.take_violations()[0].what.contains("application/json"));
    let missing = app.token(json!({ "grant_type": "refresh_token" })).await;
    assert_eq!((missing.status, &missing.json()["error"]), (400, &json!("invalid_request")));
    assert!(app.jira.take_violations()[0].what.contains("refresh_token"));
    let other = app.token(json!({ "grant_type": "client_credentials" })).await;
    assert_eq!((other.status, &other.json()["error"]), (400, &json!("unsupported_grant_type")));
    assert_eq!(app.jira.take_violations().len(), 1);
}
