//! What the home page knows: how far an organization has come, and the figures of the last day.

use domain::delivery::{DeliveryStatus, DeliverySummary, LogStats};
use domain::endpoint::{EndpointOverview, EndpointStatus};
use domain::event::{EventSource, EventSummary};
use serde::{Deserialize, Serialize};

/// The type of the event that "Send a test event" posts.
pub const SAMPLE_TYPE: &str = "invoice.paid";

/// The first steps; each is true when it has really happened.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Steps {
    /// An endpoint exists.
    pub endpoint: bool,
    /// A program has posted an event.
    pub event: bool,
    /// The newest delivery that arrived.
    pub delivered: Option<DeliverySummary>,
    /// A second person is there, or invited.
    pub invited: bool,
    /// The person does not want to see the steps.
    pub skipped: bool,
    /// Whether the person may add endpoints and send events.
    pub may_write: bool,
    /// Whether the person may invite.
    pub may_invite: bool,
}

impl Steps {
    /// Which steps are done, in order.
    #[must_use]
    pub fn done(&self) -> [bool; 4] {
        [self.endpoint, self.event, self.delivered.is_some(), self.invited]
    }

    /// The first step that is not done.
    #[must_use]
    pub fn current(&self) -> Option<usize> {
        self.done().iter().position(|done| !done)
    }

    /// Whether they are shown: not skipped, and not all done.
    #[must_use]
    pub fn shown(&self) -> bool {
        !self.skipped && self.current().is_some()
    }
}

/// The last 24 hours in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Figures {
    /// Deliveries made.
    pub total: i64,
    /// Whether there are more than were counted.
    pub partial: bool,
    /// Arrived.
    pub delivered: i64,
    /// Pending, retrying or paused.
    pub waiting: i64,
    /// Dead letters.
    pub failed: i64,
    /// Columns of the chart, oldest first: delivered, waiting, failed.
    pub columns: Vec<(i64, i64, i64)>,
}

impl Figures {
    /// The numbers of the log's figures.
    #[must_use]
    pub fn of(stats: &LogStats) -> Self {
        let count = |statuses: &[DeliveryStatus]| {
            stats
                .by_status
                .iter()
                .filter(|facet| statuses.iter().any(|status| status.as_str() == facet.value))
                .map(|facet| facet.count)
                .sum()
        };
        Self {
            total: stats.total,
            partial: stats.partial,
            delivered: count(&[DeliveryStatus::Delivered]),
            waiting: count(&[DeliveryStatus::Pending, DeliveryStatus::Retrying, DeliveryStatus::Paused]),
            failed: count(&[DeliveryStatus::Failed]),
            columns: stats.histogram.iter().map(|bucket| (bucket.delivered, bucket.waiting, bucket.failed)).collect(),
        }
    }
}

/// Whether one of these events was posted by a program (or by the button), not by the hub itself.
#[must_use]
pub fn any_posted(events: &[EventSummary]) -> bool {
    events.iter().any(|event| event.source == EventSource::Api)
}

/// An endpoint that somebody should look at: what the page shows of it. The endpoint itself, with all its settings, would
/// weigh more in the browser than the rest of the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attention {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Why, in a few words.
    pub trouble: String,
}

/// The endpoints that somebody should look at, worst first.
#[must_use]
pub fn needing_attention(endpoints: Vec<EndpointOverview>) -> Vec<Attention> {
    let rank = |row: &EndpointOverview| match row.endpoint.status {
        EndpointStatus::Disabled => Some(0),
        EndpointStatus::Active if row.health.failed > 0 => Some(1),
        EndpointStatus::Active if row.health.retrying > 0 => Some(2),
        EndpointStatus::Paused if row.health.waiting > 0 => Some(3),
        EndpointStatus::Active | EndpointStatus::Paused => None,
    };
    let mut rows: Vec<_> = endpoints.into_iter().filter_map(|row| rank(&row).map(|rank| (rank, row))).collect();
    rows.sort_by_key(|(rank, row)| (*rank, -row.health.failed, -row.health.retrying));
    let shown = |row: EndpointOverview| Attention {
        trouble: trouble(&row),
        id: row.endpoint.id.to_string(),
        name: row.endpoint.name,
    };
    rows.into_iter().map(|(_, row)| shown(row)).collect()
}

