//! The circuit breaker of an endpoint or of a target host, pure.
//!
//! Closed: everything goes. After [`FAILURES_TO_OPEN`] failures in a row it opens: nothing goes until a time, and
//! what waits uses up no attempts. Then one delivery goes as a probe: its success closes the breaker, its failure
//! opens it again for twice as long, up to [`LONGEST_PAUSE_MS`].

use crate::time::Timestamp;

/// Failures in a row that open it.
pub const FAILURES_TO_OPEN: i64 = 5;
/// How long it is open at first, in milliseconds.
pub const FIRST_PAUSE_MS: i64 = 30_000;
/// How long it is open at most, in milliseconds.
pub const LONGEST_PAUSE_MS: i64 = 3_600_000;
/// How long that of a target host is open at most, in milliseconds: it has no probe of its own to end it early.
pub const LONGEST_HOST_PAUSE_MS: i64 = 60_000;
/// A probe that has not ended after this time no longer counts, in milliseconds.
pub const PROBE_MS: i64 = 45_000;

/// Whether a delivery may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It may.
    Go,
    /// It may, as the one probe.
    Probe,
    /// Not before this time.
    Wait(Timestamp),
}

/// What a breaker remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Breaker {
    /// Failures since the last success.
    pub failures: i64,
    /// Until when it is open; afterwards it waits for a probe. None while it is closed.
    pub open_until: Option<Timestamp>,
    /// How long the present pause is, in milliseconds.
    pub pause_ms: i64,
    /// Until when the probe under way counts.
    probe_until: Option<Timestamp>,
}

impl Breaker {
    /// A breaker as it was stored.
    #[must_use]
    pub const fn stored(failures: i64, open_until: Option<Timestamp>, pause_ms: i64) -> Self {
        Self { failures, open_until, pause_ms, probe_until: None }
    }

    /// Whether it holds deliveries back.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.open_until.is_some()
    }

    /// What a delivery that wants to go now is told. Changes nothing.
    #[must_use]
    pub fn look(&self, now: Timestamp) -> Admission {
        match (self.open_until, self.probe_until) {
            (None, _) => Admission::Go,
            (Some(until), _) if now < until => Admission::Wait(until),
            (Some(_), Some(probe)) if now < probe => Admission::Wait(probe),
            (Some(_), _) => Admission::Probe,
        }
    }

    /// Notes that a probe starts.
    pub fn start_probe(&mut self, now: Timestamp) {
        self.probe_until = Some(now.plus_ms(PROBE_MS));
    }

    /// Notes that the probe under way said nothing; answers whether there was one.
    pub const fn give_up_probe(&mut self) -> bool {
        self.probe_until.take().is_some()
    }

    /// Notes a success; answers whether that closed it.
    pub fn succeed(&mut self) -> bool {
        let was_open = self.is_open();
        *self = Self::default();
        was_open
    }

    /// Notes a failure; answers until when it is open, if this failure opened it (again). No pause is longer than
    /// `longest_ms`.
    pub fn fail(&mut self, now: Timestamp, longest_ms: i64) -> Option<Timestamp> {
        self.failures += 1;
        let opens = match self.open_until {
            None => self.failures >= FAILURES_TO_OPEN,
            // A failure of an attempt that began before it opened changes nothing.
            Some(until) => now >= until,
        };
        if !opens {
            return None;
        }
        self.pause_ms = if self.pause_ms == 0 { FIRST_PAUSE_MS } else { (self.pause_ms * 2).min(longest_ms) };
        self.open_until = Some(now.plus_ms(self.pause_ms));
        self.probe_until = None;
        self.open_until
    }

    /// Takes over what was stored (by this process before a restart, or by another), if it is stricter and not over.
    pub fn learn(&mut self, stored: &Self, now: Timestamp) {
        if stored.open_until > self.open_until && stored.open_until > Some(now) {
            *self = Self { probe_until: None, ..*stored };
        }
        self.failures = self.failures.max(stored.failures);
        self.pause_ms = self.pause_ms.max(stored.pause_ms);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn opened() -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 0..FAILURES_TO_OPEN {
            breaker.fail(Timestamp(0), LONGEST_PAUSE_MS);
        }
        breaker
    }

    #[test]
    fn the_fifth_failure_in_a_row_opens_it() {
        let mut breaker = Breaker::default();
        for _ in 1..FAILURES_TO_OPEN {
            assert_eq!(breaker.fail(Timestamp(0), LONGEST_PAUSE_MS), None);
        }
        breaker.succeed();
        for _ in 1..FAILURES_TO_OPEN {
            assert_eq!(breaker.fail(Timestamp(0), LONGEST_PAUSE_MS), None, "a success in between starts anew");
        }
        assert_eq!(breaker.fail(Timestamp(0), LONGEST_PAUSE_MS), Some(Timestamp(FIRST_PAUSE_MS)));
        assert_eq!(breaker.look(Timestamp(1)), Admission::Wait(Timestamp(FIRST_PAUSE_MS)));
    }

    #[test]
    fn after_the_pause_one_probe_goes_and_the_pause_doubles_up_to_an_hour() {
        let mut breaker = opened();
        let (mut now, mut pauses) = (Timestamp(0), Vec::new());
        for _ in 0..9 {
            now = breaker.open_until.expect("open");
            assert_eq!(breaker.look(now), Admission::Probe);
            breaker.start_probe(now);
            assert_eq!(breaker.look(now), Admission::Wait(now.plus_ms(PROBE_MS)), "only one");
            let until = breaker.fail(now.plus_ms(10), LONGEST_PAUSE_MS).expect("opens again");
            pauses.push(until.since(now.plus_ms(10)) / 1000);
        }
        assert_eq!(pauses, [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
        assert!(breaker.succeed());
        assert_eq!(breaker.look(now), Admission::Go);
    }

    #[test]
    fn a_probe_that_never_ends_gives_way_to_another() {
        let mut breaker = opened();
        let now = Timestamp(FIRST_PAUSE_MS);
        breaker.start_probe(now);
        assert_eq!(breaker.look(now.plus_ms(PROBE_MS)), Admission::Probe);
    }

    #[test]
    fn late_failures_of_attempts_from_before_do_not_lengthen_the_pause() {
        let mut breaker = opened();
        assert_eq!(breaker.fail(Timestamp(5), LONGEST_PAUSE_MS), None);
        assert_eq!(breaker.open_until, Some(Timestamp(FIRST_PAUSE_MS)));
    }

    proptest! {
        #[test]
        fn it_is_never_open_longer_than_an_hour_and_any_success_closes_it(steps in proptest::collection::vec((any::<bool>(), 0i64..100_000), 1..200)) {
            let (mut breaker, mut now) = (Breaker::default(), Timestamp(0));
            for (good, wait) in steps {
                now = now.plus_ms(wait);
                if good { breaker.succeed(); } else { breaker.fail(now, LONGEST_PAUSE_MS); }
                prop_assert!(breaker.open_until.is_none_or(|until| until.since(now) <= LONGEST_PAUSE_MS));
                prop_assert_eq!(good && breaker.is_open(), false);
            }
        }
    }
}
