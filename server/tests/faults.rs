//! The real binary under `kill -9`: what was answered 202 arrives, whatever happens in between.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bench::http::{Connection, post};
use bench::hub::Hub;
use bench::inbound::Source;
use bench::redis::Redis;
use bench::sink::{BASE, Sink};

/// Events per life of the server.
const EVENTS: usize = 2000;
/// Lives that end with `kill -9`.
const CRASHES: usize = 10;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_accepted_is_lost_when_the_server_is_killed_on_sqlite() {
    survive("sqlite").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_accepted_is_lost_when_the_server_is_killed_on_postgres() {
    survive("postgres").await;
}

async fn survive(database: &str) {
    let sink = Sink::start().await.expect("a sink");
    let mut hub = Hub::start(Path::new(env!("CARGO_BIN_EXE_patchbay")), database, sink.address).await.expect("a hub");
    let next = Arc::new(AtomicUsize::new(0));
    let mut accepted = Vec::new();
    for life in 1..=CRASHES {
        let ended = Arc::new(AtomicBool::new(false));
        let senders: Vec<_> = (0..16)
            .map(|_| {
                tokio::spawn(send(
                    hub.address,
                    hub.api_key.clone(),
                    Arc::clone(&next),
                    life * EVENTS,
                    Arc::clone(&ended),
                ))
            })
            .collect();
        // The crash comes while events are being accepted and delivered: each time at another point.
        let until = (life - 1) * EVENTS + EVENTS / CRASHES * life;
        while next.load(Ordering::SeqCst) < until.min(life * EVENTS - 50) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        hub.crash().await.expect("the hub comes back");
        ended.store(true, Ordering::SeqCst);
        next.store(life * EVENTS, Ordering::SeqCst);
        for sender in senders {
            accepted.extend(sender.await.expect("no panic"));
        }
    }
    assert!(
        accepted.len() > EVENTS,
        "only {} events were accepted: the crashes came too early to show anything",
        accepted.len()
    );
    let mut missing = accepted.clone();
    for _ in 0..900 {
        missing.retain(|number| sink.arrived_us(*number).is_none());
        if missing.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let (distinct, repeated) = sink.counts();
    println!(
        "{database}: {} accepted over {CRASHES} crashes, {} lost, {distinct} arrived, {repeated} repeated",
        accepted.len(),
        missing.len()
    );
    hub.stop().await.expect("the hub stops");
    assert!(missing.is_empty(), "accepted but never delivered: {missing:?}");
}

/// Posts numbered events until the server dies; answers the numbers that were accepted.
async fn send(
    address: SocketAddr,
    api_key: String,
    next: Arc<AtomicUsize>,
    limit: usize,
    ended: Arc<AtomicBool>,
) -> Vec<usize> {
    let mut accepted = Vec::new();
    let Ok(mut connection) = Connection::open(address).await else { return accepted };
    while !ended.load(Ordering::SeqCst) {
        let number = next.fetch_add(1, Ordering::SeqCst);
        if number >= limit {
            break;
        }
        let body = format!(r#"{{"event_type":"invoice.paid","data":{{"seq":{}}}}}"#, BASE + number);
        let request = post("/api/v1/events", &format!("authorization: Bearer {api_key}\r\n"), body.as_bytes());
        match connection.send(&request).await {
            Ok((202, _)) => accepted.push(number),
            // The database is away: nothing was accepted.
            Ok((503, _)) => tokio::time::sleep(Duration::from_millis(20)).await,
            Ok((status, body)) => panic!("an event was answered {status}: {}", String::from_utf8_lossy(&body)),
            Err(_) => break,
        }
    }
    accepted
}

/// Rounds of the test with two processes: in each, one of them, the database or Redis dies.
const ROUNDS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_on_one_database_lose_nothing_whichever_dies() {
    let sink = Sink::start().await.expect("a sink");
    let redis = Redis::start().await.expect("Redis");
    let binary = Path::new(env!("CARGO_BIN_EXE_patchbay"));
    let mut hub = Hub::start_with(binary, "postgres", Some(redis)).await.expect("a hub");
    hub.endpoint(&hub.api_key, &format!("http://{}/hook", sink.address), "", 10).await.expect("an endpoint");
    let mut second = hub.second().await.expect("another process");
    let next = Arc::new(AtomicUsize::new(0));
    let mut accepted = Vec::new();
    for round in 0..ROUNDS {
        let ended = Arc::new(AtomicBool::new(false));
        let limit = (round + 1) * EVENTS;
        let senders: Vec<_> = (0..8)
            .flat_map(|_| [hub.address, second.address])
            .map(|address| {
                tokio::spawn(send(address, hub.api_key.clone(), Arc::clone(&next), limit, Arc::clone(&ended)))
            })
            .collect();
        while next.load(Ordering::SeqCst) < round * EVENTS + EVENTS / 3 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        match round % 4 {
            0 => hub.crash().await.expect("the first comes back"),
            1 => hub.crash_second(&mut second, Duration::from_secs(1)).await.expect("the second comes back"),
            2 => hub.crash_redis(Duration::from_secs(1)).await.expect("Redis comes back"),
            _ => hub.crash_database().await.expect("the database comes back"),
        }
        ended.store(true, Ordering::SeqCst);
        next.store(limit, Ordering::SeqCst);
        for sender in senders {
            accepted.extend(sender.await.expect("no panic"));
        }
    }
    let mut missing = accepted.clone();
    let waiting = std::time::Instant::now();
    while !missing.is_empty() && waiting.elapsed() < Duration::from_secs(60) {
        missing.retain(|number| sink.arrived_us(*number).is_none());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let (distinct, repeated) = sink.counts();
    println!(
        "two processes: {} accepted over {ROUNDS} crashes, {} lost, {distinct} arrived, {repeated} repeated, the last after {:?}",
        accepted.len(),
        missing.len(),
        waiting.elapsed()
    );
    let again = sent_again_after_success(&hub).await;
    hub.stop().await.expect("the hub stops");
    assert!(accepted.len() > EVENTS, "only {} events were accepted", accepted.len());
    assert!(missing.is_empty(), "accepted but never delivered: {missing:?}");
    assert!(waiting.elapsed() < Duration::from_secs(30), "what a dead process held is taken over within 30 s");
    assert_eq!(again, [""; 0], "deliveries that were tried again although their success was on record");
}

/// Rounds of the test with offers, of each of its two parts.
const TURNS: usize = 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_process_accepts_two_others_deliver_whatever_becomes_of_redis_and_of_them() {
    let sink = Sink::start().await.expect("a sink");
    let redis = Redis::start().await.expect("Redis");
    let mut hub =
        Hub::start_with(Path::new(env!("CARGO_BIN_EXE_patchbay")), "postgres", Some(redis)).await.expect("a hub");
    hub.endpoint(&hub.api_key, &format!("http://{}/hook", sink.address), "", 10).await.expect("an endpoint");
    let operator = hub.operator_key().await.expect("an operator's key");
    // The first delivers too, and is posted nothing.
    let api = hub.node("api").await.expect("a process that serves");
    let mut worker = hub.node("worker").await.expect("a process that delivers");
    let next = Arc::new(AtomicUsize::new(0));
    let mut accepted = Vec::new();
    let leased = async |address| figure(address, &operator, LEASED).await;
    for _ in 0..150 {
        // Once all have heard of each other, what is accepted is offered.
        let limit = next.load(Ordering::SeqCst) + 1;
        accepted.extend(send(api.address, hub.api_key.clone(), Arc::clone(&next), limit, Arc::default()).await);
        next.store(limit, Ordering::SeqCst);
        if leased(hub.address).await + leased(worker.address).await > 0.0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let began = next.load(Ordering::SeqCst);
    let mut by_offers = [0.0; 2];
    for turn in 0..2 * TURNS {
        let limit = began + (turn + 1) * EVENTS;
        next.store(limit - EVENTS, Ordering::SeqCst);
        let senders: Vec<_> = (0..16)
            .map(|_| tokio::spawn(send(api.address, hub.api_key.clone(), Arc::clone(&next), limit, Arc::default())))
            .collect();
        while next.load(Ordering::SeqCst) < limit - EVENTS / 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        match (turn < TURNS, turn % 3) {
            (true, 0) => hub.redis().expect("Redis").empty().await.expect("emptied"),
            (true, 1) => hub.crash_redis(Duration::from_secs(1)).await.expect("Redis comes back"),
            (true, _) => hub.redis().expect("Redis").freeze(Duration::from_secs(2)).await.expect("it goes on"),
            (false, 0) => hub.crash().await.expect("the first comes back"),
            (false, 1) => hub.crash_second(&mut worker, Duration::from_secs(1)).await.expect("the other comes back"),
            (false, _) => {
                hub.redis().expect("Redis").empty().await.expect("emptied");
                hub.crash_second(&mut worker, Duration::ZERO).await.expect("the other comes back");
            }
        }
        for sender in senders {
            accepted.extend(sender.await.expect("no panic"));
        }
        if turn + 1 == TURNS {
            all_arrive(&sink, &accepted).await;
            by_offers = [leased(hub.address).await, leased(worker.address).await];
            let claimed =
                figure(hub.address, &operator, CLAIMED).await + figure(worker.address, &operator, CLAIMED).await;
            let (distinct, repeated) = sink.counts();
            println!(
                "offers: after {TURNS} faults of Redis {distinct} arrived, {by_offers:?} leased by offers, {claimed} claimed, {repeated} repeated"
            );
            assert_eq!(repeated, 0, "whatever Redis does, nothing is sent twice");
        }
    }
    let waiting = all_arrive(&sink, &accepted).await;
    let (distinct, repeated) = sink.counts();
    println!(
        "offers: {} accepted, {distinct} arrived, {repeated} repeated, the last after {waiting:?}",
        accepted.len()
    );
    let again = sent_again_after_success(&hub).await;
    hub.stop().await.expect("the hub stops");
    assert!(accepted.len() > TURNS * EVENTS, "only {} events were accepted", accepted.len());
    assert!(by_offers.iter().all(|leased| *leased > 0.0), "both take what is offered: {by_offers:?}");
    assert!(waiting < Duration::from_secs(30), "what a dead process held is taken over within 30 s");
    assert_eq!(again, [""; 0], "deliveries that were tried again although their success was on record");
}

/// Deliveries that a process leased because they were offered.
const LEASED: &str = r#"patchbay_offered_deliveries_total{group="webhooks",outcome="leased"}"#;
/// Deliveries that a process found in the table.
const CLAIMED: &str = "patchbay_deliveries_claimed_total";

/// A figure of a process; 0 where it has not counted yet.
async fn figure(address: SocketAddr, operator: &str, name: &str) -> f64 {
    let request = format!("GET /metrics HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {operator}\r\n\r\n");
    let mut connection = Connection::open(address).await.expect("a connection");
    let (status, body) = connection.send(request.as_bytes()).await.expect("an answer");
    let text = String::from_utf8_lossy(&body).into_owned();
    assert_eq!(status, 200, "{text}");
    text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok()).unwrap_or(0.0)
}

/// Waits until all of these have arrived: how long that took.
async fn all_arrive(sink: &Sink, accepted: &[usize]) -> Duration {
    let waiting = std::time::Instant::now();
    let mut missing = accepted.to_vec();
    while !missing.is_empty() && waiting.elapsed() < Duration::from_secs(60) {
        missing.retain(|number| sink.arrived_us(*number).is_none());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(missing.is_empty(), "accepted but never delivered: {missing:?}");
    waiting.elapsed()
}

/// The deliveries with an attempt after one that succeeded.
async fn sent_again_after_success(hub: &Hub) -> Vec<String> {
    let get = |path: String, key: &str| {
        format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n\r\n").into_bytes()
    };
    let mut connection = Connection::open(hub.address).await.expect("a connection");
    let mut ask = async |path: String| -> serde_json::Value {
        let (status, body) = connection.send(&get(path, &hub.api_key)).await.expect("an answer");
        assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).expect("JSON")
    };
    // Only those with several attempts can be wrong.
    let log = ask("/api/v1/deliveries?attempt=%3E1&limit=200".into()).await;
    let mut again = Vec::new();
    for row in log["data"].as_array().expect("rows") {
        let id = row["id"].as_str().expect("an id");
        let detail = ask(format!("/api/v1/deliveries/{id}")).await;
        let attempts = detail["attempts"].as_array().expect("attempts");
        let success = attempts.iter().position(|attempt| attempt["outcome"] == "succeeded");
        if success.is_some_and(|place| place + 1 < attempts.len()) {
            again.push(id.to_owned());
        }
    }
    again
}

/// Rounds of the test of what providers post: in each, one of two processes dies.
const DEATHS: usize = 4;
/// Requests of each round.
const REQUESTS: usize = 250;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_providers_post_is_told_once_whichever_of_two_processes_dies() {
    let sink = Sink::start().await.expect("a sink");
    let redis = Redis::start().await.expect("Redis");
    let binary = Path::new(env!("CARGO_BIN_EXE_patchbay"));
    let mut hub = Hub::start_with(binary, "postgres", Some(redis)).await.expect("a hub");
    hub.endpoint(&hub.api_key, &format!("http://{}/hook", sink.address), "", 10).await.expect("an endpoint");
    let source = Arc::new(Source::make(&hub).await.expect("a source"));
    let mut second = hub.second().await.expect("another process");
    let next = Arc::new(AtomicUsize::new(0));
    let mut kept = Vec::new();
    for round in 0..DEATHS {
        let limit = (round + 1) * REQUESTS;
        let providers: Vec<_> = (0..4)
            .flat_map(|_| [[hub.address, second.address], [second.address, hub.address]])
            .map(|addresses| tokio::spawn(post_twice(addresses, Arc::clone(&source), Arc::clone(&next), limit)))
            .collect();
        // Some are stored and not yet handled, some are being handled.
        while next.load(Ordering::SeqCst) < round * REQUESTS + REQUESTS / 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        match round % 2 {
            0 => hub.crash().await.expect("the first comes back"),
            _ => hub.crash_second(&mut second, Duration::from_secs(1)).await.expect("the second comes back"),
        }
        for provider in providers {
            kept.extend(provider.await.expect("no panic"));
        }
        next.store(limit, Ordering::SeqCst);
    }
    kept.sort_unstable();
    kept.dedup();
    let mut missing = kept.clone();
    let waiting = std::time::Instant::now();
    // What a dead process had claimed is claimed anew once the claim lapses, after a minute.
    while waiting.elapsed() < Duration::from_secs(150) {
        missing.retain(|number| sink.arrived_us(*number).is_none());
        if missing.is_empty() && all_handled(&hub).await {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let (told, (distinct, repeated)) = (events(&hub).await, sink.counts());
    println!(
        "what providers post: {} kept over {DEATHS} deaths, {} lost, {told} told, {distinct} arrived, {repeated} deliveries repeated, after {:?}",
        kept.len(),
        missing.len(),
        waiting.elapsed()
    );
    hub.stop().await.expect("the hub stops");
    assert!(kept.len() > REQUESTS, "only {} requests were kept", kept.len());
    assert!(missing.is_empty(), "kept but never told: {missing:?}");
    // Some may be stored whose answer was lost; each of them is one event, too, though it was posted twice.
    assert_eq!(told as u64, distinct, "each is told once");
}

/// Posts numbered requests as a provider does that tries again: each to one process, then to the other. Answers the numbers that one
/// of them said it has.
async fn post_twice(
    addresses: [SocketAddr; 2],
    source: Arc<Source>,
    next: Arc<AtomicUsize>,
    limit: usize,
) -> Vec<usize> {
    let mut kept = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::SeqCst);
        if number >= limit {
            return kept;
        }
        for address in addresses {
            // One that is dead answers nothing.
            let Ok(mut connection) = Connection::open(address).await else { continue };
            match connection.send(&source.request(number, 100)).await {
                Ok((200, _)) => kept.push(number),
                Ok((503, _)) | Err(_) => {}
                Ok((status, body)) => panic!("a request was answered {status}: {}", String::from_utf8_lossy(&body)),
            }
        }
    }
}

/// A list of the hub's, as JSON.
async fn get(hub: &Hub, path: &str) -> serde_json::Value {
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\r\n", hub.api_key);
    let mut connection = Connection::open(hub.address).await.expect("a connection");
    let (status, body) = connection.send(request.as_bytes()).await.expect("an answer");
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
    serde_json::from_slice(&body).expect("JSON")
}

/// Whether nothing that came in waits.
async fn all_handled(hub: &Hub) -> bool {
    let pending = get(hub, "/api/v1/inbound-requests?state=pending&limit=1").await;
    pending["data"].as_array().is_some_and(Vec::is_empty)
}

/// How many events sources have brought.
async fn events(hub: &Hub) -> usize {
    let mut count = 0;
    let mut path = "/api/v1/events?limit=200".to_owned();
    loop {
        let page = get(hub, &path).await;
        let rows = page["data"].as_array().expect("rows");
        count += rows.iter().filter(|event| event["source"] == "source").count();
        let Some(cursor) = page["next_cursor"].as_str() else { return count };
        path = format!("/api/v1/events?limit=200&cursor={cursor}");
    }
}
