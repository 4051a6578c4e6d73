//! What can be asked of requests that came to sources: a list, one of them, and that it is handled once more.

use std::borrow::Cow;

use super::store::found::{self, Filter};
use super::store::requests::{self, Row, Whole};
use super::{InboundRequest, InboundRequestSummary, InboundState, InboundVerdict};
use super::{presets, secrets, store};
use crate::audit::actions::{record_list, record_look};
use crate::delivery::query::{TypeFilter, given, read_time, typed_words};
use crate::id::{InboundRequestId, SourceId};
use crate::live::Notice;
use crate::node::signal::Work;
use crate::time::Timestamp;
use crate::{Caller, Error, Hub, Page, PageQuery, Permission, Result, audit};

/// Which requests are listed: all where nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct RequestQuery {
    /// Those of this source.
    pub source_id: Option<SourceId>,
    /// Those of this verdict.
    pub verdict: Option<InboundVerdict>,
    /// Those that were refused for this cause.
    pub cause: Option<String>,
    /// Those that have come so far.
    pub state: Option<InboundState>,
    /// Those with this type of the provider's, or with a pattern like `invoice.*`.
    pub provider_event_type: Option<String>,
    /// Those in which all these words are: ids, headers, body, what it came to.
    pub q: Option<String>,
    /// Those that came since: RFC 3339, or an age like `24h`.
    pub since: Option<String>,
    /// Those that came before: RFC 3339, or an age.
    pub until: Option<String>,
    /// Which page.
    pub page: PageQuery,
}

impl RequestQuery {
    /// What the store filters by.
    ///
    /// # Errors
    /// `since` or `until` is no time.
    pub(super) fn filter(&self, now: Timestamp) -> Result<Filter> {
        let time = |field, text: &Option<String>| given(text).map(|text| read_time(field, &text, now)).transpose();
        Ok(Filter {
            source_id: self.source_id.clone(),
            source_name: None,
            verdict: self.verdict,
            cause: given(&self.cause),
            states: self.state.into_iter().collect(),
            provider_event_type: given(&self.provider_event_type).and_then(TypeFilter::read),
            since: time("since", &self.since)?,
            until: time("until", &self.until)?,
            words: typed_words(self.q.as_deref().unwrap_or_default()),
            ..Filter::default()
        })
    }
}

/// Requests that came, newest first. For whom [`Caller::require_inbound`] lets pass; a look by staff is recorded.
///
/// # Errors
/// Forbidden; a wrong cursor or time.
pub async fn list(hub: &Hub, caller: &Caller, query: &RequestQuery) -> Result<Page<InboundRequestSummary>> {
    let org_id = caller.require_inbound()?;
    let (limit, cursor) = (query.page.limit()?, query.page.cursor()?);
    let filter = query.filter(hub.now())?;
    record_list(hub, caller, "inbound_request.listed", query).await?;
    let rows = found::list(&mut hub.db.read().await?, org_id, &filter, &cursor, limit).await?;
    let rows = rows.into_iter().map(InboundRequestSummary::from).collect();
    Ok(Page::build(rows, limit, &cursor, |request: &InboundRequestSummary| request.id.to_string()))
}

/// One request with everything that is kept of it. For whom [`Caller::require_inbound`] lets pass; a look by staff is recorded.
///
/// # Errors
/// Not found.
pub async fn get(hub: &Hub, caller: &Caller, id: &InboundRequestId) -> Result<InboundRequest> {
    let org_id = caller.require_inbound()?;
    record_look(hub, caller, "inbound_request.viewed", Some(id.as_str())).await?;
    let mut conn = hub.db.read().await?;
    let found = requests::find(&mut conn, org_id, id).await?.ok_or_else(|| Error::not_found("inbound request"))?;
    let source = store::find(&mut conn, org_id, &found.row.source_id).await?;
    drop(conn);
    let mut request = view(found)?;
    // GitHub's first request repeats the address that it is posted to, and that may be the one before. It is kept as it came, and
    // shown without the token.
    for text in [&mut request.body, &mut request.base_string].into_iter().flatten() {
        if let Cow::Owned(shown) = secrets::without_tokens(text) {
            *text = shown;
        }
    }
    if let (InboundVerdict::Rejected, Some(source)) = (request.summary.verdict, &source) {
        request.retries = Some(presets::find(&source.provider)?.retries);
    }
    if let (Some(body), Some(source)) = (&mut request.body, source) {
        let token = secrets::token_of(hub, &source)?;
        if body.contains(&token) {
            *body = body.replace(&token, "{token}");
        }
    }
    Ok(request)
}

/// Has a request handled once more. One that failed is handled as if it had just come; one that was handled tells its events again.
/// Needs `connections:write`.
///
/// # Errors
/// Not found; conflict where it was refused, is erased, or waits anyway.
pub async fn replay(hub: &Hub, caller: &Caller, id: &InboundRequestId) -> Result<InboundRequest> {
    let org_id = caller.require(Permission::ConnectionsWrite)?;
    let mut tx = hub.db.begin().await?;
    let found = requests::find(&mut tx, org_id, id).await?.ok_or_else(|| Error::not_found("inbound request"))?;
    let row = &found.row;
    let refuse = |message: &str| Err(Error::conflict("cannot_be_replayed", message));
    match (row.verdict, row.state) {
        (InboundVerdict::Rejected, _) => return refuse("It was refused: nobody knows whether it is the provider's."),
        (InboundVerdict::Challenge, _) => return refuse("It brought a token to verify with, and no event."),
        (_, InboundState::Pending) => return refuse("It waits to be handled already."),
        _ if row.erased_at.is_some() => return refuse("Its body has been erased."),
        _ => {}
    }
    // One that failed while it was told again is still to be told again.
    let again = row.state == InboundState::Processed || row.is_again != 0;
    if !requests::requeue(&mut tx, row, again, hub.now()).await? {
        return refuse("It waits to be handled already.");
    }
    let note = Some(row.source_id.as_str());
    audit::store::record(&mut tx, hub, caller, Some(org_id), "inbound_request.replayed", Some(id.as_str()), note)
        .await?;
    tx.commit().await?;
    hub.wake(Work::Inbound);
    hub.bus.notify(org_id, Notice::Source);
    get(hub, &Caller::system(Some(org_id.clone())), id).await
}

impl From<Row> for InboundRequestSummary {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            source_id: row.source_id,
            received_at: row.received_at,
            verdict: row.verdict,
            cause: row.cause,
            state: row.state,
            provider_event_id: row.provider_event_id,
            provider_event_type: row.provider_event_type,
            duplicate_of: row.duplicate_of,
            size: row.size,
            attempts: row.attempts,
            due_at: row.due_at,
            error: row.error,
        }
    }
}

fn view(whole: Whole) -> Result<InboundRequest> {
    let base_string = whole.base_string_json.as_deref().map(serde_json::from_str::<inbound::BaseString>).transpose();
    let (headers, row) = (whole.headers()?, whole.row);
    Ok(InboundRequest {
        cause_text: row.cause_text.clone(),
        retries: None,
        base_string: base_string.map_err(Error::internal)?.map(|shown| shown.text),
        method: row.method.clone(),
        url: row.url.clone(),
        ip: row.ip.clone(),
        headers,
        body: whole.body.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        outcomes: serde_json::from_str(&whole.outcomes_json).map_err(Error::internal)?,
        processed_at: row.processed_at,
        erased_at: row.erased_at,
        summary: row.into(),
    })
}
