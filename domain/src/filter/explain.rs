//! Why a document does not match, in plain sentences.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::compare::{order, orderable};
use super::{Condition, Node, Operator};

/// A text in a sentence is cut after so many characters.
const LONGEST_SHOWN: usize = 60;
/// Of several values so many are named.
const MOST_NAMED: usize = 5;

/// Whether an event matches a filter, and if not, why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Explanation {
    /// Whether it matches.
    pub matches: bool,
    /// The conditions that stand in the way; empty when it matches.
    pub mismatches: Vec<Mismatch>,
}

/// A condition that stands in the way of a match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Mismatch {
    /// Where it stands in the filter: `filter.all[1]`.
    pub at: String,
    /// What is there and what is asked: `data.amount is 12, not greater than 1000`.
    pub message: String,
}

pub(super) fn explain(node: &Node, document: &Value) -> Explanation {
    let mut mismatches = Vec::new();
    let matches = node.holds(document);
    if !matches {
        collect(node, document, "filter", true, &mut mismatches);
    }
    Explanation { matches, mismatches }
}

/// Collects what keeps `node` from being as it is wanted. Recursion goes as deep as groups are nested.
fn collect(node: &Node, document: &Value, at: &str, wanted: bool, into: &mut Vec<Mismatch>) {
    if node.holds(document) == wanted {
        return;
    }
    let mut each = |nodes: &[Node], word: &str| {
        for (index, node) in nodes.iter().enumerate() {
            collect(node, document, &format!("{at}.{word}[{index}]"), wanted, into);
        }
    };
    match node {
        Node::All(nodes) => each(nodes, "all"),
        Node::Any(nodes) => each(nodes, "any"),
        Node::Not(node) => collect(node, document, &format!("{at}.not"), !wanted, into),
        Node::Condition(condition) => {
            let mut message = condition.sentence(document);
            if !wanted {
                message += ", which `not` excludes";
            }
            into.push(Mismatch { at: at.to_owned(), message });
        }
    }
}

impl Condition {
    /// What is there, and how it stands to what is asked.
    fn sentence(&self, document: &Value) -> String {
        let hit = self.path.any(document, &mut |actual| self.passes(actual));
        // What passed is named if anything did, else everything that was asked.
        let mut actual = Vec::new();
        self.path.any(document, &mut |value| {
            if !hit || self.passes(value) {
                actual.push(value);
            }
            false
        });
        let path = &self.path;
        if actual.is_empty() {
            return format!("{path} is missing");
        }
        format!("{path} is {}{}", several(&actual, "or"), self.verdict(hit, &actual))
    }

    /// The second half of a sentence: how values that are there stand to what is asked.
    fn verdict(&self, hit: bool, actual: &[&Value]) -> String {
        let value = match &self.value {
            Value::Array(list) => several(&list.iter().collect::<Vec<_>>(), "or"),
            one => shown(one),
        };
        let comparable = || orderable(&self.value) && actual.iter().any(|actual| order(actual, &self.value).is_some());
        let (yes, no) = match self.operator {
            Operator::Equals => (String::new(), format!(", not {value}")),
            Operator::NotEquals => (", but must not be".into(), format!(", not {value}")),
            Operator::In => (format!(", one of {value}"), format!(", not one of {value}")),
            Operator::NotIn => (format!(", but must not be one of {value}"), format!(", not one of {value}")),
            Operator::Prefix => pair("starts", "start", &format!("with {value}")),
            Operator::Suffix => pair("ends", "end", &format!("with {value}")),
            Operator::Contains => pair("contains", "contain", &value),
            Operator::Exists if self.negated() => (", but must be missing".into(), String::new()),
            Operator::Exists => (String::new(), String::new()),
            Operator::Gt | Operator::Gte | Operator::Lt | Operator::Lte if !comparable() => {
                (String::new(), format!(", which cannot be compared with {value}"))
            }
            Operator::Gt => (format!(", greater than {value}"), format!(", not greater than {value}")),
            Operator::Gte => (format!(", at least {value}"), format!(", not at least {value}")),
            Operator::Lt => (format!(", less than {value}"), format!(", not less than {value}")),
            Operator::Lte => (format!(", at most {value}"), format!(", not at most {value}")),
        };
        if hit { yes } else { no }
    }
}

fn pair(does: &str, do_it: &str, what: &str) -> (String, String) {
    (format!(", which {does} {what}"), format!(", which does not {do_it} {what}"))
}

/// `1`, `1 or 2`, `1, 2, 3, 4, 5 or 7 more`.
fn several(values: &[&Value], word: &str) -> String {
    let mut named: Vec<String> = values.iter().take(MOST_NAMED).map(|value| shown(value)).collect();
    if values.len() > MOST_NAMED {
        named.push(format!("{} more", values.len() - MOST_NAMED));
    }
    match named.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} {word} {last}", before.join(", ")),
        None => String::new(),
    }
}

/// A value as it stands in a sentence.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(list) => format!("a list of {}", list.len()),
        Value::Object(_) => "an object".to_owned(),
        Value::String(text) if text.chars().count() > LONGEST_SHOWN => {
            Value::from(text.chars().take(LONGEST_SHOWN).chain(['…']).collect::<String>()).to_string()
        }
        other => other.to_string(),
    }
}
