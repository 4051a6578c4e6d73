//! Both directions in one line of time: the deliveries that go out and the requests that came in, with the filters that mean something
//! for both. Each filter is read for either side; a side that can have nothing of the kind is left out.

use serde::{Deserialize, Serialize};

use super::store::found::{self, Facet, Filter};
use super::{InboundState, LogColumn, LogEntry, LogEntryFacets};
use crate::audit::actions::{record_count, record_list};
use crate::delivery::address::take_tokens;
use crate::delivery::columns::{Columns, Extent};
use crate::delivery::log::Facet as OutboundFacet;
use crate::delivery::query::{LogFilter, LogQuery, given};
use crate::delivery::{self, DeliveryStatus, FacetCount};
use crate::id::{DeliveryId, EndpointId, InboundRequestId, OrgId, SourceId};
use crate::page::Cursor;
use crate::time::Timestamp;
use crate::{Caller, Error, Hub, Page, PageQuery, Permission, Result};

/// Values of one facet at most.
const MOST_VALUES: usize = 50;

/// Filters of the log of both directions; all that are given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct EntryQuery {
    /// Words in what was sent, answered or received, an id, or tokens as in the search box (`status:failed type:invoice.*
    /// endpoint:"Billing" since:24h "free words"`). A token wins over the parameter of the same name; one that only deliveries can
    /// have (`code:5xx`) leaves the requests out.
    pub q: Option<String>,
    /// `pending`, `retrying`, `delivered`, `failed`, `paused`, `skipped` of deliveries, `pending`, `processed`, `failed`, `refused` of
    /// requests; several with commas.
    pub status: Option<String>,
    /// An event type or a pattern like `invoice.*`: of requests the provider's.
    pub event_type: Option<String>,
    /// Where it came from or goes to: a source or an endpoint, by its id, or by its name in upper or lower case.
    pub place: Option<String>,
    /// From this time on: RFC 3339, or an age like `15m`, `24h`, `7d`.
    pub since: Option<String>,
    /// Before this time: RFC 3339, or an age.
    pub until: Option<String>,
    /// Rows per page, 1 to 200; 50 when absent.
    pub limit: Option<u32>,
    /// The `next_cursor` or `previous_cursor` of an earlier page.
    pub cursor: Option<String>,
}

/// What is looked for on either side; none where nothing there can match.
#[derive(Debug)]
pub(super) struct Sides {
    pub(super) outbound: Option<LogFilter>,
    pub(super) inbound: Option<Filter>,
}

impl EntryQuery {
    /// What is looked for on either side.
    pub(super) fn sides(&self, now: Timestamp) -> Result<Sides> {
        self.with_tokens().sides(now)
    }

    /// The same with the tokens of `q` in their fields.
    fn with_tokens(&self) -> Tokens {
        let mut log = LogQuery {
            status: self.status.clone(),
            event_type: self.event_type.clone(),
            endpoint: self.place.clone(),
            since: self.since.clone(),
            until: self.until.clone(),
            ..LogQuery::default()
        };
        take_tokens(&mut log, self.q.as_deref().unwrap_or_default());
        let status = given(&log.status.take());
        Tokens { log, status }
    }
}

/// What is asked, with the filter by status apart: each side has words of its own.
#[derive(Debug, Clone)]
struct Tokens {
    log: LogQuery,
    status: Option<String>,
}

impl Tokens {
    /// Reads the filters for either side.
    fn sides(&self, now: Timestamp) -> Result<Sides> {
        let (mut statuses, mut states) = (Vec::new(), Vec::new());
        for word in self.status.iter().flat_map(|list| list.split(',')).map(str::trim) {
            let (status, state) = (word.parse::<DeliveryStatus>().ok(), word.parse::<InboundState>().ok());
            if status.is_none() && state.is_none() {
                return Err(Error::invalid("status", unknown(word)));
            }
            statuses.extend(status);
            states.extend(state);
        }
        // An id of a source names no endpoint.
        let mut log = self.log.clone();
        let place = given(&log.endpoint);
        let source_id: Option<SourceId> = place.as_deref().and_then(|place| place.parse().ok());
        if source_id.is_some() {
            log.endpoint = None;
        }
        let outbound = LogFilter { statuses, ..log.filter(now)? };
        let names_endpoint = place.as_deref().is_some_and(|place| place.parse::<EndpointId>().is_ok());
        let of_deliveries = outbound.code.is_some()
            || outbound.error.is_some()
            || outbound.attempts.is_some()
            || outbound.duration_us.is_some()
            || outbound.trigger.is_some()
            || names_endpoint;
        let is_named = self.status.is_some();
        let inbound = Filter {
            source_name: place.filter(|_| source_id.is_none()),
            source_id: source_id.clone(),
            states,
            provider_event_type: outbound.event_type.clone(),
            since: outbound.since,
            until: outbound.until,
            words: words(&outbound),
            ..Filter::default()
        };
        Ok(Sides {
            inbound: (!(of_deliveries || is_named && inbound.states.is_empty())).then_some(inbound),
            outbound: (source_id.is_none() && !(is_named && outbound.statuses.is_empty())).then_some(outbound),
        })
    }
}

