//! From JSON to a filter. Every bad part is named by its path in the filter.

use serde_json::{Map, Value};

use super::compare::orderable;
use super::path::Path;
use super::{Condition, Filter, MAX_CONDITIONS, MAX_DEPTH, MAX_JSON, MAX_LIST, Node, Operator};
use crate::{Detail, Error, Result};

/// More than so many complaints help nobody.
const MAX_DETAILS: usize = 20;

pub(super) const TOO_LONG: &str = "is longer than 8 KiB of JSON; use fewer or shorter conditions.";

/// Reads nodes, counts conditions and collects what is wrong.
#[derive(Debug, Default)]
pub(super) struct Reader {
    conditions: usize,
    /// Values in lists that are compared with any number of elements.
    spread: usize,
    details: Vec<Detail>,
}

impl Reader {
    /// The filter, if nothing was wrong.
    pub(super) fn finish(mut self, node: Option<Node>) -> Result<Filter> {
        match node {
            Some(node) if self.is_clean() => {
                let filter = Filter(node);
                let fits = filter.to_json().len() <= MAX_JSON;
                if fits { Ok(filter) } else { Err(Error::invalid("filter", TOO_LONG)) }
            }
            _ => {
                self.details.truncate(MAX_DETAILS);
                Err(Error::invalid_fields(self.details))
            }
        }
    }

    /// Notes what is wrong at a place; the none that stands for it.
    pub(super) fn wrong<T>(&mut self, at: impl Into<String>, message: impl Into<String>) -> Option<T> {
        self.details.push(Detail { field: at.into(), message: message.into() });
        None
    }

    /// Whether nothing was wrong so far.
    pub(super) fn is_clean(&self) -> bool {
        self.details.is_empty()
    }

    /// Whether to stop reading.
    pub(super) fn is_full(&self) -> bool {
        self.conditions > MAX_CONDITIONS || self.details.len() >= MAX_DETAILS
    }

    /// A group or a condition.
    pub(super) fn node(&mut self, value: &Value, at: &str, depth: usize) -> Option<Node> {
        let Some(object) = value.as_object() else {
            return self.wrong(at, "must be an object like {\"path\": \"data.amount\", \"gt\": 1000}.");
        };
        let Some((word, inner)) = ["all", "any", "not"].into_iter().find_map(|word| Some((word, object.get(word)?)))
        else {
            return self.object_condition(object, at);
        };
        if object.len() > 1 {
            let message =
                format!("has other keys beside `{word}`; give each group and condition an object of its own.");
            return self.wrong(at, message);
        }
        if depth > MAX_DEPTH {
            return self.wrong(at, format!("is nested deeper than {MAX_DEPTH} groups; flatten it."));
        }
        match word {
            "not" => Some(Node::Not(Box::new(self.node(inner, &format!("{at}.not"), depth + 1)?))),
            "any" => self.group(inner, &format!("{at}.any"), depth).map(Node::Any),
            _ => self.group(inner, &format!("{at}.all"), depth).map(Node::All),
        }
    }

    fn group(&mut self, value: &Value, at: &str, depth: usize) -> Option<Vec<Node>> {
        let Some(list) = value.as_array().filter(|list| !list.is_empty()) else {
            return self.wrong(at, "must be a list of at least one condition or group.");
        };
        let mut nodes = Vec::with_capacity(list.len().min(MAX_CONDITIONS));
        for (index, item) in list.iter().enumerate() {
            nodes.extend(self.node(item, &format!("{at}[{index}]"), depth + 1));
            if self.is_full() {
                break;
            }
        }
        Some(nodes)
    }

