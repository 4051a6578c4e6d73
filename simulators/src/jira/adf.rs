//! Atlassian Document Format: what Jira takes as rich text, and the plain text that its webhooks make of it.

use serde_json::{Value, json};

/// A field of rich text holds so many characters.
const LONGEST: usize = 32_767;

const BLOCKS: &[&str] = &[
    "paragraph",
    "heading",
    "bulletList",
    "orderedList",
    "codeBlock",
    "blockquote",
    "rule",
    "panel",
    "table",
    "expand",
];
const INLINES: &[&str] = &["text", "hardBreak", "mention", "emoji", "inlineCard", "date", "status"];
const MARKS: &[&str] = &["strong", "em", "code", "link", "strike", "underline", "textColor", "subsup"];

/// What is wrong with a document; nothing if Jira would take it.
pub(super) fn complaints(document: &Value) -> Vec<String> {
    let mut found = Vec::new();
    if document["type"] != "doc" || document["version"] != 1 || !document["content"].is_array() {
        found.push("a document is {\"type\":\"doc\",\"version\":1,\"content\":[…]}".to_owned());
        return found;
    }
    children(document, "", BLOCKS, &mut found);
    let length = text(document).chars().count();
    if length > LONGEST {
        found.push(format!("the text has {length} characters, {LONGEST} at most"));
    }
    found
}

/// Looks at each child of a node; `allowed` are their types.
fn children(node: &Value, at: &str, allowed: &[&str], found: &mut Vec<String>) {
    let Some(list) = node["content"].as_array() else {
        if !node["content"].is_null() {
            found.push(format!("{at}/content is no list"));
        }
        return;
    };
    for (index, child) in list.iter().enumerate() {
        let at = format!("{at}/content/{index}");
        let kind = child["type"].as_str().unwrap_or_default();
        if !allowed.contains(&kind) {
            found.push(format!("{at}: {kind:?} may not stand here, but {}", allowed.join(", ")));
            continue;
        }
        if let Some(name) = foreign(child) {
            found.push(format!("{at}: {name:?} is no part of a node"));
        }
        one(child, kind, &at, found);
    }
}

fn foreign(node: &Value) -> Option<&String> {
    let names = node.as_object()?.keys();
    names.into_iter().find(|name| !["type", "content", "text", "marks", "attrs", "version"].contains(&name.as_str()))
}

fn one(node: &Value, kind: &str, at: &str, found: &mut Vec<String>) {
    let needs = |name: &str, fits: fn(&Value) -> bool, found: &mut Vec<String>| {
        if !fits(&node["attrs"][name]) {
            found.push(format!("{at}: {kind} needs attrs.{name}"));
        }
    };
    match kind {
        "text" => words(node, at, found),
        "mention" => needs("id", Value::is_string, found),
        "emoji" => needs("shortName", Value::is_string, found),
        "inlineCard" => needs("url", Value::is_string, found),
        "date" => needs("timestamp", Value::is_string, found),
        "status" => needs("text", Value::is_string, found),
        "heading" => {
            needs("level", |level| level.as_u64().is_some_and(|level| (1..=6).contains(&level)), found);
            children(node, at, INLINES, found);
        }
        "paragraph" => children(node, at, INLINES, found),
        "codeBlock" => children(node, at, &["text"], found),
        "bulletList" | "orderedList" => filled(node, at, &["listItem"], found),
        "listItem" => filled(node, at, &["paragraph", "bulletList", "orderedList", "codeBlock"], found),
        "blockquote" => filled(node, at, &["paragraph", "bulletList", "orderedList", "codeBlock"], found),
        "panel" => {
            needs("panelType", Value::is_string, found);
            filled(node, at, &["paragraph", "heading", "bulletList", "orderedList", "rule", "codeBlock"], found);
        }
        "expand" => {
            filled(node, at, &["paragraph", "heading", "bulletList", "orderedList", "rule", "codeBlock"], found)
        }
        "table" => filled(node, at, &["tableRow"], found),
        "tableRow" => children(node, at, &["tableHeader", "tableCell"], found),
        "tableHeader" | "tableCell" => filled(node, at, BLOCKS, found),
        _ => {}
    }
}

/// The same for nodes that may not be empty.
fn filled(node: &Value, at: &str, allowed: &[&str], found: &mut Vec<String>) {
    match node["content"].as_array().map_or(0, Vec::len) {
        0 => found.push(format!("{at}: {} needs content", node["type"].as_str().unwrap_or_default())),
        _ => children(node, at, allowed, found),
    }
}

fn words(node: &Value, at: &str, found: &mut Vec<String>) {
    if node["text"].as_str().is_none_or(str::is_empty) {
        found.push(format!("{at}: a text node needs a text that is not empty"));
    }
    let marks = node["marks"].as_array().map(Vec::as_slice).unwrap_or_default();
    let kinds: Vec<&str> = marks.iter().map(|mark| mark["type"].as_str().unwrap_or_default()).collect();
    for (mark, kind) in marks.iter().zip(&kinds) {
        if !MARKS.contains(kind) {
            found.push(format!("{at}: there is no mark {kind:?}"));
        }
        if *kind == "link" && !mark["attrs"]["href"].is_string() {
            found.push(format!("{at}: a link needs attrs.href"));
        }
    }
    if kinds.contains(&"code") && kinds.iter().any(|kind| !["code", "link"].contains(kind)) {
        found.push(format!("{at}: code goes with no other mark but link"));
    }
}

