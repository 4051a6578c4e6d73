//! SQL of connections, of browsers on their way to a provider, and of calls.

use sqlx::QueryBuilder;

use super::{ConnectionAccess, ConnectionCall, ConnectionStatus, Provider, api_token};
use crate::Result;
use crate::db::{Conn, dialect, on};
use crate::id::{ConnectionId, OrgId, SessionId, UserId};
use crate::time::Timestamp;

/// Calls of one connection that are kept.
const CALLS: i64 = 200;

/// A row of `connections`.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) id: ConnectionId,
    pub(crate) org_id: OrgId,
    pub(crate) provider: Provider,
    pub(crate) account_id: String,
    pub(crate) account_name: String,
    /// What the provider said of the account when it was connected, without secrets.
    pub(crate) account_json: String,
    pub(crate) name: String,
    pub(crate) status: ConnectionStatus,
    pub(crate) problem: Option<String>,
    pub(crate) limited_until: Option<Timestamp>,
    pub(crate) scopes_json: String,
    pub(crate) sealed_tokens: Option<Vec<u8>>,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) refresh_at: Option<Timestamp>,
    /// Stands while a refresh token that may be used once is out: a row that keeps it has lost the answer.
    pub(crate) refresh_sent_at: Option<Timestamp>,
    pub(crate) refreshed_at: Option<Timestamp>,
    pub(crate) refresh_count: i64,
    pub(crate) check_at: Option<Timestamp>,
    pub(crate) checked_at: Option<Timestamp>,
    pub(crate) check_us: Option<i64>,
    pub(crate) sync_at: Option<Timestamp>,
    pub(crate) sync_cursor: Option<String>,
    pub(crate) sync_began_at: Option<Timestamp>,
    pub(crate) synced_at: Option<Timestamp>,
    pub(crate) default_channel_id: Option<String>,
    /// Calls in a row that nobody answered.
    pub(crate) call_failures: i64,
    /// While the breaker of its calls is open: when the next one may go.
    pub(crate) calls_resume_at: Option<Timestamp>,
    /// How long that pause is.
    pub(crate) call_pause_ms: i64,
    pub(crate) created_by: String,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) deleted_at: Option<Timestamp>,
}

impl Row {
    /// By what it goes.
    pub(crate) fn access(&self) -> ConnectionAccess {
        let about: serde_json::Value = serde_json::from_str(&self.account_json).unwrap_or_default();
        match self.provider {
            Provider::Jira if about["access"] == api_token::TYPE => ConnectionAccess::ApiToken,
            Provider::Teams if about["origin"].is_string() => ConnectionAccess::Workflow,
            _ => ConnectionAccess::Consent,
        }
    }

    /// Whether its token lapses within the hour, although it is one that is renewed before.
    pub(crate) fn is_expiring(&self, now: Timestamp) -> bool {
        let late = |at: Timestamp| at.since(now) < 3_600_000;
        self.expires_at.is_some_and(late) && self.refresh_at.is_none_or(|at| at <= now.plus_ms(super::tokens::LEASE_MS))
    }
}

const COLUMNS: &str = "id, org_id, provider, account_id, account_name, account_json, name, status, problem, limited_until, scopes_json, \
     sealed_tokens, expires_at, refresh_at, refresh_sent_at, refreshed_at, refresh_count, check_at, checked_at, check_us, sync_at, sync_cursor, \
     sync_began_at, synced_at, default_channel_id, call_failures, calls_resume_at, call_pause_ms, created_by, created_at, updated_at, deleted_at";

