//! SQL of requests that came to sources. How they are found and counted is in [`super::found`].

use sqlx::QueryBuilder;

use super::super::{InboundState, InboundVerdict};
use crate::db::{Conn, dialect, on};
use crate::event::store::chunks;
use crate::id::{InboundRequestId, OrgId, SourceId};
use crate::search;
use crate::time::Timestamp;
use crate::{Error, Result};

/// Refused requests of one source that are kept.
const REFUSED: i64 = 1000;
/// Those of them with a large body whose bodies are kept: nobody fills the disk by what is not taken.
const REFUSED_LARGE: i64 = 20;
/// A body is large beyond this, in bytes.
const LARGE_BODY: i64 = 256 * 1024;

/// A row of `inbound_requests` but for what is large: headers, body, base string, outcomes.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) id: InboundRequestId,
    pub(crate) org_id: OrgId,
    pub(crate) source_id: SourceId,
    pub(crate) received_at: Timestamp,
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) ip: Option<String>,
    pub(crate) size: i64,
    pub(crate) verdict: InboundVerdict,
    pub(crate) cause: Option<String>,
    pub(crate) cause_text: Option<String>,
    pub(crate) provider_event_id: Option<String>,
    pub(crate) provider_event_type: Option<String>,
    pub(crate) duplicate_of: Option<InboundRequestId>,
    pub(crate) state: InboundState,
    /// When it is handled next, and the claim of whoever handles it.
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) attempts: i64,
    /// Whether it is handled once more because somebody asked for it.
    pub(crate) is_again: i64,
    pub(crate) error: Option<String>,
    pub(crate) processed_at: Option<Timestamp>,
    pub(crate) erased_at: Option<Timestamp>,
}

/// A row with everything.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Whole {
    #[sqlx(flatten)]
    pub(crate) row: Row,
    pub(crate) base_string_json: Option<String>,
    pub(crate) outcomes_json: String,
    pub(crate) headers_json: String,
    pub(crate) body: Option<Vec<u8>>,
}

impl Whole {
    /// The headers, in the order in which they came.
    pub(crate) fn headers(&self) -> Result<Vec<(String, String)>> {
        serde_json::from_str(&self.headers_json).map_err(Error::internal)
    }
}

pub(super) const COLUMNS: &str = "id, org_id, source_id, received_at, method, url, ip, size, verdict, cause, cause_text, provider_event_id, \
     provider_event_type, duplicate_of, state, due_at, attempts, is_again, error, processed_at, erased_at";
const LARGE: &str = ", base_string_json, outcomes_json, headers_json, body";

/// Stores requests as they came. Those that are refused are stored by [`insert`], which keeps them few.
pub(crate) async fn insert_verified(conn: &mut Conn, rows: &[&Whole]) -> Result<()> {
    for piece in chunks(rows) {
        on!(&mut *conn, |c| {
            let mut q = QueryBuilder::new("INSERT INTO inbound_requests (");
            q.push(COLUMNS).push(LARGE).push(", unindexed_at) ");
            q.push_values(piece, |mut b, Whole { row, base_string_json, outcomes_json, headers_json, body }| {
                b.push_bind(&row.id).push_bind(&row.org_id).push_bind(&row.source_id).push_bind(row.received_at);
                b.push_bind(&row.method).push_bind(&row.url).push_bind(&row.ip).push_bind(row.size);
                b.push_bind(row.verdict).push_bind(&row.cause).push_bind(&row.cause_text);
                b.push_bind(&row.provider_event_id).push_bind(&row.provider_event_type).push_bind(&row.duplicate_of);
                b.push_bind(row.state).push_bind(row.due_at).push_bind(row.attempts).push_bind(row.is_again);
                b.push_bind(&row.error).push_bind(row.processed_at).push_bind(row.erased_at);
                b.push_bind(base_string_json).push_bind(outcomes_json).push_bind(headers_json).push_bind(body);
                b.push_bind(row.received_at);
            });
            q.build().execute(&mut *c).await.map(drop)
        })?;
    }
    Ok(())
}

