//! Several nodes on one PostgreSQL, with and without Redis.

use std::future::Future;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::support::{PAID, Receiver, endpoint, endpoint_with, log, post};
use crate::PageQuery;
use crate::caller::{OperatorRole, Role};
use crate::db::testing::postgres;
use crate::delivery::{DeliveryStatus, store as delivery_store, waiting};
use crate::endpoint::{EndpointChange, EndpointStatus, Retry, actions as endpoints};
use crate::hub::testing::TestHub;
use crate::live::Notice;
use crate::node::actions::{list, list_shown};
use crate::node::{NodeRole, Redis, store};
use crate::worker::{self, Workers, drain, messenger};

/// Waits until something is so; within half a minute, or the test fails.
pub(super) async fn eventually<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    for _ in 0..3000 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("after half a minute still not: {what}");
}

/// Two nodes of these roles whose workers run and hear each other.
async fn pair(first: &TestHub, role: NodeRole, other: NodeRole, redis: Option<Redis>) -> [(TestHub, Workers); 2] {
    let nodes = [first.node(role, 11, redis.clone()), first.node(other, 12, redis)];
    let nodes = nodes.map(|node| {
        let workers = worker::start(&node);
        (node, workers)
    });
    for (node, _) in &nodes {
        eventually("both listen", || async {
            let crate::db::Db::Postgres(pool) = &node.db else { panic!("not PostgreSQL") };
            let listening = sqlx::query_scalar::<_, i64>(
                "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'",
            );
            listening.fetch_one(pool).await.expect("a count") == 2 && node.signals.is_open()
        })
        .await;
    }
    nodes
}

async fn stop(nodes: [(TestHub, Workers); 2]) {
    for (node, workers) in nodes {
        workers.stop(&node, Duration::from_secs(5)).await;
    }
}

/// How many endpoints a node knows of, without looking by the clock: it stands.
async fn known(node: &TestHub) -> Vec<EndpointStatus> {
    let entry = crate::directory::entry(node, &node.org_id).await.expect("an entry");
    entry.endpoints.iter().map(|route| route.status).collect()
}

/// What one node changes, the other must know at once, and what happens at one, the pages at the other must show.
async fn hears(first: TestHub, redis: Option<Redis>) {
    let first = first.with_org().await;
    let nodes = pair(&first, NodeRole::Api, NodeRole::Api, redis).await;
    let [(one, _), (two, _)] = &nodes;
    assert_eq!(known(two).await, []);
    let made = endpoint(one, "http://127.0.0.1:4000/hook", Retry::default()).await;
    eventually("the endpoint is known", || async { known(two).await == [EndpointStatus::Active] }).await;
    let pause = EndpointChange { status: Some(EndpointStatus::Paused), ..EndpointChange::default() };
    endpoints::update(two, &two.caller(Role::Owner), &made.endpoint.id, pause).await.expect("paused");
    eventually("the pause is known", || async { known(one).await == [EndpointStatus::Paused] }).await;

    let mut stream = two.bus.subscribe(&two.org_id, None);
    eventually("the look is known", || async { one.bus.is_watched(&one.org_id) }).await;
    one.bus.notify(&one.org_id, Notice::Endpoint("ep_1".into()));
    let heard = tokio::time::timeout(Duration::from_secs(10), stream.receiver.recv()).await;
    assert_eq!(heard.expect("in time").expect("a notice").notice, Notice::Endpoint("ep_1".into()));
    stop(nodes).await;
}

#[tokio::test]
async fn what_one_node_changes_the_other_knows_at_once() {
    if let Some(db) = postgres().await {
        hears(TestHub::new(db), None).await;
    }
}

#[tokio::test]
async fn with_redis_signals_go_through_its_stream() {
    let (Some(db), Some(server)) = (postgres().await, RedisServer::start().await) else { return };
    hears(TestHub::new(db), Some(server.open())).await;
    let length: i64 = redis::cmd("XLEN")
        .arg("patchbay:signals")
        .query_async(&mut server.client().get_multiplexed_async_connection().await.expect("a connection"))
        .await
        .expect("a length");
    assert!(length > 0, "nothing went through Redis");
}

#[tokio::test]
async fn a_redis_that_never_answers_is_done_without() {
    let Some(db) = postgres().await else { return };
    let free = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    hears(TestHub::new(db), Some(Redis::open(&format!("redis://{free}")).expect("an address"))).await;
}

#[tokio::test]
async fn a_node_for_the_api_accepts_and_a_worker_delivers() {
    let Some(db) = postgres().await else { return };
    let first = TestHub::new(db).with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let nodes = pair(&first, NodeRole::Api, NodeRole::Worker, None).await;
    let [(api, _), _] = &nodes;
    endpoint(api, &receiver.url, Retry::default()).await;
    post(api, PAID).await.expect("accepted");
    eventually("it is delivered", || async { log(api).await[0].status == DeliveryStatus::Delivered }).await;
    assert_eq!(receiver.seen().len(), 1);
    stop(nodes).await;
}