/// Stores a connection, or everything of it that can change.
pub(crate) async fn save(conn: &mut Conn, row: &Row) -> Result<()> {
    on!(conn, |c| {
        sqlx::query(
            "INSERT INTO connections (id, org_id, provider, account_id, account_name, account_json, name, status, problem, limited_until, scopes_json,
             sealed_tokens, expires_at, refresh_at, refresh_sent_at, refreshed_at, refresh_count, check_at, checked_at, check_us, sync_at, sync_cursor,
             sync_began_at, synced_at, default_channel_id, call_failures, calls_resume_at, call_pause_ms, created_by, created_at, updated_at, deleted_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32)
             ON CONFLICT (id) DO UPDATE SET account_id = excluded.account_id, account_name = excluded.account_name, account_json = excluded.account_json, name = excluded.name,
             status = excluded.status, problem = excluded.problem, limited_until = excluded.limited_until, scopes_json = excluded.scopes_json,
             sealed_tokens = excluded.sealed_tokens, expires_at = excluded.expires_at, refresh_at = excluded.refresh_at,
             refresh_sent_at = excluded.refresh_sent_at, refreshed_at = excluded.refreshed_at, refresh_count = excluded.refresh_count,
             check_at = excluded.check_at, checked_at = excluded.checked_at, check_us = excluded.check_us, sync_at = excluded.sync_at,
             sync_cursor = excluded.sync_cursor, sync_began_at = excluded.sync_began_at, synced_at = excluded.synced_at,
             default_channel_id = excluded.default_channel_id, call_failures = excluded.call_failures,
             calls_resume_at = excluded.calls_resume_at, call_pause_ms = excluded.call_pause_ms, updated_at = excluded.updated_at, deleted_at = excluded.deleted_at
             WHERE connections.org_id = excluded.org_id",
        )
        .bind(&row.id)
        .bind(&row.org_id)
        .bind(row.provider)
        .bind(&row.account_id)
        .bind(&row.account_name)
        .bind(&row.account_json)
        .bind(&row.name)
        .bind(row.status)
        .bind(&row.problem)
        .bind(row.limited_until)
        .bind(&row.scopes_json)
        .bind(&row.sealed_tokens)
        .bind(row.expires_at)
        .bind(row.refresh_at)
        .bind(row.refresh_sent_at)
        .bind(row.refreshed_at)
        .bind(row.refresh_count)
        .bind(row.check_at)
        .bind(row.checked_at)
        .bind(row.check_us)
        .bind(row.sync_at)
        .bind(&row.sync_cursor)
        .bind(row.sync_began_at)
        .bind(row.synced_at)
        .bind(&row.default_channel_id)
        .bind(row.call_failures)
        .bind(row.calls_resume_at)
        .bind(row.call_pause_ms)
        .bind(&row.created_by)
        .bind(row.created_at)
        .bind(row.updated_at)
        .bind(row.deleted_at)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Lets one call go after a pause, of all that saw the pause end: until `until` the others wait for it. Answers whether it is ours.
pub(crate) async fn start_probe(conn: &mut Conn, seen: &Row, until: Timestamp) -> Result<bool> {
    let moved = on!(conn, |c| {
        sqlx::query(
            "UPDATE connections SET calls_resume_at = $1 WHERE org_id = $2 AND id = $3 AND calls_resume_at = $4",
        )
        .bind(until)
        .bind(&seen.org_id)
        .bind(&seen.id)
        .bind(seen.calls_resume_at)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(moved > 0)
}

/// One connection, unless it is deleted.
pub(crate) async fn find(conn: &mut Conn, org_id: &OrgId, id: &ConnectionId) -> Result<Option<Row>> {
    one(conn, org_id, id, "").await
}

/// One connection, unless it is deleted, about to be changed: on PostgreSQL the row stays locked until the transaction ends.
pub(crate) async fn lock(conn: &mut Conn, org_id: &OrgId, id: &ConnectionId) -> Result<Option<Row>> {
    let lock = dialect!(conn, sqlite: "", postgres: " FOR UPDATE");
    one(conn, org_id, id, lock).await
}

async fn one(conn: &mut Conn, org_id: &OrgId, id: &ConnectionId, lock: &'static str) -> Result<Option<Row>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT ");
        q.push(COLUMNS).push(" FROM connections WHERE deleted_at IS NULL AND org_id = ").push_bind(org_id);
        q.push(" AND id = ").push_bind(id).push(lock);
        q.build_query_as().fetch_optional(c).await
    })?)
}

/// One connection of any organization, unless it is deleted.
pub(crate) async fn by_id(conn: &mut Conn, id: &ConnectionId) -> Result<Option<Row>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT ");
        q.push(COLUMNS).push(" FROM connections WHERE deleted_at IS NULL AND id = ").push_bind(id);
        q.build_query_as().fetch_optional(c).await
    })?)
}

/// All connections of an organization that are not deleted, oldest first.
pub(crate) async fn all(conn: &mut Conn, org_id: &OrgId) -> Result<Vec<Row>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT ");
        q.push(COLUMNS).push(" FROM connections WHERE deleted_at IS NULL AND org_id = ").push_bind(org_id);
        q.push(" ORDER BY id");
        q.build_query_as().fetch_all(c).await
    })?)
}

/// The organization's connection to an account, about to be changed.
pub(crate) async fn of_account(
    conn: &mut Conn,
    org_id: &OrgId,
    provider: Provider,
    account_id: &str,
) -> Result<Option<Row>> {
    let lock = dialect!(conn, sqlite: "", postgres: " FOR UPDATE");
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT ");
        q.push(COLUMNS).push(" FROM connections WHERE deleted_at IS NULL AND org_id = ").push_bind(org_id);
        q.push(" AND provider = ").push_bind(provider).push(" AND account_id = ").push_bind(account_id).push(lock);
        q.build_query_as().fetch_optional(c).await
    })?)
}

impl Row {
    /// Whether it is for all workspaces of an organization at Slack that the app was approved for.
    pub(crate) fn is_org_wide(&self) -> bool {
        let account: serde_json::Value = serde_json::from_str(&self.account_json).unwrap_or_default();
        account["is_enterprise_install"] == true
    }
}

/// The connections to an account, of all organizations that have one.
pub(crate) async fn of_workspace(conn: &mut Conn, provider: Provider, account_id: &str) -> Result<Vec<Row>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT ");
        q.push(COLUMNS).push(" FROM connections WHERE deleted_at IS NULL AND provider = ").push_bind(provider);
        q.push(" AND account_id = ").push_bind(account_id).push(" ORDER BY id");
        q.build_query_as().fetch_all(c).await
    })?)
}

