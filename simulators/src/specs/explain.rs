//! Words for a value that no alternative of a schema fits: of the alternatives the nearest one speaks.
//!
//! A block that is wrong in one place fails all twenty kinds of block, and "is not valid under any of the schemas" helps
//! nobody. The kind whose `type` fits is the one that was meant, and its complaint is the useful one. Where the `type` of
//! none fits, the complaint names those that would.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;

/// A complaint, and how far from fitting the value was.
struct Explained {
    /// The constants (the `type` of a block) that would have fitted, where another one was given.
    constants: Vec<String>,
    /// Where in the value.
    pointer: String,
    text: String,
}

/// Each error in words, without repetitions.
pub(super) fn complaints<'a>(errors: impl Iterator<Item = ValidationError<'a>>) -> Vec<String> {
    let mut all: Vec<String> = errors.flat_map(|error| explained(&error)).map(|one| one.text).collect();
    all.sort();
    all.dedup();
    all
}

fn explained(error: &ValidationError<'_>) -> Vec<Explained> {
    match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            let explain = |errors: &Vec<ValidationError<'_>>| errors.iter().flat_map(explained).collect::<Vec<_>>();
            let alternatives: Vec<Vec<Explained>> = context.iter().map(explain).filter(|one| !one.is_empty()).collect();
            nearest(alternatives).unwrap_or_else(|| vec![one(error)])
        }
        _ => vec![one(error)],
    }
}

/// The alternative that was meant: the one whose constant fits, then few mistakes, then mistakes far inside.
fn nearest(alternatives: Vec<Vec<Explained>>) -> Option<Vec<Explained>> {
    let Some(decisive) = decisive(&alternatives) else { return fewest(alternatives) };
    let misses = |errors: &Vec<Explained>| errors.iter().any(|error| error.misses(&decisive));
    if alternatives.iter().all(misses) {
        return Some(vec![none_of(decisive, alternatives)]);
    }
    fewest(alternatives.into_iter().filter(|errors| !misses(errors)).collect())
}

/// The place whose constant tells the alternatives apart: where most miss one, and of those the outermost.
fn decisive(alternatives: &[Vec<Explained>]) -> Option<String> {
    let missing = || alternatives.iter().flatten().filter(|error| !error.constants.is_empty());
    let weight = |pointer: &str| {
        let count = missing().filter(|error| error.pointer == pointer).count();
        (count, usize::MAX - pointer.matches('/').count())
    };
    missing().map(|error| error.pointer.as_str()).max_by_key(|pointer| weight(pointer)).map(str::to_owned)
}

fn fewest(alternatives: Vec<Vec<Explained>>) -> Option<Vec<Explained>> {
    alternatives.into_iter().min_by_key(|errors| {
        let deepest = errors.iter().map(|error| error.pointer.matches('/').count()).max().unwrap_or_default();
        (errors.len(), usize::MAX - deepest)
    })
}

/// Every alternative wants another constant at a place: all that would do.
fn none_of(pointer: String, alternatives: Vec<Vec<Explained>>) -> Explained {
    let here = alternatives.into_iter().flatten().filter(|error| error.pointer == pointer);
    let mut constants: Vec<String> = here.flat_map(|error| error.constants).collect();
    constants.sort();
    constants.dedup();
    let text = format!("{pointer}: the value is none of {}", constants.join(", "));
    Explained { constants, pointer, text }
}

impl Explained {
    fn misses(&self, pointer: &str) -> bool {
        !self.constants.is_empty() && self.pointer == pointer
    }
}

fn one(error: &ValidationError<'_>) -> Explained {
    let pointer = error.instance_path().as_str().to_owned();
    let constants = match error.kind() {
        ValidationErrorKind::Constant { expected_value } => vec![expected_value.to_string()],
        _ => Vec::new(),
    };
    let what = error.masked_with("the value").to_string();
    let text = if pointer.is_empty() { what } else { format!("{pointer}: {what}") };
    Explained { constants, pointer, text }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::complaints;

    fn words(value: &Value) -> Vec<String> {
        let kind = |name: &str, field: &str, of: Value| {
            json!({ "type": "object", "additionalProperties": false, "required": ["type", field],
                "properties": { "type": { "const": name }, field: of } })
        };
        let inner = json!({ "anyOf": [kind("b", "y", json!({ "type": "string" })), kind("c", "z", json!({ "type": "number" }))] });
        let text = json!({ "properties": { "type": { "const": "a" } } });
        let schema = json!({ "anyOf": [kind("three", "text", text), kind("one", "x", json!({ "type": "string" })), kind("two", "list", json!({ "items": inner }))] });
        complaints(jsonschema::validator_for(&schema).unwrap().iter_errors(value))
    }

    #[test]
    fn the_kind_that_was_meant_says_what_is_wrong_with_it() {
        let list = |element: Value| json!({ "type": "two", "list": [{ "type": "b", "y": "" }, element] });
        for (value, sentences) in [
            (json!({ "type": "one", "x": "" }), vec![]),
            (json!({ "type": "one", "x": 1 }), vec!["/x: the value is not of type \"string\""]),
            (json!({ "type": "one" }), vec!["\"x\" is a required property"]),
            (json!({ "type": "uno", "x": "" }), vec!["/type: the value is none of \"one\", \"three\", \"two\""]),
            (list(json!({ "type": "c", "z": "" })), vec!["/list/1/z: the value is not of type \"number\""]),
            (json!({ "type": "three", "text": { "type": "b" } }), vec!["/text/type: \"a\" was expected"]),
            (list(json!({ "type": "d" })), vec!["/list/1/type: the value is none of \"b\", \"c\""]),
        ] {
            assert_eq!(words(&value), sentences, "{value}");
        }
    }
}