/// Stores a request as it came. Of those that are refused, only the last thousand of a source stay, and of their large bodies the last
/// twenty.
pub(crate) async fn insert(conn: &mut Conn, new: &Whole) -> Result<()> {
    insert_verified(conn, &[new]).await?;
    if new.row.verdict != InboundVerdict::Rejected {
        return Ok(());
    }
    let too_many: Vec<InboundRequestId> = on!(&mut *conn, |c| {
        sqlx::query_scalar(
            "SELECT id FROM inbound_requests WHERE source_id = $1 AND verdict = 'rejected' ORDER BY id DESC LIMIT 500 OFFSET $2",
        )
        .bind(&new.row.source_id)
        .bind(REFUSED)
        .fetch_all(c)
        .await
    })?;
    delete(conn, &new.row.org_id, &too_many).await?;
    if new.row.size <= LARGE_BODY {
        return Ok(());
    }
    on!(conn, |c| {
        sqlx::query(
            "UPDATE inbound_requests SET body = NULL, unindexed_at = $4 WHERE source_id = $1 AND verdict = 'rejected' AND size > $2 AND body IS NOT NULL
             AND id <= (SELECT id FROM inbound_requests WHERE source_id = $1 AND verdict = 'rejected' AND size > $2
                        ORDER BY id DESC LIMIT 1 OFFSET $3)",
        )
        .bind(&new.row.source_id)
        .bind(LARGE_BODY)
        .bind(REFUSED_LARGE)
        .bind(new.row.received_at)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Deletes requests of an organization, and their words.
pub(crate) async fn delete(conn: &mut Conn, org_id: &OrgId, ids: &[InboundRequestId]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    search::forget_requests(conn, org_id, ids).await?;
    on!(conn, |c| {
        let mut q = QueryBuilder::new("DELETE FROM inbound_requests WHERE org_id = ");
        q.push_bind(org_id).push(" AND id IN (");
        let mut list = q.separated(", ");
        for id in ids {
            list.push_bind(id);
        }
        q.push(")");
        q.build().execute(c).await.map(drop)
    })?;
    Ok(())
}

/// One request of an organization.
pub(crate) async fn find(conn: &mut Conn, org_id: &OrgId, id: &InboundRequestId) -> Result<Option<Whole>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT ");
        q.push(COLUMNS).push(LARGE).push(" FROM inbound_requests WHERE org_id = ").push_bind(org_id);
        q.push(" AND id = ").push_bind(id);
        q.build_query_as().fetch_optional(c).await
    })?)
}

/// Requests that were claimed, with everything; those that are gone are left out.
pub(crate) async fn find_claimed(conn: &mut Conn, claimed: &[&Row]) -> Result<Vec<Whole>> {
    let mut found = Vec::with_capacity(claimed.len());
    for piece in chunks(claimed) {
        let rows: Vec<Whole> = on!(&mut *conn, |c| {
            let mut q = QueryBuilder::new("SELECT ");
            q.push(COLUMNS).push(LARGE).push(" FROM inbound_requests WHERE id IN (");
            let mut list = q.separated(", ");
            for row in piece {
                list.push_bind(&row.id);
            }
            q.push(") ORDER BY id");
            q.build_query_as().fetch_all(&mut *c).await
        })?;
        found.extend(rows);
    }
    Ok(found)
}

/// What is needed of a request to read its events again.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Sample {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers_json: String,
    pub(crate) body: Vec<u8>,
}

/// Requests of a source that are looked through for those of a type.
const LOOKED_THROUGH: i64 = 2_000;
/// The largest body of a sample, in bytes.
const SAMPLE_SIZE: i64 = 256 * 1024;

