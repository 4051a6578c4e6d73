//! What a rate limit put off, once it lets more pass.

use super::actions::controls;
use super::store::Row;
use crate::Result;
use crate::time::Timestamp;
use crate::worker::lanes::LEASE_MARGIN_MS;

/// The longest timeout of an attempt, in milliseconds.
const LONGEST_TIMEOUT_MS: i64 = 30_000;
/// How long a batch waits at most, in milliseconds.
const LONGEST_WAIT_MS: i64 = 300_000;
/// After this time no attempt is under way by settings that were changed, in milliseconds.
const SETTLED_MS: i64 = 60_000;
/// How far the clocks of nodes may disagree, in milliseconds.
const CLOCKS_MS: i64 = 5000;

/// The rate limits before and after a change that lets more pass.
pub(super) fn eases(before: &Row, after: &Row) -> Option<(i64, Option<i64>)> {
    let (was, is) = (before.rate_limit_per_minute?, after.rate_limit_per_minute);
    is.is_none_or(|is| is > was).then_some((was, is))
}

/// When the last lease ends under which an attempt may be under way, by the settings before a change.
pub(super) fn leased_until(before: &Row, now: Timestamp) -> Result<Timestamp> {
    // By then no attempt is under way that began before the last change; what still waits in a lane is given back anyway.
    let has_settled = now.since(before.updated_at) > SETTLED_MS;
    let wait_ms = if has_settled { controls(before)?.delivery.wait_ms() } else { LONGEST_WAIT_MS };
    Ok(now.plus_ms(LONGEST_TIMEOUT_MS + LEASE_MARGIN_MS + wait_ms + CLOCKS_MS))
}
