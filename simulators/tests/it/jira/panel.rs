//! The control panel: what a newcomer clicks.

use serde_json::json;
use simulators::jira::NewIssue;

use crate::support::{JIRA_SCOPES, TestJira, doc};

async fn act(app: &TestJira, fields: &[(&str, &str)]) {
    let reply = app.client.form("/_control/act", fields).await;
    assert_eq!(reply.status, 303, "{fields:?}");
    // What is sent for one change may overtake what is sent for another.
    app.jira.settled().await;
}

#[tokio::test]
async fn the_panel_shows_what_is_allowed_and_what_arrived() {
    let app = TestJira::start().await;
    let api = app.api().await;
    let key = api.task("Order <1>").await;
    api.post(&format!("/issue/{key}/comment"), &json!({ "body": doc("see <b>") })).await;
    api.hook(&app.receiver.url, &["jira:issue_created"], "project = ED").await;
    api.get("/myself?wrong=1").await;
    let overview = app.client.get("/_control").await.body;
    for part in
        ["This is not Jira", "Acme", "Mia Krystof", "createIssue", "project = ED", "&quot;wrong&quot; is no parameter"]
    {
        assert!(overview.contains(part), "{part}: {overview}");
    }
    assert!(!overview.contains(api.client.token.as_deref().unwrap()), "tokens are nobody's business");
    let site = app.client.get(&format!("/_control/sites/{}", app.site)).await.body;
    assert!(site.contains("Order &lt;1&gt;") && site.contains("Operations &amp; &lt;infra&gt;"), "{site}");
    let page = app.client.get(&format!("/_control/sites/{}/issues/{key}", app.site)).await.body;
    for part in ["Order &lt;1&gt;", "see &lt;b&gt;", "Start progress → In Progress", "Søren O&#39;Neil &lt;ops&gt;"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    for page in [&overview, &site, &page] {
        assert!(!page.contains("<script"));
    }
    assert_eq!(app.client.get("/_control/sites/none").await.status, 404);
    assert_eq!(app.client.get(&format!("/_control/sites/{}/issues/ED-9", app.site)).await.status, 404);
    assert_eq!(app.client.get("/").await.header("location"), "/_control");
}

#[tokio::test]
async fn what_is_clicked_happens_and_the_app_hears_of_it() {
    let app = TestJira::start().await;
    let api = app.api().await;
    let events =
        ["jira:issue_created", "jira:issue_updated", "comment_created", "comment_deleted", "jira:issue_deleted"];
    api.hook(&app.receiver.url, &events, "project = ED").await;
    let site = ("site", app.site.as_str());
    act(&app, &[("act", "create"), site, ("project", "ED"), ("type", "Task"), ("summary", "Clicked")]).await;
    let key = ("key", "ED-1");
    let ada = app.jira.everybody()[1].account_id.clone();
    act(&app, &[("act", "edit"), site, key, ("summary", "Changed")]).await;
    act(&app, &[("act", "assign"), site, key, ("user", &ada)]).await;
    act(&app, &[("act", "assign"), site, key, ("user", "")]).await;
    act(&app, &[("act", "transition"), site, key, ("status", "In Progress")]).await;
    act(&app, &[("act", "transition"), site, key, ("status", "Done")]).await;
    act(&app, &[("act", "comment"), site, key, ("text", "hello")]).await;
    let issue = app.jira.issue(&app.site, "ED-1").unwrap();
    assert_eq!((issue.summary(), issue.status.as_str(), issue.comments.len()), ("Changed", "3", 1));
    act(&app, &[("act", "delete-comment"), site, key, ("comment", &issue.comments[0].id)]).await;
    act(&app, &[("act", "delete"), site, key, ("back", "//elsewhere")]).await;
    app.jira.settled().await;
    let arrivals = app.receiver.arrivals();
    let names: Vec<String> =
        arrivals.iter().map(|one| one.json()["webhookEvent"].as_str().unwrap().to_owned()).collect();
    let updated = ["jira:issue_updated"; 4];
    assert_eq!(names, [&events[..1], &updated[..], &events[2..]].concat());
    act(&app, &[("act", "hide"), site, ("project", "ED")]).await;
    assert_eq!(api.get("/project/ED").await.status, 404);
    act(&app, &[("act", "show"), site, ("project", "ED")]).await;
    assert_eq!(api.get("/project/ED").await.status, 200);
}

#[tokio::test]
async fn access_is_taken_back_on_the_page() {
    let app = TestJira::start().await;
    let answer = app.connect(JIRA_SCOPES).await;
    let api = app.api_with(answer["access_token"].as_str().unwrap());
    act(&app, &[("act", "expire")]).await;
    assert_eq!(api.get("/myself").await.status, 401);
    let next = app.refresh(answer["refresh_token"].as_str().unwrap()).await.json();
    let api = app.api_with(next["access_token"].as_str().unwrap());
    act(&app, &[("act", "remove-site"), ("site", &app.site)]).await;
    assert_eq!(api.get("/myself").await.status, 404);
    act(&app, &[("act", "remove-app"), ("user", &app.jira.everybody()[0].account_id)]).await;
    assert_eq!(app.refresh(next["refresh_token"].as_str().unwrap()).await.status, 403);
}

#[tokio::test]
async fn settings_and_faults_are_set_on_the_page() {
    let app = TestJira::start().await;
    let urls = "http://127.0.0.1:1/a\r\n\r\nhttp://127.0.0.1:1/b\r\n";
    let fields = [("act", "settings"), ("redirects", urls), ("limits", "1"), ("points", "7"), ("latency", "0")];
    let reply = app.client.form("/_control/act", &[&fields[..], &[("back", "//elsewhere")][..]].concat()).await;
    assert_eq!(reply.header("location"), "/_control", "back leads nowhere else");
    assert_eq!(app.jira.app().redirect_uris, ["http://127.0.0.1:1/a", "http://127.0.0.1:1/b"]);
    let token = app.jira.connect(&[&app.site], &["read:jira-work", "read:jira-user"]);
    let api = app.api_with(&token.value);
    assert_eq!(api.get("/myself").await.header("x-ratelimit-limit"), "7");
    act(&app, &[("act", "fault"), ("method", "getCurrentUser"), ("fault", "limited"), ("value", "9")]).await;
    assert_eq!(api.get("/myself").await.header("retry-after"), "9");
    act(&app, &[("act", "fault"), ("method", "*"), ("fault", "status"), ("value", "500")]).await;
    act(&app, &[("act", "recover")]).await;
    assert_eq!(api.get("/myself").await.status, 200);
}

#[tokio::test]
async fn an_issue_is_found_at_the_address_of_its_site() {
    let app = TestJira::start().await;
    let key = app.jira.people(&app.site).create(NewIssue::default());
    let browse = async |host: &str| {
        let request = http::Request::get(format!("/browse/{key}")).header("host", host);
        app.client.send(request.body(http_body_util::Full::default()).unwrap()).await.unwrap()
    };
    let sites = app.jira.sites();
    let host = |index: usize| sites[index].url.strip_prefix("http://").unwrap().to_owned();
    assert_eq!(browse(&host(0)).await.header("location"), format!("/_control/sites/{}/issues/{key}", app.site));
    assert_eq!(browse(&host(1)).await.status, 404);
}
