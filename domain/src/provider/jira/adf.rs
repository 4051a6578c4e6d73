//! Rich text in Atlassian Document Format, which Jira takes instead of text.
//!
//! A text node may not be empty and holds no line ends; a document holds so many characters. Whatever the words are, what is
//! made here keeps to that.

use serde_json::{Value, json};

use super::facts::MAX_TEXT;
use crate::event::summary::{Span, Words};

/// A document that is being written. What does not fit any more is left out, and the last words that did end in `…`.
#[derive(Debug, Clone)]
pub struct Document {
    blocks: Vec<Value>,
    left: usize,
}

impl Default for Document {
    fn default() -> Self {
        // One character is kept for the `…`.
        Self { blocks: Vec::new(), left: MAX_TEXT - 1 }
    }
}

impl Document {
    /// A paragraph of words.
    #[must_use]
    pub fn paragraph(mut self, words: &Words) -> Self {
        let inline = self.inline(words);
        self.block("paragraph", inline)
    }

    /// A heading of a level from 1 to 6.
    #[must_use]
    pub fn heading(mut self, level: u8, text: &str) -> Self {
        let inline = self.inline(&Words(vec![Span::Text(text.to_owned())]));
        let level = level.clamp(1, 6);
        if !inline.is_empty() {
            self.blocks.push(json!({ "type": "heading", "attrs": { "level": level }, "content": inline }));
        }
        self
    }

    /// A list of words.
    #[must_use]
    pub fn list(mut self, items: &[Words]) -> Self {
        let item =
            |inline: Vec<Value>| json!({ "type": "listItem", "content": [{ "type": "paragraph", "content": inline }] });
        let inlines: Vec<Vec<Value>> = items.iter().map(|words| self.inline(words)).collect();
        let items: Vec<Value> = inlines.into_iter().filter(|inline| !inline.is_empty()).map(item).collect();
        self.block("bulletList", items)
    }

    /// A paragraph that is a link. Only web addresses are links; another is left out.
    #[must_use]
    pub fn link(mut self, label: &str, url: &str) -> Self {
        let is_web = url.starts_with("https://") || url.starts_with("http://");
        let mark = json!([{ "type": "link", "attrs": { "href": url } }]);
        let text = self.fit(label).filter(|_| is_web);
        let inline = text.map(|text| json!({ "type": "text", "text": text, "marks": mark }));
        self.block("paragraph", inline.into_iter().collect())
    }

    /// The document.
    #[must_use]
    pub fn build(self) -> Value {
        json!({ "type": "doc", "version": 1, "content": self.blocks })
    }

    fn block(mut self, kind: &str, content: Vec<Value>) -> Self {
        if !content.is_empty() {
            self.blocks.push(json!({ "type": kind, "content": content }));
        }
        self
    }

    /// Words as nodes: line ends become breaks.
    fn inline(&mut self, words: &Words) -> Vec<Value> {
        let mut nodes = Vec::new();
        for span in &words.0 {
            let (text, mark) = match span {
                Span::Text(text) => (text.clone(), None),
                Span::Strong(text) => (text.clone(), Some("strong")),
                Span::Code(text) => (text.clone(), Some("code")),
                Span::Time(at) => (at.rfc3339(), None),
            };
            for (index, line) in text.split('\n').enumerate() {
                if index > 0 {
                    nodes.push(json!({ "type": "hardBreak" }));
                }
                let Some(line) = self.fit(line) else { continue };
                let mut node = json!({ "type": "text", "text": line });
                if let Some(mark) = mark {
                    node["marks"] = json!([{ "type": mark }]);
                }
                nodes.push(node);
            }
        }
        nodes
    }

    /// What still fits of a line; nothing for an empty one. Control characters go.
    fn fit(&mut self, line: &str) -> Option<String> {
        let clean: String = line.chars().filter(|letter| !letter.is_control()).collect();
        let length = clean.chars().count();
        if clean.is_empty() || self.left == 0 {
            return None;
        }
        if length <= self.left {
            self.left -= length;
            return Some(clean);
        }
        let cut: String = clean.chars().take(self.left).chain(['…']).collect();
        self.left = 0;
        Some(cut)
    }
}

/// A text as a document: paragraphs where empty lines are, breaks where lines end.
#[must_use]
pub fn of_text(text: &str) -> Value {
    let text = text.replace("\r\n", "\n");
    let paragraphs = text.split("\n\n").map(|part| Words(vec![Span::Text(part.trim_matches('\n').to_owned())]));
    paragraphs.fold(Document::default(), |document, words| document.paragraph(&words)).build()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::time::Timestamp;

    /// All text nodes of a document.
    fn texts<'a>(node: &'a Value, found: &mut Vec<&'a str>) {
        found.extend(node["text"].as_str());
        node["content"].as_array().into_iter().flatten().for_each(|child| texts(child, found));
    }

    #[test]
    fn a_text_becomes_paragraphs_and_breaks() {
        let paragraph = |content: Value| json!({ "type": "paragraph", "content": content });
        let text = |text: &str| json!({ "type": "text", "text": text });
        let document = of_text("one\r\ntwo\u{7}\n\n\nthree");
        assert_eq!(
            document["content"],
            json!([
                paragraph(json!([text("one"), { "type": "hardBreak" }, text("two")])),
                paragraph(json!([text("three")])),
            ])
        );
        assert_eq!(of_text(""), json!({ "type": "doc", "version": 1, "content": [] }));
    }

    #[test]
    fn words_keep_their_marks_and_only_web_addresses_are_links() {
        let words = Words(vec![
            Span::Strong("Acme".to_owned()),
            Span::Text(": ".to_owned()),
            Span::Code("a`b".to_owned()),
            Span::Time(Timestamp(1_795_356_131_408)),
        ]);
        let document =
            Document::default().heading(9, "Title").list(&[words.clone(), Words::default()]).paragraph(&words);
        let built = document.link("Open", "javascript:alert(1)").link("Open", "https://hub.example/e").build();
        assert_eq!(built["content"].as_array().expect("blocks").len(), 4);
        assert_eq!(built["content"][0]["attrs"]["level"], 6);
        assert_eq!(built["content"][1]["content"].as_array().expect("items").len(), 1);
        let inline = &built["content"][2]["content"];
        assert_eq!(
            (&inline[0]["marks"][0]["type"], &inline[2]["marks"][0]["type"]),
            (&json!("strong"), &json!("code"))
        );
        assert_eq!(inline[3]["text"], "2026-11-22T14:02:11.408Z");
        assert_eq!(built["content"][3]["content"][0]["marks"][0]["attrs"]["href"], "https://hub.example/e");
    }

    proptest! {
        #[test]
        fn no_text_is_empty_or_holds_control_characters_and_all_together_fits(parts in proptest::collection::vec("\\PC{0,40}|[\\x00-\\x20a]{0,20}", 0..20), long in 0_usize..40_000) {
            let mut parts = parts;
            parts.push("é".repeat(long));
            parts.push("end".to_owned());
            let document = of_text(&parts.join("\n\n"));
            let mut found = Vec::new();
            texts(&document, &mut found);
            prop_assert!(found.iter().all(|text| !text.is_empty() && !text.chars().any(char::is_control)));
            prop_assert!(found.iter().map(|text| text.chars().count()).sum::<usize>() <= MAX_TEXT);
        }
    }
}