/// A document of paragraphs, one a line.
pub(super) fn document(text: &str) -> Value {
    let paragraph = |line: &str| match line {
        "" => json!({ "type": "paragraph", "content": [] }),
        _ => json!({ "type": "paragraph", "content": [{ "type": "text", "text": line }] }),
    };
    json!({ "type": "doc", "version": 1, "content": text.split('\n').map(paragraph).collect::<Vec<_>>() })
}

/// A document as the older API and the webhooks write it: lines with Jira's own marks.
pub(super) fn text(document: &Value) -> String {
    let mut lines = Vec::new();
    blocks(document, "", &mut lines);
    lines.join("\n")
}

fn blocks(node: &Value, bullets: &str, lines: &mut Vec<String>) {
    for child in node["content"].as_array().into_iter().flatten() {
        match child["type"].as_str().unwrap_or_default() {
            "heading" => lines.push(format!("h{}. {}", child["attrs"]["level"], inline(child))),
            "bulletList" => blocks(child, &format!("{bullets}*"), lines),
            "orderedList" => blocks(child, &format!("{bullets}#"), lines),
            "paragraph" if !bullets.is_empty() => lines.push(format!("{bullets} {}", inline(child))),
            "paragraph" => lines.push(inline(child)),
            "codeBlock" => lines.push(format!("{{code}}\n{}\n{{code}}", inline(child))),
            "rule" => lines.push("----".to_owned()),
            _ => blocks(child, bullets, lines),
        }
    }
}

fn inline(node: &Value) -> String {
    node["content"].as_array().into_iter().flatten().map(piece).collect()
}

fn piece(node: &Value) -> String {
    let attribute = |name: &str| node["attrs"][name].as_str().unwrap_or_default();
    match node["type"].as_str().unwrap_or_default() {
        "text" => {
            let text = node["text"].as_str().unwrap_or_default().to_owned();
            let marks = node["marks"].as_array().into_iter().flatten();
            marks.fold(text, |text, mark| match mark["type"].as_str().unwrap_or_default() {
                "strong" => format!("*{text}*"),
                "em" => format!("_{text}_"),
                "code" => format!("{{{{{text}}}}}"),
                "strike" => format!("-{text}-"),
                "link" => format!("[{text}|{}]", mark["attrs"]["href"].as_str().unwrap_or_default()),
                _ => text,
            })
        }
        "hardBreak" => "\n".to_owned(),
        "mention" => format!("[~accountid:{}]", attribute("id")),
        "emoji" => attribute("shortName").to_owned(),
        "inlineCard" => format!("[{}]", attribute("url")),
        "status" => attribute("text").to_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doc(content: Value) -> Value {
        json!({ "type": "doc", "version": 1, "content": content })
    }

    #[test]
    fn a_document_is_taken_and_written_as_text() {
        let text_node = |text: &str, marks: Value| json!({ "type": "text", "text": text, "marks": marks });
        let item = |text: &str| json!({ "type": "listItem", "content": [{ "type": "paragraph", "content": [{ "type": "text", "text": text }] }] });
        let document = doc(json!([
            { "type": "heading", "attrs": { "level": 2 }, "content": [{ "type": "text", "text": "Steps" }] },
            { "type": "orderedList", "content": [item("open"), item("click")] },
            { "type": "paragraph", "content": [text_node("see", json!([{ "type": "link", "attrs": { "href": "https://a.example/" } }])),
                { "type": "hardBreak" }, text_node("x", json!([{ "type": "code" }])), { "type": "mention", "attrs": { "id": "5b" } }] },
            { "type": "codeBlock", "content": [{ "type": "text", "text": "let" }] },
            { "type": "rule" },
        ]));
        assert_eq!(complaints(&document), [""; 0]);
        let words =
            "h2. Steps\n# open\n# click\n[see|https://a.example/]\n{{x}}[~accountid:5b]\n{code}\nlet\n{code}\n----";
        assert_eq!(text(&document), words);
        assert_eq!(complaints(&super::document("a\n\nb")), [""; 0]);
        assert_eq!(text(&super::document("a\n\nb")), "a\n\nb");
    }

    #[test]
    fn what_jira_would_not_take_is_told_with_its_place() {
        let paragraph = |inline: Value| doc(json!([{ "type": "paragraph", "content": [inline] }]));
        for (document, words) in [
            (json!("text"), "a document is"),
            (json!({ "type": "doc", "content": [] }), "a document is"),
            (doc(json!([{ "type": "text", "text": "x" }])), "/content/0: \"text\" may not stand here"),
            (doc(json!([{ "type": "paragraph", "contents": [] }])), "\"contents\" is no part"),
            (doc(json!([{ "type": "heading", "attrs": { "level": 7 } }])), "heading needs attrs.level"),
            (doc(json!([{ "type": "bulletList", "content": [] }])), "bulletList needs content"),
            (paragraph(json!({ "type": "text", "text": "" })), "/content/0/content/0: a text node needs"),
            (paragraph(json!({ "type": "text", "text": "x", "marks": [{ "type": "bold" }] })), "no mark \"bold\""),
            (paragraph(json!({ "type": "text", "text": "x", "marks": [{ "type": "link" }] })), "attrs.href"),
            (
                paragraph(json!({ "type": "text", "text": "x", "marks": [{ "type": "code" }, { "type": "em" }] })),
                "code goes",
            ),
            (super::document(&"x".repeat(32_768)), "32767 at most"),
        ] {
            let found = complaints(&document);
            assert!(found.len() == 1 && found[0].contains(words), "{words}: {found:?}");
        }
    }
}
