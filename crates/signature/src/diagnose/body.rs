//! What a body may have been before somebody rewrote it.

use std::borrow::Cow;

use super::Variant;
use super::json::{self, Json};
use super::mistakes::{Mistake, Slip, body as wrong};
use super::rewrite::{Escapes, Layout, quoted, write};

const MARK: char = '\u{feff}';
/// From this size on, JSON is only laid out in other ways: every variant is a copy.
const LARGE: usize = 128 * 1024;

/// All bodies to try, the one given first, then those with the fewest changes.
pub(super) fn variants(body: &str) -> Vec<Variant<Cow<'_, str>>> {
    let mut found = vec![Variant::right(Cow::Borrowed(body))];
    found.extend(as_text(body).into_iter().map(|(text, slips)| Variant::wrong(text, slips)));
    if let Some(value) = json::read(body) {
        let newline_missing = (!body.ends_with('\n')).then(|| wrong::NEWLINE_MISSING.slip());
        for (text, slips) in rewritten(&value, body) {
            if body.len() < LARGE {
                let slips = slips.iter().cloned().chain(newline_missing.clone());
                found.push(Variant::wrong(Cow::Owned(format!("{text}\n")), slips));
            }
            found.push(Variant::wrong(Cow::Owned(text), slips));
        }
    }
    found.sort_by_key(|variant| variant.slips.len());
    let mut kept: Vec<Variant<Cow<'_, str>>> = Vec::new();
    for variant in found {
        if !kept.iter().any(|known| known.value == variant.value) {
            kept.push(variant);
        }
    }
    kept
}

/// Changes that any text can suffer.
fn as_text(body: &str) -> Vec<(Cow<'_, str>, Vec<Slip>)> {
    let mut found: Vec<(Cow<'_, str>, Vec<Slip>)> = vec![("".into(), vec![wrong::SIGNED_EMPTY.slip()])];
    let mut add = |text: Cow<'_, str>, slips: Vec<Slip>| found.push((text.into_owned().into(), slips));
    let lf = body.replace("\r\n", "\n");
    let crlf = lf.replace('\n', "\r\n");
    for (text, ending, slip) in [(body, "\n", None), (&lf, "\n", Some(&wrong::LF)), (&crlf, "\r\n", Some(&wrong::CRLF))]
    {
        let slips =
            |more: &'static Mistake| slip.map(|slip| slip.slip()).into_iter().chain([more.slip()]).collect::<Vec<_>>();
        if let Some(slip) = slip {
            add(text.into(), vec![slip.slip()]);
        }
        for end in ["\n", "\r\n"] {
            if let Some(shorter) = text.strip_suffix(end) {
                add(shorter.into(), slips(&wrong::NEWLINE_ADDED));
            }
            if slip.is_none() || end == ending {
                add(format!("{text}{end}").into(), slips(&wrong::NEWLINE_MISSING));
            }
        }
    }
    add(body.trim().into(), vec![wrong::BLANKS.slip()]);
    match body.strip_prefix(MARK) {
        Some(rest) => add(rest.into(), vec![wrong::MARK_ADDED.slip()]),
        None => add(format!("{MARK}{body}").into(), vec![wrong::MARK_MISSING.slip()]),
    }
    add(html_unescaped(body).into(), vec![wrong::HTML_ESCAPED.slip()]);
    for quotes in [("&quot;", "&#39;"), ("&#34;", "&#39;"), ("&quot;", "&#x27;"), ("&quot;", "'")] {
        add(html_escaped(body, quotes).into(), vec![wrong::HTML_UNESCAPED.slip()]);
    }
    if let Some(inner) =
        json::read(body).and_then(|value| if let Json::Text(raw) = value { json::unescape(raw) } else { None })
    {
        add(inner.into(), vec![wrong::ENCODED_TWICE.slip()]);
    }
    add(quoted(body).into(), vec![wrong::SIGNED_ENCODED_TWICE.slip()]);
    found
}

/// The same JSON as other programs write it. A change that changes nothing is no slip.
fn rewritten(value: &Json<'_>, body: &str) -> Vec<(String, Vec<Slip>)> {
    let plain = write(value, Layout::Compact, false, None);
    let changes = |sorted, escapes| write(value, Layout::Compact, sorted, escapes) != plain;
    let whole = body.len() < LARGE;
    let orders: &[bool] = if whole && changes(true, None) { &[false, true] } else { &[false] };
    let mut spellings = vec![None];
    spellings.extend(Escapes::ALL.map(Some).into_iter().filter(|escapes| whole && changes(false, *escapes)));
    let trimmed = body.trim();
    let mut found = Vec::new();
    for layout in Layout::ALL {
        let around = if write(value, layout, false, None) != trimmed {
            Some(wrong::REFORMATTED.with(layout_name(layout)))
        } else {
            (trimmed != body).then(|| wrong::NEWLINE_ADDED.slip())
        };
        for sorted in orders {
            for escapes in &spellings {
                let sorting = sorted.then(|| wrong::KEYS_SORTED.slip());
                let escaping = escapes.map(|escapes| wrong::ESCAPES.with(escapes_name(escapes)));
                let slips = around.clone().into_iter().chain(sorting).chain(escaping).collect();
                found.push((write(value, layout, *sorted, *escapes), slips));
            }
        }
    }
    found
}

fn layout_name(layout: Layout) -> &'static str {
    match layout {
        Layout::Compact => "in its compact form, without spaces or line breaks",
        Layout::Spaced => "on one line with a space after every comma and colon, as Python writes it",
        Layout::Indent2 => "in lines indented by two spaces",
        Layout::Indent4 => "in lines indented by four spaces",
        Layout::Tabs => "in lines indented by tabs",
    }
}

fn escapes_name(escapes: Escapes) -> &'static str {
    match escapes {
        Escapes::Minimal => "every character written as itself, not as \\u and a number",
        Escapes::Ascii => "everything outside ASCII written as \\u and a number, as Python does it",
        Escapes::Slash => "every / written as \\/",
        Escapes::AsciiSlash => {
            "every / written as \\/ and everything outside ASCII as \\u and a number, as PHP does it"
        }
        Escapes::Html => "<, > and & written as \\u003c and the like, as Go and Rails do it",
        Escapes::Upper => {
            "quotes, <, >, & and everything outside ASCII written as \\u and upper-case hex, as .NET does it"
        }
    }
}

fn html_unescaped(body: &str) -> String {
    let mut text = body.to_owned();
    for (entity, meant) in [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&apos;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&nbsp;", "\u{a0}"),
        ("&amp;", "&"),
    ] {
        if text.contains(entity) {
            text = text.replace(entity, meant);
        }
    }
    text
}

fn html_escaped(body: &str, (double, single): (&str, &str)) -> String {
    let mut text = body.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text = text.replace('"', double);
    text.replace('\'', single)
}
