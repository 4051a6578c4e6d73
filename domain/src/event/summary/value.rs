//! Single values in words: what a field shows of a JSON value, labels, amounts of money.

use serde_json::Value;

use super::{MAX_VALUE, Words};
use crate::time::Timestamp;

/// Elements of a list that are named; the others are counted.
const MAX_ELEMENTS: usize = 5;

/// How the names of moments end.
const MOMENTS: [&str; 4] = ["_at", "_end", "_since", "_on"];

/// Currencies without a smaller unit, by ISO 4217.
const WHOLE: [&str; 16] =
    ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"];
/// Currencies with a thousand smaller units.
const THOUSANDTHS: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

/// At most `max` characters; what is longer ends in `…`.
pub(super) fn cut(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some(_) => text.chars().take(max.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// With a capital at its start.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A path as a label: `address.postal_code` is `Address postal code`.
pub(super) fn label(path: &str) -> String {
    let gap = |c: char| matches!(c, '.' | '_' | '-') || c.is_control();
    let spaced: String = path.chars().map(|c| if gap(c) { ' ' } else { c }).collect();
    let words = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.is_empty() { "(no name)".into() } else { capital(&words) }
}

/// An amount in the smallest unit of a currency: `1,250.00 EUR`.
pub(super) fn money(amount: i64, currency: &str) -> String {
    let digits = if WHOLE.contains(&currency) {
        0
    } else if THOUSANDTHS.contains(&currency) {
        3
    } else {
        2
    };
    let unit = 10_u64.pow(digits);
    let (whole, rest) = (amount.unsigned_abs() / unit, amount.unsigned_abs() % unit);
    let sign = if amount < 0 { "-" } else { "" };
    let point = if digits == 0 { String::new() } else { format!(".{rest:0width$}", width = digits as usize) };
    format!("{sign}{}{point} {currency}", thousands(whole)).trim_end().to_owned()
}

/// `1,250,000`.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What a field shows of a value; `key` tells ids and moments from other texts.
pub(super) fn spans(key: &str, value: &Value) -> Words {
    match value {
        Value::Null => Words::plain("none"),
        Value::Bool(true) => Words::plain("yes"),
        Value::Bool(false) => Words::plain("no"),
        Value::Number(number) => Words::plain(number.to_string()),
        Value::String(text) => of_text(key, text),
        Value::Array(elements) => Words::plain(of_list(elements)),
        Value::Object(map) if map.is_empty() => Words::plain("(empty)"),
        Value::Object(_) => Words::default().code(json(value)),
    }
}

fn of_text(key: &str, text: &str) -> Words {
    let key = key.to_ascii_lowercase();
    if text.trim().is_empty() {
        Words::plain("(empty)")
    } else if let (true, Ok(at)) = (MOMENTS.iter().any(|end| key.ends_with(end)), Timestamp::parse_rfc3339(text)) {
        Words::default().time(at)
    } else if (key == "id" || key.ends_with("_id")) && text.len() <= 100 && !text.contains(char::is_whitespace) {
        Words::default().code(text)
    } else {
        Words::plain(text)
    }
}

/// `wholesale, priority and 3 more`; of a list of objects only their number.
fn of_list(elements: &[Value]) -> String {
    if elements.is_empty() {
        return "none".into();
    }
    if elements.iter().any(|element| element.is_object() || element.is_array()) {
        return if elements.len() == 1 { "1 entry".into() } else { format!("{} entries", elements.len()) };
    }
    let shown = elements.iter().take(MAX_ELEMENTS).map(|element| match element {
        Value::String(text) if text.trim().is_empty() => "(empty)".to_owned(),
        Value::String(text) => cut(text, MAX_VALUE / MAX_ELEMENTS),
        other => spans("", other).bare(),
    });
    let shown = shown.collect::<Vec<_>>().join(", ");
    match elements.len().saturating_sub(MAX_ELEMENTS) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// JSON without blanks, cut: not more of it is written than is shown.
fn json(value: &Value) -> String {
    let mut written = Bounded(Vec::new());
    // An error only says that there is more than is shown.
    let _ = serde_json::to_writer(&mut written, value);
    cut(&String::from_utf8_lossy(&written.0), MAX_VALUE)
}

/// Takes so many bytes that at least [`MAX_VALUE`] characters and one are in them, and refuses the rest.
struct Bounded(Vec<u8>);

impl std::io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match (4 * (MAX_VALUE + 1)).saturating_sub(self.0.len()) {
            0 => Err(std::io::ErrorKind::WriteZero.into()),
            room => {
                let taken = bytes.len().min(room);
                self.0.extend_from_slice(&bytes[..taken]);
                Ok(taken)
            }
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
