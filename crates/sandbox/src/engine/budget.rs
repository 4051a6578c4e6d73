//! The time a script has.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// CPU time that runs out, or is taken away. It belongs to the thread that made it.
pub(crate) struct Budget {
    stop: Arc<AtomicBool>,
    until: Duration,
    spent: Cell<bool>,
}

impl Budget {
    /// Time from now on.
    pub fn new(cpu: Duration, stop: Arc<AtomicBool>) -> Self {
        Budget { stop, until: cpu_time() + cpu, spent: Cell::new(false) }
    }

    /// Whether the time is over; once over, it stays over.
    pub fn spent(&self) -> bool {
        if !self.spent.get() && (self.stop.load(Ordering::Relaxed) || cpu_time() >= self.until) {
            self.spent.set(true);
        }
        self.spent.get()
    }
}

/// CPU time this thread has used.
#[cfg(unix)]
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

/// Time by the clock on the wall, where a thread has no clock of its own.
#[cfg(not(unix))]
fn cpu_time() -> Duration {
    static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    START.get_or_init(std::time::Instant::now).elapsed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_that_is_taken_away_stays_spent() {
        let stop = Arc::new(AtomicBool::new(false));
        let budget = Budget::new(Duration::from_secs(3600), Arc::clone(&stop));
        assert!(!budget.spent());
        stop.store(true, Ordering::Relaxed);
        assert!(budget.spent());
        stop.store(false, Ordering::Relaxed);
        assert!(budget.spent());
    }

    #[test]
    fn a_budget_runs_out() {
        let budget = Budget::new(Duration::from_millis(1), Arc::default());
        let mut steps = 0u64;
        while !budget.spent() {
            steps += 1;
        }
        assert!(steps > 0);
    }
}
