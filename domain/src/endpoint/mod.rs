//! Endpoints: a tenant's URLs, what they subscribe to and how they are delivered to.

#[cfg(feature = "server")]
pub mod actions;
mod auth;
pub mod breaker;
#[cfg(feature = "server")]
mod check;
mod controls;
mod destination;
mod form;
#[cfg(feature = "server")]
pub mod history;
mod limits;
#[cfg(feature = "server")]
mod pace;
#[cfg(feature = "server")]
pub mod preview;
mod retry;
#[cfg(feature = "server")]
pub mod secrets;
#[cfg(feature = "server")]
pub(crate) mod store;
mod subscription;
#[cfg(feature = "server")]
pub(crate) mod to_channel;
#[cfg(feature = "server")]
mod view;

pub use auth::{Auth, MASKED};
pub use controls::{Controls, DEFAULT_CONCURRENCY, DEFAULT_SCHEMES, SigningScheme, StatusAction};
pub use destination::Destination;
pub use form::{DEFAULT_BATCH_EVENTS, DEFAULT_BATCH_WAIT_S, DeliveryForm};
pub use limits::{RESERVED_HEADERS, check_headers, check_limits};
pub use retry::{RETRY_LONG, RETRY_SHORT, RETRY_STANDARD, Retry};
pub use subscription::Subscription;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::id::EndpointId;
use crate::time::Timestamp;
use crate::{Result, text_enum};

/// The time a receiver has when nothing else is said, in milliseconds.
pub const DEFAULT_TIMEOUT_MS: i64 = 10_000;
/// Deliveries a minute when nothing else is said.
pub const DEFAULT_RATE_PER_MINUTE: i64 = 100;
/// A rotated secret keeps signing this long, in milliseconds.
pub const ROTATION_OVERLAP_MS: i64 = 24 * 3600 * 1000;

text_enum! {
    /// Whether an endpoint takes deliveries.
    pub enum EndpointStatus {
        /// Deliveries go out.
        Active = "active",
        /// Deliveries are kept until it is active again.
        Paused = "paused",
        /// Switched off, by the hub (the receiver answered 410, or failed for long) or by hand; deliveries are kept.
        Disabled = "disabled",
    }
}

/// A custom header of an endpoint. Values are write-only: they are shown masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct CustomHeader {
    /// Its name.
    pub name: String,
    /// Its value; `••••` and the last four characters when shown.
    pub value: String,
}

/// An endpoint as it is shown: without secrets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Endpoint {
    /// Its id.
    pub id: EndpointId,
    /// What people call it.
    pub name: String,
    /// Where deliveries go; empty where the receiver fetches them and no URL was given.
    pub url: String,
    /// In what form deliveries reach the receiver.
    pub delivery: DeliveryForm,
    /// What it is for.
    pub description: String,
    /// Patterns: `*`, `invoice.*` or full names.
    pub event_types: Vec<String>,
    /// Whether it takes deliveries.
    pub status: EndpointStatus,
    /// Why it is disabled.
    pub disabled_reason: Option<String>,
    /// How long a receiver may take, in milliseconds.
    pub timeout_ms: i64,
    /// When failed attempts are tried again.
    pub retry: Retry,
    /// Deliveries a minute at most; none for no limit.
    pub rate_limit_per_minute: Option<i64>,
    /// Attempts under way at a time.
    pub concurrency_limit: i64,
    /// Custom headers, values masked.
    pub headers: Vec<CustomHeader>,
    /// What an answer means, by code (`404`) or class (`4xx`): `retry`, `fail` or `disable`.
    pub status_rules: BTreeMap<String, StatusAction>,
    /// Only events that name one of these channels; all when empty.
    pub channels: Vec<String>,
    /// Only events that match.
    #[cfg_attr(feature = "server", schema(value_type = Option<Object>))]
    pub filter: Option<serde_json::Value>,
    /// JavaScript that makes the body to send.
    pub transformation: Option<String>,
    /// How requests are signed.
    pub signing_schemes: Vec<SigningScheme>,
    /// The public key of the `ed25519` scheme: `whpk_…`.
    pub public_key: Option<String>,
    /// How the hub proves to the receiver who it is; secrets masked.
    pub auth: Auth,
    /// The channel that deliveries go to as messages, in place of the URL: then this is a rule, made and changed as one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<Destination>,
    /// Moves with each change.
    pub version: i64,
    /// Failures in a row, and whether the circuit breaker holds deliveries back.
    pub failing: Option<Failing>,
    /// The live signing secrets, newest first, as `whsec_…` and their last four characters.
    pub secrets: Vec<SecretHint>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// An endpoint that fails.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Failing {
    /// Failures since the last success.
    pub failures: i64,
    /// When the first of them was.
    pub since: Timestamp,
    /// Until when the circuit breaker holds deliveries back; absent while it is closed.
    pub open_until: Option<Timestamp>,
}

