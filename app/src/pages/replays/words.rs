//! States, reasons, speeds and settings in words. Pure.

use domain::Timestamp;
use domain::replay::{Reason, Replay, ReplayState, Settings};

use crate::components::Tone;
use crate::words::count;

/// A state in a colour and a word.
#[must_use]
pub const fn state(state: ReplayState) -> (Tone, &'static str) {
    match state {
        ReplayState::Running => (Tone::Info, "Running"),
        ReplayState::Paused => (Tone::Warn, "Paused"),
        ReplayState::Finished => (Tone::Ok, "Finished"),
        ReplayState::Cancelled => (Tone::Off, "Cancelled"),
    }
}

/// A count with its noun: `1 delivery`, `12 deliveries`.
#[must_use]
pub fn deliveries(number: i64) -> String {
    format!("{} {}", count(number), if number == 1 { "delivery" } else { "deliveries" })
}

/// Why some are left out: a few words and a sentence.
#[must_use]
pub const fn reason(reason: Reason) -> (&'static str, &'static str) {
    match reason {
        Reason::NotFinished => {
            ("still under way", "Nothing is lost: they go out by themselves, or when their endpoint is active again.")
        }
        Reason::Delivered => ("arrived already", "They arrived, or an earlier replay of them did."),
        Reason::Replayed => ("replayed already", "The newest replay of each stands for it."),
        Reason::EndpointDeleted => ("have no endpoint any more", "Their endpoint is deleted."),
        Reason::PayloadErased => ("have no payload any more", "The payload of their event is erased."),
    }
}

/// The settings in words.
#[must_use]
pub const fn settings(settings: Settings) -> &'static str {
    match settings {
        Settings::Now => "as the endpoints are now",
        Settings::Then => "as the endpoints were then",
    }
}

/// A speed in words.
#[must_use]
pub fn speed(rate_per_minute: Option<i64>) -> String {
    rate_per_minute.map_or_else(
        || "as fast as the endpoints take them".to_owned(),
        |rate| format!("at most {} a minute", count(rate)),
    )
}

/// A length of time: `40 s`, `2 min`, `1 h 5 min`, `2 d 3 h`.
#[must_use]
pub fn span(seconds: i64) -> String {
    let two = |big: i64, unit: &str, small: i64, small_unit: &str| {
        if small == 0 { format!("{big} {unit}") } else { format!("{big} {unit} {small} {small_unit}") }
    };
    match seconds.max(0) {
        s @ 0..60 => format!("{s} s"),
        s @ 60..600 => two(s / 60, "min", s % 60, "s"),
        s @ 600..3600 => format!("{} min", (s + 30) / 60),
        s @ 3600..86_400 => two(s / 3600, "h", s / 60 % 60, "min"),
        s => two(s / 86_400, "d", s / 3600 % 24, "h"),
    }
}

/// How far a replay has come, in thousandths.
#[must_use]
pub fn progress(replay: &Replay) -> i64 {
    match replay.state {
        ReplayState::Finished => 1000,
        _ => (replay.made * 1000 / replay.expected.max(1)).clamp(0, 1000),
    }
}

/// How long the rest takes, in seconds, where a speed tells it.
#[must_use]
pub fn left(replay: &Replay) -> Option<i64> {
    let rest = (replay.expected - replay.made).max(0);
    let rate = replay.rate_per_minute.filter(|_| replay.state == ReplayState::Running)?;
    (rest > 0).then(|| (rest * 60 + rate - 1) / rate)
}

/// `2026-11-22 14:02:11 UTC`.
#[must_use]
pub fn exact(at: Timestamp) -> String {
    let text = at.rfc3339();
    format!("{} {} UTC", text.get(..10).unwrap_or_default(), text.get(11..19).unwrap_or_default())
}

/// What a replay is to start from in tests.
#[cfg(test)]
pub mod tests {
    use domain::delivery::query::LogQuery;

    use super::*;

    /// A replay in the middle of its work.
    pub fn replay(state: ReplayState) -> Replay {
        Replay {
            id: "rpl_01km2v6q5w8h3n4p7r9s0t1v2x".parse().expect("an id"),
            created_at: Timestamp(0),
            actor_name: "Ada <b>".into(),
            state,
            query: LogQuery { status: Some("failed".into()), ..LogQuery::default() },
            settings: Settings::Now,
            skip_delivered: true,
            rate_per_minute: Some(60),
            expected: 1200,
            made: 300,
            excluded: 7,
            updated_at: Timestamp(5000),
            finished_at: None,
        }
    }

    #[test]
    fn progress_is_told_in_thousandths_and_is_whole_at_the_end() {
        assert_eq!(progress(&replay(ReplayState::Running)), 250);
        assert_eq!(progress(&replay(ReplayState::Cancelled)), 250);
        assert_eq!(progress(&replay(ReplayState::Finished)), 1000);
        assert_eq!(progress(&Replay { expected: 0, ..replay(ReplayState::Paused) }), 1000);
    }

    #[test]
    fn the_rest_is_told_only_while_it_runs_at_a_speed() {
        assert_eq!(left(&replay(ReplayState::Running)), Some(900));
        assert_eq!(left(&replay(ReplayState::Paused)), None);
        assert_eq!(left(&Replay { rate_per_minute: None, ..replay(ReplayState::Running) }), None);
        assert_eq!(left(&Replay { made: 1200, ..replay(ReplayState::Running) }), None);
    }

    #[test]
    fn lengths_have_at_most_two_units() {
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (90, "1 min 30 s"),
            (120, "2 min"),
            (1000, "17 min"),
            (3900, "1 h 5 min"),
            (183_600, "2 d 3 h"),
        ] {
            assert_eq!(span(seconds), text);
        }
        assert_eq!((deliveries(1).as_str(), deliveries(2400).as_str()), ("1 delivery", "2,400 deliveries"));
    }
}
