//! Several deliveries in one signed request.

use std::time::Duration;

use serde_json::{Value, json};

use super::support::{PAID, Receiver, endpoint_with, header, log, post};
use crate::caller::Role;
use crate::db::testing::both;
use crate::delivery::{DeliveryStatus, ErrorClass, Outcome, actions as deliveries};
use crate::endpoint::{EndpointChange, EndpointStatus, actions as endpoints};
use crate::hub::testing::TestHub;
use crate::replay::Settings;
use crate::worker::drain;

fn batches(max_events: i64, max_wait_s: i64) -> Value {
    json!({ "delivery": { "form": "batch", "max_events": max_events, "max_wait_s": max_wait_s } })
}

/// The ids of the events in each request.
fn requests(receiver: &Receiver) -> Vec<Vec<String>> {
    let events = |request: &String| {
        let (_, body) = request.split_once("\r\n\r\n").expect("a body");
        let body: Value = serde_json::from_str(body).expect("JSON");
        let events = body["events"].as_array().expect("events").clone();
        events.iter().map(|event| event["webhook_id"].as_str().expect("an id").to_owned()).collect()
    };
    receiver.seen().iter().map(events).collect()
}

async fn send(hub: &TestHub, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for _ in 0..count {
        ids.push(post(hub, PAID).await.expect("accepted").id.to_string());
    }
    ids
}

both!(a_batch_goes_when_it_is_full_and_the_rest_when_it_has_waited, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    endpoint_with(&hub, &receiver.url, batches(3, 60)).await;
    drain(&hub).await.expect("drained");
    let sent = send(&hub, 5).await;
    drain(&hub).await.expect("drained");
    assert_eq!(requests(&receiver), [sent[..3].to_vec()]);
    hub.clock.advance_ms(59_000);
    drain(&hub).await.expect("drained");
    assert_eq!(receiver.seen().len(), 1);
    hub.clock.advance_ms(1_000);
    drain(&hub).await.expect("drained");
    assert_eq!(requests(&receiver), [sent[..3].to_vec(), sent[3..].to_vec()]);
    let rows = log(&hub).await;
    assert!(rows.iter().all(|row| row.status == DeliveryStatus::Delivered && row.attempt_count == 1), "{rows:?}");
    let detail = deliveries::get(&hub, &hub.caller(Role::Member), &rows[0].id).await.expect("the detail");
    let id = detail.attempts[0].request_headers.iter().find(|(name, _)| name == "webhook-id");
    assert_eq!(id.map(|(_, id)| id.as_str()), Some(header(&receiver.seen()[1], "webhook-id")), "it names the batch");
});

both!(a_batch_is_signed_as_one_message_and_holds_each_as_it_would_be_pushed, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let made = endpoint_with(&hub, &receiver.url, batches(2, 1)).await;
    drain(&hub).await.expect("drained");
    let ids = send(&hub, 2).await;
    drain(&hub).await.expect("drained");
    let request = receiver.seen().remove(0);
    let (_, body) = request.split_once("\r\n\r\n").expect("a body");
    let id = header(&request, "webhook-id");
    assert!(id.starts_with("bat_"), "{id}");
    signature::verify_standard(
        &[signature::Secret::parse(&made.secret).expect("the secret")],
        id,
        header(&request, "webhook-timestamp"),
        header(&request, "webhook-signature"),
        body.as_bytes(),
        hub.now().seconds(),
    )
    .expect("what is sent is what is signed");
    let event = |id: &str| {
        format!(
            r#"{{"webhook_id":"{id}","event_type":"invoice.paid","timestamp":"{}","data":{{ "id":"inv_8812",  "amount":12900 }}}}"#,
            hub.now()
        )
    };
    assert_eq!(body, format!(r#"{{"batch_id":"{id}","events":[{},{}]}}"#, event(&ids[0]), event(&ids[1])));
});

both!(a_failed_batch_is_one_failure_and_comes_again_as_the_same_message, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["500 Oops", "200 OK"]).await;
    let mut fields = batches(3, 60);
    fields["retry"] = json!([10]);
    let id = endpoint_with(&hub, &receiver.url, fields).await.endpoint.id;
    drain(&hub).await.expect("drained");
    let sent = send(&hub, 3).await;
    drain(&hub).await.expect("drained");
    let rows = log(&hub).await;
    assert!(rows.iter().all(|row| row.status == DeliveryStatus::Retrying && row.last_code == Some(500)), "{rows:?}");
    let failing = endpoints::get(&hub, &hub.caller(Role::Member), &id).await.expect("an endpoint").failing;
    assert_eq!(failing.map(|failing| failing.failures), Some(1));
    hub.clock.advance_ms(13_000);
    drain(&hub).await.expect("drained");
    let seen = receiver.seen();
    assert_eq!(requests(&receiver), [sent.clone(), sent]);
    assert_eq!(header(&seen[0], "webhook-id"), header(&seen[1], "webhook-id"));
    let rows = log(&hub).await;
    assert!(rows.iter().all(|row| row.status == DeliveryStatus::Delivered && row.attempt_count == 2), "{rows:?}");
});

