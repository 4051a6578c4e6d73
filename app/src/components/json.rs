//! JSON as people read it: indented and coloured, every digit and every byte as it was sent.

use leptos::prelude::*;

/// A payload. What is not JSON is shown as it is.
#[component]
pub fn Json(
    /// The text.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! { <pre class="json" tabindex="0" inner_html=highlight(&text)></pre> }
}

/// Blanks that the layout takes at most for each byte of a text: how deep it goes is a stranger's choice.
const BLANKS: usize = 8;

/// The text as HTML: escaped, and indented and coloured if it is JSON. Of what goes absurdly deep not all is indented, so that the HTML
/// grows with the text and no faster.
#[must_use]
pub fn highlight(text: &str) -> String {
    let mut html = String::with_capacity(text.len() * 2);
    if serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() {
        escape(text, &mut html);
        return html;
    }
    let bytes = text.as_bytes();
    let (mut at, mut depth, mut room) = (0, 0_usize, text.len() * BLANKS);
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            b'"' => {
                at = end_of_string(bytes, at);
                let key = bytes[at..].iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':');
                token(if key { "k" } else { "s" }, &text[start..at], &mut html);
                continue;
            }
            open @ (b'{' | b'[') => {
                html.push(char::from(open));
                let next =
                    bytes[at + 1..].iter().position(|byte| !byte.is_ascii_whitespace()).map(|offset| at + 1 + offset);
                if let Some(close) = next.filter(|next| matches!(bytes[*next], b'}' | b']')) {
                    html.push(char::from(bytes[close]));
                    at = close;
                } else {
                    depth += 1;
                    newline(depth, &mut room, &mut html);
                }
            }
            close @ (b'}' | b']') => {
                depth = depth.saturating_sub(1);
                newline(depth, &mut room, &mut html);
                html.push(char::from(close));
            }
            b',' => {
                html.push(',');
                newline(depth, &mut room, &mut html);
            }
            b':' => html.push_str(": "),
            byte if byte.is_ascii_whitespace() => {}
            _ => {
                at += bytes[at..].iter().position(|byte| b",]} \t\r\n".contains(byte)).unwrap_or(bytes.len() - at);
                token("n", &text[start..at], &mut html);
                continue;
            }
        }
        at += 1;
    }
    html
}

/// The index after the string that begins at `start`.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Begins a line, indented as long as there is room for that.
fn newline(depth: usize, room: &mut usize, html: &mut String) {
    html.push('\n');
    if let Some(left) = room.checked_sub(2 * depth) {
        *room = left;
        html.extend(std::iter::repeat_n("  ", depth));
    }
}

fn token(class: &str, text: &str, html: &mut String) {
    html.push_str("<span class=\"");
    html.push_str(class);
    html.push_str("\">");
    escape(text, html);
    html.push_str("</span>");
}

fn escape(text: &str, html: &mut String) {
    for c in text.chars() {
        match c {
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '&' => html.push_str("&amp;"),
            _ => html.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::highlight;

    #[test]
    fn what_goes_absurdly_deep_does_not_grow_beyond_measure() {
        for text in
            ["[".repeat(5000) + &"]".repeat(5000), "[".repeat(5000) + &"0,".repeat(5000) + "0" + &"]".repeat(5000)]
        {
            let html = highlight(&text);
            assert!(html.len() < 40 * text.len(), "{} of {}", html.len(), text.len());
        }
    }

    #[test]
    fn a_payload_is_indented_and_its_digits_are_kept() {
        assert_eq!(
            highlight(r#"{"a":[1.50,{}],"b":"x\"y"}"#),
            "{\n  <span class=\"k\">\"a\"</span>: [\n    <span class=\"n\">1.50</span>,\n    {}\n  ],\n  <span class=\"k\">\"b\"</span>: <span class=\"s\">\"x\\\"y\"</span>\n}"
        );
    }

    #[test]
    fn markup_in_a_payload_stays_text() {
        assert_eq!(highlight("<script>"), "&lt;script&gt;");
        assert_eq!(highlight(r#"["</pre><b>"]"#), "[\n  <span class=\"s\">\"&lt;/pre&gt;&lt;b&gt;\"</span>\n]");
    }
}
