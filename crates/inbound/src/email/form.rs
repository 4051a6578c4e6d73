//! Forms of several parts (`multipart/form-data`, RFC 7578), read in place.

use memchr::memmem;

use super::headers::Headers;
use crate::mime::{self, Told};

/// Parts that are read; a message has a dozen and its attachments.
const MOST_PARTS: usize = 300;
/// The longest boundary (RFC 2046, section 5.1.1).
const MAX_BOUNDARY: usize = 70;
/// The longest header block of a part.
const MAX_BLOCK: usize = 16 * 1024;

/// One part.
pub(super) struct Part<'b> {
    /// What its headers say of it.
    pub(super) told: Told,
    /// Its bytes.
    pub(super) content: &'b [u8],
}

/// The parts of a form. None where the body is no such form; one that is cut has the parts that are whole.
pub(super) fn parts<'b>(boundary: &str, body: &'b [u8]) -> Option<Vec<Part<'b>>> {
    if boundary.is_empty() || boundary.len() > MAX_BOUNDARY {
        return None;
    }
    let delimiter = format!("\r\n--{boundary}");
    let finder = memmem::Finder::new(delimiter.as_bytes());
    // The first one need not have a line before it.
    let first = body.strip_prefix(&delimiter.as_bytes()[2..]).and_then(line_end);
    let mut at = match first {
        Some(end) => end.map(|blanks| delimiter.len() - 2 + blanks),
        None => next(&finder, body, 0)?.1,
    };
    let mut parts = Vec::new();
    while let Some(start) = at.filter(|_| parts.len() < MOST_PARTS) {
        let Some((end, after)) = next(&finder, body, start) else { break };
        parts.extend(read(body[start..end].strip_prefix(b"\r\n").unwrap_or_default()));
        at = after;
    }
    Some(parts)
}

/// The next delimiter: where it begins, and where its line ends; nothing follows the last one.
fn next(finder: &memmem::Finder<'_>, body: &[u8], mut from: usize) -> Option<(usize, Option<usize>)> {
    loop {
        let start = from + finder.find(&body[from..])?;
        from = start + finder.needle().len();
        if let Some(end) = line_end(&body[from..]) {
            return Some((start, end.map(|blanks| from + blanks)));
        }
    }
}

/// What stands behind a boundary: `Some(None)` for the two hyphens of the last one, or how many blanks there are before
/// the line ends; otherwise it is another boundary, which only begins like ours.
fn line_end(rest: &[u8]) -> Option<Option<usize>> {
    let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    match rest {
        [b'-', b'-', ..] => Some(None),
        _ => rest[blanks..].starts_with(b"\r\n").then_some(Some(blanks)),
    }
}

/// A header block, an empty line, and the content.
fn read(part: &[u8]) -> Option<Part<'_>> {
    let block = memmem::find(&part[..part.len().min(MAX_BLOCK)], b"\r\n\r\n")?;
    let headers = Headers::of_block(std::str::from_utf8(&part[..block]).ok()?);
    let header = |name: &str| headers.first(name).unwrap_or_default();
    let told = mime::told(header("content-type"), header("content-disposition"), header("content-id"));
    told.field.is_some().then(|| Part { told, content: &part[block + 4..] })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields<'b>(boundary: &str, body: &'b str) -> Option<Vec<(String, &'b str)>> {
        let parts = parts(boundary, body.as_bytes())?;
        Some(
            parts
                .into_iter()
                .map(|part| (part.told.field.unwrap(), std::str::from_utf8(part.content).unwrap()))
                .collect(),
        )
    }

    #[test]
    fn parts_are_found_between_their_boundaries() {
        let body = "preamble\r\n--b \r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\n--bb\r\n\
                    \r\n--b\r\ncontent-disposition: form-data; name=b; filename=\"x.txt\"\r\nContent-Type: text/plain\r\n\r\n\
                    \r\n--b--\r\nepilogue";
        assert_eq!(fields("b", body), Some(vec![("a".to_owned(), "one\r\n--bb\r\n"), ("b".to_owned(), "")]));
    }

    #[test]
    fn what_is_no_form_has_no_parts() {
        assert_eq!(fields("b", "nothing"), None);
        assert_eq!(fields("", "--\r\n"), None);
        assert_eq!(fields(&"b".repeat(71), "x"), None);
        assert_eq!(fields("b", "--b"), None);
        for body in ["--b--", "--b\r\n", "--b\r\n\r\n--b--", "--b\r\nX: y\r\n\r\nno name\r\n--b--"] {
            assert_eq!(fields("b", body), Some(vec![]), "{body:?}");
        }
        let cut = "--b\r\nContent-Disposition: form-data; name=a\r\n\r\none\r\n--b\r\nContent-Dispo";
        assert_eq!(fields("b", cut), Some(vec![("a".to_owned(), "one")]));
    }
}
