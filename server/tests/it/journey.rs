//! The main job: an endpoint, an event, a signed delivery, retries, the log.

use domain::worker;
use hmac_check::verify;
use serde_json::json;

use crate::support::{Ask, Cast, Receiver, Role, both, eventually};

both!(an_event_arrives_signed_and_the_log_shows_it, |server| {
    let cast = Cast::assemble(&server).await;
    let mut receiver = Receiver::start(&[]).await;
    let workers = worker::start(server.hub());
    let key = cast.key(Role::Owner);

    let endpoint = json!({"name": "Billing", "url": receiver.url, "event_types": ["invoice.*"]});
    let made = server.ask(Ask::post("/api/v1/endpoints").key(key).json(&endpoint)).await.expect(201);
    let secret = made["secret"].as_str().expect("a secret").to_owned();
    let event = json!({"event_type": "invoice.paid", "data": {"id": "inv_1", "amount": 4900}});
    let accepted = server.ask(Ask::post("/api/v1/events").key(key).json(&event)).await.expect(202);

    let arrival = receiver.next().await;
    verify(&secret, &arrival);
    let body: serde_json::Value = serde_json::from_slice(&arrival.body).expect("JSON");
    assert_eq!(body["webhook_id"], accepted["id"]);
    assert_eq!((&body["event_type"], &body["data"]), (&event["event_type"], &event["data"]));
    assert!(arrival.headers["user-agent"].to_str().expect("text").starts_with("Patchbay/"));

    let list = format!("/api/v1/deliveries?event_id={}&status=delivered", accepted["id"].as_str().expect("an id"));
    let row = eventually("the delivery is in the log", async || {
        server.ask(Ask::get(&list).key(key)).await.expect(200)["data"].get(0).cloned()
    })
    .await;
    let one = server
        .ask(Ask::get(&format!("/api/v1/deliveries/{}", row["id"].as_str().expect("an id"))).key(key))
        .await
        .expect(200);
    assert_eq!(one["attempts"][0]["code"], 200);
    assert_eq!(one["attempts"][0]["response_body"], "thank you");
    assert_eq!(one["event"]["data"], event["data"]);
    assert_eq!(one["endpoint_id"], made["id"]);
    workers.stop(server.hub(), std::time::Duration::from_secs(2)).await;
});

both!(a_failing_receiver_is_tried_again_until_it_succeeds, |server| {
    let cast = Cast::assemble(&server).await;
    let mut receiver = Receiver::start(&[500, 503]).await;
    let workers = worker::start(server.hub());
    let key = cast.key(Role::Owner);

    let endpoint = json!({"name": "Billing", "url": receiver.url, "event_types": ["invoice.*"], "retry": [1, 1]});
    server.ask(Ask::post("/api/v1/endpoints").key(key).json(&endpoint)).await.expect(201);
    let event = json!({"event_type": "invoice.paid", "data": {"id": "inv_1"}});
    server.ask(Ask::post("/api/v1/events").key(key).json(&event)).await.expect(202);

    let ids: Vec<_> = [receiver.next().await, receiver.next().await, receiver.next().await]
        .iter()
        .map(|arrival| arrival.headers["webhook-id"].to_str().expect("text").to_owned())
        .collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "the same id on every try: {ids:?}");
    let row = eventually("the delivery ends well", async || {
        server.ask(Ask::get("/api/v1/deliveries?status=delivered").key(key)).await.expect(200)["data"].get(0).cloned()
    })
    .await;
    let one = server
        .ask(Ask::get(&format!("/api/v1/deliveries/{}?fields=attempts", row["id"].as_str().expect("an id"))).key(key))
        .await
        .expect(200);
    let codes: Vec<_> =
        one["attempts"].as_array().expect("attempts").iter().map(|attempt| attempt["code"].clone()).collect();
    assert_eq!(codes, [500, 503, 200]);
    workers.stop(server.hub(), std::time::Duration::from_secs(2)).await;
});

