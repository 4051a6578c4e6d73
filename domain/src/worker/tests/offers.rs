//! What a node that only serves offers, and what becomes of it, without anything that carries it.

use std::time::Duration;

use super::support::{PAID, Receiver, endpoint, endpoint_with, log, post};
use crate::Caller;
use crate::caller::Role;
use crate::db::on;
use crate::db::testing::both;
use crate::delivery::DeliveryStatus;
use crate::endpoint::{EndpointChange, EndpointStatus, Retry, actions as endpoints};
use crate::event::{self, actions as events};
use crate::hub::testing::TestHub;
use crate::id::OrgId;
use crate::node::NodeRole;
use crate::node::offer::{OFFER_MS, Offer};
use crate::worker::{claimer, dispatcher, drain, lanes, quiet};

/// A node that serves and offers what it stores, and one that delivers.
fn two(first: &TestHub) -> (TestHub, TestHub) {
    let (api, worker) = (first.node(NodeRole::Api, 11, None), first.node(NodeRole::Worker, 12, None));
    api.lanes.set_offers(true);
    worker.lanes.set_open(true);
    (api, worker)
}

/// What a node offers now.
fn offered(api: &TestHub) -> Vec<Offer> {
    api.offers.take_now().into_iter().map(|(_, offer)| offer).collect()
}

async fn take(worker: &TestHub, offers: &[Offer]) -> usize {
    let taken = claimer::take(worker, offers).await.expect("the database answers");
    quiet(worker).await;
    taken
}

/// Makes the endpoints of an organization unreadable.
pub(super) async fn break_org(hub: &TestHub, org_id: &OrgId) {
    let mut tx = hub.db.begin().await.expect("a transaction");
    on!(&mut *tx, |c| {
        sqlx::query("UPDATE endpoints SET event_types_json = 'x' WHERE org_id = $1")
            .bind(org_id)
            .execute(c)
            .await
            .map(drop)
    })
    .expect("broken");
    tx.commit().await.expect("committed");
}

both!(what_is_offered_is_leased_once_by_its_key_and_is_not_due, |hub| {
    let first = hub.with_org().await;
    let (api, worker) = two(&first);
    let receiver = Receiver::answering(&["200 OK"]).await;
    endpoint(&first, &receiver.url, Retry::default()).await;
    let accepted = post(&api, PAID).await.expect("accepted");
    let offers = offered(&api);
    assert_eq!((offers.len(), &offers[0].event_id, offers[0].deliveries.len()), (1, &accepted.id, 1));
    assert_eq!(offers[0].lease, api.now().plus_ms(OFFER_MS));
    assert_eq!(offers[0].deliveries[0].1, 1000 + lanes::LEASE_MARGIN_MS, "as long as the lease of one in a lane");
    assert_eq!(claimer::tick(&worker).await.expect("a look"), 0, "nothing is due");
    assert_eq!([take(&worker, &offers).await, take(&worker, &offers).await], [1, 0]);
    let two = [offers.clone(), offers].concat();
    assert_eq!(take(&worker, &two).await, 0);
    let row = log(&first).await.remove(0);
    assert_eq!((row.status, row.attempt_count, receiver.seen().len()), (DeliveryStatus::Delivered, 1, 1));
});

both!(an_offer_read_twice_at_once_is_leased_once, |hub| {
    let first = hub.with_org().await;
    let (api, worker) = two(&first);
    let receiver = Receiver::answering(&["200 OK"]).await;
    endpoint(&first, &receiver.url, Retry::default()).await;
    for _ in 0..5 {
        post(&api, PAID).await.expect("accepted");
    }
    let offers = offered(&api);
    let both = [offers.clone(), offers].concat();
    assert_eq!(take(&worker, &both).await, 5);
    assert_eq!(receiver.seen().len(), 5);
});

