//! JSON written again, as the programs of this world write it.
//!
//! Only what a style says is changed, so that a body is changed only where its writer would have changed it.

use std::fmt::Write as _;

use super::json::{Json, unescape};

/// What stands between the tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// Nothing.
    Compact,
    /// A space after `,` and `:`.
    Spaced,
    /// Lines, indented by two spaces per level.
    Indent2,
    /// Lines, indented by four spaces per level.
    Indent4,
    /// Lines, indented by a tab per level.
    Tabs,
}

/// How the characters of strings are spelt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escapes {
    /// Only what must be escaped is.
    Minimal,
    /// Everything outside ASCII as `\u00eb`.
    Ascii,
    /// `/` as `\/`, everything else as it is.
    Slash,
    /// `/` as `\/` and everything outside ASCII as `\u00eb`.
    AsciiSlash,
    /// `<`, `>` and `&` as `\u003c`, everything else as it is.
    Html,
    /// Everything outside ASCII, and what matters to HTML, as `\u00EB`.
    Upper,
}

impl Layout {
    pub(super) const ALL: [Self; 5] = [Self::Compact, Self::Spaced, Self::Indent2, Self::Indent4, Self::Tabs];

    /// What one level is indented by, if there are lines.
    fn indent(self) -> Option<&'static str> {
        match self {
            Self::Compact | Self::Spaced => None,
            Self::Indent2 => Some("  "),
            Self::Indent4 => Some("    "),
            Self::Tabs => Some("\t"),
        }
    }
}

impl Escapes {
    pub(super) const ALL: [Self; 6] =
        [Self::Minimal, Self::Ascii, Self::Slash, Self::AsciiSlash, Self::Html, Self::Upper];
}

/// A value as text. Without escapes given, strings keep their spelling.
pub(super) fn write(value: &Json<'_>, layout: Layout, sorted: bool, escapes: Option<Escapes>) -> String {
    let mut writer = Writer { out: String::new(), layout, sorted, escapes };
    writer.value(value, 0);
    writer.out
}

struct Writer {
    out: String,
    layout: Layout,
    sorted: bool,
    escapes: Option<Escapes>,
}

impl Writer {
    fn value(&mut self, value: &Json<'_>, depth: usize) {
        match value {
            Json::Literal(word) => self.out.push_str(word),
            Json::Text(raw) => self.string(raw),
            Json::List(items) => {
                let items = items.iter().map(|item| (None, item)).collect();
                self.inside('[', ']', items, depth);
            }
            Json::Map(entries) => {
                let mut entries: Vec<_> = entries.iter().map(|(name, value)| (Some(*name), value)).collect();
                if self.sorted {
                    entries.sort_by_key(|(name, _)| *name);
                }
                self.inside('{', '}', entries, depth);
            }
        }
    }

    fn inside(&mut self, open: char, close: char, entries: Vec<(Option<&str>, &Json<'_>)>, depth: usize) {
        self.out.push(open);
        let empty = entries.is_empty();
        for (index, (name, value)) in entries.into_iter().enumerate() {
            if index > 0 {
                self.out.push_str(if self.layout == Layout::Spaced { ", " } else { "," });
            }
            self.line(depth + 1);
            if let Some(name) = name {
                self.string(name);
                self.out.push_str(if self.layout == Layout::Compact { ":" } else { ": " });
            }
            self.value(value, depth + 1);
        }
        if !empty {
            self.line(depth);
        }
        self.out.push(close);
    }

    fn line(&mut self, depth: usize) {
        if let Some(indent) = self.layout.indent() {
            self.out.push('\n');
            for _ in 0..depth {
                self.out.push_str(indent);
            }
        }
    }

    fn string(&mut self, raw: &str) {
        self.out.push('"');
        match self.escapes.and_then(|escapes| Some((escapes, unescape(raw)?))) {
            Some((escapes, text)) => escape(&text, escapes, &mut self.out),
            None => self.out.push_str(raw),
        }
        self.out.push('"');
    }
}

/// A text as a JSON string, quotes included.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    escape(text, Escapes::Minimal, &mut out);
    out.push('"');
    out
}

fn escape(text: &str, escapes: Escapes, out: &mut String) {
    use Escapes::{Ascii, AsciiSlash, Html, Slash, Upper};
    for c in text.chars() {
        match c {
            '"' if escapes != Upper => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '/' if matches!(escapes, Slash | AsciiSlash) => out.push_str("\\/"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' if escapes == Html => numbered(c, false, out),
            '"' | '<' | '>' | '&' | '\'' | '+' | '`' if escapes == Upper => numbered(c, true, out),
            '\0'..' ' => numbered(c, escapes == Upper, out),
            '\u{80}'.. if matches!(escapes, Ascii | AsciiSlash | Upper) => numbered(c, escapes == Upper, out),
            _ => out.push(c),
        }
    }
}

fn numbered(c: char, upper: bool, out: &mut String) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        let written = if upper { write!(out, "\\u{unit:04X}") } else { write!(out, "\\u{unit:04x}") };
        written.expect("a String takes all");
    }
}
