//! The scale of a chart: two to four round values up its side, and round times along its foot.

use domain::Timestamp;
use domain::health::{HOUR_MS, Part};

use super::times::{clock, day};
use crate::words::count;

const MINUTE: f64 = 60_000.0;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Round durations in milliseconds; beyond them whole tens of days are.
const DURATIONS: [f64; 28] = [
    1.0,
    2.0,
    5.0,
    10.0,
    20.0,
    50.0,
    100.0,
    200.0,
    500.0,
    1000.0,
    2000.0,
    5000.0,
    10_000.0,
    20_000.0,
    30_000.0,
    MINUTE,
    2.0 * MINUTE,
    5.0 * MINUTE,
    10.0 * MINUTE,
    20.0 * MINUTE,
    30.0 * MINUTE,
    HOUR,
    2.0 * HOUR,
    5.0 * HOUR,
    10.0 * HOUR,
    DAY,
    2.0 * DAY,
    5.0 * DAY,
];

/// What a chart shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Deliveries.
    Count,
    /// A duration in milliseconds.
    Duration,
    /// A share of 1, shown in per cent.
    Share,
}

impl Unit {
    /// What a scale reaches at least, so that nothing looks like little and little does not look like much.
    const fn least(self) -> f64 {
        match self {
            Self::Count => 2.0,
            Self::Duration => 10.0,
            Self::Share => 0.02,
        }
    }

    /// Round steps, smallest first.
    fn steps(self) -> Box<dyn Iterator<Item = f64>> {
        let decimal = |from: i32| (from..).flat_map(|power| [1.0, 2.0, 5.0].map(|round| round * 10_f64.powi(power)));
        match self {
            Self::Count => Box::new(decimal(0)),
            Self::Duration => Box::new(DURATIONS.into_iter().chain(decimal(1).map(|days| days * DAY))),
            Self::Share => Box::new(decimal(-1).map(|per_cent| per_cent / 100.0)),
        }
    }

    /// A value on a scale with this step and top, in the unit that suits all of its values.
    fn label(self, value: f64, step: f64, top: f64) -> String {
        let (per, unit) = match self {
            Self::Count if top >= 1_000_000.0 => (1_000_000.0, " M"),
            Self::Count if top >= 10_000.0 => (1000.0, " k"),
            Self::Count => return count(value as i64),
            Self::Duration if step >= DAY => (DAY, " d"),
            Self::Duration if step >= HOUR => (HOUR, " h"),
            Self::Duration if step >= MINUTE => (MINUTE, " min"),
            Self::Duration if top >= 1000.0 => (1000.0, " s"),
            Self::Duration => (1.0, " ms"),
            Self::Share => (0.01, " %"),
        };
        let text = format!("{:.1}", value / per);
        format!("{}{unit}", text.trim_end_matches(".0"))
    }
}

/// Lines at round values, from the ground up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    unit: Unit,
    step: f64,
    lines: f64,
}

impl Scale {
    /// A scale that reaches this value with two to four lines above the ground.
    #[must_use]
    pub fn reaching(unit: Unit, most: f64) -> Self {
        let most = most.max(unit.least());
        let step = unit.steps().find(|step| *step * 4.0 >= most).unwrap_or(most);
        // What is computed may be a hair above a line that it is meant to be on.
        Self { unit, step, lines: (most / step - 1e-9).ceil().max(2.0) }
    }

    /// The value of the highest line.
    #[must_use]
    pub fn top(&self) -> f64 {
        self.step * self.lines
    }

    /// The lines with the ground: how high each stands, as a share of the whole, and what it says.
    #[must_use]
    pub fn marks(&self) -> Vec<(f64, String)> {
        let mark = |line: u32| {
            let line = f64::from(line);
            let text =
                if line == 0.0 { "0".to_owned() } else { self.unit.label(line * self.step, self.step, self.top()) };
            (line / self.lines, text)
        };
        (0..=self.lines as u32).map(mark).collect()
    }
}

