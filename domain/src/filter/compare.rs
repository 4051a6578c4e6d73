//! Comparing JSON values: numbers exactly, decimal numbers as text, moments and dates.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use crate::Timestamp;

/// Whether two values are the same; of lists and objects this is never asked.
pub(super) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => numbers(a, b).is_eq(),
        (Value::String(a), Value::String(b)) => a == b,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Null, Value::Null) => true,
        _ => false,
    }
}

/// How two values are ordered; none when they cannot be compared.
pub(super) fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => Some(numbers(a, b)),
        (Value::String(a), Value::Number(b)) => Some(Decimal::read(a)?.against(b)),
        (Value::Number(a), Value::String(b)) => Some(Decimal::read(b)?.against(a).reverse()),
        (Value::String(a), Value::String(b)) => texts(a, b),
        _ => None,
    }
}

/// Whether a value can be ordered among others of its kind.
pub(super) fn orderable(value: &Value) -> bool {
    order(value, value).is_some()
}

fn texts(a: &str, b: &str) -> Option<Ordering> {
    if let (Some(a), Some(b)) = (Decimal::read(a), Decimal::read(b)) {
        return Some(a.cmp(&b));
    }
    if is_date(a) && is_date(b) {
        return Some(a.cmp(b));
    }
    Some(moment(a)?.cmp(&moment(b)?))
}

/// A number of JSON: an integer of at most 64 bits, or a float.
enum Num {
    Int(i128),
    Float(f64),
}

fn num(number: &Number) -> Num {
    match (number.as_i64(), number.as_u64()) {
        (Some(int), _) => Num::Int(int.into()),
        (None, Some(int)) => Num::Int(int.into()),
        (None, None) => Num::Float(number.as_f64().unwrap_or(0.0)),
    }
}

fn numbers(a: &Number, b: &Number) -> Ordering {
    match (num(a), num(b)) {
        (Num::Int(a), Num::Int(b)) => a.cmp(&b),
        (Num::Int(a), Num::Float(b)) => int_and_float(a, b),
        (Num::Float(a), Num::Int(b)) => int_and_float(b, a).reverse(),
        (Num::Float(a), Num::Float(b)) => floats(a, b),
    }
}

/// JSON has no NaN, so all floats are ordered.
fn floats(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or(Ordering::Equal)
}

/// Exact: the whole part of a float is an integer, and where it is out of range the cast saturates far beyond 64 bits.
fn int_and_float(int: i128, float: f64) -> Ordering {
    int.cmp(&(float.trunc() as i128)).then_with(|| floats(0.0, float.fract()))
}

/// A plain decimal number in a text: `-12.50`. Signs but `-`, exponents and blanks are not read.
#[derive(Debug, PartialEq, Eq)]
struct Decimal<'t> {
    text: &'t str,
    negative: bool,
    /// Without leading zeros.
    whole: &'t str,
    /// Without trailing zeros.
    fraction: &'t str,
}

impl<'t> Decimal<'t> {
    fn read(text: &'t str) -> Option<Self> {
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = match unsigned.split_once('.') {
            Some((whole, fraction)) if digits(fraction) => (whole, fraction.trim_end_matches('0')),
            Some(_) => return None,
            None => (unsigned, ""),
        };
        if !digits(whole) {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        let zero = whole.is_empty() && fraction.is_empty();
        Some(Self { text, negative: unsigned.len() < text.len() && !zero, whole, fraction })
    }

    fn signed(&self, magnitude: Ordering) -> Ordering {
        if self.negative { magnitude.reverse() } else { magnitude }
    }

    fn cmp(&self, other: &Self) -> Ordering {
        let magnitude = || {
            let whole = self.whole.len().cmp(&other.whole.len()).then_with(|| self.whole.cmp(other.whole));
            whole.then_with(|| self.fraction.cmp(other.fraction))
        };
        other.negative.cmp(&self.negative).then_with(|| self.signed(magnitude()))
    }

    /// Exact against an integer; against a float, as the float that this text would be.
    fn against(&self, number: &Number) -> Ordering {
        let int = match num(number) {
            Num::Int(int) => int,
            Num::Float(float) => return floats(self.text.parse().unwrap_or(0.0), float),
        };
        // No integer of 64 bits has more than 20 digits, and every number of 20 digits fits an i128.
        if self.whole.len() > 20 {
            return self.signed(Ordering::Greater);
        }
        let whole = self.whole.parse::<i128>().unwrap_or(0);
        let beyond = if self.fraction.is_empty() { Ordering::Equal } else { Ordering::Greater };
        (if self.negative { -whole } else { whole }).cmp(&int).then(self.signed(beyond))
    }
}

/// `2026-11-22`; compared as text.
fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let number = |from: usize| {
        let pair = [bytes[from], bytes[from + 1]];
        pair.iter().all(u8::is_ascii_digit).then(|| (pair[0] - b'0') * 10 + (pair[1] - b'0'))
    };
    bytes.len() == 10
        && bytes[4] == b'-'
        && bytes[7] == b'-'
        && number(0).is_some()
        && number(2).is_some()
        && number(5).is_some_and(|month| (1..=12).contains(&month))
        && number(8).is_some_and(|day| (1..=31).contains(&day))
}

/// A moment in RFC 3339: its milliseconds, and the digits of its fraction behind them.
fn moment(text: &str) -> Option<(Timestamp, &str)> {
    // The cheap look first: what is no time costs a message otherwise.
    if text.len() < 20 || text.as_bytes()[4] != b'-' {
        return None;
    }
    let at = Timestamp::parse_rfc3339(text).ok()?;
    let fraction = text.get(20..).filter(|_| text.as_bytes()[19] == b'.').unwrap_or_default();
    let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
    Some((at, fraction[..digits].get(3..).unwrap_or_default().trim_end_matches('0')))
}
