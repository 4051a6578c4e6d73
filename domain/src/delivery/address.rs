//! The filters of the log as they stand in its address, behind the question mark: read and written. Views keep this
//! text; the pages link with it.
//!
//! Tokens typed into the search box (`code:5xx late fee`) are moved into their fields while reading, so that `q`
//! keeps the free words only.

use super::query::LogQuery;
use crate::{Detail, Error, Result};

/// What stands in an address beside the filters.
const OTHERS: [&str; 3] = ["q", "limit", "cursor"];

/// A filter with a value of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// `status`
    Status,
    /// `endpoint`: a name or an id
    Endpoint,
    /// `event_id`
    Event,
    /// `event_type`
    Type,
    /// `code`
    Code,
    /// `error`
    Error,
    /// `attempt`
    Attempt,
    /// `duration_ms`
    Duration,
    /// `trigger`
    Trigger,
    /// `since`
    Since,
    /// `until`
    Until,
}

impl Field {
    /// Every filter, in the order of the chips.
    pub const ALL: [Self; 11] = [
        Self::Status,
        Self::Type,
        Self::Endpoint,
        Self::Code,
        Self::Error,
        Self::Attempt,
        Self::Duration,
        Self::Trigger,
        Self::Event,
        Self::Since,
        Self::Until,
    ];

    /// Its name in the address.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Endpoint => "endpoint",
            Self::Event => "event_id",
            Self::Type => "event_type",
            Self::Code => "code",
            Self::Error => "error",
            Self::Attempt => "attempt",
            Self::Duration => "duration_ms",
            Self::Trigger => "trigger",
            Self::Since => "since",
            Self::Until => "until",
        }
    }

    /// Its name in the search box and on its chip.
    #[must_use]
    pub const fn token(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Type => "type",
            Self::Duration => "dur",
            other => other.name(),
        }
    }

    fn named(word: &str) -> Option<Self> {
        // The REST API's name for an endpoint that is given by its id.
        let word = if word == "endpoint_id" { "endpoint" } else { word };
        Self::ALL.into_iter().find(|field| field.name() == word || field.token() == word)
    }

    fn slot(self, query: &mut LogQuery) -> &mut Option<String> {
        match self {
            Self::Status => &mut query.status,
            Self::Endpoint => &mut query.endpoint,
            Self::Event => &mut query.event_id,
            Self::Type => &mut query.event_type,
            Self::Code => &mut query.code,
            Self::Error => &mut query.error,
            Self::Attempt => &mut query.attempt,
            Self::Duration => &mut query.duration_ms,
            Self::Trigger => &mut query.trigger,
            Self::Since => &mut query.since,
            Self::Until => &mut query.until,
        }
    }

    /// Sets the filter, or drops it.
    pub fn set(self, query: &mut LogQuery, value: Option<String>) {
        *self.slot(query) = value;
    }

    /// Its value, if the filter is set.
    #[must_use]
    pub fn get(self, query: &LogQuery) -> Option<&str> {
        match self {
            Self::Status => query.status.as_deref(),
            Self::Endpoint => query.endpoint.as_deref(),
            Self::Event => query.event_id.as_deref(),
            Self::Type => query.event_type.as_deref(),
            Self::Code => query.code.as_deref(),
            Self::Error => query.error.as_deref(),
            Self::Attempt => query.attempt.as_deref(),
            Self::Duration => query.duration_ms.as_deref(),
            Self::Trigger => query.trigger.as_deref(),
            Self::Since => query.since.as_deref(),
            Self::Until => query.until.as_deref(),
        }
    }
}

/// The names of all that may stand in an address of the log.
pub(crate) fn parameters() -> impl Iterator<Item = &'static str> {
    OTHERS.into_iter().chain(Field::ALL.into_iter().map(Field::name))
}

/// Reads an address; what the log does not know is passed over.
#[must_use]
pub fn read(search: &str) -> LogQuery {
    take(search, |_| ())
}

/// Reads an address like [`read`], but lets nothing pass that the log does not know.
///
/// # Errors
/// Names each parameter that is none of the log's, and a `limit` that is no number.
pub fn parse(search: &str) -> Result<LogQuery> {
    let mut details = Vec::new();
    let query = take(search, |name| {
        let message = match name {
            "limit" => "must be a whole number.".to_owned(),
            _ => {
                let known: Vec<_> = parameters().collect();
                format!("is not a parameter of the log; there are: {}.", known.join(", "))
            }
        };
        details.push(Detail { field: name.to_owned(), message });
    });
    if details.is_empty() { Ok(query) } else { Err(Error::invalid_fields(details)) }
}

/// Reads an address; `refused` hears the names of what cannot be read.
fn take(search: &str, mut refused: impl FnMut(&str)) -> LogQuery {
    let mut query = LogQuery::default();
    let mut typed = String::new();
    for pair in search.trim_start_matches('?').split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decode(value);
        let value = value.trim();
        match (name, Field::named(name)) {
            (name, None) if !OTHERS.contains(&name) => refused(name),
            _ if value.is_empty() => {}
            (_, Some(field)) => field.set(&mut query, Some(value.to_owned())),
            ("q", _) => value.clone_into(&mut typed),
            ("cursor", _) => query.cursor = Some(value.to_owned()),
            (name, _) => match value.parse() {
                Ok(limit) => query.limit = Some(limit),
                Err(_) => refused(name),
            },
        }
    }
    take_tokens(&mut query, &typed);
    query
}

