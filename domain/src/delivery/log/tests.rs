//! The filters that need SQL of their own, on both databases.

use crate::db::on;
use crate::db::testing::both;
use crate::delivery::actions;
use crate::delivery::query::LogQuery;
use crate::hub::testing::TestHub;
use crate::id::{DeliveryId, EndpointId, EventId, OrgId};
use crate::{Caller, caller::Role};

/// Stores an endpoint of this name.
async fn endpoint(hub: &TestHub, org_id: &OrgId, name: &str) -> EndpointId {
    let id = hub.id(EndpointId::new);
    let mut tx = hub.db.begin().await.expect("a transaction");
    on!(&mut *tx, |c| {
        sqlx::query(
            "INSERT INTO endpoints (id, org_id, name, url, description, event_types_json, status, timeout_ms, retry_json, created_at, updated_at)
             VALUES ($1, $2, $3, 'https://billing.example.com/hooks', '', '[\"*\"]', 'active', 10000, '\"standard\"', 1, 1)",
        )
        .bind(&id)
        .bind(org_id)
        .bind(name)
        .execute(c)
        .await
        .map(drop)
    })
    .expect("an endpoint");
    tx.commit().await.expect("committed");
    id
}

/// Stores an event with one delivery after so many attempts, the last of which took so long.
async fn delivery(hub: &TestHub, org_id: &OrgId, to: &EndpointId, attempts: i64, duration_us: Option<i64>) {
    let event = hub.id(EventId::new);
    let mut tx = hub.db.begin().await.expect("a transaction");
    on!(&mut *tx, |c| {
        sqlx::query(
            "INSERT INTO events (org_id, id, event_type, source, occurred_at, created_at, dispatched_at, data)
             VALUES ($1, $2, 'invoice.paid', 'api', 1, 1, 1, '{}')",
        )
        .bind(org_id)
        .bind(&event)
        .execute(&mut *c)
        .await
        .expect("an event");
        sqlx::query(
            "INSERT INTO deliveries (org_id, id, event_id, event_type, endpoint_id, status, cause, attempt_count, max_attempts, last_duration_us, created_at, updated_at)
             VALUES ($1, $2, $3, 'invoice.paid', $4, 'retrying', 'event', $5, 8, $6, 1, 1)",
        )
        .bind(org_id)
        .bind(hub.id(DeliveryId::new))
        .bind(&event)
        .bind(to)
        .bind(attempts)
        .bind(duration_us)
        .execute(&mut *c)
        .await
        .expect("a delivery");
    });
    tx.commit().await.expect("committed");
}

/// How many deliveries a search finds; the figures must say the same.
async fn found(hub: &TestHub, caller: &Caller, q: &str) -> usize {
    let query = LogQuery { q: Some(q.into()), ..LogQuery::default() };
    let rows = actions::list(hub, caller, &query).await.expect(q).data.len();
    let counted = actions::stats(hub, caller, &query).await.expect(q).total;
    assert_eq!(usize::try_from(counted).ok(), Some(rows), "{q}");
    rows
}

both!(endpoints_are_found_by_their_name_within_the_organization, |hub| {
    let hub = hub.with_org().await;
    let stranger = hub.stranger().await;
    let other_org = stranger.org_id.clone().expect("an organization");
    for (org_id, name) in [
        (&hub.org_id, "Billing sync"),
        (&hub.org_id, "billing SYNC"),
        (&hub.org_id, "Audit"),
        (&other_org, "Billing sync"),
    ] {
        let id = endpoint(&hub, org_id, name).await;
        delivery(&hub, org_id, &id, 1, Some(1)).await;
    }
    let member = hub.caller(Role::Member);
    assert_eq!(found(&hub, &member, "endpoint:\"Billing sync\"").await, 2);
    assert_eq!(found(&hub, &member, "endpoint:AUDIT").await, 1);
    assert_eq!(found(&hub, &member, "endpoint:Billing").await, 0);
    assert_eq!(found(&hub, &stranger, "endpoint:Audit").await, 0);
    // The facet leaves its own filter out, by name as by id.
    let query = LogQuery { endpoint: Some("Audit".into()), ..LogQuery::default() };
    let stats = actions::stats(&hub, &member, &query).await.expect("figures");
    assert_eq!((stats.total, stats.by_endpoint.len()), (1, 3));
});

both!(deliveries_are_found_by_attempts_and_duration, |hub| {
    let hub = hub.with_org().await;
    let id = endpoint(&hub, &hub.org_id, "Billing").await;
    for (attempts, duration_us) in [(0, None), (1, Some(400)), (3, Some(2_000_000)), (4, Some(2_000_400))] {
        delivery(&hub, &hub.org_id, &id, attempts, duration_us).await;
    }
    let member = hub.caller(Role::Member);
    for (q, count) in [
        ("attempt:0", 1),
        ("attempt:>3", 1),
        ("attempt:>=3", 2),
        ("attempt:<3", 2),
        ("dur:>2000", 1),
        ("dur:>=2000", 2),
        ("dur:2000", 2),
        ("dur:<50", 1),
        ("dur:<1s attempt:1", 1),
        ("dur:>0 attempt:0", 0),
    ] {
        assert_eq!(found(&hub, &member, q).await, count, "{q}");
    }
});
