//! SQL of organizations.

use sqlx::{Database, QueryBuilder};

use super::{Org, OrgMembership, OrgOverview};
use crate::Result;
use crate::db::{Conn, on};
use crate::id::{DeliveryId, OrgId, UserId};
use crate::page::Cursor;
use crate::time::Timestamp;

/// Stores a new organization.
pub(crate) async fn insert(conn: &mut Conn, org: &Org) -> Result<()> {
    on!(conn, |c| {
        sqlx::query("INSERT INTO orgs (id, name, created_at, updated_at) VALUES ($1, $2, $3, $4)")
            .bind(&org.id)
            .bind(&org.name)
            .bind(org.created_at)
            .bind(org.updated_at)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// The organization with this id.
pub(crate) async fn find(conn: &mut Conn, id: &OrgId) -> Result<Option<Org>> {
    let org = on!(conn, |c| {
        sqlx::query_as("SELECT id, name, payload_days, log_days, created_at, updated_at FROM orgs WHERE id = $1")
            .bind(id)
            .fetch_optional(c)
            .await
    })?;
    Ok(org)
}

/// Stores what can change of an organization.
pub(crate) async fn update(conn: &mut Conn, org: &Org) -> Result<()> {
    on!(conn, |c| {
        sqlx::query("UPDATE orgs SET name = $1, payload_days = $2, log_days = $3, updated_at = $4 WHERE id = $5")
            .bind(&org.name)
            .bind(org.payload_days)
            .bind(org.log_days)
            .bind(org.updated_at)
            .bind(&org.id)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// The integrations that were given to an organization beside those that all may connect.
pub(crate) async fn integrations(conn: &mut Conn, org_id: &OrgId) -> Result<Vec<String>> {
    const SQL: &str = "SELECT integration FROM org_integrations WHERE org_id = $1 ORDER BY integration";
    Ok(on!(conn, |c| sqlx::query_scalar(SQL).bind(org_id).fetch_all(c).await)?)
}

/// Gives an organization an integration; whether it did not have it.
pub(crate) async fn give_integration(conn: &mut Conn, org_id: &OrgId, key: &str, now: Timestamp) -> Result<bool> {
    const SQL: &str = "INSERT INTO org_integrations (org_id, integration, created_at) VALUES ($1, $2, $3)
                       ON CONFLICT (org_id, integration) DO NOTHING";
    let done = on!(conn, |c| {
        sqlx::query(SQL).bind(org_id).bind(key).bind(now).execute(c).await.map(|done| done.rows_affected())
    })?;
    Ok(done > 0)
}

/// Takes an integration back; whether the organization had it.
pub(crate) async fn take_integration(conn: &mut Conn, org_id: &OrgId, key: &str) -> Result<bool> {
    const SQL: &str = "DELETE FROM org_integrations WHERE org_id = $1 AND integration = $2";
    let done =
        on!(conn, |c| sqlx::query(SQL).bind(org_id).bind(key).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(done > 0)
}

/// The organizations a person belongs to, by name.
pub(crate) async fn list_of_user(conn: &mut Conn, user_id: &UserId) -> Result<Vec<OrgMembership>> {
    let orgs = on!(conn, |c| {
        sqlx::query_as(
            "SELECT o.id AS org_id, o.name AS org_name, m.role
             FROM memberships m JOIN orgs o ON o.id = m.org_id
             WHERE m.user_id = $1 ORDER BY LOWER(o.name), o.id",
        )
        .bind(user_id)
        .fetch_all(c)
        .await
    })?;
    Ok(orgs)
}

/// Which organizations the operator's list shows.
pub(crate) struct Filter<'a> {
    /// Part of the name, or a whole id.
    pub(crate) q: Option<&'a str>,
    /// Where the page starts.
    pub(crate) cursor: &'a Cursor,
    /// Rows to read.
    pub(crate) limit: i64,
    /// When the last 24 hours began.
    pub(crate) since: Timestamp,
}

/// Every organization with its figures; newest first, or oldest first for a page before a cursor.
pub(crate) async fn list_all(conn: &mut Conn, filter: &Filter<'_>) -> Result<Vec<OrgOverview>> {
    let rows = on!(conn, |c| overview_query(filter).build_query_as().fetch_all(c).await)?;
    Ok(rows)
}

/// Ids sort by time, so that "the last 24 hours" is a range of the primary key.
fn overview_query<'a, DB: Database>(filter: &Filter<'a>) -> QueryBuilder<DB>
where
    DeliveryId: sqlx::Type<DB> + sqlx::Encode<'a, DB>,
    String: sqlx::Type<DB> + sqlx::Encode<'a, DB>,
    i64: sqlx::Type<DB> + sqlx::Encode<'a, DB>,
{
    let first = DeliveryId::new(filter.since.millis(), [0; 10]);
    let mut sql = QueryBuilder::new(
        "SELECT o.id, o.name, o.created_at,
           (SELECT COUNT(*) FROM memberships m WHERE m.org_id = o.id) AS members,
           (SELECT COUNT(*) FROM endpoints e WHERE e.org_id = o.id AND e.deleted_at IS NULL) AS endpoints,
           (SELECT COUNT(*) FROM endpoints e WHERE e.org_id = o.id AND e.deleted_at IS NULL AND e.status = 'disabled') AS endpoints_disabled,
           (SELECT COUNT(*) FROM deliveries d WHERE d.org_id = o.id AND d.id >= ",
    );
    sql.push_bind(first.clone());
    sql.push(") AS deliveries_24h, (SELECT COUNT(*) FROM deliveries d WHERE d.org_id = o.id AND d.status = 'failed' AND d.id >= ");
    sql.push_bind(first);
    sql.push(
        ") AS failed_24h, COALESCE(w.waiting, 0) AS backlog
         FROM orgs o LEFT JOIN (
           SELECT org_id, COUNT(*) AS waiting FROM deliveries WHERE due_at IS NOT NULL GROUP BY org_id
         ) w ON w.org_id = o.id WHERE 1 = 1",
    );
    if let Some(q) = filter.q {
        let escaped = q.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        sql.push(" AND (LOWER(o.name) LIKE LOWER(")
            .push_bind(format!("%{escaped}%"))
            .push(") ESCAPE '\\' OR o.id = ")
            .push_bind(q.to_owned())
            .push(")");
    }
    match filter.cursor {
        Cursor::Start => sql.push(" ORDER BY o.id DESC"),
        Cursor::After(id) => sql.push(" AND o.id < ").push_bind(id.clone()).push(" ORDER BY o.id DESC"),
        Cursor::Before(id) => sql.push(" AND o.id > ").push_bind(id.clone()).push(" ORDER BY o.id"),
    };
    sql.push(" LIMIT ").push_bind(filter.limit);
    sql
}
