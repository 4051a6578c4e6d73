//! How deliveries do: figures per organization, endpoint and hour, and for the whole installation; what is good and what
//! is not; which hosts fail.
//!
//! Nothing is counted on the hot path. Whoever changes a delivery marks it for the search index (`unindexed_at`), and when
//! the index comes to it, `count` adds what has changed since the delivery was counted last, in the same transaction that
//! takes the mark away: a crash loses nothing and nothing counts twice. What is not counted yet is added while reading
//! (`store::uncounted`), so that the figures are as current as the log. `watch` raises alerts by them, and `watch_installation` by those of
//! all organizations together.

#[cfg(feature = "server")]
pub mod actions;
#[cfg(feature = "server")]
pub(crate) mod count;
#[cfg(feature = "server")]
pub(crate) mod endpoints;
#[cfg(feature = "server")]
pub(crate) mod store;
#[cfg(feature = "server")]
pub(crate) mod watch;
#[cfg(feature = "server")]
pub(crate) mod watch_installation;

use serde::{Deserialize, Serialize};

use crate::delivery::ErrorClass;
use crate::text_enum;
use crate::time::Timestamp;

/// An hour in milliseconds.
pub const HOUR_MS: i64 = 3_600_000;

text_enum! {
    /// A figure of health.
    pub enum Figure {
        /// Deliveries that arrived, of those that arrived or became dead letters.
        DeliveryRate = "delivery_rate",
        /// From acceptance to arrival, on average.
        Latency = "latency",
        /// Attempts that were not the first of their delivery, of all attempts.
        RetryRate = "retry_rate",
        /// Deliveries that wait for an attempt, without those of paused endpoints.
        QueueDepth = "queue_depth",
    }
}

text_enum! {
    /// How good a figure is.
    pub enum Grade {
        /// It meets its target.
        Good = "good",
        /// It misses its target, but is no alert.
        Watch = "watch",
        /// It is beyond the limit.
        Alert = "alert",
        /// Too little has happened to say.
        Quiet = "quiet",
    }
}

text_enum! {
    /// How far back figures go.
    pub enum Span {
        /// 24 hours, by the hour.
        Day = "24h",
        /// 7 days, by six hours.
        Week = "7d",
        /// 30 days, by the day.
        Month = "30d",
    }
}

impl Span {
    /// How much time one part of a chart covers, and how many parts there are.
    #[must_use]
    pub const fn parts(self) -> (i64, i64) {
        match self {
            Self::Day => (HOUR_MS, 24),
            Self::Week => (6 * HOUR_MS, 28),
            Self::Month => (24 * HOUR_MS, 30),
        }
    }

    /// When the first part begins; the last one holds `now`.
    #[must_use]
    pub const fn since(self, now: Timestamp) -> Timestamp {
        let (part_ms, count) = self.parts();
        Timestamp((now.0.div_euclid(part_ms) + 1 - count) * part_ms)
    }
}

/// What happened in a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::FromRow, utoipa::ToSchema))]
pub struct Counts {
    /// Deliveries that were made.
    pub created: i64,
    /// Deliveries that arrived.
    pub delivered: i64,
    /// Deliveries that became dead letters by an attempt.
    pub failed: i64,
    /// Deliveries that ended without being sent: a transformation chose so, the endpoint was deleted, the payload erased.
    pub dropped: i64,
    /// Attempts.
    pub attempts: i64,
    /// Attempts that were not the first of their delivery.
    pub retries: i64,
    /// Attempts that failed.
    pub failures: i64,
    /// From acceptance to arrival, in milliseconds, of all that arrived together.
    pub latency_ms: i64,
    /// Deliveries that arrived within 100 milliseconds.
    pub within_100_ms: i64,
    /// Deliveries that arrived within half a second.
    pub within_500_ms: i64,
    /// Deliveries that arrived within 2 seconds.
    pub within_2_s: i64,
    /// Deliveries that arrived within 5 seconds.
    pub within_5_s: i64,
    /// Deliveries that arrived within a minute.
    pub within_60_s: i64,
}

impl Counts {
    /// A delivery that arrived after so many milliseconds.
    #[must_use]
    pub fn arrived(ms: i64) -> Self {
        let within = |limit: i64| i64::from(ms <= limit);
        Self {
            delivered: 1,
            latency_ms: ms,
            within_100_ms: within(100),
            within_500_ms: within(500),
            within_2_s: within(2000),
            within_5_s: within(5000),
            within_60_s: within(60_000),
            ..Self::default()
        }
    }

    /// Adds what happened elsewhere or later.
    pub fn add(&mut self, more: &Self) {
        self.created += more.created;
        self.delivered += more.delivered;
        self.failed += more.failed;
        self.dropped += more.dropped;
        self.attempts += more.attempts;
        self.retries += more.retries;
        self.failures += more.failures;
        self.latency_ms += more.latency_ms;
        self.within_100_ms += more.within_100_ms;
        self.within_500_ms += more.within_500_ms;
        self.within_2_s += more.within_2_s;
        self.within_5_s += more.within_5_s;
        self.within_60_s += more.within_60_s;
    }

