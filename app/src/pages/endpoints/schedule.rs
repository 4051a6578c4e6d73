//! The retry schedule as people write it (`5s, 5m, 2h`), say it (`27.6 h`) and see it (dots on a line).

/// Reads waits separated by commas or spaces: a number with `s`, `m`, `h` or `d`; seconds without a unit.
///
/// # Errors
/// Names the wait that cannot be read.
pub fn parse_waits(text: &str) -> Result<Vec<i64>, String> {
    let text = text.to_ascii_lowercase();
    let mut waits = Vec::new();
    for word in text.split([',', ';']).flat_map(joined) {
        let unit_at = word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len());
        let unit = match &word[unit_at..] {
            "" | "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            _ => 0,
        };
        match word[..unit_at].parse::<i64>().ok().and_then(|n| n.checked_mul(unit)).filter(|seconds| *seconds > 0) {
            Some(seconds) => waits.push(seconds),
            None => return Err(format!("\u{201c}{word}\u{201d} is not a wait: write it like 30s, 5m, 2h or 1d.")),
        }
    }
    Ok(waits)
}

/// The words of one part between commas; a unit that stands alone belongs to the number before it (`5 m`).
fn joined(part: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in part.split_whitespace() {
        match words.last_mut() {
            Some(last) if word.len() == 1 && !word.starts_with(|c: char| c.is_ascii_digit()) => last.push_str(word),
            _ => words.push(word.to_owned()),
        }
    }
    words
}

/// Waits as they are written into the form: `5s, 5m, 2h`.
#[must_use]
pub fn write_waits(waits: &[i64]) -> String {
    let word = |seconds: &i64| match *seconds {
        s if s % 86_400 == 0 => format!("{}d", s / 86_400),
        s if s % 3600 == 0 => format!("{}h", s / 3600),
        s if s % 60 == 0 => format!("{}m", s / 60),
        s => format!("{s}s"),
    };
    waits.iter().map(word).collect::<Vec<_>>().join(", ")
}

/// A span for people, in its largest unit with one digit behind the point: `5 s`, `35 m`, `27.6 h`, `3.2 d`.
#[must_use]
pub fn say(seconds: i64) -> String {
    let in_unit = |unit: i64, name: &str| {
        let tenths = (seconds * 10 + unit / 2) / unit;
        if tenths % 10 == 0 {
            format!("{} {name}", tenths / 10)
        } else {
            format!("{}.{} {name}", tenths / 10, tenths % 10)
        }
    };
    match seconds {
        ..60 => format!("{seconds} s"),
        60..5940 => format!("{} m", (seconds + 30) / 60),
        5940..172_800 => in_unit(3600, "h"),
        _ => in_unit(86_400, "d"),
    }
}

/// One attempt on the line.
#[derive(Debug, Clone, PartialEq)]
pub struct Stop {
    /// Where on the line, 0 to 100.
    pub x: f64,
    /// When, after the event: `now`, `5 s` …; empty where the neighbours leave no room.
    pub label: String,
    /// Whether the label only has room on a wide screen.
    pub tight: bool,
}

/// The attempts of a schedule on a line. The scale is the fourth root of time, so that seconds and days both show.
#[must_use]
pub fn timeline(waits: &[i64]) -> Vec<Stop> {
    let mut at = 0_i64;
    let times: Vec<i64> = std::iter::once(0)
        .chain(waits.iter().map(|wait| {
            at = at.saturating_add(*wait);
            at
        }))
        .collect();
    let root = |seconds: i64| (seconds as f64).sqrt().sqrt();
    let whole = root(at).max(1.0);
    let mut stops: Vec<Stop> = Vec::with_capacity(times.len());
    let last = times.len() - 1;
    let (mut labelled, mut roomy) = (f64::NEG_INFINITY, f64::NEG_INFINITY);
    for (index, time) in times.iter().enumerate() {
        let x = (root(*time) / whole * 1000.0).round() / 10.0;
        let fits = index == last || x - labelled >= 5.5 && 100.0 - x >= 6.0;
        let tight = index != last && (x - roomy < 13.0 || 100.0 - x < 15.0);
        if fits {
            labelled = x;
            roomy = if tight { roomy } else { x };
        }
        let label = match time {
            _ if !fits => String::new(),
            0 => "now".to_owned(),
            seconds => say(*seconds),
        };
        stops.push(Stop { x, label, tight });
    }
    stops
}

/// The schedule in one sentence.
#[must_use]
pub fn sentence(waits: &[i64]) -> String {
    match waits {
        [] => "One attempt and no retry.".to_owned(),
        _ => format!(
            "{} attempts over {}, each wait varied by a fifth. After the last one the delivery is a dead letter.",
            waits.len() + 1,
            say(waits.iter().fold(0, |sum, wait| sum.saturating_add(*wait)))
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::endpoint::{RETRY_LONG, RETRY_SHORT, RETRY_STANDARD};

    #[test]
    fn waits_are_read_in_every_unit_and_written_back() {
        assert_eq!(parse_waits("5s, 5 m,2h 1D; 90"), Ok(vec![5, 300, 7200, 86_400, 90]));
        assert_eq!(parse_waits("  "), Ok(Vec::new()));
        assert_eq!(write_waits(&[5, 300, 7200, 86_400, 90]), "5s, 5m, 2h, 1d, 90s");
        for preset in [RETRY_SHORT, RETRY_STANDARD, RETRY_LONG] {
            assert_eq!(parse_waits(&write_waits(preset)).as_deref(), Ok(preset));
        }
    }

    #[test]
    fn a_wait_that_cannot_be_read_is_named() {
        for (text, word) in [
            ("5s, soon", "soon"),
            ("0m", "0m"),
            ("-5", "-5"),
            ("1.5h", "1.5h"),
            ("99999999999999999d", "99999999999999999d"),
            ("5€", "5€"),
        ] {
            let error = parse_waits(text).expect_err(text);
            assert!(error.contains(word), "{error}");
        }
    }

    #[test]
    fn spans_are_said_in_their_largest_unit() {
        for (seconds, text) in [
            (5, "5 s"),
            (305, "5 m"),
            (2105, "35 m"),
            (9305, "2.6 h"),
            (99_305, "27.6 h"),
            (86_400, "24 h"),
            (273_605, "3.2 d"),
            (172_800, "2 d"),
        ] {
            assert_eq!(say(seconds), text);
        }
    }

    #[test]
    fn the_line_runs_from_now_to_the_last_attempt() {
        let stops = timeline(RETRY_STANDARD);
        assert_eq!(stops.len(), 8);
        assert_eq!((stops[0].x, stops[0].label.as_str()), (0.0, "now"));
        assert_eq!((stops[7].x, stops[7].label.as_str(), stops[7].tight), (100.0, "27.6 h", false));
        assert!(stops.windows(2).all(|pair| pair[0].x < pair[1].x));
        assert!(stops.iter().all(|stop| !stop.label.is_empty()), "{stops:?}");
    }

    #[test]
    fn labels_without_room_are_left_out_but_never_the_last() {
        let stops = timeline(&[86_400, 1, 1, 1, 1]);
        assert_eq!(stops.iter().filter(|stop| !stop.label.is_empty()).count(), 2, "{stops:?}");
        assert_eq!(stops[5].label, "24 h");
        assert_eq!(timeline(&[]), [Stop { x: 0.0, label: "now".into(), tight: false }]);
    }
}