#[tokio::test]
async fn nodes_are_listed_counted_by_what_they_do_and_gone_when_they_end() {
    let Some(db) = postgres().await else { return };
    let first = TestHub::new(db).with_org().await;
    let nodes = pair(&first, NodeRole::All, NodeRole::Api, None).await;
    let operator = crate::Caller { operator: Some(OperatorRole::Operator), ..first.caller(Role::Owner) };
    let listed = || async { list(&first, &operator, &PageQuery::default()).await.expect("nodes").data };
    eventually("both are listed", || async { listed().await.len() == 2 }).await;
    let (now, shown) = (first.now(), listed().await);
    assert_eq!(shown.iter().filter(|node| node.role == NodeRole::Api).count(), 1);
    assert_eq!((shown.len(), shown[0].address.as_str(), shown[0].last_seen_at), (2, "127.0.0.1:3000", now));
    assert_eq!(list_shown(&first, &operator).await.expect("nodes"), shown);
    let workers = store::count_workers(&mut first.db.read().await.expect("a connection"), now).await;
    assert_eq!(workers.expect("a count"), (1, 0));
    stop(nodes).await;
    assert_eq!(listed().await, []);
}

#[tokio::test]
async fn staff_alone_sees_the_nodes_and_one_that_is_alone_shows_itself() {
    let hub = TestHub::new(crate::db::testing::sqlite().await).with_org().await;
    let owner = hub.caller(Role::Owner);
    assert!(list(&hub, &owner, &PageQuery::default()).await.is_err() && list_shown(&hub, &owner).await.is_err());
    let started_at = hub.now();
    hub.clock.advance_ms(60_000);
    for role in [OperatorRole::Operator, OperatorRole::Support] {
        let staff = crate::Caller { operator: Some(role), ..hub.caller(Role::Owner) };
        assert_eq!(list(&hub, &staff, &PageQuery::default()).await.expect("a list").data, []);
        let shown = list_shown(&hub, &staff).await.expect("this one");
        assert_eq!((shown.len(), shown[0].role, &shown[0].id), (1, NodeRole::All, &hub.node_id));
        assert_eq!((shown[0].started_at, shown[0].last_seen_at), (started_at, hub.now()));
    }
}

/// Posts events at both nodes for an endpoint of one delivery per second and lets both deliver what may go: how many went.
async fn burst(nodes: [&TestHub; 2], url: &str, receiver: &Receiver) -> usize {
    endpoint_with(nodes[0], url, serde_json::json!({ "rate_limit_per_minute": 60 })).await;
    for node in nodes {
        node.lanes.set_open(true);
    }
    for _ in 0..20 {
        for node in nodes {
            post(node, PAID).await.expect("accepted");
        }
    }
    for node in nodes {
        drain(node).await.expect("drained");
    }
    receiver.seen().len()
}

#[tokio::test]
async fn nodes_without_redis_divide_a_rate_limit_among_themselves() {
    let Some(db) = postgres().await else { return };
    let first = TestHub::new(db).with_org().await;
    let (one, two) = (first.node(NodeRole::All, 11, None), first.node(NodeRole::All, 12, None));
    [&one, &two].into_iter().for_each(|node| node.lanes.set_sharers(2));
    let receiver = Receiver::answering(&["200 OK"]).await;
    // Ten seconds of the rate and one, of which each has half and one.
    assert_eq!(burst([&one, &two], &receiver.url, &receiver).await, 12);
}

#[tokio::test]
async fn nodes_with_redis_hold_a_rate_limit_together_and_go_on_when_it_is_lost() {
    let (Some(db), Some(server)) = (postgres().await, RedisServer::start().await) else { return };
    let first = TestHub::new(db).with_org().await;
    let node = |seed| first.node(NodeRole::All, seed, Some(server.open()));
    let (one, two) = (node(11), node(12));
    for node in [&one, &two] {
        node.lanes.set_shared(true);
    }
    let receiver = Receiver::answering(&["200 OK"]).await;
    // Ten seconds of the rate and one; Redis goes by its own clock, which may have moved on a little.
    let began = Instant::now();
    let sent = burst([&one, &two], &receiver.url, &receiver).await;
    let moved = usize::try_from(began.elapsed().as_secs()).expect("few");
    assert!((11..=13 + moved).contains(&sent), "{sent} within {moved} s");

    let (address, client) = (server.address.clone(), server.client());
    drop(server);
    for node in [&one, &two] {
        // The first delivery that may go asks, has no answer, and goes by this node's share.
        node.clock.advance_ms(30_000);
        post(node, PAID).await.expect("accepted");
        drain(node).await.expect("drained");
        assert!(!node.lanes.set_shared(false), "Redis is known to be lost");
    }
    assert!(receiver.seen().len() > sent, "deliveries go on without Redis");

    let _again = RedisServer::start_at(&address).await.expect("Redis comes back");
    let connection = client.get_multiplexed_async_connection().await;
    assert!(connection.is_ok());
    eventually("it is found again", || async { one.redis.as_ref().expect("Redis").answers().await }).await;
}

