//! The flat form of a filter: rows of path, operator and value as text, for an editor that works without scripts.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::parse::Reader;
use super::{Condition, Filter, Node, Operator};
use crate::{Result, text_enum};

text_enum! {
    /// How the rows are joined.
    pub enum Join {
        /// Every row must hold.
        All = "all",
        /// One row is enough.
        Any = "any",
    }
}

/// One condition as it is typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Row {
    /// Where to look: `data.customer.tier`.
    pub path: String,
    /// What to ask.
    pub operator: Operator,
    /// A number, true, false, null, or else a text; a text in JSON quotes stays one whatever it looks like. For
    /// `in` and `not_in` several of these between commas.
    pub value_text: String,
}

impl Filter {
    /// The rows of a filter that is one condition, or one group of conditions; none for any other.
    #[must_use]
    pub fn rows(&self) -> Option<(Join, Vec<Row>)> {
        let (join, nodes) = match &self.0 {
            Node::All(nodes) => (Join::All, nodes.as_slice()),
            Node::Any(nodes) => (Join::Any, nodes.as_slice()),
            one @ Node::Condition(_) => (Join::All, std::slice::from_ref(one)),
            Node::Not(_) => return None,
        };
        let row = |node: &Node| match node {
            Node::Condition(Condition { path, operator, value }) => {
                Some(Row { path: path.to_string(), operator: *operator, value_text: write(*operator, value) })
            }
            _ => None,
        };
        Some((join, nodes.iter().map(row).collect::<Option<_>>()?))
    }

    /// Reads rows as they were typed. Rows that are blank are left out.
    ///
    /// # Errors
    /// As [`Filter::parse`]; a bad part of the second row is `filter.all[1].path`, or `filter.all[1].gt`.
    pub fn from_rows(join: Join, rows: &[Row]) -> Result<Self> {
        let mut reader = Reader::default();
        let mut nodes = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            if row.path.trim().is_empty() && row.value_text.trim().is_empty() {
                continue;
            }
            let at = format!("filter.{join}[{index}]");
            nodes.extend(match read(row.operator, &row.value_text) {
                Some(value) => reader.condition(&row.path, row.operator, value, &at),
                None => reader.wrong(format!("{at}.{}", row.operator), "needs a value; for the empty text write \"\"."),
            });
            if reader.is_full() {
                break;
            }
        }
        if nodes.is_empty() && reader.is_clean() {
            reader.wrong::<()>(format!("filter.{join}"), "needs at least one condition.");
        }
        reader.finish(Some(match join {
            Join::All => Node::All(nodes),
            Join::Any => Node::Any(nodes),
        }))
    }
}

/// What was typed for an operator; none when nothing was.
fn read(operator: Operator, text: &str) -> Option<Value> {
    let text = text.trim();
    match operator {
        Operator::Exists if text.is_empty() => Some(Value::Bool(true)),
        _ if text.is_empty() => None,
        Operator::In | Operator::NotIn => Some(list(text)),
        Operator::Prefix | Operator::Suffix => Some(quoted(text).unwrap_or_else(|| text.into())),
        _ => Some(scalar(text)),
    }
}

/// A text in JSON quotes.
fn quoted(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().filter(Value::is_string)
}

/// A number, a boolean, null, a text in quotes, or else the text as it is.
fn scalar(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(value @ (Value::Number(_) | Value::Bool(_) | Value::Null | Value::String(_))) => value,
        _ => text.into(),
    }
}

/// Values between commas that stand outside quotes; empty ones are left out.
fn list(text: &str) -> Value {
    let (mut inside, mut escaped, mut blank) = (false, false, true);
    let items = text.split(|c: char| {
        let end = c == ',' && !inside;
        match c {
            _ if end => {}
            _ if escaped => escaped = false,
            '\\' if inside => escaped = true,
            '"' if inside || blank => inside = !inside,
            _ => {}
        }
        blank = end || blank && c.is_whitespace();
        end
    });
    items.map(str::trim).filter(|item| !item.is_empty()).map(scalar).collect()
}

/// The text that reads back as `value`: bare where that does, else in quotes.
fn write(operator: Operator, value: &Value) -> String {
    match value {
        Value::String(text) if read(operator, text).as_ref() == Some(value) => text.clone(),
        Value::Array(list) => list.iter().map(write_item).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// The same for a value of a list, which must not swallow what comes after it.
fn write_item(value: &Value) -> String {
    match value {
        Value::String(text) if list(&format!("{text},0")) == serde_json::json!([value, 0]) => text.clone(),
        other => other.to_string(),
    }
}
