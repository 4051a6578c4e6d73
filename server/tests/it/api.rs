//! What all of REST has in common: one error form, limits, pages, fields, idempotency.

use serde_json::{Value, json};

use crate::support::{Ask, Cast, Role, TestServer, both};

const EVENT: &str = r#"{"event_type":"invoice.paid","data":{"id":"inv_1"}}"#;

both!(every_refusal_has_the_one_form, |server| {
    let cast = Cast::assemble(&server).await;
    let key = cast.key(Role::Owner);
    for (ask, status, code) in [
        (Ask::get("/api/v1/endpoints"), 401, "unauthenticated"),
        (Ask::get("/api/v1/endpoints").key("pb_nonsense"), 401, "unauthenticated"),
        (Ask::get("/api/v1/endpoints").header("authorization", "Basic eDp5"), 401, "unauthenticated"),
        (Ask::get("/api/v1/nothing").key(key), 404, "route_not_found"),
        (Ask::get("/api"), 404, "route_not_found"),
        (Ask::new("PUT", "/api/v1/endpoints").key(key), 405, "method_not_allowed"),
        (Ask::get("/api/v1/endpoints/ep_x").key(key), 404, "endpoint_not_found"),
        (Ask::get("/api/v1/deliveries?status=done").key(key), 422, "invalid"),
        (Ask::get("/api/v1/endpoints?limit=201").key(key), 422, "invalid"),
        (Ask::get("/api/v1/endpoints?limit=ten").key(key), 422, "invalid"),
        (Ask::get("/api/v1/endpoints?cursor=x").key(key), 422, "invalid"),
        (Ask::get("/api/v1/endpoints?colour=red").key(key), 422, "invalid"),
        (Ask::post("/api/v1/endpoints").key(key).body("{"), 400, "malformed_json"),
        (Ask::post("/api/v1/endpoints").key(key).body("{}"), 422, "invalid"),
        (Ask::get("/api/v1/orgs").key(key), 403, "forbidden"),
    ] {
        let answer = server.ask(ask).await;
        let body = answer.json();
        assert_eq!((answer.status.as_u16(), body["error"]["code"].as_str()), (status, Some(code)), "{body}");
        let error = body["error"].as_object().expect("an error");
        let names: Vec<_> = error.keys().map(String::as_str).collect();
        assert_eq!(names, ["code", "details", "message", "request_id"]);
        assert_eq!(error["request_id"], answer.header("x-request-id"));
        assert!(error["message"].as_str().is_some_and(|text| text.len() > 10) && error["details"].is_array(), "{body}");
    }
});

both!(malformed_json_is_answered_with_line_and_column, |server| {
    let cast = Cast::assemble(&server).await;
    for path in ["/api/v1/events", "/api/v1/endpoints"] {
        let answer = server.ask(Ask::post(path).key(cast.key(Role::Owner)).body("{\n  oops\n}")).await;
        assert_eq!(answer.code(400), "malformed_json");
        assert!(answer.text.contains("line 2, column 3"), "{path}: {}", answer.text);
    }
});

