//! Dynamic webhooks: registering, refreshing, expiring; what is delivered, how it is signed and retried.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use simulators::jira::{AdminWebhook, NewIssue};

use crate::support::{Arrival, TestJira, doc};

const DAY: Duration = Duration::from_secs(86_400);

/// The claims of a token, if it is signed with this secret.
fn claims(arrival: &Arrival, secret: &str) -> Option<Value> {
    let token = arrival.header("authorization").strip_prefix("Bearer ")?;
    let (signed, signature) = token.rsplit_once('.')?;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(signed.as_bytes());
    mac.verify_slice(&URL_SAFE_NO_PAD.decode(signature).unwrap()).ok()?;
    let (head, claims) = signed.split_once('.')?;
    let read = |part: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    assert_eq!(read(head)["alg"], "HS256");
    Some(read(claims))
}

#[tokio::test]
async fn what_people_do_arrives_signed_with_the_client_secret() {
    let app = TestJira::start().await;
    let api = app.api().await;
    let hook = api.hook(&app.receiver.url, &["jira:issue_created", "jira:issue_updated"], "project = ED").await;
    assert_eq!(hook, json!({ "createdWebhookId": 1000 }));
    let ada = app.jira.everybody()[1].account_id.clone();
    let people = app.jira.as_person(&app.site, &ada);
    let key = people.create(NewIssue { description: "first\nsecond".to_owned(), ..NewIssue::default() });
    // What is sent for one change may overtake what is sent for another.
    app.jira.settled().await;
    people.transition(&key, "In Progress");
    app.jira.settled().await;
    let arrivals = app.receiver.arrivals();
    assert_eq!(arrivals.len(), 2);
    let (created, updated) = (arrivals[0].json(), arrivals[1].json());
    assert_eq!((&created["webhookEvent"], &created["user"]["accountId"]), (&json!("jira:issue_created"), &json!(ada)));
    assert_eq!(created["issue"]["fields"]["description"], "first\nsecond", "webhooks have text, no documents");
    assert_eq!(created["matchedWebhookIds"], json!([1000]));
    assert_eq!(updated["issue_event_type_name"], "issue_generic");
    assert_eq!(
        updated["changelog"]["items"],
        json!([{ "field": "status", "fieldtype": "jira", "fieldId": "status", "from": "10000", "fromString": "To Do",
            "to": "3", "toString": "In Progress" }])
    );
    let secret = app.jira.app().client_secret;
    let claims_of = claims(&arrivals[0], &secret).unwrap();
    assert_eq!((claims_of["iat"].as_i64(), claims_of["exp"].as_i64()), (Some(1_795_356_131), Some(1_795_356_311)));
    assert_eq!(claims(&arrivals[0], "another"), None);
    assert_ne!(
        arrivals[0].header("x-atlassian-webhook-identifier"),
        arrivals[1].header("x-atlassian-webhook-identifier")
    );
    app.jira.assert_understood();
}

#[tokio::test]
async fn the_apps_own_writes_come_back_too() {
    let app = TestJira::start().await;
    let api = app.api().await;
    let events =
        ["jira:issue_created", "jira:issue_updated", "comment_created", "issue_property_set", "jira:issue_deleted"];
    api.hook(&app.receiver.url, &events, "project = ED").await;
    let key = api.task("One").await;
    let me = app.jira.everybody()[0].account_id.clone();
    let path = format!("/issue/{key}");
    for (verb, path, body) in [
        ("PUT", path.clone(), json!({ "fields": { "assignee": { "accountId": me } } })),
        ("PUT", path.clone(), json!({ "fields": { "summary": "One" } })),
        ("POST", format!("{path}/comment"), json!({ "body": doc("hello") })),
        ("PUT", format!("{path}/properties/hub"), json!({ "id": 1 })),
        ("DELETE", path.clone(), json!(null)),
    ] {
        app.jira.settled().await;
        let reply = api.send(verb, &path, &body).await;
        assert!(reply.status < 300, "{verb} {path}: {}", reply.body);
    }
    app.jira.settled().await;
    let told: Vec<Value> = app.receiver.arrivals().iter().map(Arrival::json).collect();
    let names: Vec<&str> = told.iter().map(|body| body["webhookEvent"].as_str().unwrap()).collect();
    assert_eq!(names, events, "a change that changes nothing is none");
    assert!(told.iter().filter(|body| body["user"].is_object()).all(|body| body["user"]["accountId"] == *me));
    assert_eq!(told[1]["issue_event_type_name"], "issue_assigned");
    assert_eq!(told[1]["changelog"]["items"][0]["tmpToAccountId"], *me);
    assert_eq!((&told[2]["comment"]["body"], &told[2]["issue"]["key"]), (&json!("hello"), &json!(key)));
    assert_eq!(told[3]["property"], json!({ "key": "hub", "value": { "id": 1 } }));
    app.jira.assert_understood();
}

