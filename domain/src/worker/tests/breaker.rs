//! A failing endpoint: the circuit breaker, the warnings, the end, and the way back.

use serde_json::json;

use super::support::{PAID, Receiver, endpoint, endpoint_with, header, log, post};
use crate::caller::Role;
use crate::db::testing::both;
use crate::delivery::{DeliveryStatus, WaitsFor, actions as deliveries};
use crate::endpoint::breaker::{FAILURES_TO_OPEN, FIRST_PAUSE_MS};
use crate::endpoint::{EndpointChange, EndpointStatus, Retry, actions as endpoints};
use crate::hub::testing::TestHub;
use crate::node::signal::pack;
use crate::replay::Settings;
use crate::worker::{drain, messenger};
use crate::{PageQuery, alert};

/// Lets the endpoint fail so often that its breaker opens; each event has one attempt.
async fn fail(hub: &TestHub, times: i64) {
    for _ in 0..times {
        post(hub, PAID).await.expect("accepted");
        drain(hub).await.expect("drained");
    }
}

both!(the_fifth_failure_opens_the_breaker_and_what_waits_uses_up_no_attempt, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["500 Oops", "500 Oops", "500 Oops", "500 Oops", "500 Oops", "200 OK"]).await;
    let made = endpoint(&hub, &receiver.url, Retry::Own(vec![])).await;
    fail(&hub, FAILURES_TO_OPEN).await;
    fail(&hub, 3).await;
    assert_eq!(receiver.seen().len(), 5, "nothing is sent while it is open");
    let rows = log(&hub).await;
    assert!(rows[..3].iter().all(|row| {
        (row.status, row.attempt_count, row.waits_for) == (DeliveryStatus::Pending, 0, Some(WaitsFor::Breaker))
    }));
    let shown = endpoints::get(&hub, &hub.caller(Role::Member), &made.endpoint.id).await.expect("the endpoint");
    let failing = shown.failing.expect("it is failing");
    assert_eq!((failing.failures, failing.open_until), (5, Some(hub.now().plus_ms(FIRST_PAUSE_MS))));
    hub.clock.advance_ms(FIRST_PAUSE_MS - 1);
    drain(&hub).await.expect("drained");
    assert_eq!(receiver.seen().len(), 5);
    hub.clock.advance_ms(1);
    drain(&hub).await.expect("drained");
    assert_eq!(receiver.seen().len(), 8, "the probe succeeds and lets the others go");
    assert!(log(&hub).await[..3].iter().all(|row| row.status == DeliveryStatus::Delivered));
    let shown = endpoints::get(&hub, &hub.caller(Role::Member), &made.endpoint.id).await.expect("the endpoint");
    assert_eq!(shown.failing, None);
});

both!(a_probe_that_fails_leaves_the_others_waiting_for_longer, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["500 Oops"]).await;
    endpoint(&hub, &receiver.url, Retry::Own(vec![])).await;
    fail(&hub, FAILURES_TO_OPEN).await;
    fail(&hub, 3).await;
    hub.clock.advance_ms(FIRST_PAUSE_MS);
    drain(&hub).await.expect("drained");
    assert_eq!(receiver.seen().len(), 6, "one probe");
    hub.clock.advance_ms(FIRST_PAUSE_MS);
    drain(&hub).await.expect("drained");
    assert_eq!(receiver.seen().len(), 6, "the pause is twice as long now");
    hub.clock.advance_ms(FIRST_PAUSE_MS);
    drain(&hub).await.expect("drained");
    assert_eq!(receiver.seen().len(), 7);
});