    fn object_condition(&mut self, object: &Map<String, Value>, at: &str) -> Option<Node> {
        let path = match object.get("path") {
            Some(Value::String(path)) => path,
            Some(_) => return self.wrong(format!("{at}.path"), "must be a text like data.customer.tier."),
            None => return self.wrong(at, "needs `all`, `any` or `not`, or a `path` and an operator."),
        };
        let mut operators = object.iter().filter(|(key, _)| *key != "path");
        match (operators.next(), operators.next()) {
            (Some((word, value)), None) => match word.parse() {
                Ok(operator) => self.condition(path, operator, value.clone(), at),
                Err(_) => self.wrong(format!("{at}.{}", shortened(word)), format!("is no operator; use {}.", words())),
            },
            (None, _) => self.wrong(at, format!("needs an operator beside `path`: {}.", words())),
            (Some(_), Some(_)) => {
                self.wrong(at, "has several operators; write one condition for each, in one `all` or `any`.")
            }
        }
    }

    /// A condition whose parts are known.
    pub(super) fn condition(&mut self, path: &str, operator: Operator, value: Value, at: &str) -> Option<Node> {
        self.conditions += 1;
        if self.conditions > MAX_CONDITIONS {
            return self.wrong("filter", format!("has more than {MAX_CONDITIONS} conditions; use fewer, or `in`."));
        }
        let path = Path::parse(path).map_err(|message| self.wrong::<()>(format!("{at}.path"), message)).ok();
        self.check(operator, &value, &format!("{at}.{operator}"))?;
        let path = path?;
        self.spread += value.as_array().filter(|_| path.spreads()).map_or(0, Vec::len);
        if self.spread > MAX_LIST {
            let message = format!("lists of paths with `*` have more than {MAX_LIST} values in all; use fewer.");
            return self.wrong(format!("{at}.{operator}"), message);
        }
        Some(Node::Condition(Condition { path, operator, value }))
    }

    /// Whether an operator can use a value.
    fn check(&mut self, operator: Operator, value: &Value, at: &str) -> Option<()> {
        match (operator, value) {
            (Operator::Equals | Operator::NotEquals, _) => self.scalar(value, at),
            (Operator::In | Operator::NotIn, Value::Array(list)) if (1..=MAX_LIST).contains(&list.len()) => {
                list.iter().enumerate().try_for_each(|(index, one)| self.scalar(one, &format!("{at}[{index}]")))
            }
            (Operator::In | Operator::NotIn, _) => self.wrong(at, format!("must be a list of 1 to {MAX_LIST} values.")),
            (Operator::Prefix | Operator::Suffix, Value::String(text)) if !text.is_empty() => Some(()),
            (Operator::Prefix | Operator::Suffix, _) => self.wrong(at, "must be a text that is not empty."),
            (Operator::Contains, Value::String(text)) if text.is_empty() => {
                self.wrong(at, "must not be empty; to ask whether there is something at all, use `exists`.")
            }
            (Operator::Contains, _) => self.scalar(value, at),
            (Operator::Exists, Value::Bool(_)) => Some(()),
            (Operator::Exists, _) => self.wrong(at, "must be true or false."),
            (Operator::Gt | Operator::Gte | Operator::Lt | Operator::Lte, _) if orderable(value) => {
                self.scalar(value, at)
            }
            (Operator::Gt | Operator::Gte | Operator::Lt | Operator::Lte, _) => {
                self.wrong(at, "must be a number, a time like 2026-11-22T14:02:11Z, or a date like 2026-11-22.")
            }
        }
    }

    /// A text, a boolean, null, or a number that survives being written and read.
    fn scalar(&mut self, value: &Value, at: &str) -> Option<()> {
        let kept = |text: String| serde_json::from_str::<f64>(&text).is_ok_and(|again| value.as_f64() == Some(again));
        match value {
            Value::Array(_) | Value::Object(_) => {
                self.wrong(at, "must be a text, a number, true, false or null; to look inside, use a longer path.")
            }
            Value::Number(number) if number.is_f64() && !kept(number.to_string()) => {
                self.wrong(at, "has more digits than can be kept exactly; use at most 15.")
            }
            _ => Some(()),
        }
    }
}

fn words() -> String {
    Operator::ALL.iter().map(|operator| operator.as_str()).collect::<Vec<_>>().join(", ")
}

/// A key as it is shown in an error.
fn shortened(key: &str) -> String {
    if key.chars().count() <= 40 { key.to_owned() } else { key.chars().take(40).chain(['…']).collect() }
}
