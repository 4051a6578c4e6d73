//! Requests that came to a source, and what became of them.

use serde::{Deserialize, Serialize};

use crate::delivery::{DeliverySummary, FacetCount};
use crate::event::{Event, EventSource};
use crate::id::{EventId, InboundRequestId, SourceId};
use crate::text_enum;
use crate::time::Timestamp;

text_enum! {
    /// Whether a request is the provider's.
    pub enum InboundVerdict {
        /// It is: signature or credentials hold.
        Verified = "verified",
        /// It is not, or nobody can tell; `cause` says why.
        Rejected = "rejected",
        /// It only brought a token to verify with, before there was one.
        Challenge = "challenge",
    }
}

text_enum! {
    /// How far a request has come.
    pub enum InboundState {
        /// It waits to be handled, or to be handled again after a failure.
        Pending = "pending",
        /// It was handled; `outcomes` says what it came to.
        Processed = "processed",
        /// It could not be handled and is not tried again by itself.
        Failed = "failed",
        /// There is nothing to handle: it was refused.
        Refused = "refused",
    }
}

text_enum! {
    /// What an event of a provider came to.
    pub enum OutcomeKind {
        /// An event of the hub.
        Published = "published",
        /// Nothing: it came before.
        Duplicate = "duplicate",
        /// Nothing: newer news of the same thing had come before it.
        Late = "late",
        /// Nothing: it was passed over, and `detail` says why.
        PassedOver = "passed_over",
        /// Nothing: its type is not known here.
        Unknown = "unknown",
    }
}

/// What one event in a request came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct InboundOutcome {
    /// What it came to.
    pub outcome: OutcomeKind,
    /// The provider's id of the event.
    pub provider_event_id: Option<String>,
    /// The provider's type of it.
    pub provider_event_type: Option<String>,
    /// The event of the hub that it became.
    pub event_id: Option<EventId>,
    /// The type of that event.
    pub event_type: Option<String>,
    /// The request that brought it first.
    pub duplicate_of: Option<InboundRequestId>,
    /// Whether newer news of the same thing had come before it.
    pub is_late: bool,
    /// A word for programs where it was passed over: `own_message`.
    pub code: Option<String>,
    /// What there is to say of it, in a sentence.
    pub detail: Option<String>,
    /// When it was handled.
    pub at: Timestamp,
}

/// A request in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct InboundRequestSummary {
    /// Its id.
    pub id: InboundRequestId,
    /// Where it came to.
    pub source_id: SourceId,
    /// When it came.
    pub received_at: Timestamp,
    /// Whether it is the provider's.
    pub verdict: InboundVerdict,
    /// Why it was refused, as a word: `bad_signature`.
    pub cause: Option<String>,
    /// How far it has come.
    pub state: InboundState,
    /// The provider's id of the (first) event in it.
    pub provider_event_id: Option<String>,
    /// The provider's type of the (first) event in it.
    pub provider_event_type: Option<String>,
    /// The request that brought the same before.
    pub duplicate_of: Option<InboundRequestId>,
    /// The size of its body, in bytes.
    pub size: i64,
    /// How often it was begun to be handled.
    pub attempts: i64,
    /// When it is handled next, while it waits.
    pub due_at: Option<Timestamp>,
    /// What went wrong the last time it was handled.
    pub error: Option<String>,
}

/// A request with everything that is kept of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct InboundRequest {
    /// What a list shows of it.
    #[serde(flatten)]
    pub summary: InboundRequestSummary,
    /// Why it was refused, in a sentence.
    pub cause_text: Option<String>,
    /// Where it was refused: when its provider tries again, in a sentence.
    pub retries: Option<String>,
    /// The text that was signed, as far as it is shown; of a long one the beginning.
    pub base_string: Option<String>,
    /// The method.
    pub method: String,
    /// The address it was posted to; the token in it is left out.
    pub url: String,
    /// Where it came from.
    pub ip: Option<String>,
    /// Its headers in order; credentials in them are left out.
    pub headers: Vec<(String, String)>,
    /// Its body as text (invalid UTF-8 replaced); none where it is too large to be kept, or erased.
    pub body: Option<String>,
    /// What the events in it came to, those of each time it was handled.
    pub outcomes: Vec<InboundOutcome>,
    /// When it was handled.
    pub processed_at: Option<Timestamp>,
    /// When headers and body were erased.
    pub erased_at: Option<Timestamp>,
}

/// What came to a source in a while.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct InboundFigures {
    /// From when on it is counted: the last seven days.
    pub since: Timestamp,
    /// All requests.
    pub received: i64,
    /// Those that are the provider's.
    pub verified: i64,
    /// Their share of all that are or claim to be, from 0 to 1; none where nothing came.
    pub verified_share: Option<f64>,
    /// Verified ones that had come before and were dropped.
    pub duplicates: i64,
    /// Those that wait to be handled.
    pub pending: i64,
    /// Those that could not be handled.
    pub failed: i64,
    /// Those that were refused, by cause, most first. Of each source the last thousand are kept.
    pub rejected: Vec<RejectedCount>,
    /// Whether nothing has been verified yet, at any time.
    pub is_waiting: bool,
}

/// How many requests were refused for a cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RejectedCount {
    /// The cause, as a word.
    pub cause: String,
    /// How many.
    pub count: i64,
}

