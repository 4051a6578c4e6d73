//! SQL of linked issues, their sync logs, and webhooks that wait to be read.

use sqlx::QueryBuilder;

use super::{Direction, LinkedIssue, SyncAction, SyncEntry};
use crate::db::{Conn, dialect, on};
use crate::id::{ConnectionId, DeliveryId, EndpointId, EventId, LinkedIssueId, OrgId, SyncEntryId};
use crate::page::Cursor;
use crate::time::Timestamp;
use crate::{Hub, Result};

/// Steps of one issue that are kept and shown.
const ENTRIES: i64 = 200;
/// Webhooks that were read are remembered so long, in milliseconds: a retry of one is known.
const REMEMBERED_MS: i64 = 7 * 24 * 3600 * 1000;

/// A row of `linked_issues`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) id: LinkedIssueId,
    pub(crate) org_id: OrgId,
    pub(crate) connection_id: ConnectionId,
    pub(crate) endpoint_id: EndpointId,
    pub(crate) subject: String,
    pub(crate) issue_id: Option<String>,
    pub(crate) issue_key: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) summary: String,
    pub(crate) status_name: Option<String>,
    pub(crate) status_category: Option<String>,
    pub(crate) state_json: String,
    pub(crate) making_until: Option<Timestamp>,
    pub(crate) is_deleted: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

const COLUMNS: &str = "id, org_id, connection_id, endpoint_id, subject, issue_id, issue_key, url, summary, status_name, status_category, \
     state_json, making_until, is_deleted, created_at, updated_at";

impl From<Row> for LinkedIssue {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            connection_id: row.connection_id,
            rule_id: row.endpoint_id,
            subject: row.subject,
            key: row.issue_key,
            url: row.url,
            summary: row.summary,
            status: row.status_name,
            status_category: row.status_category,
            is_deleted: row.is_deleted != 0,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// Stores a linked issue unless its rule has one of this subject; answers whether it is new.
pub(crate) async fn insert(conn: &mut Conn, row: &Row) -> Result<bool> {
    let made = on!(conn, |c| {
        let mut q = QueryBuilder::new("INSERT INTO linked_issues (");
        q.push(COLUMNS).push(") ");
        q.push_values([row], |mut b, row| {
            b.push_bind(&row.id).push_bind(&row.org_id).push_bind(&row.connection_id).push_bind(&row.endpoint_id);
            b.push_bind(&row.subject).push_bind(&row.issue_id).push_bind(&row.issue_key).push_bind(&row.url);
            b.push_bind(&row.summary).push_bind(&row.status_name).push_bind(&row.status_category);
            b.push_bind(&row.state_json).push_bind(row.making_until).push_bind(row.is_deleted);
            b.push_bind(row.created_at).push_bind(row.updated_at);
        });
        q.push(" ON CONFLICT (endpoint_id, subject) DO NOTHING");
        q.build().execute(c).await.map(|done| done.rows_affected())
    })?;
    Ok(made > 0)
}

/// Stores everything of a linked issue that can change.
pub(crate) async fn save(conn: &mut Conn, row: &Row) -> Result<()> {
    on!(conn, |c| {
        sqlx::query(
            "UPDATE linked_issues SET issue_id = $1, issue_key = $2, url = $3, summary = $4, status_name = $5, status_category = $6,
             state_json = $7, making_until = $8, is_deleted = $9, updated_at = $10 WHERE id = $11 AND org_id = $12",
        )
        .bind(&row.issue_id)
        .bind(&row.issue_key)
        .bind(&row.url)
        .bind(&row.summary)
        .bind(&row.status_name)
        .bind(&row.status_category)
        .bind(&row.state_json)
        .bind(row.making_until)
        .bind(row.is_deleted)
        .bind(row.updated_at)
        .bind(&row.id)
        .bind(&row.org_id)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// The linked issue of a rule's subject, about to be changed.
pub(crate) async fn lock_subject(conn: &mut Conn, rule: &EndpointId, subject: &str) -> Result<Option<Row>> {
    let lock = dialect!(conn, sqlite: "", postgres: " FOR UPDATE");
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT ");
        q.push(COLUMNS).push(" FROM linked_issues WHERE endpoint_id = ").push_bind(rule);
        q.push(" AND subject = ").push_bind(subject).push(lock);
        q.build_query_as().fetch_optional(c).await
    })?)
}

/// One linked issue, about to be changed.
pub(crate) async fn lock(conn: &mut Conn, org_id: &OrgId, id: &LinkedIssueId) -> Result<Option<Row>> {
    let lock = dialect!(conn, sqlite: "", postgres: " FOR UPDATE");
    one(conn, org_id, id, lock).await
}

/// One linked issue.
pub(crate) async fn find(conn: &mut Conn, org_id: &OrgId, id: &LinkedIssueId) -> Result<Option<Row>> {
    one(conn, org_id, id, "").await
}

async fn one(conn: &mut Conn, org_id: &OrgId, id: &LinkedIssueId, lock: &'static str) -> Result<Option<Row>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT ");
        q.push(COLUMNS).push(" FROM linked_issues WHERE org_id = ").push_bind(org_id);
        q.push(" AND id = ").push_bind(id).push(lock);
        q.build_query_as().fetch_optional(c).await
    })?)
}