both!(an_offer_that_nobody_takes_lapses_and_is_claimed, |hub| {
    let first = hub.with_org().await;
    let (api, worker) = two(&first);
    let receiver = Receiver::answering(&["500 Oops", "200 OK"]).await;
    endpoint(&first, &receiver.url, Retry::Own(vec![3600])).await;
    post(&api, PAID).await.expect("accepted");
    let offers = offered(&api);
    worker.clock.advance_ms(OFFER_MS - 1);
    drain(&worker).await.expect("drained");
    assert_eq!(receiver.seen().len(), 0, "the offer stands");
    worker.clock.advance_ms(1);
    drain(&worker).await.expect("drained");
    assert_eq!(receiver.seen().len(), 1);
    assert_eq!(take(&worker, &offers).await, 0, "it comes late, and finds a retry");
    assert_eq!((receiver.seen().len(), log(&first).await[0].status), (1, DeliveryStatus::Retrying));
});

both!(a_retry_that_is_due_just_when_its_offer_lapsed_is_not_taken_by_it, |hub| {
    let first = hub.with_org().await;
    let (api, worker) = two(&first);
    let receiver = Receiver::answering(&["500 Oops", "200 OK"]).await;
    endpoint(&first, &receiver.url, Retry::Own(vec![3600])).await;
    post(&api, PAID).await.expect("accepted");
    let offers = offered(&api);
    assert_eq!(take(&worker, &offers).await, 1);
    let mut tx = first.db.begin().await.expect("a transaction");
    let at = offers[0].lease;
    on!(&mut *tx, |c| sqlx::query("UPDATE deliveries SET due_at = $1").bind(at).execute(c).await.map(drop))
        .expect("a coincidence");
    tx.commit().await.expect("committed");
    assert_eq!(take(&worker, &offers).await, 0);
});

both!(what_is_paused_meanwhile_is_kept_when_it_is_taken, |hub| {
    let first = hub.with_org().await;
    let (api, worker) = two(&first);
    let receiver = Receiver::answering(&["200 OK"]).await;
    let made = endpoint(&first, &receiver.url, Retry::default()).await;
    post(&api, PAID).await.expect("accepted");
    let pause = EndpointChange { status: Some(EndpointStatus::Paused), ..EndpointChange::default() };
    endpoints::update(&first, &first.caller(Role::Owner), &made.endpoint.id, pause).await.expect("paused");
    assert_eq!(take(&worker, &offered(&api)).await, 1);
    assert_eq!((log(&first).await[0].status, receiver.seen().len()), (DeliveryStatus::Paused, 0));
});

