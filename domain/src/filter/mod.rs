//! The filter of an endpoint: only events that match become deliveries.
//!
//! A filter is JSON. A condition names a path, one operator and a value; groups join conditions:
//!
//! ```json
//! {"all": [
//!   {"path": "data.amount", "gt": 1000},
//!   {"path": "data.currency", "in": ["eur", "usd"]},
//!   {"any": [{"path": "data.customer.tier", "equals": "gold"},
//!            {"path": "data.customer.email", "prefix": "vip@"}]},
//!   {"not": {"path": "data.test", "exists": true}}
//! ]}
//! ```
//!
//! **What is matched** is one JSON object, made by [`document`]: `event_type`, `data` (the payload), and where
//! the event has them `channels` (a list) and `ordering_key`. Paths start with one of these four.
//!
//! **Paths** are dotted: `data.items.0.sku`. A number is a place in a list (from 0) or a key of that name; `*` is
//! any element of a list; keys with dots, brackets or blanks are quoted: `data["a.b"]` or `data."a.b"`.
//! A path may reach several values through `*`: a condition holds when one of them passes.
//!
//! **Operators.** A condition on a path that is missing does not hold, except `not_equals`, `not_in` and `exists: false`.
//! - `equals`, `in` (a list): the value is this text, number, boolean or null, or one of these. Numbers are
//!   compared exactly, and `1` equals `1.0`; the text `"1"` is another thing than the number `1`.
//! - `not_equals`, `not_in`: precisely the opposite. They hold where the path is missing, too.
//! - `gt`, `gte`, `lt`, `lte`: numbers, also decimal numbers as text (`"12.50"`), on either side; moments in
//!   RFC 3339 (`2026-11-22T14:02:11Z`, whatever the offset); or dates (`2026-11-22`) among themselves.
//! - `prefix`, `suffix`: how a text starts and ends. `contains`: a part of a text, or an element of a list.
//! - `exists`: whether the path leads anywhere; null is there, too.
//!
//! The limits are [`MAX_DEPTH`], [`MAX_CONDITIONS`], [`MAX_JSON`], [`MAX_LIST`] and [`MAX_SEGMENTS`]. Where a key
//! stands twice in one object, the last one counts, as usual in JSON.

mod compare;
mod evaluate;
mod explain;
mod parse;
mod path;
mod rows;
#[cfg(test)]
mod tests;

pub use explain::{Explanation, Mismatch};
pub use rows::{Join, Row};

use path::Path;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::{Error, Result, text_enum};

/// Groups are nested at most so deep.
pub const MAX_DEPTH: usize = 8;
/// Conditions in all.
pub const MAX_CONDITIONS: usize = 64;
/// The longest JSON text, in bytes.
pub const MAX_JSON: usize = 8 * 1024;
/// Values of `in` and `not_in`; where the path has `*`, of all such lists together.
pub const MAX_LIST: usize = 100;
/// Parts of a path.
pub const MAX_SEGMENTS: usize = 32;

text_enum! {
    /// What a condition asks of the value at its path.
    pub enum Operator {
        /// Is this value.
        Equals = "equals",
        /// Is anything but this value, or missing.
        NotEquals = "not_equals",
        /// Is greater or later.
        Gt = "gt",
        /// Is greater, later or equal.
        Gte = "gte",
        /// Is less or earlier.
        Lt = "lt",
        /// Is less, earlier or equal.
        Lte = "lte",
        /// Is one of these values.
        In = "in",
        /// Is none of these values, or missing.
        NotIn = "not_in",
        /// Is a text that starts so.
        Prefix = "prefix",
        /// Is a text that ends so.
        Suffix = "suffix",
        /// Is a text with this part, or a list with this element.
        Contains = "contains",
        /// Is there, or is missing.
        Exists = "exists",
    }
}