both!(a_replay_by_a_filter_that_the_log_does_not_have_is_refused_by_its_path, |server| {
    let cast = Cast::assemble(&server).await;
    for path in ["/api/v1/replays", "/api/v1/replays/plan"] {
        let ask = Ask::post(path).key(cast.key(Role::Owner)).body(r#"{"query":{"type":"invoice.paid"}}"#);
        let refused = server.ask(ask).await.expect(422);
        assert_eq!(refused["error"]["details"][0]["field"], "query.type", "{path}: {refused}");
    }
});

both!(a_body_over_256_kib_is_refused, |server| {
    let cast = Cast::assemble(&server).await;
    let fill = |size: usize| format!(r#"{{"event_type":"invoice.paid","data":{{"text":"{}"}}}}"#, "x".repeat(size));
    let frame = fill(0).len();
    for (size, status) in [(256 * 1024 - frame, 202), (256 * 1024 - frame + 1, 413), (1024 * 1024, 413)] {
        let answer = server.ask(Ask::post("/api/v1/events").key(cast.key(Role::Owner)).body(fill(size))).await;
        assert_eq!(answer.status.as_u16(), status, "{size}: {}", answer.text);
    }
});

both!(an_unknown_type_is_answered_with_the_nearest, |server| {
    let cast = Cast::assemble(&server).await;
    let body = r#"{"event_type":"invoice.payed","data":{}}"#;
    let answer = server.ask(Ask::post("/api/v1/events").key(cast.key(Role::Owner)).body(body)).await;
    assert_eq!(answer.code(422), "event_type_unknown");
    assert!(answer.text.contains("invoice.paid"), "{}", answer.text);
});

both!(a_payload_with_a_secret_is_refused_by_its_path, |server| {
    let cast = Cast::assemble(&server).await;
    let body = r#"{"event_type":"invoice.paid","data":{"customer":{"password":"hunter2"}}}"#;
    let answer = server.ask(Ask::post("/api/v1/events").key(cast.key(Role::Owner)).body(body)).await;
    let error = answer.expect(422);
    assert_eq!(error["error"]["details"][0]["field"], "data.customer.password");
    assert!(!answer.text.contains("hunter2"));
});

both!(the_same_idempotency_key_gives_the_same_answer_or_says_what_differs, |server| {
    let cast = Cast::assemble(&server).await;
    let post = |body: &str| {
        Ask::post("/api/v1/events").key(cast.key(Role::Owner)).header("idempotency-key", "order-17").body(body)
    };
    let first = server.ask(post(EVENT)).await.expect(202);
    assert_eq!(server.ask(post(EVENT)).await.expect(202), first);
    let other = server.ask(post(&EVENT.replace("inv_1", "inv_2"))).await;
    assert_eq!(other.status, 409);
    assert!(other.text.contains("data"), "it says what differs: {}", other.text);
    let list =
        server.ask(Ask::get("/api/v1/events?event_type=invoice.paid").key(cast.key(Role::Owner))).await.expect(200);
    assert_eq!(list["data"].as_array().map(Vec::len), Some(1));
});

both!(pages_lead_forwards_and_back, |server| {
    let cast = Cast::assemble(&server).await;
    let key = cast.key(Role::Owner);
    for n in 0..5 {
        server
            .ask(Ask::post("/api/v1/events").key(key).body(EVENT.replace("inv_1", &format!("inv_{n}"))))
            .await
            .expect(202);
    }
    let page = async |query: String| {
        server
            .ask(Ask::get(&format!("/api/v1/events?event_type=invoice.paid&limit=2{query}")).key(key))
            .await
            .expect(200)
    };
    let cursor = |page: &Value, name: &str| format!("&cursor={}", page[name].as_str().expect("a cursor"));
    let first = page(String::new()).await;
    let second = page(cursor(&first, "next_cursor")).await;
    let third = page(cursor(&second, "next_cursor")).await;
    assert_eq!((third["data"].as_array().map(Vec::len), &third["next_cursor"]), (Some(1), &Value::Null));
    assert_eq!(page(cursor(&second, "previous_cursor")).await["data"], first["data"]);
    assert_eq!(first["previous_cursor"], Value::Null);
});

both!(fields_and_sort_shape_an_answer_or_are_refused_by_name, |server| {
    let cast = Cast::assemble(&server).await;
    let key = cast.key(Role::Owner);
    let made = server.ask(Ask::post("/api/v1/events").key(key).body(EVENT)).await.expect(202);
    let list = server
        .ask(Ask::get("/api/v1/events?event_type=invoice.paid&fields=id,event_type&sort=created_at:desc").key(key))
        .await
        .expect(200);
    assert_eq!(list["data"], json!([{"id": made["id"], "event_type": "invoice.paid"}]));
    let one = server
        .ask(Ask::get(&format!("/api/v1/events/{}?fields=data", made["id"].as_str().expect("an id"))).key(key))
        .await
        .expect(200);
    assert_eq!(one, json!({"data": {"id": "inv_1"}}));
    for (query, name) in [("fields=id,colour", "fields"), ("sort=created_at:asc", "sort"), ("sort=name", "sort")] {
        let refused = server.ask(Ask::get(&format!("/api/v1/events?{query}")).key(key)).await.expect(422);
        assert_eq!(refused["error"]["details"][0]["field"], name, "{query}");
    }
    let types =
        server.ask(Ask::get("/api/v1/event-types?sort=name:desc&fields=name&limit=2").key(key)).await.expect(200);
    assert_eq!(types["data"], json!([{"name": "user.removed"}, {"name": "user.joined"}]));
    let rest = server.ask(
        Ask::get(&format!(
            "/api/v1/event-types?sort=name:desc&fields=name&limit=1&cursor={}",
            types["next_cursor"].as_str().expect("a cursor")
        ))
        .key(key),
    );
    assert_eq!(rest.await.expect(200)["data"], json!([{"name": "user.invited"}]));
});

both!(an_operators_key_acts_where_its_header_says, |server| {
    let cast = Cast::assemble(&server).await;
    let key = cast.key(Role::Operator);
    let org = |id: &str| Ask::get("/api/v1/org").key(key).header("patchbay-org", id);
    assert_eq!(server.ask(org(cast.acme.as_str())).await.expect(200)["name"], "Acme");
    assert_eq!(server.ask(org(cast.globex.as_str())).await.expect(200)["name"], "Globex");
    assert_eq!(server.ask(org(cast.acme.as_str())).await.expect(200)["name"], "Acme");
    let entries = Ask::get("/api/v1/audit-entries?action=org.entered").key(cast.key(Role::Owner));
    let entries = server.ask(entries).await.expect(200);
    let by_key = |entry: &&Value| entry["actor"].as_str().is_some_and(|actor| actor.starts_with("key_"));
    let entered: Vec<_> = entries["data"].as_array().expect("entries").iter().filter(by_key).collect();
    assert_eq!(entered.len(), 1, "once in an hour: {entries}");
    assert_eq!(
        (entered[0]["target"].as_str(), entered[0]["acted_as"].as_str()),
        (Some(cast.acme.as_str()), Some("operator"))
    );
    assert_eq!(server.ask(org("org_nonsense")).await.status, 404);
    assert_eq!(server.ask(Ask::get("/api/v1/org").key(key)).await.status, 422);
    let foreign = Ask::get("/api/v1/org").key(cast.key(Role::Owner)).header("patchbay-org", cast.globex.as_str());
    assert_eq!(server.ask(foreign).await.status, 404);
});

both!(a_revoked_key_is_refused_at_once, |server| {
    let cast = Cast::assemble(&server).await;
    let owner = cast.key(Role::Owner);
    let made = server
        .ask(Ask::post("/api/v1/api-keys").key(owner).json(&json!({"name": "Short", "scopes": ["org:read"]})))
        .await
        .expect(201);
    let key = made["key"].as_str().expect("a key");
    server.ask(Ask::get("/api/v1/org").key(key)).await.expect(200);
    server
        .ask(Ask::new("DELETE", &format!("/api/v1/api-keys/{}", made["id"].as_str().expect("an id"))).key(owner))
        .await
        .expect(200);
    assert_eq!(server.ask(Ask::get("/api/v1/org").key(key)).await.status, 401);
});

both!(an_endpoint_is_made_changed_rotated_and_deleted, |server| {
    let cast = Cast::assemble(&server).await;
    let key = cast.key(Role::Owner);
    let new = json!({
        "name": "Billing", "url": "http://127.0.0.1:4999/x", "event_types": ["invoice.*"], "retry": [1, 2],
        "rate_limit_per_minute": null, "headers": {"X-Team": "billing"}, "timeout_ms": 5000
    });
    let made = server.ask(Ask::post("/api/v1/endpoints").key(key).json(&new)).await;
    let at = made.header("location").to_owned();
    let made = made.expect(201);
    assert!(
        made["id"].as_str().is_some_and(|id| id.starts_with("ep_"))
            && made["secret"].as_str().is_some_and(|s| s.starts_with("whsec_"))
    );
    let shown = server.ask(Ask::get(&at).key(key)).await.expect(200);
    assert!(shown.get("secret").is_none());
    assert_eq!((&shown["retry"], &shown["rate_limit_per_minute"]), (&json!([1, 2]), &Value::Null));
    let changed = server
        .ask(Ask::new("PATCH", &at).key(key).json(&json!({"status": "paused", "rate_limit_per_minute": 5})))
        .await
        .expect(200);
    assert_eq!(
        (&changed["status"], &changed["rate_limit_per_minute"], &changed["name"]),
        (&json!("paused"), &json!(5), &json!("Billing"))
    );
    let rotated = server.ask(Ask::post(&format!("{at}/rotate-secret")).key(key)).await.expect(200);
    assert_ne!(rotated["secret"], made["secret"]);
    server.ask(Ask::new("DELETE", &at).key(key)).await.expect(204);
    assert_eq!(server.ask(Ask::get(&at).key(key)).await.code(404), "endpoint_not_found");
});

both!(a_private_address_is_refused_unless_it_is_allowed, |server| {
    let cast = Cast::assemble(&server).await;
    for url in [
        "https://10.0.0.1/x",
        "https://169.254.169.254/latest",
        "http://10.0.0.1/x",
        "ftp://example.com",
        "https://[::ffff:10.0.0.1]/",
    ] {
        let new = json!({"name": "Billing", "url": url, "event_types": ["*"]});
        let refused =
            server.ask(Ask::post("/api/v1/endpoints").key(cast.key(Role::Owner)).json(&new)).await.expect(422);
        assert_eq!(refused["error"]["details"][0]["field"], "url", "{url}");
    }
});

#[tokio::test]
async fn without_allowed_networks_only_https_to_public_addresses_is_taken() {
    let server = TestServer::with(&[("PATCHBAY_ALLOW_TARGETS", "")]).await;
    let cast = Cast::assemble(&server).await;
    for (url, status) in [
        ("http://example.com/x", 422),
        ("https://127.0.0.1/x", 422),
        ("https://localhost/x", 422),
        ("https://example.com/x", 201),
    ] {
        let new = json!({"name": "Billing", "url": url, "event_types": ["*"]});
        let answer = server.ask(Ask::post("/api/v1/endpoints").key(cast.key(Role::Owner)).json(&new)).await;
        assert_eq!(answer.status.as_u16(), status, "{url}: {}", answer.text);
    }
}
