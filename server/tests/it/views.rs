//! Views of the delivery log: kept over REST, and by the plain forms of the log's page.

use serde_json::{Value, json};

use crate::browsers::function;
use crate::support::{Answer, Ask, Cast, Role, TestServer, both};

const PATH: &str = "/api/v1/saved-views";

/// A form of the log's page, as a browser without scripts sends it.
async fn plain(server: &TestServer, cast: &Cast, name: &str, from: &str, form: &[(&str, &str)]) -> Answer {
    let ask = Ask::post(&function(server, name)).header("accept", "text/html,*/*");
    let ask = ask.header("referer", &format!("http://127.0.0.1:3000{from}")).form(form);
    server.ask(cast.with_cookie(Role::Admin, ask)).await
}

/// A page of the log as an admin sees it.
async fn page(server: &TestServer, cast: &Cast, role: Role, path: &str) -> String {
    let answer = server.ask(cast.with_cookie(role, Ask::get(path))).await;
    assert_eq!(answer.status, 200, "{path}");
    answer.text
}

/// The start tag of the link to a view.
fn link<'a>(page: &'a str, name: &str) -> &'a str {
    let links = page.split("<a ").skip(1).filter_map(|rest| rest.split('>').next());
    links.into_iter().find(|link| link.contains(&format!("title=\"{name}\""))).expect("a link to the view")
}

both!(a_view_is_kept_listed_renamed_and_deleted, |server| {
    let cast = Cast::assemble(&server).await;
    let key = cast.key(Role::Admin);
    let new = json!({"name": "Failed today", "query": "?since=24h&status=failed&cursor="});
    let made = server.ask(Ask::post(PATH).key(key).json(&new)).await.expect(201);
    assert_eq!(made["query"], "status=failed&since=24h");
    assert!(made["id"].as_str().is_some_and(|id| id.starts_with("view_")), "{made}");
    assert!(made["created_by"].as_str().is_some_and(|id| id.starts_with("key_")), "{made}");
    server
        .ask(Ask::post(PATH).key(key).json(&json!({"name": "Billing", "query": "endpoint=Billing"})))
        .await
        .expect(201);

    let listed =
        server.ask(Ask::get(&format!("{PATH}?fields=name,query")).key(cast.key(Role::Member))).await.expect(200);
    let expected = json!([
        {"name": "Billing", "query": "endpoint=Billing"}, {"name": "Failed today", "query": "status=failed&since=24h"}
    ]);
    assert_eq!(listed["data"], expected);
    let first = server.ask(Ask::get(&format!("{PATH}?limit=1&sort=name:desc")).key(key)).await.expect(200);
    assert_eq!((&first["data"][0], first["next_cursor"].is_string()), (&made, true));

    let at = format!("{PATH}/{}", made["id"].as_str().expect("an id"));
    let renamed = server.ask(Ask::new("PATCH", &at).key(key).json(&json!({"name": "Late"}))).await.expect(200);
    assert_eq!((&renamed["name"], &renamed["id"]), (&json!("Late"), &made["id"]));
    server.ask(Ask::new("DELETE", &at).key(key)).await.expect(204);
    assert_eq!(server.ask(Ask::new("DELETE", &at).key(key)).await.code(404), "view_not_found");
    let log = server.ask(Ask::get("/api/v1/audit-entries?limit=200").key(key)).await.expect(200);
    let actions: Vec<_> =
        log["data"].as_array().expect("rows").iter().filter_map(|row| row["action"].as_str()).collect();
    assert_eq!(actions[..3], ["view.deleted", "view.renamed", "view.created"], "{log}");
});

