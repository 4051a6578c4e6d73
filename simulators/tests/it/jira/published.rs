//! The simulator itself is held to what is published: the description of the API, and the example payloads.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use simulators::Specs;
use simulators::jira::NewIssue;

use crate::support::{Arrival, TestJira, doc, specs};

const API: &str = "jira/jira-cloud-platform-v3.trimmed.json";

/// Holds an answer to the schema that the description has for it.
fn holds(specs: &Specs, verb: &str, path: &str, status: u16, value: &Value) {
    let path = path.replace('/', "~1");
    let pointer = format!("/paths/{path}/{verb}/responses/{status}/content/application~1json/schema");
    let complaints = specs.part(API, &pointer).unwrap().unwrap().complaints(value);
    assert_eq!(complaints, [""; 0], "{verb} {path}: {value}");
}

#[tokio::test]
async fn answers_are_what_the_published_description_says() {
    let Some(specs) = specs() else { return };
    let app = TestJira::start().await;
    let api = app.api().await;
    let issue = "/rest/api/3/issue/{issueIdOrKey}";
    let fields = json!({ "project": { "key": "ED" }, "issuetype": { "id": "10004" }, "summary": "x",
        "description": doc("y"), "customfield_10020": { "id": "10100" } });
    let made = api.post("/issue", &json!({ "fields": fields })).await;
    holds(&specs, "post", "/rest/api/3/issue", 201, &made.json());
    let refused = api.post("/issue", &json!({ "fields": {} })).await;
    holds(&specs, "post", "/rest/api/3/issue", 400, &refused.json());
    holds(&specs, "get", issue, 200, &api.read("/issue/ED-1?fields=*all").await);
    let comment = api.post("/issue/ED-1/comment", &json!({ "body": doc("z") })).await;
    holds(&specs, "post", &format!("{issue}/comment"), 201, &comment.json());
    holds(&specs, "get", &format!("{issue}/comment"), 200, &api.read("/issue/ED-1/comment").await);
    let ways = api.read("/issue/ED-1/transitions?expand=transitions.fields").await;
    holds(&specs, "get", &format!("{issue}/transitions"), 200, &ways);
    holds(&specs, "get", &format!("{issue}/editmeta"), 200, &api.read("/issue/ED-1/editmeta").await);
    let link = json!({ "globalId": "g", "object": { "url": "https://a.example/", "title": "A" } });
    let linked = api.post("/issue/ED-1/remotelink", &link).await;
    holds(&specs, "post", &format!("{issue}/remotelink"), 201, &linked.json());
    holds(&specs, "get", &format!("{issue}/remotelink"), 200, &api.read("/issue/ED-1/remotelink?globalId=g").await);
    api.send("PUT", "/issue/ED-1/properties/p", &json!({ "a": 1 })).await;
    let property = api.read("/issue/ED-1/properties/p").await;
    holds(&specs, "get", &format!("{issue}/properties/{{propertyKey}}"), 200, &property);
    let createmeta = "/rest/api/3/issue/createmeta/{projectIdOrKey}/issuetypes";
    holds(&specs, "get", createmeta, 200, &api.read("/issue/createmeta/ED/issuetypes").await);
    let screen = api.read("/issue/createmeta/ED/issuetypes/10004").await;
    holds(&specs, "get", &format!("{createmeta}/{{issueTypeId}}"), 200, &screen);
    let found = api.post("/search/jql", &json!({ "jql": "project = ED", "fields": ["*all"] })).await;
    holds(&specs, "post", "/rest/api/3/search/jql", 200, &found.json());
    for (path, template) in [
        ("/project/search?maxResults=1", "/rest/api/3/project/search"),
        ("/project/ED", "/rest/api/3/project/{projectIdOrKey}"),
        ("/project/ED/statuses", "/rest/api/3/project/{projectIdOrKey}/statuses"),
        ("/status", "/rest/api/3/status"),
        ("/field", "/rest/api/3/field"),
        ("/myself", "/rest/api/3/myself"),
        ("/user/assignable/search?project=ED", "/rest/api/3/user/assignable/search"),
    ] {
        holds(&specs, "get", template, 200, &api.read(path).await);
    }
    let hook = json!({ "url": app.receiver.url, "webhooks": [
        { "events": ["jira:issue_created"], "jqlFilter": "project = ED", "fieldIdsFilter": ["summary"] },
        { "events": ["jira:issue_created"], "jqlFilter": "summary ~ x" },
    ] });
    let hooks = "/rest/api/3/webhook";
    holds(&specs, "post", hooks, 200, &api.post("/webhook", &hook).await.json());
    // The description has a number for the date, its example the text that is sent: the example is followed.
    let mut list = api.read("/webhook").await;
    let date = list["values"][0].as_object_mut().unwrap().remove("expirationDate").unwrap();
    holds(&specs, "get", hooks, 200, &list);
    let example = specs.read(API).unwrap().unwrap();
    let example = &example["paths"][hooks]["get"]["responses"]["200"]["content"]["application/json"]["example"];
    let example: Value = serde_json::from_str(example.as_str().unwrap()).unwrap();
    let length = |date: &Value| date.as_str().unwrap().len();
    assert_eq!(length(&date), length(&example["values"][0]["expirationDate"]));
    app.jira.assert_understood();
}

