//! Tables over midnight, daily hours and the days on which clocks are changed; and what holds for every moment.

use proptest::prelude::*;

use super::super::{Batching, QuietHours, TimeOfDay};
use super::{Due, Schedule, time_zones};
use crate::time::Timestamp;

fn time(text: &str) -> TimeOfDay {
    text.parse().expect("a time of day")
}

fn moment(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).expect("a moment")
}

fn daily(at: &str) -> Batching {
    Batching::Daily { at: time(at) }
}

fn quiet(from: &str, to: &str) -> Option<QuietHours> {
    Some(QuietHours { from: time(from), to: time(to) })
}

fn schedule(batching: Batching, quiet_hours: Option<QuietHours>, zone: &str) -> Schedule {
    Schedule::new(batching, quiet_hours, zone).expect("a known zone")
}

/// Holds `now` → `due` (empty for "at once") against what is decided.
fn table(schedule: &Schedule, rows: &[(&str, &str)]) {
    for (now, due) in rows {
        let expected = if due.is_empty() { Due::Now } else { Due::At(moment(due)) };
        assert_eq!(schedule.due(moment(now)), expected, "at {now}");
    }
}

#[test]
fn without_batching_or_quiet_hours_all_is_told_at_once() {
    table(&schedule(Batching::Off, None, "UTC"), &[("2026-11-22T00:00:00Z", ""), ("2026-11-22T23:59:59.999Z", "")]);
}

#[test]
fn quiet_hours_over_midnight_hold_back_until_the_morning() {
    table(
        &schedule(Batching::Off, quiet("22:00", "07:00"), "Europe/Amsterdam"),
        &[
            ("2026-11-22T20:59:59.999Z", ""),
            ("2026-11-22T21:00:00Z", "2026-11-23T06:00:00Z"),
            ("2026-11-22T23:00:00Z", "2026-11-23T06:00:00Z"),
            ("2026-11-23T05:59:59.999Z", "2026-11-23T06:00:00Z"),
            ("2026-11-23T06:00:00Z", ""),
            ("2026-07-01T20:00:00Z", "2026-07-02T05:00:00Z"),
        ],
    );
}

#[test]
fn quiet_hours_within_a_day_hold_back_until_their_end() {
    table(
        &schedule(Batching::Off, quiet("12:00", "13:30"), "UTC"),
        &[
            ("2026-11-22T11:59:00Z", ""),
            ("2026-11-22T12:00:00Z", "2026-11-22T13:30:00Z"),
            ("2026-11-22T13:29:59Z", "2026-11-22T13:30:00Z"),
            ("2026-11-22T13:30:00Z", ""),
        ],
    );
}

#[test]
fn batches_end_on_the_local_clock() {
    table(
        &schedule(Batching::FiveMinutes, None, "UTC"),
        &[
            ("2026-11-22T14:00:00Z", "2026-11-22T14:05:00Z"),
            ("2026-11-22T14:04:59.999Z", "2026-11-22T14:05:00Z"),
            ("2026-11-22T23:58:00Z", "2026-11-23T00:00:00Z"),
        ],
    );
    table(
        &schedule(Batching::Hour, None, "Asia/Kolkata"),
        &[("2026-11-22T14:00:00Z", "2026-11-22T14:30:00Z"), ("2026-11-22T14:30:00Z", "2026-11-22T15:30:00Z")],
    );
}

#[test]
fn a_daily_digest_comes_at_its_hour_in_summer_and_winter() {
    table(
        &schedule(daily("09:00"), None, "America/New_York"),
        &[
            ("2026-11-22T13:59:59.999Z", "2026-11-22T14:00:00Z"),
            ("2026-11-22T14:00:00Z", "2026-11-23T14:00:00Z"),
            ("2026-07-01T12:00:00Z", "2026-07-01T13:00:00Z"),
            ("2026-12-31T20:00:00Z", "2027-01-01T14:00:00Z"),
        ],
    );
    table(&schedule(daily("00:00"), None, "UTC"), &[("2026-02-28T00:00:00Z", "2026-03-01T00:00:00Z")]);
}