#[tokio::test]
async fn a_webhook_hears_only_of_what_its_filters_let_through() {
    let app = TestJira::start().await;
    let api = app.api().await;
    let url = &app.receiver.url;
    let body = json!({ "url": url, "webhooks": [
        { "events": ["jira:issue_updated"], "jqlFilter": "project = ED AND issuetype = Task", "fieldIdsFilter": ["summary"] },
        { "events": ["jira:issue_updated"], "jqlFilter": "project IN (ED, OPS)" },
    ] });
    let result = api.post("/webhook", &body).await.json();
    assert_eq!(result["webhookRegistrationResult"].as_array().unwrap().len(), 2);
    let people = app.jira.people(&app.site);
    let keys = ["ED", "OPS", "WEB"]
        .map(|project| people.create(NewIssue { project: project.to_owned(), ..NewIssue::default() }));
    for key in &keys {
        people.edit(key, &json!({ "summary": "Other" }));
        app.jira.settled().await;
    }
    people.edit(&keys[0], &json!({ "labels": ["x"] }));
    app.jira.settled().await;
    let told: Vec<Value> = app.receiver.arrivals().iter().map(Arrival::json).collect();
    let matched: Vec<(&Value, &Value)> =
        told.iter().map(|body| (&body["issue"]["key"], &body["matchedWebhookIds"])).collect();
    let wanted =
        [(json!("ED-1"), json!([1000, 1001])), (json!("OPS-1"), json!([1001])), (json!("ED-1"), json!([1001]))];
    assert_eq!(matched, wanted.iter().map(|(key, ids)| (key, ids)).collect::<Vec<_>>(), "one request for one address");
    app.jira.assert_understood();
}

#[tokio::test]
async fn comments_are_told_when_written_changed_and_deleted() {
    let app = TestJira::start().await;
    let api = app.api().await;
    api.hook(&app.receiver.url, &["comment_created", "comment_updated", "comment_deleted"], "project = ED").await;
    let people = app.jira.people(&app.site);
    let key = people.create(NewIssue::default());
    let comment = people.comment(&key, "one");
    app.jira.settled().await;
    people.edit_comment(&key, &comment, "two");
    app.jira.settled().await;
    people.delete_comment(&key, &comment);
    app.jira.settled().await;
    let told: Vec<Value> = app.receiver.arrivals().iter().map(Arrival::json).collect();
    let bodies: Vec<_> = told.iter().map(|body| body["comment"]["body"].as_str().unwrap()).collect();
    assert_eq!(bodies, ["one", "two", "two"]);
    assert!(app.jira.issue(&app.site, &key).unwrap().comments.is_empty());
}

#[tokio::test]
async fn webhooks_end_after_thirty_days_unless_they_are_refreshed() {
    let app = TestJira::start().await;
    let api = app.api().await;
    for jql in ["project = ED", "project = OPS"] {
        api.hook(&app.receiver.url, &["jira:issue_created"], jql).await;
    }
    let people = app.jira.people(&app.site);
    app.jira.clock().advance(DAY * 29);
    let api = app.api().await;
    let refreshed = api.send("PUT", "/webhook/refresh", &json!({ "webhookIds": [1000, 77] })).await;
    assert_eq!(
        (refreshed.status, refreshed.json()),
        (200, json!({ "expirationDate": "2027-01-20T14:02:11.000+0000" }))
    );
    app.jira.clock().advance(DAY);
    let api = app.api().await;
    let list = api.read("/webhook").await;
    assert_eq!((list["total"].as_u64(), &list["values"][0]["id"]), (Some(1), &json!(1000)));
    for project in ["ED", "OPS"] {
        people.create(NewIssue { project: project.to_owned(), ..NewIssue::default() });
    }
    app.jira.settled().await;
    assert_eq!(app.receiver.arrivals().len(), 1);
    app.jira.clock().advance(DAY * 29);
    people.create(NewIssue::default());
    app.jira.settled().await;
    assert_eq!(app.receiver.arrivals().len(), 1, "the refreshed one has ended too");
    app.jira.assert_understood();
}

#[tokio::test]
async fn each_webhook_has_errors_of_its_own_and_the_answer_is_200() {
    let app = TestJira::start().await;
    let api = app.api().await;
    let url = &app.receiver.url;
    let on = |jql: &str| json!({ "events": ["jira:issue_created"], "jqlFilter": jql });
    let wishes = json!([
        on("project = ED"),
        on("summary ~ x"),
        on("project = NONE"),
        on(""),
        on("project = ED ORDER BY key"),
        on("created > -1d"),
        on("project ="),
        on("issuekey != ED-9 AND status NOT IN (Done)")
    ]);
    let reply = api.post("/webhook", &json!({ "url": url, "webhooks": wishes })).await;
    assert_eq!(reply.status, 200);
    let results = reply.json()["webhookRegistrationResult"].clone();
    for (index, words) in [
        (1, "The clause summary is unsupported"),
        (2, "The value 'NONE' does not exist"),
        (3, "must not be empty"),
        (4, "ORDER BY is unsupported"),
        (5, "The clause created is unsupported"),
        (6, "Expecting a value"),
        (7, "The value 'ED-9' does not exist"),
    ] {
        assert!(results[index]["errors"][0].as_str().unwrap_or_default().contains(words), "{words}: {results}");
    }
    assert_eq!(results[0], json!({ "createdWebhookId": 1000 }));
    app.jira.assert_understood();
}

