//! Offers carried by Redis: one node that serves, two that deliver, on one PostgreSQL. The nodes' clocks stand, so what is
//! offered never lapses by itself: whatever arrives has come by a stream, and no claimer can have found it.

use std::time::{Duration, Instant};

use super::nodes::{RedisServer, eventually};
use super::support::{PAID, Receiver, endpoint, header, log, post};
use crate::Caller;
use crate::caller::{OperatorRole, Role};
use crate::db::testing::postgres;
use crate::delivery::DeliveryStatus;
use crate::endpoint::Retry;
use crate::hub::testing::TestHub;
use crate::node::actions::list_groups;
use crate::node::offer::{Group, OFFER_MS};
use crate::node::{NodeRole, Redis};
use crate::worker::{self, Workers, drain, messenger};

/// One node that serves and two that deliver, all running.
struct Trio {
    first: TestHub,
    nodes: Vec<(TestHub, Workers)>,
    receiver: Receiver,
}

impl Trio {
    async fn start(first: TestHub, redis: &Redis) -> Self {
        let first = first.with_org().await;
        let receiver = Receiver::answering(&["200 OK"]).await;
        endpoint(&first, &receiver.url, Retry::default()).await;
        let roles = [(NodeRole::Worker, 12), (NodeRole::Worker, 13), (NodeRole::Api, 11)];
        let nodes = roles.map(|(role, seed)| {
            let node = first.node(role, seed, Some(redis.clone()));
            let workers = worker::start(&node);
            (node, workers)
        });
        let this = Self { first, nodes: nodes.into(), receiver };
        this.offering().await;
        this
    }

    fn api(&self) -> &TestHub {
        &self.nodes[2].0
    }

    /// Waits until Redis answers all of them, so that the one that serves offers.
    async fn offering(&self) {
        eventually("Redis answers all", || async {
            for (node, _) in &self.nodes {
                messenger::beat_once(node).await;
            }
            self.api().lanes.offers()
        })
        .await;
    }

    async fn post(&self, count: usize) {
        for _ in 0..count {
            post(self.api(), PAID).await.expect("accepted");
        }
    }

    /// Waits until so many events have arrived; then each has once.
    async fn arrived(&self, count: usize) {
        eventually("all have arrived", || async { self.receiver.seen().len() >= count }).await;
        eventually("all results are stored", || async {
            log(&self.first).await.iter().all(|row| row.status == DeliveryStatus::Delivered)
        })
        .await;
        let seen = self.receiver.seen();
        let mut ids: Vec<&str> = seen.iter().map(|request| header(request, "webhook-id")).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((seen.len(), ids.len()), (count, count), "each once");
    }

    /// Lets time go on until what is offered now has lapsed.
    fn lapse(&self) {
        self.nodes.iter().for_each(|(node, _)| node.clock.advance_ms(OFFER_MS));
    }

    async fn stop(self) {
        for (node, workers) in self.nodes {
            workers.stop(&node, Duration::from_secs(5)).await;
        }
    }
}

/// How far the group of webhooks is: entries unread and pending.
async fn progress(redis: &Redis) -> Option<(Option<usize>, usize)> {
    let all = redis.progress().await.expect("Redis answers");
    let webhooks = all.into_iter().find(|progress| progress.group == "webhooks")?;
    Some((webhooks.lag, webhooks.pending))
}

/// The consumers of the group of webhooks; before Redis 7.2 only those that have read something.
async fn consumers(server: &RedisServer) -> Vec<String> {
    let mut connection = server.client().get_multiplexed_async_connection().await.expect("a connection");
    let mut ask = redis::cmd("XINFO");
    ask.arg("CONSUMERS").arg("patchbay:offers:webhooks").arg("webhooks");
    let found: redis::streams::StreamInfoConsumersReply = ask.query_async(&mut connection).await.expect("a list");
    found.consumers.into_iter().map(|consumer| consumer.name).collect()
}

#[tokio::test]
async fn each_event_reaches_one_worker_by_a_stream_and_no_look_through_the_table() {
    let (Some(db), Some(server)) = (postgres().await, RedisServer::start().await) else { return };
    let redis = server.open();
    let trio = Trio::start(TestHub::new(db), &redis).await;
    trio.post(60).await;
    trio.arrived(60).await;
    eventually("everything is done", || async { progress(&redis).await == Some((Some(0), 0)) }).await;
    let operator = Caller { operator: Some(OperatorRole::Support), ..trio.first.caller(Role::Owner) };
    let groups = list_groups(trio.api(), &operator).await.expect("groups").expect("Redis");
    assert_eq!(groups.iter().map(|group| group.group).collect::<Vec<_>>(), ["webhooks", "rules", "connectors"]);
    assert!(list_groups(trio.api(), &trio.first.caller(Role::Owner)).await.is_err(), "staff alone");
    assert_eq!(list_groups(&trio.first, &operator).await.expect("groups"), None, "without Redis");
    trio.stop().await;
    assert_eq!(consumers(&server).await, [""; 0], "who ends leaves the group");
}

