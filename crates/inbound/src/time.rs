//! Times as providers write them, read into Unix milliseconds, and written as the hub writes them.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::tz::TimeZone;
use serde_json::Value;

/// Above this a bare number means milliseconds, below it seconds (it is the year 5138 in seconds, 1973 in
/// milliseconds).
const MILLIS_FROM: i64 = 100_000_000_000;

/// Reads a time: a number of seconds or milliseconds, told apart by its size (Clerk sends both), the same as text and
/// with a fraction (Slack's `ts`), RFC 3339, ISO 8601 with `+0100` (Jira), RFC 2822 (e-mail), or a local time without
/// zone, taken for UTC (Mailjet). `None` for anything else.
#[must_use]
pub fn read(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().map(by_magnitude).or_else(|| fraction(&number.to_string())),
        Value::String(text) => read_text(text),
        _ => None,
    }
}

/// As [`read`], for a text.
#[must_use]
pub fn read_text(text: &str) -> Option<i64> {
    static RFC_2822: DateTimeParser = DateTimeParser::new().relaxed_weekday(true);
    let text = text.trim();
    if text.is_empty() || text.len() > 100 {
        return None;
    }
    if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return fraction(text);
    }
    let instant = text.parse::<Timestamp>().or_else(|_| RFC_2822.parse_timestamp(text)).ok();
    let local = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok();
    instant.or_else(|| local().map(|zoned| zoned.timestamp())).map(Timestamp::as_millisecond)
}

/// Writes Unix milliseconds as RFC 3339 in UTC: `2026-12-02T06:14:09.000Z`. `None` for what no calendar holds.
#[must_use]
pub fn write(millis: i64) -> Option<String> {
    let at = Timestamp::from_millisecond(millis).ok()?;
    Some(format!("{at:.3}"))
}

fn by_magnitude(number: i64) -> i64 {
    if number > MILLIS_FROM { number } else { number.saturating_mul(1000) }
}

/// `1355517523.000005`: whole seconds or milliseconds, then a fraction of which milliseconds of seconds are kept.
fn fraction(text: &str) -> Option<i64> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let whole: i64 = whole.parse().ok()?;
    if !rest.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let millis: i64 = format!("{rest:0<3}").get(..3)?.parse().ok()?;
    let at = by_magnitude(whole);
    Some(if at == whole { at } else { at.saturating_add(millis) })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_way_of_writing_a_time_is_read() {
        for (value, millis) in [
            (json!(1_760_000_000), Some(1_760_000_000_000)),
            (json!(1_760_000_000_123_i64), Some(1_760_000_000_123)),
            (json!(1_760_000_000.5), Some(1_760_000_000_500)),
            (json!("1760000000"), Some(1_760_000_000_000)),
            (json!("1355517523.000005"), Some(1_355_517_523_000)),
            (json!("1355517523.12"), Some(1_355_517_523_120)),
            (json!("2026-01-23T12:53:18Z"), Some(1_769_172_798_000)),
            (json!("2026-01-23T12:53:18.084Z"), Some(1_769_172_798_084)),
            (json!("2026-01-23T13:53:18.084+0100"), Some(1_769_172_798_084)),
            (json!("Fri, 23 Jan 2026 16:59:01 +0200"), Some(1_769_180_341_000)),
            (json!("20150410T160638"), Some(1_428_681_998_000)),
            (json!("yesterday"), None),
            (json!(""), None),
            (json!("1.2.3"), None),
            (json!(null), None),
        ] {
            assert_eq!(read(&value), millis, "{value}");
        }
    }

    #[test]
    fn a_time_is_written_as_the_hub_writes_it() {
        assert_eq!(write(1_769_172_798_084).as_deref(), Some("2026-01-23T12:53:18.084Z"));
        assert_eq!(write(0).as_deref(), Some("1970-01-01T00:00:00.000Z"));
        assert_eq!(write(i64::MAX), None);
    }
}