/// The operations' parameters are written by hand; the description has the same, no more and no fewer.
#[tokio::test]
async fn parameters_and_scopes_are_those_of_the_published_description() {
    let Some(specs) = specs() else { return };
    let app = TestJira::start().await;
    let document = specs.read(API).unwrap().unwrap();
    let all =
        app.jira.connect(&[&app.site], &["read:jira-work", "write:jira-work", "read:jira-user", "manage:jira-webhook"]);
    let none = app.jira.connect(&[&app.site], &[]);
    let mut served = 0;
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (verb, operation) in operations.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let query = parameters.iter().filter(|parameter| parameter["in"] == "query");
            let query: Vec<String> = query.map(|one| format!("{}=1", one["name"].as_str().unwrap())).collect();
            let here = path.replace("/rest/api/3", "").replace(['{', '}'], "");
            let ask = async |token: &str, query: &str| {
                api_call(&app, token, &verb.to_uppercase(), &format!("{here}?{query}")).await
            };
            ask(&all.value, &query.join("&")).await;
            let found = app.jira.take_violations();
            if found.iter().any(|one| one.what.contains("there is no operation")) {
                continue;
            }
            served += 1;
            let unknown: Vec<_> = found.iter().filter(|one| one.what.contains("is no parameter")).collect();
            assert!(unknown.is_empty(), "{unknown:?}");
            ask(&all.value, "nobodyKnows=1").await;
            assert!(app.jira.take_violations().iter().any(|one| one.what.contains("nobodyKnows")));
            let current = operation["x-atlassian-oauth2-scopes"].as_array().into_iter().flatten();
            let current = current.filter(|one| one["state"] == "Current");
            let needed: Vec<String> = current
                .flat_map(|one| one["scopes"].as_array().unwrap())
                .map(|scope| scope.as_str().unwrap().to_owned())
                .collect();
            let refused = ask(&none.value, "").await;
            assert_eq!(refused, 401, "{verb} {path}");
            let exact: Vec<&str> = needed.iter().map(String::as_str).collect();
            let token = app.jira.connect(&[&app.site], &exact).value;
            assert_ne!(ask(&token, "").await, 401, "{verb} {path}: {needed:?} are enough");
            for missing in 0..exact.len() {
                let mut fewer = exact.clone();
                fewer.remove(missing);
                let token = app.jira.connect(&[&app.site], &fewer).value;
                assert_eq!(ask(&token, "").await, 401, "{verb} {path}: {} is needed", exact[missing]);
            }
            let _ = app.jira.take_violations();
        }
    }
    assert_eq!(served, 31);
}