/// The newest verified requests of a source with this type of the provider's, as far as their bodies are kept and not large. Where a
/// request is a list, any of its events counts, else the first, which is all there is.
pub(crate) async fn samples(
    conn: &mut Conn,
    source: &SourceId,
    kind: &str,
    is_list: bool,
    limit: i64,
) -> Result<Vec<Sample>> {
    let quoted = serde_json::to_string(kind).map_err(Error::internal)?;
    let quoted = quoted.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_");
    let in_list = is_list.then(|| format!(r#"%"provider\_event\_type":{quoted}%"#));
    Ok(on!(conn, |c| {
        sqlx::query_as(
            r"SELECT method, url, headers_json, body FROM inbound_requests WHERE body IS NOT NULL AND id IN (
               SELECT m.id FROM (SELECT id, provider_event_type, outcomes_json, size FROM inbound_requests
                 WHERE source_id = $1 AND verdict = 'verified' ORDER BY id DESC LIMIT $2) m
               WHERE (m.provider_event_type = $3 OR m.outcomes_json LIKE $6 ESCAPE '\') AND m.size <= $4 ORDER BY m.id DESC LIMIT $5)
             ORDER BY id DESC",
        )
        .bind(source)
        .bind(LOOKED_THROUGH)
        .bind(kind)
        .bind(SAMPLE_SIZE)
        .bind(limit)
        .bind(in_list)
        .fetch_all(c)
        .await
    })?)
}

/// What became of the newest verified requests of a source, as JSON.
pub(crate) async fn outcomes(conn: &mut Conn, source: &SourceId, limit: i64) -> Result<Vec<String>> {
    Ok(on!(conn, |c| {
        sqlx::query_scalar(
            "SELECT outcomes_json FROM inbound_requests WHERE source_id = $1 AND verdict = 'verified' ORDER BY id DESC LIMIT $2",
        )
        .bind(source)
        .bind(limit)
        .fetch_all(c)
        .await
    })?)
}

/// The last request of a source: of this verdict, or of any.
pub(crate) async fn last(
    conn: &mut Conn,
    source: &SourceId,
    verdict: Option<InboundVerdict>,
) -> Result<Option<Timestamp>> {
    let mut newest: Option<(String, Timestamp)> = None;
    for kind in InboundVerdict::ALL.iter().filter(|kind| verdict.is_none_or(|wanted| wanted == **kind)) {
        let found: Option<(String, Timestamp)> = on!(&mut *conn, |c| {
            sqlx::query_as(
                "SELECT id, received_at FROM inbound_requests WHERE source_id = $1 AND verdict = $2 ORDER BY id DESC LIMIT 1",
            )
            .bind(source)
            .bind(*kind)
            .fetch_optional(c)
            .await
        })?;
        newest = newest.max(found);
    }
    Ok(newest.map(|(_, at)| at))
}

/// How many requests of a source there are since an id, of one kind each: verdict, cause, state, whether it came before.
pub(crate) type Count = (InboundVerdict, Option<String>, InboundState, i64, i64);

/// Counts the requests of a source since a time.
pub(crate) async fn count(conn: &mut Conn, source: &SourceId, since: Timestamp) -> Result<Vec<Count>> {
    Ok(on!(conn, |c| {
        sqlx::query_as(
            "SELECT verdict, cause, state, CAST(CASE WHEN duplicate_of IS NULL THEN 0 ELSE 1 END AS BIGINT) AS is_duplicate, COUNT(*)
             FROM inbound_requests WHERE source_id = $1 AND id >= $2 GROUP BY verdict, cause, state, is_duplicate",
        )
        .bind(source)
        .bind(InboundRequestId::new(since.0.max(0), [0; 10]))
        .fetch_all(c)
        .await
    })?)
}

/// Whether a request waits to be handled.
pub(crate) async fn any_due(conn: &mut Conn, now: Timestamp) -> Result<bool> {
    Ok(on!(conn, |c| {
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM inbound_requests WHERE due_at <= $1)")
            .bind(now)
            .fetch_one(c)
            .await
    })?)
}

/// Takes requests that wait, oldest first, by moving their time on to `lease`.
pub(crate) async fn claim(conn: &mut Conn, now: Timestamp, lease: Timestamp, limit: i64) -> Result<Vec<Row>> {
    let skip = dialect!(conn, sqlite: "", postgres: " FOR UPDATE SKIP LOCKED");
    let mut claimed: Vec<Row> = on!(conn, |c| {
        let mut q = QueryBuilder::new("UPDATE inbound_requests SET attempts = attempts + 1, due_at = ");
        q.push_bind(lease).push(" WHERE id IN (SELECT id FROM inbound_requests WHERE due_at <= ").push_bind(now);
        q.push(" ORDER BY due_at, id LIMIT ").push_bind(limit).push(skip);
        q.push(") RETURNING ").push(COLUMNS);
        q.build_query_as().fetch_all(c).await
    })?;
    claimed.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(claimed)
}

/// Notes what became of a request that was claimed, unless the claim has lapsed: state, outcome, error and when it is due again.
/// Answers whether it held.
pub(crate) async fn settle(conn: &mut Conn, claimed: &Row, now: &Row, outcomes: Option<&str>) -> Result<bool> {
    let moved = on!(conn, |c| {
        sqlx::query(
            "UPDATE inbound_requests SET state = $1, due_at = $2, error = $3, is_again = $4, processed_at = $5, provider_event_id = $6,
               provider_event_type = $7, duplicate_of = $8, outcomes_json = COALESCE($9, outcomes_json),
               unindexed_at = COALESCE($5, unindexed_at)
             WHERE id = $10 AND due_at = $11",
        )
        .bind(now.state)
        .bind(now.due_at)
        .bind(&now.error)
        .bind(now.is_again)
        .bind(now.processed_at)
        .bind(&now.provider_event_id)
        .bind(&now.provider_event_type)
        .bind(&now.duplicate_of)
        .bind(outcomes)
        .bind(&claimed.id)
        .bind(claimed.due_at)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(moved > 0)
}

/// Has a request handled once more; `again` if it was handled to its end before. Answers whether nobody else was faster.
pub(crate) async fn requeue(conn: &mut Conn, row: &Row, again: bool, now: Timestamp) -> Result<bool> {
    let moved = on!(conn, |c| {
        sqlx::query(
            "UPDATE inbound_requests SET state = 'pending', due_at = $1, attempts = 0, is_again = $2, error = NULL
             WHERE org_id = $3 AND id = $4 AND state = $5",
        )
        .bind(now)
        .bind(i64::from(again))
        .bind(&row.org_id)
        .bind(&row.id)
        .bind(row.state)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(moved > 0)
}

/// Erases headers and bodies of requests from before a time that do not wait any more; answers how many.
pub(crate) async fn erase(
    conn: &mut Conn,
    org_id: &OrgId,
    before: Timestamp,
    limit: i64,
    now: Timestamp,
) -> Result<usize> {
    let done = on!(conn, |c| {
        sqlx::query(
            "UPDATE inbound_requests SET headers_json = '[]', body = NULL, base_string_json = NULL, erased_at = $1, unindexed_at = $1 WHERE id IN
               (SELECT id FROM inbound_requests WHERE org_id = $2 AND id < $3 AND erased_at IS NULL AND due_at IS NULL ORDER BY id LIMIT $4)",
        )
        .bind(now)
        .bind(org_id)
        .bind(InboundRequestId::new(before.0.max(0), [0; 10]))
        .bind(limit)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(usize::try_from(done).unwrap_or(0))
}

/// Erases headers and body of one request. If it waits, it has failed: there is nothing left to handle.
pub(crate) async fn erase_one(conn: &mut Conn, org_id: &OrgId, id: &InboundRequestId, now: Timestamp) -> Result<()> {
    on!(conn, |c| {
        sqlx::query(
            "UPDATE inbound_requests SET headers_json = '[]', body = NULL, base_string_json = NULL, erased_at = $1, unindexed_at = $1,
               state = CASE WHEN due_at IS NULL THEN state ELSE 'failed' END,
               error = CASE WHEN due_at IS NULL THEN error ELSE 'Its body has been erased.' END,
               processed_at = CASE WHEN due_at IS NULL THEN processed_at ELSE $1 END, due_at = NULL
             WHERE org_id = $2 AND id = $3 AND erased_at IS NULL",
        )
        .bind(now)
        .bind(org_id)
        .bind(id)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Deletes requests from before a time that do not wait any more; answers how many.
pub(crate) async fn delete_old(conn: &mut Conn, org_id: &OrgId, before: Timestamp, limit: i64) -> Result<usize> {
    let ids: Vec<InboundRequestId> = on!(&mut *conn, |c| {
        sqlx::query_scalar(
            "SELECT id FROM inbound_requests WHERE org_id = $1 AND id < $2 AND due_at IS NULL ORDER BY id LIMIT $3",
        )
        .bind(org_id)
        .bind(InboundRequestId::new(before.0.max(0), [0; 10]))
        .bind(limit)
        .fetch_all(c)
        .await
    })?;
    delete(conn, org_id, &ids).await?;
    Ok(ids.len())
}
