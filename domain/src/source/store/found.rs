//! SQL of requests as they are found: listed by filters, and counted by value and over time.

use sqlx::QueryBuilder;

use super::super::{InboundState, InboundVerdict};
use super::requests::{COLUMNS, Row};
use crate::Result;
use crate::db::{Conn, on};
use crate::delivery::FacetCount;
use crate::delivery::columns::{Columns, Counts, Extent};
use crate::delivery::query::TypeFilter;
use crate::id::{InboundRequestId, OrgId, SourceId};
use crate::page::Cursor;
use crate::search::{self, Spread};
use crate::time::Timestamp;

/// Matching requests that are counted at most, newest first.
pub(crate) const COUNTED: i64 = 5_000;

/// Which requests are listed: those for which all that is said holds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) source_id: Option<SourceId>,
    /// Any source of this name, in upper or lower case.
    pub(crate) source_name: Option<String>,
    pub(crate) verdict: Option<InboundVerdict>,
    pub(crate) cause: Option<String>,
    /// Any of these; all where there is none.
    pub(crate) states: Vec<InboundState>,
    pub(crate) provider_event_type: Option<TypeFilter>,
    pub(crate) since: Option<Timestamp>,
    pub(crate) until: Option<Timestamp>,
    /// Free words, as [`crate::delivery::query::words`] makes them.
    pub(crate) words: Vec<String>,
    /// How many requests have them, as far as that was looked up.
    pub(crate) spread: Spread,
}

/// Pushes `WHERE …` for a filter onto a query over `inbound_requests r`, on either driver.
macro_rules! push_filter {
    ($q:expr, $org_id:expr, $filter:expr) => {{
        let (q, filter): (_, &Filter) = (&mut $q, $filter);
        q.push(" WHERE r.org_id = ").push_bind($org_id);
        if let Some(id) = &filter.source_id {
            q.push(" AND r.source_id = ").push_bind(id);
        }
        if let Some(name) = &filter.source_name {
            q.push(" AND r.source_id IN (SELECT n.id FROM sources n WHERE n.org_id = ")
                .push_bind($org_id)
                .push(" AND LOWER(n.name) = LOWER(")
                .push_bind(name)
                .push("))");
        }
        if let Some(verdict) = filter.verdict {
            q.push(" AND r.verdict = ").push_bind(verdict);
        }
        if let Some(cause) = &filter.cause {
            q.push(" AND r.cause = ").push_bind(cause);
        }
        if !filter.states.is_empty() {
            q.push(" AND r.state IN (");
            let mut list = q.separated(", ");
            for state in &filter.states {
                list.push_bind(*state);
            }
            q.push(")");
        }
        match &filter.provider_event_type {
            Some(TypeFilter::Name(name)) => {
                q.push(" AND r.provider_event_type = ").push_bind(name);
            }
            Some(TypeFilter::Prefix(prefix)) => {
                let length = prefix.chars().count() as i64;
                q.push(" AND SUBSTR(r.provider_event_type, 1, CAST(")
                    .push_bind(length)
                    .push(" AS INTEGER)) = ")
                    .push_bind(prefix);
            }
            None => {}
        }
        // Ids begin with their time.
        if let Some(since) = filter.since {
            q.push(" AND r.id >= ").push_bind(InboundRequestId::new(since.0.max(0), [0; 10]));
        }
        if let Some(until) = filter.until {
            q.push(" AND r.id < ").push_bind(InboundRequestId::new(until.0.max(0), [0; 10]));
        }
        if !filter.words.is_empty() {
            q.push(" AND ");
            search::push_match(q, search::REQUESTS, $org_id, &filter.words, filter.spread);
        }
    }};
}

/// The filter with what is known of the spread of its words.
async fn weighed(conn: &mut Conn, org_id: &OrgId, filter: &Filter) -> Result<Filter> {
    let mut filter = filter.clone();
    if filter.spread == Spread::Unknown {
        filter.spread = search::spread(conn, search::REQUESTS, org_id, &filter.words).await?;
    }
    Ok(filter)
}

/// A page of requests, newest first.
pub(crate) async fn list(
    conn: &mut Conn,
    org_id: &OrgId,
    filter: &Filter,
    cursor: &Cursor,
    limit: i64,
) -> Result<Vec<Row>> {
    let filter = &weighed(conn, org_id, filter).await?;
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT ");
        q.push(COLUMNS).push(" FROM inbound_requests r");
        push_filter!(q, org_id, filter);
        match cursor {
            Cursor::Start => q.push(" ORDER BY r.id DESC LIMIT "),
            Cursor::After(id) => q.push(" AND r.id < ").push_bind(id).push(" ORDER BY r.id DESC LIMIT "),
            Cursor::Before(id) => q.push(" AND r.id > ").push_bind(id).push(" ORDER BY r.id LIMIT "),
        };
        q.push_bind(limit + 1);
        q.build_query_as().persistent(false).fetch_all(c).await
    })?)
}

