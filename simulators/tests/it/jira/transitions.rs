//! The workflow: where an issue can go depends on where it is and what it is.

use serde_json::{Value, json};

use crate::support::{Api, TestJira};

async fn ways(api: &Api, key: &str) -> Vec<(String, String)> {
    let list = api.read(&format!("/issue/{key}/transitions")).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    list["transitions"].as_array().unwrap().iter().map(|way| (text(&way["id"]), text(&way["to"]["name"]))).collect()
}

async fn go(api: &Api, key: &str, body: Value) -> (u16, String) {
    let reply = api.post(&format!("/issue/{key}/transitions"), &body).await;
    (reply.status, reply.body)
}

#[tokio::test]
async fn transitions_are_those_of_the_state_that_the_issue_is_in() {
    let app = TestJira::start().await;
    let api = app.api().await;
    let key = api.task("One").await;
    let way = |id: &str, to: &str| (id.to_owned(), to.to_owned());
    assert_eq!(ways(&api, &key).await, [way("11", "In Progress")]);
    let (status, body) = go(&api, &key, json!({ "transition": { "id": "31" } })).await;
    assert!(status == 400 && body.contains("Transition id '31' is not valid for this issue."), "{body}");
    assert_eq!(go(&api, &key, json!({ "transition": { "id": "11" } })).await, (204, String::new()));
    assert_eq!(ways(&api, &key).await, [way("21", "In Review"), way("41", "To Do")]);
    assert_eq!(go(&api, &key, json!({ "transition": { "id": "21" } })).await.0, 204);
    assert_eq!(go(&api, &key, json!({ "transition": { "id": "31" } })).await.0, 204);
    let done = api.read(&format!("/issue/{key}")).await["fields"].clone();
    assert_eq!(
        (&done["status"]["statusCategory"]["key"], &done["resolution"]["name"]),
        (&json!("done"), &json!("Done"))
    );
    assert_eq!(go(&api, &key, json!({ "transition": { "id": "51" } })).await.0, 204);
    assert_eq!(api.read(&format!("/issue/{key}")).await["fields"]["resolution"], json!(null));
    app.jira.assert_understood();
}

#[tokio::test]
async fn a_screen_may_ask_for_a_field() {
    let app = TestJira::start().await;
    let api = app.api().await;
    let fields = json!({ "project": { "key": "ED" }, "issuetype": { "id": "10004" }, "summary": "x", "customfield_10020": { "id": "10102" } });
    let key = api.post("/issue", &json!({ "fields": fields })).await.json()["key"].as_str().unwrap().to_owned();
    assert_eq!(go(&api, &key, json!({ "transition": { "id": "111" } })).await.0, 204);
    let list = api.read(&format!("/issue/{key}/transitions?expand=transitions.fields")).await;
    let way = &list["transitions"][0];
    assert_eq!((&way["id"], &way["hasScreen"]), (&json!("121"), &json!(true)));
    assert_eq!(way["fields"]["resolution"]["required"], true);
    let bare = go(&api, &key, json!({ "transition": { "id": "121" } })).await;
    assert!(bare.0 == 400 && bare.1.contains("Resolution is required."), "{bare:?}");
    let body = |field: &str, value: Value| json!({ "transition": { "id": "121" }, "fields": { field: value } });
    let foreign = go(&api, &key, body("summary", json!("y"))).await;
    assert!(foreign.0 == 400 && foreign.1.contains("not on the appropriate screen"), "{foreign:?}");
    assert_eq!(go(&api, &key, body("resolution", json!({ "name": "Duplicate" }))).await.0, 204);
    assert_eq!(api.read(&format!("/issue/{key}")).await["fields"]["resolution"]["name"], "Duplicate");
    app.jira.assert_understood();
}
