//! Cursor pages: newest first by id, forwards with `next_cursor`, back with `previous_cursor`.

use serde::{Deserialize, Serialize};

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The rows.
    pub data: Vec<T>,
    /// Pass as `cursor` for the rows that follow; absent on the last page.
    pub next_cursor: Option<String>,
    /// Pass as `cursor` for the rows before; absent on the first page.
    pub previous_cursor: Option<String>,
}

/// Which page is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
pub struct PageQuery {
    /// Rows per page, 1 to 200; 50 when absent.
    #[serde(default)]
    pub limit: Option<u32>,
    /// The `next_cursor` or `previous_cursor` of an earlier page.
    #[serde(default)]
    pub cursor: Option<String>,
}

/// Which way a cursor points. A cursor is `after-<id>` or `before-<id>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cursor {
    /// The first page.
    Start,
    /// Rows older than this id.
    After(String),
    /// Rows newer than this id.
    Before(String),
}

impl PageQuery {
    /// Rows per page.
    ///
    /// # Errors
    /// `limit` outside 1 to 200.
    pub fn limit(&self) -> crate::Result<i64> {
        match self.limit {
            None => Ok(50),
            Some(limit @ 1..=200) => Ok(i64::from(limit)),
            Some(_) => Err(crate::Error::invalid("limit", "must be between 1 and 200.")),
        }
    }

    /// Where the page starts.
    ///
    /// # Errors
    /// A cursor that no page of ours gave.
    pub fn cursor(&self) -> crate::Result<Cursor> {
        match self.cursor.as_deref() {
            None | Some("") => Ok(Cursor::Start),
            Some(text) => {
                let clean = |id: &str| {
                    !id.is_empty() && id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
                };
                match text.split_once('-') {
                    Some(("after", id)) if clean(id) => Ok(Cursor::After(id.to_owned())),
                    Some(("before", id)) if clean(id) => Ok(Cursor::Before(id.to_owned())),
                    _ => Err(crate::Error::invalid(
                        "cursor",
                        "is not a cursor that this list gave; leave it out for the first page.",
                    )),
                }
            }
        }
    }
}

impl<T> Page<T> {
    /// Builds the page from up to `limit + 1` rows in the order they were read: newest first for
    /// [`Cursor::Start`] and [`Cursor::After`], oldest first for [`Cursor::Before`].
    pub fn build(mut rows: Vec<T>, limit: i64, cursor: &Cursor, id_of: impl Fn(&T) -> String) -> Self {
        let limit = usize::try_from(limit).unwrap_or(50);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let backwards = matches!(cursor, Cursor::Before(_));
        if backwards {
            rows.reverse();
        }
        let after = rows.last().map(|row| format!("after-{}", id_of(row)));
        let before = rows.first().map(|row| format!("before-{}", id_of(row)));
        Self {
            next_cursor: if backwards || more { after } else { None },
            previous_cursor: match cursor {
                Cursor::Start => None,
                Cursor::After(_) => before,
                Cursor::Before(_) => before.filter(|_| more),
            },
            data: rows,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cursor, Page, PageQuery};

    #[test]
    fn pages_link_to_their_neighbours() {
        let id = |n: &i32| n.to_string();
        let first = Page::build(vec![9, 8, 7], 2, &Cursor::Start, id);
        assert_eq!(
            (first.data.as_slice(), first.next_cursor.as_deref(), first.previous_cursor),
            (&[9, 8][..], Some("after-8"), None)
        );
        let back = Page::build(vec![8, 9], 2, &Cursor::Before("7".into()), id);
        assert_eq!(
            (back.data.as_slice(), back.next_cursor.as_deref(), back.previous_cursor),
            (&[9, 8][..], Some("after-8"), None)
        );
    }

    #[test]
    fn a_foreign_cursor_is_refused() {
        for bad in ["x", "after-", "after-a'b", "sideways-a"] {
            let query = PageQuery { cursor: Some(bad.into()), limit: None };
            assert!(query.cursor().is_err(), "{bad}");
        }
    }
}
