//! Search on both databases.

use super::store::{Spread, spread};
use super::*;
use crate::db::testing::both;
use crate::db::{Conn, on};
use crate::delivery::query;
use crate::hub::testing::TestHub;
use crate::id::{AttemptId, DeliveryId, EndpointId, EventId, OrgId};
use crate::time::Timestamp;

/// Stores an event with one delivered delivery and one attempt.
async fn insert(hub: &TestHub, org_id: &OrgId, data: &str, response: &[u8]) -> DeliveryId {
    let (event, endpoint, delivery) = (hub.id(EventId::new), hub.id(EndpointId::new), hub.id(DeliveryId::new));
    let mut tx = hub.db.begin().await.expect("a transaction");
    on!(&mut *tx, |c| {
        sqlx::query(
            "INSERT INTO endpoints (id, org_id, name, url, description, event_types_json, status, timeout_ms, retry_json, created_at, updated_at)
             VALUES ($1, $2, 'Billing service', 'https://billing.example.com/hooks', '', '[\"*\"]', 'active', 10000, '\"standard\"', 1, 1)",
        )
        .bind(&endpoint)
        .bind(org_id)
        .execute(&mut *c)
        .await
        .expect("an endpoint");
        sqlx::query(
            "INSERT INTO events (org_id, id, event_type, source, caller_id, idempotency_key, occurred_at, created_at, dispatched_at, data)
             VALUES ($1, $2, 'invoice.paid', 'api', 'own-4711', 'key-abc', 1, 1, 1, $3)",
        )
        .bind(org_id)
        .bind(&event)
        .bind(data)
        .execute(&mut *c)
        .await
        .expect("an event");
        sqlx::query(
            "INSERT INTO deliveries (org_id, id, event_id, event_type, endpoint_id, status, cause, attempt_count, max_attempts, created_at, updated_at, unindexed_at)
             VALUES ($1, $2, $3, 'invoice.paid', $4, 'delivered', 'event', 1, 8, 1, 1, $5)",
        )
        .bind(org_id)
        .bind(&delivery)
        .bind(&event)
        .bind(&endpoint)
        .bind(hub.now())
        .execute(&mut *c)
        .await
        .expect("a delivery");
    });
    tx.commit().await.expect("committed");
    attempt(hub, org_id, &delivery, response).await;
    delivery
}

async fn attempt(hub: &TestHub, org_id: &OrgId, delivery: &DeliveryId, response: &[u8]) {
    let mut tx = hub.db.begin().await.expect("a transaction");
    on!(&mut *tx, |c| {
        sqlx::query(
            "INSERT INTO attempts (org_id, delivery_id, id, number, started_at, outcome, code, error, total_us, url, request_headers, response_headers, response_truncated, response_body)
             VALUES ($1, $2, $3, 1, 1, 'rejected', 503, 'upstream exploded', 5, 'https://billing.example.com/hooks', '[[\"x-tenant\",\"Nordlicht\"]]', '[[\"retry-after\",\"120\"]]', 0, $4)",
        )
        .bind(org_id)
        .bind(delivery)
        .bind(hub.id(AttemptId::new))
        .bind(response)
        .execute(c)
        .await
        .map(drop)
    })
    .expect("an attempt");
    tx.commit().await.expect("committed");
}

/// Sets when a delivery changed, and how it stands.
async fn touch(hub: &TestHub, delivery: &DeliveryId, at: Timestamp, status: &str, due_at: Option<Timestamp>) {
    let mut tx = hub.db.begin().await.expect("a transaction");
    on!(&mut *tx, |c| {
        sqlx::query("UPDATE deliveries SET unindexed_at = $2, status = $3, due_at = $4 WHERE id = $1")
            .bind(delivery)
            .bind(at)
            .bind(status)
            .bind(due_at)
            .execute(c)
            .await
            .map(drop)
    })
    .expect("changed");
    tx.commit().await.expect("committed");
}

