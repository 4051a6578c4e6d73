//! One token per key, renewed ahead of its expiry.
//!
//! - **Ahead.** A token is renewed at 80 % of its life or 60 seconds before its end, whichever is
//!   earlier, but not before half of its life is over. A server that does not say how long is
//!   believed for five minutes.
//! - **Once.** One caller per key renews. The others get the old token while it is still good, and
//!   wait for the new one otherwise. A caller that is dropped in the midst of it hands the duty on.
//! - **Sparing.** A failure is remembered for ten seconds and given to whoever asks, unless the old
//!   token is still good.
//!
//! The rules of one key are in `slot`; here is who may renew.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::TokenError;
use crate::token::Token;
use slot::{Slot, Verdict};

mod slot;

/// From this many keys on, those with nothing worth keeping are looked for.
const FIRST_SWEEP: usize = 64;

/// One token per key. Share it behind an `Arc` or a `static`.
pub struct TokenCache<K> {
    shelf: Mutex<Shelf<K>>,
}

struct Shelf<K> {
    slots: HashMap<K, Arc<Slot>>,
    sweep_at: usize,
}

impl<K: Eq + Hash + Clone> TokenCache<K> {
    /// An empty cache.
    #[must_use]
    pub fn new() -> Self {
        Self { shelf: Mutex::new(Shelf { slots: HashMap::new(), sweep_at: FIRST_SWEEP }) }
    }

    /// The token of a key; `renew` asks for it if there is none that is good enough.
    ///
    /// `now` tells the time in milliseconds, since whenever; it is asked before and after waiting.
    /// Everything a token depends on belongs into the key, or calls for [`Self::remove`] when it
    /// changes.
    ///
    /// # Errors
    /// Why there is no token, as `renew` says now or has said in the last ten seconds.
    pub async fn get<R, F>(&self, key: &K, now: impl Fn() -> i64, renew: R) -> Result<Arc<Token>, TokenError>
    where
        R: FnOnce() -> F,
        F: Future<Output = Result<Token, TokenError>>,
    {
        let slot = self.slot(key, now());
        let _duty = match slot.look(now()) {
            Verdict::Use(token) => return Ok(token),
            Verdict::Fail(error) => return Err(error),
            Verdict::RenewSoon(token) => match slot.duty.try_lock() {
                Ok(duty) => duty,
                Err(_) => return Ok(token),
            },
            Verdict::Renew => slot.duty.lock().await,
        };
        // Whoever had the duty before may have done it.
        match slot.look(now()) {
            Verdict::Use(token) => return Ok(token),
            Verdict::Fail(error) => return Err(error),
            Verdict::RenewSoon(_) | Verdict::Renew => {}
        }
        let asked_at = now();
        match renew().await {
            Ok(token) => Ok(slot.keep(token, asked_at)),
            Err(error) => slot.fail(error, now()),
        }
    }

    /// Drops a token that a server did not accept, so that the next caller gets a new one; tells
    /// whether it is worth to try again at once. Nothing happens if another token has taken its
    /// place already: of many callers that were turned away with the same one, the first has seen
    /// to it. A token asked for within the last ten seconds is kept: a server that does not accept
    /// a fresh one will not accept the next.
    pub fn forget(&self, key: &K, refused: &Arc<Token>, now: i64) -> bool {
        let slot = self.lock().slots.get(key).cloned();
        slot.is_none_or(|slot| slot.forget(refused, now))
    }

    /// Drops all that is known of a key, failures included. A renewal that is under way still
    /// answers those who wait for it, and nobody after them.
    pub fn remove(&self, key: &K) {
        self.lock().slots.remove(key);
    }

    fn slot(&self, key: &K, now: i64) -> Arc<Slot> {
        let mut shelf = self.lock();
        if shelf.slots.len() >= shelf.sweep_at && !shelf.slots.contains_key(key) {
            // Someone who holds a slot may be about to fill it.
            shelf.slots.retain(|_, slot| Arc::strong_count(slot) > 1 || !slot.is_spent(now));
            shelf.sweep_at = FIRST_SWEEP.max(2 * shelf.slots.len());
        }
        match shelf.slots.entry(key.clone()) {
            Entry::Occupied(entry) => entry.get().clone(),
            Entry::Vacant(entry) => entry.insert(Arc::default()).clone(),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Shelf<K>> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash + Clone> Default for TokenCache<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K> fmt::Debug for TokenCache<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.shelf.lock().unwrap_or_else(PoisonError::into_inner).slots.len();
        f.debug_struct("TokenCache").field("keys", &count).finish()
    }
}

#[cfg(test)]
#[path = "cache/tests.rs"]
mod tests;
