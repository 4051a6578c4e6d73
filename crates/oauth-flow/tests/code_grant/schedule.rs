//! When to refresh, and when there is nothing to be done any more.

use oauth_flow::{Grant, Provider};
use proptest::prelude::*;

use crate::providers::{DAY_MS, exact_online, jira, salesforce, slack};
use crate::server::grant;

const MINUTE_MS: i64 = 60_000;

/// Given at zero.
fn lasting(expires_at: Option<i64>) -> Grant {
    Grant { granted_at: 0, expires_at, absolute_expires_at: None, ..grant() }
}

#[test]
fn an_access_token_is_refreshed_ahead_of_its_end() {
    let hour = lasting(Some(60 * MINUTE_MS));
    for (now, due) in [(0, 55), (54, 55), (55, 55), (58, 58), (90, 90)] {
        assert_eq!(hour.refresh_at(&jira(), now * MINUTE_MS), Some(due * MINUTE_MS), "at {now}");
    }
    let short = lasting(Some(6 * MINUTE_MS));
    assert_eq!(short.refresh_at(&jira(), 0), Some(3 * MINUTE_MS), "not in the first half");
}

#[test]
fn a_provider_with_a_window_is_not_asked_before_it_opens() {
    let grant = Grant { refresh_not_before: Some(570_250), ..lasting(Some(600_000)) };
    assert_eq!(grant.refresh_at(&exact_online(), 0), Some(580_000));
    let slow = Grant { refresh_not_before: Some(585_000), ..grant };
    assert_eq!(slow.refresh_at(&exact_online(), 0), Some(585_000));
}

#[test]
fn a_token_without_an_end_is_refreshed_before_the_refresh_token_dies_of_idleness() {
    assert_eq!(lasting(None).refresh_at(&slack(), 7), None);
    assert_eq!(lasting(None).refresh_at(&salesforce(), 7), None);
    let idle = Provider { idle_expiry_ms: Some(90 * DAY_MS), ..salesforce() };
    assert_eq!(lasting(None).refresh_at(&idle, 7), Some(72 * DAY_MS));
}

#[test]
fn what_would_not_help_is_not_done() {
    let bare = Grant { refresh_token: None, ..lasting(Some(60 * MINUTE_MS)) };
    assert_eq!(bare.refresh_at(&jira(), 0), None);
    let ending = Grant { absolute_expires_at: Some(56 * MINUTE_MS), ..lasting(Some(60 * MINUTE_MS)) };
    assert_eq!(ending.refresh_at(&jira(), 0), Some(55 * MINUTE_MS));
    assert_eq!(ending.refresh_at(&jira(), 56 * MINUTE_MS), None);
}

#[test]
fn a_consent_ends_by_idleness_or_at_its_set_time() {
    let year = Grant { absolute_expires_at: Some(365 * DAY_MS), ..lasting(None) };
    assert_eq!(year.ends_at(&jira()), Some(90 * DAY_MS));
    let late = Grant { granted_at: 300 * DAY_MS, ..year.clone() };
    assert_eq!(late.ends_at(&jira()), Some(365 * DAY_MS));
    assert_eq!(Grant { refresh_token: None, ..year }.ends_at(&jira()), Some(365 * DAY_MS));
    assert_eq!(lasting(None).ends_at(&slack()), None);
}

proptest! {
    #[test]
    fn a_refresh_is_never_in_the_past_nor_too_early_nor_too_late(
        granted_at: i64, expires_at: Option<i64>, refresh_not_before: Option<i64>, absolute_expires_at: Option<i64>,
        now: i64, refresh_ahead_ms: i64, idle_expiry_ms: Option<i64>,
    ) {
        let provider = Provider { refresh_ahead_ms, idle_expiry_ms, ..jira() };
        let grant = Grant { granted_at, expires_at, refresh_not_before, absolute_expires_at, ..grant() };
        if let Some(at) = grant.refresh_at(&provider, now) {
            prop_assert!(at >= now && refresh_not_before.is_none_or(|start| at >= start));
            prop_assert!(absolute_expires_at.is_none_or(|end| at < end));
        }
        let _ = grant.ends_at(&provider);
    }

    #[test]
    fn in_ordinary_times_a_token_is_refreshed_in_the_second_half_of_its_life(
        life in 2..1_000_000_000_i64, ahead in 0..10_000_000_i64,
    ) {
        let provider = Provider { refresh_ahead_ms: ahead, ..jira() };
        let at = lasting(Some(life)).refresh_at(&provider, 0).unwrap();
        prop_assert!(at >= life / 2 && at <= life);
    }
}
