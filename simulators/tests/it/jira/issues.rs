//! Issues: made, read, changed, deleted; comments, links, properties.

use serde_json::json;
use simulators::jira::NewIssue;

use crate::support::{TestJira, doc};

#[tokio::test]
async fn an_issue_is_made_read_and_changed() {
    let app = TestJira::start().await;
    let api = app.api().await;
    let fields = json!({ "project": { "key": "ED" }, "issuetype": { "name": "Bug" }, "summary": "Payment fails",
        "description": doc("see <here>"), "labels": ["from-hub"], "customfield_10020": { "value": "Critical" },
        "customfield_10033": [{ "id": "10110" }, { "value": "Mobile" }] });
    let made =
        api.post("/issue", &json!({ "fields": fields, "properties": [{ "key": "hub", "value": { "id": 7 } }] })).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let made = made.json();
    assert_eq!((made["key"].as_str(), made["id"].as_str()), (Some("ED-1"), Some("10000")));
    let site = &app.jira.sites()[0];
    assert_eq!(made["self"], format!("{}/rest/api/3/issue/10000", site.url), "links point at the site");

    let read = api.read("/issue/ED-1?properties=hub").await;
    let fields = &read["fields"];
    assert_eq!((&fields["summary"], &fields["description"]), (&json!("Payment fails"), &doc("see <here>")));
    assert_eq!(fields["customfield_10020"]["id"], "10100");
    assert_eq!(fields["customfield_10033"][1]["value"], "Mobile");
    assert_eq!(
        (&fields["priority"]["name"], &fields["status"]["statusCategory"]["key"]),
        (&json!("Medium"), &json!("new"))
    );
    assert_eq!((&fields["assignee"], &fields["reporter"]["displayName"]), (&json!(null), &json!("Mia Krystof")));
    assert_eq!(read["properties"]["hub"]["id"], 7);
    let few = api.read("/issue/10000?fields=summary,status").await;
    assert_eq!(few["fields"].as_object().unwrap().len(), 2);

    let ada = app.jira.everybody()[1].account_id.clone();
    let change = json!({ "fields": { "summary": "Payments fail", "assignee": { "accountId": ada }, "customfield_10030": "Ada & Co" },
        "update": { "labels": [{ "add": "urgent" }, { "remove": "from-hub" }], "comment": [{ "add": { "body": doc("moved") } }] } });
    let changed = api.send("PUT", "/issue/ED-1", &change).await;
    assert_eq!((changed.status, changed.body.as_str()), (204, ""));
    let read = api.read("/issue/ED-1?fields=*all").await["fields"].clone();
    assert_eq!((&read["labels"], &read["assignee"]["accountId"]), (&json!(["urgent"]), &json!(ada)));
    assert_eq!(read["comment"]["comments"][0]["body"], doc("moved"));
    let normal = json!({ "fields": { "labels": ["a", "b", "a"], "customfield_10034": "2026-12-01T09:00:00.000+0000",
        "customfield_10033": [{ "id": "10110" }, { "value": "Billing" }] } });
    assert_eq!(api.send("PUT", "/issue/ED-1", &normal).await.status, 204);
    let read = api.read("/issue/ED-1").await["fields"].clone();
    assert_eq!((&read["labels"], read["customfield_10033"].as_array().unwrap().len()), (&json!(["a", "b"]), 1));
    assert_eq!(read["customfield_10034"], "2026-12-01T10:00:00.000+0100");
    let back = json!({ "fields": { "assignee": null, "labels": [] } });
    let changed = api.send("PUT", "/issue/ED-1?returnIssue=true", &back).await;
    assert_eq!((changed.status, &changed.json()["fields"]["assignee"]), (200, &json!(null)));
    let gone = api.send("DELETE", "/issue/ED-1", &json!(null)).await;
    assert_eq!(gone.status, 204);
    assert_eq!(api.get("/issue/ED-1").await.status, 404);
    app.jira.assert_understood();
}

#[tokio::test]
async fn what_the_create_screen_requires_is_required_and_named() {
    let app = TestJira::start().await;
    let api = app.api().await;
    let refused = async |fields: serde_json::Value| {
        let reply = api.post("/issue", &json!({ "fields": fields })).await;
        assert_eq!(reply.status, 400, "{}", reply.body);
        reply.json()["errors"].clone()
    };
    let (project, bug) = (json!({ "key": "ED" }), json!({ "id": "10004" }));
    for (fields, field, words) in [
        (json!({ "issuetype": bug, "summary": "x" }), "project", "valid project"),
        (json!({ "project": { "key": "NONE" }, "issuetype": bug, "summary": "x" }), "project", "valid project"),
        (json!({ "project": project, "summary": "x" }), "issuetype", "issue type"),
        (
            json!({ "project": project, "issuetype": { "name": "Epic" }, "summary": "x" }),
            "issuetype",
            "valid issue type",
        ),
        (json!({ "project": project, "issuetype": bug, "summary": " " }), "summary", "specify a summary"),
        (json!({ "project": project, "issuetype": bug, "summary": "x" }), "customfield_10020", "Severity is required."),
        (
            json!({ "project": project, "issuetype": { "id": "10003" }, "summary": "x" }),
            "parent",
            "Parent is required.",
        ),
        (
            json!({ "project": project, "issuetype": { "id": "10001" }, "summary": "x", "customfield_10020": { "id": "10100" } }),
            "customfield_10020",
            "not on the appropriate screen, or unknown",
        ),
        (
            json!({ "project": project, "issuetype": { "id": "10001" }, "summary": "x", "status": {} }),
            "status",
            "cannot be set",
        ),
        (
            json!({ "project": project, "issuetype": bug, "summary": "x", "customfield_10020": { "value": "Huge" } }),
            "customfield_10020",
            "Option 'Huge' is not valid",
        ),
        (
            json!({ "project": project, "issuetype": { "id": "10001" }, "summary": "x", "assignee": { "id": "nobody" } }),
            "assignee",
            "does not exist",
        ),
    ] {
        let errors = refused(fields).await;
        assert!(errors[field].as_str().unwrap_or_default().contains(words), "{field}: {errors}");
    }
    assert!(app.jira.issues(&app.site).is_empty());
    app.jira.assert_understood();
}