/// What a worker does to a connection by the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chore {
    /// Renew its token.
    Refresh,
    /// Try it out.
    Check,
    /// Read its channels.
    Sync,
}

/// Whether a worker has anything to do; a cheap look before [`claim`] takes the writer.
pub(crate) async fn any_due(conn: &mut Conn, now: Timestamp) -> Result<bool> {
    Ok(on!(conn, |c| {
        sqlx::query_scalar(
            "SELECT EXISTS (SELECT 1 FROM connections WHERE refresh_at <= $1) OR EXISTS (SELECT 1 FROM connections WHERE check_at <= $1)
             OR EXISTS (SELECT 1 FROM connections WHERE sync_at <= $1)",
        )
        .bind(now)
        .fetch_one(c)
        .await
    })?)
}

/// Takes connections for which something is due, by moving the time on to `lease`: nobody else takes them before that.
pub(crate) async fn claim(
    conn: &mut Conn,
    chore: Chore,
    now: Timestamp,
    lease: Timestamp,
    limit: i64,
) -> Result<Vec<Row>> {
    let column = match chore {
        Chore::Refresh => "refresh_at",
        Chore::Check => "check_at",
        Chore::Sync => "sync_at",
    };
    let skip = dialect!(conn, sqlite: "", postgres: " FOR UPDATE SKIP LOCKED");
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("UPDATE connections SET ");
        q.push(column).push(" = ").push_bind(lease).push(" WHERE id IN (SELECT id FROM connections WHERE ");
        q.push(column).push(" <= ").push_bind(now).push(" AND deleted_at IS NULL ORDER BY ").push(column);
        q.push(" LIMIT ").push_bind(limit).push(skip).push(") RETURNING ").push(COLUMNS);
        q.build_query_as().fetch_all(c).await
    })?)
}

/// A browser on its way to a provider.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct FlowRow {
    pub(crate) state_hash: String,
    pub(crate) org_id: OrgId,
    pub(crate) user_id: UserId,
    pub(crate) session_id: SessionId,
    pub(crate) provider: Provider,
    pub(crate) connection_id: Option<ConnectionId>,
    pub(crate) sealed_verifier: Option<Vec<u8>>,
    pub(crate) expires_at: Timestamp,
}

/// Notes that a browser goes to a provider, and forgets those that never came back.
pub(crate) async fn insert_flow(conn: &mut Conn, row: &FlowRow, now: Timestamp) -> Result<()> {
    on!(conn, |c| {
        sqlx::query("DELETE FROM connection_flows WHERE expires_at < $1").bind(now).execute(&mut *c).await?;
        sqlx::query(
            "INSERT INTO connection_flows (state_hash, org_id, user_id, session_id, provider, connection_id, sealed_verifier, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(&row.state_hash)
        .bind(&row.org_id)
        .bind(&row.user_id)
        .bind(&row.session_id)
        .bind(row.provider)
        .bind(&row.connection_id)
        .bind(&row.sealed_verifier)
        .bind(row.expires_at)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Takes the browser that comes back with this state; each is taken once.
pub(crate) async fn take_flow(conn: &mut Conn, state_hash: &str) -> Result<Option<FlowRow>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "DELETE FROM connection_flows WHERE state_hash = $1
             RETURNING state_hash, org_id, user_id, session_id, provider, connection_id, sealed_verifier, expires_at",
        )
        .bind(state_hash)
        .fetch_optional(c)
        .await
    })?)
}

/// Keeps a call, and drops what is older than the last [`CALLS`] of its connection.
pub(crate) async fn insert_call(
    conn: &mut Conn,
    org_id: &OrgId,
    connection_id: &ConnectionId,
    call: &ConnectionCall,
) -> Result<()> {
    on!(conn, |c| {
        sqlx::query(
            "INSERT INTO connection_calls (id, org_id, connection_id, started_at, operation, code, error, duration_us, request, response)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(&call.id)
        .bind(org_id)
        .bind(connection_id)
        .bind(call.started_at)
        .bind(&call.operation)
        .bind(call.code)
        .bind(&call.error)
        .bind(call.duration_us)
        .bind(&call.request)
        .bind(&call.response)
        .execute(&mut *c)
        .await?;
        sqlx::query(
            "DELETE FROM connection_calls WHERE connection_id = $1 AND id <=
               (SELECT id FROM connection_calls WHERE connection_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)",
        )
        .bind(connection_id)
        .bind(CALLS)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// The last calls of a connection, newest first.
pub(crate) async fn calls(
    conn: &mut Conn,
    org_id: &OrgId,
    id: &ConnectionId,
    limit: i64,
) -> Result<Vec<ConnectionCall>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT id, started_at, operation, code, error, duration_us, request, response FROM connection_calls
             WHERE org_id = $1 AND connection_id = $2 ORDER BY id DESC LIMIT $3",
        )
        .bind(org_id)
        .bind(id)
        .bind(limit)
        .fetch_all(c)
        .await
    })?)
}
