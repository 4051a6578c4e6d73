//! Times: the server writes UTC, the browser turns it into "3 min" and the local time after
//! hydration, so that both agree on the first picture.

use domain::Timestamp;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

/// The browser's time; ticks every few seconds, and is not known until the page is hydrated.
#[derive(Debug, Clone, Copy)]
pub struct Clock(RwSignal<i64>);

impl Clock {
    /// The time now, or none before hydration. Tracks the ticks, but is exact.
    #[must_use]
    pub fn now(self) -> Option<Timestamp> {
        Some(self.0.get()).filter(|ms| *ms != 0).map(|_| Timestamp(browser_now()))
    }
}

/// Provides the [`Clock`] to everything below; called once, by the application.
pub fn provide_clock() {
    let clock = Clock(RwSignal::new(0));
    provide_context(clock);
    Effect::new(move |_| {
        tick(clock);
        let every = std::time::Duration::from_secs(5);
        if let Ok(handle) = set_interval_with_handle(move || tick(clock), every) {
            on_cleanup(move || handle.clear());
        }
    });
}

fn tick(clock: Clock) {
    clock.0.set(browser_now());
}

#[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 fit into i64")]
fn browser_now() -> i64 {
    js_sys::Date::now() as i64
}

/// How far `at` is from `now`, in the largest unit that fits: `3 s`, `12 min`, `in 5 h`, `4 d`.
#[must_use]
pub fn relative(now: Timestamp, at: Timestamp) -> String {
    let seconds = now.since(at).div_euclid(1000);
    let (count, unit) = match seconds.abs() {
        s @ 0..60 => (s, "s"),
        s @ 60..3600 => (s / 60, "min"),
        s @ 3600..172_800 => (s / 3600, "h"),
        s => (s / 86_400, "d"),
    };
    match seconds {
        -1..=0 => "now".to_owned(),
        ..-1 => format!("in {count} {unit}"),
        _ => format!("{count} {unit}"),
    }
}

/// `2026-11-22 14:02:11 UTC`.
fn utc(at: Timestamp) -> String {
    let text = at.rfc3339();
    format!("{} {} UTC", &text[..10], &text[11..19])
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are exact in a double")]
fn local(at: Timestamp) -> String {
    let date = js_sys::Date::new(&JsValue::from_f64(at.millis() as f64));
    String::from(date.to_locale_string("default", &JsValue::UNDEFINED))
}

/// A moment: how long ago, with the exact time on hover.
#[component]
pub fn Time(
    /// When.
    at: Timestamp,
) -> impl IntoView {
    let now = move || use_context::<Clock>().and_then(Clock::now);
    view! {
        <time
            datetime=at.rfc3339()
            title=move || if now().is_some() { format!("{} ({})", local(at), utc(at)) } else { utc(at) }
        >
            {move || now().map_or_else(|| utc(at), |now| relative(now, at))}
        </time>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distance_is_told_in_the_largest_unit_that_fits() {
        let now = Timestamp(1_000_000_000_000);
        for (ms, text) in [
            (0, "now"),
            (3_000, "3 s"),
            (61_000, "1 min"),
            (7_200_000, "2 h"),
            (200_000_000, "2 d"),
            (-300_000, "in 5 min"),
        ] {
            assert_eq!(relative(now, now.plus_ms(-ms)), text);
        }
        assert_eq!(utc(Timestamp(0)), "1970-01-01 00:00:00 UTC");
    }
}