/// The linked issues that are this issue of the tracker, oldest first; whether they are about to be changed.
pub(crate) async fn of_issue(
    conn: &mut Conn,
    connection: &ConnectionId,
    issue_id: &str,
    to_change: bool,
) -> Result<Vec<Row>> {
    let lock = dialect!(conn, sqlite: "", postgres: if to_change { " FOR UPDATE" } else { "" });
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT ");
        q.push(COLUMNS).push(" FROM linked_issues WHERE connection_id = ").push_bind(connection);
        q.push(" AND issue_id = ").push_bind(issue_id).push(" ORDER BY id").push(lock);
        q.build_query_as().fetch_all(c).await
    })?)
}

/// A page of the linked issues of an organization; of one connection or rule, if so asked.
pub(crate) async fn list(
    conn: &mut Conn,
    org_id: &OrgId,
    (connection, rule): (Option<&ConnectionId>, Option<&EndpointId>),
    cursor: &Cursor,
    limit: i64,
) -> Result<Vec<Row>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT ");
        q.push(COLUMNS).push(" FROM linked_issues WHERE org_id = ").push_bind(org_id);
        if let Some(id) = connection {
            q.push(" AND connection_id = ").push_bind(id);
        }
        if let Some(id) = rule {
            q.push(" AND endpoint_id = ").push_bind(id);
        }
        let order = match cursor {
            Cursor::Start => "DESC",
            Cursor::After(id) => {
                q.push(" AND id < ").push_bind(id);
                "DESC"
            }
            Cursor::Before(id) => {
                q.push(" AND id > ").push_bind(id);
                "ASC"
            }
        };
        q.push(" ORDER BY id ").push(order).push(" LIMIT ").push_bind(limit);
        q.build_query_as().fetch_all(c).await
    })?)
}

/// Forgets the linked issues of a connection and their logs.
pub(crate) async fn forget(conn: &mut Conn, connection: &ConnectionId) -> Result<()> {
    on!(conn, |c| {
        sqlx::query(
            "DELETE FROM sync_entries WHERE linked_issue_id IN (SELECT id FROM linked_issues WHERE connection_id = $1)",
        )
        .bind(connection)
        .execute(&mut *c)
        .await?;
        sqlx::query("DELETE FROM linked_issues WHERE connection_id = $1").bind(connection).execute(&mut *c).await?;
        sqlx::query("DELETE FROM issue_webhooks WHERE connection_id = $1").bind(connection).execute(c).await.map(drop)
    })?;
    Ok(())
}

/// A step about to be logged.
#[derive(Debug)]
pub(crate) struct Step<'a> {
    pub(crate) direction: Direction,
    pub(crate) action: SyncAction,
    pub(crate) detail: String,
    pub(crate) delivery_id: Option<&'a DeliveryId>,
    pub(crate) event_id: Option<&'a EventId>,
}

/// Logs a step of a linked issue, and drops what is older than the last [`ENTRIES`].
pub(crate) async fn log(conn: &mut Conn, hub: &Hub, row: &Row, step: &Step<'_>) -> Result<()> {
    on!(conn, |c| {
        sqlx::query(
            "INSERT INTO sync_entries (id, org_id, linked_issue_id, at, direction, action, detail, delivery_id, event_id)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(hub.id(SyncEntryId::new))
        .bind(&row.org_id)
        .bind(&row.id)
        .bind(hub.now())
        .bind(step.direction)
        .bind(step.action)
        .bind(&step.detail)
        .bind(step.delivery_id)
        .bind(step.event_id)
        .execute(&mut *c)
        .await?;
        sqlx::query(
            "DELETE FROM sync_entries WHERE linked_issue_id = $1 AND id <=
               (SELECT id FROM sync_entries WHERE linked_issue_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)",
        )
        .bind(&row.id)
        .bind(ENTRIES)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// The steps of a linked issue, newest first.
pub(crate) async fn entries(conn: &mut Conn, org_id: &OrgId, id: &LinkedIssueId) -> Result<Vec<SyncEntry>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT id, at, direction, action, detail, delivery_id, event_id FROM sync_entries
             WHERE org_id = $1 AND linked_issue_id = $2 ORDER BY id DESC LIMIT $3",
        )
        .bind(org_id)
        .bind(id)
        .bind(ENTRIES)
        .fetch_all(c)
        .await
    })?)
}