#[test]
fn a_batch_that_would_end_in_quiet_hours_waits_for_their_end() {
    table(
        &schedule(Batching::Hour, quiet("22:00", "07:15"), "UTC"),
        &[
            ("2026-11-22T20:10:00Z", "2026-11-22T21:00:00Z"),
            ("2026-11-22T21:10:00Z", "2026-11-23T07:15:00Z"),
            ("2026-11-23T06:50:00Z", "2026-11-23T07:15:00Z"),
            ("2026-11-23T07:05:00Z", "2026-11-23T08:00:00Z"),
        ],
    );
    table(
        &schedule(daily("23:00"), quiet("22:00", "07:00"), "UTC"),
        &[("2026-11-22T20:00:00Z", "2026-11-23T07:00:00Z"), ("2026-11-22T23:30:00Z", "2026-11-24T07:00:00Z")],
    );
}

/// In Amsterdam the clock leaps from 02:00 to 03:00 on 2026-03-29 and shows 02:00 to 03:00 twice on 2026-10-25.
#[test]
fn a_time_that_the_clock_leaps_over_comes_when_it_has_leapt() {
    table(
        &schedule(daily("02:30"), None, "Europe/Amsterdam"),
        &[
            ("2026-03-28T12:00:00Z", "2026-03-29T01:30:00Z"),
            ("2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"),
            ("2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"),
            ("2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"),
        ],
    );
    table(
        &schedule(Batching::Off, quiet("22:00", "02:30"), "Europe/Amsterdam"),
        &[
            ("2026-03-29T00:59:00Z", "2026-03-29T01:30:00Z"),
            ("2026-10-25T00:10:00Z", "2026-10-25T00:30:00Z"),
            ("2026-10-25T00:45:00Z", ""),
            ("2026-10-25T01:10:00Z", "2026-10-25T01:30:00Z"),
        ],
    );
}

#[test]
fn an_unknown_zone_is_refused_by_field() {
    let error = Schedule::new(Batching::Off, None, "Mars/Olympus").expect_err("unknown");
    assert_eq!(error.problem().details[0].field, "time_zone");
    let known = time_zones();
    assert!(known.len() > 400 && known.iter().any(|name| name == "Europe/Amsterdam"), "{}", known.len());
    assert!(known.iter().all(|name| Schedule::new(Batching::Off, None, name).is_ok()));
}

fn any_time() -> impl Strategy<Value = TimeOfDay> {
    (0u8..24, 0u8..60).prop_map(|(hour, minute)| TimeOfDay::new(hour, minute).expect("a time"))
}

fn any_batching() -> impl Strategy<Value = Batching> {
    prop_oneof![
        Just(Batching::Off),
        Just(Batching::FiveMinutes),
        Just(Batching::Hour),
        any_time().prop_map(|at| Batching::Daily { at }),
    ]
}

fn any_quiet() -> impl Strategy<Value = Option<QuietHours>> {
    let hours = (any_time(), any_time()).prop_filter("an end of its own", |(from, to)| from != to);
    proptest::option::of(hours.prop_map(|(from, to)| QuietHours { from, to }))
}

proptest! {
    #[test]
    fn nothing_is_told_early_or_in_quiet_hours_or_much_too_late(
        batching in any_batching(), hours in any_quiet(), now in 1_700_000_000_000_i64..1_900_000_000_000,
        zone in proptest::sample::select(vec!["UTC", "Europe/Amsterdam", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]),
    ) {
        let schedule = schedule(batching, hours, zone);
        match schedule.due(Timestamp(now)) {
            Due::Now => prop_assert!(batching == Batching::Off && hours.is_none_or(|hours| !schedule.is_quiet(hours, Timestamp(now)))),
            Due::At(due) => {
                prop_assert!(due > Timestamp(now));
                // An end of the quiet that is leapt over in spring is one day later.
                prop_assert!(due.since(Timestamp(now)) <= 75 * 3600 * 1000, "{due}");
                prop_assert!(hours.is_none_or(|hours| !schedule.is_quiet(hours, due)), "{due}");
            }
        }
    }

    #[test]
    fn what_comes_later_is_never_told_earlier(
        batching in any_batching(), hours in any_quiet(), now in 1_700_000_000_000_i64..1_900_000_000_000, later in 0_i64..200_000_000,
    ) {
        let schedule = schedule(batching, hours, "UTC");
        let at = |now: i64| match schedule.due(Timestamp(now)) {
            Due::Now => Timestamp(now),
            Due::At(due) => due,
        };
        prop_assert!(at(now) <= at(now + later));
    }

    #[test]
    fn no_moment_makes_it_fall(batching in any_batching(), hours in any_quiet(), now in any::<i64>()) {
        let _ = schedule(batching, hours, "Asia/Kathmandu").due(Timestamp(now));
    }
}