#[tokio::test]
async fn one_address_and_five_webhooks_are_the_most() {
    let app = TestJira::start().await;
    let api = app.api().await;
    for id in 1000..1005 {
        assert_eq!(api.hook(&app.receiver.url, &["jira:issue_created"], "project = ED").await["createdWebhookId"], id);
    }
    let sixth = api.hook(&app.receiver.url, &["jira:issue_created"], "project = ED").await;
    assert!(sixth["errors"][0].as_str().unwrap().contains("maximum number"));
    let other = json!({ "url": "http://127.0.0.1:1/other", "webhooks": [{ "events": ["jira:issue_created"], "jqlFilter": "project = ED" }] });
    let refused = api.post("/webhook", &other).await;
    assert!(refused.status == 400 && refused.body.contains("Only a single URL"), "{}", refused.body);
    let gone = api.send("DELETE", "/webhook", &json!({ "webhookIds": [1000, 1001, 1002, 1003, 1004, 9] })).await;
    assert_eq!(gone.status, 202);
    assert_eq!(api.post("/webhook", &other).await.status, 200);
    app.jira.assert_understood();
}

#[tokio::test]
async fn failures_that_may_pass_are_retried_with_the_same_identifier() {
    let app = TestJira::start().await;
    let api = app.api().await;
    api.hook(&app.receiver.url, &["jira:issue_created"], "project = ED").await;
    for status in [503, 429, 200] {
        app.receiver.answers(status, &[], "");
    }
    app.jira.people(&app.site).create(NewIssue::default());
    app.jira.settled().await;
    let arrivals = app.receiver.arrivals();
    let identifier = arrivals[0].header("x-atlassian-webhook-identifier");
    assert!(
        arrivals
            .iter()
            .all(|one| one.header("x-atlassian-webhook-identifier") == identifier && one.body == arrivals[0].body)
    );
    let retries: Vec<&str> = arrivals.iter().map(|one| one.header("x-atlassian-webhook-retry")).collect();
    assert_eq!(retries, ["", "1", "2"]);

    app.receiver.answers(404, &[], "");
    app.jira.people(&app.site).create(NewIssue::default());
    app.jira.settled().await;
    assert_eq!(app.receiver.arrivals().len(), 4, "what does not pass is not tried again");
    for _ in 0..6 {
        app.receiver.answers(500, &[], "");
    }
    app.jira.people(&app.site).create(NewIssue::default());
    app.jira.settled().await;
    assert_eq!(app.receiver.arrivals().len(), 10, "five retries at most");
}

#[tokio::test]
async fn the_webhook_of_an_administrator_is_signed_over_its_body() {
    let app = TestJira::start().await;
    let secret = "a secret of the administrator";
    let webhook = AdminWebhook {
        url: app.receiver.url.clone(),
        secret: secret.to_owned(),
        events: vec!["jira:issue_created".to_owned()],
    };
    app.jira.add_admin_webhook(&app.site, webhook);
    app.jira.people(&app.site).create(NewIssue::default());
    app.jira.settled().await;
    let arrival = app.receiver.arrivals().remove(0);
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(arrival.body.as_bytes());
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(arrival.header("x-hub-signature"), format!("sha256={hex}"));
    assert_eq!(arrival.header("authorization"), "");
    assert!(arrival.json().get("matchedWebhookIds").is_none());
}

#[tokio::test]
async fn a_request_can_be_sent_late_unsigned_or_wrongly_signed() {
    let app = TestJira::start().await;
    let body = json!({ "webhookEvent": "jira:issue_created" });
    let good = app.jira.raw(&app.receiver.url, &body);
    good.clone().send().await.unwrap();
    good.clone().aged(600).send().await.unwrap();
    good.clone().signed_with("another").send().await.unwrap();
    good.clone().unsigned().send().await.unwrap();
    good.clone().signed_over_body("x").retry(3).send().await.unwrap();
    let arrivals = app.receiver.arrivals();
    let secret = app.jira.app().client_secret;
    assert_eq!(claims(&arrivals[0], &secret).unwrap()["iat"], 1_795_356_131);
    assert_eq!(claims(&arrivals[1], &secret).unwrap()["exp"], 1_795_355_711);
    assert!(claims(&arrivals[2], &secret).is_none() && claims(&arrivals[2], "another").is_some());
    assert_eq!((arrivals[3].header("authorization"), arrivals[4].header("x-atlassian-webhook-retry")), ("", "3"));
    assert!(arrivals[4].header("x-hub-signature").starts_with("sha256="));
}