/// Why an endpoint needs attention, in a few words.
#[must_use]
fn trouble(row: &EndpointOverview) -> String {
    let many = |count: i64, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    match row.endpoint.status {
        EndpointStatus::Disabled => row.endpoint.disabled_reason.clone().unwrap_or_else(|| "Disabled.".to_owned()),
        EndpointStatus::Paused => {
            format!("Paused with {} waiting.", many(row.health.waiting, "delivery", "deliveries"))
        }
        EndpointStatus::Active if row.health.failed > 0 => {
            format!("{} failed in the last 7 days.", many(row.health.failed, "delivery", "deliveries"))
        }
        EndpointStatus::Active => {
            format!("{} waiting for a retry.", many(row.health.retrying, "delivery", "deliveries"))
        }
    }
}

/// The body of the event that "Send a test event" posts.
#[must_use]
pub fn sample_body(sample: &serde_json::Value) -> Vec<u8> {
    serde_json::json!({ "event_type": SAMPLE_TYPE, "data": sample }).to_string().into_bytes()
}

/// The command that posts a first event, for a shell.
#[must_use]
pub fn curl(events_url: &str) -> String {
    format!(
        "curl {events_url} \\\n  -H \"Authorization: Bearer $PATCHBAY_API_KEY\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{{\"event_type\": \"{SAMPLE_TYPE}\", \"data\": {{\"invoice_id\": \"in_1001\", \"amount\": 4200}}}}'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Timestamp;
    use domain::delivery::FacetCount;
    use domain::endpoint::{Endpoint, Health, Retry};
    use domain::id::{EndpointId, EventId};

    fn row(name: &str, status: EndpointStatus, health: Health) -> EndpointOverview {
        let endpoint = Endpoint {
            destination: None,
            id: EndpointId::new(1, [1; 10]),
            name: name.into(),
            url: "https://a.test/h".into(),
            delivery: domain::endpoint::DeliveryForm::Push,
            description: String::new(),
            event_types: vec!["*".into()],
            status,
            disabled_reason: None,
            timeout_ms: 10_000,
            retry: Retry::default(),
            rate_limit_per_minute: None,
            concurrency_limit: 32,
            headers: Vec::new(),
            status_rules: std::collections::BTreeMap::new(),
            channels: Vec::new(),
            filter: None,
            transformation: None,
            signing_schemes: Vec::new(),
            public_key: None,
            auth: domain::endpoint::Auth::None,
            version: 1,
            failing: None,
            secrets: Vec::new(),
            created_at: Timestamp(1),
            updated_at: Timestamp(1),
        };
        EndpointOverview { endpoint, health }
    }

    #[test]
    fn the_steps_are_shown_until_all_have_happened_or_they_are_skipped() {
        let mut steps = Steps { endpoint: true, ..Steps::default() };
        assert_eq!((steps.current(), steps.shown()), (Some(1), true));
        steps.skipped = true;
        assert!(!steps.shown());
    }

    #[test]
    fn what_the_hub_says_itself_is_no_first_event() {
        let event = |source| EventSummary {
            id: EventId::new(1, [1; 10]),
            event_type: "a.b".into(),
            source,
            caller_id: None,
            occurred_at: Timestamp(1),
            created_at: Timestamp(1),
        };
        assert!(!any_posted(&[event(EventSource::System), event(EventSource::Test)]));
        assert!(any_posted(&[event(EventSource::System), event(EventSource::Api)]));
    }

    #[test]
    fn figures_sum_the_statuses() {
        let facet = |value: &str, count| FacetCount { value: value.into(), label: None, count };
        let stats = LogStats {
            total: 10,
            by_status: vec![facet("delivered", 6), facet("retrying", 2), facet("paused", 1), facet("failed", 1)],
            ..LogStats::default()
        };
        let figures = Figures::of(&stats);
        assert_eq!((figures.delivered, figures.waiting, figures.failed), (6, 3, 1));
    }

    #[test]
    fn disabled_endpoints_come_first_and_healthy_ones_not_at_all() {
        let rows = needing_attention(vec![
            row("fine", EndpointStatus::Active, Health { delivered: 9, ..Health::default() }),
            row("retrying", EndpointStatus::Active, Health { retrying: 2, ..Health::default() }),
            row("failing", EndpointStatus::Active, Health { failed: 1, ..Health::default() }),
            row("gone", EndpointStatus::Disabled, Health::default()),
            row("resting", EndpointStatus::Paused, Health::default()),
        ]);
        assert_eq!(rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["gone", "failing", "retrying"]);
        assert_eq!(rows[1].trouble, "1 delivery failed in the last 7 days.");
    }
}
