//! SQL of the audit log.

use sqlx::QueryBuilder;

use super::query::{ActionFilter, AuditFilter};
use super::{AuditEntry, chain};
use crate::db::{Conn, on};
use crate::id::{AuditId, OrgId};
use crate::page::Cursor;
use crate::time::Timestamp;
use crate::{Caller, Error, Hub, Result};

/// The chain of entries without an organization.
const INSTALLATION: &str = "installation";

const SELECT: &str = "SELECT id, org_id, created_at, actor, actor_name, acted_as, action, target, note, ip, sequence, previous_hash, hash
                      FROM audit_entries";

/// Records something in the caller's transaction: the commit writes it, as the next of its chain.
pub(crate) async fn record(
    conn: &mut Conn,
    hub: &Hub,
    caller: &Caller,
    org_id: Option<&OrgId>,
    action: &str,
    target: Option<&str>,
    note: Option<&str>,
) -> Result<()> {
    // A hash does not tell an empty text from none, so there is only the one.
    let text = |field: Option<&str>| field.filter(|text| !text.is_empty()).map(str::to_owned);
    conn.keep(AuditEntry {
        id: hub.id(AuditId::new),
        org_id: org_id.cloned(),
        created_at: hub.now(),
        actor: caller.actor().to_owned(),
        actor_name: caller.name().to_owned(),
        acted_as: caller.acted_as(),
        action: action.to_owned(),
        target: text(target),
        note: text(note),
        ip: text(caller.ip.as_deref()),
        sequence: None,
        previous_hash: None,
        hash: None,
    });
    Ok(())
}

/// Adds entries to the ends of their chains. Locks the ends, in one order for all, until the transaction is over: nothing else may
/// be locked after this.
pub(crate) async fn append(conn: &mut Conn, mut entries: Vec<AuditEntry>) -> Result<()> {
    // Stable: the entries of one chain stay in their order.
    entries.sort_by(|a, b| a.org_id.cmp(&b.org_id));
    for part in entries.chunk_by_mut(|a, b| a.org_id == b.org_id) {
        let name = chain_of(part[0].org_id.as_ref()).to_owned();
        let (mut sequence, text) = lock_head(conn, &name).await?;
        let mut last =
            chain::from_hex(&text).ok_or_else(|| Error::internal("the head of an audit chain is no hash"))?;
        for entry in part {
            sequence += 1;
            entry.sequence = Some(sequence);
            entry.previous_hash = Some(chain::to_hex(&last));
            last = chain::hash(&last, &chain::fields(entry));
            entry.hash = Some(chain::to_hex(&last));
            insert(conn, entry).await?;
        }
        set_head(conn, &name, sequence, &chain::to_hex(&last)).await?;
    }
    Ok(())
}

fn chain_of(org_id: Option<&OrgId>) -> &str {
    org_id.map_or(INSTALLATION, OrgId::as_str)
}

/// The end of a chain, which is made where there is none: sequence and hash of its last entry. Nobody else adds to the chain until
/// this transaction is over.
async fn lock_head(conn: &mut Conn, name: &str) -> Result<(i64, String)> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "INSERT INTO audit_heads (chain, sequence, hash) VALUES ($1, 0, $2)
             ON CONFLICT (chain) DO UPDATE SET sequence = audit_heads.sequence RETURNING sequence, hash",
        )
        .bind(name)
        .bind(chain::to_hex(&chain::START))
        .fetch_one(c)
        .await
    })?)
}