    /// A figure's value and how many things it is made of; none for the depth of the queue, which is no count.
    #[must_use]
    pub fn value(&self, figure: Figure) -> Option<(f64, i64)> {
        let (part, whole) = match figure {
            Figure::DeliveryRate => (self.delivered, self.delivered + self.failed),
            Figure::Latency => (self.latency_ms, self.delivered),
            Figure::RetryRate => (self.retries, self.attempts),
            Figure::QueueDepth => return None,
        };
        (whole > 0).then(|| (part as f64 / whole as f64, whole))
    }
}

/// What waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::FromRow, utoipa::ToSchema))]
pub struct Waiting {
    /// For the first attempt.
    pub pending: i64,
    /// For a retry.
    pub retrying: i64,
    /// For the endpoint to be active again.
    pub paused: i64,
}

impl Waiting {
    /// The depth of the queue: what would be sent if the receivers took it.
    #[must_use]
    pub const fn depth(&self) -> i64 {
        self.pending + self.retrying
    }
}

/// Things that a figure must be made of before it can be beyond its limit: one failure of one is no alert.
pub const LEAST: i64 = 100;

impl Figure {
    /// What it should be better than: a share of 1, milliseconds, or deliveries.
    #[must_use]
    pub const fn target(self) -> f64 {
        match self {
            Self::DeliveryRate => 0.999,
            Self::Latency => 2000.0,
            Self::RetryRate => 0.01,
            Self::QueueDepth => 1000.0,
        }
    }

    /// Beyond what it is an alert.
    #[must_use]
    pub const fn limit(self) -> f64 {
        match self {
            Self::DeliveryRate => 0.99,
            Self::Latency => 5000.0,
            Self::RetryRate => 0.05,
            Self::QueueDepth => 10_000.0,
        }
    }

    /// How good a value is that is made of so many things.
    #[must_use]
    pub fn grade(self, value: f64, of: i64) -> Grade {
        let sign = if self == Self::DeliveryRate { -1.0 } else { 1.0 };
        let worse_than = |mark: f64| (value - mark) * sign > 0.0;
        match self {
            _ if !worse_than(self.target()) => Grade::Good,
            Self::DeliveryRate | Self::Latency | Self::RetryRate if of < LEAST => Grade::Quiet,
            _ if worse_than(self.limit()) => Grade::Alert,
            _ => Grade::Watch,
        }
    }

    /// A value as people read it: `99.42 %`, `1.2 s`, `12,480`. A share is never rounded up to 100 %.
    #[must_use]
    pub fn words(self, value: f64) -> String {
        match self {
            Self::DeliveryRate | Self::RetryRate => {
                let text = format!("{:.2}", (value * 10_000.0).floor() / 100.0);
                format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
            }
            Self::Latency if value < 1000.0 => format!("{value:.0} ms"),
            Self::Latency => format!("{:.1} s", value / 1000.0),
            Self::QueueDepth => format!("{value:.0}"),
        }
    }

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DeliveryRate => "Delivery rate",
            Self::Latency => "Average latency",
            Self::RetryRate => "Retry rate",
            Self::QueueDepth => "Queue depth",
        }
    }
}

/// A figure over the time asked for, or now where it is the depth of the queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct FigureValue {
    /// Which one.
    pub figure: Figure,
    /// A share of 1, milliseconds, or deliveries; absent when nothing happened.
    pub value: Option<f64>,
    /// What it should be better than.
    pub target: f64,
    /// Beyond what it is an alert.
    pub limit: f64,
    /// How good it is.
    pub grade: Grade,
}

/// One part of the time asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Part {
    /// When it began.
    pub at: Timestamp,
    /// What happened in it.
    #[serde(flatten)]
    pub counts: Counts,
    /// Deliveries that waited at its end, those of paused endpoints included.
    pub waiting: i64,
}

/// A host whose receivers fail: all its endpoints together, so that one outage is one row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct FailingHost {
    /// The host, with its port where that is not the usual one.
    pub host: String,
    /// Attempts that failed.
    pub failures: i64,
    /// Dead letters.
    pub failed: i64,
    /// Attempts in all.
    pub attempts: i64,
    /// Its endpoints that failed, the one that failed most first, five at most.
    pub endpoints: Vec<FailingEndpoint>,
    /// How many of its endpoints failed.
    pub endpoint_count: i64,
    /// How many organizations they belong to.
    pub org_count: i64,
    /// Since when it fails without a success in between, for the endpoint of which that is longest; absent when it
    /// has recovered.
    pub failing_since: Option<Timestamp>,
    /// When an attempt failed last, as far as it is counted.
    pub last_failed_at: Option<Timestamp>,
    /// The status code of that attempt, if there was an answer.
    pub last_code: Option<i64>,
    /// What kind of failure it met.
    pub last_error: Option<ErrorClass>,
}

