//! Times as the pages of health write them, drawn on the server and therefore in UTC.

use domain::Timestamp;
use leptos::prelude::*;

use crate::components::relative;

/// `2026-11-22 14:02:11 UTC`.
#[must_use]
pub fn exact(at: Timestamp) -> String {
    let text = at.rfc3339();
    format!("{} UTC", text.get(..19).unwrap_or_default().replace('T', " "))
}

/// How long ago, without that word, with the exact time on hover: `3 min`.
pub fn ago(now: Timestamp, at: Timestamp) -> AnyView {
    time(at, relative(now, at))
}

/// The same in words that stand alone: `3 min ago`, `just now`.
pub fn past(now: Timestamp, at: Timestamp) -> AnyView {
    let text = relative(now, at);
    time(at, if text == "now" { "just now".to_owned() } else { format!("{text} ago") })
}

fn time(at: Timestamp, text: String) -> AnyView {
    view! { <time datetime=at.rfc3339() title=exact(at)>{text}</time> }.into_any()
}

/// `22 Nov, 14:00 UTC`; the day alone where a part is a day.
#[must_use]
pub fn moment(at: Timestamp, part_ms: i64) -> String {
    if part_ms >= 86_400_000 { day(at) } else { format!("{}, {} UTC", day(at), clock(at)) }
}

/// `22 Nov`.
#[must_use]
pub fn day(at: Timestamp) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = at.rfc3339();
    let number = |range: std::ops::Range<usize>| text.get(range).and_then(|part| part.parse::<usize>().ok());
    let month = number(5..7).and_then(|month| MONTHS.get(month.wrapping_sub(1))).copied().unwrap_or_default();
    format!("{} {month}", number(8..10).unwrap_or_default())
}

/// `14:00`.
#[must_use]
pub fn clock(at: Timestamp) -> String {
    at.rfc3339().get(11..16).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_by_hour_or_by_day() {
        let at = Timestamp::parse_rfc3339("2026-11-02T14:00:00Z").expect("a time");
        assert_eq!(moment(at, 3_600_000), "2 Nov, 14:00 UTC");
        assert_eq!(moment(at, 86_400_000), "2 Nov");
    }

    #[test]
    fn what_has_just_been_is_not_now_ago() {
        let now = Timestamp(3_600_000);
        assert!(past(now, now).to_html().contains(">just now<"));
        assert!(past(now, Timestamp(3_300_000)).to_html().contains(">5 min ago<"));
        assert!(ago(now, Timestamp(0)).to_html().contains(r#"title="1970-01-01 00:00:00 UTC">1 h<"#));
    }
}