both!(a_probe_of_which_nothing_is_sent_gives_way_to_the_next, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["500 Oops", "500 Oops", "500 Oops", "500 Oops", "500 Oops", "200 OK"]).await;
    let script = "function transform(event) { return event.data.quiet ? null : event.data; }";
    endpoint_with(&hub, &receiver.url, json!({ "transformation": script, "retry": [] })).await;
    fail(&hub, FAILURES_TO_OPEN).await;
    for _ in 0..3 {
        post(&hub, r#"{"event_type":"invoice.paid","data":{"quiet":true}}"#).await.expect("accepted");
        // The oldest is probed first.
        hub.clock.advance_ms(1);
    }
    post(&hub, PAID).await.expect("accepted");
    hub.clock.advance_ms(FIRST_PAUSE_MS);
    drain(&hub).await.expect("drained");
    assert_eq!(receiver.seen().len(), 6);
    let rows = log(&hub).await;
    let statuses: Vec<DeliveryStatus> = rows[..4].iter().map(|row| row.status).collect();
    let skipped = DeliveryStatus::Skipped;
    assert_eq!(statuses, [DeliveryStatus::Delivered, skipped, skipped, skipped]);
});

both!(an_open_breaker_survives_a_restart, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["500 Oops"]).await;
    endpoint(&hub, &receiver.url, Retry::Own(vec![])).await;
    fail(&hub, FAILURES_TO_OPEN).await;
    let after = hub.restarted();
    post(&after, PAID).await.expect("accepted");
    drain(&after).await.expect("drained");
    assert_eq!(receiver.seen().len(), 5);
});

both!(an_answer_on_purpose_is_no_failure_of_the_endpoint, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["429 Slow down"]).await;
    endpoint(&hub, &receiver.url, Retry::Own(vec![])).await;
    fail(&hub, FAILURES_TO_OPEN + 2).await;
    assert_eq!(receiver.seen().len(), 7);
    // So is one whose rule is to give up.
    let receiver = Receiver::answering(&["404 Not mine"]).await;
    endpoint_with(&hub, &receiver.url, json!({ "status_rules": { "404": "fail" } })).await;
    fail(&hub, FAILURES_TO_OPEN + 2).await;
    assert_eq!(receiver.seen().len(), 7);
});

both!(people_are_warned_and_at_a_hundred_failures_over_an_hour_the_endpoint_is_disabled, |hub| {
    let hub = hub.with_org().await;
    let (broken, told) = (Receiver::answering(&["500 Oops"]).await, Receiver::answering(&["200 OK"]).await);
    let made = endpoint(&hub, &broken.url, Retry::Own(vec![])).await;
    endpoint_with(&hub, &told.url, json!({ "event_types": ["endpoint.*"] })).await;
    let member = hub.caller(Role::Member);
    for number in 1..=100_i64 {
        post(&hub, PAID).await.expect("accepted");
        drain(&hub).await.expect("drained");
        let open = alert::actions::list(&hub, &member, true, &PageQuery::default()).await.expect("alerts").data;
        assert_eq!(open.len(), usize::from(number >= 50), "after {number}");
        // Beyond the longest pause, so that each event is a probe.
        hub.clock.advance_ms(3_600_000);
    }
    let shown = endpoints::get(&hub, &member, &made.endpoint.id).await.expect("the endpoint");
    assert_eq!(shown.status, EndpointStatus::Disabled);
    assert!(shown.disabled_reason.is_some_and(|reason| reason.contains("100")));
    let types: Vec<String> = told.seen().iter().map(|request| body_of(request)["event_type"].to_string()).collect();
    assert_eq!(
        types,
        ["\"endpoint.failing\"", "\"endpoint.failing\"", "\"endpoint.failing\"", "\"endpoint.disabled\""]
    );
    post(&hub, PAID).await.expect("accepted");
    drain(&hub).await.expect("drained");
    assert_eq!(broken.seen().len(), 100, "a disabled endpoint gets nothing");
    assert_eq!(log(&hub).await[0].status, DeliveryStatus::Paused, "but what it misses is kept");
});

