//! What waits for an endpoint, and how long it takes to go out.

use domain::endpoint::{EndpointStatus, Health};

use crate::shown::Endpoint;
use crate::words::count;

/// A sentence about what waits; none when nothing does.
#[must_use]
pub fn waiting(endpoint: &Endpoint, health: &Health) -> Option<String> {
    if health.waiting == 0 {
        return None;
    }
    let wait = if health.waiting == 1 {
        "1 delivery waits".to_owned()
    } else {
        format!("{} deliveries wait", count(health.waiting))
    };
    let until = match endpoint.status {
        EndpointStatus::Active if endpoint.failing.as_ref().is_some_and(|failing| failing.open_until.is_some()) => {
            " until the circuit breaker closes"
        }
        EndpointStatus::Active if endpoint.fetched => return Some(format!("{wait} to be fetched.")),
        EndpointStatus::Active => " to be sent",
        EndpointStatus::Paused => " until it is resumed",
        EndpointStatus::Disabled => " until it is enabled",
    };
    let takes = seconds(health.waiting, endpoint.rate_limit_per_minute, endpoint.concurrency_limit, health.p95_us)
        .map(|seconds| format!("; to send them takes about {}", span(seconds)))
        .unwrap_or_default();
    Some(format!("{wait}{until}{takes}."))
}

/// Seconds until that many have gone out: as fast as the rate allows, and no faster than so many at a time that each
/// take as long as the slow ones did lately. None when neither is known.
fn seconds(waiting: i64, rate_per_minute: Option<i64>, concurrency: i64, p95_us: Option<i64>) -> Option<i64> {
    let by_rate = rate_per_minute.map(|rate| (waiting * 60).div_euclid(rate.max(1)));
    let by_time = p95_us.map(|us| waiting.saturating_mul(us) / concurrency.max(1) / 1_000_000);
    by_rate.into_iter().chain(by_time).max()
}

fn span(seconds: i64) -> String {
    match seconds {
        ..2 => "a second".to_owned(),
        2..90 => format!("{seconds} s"),
        90..5400 => format!("{} min", (seconds + 30) / 60),
        5400..172_800 => format!("{} h", (seconds + 1800) / 3600),
        _ => format!("{} days", (seconds + 43_200) / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slower_of_rate_and_concurrency_decides() {
        assert_eq!(seconds(1000, Some(100), 32, Some(50_000)), Some(600));
        assert_eq!(seconds(1000, None, 1, Some(2_000_000)), Some(2000));
        assert_eq!(seconds(1000, Some(100_000), 1, Some(2_000_000)), Some(2000));
        assert_eq!(seconds(1000, None, 32, None), None);
    }

    #[test]
    fn times_are_told_in_the_unit_that_fits() {
        assert_eq!([0, 45, 600, 7200, 259_200].map(span), ["a second", "45 s", "10 min", "2 h", "3 days"]);
    }
}
