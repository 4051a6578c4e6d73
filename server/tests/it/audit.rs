//! The audit log through its doors: filters, and the export for programs and for people.

use domain::audit::verify::verify;
use serde_json::json;

use crate::support::{Ask, Cast, Role, TestServer, both};

/// Makes an endpoint whose name is a formula, as an admin's program does.
async fn endpoint(server: &TestServer, cast: &Cast) -> String {
    let new = json!({"name": "=1+1, \"x\"", "url": "http://127.0.0.1:4999/x", "event_types": ["*"]});
    let made = server.ask(Ask::post("/api/v1/endpoints").key(cast.key(Role::Admin)).json(&new)).await.expect(201);
    made["id"].as_str().expect("an id").to_owned()
}

both!(entries_are_filtered_by_both_doors, |server| {
    let cast = Cast::assemble(&server).await;
    let (id, key) = (endpoint(&server, &cast).await, cast.key(Role::Owner));
    let found = server.ask(Ask::get(&format!("/api/v1/audit-entries?target={id}&since=1h")).key(key)).await.expect(200);
    let rows = found["data"].as_array().expect("rows");
    assert_eq!(
        (rows.len(), &rows[0]["action"], &rows[0]["acted_as"]),
        (1, &json!("endpoint.created"), &json!("admin"))
    );
    assert_eq!(rows[0]["hash"].as_str().map(str::len), Some(64));
    for (query, field) in [("acted_as=king", "acted_as"), ("since=soon", "since"), ("colour=red", "colour")] {
        let refused = server.ask(Ask::get(&format!("/api/v1/audit-entries?{query}")).key(key)).await.expect(422);
        assert_eq!(refused["error"]["details"][0]["field"], field, "{refused}");
    }
    let looked = server.ask(cast.with_key(Role::Operator, Ask::get("/api/v1/audit-entries?limit=1"))).await.expect(200);
    assert_eq!(
        (&looked["data"][0]["action"], &looked["data"][0]["acted_as"]),
        (&json!("audit.listed"), &json!("operator"))
    );

    let page = |path: &str| cast.with_cookie(Role::Owner, Ask::get(path).header("accept", "text/html"));
    let shown = server.ask(page(&format!("/settings/audit?action=endpoint.*&target={id}"))).await.text;
    assert!(shown.contains("endpoint.created") && !shown.contains("member.joined"), "{shown}");
    assert!(shown.contains("value=\"endpoint.*\""), "the form holds what is asked for");
    let link = shown.split("href=\"").find(|rest| rest.starts_with("/settings/audit/export?")).expect("a link");
    let link = link.split('"').next().expect("an address").replace("&amp;", "&");
    let file = server.ask(page(&link)).await;
    assert_eq!(
        (file.status.as_u16(), file.text.lines().count()),
        (200, 2),
        "the head and the one entry: {}",
        file.text
    );
    let empty = server.ask(page("/settings/audit?actor=nobody%40nowhere.test")).await.text;
    assert!(empty.contains("No entry matches"), "{empty}");
    let newest = server.ask(page("/settings/audit")).await.text;
    assert!(newest.contains("has the hash") && newest.contains("member.joined"), "{newest}");
});

both!(the_export_is_a_file_that_verifies_and_in_which_nothing_is_a_formula, |server| {
    let cast = Cast::assemble(&server).await;
    endpoint(&server, &cast).await;
    let by_key = Ask::get("/api/v1/audit-entries/export").key(cast.key(Role::Owner));
    let by_page = cast.with_cookie(Role::Owner, Ask::get("/settings/audit/export").header("accept", "text/html"));
    for ask in [by_key, by_page] {
        let file = server.ask(ask).await;
        assert_eq!(file.status, 200);
        assert!(file.header("content-type").starts_with("text/csv; charset=utf-8"));
        let name = format!("attachment; filename=\"patchbay-audit-{}.csv\"", cast.acme);
        assert_eq!((file.header("content-disposition"), file.header("cache-control")), (name.as_str(), "no-store"));
        assert!(file.text.contains("\"'=1+1, \"\"x\"\"\""), "{}", file.text);
        let found = verify(file.text.as_bytes()).expect("it verifies");
        assert_eq!((found.org_id.as_str(), found.first, found.unchained), (cast.acme.as_str(), 1, 0));
        let changed = file.text.replacen("endpoint.created", "endpoint.deleted", 1);
        assert!(verify(changed.as_bytes()).is_err());
    }
    let paged = server.ask(Ask::get("/api/v1/audit-entries/export?limit=5").key(cast.key(Role::Owner))).await;
    assert_eq!(paged.expect(422)["error"]["details"][0]["field"], "limit");
});
