//! `/search/jql`.

use std::time::Duration;

use serde_json::{Value, json};
use simulators::jira::NewIssue;

use crate::support::{Api, TestJira};

fn keys(page: &Value) -> Vec<&str> {
    page["issues"].as_array().unwrap().iter().map(|issue| issue["key"].as_str().unwrap()).collect()
}

async fn found(api: &Api, jql: &str) -> Vec<String> {
    let page = api.post("/search/jql", &json!({ "jql": jql, "fields": ["summary"] })).await;
    assert_eq!(page.status, 200, "{jql}: {}", page.body);
    keys(&page.json()).into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn queries_find_what_they_say() {
    let app = TestJira::start().await;
    let people = app.jira.people(&app.site);
    let ada = app.jira.everybody()[1].account_id.clone();
    let new = |project: &str, kind: &str, summary: &str| NewIssue {
        project: project.to_owned(),
        issue_type: kind.to_owned(),
        summary: summary.to_owned(),
        description: "a long text".to_owned(),
    };
    people.create(new("ED", "Task", "First \"one\""));
    people.create(new("ED", "Bug", "Second"));
    app.jira.clock().advance(Duration::from_secs(7200));
    people.create(new("OPS", "Task", "Third"));
    people.edit("ED-2", &json!({ "assignee": { "accountId": ada }, "labels": ["urgent"], "priority": { "id": "1" } }));
    people.transition("OPS-1", "In Progress");
    // Only now: a token of two hours ago would have expired.
    let api = app.api().await;
    for (jql, wanted) in [
        ("project = ED", vec!["ED-2", "ED-1"]),
        ("project in (ED, OPS) ORDER BY created ASC, key DESC", vec!["ED-2", "ED-1", "OPS-1"]),
        ("project = ED AND issuetype = Bug", vec!["ED-2"]),
        ("issuetype != Bug and project = ed", vec!["ED-1"]),
        ("status = \"In Progress\"", vec!["OPS-1"]),
        ("statusCategory = new", vec!["ED-2", "ED-1"]),
        ("status not in (\"To Do\", Done)", vec!["OPS-1"]),
        ("assignee is EMPTY AND project = ED", vec!["ED-1"]),
        ("assignee != currentUser() AND project = ED", vec!["ED-2"]),
        ("reporter = currentUser() and labels = urgent", vec!["ED-2"]),
        ("summary ~ \"first \\\"one\\\"\"", vec!["ED-1"]),
        ("text ~ long and not (project = ED)", vec!["OPS-1"]),
        ("key in (ED-1, OPS-1) or priority = Highest", vec!["OPS-1", "ED-2", "ED-1"]),
        ("created >= -1h", vec!["OPS-1"]),
        ("project = ED ORDER BY priority ASC", vec!["ED-2", "ED-1"]),
    ] {
        assert_eq!(found(&api, jql).await, wanted, "{jql}");
    }
    app.jira.hide_project(&app.site, "OPS", true);
    assert_eq!(found(&api, "created >= -30d").await, ["ED-2", "ED-1"]);
    app.jira.assert_understood();
}

#[tokio::test]
async fn pages_have_a_token_and_no_total_and_nothing_comes_twice() {
    let app = TestJira::start().await;
    let api = app.api().await;
    for number in 0..7 {
        app.jira.people(&app.site).create(NewIssue { summary: format!("Number {number}"), ..NewIssue::default() });
    }
    let mut seen: Vec<String> = Vec::new();
    let mut token = String::new();
    for size in [3, 3, 1] {
        let page = api.read(&format!("/search/jql?jql=project%3DED&maxResults=3&fields=summary,key{token}")).await;
        assert_eq!(keys(&page).len(), size);
        assert!(page.get("total").is_none() && page.get("startAt").is_none());
        seen.extend(keys(&page).into_iter().map(str::to_owned));
        assert_eq!(page["isLast"] == true, size == 1);
        token = page["nextPageToken"].as_str().map(|next| format!("&nextPageToken={next}")).unwrap_or_default();
    }
    assert_eq!(token, "");
    assert_eq!(seen.iter().collect::<std::collections::BTreeSet<_>>().len(), 7);
    let first = api.post("/search/jql", &json!({ "jql": "project = ED", "maxResults": 2 })).await.json();
    assert_eq!(first["issues"][0], json!({ "id": "10006" }), "only the id, unless fields are named");
    let other = json!({ "jql": "project = OPS", "nextPageToken": first["nextPageToken"] });
    assert_eq!(api.post("/search/jql", &other).await.status, 400, "a token is good for its query alone");
    app.jira.assert_understood();
}

#[tokio::test]
async fn a_query_that_is_unbounded_or_cannot_be_read_is_refused_with_a_sentence() {
    let app = TestJira::start().await;
    let api = app.api().await;
    for (jql, words) in [
        ("", "Unbounded JQL"),
        ("ORDER BY created", "Unbounded JQL"),
        ("project = ", "Expecting a value"),
        ("project ED", "Expecting operator"),
        ("(project = ED", "Expecting ')'"),
        ("project = \"ED", "has not been completed"),
        ("colour = red", "Field 'colour' does not exist"),
        ("project = NONE", "The value 'NONE' does not exist for the field 'project'."),
        ("status = Waiting", "The value 'Waiting' does not exist"),
        ("assignee = membersOf()", "Unable to find JQL function"),
    ] {
        let reply = api.post("/search/jql", &json!({ "jql": jql })).await;
        let sentence = reply.json()["errorMessages"][0].as_str().unwrap_or_default().to_owned();
        assert!(reply.status == 400 && sentence.contains(words), "{jql}: {}", reply.body);
    }
    app.jira.assert_understood();
}
