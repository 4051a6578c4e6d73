//! Requests that Jira would not understand are remembered, answered as Jira does, and fail the test.

use serde_json::{Value, json};
use simulators::Specs;

use crate::support::{TestJira, doc, specs};

fn issue(fields: Value) -> Value {
    let mut all = json!({ "project": { "key": "ED" }, "issuetype": { "id": "10001" }, "summary": "x" });
    all.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    json!({ "fields": all })
}

#[tokio::test]
async fn parameters_fields_and_rich_text_are_checked_without_the_published_description() {
    let app = TestJira::with(|options| options.specs = Specs::at("/nowhere")).await;
    assert!(app.jira.validation_skipped().unwrap().contains("/nowhere"));
    let api = app.api().await;
    let key = api.task("One").await;
    let comment = format!("/issue/{key}/comment");
    for (path, body, word) in [
        ("/issue", issue(json!({ "description": "text" })), "must be an Atlassian Document"),
        (
            "/issue",
            issue(
                json!({ "description": { "type": "doc", "version": 1, "content": [{ "type": "text", "text": "x" }] } }),
            ),
            "may not stand here",
        ),
        ("/issue", issue(json!({ "summary": doc("x") })), "must be a string"),
        ("/issue", issue(json!({ "summary": "a\nb" })), "newline"),
        ("/issue", issue(json!({ "summary": "x".repeat(256) })), "less than 255"),
        ("/issue", issue(json!({ "labels": ["two words"] })), "contains spaces"),
        ("/issue", issue(json!({ "assignee": { "name": "mia" } })), "accountId"),
        ("/issue", issue(json!({ "priority": "High" })), "expected an object"),
        ("/issue", issue(json!({ "duedate": "24.12.2026" })), "yyyy-MM-dd"),
        ("/issue", issue(json!({ "customfield_10032": "5" })), "must be a number"),
        ("/issue", json!({ "field": {} }), "\"field\" is no field of createIssue"),
        ("/issue", json!([]), "no JSON object"),
        ("/issue?expand=names", issue(json!({})), "\"expand\" is no parameter"),
        ("/issue?updateHistory=1", issue(json!({})), "true or false"),
        (comment.as_str(), json!({ "body": "text" }), "must be an Atlassian Document"),
        (comment.as_str(), json!({}), "can not be empty"),
        ("/issue/ED-1/transitions", json!({ "transition": { "name": "Done" } }), "Missing 'transition' identifier"),
        ("/issue/ED-1/remotelink", json!({ "object": { "url": "https://a.example/" } }), "'title' is required."),
    ] {
        let reply = api.post(path, &body).await;
        assert!(
            reply.status == 400 && reply.body.contains(&word.replace('"', "\\\"")),
            "{word}: {} {}",
            reply.status,
            reply.body
        );
        let violations = app.jira.take_violations();
        assert!(violations.iter().any(|one| one.what.contains(word)), "{word}: {violations:?}");
    }
    assert_eq!(app.jira.issues(&app.site).len(), 1, "nothing of it was done");
}

#[tokio::test]
async fn what_is_nowhere_or_no_json_is_remembered() {
    let app = TestJira::start().await;
    let api = app.api().await;
    for path in ["/search?jql=x", "/issue/createmeta", "/issue/ED-1/watchers"] {
        let reply = api.get(path).await;
        assert!(reply.status >= 400, "{path}");
    }
    let gone: Vec<String> = app.jira.take_violations().into_iter().map(|one| one.what).collect();
    assert!(gone.iter().any(|what| what.contains("no operation GET /rest/api/3/search here")), "{gone:?}");
    assert_eq!(app.client.get("/rest/api/3/myself").await.status, 404, "the API is behind the gateway");
    assert_eq!(app.jira.take_violations().len(), 1);
    let path = format!("/ex/jira/{}/rest/api/3/issue", app.site);
    assert_eq!(api.client.post(&path, "text/plain", "x".to_owned()).await.status, 415);
    assert_eq!(api.client.post(&path, "application/json", "{".to_owned()).await.status, 400);
    assert_eq!(app.jira.take_violations().len(), 2);
}

#[tokio::test]
async fn the_published_description_is_held_to() {
    if specs().is_none() {
        return;
    }
    let app = TestJira::start().await;
    let api = app.api().await;
    let hook = |of: Value| json!({ "url": "http://127.0.0.1:1/", "webhooks": [of] });
    for (verb, path, body, word) in [
        (
            "POST",
            "/webhook",
            hook(json!({ "events": ["jira:issue_moved"], "jqlFilter": "project = ED" })),
            "body: /webhooks/0/events/0",
        ),
        ("POST", "/webhook", hook(json!({ "events": ["jira:issue_created"] })), "jqlFilter"),
        ("POST", "/webhook", hook(json!({ "events": [], "jqlFilter": "project = ED", "name": "x" })), "name"),
        ("PUT", "/webhook/refresh", json!({ "webhookIds": ["1000"] }), "body: /webhookIds/0"),
        ("POST", "/search/jql", json!({ "jql": "project = ED", "maxResults": "5" }), "body: /maxResults"),
        ("POST", "/issue", json!({ "fields": {}, "update": { "labels": [{ "append": "x" }] } }), "append"),
        (
            "POST",
            "/issue/ED-1/remotelink",
            json!({ "object": { "url": "x", "title": "y", "status": "done" } }),
            "body: /object/status",
        ),
        ("GET", "/project/search?orderBy=age", json!(null), "orderBy: "),
        ("GET", "/issue/createmeta/ED/issuetypes?maxResults=500", json!(null), "maxResults: "),
    ] {
        let reply = match verb {
            "GET" => api.get(path).await,
            _ => api.send(verb, path, &body).await,
        };
        assert_eq!(reply.status, 400, "{word}: {}", reply.body);
        let violations = app.jira.take_violations();
        assert!(violations.iter().any(|one| one.what.contains(word)), "{word}: {violations:?}");
    }
    assert!(app.jira.webhooks(&app.site).is_empty());
}

#[tokio::test]
#[should_panic(expected = "Jira would not have understood:\naddComment: ")]
async fn a_violation_fails_the_test() {
    let app = TestJira::start().await;
    let api = app.api().await;
    let key = api.task("One").await;
    api.post(&format!("/issue/{key}/comment"), &json!({ "body": "text" })).await;
    app.jira.assert_understood();
}
