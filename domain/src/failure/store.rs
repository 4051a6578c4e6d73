//! SQL of failures in a row.

use std::collections::HashMap;

use super::Fold;
use crate::Result;
use crate::db::{Conn, dialect, on};
use crate::endpoint::breaker::{Breaker, PROBE_MS};
use crate::id::{EndpointId, OrgId};
use crate::time::Timestamp;

/// A row of `endpoint_failures`.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) endpoint_id: EndpointId,
    pub(crate) failures: i64,
    pub(crate) first_at: Timestamp,
    pub(crate) open_until: Option<Timestamp>,
    pub(crate) pause_ms: Option<i64>,
}

impl Row {
    /// The circuit breaker as it was stored.
    pub(crate) fn breaker(&self) -> Breaker {
        Breaker::stored(self.failures, self.open_until, self.pause_ms.unwrap_or(0))
    }
}

/// The failing endpoints of an organization.
pub(crate) async fn of_org(conn: &mut Conn, org_id: &OrgId) -> Result<HashMap<EndpointId, Row>> {
    let rows: Vec<Row> = on!(conn, |c| {
        sqlx::query_as(
            "SELECT endpoint_id, failures, first_at, open_until, pause_ms FROM endpoint_failures WHERE org_id = $1",
        )
        .bind(org_id)
        .fetch_all(c)
        .await
    })?;
    Ok(rows.into_iter().map(|row| (row.endpoint_id.clone(), row)).collect())
}

/// Adds failures; answers the count since the last success and when the first of them was.
pub(super) async fn add(conn: &mut Conn, org_id: &OrgId, id: &EndpointId, fold: &Fold) -> Result<(i64, Timestamp)> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "INSERT INTO endpoint_failures (endpoint_id, org_id, failures, first_at, last_at, open_until, pause_ms) VALUES ($1, $2, $3, $4, $4, $5, $6)
             ON CONFLICT (endpoint_id) DO UPDATE SET failures = endpoint_failures.failures + excluded.failures, last_at = excluded.last_at,
             open_until = COALESCE(excluded.open_until, endpoint_failures.open_until), pause_ms = COALESCE(excluded.pause_ms, endpoint_failures.pause_ms)
             RETURNING failures, first_at",
        )
        .bind(id)
        .bind(org_id)
        .bind(fold.count)
        .bind(fold.last_at)
        .bind(fold.opened.map(|(until, _)| until))
        .bind(fold.opened.map(|(_, pause_ms)| pause_ms))
        .fetch_one(c)
        .await
    })?)
}

/// Forgets the failures of an endpoint.
pub(crate) async fn clear(conn: &mut Conn, id: &EndpointId) -> Result<()> {
    on!(conn, |c| {
        sqlx::query("DELETE FROM endpoint_failures WHERE endpoint_id = $1").bind(id).execute(c).await.map(drop)
    })?;
    Ok(())
}

/// Lets another probe go at once.
pub(super) async fn give_up_probe(conn: &mut Conn, id: &EndpointId) -> Result<()> {
    on!(conn, |c| {
        sqlx::query("UPDATE endpoint_failures SET probe_until = NULL WHERE endpoint_id = $1")
            .bind(id)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Whether the pause of any open circuit breaker is over; a cheap look before [`claim_probes`] takes the writer.
pub(crate) async fn any_probe_due(conn: &mut Conn, now: Timestamp) -> Result<bool> {
    let one: Option<i64> = on!(conn, |c| {
        sqlx::query_scalar("SELECT open_until FROM endpoint_failures WHERE open_until <= $1 AND (probe_until IS NULL OR probe_until <= $1) LIMIT 1")
            .bind(now)
            .fetch_optional(c)
            .await
    })?;
    Ok(one.is_some())
}

/// Takes the endpoints whose pause is over, so that one process alone probes each; again only after the time that a
/// probe may take.
pub(crate) async fn claim_probes(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<Vec<(EndpointId, OrgId)>> {
    let sql = dialect!(conn,
        sqlite: "UPDATE endpoint_failures SET probe_until = $1 WHERE endpoint_id IN (SELECT endpoint_id FROM endpoint_failures WHERE open_until <= $2 AND (probe_until IS NULL OR probe_until <= $2) LIMIT $3) RETURNING endpoint_id, org_id",
        postgres: "UPDATE endpoint_failures SET probe_until = $1 WHERE endpoint_id IN (SELECT endpoint_id FROM endpoint_failures WHERE open_until <= $2 AND (probe_until IS NULL OR probe_until <= $2) LIMIT $3 FOR UPDATE SKIP LOCKED) RETURNING endpoint_id, org_id");
    let until = now.plus_ms(PROBE_MS);
    Ok(on!(conn, |c| sqlx::query_as(sql).bind(until).bind(now).bind(limit).fetch_all(c).await)?)
}
