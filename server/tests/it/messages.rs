//! The other forms of delivery: messages that a receiver fetches, and several events in one request.

use std::time::{Duration, Instant};

use domain::worker;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

use crate::support::{Ask, Cast, Receiver, Role, both};

/// Verifies as a receiver would, with the official library.
fn verify(secret: &str, headers: &HeaderMap, body: &[u8]) {
    let standard = standardwebhooks::Webhook::new(secret).expect("a secret");
    standard.verify(body, headers).expect("the Standard Webhooks signature");
}

both!(a_receiver_fetches_verifies_and_commits_with_a_key_that_can_do_nothing_else, |server| {
    let cast = Cast::assemble(&server).await;
    let workers = worker::start(server.hub());
    let key = cast.key(Role::Owner);
    let endpoint = json!({"name": "Warehouse", "event_types": ["invoice.*"], "delivery": {"form": "pull"}});
    let made = server.ask(Ask::post("/api/v1/endpoints").key(key).json(&endpoint)).await.expect(201);
    assert_eq!((&made["url"], &made["delivery"]), (&json!(""), &json!({"form": "pull"})));
    let new = json!({"name": "Warehouse", "scopes": ["messages:pull"]});
    let own = server.ask(Ask::post("/api/v1/api-keys").key(key).json(&new)).await.expect(201);
    let own = own["key"].as_str().expect("a key");

    let path = format!("/api/v1/endpoints/{}/messages", made["id"].as_str().expect("an id"));
    let began = Instant::now();
    let waiting = format!("{path}?wait_s=15&limit=10");
    let event = json!({"event_type": "invoice.paid", "data": {"id": "inv_1", "amount": 4900}});
    let (found, accepted) = tokio::join!(server.ask(Ask::get(&waiting).key(own)), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        server.ask(Ask::post("/api/v1/events").key(key).json(&event)).await.expect(202)
    });
    let found = found.expect(200);
    assert!(began.elapsed() < Duration::from_secs(14), "it was woken");
    let message = &found["data"][0];
    assert_eq!(message["webhook_id"], accepted["id"]);
    let body = message["body"].as_str().expect("text");
    let parsed: Value = serde_json::from_str(body).expect("JSON");
    assert_eq!(parsed["data"], event["data"]);
    let mut headers = HeaderMap::new();
    for (name, value) in message["headers"].as_object().expect("headers") {
        let value = HeaderValue::from_str(value.as_str().expect("text")).expect("a value");
        headers.insert(HeaderName::try_from(name.as_str()).expect("a name"), value);
    }
    verify(made["secret"].as_str().expect("a secret"), &headers, body.as_bytes());

    let commit = Ask::post(&format!("{path}/commit")).key(own).json(&json!({"cursor": found["next_cursor"]}));
    assert_eq!(server.ask(commit).await.expect(200), json!({"committed": 1}));
    let again = server.ask(Ask::get(&path).key(own)).await.expect(200);
    assert_eq!((&again["data"], &again["has_more"]), (&json!([]), &json!(false)));
    let id = message["delivery_id"].as_str().expect("an id");
    let delivery = server.ask(Ask::get(&format!("/api/v1/deliveries/{id}")).key(key)).await.expect(200);
    assert_eq!((&delivery["status"], &delivery["attempts"][0]["outcome"]), (&json!("delivered"), &json!("succeeded")));
    for refused in ["/api/v1/endpoints", "/api/v1/deliveries", "/api/v1/events"] {
        server.ask(Ask::get(refused).key(own)).await.expect(403);
    }
    server.ask(Ask::get(&format!("{path}?wait_s=21")).key(own)).await.expect(422);
    workers.stop(server.hub(), Duration::from_secs(2)).await;
});

both!(a_batch_arrives_in_one_request_that_the_official_library_verifies, |server| {
    let cast = Cast::assemble(&server).await;
    let mut receiver = Receiver::start(&[]).await;
    let workers = worker::start(server.hub());
    let key = cast.key(Role::Owner);
    let batch = json!({"form": "batch", "max_events": 3, "max_wait_s": 60});
    let endpoint = json!({"name": "Lake", "url": receiver.url, "event_types": ["invoice.*"], "delivery": batch});
    let made = server.ask(Ask::post("/api/v1/endpoints").key(key).json(&endpoint)).await.expect(201);
    assert_eq!(made["delivery"], batch);
    let mut sent = Vec::new();
    for number in 0..3 {
        let event = json!({"event_type": "invoice.paid", "data": {"number": number}});
        sent.push(server.ask(Ask::post("/api/v1/events").key(key).json(&event)).await.expect(202)["id"].clone());
    }
    let arrival = receiver.next().await;
    verify(made["secret"].as_str().expect("a secret"), &arrival.headers, &arrival.body);
    let body: Value = serde_json::from_slice(&arrival.body).expect("JSON");
    assert_eq!(body["batch_id"], arrival.headers["webhook-id"].to_str().expect("text"));
    let ids: Vec<Value> =
        body["events"].as_array().expect("events").iter().map(|event| event["webhook_id"].clone()).collect();
    assert_eq!(ids, sent);
    workers.stop(server.hub(), Duration::from_secs(2)).await;
});
