//! What comes after an attempt: the state machine of deliveries, pure.

use super::{DeliveryStatus, Outcome};
use crate::endpoint::{Controls, Retry, StatusAction};
use crate::time::Timestamp;

/// The longest `Retry-After` that is honoured, in milliseconds.
pub const MAX_RETRY_AFTER_MS: i64 = 24 * 3600 * 1000;

/// What an attempt showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptResult {
    /// How it ended.
    pub outcome: Outcome,
    /// The status code, if there was an answer.
    pub code: Option<i64>,
    /// How long the receiver asked to wait, in milliseconds.
    pub retry_after_ms: Option<i64>,
    /// What the answer means, where its body says that and not its code.
    pub action: Option<StatusAction>,
}

/// Where a delivery goes from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextState {
    /// Its new status.
    pub status: DeliveryStatus,
    /// When the next attempt is due, for `retrying`.
    pub due_at: Option<Timestamp>,
    /// Whether the answer means that the endpoint wants no more (410, or as its rules say): it is disabled.
    pub disable_endpoint: bool,
}

/// What decides beside the result: how often to try, and what answers mean.
#[derive(Debug, Clone, Copy)]
pub struct Policy<'a> {
    /// When failed attempts are tried again.
    pub retry: &'a Retry,
    /// What answers mean.
    pub controls: &'a Controls,
}

/// Decides what comes after the `attempts`-th attempt. `jitter` is between 0 and 1.
///
/// 2xx delivers. An answer whose rule says `fail` or `disable` (410 unless told otherwise) fails at once. Anything else
/// is tried again by the schedule, but not before the time the receiver asked for with `Retry-After` (429, 503 and
/// others alike, capped at a day); without attempts left it fails.
#[must_use]
pub fn next_state(result: AttemptResult, attempts: i64, policy: Policy<'_>, now: Timestamp, jitter: f64) -> NextState {
    let failed = NextState { status: DeliveryStatus::Failed, due_at: None, disable_endpoint: false };
    if result.outcome == Outcome::Succeeded {
        return NextState { status: DeliveryStatus::Delivered, ..failed };
    }
    match result.action.or_else(|| result.code.map(|code| policy.controls.action_for(code))) {
        Some(StatusAction::Disable) => return NextState { disable_endpoint: true, ..failed },
        Some(StatusAction::Fail) => return failed,
        Some(StatusAction::Retry) | None => {}
    }
    let Some(wait) = policy.retry.wait_ms(attempts, jitter) else { return failed };
    let asked = result.retry_after_ms.unwrap_or(0).clamp(0, MAX_RETRY_AFTER_MS);
    NextState { status: DeliveryStatus::Retrying, due_at: Some(now.plus_ms(wait.max(asked))), disable_endpoint: false }
}

/// Reads `Retry-After` as seconds or as an HTTP date (IMF-fixdate); milliseconds from `now`.
#[must_use]
pub fn retry_after_ms(value: &str, now: Timestamp) -> Option<i64> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u32>() {
        return Some(i64::from(seconds) * 1000);
    }
    // `Sun, 06 Nov 1994 08:49:37 GMT`
    let rest = value.strip_suffix(" GMT")?.split_once(", ")?.1;
    let mut parts = rest.split(' ');
    let (day, month, year, clock) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = MONTHS.iter().position(|m| *m == month)? + 1;
    let at = Timestamp::parse_rfc3339(&format!("{year}-{month:02}-{day}T{clock}Z")).ok()?;
    Some(at.since(now).max(0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn policy(retry: &Retry) -> Policy<'_> {
        static PLAIN: std::sync::LazyLock<Controls> = std::sync::LazyLock::new(Controls::default);
        Policy { retry, controls: &PLAIN }
    }

    fn rejected(code: i64) -> AttemptResult {
        AttemptResult { outcome: Outcome::Rejected, code: Some(code), retry_after_ms: None, action: None }
    }

    #[test]
    fn a_gone_answer_fails_at_once_and_disables_the_endpoint() {
        let next = next_state(rejected(410), 1, policy(&Retry::default()), Timestamp(0), 0.5);
        assert_eq!((next.status, next.disable_endpoint), (DeliveryStatus::Failed, true));
    }

    #[test]
    fn a_listed_answer_is_not_tried_again() {
        let controls =
            Controls { status_rules: [("400".to_owned(), StatusAction::Fail)].into(), ..Controls::default() };
        let next = |code| {
            let policy = Policy { retry: &Retry::default(), controls: &controls };
            next_state(rejected(code), 1, policy, Timestamp(0), 0.5).status
        };
        assert_eq!([next(400), next(401)], [DeliveryStatus::Failed, DeliveryStatus::Retrying]);
    }

    #[test]
    fn retry_after_moves_the_next_attempt_back_but_never_forward() {
        let busy = |ms| AttemptResult { retry_after_ms: Some(ms), ..rejected(503) };
        assert_eq!(
            next_state(busy(60_000), 1, policy(&Retry::default()), Timestamp(0), 0.5).due_at,
            Some(Timestamp(60_000))
        );
        assert_eq!(next_state(busy(1), 1, policy(&Retry::default()), Timestamp(0), 0.5).due_at, Some(Timestamp(5000)));
        assert_eq!(
            next_state(busy(i64::MAX), 1, policy(&Retry::default()), Timestamp(0), 0.5).due_at,
            Some(Timestamp(MAX_RETRY_AFTER_MS))
        );
    }

    #[test]
    fn retry_after_is_read_as_seconds_or_date() {
        assert_eq!(retry_after_ms("120", Timestamp(0)), Some(120_000));
        assert_eq!(retry_after_ms("Thu, 01 Jan 1970 00:01:00 GMT", Timestamp(10_000)), Some(50_000));
        assert_eq!(retry_after_ms("soon", Timestamp(0)), None);
    }

    proptest! {
        #[test]
        fn attempts_never_exceed_the_schedule_and_never_go_back_in_time(waits in proptest::collection::vec(1i64..1000, 0..6), jitter in 0.0f64..1.0) {
            let retry = Retry::Own(waits);
            let mut now = Timestamp(0);
            for attempt in 1..=retry.max_attempts() {
                let next = next_state(rejected(500), attempt, policy(&retry), now, jitter);
                if attempt == retry.max_attempts() {
                    prop_assert_eq!(next.status, DeliveryStatus::Failed);
                } else {
                    let due = next.due_at.expect("a retry has a time");
                    prop_assert!(due > now);
                    now = due;
                }
            }
        }
    }
}
