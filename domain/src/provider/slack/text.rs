//! Text in Slack's markup: escaping, length, moments, links.
//!
//! Slack asks for exactly three characters to be escaped, `&`, `<` and `>`, and knows no way to escape `*`, `_`, `~` and
//! `` ` ``: a name with stars in it may show bold. What matters is that nobody's data can mention people or make links.
//! Lengths are counted in UTF-16 units after escaping, which is never less than Slack counts, whether that is units or
//! characters.

use crate::event::summary::{Span, Words};
use crate::rule::Mention;
use crate::time::Timestamp;

/// The longest URL of a button.
const MAX_URL: usize = 3000;
/// The longest URL within a text, escaped.
const MAX_LINK: usize = 1500;
/// What stands where there is no text: Slack refuses empty ones.
pub(super) const NOTHING: &str = "(empty)";
/// Times that Slack can show in the reader's zone: after 1970, before 2100.
const SHOWABLE_S: std::ops::Range<i64> = 1..4_102_444_800;

/// The length of a text as Slack counts it, or a little more.
#[must_use]
pub fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Escapes a text. Control characters go, but for ends of lines; they show nothing and some break messages.
#[must_use]
pub fn escape(raw: &str) -> String {
    fit(raw, usize::MAX)
}

/// Escapes a text and cuts it to a length; what is cut ends in `…`.
#[must_use]
pub fn fit(raw: &str, max: usize) -> String {
    let mut text = String::new();
    let (mut used, mut shorter) = (0, 0);
    let mut one = [0; 4];
    for c in raw.chars().filter(|c| !c.is_control() || *c == '\n') {
        let part = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            other => &*other.encode_utf8(&mut one),
        };
        used += length(part);
        if used > max {
            text.truncate(shorter);
            text.push_str(if max == 0 { "" } else { "…" });
            return text;
        }
        text.push_str(part);
        if used < max {
            shorter = text.len();
        }
    }
    text
}

/// Words in markup, cut to a length.
#[must_use]
pub fn mrkdwn(words: &Words, max: usize) -> String {
    let mut text = String::new();
    for span in &words.0 {
        let left = max.saturating_sub(length(&text));
        let whole = marked(span, usize::MAX);
        if length(&whole) <= left {
            text.push_str(&whole);
        } else {
            let cut = marked(span, left);
            text.push_str(if length(&cut) <= left { &cut } else { "" });
            break;
        }
    }
    text
}

/// One span in markup. A mark goes around what can carry it: one line that has the mark's character nowhere.
fn marked(span: &Span, max: usize) -> String {
    let around = |text: &str, mark: char| {
        let text = text.trim();
        let plain = text.is_empty() || text.contains([mark, '\n']) || max < 4;
        if plain { fit(text, max) } else { format!("{mark}{}{mark}", fit(text, max - 2)) }
    };
    match span {
        Span::Text(text) => fit(text, max),
        Span::Strong(text) => around(text, '*'),
        Span::Code(text) => around(text, '`'),
        Span::Time(at) => moment(*at),
    }
}

/// A moment, shown in the reader's zone: `<!date^1795356131^{date_short_pretty} at {time}|2026-11-22 14:02 UTC>`.
#[must_use]
pub fn moment(at: Timestamp) -> String {
    let plain = at.rfc3339();
    // 2026-11-22T14:02:11.408Z; other years than those of four digits are shown whole.
    let plain = match (plain.get(..10), plain.get(10..11), plain.get(11..16)) {
        (Some(date), Some("T"), Some(time)) => format!("{date} {time} UTC"),
        _ => plain,
    };
    if SHOWABLE_S.contains(&at.seconds()) {
        format!("<!date^{}^{{date_short_pretty}} at {{time}}|{plain}>", at.seconds())
    } else {
        plain
    }
}

/// The URL, where Slack takes it: whole, of a web page, of what URLs are made of.
#[must_use]
pub fn web_url(url: &str) -> Option<&str> {
    let web = url.starts_with("https://") || url.starts_with("http://");
    let clean = url.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>|\"".contains(&byte));
    (web && clean && url.len() <= MAX_URL).then_some(url)
}

/// A link: `<https://…|label>`; only the label where the URL is no good.
#[must_use]
pub fn link(url: &str, label: &str) -> String {
    let label = escape(&label.replace('|', "¦"));
    match web_url(url).map(escape).filter(|url| url.len() <= MAX_LINK) {
        Some(url) => format!("<{url}|{label}>"),
        None => label,
    }
}

/// A mention. The ids are of capitals and digits only.
#[must_use]
pub fn mention(mention: &Mention) -> String {
    match mention {
        Mention::Here => "<!here>".into(),
        Mention::Channel => "<!channel>".into(),
        Mention::User(id) => format!("<@{}>", plain_id(id)),
        Mention::Group(id) => format!("<!subteam^{}>", plain_id(id)),
    }
}

/// A person of Slack, by the id in a request of Slack.
#[must_use]
pub fn person(user_id: &str) -> String {
    format!("<@{}>", plain_id(user_id))
}

/// Only what ids are made of, 30 characters at most: an id never brings markup along.
fn plain_id(id: &str) -> String {
    id.chars().filter(char::is_ascii_alphanumeric).take(30).collect()
}

#[cfg(test)]
mod tests;