#[tokio::test]
async fn nodes_divide_a_rate_limit_while_redis_does_not_answer_one_of_them() {
    let (Some(db), Some(server)) = (postgres().await, RedisServer::start().await) else { return };
    let first = TestHub::new(db).with_org().await;
    let (one, cut_off) = (first.node(NodeRole::All, 11, Some(server.open())), first.node(NodeRole::All, 12, None));
    messenger::beat_once(&one).await;
    assert!(one.lanes.set_shared(true), "alone it goes by Redis");
    messenger::beat_once(&cut_off).await;
    messenger::beat_once(&one).await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    // As without Redis: each has half of ten seconds of the rate, and one.
    assert_eq!(burst([&one, &cut_off], &receiver.url, &receiver).await, 12);
}

/// A Redis server of this test's own; ends with this value.
pub(super) struct RedisServer {
    pub(super) address: String,
    child: Child,
}

impl RedisServer {
    /// Starts one on a free port; none (with a line on the console) where it is not installed.
    pub(super) async fn start() -> Option<Self> {
        let free = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
        Self::start_at(&free.to_string()).await
    }

    pub(super) async fn start_at(address: &str) -> Option<Self> {
        let port = address.rsplit_once(':').expect("a port").1;
        let child = Command::new("redis-server")
            .args(["--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .stdout(Stdio::null())
            .spawn();
        let Ok(child) = child else {
            eprintln!("skipped: redis-server is not installed");
            return None;
        };
        let this = Self { address: address.to_owned(), child };
        let client = this.client();
        eventually("Redis answers", || async { client.get_multiplexed_async_connection().await.is_ok() }).await;
        Some(this)
    }

    pub(super) fn client(&self) -> redis::Client {
        redis::Client::open(format!("redis://{}", self.address)).expect("an address")
    }

    pub(super) fn open(&self) -> Redis {
        Redis::open(&format!("redis://{}", self.address)).expect("an address")
    }

    /// Lets it stand still, or go on.
    pub(super) fn freeze(&self, on: bool) {
        let signal = if on { "-STOP" } else { "-CONT" };
        let done = Command::new("kill").args([signal, &self.child.id().to_string()]).status().expect("kill runs");
        assert!(done.success());
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.child.kill().expect("it can be ended");
        self.child.wait().expect("it ends");
    }
}

#[tokio::test]
async fn what_two_nodes_release_at_once_keeps_the_lease_that_the_first_has_given_it() {
    let Some(db) = postgres().await else { return };
    let hub = TestHub::new(db).with_org().await;
    let id = endpoint(&hub, "http://127.0.0.1:8009/hook", Retry::default()).await.endpoint.id;
    post(&hub, PAID).await.expect("accepted");
    let crate::db::Db::Postgres(pool) = &hub.db else { panic!("not PostgreSQL") };
    let hold = "UPDATE deliveries SET waits_for = 'breaker', due_at = NULL, status = 'pending'";
    sqlx::query(hold).execute(pool).await.expect("held");
    let now = hub.now();
    let mut first = hub.db.begin().await.expect("a transaction");
    assert_eq!(waiting::release(&mut first, &id, now, 500).await.expect("released"), 1);
    let claimed = delivery_store::claim(&mut first, now, 40_000, 10).await.expect("claimed").remove(0);
    let second = {
        let (hub, id) = (hub.hub.clone(), id.clone());
        tokio::spawn(async move {
            let mut tx = hub.db.begin().await.expect("a transaction");
            let released = waiting::release(&mut tx, &id, now.plus_ms(1), 500).await.expect("released");
            tx.commit().await.expect("committed");
            released
        })
    };
    eventually("the second waits for the first", || async {
        let waits =
            "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        sqlx::query_scalar::<_, i64>(waits).fetch_one(pool).await.expect("a count") == 1
    })
    .await;
    first.commit().await.expect("committed");
    assert_eq!(second.await.expect("no panic"), 0);
    let due = sqlx::query_scalar("SELECT due_at FROM deliveries").fetch_one(pool).await.expect("a row");
    assert_eq!(claimed.due_at, Some(due));
}
