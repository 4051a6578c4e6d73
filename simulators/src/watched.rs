//! What a simulator knows, under one lock, and how to wait for it to change.

use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

/// A state that is looked at, changed and waited for.
pub(crate) struct Watched<S> {
    state: Mutex<S>,
    changed: watch::Sender<()>,
}

impl<S> Watched<S> {
    /// Watches a state.
    pub(crate) fn new(state: S) -> Self {
        Self { state: Mutex::new(state), changed: watch::Sender::new(()) }
    }

    /// Looks at it, or changes it in a way that nobody waits for.
    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut S) -> T) -> T {
        // A panic while the lock was held has failed its own request; the others go on.
        look(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes it, and wakes those who wait for a change.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut S) -> T) -> T {
        let result = self.with(change);
        self.changed.send_replace(());
        result
    }

    /// Looks after every change until there is what is looked for.
    pub(crate) async fn wait<T>(&self, look: impl Fn(&S) -> Option<T>) -> T {
        let mut changes = self.changed.subscribe();
        loop {
            if let Some(found) = self.with(|state| look(state)) {
                return found;
            }
            // The sender lives as long as `self`.
            changes.changed().await.expect("the state is still there");
        }
    }
}