both!(a_dead_letter_is_replayed_one_by_one_and_all_together, |server| {
    let cast = Cast::assemble(&server).await;
    let mut receiver = Receiver::start(&[500, 500]).await;
    let workers = worker::start(server.hub());
    let key = cast.key(Role::Owner);
    let endpoint = json!({"name": "Billing", "url": receiver.url, "event_types": ["invoice.*"], "retry": []});
    server.ask(Ask::post("/api/v1/endpoints").key(key).json(&endpoint)).await.expect(201);
    for id in ["inv_1", "inv_2"] {
        let event = json!({"event_type": "invoice.paid", "data": {"id": id}});
        server.ask(Ask::post("/api/v1/events").key(key).json(&event)).await.expect(202);
        receiver.next().await;
    }
    let failed = eventually("both are dead letters", async || {
        let page = server.ask(Ask::get("/api/v1/deliveries?status=failed").key(key)).await.expect(200);
        page["data"].as_array().filter(|rows| rows.len() == 2).cloned()
    })
    .await;
    let first = failed[0]["id"].as_str().expect("an id");
    let again = server.ask(Ask::post(&format!("/api/v1/deliveries/{first}/replay")).key(key)).await.expect(202);
    assert_ne!(again["id"], failed[0]["id"]);
    receiver.next().await;
    let rest = server.ask(Ask::post("/api/v1/deliveries/replay-failed").key(key)).await.expect(202);
    assert_eq!(rest["count"], 1, "the one that was replayed is left out");
    receiver.next().await;
    workers.stop(server.hub(), std::time::Duration::from_secs(2)).await;
});

both!(a_test_goes_to_its_endpoint_whatever_it_subscribes_to, |server| {
    let cast = Cast::assemble(&server).await;
    let mut receiver = Receiver::start(&[]).await;
    let workers = worker::start(server.hub());
    let key = cast.key(Role::Owner);
    let endpoint = json!({"name": "Billing", "url": receiver.url, "event_types": ["invoice.paid"]});
    let made = server.ask(Ask::post("/api/v1/endpoints").key(key).json(&endpoint)).await.expect(201);
    let path = format!("/api/v1/endpoints/{}/test", made["id"].as_str().expect("an id"));
    let test = server.ask(Ask::post(&path).key(key).json(&json!({"event_type": "user.joined"}))).await.expect(202);
    let arrival = receiver.next().await;
    verify(made["secret"].as_str().expect("a secret"), &arrival);
    let one = server
        .ask(Ask::get(&format!("/api/v1/deliveries/{}", test["id"].as_str().expect("an id"))).key(key))
        .await
        .expect(200);
    assert_eq!((&one["trigger"], &one["event_type"]), (&json!("test"), &json!("user.joined")));
    server.ask(Ask::post(&path).key(key)).await.expect(202);
    workers.stop(server.hub(), std::time::Duration::from_secs(2)).await;
});

mod hmac_check {
    //! A receiver's own check of both signatures.

    use crate::support::Arrival;

    /// Verifies an arrival as a receiver would.
    pub fn verify(secret: &str, arrival: &Arrival) {
        let header = |name: &str| arrival.headers[name].to_str().expect("text");
        assert_eq!(header("webhook-id"), header("x-webhook-id"));
        assert_eq!(header("webhook-timestamp"), header("x-webhook-timestamp"));
        let standard = standardwebhooks::Webhook::new(secret).expect("a secret");
        standard.verify(&arrival.body, &arrival.headers).expect("the Standard Webhooks signature");
        let secret = signature::Secret::parse(secret).expect("a secret");
        let (timestamp, plain) = (header("webhook-timestamp"), header("x-webhook-signature"));
        let now = timestamp.parse().expect("seconds");
        signature::verify_plain(&[secret], timestamp, plain, &arrival.body, now).expect("the plain signature");
    }
}
