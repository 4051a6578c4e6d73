//! What is known of one key, and what follows from it at a given time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::TokenError;
use crate::token::Token;

/// How long a failure is remembered.
const SORE_MS: i64 = 10_000;
/// How long a token is too fresh to be forgotten.
const FRESH_MS: i64 = 10_000;
/// How long before its end a token is renewed at the latest.
const MARGIN_MS: i64 = 60_000;
/// What is believed of a token whose server does not say.
const ASSUMED_LIFE_MS: i64 = 300_000;

/// What is known of one key.
#[derive(Default)]
pub(super) struct Slot {
    /// Held by whoever renews.
    pub(super) duty: tokio::sync::Mutex<()>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    /// The last failure, and when it happened; none after a success.
    failure: Option<(TokenError, i64)>,
}

struct Held {
    token: Arc<Token>,
    asked_at: i64,
    life_ms: i64,
}

/// What to do.
pub(super) enum Verdict {
    /// The token is good for long enough, or cannot be renewed just now.
    Use(Arc<Token>),
    /// It is still good, but somebody should renew it.
    RenewSoon(Arc<Token>),
    /// There is none, and asking has just failed.
    Fail(TokenError),
    /// There is none.
    Renew,
}

impl Slot {
    pub(super) fn look(&self, now: i64) -> Verdict {
        let state = self.lock();
        let failure = state.recent_failure(now);
        match (&state.held, failure) {
            (Some(held), _) if held.is_young(now) => Verdict::Use(held.token.clone()),
            (Some(held), Some(_)) if held.is_good(now) => Verdict::Use(held.token.clone()),
            (Some(held), None) if held.is_good(now) => Verdict::RenewSoon(held.token.clone()),
            (_, Some(error)) => Verdict::Fail(error.clone()),
            (_, None) => Verdict::Renew,
        }
    }

    /// Keeps a new token; its life counts from when it was asked for.
    pub(super) fn keep(&self, token: Token, asked_at: i64) -> Arc<Token> {
        let token = Arc::new(token);
        let said = token.expires_in().and_then(|life| i64::try_from(life.as_millis()).ok());
        let held = Held { token: token.clone(), asked_at, life_ms: said.unwrap_or(ASSUMED_LIFE_MS) };
        *self.lock() = State { held: Some(held), failure: None };
        token
    }

    /// Remembers a failure; the old token does as long as it is good.
    pub(super) fn fail(&self, error: TokenError, now: i64) -> Result<Arc<Token>, TokenError> {
        let mut state = self.lock();
        state.failure = Some((error.clone(), now));
        match &state.held {
            Some(held) if held.is_good(now) => Ok(held.token.clone()),
            _ => Err(error),
        }
    }

    /// Whether `refused` is gone, or was already.
    pub(super) fn forget(&self, refused: &Arc<Token>, now: i64) -> bool {
        let mut state = self.lock();
        match &state.held {
            Some(held) if !Arc::ptr_eq(&held.token, refused) => true,
            Some(held) if now < held.asked_at + FRESH_MS => false,
            _ => {
                state.held = None;
                true
            }
        }
    }

    /// Whether nothing is known that would make a difference.
    pub(super) fn is_spent(&self, now: i64) -> bool {
        matches!(self.look(now), Verdict::Renew)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn recent_failure(&self, now: i64) -> Option<&TokenError> {
        // A clock that was set back must not make a failure last.
        let recent = |(_, at): &&(TokenError, i64)| now.abs_diff(*at) < SORE_MS.unsigned_abs();
        self.failure.as_ref().filter(recent).map(|(error, _)| error)
    }
}

impl Held {
    fn is_young(&self, now: i64) -> bool {
        now < self.asked_at.saturating_add(renew_after(self.life_ms))
    }

    fn is_good(&self, now: i64) -> bool {
        now < self.asked_at.saturating_add(self.life_ms)
    }
}

/// After how much of its life a token is renewed. A very short life is used for half at least, or
/// every call would renew.
fn renew_after(life_ms: i64) -> i64 {
    (life_ms / 5 * 4).min((life_ms - MARGIN_MS).max(life_ms / 2))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_token_is_renewed_ahead_of_its_end() {
        for (life_s, renewed_s) in
            [(3600, 2880), (300, 240), (200, 140), (120, 60), (60, 30), (10, 5), (86_400, 69_120)]
        {
            assert_eq!(renew_after(life_s * 1000), renewed_s * 1000, "{life_s} s");
        }
    }

    proptest! {
        #[test]
        fn renewal_is_between_half_and_four_fifths_of_a_life(life in 1000..31_536_000_000_i64) {
            let after = renew_after(life);
            prop_assert!(after >= life / 2 && after <= life * 4 / 5, "{after} of {life}");
        }
    }
}
