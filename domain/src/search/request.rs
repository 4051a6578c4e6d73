//! What is searchable of a request that came in: what it says of itself, its headers and body, and what it came to.

use std::collections::HashSet;

use sqlx::QueryBuilder;

use super::document::{Bag, Document};
use super::{FEW, ROUND, SETTLE_MS, store};
use crate::db::{Conn, Tx, dialect, on};
use crate::id::{InboundRequestId, OrgId, SourceId};
use crate::source::secrets::without_tokens;
use crate::time::Timestamp;
use crate::{Hub, Result};

/// Bodies that one round takes, in bytes: what is searchable is their beginnings, but a database may read them whole.
const ROUND_BYTES: i64 = 4 * 1024 * 1024;

/// A request that changed since it was indexed.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Due {
    pub(super) id: InboundRequestId,
    pub(super) unindexed_at: i64,
    /// Of its body, in bytes.
    pub(super) size: i64,
}

/// What a request says.
#[derive(Debug, sqlx::FromRow)]
struct Facts {
    id: InboundRequestId,
    org_id: OrgId,
    source_id: SourceId,
    source_name: Option<String>,
    url: String,
    ip: Option<String>,
    cause: Option<String>,
    provider_event_id: Option<String>,
    provider_event_type: Option<String>,
    error: Option<String>,
    outcomes_json: String,
    headers_json: String,
    body: Option<Vec<u8>>,
}

/// Indexes the requests that changed longest ago; says how many.
pub(super) async fn tick(hub: &Hub) -> Result<usize> {
    let mut due = unindexed(&mut hub.db.read().await?, hub.now()).await?;
    due.truncate(in_one_round(&due));
    // As with deliveries: in one order. And in small transactions, since each request commits for itself while its sender waits.
    due.sort_by(|a, b| a.id.cmp(&b.id));
    for part in due.chunks(FEW) {
        let documents = read(&mut hub.db.read().await?, part).await?;
        write(hub, part, documents).await?;
        tokio::task::yield_now().await;
    }
    Ok(due.len())
}

/// How many of what is due are taken: those whose bodies are not too much together, and one at least.
pub(super) fn in_one_round(due: &[Due]) -> usize {
    let mut left = ROUND_BYTES;
    let fits = |due: &&Due| {
        left -= due.size;
        left >= 0
    };
    due.iter().take_while(fits).count().max(1)
}

/// Puts documents into the index, but for those whose requests have been deleted since they were read.
pub(super) async fn write(hub: &Hub, part: &[Due], mut documents: Vec<Document>) -> Result<()> {
    let mut tx = hub.db.begin().await?;
    let there = lock(&mut tx, part.iter().map(|due| &due.id), " FOR KEY SHARE").await?;
    documents.retain(|document| there.contains(&document.id));
    store::replace(&mut tx, store::REQUESTS, &documents).await?;
    clear(&mut tx, part).await?;
    tx.commit().await
}

/// Has some requests wait to be deleted, or indexed, until the end of the transaction; answers for those that are there.
async fn lock(
    conn: &mut Conn,
    ids: impl Iterator<Item = &InboundRequestId>,
    how: &'static str,
) -> Result<HashSet<String>> {
    let how = dialect!(conn, sqlite: "", postgres: how);
    let there: Vec<String> = on!(conn, |c| {
        let mut sql = QueryBuilder::new("SELECT id FROM inbound_requests WHERE id IN (");
        let mut list = sql.separated(", ");
        for id in ids {
            list.push_bind(id);
        }
        sql.push(") ORDER BY id").push(how).build_query_scalar().fetch_all(c).await
    })?;
    Ok(there.into_iter().collect())
}

/// The requests that changed longest ago, without those that are being handled and so change soon.
pub(super) async fn unindexed(conn: &mut Conn, now: Timestamp) -> Result<Vec<Due>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT id, unindexed_at, size FROM inbound_requests
             WHERE unindexed_at IS NOT NULL AND NOT (unindexed_at > $1 AND state = 'pending') ORDER BY unindexed_at LIMIT $2",
        )
        .bind(now.plus_ms(-SETTLE_MS))
        .bind(ROUND)
        .fetch_all(c)
        .await
    })?)
}

