//! Whether a document matches.

use std::cmp::Ordering;

use serde_json::Value;

use super::compare::{equal, order};
use super::{Condition, Node, Operator};

impl Node {
    /// Recursion goes as deep as groups are nested: [`super::MAX_DEPTH`].
    pub(super) fn holds(&self, document: &Value) -> bool {
        match self {
            Self::All(nodes) => nodes.iter().all(|node| node.holds(document)),
            Self::Any(nodes) => nodes.iter().any(|node| node.holds(document)),
            Self::Not(node) => !node.holds(document),
            Self::Condition(condition) => condition.holds(document),
        }
    }
}

impl Condition {
    pub(super) fn holds(&self, document: &Value) -> bool {
        self.path.any(document, &mut |actual| self.passes(actual)) != self.negated()
    }

    /// Whether the condition is the opposite of what [`Condition::passes`] asks.
    pub(super) fn negated(&self) -> bool {
        match self.operator {
            Operator::NotEquals | Operator::NotIn => true,
            Operator::Exists => self.value == Value::Bool(false),
            _ => false,
        }
    }

    /// Asks one value that the path reaches, without the negation.
    pub(super) fn passes(&self, actual: &Value) -> bool {
        let ordered = |wanted: fn(Ordering) -> bool| order(actual, &self.value).is_some_and(wanted);
        let texts = |wanted: fn(&str, &str) -> bool| {
            actual.as_str().zip(self.value.as_str()).is_some_and(|(actual, part)| wanted(actual, part))
        };
        match self.operator {
            Operator::Equals | Operator::NotEquals => equal(actual, &self.value),
            Operator::Gt => ordered(Ordering::is_gt),
            Operator::Gte => ordered(Ordering::is_ge),
            Operator::Lt => ordered(Ordering::is_lt),
            Operator::Lte => ordered(Ordering::is_le),
            Operator::In | Operator::NotIn => {
                self.value.as_array().is_some_and(|list| list.iter().any(|one| equal(actual, one)))
            }
            Operator::Prefix => texts(|actual, part| actual.starts_with(part)),
            Operator::Suffix => texts(|actual, part| actual.ends_with(part)),
            Operator::Contains => match actual {
                Value::Array(list) => list.iter().any(|item| equal(item, &self.value)),
                _ => texts(|actual, part| actual.contains(part)),
            },
            Operator::Exists => true,
        }
    }
}
