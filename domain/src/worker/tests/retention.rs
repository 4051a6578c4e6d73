//! What is old goes, what waits stays, and what is erased is nowhere to be found.

use serde_json::json;

use super::support::{PAID, Receiver, endpoint, endpoint_with, log, post};
use crate::caller::Role;
use crate::db::testing::both;
use crate::db::{Db, on};
use crate::delivery::query::LogQuery;
use crate::delivery::{DeliveryStatus, Outcome, actions as deliveries};
use crate::endpoint::{EndpointChange, EndpointStatus, Retry, actions as endpoints};
use crate::event::actions as events;
use crate::hub::testing::TestHub;
use crate::org::{OrgChange, actions as orgs};
use crate::replay::Settings;
use crate::time::Timestamp;
use crate::worker::{drain, quiet};
use crate::{PageQuery, retention};

const DAY_MS: i64 = 24 * 3600 * 1000;

async fn keep(hub: &TestHub, fields: serde_json::Value) {
    let change: OrgChange = serde_json::from_value(fields).expect("a change");
    orgs::update(hub, &hub.caller(Role::Owner), change).await.expect("changed");
}

async fn found(hub: &TestHub, word: &str) -> usize {
    let query = LogQuery { q: Some(word.into()), ..LogQuery::default() };
    deliveries::list(hub, &hub.caller(Role::Member), &query).await.expect("a log").data.len()
}

both!(old_payloads_are_erased_and_the_rows_of_the_log_stay, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    endpoint(&hub, &receiver.url, Retry::default()).await;
    let old = post(&hub, PAID).await.expect("accepted");
    drain(&hub).await.expect("drained");
    keep(&hub, json!({ "payload_days": 7 })).await;
    hub.clock.advance_ms(6 * DAY_MS);
    let young = post(&hub, PAID).await.expect("accepted");
    drain(&hub).await.expect("drained");
    assert_eq!(retention::tick(&hub).await.expect("a round"), 0, "not yet");
    assert_eq!(found(&hub, "inv_8812").await, 2);
    hub.clock.advance_ms(DAY_MS + 1);
    assert_eq!(retention::tick(&hub).await.expect("a round"), 1);
    assert_eq!(retention::tick(&hub).await.expect("a round"), 0, "not twice");
    let member = hub.caller(Role::Member);
    let erased = events::get(&hub, &member, &old.id).await.expect("the event");
    assert_eq!((erased.data.as_str(), erased.erased_at), ("{}", Some(hub.now())));
    assert!(events::get(&hub, &member, &young.id).await.expect("the event").data.contains("inv_8812"));
    let rows = log(&hub).await;
    assert_eq!(rows.len(), 2);
    let detail = deliveries::get(&hub, &member, &rows[1].id).await.expect("the detail");
    assert_eq!((detail.attempts[0].response_body.clone(), detail.attempts[0].response_headers.len()), (None, 0));
    assert_eq!(found(&hub, "inv_8812").await, 1, "nor is it found by its words");
});

both!(what_waits_keeps_its_payload_however_old_it_is, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["500 Oops", "200 OK"]).await;
    endpoint(&hub, &receiver.url, Retry::Own(vec![7 * 24 * 3600])).await;
    post(&hub, PAID).await.expect("accepted");
    drain(&hub).await.expect("drained");
    keep(&hub, json!({ "payload_days": 1, "log_days": 1 })).await;
    hub.clock.advance_ms(5 * DAY_MS);
    assert_eq!(retention::tick(&hub).await.expect("a round"), 0);
    hub.clock.advance_ms(5 * DAY_MS);
    drain(&hub).await.expect("drained");
    assert!(receiver.seen()[1].contains("inv_8812"));
    assert!(retention::tick(&hub).await.expect("a round") > 0);
    assert_eq!(log(&hub).await.len(), 0);
});

both!(old_rows_of_the_log_go_with_their_events_and_others_are_untouched, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    endpoint(&hub, &receiver.url, Retry::default()).await;
    for _ in 0..3 {
        post(&hub, PAID).await.expect("accepted");
    }
    post(&hub, r#"{"event_type":"user.joined","data":{"nobody":"wants it"}}"#).await.expect("accepted");
    drain(&hub).await.expect("drained");
    keep(&hub, json!({ "log_days": 30 })).await;
    hub.clock.advance_ms(31 * DAY_MS);
    post(&hub, PAID).await.expect("accepted");
    drain(&hub).await.expect("drained");
    assert_eq!(retention::tick(&hub).await.expect("a round"), 7, "three deliveries and four events");
    assert_eq!((log(&hub).await.len(), found(&hub, "inv_8812").await), (1, 1));
    let left = events::list(&hub, &hub.caller(Role::Member), None, &PageQuery::default()).await.expect("events");
    assert_eq!(left.data.len(), 1);
});

