//! Deliveries with the same ordering key to the same endpoint arrive in order.

use super::support::{Receiver, endpoint, header, log, post};
use crate::caller::Role;
use crate::db::testing::both;
use crate::delivery::{DeliveryStatus, WaitsFor, store};
use crate::endpoint::{EndpointChange, EndpointStatus, Retry, actions as endpoints};
use crate::hub::testing::TestHub;
use crate::worker::lanes::LEASE_MARGIN_MS;
use crate::worker::{drain, sweeper};

async fn keyed(hub: &TestHub, key: &str, number: u32) -> String {
    let body = format!(r#"{{"event_type":"invoice.paid","ordering_key":"{key}","data":{{"number":{number}}}}}"#);
    post(hub, &body).await.expect("accepted").id.to_string()
}

both!(a_failing_delivery_stops_only_its_key_and_the_next_goes_when_it_has_ended, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["500 Oops", "200 OK"]).await;
    endpoint(&hub, &receiver.url, Retry::Own(vec![10])).await;
    let first = keyed(&hub, "cus_1", 1).await;
    drain(&hub).await.expect("drained");
    let (second, third) = (keyed(&hub, "cus_1", 2).await, keyed(&hub, "cus_1", 3).await);
    let other = keyed(&hub, "cus_2", 4).await;
    drain(&hub).await.expect("drained");
    let seen = |receiver: &Receiver| -> Vec<String> {
        receiver.seen().iter().map(|request| header(request, "webhook-id").to_owned()).collect()
    };
    assert_eq!(seen(&receiver), [first.clone(), other.clone()]);
    let waiting: Vec<_> = log(&hub).await.into_iter().filter(|row| row.waits_for == Some(WaitsFor::Order)).collect();
    assert_eq!(waiting.len(), 2);
    hub.clock.advance_ms(12_000);
    drain(&hub).await.expect("drained");
    assert_eq!(seen(&receiver), [first.clone(), other, first, second, third]);
});

both!(a_dead_letter_lets_the_next_of_its_key_go, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["500 Oops", "200 OK"]).await;
    endpoint(&hub, &receiver.url, Retry::Own(vec![])).await;
    keyed(&hub, "cus_1", 1).await;
    keyed(&hub, "cus_1", 2).await;
    drain(&hub).await.expect("drained");
    assert_eq!(receiver.seen().len(), 2);
    let rows = log(&hub).await;
    assert_eq!([rows[0].status, rows[1].status], [DeliveryStatus::Delivered, DeliveryStatus::Failed]);
});

both!(a_paused_endpoint_keeps_the_order, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let made = endpoint(&hub, &receiver.url, Retry::default()).await;
    let owner = hub.caller(Role::Owner);
    let status = |status| EndpointChange { status: Some(status), ..EndpointChange::default() };
    endpoints::update(&hub, &owner, &made.endpoint.id, status(EndpointStatus::Paused)).await.expect("paused");
    let mut sent = Vec::new();
    for number in 0..5 {
        sent.push(keyed(&hub, "cus_1", number).await);
    }
    drain(&hub).await.expect("drained");
    assert_eq!(receiver.seen().len(), 0);
    endpoints::update(&hub, &owner, &made.endpoint.id, status(EndpointStatus::Active)).await.expect("active");
    drain(&hub).await.expect("drained");
    let seen: Vec<String> = receiver.seen().iter().map(|request| header(request, "webhook-id").to_owned()).collect();
    assert_eq!(seen, sent);
});

both!(events_posted_at_once_with_one_key_arrive_one_after_the_other, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    endpoint(&hub, &receiver.url, Retry::default()).await;
    futures::future::join_all((0..20).map(|number| keyed(&hub, "cus_1", number))).await;
    drain(&hub).await.expect("drained");
    let mut ids: Vec<String> = receiver.seen().iter().map(|request| header(request, "webhook-id").to_owned()).collect();
    assert_eq!(ids.len(), 20);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 20, "each once");
    assert!(log(&hub).await.iter().all(|row| row.status == DeliveryStatus::Delivered));
});

/// Claims what is due.
async fn claim(hub: &TestHub) -> Vec<store::Row> {
    let mut tx = hub.db.begin().await.expect("a transaction");
    let rows = store::claim(&mut tx, hub.now(), LEASE_MARGIN_MS, 10).await.expect("claimed");
    tx.commit().await.expect("committed");
    rows
}

/// Keeps claimed deliveries, as a process does that believes their endpoint to be paused.
async fn keep(hub: &TestHub, rows: &[store::Row]) {
    let lease = |row: &store::Row| row.due_at.expect("it was claimed");
    let kept: Vec<_> = rows.iter().map(|row| (row.org_id.clone(), row.id.clone(), lease(row))).collect();
    let mut tx = hub.db.begin().await.expect("a transaction");
    store::set_aside(&mut tx, &kept, DeliveryStatus::Paused, hub.now()).await.expect("kept");
    tx.commit().await.expect("committed");
}

both!(what_was_kept_just_as_the_endpoint_was_switched_on_is_sent_all_the_same, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    endpoint(&hub, &receiver.url, Retry::default()).await;
    keyed(&hub, "cus_1", 1).await;
    let rows = claim(&hub).await;
    keep(&hub, &rows).await;
    drain(&hub).await.expect("drained");
    assert_eq!(receiver.seen().len(), 0);
    sweeper::tick(&hub).await.expect("swept");
    drain(&hub).await.expect("drained");
    assert_eq!((receiver.seen().len(), log(&hub).await[0].status), (1, DeliveryStatus::Delivered));
});

both!(a_process_that_stood_still_cannot_keep_what_another_has_claimed_since, |hub| {
    let hub = hub.with_org().await;
    endpoint(&hub, "http://127.0.0.1:8009/hook", Retry::default()).await;
    keyed(&hub, "cus_1", 1).await;
    let before = claim(&hub).await;
    // Its timeout is a second.
    hub.clock.advance_ms(1000 + LEASE_MARGIN_MS);
    assert_eq!(claim(&hub).await.len(), 1);
    keep(&hub, &before).await;
    assert_eq!(log(&hub).await[0].status, DeliveryStatus::Pending);
});

both!(an_erased_payload_does_not_stop_those_behind_it, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["500 Oops", "200 OK"]).await;
    endpoint(&hub, &receiver.url, Retry::Own(vec![600])).await;
    let first = keyed(&hub, "cus_1", 1).await.parse().expect("an id");
    drain(&hub).await.expect("drained");
    keyed(&hub, "cus_1", 2).await;
    keyed(&hub, "cus_1", 3).await;
    crate::retention::erase_event(&hub, &hub.caller(Role::Owner), &first).await.expect("erased");
    sweeper::tick(&hub).await.expect("swept");
    drain(&hub).await.expect("drained");
    let rows = log(&hub).await;
    use DeliveryStatus::{Delivered, Failed};
    assert_eq!([rows[0].status, rows[1].status, rows[2].status], [Delivered, Delivered, Failed]);
});
