//! The text of a message: how long, and whether what looks like markup is some.

use serde_json::Value;

use super::Complaint;

const LONGEST_TEXT: usize = 40_000;

/// What is wrong with a message's text and metadata.
pub(super) fn message(message: &Value) -> Vec<Complaint> {
    let mut found = Vec::new();
    let text = |name: &str| message.get(name).and_then(Value::as_str).unwrap_or_default();
    let is_empty = |name: &str| message.get(name).and_then(Value::as_array).is_none_or(Vec::is_empty);
    if text("text").is_empty() && text("markdown_text").is_empty() && is_empty("blocks") && is_empty("attachments") {
        found.push(Complaint { code: "no_text", what: "a message needs a text, blocks or attachments".to_owned() });
    }
    let length = text("text").chars().count();
    if length > LONGEST_TEXT {
        found.push(Complaint {
            code: "msg_too_long",
            what: format!("the text has {length} characters, 40,000 at most"),
        });
    }
    if let Some(what) = strange_markup(text("text")) {
        found.push(Complaint::arguments(format!("text: {what}")));
    }
    if let Some(metadata) = message.get("metadata")
        && !(metadata["event_type"].is_string() && metadata["event_payload"].is_object())
    {
        let what = "metadata needs event_type and event_payload".to_owned();
        found.push(Complaint { code: "invalid_metadata_format", what });
    }
    found
}

/// A `<` that begins nothing Slack knows: it was not escaped, and people would not see it.
pub(super) fn strange_markup(text: &str) -> Option<String> {
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let after = &rest[start + 1..];
        let Some(end) = after.find('>') else { return Some(format!("unescaped \"<{}\"", beginning(after))) };
        let inside = &after[..end];
        let known =
            ["http://", "https://", "mailto:", "tel:", "slack://", "@U", "@W", "#C", "#G", "!subteam^", "!date^"];
        let special = ["!here", "!channel", "!everyone"];
        let name = inside.split('|').next().unwrap_or_default();
        let is_known = known.iter().any(|prefix| inside.starts_with(prefix)) || special.contains(&name);
        if !is_known || inside.contains('<') {
            return Some(format!("\"<{}>\" is no link and no mention: < is written &lt;", beginning(inside)));
        }
        rest = &after[end + 1..];
    }
    None
}

fn beginning(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn links_and_mentions_are_markup_and_everything_else_must_be_escaped() {
        for good in
            ["", "a &lt;b&gt; &amp; > c", "<https://a.example/?b=1&c=2|d> <@U123> <#C123|x> <!here> <!date^1^{date}|x>"]
        {
            assert_eq!(strange_markup(good), None, "{good}");
        }
        for bad in ["a < b", "<script>", "<@nobody>", "<!subteam>", "<https://a <@U1>"] {
            assert!(strange_markup(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn a_message_says_something_within_bounds() {
        let codes = |value: &Value| message(value).into_iter().map(|complaint| complaint.code).collect::<Vec<_>>();
        assert_eq!(codes(&json!({ "text": "a".repeat(40_000) })), [""; 0]);
        assert_eq!(codes(&json!({ "text": "é".repeat(40_001) })), ["msg_too_long"]);
        assert_eq!(codes(&json!({ "text": "", "blocks": [] })), ["no_text"]);
        assert_eq!(codes(&json!({ "text": "a", "metadata": { "event_type": "x" } })), ["invalid_metadata_format"]);
    }
}