both!(of_a_line_only_its_first_is_offered_and_a_batch_waits_at_who_took_it, |hub| {
    let first = hub.with_org().await;
    let (api, worker) = two(&first);
    let receiver = Receiver::answering(&["200 OK"]).await;
    let batch = serde_json::json!({ "delivery": { "form": "batch", "max_events": 2, "max_wait_s": 5 } });
    endpoint_with(&first, &receiver.url, batch).await;
    let keyed = PAID.replace(r#","data""#, r#","ordering_key":"cus_1","data""#);
    for _ in 0..2 {
        post(&api, &keyed).await.expect("accepted");
    }
    let of_line = offered(&api);
    assert_eq!(of_line.len(), 1);
    assert_eq!(take(&worker, &of_line).await, 1);
    assert_eq!(receiver.seen().len(), 0, "it waits for another");
    post(&api, PAID).await.expect("accepted");
    assert_eq!(take(&worker, &offered(&api)).await, 1);
    assert_eq!(receiver.seen().len(), 1, "both in one request");
});

both!(a_node_that_cannot_offer_leaves_what_it_stores_due, |hub| {
    let first = hub.with_org().await;
    let (api, worker) = two(&first);
    api.lanes.set_offers(false);
    let receiver = Receiver::answering(&["200 OK"]).await;
    endpoint(&first, &receiver.url, Retry::default()).await;
    post(&api, PAID).await.expect("accepted");
    assert_eq!(offered(&api), []);
    drain(&worker).await.expect("drained");
    assert_eq!(receiver.seen().len(), 1);
    api.lanes.set_offers(true);
    api.lanes.set_open(true);
    assert!(!api.lanes.offers(), "who delivers offers nothing");
});

both!(an_endpoint_that_another_node_made_since_the_last_look_is_not_taken_for_gone, |hub| {
    let first = hub.with_org().await;
    let (api, worker) = two(&first);
    let before = crate::directory::entry(&worker, &worker.org_id).await.expect("an entry");
    assert_eq!(before.endpoints.len(), 0);
    // The worker has not heard of it when the delivery comes.
    let receiver = Receiver::answering(&["200 OK"]).await;
    endpoint(&api, &receiver.url, Retry::default()).await;
    post(&api, PAID).await.expect("accepted");
    assert_eq!(take(&worker, &offered(&api)).await, 1);
    assert_eq!(log(&first).await[0].status, DeliveryStatus::Delivered);
});

both!(an_organization_that_cannot_be_read_does_not_stop_the_others, |hub| {
    let first = hub.with_org().await;
    let (api, worker) = two(&first);
    let receiver = Receiver::answering(&["200 OK"]).await;
    let mut owners: Vec<Caller> = vec![first.caller(Role::Owner)];
    for _ in 0..4 {
        owners.push(first.stranger().await);
    }
    for owner in &owners {
        let new = serde_json::json!({ "name": "Sink", "url": receiver.url, "event_types": ["*"] });
        endpoints::create(&first, owner, serde_json::from_value(new).expect("one")).await.expect("an endpoint");
        events::ingest(&api, owner, PAID.as_bytes(), None).await.expect("accepted");
    }
    break_org(&first, owners[2].org_id.as_ref().expect("an organization")).await;
    assert!(claimer::take(&worker, &offered(&api)).await.is_err(), "it is told");
    quiet(&worker).await;
    assert_eq!(receiver.seen().len(), 4, "of all the others");
    assert_eq!(worker.lanes.promised(), 0);
});

both!(events_of_an_organization_that_cannot_be_read_do_not_hold_up_those_of_others, |hub| {
    let first = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let broken = first.stranger().await;
    let new = serde_json::json!({ "name": "Sink", "url": receiver.url, "event_types": ["*"] });
    endpoints::create(&first, &broken, serde_json::from_value(new).expect("one")).await.expect("an endpoint");
    endpoint(&first, &receiver.url, Retry::default()).await;
    let worker = first.node(NodeRole::Worker, 12, None);
    drain(&worker).await.expect("drained");
    let before = receiver.seen().len();
    let broken = broken.org_id.expect("an organization");
    break_org(&first, &broken).await;
    worker.directory.forget_all();
    let mut tx = first.db.begin().await.expect("a transaction");
    // More than a round looks at, with two of somebody else among and behind them.
    let (most, last) = (std::iter::repeat_n(&broken, 99), std::iter::repeat_n(&broken, 2));
    for org_id in most.chain([&first.org_id]).chain(last).chain([&first.org_id]) {
        first.clock.advance_ms(1);
        let data = serde_json::json!({ "id": "inv_1" });
        event::store::insert_system(&mut tx, &first, org_id, "invoice.paid", &data).await.expect("an event");
    }
    tx.commit().await.expect("committed");
    assert_eq!(dispatcher::tick(&worker).await.expect("a round"), 2);
    assert_eq!(dispatcher::tick(&worker).await.expect("a round"), 0, "nothing to hurry for");
    drain(&worker).await.expect("drained");
    assert_eq!(receiver.seen().len(), before + 2);
});

both!(what_a_round_puts_into_the_lanes_while_the_node_stops_is_handed_back, |hub| {
    let first = hub.with_org().await;
    // Nobody answers there, and one attempt at a time may be under way.
    let fields = serde_json::json!({ "concurrency_limit": 1 });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
    endpoint_with(&first, &url, fields).await;
    let (api, worker) = two(&first);
    for _ in 0..2 {
        post(&api, PAID).await.expect("accepted");
    }
    let offers = offered(&api);
    let workers = crate::worker::start(&worker);
    let node = worker.hub.clone();
    workers.tasks.spawn(async move {
        node.shutdown.cancelled().await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        claimer::take(&node, &offers).await.expect("taken");
    });
    workers.stop(&worker, Duration::from_secs(10)).await;
    let mut conn = first.db.read().await.expect("a connection");
    let due = crate::delivery::store::any_due(&mut conn, worker.now()).await.expect("a look");
    assert!(due, "the one that waited is due for the others at once");
});