/// A live signing secret, unreadable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct SecretHint {
    /// The last four characters.
    pub hint: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it still signs, once a newer one exists.
    pub expires_at: Option<Timestamp>,
}

/// What is asked for when an endpoint is made.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewEndpoint {
    /// What to call it.
    pub name: String,
    /// Where deliveries go: `https://…`. May be left out where `delivery` is `pull`.
    #[serde(default)]
    pub url: String,
    /// Patterns: `*`, `invoice.*` or full names.
    pub event_types: Vec<String>,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
    /// `whsec_` and 24 to 64 bytes in base64; made for you when absent.
    #[serde(default)]
    pub secret: Option<String>,
    /// 1000 to 30000; 10000 when absent.
    #[serde(default)]
    pub timeout_ms: Option<i64>,
    /// `short`, `standard` (default), `long`, or a list of seconds.
    #[serde(default)]
    pub retry: Option<Retry>,
    /// 1 to 100000 deliveries a minute; `null` for no limit; 100 when absent.
    #[serde(default, deserialize_with = "present")]
    #[cfg_attr(feature = "server", schema(value_type = Option<i64>))]
    pub rate_limit_per_minute: Option<Option<i64>>,
    /// Custom headers by name.
    #[serde(default)]
    pub headers: Option<BTreeMap<String, String>>,
    /// 1 to 256 attempts under way at a time; 32 when absent.
    #[serde(default)]
    pub concurrency_limit: Option<i64>,
    /// What an answer means, by code (`404`) or class (`4xx`): `retry`, `fail` or `disable`.
    #[serde(default)]
    pub status_rules: Option<BTreeMap<String, StatusAction>>,
    /// Only events that name one of these channels.
    #[serde(default)]
    pub channels: Option<Vec<String>>,
    /// Only events that match: `{"path":"data.amount","gt":1000}`, groups with `all`, `any`, `not`.
    #[serde(default)]
    #[cfg_attr(feature = "server", schema(value_type = Option<Object>))]
    pub filter: Option<serde_json::Value>,
    /// JavaScript with a function `transform(event)` that answers the body to send, or null to send nothing.
    #[serde(default)]
    pub transformation: Option<String>,
    /// `standard`, `plain`, `ed25519`, `stripe`, `github`, `slack`; `standard` and `plain` when absent.
    #[serde(default)]
    pub signing_schemes: Option<Vec<SigningScheme>>,
    /// How the hub proves to the receiver who it is.
    #[serde(default)]
    pub auth: Option<Auth>,
    /// `{"form":"push"}` (default), `{"form":"pull"}`, or `{"form":"batch","max_events":100,"max_wait_s":5}`.
    #[serde(default)]
    pub delivery: Option<DeliveryForm>,
    /// `active` (default), `paused` or `disabled`.
    #[serde(default)]
    pub status: Option<EndpointStatus>,
}

