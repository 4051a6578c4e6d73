//! Endpoints in words: their standing, their address in two parts, and how a test went.

use domain::Timestamp;
use domain::delivery::{Attempt, DeliveryStatus, DeliverySummary, Outcome};
use domain::endpoint::{EndpointStatus, Health};

use crate::components::Tone;
use crate::shown::Endpoint;
use crate::words::duration;

/// An endpoint that fails more often than this per mille of its deliveries is called degraded.
const DEGRADED_PER_MILLE: i64 = 50;

/// How an endpoint stands: a tone and a word. Active means that what it gets arrives.
#[must_use]
pub fn standing(endpoint: &Endpoint, health: &Health) -> (Tone, &'static str) {
    let ended = health.delivered + health.failed;
    let degraded =
        health.failed * 1000 > ended * DEGRADED_PER_MILLE || health.retrying > 0 && health.retrying >= health.delivered;
    match endpoint.status {
        EndpointStatus::Disabled => (Tone::Bad, "Disabled"),
        EndpointStatus::Paused => (Tone::Off, "Paused"),
        EndpointStatus::Active if degraded => (Tone::Warn, "Degraded"),
        EndpointStatus::Active => (Tone::Ok, "Active"),
    }
}

/// A URL as host and the rest, without its scheme.
#[must_use]
pub fn split_url(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()))
}

/// How a test went: a tone, a short badge and a sentence that says what to do.
#[must_use]
pub fn verdict(attempt: &Attempt) -> (Tone, String, String) {
    let time = duration(attempt.total_us);
    let code = attempt.code.unwrap_or_default();
    let said = attempt.error.clone();
    match (attempt.outcome, code) {
        (Outcome::Succeeded, 0) => (Tone::Ok, "Fetched".into(), "The receiver took it.".into()),
        (Outcome::Succeeded, _) => (Tone::Ok, format!("{code} in {time}"), "The receiver took it.".into()),
        (Outcome::Rejected, 300..=399) => (
            Tone::Bad,
            format!("{code} in {time}"),
            format!("The receiver answered {code}, a redirect. Redirects are never followed: enter the final URL."),
        ),
        (Outcome::Rejected, 401 | 403) => (
            Tone::Bad,
            format!("{code} in {time}"),
            format!(
                "The receiver answered {code}: it refuses us. Check the signing secret it uses and any custom header it wants."
            ),
        ),
        (Outcome::Rejected, 404 | 405) => (
            Tone::Bad,
            format!("{code} in {time}"),
            format!("The receiver answered {code}: nothing takes a POST at this path. Check the URL."),
        ),
        (Outcome::Rejected, 410) => {
            (Tone::Bad, format!("410 in {time}"), "The receiver answered 410, gone: the endpoint is disabled.".into())
        }
        (Outcome::Rejected, 500..) => (
            Tone::Bad,
            format!("{code} in {time}"),
            format!("The receiver answered {code}: it failed inside. Its own log says why."),
        ),
        (Outcome::Rejected, _) => (
            Tone::Bad,
            format!("{code} in {time}"),
            format!("The receiver answered {code}; only 2xx counts as delivered."),
        ),
        (Outcome::TimedOut, _) => (
            Tone::Bad,
            format!("No answer in {time}"),
            said.unwrap_or_else(|| "The receiver did not answer in time.".into()),
        ),
        (Outcome::NotSent, _) => (Tone::Bad, "Not sent".into(), said.unwrap_or_else(|| "Nothing was sent.".into())),
        (Outcome::Unreachable, _) => {
            (Tone::Bad, "Not reached".into(), said.unwrap_or_else(|| "The receiver could not be reached.".into()))
        }
    }
}

/// How long a page load may wait for a test that was just sent, in milliseconds: the page of a browser without
/// JavaScript then shows the outcome instead of "pending".
#[must_use]
pub fn patience_ms(delivery: &DeliverySummary, now: Timestamp) -> u64 {
    let fresh = delivery.status == DeliveryStatus::Pending && now.since(delivery.created_at) < 20_000;
    if fresh { 1500 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::{AttemptId, EndpointId};

    fn endpoint(status: EndpointStatus) -> Endpoint {
        Endpoint {
            id: EndpointId::new(1, [1; 10]),
            name: "Billing".into(),
            url: "https://a.test/h".into(),
            fetched: false,
            description: String::new(),
            event_types: vec!["*".into()],
            status,
            disabled_reason: None,
            timeout_ms: 10_000,
            retry: domain::endpoint::Retry::default(),
            rate_limit_per_minute: None,
            concurrency_limit: 32,
            headers: Vec::new(),
            failing: None,
            secrets: Vec::new(),
            created_at: Timestamp(1),
        }
    }

    #[test]
    fn an_active_endpoint_that_fails_is_degraded() {
        let word = |status, delivered, failed, retrying| {
            standing(&endpoint(status), &Health { delivered, failed, retrying, ..Health::default() }).1
        };
        assert_eq!(word(EndpointStatus::Active, 0, 0, 0), "Active");
        assert_eq!(word(EndpointStatus::Active, 95, 5, 0), "Active");
        assert_eq!(word(EndpointStatus::Active, 94, 6, 0), "Degraded");
        assert_eq!(word(EndpointStatus::Active, 2, 0, 2), "Degraded");
        assert_eq!(word(EndpointStatus::Paused, 0, 9, 0), "Paused");
        assert_eq!(word(EndpointStatus::Disabled, 9, 0, 0), "Disabled");
    }

    #[test]
    fn a_url_is_split_behind_its_host() {
        for (url, parts) in [
            ("https://api.acme.dev/hooks/billing?x=1", ("api.acme.dev", "/hooks/billing?x=1")),
            ("http://127.0.0.1:8080", ("127.0.0.1:8080", "")),
            ("https://a.test?x", ("a.test", "?x")),
        ] {
            assert_eq!(split_url(url), parts);
        }
    }

    #[test]
    fn a_verdict_says_what_to_do() {
        let attempt = |outcome, code| Attempt {
            id: AttemptId::new(1, [1; 10]),
            number: 1,
            started_at: Timestamp(1),
            outcome,
            code,
            error_class: None,
            error: None,
            dns_us: None,
            connect_us: None,
            tls_us: None,
            first_byte_us: None,
            total_us: 61_400,
            remote: None,
            tls: None,
            endpoint_version: None,
            url: String::new(),
            request_headers: Vec::new(),
            request_body: None,
            response_headers: Vec::new(),
            response_body: None,
            response_truncated: false,
        };
        assert_eq!(verdict(&attempt(Outcome::Succeeded, Some(204))).1, "204 in 61 ms");
        assert!(verdict(&attempt(Outcome::Rejected, Some(301))).2.contains("Redirects are never followed"));
        assert_eq!(verdict(&attempt(Outcome::TimedOut, None)).1, "No answer in 61 ms");
    }
}
