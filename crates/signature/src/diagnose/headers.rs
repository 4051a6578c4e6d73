//! Headers as people paste them: one per line, or as options of curl, or as a program printed them.

use super::json::{self, Json};

/// Names in lower case, with hyphens; in the order pasted.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Headers(Vec<(String, String)>);

impl Headers {
    /// Reads what was pasted. Lines that are no headers are passed over.
    pub(super) fn read(text: &str) -> Self {
        let text = text.trim();
        let entries = json::read(text);
        if let Some(found @ [_, ..]) = entries.as_ref().map(Json::entries) {
            return Self(found.iter().filter_map(|(name, value)| Some((plain(name)?, text_of(value)?))).collect());
        }
        Self(text.lines().flat_map(pieces).filter_map(header).collect())
    }

    /// The first value of the first of these names that is there and not empty.
    pub(super) fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.all(name).next())
    }

    /// Every value of a name.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(known, value)| known == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }
}

/// The options of a line of curl, without their quotes; or else the line itself.
fn pieces(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some((at, option)) = ["-H", "--header"].iter().filter_map(|o| Some((rest.find(o)?, o))).min() {
        let before = rest[..at].chars().next_back();
        let after = &rest[at + option.len()..];
        if before.is_none_or(char::is_whitespace) && after.starts_with([' ', '\'', '"', '=', '\t']) {
            let after = after.trim_start_matches([' ', '=', '\t']);
            let quote = after.chars().next().filter(|c| "'\"".contains(*c));
            let inside = if quote.is_some() { &after[1..] } else { after };
            let end = quote.and_then(|quote| inside.find(quote)).unwrap_or(inside.len());
            found.push(&inside[..end]);
            rest = &inside[end..];
        } else {
            rest = after;
        }
    }
    if found.is_empty() { vec![line] } else { found }
}

/// A line as name and value: `name: value`, `"name": "value",`, `NAME=value`, or the bare value of a signature.
fn header(line: &str) -> Option<(String, String)> {
    let line = line.trim().trim_start_matches(['>', '<', '{', '*']).trim_end_matches(['\\', '}']).trim();
    let line = line.strip_suffix(',').unwrap_or(line);
    for (start, name) in [
        ("v1,", "webhook-signature"),
        ("v1a,", "webhook-signature"),
        ("t=", "stripe-signature"),
        ("v0=", "x-slack-signature"),
        ("sha256=", "x-hub-signature-256"),
        ("sha1=", "x-hub-signature"),
    ] {
        if line.starts_with(start) {
            return Some((name.to_owned(), line.to_owned()));
        }
    }
    let (name, value) = line.split_once(':').or_else(|| line.split_once('='))?;
    let name = plain(name)?;
    Some((name, unquoted(value).to_owned()))
}

/// A name in lower case, with hyphens, without what CGI puts in front. `None` if it cannot be a name.
fn plain(name: &str) -> Option<String> {
    let name = unquoted(name).to_ascii_lowercase().replace('_', "-");
    let name = name.strip_prefix("http-").unwrap_or(&name);
    let fits = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    fits.then(|| name.to_owned())
}

/// Without blanks, brackets and quotes around it.
fn unquoted(text: &str) -> &str {
    text.trim().trim_matches(['[', ']', '"', '\'', '`']).trim()
}

/// A header's value in JSON: a text, a number, or a list of one.
fn text_of(value: &Json<'_>) -> Option<String> {
    match value {
        Json::Text(raw) => json::unescape(raw),
        Json::Literal(word) => Some((*word).to_owned()),
        Json::List(items) => items.first().and_then(text_of),
        Json::Map(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_found_however_it_is_pasted() {
        for text in [
            "webhook-id: msg_1",
            "  Webhook-Id:msg_1  \r\n",
            "POST /hooks HTTP/1.1\nHost: a.test:8080\nWEBHOOK-ID: msg_1",
            "curl -X POST https://a.test/x-H -H 'content-type: application/json' -H 'webhook-id: msg_1' -d '{}'",
            "curl https://a.test \\\n  --header \"Webhook-ID: msg_1\" \\\n",
            "> webhook-id: msg_1",
            "\"webhook-id\": \"msg_1\",",
            "'webhook-id': 'msg_1',",
            "{\"host\":\"a\",\"webhook-id\":\"msg_1\"}",
            "{\n  \"webhook-id\": [\"msg_1\"]\n}",
            "HTTP_WEBHOOK_ID=msg_1",
            "WEBHOOK_ID=\"msg_1\"",
        ] {
            let found = Headers::read(text);
            assert_eq!(found.all("webhook-id").last(), Some("msg_1"), "{text:?} {found:?}");
        }
    }

    #[test]
    fn a_bare_signature_is_taken_for_its_header() {
        for (text, name) in [
            ("v1,AAAA v1,BBBB", "webhook-signature"),
            ("v1a,AAAA", "webhook-signature"),
            ("t=1,v1=ab", "stripe-signature"),
            ("v0=ab", "x-slack-signature"),
            ("sha256=ab", "x-hub-signature-256"),
            ("sha1=ab", "x-hub-signature"),
        ] {
            assert_eq!(Headers::read(text).first(&[name]), Some(text));
        }
    }

    #[test]
    fn what_is_no_header_is_passed_over() {
        for text in ["", "\n\n", "hello", "{\"a\": {}}", ": x", "a b: c", "{", "ünï: x"] {
            assert_eq!(Headers::read(text), Headers::default(), "{text:?}");
        }
    }
}
