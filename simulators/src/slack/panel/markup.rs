//! Slack's markup as HTML, simply: bold, italics, struck, code, links, mentions.

use crate::html::escape;

/// A text in `mrkdwn`.
pub(super) fn render(text: &str) -> String {
    let mut html = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        html += &styled(&rest[..start]);
        let after = &rest[start + 1..];
        let Some(end) = after.find('>') else {
            return html + &styled(&rest[start..]);
        };
        html += &angled(&after[..end]);
        rest = &after[end + 1..];
    }
    html + &styled(rest)
}

/// What stands between `<` and `>`.
fn angled(inside: &str) -> String {
    let (target, label) = inside.split_once('|').unwrap_or((inside, ""));
    match target.chars().next() {
        Some('@' | '#' | '!') => {
            let shown = if label.is_empty() { target.replacen('!', "@", 1) } else { label.to_owned() };
            format!("<strong>{}</strong>", escape(&unescape(&shown)))
        }
        _ => {
            let label = if label.is_empty() { target } else { label };
            format!(
                r#"<a href="{}" rel="noreferrer">{}</a>"#,
                escape(&safe(&unescape(target))),
                escape(&unescape(label))
            )
        }
    }
}

/// Only addresses that a link of Slack may have.
fn safe(url: &str) -> String {
    let known = ["http://", "https://", "mailto:", "tel:"];
    if known.iter().any(|scheme| url.starts_with(scheme)) { url.to_owned() } else { String::new() }
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// Text between links: each pair of a mark becomes an element.
fn styled(text: &str) -> String {
    let mut html = escape(&unescape(text));
    for (mark, element) in [("```", "pre"), ("`", "code"), ("*", "strong"), ("_", "em"), ("~", "s")] {
        html = paired(&html, mark, element);
    }
    html.replace('\n', "<br>")
}

fn paired(html: &str, mark: &str, element: &str) -> String {
    let parts: Vec<&str> = html.split(mark).collect();
    let mut result = parts[0].to_owned();
    let mut index = 1;
    while index < parts.len() {
        let is_word = parts[index - 1].chars().last().is_some_and(char::is_alphanumeric);
        if index + 1 < parts.len() && !parts[index].is_empty() && !(mark == "_" && is_word) {
            result += &format!("<{element}>{}</{element}>{}", parts[index], parts[index + 1]);
            index += 2;
        } else {
            result += mark;
            result += parts[index];
            index += 1;
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn markup_becomes_elements_and_nothing_else_does() {
        for (text, html) in [
            ("*bold* _it_ ~no~ `x`", "<strong>bold</strong> <em>it</em> <s>no</s> <code>x</code>"),
            ("a_b_c &lt;b&gt; &amp;amp;", "a_b_c &lt;b&gt; &amp;amp;"),
            (
                "<https://a.example/?b&amp;c|see *this*>",
                r#"<a href="https://a.example/?b&amp;c" rel="noreferrer">see *this*</a>"#,
            ),
            ("<javascript:alert(1)|x>", r#"<a href="" rel="noreferrer">x</a>"#),
            ("<!here> <@U1|ada> <#C1>", "<strong>@here</strong> <strong>ada</strong> <strong>#C1</strong>"),
            ("one *\ntwo <b", "one *<br>two &lt;b"),
        ] {
            assert_eq!(render(text), html, "{text}");
        }
    }
}
