//! Numbers, durations and states in words, as the log and the detail page show them.

use domain::delivery::{DeliveryStatus, DeliverySummary, Trigger};

use crate::components::Tone;
use crate::words::delivery_status;
pub use crate::words::{count, duration, error_word};

/// A count with its noun: `1 delivery`, `12 deliveries`.
#[must_use]
pub fn counted(number: i64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// A share in per cent with one digit; never `100 %` while something is missing.
#[must_use]
pub fn share(part: i64, whole: i64) -> String {
    if whole <= 0 {
        return "0 %".into();
    }
    let tenths = part.saturating_mul(1000) / whole;
    if tenths % 10 == 0 && (tenths == 1000 || tenths == 0 || part * 1000 % whole == 0) {
        format!("{} %", tenths / 10)
    } else {
        format!("{}.{} %", tenths / 10, tenths % 10)
    }
}

/// Whole milliseconds of a duration, for a column of numbers.
#[must_use]
pub fn millis(us: i64) -> String {
    if (1..1000).contains(&us) { "<1".into() } else { count((us + 500) / 1000) }
}

/// A span between two moments: `3 ms`, `5 s`, `4 min 30 s`, `2 h`, `3 d 4 h`.
#[must_use]
pub fn span(ms: i64) -> String {
    let ms = ms.max(0);
    let two = |big: i64, unit: &str, small: i64, small_unit: &str| {
        if small == 0 { format!("{big} {unit}") } else { format!("{big} {unit} {small} {small_unit}") }
    };
    match ms {
        0..1000 => format!("{ms} ms"),
        1000..9950 if (ms + 50) % 1000 >= 100 => format!("{}.{} s", (ms + 50) / 1000, (ms + 50) % 1000 / 100),
        1000..60_000 => format!("{} s", (ms + 50) / 1000),
        60_000..3_600_000 => two(ms / 60_000, "min", ms / 1000 % 60, "s"),
        3_600_000..86_400_000 => two(ms / 3_600_000, "h", ms / 60_000 % 60, "min"),
        _ => two(ms / 86_400_000, "d", ms / 3_600_000 % 24, "h"),
    }
}

/// A size: `512 B`, `1.4 KiB`.
#[must_use]
pub fn bytes(size: usize) -> String {
    if size < 1024 { format!("{size} B") } else { format!("{}.{} KiB", size / 1024, size % 1024 * 10 / 1024) }
}

/// A status in a word.
#[must_use]
pub const fn status_word(status: DeliveryStatus) -> &'static str {
    delivery_status(status).1
}

/// A status in a colour.
#[must_use]
pub const fn status_tone(status: DeliveryStatus) -> Tone {
    delivery_status(status).0
}

/// Why a delivery was made, in words.
#[must_use]
pub const fn trigger_word(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::Event => "Event",
        Trigger::Replay => "Replay",
        Trigger::Test => "Test",
    }
}

/// What the last attempt brought: the code, else the class of failure, else a dash.
#[must_use]
pub fn answer(row: &DeliverySummary) -> String {
    match (row.last_code, row.last_error) {
        (Some(code), _) => code.to_string(),
        (None, Some(class)) => error_word(class).to_owned(),
        (None, None) => "–".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_has_its_noun() {
        assert_eq!(counted(1, "delivery", "deliveries"), "1 delivery");
        assert_eq!(counted(12_480, "delivery", "deliveries"), "12,480 deliveries");
    }

    #[test]
    fn a_share_is_whole_only_when_it_is_exact() {
        assert_eq!(share(989, 1000), "98.9 %");
        assert_eq!(share(9_999, 10_000), "99.9 %");
        assert_eq!(share(10, 10), "100 %");
        assert_eq!(share(1, 2), "50 %");
        assert_eq!(share(0, 0), "0 %");
    }

    #[test]
    fn a_column_of_durations_has_whole_milliseconds() {
        assert_eq!([300, 0, 1_593_400].map(millis), ["<1", "0", "1,593"]);
    }

    #[test]
    fn sizes_are_told_in_bytes_or_kibibytes() {
        assert_eq!([512, 1434, 262_144].map(bytes), ["512 B", "1.4 KiB", "256.0 KiB"]);
    }

    #[test]
    fn spans_have_at_most_two_units() {
        for (ms, text) in [
            (3, "3 ms"),
            (5000, "5 s"),
            (5600, "5.6 s"),
            (1098, "1.1 s"),
            (1960, "2 s"),
            (9970, "10 s"),
            (270_000, "4 min 30 s"),
            (7_200_000, "2 h"),
            (273_600_000, "3 d 4 h"),
        ] {
            assert_eq!(span(ms), text);
        }
    }
}
