//! The audit log as CSV: RFC 4180, with every cell a spreadsheet's text and never its formula.
//!
//! A cell that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@`, also after spaces, or with a tab or line
//! break) gets an apostrophe before it, and so does one that begins with an apostrophe, so that whoever reads a cell takes one
//! leading apostrophe away and has the text again.

use std::borrow::Cow;
use std::io::{self, BufRead, Read as _};

use super::{AuditEntry, chain};

/// The columns of an export: the fields that the hash covers, then the two hashes.
pub const COLUMNS: usize = chain::FIELDS.len() + 2;
/// The longest line that is read, in bytes; far beyond any entry.
const MAX_LINE: u64 = 4 * 1024 * 1024;

/// The names of the columns, as the first line.
#[must_use]
pub fn head() -> String {
    let mut text = chain::FIELDS.join(",");
    text.push_str(",previous_hash,hash\r\n");
    text
}

/// One entry as a line.
#[must_use]
pub fn line(entry: &AuditEntry) -> String {
    let hashes = [&entry.previous_hash, &entry.hash].map(|hash| hash.clone().unwrap_or_default());
    row(chain::fields(entry).into_iter().chain(hashes))
}

/// Texts as a line of cells.
pub(crate) fn row(texts: impl IntoIterator<Item = String>) -> String {
    let cells = texts.into_iter().map(|text| quoted(&harmless(&text)).into_owned());
    let mut line = cells.collect::<Vec<_>>().join(",");
    line.push_str("\r\n");
    line
}

/// The text so that no spreadsheet computes it.
fn harmless(text: &str) -> Cow<'_, str> {
    // The wide forms are taken for the narrow ones in some settings.
    const STARTS: [char; 8] = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
    if text.trim_start().starts_with(STARTS) || text.starts_with(['\'', '\t', '\r', '\n']) {
        return format!("'{text}").into();
    }
    text.into()
}

fn quoted(text: &str) -> Cow<'_, str> {
    let plain = !text.contains([',', ';', '"', '\r', '\n', '\t']) && text.trim() == text;
    if plain { text.into() } else { format!("\"{}\"", text.replace('"', "\"\"")).into() }
}

/// The texts in a line's cells.
///
/// # Errors
/// What makes it no line of CSV.
pub fn cells(line: &str) -> Result<Vec<String>, &'static str> {
    let line = line.strip_suffix('\n').unwrap_or(line);
    let mut rest = line.strip_suffix('\r').unwrap_or(line);
    let mut cells = Vec::new();
    loop {
        let (text, after) = match rest.strip_prefix('"') {
            Some(inner) => closed(inner)?,
            None => {
                let (text, after) = rest.split_at(rest.find(',').unwrap_or(rest.len()));
                if text.contains(['"', '\r', '\n']) {
                    return Err("has a quotation mark or line break in a cell without quotation marks around it");
                }
                (text.to_owned(), after)
            }
        };
        cells.push(text.strip_prefix('\'').map(str::to_owned).unwrap_or(text));
        match after.strip_prefix(',') {
            Some(more) => rest = more,
            None if after.is_empty() => return Ok(cells),
            None => return Err("has something between a quotation mark that closes a cell and the comma"),
        }
    }
}

/// What stands before the quotation mark that closes a cell, and what after.
fn closed(inner: &str) -> Result<(String, &str), &'static str> {
    let mut text = String::new();
    let mut rest = inner;
    loop {
        let (before, after) = rest.split_once('"').ok_or("opens a quotation mark that nothing closes")?;
        text.push_str(before);
        match after.strip_prefix('"') {
            Some(more) => {
                text.push('"');
                rest = more;
            }
            None => return Ok((text, after)),
        }
    }
}

/// Reads a file line by line; a line break within quotation marks does not end one.
pub(crate) struct Lines<R> {
    input: R,
    read: u64,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(input: R) -> Self {
        Self { input, read: 0 }
    }

    /// The next line with its number in the file, from 1 on.
    pub(crate) fn next(&mut self) -> io::Result<Option<(u64, String)>> {
        let mut bytes = Vec::new();
        let first = self.read + 1;
        let mut is_open = false;
        loop {
            let before = bytes.len();
            let left = MAX_LINE.saturating_sub(before as u64);
            let count = self.input.by_ref().take(left).read_until(b'\n', &mut bytes)?;
            if count == 0 && left == 0 {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("line {first} is longer than any of ours"),
                ));
            }
            if count == 0 {
                break;
            }
            is_open ^= bytes[before..].iter().filter(|byte| **byte == b'"').count() % 2 == 1;
            if bytes.ends_with(b"\n") {
                self.read += 1;
                if !is_open {
                    break;
                }
            }
        }
        if bytes.is_empty() {
            return Ok(None);
        }
        let text = String::from_utf8(bytes)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, format!("line {first} is not UTF-8")))?;
        Ok(Some((first, text)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_quotation_follows_the_standard() {
        for (text, cell) in [
            ("Acme", "Acme"),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("  =1", "'  =1"),
            ("  x ", "\"  x \""),
            ("\t=1", "\"'\t=1\""),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("'quoted'", "''quoted'"),
            ("=HYPERLINK(\"https://x.example\",\"y\")", "\"'=HYPERLINK(\"\"https://x.example\"\",\"\"y\"\")\""),
            ("a, b", "\"a, b\""),
            ("two\r\nlines", "\"two\r\nlines\""),
            ("", ""),
        ] {
            let made = quoted(&harmless(text)).into_owned();
            assert_eq!(made, cell);
            assert_eq!(cells(&made).expect("a cell"), [text]);
        }
    }

    #[test]
    fn what_is_no_csv_is_refused() {
        for wrong in ["\"open", "\"a\"b", "a\"b", "\"a\" ,b"] {
            assert!(cells(wrong).is_err(), "{wrong}");
        }
        assert_eq!(cells("a,,\"\"\r\n").expect("good"), ["a", "", ""]);
    }

    #[test]
    fn lines_are_counted_as_an_editor_counts_them() {
        let mut lines = Lines::new("a\r\n\"b\nc\"\r\nd".as_bytes());
        let all: Vec<_> = std::iter::from_fn(|| lines.next().expect("text")).collect();
        assert_eq!(all, [(1, "a\r\n".to_owned()), (2, "\"b\nc\"\r\n".to_owned()), (4, "d".to_owned())]);
        assert!(Lines::new(&b"\xff\n"[..]).next().is_err());
        let endless = vec![b'a'; usize::try_from(MAX_LINE).expect("small") + 1];
        assert!(Lines::new(&endless[..]).next().is_err());
    }

    proptest! {
        #[test]
        fn any_texts_survive_the_way_through_a_line(texts in proptest::collection::vec(".*|[=+@'\", \r\n\t-]{0,9}", 1..9)) {
            let line = texts.iter().map(|text| quoted(&harmless(text)).into_owned()).collect::<Vec<_>>().join(",") + "\r\n";
            prop_assert_eq!(&cells(&line).expect("cells"), &texts);
            let read = Lines::new(line.as_bytes()).next().expect("text");
            prop_assert_eq!(read, Some((1, line)));
        }
    }
}
