//! The headers of a message, however a provider hands them over.

use serde_json::Value;

use super::MOST;

/// Headers that are kept.
const MOST_HEADERS: usize = 1000;

/// Names and values, in the order in which they came.
#[derive(Default)]
pub(super) struct Headers(Vec<(String, String)>);

impl Headers {
    /// Reads an object: a name's value is a text or a list of texts.
    pub(super) fn of_object(value: Option<&Value>) -> Self {
        let object = value.and_then(Value::as_object).into_iter().flatten();
        let texts = |(name, value): (&String, &Value)| -> Vec<(String, String)> {
            let texts = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            texts.iter().filter_map(|text| Some((name.clone(), text.as_str()?.to_owned()))).collect()
        };
        Self(object.flat_map(texts).take(MOST_HEADERS).collect())
    }

    /// Reads a list of objects with `Name` and `Value`.
    pub(super) fn of_list(value: Option<&Value>) -> Self {
        let list = value.and_then(Value::as_array).into_iter().flatten();
        let pair =
            |entry: &Value| Some((entry.get("Name")?.as_str()?.to_owned(), entry.get("Value")?.as_str()?.to_owned()));
        Self(list.filter_map(pair).take(MOST_HEADERS).collect())
    }

    /// Reads a header block, as in a message: lines that begin with a blank belong to the one before (RFC 5322, section
    /// 2.2.3).
    pub(super) fn of_block(block: &str) -> Self {
        let mut headers: Vec<(String, String)> = Vec::new();
        for line in block.lines().take_while(|line| !line.is_empty()) {
            if line.starts_with([' ', '\t']) {
                if let Some((_, value)) = headers.last_mut() {
                    value.push_str(line);
                }
            } else if let Some((name, value)) = line.split_once(':').filter(|_| headers.len() < MOST_HEADERS) {
                headers.push((name.trim().to_owned(), value.trim().to_owned()));
            }
        }
        Self(headers)
    }

    /// The first header of that name.
    pub(super) fn first(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The message ids in a header: `<…>`, or words where nothing is in brackets.
    pub(super) fn ids(&self, name: &str) -> Vec<String> {
        self.first(name).map(message_ids).unwrap_or_default()
    }

    /// Whether a program wrote the message (RFC 3834 and custom).
    pub(super) fn is_automatic(&self) -> bool {
        let is = |name: &str, words: &[&str]| {
            let value = self.first(name).unwrap_or_default().trim().to_ascii_lowercase();
            words.iter().any(|word| value.starts_with(word))
        };
        is("auto-submitted", &["auto-"])
            || is("precedence", &["bulk", "junk", "list", "auto_reply"])
            || self.first("x-auto-response-suppress").is_some()
            || self.first("return-path").is_some_and(|path| path.trim() == "<>")
    }
}

/// The message ids in a text, each with its angle brackets.
pub(super) fn message_ids(text: &str) -> Vec<String> {
    if !text.contains('<') {
        return text.split_whitespace().take(MOST).map(|id| format!("<{id}>")).collect();
    }
    let inner = text.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(id, _)| id.trim());
    inner.filter(|id| !id.is_empty()).take(MOST).map(|id| format!("<{id}>")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_block_is_unfolded_and_ends_at_the_first_empty_line() {
        let headers = Headers::of_block("References: <a@x>\r\n <b@x>\r\nSubject: : hi\n\nX-Not: one");
        assert_eq!(headers.ids("references"), ["<a@x>", "<b@x>"]);
        assert_eq!((headers.first("SUBJECT"), headers.first("x-not")), (Some(": hi"), None));
        assert!(Headers::of_block(" no header").first("").is_none());
    }

    #[test]
    fn ids_are_found_with_and_without_brackets() {
        assert_eq!(message_ids("<a@x> (comment) < b@x >"), ["<a@x>", "<b@x>"]);
        assert_eq!(message_ids("a@x b@x"), ["<a@x>", "<b@x>"]);
        assert_eq!(message_ids("<a@x"), Vec::<String>::new());
        assert_eq!(message_ids(""), Vec::<String>::new());
    }

    #[test]
    fn what_a_program_wrote_is_recognised() {
        for (header, automatic) in [
            (json!({ "Auto-Submitted": "auto-replied" }), true),
            (json!({ "auto-submitted": "no" }), false),
            (json!({ "Precedence": ["bulk"] }), true),
            (json!({ "X-Auto-Response-Suppress": "All" }), true),
            (json!({ "Return-Path": "<>" }), true),
            (json!({ "Return-Path": "<a@x>" }), false),
        ] {
            assert_eq!(Headers::of_object(Some(&header)).is_automatic(), automatic, "{header}");
        }
    }
}