/// A change of an endpoint: what is absent stays.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EndpointChange {
    /// What to call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where deliveries go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Patterns: `*`, `invoice.*` or full names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_types: Option<Vec<String>>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// 1000 to 30000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<i64>,
    /// `short`, `standard`, `long`, or a list of seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<Retry>,
    /// 1 to 100000 deliveries a minute; `null` for no limit.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<i64>))]
    pub rate_limit_per_minute: Option<Option<i64>>,
    /// All custom headers by name; a value left as shown (masked) keeps what is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headers: Option<BTreeMap<String, String>>,
    /// 1 to 256 attempts under way at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency_limit: Option<i64>,
    /// All rules by code (`404`) or class (`4xx`): `retry`, `fail` or `disable`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_rules: Option<BTreeMap<String, StatusAction>>,
    /// Only events that name one of these channels; an empty list for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<Vec<String>>,
    /// Only events that match; `null` for all.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<Object>))]
    pub filter: Option<Option<serde_json::Value>>,
    /// JavaScript with a function `transform(event)`; `null` to send events as they are.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<String>))]
    pub transformation: Option<Option<String>>,
    /// How requests are signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing_schemes: Option<Vec<SigningScheme>>,
    /// How the hub proves to the receiver who it is; a secret left as shown (masked) keeps what is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth: Option<Auth>,
    /// `{"form":"push"}`, `{"form":"pull"}`, or `{"form":"batch","max_events":100,"max_wait_s":5}`. What waits is delivered
    /// in the new form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<DeliveryForm>,
    /// `active`, `paused` or `disabled`. Setting `active` sends what was kept meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<EndpointStatus>,
}

/// Tells an absent field from `null`.
pub(crate) fn present<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

/// An endpoint with a secret that is shown this once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct EndpointWithSecret {
    /// The endpoint.
    #[serde(flatten)]
    pub endpoint: Endpoint,
    /// The signing secret: `whsec_…`.
    pub secret: String,
}

/// How an endpoint has been doing over the last 7 days.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Health {
    /// Deliveries that arrived.
    pub delivered: i64,
    /// Dead letters.
    pub failed: i64,
    /// Deliveries that wait for a retry.
    pub retrying: i64,
    /// Deliveries that wait for their first attempt or for the endpoint to be active.
    pub waiting: i64,
    /// The 95th percentile of the last attempts' duration, in microseconds.
    pub p95_us: Option<i64>,
    /// When the last delivery was made.
    pub last_delivery_at: Option<Timestamp>,
    /// Delivered and failed per day, oldest first, seven entries.
    pub days: Vec<(i64, i64)>,
}

/// A row of the endpoint list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EndpointOverview {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// How it has been doing.
    pub health: Health,
}

impl From<NewEndpoint> for EndpointChange {
    /// Everything but the secret, as a change of an endpoint that has nothing yet.
    fn from(new: NewEndpoint) -> Self {
        Self {
            name: Some(new.name),
            url: Some(new.url),
            event_types: Some(new.event_types),
            description: new.description,
            timeout_ms: new.timeout_ms,
            retry: new.retry,
            rate_limit_per_minute: new.rate_limit_per_minute,
            headers: new.headers,
            concurrency_limit: new.concurrency_limit,
            status_rules: new.status_rules,
            channels: new.channels,
            filter: new.filter.map(Some),
            transformation: new.transformation.map(Some),
            signing_schemes: new.signing_schemes,
            auth: new.auth,
            delivery: Some(new.delivery.unwrap_or_default()),
            status: new.status,
        }
    }
}

/// What of a change is not for an endpoint whose deliveries go to a channel: that is changed as a rule.
#[cfg(feature = "server")]
fn rule_only(change: &EndpointChange) -> Vec<crate::Detail> {
    let given = [
        ("url", change.url.is_some()),
        ("headers", change.headers.is_some()),
        (
            "transformation",
            change
                .transformation
                .as_ref()
                .is_some_and(|script| script.as_ref().is_some_and(|text| !text.trim().is_empty())),
        ),
        ("signing_schemes", change.signing_schemes.is_some()),
        ("auth", change.auth.is_some()),
        ("delivery", change.delivery.is_some()),
    ];
    let message = "cannot be set: its deliveries go to a channel. Change it as a rule.";
    let given = given.into_iter().filter(|(_, given)| *given);
    given.map(|(field, _)| crate::Detail { field: field.into(), message: message.into() }).collect()
}

/// The error for a list of wrong fields, if there are any.
///
/// # Errors
/// When `details` is not empty.
#[cfg(feature = "server")]
pub(crate) fn refuse(details: Vec<crate::Detail>) -> Result<()> {
    if details.is_empty() { Ok(()) } else { Err(crate::Error::invalid_fields(details)) }
}
