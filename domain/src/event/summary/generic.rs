//! Any event: nested values flattened, the fields that most likely matter first.

use serde_json::Value;

use super::data::Data;
use super::value::{label, spans};
use super::{MAX_FIELDS, Summary, Words, title};

/// Objects within objects are opened so deep; what lies deeper is shown as JSON.
const MAX_OPENED: usize = 4;

/// Keys that say most about a thing, in this order; matched against the last part of a path.
const KEYS: [&str; 24] = [
    "name",
    "title",
    "subject",
    "summary",
    "message",
    "description",
    "number",
    "id",
    "status",
    "state",
    "reason",
    "error",
    "amount",
    "total",
    "price",
    "currency",
    "quantity",
    "customer",
    "email",
    "user",
    "owner",
    "url",
    "type",
    "plan",
];

pub(super) fn any(event_type: &str, d: Data<'_>) -> Summary {
    let said = ["message", "summary", "description"].into_iter().find(|key| d.text(key).is_some());
    let lead = match said.and_then(|key| d.text(key)) {
        Some(text) => Words::plain(text),
        None => Words::plain("An event of type ").code(event_type).text("."),
    };
    with_key_fields(Summary::new(title(event_type), lead), d, said)
}

/// Adds the fields that most likely matter, and counts the rest; without the one that the sentence says already.
pub(super) fn with_key_fields(summary: Summary, d: Data<'_>, said: Option<&str>) -> Summary {
    let mut found = Vec::new();
    flatten(d.0, &mut Vec::new(), &mut found);
    found.retain(|leaf| leaf.order.1 > 1 || Some(leaf.key) != said);
    let places = found.len().min(MAX_FIELDS);
    if places > 0 {
        found.select_nth_unstable(places - 1);
        found[..places].sort_unstable();
    }
    let more = found.len() - places;
    let shown = found.into_iter().take(places).map(|leaf| (label(&leaf.path), spans(leaf.key, leaf.value)));
    let summary = summary.with_fields(shown);
    Summary { more: summary.more + more, ..summary }
}

/// A value that is shown as it is, and where it lies.
#[derive(Debug)]
struct Leaf<'a> {
    /// Its place in [`KEYS`], how deep it lies, its path.
    order: (usize, usize),
    path: String,
    key: &'a str,
    value: &'a Value,
}

impl PartialEq for Leaf<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Leaf<'_> {}

impl PartialOrd for Leaf<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Leaf<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order.cmp(&other.order).then_with(|| self.path.cmp(&other.path))
    }
}

fn flatten<'a>(value: &'a Value, path: &mut Vec<&'a str>, found: &mut Vec<Leaf<'a>>) {
    match value {
        Value::Object(map) if path.len() < MAX_OPENED && !(map.is_empty() && path.is_empty()) => {
            if map.is_empty() {
                found.push(leaf(path, value));
            }
            for (key, child) in map {
                path.push(key);
                flatten(child, path, found);
                path.pop();
            }
        }
        Value::Object(map) if map.is_empty() && path.is_empty() => {}
        Value::Null if path.is_empty() => {}
        _ => found.push(leaf(path, value)),
    }
}

fn leaf<'a>(path: &[&'a str], value: &'a Value) -> Leaf<'a> {
    let key = path.last().copied().unwrap_or("value");
    let known = KEYS.iter().position(|known| {
        *known == key || known.len() + 3 == key.len() && key.starts_with(known) && key.ends_with("_id")
    });
    let path_text = if path.is_empty() { "value".to_owned() } else { path.join(".") };
    // An empty value says little, whatever it is called.
    let empty = value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty());
    let place = known.unwrap_or(KEYS.len()) + if empty { KEYS.len() + 1 } else { 0 };
    Leaf { order: (place, path.len()), path: path_text, key, value }
}
