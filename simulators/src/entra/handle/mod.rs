//! What a test asks of a running Entra ID and Graph: settings and faults here, acts of [`people`], and what was
//! recorded in [`records`].

mod people;
mod records;

use std::time::Duration;

use super::Entra;
use super::options::App;
use crate::clock::Clock;
use crate::fault::Fault;

/// Settings.
impl Entra {
    /// The app, as its maker registered it.
    #[must_use]
    pub fn app(&self) -> App {
        self.shared.with(|state| state.app.clone())
    }

    /// Changes the app as its maker would: redirect URLs, a new client secret, other permissions.
    pub fn change_app(&self, change: impl FnOnce(&mut App)) {
        self.shared.change(|state| change(&mut state.app));
    }

    /// Whether a refresh brings another refresh token.
    pub fn set_renews_refresh_tokens(&self, renews: bool) {
        self.shared.change(|state| state.renews_refresh_tokens = renews);
    }

    /// Entries of a page.
    pub fn set_page_size(&self, entries: usize) {
        self.shared.change(|state| state.page_size = entries.max(1));
    }

    /// Whether Graph's limit on messages holds.
    pub fn set_rate_limits(&self, hold: bool) {
        self.shared.change(|state| state.rate_limits = hold);
    }

    /// How long every answer takes.
    pub fn set_latency(&self, latency: Duration) {
        self.shared.change(|state| state.latency = latency);
    }

    /// Where its time comes from.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.shared.with(|state| state.clock.clone())
    }
}

/// Faults. The operations' names are those of the description (`postChannelMessage`), and `token`, `authorize` and
/// `adminconsent`. [`Fault::Error`] is a code of Graph's (`Forbidden`, `ServiceUnavailable`); for `token` the number of
/// the error (`65001`); for the two pages the code with which people are sent back.
impl Entra {
    /// The next request of an operation ends so; several wait for their turn.
    pub fn fail_next(&self, operation: &str, fault: Fault) {
        self.shared.change(|state| state.faults.next(operation, fault));
    }

    /// Every request of an operation ends so, until [`Entra::recover`].
    pub fn fail_always(&self, operation: &str, fault: Fault) {
        self.shared.change(|state| state.faults.always(operation, fault));
    }

    /// All is well again.
    pub fn recover(&self) {
        self.shared.change(|state| state.faults.clear());
    }
}