async fn drain(hub: &TestHub) {
    while tick(hub).await.expect("a round") > 0 {}
    assert_eq!(lag(hub).await.expect("a count"), 0);
}

/// What a text finds, however many there are thought to be of it.
async fn search(hub: &TestHub, org_id: &OrgId, text: &str) -> Vec<DeliveryId> {
    let words: Vec<String> = query::words(text).collect();
    let mut found = Vec::new();
    for spread in [Spread::Unknown, Spread::Rare, Spread::Common] {
        let conn: &mut Conn = &mut hub.db.read().await.expect("a connection");
        let ids: Vec<DeliveryId> = on!(conn, |c| {
            let mut sql = sqlx::QueryBuilder::new("SELECT d.id FROM deliveries d WHERE d.org_id = ");
            sql.push_bind(org_id).push(" AND ");
            push_match(&mut sql, DELIVERIES, org_id, &words, spread);
            sql.push(" ORDER BY d.id").build_query_scalar().fetch_all(c).await
        })
        .expect(text);
        found.push(ids);
    }
    assert!(found.iter().all(|ids| *ids == found[0]), "{text}: {found:?}");
    found.swap_remove(0)
}

both!(words_of_many_of_the_newest_are_common, |hub| {
    let hub = hub.with_org().await;
    let org = hub.org_id.clone();
    for number in 0..30 {
        hub.clock.advance_ms(1);
        insert(&hub, &org, &format!(r#"{{"note":"often","number":"n{number}"}}"#), b"fine").await;
    }
    drain(&hub).await;
    let spread_of = async |org: &OrgId, text: &str| {
        let words: Vec<String> = query::words(text).collect();
        spread(&mut hub.db.read().await.expect("a connection"), DELIVERIES, org, &words).await.expect(text)
    };
    let is_sqlite = matches!(hub.db.read().await.expect("a connection"), Conn::Sqlite(_));
    let expected = |spread| if is_sqlite { Spread::Unknown } else { spread };
    assert_eq!(spread_of(&org, "oft").await, expected(Spread::Common));
    assert_eq!(spread_of(&org, "often n7").await, expected(Spread::Rare));
    assert_eq!(spread_of(&hub.id(OrgId::new), "often").await, expected(Spread::Rare));
    assert_eq!(spread_of(&org, "").await, Spread::Unknown);
});

both!(everything_of_a_delivery_is_found, |hub| {
    let hub = hub.with_org().await;
    let org = hub.org_id.clone();
    let data = r#"{"customer":{"name":"M\u00fcller & S\u00f6hne","city":"Straßburg"},"note":"two\nlines","名前":"東京都 渋谷区","greek":"ΑΘΗΝΑ","hindi":"हिन्दी","emoji":"\ud83d\ude00ok"}"#;
    let id = insert(&hub, &org, data, b"{\"error\":\"database is locked\"}").await;
    let other = insert(&hub, &org, r#"{"customer":"Meier"}"#, b"fine").await;
    assert_eq!(lag(&hub).await.expect("a count"), 2);
    drain(&hub).await;
    for text in [
        "müller",
        "MÜLLER söhne",
        "straßburg",
        "customer locked",
        "two lines",
        "名前",
        "渋谷区",
        "東京",
        "αθηνα",
        "हिन्दी",
        "हिन्",
        "database is lock",
        "city stra",
    ] {
        assert_eq!(search(&hub, &org, text).await, std::slice::from_ref(&id), "{text}");
    }
    for text in [
        "invoice paid",
        "own 4711",
        "abc",
        "billing service",
        "hooks",
        "nordlicht",
        "x-tenant",
        "retry-after 120",
        "exploded",
        "upstream expl",
        "",
    ] {
        assert_eq!(search(&hub, &org, text).await, [id.clone(), other.clone()], "{text}");
    }
    for text in ["muller", "müll söhne", "meier müller", "nothing", "u00fc", "nlines", "京都"] {
        assert_eq!(search(&hub, &org, text).await, [], "{text}");
    }
});

both!(an_event_id_is_found_by_its_words, |hub| {
    let hub = hub.with_org().await;
    let org = hub.org_id.clone();
    let id = insert(&hub, &org, "{}", b"").await;
    drain(&hub).await;
    let event: String =
        on!(&mut hub.db.read().await.expect("a connection"), |c| sqlx::query_scalar("SELECT event_id FROM deliveries")
            .fetch_one(c)
            .await)
        .expect("one");
    assert_eq!(search(&hub, &org, &event).await, std::slice::from_ref(&id));
    assert_eq!(search(&hub, &org, &event[..20]).await, [id]);
});

both!(no_text_breaks_the_search, |hub| {
    let hub = hub.with_org().await;
    let org = hub.org_id.clone();
    let id = insert(&hub, &org, r#"{"a":"NEAR and or not quoted"}"#, b"").await;
    drain(&hub).await;
    for text in [
        "\"",
        "'",
        "a' OR 1=1 --",
        "NEAR(a b)",
        "words : a",
        "org:x",
        "* AND",
        "a & !b | c:*",
        "\\",
        "{}",
        "-a",
        "^a",
        "NOT",
        "1e5 -3.5",
        "\u{0}",
        "\u{e000}",
        "ǅ İ ß",
    ] {
        search(&hub, &org, text).await;
    }
    assert_eq!(search(&hub, &org, "NEAR AND OR NOT").await, [id]);
    let many: String = (0..200).map(|n| format!("w{n} ")).collect();
    assert_eq!(search(&hub, &org, &many).await, []);
});

both!(nothing_of_another_organization_is_found, |hub| {
    let hub = hub.with_org().await;
    let (ours, theirs) = (hub.org_id.clone(), hub.id(OrgId::new));
    hub.insert_org(&theirs).await;
    let mine = insert(&hub, &ours, r#"{"word":"shared"}"#, b"").await;
    let other = insert(&hub, &theirs, r#"{"word":"shared private"}"#, b"").await;
    drain(&hub).await;
    assert_eq!(search(&hub, &ours, "shared").await, [mine]);
    assert_eq!(search(&hub, &theirs, "shared").await, [other]);
    assert_eq!(search(&hub, &ours, "private").await, []);
    assert_eq!(search(&hub, &ours, theirs.as_str()).await, []);
});

both!(a_changed_delivery_is_indexed_anew, |hub| {
    let hub = hub.with_org().await;
    let org = hub.org_id.clone();
    let id = insert(&hub, &org, "{}", b"first").await;
    drain(&hub).await;
    assert_eq!(tick(&hub).await.expect("a round"), 0);
    attempt(&hub, &org, &id, b"second").await;
    assert_eq!(search(&hub, &org, "second").await, []);
    touch(&hub, &id, hub.now(), "delivered", None).await;
    drain(&hub).await;
    for text in ["first", "second", "first second"] {
        assert_eq!(search(&hub, &org, text).await, std::slice::from_ref(&id), "{text}");
    }
});

both!(a_change_during_the_round_is_not_lost, |hub| {
    let hub = hub.with_org().await;
    let id = insert(&hub, &hub.org_id, "{}", b"").await;
    let due = store::unindexed(&mut hub.db.read().await.expect("a connection"), hub.now(), SETTLE_MS, 10)
        .await
        .expect("read");
    touch(&hub, &id, hub.now().plus_ms(1), "delivered", None).await;
    let mut tx = hub.db.begin().await.expect("a transaction");
    store::clear(&mut tx, &due).await.expect("cleared");
    tx.commit().await.expect("committed");
    assert_eq!(lag(&hub).await.expect("a count"), 1);
});

both!(an_attempt_that_has_just_begun_is_waited_for, |hub| {
    let hub = hub.with_org().await;
    let id = insert(&hub, &hub.org_id, "{}", b"").await;
    let later = Some(hub.now().plus_ms(30_000));
    touch(&hub, &id, hub.now(), "pending", later).await;
    assert_eq!(tick(&hub).await.expect("a round"), 0);
    touch(&hub, &id, hub.now().plus_ms(-SETTLE_MS), "pending", later).await;
    assert_eq!(tick(&hub).await.expect("a round"), 1);
    touch(&hub, &id, hub.now(), "pending", None).await;
    assert_eq!(tick(&hub).await.expect("a round"), 1);
});

both!(large_bodies_are_indexed_up_to_their_limits, |hub| {
    let hub = hub.with_org().await;
    let org = hub.org_id.clone();
    let words = |from: usize, bytes: usize| (from..).map(|n| format!("w{n:07} ")).take(bytes / 9).collect::<String>();
    let data = format!(r#"{{"text":"{} lastword {}"}}"#, words(0, 63_000), "y".repeat(150_000));
    let mut ids = Vec::new();
    for _ in 0..20 {
        ids.push(insert(&hub, &org, &data, words(1_000_000, 65_536).as_bytes()).await);
    }
    attempt(&hub, &org, &ids[0], &[b'\\'; 70_000]).await;
    attempt(&hub, &org, &ids[0], &[0xff; 65_536]).await;
    drain(&hub).await;
    for text in ["w0000000", "w0006999", "lastword", "w1000000", "w1007280"] {
        assert_eq!(search(&hub, &org, text).await, ids, "{text}");
    }
    assert_eq!(search(&hub, &org, "yyyyyyyyyyyy").await, [], "words of more than 64 letters are left out");
});

both!(a_request_that_is_deleted_while_it_is_indexed_leaves_no_words, |hub| {
    use crate::source::tests::{Desk, invoice};
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some("whsec_EXAMPLEnotARealSecret0000")).await;
    desk.take(&desk.stripe(&invoice("evt_1"))).await;
    let mut tx = hub.db.begin().await.expect("a transaction");
    on!(&mut *tx, |c| sqlx::query("UPDATE inbound_requests SET unindexed_at = 1").execute(c).await.map(drop))
        .expect("changed");
    tx.commit().await.expect("committed");
    let mut conn = hub.db.read().await.expect("a connection");
    let due = request::unindexed(&mut conn, hub.now()).await.expect("read");
    let documents = request::read(&mut conn, &due).await.expect("documents");
    assert_eq!((due.len(), documents.len()), (1, 1));
    drop(conn);
    let mut tx = hub.db.begin().await.expect("a transaction");
    let before = hub.now().plus_ms(1);
    let gone = crate::source::store::requests::delete_old(&mut tx, &hub.org_id, before, 10).await;
    assert_eq!(gone.expect("deleted"), 1);
    tx.commit().await.expect("committed");
    request::write(&hub, &due, documents).await.expect("written");
    let mut conn = hub.db.read().await.expect("a connection");
    let left: i64 =
        on!(&mut conn, |c| sqlx::query_scalar("SELECT COUNT(*) FROM inbound_search_docs").fetch_one(c).await)
            .expect("a count");
    assert_eq!(left, 0);
});

#[test]
fn a_round_takes_no_more_bodies_than_four_mebibytes_or_one() {
    let due = |mib: i64| request::Due {
        id: crate::id::InboundRequestId::new(1, [1; 10]),
        unindexed_at: 1,
        size: mib * 1024 * 1024,
    };
    let taken = |sizes: &[i64]| request::in_one_round(&sizes.iter().map(|mib| due(*mib)).collect::<Vec<_>>());
    assert_eq!([taken(&[1, 2, 1, 1]), taken(&[2, 9]), taken(&[9, 1]), taken(&[0; 20])], [3, 1, 1, 20]);
}