#[tokio::test]
async fn what_a_dead_worker_had_read_lapses_and_goes_with_its_consumer() {
    let (Some(db), Some(server)) = (postgres().await, RedisServer::start().await) else { return };
    let redis = server.open();
    let mut dead = redis.read_group(Group::Webhooks, "dead").await.expect("a reader");
    let first = TestHub::new(db).with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    endpoint(&first, &receiver.url, Retry::default()).await;
    let api = first.node(NodeRole::Api, 11, Some(redis.clone()));
    api.lanes.set_offers(true);
    for _ in 0..3 {
        post(&api, PAID).await.expect("accepted");
    }
    redis.offer(&api.offers.take_now()).await.expect("offered");
    let read = dead.read(100).await.expect("entries");
    assert_eq!((read.ids.len(), read.offers.len()), (3, 3));
    // It is killed before it has leased any.
    drop((dead, read));
    assert_eq!(progress(&redis).await, Some((Some(0), 3)));

    let worker = first.node(NodeRole::Worker, 12, Some(redis.clone()));
    drain(&worker).await.expect("drained");
    assert_eq!(receiver.seen().len(), 0, "the offers stand");
    worker.clock.advance_ms(OFFER_MS);
    drain(&worker).await.expect("drained");
    assert_eq!(receiver.seen().len(), 3);
    let mut reader = redis.read_group(Group::Webhooks, &worker.node_id).await.expect("a reader");
    assert_eq!(reader.read(100).await.expect("none").ids.len(), 0, "what was read is read by nobody else");
    assert!(consumers(&server).await.contains(&"dead".to_owned()), "it may be alive");
    reader.bury(0).await.expect("buried");
    assert!(!consumers(&server).await.contains(&"dead".to_owned()));
    assert_eq!(progress(&redis).await, Some((Some(0), 0)));
}

#[tokio::test]
async fn an_emptied_redis_has_its_groups_again_without_a_restart() {
    let (Some(db), Some(server)) = (postgres().await, RedisServer::start().await) else { return };
    let redis = server.open();
    assert_eq!(progress(&redis).await, None, "nobody has read yet");
    let trio = Trio::start(TestHub::new(db), &redis).await;
    let mut connection = server.client().get_multiplexed_async_connection().await.expect("a connection");
    for round in 1..=3 {
        trio.post(10).await;
        trio.arrived(20 * round - 10).await;
        let () = redis::cmd("FLUSHALL").query_async(&mut connection).await.expect("emptied");
        // Nobody is told; the readers find out.
        trio.post(10).await;
        trio.arrived(20 * round).await;
    }
    trio.stop().await;
}

#[tokio::test]
async fn a_lost_redis_loses_nothing_and_is_used_again_when_it_is_back() {
    let (Some(db), Some(server)) = (postgres().await, RedisServer::start().await) else { return };
    let trio = Trio::start(TestHub::new(db), &server.open()).await;
    trio.post(10).await;
    trio.arrived(10).await;
    let address = server.address.clone();
    drop(server);
    trio.post(10).await;
    eventually("it is known to be lost", || async { !trio.api().lanes.offers() }).await;
    trio.lapse();
    trio.arrived(20).await;
    // Now they are due at once, and the workers are told by the database.
    trio.post(10).await;
    trio.arrived(30).await;

    let server = RedisServer::start_at(&address).await.expect("Redis comes back");
    trio.offering().await;
    trio.post(10).await;
    trio.arrived(40).await;
    let lag = progress(&server.open()).await.map(|(lag, _)| lag);
    assert_eq!(lag, Some(Some(0)), "by the stream again");
    trio.stop().await;
}

#[tokio::test]
async fn a_redis_that_hangs_holds_up_no_post() {
    let (Some(db), Some(server)) = (postgres().await, RedisServer::start().await) else { return };
    let trio = Trio::start(TestHub::new(db), &server.open()).await;
    trio.post(5).await;
    trio.arrived(5).await;
    server.freeze(true);
    let began = Instant::now();
    trio.post(20).await;
    // Redis is given half a second for each answer: on the way of a post that would be ten.
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    eventually("it is known to hang", || async { !trio.api().lanes.offers() }).await;
    trio.lapse();
    trio.arrived(25).await;
    server.freeze(false);
    trio.offering().await;
    trio.post(5).await;
    // What hung may have reached the streams after all: it is taken by then.
    trio.arrived(30).await;
    trio.stop().await;
}
