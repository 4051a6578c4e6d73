//! In what form an endpoint gets its deliveries: pushed one by one, fetched by the receiver, or pushed many at a time.

use serde::{Deserialize, Serialize};

use crate::Detail;

/// Events in one request at most when nothing else is said.
pub const DEFAULT_BATCH_EVENTS: i64 = 100;
/// How long a batch waits for more events when nothing else is said, in seconds.
pub const DEFAULT_BATCH_WAIT_S: i64 = 5;

/// The form in which an endpoint gets its deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(tag = "form", rename_all = "snake_case", deny_unknown_fields)]
pub enum DeliveryForm {
    /// One signed request for each delivery.
    #[default]
    Push,
    /// Deliveries wait until the receiver fetches them and says that it has them. Needs no URL; timeout, retry, rate,
    /// concurrency, status rules, headers and credentials are kept, but mean nothing meanwhile.
    Pull,
    /// Several deliveries in one signed request.
    Batch {
        /// 2 to 500 events in one request at most; 100 when absent.
        #[serde(default = "default_events")]
        max_events: i64,
        /// 1 to 300 seconds from the first event of a batch until it goes, full or not; 5 when absent.
        #[serde(default = "default_wait")]
        max_wait_s: i64,
    },
}

const fn default_events() -> i64 {
    DEFAULT_BATCH_EVENTS
}

const fn default_wait() -> i64 {
    DEFAULT_BATCH_WAIT_S
}

impl DeliveryForm {
    /// Whether it is the form that endpoints have when nothing else is said.
    #[must_use]
    pub const fn is_push(&self) -> bool {
        matches!(self, Self::Push)
    }

    /// Whether the receiver fetches its deliveries.
    #[must_use]
    pub const fn is_pull(&self) -> bool {
        matches!(self, Self::Pull)
    }

    /// Deliveries in one request at most.
    #[must_use]
    pub fn per_request(&self) -> usize {
        match self {
            Self::Push | Self::Pull => 1,
            Self::Batch { max_events, .. } => usize::try_from(*max_events).unwrap_or(1).max(1),
        }
    }

    /// How long the first delivery of a request waits for others, in milliseconds.
    #[must_use]
    pub const fn wait_ms(&self) -> i64 {
        match self {
            Self::Push | Self::Pull => 0,
            Self::Batch { max_wait_s, .. } => *max_wait_s * 1000,
        }
    }

    /// What is wrong with it.
    #[must_use]
    pub fn check(&self) -> Vec<Detail> {
        let Self::Batch { max_events, max_wait_s } = self else { return Vec::new() };
        let mut details = Vec::new();
        let mut wrong =
            |field: &str, message: &str| details.push(Detail { field: field.into(), message: message.into() });
        if !(2..=500).contains(max_events) {
            wrong("delivery.max_events", "must be between 2 and 500.");
        }
        if !(1..=300).contains(max_wait_s) {
            wrong("delivery.max_wait_s", "must be between 1 and 300.");
        }
        details
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_by_name_with_defaults_for_a_batch() {
        let read = |text: &str| serde_json::from_str::<DeliveryForm>(text);
        assert_eq!(read(r#"{"form":"push"}"#).expect("push"), DeliveryForm::Push);
        assert_eq!(read(r#"{"form":"pull"}"#).expect("pull"), DeliveryForm::Pull);
        let batch = read(r#"{"form":"batch","max_events":20}"#).expect("batch");
        assert_eq!(batch, DeliveryForm::Batch { max_events: 20, max_wait_s: DEFAULT_BATCH_WAIT_S });
        assert!(read(r#"{"form":"batch","events":20}"#).is_err());
        assert!(read(r#"{"form":"mail"}"#).is_err());
    }

    #[test]
    fn a_batch_too_small_or_too_patient_is_refused_by_field() {
        let wrong = DeliveryForm::Batch { max_events: 1, max_wait_s: 301 };
        let fields: Vec<String> = wrong.check().into_iter().map(|detail| detail.field).collect();
        assert_eq!(fields, ["delivery.max_events", "delivery.max_wait_s"]);
        assert!(DeliveryForm::Batch { max_events: 500, max_wait_s: 300 }.check().is_empty());
    }
}