/// An endpoint whose receiver failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct FailingEndpoint {
    /// The endpoint.
    pub id: crate::id::EndpointId,
    /// What people call it.
    pub name: String,
    /// Whose it is.
    pub org_id: crate::id::OrgId,
    /// Attempts that failed.
    pub failures: i64,
}

/// How an organization's deliveries do, or those of the whole installation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct HealthReport {
    /// When the time asked for began.
    pub since: Timestamp,
    /// How long a part is, in milliseconds.
    pub part_ms: i64,
    /// The figures.
    pub figures: Vec<FigureValue>,
    /// What happened in all.
    pub totals: Counts,
    /// What waits now.
    pub waiting: Waiting,
    /// The parts, oldest first.
    pub parts: Vec<Part>,
    /// Hosts that failed, the worst first, fifty at most; as far as it is counted, which is a moment behind the rest.
    pub failing_hosts: Vec<FailingHost>,
    /// Deliveries that have changed and are not counted yet, beyond what is counted while reading.
    pub behind: bool,
}

/// The figures of what happened and what waits.
#[must_use]
pub fn figures(totals: &Counts, waiting: &Waiting) -> Vec<FigureValue> {
    let value = |figure: Figure| match figure {
        Figure::QueueDepth => Some((waiting.depth() as f64, waiting.depth())),
        _ => totals.value(figure),
    };
    Figure::ALL
        .iter()
        .map(|figure| {
            let value = value(*figure);
            FigureValue {
                figure: *figure,
                value: value.map(|(value, _)| value),
                target: figure.target(),
                limit: figure.limit(),
                grade: value.map_or(Grade::Quiet, |(value, of)| figure.grade(value, of)),
            }
        })
        .collect()
}

/// The host of a URL, with its port where that is not the usual one.
#[must_use]
pub fn host_of(url: &str) -> &str {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let host = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let usual = if scheme == "http" { ":80" } else { ":443" };
    host.strip_suffix(usual).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_good_watched_or_an_alert_and_little_is_never_an_alert() {
        use Grade::{Alert, Good, Quiet, Watch};
        for (figure, value, of, grade) in [
            (Figure::DeliveryRate, 1.0, 1, Good),
            (Figure::DeliveryRate, 0.0, 1, Quiet),
            (Figure::DeliveryRate, 0.98, 99, Quiet),
            (Figure::DeliveryRate, 0.98, 100, Alert),
            (Figure::DeliveryRate, 0.99, 100, Watch),
            (Figure::DeliveryRate, 0.999, 1000, Good),
            (Figure::Latency, 1999.0, 1, Good),
            (Figure::Latency, 2001.0, 100, Watch),
            (Figure::Latency, 5001.0, 100, Alert),
            (Figure::RetryRate, 0.02, 100, Watch),
            (Figure::RetryRate, 0.06, 100, Alert),
            (Figure::RetryRate, 1.0, 3, Quiet),
            (Figure::QueueDepth, 12.0, 12, Good),
            (Figure::QueueDepth, 1001.0, 1001, Watch),
            (Figure::QueueDepth, 10_001.0, 10_001, Alert),
        ] {
            assert_eq!(figure.grade(value, of), grade, "{figure} {value} of {of}");
        }
    }

    #[test]
    fn figures_are_worded_for_people_and_never_flatter() {
        for (figure, value, words) in [
            (Figure::DeliveryRate, 1.0, "100 %"),
            (Figure::DeliveryRate, 0.999_99, "99.99 %"),
            (Figure::DeliveryRate, 0.5, "50 %"),
            (Figure::RetryRate, 0.0, "0 %"),
            (Figure::Latency, 61.4, "61 ms"),
            (Figure::Latency, 1250.0, "1.2 s"),
            (Figure::QueueDepth, 12.0, "12"),
        ] {
            assert_eq!(figure.words(value), words);
        }
    }

    #[test]
    fn a_span_ends_with_the_part_that_holds_now() {
        let now = Timestamp(1_795_356_131_000);
        for span in Span::ALL {
            let ((part_ms, count), since) = (span.parts(), span.since(now));
            assert!(since.0 % part_ms == 0 && since.plus_ms(part_ms * count) > now, "{span}");
            assert!(since.plus_ms(part_ms * (count - 1)) <= now, "{span}");
        }
    }

    #[test]
    fn hosts_are_told_from_paths_and_usual_ports() {
        for (url, host) in [
            ("https://hooks.example.com/a?b#c", "hooks.example.com"),
            ("https://hooks.example.com:443", "hooks.example.com"),
            ("https://hooks.example.com:8443/x", "hooks.example.com:8443"),
            ("http://127.0.0.1:80/", "127.0.0.1"),
            ("http://[::1]:4000/x", "[::1]:4000"),
        ] {
            assert_eq!(host_of(url), host);
        }
    }
}
