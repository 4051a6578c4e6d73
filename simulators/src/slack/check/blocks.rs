//! The limits that Slack states for blocks and the published schemas do not: lengths, numbers, ids that occur once.

use std::collections::BTreeSet;

use serde_json::Value;

use super::text::strange_markup;

const MOST_BLOCKS: usize = 50;
const LONGEST_MARKDOWN: usize = 12_000;

/// Places with texts: where within an element, and how many characters.
const LENGTHS: [(&str, &str, usize); 27] = [
    ("header", "/text/text", 150),
    ("section", "/text/text", 3000),
    ("image", "/image_url", 3000),
    ("image", "/alt_text", 2000),
    ("image", "/title/text", 2000),
    ("button", "/text/text", 75),
    ("button", "/value", 2000),
    ("button", "/url", 3000),
    ("button", "/accessibility_label", 75),
    ("static_select", "/placeholder/text", 150),
    ("multi_static_select", "/placeholder/text", 150),
    ("external_select", "/placeholder/text", 150),
    ("users_select", "/placeholder/text", 150),
    ("conversations_select", "/placeholder/text", 150),
    ("channels_select", "/placeholder/text", 150),
    ("datepicker", "/placeholder/text", 150),
    ("timepicker", "/placeholder/text", 150),
    ("video", "/title/text", 200),
    ("video", "/author_name", 50),
    ("video", "/alt_text", 2000),
    ("input", "/label/text", 2000),
    ("input", "/hint/text", 2000),
    ("*", "/confirm/title/text", 100),
    ("*", "/confirm/text/text", 300),
    ("*", "/confirm/confirm/text", 30),
    ("*", "/confirm/deny/text", 30),
    ("*", "/action_id", 255),
];

/// Lists: how few and how many elements.
const COUNTS: [(&str, &str, usize, usize); 9] = [
    ("section", "/fields", 1, 10),
    ("context", "/elements", 1, 10),
    ("actions", "/elements", 1, 25),
    ("overflow", "/options", 1, 5),
    ("static_select", "/options", 1, 100),
    ("static_select", "/option_groups", 1, 100),
    ("multi_static_select", "/options", 1, 100),
    ("radio_buttons", "/options", 1, 10),
    ("checkboxes", "/options", 1, 10),
];

/// What is wrong with the blocks of a message, as Slack words it: what, then where.
pub(super) fn complaints(blocks: &Value) -> Vec<String> {
    let mut check = Check::default();
    let list = blocks.as_array().map(Vec::as_slice).unwrap_or_default();
    if list.len() > MOST_BLOCKS {
        check.say("/blocks", &format!("no more than 50 items allowed, {} given", list.len()));
    }
    for (index, block) in list.iter().enumerate() {
        check.block(&format!("/blocks/{index}"), block);
    }
    if check.markdown > LONGEST_MARKDOWN {
        check.say("/blocks", "the markdown blocks have more than 12000 characters together");
    }
    check.found
}

#[derive(Default)]
struct Check {
    found: Vec<String>,
    block_ids: BTreeSet<String>,
    action_ids: BTreeSet<String>,
    markdown: usize,
}

impl Check {
    fn say(&mut self, pointer: &str, what: &str) {
        self.found.push(format!("{what} [json-pointer:{pointer}]"));
    }

    fn block(&mut self, pointer: &str, block: &Value) {
        if let Some(id) = block["block_id"].as_str() {
            if id.chars().count() > 255 {
                self.say(pointer, "block_id must be less than 256 characters");
            }
            if !self.block_ids.insert(id.to_owned()) {
                self.say(pointer, &format!("block_id {id:?} occurs twice"));
            }
        }
        match block["type"].as_str() {
            Some("section") if block.get("text").is_none() && block.get("fields").is_none() => {
                self.say(pointer, "a section needs text or fields");
            }
            Some("markdown") => self.markdown += block["text"].as_str().unwrap_or_default().chars().count(),
            _ => {}
        }
        self.element(pointer, block);
    }

    /// A block or an element in one: its own limits, then those of what is in it.
    fn element(&mut self, pointer: &str, element: &Value) {
        let kind = element["type"].as_str().unwrap_or_default();
        for (of, path, longest) in LENGTHS.iter().filter(|(of, ..)| *of == kind || *of == "*") {
            if let Some(text) = element.pointer(path).and_then(Value::as_str) {
                let is_required = *of == "section" || *of == "header" || *path == "/text/text";
                self.length(&format!("{pointer}{path}"), text, usize::from(is_required), *longest);
            }
        }
        for (_, path, fewest, most) in COUNTS.iter().filter(|(of, ..)| *of == kind) {
            let count = element.pointer(path).and_then(Value::as_array).map(Vec::len);
            if let Some(count) = count.filter(|count| !(*fewest..=*most).contains(count)) {
                self.say(&format!("{pointer}{path}"), &format!("{fewest} to {most} items allowed, {count} given"));
            }
        }
        if let Some(id) = element["action_id"].as_str()
            && !self.action_ids.insert(id.to_owned())
        {
            self.say(pointer, &format!("action_id {id:?} occurs twice"));
        }
        self.inner(pointer, element, kind);
    }

    fn inner(&mut self, pointer: &str, element: &Value, kind: &str) {
        let list = |name: &str| element[name].as_array().cloned().unwrap_or_default();
        for (index, field) in list("fields").iter().enumerate() {
            let pointer = format!("{pointer}/fields/{index}");
            self.length(&pointer, field["text"].as_str().unwrap_or_default(), 1, 2000);
            self.markup(&pointer, field);
        }
        for (index, option) in list("options").iter().enumerate() {
            let pointer = format!("{pointer}/options/{index}");
            self.length(&pointer, option["text"]["text"].as_str().unwrap_or_default(), 1, 75);
            self.length(&pointer, option["value"].as_str().unwrap_or_default(), 1, 150);
        }
        if kind != "rich_text" {
            for (index, inner) in list("elements").iter().enumerate() {
                let pointer = format!("{pointer}/elements/{index}");
                self.element(&pointer, inner);
                self.markup(&pointer, inner);
            }
        }
        if element["accessory"].is_object() {
            self.element(&format!("{pointer}/accessory"), &element["accessory"]);
        }
        self.markup(&format!("{pointer}/text"), &element["text"]);
    }

    fn markup(&mut self, pointer: &str, text: &Value) {
        let is_markup = text["type"] == "mrkdwn";
        if let Some(what) = text["text"].as_str().filter(|_| is_markup).and_then(strange_markup) {
            self.say(pointer, &what);
        }
    }

    fn length(&mut self, pointer: &str, text: &str, shortest: usize, longest: usize) {
        let length = text.chars().count();
        if length > longest {
            self.say(pointer, &format!("must be less than {} characters, {length} given", longest + 1));
        }
        if length < shortest {
            self.say(pointer, &format!("must be more than {} characters", shortest - 1));
        }
    }
}

#[cfg(test)]
#[path = "blocks_tests.rs"]
mod tests;
