//! Deliveries: one event for one endpoint, with every attempt on record.
//!
//! A delivery starts `pending`. The deliverer leases it (moves `due_at` to the end of the lease), sends it
//! outside any transaction, and stores the attempt together with the new state, if the lease still holds.
//! [`state::next_state`] alone decides what comes after an attempt. At least once: a crash between the
//! receiver's answer and the stored attempt repeats it with the same `webhook-id`.

#[cfg(feature = "server")]
pub mod actions;
pub mod address;
#[cfg(feature = "server")]
pub(crate) mod columns;
#[cfg(feature = "server")]
pub(crate) mod log;
#[cfg(feature = "server")]
pub(crate) mod message;
#[cfg(feature = "server")]
pub mod pull;
pub mod query;
#[cfg(feature = "server")]
pub(crate) mod queue;
#[cfg(feature = "server")]
pub(crate) mod request;
#[cfg(feature = "server")]
pub(crate) mod send;
#[cfg(feature = "server")]
mod source;
pub mod state;
#[cfg(feature = "server")]
pub(crate) mod store;
#[cfg(feature = "server")]
pub(crate) mod waiting;

pub use state::retry_after_ms;

use serde::{Deserialize, Serialize};

use crate::event::Event;
use crate::id::{AttemptId, DeliveryId, EndpointId, EventId};
use crate::text_enum;
use crate::time::Timestamp;

text_enum! {
    /// Where a delivery stands.
    pub enum DeliveryStatus {
        /// Waits for its first attempt.
        Pending = "pending",
        /// Failed at least once and will be tried again.
        Retrying = "retrying",
        /// The receiver answered 2xx.
        Delivered = "delivered",
        /// A dead letter: no attempt is left, or none makes sense.
        Failed = "failed",
        /// Kept until its endpoint is active again.
        Paused = "paused",
        /// Nothing was sent: the endpoint's transformation chose so.
        Skipped = "skipped",
    }
}

impl DeliveryStatus {
    /// Whether nothing more will happen to it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Delivered | Self::Failed | Self::Skipped)
    }
}

text_enum! {
    /// Why a delivery that is not finished does not go.
    pub enum WaitsFor {
        /// The endpoint's circuit breaker is open.
        Breaker = "breaker",
        /// An older delivery with the same ordering key is not finished.
        Order = "order",
        /// The receiver has not fetched it yet.
        Pull = "pull",
    }
}

text_enum! {
    /// Why a delivery was made.
    pub enum Trigger {
        /// An event matched the endpoint.
        Event = "event",
        /// Somebody asked for it again.
        Replay = "replay",
        /// "Send test".
        Test = "test",
    }
}

text_enum! {
    /// How an attempt ended.
    pub enum Outcome {
        /// 2xx.
        Succeeded = "succeeded",
        /// An answer that is not 2xx.
        Rejected = "rejected",
        /// No whole answer in time.
        TimedOut = "timed_out",
        /// No answer at all.
        Unreachable = "unreachable",
        /// Nothing went out: the transformation failed or chose so, or there were no credentials.
        NotSent = "not_sent",
    }
}

text_enum! {
    /// What kind of failure an attempt met.
    pub enum ErrorClass {
        /// The name does not resolve.
        Dns = "dns",
        /// The certificate or handshake failed.
        Tls = "tls",
        /// No connection.
        Connect = "connect",
        /// No whole answer in time.
        Timeout = "timeout",
        /// An answer that is not 2xx.
        Http = "http",
        /// The address is private or otherwise refused.
        BlockedIp = "blocked_ip",
        /// The connection broke before the answer.
        Reset = "reset",
        /// What came back is not HTTP.
        Protocol = "protocol",
        /// The answer's headers are larger than allowed.
        TooLarge = "too_large",
        /// The endpoint's transformation failed.
        Transformation = "transformation",
        /// The receiver's token endpoint gave no token, or the credentials cannot be used.
        Auth = "auth",
        /// The provider's answer says no, whatever its code.
        Provider = "provider",
    }
}

/// A row of the delivery log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::FromRow, utoipa::ToSchema))]
pub struct DeliverySummary {
    /// Its id.
    pub id: DeliveryId,
    /// The event.
    pub event_id: EventId,
    /// The event's type.
    pub event_type: String,
    /// The endpoint.
    pub endpoint_id: EndpointId,
    /// The endpoint's name now.
    pub endpoint_name: String,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// Why it was made.
    pub trigger: Trigger,
    /// Attempts so far.
    pub attempt_count: i64,
    /// Attempts at most.
    pub max_attempts: i64,
    /// The status code of the last attempt.
    pub last_code: Option<i64>,
    /// The failure of the last attempt.
    pub last_error: Option<ErrorClass>,
    /// How long the last attempt took, in microseconds.
    pub last_duration_us: Option<i64>,
    /// When the next attempt is due, if one is planned.
    pub next_attempt_at: Option<Timestamp>,
    /// Why it does not go although it is not finished.
    pub waits_for: Option<WaitsFor>,
    /// The key that keeps deliveries to one endpoint in order.
    pub ordering_key: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// The delivery this one replays.
    pub replay_of: Option<DeliveryId>,
}