/// Moves the tokens of a typed text into their fields; the rest stays as free words.
pub fn take_tokens(query: &mut LogQuery, typed: &str) {
    let mut words = Vec::new();
    for part in parts(typed) {
        match part.split_once(':').and_then(|(name, value)| Some((Field::named(name)?, value.trim()))) {
            Some((field, value)) if !value.is_empty() => field.set(query, Some(value.to_owned())),
            _ => words.push(quoted(&part)),
        }
    }
    query.q = Some(words.join(" ")).filter(|q| !q.is_empty());
}

/// A text as one part of what is typed: in quotes if there are spaces in it.
#[must_use]
pub fn quoted(text: &str) -> String {
    if text.contains(char::is_whitespace) { format!("\"{text}\"") } else { text.to_owned() }
}

/// Splits at spaces, keeping together what stands in double quotes.
#[must_use]
pub fn parts(text: &str) -> Vec<String> {
    let (mut parts, mut part, mut quoted) = (Vec::new(), String::new(), false);
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => parts.push(std::mem::take(&mut part)),
            c => part.push(c),
        }
    }
    parts.push(part);
    parts.retain(|part| !part.is_empty());
    parts
}

/// The filters as they stand behind the question mark, in a fixed order.
#[must_use]
pub fn search(query: &LogQuery) -> String {
    let mut pairs: Vec<(&str, String)> = Vec::new();
    pairs.extend(query.q.as_deref().map(|q| ("q", encode(q))));
    pairs.extend(Field::ALL.into_iter().filter_map(|field| Some((field.name(), encode(field.get(query)?)))));
    pairs.extend(query.limit.map(|limit| ("limit", limit.to_string())));
    pairs.extend(query.cursor.as_deref().map(|cursor| ("cursor", encode(cursor))));
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// Whether anything narrows the log.
#[must_use]
pub fn is_filtered(query: &LogQuery) -> bool {
    query.q.is_some() || Field::ALL.into_iter().any(|field| field.get(query).is_some())
}

/// Percent-encodes what may not stand in a query's value.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'*' | b',' | b':' => {
                out.push(char::from(byte))
            }
            b' ' => out.push('+'),
            _ => {
                const HEX: &[u8; 16] = b"0123456789ABCDEF";
                out.push('%');
                out.push(char::from(HEX[usize::from(byte >> 4)]));
                out.push(char::from(HEX[usize::from(byte & 15)]));
            }
        }
    }
    out
}

/// The text behind a value of a query.
#[must_use]
pub fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped =
            (byte == b'%').then(|| text.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok())).flatten();
        match (byte, escaped) {
            (_, Some(value)) => {
                out.push(value);
                at += 2;
            }
            (b'+', None) => out.push(b' '),
            (other, None) => out.push(other),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let query = LogQuery {
            q: Some("\"Late fee\" 100% a+b&c=d é".into()),
            status: Some("failed,retrying".into()),
            event_type: Some("invoice.*".into()),
            since: Some("2026-11-22T14:02:11.408Z".into()),
            limit: Some(20),
            cursor: Some("after-01k".into()),
            ..LogQuery::default()
        };
        assert_eq!(read(&search(&query)), query);
        assert_eq!(parse(&search(&query)).expect("known parameters"), query);
    }

    #[test]
    fn what_was_read_is_written_the_same_way_from_then_on() {
        for text in ["q=status:%22+failed+%22+x", "q=%22+a%22+%22+%22", "q=%00%E9&type=invoice.*", "q=a:b+endpoint:"] {
            let once = search(&read(text));
            assert_eq!(search(&read(&once)), once, "{text}");
        }
    }

    #[test]
    fn an_endpoint_is_one_filter_by_name_and_by_id() {
        let query = read("?q=endpoint:%22Billing+sync%22+dur:%3E2s+attempt:2");
        assert_eq!(search(&query), "endpoint=Billing+sync&attempt=2&duration_ms=%3E2s");
        assert_eq!(read("endpoint_id=ep_1"), read("endpoint=ep_1"));
        assert_eq!(read("q=body.note:%22Late+fee%22").q.as_deref(), Some("\"body.note:Late fee\""));
    }

    #[test]
    fn broken_escapes_are_read_as_they_stand() {
        assert_eq!(read("q=100%25+%zz%").q.as_deref(), Some("100% %zz%"));
        assert_eq!(read("q=%E9").q.as_deref(), Some("\u{fffd}"));
        assert_eq!(read("q=%é").q.as_deref(), Some("%é"));
    }

    #[test]
    fn what_the_log_does_not_know_is_passed_over_or_refused_by_name() {
        let search = "status=failed&colour=red&shape=&limit=ten&&code=";
        assert_eq!(super::search(&read(search)), "status=failed");
        let problem = parse(search).expect_err("three are wrong").problem();
        let fields: Vec<_> = problem.details.iter().map(|detail| detail.field.as_str()).collect();
        assert_eq!(fields, ["colour", "shape", "limit"]);
        assert!(problem.message.contains("there are: q, limit, cursor, status, event_type"), "{}", problem.message);
        assert_eq!(parse("").expect("nothing is no mistake"), LogQuery::default());
    }
}