/// The parts that begin at a round time: their number and that time. Every six hours of a day, every other day of a
/// week, the Mondays of a month.
#[must_use]
pub fn moments(parts: &[Part], part_ms: i64) -> Vec<(usize, String)> {
    let is_round = |at: Timestamp| match part_ms {
        ..=HOUR_MS => at.0.rem_euclid(6 * HOUR_MS) == 0,
        part if part < DAY_MS => at.0.rem_euclid(2 * DAY_MS) == 0,
        // Time began on a Thursday.
        _ => (at.0.div_euclid(DAY_MS) + 3).rem_euclid(7) == 0,
    };
    let text = |at: Timestamp| if at.0.rem_euclid(DAY_MS) == 0 { day(at) } else { clock(at) };
    let round = parts.iter().enumerate().filter(|(_, part)| is_round(part.at));
    round.map(|(index, part)| (index, text(part.at))).collect()
}

#[cfg(test)]
mod tests {
    use domain::health::{Counts, Span};

    use super::*;

    fn labels(unit: Unit, most: f64) -> String {
        let marks = Scale::reaching(unit, most).marks();
        marks.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn values_are_round_and_told_in_one_unit() {
        for (unit, most, told) in [
            (Unit::Count, 0.0, "0, 1, 2"),
            (Unit::Count, 3.0, "0, 1, 2, 3"),
            (Unit::Count, 5.0, "0, 2, 4, 6"),
            (Unit::Count, 1000.0, "0, 500, 1,000"),
            (Unit::Count, 7200.0, "0, 2,000, 4,000, 6,000, 8,000"),
            (Unit::Count, 12_480.0, "0, 5 k, 10 k, 15 k"),
            (Unit::Count, 1_999_999.0, "0, 0.5 M, 1 M, 1.5 M, 2 M"),
            (Unit::Duration, 0.4, "0, 5 ms, 10 ms"),
            (Unit::Duration, 61.0, "0, 20 ms, 40 ms, 60 ms, 80 ms"),
            (Unit::Duration, 1600.0, "0, 0.5 s, 1 s, 1.5 s, 2 s"),
            (Unit::Duration, 75_000.0, "0, 20 s, 40 s, 60 s, 80 s"),
            (Unit::Duration, 7_000_000.0, "0, 30 min, 60 min, 90 min, 120 min"),
            (Unit::Duration, 90.0 * HOUR, "0, 1 d, 2 d, 3 d, 4 d"),
            (Unit::Share, 0.0, "0, 0.5 %, 1 %, 1.5 %, 2 %"),
            (Unit::Share, 0.3, "0, 10 %, 20 %, 30 %"),
            (Unit::Share, 1.0, "0, 50 %, 100 %"),
        ] {
            assert_eq!(labels(unit, most), told, "{unit:?} {most}");
        }
    }

    #[test]
    fn every_scale_has_two_to_four_lines_and_holds_its_value() {
        for unit in [Unit::Count, Unit::Duration, Unit::Share] {
            let highest = if unit == Unit::Share { 1.0 } else { 1e12 };
            let mut most = unit.least();
            while most < highest {
                let scale = Scale::reaching(unit, most);
                assert!((2.0..=4.0).contains(&scale.lines) && scale.top() >= most - 1e-9, "{most}: {scale:?}");
                assert!(unit != Unit::Share || scale.top() <= 1.0 + 1e-9, "no more than all: {scale:?}");
                assert_eq!((scale.marks()[0].0, scale.marks().last().map(|mark| mark.0)), (0.0, Some(1.0)));
                most *= 1.07;
            }
        }
    }

    #[test]
    fn times_are_round_and_few_enough_for_a_phone() {
        let now = Timestamp::parse_rfc3339("2026-11-22T14:02:11Z").expect("a time");
        let of = |span: Span| {
            let ((part_ms, count), since) = (span.parts(), span.since(now));
            let part = |index| Part { at: since.plus_ms(index * part_ms), counts: Counts::default(), waiting: 0 };
            let parts: Vec<_> = (0..count).map(part).collect();
            moments(&parts, part_ms).into_iter().map(|(at, text)| format!("{at}: {text}")).collect::<Vec<_>>()
        };
        assert_eq!(of(Span::Day), ["3: 18:00", "9: 22 Nov", "15: 06:00", "21: 12:00"]);
        assert_eq!(of(Span::Week), ["5: 17 Nov", "13: 19 Nov", "21: 21 Nov"]);
        assert_eq!(of(Span::Month), ["2: 26 Oct", "9: 2 Nov", "16: 9 Nov", "23: 16 Nov"]);
    }
}
