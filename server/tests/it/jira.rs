//! Jira from the outside: the browser's way there and back, rules over REST, and what Jira posts to the hub.

use domain::worker;
use serde_json::{Value, json};
use simulators::jira::Consent;

use crate::support::{Ask, Cast, Role, TestServer, both};

/// Connects Acme to the simulated Jira as its owner's browser does; answers the page where it ended.
async fn connect(server: &TestServer, cast: &Cast, consent: &Consent) -> String {
    let start = Ask::new("POST", "/oauth/jira/start").header("content-type", "application/x-www-form-urlencoded");
    let sent = server.ask(cast.with_cookie(Role::Owner, start).body(String::new())).await;
    let url = sent.headers["location"].to_str().expect("a URL").to_owned();
    assert!(url.starts_with(server.jira.base_url()), "{url}");
    let back = server.jira.consent(&url, consent).expect("a way back");
    let path = back.strip_prefix("http://127.0.0.1:3000").expect("the hub's own address").to_owned();
    let ended = server.ask(cast.with_cookie(Role::Owner, Ask::get(&path))).await;
    ended.headers["location"].to_str().expect("a page").to_owned()
}

both!(a_rule_over_rest_makes_issues_and_what_jira_posts_becomes_events, |server| {
    let cast = Cast::assemble(&server).await;
    let (hub, key) = (server.hub(), cast.key(Role::Owner));
    let site = server.jira.sites()[0].clone();
    let page = connect(&server, &cast, &Consent::allow(&site.id)).await;
    assert!(page.starts_with("/connections/con_") && page.ends_with("?done=connected"), "{page}");
    let id = page["/connections/".len()..].split('?').next().expect("an id").to_owned();
    worker::look_after(hub).await.expect("looked after");
    let ask = async |ask: Ask| server.ask(ask.key(key)).await.json();
    let found = ask(Ask::get(&format!("/api/v1/connections/{id}/channels?q=Example"))).await;
    let project = found["sections"][0][1][0]["id"].as_str().expect("a project").to_owned();
    let types = ask(Ask::get(&format!("/api/v1/connections/{id}/issue-types?channel_id={project}"))).await;
    let is_task = |kind: &&Value| kind["name"] == "Task";
    let task = types["data"].as_array().expect("types").iter().find(is_task).expect("tasks")["id"].clone();
    let screen = format!(
        "/api/v1/connections/{id}/issue-screen?channel_id={project}&issue_type_id={}",
        task.as_str().expect("an id")
    );
    let screen = ask(Ask::get(&screen)).await;
    assert!(screen["fields"].as_array().is_some_and(|fields| fields[0]["is_required"] == true), "{screen}");
    let rule = json!({ "channel_id": project, "event_types": ["invoice.*"], "issue": {
        "issue_type_id": task, "issue_type_name": "Task", "subject": "data.invoice_id",
        "fields": [{ "field": "summary", "name": "Summary", "kind": "line", "value": "Invoice {{data.number}}" }] } });
    let rule = ask(Ask::post("/api/v1/rules").json(&rule)).await;
    assert_eq!(rule["issue"]["subject"], "data.invoice_id", "{rule}");
    let event = json!({ "event_type": "invoice.failed", "data": { "invoice_id": "inv_1", "number": "7" } });
    ask(Ask::post("/api/v1/events").json(&event)).await;
    worker::drain(hub).await.expect("delivered");
    let issue = server.jira.issues(&site.id).remove(0);
    assert_eq!(issue.fields["summary"], "Invoice 7");
    let listed = ask(Ask::get("/api/v1/linked-issues")).await["data"][0].clone();
    assert_eq!((&listed["key"], &listed["subject"]), (&json!(issue.key), &json!("inv_1")));

    // Somebody moves it; what Jira would post is posted here, since the hub has no address that it could reach.
    let ada = server.jira.everybody()[1].account_id.clone();
    server.jira.as_person(&site.id, &ada).transition(&issue.key, "In Progress");
    let told = json!({
        "timestamp": 1_795_356_131_000_i64, "webhookEvent": "jira:issue_updated", "user": { "accountId": ada },
        "issue": { "id": issue.id, "key": issue.key, "self": format!("{}/rest/api/2/{}", site.url, issue.id), "fields": {} },
        "changelog": { "id": "1", "items": [
            { "field": "status", "fieldId": "status", "from": "1", "fromString": "To Do", "to": "3", "toString": "In Progress" }] },
    });
    let token = |secret: &str| {
        let claims = json!({ "iss": "jira", "exp": hub.now().seconds() + 60 });
        format!("Bearer {}", signature::sign_jwt(&signature::TextKey::new(secret), &claims))
    };
    let post = async |authorization: &str| {
        let ask = Ask::post(&format!("/jira/{id}")).header("authorization", authorization);
        server.ask(ask.header("x-atlassian-webhook-identifier", "w1").json(&told)).await.status
    };
    assert_eq!(post(&token("wrong")).await, 401);
    assert_eq!(post(&token(&server.jira.app().client_secret)).await, 200);
    assert_eq!(post(&token(&server.jira.app().client_secret)).await, 200, "a retry");
    worker::look_after(hub).await.expect("heeded");
    let events = ask(Ask::get("/api/v1/events?event_type=jira.issue.updated")).await;
    assert_eq!(events["data"].as_array().map(Vec::len), Some(1), "{events}");
    let log = ask(Ask::get(&format!("/api/v1/linked-issues/{}", listed["id"].as_str().expect("an id")))).await;
    let newest = &log["entries"][0];
    assert_eq!((&newest["direction"], &newest["action"]), (&json!("from_issue"), &json!("moved")), "{log}");
    assert_eq!(newest["event_id"], events["data"][0]["id"]);
    let shown = server.ask(cast.with_cookie(Role::Owner, Ask::get(&format!("/connections/{id}")))).await;
    for token in server.jira.tokens() {
        assert!(!shown.text.contains(&token.value), "no token is shown");
    }
    server.jira.assert_understood();
});

both!(a_consent_for_several_sites_leads_to_the_choice_and_a_denial_is_explained, |server| {
    let cast = Cast::assemble(&server).await;
    let sites: Vec<String> = server.jira.sites().into_iter().map(|site| site.id).collect();
    let page = connect(&server, &cast, &Consent::Cancel).await;
    assert_eq!(page, "/integrations/jira?ending=denied");
    let page = connect(&server, &cast, &Consent::Allow { sites: sites.clone(), user: None }).await;
    let shown = server.ask(cast.with_cookie(Role::Owner, Ask::get(&page))).await;
    assert!(shown.text.contains("Which site?") && shown.text.contains("Globex"), "{}", shown.text);
    let id = page.strip_prefix("/connections/").expect("a connection");
    let chosen = Ask::new("PUT", &format!("/api/v1/connections/{id}/site")).json(&json!({ "site_id": sites[1] }));
    let chosen = server.ask(chosen.key(cast.key(Role::Owner))).await.json();
    assert_eq!((&chosen["state"], &chosen["name"]), (&json!("healthy"), &json!("Globex")), "{chosen}");
});
