//! Replays of many deliveries: first a plan, then a job that goes on in pieces, can be paused and cancelled, and survives
//! a restart. `worker/replayer.rs` does the pieces.

#[cfg(feature = "server")]
pub mod actions;
#[cfg(feature = "server")]
pub(crate) mod store;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::delivery::address;
use crate::delivery::query::LogQuery;
use crate::id::{DeliveryId, ReplayId};
use crate::text_enum;
use crate::time::Timestamp;

text_enum! {
    /// Where a replay stands.
    pub enum ReplayState {
        /// It makes deliveries.
        Running = "running",
        /// It waits to be told to go on.
        Paused = "paused",
        /// It is done.
        Finished = "finished",
        /// Somebody ended it before it was done; what it made stays.
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// With which settings of the endpoint a delivery is sent again.
    pub enum Settings {
        /// As the endpoint is now.
        Now = "now",
        /// As the endpoint was when the delivery had its last attempt: URL, headers, credentials and transformation of
        /// then, so that the request is the same byte for byte but for its time and signature.
        Then = "then",
    }
}

/// What to replay.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewReplay {
    /// Filters as in the delivery log; all that are given must hold, and one that the log does not have is refused. `limit`
    /// and `cursor` mean nothing here.
    #[serde(default, deserialize_with = "known_only")]
    #[cfg_attr(feature = "server", schema(value_type = Object, example = json!({"endpoint_id": "ep_…", "status": "failed", "since": "24h"})))]
    pub query: LogQuery,
    /// `now` (default) or `then`.
    #[serde(default = "now")]
    pub settings: Settings,
    /// Leave out what arrived, by itself or by an earlier replay, and of what was replayed without success all but the
    /// newest replay; true when absent.
    #[serde(default = "yes")]
    pub skip_delivered: bool,
    /// Deliveries a minute at most; as fast as the endpoints take them when absent.
    #[serde(default)]
    pub rate_per_minute: Option<i64>,
}

/// Reads filters, but lets nothing pass that the log does not know: a misspelt filter would replay everything.
fn known_only<'de, D: Deserializer<'de>>(deserializer: D) -> Result<LogQuery, D::Error> {
    let given: serde_json::Map<String, serde_json::Value> = Deserialize::deserialize(deserializer)?;
    let known: Vec<_> = address::parameters().chain(["endpoint_id"]).collect();
    for (name, value) in &given {
        if !known.contains(&name.as_str()) {
            return Err(D::Error::custom(format!("unknown field `{name}`; there are: {}", known.join(", "))));
        }
        if name != "limit" && !value.is_string() && !value.is_null() {
            return Err(D::Error::custom(format!("`{name}` must be a string")));
        }
    }
    serde_json::from_value(serde_json::Value::Object(given)).map_err(D::Error::custom)
}

const fn now() -> Settings {
    Settings::Now
}

const fn yes() -> bool {
    true
}

/// What a replay would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Plan {
    /// Deliveries that match the filters.
    pub matching: i64,
    /// Those that would be sent again.
    pub expected: i64,
    /// Those that would not, by reason.
    pub excluded: Vec<Excluded>,
    /// The first that would be sent, oldest first, five at most.
    pub first: Vec<DeliveryId>,
    /// How long that takes at the given rate, in seconds; absent without a rate.
    pub duration_s: Option<i64>,
}

/// Deliveries that are left out for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Excluded {
    /// Why.
    pub reason: Reason,
    /// How many.
    pub count: i64,
}

text_enum! {
    /// Why a delivery is not sent again.
    pub enum Reason {
        /// It is not finished: it goes out by itself, or when its endpoint is active.
        NotFinished = "not_finished",
        /// It arrived, or an earlier replay of it did.
        Delivered = "delivered",
        /// It was replayed already: the newest of a chain of replays stands for all of it.
        Replayed = "replayed",
        /// Its endpoint is deleted.
        EndpointDeleted = "endpoint_deleted",
        /// The payload of its event is erased.
        PayloadErased = "payload_erased",
    }
}

/// A replay as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Replay {
    /// Its id.
    pub id: ReplayId,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// Who asked for it.
    pub actor_name: String,
    /// Where it stands.
    pub state: ReplayState,
    /// The filters, with the tokens of `q` in their fields and times in place of ages; `until` is when it was asked for at
    /// the latest, so that it never replays its own deliveries.
    #[cfg_attr(feature = "server", schema(value_type = Object))]
    pub query: LogQuery,
    /// With which settings.
    pub settings: Settings,
    /// Whether what arrived or was replayed already is left out.
    pub skip_delivered: bool,
    /// Deliveries a minute at most.
    pub rate_per_minute: Option<i64>,
    /// How many the plan counted.
    pub expected: i64,
    /// How many were made so far.
    pub made: i64,
    /// How many were left out so far.
    pub excluded: i64,
    /// When it last did something.
    pub updated_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}
