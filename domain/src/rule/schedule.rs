//! When a rule tells of an event: at once, or later together with what else is due then. A function of the rule and the
//! moment; the time zone database is part of the program, so that all nodes agree.

use jiff::tz::TimeZone;
use jiff::{Timestamp as Instant, Zoned};

use super::{Batching, QuietHours, Rule, TimeOfDay};
use crate::time::Timestamp;
use crate::{Error, Result};

/// Five minutes, in seconds.
const FIVE_MINUTES: i64 = 300;
/// An hour, in seconds.
const HOUR: i64 = 3600;

/// When an event is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// At once, in a message of its own.
    Now,
    /// Then, in one message with everything else of the rule that is due then.
    At(Timestamp),
}

/// The times of a rule, made ready.
#[derive(Debug, Clone)]
pub struct Schedule {
    batching: Batching,
    quiet_hours: Option<QuietHours>,
    zone: TimeZone,
}

impl Schedule {
    /// Of a rule's times.
    ///
    /// # Errors
    /// *Invalid*: there is no such time zone.
    pub fn new(batching: Batching, quiet_hours: Option<QuietHours>, time_zone: &str) -> Result<Self> {
        let wrong = |_| {
            let text = "is no name of the time zone database; write it like `Europe/Amsterdam` or `UTC`.";
            Error::invalid("time_zone", text)
        };
        Ok(Self { batching, quiet_hours, zone: TimeZone::get(time_zone).map_err(wrong)? })
    }

    /// Of a rule.
    ///
    /// # Errors
    /// As [`Schedule::new`].
    pub fn of(rule: &Rule) -> Result<Self> {
        Self::new(rule.batching, rule.quiet_hours, &rule.time_zone)
    }

    /// When an event that is there now is told. Never before now and never within quiet hours.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> Due {
        let slot = match self.batching {
            Batching::Off => now,
            Batching::FiveMinutes => self.next_multiple(now, FIVE_MINUTES),
            Batching::Hour => self.next_multiple(now, HOUR),
            Batching::Daily { at } => self.next(at, now, false),
        };
        let due = self.after_quiet(slot);
        if due == now { Due::Now } else { Due::At(due) }
    }

    /// The moment itself, or the end of the quiet hours that it lies in.
    #[must_use]
    pub fn after_quiet(&self, at: Timestamp) -> Timestamp {
        let Some(quiet) = self.quiet_hours else { return at };
        // Once is enough, but where the clock leaps over the end and into the next quiet hours.
        (0..3).fold(at, |at, _| if self.is_quiet(quiet, at) { self.next(quiet.to, at, true) } else { at })
    }

    /// A moment in the rule's zone. Moments that no calendar has (before the year -9999 or after 9999) are not reached by
    /// any clock; they count as the first moment of 1970.
    fn local(&self, at: Timestamp) -> Zoned {
        Instant::from_millisecond(at.millis()).unwrap_or(Instant::UNIX_EPOCH).to_zoned(self.zone.clone())
    }

    fn is_quiet(&self, quiet: QuietHours, at: Timestamp) -> bool {
        let local = self.local(at);
        let time = TimeOfDay::new(local.hour().unsigned_abs(), local.minute().unsigned_abs());
        time.is_some_and(|time| quiet.cover(time))
    }

    /// The first moment after `at` at which so many seconds of the local day have gone by a whole number of times: zones
    /// that are half an hour aside have their full hours, too.
    fn next_multiple(&self, at: Timestamp, seconds: i64) -> Timestamp {
        let offset = i64::from(self.local(at).offset().seconds());
        let local = at.seconds() + offset;
        Timestamp(((local.div_euclid(seconds) + 1) * seconds - offset).saturating_mul(1000))
    }

    /// The first moment after `at` when the clock shows `time`. A time that the clock leaps over comes when it has leapt. A
    /// time that it shows twice counts once, the first time; with `again` both count.
    fn next(&self, time: TimeOfDay, at: Timestamp, again: bool) -> Timestamp {
        let today = self.local(at).date();
        let days = [Some(today), today.tomorrow().ok()];
        let shown = days.into_iter().flatten().flat_map(|day| {
            let clock = day.at(time.hour().cast_signed(), time.minute().cast_signed(), 0, 0);
            let shown = || self.zone.to_ambiguous_timestamp(clock);
            let second = if again { shown().later().ok() } else { None };
            [shown().compatible().ok(), second]
        });
        let mut after = shown.flatten().map(|shown| Timestamp(shown.as_millisecond())).filter(|shown| *shown > at);
        // Only the last day of the calendar has no tomorrow.
        after.next().unwrap_or(at)
    }
}

/// The names of all time zones, in the order of the alphabet.
#[must_use]
pub fn time_zones() -> Vec<String> {
    let mut names: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests;