both!(a_batch_is_no_larger_than_a_mebibyte, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    endpoint_with(&hub, &receiver.url, batches(6, 1)).await;
    drain(&hub).await.expect("drained");
    let large = format!(r#"{{"event_type":"invoice.paid","data":{{"x":"{}"}}}}"#, "x".repeat(240 * 1024));
    for _ in 0..6 {
        post(&hub, &large).await.expect("accepted");
    }
    drain(&hub).await.expect("drained");
    hub.clock.advance_ms(1000);
    drain(&hub).await.expect("drained");
    assert_eq!(requests(&receiver).iter().map(Vec::len).collect::<Vec<_>>(), [4, 2]);
});

both!(a_key_keeps_its_order_and_a_failing_batch_holds_its_keys, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["500 Oops", "200 OK"]).await;
    let mut fields = batches(10, 5);
    fields["retry"] = json!([60]);
    endpoint_with(&hub, &receiver.url, fields).await;
    drain(&hub).await.expect("drained");
    let mut sent = Vec::new();
    for key in ["a", "b", "a"] {
        let body = json!({ "event_type": "invoice.paid", "ordering_key": key, "data": {} });
        sent.push(post(&hub, &body.to_string()).await.expect("accepted").id.to_string());
    }
    hub.clock.advance_ms(5000);
    drain(&hub).await.expect("drained");
    assert_eq!(requests(&receiver), [sent[..2].to_vec()], "one of each key");
    hub.clock.advance_ms(75_000);
    drain(&hub).await.expect("drained");
    assert_eq!(requests(&receiver)[1..].concat(), sent);
});