/// The request that an event was in, if a source brought it: its source and its id. None once the event's payload is erased.
#[must_use]
pub fn origin(event: &Event) -> Option<(SourceId, InboundRequestId)> {
    #[derive(Deserialize)]
    struct Origin {
        source_id: String,
        inbound_request_id: String,
    }
    let came = (event.source == EventSource::Source).then(|| serde_json::from_str::<Origin>(&event.data).ok())??;
    Some((came.source_id.parse().ok()?, came.inbound_request_id.parse().ok()?))
}

/// One column of the histogram of requests, or of requests and deliveries together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct LogColumn {
    /// Its start.
    pub at: Timestamp,
    /// Requests of it that were handled, and deliveries that arrived or were skipped.
    pub done: i64,
    /// Those of it that wait.
    pub waiting: i64,
    /// Requests of it that were refused or could not be handled, and dead letters.
    pub failed: i64,
}

#[cfg(feature = "server")]
impl From<(Timestamp, [i64; 3])> for LogColumn {
    fn from((at, [done, waiting, failed]): (Timestamp, [i64; 3])) -> Self {
        Self { at, done, waiting, failed }
    }
}

/// The values that requests can be filtered by, each with the number of requests that have it. A facet ignores its own filter; the
/// newest requests are counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct RequestFacets {
    /// All that match, as far as they are counted (the newest 5,000 are).
    pub total: i64,
    /// By source.
    pub by_source: Vec<FacetCount>,
    /// By verdict.
    pub by_verdict: Vec<FacetCount>,
    /// By how far they have come.
    pub by_state: Vec<FacetCount>,
    /// By the provider's type of event.
    pub by_type: Vec<FacetCount>,
    /// By what they were refused for.
    pub by_cause: Vec<FacetCount>,
    /// Those that match over time: 61 columns or fewer, oldest first.
    pub histogram: Vec<LogColumn>,
    /// Whether more match than were counted.
    pub partial: bool,
    /// How long a column is, in milliseconds; 0 where there is none.
    pub bucket_ms: i64,
}

/// Something that a provider told of e-mail that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::FromRow, utoipa::ToSchema))]
pub struct EmailFact {
    /// The provider's id of the message.
    pub message_id: String,
    /// The address it went to, in lower case. An event of a message to several is noted for each of them, since the provider does not
    /// say whom it is about.
    pub recipient: String,
    /// What was told: `email.bounced`.
    pub event_type: String,
    /// When it happened, by the provider's clock.
    pub happened_at: Timestamp,
    /// Why it bounced or failed, or what was clicked.
    pub detail: Option<String>,
    /// How many recipients the event named. Where there are several, it may be about any of them: the provider does not say.
    pub recipients: i64,
    /// The request that brought it.
    pub request_id: InboundRequestId,
}

/// A row of the log of both directions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(tag = "direction", rename_all = "snake_case")]
pub enum LogEntry {
    /// A request that came in.
    Inbound(Box<InboundRequestSummary>),
    /// A delivery that goes out.
    Outbound(Box<DeliverySummary>),
}

/// The values that the log of both directions can be filtered by, each with the number of rows that have it. A facet ignores its own
/// filter; the newest rows of either side are counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct LogEntryFacets {
    /// Requests that match, as far as they are counted (the newest 5,000 are).
    pub inbound: i64,
    /// Deliveries that match, as far as they are counted (the newest 20,000 are).
    pub outbound: i64,
    /// By the status of deliveries and the state of requests.
    pub by_status: Vec<FacetCount>,
    /// By event type, of requests the provider's.
    pub by_event_type: Vec<FacetCount>,
    /// By source and endpoint.
    pub by_place: Vec<FacetCount>,
    /// Both over time: 61 columns or fewer, oldest first. Where more match of one direction than are counted, they begin with the
    /// oldest that was.
    pub histogram: Vec<LogColumn>,
    /// Whether more match than were counted.
    pub partial: bool,
    /// How long a column is, in milliseconds; 0 where there is none.
    pub bucket_ms: i64,
}

impl LogEntry {
    /// What it is sorted by: its id without the prefix, which begins with its time.
    #[must_use]
    pub fn key(&self) -> &str {
        let id = match self {
            Self::Inbound(request) => request.id.as_str(),
            Self::Outbound(delivery) => delivery.id.as_str(),
        };
        id.split_once('_').map_or(id, |(_, key)| key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_names_the_request_that_it_was_in() {
        let (source, request) = (SourceId::new(1, [1; 10]), InboundRequestId::new(2, [2; 10]));
        let data = serde_json::json!({"id": 7, "source_id": source.as_str(), "inbound_request_id": request.as_str()});
        let event = |came: EventSource, data: String| Event {
            id: EventId::new(3, [3; 10]),
            event_type: "webhook.received".into(),
            source: came,
            caller_id: None,
            idempotency_key: None,
            ordering_key: None,
            channels: None,
            occurred_at: Timestamp(0),
            created_at: Timestamp(0),
            dispatched_at: None,
            data,
            erased_at: None,
        };
        assert_eq!(origin(&event(EventSource::Source, data.to_string())), Some((source, request)));
        assert_eq!(origin(&event(EventSource::Api, data.to_string())), None, "anybody may post such fields");
        assert_eq!(origin(&event(EventSource::Source, "{}".into())), None);
    }
}
