//! Filters: tables of cases, properties, and how long a match takes.

mod errors;
mod explanations;
mod operators;
mod paths;
mod properties;
mod rows;
mod speed;

use serde_json::{Value, json};

use super::Filter;

/// A filter that is good.
fn filter(value: Value) -> Filter {
    Filter::from_value(&value).unwrap_or_else(|error| panic!("{value}: {}", error.problem().message))
}

/// A document with this payload.
fn with(data: Value) -> Value {
    json!({"event_type": "order.created", "data": data})
}

/// Whether `data.x` with a value holds for an operator and its value.
fn holds(actual: &Value, operator: &str, value: &Value) -> bool {
    filter(json!({"path": "data.x", operator: value})).matches(&with(json!({"x": actual})))
}

/// The example of the module's description.
fn example() -> Value {
    json!({"all": [
        {"path": "data.amount", "gt": 1000},
        {"path": "data.currency", "in": ["eur", "usd"]},
        {"any": [
            {"path": "data.customer.tier", "equals": "gold"},
            {"path": "data.customer.email", "prefix": "vip@"},
        ]},
        {"not": {"path": "data.test", "exists": true}},
    ]})
}
