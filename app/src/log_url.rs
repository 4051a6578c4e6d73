//! The delivery log's filters in the URL: read, written, changed one at a time. Replays take the same filters.
//!
//! The URL is the whole state of the page. Tokens typed into the search box (`code:5xx late fee`) are moved
//! into their fields while reading, so that `q` keeps the free words only.

use domain::delivery::query::LogQuery;

/// Where the log lives.
pub const PATH: &str = "/deliveries";

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

    /// Its name in the URL.
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

/// Reads the part of the URL behind the question mark.
#[must_use]
pub fn read(search: &str) -> LogQuery {
    let mut query = LogQuery::default();
    let mut typed = String::new();
    for pair in search.trim_start_matches('?').split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decode(value);
        let value = value.trim();
        if value.is_empty() {
            continue;
        }
        match name {
            "q" => value.clone_into(&mut typed),
            "limit" => query.limit = value.parse().ok(),
            "cursor" => query.cursor = Some(value.to_owned()),
            _ => {
                if let Some(field) = Field::named(name) {
                    *field.slot(&mut query) = Some(value.to_owned());
                }
            }
        }
    }
    take_tokens(&mut query, &typed);
    query
}

/// Moves the tokens of a typed text into their fields; the rest stays as free words.
fn take_tokens(query: &mut LogQuery, typed: &str) {
    let mut words = Vec::new();
    for part in parts(typed) {
        match part.split_once(':').and_then(|(name, value)| Some((Field::named(name)?, value))) {
            Some((field, value)) if !value.is_empty() => *field.slot(query) = Some(value.to_owned()),
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
fn parts(text: &str) -> Vec<String> {
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

/// The address of the log with these filters.
#[must_use]
pub fn href(query: &LogQuery) -> String {
    let search = search(query);
    if search.is_empty() { PATH.to_owned() } else { format!("{PATH}?{search}") }
}

/// The same filters with one set or dropped, from the first page on.
#[must_use]
pub fn with(query: &LogQuery, field: Field, value: Option<&str>) -> LogQuery {
    let mut changed = LogQuery { cursor: None, ..query.clone() };
    *field.slot(&mut changed) = value.map(str::to_owned);
    changed
}

/// The same filters with other words in the search box; tokens among them are moved into their fields.
#[must_use]
pub fn with_typed(query: &LogQuery, typed: &str) -> LogQuery {
    let mut changed = LogQuery { cursor: None, ..query.clone() };
    take_tokens(&mut changed, typed);
    changed
}

/// The same filters within a range of time.
#[must_use]
pub fn between(query: &LogQuery, since: String, until: String) -> LogQuery {
    LogQuery { cursor: None, since: Some(since), until: Some(until), ..query.clone() }
}

/// The same filters on another page.
#[must_use]
pub fn at_cursor(query: &LogQuery, cursor: Option<String>) -> LogQuery {
    LogQuery { cursor, ..query.clone() }
}

/// Whether anything narrows the log.
#[must_use]
pub fn is_filtered(query: &LogQuery) -> bool {
    query.q.is_some() || Field::ALL.into_iter().any(|field| field.get(query).is_some())
}

/// A filter's value in words, as far as the value alone tells them.
#[must_use]
pub fn readable(field: Field, value: &str) -> String {
    match field {
        Field::Since | Field::Until => match domain::Timestamp::parse_rfc3339(value) {
            Ok(at) => at
                .rfc3339()
                .get(..19)
                .map_or_else(|| value.to_owned(), |text| format!("{} UTC", text.replace('T', " "))),
            Err(_) => value.to_owned(),
        },
        Field::Error => value.replace('_', " "),
        _ => value.to_owned(),
    }
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
        assert_eq!(href(&LogQuery::default()), "/deliveries");
    }

    #[test]
    fn tokens_in_the_search_box_become_filters_and_words_stay() {
        let query = read("?q=status%3Afailed+type:invoice.*+%22Late+fee%22+inv_1+endpoint:&status=pending&since=24h");
        assert_eq!(query.status.as_deref(), Some("failed"));
        assert_eq!(query.event_type.as_deref(), Some("invoice.*"));
        assert_eq!(query.q.as_deref(), Some("\"Late fee\" inv_1 endpoint:"));
        assert_eq!(query.since.as_deref(), Some("24h"));
        assert_eq!(with_typed(&query, "code:5xx").code.as_deref(), Some("5xx"));
        assert_eq!(with_typed(&query, "code:5xx").q, None);
    }

    #[test]
    fn an_endpoint_is_one_filter_by_name_and_by_id() {
        let query = read("?q=endpoint:%22Billing+sync%22+dur:%3E2s+attempt:2");
        assert_eq!(href(&query), "/deliveries?endpoint=Billing+sync&attempt=2&duration_ms=%3E2s");
        assert_eq!(read("endpoint_id=ep_1"), read("endpoint=ep_1"));
        assert_eq!(read("q=body.note:%22Late+fee%22").q.as_deref(), Some("\"body.note:Late fee\""));
    }

    #[test]
    fn dropping_one_filter_keeps_the_others_and_starts_at_the_first_page() {
        let query = read("status=failed&code=5xx&cursor=after-1");
        assert_eq!(href(&with(&query, Field::Status, None)), "/deliveries?code=5xx");
        assert!(is_filtered(&query) && !is_filtered(&read("limit=5&cursor=after-1")));
    }

    #[test]
    fn broken_escapes_are_read_as_they_stand() {
        assert_eq!(read("q=100%25+%zz%").q.as_deref(), Some("100% %zz%"));
        assert_eq!(read("q=%E9").q.as_deref(), Some("\u{fffd}"));
        assert_eq!(read("q=%é").q.as_deref(), Some("%é"));
    }

    #[test]
    fn a_column_of_the_histogram_narrows_the_range() {
        let narrowed =
            between(&read("status=failed"), domain::Timestamp(0).rfc3339(), domain::Timestamp(60_000).rfc3339());
        assert_eq!(
            href(&narrowed),
            "/deliveries?status=failed&since=1970-01-01T00:00:00.000Z&until=1970-01-01T00:01:00.000Z"
        );
    }
}