async fn api_call(app: &TestJira, token: &str, verb: &str, path: &str) -> u16 {
    let api = app.api_with(token);
    match verb {
        "GET" => api.get(path).await.status,
        _ => api.send(verb, path, &json!({})).await.status,
    }
}

/// The examples are what other parts of the project are tested with: same fields, same places, same kinds.
#[tokio::test]
async fn webhooks_have_the_fields_of_the_example_payloads() {
    let Some(specs) = specs() else { return };
    let app = TestJira::start().await;
    let api = app.api().await;
    let events = ["jira:issue_created", "jira:issue_updated", "jira:issue_deleted", "comment_created"];
    api.hook(&app.receiver.url, &events, "project = ED").await;
    let people = app.jira.people(&app.site);
    let me = app.jira.everybody()[0].account_id.clone();
    let key =
        people.create(NewIssue { issue_type: "Bug".to_owned(), description: "x".to_owned(), ..NewIssue::default() });
    let acts: [&dyn Fn(); 4] = [
        &|| people.transition(&key, "In Progress"),
        &|| people.edit(&key, &json!({ "assignee": { "accountId": me } })),
        &|| drop(people.comment(&key, "Looking at it")),
        &|| people.delete(&key),
    ];
    for act in acts {
        app.jira.settled().await;
        act();
    }
    app.jira.settled().await;
    let arrivals = app.receiver.arrivals();
    for (name, index) in [
        ("issue_created", 0),
        ("issue_updated_status_and_assignee", 1),
        ("issue_updated_status_and_assignee", 2),
        ("comment_created", 3),
        ("issue_deleted", 4),
    ] {
        let example = specs.read(&format!("../examples/jira/{name}.json")).unwrap().unwrap();
        let sent: &Arrival = &arrivals[index];
        let body = sent.json();
        let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(names(&body), names(&example["body"]), "{name}");
        covers(&body, &example["body"], name);
        for (header, value) in example["headers"].as_object().unwrap() {
            let given = sent.header(header);
            let (value, is_open) = (
                value.as_str().unwrap(),
                ["Authorization", "X-Atlassian-Webhook-Identifier"].contains(&header.as_str()),
            );
            assert!(if is_open { !given.is_empty() } else { given == value }, "{name}: {header}: {given}");
        }
    }
}

/// Whatever the example has is there, of the same kind. Items of a changelog have the fields of their own field.
fn covers(sent: &Value, example: &Value, at: &str) {
    match (sent, example) {
        (Value::Object(sent), Value::Object(example)) => {
            for (name, value) in example {
                let given = sent.get(name).unwrap_or_else(|| panic!("{at}/{name} is missing"));
                covers(given, value, &format!("{at}/{name}"));
            }
        }
        (Value::Array(sent), Value::Array(example)) if at.ends_with("/items") => {
            for item in sent {
                let like = example.iter().find(|one| one["field"] == item["field"]);
                covers(item, like.unwrap_or_else(|| panic!("{at}: {item}")), &format!("{at}/{}", item["field"]));
            }
        }
        (Value::Array(sent), Value::Array(example)) => {
            sent.iter().zip(example).for_each(|(sent, example)| covers(sent, example, at));
        }
        (Value::Null, _) | (_, Value::Null) => {}
        (sent, example) => {
            assert_eq!(std::mem::discriminant(sent), std::mem::discriminant(example), "{at}: {sent} {example}");
        }
    }
}

/// What is sent by hand is what the example says, to the letter.
#[tokio::test]
async fn an_example_payload_is_sent_as_it_stands() {
    let Some(specs) = specs() else { return };
    let app = TestJira::start().await;
    for name in
        ["issue_created", "issue_updated_status_and_assignee", "comment_created", "issue_created_admin_webhook_signed"]
    {
        let example = specs.read(&format!("../examples/jira/{name}.json")).unwrap().unwrap();
        app.jira.raw(&app.receiver.url, &example["body"]).send().await.unwrap();
        assert_eq!(app.receiver.arrivals().pop().unwrap().json(), example["body"]);
    }
}
