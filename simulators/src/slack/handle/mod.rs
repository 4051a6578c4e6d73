//! What a test asks of a running Slack: settings and faults here, acts of [`people`], and what was recorded in [`records`].

mod people;
mod records;

use std::time::Duration;

pub use people::NewChannel;

use super::Slack;
use super::options::App;
use crate::clock::Clock;
use crate::fault::Fault;

/// Settings.
impl Slack {
    /// What the app's `/oauth/v2/authorize`, `/api/` and so on start with; the same as [`Slack::base_url`].
    #[must_use]
    pub fn app(&self) -> App {
        self.shared.with(|state| state.app.clone())
    }

    /// Changes the app as its maker would: redirect URLs, addresses, token rotation. Rotation stays on once it is on.
    pub fn change_app(&self, change: impl FnOnce(&mut App)) {
        self.shared.change(|state| {
            let rotation = state.app.token_rotation;
            change(&mut state.app);
            state.app.token_rotation |= rotation;
        });
    }

    /// Makes the app what a manifest says, as when one is pasted into Slack. Client and secrets stay.
    ///
    /// # Errors
    /// What Slack would not take.
    pub fn apply_manifest(&self, manifest: &serde_json::Value) -> Result<(), Vec<String>> {
        self.shared.change(|state| state.apply_manifest(manifest))
    }

    /// Whether Slack's rate limits hold.
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

/// Faults.
impl Slack {
    /// The next request of a method ends so; several wait for their turn.
    pub fn fail_next(&self, method: &str, fault: Fault) {
        self.shared.change(|state| state.faults.next(method, fault));
    }

    /// Every request of a method ends so, until [`Slack::recover`].
    pub fn fail_always(&self, method: &str, fault: Fault) {
        self.shared.change(|state| state.faults.always(method, fault));
    }

    /// All is well again.
    pub fn recover(&self) {
        self.shared.change(|state| state.faults.clear());
    }
}
