//! Projects, issue types and the fields of screens, in pages.

use serde_json::{Value, json};
use simulators::Fault;
use simulators::jira::NewSite;

use crate::support::TestJira;

#[tokio::test]
async fn projects_come_in_pages_and_are_searched() {
    let app = TestJira::with(|options| options.sites = vec![NewSite::new("Acme", 120)]).await;
    let api = app.api().await;
    let mut keys: Vec<String> = Vec::new();
    loop {
        let page = api.read(&format!("/project/search?startAt={}&maxResults=50", keys.len())).await;
        let values = page["values"].as_array().unwrap();
        keys.extend(values.iter().map(|project| project["key"].as_str().unwrap().to_owned()));
        assert_eq!(page["total"], 120);
        if page["isLast"] == true {
            assert!(page.get("nextPage").is_none());
            break;
        }
        assert!(page["nextPage"].as_str().unwrap().contains(&format!("startAt={}", keys.len())));
    }
    assert_eq!(keys.iter().collect::<std::collections::BTreeSet<_>>().len(), 120);
    let found = api.read("/project/search?query=k%C3%B6ln").await;
    assert_eq!((found["total"].as_u64(), &found["values"][0]["key"]), (Some(1), &json!("SUP")));
    app.jira.fail_next("searchProjects", Fault::EmptyPage);
    let empty = api.read("/project/search").await;
    assert!(empty["values"].as_array().unwrap().is_empty() && empty["isLast"] == false);
    app.jira.assert_understood();
}

#[tokio::test]
async fn the_create_screen_differs_by_issue_type() {
    let app = TestJira::start().await;
    let api = app.api().await;
    let types = api.read("/issue/createmeta/ED/issuetypes").await;
    let names: Vec<&str> =
        types["issueTypes"].as_array().unwrap().iter().map(|kind| kind["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Task", "Story", "Bug", "Sub-task"]);
    let fields = async |kind: &str| {
        let mut all: Vec<Value> = Vec::new();
        loop {
            let path = format!("/issue/createmeta/ED/issuetypes/{kind}?startAt={}&maxResults=4", all.len());
            let page = api.read(&path).await;
            all.extend(page["fields"].as_array().unwrap().clone());
            if all.len() as u64 >= page["total"].as_u64().unwrap() {
                return all;
            }
        }
    };
    let find = |list: &[Value], id: &str| list.iter().find(|field| field["fieldId"] == id).cloned();
    let (bug, task) = (fields("10004").await, fields("10001").await);
    let severity = find(&bug, "customfield_10020").unwrap();
    assert_eq!((&severity["required"], &severity["schema"]["type"]), (&json!(true), &json!("option")));
    assert_eq!(severity["allowedValues"].as_array().unwrap().len(), 3);
    assert!(find(&task, "customfield_10020").is_none() && find(&task, "parent").is_none());
    assert!(find(&fields("10003").await, "parent").unwrap()["required"] == true);
    let description = find(&task, "description").unwrap();
    assert_eq!((&description["required"], &description["schema"]["system"]), (&json!(false), &json!("description")));
    assert_eq!(api.get("/issue/createmeta/NONE/issuetypes").await.status, 404);
    assert_eq!(api.get("/issue/createmeta/ED/issuetypes/1").await.status, 400);
    app.jira.assert_understood();
}

#[tokio::test]
async fn everything_that_the_screens_offer_is_taken() {
    let app = TestJira::start().await;
    let api = app.api().await;
    let parent = api.task("Parent").await;
    for kind in ["10001", "10002", "10004", "10003"] {
        let screen = api.read(&format!("/issue/createmeta/ED/issuetypes/{kind}?maxResults=200")).await;
        let mut fields = serde_json::Map::new();
        for field in screen["fields"].as_array().unwrap() {
            let allowed = field["allowedValues"].as_array();
            let schema = &field["schema"];
            let id = field["fieldId"].as_str().unwrap();
            let value = match (schema["type"].as_str().unwrap(), allowed) {
                ("array", Some(list)) => json!([{ "id": list[0]["id"] }]),
                ("array", None) if schema["items"] == "user" => {
                    json!([{ "accountId": app.jira.everybody()[2].account_id }])
                }
                ("option-with-child", Some(list)) => {
                    json!({ "id": list[0]["id"], "child": { "id": list[0]["children"][1]["id"] } })
                }
                ("array", None) => json!(["label"]),
                (_, Some(list)) => json!({ "id": list[0]["id"] }),
                ("user", _) => json!({ "accountId": app.jira.everybody()[2].account_id }),
                ("number", _) => json!(1.5),
                ("date", _) => json!("2026-12-24"),
                ("datetime", _) => json!("2026-12-24T18:30:00.000+0100"),
                ("issuelink", _) => json!({ "key": parent }),
                ("string", _)
                    if id == "description" || schema["custom"].as_str().is_some_and(|it| it.ends_with("textarea")) =>
                {
                    crate::support::doc("text")
                }
                _ => json!("text"),
            };
            fields.insert(id.to_owned(), value);
        }
        let made = api.post("/issue", &json!({ "fields": fields })).await;
        assert_eq!(made.status, 201, "{kind}: {}", made.body);
        let key = made.json()["key"].as_str().unwrap().to_owned();
        let edit = api.read(&format!("/issue/{key}/editmeta")).await;
        let edit = edit["fields"].as_object().unwrap();
        assert!(edit.contains_key("summary") && !edit.contains_key("project"));
        fields.retain(|name, _| edit.contains_key(name));
        let changed = api.send("PUT", &format!("/issue/{key}"), &json!({ "fields": fields })).await;
        assert_eq!(changed.status, 204, "{kind}: {}", changed.body);
    }
    app.jira.assert_understood();
}

#[tokio::test]
async fn statuses_people_and_fields_are_listed() {
    let app = TestJira::start().await;
    let api = app.api().await;
    let statuses = api.read("/project/ED/statuses").await;
    assert_eq!(statuses[0]["statuses"].as_array().unwrap().len(), 4);
    assert_eq!(api.read("/status").await[3]["statusCategory"]["key"], "done");
    let people = api.read("/user/assignable/search?project=ED&query=love").await;
    assert_eq!((people.as_array().unwrap().len(), &people[0]["displayName"]), (1, &json!("Ada Lovelace")));
    assert_eq!(api.get("/user/assignable/search?query=love").await.status, 400);
    let fields = api.read("/field").await;
    assert!(
        fields.as_array().unwrap().iter().any(|field| field["id"] == "customfield_10020" && field["custom"] == true)
    );
    assert_eq!(api.read("/project/ED").await["lead"]["displayName"], "Mia Krystof");
    app.jira.assert_understood();
}