async fn set_head(conn: &mut Conn, name: &str, sequence: i64, hash: &str) -> Result<()> {
    on!(conn, |c| {
        sqlx::query("UPDATE audit_heads SET sequence = $1, hash = $2 WHERE chain = $3")
            .bind(sequence)
            .bind(hash)
            .bind(name)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

async fn insert(conn: &mut Conn, entry: &AuditEntry) -> Result<()> {
    on!(conn, |c| {
        sqlx::query(
            "INSERT INTO audit_entries (id, org_id, created_at, actor, actor_name, acted_as, action, target, note, ip, sequence,
               previous_hash, hash)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(&entry.id)
        .bind(&entry.org_id)
        .bind(entry.created_at)
        .bind(&entry.actor)
        .bind(&entry.actor_name)
        .bind(&entry.acted_as)
        .bind(&entry.action)
        .bind(&entry.target)
        .bind(&entry.note)
        .bind(&entry.ip)
        .bind(entry.sequence)
        .bind(&entry.previous_hash)
        .bind(&entry.hash)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// The sequence of the last entry of a chain; 0 where there is none.
pub(crate) async fn last_sequence(conn: &mut Conn, org_id: Option<&OrgId>) -> Result<i64> {
    let found: Option<i64> = on!(conn, |c| {
        sqlx::query_scalar("SELECT sequence FROM audit_heads WHERE chain = $1")
            .bind(chain_of(org_id))
            .fetch_optional(c)
            .await
    })?;
    Ok(found.unwrap_or(0))
}

/// Pushes `WHERE …` for an organization (none: the installation) and a filter, on either driver.
macro_rules! push_filter {
    ($q:expr, $org_id:expr, $filter:expr) => {{
        let (q, filter): (_, &AuditFilter) = (&mut $q, $filter);
        match $org_id {
            Some(org_id) => q.push(" WHERE org_id = ").push_bind(org_id),
            None => q.push(" WHERE org_id IS NULL"),
        };
        if let Some(actor) = &filter.actor {
            q.push(" AND (actor = ")
                .push_bind(actor)
                .push(" OR LOWER(actor_name) LIKE LOWER(")
                .push_bind(format!("%{}%", escaped(actor)))
                .push(") ESCAPE '\\')");
        }
        if let Some(word) = &filter.acted_as {
            q.push(" AND (acted_as = ")
                .push_bind(word)
                .push(" OR acted_as LIKE ")
                .push_bind(format!("{word}+%"))
                .push(" OR acted_as LIKE ")
                .push_bind(format!("%+{word}"))
                .push(")");
        }
        match &filter.action {
            Some(ActionFilter::Name(name)) => {
                q.push(" AND action = ").push_bind(name);
            }
            Some(ActionFilter::Prefix(prefix)) => {
                q.push(" AND action LIKE ").push_bind(format!("{}%", escaped(prefix))).push(" ESCAPE '\\'");
            }
            None => {}
        }
        if let Some(target) = &filter.target {
            q.push(" AND target = ").push_bind(target);
        }
        if let Some(since) = filter.since {
            // Ids begin with their time, so the range is a range of the index.
            q.push(" AND id >= ").push_bind(first_id(since));
        }
        if let Some(until) = filter.until {
            q.push(" AND id < ").push_bind(first_id(until));
        }
    }};
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

/// The smallest id of a time.
fn first_id(at: Timestamp) -> String {
    AuditId::new(at.0.max(0), [0; 10]).to_string()
}

/// A page of an organization's entries: newest first, or oldest first for a page before a cursor.
pub(crate) async fn list(
    conn: &mut Conn,
    org_id: &OrgId,
    filter: &AuditFilter,
    cursor: &Cursor,
    limit: i64,
) -> Result<Vec<AuditEntry>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new(SELECT);
        push_filter!(q, Some(org_id), filter);
        match cursor {
            Cursor::Start => q.push(" ORDER BY id DESC LIMIT "),
            Cursor::After(id) => q.push(" AND id < ").push_bind(id).push(" ORDER BY id DESC LIMIT "),
            Cursor::Before(id) => q.push(" AND id > ").push_bind(id).push(" ORDER BY id LIMIT "),
        };
        q.push_bind(limit);
        q.build_query_as().fetch_all(c).await
    })?)
}

/// How far somebody has read from the oldest entry on: those from before the chain come first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// Among the entries without a sequence, after this id.
    Before(String),
    /// In the chain, after this sequence.
    Chain(i64),
}

/// The next entries after a place, oldest first, as far as `end`.
pub(crate) async fn part(
    conn: &mut Conn,
    org_id: Option<&OrgId>,
    filter: &AuditFilter,
    (place, end): (&Place, i64),
    limit: i64,
) -> Result<Vec<AuditEntry>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new(SELECT);
        push_filter!(q, org_id, filter);
        match place {
            Place::Before(id) => q.push(" AND sequence IS NULL AND id > ").push_bind(id).push(" ORDER BY id LIMIT "),
            Place::Chain(sequence) => {
                q.push(" AND sequence > ").push_bind(*sequence).push(" AND sequence <= ").push_bind(end);
                q.push(" ORDER BY sequence LIMIT ")
            }
        };
        q.push_bind(limit);
        q.build_query_as().fetch_all(c).await
    })?)
}
