//! Events: immutable facts that an organization's programs post.

#[cfg(feature = "server")]
pub mod actions;
pub mod secrets;
#[cfg(feature = "server")]
pub(crate) mod store;
#[cfg(feature = "server")]
pub mod summary;

use serde::{Deserialize, Serialize};

use crate::endpoint::Subscription;
use crate::filter::Filter;
use crate::id::EventId;
use crate::time::Timestamp;
use crate::{Detail, text_enum};

/// The largest request body of an event, in bytes.
pub const MAX_BODY: usize = 256 * 1024;

text_enum! {
    /// Where an event came from.
    pub enum EventSource {
        /// Posted to the REST API.
        Api = "api",
        /// The hub itself (`user.invited` and its like).
        System = "system",
        /// A connection: what changed at the third party.
        Connection = "connection",
        /// A source: what a provider posted, verified.
        Source = "source",
        /// "Send test": a sample, for one endpoint.
        Test = "test",
    }
}

/// What a program posts.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewEvent {
    /// The type: `invoice.paid`.
    pub event_type: String,
    /// What happened: any JSON object. Kept and sent byte for byte.
    #[cfg_attr(feature = "server", schema(value_type = Object))]
    pub data: Box<serde_json::value::RawValue>,
    /// The caller's own id: the same id and body again gives the same answer, another body a conflict.
    #[serde(default)]
    pub id: Option<String>,
    /// When it happened; when it is accepted if absent.
    #[serde(default)]
    pub occurred_at: Option<Timestamp>,
    /// Events with the same key belong together.
    #[serde(default)]
    pub ordering_key: Option<String>,
    /// Names by which receivers may choose.
    #[serde(default)]
    pub channels: Option<Vec<String>>,
}

/// The answer to an accepted event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Accepted {
    /// The event's id; also the `webhook-id` that receivers see.
    pub id: EventId,
    /// Its type.
    pub event_type: String,
    /// When it was accepted.
    pub created_at: Timestamp,
}

/// An event as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::FromRow))]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// Its type.
    pub event_type: String,
    /// Where it came from.
    pub source: EventSource,
    /// The caller's own id.
    pub caller_id: Option<String>,
    /// The idempotency key it came with.
    pub idempotency_key: Option<String>,
    /// Events with the same key belong together.
    pub ordering_key: Option<String>,
    /// Channels as a JSON list.
    pub channels: Option<String>,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When its deliveries were made.
    pub dispatched_at: Option<Timestamp>,
    /// `data` as it was received; an empty object once it is erased.
    pub data: String,
    /// When the payload was erased, by age or on request.
    pub erased_at: Option<Timestamp>,
}

/// A row of a list of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::FromRow, utoipa::ToSchema))]
pub struct EventSummary {
    /// Its id.
    pub id: EventId,
    /// Its type.
    pub event_type: String,
    /// Where it came from.
    pub source: EventSource,
    /// The caller's own id.
    pub caller_id: Option<String>,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When it was accepted.
    pub created_at: Timestamp,
}

/// The largest `channels` list.
const MAX_CHANNELS: usize = 20;

/// Checks everything of a new event but its type and its data.
#[must_use]
pub fn check(new: &NewEvent) -> Vec<Detail> {
    let mut details = Vec::new();
    let mut wrong = |field: &str, message: &str| details.push(Detail { field: field.into(), message: message.into() });
    let short = |text: &str, max: usize| !text.is_empty() && text.len() <= max && !text.chars().any(char::is_control);
    if !new.data.get().starts_with('{') {
        wrong("data", "must be a JSON object.");
    }
    if new.id.as_deref().is_some_and(|id| !short(id, 200)) {
        wrong("id", "must have 1 to 200 printable characters.");
    }
    if new.ordering_key.as_deref().is_some_and(|key| !short(key, 200)) {
        wrong("ordering_key", "must have 1 to 200 printable characters.");
    }
    if new.channels.as_ref().is_some_and(|list| list.len() > MAX_CHANNELS || list.iter().any(|name| !short(name, 100)))
    {
        wrong("channels", "must be at most 20 names of 1 to 100 printable characters.");
    }
    details
}

/// What endpoints choose events by. The payload is parsed only where a filter looks into it.
#[derive(Debug)]
pub struct Matter<'a> {
    /// The type.
    pub event_type: &'a str,
    /// The channels it names.
    pub channels: &'a [String],
    /// The key that keeps its deliveries in order.
    pub ordering_key: Option<&'a str>,
    /// `data` as it was received.
    pub data: &'a str,
    parsed: std::cell::OnceCell<serde_json::Value>,
}

impl<'a> Matter<'a> {
    /// What is known of an event.
    #[must_use]
    pub const fn new(
        event_type: &'a str,
        channels: &'a [String],
        ordering_key: Option<&'a str>,
        data: &'a str,
    ) -> Self {
        Self { event_type, channels, ordering_key, data, parsed: std::cell::OnceCell::new() }
    }

    /// Whether these patterns want its type, and this filter, where there is one, wants the rest: so endpoints and rules choose.
    #[must_use]
    pub fn suits(&self, subscription: &Subscription, filter: Option<&Filter>) -> bool {
        subscription.wants(self.event_type) && filter.is_none_or(|filter| filter.matches(self.document()))
    }

    /// The document that filters look at: `event_type`, `data`, `channels` and `ordering_key`.
    pub fn document(&self) -> &serde_json::Value {
        self.parsed.get_or_init(|| {
            // A payload that no filter can look into matches none.
            crate::filter::document(self.event_type, self.data, Some(self.channels), self.ordering_key)
                .unwrap_or_default()
        })
    }
}

/// The body that receivers get: an envelope around `data` as it was received.
#[must_use]
pub fn body(id: &EventId, event_type: &str, occurred_at: Timestamp, data: &str) -> Vec<u8> {
    // Types are lower-case names and ids are ASCII, so nothing here needs escaping.
    let head = format!(r#"{{"webhook_id":"{id}","event_type":"{event_type}","timestamp":"{occurred_at}","data":"#);
    let mut body = Vec::with_capacity(head.len() + data.len() + 1);
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(data.as_bytes());
    body.push(b'}');
    body
}