both!(a_failing_transformation_is_left_out_and_the_others_go, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let script = "function transform(event) {
        if (event.data.amount === 1) return null;
        if (event.data.amount === 2) return event.missing.deeper;
        return { webhook_id: event.webhook_id, paid: event.data.amount };
    }";
    let mut fields = batches(4, 60);
    (fields["transformation"], fields["retry"]) = (json!(script), json!([]));
    endpoint_with(&hub, &receiver.url, fields).await;
    drain(&hub).await.expect("drained");
    for amount in 0..4 {
        let body = json!({ "event_type": "invoice.paid", "data": { "amount": amount } });
        post(&hub, &body.to_string()).await.expect("accepted");
    }
    drain(&hub).await.expect("drained");
    let request = receiver.seen().remove(0);
    let (_, body) = request.split_once("\r\n\r\n").expect("a body");
    let body: Value = serde_json::from_str(body).expect("JSON");
    let paid: Vec<_> = body["events"].as_array().expect("events").iter().map(|event| event["paid"].clone()).collect();
    assert_eq!(paid, [json!(0), json!(3)]);
    let rows = log(&hub).await;
    use DeliveryStatus::{Delivered, Failed, Skipped};
    assert_eq!(rows.iter().map(|row| row.status).collect::<Vec<_>>(), [Delivered, Failed, Skipped, Delivered]);
    assert_eq!(rows[1].last_error, Some(ErrorClass::Transformation));
    let detail = deliveries::get(&hub, &hub.caller(Role::Member), &rows[0].id).await.expect("the detail");
    let attempt = &detail.attempts[0];
    assert_eq!((attempt.outcome, attempt.code), (Outcome::Succeeded, Some(200)));
    assert!(attempt.request_body.as_deref().is_some_and(|body| body.contains(r#""paid":3"#)), "its own part is kept");
});

both!(an_endpoint_that_is_paused_sends_no_batch_any_more, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let id = endpoint_with(&hub, &receiver.url, batches(3, 60)).await.endpoint.id;
    drain(&hub).await.expect("drained");
    send(&hub, 2).await;
    let set = async |status: &str| {
        let change: EndpointChange = serde_json::from_value(json!({ "status": status })).expect("a change");
        endpoints::update(&hub, &hub.caller(Role::Owner), &id, change).await.expect("changed");
    };
    set("paused").await;
    hub.clock.advance_ms(61_000);
    drain(&hub).await.expect("drained");
    assert_eq!(receiver.seen().len(), 0);
    set("active").await;
    drain(&hub).await.expect("drained");
    assert_eq!(requests(&receiver).iter().map(Vec::len).collect::<Vec<_>>(), [2]);
});

both!(what_a_crash_left_waiting_for_its_batch_is_sent_after_the_lease, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    endpoint_with(&hub, &receiver.url, batches(3, 60)).await;
    drain(&hub).await.expect("drained");
    let sent = send(&hub, 2).await;
    let next = hub.restarted();
    // A minute of waiting, a second of timeout, and the margin.
    next.clock.advance_ms(60_000 + 1000 + crate::worker::lanes::LEASE_MARGIN_MS);
    drain(&next).await.expect("drained");
    assert_eq!(requests(&receiver), [sent]);
});

both!(a_batch_that_was_forming_when_another_node_paused_its_endpoint_does_not_go, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let made = endpoint_with(&hub, &receiver.url, batches(50, 60)).await;
    hub.lanes.set_open(true);
    send(&hub, 2).await;
    let other = hub.restarted();
    let pause = EndpointChange { status: Some(EndpointStatus::Paused), ..EndpointChange::default() };
    endpoints::update(&other, &other.caller(Role::Owner), &made.endpoint.id, pause).await.expect("paused");
    hub.directory.forget(&hub.org_id);
    hub.clock.advance_ms(60_000);
    drain(&hub).await.expect("drained");
    assert_eq!(receiver.seen().len(), 0);
    let statuses: Vec<DeliveryStatus> = log(&hub).await.into_iter().map(|row| row.status).collect();
    assert_eq!(statuses, [DeliveryStatus::Paused; 2]);
});

both!(what_is_sent_again_as_it_was_then_goes_in_the_form_of_then, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let id = endpoint_with(&hub, &receiver.url, batches(2, 1)).await.endpoint.id;
    drain(&hub).await.expect("drained");
    send(&hub, 2).await;
    drain(&hub).await.expect("drained");
    let push: EndpointChange = serde_json::from_value(json!({ "delivery": { "form": "push" } })).expect("a change");
    let owner = hub.caller(Role::Owner);
    endpoints::update(&hub, &owner, &id, push).await.expect("changed");
    deliveries::replay(&hub, &owner, &log(&hub).await[0].id, Settings::Then).await.expect("replayed");
    // It would be claimed and given back for ever.
    tokio::time::timeout(Duration::from_secs(20), drain(&hub)).await.expect("it comes to rest").expect("drained");
    assert_eq!(requests(&receiver).iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
});
