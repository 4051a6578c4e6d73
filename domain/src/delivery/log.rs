//! SQL of the delivery log: lists, facets, histogram, why deliveries failed. Reads only.

use sqlx::QueryBuilder;

use super::columns::{Columns, Counts, Extent};
use super::query::{CodeFilter, LogFilter, TypeFilter};
use super::{Attempt, Bucket, DeliveryStatus, DeliverySummary, FacetCount, FailureReason, LogStats};
use crate::Result;
use crate::db::{Conn, on};
use crate::id::{AttemptId, DeliveryId, EndpointId, EventId, OrgId};
use crate::page::Cursor;
use crate::search::{self, Spread};
use crate::time::Timestamp;

/// Matching deliveries that facets and histogram count at most, newest first.
pub(crate) const COUNTED: i64 = 20_000;

/// A facet, which leaves its own filter out of its counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Facet {
    Status,
    Endpoint,
    EventType,
    Code,
    Error,
}

const SUMMARY: &str = "SELECT d.id, d.event_id, d.event_type, d.endpoint_id, COALESCE(e.name, '') AS endpoint_name, d.status, d.cause AS trigger, \
     d.attempt_count, d.max_attempts, d.last_code, d.last_error, d.last_duration_us, d.next_attempt_at, d.created_at, d.updated_at, d.finished_at, \
     d.replay_of, d.waits_for, d.ordering_key FROM deliveries d LEFT JOIN endpoints e ON e.id = d.endpoint_id";

/// Pushes `WHERE …` for a filter onto a query over `deliveries d`, on either driver. Such queries are not kept prepared: PostgreSQL is to
/// plan each for the organization that it is about, since one has a hundred deliveries and another a hundred thousand.
macro_rules! push_filter {
    ($q:expr, $org_id:expr, $filter:expr, $skip:expr) => {{
        let (q, filter, skip): (_, &LogFilter, Option<Facet>) = (&mut $q, $filter, $skip);
        q.push(" WHERE d.org_id = ").push_bind($org_id);
        if !filter.statuses.is_empty() && skip != Some(Facet::Status) {
            q.push(" AND d.status IN (");
            let mut list = q.separated(", ");
            for status in &filter.statuses {
                list.push_bind(*status);
            }
            q.push(")");
        }
        if let Some(id) = filter.endpoint_id.as_ref().filter(|_| skip != Some(Facet::Endpoint)) {
            q.push(" AND d.endpoint_id = ").push_bind(id);
        }
        if let Some(name) = filter.endpoint_name.as_ref().filter(|_| skip != Some(Facet::Endpoint)) {
            q.push(" AND d.endpoint_id IN (SELECT n.id FROM endpoints n WHERE n.org_id = ")
                .push_bind($org_id)
                .push(" AND LOWER(n.name) = LOWER(")
                .push_bind(name)
                .push("))");
        }
        if let Some(id) = &filter.event_id {
            q.push(" AND d.event_id = ").push_bind(id);
        }
        if let Some(id) = &filter.id {
            q.push(" AND (d.id = ")
                .push_bind(id)
                .push(" OR d.event_id = ")
                .push_bind(id)
                .push(" OR d.endpoint_id = ")
                .push_bind(id)
                .push(")");
        }
        match filter.event_type.as_ref().filter(|_| skip != Some(Facet::EventType)) {
            Some(TypeFilter::Name(name)) => {
                q.push(" AND d.event_type = ").push_bind(name);
            }
            Some(TypeFilter::Prefix(prefix)) => {
                let length = prefix.chars().count() as i64;
                q.push(" AND SUBSTR(d.event_type, 1, CAST(")
                    .push_bind(length)
                    .push(" AS INTEGER)) = ")
                    .push_bind(prefix);
            }
            None => {}
        }
        match filter.code.filter(|_| skip != Some(Facet::Code)) {
            Some(CodeFilter::Range(from, to)) => {
                q.push(" AND d.last_code >= ").push_bind(from).push(" AND d.last_code <= ").push_bind(to);
            }
            Some(CodeFilter::None) => {
                q.push(" AND d.last_code IS NULL");
            }
            None => {}
        }
        if let Some(error) = filter.error.filter(|_| skip != Some(Facet::Error)) {
            q.push(" AND d.last_error = ").push_bind(error);
        }
        if let Some(range) = &filter.attempts {
            q.push(" AND d.attempt_count >= ").push_bind(*range.start());
            q.push(" AND d.attempt_count <= ").push_bind(*range.end());
        }
        if let Some(range) = &filter.duration_us {
            q.push(" AND d.last_duration_us >= ").push_bind(*range.start());
            q.push(" AND d.last_duration_us <= ").push_bind(*range.end());
        }
        if let Some(trigger) = filter.trigger {
            q.push(" AND d.cause = ").push_bind(trigger);
        }
        if let Some(since) = filter.since {
            // Ids begin with their time, so the range is a range of the primary key.
            q.push(" AND d.id >= ").push_bind(first_id(since));
        }
        if let Some(until) = filter.until {
            q.push(" AND d.id < ").push_bind(first_id(until));
        }
        if !filter.words.is_empty() {
            q.push(" AND ");
            search::push_match(q, search::DELIVERIES, $org_id, &filter.words, filter.spread);
        }
    }};
}

