//! Paths into a document: `data.items.*.sku`, `data.items[0]`, `data["a.b"]`.

use std::fmt::{self, Write as _};

use serde_json::Value;

use super::MAX_SEGMENTS;

/// Where a condition looks. It starts with a name that documents have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Path(Vec<Segment>);

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    /// The value of a key.
    Key(String),
    /// An element of a list by its place, or the value of a key that is this number.
    Place(usize, String),
    /// Any element of a list.
    Each,
}

const QUOTE: &str = "write keys with dots, blanks, quotes, brackets or `*` like data[\"a.b\"]";

impl Path {
    /// Reads a path.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut segments = Vec::new();
        let mut rest = text.trim();
        loop {
            let (segment, after) = segment(rest, segments.is_empty())?;
            segments.push(segment);
            if segments.len() > MAX_SEGMENTS {
                return Err(format!("has more than {MAX_SEGMENTS} parts; shorten it."));
            }
            rest = match after.as_bytes().first() {
                None => break,
                Some(b'.') => &after[1..],
                Some(b'[') => after,
                Some(_) => return Err(format!("needs a dot after each part; {QUOTE}.")),
            };
        }
        let deep = segments.len() > 1;
        match segments.first() {
            Some(Segment::Key(key)) if key == "data" || key == "channels" => Ok(Self(segments)),
            Some(Segment::Key(key)) if (key == "event_type" || key == "ordering_key") && !deep => Ok(Self(segments)),
            Some(Segment::Key(key)) if key == "event_type" || key == "ordering_key" => {
                Err(format!("goes on after `{key}`, which is a text; end it there."))
            }
            _ => Err("must be `event_type`, `channels`, `ordering_key`, or start with `data.`, which is the payload."
                .to_owned()),
        }
    }

    /// Whether this path may reach several values.
    pub(super) fn spreads(&self) -> bool {
        self.0.contains(&Segment::Each)
    }

    /// The first value that this path reaches.
    pub(super) fn first<'v>(&self, root: &'v Value) -> Option<&'v Value> {
        let mut found = None;
        self.any(root, &mut |value| {
            found = Some(value);
            true
        });
        found
    }

    /// Whether `test` says yes to a value that this path reaches; asks no further after the first.
    pub(super) fn any<'v>(&self, root: &'v Value, test: &mut dyn FnMut(&'v Value) -> bool) -> bool {
        walk(&self.0, root, test)
    }
}

/// Recursion goes as deep as the path has `*`.
fn walk<'v>(segments: &[Segment], from: &'v Value, test: &mut dyn FnMut(&'v Value) -> bool) -> bool {
    let mut value = from;
    for (index, segment) in segments.iter().enumerate() {
        let next = match (segment, value) {
            (Segment::Key(key) | Segment::Place(_, key), Value::Object(object)) => object.get(key),
            (Segment::Place(place, _), Value::Array(list)) => list.get(*place),
            (Segment::Each, Value::Array(list)) => {
                return list.iter().any(|item| walk(&segments[index + 1..], item, test));
            }
            _ => None,
        };
        let Some(next) = next else { return false };
        value = next;
    }
    test(value)
}

/// The first segment and what follows it.
fn segment(text: &str, first: bool) -> Result<(Segment, &str), String> {
    if text.starts_with('"') {
        return quoted(text);
    }
    if let Some(inside) = text.strip_prefix('[').filter(|_| !first) {
        return bracketed(inside).ok_or_else(|| {
            "has something else than a number, `*` or a quoted key in brackets; write items[0], items[*] or data[\"a.b\"]."
                .to_owned()
        });
    }
    let end = text.find(['.', '[']).unwrap_or(text.len());
    match bare(&text[..end]) {
        Some(segment) => Ok((segment, &text[end..])),
        None if end == 0 => Err("has an empty part; write it like data.customer.tier.".to_owned()),
        None => Err(format!("has a part that must be quoted; {QUOTE}.")),
    }
}

/// What stands between brackets and what follows them; `text` starts behind the first.
fn bracketed(text: &str) -> Option<(Segment, &str)> {
    let (segment, rest) = if text.starts_with(['"', '\'']) {
        quoted(text).ok()?
    } else {
        let end = text.find(']')?;
        let segment = bare(&text[..end]).filter(|segment| !matches!(segment, Segment::Key(_)))?;
        (segment, &text[end..])
    };
    Some((segment, rest.strip_prefix(']')?))
}

/// A key in quotes and what follows it; `\` takes the next character as it is.
fn quoted(text: &str) -> Result<(Segment, &str), String> {
    let mut chars = text.char_indices();
    let quote = chars.next().map(|(_, quote)| quote);
    let mut key = String::new();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => key.extend(chars.next().map(|(_, escaped)| escaped)),
            c if Some(c) == quote => return Ok((Segment::Key(key), &text[at + 1..])),
            c => key.push(c),
        }
    }
    Err("has a quote that is not closed; close it.".to_owned())
}

/// A segment without quotes; none when it needs them.
fn bare(text: &str) -> Option<Segment> {
    if text == "*" {
        return Some(Segment::Each);
    }
    let special = |c: char| c.is_control() || c.is_whitespace() || ".[]\"'*\\".contains(c);
    if text.is_empty() || text.contains(special) {
        return None;
    }
    let place = text.bytes().all(|b| b.is_ascii_digit()) && text.len() <= 9 && (text == "0" || !text.starts_with('0'));
    match text.parse() {
        Ok(number) if place => Some(Segment::Place(number, text.to_owned())),
        _ => Some(Segment::Key(text.to_owned())),
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, segment) in self.0.iter().enumerate() {
            let plain = match segment {
                Segment::Each => "*",
                Segment::Place(_, text) => text,
                Segment::Key(key) if bare(key).as_ref() == Some(segment) => key,
                Segment::Key(key) => {
                    write!(f, "[\"")?;
                    for c in key.chars() {
                        if matches!(c, '"' | '\\') {
                            f.write_char('\\')?;
                        }
                        f.write_char(c)?;
                    }
                    write!(f, "\"]")?;
                    continue;
                }
            };
            if index > 0 {
                f.write_char('.')?;
            }
            f.write_str(plain)?;
        }
        Ok(())
    }
}
