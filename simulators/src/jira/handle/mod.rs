//! What a test asks of a running Jira: settings and faults here, acts of [`people`], and what was recorded in [`records`].

pub(super) mod people;
mod records;

use std::time::Duration;

pub use people::Someone;

use super::Jira;
use super::options::App;
use crate::clock::Clock;
use crate::fault::Fault;

/// Settings.
impl Jira {
    /// The app, as its maker registered it.
    #[must_use]
    pub fn app(&self) -> App {
        self.shared.with(|state| state.app.clone())
    }

    /// Changes the app as its maker would: redirect URLs, a new client secret.
    pub fn change_app(&self, change: impl FnOnce(&mut App)) {
        self.shared.change(|state| change(&mut state.app));
    }

    /// Whether Jira's rate limits hold.
    pub fn set_rate_limits(&self, hold: bool) {
        self.shared.change(|state| state.rate_limits = hold);
    }

    /// How many points the app may spend on a site within an hour.
    pub fn set_points_per_hour(&self, points: u64) {
        self.shared.change(|state| state.points_per_hour = points);
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

/// Faults. The operations' names are those of the published description (`createIssue`), and `oauth/token`,
/// `accessible-resources` and `authorize`. [`Fault::Error`] is a sentence of Jira's; the code of an error for
/// `oauth/token` and `authorize`; a limit, if it is a reason like `jira-quota-global-based`.
impl Jira {
    /// The next request of an operation ends so; several wait for their turn.
    pub fn fail_next(&self, operation: &str, fault: Fault) {
        self.shared.change(|state| state.faults.next(operation, fault));
    }

    /// Every request of an operation ends so, until [`Jira::recover`].
    pub fn fail_always(&self, operation: &str, fault: Fault) {
        self.shared.change(|state| state.faults.always(operation, fault));
    }

    /// All is well again.
    pub fn recover(&self) {
        self.shared.change(|state| state.faults.clear());
    }
}
