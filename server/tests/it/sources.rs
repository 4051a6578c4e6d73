//! Sources from the outside: a provider's request comes in, is answered at once, and becomes an event that is delivered.

use domain::worker;
use serde_json::{Value, json};

use crate::support::{Ask, Cast, Receiver, Role, TestServer, both};

/// Makes a source as a program does; answers it with its secret.
async fn make(server: &TestServer, cast: &Cast, new: &Value) -> Value {
    server.ask(Ask::post("/api/v1/sources").key(cast.key(Role::Admin)).json(new)).await.expect(201)
}

fn path(source: &Value) -> String {
    let url = source["url"].as_str().expect("an address");
    url.strip_prefix("http://127.0.0.1:3000").expect("the hub's own address").to_owned()
}

fn bearer(source: &Value, body: impl Into<Vec<u8>>) -> Ask {
    let secret = source["secret"].as_str().expect("a secret that was made");
    let ask = Ask::post(&path(source)).header("authorization", &format!("Bearer {secret}"));
    ask.header("content-type", "application/json").peer("203.0.113.9:4711").body(body)
}

both!(a_request_of_a_provider_is_answered_stored_and_delivered_as_an_event, |server| {
    let cast = Cast::assemble(&server).await;
    let key = cast.key(Role::Admin);
    let receiver = Receiver::start(&[200]).await;
    let endpoint = json!({"name": "Mirror", "url": receiver.url, "event_types": ["webhook.received"]});
    server.ask(Ask::post("/api/v1/endpoints").key(key).json(&endpoint)).await.expect(201);
    let source = make(&server, &cast, &json!({"provider": "bearer", "name": "Shop"})).await;
    let taken = server.ask(bearer(&source, r#"{"type":"order.placed","id":7}"#)).await.expect(200);
    let id = taken["id"].as_str().expect("an id");
    worker::drain(server.hub()).await.expect("handled");
    let request = server.ask(Ask::get(&format!("/api/v1/inbound-requests/{id}")).key(key)).await.expect(200);
    assert_eq!(
        (&request["verdict"], &request["state"], &request["ip"]),
        (&json!("verified"), &json!("processed"), &json!("203.0.113.9"))
    );
    assert_eq!(request["outcomes"][0]["event_type"], "webhook.received");
    let event = request["outcomes"][0]["event_id"].as_str().expect("an event");
    let event = server.ask(Ask::get(&format!("/api/v1/events/{event}")).key(key)).await.expect(200);
    assert_eq!((&event["source"], &event["data"]["body"]["id"]), (&json!("source"), &json!(7)));
    let log = server.ask(Ask::get("/api/v1/deliveries").key(key)).await.expect(200);
    assert_eq!(log["data"][0]["status"], "delivered", "{log}");
    let figures = format!("/api/v1/sources/{}/figures", source["id"].as_str().expect("an id"));
    let figures = server.ask(Ask::get(&figures).key(key)).await.expect(200);
    assert_eq!((&figures["verified_share"], &figures["is_waiting"]), (&json!(1.0), &json!(false)));
});

both!(what_is_refused_is_answered_with_the_reason_and_listed, |server| {
    let cast = Cast::assemble(&server).await;
    let key = cast.key(Role::Admin);
    let source =
        make(&server, &cast, &json!({"provider": "stripe", "secret": "whsec_EXAMPLEnotARealSecret0000"})).await;
    assert_eq!(source["secret"], Value::Null, "what was entered is not shown");
    let wrong = Ask::post(&path(&source)).header("stripe-signature", "t=1,v1=00").json(&json!({"id": "evt_1"}));
    let refused = server.ask(wrong).await.expect(401);
    assert_eq!(refused["error"]["code"], "stale_timestamp", "{refused}");
    let large = Ask::post(&path(&source)).header("content-length", "99999999").body("{}");
    assert_eq!(server.ask(large).await.expect(413)["error"]["code"], "body_too_large");
    let read = Ask::post(&path(&source)).body(vec![b' '; domain::source::MAX_BODY + 1]);
    assert_eq!(server.ask(read).await.expect(413)["error"]["code"], "body_too_large");
    let off = Ask::new("PATCH", &format!("/api/v1/sources/{}", source["id"].as_str().expect("an id")));
    server.ask(off.key(key).json(&json!({"status": "disabled"}))).await.expect(200);
    server.ask(Ask::post(&path(&source)).json(&json!({}))).await.expect(403);
    let list = |query: &str| Ask::get(&format!("/api/v1/inbound-requests?{query}")).key(key);
    let all = server.ask(list("verdict=rejected")).await.expect(200);
    let causes: Vec<_> = all["data"].as_array().expect("rows").iter().map(|row| row["cause"].clone()).collect();
    assert_eq!(causes, ["disabled", "too_large", "too_large", "stale_timestamp"]);
    let one = server.ask(list("cause=too_large&limit=1")).await.expect(200);
    assert_eq!((one["data"].as_array().map(Vec::len), one["next_cursor"].is_string()), (Some(1), true));
    assert_eq!(server.ask(list("verdict=nonsense")).await.status, 422);
    assert_eq!(server.ask(Ask::post("/in/stripe/unknown").json(&json!({}))).await.status, 404);
    assert_eq!(server.ask(Ask::get(&path(&source))).await.status, 405);
});

both!(a_body_as_large_as_allowed_is_stored_whole, |server| {
    let cast = Cast::assemble(&server).await;
    let source = make(&server, &cast, &json!({"provider": "bearer"})).await;
    let body = format!(r#"{{"type":"big","text":"{}"}}"#, "x".repeat(domain::source::MAX_BODY - 24));
    assert_eq!(body.len(), domain::source::MAX_BODY);
    let taken = server.ask(bearer(&source, body)).await.expect(200);
    worker::drain(server.hub()).await.expect("handled");
    let path = format!("/api/v1/inbound-requests/{}", taken["id"].as_str().expect("an id"));
    let request = server.ask(Ask::get(&path).key(cast.key(Role::Admin))).await.expect(200);
    assert_eq!(request["body"].as_str().map(str::len), Some(domain::source::MAX_BODY));
    assert_eq!(request["outcomes"][0]["code"], "too_large", "as an event it would be too large");
});

both!(what_came_in_is_counted_for_prometheus, |server| {
    let cast = Cast::assemble(&server).await;
    let source = make(&server, &cast, &json!({"provider": "bearer", "name": "Shop"})).await;
    // Other tests count in the same process.
    let figures = async || server.ask(cast.with_key(Role::Operator, Ask::get("/metrics"))).await.text;
    let figure = |text: &str, name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse::<f64>().ok());
        line.unwrap_or(0.0)
    };
    let verified = r#"patchbay_inbound_requests_total{provider="bearer",verdict="verified"}"#;
    let rejected = r#"patchbay_inbound_requests_total{provider="bearer",verdict="rejected"}"#;
    let handled = r#"patchbay_inbound_handled_total{state="processed"}"#;
    let before = figures().await;
    server.ask(bearer(&source, r#"{"type":"order.placed"}"#)).await.expect(200);
    server.ask(Ask::post(&path(&source)).header("authorization", "Bearer wrong").body("{}")).await.code(401);
    worker::drain(server.hub()).await.expect("handled");
    let after = figures().await;
    for name in [verified, rejected, handled] {
        assert!(figure(&after, name) > figure(&before, name), "{name}: {after}");
    }
    for name in ["patchbay_inbound_waiting ", "patchbay_inbound_oldest_waiting_seconds "] {
        assert!(after.lines().any(|line| line.starts_with(name)), "{name}: {after}");
    }
});
