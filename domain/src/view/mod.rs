//! Views: queries of the delivery log that an organization keeps under a name, for all its members.
//!
//! What is kept is the log's own address behind the question mark, read by the log's own parser and written anew, so
//! that the same filters are the same text. Which page of the log is shown is no part of a view. Ages (`since=24h`)
//! stay ages: they count from the moment that the view is opened.

#[cfg(feature = "server")]
pub mod actions;
#[cfg(feature = "server")]
pub(crate) mod store;

use serde::{Deserialize, Serialize};

use crate::delivery::address;
use crate::delivery::query::LogQuery;
use crate::id::ViewId;
use crate::time::Timestamp;
use crate::{Detail, Error, Result};

/// Views that an organization may have.
pub const MAX_VIEWS: i64 = 50;
/// The longest name, in characters.
pub const MAX_NAME: usize = 60;
/// The longest query, in bytes.
pub const MAX_QUERY: usize = 2000;

/// A named query of the delivery log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::FromRow, utoipa::ToSchema))]
pub struct View {
    /// Its id.
    pub id: ViewId,
    /// What its maker called it.
    pub name: String,
    /// The filters, as they stand in the log's address behind the question mark: `status=failed&since=24h`.
    pub query: String,
    /// Who made it: a user's or key's id.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What is asked for when a view is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewView {
    /// What to call it: 1 to 60 characters. No other view of the organization may have the name, in upper or lower case.
    pub name: String,
    /// The log's parameters, as they stand in its address behind the question mark: `status=failed&since=24h`.
    pub query: String,
}

/// Checks a name and takes the spaces around it off.
///
/// # Errors
/// Says how long a name may be.
pub fn read_name(text: &str) -> Result<&str> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(Error::invalid("name", format!("must have 1 to {MAX_NAME} printable characters.")));
    }
    Ok(name)
}

/// Checks a query and writes it as the log does.
///
/// # Errors
/// Names the parameter that the log does not know or whose value is wrong, as `query.status`.
pub fn read_query(text: &str, now: Timestamp) -> Result<String> {
    fits(text)?;
    let query = address::parse(text.trim()).map_err(within)?;
    query.filter(now).map_err(within)?;
    query.page().limit().map_err(within)?;
    query.page().cursor().map_err(within)?;
    if !address::is_filtered(&query) {
        return Err(Error::invalid("query", "must have at least one filter, for example `status=failed`."));
    }
    let written = without_page(&query);
    fits(&written)?;
    Ok(written)
}

/// The filters as a view keeps them: without the page of the log.
#[must_use]
pub fn without_page(query: &LogQuery) -> String {
    address::search(&LogQuery { limit: None, cursor: None, ..query.clone() })
}

fn fits(query: &str) -> Result<()> {
    if query.len() > MAX_QUERY {
        return Err(Error::invalid("query", format!("must have at most {MAX_QUERY} characters.")));
    }
    Ok(())
}

/// The same complaints about parts of the query.
fn within(error: Error) -> Error {
    let details = error.problem().details.into_iter();
    Error::invalid_fields(details.map(|d| Detail { field: format!("query.{}", d.field), ..d }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_356_131_000);

    #[test]
    fn a_name_is_short_and_printable() {
        let longest = "é".repeat(MAX_NAME);
        assert_eq!(read_name(" Failed today ").expect("good"), "Failed today");
        assert!(read_name(&longest).is_ok());
        for bad in ["", "   ", "a\nb", &format!("{longest}x")] {
            assert_eq!(read_name(bad).expect_err(bad).problem().details[0].field, "name");
        }
    }

    #[test]
    fn a_query_is_written_as_the_log_writes_it() {
        for (text, written) in [
            ("status=failed", "status=failed"),
            ("?since=24h&status=failed", "status=failed&since=24h"),
            ("q=code:5xx+%22late+fee%22&cursor=after-1&limit=20", "q=%22late+fee%22&code=5xx"),
            ("endpoint_id=ep_01kb1zr0000000000000000001", "endpoint=ep_01kb1zr0000000000000000001"),
            ("type=invoice.*&dur=%3E2s&code=", "event_type=invoice.*&duration_ms=%3E2s"),
        ] {
            let read = read_query(text, NOW).expect(text);
            assert_eq!(read, written, "{text}");
            assert_eq!(read_query(&read, NOW).expect("good"), read, "writing it again changes nothing");
            assert_eq!(without_page(&address::read(text)), written, "the page knows its view");
        }
    }

    #[test]
    fn what_the_log_cannot_read_is_named() {
        for (text, field) in [
            ("colour=red", "query.colour"),
            ("status=failed&sort=name", "query.sort"),
            ("status=done", "query.status"),
            ("q=since:yesterday", "query.since"),
            ("status=failed&limit=500", "query.limit"),
            ("status=failed&limit=ten", "query.limit"),
            ("status=failed&cursor=x", "query.cursor"),
            ("", "query"),
            ("limit=20", "query"),
            (&format!("q={}", "x".repeat(MAX_QUERY)), "query"),
            (&format!("q={}", "é".repeat(MAX_QUERY / 3)), "query"),
        ] {
            let problem = read_query(text, NOW).expect_err(text).problem();
            assert_eq!((problem.code.as_str(), problem.details[0].field.as_str()), ("invalid", field), "{text}");
        }
    }
}