/// The parts of a table; on SQLite there are none.
async fn parts(hub: &TestHub, table: &str) -> Vec<String> {
    let Db::Postgres(pool) = &hub.db else { return Vec::new() };
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = to_regclass($1)
         ORDER BY 1",
    )
    .bind(table)
    .fetch_all(pool)
    .await
    .expect("parts");
    names
}

/// The name of the part of a day.
fn part(table: &str, at: Timestamp) -> String {
    format!("{table}_{}", at.rfc3339()[..10].replace('-', ""))
}

both!(a_day_that_lapsed_for_all_goes_as_a_whole_and_one_that_somebody_keeps_stays, |hub| {
    let hub = hub.with_org().await;
    retention::prepare(&hub).await.expect("days");
    let receiver = Receiver::answering(&["200 OK"]).await;
    let made = endpoint(&hub, &receiver.url, Retry::default()).await;
    let first = hub.now();
    let other = hub.stranger().await;
    for _ in 0..3 {
        post(&hub, PAID).await.expect("accepted");
    }
    drain(&hub).await.expect("drained");
    hub.clock.advance_ms(DAY_MS);
    let second = hub.now();
    post(&hub, PAID).await.expect("accepted");
    let kept = r#"{"event_type":"user.joined","data":{"kept":"for ever"}}"#;
    events::ingest(&hub, &other, kept.as_bytes(), None).await.expect("accepted");
    drain(&hub).await.expect("drained");
    hub.clock.advance_ms(DAY_MS);
    let third = hub.now();
    let pause = EndpointChange { status: Some(EndpointStatus::Paused), ..EndpointChange::default() };
    endpoints::update(&hub, &hub.caller(Role::Owner), &made.endpoint.id, pause).await.expect("paused");
    post(&hub, PAID).await.expect("accepted");
    drain(&hub).await.expect("drained");
    let is_cut = !parts(&hub, "events").await.is_empty();
    for table in ["events", "attempts", "search_docs"] {
        let there = parts(&hub, table).await;
        assert!(!is_cut || [first, second, third].iter().all(|at| there.contains(&part(table, *at))), "{there:?}");
    }

    keep(&hub, json!({ "log_days": 30 })).await;
    hub.clock.advance_ms(31 * DAY_MS);
    assert!(retention::tick(&hub).await.expect("a round") > 0);
    while retention::tick(&hub).await.expect("a round") > 0 {}
    let left = log(&hub).await;
    assert_eq!((left.len(), left[0].status), (1, DeliveryStatus::Paused), "what waits is there");
    let member = hub.caller(Role::Member);
    assert_eq!(events::list(&hub, &member, None, &PageQuery::default()).await.expect("events").data.len(), 1);
    assert_eq!(events::list(&hub, &other, None, &PageQuery::default()).await.expect("events").data.len(), 1);
    if is_cut {
        for table in ["events", "attempts", "search_docs"] {
            let there = parts(&hub, table).await;
            assert!(!there.contains(&part(table, first)), "{there:?}");
            assert!(there.contains(&part(table, second)) && there.contains(&part(table, third)), "{there:?}");
        }
    }
});

both!(of_a_day_that_one_delivery_keeps_what_is_of_others_goes, |hub| {
    let hub = hub.with_org().await;
    retention::prepare(&hub).await.expect("days");
    let receiver = Receiver::answering(&["200 OK"]).await;
    let made = endpoint(&hub, &receiver.url, Retry::default()).await;
    let day = hub.now();
    for _ in 0..2 {
        post(&hub, PAID).await.expect("accepted");
    }
    drain(&hub).await.expect("drained");
    let pause = EndpointChange { status: Some(EndpointStatus::Paused), ..EndpointChange::default() };
    endpoints::update(&hub, &hub.caller(Role::Owner), &made.endpoint.id, pause).await.expect("paused");
    post(&hub, PAID).await.expect("accepted");
    hub.clock.advance_ms(2000);
    drain(&hub).await.expect("drained");
    let count = async |sql: &'static str| {
        let mut conn = hub.db.read().await.expect("a connection");
        let count: i64 = on!(&mut conn, |c| sqlx::query_scalar(sql).fetch_one(c).await).expect("a count");
        count
    };
    let (attempts, docs) = ("SELECT COUNT(*) FROM attempts", "SELECT COUNT(*) FROM search_docs");
    assert_eq!((count(attempts).await, count(docs).await), (2, 3));
    keep(&hub, json!({ "log_days": 30 })).await;
    hub.clock.advance_ms(31 * DAY_MS);
    while retention::tick(&hub).await.expect("a round") > 0 {}
    let left = log(&hub).await;
    assert_eq!((left.len(), left[0].status), (1, DeliveryStatus::Paused), "what waits is there");
    assert_eq!((count(attempts).await, count(docs).await), (0, 1));
    let there = parts(&hub, "attempts").await;
    assert!(there.is_empty() || there.contains(&part("attempts", day)), "{there:?}");
});

