//! SQL of the audit log.

use super::AuditEntry;
use crate::db::{Conn, on};
use crate::id::{AuditId, OrgId};
use crate::page::Cursor;
use crate::{Caller, Hub, Result};

/// Writes one line in the caller's transaction.
pub(crate) async fn record(
    conn: &mut Conn,
    hub: &Hub,
    caller: &Caller,
    org_id: Option<&OrgId>,
    action: &str,
    target: Option<&str>,
    note: Option<&str>,
) -> Result<()> {
    on!(conn, |c| {
        sqlx::query(
            "INSERT INTO audit_entries (id, org_id, created_at, actor, actor_name, action, target, note, ip)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(hub.id(AuditId::new))
        .bind(org_id)
        .bind(hub.now())
        .bind(caller.actor())
        .bind(caller.name())
        .bind(action)
        .bind(target)
        .bind(note)
        .bind(caller.ip.as_deref())
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// A page of an organization's lines: newest first, or oldest first for a page before a cursor.
pub(crate) async fn list(conn: &mut Conn, org_id: &OrgId, cursor: &Cursor, limit: i64) -> Result<Vec<AuditEntry>> {
    let (text, id) = match cursor {
        Cursor::Start => (
            "SELECT id, org_id, created_at, actor, actor_name, action, target, note, ip FROM audit_entries
             WHERE org_id = $1 AND id > $2 ORDER BY id DESC LIMIT $3",
            "",
        ),
        Cursor::After(id) => (
            "SELECT id, org_id, created_at, actor, actor_name, action, target, note, ip FROM audit_entries
             WHERE org_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
            id.as_str(),
        ),
        Cursor::Before(id) => (
            "SELECT id, org_id, created_at, actor, actor_name, action, target, note, ip FROM audit_entries
             WHERE org_id = $1 AND id > $2 ORDER BY id LIMIT $3",
            id.as_str(),
        ),
    };
    let rows = on!(conn, |c| sqlx::query_as(text).bind(org_id).bind(id).bind(limit).fetch_all(c).await)?;
    Ok(rows)
}
