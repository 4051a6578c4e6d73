//! Jira's three limits: bursts of one operation, writes to one issue, points within an hour. What is refused does not count.

use std::collections::{BTreeMap, VecDeque};

/// Requests of one operation within a second, by whether it only reads.
const BURST: (usize, usize) = (20, 10);
/// Writes to one issue: so many within so many milliseconds.
const PER_ISSUE: [(usize, i64); 2] = [(20, 2_000), (100, 30_000)];
const HOUR_MS: i64 = 3_600_000;

/// When what was asked, within the windows that count.
#[derive(Debug, Default)]
pub(crate) struct Windows {
    seen: BTreeMap<String, VecDeque<i64>>,
    points: BTreeMap<String, (i64, u64)>,
}

/// A request that the limits are asked about.
pub(super) struct Wish<'a> {
    pub(super) site: &'a str,
    pub(super) operation: &'a str,
    /// The issue that is written to.
    pub(super) issue: Option<&'a str>,
    pub(super) only_reads: bool,
    pub(super) points: u64,
}

/// Not now: the reason, and in how many seconds.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooMuch {
    pub(super) reason: &'static str,
    pub(super) after_s: u64,
}

/// What is left of the hour.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Left {
    pub(super) points: u64,
    pub(super) reset_ms: i64,
}

impl Windows {
    /// Counts a request, or says why it has to wait.
    pub(super) fn admit(&mut self, wish: &Wish<'_>, points_per_hour: u64, now_ms: i64) -> Result<(), TooMuch> {
        let left = self.left(wish.site, points_per_hour, now_ms);
        if wish.points > left.points {
            return Err(TooMuch { reason: "jira-quota-global-based", after_s: seconds(left.reset_ms - now_ms) });
        }
        let burst = format!("{} {}", wish.site, wish.operation);
        let at_once = if wish.only_reads { BURST.0 } else { BURST.1 };
        self.wait(&burst, at_once, 1_000, now_ms)
            .map_or(Ok(()), |after_s| Err(TooMuch { reason: "jira-burst-based", after_s }))?;
        let issue = wish.issue.filter(|_| !wish.only_reads).map(|issue| format!("{} issue {issue}", wish.site));
        if let Some(issue) = &issue {
            for (limit, window_ms) in PER_ISSUE {
                if let Some(after_s) = self.wait(issue, limit, window_ms, now_ms) {
                    return Err(TooMuch { reason: "jira-per-issue-on-write", after_s });
                }
            }
        }
        for key in [Some(burst), issue].into_iter().flatten() {
            let seen = self.seen.entry(key).or_default();
            seen.push_back(now_ms);
            while seen.len() > PER_ISSUE[1].0 {
                seen.pop_front();
            }
        }
        let used = self.points.entry(wish.site.to_owned()).or_insert((now_ms, 0));
        used.1 += wish.points;
        Ok(())
    }

    /// What is left of a site's points.
    pub(super) fn left(&mut self, site: &str, points_per_hour: u64, now_ms: i64) -> Left {
        let used = self.points.entry(site.to_owned()).or_insert((now_ms, 0));
        if now_ms - used.0 >= HOUR_MS {
            *used = (now_ms, 0);
        }
        Left { points: points_per_hour.saturating_sub(used.1), reset_ms: used.0 + HOUR_MS }
    }

    /// In how many seconds the next one fits into a window; nothing if it does now.
    fn wait(&self, key: &str, limit: usize, window_ms: i64, now_ms: i64) -> Option<u64> {
        let within: Vec<i64> = self.seen.get(key)?.iter().copied().filter(|at| now_ms - at < window_ms).collect();
        let oldest = within.len().checked_sub(limit).and_then(|index| within.get(index))?;
        Some(seconds(oldest + window_ms - now_ms))
    }
}

fn seconds(ms: i64) -> u64 {
    u64::try_from(ms).unwrap_or_default().div_ceil(1000).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(operation: &'static str, issue: Option<&'static str>, only_reads: bool) -> Wish<'static> {
        Wish { site: "s", operation, issue, only_reads, points: 1 }
    }

    #[test]
    fn an_operation_has_a_burst_and_an_issue_its_writes() {
        let mut windows = Windows::default();
        let mut ask = |operation, issue, reads, at| windows.admit(&wish(operation, issue, reads), 1_000, at);
        for _ in 0..10 {
            assert_eq!(ask("edit", Some("1"), false, 0), Ok(()));
            assert_eq!(ask("comment", Some("1"), false, 0), Ok(()));
        }
        assert_eq!(ask("edit", Some("2"), false, 0), Err(TooMuch { reason: "jira-burst-based", after_s: 1 }));
        assert_eq!(ask("move", Some("1"), false, 0), Err(TooMuch { reason: "jira-per-issue-on-write", after_s: 2 }));
        assert_eq!(ask("move", Some("2"), false, 0), Ok(()));
        assert_eq!(ask("read", Some("1"), true, 0), Ok(()), "reading an issue is no write");
        assert_eq!(ask("edit", Some("2"), false, 1_000), Ok(()));
        assert_eq!(ask("edit", Some("1"), false, 2_000), Ok(()));
    }

    #[test]
    fn an_hour_has_so_many_points_for_each_site() {
        let mut windows = Windows::default();
        for at in 0..5 {
            assert_eq!(windows.admit(&wish("a", None, true), 5, at), Ok(()));
        }
        let refused = TooMuch { reason: "jira-quota-global-based", after_s: 3600 };
        assert_eq!(windows.admit(&wish("b", None, true), 5, 1), Err(refused));
        assert_eq!(windows.left("s", 5, 1), Left { points: 0, reset_ms: HOUR_MS });
        assert_eq!(windows.admit(&Wish { site: "other", ..wish("b", None, true) }, 5, 1), Ok(()));
        assert_eq!(windows.admit(&wish("b", None, true), 5, HOUR_MS), Ok(()));
    }
}