/// The words of a request for a filter of deliveries: ids are words of what it came to.
fn words(filter: &LogFilter) -> Vec<String> {
    let ids = [filter.id.as_deref(), filter.event_id.as_ref().map(|id| id.as_str())];
    let ids = ids.into_iter().flatten().flat_map(delivery::query::words);
    ids.chain(filter.words.iter().cloned()).collect()
}

fn unknown(word: &str) -> String {
    let of = |all: &[&str]| all.join("`, `");
    let statuses: Vec<_> = DeliveryStatus::ALL.iter().map(|status| status.as_str()).collect();
    let states: Vec<_> = InboundState::ALL.iter().map(|state| state.as_str()).collect();
    let word: String = word.chars().take(40).collect();
    format!("{word:?} is neither of deliveries (`{}`) nor of requests (`{}`).", of(&statuses), of(&states))
}

/// Who may see both directions.
pub(super) fn require(caller: &Caller) -> Result<&OrgId> {
    caller.require_inbound()?;
    caller.require(Permission::DeliveriesRead)
}

/// What came in and what goes out, newest first. Needs `deliveries:read`, and what [`Caller::require_inbound`] does; a look by staff is
/// recorded.
///
/// # Errors
/// Forbidden; a wrong filter, by name; a wrong cursor.
pub async fn list(hub: &Hub, caller: &Caller, query: &EntryQuery) -> Result<Page<LogEntry>> {
    let org_id = require(caller)?;
    let page = PageQuery { limit: query.limit, cursor: query.cursor.clone() };
    let (limit, cursor) = (page.limit()?, page.cursor()?);
    let sides = query.sides(hub.now())?;
    record_list(hub, caller, "log_entry.listed", query).await?;
    let rows = rows(&mut hub.db.read().await?, org_id, &sides, &cursor, limit).await?;
    Ok(Page::build(rows, limit, &cursor, |row| row.key().to_owned()))
}

/// The rows of either side at a cursor, in the order in which it is read, one more than `limit` of each at most.
pub(super) async fn rows(
    conn: &mut crate::db::Conn,
    org_id: &OrgId,
    sides: &Sides,
    cursor: &Cursor,
    limit: i64,
) -> Result<Vec<LogEntry>> {
    // A cursor is what the ids of both have in common: the part behind the prefix.
    let at = |prefix: &str| match cursor {
        Cursor::Start => Cursor::Start,
        Cursor::After(key) => Cursor::After(format!("{prefix}{key}")),
        Cursor::Before(key) => Cursor::Before(format!("{prefix}{key}")),
    };
    let mut rows: Vec<LogEntry> = Vec::new();
    if let Some(filter) = &sides.inbound {
        let found = found::list(conn, org_id, filter, &at(InboundRequestId::PREFIX), limit).await?;
        rows.extend(found.into_iter().map(|row| LogEntry::Inbound(Box::new(row.into()))));
    }
    if let Some(filter) = &sides.outbound {
        let found = delivery::log::list(conn, org_id, filter, &at(DeliveryId::PREFIX), limit).await?;
        rows.extend(found.into_iter().map(|row| LogEntry::Outbound(Box::new(row))));
    }
    match cursor {
        Cursor::Before(_) => rows.sort_by(|a, b| a.key().cmp(b.key())),
        _ => rows.sort_by(|a, b| b.key().cmp(a.key())),
    }
    Ok(rows)
}

