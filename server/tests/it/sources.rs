//! Sources from the outside: a provider's request comes in, is answered at once, and becomes an event that is delivered.

use std::time::Duration;

use axum::body::Body;
use domain::worker;
use serde_json::{Value, json};
use tokio_stream::StreamExt as _;
use tower::ServiceExt as _;

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

both!(both_directions_are_asked_for_together, |server| {
    let cast = Cast::assemble(&server).await;
    let key = cast.key(Role::Admin);
    let receiver = Receiver::start(&[200]).await;
    let endpoint = json!({"name": "Mirror", "url": receiver.url, "event_types": ["webhook.received"]});
    server.ask(Ask::post("/api/v1/endpoints").key(key).json(&endpoint)).await.expect(201);
    let source = make(&server, &cast, &json!({"provider": "bearer", "name": "Shop"})).await;
    server.ask(bearer(&source, r#"{"type":"order.placed","id":"ord_4711"}"#)).await.expect(200);
    server.ask(Ask::post(&path(&source)).header("authorization", "Bearer wrong").body("{}")).await.code(401);
    worker::drain(server.hub()).await.expect("handled");
    let get = async |path: &str| server.ask(Ask::get(&format!("/api/v1/{path}")).key(key)).await;
    let ways = |page: &Value| -> Vec<String> {
        let rows = page["data"].as_array().expect("rows").iter();
        rows.map(|row| row["direction"].as_str().expect("a direction").to_owned()).collect()
    };
    let all = get("log-entries?q=ord_4711").await.expect(200);
    assert_eq!(ways(&all), ["outbound", "inbound"], "{all}");
    assert_eq!(ways(&get("log-entries?status=refused").await.expect(200)), ["inbound"]);
    let shaped = get("log-entries?fields=direction,status,verdict&limit=1").await.expect(200);
    assert_eq!(
        (shaped["data"][0].as_object().map(serde_json::Map::len), shaped["next_cursor"].is_string()),
        (Some(2), true)
    );
    let stats = get("log-entries/stats").await.expect(200);
    assert_eq!((&stats["inbound"], &stats["outbound"]), (&json!(2), &json!(1)), "{stats}");
    assert_eq!(get("log-entries?status=done").await.status, 422);
    assert_eq!(get("log-entries?colour=red").await.status, 422);
    // As files, by both doors.
    let file = get("log-entries/export?q=ord_4711").await;
    let name = format!("attachment; filename=\"patchbay-log-{}.csv\"", cast.acme);
    assert_eq!((file.status.as_u16(), file.header("content-disposition")), (200, name.as_str()));
    assert_eq!(
        (file.header("content-type"), file.text.lines().count()),
        ("text/csv; charset=utf-8; header=present", 3)
    );
    for path in ["deliveries/export?format=ndjson", "inbound-requests/export?format=ndjson&verdict=verified"] {
        let file = get(path).await;
        assert_eq!((file.header("content-type"), file.text.lines().count()), ("application/x-ndjson", 1), "{path}");
    }
    assert_eq!(get("deliveries/export?format=pdf").await.status, 422);
    let page = async |search: &str| {
        let path = format!("/deliveries/export?{search}");
        server.ask(cast.with_cookie(Role::Owner, Ask::get(&path).header("accept", "text/html"))).await
    };
    let shown =
        server.ask(cast.with_cookie(
            Role::Owner,
            Ask::get("/deliveries/both?status=refused&cursor=x").header("accept", "text/html"),
        ));
    let shown = shown.await.text.replace("&amp;", "&");
    let link = shown.split("\"/deliveries/export?").nth(1).and_then(|rest| rest.split('"').next()).expect("a link");
    assert_eq!(link, "direction=both&format=csv&status=refused");
    assert_eq!(page(link).await.text.lines().count(), 2);
    assert_eq!(page("direction=inbound&verdict=verified&format=ndjson&cursor=after-x").await.text.lines().count(), 1);
    assert_eq!(page("q=nowhere").await.text.lines().count(), 1);
    for wrong in ["direction=up", "format=pdf", "direction=inbound&verdict=maybe", "code=abc"] {
        assert_eq!(page(wrong).await.status, 422, "{wrong}");
    }
    let found = get("inbound-requests?q=ord_4711").await.expect(200);
    assert_eq!(found["data"].as_array().map(Vec::len), Some(1));
    let stats = get("inbound-requests/stats?verdict=rejected").await.expect(200);
    assert_eq!(stats["by_cause"][0]["value"], "wrong_credentials", "{stats}");
    let sources = get("sources").await.expect(200);
    assert_eq!((&sources["data"][0]["name"], &sources["data"][0]["url"]), (&json!("Shop"), &Value::Null));
    let fields = format!("sources/{}/fields?provider_event_type=order.placed", source["id"].as_str().expect("an id"));
    assert_eq!(get(&fields).await.expect(200)["events"], 1);
});

/// A request whose body is begun and never ends.
fn endless(path: &str) -> http::Request<Body> {
    let begun = tokio_stream::once(Ok::<_, std::io::Error>(bytes::Bytes::from_static(b"{")));
    let body = Body::from_stream(begun.chain(tokio_stream::pending()));
    http::Request::post(path).header("content-type", "application/json").body(body).expect("a request")
}

#[tokio::test]
async fn who_knows_no_address_is_not_listened_to() {
    let server = TestServer::sqlite().await;
    Cast::assemble(&server).await;
    let answer = server.router().oneshot(endless("/in/stripe/unknown"));
    let answer = tokio::time::timeout(Duration::from_secs(5), answer).await.expect("at once").expect("an answer");
    assert_eq!(answer.status(), 404);
}

#[tokio::test]
async fn a_slow_sender_is_ended_and_holds_nobody_up() {
    let server = TestServer::sqlite().await;
    let cast = Cast::assemble(&server).await;
    let source = make(&server, &cast, &json!({"provider": "bearer"})).await;
    let slow: Vec<_> = (0..100).map(|_| tokio::spawn(server.router().oneshot(endless(&path(&source))))).collect();
    tokio::time::sleep(Duration::from_millis(200)).await;
    // Others are taken meanwhile.
    server.ask(bearer(&source, r#"{"type":"order.placed"}"#)).await.expect(200);
    // Half a minute later.
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(31)).await;
    tokio::time::resume();
    for sender in slow {
        let answer = tokio::time::timeout(Duration::from_secs(5), sender).await.expect("ended").expect("no panic");
        assert_eq!(answer.expect("an answer").status(), 408);
    }
}