/// What requests are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Facet {
    Source,
    Verdict,
    State,
    Type,
    Cause,
}

/// How many of the newest requests that match have each value; the filter by the facet itself is left out.
pub(crate) async fn facet(conn: &mut Conn, org_id: &OrgId, filter: &Filter, facet: Facet) -> Result<Vec<FacetCount>> {
    let mut filter = weighed(conn, org_id, filter).await?;
    let column = match facet {
        Facet::Source => {
            (filter.source_id, filter.source_name) = (None, None);
            "r.source_id"
        }
        Facet::Verdict => {
            filter.verdict = None;
            "r.verdict"
        }
        Facet::State => {
            filter.states.clear();
            "r.state"
        }
        Facet::Type => {
            filter.provider_event_type = None;
            "r.provider_event_type"
        }
        Facet::Cause => {
            filter.cause = None;
            "r.cause"
        }
    };
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new(
            "SELECT m.value AS value, MAX(s.name) AS label, CAST(COUNT(*) AS BIGINT) AS count FROM (SELECT ",
        );
        q.push(column).push(" AS value FROM inbound_requests r");
        push_filter!(q, org_id, &filter);
        q.push(" ORDER BY r.id DESC LIMIT ").push_bind(COUNTED);
        // A type may look like the id of somebody else's source.
        q.push(") m LEFT JOIN sources s ON s.id = m.value AND s.org_id = ").push_bind(org_id);
        q.push(" WHERE m.value IS NOT NULL GROUP BY m.value ORDER BY 3 DESC, 1 LIMIT 50");
        q.build_query_as().persistent(false).fetch_all(c).await
    })?)
}

/// How many requests match, counted up to a bound.
pub(crate) async fn total(conn: &mut Conn, org_id: &OrgId, filter: &Filter) -> Result<i64> {
    let filter = &weighed(conn, org_id, filter).await?;
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new("SELECT CAST(COUNT(*) AS BIGINT) FROM (SELECT 1 FROM inbound_requests r");
        push_filter!(q, org_id, filter);
        q.push(" LIMIT ").push_bind(COUNTED).push(") m");
        q.build_query_scalar().persistent(false).fetch_one(c).await
    })?)
}

/// From when to when the requests that match came, as far as they are counted.
pub(crate) async fn extent(conn: &mut Conn, org_id: &OrgId, filter: &Filter) -> Result<Option<Extent>> {
    let filter = &weighed(conn, org_id, filter).await?;
    let (oldest, newest, count): (Option<Timestamp>, Option<Timestamp>, i64) = on!(conn, |c| {
        let mut q = QueryBuilder::new(
            "SELECT MIN(m.received_at), MAX(m.received_at), CAST(COUNT(*) AS BIGINT) FROM (SELECT r.received_at FROM inbound_requests r",
        );
        push_filter!(q, org_id, filter);
        q.push(" ORDER BY r.id DESC LIMIT ").push_bind(COUNTED).push(") m");
        q.build_query_as().persistent(false).fetch_one(c).await
    })?;
    Ok(oldest.zip(newest).map(|(oldest, newest)| Extent { oldest, newest, count, is_cut: count >= COUNTED }))
}

/// How many of the requests that match came in each column: handled, waiting, refused or failed.
pub(crate) async fn over_time(
    conn: &mut Conn,
    org_id: &OrgId,
    filter: &Filter,
    columns: &Columns,
) -> Result<Vec<Counts>> {
    let filter = &weighed(conn, org_id, filter).await?;
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new(
            "SELECT m.place, CAST(SUM(CASE m.kind WHEN 0 THEN 1 ELSE 0 END) AS BIGINT), CAST(SUM(CASE m.kind WHEN 1 THEN 1 ELSE 0 END) AS BIGINT), \
             CAST(SUM(CASE m.kind WHEN 2 THEN 1 ELSE 0 END) AS BIGINT) FROM (SELECT (r.received_at - ",
        );
        q.push_bind(columns.start).push(") / ").push_bind(columns.width_ms).push(
            " AS place, CASE WHEN r.verdict = 'rejected' OR r.state = 'failed' THEN 2 WHEN r.state = 'pending' THEN 1 ELSE 0 END AS kind
             FROM inbound_requests r",
        );
        push_filter!(q, org_id, filter);
        q.push(" AND r.received_at >= ").push_bind(columns.start);
        q.push(" ORDER BY r.id DESC LIMIT ").push_bind(COUNTED).push(") m GROUP BY m.place");
        q.build_query_as().persistent(false).fetch_all(c).await
    })?)
}
