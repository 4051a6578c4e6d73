//! The signed text of an HMAC as a template, and the text that it makes of a request.

use std::borrow::Cow;

use crate::base_string::{BaseString, Shown};
use crate::request::InboundRequest;

/// Headers whose values are never shown.
const SECRET_HEADERS: [&str; 3] = ["authorization", "proxy-authorization", "cookie"];

/// The escapes that HubSpot undoes in an address before signing it; all others stay.
const DECODED: [(&str, &str); 12] = [
    ("%3A", ":"),
    ("%2F", "/"),
    ("%3F", "?"),
    ("%40", "@"),
    ("%21", "!"),
    ("%24", "$"),
    ("%27", "'"),
    ("%28", "("),
    ("%29", ")"),
    ("%2A", "*"),
    ("%2C", ","),
    ("%3B", ";"),
];

/// A signed text: words, and among them `{body}`, `{timestamp}` (as the header has it), `{method}`, `{url}`,
/// `{url:decoded}` (by HubSpot's rules) and `{header:x}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template<'t>(Vec<Piece<'t>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'t> {
    Words(&'t str),
    Body,
    Timestamp,
    Method,
    Url,
    DecodedUrl,
    Header(&'t str),
}

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A brace is opened and not closed.
    #[error("a {{ is not closed")]
    Unclosed,
    /// A placeholder means nothing.
    #[error(
        "{{{0}}} means nothing; there are {{body}}, {{timestamp}}, {{method}}, {{url}}, {{url:decoded}}, {{header:name}}"
    )]
    Unknown(String),
    /// The body is not signed, so that anyone could change it.
    #[error("the signed text has to hold {{body}}")]
    NoBody,
}

impl<'t> Template<'t> {
    /// Reads a template.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn parse(text: &'t str) -> Result<Self, TemplateError> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((words, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or(TemplateError::Unclosed)?;
            if !words.is_empty() {
                pieces.push(Piece::Words(words));
            }
            pieces.push(placeholder(name)?);
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Words(rest));
        }
        if pieces.contains(&Piece::Body) { Ok(Self(pieces)) } else { Err(TemplateError::NoBody) }
    }

    /// Whether it names a time.
    #[must_use]
    pub fn has_timestamp(&self) -> bool {
        self.0.contains(&Piece::Timestamp)
    }

    /// The headers that it names.
    pub fn headers(&self) -> impl Iterator<Item = &'t str> {
        self.0.iter().filter_map(|piece| if let Piece::Header(name) = piece { Some(*name) } else { None })
    }

    /// The parts of the signed text of a request, and what of them may be shown. An absent header is empty.
    pub(crate) fn fill<'a>(&self, request: &InboundRequest<'a>, timestamp: &'a str) -> (Vec<Cow<'a, [u8]>>, BaseString)
    where
        't: 'a,
    {
        let mut shown = Shown::default();
        let mut parts = Vec::with_capacity(self.0.len());
        for piece in &self.0 {
            let part: Cow<'a, [u8]> = match *piece {
                Piece::Words(words) => words.as_bytes().into(),
                Piece::Body => request.body.into(),
                Piece::Timestamp => timestamp.as_bytes().into(),
                Piece::Method => request.method.as_bytes().into(),
                Piece::Url => request.url.as_bytes().into(),
                Piece::DecodedUrl => decoded(request.url).into_bytes().into(),
                Piece::Header(name) => request.header(name).unwrap_or_default().as_bytes().into(),
            };
            match piece {
                Piece::Header(name) if SECRET_HEADERS.iter().any(|secret| name.eq_ignore_ascii_case(secret)) => {
                    shown.hidden(name, part.len());
                }
                _ => shown.push(&part),
            }
            parts.push(part);
        }
        (parts, shown.into())
    }
}

fn placeholder(name: &str) -> Result<Piece<'_>, TemplateError> {
    Ok(match name {
        "body" => Piece::Body,
        "timestamp" => Piece::Timestamp,
        "method" => Piece::Method,
        "url" => Piece::Url,
        "url:decoded" => Piece::DecodedUrl,
        _ => match name.strip_prefix("header:") {
            Some(header) if !header.is_empty() => Piece::Header(header),
            _ => return Err(TemplateError::Unknown(name.chars().take(100).collect())),
        },
    })
}

/// An address with HubSpot's escapes undone.
fn decoded(url: &str) -> String {
    let mut text = String::with_capacity(url.len());
    let mut rest = url;
    while let Some((before, after)) = rest.split_once('%') {
        text.push_str(before);
        let escape = rest.get(before.len()..before.len() + 3);
        let found = escape.and_then(|escape| DECODED.iter().find(|(code, _)| code.eq_ignore_ascii_case(escape)));
        match found {
            Some((code, character)) => {
                text.push_str(character);
                rest = &rest[before.len() + code.len()..];
            }
            None => {
                text.push('%');
                rest = after;
            }
        }
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_read_or_told_what_is_wrong() {
        let template = Template::parse("v0:{timestamp}:{header:X-Id}:{body}").unwrap();
        assert!(template.has_timestamp());
        assert_eq!(template.headers().collect::<Vec<_>>(), ["X-Id"]);
        for (text, error) in [
            ("{timestamp}", TemplateError::NoBody),
            ("", TemplateError::NoBody),
            ("{body", TemplateError::Unclosed),
            ("{body}{secret}", TemplateError::Unknown("secret".to_owned())),
            ("{body}{header:}", TemplateError::Unknown("header:".to_owned())),
        ] {
            assert_eq!(Template::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_base_string_hides_credentials_and_the_rest_of_a_long_body() {
        let headers = [("Authorization".to_owned(), "Bearer s3cret".to_owned()), ("X-Id".to_owned(), "7".to_owned())];
        let body = vec![b'x'; 5000];
        let request = InboundRequest { method: "POST", url: "https://a/b", headers: &headers, body: &body };
        let template = Template::parse("{method} {url} {header:authorization} {header:x-id} {body}").unwrap();
        let (parts, shown) = template.fill(&request, "");
        assert!(parts.concat().starts_with(b"POST https://a/b Bearer s3cret 7 xxx"));
        assert!(shown.text.starts_with("POST https://a/b {authorization} 7 xxx") && shown.cut);
        assert_eq!(shown.bytes, parts.concat().len());
    }

    #[test]
    fn only_the_listed_escapes_are_undone() {
        for (url, text) in [
            ("https://a/b?x=%3A%2f%3F%40%21%24%27%28%29%2A%2C%3B", "https://a/b?x=:/?@!$'()*,;"),
            ("%20%3D%26%25", "%20%3D%26%25"),
            ("%", "%"),
            ("%3", "%3"),
            ("%%3A%é", "%:%é"),
            ("%253A", "%253A"),
        ] {
            assert_eq!(decoded(url), text);
        }
    }
}