/// How many requests wait to be indexed.
pub(super) async fn lag(conn: &mut Conn) -> Result<i64> {
    Ok(on!(conn, |c| {
        sqlx::query_scalar("SELECT COUNT(*) FROM inbound_requests WHERE unindexed_at IS NOT NULL").fetch_one(c).await
    })?)
}

/// Reads the documents of some requests; one is left out if it is gone.
pub(super) async fn read(conn: &mut Conn, due: &[Due]) -> Result<Vec<Document>> {
    let facts: Vec<Facts> = on!(conn, |c| {
        let mut sql = QueryBuilder::new(
            "SELECT r.id, r.org_id, r.source_id, s.name AS source_name, r.url, r.ip, r.cause, r.provider_event_id, r.provider_event_type,
               r.error, r.outcomes_json, r.headers_json, SUBSTR(r.body, 1, 65536) AS body
             FROM inbound_requests r LEFT JOIN sources s ON s.id = r.source_id WHERE r.id IN (",
        );
        let mut list = sql.separated(", ");
        for due in due {
            list.push_bind(&due.id);
        }
        sql.push(")").build_query_as().fetch_all(c).await
    })?;
    Ok(facts.into_iter().map(document).collect())
}

fn document(facts: Facts) -> Document {
    let mut bag = Bag::new();
    for text in [facts.id.as_str(), facts.source_id.as_str(), &facts.url] {
        bag.add(text);
    }
    let said = [
        &facts.source_name,
        &facts.ip,
        &facts.cause,
        &facts.provider_event_id,
        &facts.provider_event_type,
        &facts.error,
    ];
    for text in said.into_iter().flatten() {
        bag.add(text);
    }
    bag.add_json(&facts.outcomes_json);
    bag.add_json(&facts.headers_json);
    // What is not shown is not found either.
    bag.add_json(&without_tokens(&String::from_utf8_lossy(facts.body.as_deref().unwrap_or_default())));
    Document { org_id: facts.org_id, id: facts.id.to_string(), words: bag.words() }
}

/// Marks requests as indexed, but for those that have changed since they were read.
async fn clear(tx: &mut Tx, done: &[Due]) -> Result<()> {
    on!(&mut **tx, |c| {
        let mut sql =
            QueryBuilder::new("UPDATE inbound_requests SET unindexed_at = NULL WHERE (id, unindexed_at) IN (");
        sql.push_values(done, |mut row, due| {
            row.push_bind(&due.id).push_bind(due.unindexed_at);
        });
        sql.push(")").build().execute(c).await.map(drop)
    })?;
    Ok(())
}

/// Drops requests of an organization from the index, before they are deleted. Who is about to index one waits, and finds it gone.
pub(crate) async fn forget_requests(conn: &mut Conn, org_id: &OrgId, ids: &[InboundRequestId]) -> Result<()> {
    for piece in ids.chunks(64) {
        lock(conn, piece.iter(), " FOR UPDATE").await?;
        store::drop_documents(conn, store::REQUESTS, org_id, piece.iter().map(InboundRequestId::as_str)).await?;
    }
    Ok(())
}

/// Drops everything that came to a source from the index, before it is deleted.
pub(crate) async fn forget_source(conn: &mut Conn, source: &SourceId) -> Result<()> {
    let lock = dialect!(conn, sqlite: "", postgres: "SELECT id FROM inbound_requests WHERE source_id = $1 ORDER BY id FOR UPDATE");
    let words = dialect!(conn, sqlite: "DELETE FROM inbound_search_words WHERE rowid IN (SELECT d.doc FROM inbound_search_docs d
           JOIN inbound_requests r ON r.org_id = d.org_id AND r.id = d.request_id WHERE r.source_id = $1)", postgres: "");
    on!(conn, |c| {
        let docs = "DELETE FROM inbound_search_docs WHERE request_id IN (SELECT id FROM inbound_requests WHERE source_id = $1)";
        for sql in [lock, words, docs].into_iter().filter(|sql| !sql.is_empty()) {
            sqlx::query(sql).bind(source).execute(&mut *c).await?;
        }
        Ok::<(), sqlx::Error>(())
    })?;
    Ok(())
}
