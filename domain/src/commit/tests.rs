//! The queue of the group commit.

use super::queue::{MAX_WAITING, MAX_WAITING_BYTES, Queue};
use super::*;
use crate::delivery::Trigger;
use crate::event::{EventSource, Matter};
use crate::hub::testing::TestHub;
use crate::id::EventId;
use crate::worker::dispatcher;

#[tokio::test]
async fn an_event_refused_for_want_of_room_gives_up_its_places_in_the_lanes() {
    let hub = TestHub::new(crate::db::testing::sqlite().await);
    hub.lanes.set_open(true);
    {
        let mut queue = hub.commits.queue.lock().expect("no panic");
        queue.running = true;
        let waits = || Op::Ingest(Box::new(ingest_of(&hub, Vec::new())), oneshot::channel().0);
        queue.waiting.extend(std::iter::repeat_with(waits).take(MAX_WAITING));
    }
    let route = Arc::new(Route::for_tests(hub.org_id.clone(), EndpointId::new(1, [1; 10]), None));
    let matter = Matter::new("invoice.paid", &[], None, "{}");
    let row = dispatcher::row(&hub, &route, &EventId::new(1, [1; 10]), &matter, Trigger::Event, hub.now());
    let planned = Planned::new(&hub, row, &route, hub.now());
    assert_eq!((planned.way, hub.lanes.promised()), (Way::Lane, 1));
    let refused = ingest(&hub, ingest_of(&hub, vec![planned])).await.expect_err("refused");
    assert_eq!((refused.status(), hub.lanes.promised()), (503, 0));
}

#[tokio::test]
async fn a_panic_over_one_batch_leaves_nothing_behind_it_waiting() {
    let hub = TestHub::new(crate::db::testing::sqlite().await).with_org().await;
    hub.commits.queue.lock().expect("no panic").running = true;
    let (sender, answer) = oneshot::channel();
    assert!(submit(&hub, Op::Ingest(Box::new(ingest_of(&hub, Vec::new())), sender)).is_ok());
    let own = hub.hub.clone();
    let broken = tokio::spawn(async move {
        let _unbroken = Unbroken(own);
        panic!("over the batch before");
    });
    assert!(broken.await.expect_err("it broke").is_panic());
    let answer = tokio::time::timeout(Duration::from_secs(10), answer).await.expect("in time");
    assert!(matches!(answer, Ok(Ok(Ingested::Stored))), "{answer:?}");
    crate::worker::quiet(&hub).await;
}

#[tokio::test]
async fn requests_of_providers_share_a_transaction_as_far_as_they_are_not_large_together() {
    let hub = TestHub::new(crate::db::testing::sqlite().await);
    let request =
        |size: usize| Op::Request(Box::new(crate::source::tests::request_of(&hub, size)), oneshot::channel().0);
    let mut queue = Queue::default();
    for size in [3, 3, 3, 0, 0] {
        let op = request(size * 1024 * 1024);
        assert!(queue.has_room_for(&op));
        queue.bytes += op.bytes();
        queue.waiting.push_back(op);
    }
    let sizes = [queue.batch().len(), queue.batch().len(), queue.batch().len()];
    assert_eq!((sizes, queue.bytes), ([2, 3, 0], 0));
    queue.bytes = MAX_WAITING_BYTES;
    assert!(!queue.has_room_for(&request(1)));
    assert!(queue.has_room_for(&Op::Ingest(Box::new(ingest_of(&hub, Vec::new())), oneshot::channel().0)));
}

fn ingest_of(hub: &TestHub, deliveries: Vec<Planned>) -> Ingest {
    let event = event_store::NewRow {
        org_id: hub.org_id.clone(),
        id: EventId::new(1, [1; 10]),
        event_type: "invoice.paid".into(),
        source: EventSource::Api,
        caller_id: None,
        idempotency_key: None,
        ordering_key: None,
        channels: None,
        occurred_at: hub.now(),
        created_at: hub.now(),
        dispatched_at: None,
        data: "{}".into(),
    };
    Ingest { event, body: Bytes::new(), deliveries, keys: Vec::new() }
}