/// The smallest delivery id of a time.
fn first_id(at: Timestamp) -> String {
    DeliveryId::new(at.0.max(0), [0; 10]).to_string()
}

// It uses the macro above.
mod plan;

pub(crate) use plan::{PlanCount, plan_counts, plan_page};

/// The filter with what is known of the spread of its words.
async fn weighed(conn: &mut Conn, org_id: &OrgId, filter: &LogFilter) -> Result<LogFilter> {
    let mut filter = filter.clone();
    if filter.spread == Spread::Unknown {
        filter.spread = search::spread(conn, search::DELIVERIES, org_id, &filter.words).await?;
    }
    Ok(filter)
}

/// A page of the log.
pub(crate) async fn list(
    conn: &mut Conn,
    org_id: &OrgId,
    filter: &LogFilter,
    cursor: &Cursor,
    limit: i64,
) -> Result<Vec<DeliverySummary>> {
    let filter = &weighed(conn, org_id, filter).await?;
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new(SUMMARY);
        push_filter!(q, org_id, filter, None);
        match cursor {
            Cursor::Start => q.push(" ORDER BY d.id DESC LIMIT "),
            Cursor::After(id) => q.push(" AND d.id < ").push_bind(id).push(" ORDER BY d.id DESC LIMIT "),
            Cursor::Before(id) => q.push(" AND d.id > ").push_bind(id).push(" ORDER BY d.id LIMIT "),
        };
        q.push_bind(limit + 1);
        q.build_query_as().persistent(false).fetch_all(c).await
    })?)
}

/// The version of the endpoint at the last attempt of a delivery, where one was kept.
pub(crate) async fn last_version(conn: &mut Conn, org_id: &OrgId, id: &DeliveryId) -> Result<Option<i64>> {
    Ok(on!(conn, |c| {
        sqlx::query_scalar("SELECT MAX(endpoint_version) FROM attempts WHERE org_id = $1 AND delivery_id = $2")
            .bind(org_id)
            .bind(id)
            .fetch_one(c)
            .await
    })?)
}

/// One row of the log.
pub(crate) async fn find(conn: &mut Conn, org_id: &OrgId, id: &DeliveryId) -> Result<Option<DeliverySummary>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new(SUMMARY);
        q.push(" WHERE d.org_id = ").push_bind(org_id).push(" AND d.id = ").push_bind(id);
        q.build_query_as().fetch_optional(c).await
    })?)
}

/// All deliveries of an event, oldest first, 100 at most.
pub(crate) async fn of_event(conn: &mut Conn, org_id: &OrgId, event_id: &EventId) -> Result<Vec<DeliverySummary>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new(SUMMARY);
        q.push(" WHERE d.org_id = ")
            .push_bind(org_id)
            .push(" AND d.event_id = ")
            .push_bind(event_id)
            .push(" ORDER BY d.id LIMIT 100");
        q.build_query_as().fetch_all(c).await
    })?)
}

/// Facets, histogram and percentiles.
pub(crate) async fn stats(conn: &mut Conn, org_id: &OrgId, filter: &LogFilter, now: Timestamp) -> Result<LogStats> {
    let filter = &weighed(conn, org_id, filter).await?;
    let by_status = facet(conn, org_id, filter, Facet::Status).await?;
    let extent = extent(conn, org_id, filter).await?;
    let columns = extent.map(|extent| Columns::over(extent, filter.since, filter.until, now));
    let histogram = match &columns {
        Some(columns) => columns.filled(over_time(conn, org_id, filter, columns).await?),
        None => Vec::new(),
    };
    let (p50_us, p95_us) = percentiles(durations(conn, org_id, filter).await?);
    Ok(LogStats {
        total: extent.map_or(0, |extent| extent.count),
        partial: extent.is_some_and(|extent| extent.is_cut),
        by_endpoint: facet(conn, org_id, filter, Facet::Endpoint).await?,
        by_event_type: facet(conn, org_id, filter, Facet::EventType).await?,
        by_code: facet(conn, org_id, filter, Facet::Code).await?,
        by_error: facet(conn, org_id, filter, Facet::Error).await?,
        by_status,
        histogram: histogram.into_iter().map(Bucket::from).collect(),
        bucket_ms: columns.map_or(0, |columns| columns.width_ms),
        p50_us,
        p95_us,
        kept_since: None,
        payloads_since: None,
    })
}

