//! The search for the mistake: every form of key, text, body and signature is tried, those with the fewest mistakes
//! first, until one matches. A match proves the mistakes: nobody hits an HMAC by chance.

use std::borrow::Cow;

use super::Variant;
use super::given::Given;
use super::key::Key;
use super::layout::{Around, by_the_rules};
use super::message::Message;
use super::mistakes::{Slip, text as wrong};
use crate::Scheme;

/// More mistakes at once are not looked for.
const MOST: usize = 4;
/// How many bytes may be hashed: a fraction of a second in a browser.
const BUDGET: usize = 16 << 20;
/// What a message costs beyond its bytes, in bytes.
const COST_SHARED: usize = 384;
const COST_PUBLIC: usize = 200_000;
/// How far around the header's timestamp others are tried, in seconds: beyond the usual pauses between attempts.
const NEARBY_S: i64 = 2000;

/// Everything that can be combined.
pub(super) struct Space<'a> {
    pub(super) keys: &'a [Variant<Key>],
    pub(super) layouts: &'a [Variant<Around>],
    pub(super) bodies: &'a [Variant<Cow<'a, str>>],
    pub(super) given: &'a [Given],
}

/// The mistakes of the first combination that matches; none at all if the signature is right as it is.
pub(super) fn search(space: &Space<'_>) -> Option<Vec<Slip>> {
    let mut budget = BUDGET;
    (0..=MOST).find_map(|mistakes| of_size(space, mistakes, &mut budget))
}

/// Tries the combinations of so many mistakes.
fn of_size(space: &Space<'_>, mistakes: usize, budget: &mut usize) -> Option<Vec<Slip>> {
    for key in space.keys {
        for layout in space.layouts {
            for body in space.bodies {
                let sum = key.slips.len() + layout.slips.len() + body.slips.len();
                let Some(left) = mistakes.checked_sub(sum) else { continue };
                if !key.slips.is_empty() && !layout.slips.is_empty() && !body.slips.is_empty() {
                    // Everything wrong at once is too rare for all the combinations it has.
                    continue;
                }
                let text = [layout.value.before.as_str(), &body.value, &layout.value.after];
                for given in space.given.iter().filter(|given| given.slips.len() == left) {
                    let Some(signature) = &given.bytes else { continue };
                    // What is right, or nearly so, is always tried, however large the body.
                    let cost = cost(&key.value) + text.iter().map(|piece| piece.len()).sum::<usize>();
                    if mistakes > 1 && *budget < cost {
                        return None;
                    }
                    *budget = budget.saturating_sub(cost);
                    if key.value.signed(&text, signature) {
                        let slips = [&key.slips, &layout.slips, &body.slips, &given.slips];
                        return Some(slips.into_iter().flatten().cloned().collect());
                    }
                }
            }
        }
    }
    None
}

fn cost(key: &Key) -> usize {
    match key {
        Key::Shared(_) => COST_SHARED,
        Key::Public(_) => COST_PUBLIC,
    }
}

/// Tries other timestamps: the milliseconds of the header's second, and the seconds around it.
pub(super) fn search_times(message: &Message, keys: &[Variant<Key>], body: &str) -> Option<Vec<Slip>> {
    let timestamp: i64 = message.timestamp.as_deref()?.parse().ok()?;
    let id = message.id.as_deref().unwrap_or_default();
    if !message.signs_timestamp() || (message.signs_id() && message.id.is_none()) {
        return None;
    }
    let milliseconds = (0..1000).filter_map(|more| timestamp.checked_mul(1000)?.checked_add(more));
    // A public key takes so long that only the nearest are tried.
    let milliseconds = milliseconds.filter(|_| message.scheme != Scheme::Ed25519);
    let milliseconds = milliseconds.map(|time| (time.to_string(), &wrong::MILLISECONDS));
    let nearby = (1..=NEARBY_S).flat_map(|offset| [timestamp.checked_add(offset), timestamp.checked_sub(offset)]);
    let nearby = nearby.flatten().map(|time| (time.to_string(), &wrong::OTHER_TIMESTAMP));
    let mut budget = BUDGET;
    for (time, mistake) in milliseconds.chain(nearby) {
        let around = by_the_rules(message.scheme, id, &time);
        let text = [around.before.as_str(), body, &around.after];
        for key in keys.iter().filter(|key| key.slips.is_empty()) {
            for given in message.given.iter().filter(|given| given.slips.is_empty()) {
                budget = budget.checked_sub(cost(&key.value) + body.len())?;
                if given.bytes.as_ref().is_some_and(|signature| key.value.signed(&text, signature)) {
                    return Some(vec![mistake.with(time)]);
                }
            }
        }
    }
    None
}