/// One try of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// 1 for the first.
    pub number: i64,
    /// When it started.
    pub started_at: Timestamp,
    /// How it ended.
    pub outcome: Outcome,
    /// The status code, if there was an answer.
    pub code: Option<i64>,
    /// What kind of failure it met.
    pub error_class: Option<ErrorClass>,
    /// The failure in a sentence.
    pub error: Option<String>,
    /// Looking up the name, in microseconds; absent on a reused connection.
    pub dns_us: Option<i64>,
    /// Connecting, in microseconds; absent on a reused connection.
    pub connect_us: Option<i64>,
    /// The TLS handshake, in microseconds; absent without TLS or on a reused connection.
    pub tls_us: Option<i64>,
    /// From the request to the first byte of the answer, in microseconds.
    pub first_byte_us: Option<i64>,
    /// The whole attempt, in microseconds.
    pub total_us: i64,
    /// The address used.
    pub remote: Option<String>,
    /// The TLS version used.
    pub tls: Option<String>,
    /// The version of the endpoint it was made with; see the endpoint's history.
    pub endpoint_version: Option<i64>,
    /// The URL used.
    pub url: String,
    /// The request's headers; values of custom headers are masked.
    pub request_headers: Vec<(String, String)>,
    /// The body that was sent, where a transformation made it differ from the event's own.
    pub request_body: Option<String>,
    /// The answer's headers.
    pub response_headers: Vec<(String, String)>,
    /// The first 64 KiB of the answer's body as text (invalid UTF-8 replaced).
    pub response_body: Option<String>,
    /// Whether the answer's body was longer.
    pub response_truncated: bool,
}

/// A delivery with everything that its page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryDetail {
    /// The row of the log.
    pub delivery: DeliverySummary,
    /// The attempts, oldest first.
    pub attempts: Vec<Attempt>,
    /// The event.
    pub event: Event,
    /// Where the endpoint points now.
    pub endpoint_url: String,
    /// The pattern by which the endpoint wanted the event, if it (still) does.
    pub matched: Option<String>,
    /// The same event at other endpoints, and replays.
    pub related: Vec<DeliverySummary>,
    /// The attempts that are planned after the next one, as the schedule has them now.
    pub planned: Vec<Timestamp>,
}

/// A count beside a word, for a facet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::FromRow, utoipa::ToSchema))]
pub struct FacetCount {
    /// The value to filter by.
    pub value: String,
    /// What people call it, where that differs (an endpoint's name).
    pub label: Option<String>,
    /// Rows that have it.
    pub count: i64,
}

/// Dead letters that failed for the same reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::FromRow, utoipa::ToSchema))]
pub struct FailureReason {
    /// The status code of the last attempt, if there was an answer.
    pub code: Option<i64>,
    /// What kind of failure the last attempt met; absent, like the code, when there was no attempt.
    pub error: Option<ErrorClass>,
    /// What the last attempt of the newest of them says, its first line.
    pub message: Option<String>,
    /// How many there are.
    pub count: i64,
    /// When the first of them ended.
    pub oldest_at: Timestamp,
    /// When the last of them ended.
    pub newest_at: Timestamp,
}

/// Why deliveries became dead letters.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct FailureReasons {
    /// The reasons, the most frequent first, fifty at most.
    pub data: Vec<FailureReason>,
    /// Whether more dead letters match than were counted (the newest 20,000 are).
    pub partial: bool,
}

/// One column of the histogram.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Bucket {
    /// Its start.
    pub at: Timestamp,
    /// Delivered in it.
    pub delivered: i64,
    /// Pending, retrying or paused in it.
    pub waiting: i64,
    /// Dead letters in it.
    pub failed: i64,
}

#[cfg(feature = "server")]
impl From<(Timestamp, [i64; 3])> for Bucket {
    fn from((at, [delivered, waiting, failed]): (Timestamp, [i64; 3])) -> Self {
        Self { at, delivered, waiting, failed }
    }
}

/// What stands above and beside the log, for the same filters.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct LogStats {
    /// All that match.
    pub total: i64,
    /// Whether more match than were counted (the newest 20,000 are).
    pub partial: bool,
    /// By status; this facet ignores the status filter, and so on.
    pub by_status: Vec<FacetCount>,
    /// By endpoint.
    pub by_endpoint: Vec<FacetCount>,
    /// By event type.
    pub by_event_type: Vec<FacetCount>,
    /// By class of code: `2xx` to `5xx`, or `none`.
    pub by_code: Vec<FacetCount>,
    /// By error class.
    pub by_error: Vec<FacetCount>,
    /// Sixty columns or fewer, oldest first.
    pub histogram: Vec<Bucket>,
    /// How long a column is, in milliseconds.
    pub bucket_ms: i64,
    /// Median duration of the last attempts, in microseconds.
    pub p50_us: Option<i64>,
    /// 95th percentile, in microseconds.
    pub p95_us: Option<i64>,
    /// Deliveries that ended before this time are deleted; absent when the log is kept for ever.
    pub kept_since: Option<Timestamp>,
    /// Payloads of events before this time are erased and not searched; absent when they are kept for ever.
    pub payloads_since: Option<Timestamp>,
}