/// What both directions can be filtered by, counted under the other filters, the newest of either side. Needs what [`list`] does; a look by
/// staff is recorded.
///
/// # Errors
/// Forbidden; a wrong filter, by name.
pub async fn facets(hub: &Hub, caller: &Caller, query: &EntryQuery) -> Result<LogEntryFacets> {
    let org_id = require(caller)?;
    let now = hub.now();
    let asked = query.with_tokens();
    let wanted = asked.sides(now)?;
    record_count(hub, caller, "log_entry.counted", query).await?;
    let mut conn = hub.db.read().await?;
    // Each facet leaves its own filter out.
    let free = Tokens { status: None, ..asked.clone() }.sides(now)?;
    let (went, came) = counts(&mut conn, org_id, &free, OutboundFacet::Status, Facet::State).await?;
    let by_status = merged(went, came);
    let free = Tokens { log: LogQuery { event_type: None, ..asked.log.clone() }, ..asked.clone() }.sides(now)?;
    let (went, came) = counts(&mut conn, org_id, &free, OutboundFacet::EventType, Facet::Type).await?;
    let by_event_type = merged(went, came);
    let free = Tokens { log: LogQuery { endpoint: None, ..asked.log.clone() }, ..asked.clone() }.sides(now)?;
    let (went, came) = counts(&mut conn, org_id, &free, OutboundFacet::Endpoint, Facet::Source).await?;
    let by_place = merged(went, came);
    let all = LogEntryFacets { by_status, by_event_type, by_place, ..LogEntryFacets::default() };
    over_time(&mut conn, org_id, &wanted, now, all).await
}

/// Adds how many rows of both sides there were when.
async fn over_time(
    conn: &mut crate::db::Conn,
    org_id: &OrgId,
    sides: &Sides,
    now: Timestamp,
    facets: LogEntryFacets,
) -> Result<LogEntryFacets> {
    let went = match &sides.outbound {
        Some(filter) => delivery::log::extent(conn, org_id, filter).await?,
        None => None,
    };
    let came = match &sides.inbound {
        Some(filter) => found::extent(conn, org_id, filter).await?,
        None => None,
    };
    let counted = |extent: Option<Extent>| extent.map_or(0, |extent| extent.count);
    let facets = LogEntryFacets { outbound: counted(went), inbound: counted(came), ..facets };
    let Some(extent) = went.into_iter().chain(came).reduce(Extent::joined) else { return Ok(facets) };
    // Both sides have the same range, of which one is there at least.
    let range = sides.outbound.as_ref().map(|filter| (filter.since, filter.until));
    let range = range.or(sides.inbound.as_ref().map(|filter| (filter.since, filter.until)));
    let (since, until) = range.unwrap_or_default();
    let columns = Columns::over(extent, since, until, now);
    let mut counts = Vec::new();
    if let Some(filter) = &sides.outbound {
        counts.extend(delivery::log::over_time(conn, org_id, filter, &columns).await?);
    }
    if let Some(filter) = &sides.inbound {
        counts.extend(found::over_time(conn, org_id, filter, &columns).await?);
    }
    let histogram = columns.filled(counts).into_iter().map(LogColumn::from).collect();
    Ok(LogEntryFacets { histogram, partial: extent.is_cut, bucket_ms: columns.width_ms, ..facets })
}

/// The values of one facet on either side.
async fn counts(
    conn: &mut crate::db::Conn,
    org_id: &OrgId,
    sides: &Sides,
    outbound: OutboundFacet,
    inbound: Facet,
) -> Result<(Vec<FacetCount>, Vec<FacetCount>)> {
    let went = match &sides.outbound {
        Some(filter) => delivery::log::facet(conn, org_id, filter, outbound).await?,
        None => Vec::new(),
    };
    let came = match &sides.inbound {
        Some(filter) => found::facet(conn, org_id, filter, inbound).await?,
        None => Vec::new(),
    };
    Ok((went, came))
}

/// The values of both sides, most frequent first; what both have is one value.
fn merged(went: Vec<FacetCount>, came: Vec<FacetCount>) -> Vec<FacetCount> {
    let mut all = went;
    for count in came {
        match all.iter_mut().find(|known| known.value == count.value) {
            Some(known) => known.count += count.count,
            None => all.push(count),
        }
    }
    all.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
    all.truncate(MOST_VALUES);
    all
}
