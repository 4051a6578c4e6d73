//! Where a simulator gets the time from, so that a test decides when a token expires.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// The machine's clock, or one that a test moves.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands until it is moved: Unix milliseconds.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at a moment in Unix milliseconds.
    #[must_use]
    pub fn fixed(at_ms: i64) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(at_ms)))
    }

    /// The time now in Unix milliseconds.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        match self {
            #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the machine's clock")]
            Self::System => std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX)),
            Self::Fixed(ms) => ms.load(Ordering::SeqCst),
        }
    }

    /// The time now in Unix seconds.
    #[must_use]
    pub fn now_s(&self) -> i64 {
        self.now_ms().div_euclid(1000)
    }

    /// Moves a fixed clock; the machine's clock is not moved.
    pub fn advance(&self, by: Duration) {
        if let Self::Fixed(ms) = self {
            ms.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }
}