both!(switching_it_on_again_forgets_the_failures_closes_the_alerts_and_sends_what_was_kept, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["410 Gone", "200 OK"]).await;
    let made = endpoint(&hub, &receiver.url, Retry::default()).await;
    let told = Receiver::answering(&["200 OK"]).await;
    endpoint_with(&hub, &told.url, json!({ "event_types": ["endpoint.*"] })).await;
    let (owner, page) = (hub.caller(Role::Owner), PageQuery::default());
    fail(&hub, 3).await;
    let open = alert::actions::list(&hub, &owner, true, &page).await.expect("alerts").data;
    assert_eq!((open.len(), open[0].kind), (1, alert::AlertKind::EndpointDisabled));
    let member = hub.caller(Role::Member);
    assert_eq!(alert::actions::count_unseen(&hub, &member).await.expect("a count"), 1);
    assert_eq!(alert::actions::count_unseen(&hub, &hub.stranger().await).await.expect("a count"), 0);
    alert::actions::see(&hub, &owner, &open[0].id).await.expect("seen");
    assert_eq!(alert::actions::count_unseen(&hub, &member).await.expect("a count"), 0);
    let active = EndpointChange { status: Some(EndpointStatus::Active), ..EndpointChange::default() };
    endpoints::update(&hub, &owner, &made.endpoint.id, active).await.expect("active");
    drain(&hub).await.expect("drained");
    assert_eq!(alert::actions::list(&hub, &owner, true, &page).await.expect("alerts").data, []);
    assert_eq!(receiver.seen().len(), 3, "the two that were kept");
    let types: Vec<_> = told.seen().iter().map(|request| body_of(request)["event_type"].clone()).collect();
    assert_eq!(types, [json!("endpoint.disabled"), json!("endpoint.recovered")]);
});

both!(dead_letters_and_their_recovery_are_told_to_who_asks, |hub| {
    let hub = hub.with_org().await;
    let (receiver, told) = (Receiver::answering(&["500 Oops", "200 OK"]).await, Receiver::answering(&["200 OK"]).await);
    endpoint(&hub, &receiver.url, Retry::Own(vec![])).await;
    endpoint_with(&hub, &told.url, json!({ "event_types": ["delivery.*"] })).await;
    fail(&hub, 1).await;
    let dead = log(&hub).await.into_iter().find(|row| row.status == DeliveryStatus::Failed).expect("a dead letter");
    deliveries::replay(&hub, &hub.caller(Role::Admin), &dead.id, Settings::Now).await.expect("replayed");
    drain(&hub).await.expect("drained");
    let bodies: Vec<serde_json::Value> = told.seen().iter().map(|request| body_of(request)).collect();
    assert_eq!(bodies[0]["event_type"], "delivery.exhausted");
    assert_eq!(bodies[0]["data"]["delivery_id"], dead.id.as_str());
    assert_eq!(
        (&bodies[1]["event_type"], &bodies[1]["data"]["replay_of"]),
        (&json!("delivery.recovered"), &json!(dead.id))
    );
    assert_eq!(header(&told.seen()[0], "content-type"), "application/json");
});

/// The body of a recorded request.
fn body_of(request: &str) -> serde_json::Value {
    let (_, body) = request.split_once("\r\n\r\n").expect("a body");
    serde_json::from_str(body).expect("JSON")
}

both!(a_node_that_heard_that_an_endpoint_was_switched_on_holds_nothing_back, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["500 Oops"]).await;
    let id = endpoint(&hub, &receiver.url, Retry::Own(vec![])).await.endpoint.id;
    fail(&hub, FAILURES_TO_OPEN).await;
    let other = hub.restarted();
    other.lanes.set_open(true);
    // So that it is the newest, whichever node made it.
    other.clock.advance_ms(1);
    post(&other, PAID).await.expect("accepted");
    assert_eq!(log(&hub).await[0].waits_for, Some(WaitsFor::Breaker), "the other node knows of the failures");
    hub.signals.set_open(true);
    for status in [EndpointStatus::Paused, EndpointStatus::Active] {
        let change = EndpointChange { status: Some(status), ..EndpointChange::default() };
        endpoints::update(&hub, &hub.caller(Role::Owner), &id, change).await.expect("changed");
    }
    // Each comes in a message of its own, and something happens in between.
    for signal in hub.signals.take().await {
        messenger::hear(&other, &pack("elsewhere", &[signal], 7900)[0]);
        other.clock.advance_ms(1);
        post(&other, PAID).await.expect("accepted");
    }
    assert_eq!(log(&hub).await[0].waits_for, None);
});