both!(a_payload_is_erased_on_request_and_nothing_more_is_sent_of_it, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["500 Oops", "200 OK"]).await;
    endpoint(&hub, &receiver.url, Retry::Own(vec![10])).await;
    let event = post(&hub, PAID).await.expect("accepted");
    drain(&hub).await.expect("drained");
    assert!(retention::erase_event(&hub, &hub.caller(Role::Member), &event.id).await.is_err());
    assert!(retention::erase_event(&hub, &hub.stranger().await, &event.id).await.is_err());
    retention::erase_event(&hub, &hub.caller(Role::Owner), &event.id).await.expect("erased");
    hub.clock.advance_ms(60_000);
    drain(&hub).await.expect("drained");
    assert_eq!(receiver.seen().len(), 1);
    let row = log(&hub).await.remove(0);
    assert_eq!((row.status, found(&hub, "inv_8812").await), (DeliveryStatus::Failed, 0));
    deliveries::replay(&hub, &hub.caller(Role::Owner), &row.id, Settings::Now).await.expect("asked for");
    drain(&hub).await.expect("drained");
    assert_eq!((receiver.seen().len(), log(&hub).await[0].status), (1, DeliveryStatus::Failed));
});

both!(what_waits_for_its_batch_is_not_sent_once_its_payload_is_erased, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let batch = json!({ "delivery": { "form": "batch", "max_events": 10, "max_wait_s": 300 } });
    endpoint_with(&hub, &receiver.url, batch).await;
    drain(&hub).await.expect("drained");
    let event = post(&hub, PAID).await.expect("accepted");
    post(&hub, r#"{"event_type":"invoice.paid","data":{"id":"inv_8813"}}"#).await.expect("accepted");
    drain(&hub).await.expect("drained");
    retention::erase_event(&hub, &hub.caller(Role::Owner), &event.id).await.expect("erased");
    hub.clock.advance_ms(300_000);
    drain(&hub).await.expect("drained");
    let seen = receiver.seen();
    assert_eq!((seen.len(), seen[0].contains("inv_8813"), seen[0].contains("inv_8812")), (1, true, false));
});

both!(what_is_answered_after_its_payload_was_erased_is_not_kept, |hub| {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let hub = hub.with_org().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
    let script = "function transform(event) { return { paid: event.data.id } }";
    endpoint_with(&hub, &url, json!({ "timeout_ms": 30_000, "retry": [], "transformation": script })).await;
    hub.lanes.set_open(true);
    let event = post(&hub, PAID).await.expect("accepted");
    let (mut socket, _) = listener.accept().await.expect("a connection");
    let (mut request, mut piece) = (String::new(), [0; 4096]);
    while !request.contains("inv_8812") {
        let length = socket.read(&mut piece).await.expect("a request");
        assert!(length > 0, "{request}");
        request.push_str(&String::from_utf8_lossy(&piece[..length]));
    }
    retention::erase_event(&hub, &hub.caller(Role::Owner), &event.id).await.expect("erased");
    let answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 8\r\n\r\ninv_8812";
    socket.write_all(answer).await.expect("answered");
    quiet(&hub).await;
    let row = log(&hub).await.remove(0);
    assert_eq!(row.status, DeliveryStatus::Failed);
    let attempt =
        deliveries::get(&hub, &hub.caller(Role::Member), &row.id).await.expect("the detail").attempts.remove(0);
    assert_eq!((attempt.outcome, attempt.code), (Outcome::Succeeded, Some(200)));
    assert_eq!((attempt.request_body, attempt.response_body, attempt.response_headers.len()), (None, None, 0));
});