#[tokio::test]
async fn a_required_field_cannot_be_emptied_and_the_status_not_be_set() {
    let app = TestJira::start().await;
    let api = app.api().await;
    let key = api.task("One").await;
    let edit = async |fields: serde_json::Value| {
        let reply = api.send("PUT", &format!("/issue/{key}"), &json!({ "fields": fields })).await;
        (reply.status, reply.json()["errors"].clone())
    };
    assert_eq!(
        edit(json!({ "summary": null })).await,
        (400, json!({ "summary": "You must specify a summary of the issue." }))
    );
    assert!(edit(json!({ "status": { "id": "3" } })).await.1["status"].as_str().unwrap().contains("cannot be set"));
    assert!(edit(json!({ "project": { "key": "OPS" } })).await.1["project"].is_string());
    assert!(edit(json!({ "issuetype": { "id": "10004" } })).await.1["issuetype"].is_string());
    app.jira.assert_understood();
}

#[tokio::test]
async fn an_issue_that_may_not_be_seen_is_not_there() {
    let app = TestJira::start().await;
    let api = app.api().await;
    let key = api.task("One").await;
    app.jira.hide_project(&app.site, "ED", true);
    for path in [format!("/issue/{key}"), format!("/issue/{key}/transitions"), "/issue/ED-9".to_owned()] {
        let reply = api.get(&path).await;
        let words = "Issue does not exist or you do not have permission to see it.";
        assert_eq!((reply.status, reply.json()), (404, json!({ "errorMessages": [words], "errors": {} })), "{path}");
    }
    assert_eq!(api.get("/project/ED").await.status, 404);
    app.jira.hide_project(&app.site, "ED", false);
    assert_eq!(api.get(&format!("/issue/{key}")).await.status, 200);
    app.jira.assert_understood();
}

#[tokio::test]
async fn comments_are_written_and_read_in_pages() {
    let app = TestJira::start().await;
    let api = app.api().await;
    let key = api.task("One").await;
    let path = format!("/issue/{key}/comment");
    let first = api.post(&path, &json!({ "body": doc("first") })).await;
    assert_eq!((first.status, &first.json()["body"]), (201, &doc("first")));
    app.jira.people(&app.site).comment(&key, "second\n\nwith lines");
    api.post(&path, &json!({ "body": doc("third") })).await;
    let page = api.read(&format!("{path}?startAt=1&maxResults=1")).await;
    assert_eq!((page["total"].as_u64(), page["comments"].as_array().unwrap().len()), (Some(3), 1));
    assert_eq!(page["comments"][0]["body"]["content"].as_array().unwrap().len(), 3);
    assert_eq!(api.read(&format!("{path}?orderBy=-created")).await["comments"][0]["body"], doc("third"));
    let id = first.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(api.read(&format!("{path}/{id}")).await["author"]["displayName"], "Mia Krystof");
    assert_eq!(api.get(&format!("{path}/1")).await.status, 404);
    app.jira.assert_understood();
}

#[tokio::test]
async fn the_same_global_id_again_takes_the_place_of_the_link() {
    let app = TestJira::start().await;
    let api = app.api().await;
    let key = api.task("One").await;
    let path = format!("/issue/{key}/remotelink");
    let link = |title: &str| {
        json!({ "globalId": "hub=evt_1&id=2", "object": { "url": "https://hub.example/e/1", "title": title,
            "status": { "resolved": true } } })
    };
    let made = api.post(&path, &link("One")).await;
    let again = api.post(&path, &link("Two")).await;
    assert_eq!((made.status, again.status, made.json()["id"].clone()), (201, 200, again.json()["id"].clone()));
    let links = app.jira.issue(&app.site, &key).unwrap().links;
    assert_eq!((links.len(), &links[0].value["object"]["title"]), (1, &json!("Two")));
    let one = api.read(&format!("{path}?globalId=hub%3Devt_1%26id%3D2")).await;
    assert_eq!(one["object"]["title"], "Two");
    assert_eq!(api.read(&path).await.as_array().unwrap().len(), 1);
    let gone = api.send("DELETE", &format!("{path}?globalId=hub%3Devt_1%26id%3D2"), &json!(null)).await;
    assert_eq!(gone.status, 204);
    assert_eq!(api.get(&format!("{path}?globalId=hub%3Devt_1%26id%3D2")).await.status, 404);
    app.jira.assert_understood();
}

#[tokio::test]
async fn properties_hold_any_json() {
    let app = TestJira::start().await;
    let api = app.api().await;
    let key = app.jira.people(&app.site).create(NewIssue::default());
    let path = format!("/issue/{key}/properties/hub.event");
    assert_eq!(api.get(&path).await.status, 404);
    assert_eq!(api.send("PUT", &path, &json!({ "id": "evt_1" })).await.status, 201);
    assert_eq!(api.send("PUT", &path, &json!([1, "two"])).await.status, 200);
    assert_eq!(api.read(&path).await, json!({ "key": "hub.event", "value": [1, "two"] }));
    assert_eq!(api.send("DELETE", &path, &json!(null)).await.status, 204);
    assert_eq!(api.get(&path).await.status, 404);
    app.jira.assert_understood();
}
