//! The delivery log's filters in the URL, changed one at a time. Replays take the same filters.
//!
//! The URL is the whole state of the page; `domain` reads and writes it, for views too.

use domain::delivery::address::take_tokens;
pub use domain::delivery::address::{Field, decode, encode, is_filtered, quoted, read, search};
use domain::delivery::query::LogQuery;

/// Where the log lives.
pub const PATH: &str = "/deliveries";

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
    field.set(&mut changed, value.map(str::to_owned));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_in_the_search_box_become_filters_and_words_stay() {
        let query = read("?q=status%3Afailed+type:invoice.*+%22Late+fee%22+inv_1+endpoint:&status=pending&since=24h");
        assert_eq!(query.status.as_deref(), Some("failed"));
        assert_eq!(query.event_type.as_deref(), Some("invoice.*"));
        assert_eq!(query.q.as_deref(), Some("\"Late fee\" inv_1 endpoint:"));
        assert_eq!(query.since.as_deref(), Some("24h"));
        assert_eq!(with_typed(&query, "code:5xx").code.as_deref(), Some("5xx"));
        assert_eq!(with_typed(&query, "code:5xx").q, None);
        assert_eq!(href(&LogQuery::default()), "/deliveries");
    }

    #[test]
    fn dropping_one_filter_keeps_the_others_and_starts_at_the_first_page() {
        let query = read("status=failed&code=5xx&cursor=after-1");
        assert_eq!(href(&with(&query, Field::Status, None)), "/deliveries?code=5xx");
        assert!(is_filtered(&query) && !is_filtered(&read("limit=5&cursor=after-1")));
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