/// Why the newest deliveries that match failed: those alike in code and error together, with the message of the newest.
pub(crate) async fn reasons(conn: &mut Conn, org_id: &OrgId, filter: &LogFilter) -> Result<Vec<FailureReason>> {
    let filter = &weighed(conn, org_id, filter).await?;
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT g.code, g.error, (SELECT a.error FROM attempts a WHERE a.org_id = ");
        q.push_bind(org_id).push(
            " AND a.delivery_id = g.newest ORDER BY a.id DESC LIMIT 1) AS message, g.count, g.oldest_at, g.newest_at FROM (
             SELECT m.last_code AS code, m.last_error AS error, CAST(COUNT(*) AS BIGINT) AS count, MAX(m.id) AS newest,
             MIN(m.ended_at) AS oldest_at, MAX(m.ended_at) AS newest_at FROM (
             SELECT d.id, d.last_code, d.last_error, COALESCE(d.finished_at, d.updated_at) AS ended_at FROM deliveries d",
        );
        push_filter!(q, org_id, filter, None);
        q.push(" ORDER BY d.id DESC LIMIT ").push_bind(COUNTED);
        q.push(") m GROUP BY m.last_code, m.last_error) g ORDER BY g.count DESC, g.newest_at DESC LIMIT 50");
        q.build_query_as().persistent(false).fetch_all(c).await
    })?)
}

/// How many of the newest deliveries that match have each value.
pub(crate) async fn facet(
    conn: &mut Conn,
    org_id: &OrgId,
    filter: &LogFilter,
    facet: Facet,
) -> Result<Vec<FacetCount>> {
    let filter = &weighed(conn, org_id, filter).await?;
    let column = match facet {
        Facet::Status => "d.status",
        Facet::Endpoint => "d.endpoint_id",
        Facet::EventType => "d.event_type",
        Facet::Code => {
            "CASE WHEN d.last_code IS NULL THEN 'none' ELSE SUBSTR(CAST(d.last_code AS TEXT), 1, 1) || 'xx' END"
        }
        Facet::Error => "d.last_error",
    };
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new(
            "SELECT m.value AS value, MAX(e.name) AS label, CAST(COUNT(*) AS BIGINT) AS count FROM (SELECT ",
        );
        q.push(column).push(" AS value FROM deliveries d");
        push_filter!(q, org_id, filter, Some(facet));
        q.push(" ORDER BY d.id DESC LIMIT ").push_bind(COUNTED);
        q.push(") m LEFT JOIN endpoints e ON e.id = m.value AND e.org_id = ").push_bind(org_id);
        q.push(" WHERE m.value IS NOT NULL GROUP BY m.value ORDER BY 3 DESC, 1 LIMIT 50");
        q.build_query_as().persistent(false).fetch_all(c).await
    })?)
}

/// From when to when the deliveries that match were made, as far as they are counted.
pub(crate) async fn extent(conn: &mut Conn, org_id: &OrgId, filter: &LogFilter) -> Result<Option<Extent>> {
    let filter = &weighed(conn, org_id, filter).await?;
    let (oldest, newest, count): (Option<Timestamp>, Option<Timestamp>, i64) = on!(conn, |c| {
        let mut q = QueryBuilder::new(
            "SELECT MIN(m.created_at), MAX(m.created_at), CAST(COUNT(*) AS BIGINT) FROM (SELECT d.created_at FROM deliveries d",
        );
        push_filter!(q, org_id, filter, None);
        q.push(" ORDER BY d.id DESC LIMIT ").push_bind(COUNTED).push(") m");
        q.build_query_as().persistent(false).fetch_one(c).await
    })?;
    Ok(oldest.zip(newest).map(|(oldest, newest)| Extent { oldest, newest, count, is_cut: count >= COUNTED }))
}

/// How many of the deliveries that match were made in each column: delivered or skipped, waiting, failed.
pub(crate) async fn over_time(
    conn: &mut Conn,
    org_id: &OrgId,
    filter: &LogFilter,
    columns: &Columns,
) -> Result<Vec<Counts>> {
    let filter = &weighed(conn, org_id, filter).await?;
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new(
            "SELECT m.place, CAST(SUM(CASE m.kind WHEN 0 THEN 1 ELSE 0 END) AS BIGINT), CAST(SUM(CASE m.kind WHEN 1 THEN 1 ELSE 0 END) AS BIGINT), \
             CAST(SUM(CASE m.kind WHEN 2 THEN 1 ELSE 0 END) AS BIGINT) FROM (SELECT (d.created_at - ",
        );
        q.push_bind(columns.start).push(") / ").push_bind(columns.width_ms).push(
            " AS place, CASE WHEN d.status IN ('delivered', 'skipped') THEN 0 WHEN d.status = 'failed' THEN 2 ELSE 1 END AS kind
             FROM deliveries d",
        );
        push_filter!(q, org_id, filter, None);
        q.push(" AND d.created_at >= ").push_bind(columns.start);
        q.push(" ORDER BY d.id DESC LIMIT ").push_bind(COUNTED).push(") m GROUP BY m.place");
        q.build_query_as().persistent(false).fetch_all(c).await
    })?)
}