/// Whether a delivery has done this to the issue already.
pub(crate) async fn has_done(conn: &mut Conn, row: &Row, delivery: &DeliveryId, action: SyncAction) -> Result<bool> {
    Ok(on!(conn, |c| {
        sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM sync_entries WHERE linked_issue_id = $1 AND delivery_id = $2 AND action = $3)",
        )
        .bind(&row.id)
        .bind(delivery)
        .bind(action)
        .fetch_one(c)
        .await
    })?)
}

/// A webhook that waits to be read.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Webhook {
    pub(crate) connection_id: ConnectionId,
    pub(crate) identifier: String,
    pub(crate) org_id: OrgId,
    pub(crate) body: Vec<u8>,
    pub(crate) received_at: Timestamp,
    /// When it is read next, and the claim of whoever reads it.
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) attempts: i64,
}

/// Stores a webhook, due at once, unless it is known; forgets those that were read long ago. Answers whether it is new.
pub(crate) async fn insert_webhook(conn: &mut Conn, webhook: &Webhook) -> Result<bool> {
    let made = on!(conn, |c| {
        sqlx::query("DELETE FROM issue_webhooks WHERE due_at IS NULL AND received_at < $1")
            .bind(webhook.received_at.plus_ms(-REMEMBERED_MS))
            .execute(&mut *c)
            .await?;
        sqlx::query(
            "INSERT INTO issue_webhooks (connection_id, identifier, org_id, body, received_at, due_at, attempts)
             VALUES ($1, $2, $3, $4, $5, $6, 0) ON CONFLICT (connection_id, identifier) DO NOTHING",
        )
        .bind(&webhook.connection_id)
        .bind(&webhook.identifier)
        .bind(&webhook.org_id)
        .bind(&webhook.body)
        .bind(webhook.received_at)
        .bind(webhook.due_at)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(made > 0)
}

/// Whether a webhook waits to be read.
pub(crate) async fn any_due(conn: &mut Conn, now: Timestamp) -> Result<bool> {
    Ok(on!(conn, |c| {
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM issue_webhooks WHERE due_at <= $1)")
            .bind(now)
            .fetch_one(c)
            .await
    })?)
}

/// Takes webhooks that wait, oldest first, by moving the time on to `lease`.
pub(crate) async fn claim(conn: &mut Conn, now: Timestamp, lease: Timestamp, limit: i64) -> Result<Vec<Webhook>> {
    let skip = dialect!(conn, sqlite: "", postgres: " FOR UPDATE SKIP LOCKED");
    let mut claimed: Vec<Webhook> = on!(conn, |c| {
        let mut q = QueryBuilder::new("UPDATE issue_webhooks SET attempts = attempts + 1, due_at = ");
        q.push_bind(lease).push(" WHERE (connection_id, identifier) IN (SELECT connection_id, identifier FROM issue_webhooks WHERE due_at <= ");
        q.push_bind(now).push(" ORDER BY due_at, received_at LIMIT ").push_bind(limit).push(skip);
        q.push(") RETURNING connection_id, identifier, org_id, body, received_at, due_at, attempts");
        q.build_query_as().fetch_all(c).await
    })?;
    claimed.sort_by(|a, b| (a.received_at, &a.identifier).cmp(&(b.received_at, &b.identifier)));
    Ok(claimed)
}

/// Notes what became of a webhook, if the claim still holds: `due_at` for once more, none for the end. Answers whether it held.
pub(crate) async fn settle(
    conn: &mut Conn,
    claimed: &Webhook,
    due_at: Option<Timestamp>,
    error: Option<&str>,
) -> Result<bool> {
    let moved = on!(conn, |c| {
        sqlx::query(
            "UPDATE issue_webhooks SET due_at = $1, error = $2 WHERE connection_id = $3 AND identifier = $4 AND due_at = $5",
        )
        .bind(due_at)
        .bind(error)
        .bind(&claimed.connection_id)
        .bind(&claimed.identifier)
        .bind(claimed.due_at)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(moved > 0)
}