both!(a_refused_view_names_the_field, |server| {
    let cast = Cast::assemble(&server).await;
    let key = cast.key(Role::Admin);
    let ask = |body: &Value| Ask::post(PATH).key(key).json(body);
    server.ask(ask(&json!({"name": "Failed", "query": "status=failed"}))).await.expect(201);
    for (body, status, code, field) in [
        (json!({"name": "FAILED", "query": "code=5xx"}), 409, "view_name_taken", "name"),
        (json!({"name": "", "query": "code=5xx"}), 422, "invalid", "name"),
        (json!({"name": "x".repeat(61), "query": "code=5xx"}), 422, "invalid", "name"),
        (json!({"name": "Red", "query": "colour=red"}), 422, "invalid", "query.colour"),
        (json!({"name": "Done", "query": "status=done"}), 422, "invalid", "query.status"),
        (json!({"name": "Long ago", "query": "q=since:yesterday"}), 422, "invalid", "query.since"),
        (json!({"name": "All", "query": ""}), 422, "invalid", "query"),
        (json!({"name": "Red"}), 422, "invalid", "query"),
        (json!({"name": "Red", "query": "code=5xx", "colour": "red"}), 422, "invalid", "colour"),
    ] {
        let refused = server.ask(ask(&body)).await.expect(status);
        let error = &refused["error"];
        assert_eq!((&error["code"], &error["details"][0]["field"]), (&json!(code), &json!(field)), "{body}: {refused}");
    }
});

both!(a_view_is_saved_renamed_and_deleted_without_scripts, |server| {
    let cast = Cast::assemble(&server).await;
    let log = "/deliveries?status=failed&since=24h";
    let plain = async |name: &str, from: &str, form: &[(&str, &str)]| plain(&server, &cast, name, from, form).await;
    let before = page(&server, &cast, Role::Admin, log).await;
    assert!(before.contains(&format!("action=\"{}\"", function(&server, "save_view"))), "{before}");

    let filters = "status=failed&since=24h&limit=20";
    let saved = plain("save_view", log, &[("name", "Late"), ("query", filters)]).await;
    assert!(saved.status.is_redirection(), "{} {}", saved.status, saved.text);
    assert_eq!(saved.header("location"), log);
    let shown = page(&server, &cast, Role::Admin, log).await;
    assert!(link(&shown, "Late").contains("aria-current=\"true\""), "{}", link(&shown, "Late"));
    assert!(!shown.contains("save_view\""), "it is saved already");
    let elsewhere = page(&server, &cast, Role::Admin, "/deliveries?status=failed").await;
    assert!(!link(&elsewhere, "Late").contains("aria-current") && !elsewhere.contains("rename_view\""));
    let member = page(&server, &cast, Role::Member, log).await;
    assert!(link(&member, "Late").contains("aria-current") && !member.contains("_view\""), "a member only looks");

    let id = server.ask(Ask::get(PATH).key(cast.key(Role::Admin))).await.expect(200)["data"][0]["id"].clone();
    let id = id.as_str().expect("an id");
    let renamed = plain("rename_view", log, &[("id", id), ("name", "Too late")]).await;
    assert_eq!(renamed.header("location"), log);
    assert!(link(&page(&server, &cast, Role::Admin, log).await, "Too late").contains("aria-current"));
    let deleted = plain("delete_view", log, &[("id", id)]).await;
    assert!(
        deleted.status.is_redirection() && deleted.header("location").ends_with(log),
        "{}",
        deleted.header("location")
    );
    assert!(!page(&server, &cast, Role::Admin, log).await.contains("Too late"));
});

both!(a_form_that_is_refused_comes_back_to_the_log_and_says_why, |server| {
    let cast = Cast::assemble(&server).await;
    let log = "/deliveries?code=5xx";
    for _ in 0..2 {
        plain(&server, &cast, "save_view", log, &[("name", "Late"), ("query", "code=5xx")]).await;
    }
    let refused = plain(&server, &cast, "save_view", log, &[("name", "late"), ("query", "code=5xx")]).await;
    let back = refused.header("location").trim_start_matches("http://127.0.0.1:3000").to_owned();
    assert!(refused.status.is_redirection() && back.starts_with(log), "{} {back}", refused.status);
    let told = page(&server, &cast, Role::Admin, &back).await;
    assert!(told.contains("There is a view called") && told.contains("role=\"alert\""), "{told}");
    assert!(link(&told, "Late").contains("aria-current=\"true\""), "the filters are still those");
    assert!(!page(&server, &cast, Role::Admin, log).await.contains("There is a view called"));
});
