//! Slack's rate limits: per method and workspace, and per channel for messages.

use std::collections::{BTreeMap, VecDeque};

use super::methods::Tier;

/// When each method was called within its window.
#[derive(Debug, Default)]
pub(crate) struct Windows(BTreeMap<(&'static str, String), VecDeque<i64>>);

impl Tier {
    /// So many calls within so many milliseconds.
    fn limit(self) -> (usize, i64) {
        match self {
            Self::One => (1, 60_000),
            Self::Two => (20, 60_000),
            Self::Three => (50, 60_000),
            Self::Four => (100, 60_000),
            Self::Posting => (1, 1_000),
            Self::Generous => (600, 60_000),
        }
    }
}

impl Windows {
    /// Counts a call, or says in how many seconds one will be let through. What is refused does not count.
    pub(super) fn admit(&mut self, method: &'static str, tier: Tier, whose: &str, now_ms: i64) -> Result<(), u64> {
        let (calls, window_ms) = tier.limit();
        let seen = self.0.entry((method, whose.to_owned())).or_default();
        while seen.front().is_some_and(|at| now_ms - at >= window_ms) {
            seen.pop_front();
        }
        match seen.front() {
            Some(oldest) if seen.len() >= calls => {
                let wait_ms = u64::try_from(oldest + window_ms - now_ms).unwrap_or_default();
                Err(wait_ms.div_ceil(1000).max(1))
            }
            _ => {
                seen.push_back(now_ms);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_lets_through_what_its_tier_allows_and_says_how_long_to_wait() {
        let mut windows = Windows::default();
        for _ in 0..20 {
            assert_eq!(windows.admit("list", Tier::Two, "T1", 1_000), Ok(()));
        }
        assert_eq!(windows.admit("list", Tier::Two, "T1", 2_000), Err(59));
        assert_eq!(windows.admit("list", Tier::Two, "T2", 2_000), Ok(()), "another workspace has its own");
        assert_eq!(windows.admit("info", Tier::Two, "T1", 2_000), Ok(()), "another method has its own");
        assert_eq!(windows.admit("list", Tier::Two, "T1", 60_999), Err(1));
        assert_eq!(windows.admit("list", Tier::Two, "T1", 61_000), Ok(()));
    }

    #[test]
    fn a_channel_takes_a_message_a_second() {
        let mut windows = Windows::default();
        assert_eq!(windows.admit("post", Tier::Posting, "C1", 0), Ok(()));
        assert_eq!(windows.admit("post", Tier::Posting, "C1", 1), Err(1));
        assert_eq!(windows.admit("post", Tier::Posting, "C2", 1), Ok(()));
        assert_eq!(windows.admit("post", Tier::Posting, "C1", 1_000), Ok(()));
    }
}