/// Which events an endpoint wants, by what is in them: a condition like `{"path": "data.amount", "gt": 1000}`, or a
/// group of conditions and groups: `{"all": […]}`, `{"any": […]}`, `{"not": …}`. Paths start with `data.` (the payload),
/// `event_type`, `channels` or `ordering_key`; `*` is any element of a list. Operators: `equals`, `not_equals`, `gt`,
/// `gte`, `lt`, `lte`, `in`, `not_in`, `prefix`, `suffix`, `contains`, `exists`.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema), schema(value_type = Object))]
pub struct Filter(Node);

/// A path into an event's document, as conditions have it: `data.customer.tier`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(Path);

impl Place {
    /// Reads a path.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence.
    pub fn parse(text: &str) -> std::result::Result<Self, String> {
        Path::parse(text).map(Self)
    }

    /// The first value that it reaches in a document made by [`document`].
    #[must_use]
    pub fn first<'v>(&self, document: &'v Value) -> Option<&'v Value> {
        self.0.first(document)
    }
}

/// A group or a condition.
#[derive(Debug, Clone, PartialEq)]
enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Condition(Condition),
}

/// One question. `parse` holds the value to what the operator can use.
#[derive(Debug, Clone, PartialEq)]
struct Condition {
    path: Path,
    operator: Operator,
    value: Value,
}

impl Filter {
    /// Reads and checks the JSON text of a filter.
    ///
    /// # Errors
    /// *Invalid*, with one detail for each bad part: `filter.all[1].gt` and what to do about it.
    pub fn parse(text: &str) -> Result<Self> {
        if text.len() > MAX_JSON {
            return Err(Error::invalid("filter", parse::TOO_LONG));
        }
        let value = serde_json::from_str(text)
            .map_err(|error| Error::invalid("filter", format!("is not JSON that can be read: {error}.")))?;
        Self::from_value(&value)
    }

    /// Checks a filter that is JSON already.
    ///
    /// # Errors
    /// As [`Filter::parse`].
    pub fn from_value(value: &Value) -> Result<Self> {
        let mut reader = parse::Reader::default();
        let node = reader.node(value, "filter", 1);
        reader.finish(node)
    }

    /// The canonical text: no blanks, paths in their shortest form. It reads back as an equal filter.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("keys are text and all values came from JSON")
    }

    /// Whether an event matches. Allocates nothing, and visits each part of the document once per condition at most.
    #[must_use]
    pub fn matches(&self, document: &Value) -> bool {
        self.0.holds(document)
    }

    /// Whether an event matches, and if not, why.
    #[must_use]
    pub fn explain(&self, document: &Value) -> Explanation {
        explain::explain(&self.0, document)
    }
}

/// Puts together what filters are matched against; `data` is the payload as it was received.
///
/// # Errors
/// *Invalid* when `data` is no JSON, is nested deeper than 127 levels, or has a number that no computer keeps (`1e999`).
pub fn document(
    event_type: &str,
    data: &str,
    channels: Option<&[String]>,
    ordering_key: Option<&str>,
) -> Result<Value> {
    let data: Value = serde_json::from_str(data)
        .map_err(|error| Error::invalid("data", format!("cannot be read for the filters of endpoints: {error}.")))?;
    let mut document = serde_json::Map::new();
    document.insert("event_type".into(), event_type.into());
    document.insert("data".into(), data);
    if let Some(channels) = channels {
        document.insert("channels".into(), channels.into());
    }
    if let Some(ordering_key) = ordering_key {
        document.insert("ordering_key".into(), ordering_key.into());
    }
    Ok(Value::Object(document))
}

impl Serialize for Filter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::All(nodes) => map.serialize_entry("all", nodes)?,
            Self::Any(nodes) => map.serialize_entry("any", nodes)?,
            Self::Not(node) => map.serialize_entry("not", node)?,
            Self::Condition(condition) => {
                map.serialize_entry("path", &condition.path.to_string())?;
                map.serialize_entry(condition.operator.as_str(), &condition.value)?;
            }
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Filter {
    /// Holds to the same limits as [`Filter::parse`]; the error's text names the bad parts.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Self::from_value(&value).map_err(|error| serde::de::Error::custom(error.problem().message))
    }
}