async fn durations(conn: &mut Conn, org_id: &OrgId, filter: &LogFilter) -> Result<Vec<i64>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT d.last_duration_us FROM deliveries d");
        push_filter!(q, org_id, filter, None);
        q.push(" AND d.last_duration_us IS NOT NULL ORDER BY d.id DESC LIMIT 5000");
        q.build_query_scalar().persistent(false).fetch_all(c).await
    })?)
}

fn percentiles(mut values: Vec<i64>) -> (Option<i64>, Option<i64>) {
    values.sort_unstable();
    let at =
        |share: f64| values.get(((values.len() as f64 * share) as usize).min(values.len().saturating_sub(1))).copied();
    (at(0.5), at(0.95))
}

/// The 95th percentile of the last attempts' duration at an endpoint, in microseconds.
pub(crate) async fn p95_us(conn: &mut Conn, org_id: &OrgId, endpoint_id: &EndpointId) -> Result<Option<i64>> {
    let filter = LogFilter { endpoint_id: Some(endpoint_id.clone()), ..LogFilter::default() };
    let mut values = durations(conn, org_id, &filter).await?;
    values.truncate(1000);
    Ok(percentiles(values).1)
}

#[derive(sqlx::FromRow)]
struct AttemptRecord {
    id: AttemptId,
    number: i64,
    started_at: Timestamp,
    outcome: super::Outcome,
    code: Option<i64>,
    error_class: Option<super::ErrorClass>,
    error: Option<String>,
    dns_us: Option<i64>,
    connect_us: Option<i64>,
    tls_us: Option<i64>,
    first_byte_us: Option<i64>,
    total_us: i64,
    remote: Option<String>,
    tls: Option<String>,
    url: String,
    request_headers: String,
    response_headers: String,
    response_truncated: i64,
    response_body: Option<Vec<u8>>,
    endpoint_version: Option<i64>,
    request_body: Option<String>,
}

/// The attempts of a delivery, oldest first.
pub(crate) async fn attempts(conn: &mut Conn, org_id: &OrgId, id: &DeliveryId) -> Result<Vec<Attempt>> {
    let rows: Vec<AttemptRecord> = on!(conn, |c| {
        sqlx::query_as(
            "SELECT id, number, started_at, outcome, code, error_class, error, dns_us, connect_us, tls_us, first_byte_us, total_us, remote, tls, url,
             request_headers, response_headers, response_truncated, response_body, endpoint_version, request_body FROM attempts WHERE org_id = $1 AND delivery_id = $2 ORDER BY id",
        )
        .bind(org_id)
        .bind(id)
        .fetch_all(c)
        .await
    })?;
    let pairs = |json: &str| serde_json::from_str(json).map_err(crate::Error::internal);
    rows.into_iter()
        .map(|r| {
            Ok(Attempt {
                request_headers: pairs(&r.request_headers)?,
                response_headers: pairs(&r.response_headers)?,
                response_body: r
                    .response_body
                    .filter(|body| !body.is_empty())
                    .map(|body| String::from_utf8_lossy(&body).into_owned()),
                response_truncated: r.response_truncated != 0,
                id: r.id,
                number: r.number,
                started_at: r.started_at,
                outcome: r.outcome,
                code: r.code,
                error_class: r.error_class,
                error: r.error,
                dns_us: r.dns_us,
                connect_us: r.connect_us,
                tls_us: r.tls_us,
                first_byte_us: r.first_byte_us,
                total_us: r.total_us,
                remote: r.remote,
                tls: r.tls,
                url: r.url,
                endpoint_version: r.endpoint_version,
                request_body: r.request_body,
            })
        })
        .collect()
}

/// The URL and the subscription patterns of an endpoint, deleted ones included.
pub(crate) async fn endpoint_facts(
    conn: &mut Conn,
    org_id: &OrgId,
    id: &EndpointId,
) -> Result<Option<(String, String, String)>> {
    Ok(on!(conn, |c| {
        sqlx::query_as("SELECT url, event_types_json, retry_json FROM endpoints WHERE org_id = $1 AND id = $2")
            .bind(org_id)
            .bind(id)
            .fetch_optional(c)
            .await
    })?)
}

#[cfg(test)]
mod tests;
