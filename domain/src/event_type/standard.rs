//! The standard event types in full: description, JSON Schema (draft 2020-12) and a realistic sample each.
//! One file per type beside this one; only the server carries them.

use std::sync::LazyLock;

use super::EventType;

/// One file of `standard/`.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    description: String,
    schema: serde_json::Value,
    sample: serde_json::Value,
}

/// The files, in the order of [`super::catalogue::NAMES`].
const FILES: [&str; 24] = [
    include_str!("standard/entity_created.json"),
    include_str!("standard/entity_updated.json"),
    include_str!("standard/entity_deleted.json"),
    include_str!("standard/user_invited.json"),
    include_str!("standard/user_joined.json"),
    include_str!("standard/user_removed.json"),
    include_str!("standard/subscription_created.json"),
    include_str!("standard/subscription_updated.json"),
    include_str!("standard/subscription_cancelled.json"),
    include_str!("standard/invoice_paid.json"),
    include_str!("standard/invoice_failed.json"),
    include_str!("standard/jira_issue_created.json"),
    include_str!("standard/jira_issue_updated.json"),
    include_str!("standard/jira_issue_commented.json"),
    include_str!("standard/jira_issue_deleted.json"),
    include_str!("standard/endpoint_failing.json"),
    include_str!("standard/endpoint_disabled.json"),
    include_str!("standard/endpoint_recovered.json"),
    include_str!("standard/delivery_exhausted.json"),
    include_str!("standard/delivery_recovered.json"),
    include_str!("standard/health_degraded.json"),
    include_str!("standard/health_recovered.json"),
    include_str!("standard/installation_degraded.json"),
    include_str!("standard/installation_recovered.json"),
];

static TYPES: LazyLock<Vec<EventType>> = LazyLock::new(|| {
    let read = |text| {
        let file: File = serde_json::from_str(text).expect("the files are part of the program and read by its tests");
        EventType {
            name: file.name,
            description: file.description,
            schema: Some(file.schema),
            sample: file.sample,
            standard: true,
            created_at: None,
        }
    };
    FILES.into_iter().map(read).collect()
});

/// All standard types, in the order of [`super::catalogue::NAMES`].
pub(crate) fn all() -> &'static [EventType] {
    &TYPES
}

/// One standard type.
pub(crate) fn find(name: &str) -> Option<&'static EventType> {
    TYPES.iter().find(|known| known.name == name)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::catalogue::NAMES;
    use super::*;

    /// The words of JSON Schema that the files use, and no other, so that nothing is skipped unseen.
    const KNOWN: &[&str] = &[
        "$schema",
        "title",
        "description",
        "type",
        "properties",
        "required",
        "enum",
        "pattern",
        "format",
        "minimum",
        "minItems",
        "minProperties",
        "items",
        "additionalProperties",
    ];

    /// What of `value` breaks `schema`, by path.
    fn faults(schema: &Value, value: &Value, path: &str, found: &mut Vec<String>) {
        let schema = schema.as_object().expect("a schema is an object");
        let mut check = |holds: bool, word: &str| {
            if !holds {
                found.push(format!("{path}: {word}"));
            }
        };
        for (word, rule) in schema {
            check(KNOWN.contains(&word.as_str()), &format!("{word} is not checked"));
            let is = |kind: &str| match kind {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "integer" => value.is_i64(),
                "number" => value.is_number(),
                "null" => value.is_null(),
                other => panic!("{other} is no type of the files"),
            };
            match (word.as_str(), rule) {
                ("type", Value::String(kind)) => check(is(kind), word),
                ("type", Value::Array(kinds)) => check(kinds.iter().filter_map(Value::as_str).any(is), word),
                ("required", Value::Array(names)) => {
                    check(names.iter().filter_map(Value::as_str).all(|name| value.get(name).is_some()), word);
                }
                ("enum", Value::Array(values)) => check(values.contains(value), word),
                ("minimum", least) => check(value.as_i64() >= least.as_i64(), word),
                ("minItems", least) => {
                    check(value.as_array().map(Vec::len) >= least.as_u64().map(|n| n as usize), word)
                }
                ("minProperties", least) => {
                    check(value.as_object().map(serde_json::Map::len) >= least.as_u64().map(|n| n as usize), word);
                }
                ("format", Value::String(format)) if format == "date-time" => {
                    check(value.as_str().is_none_or(|at| crate::Timestamp::parse_rfc3339(at).is_ok()), word);
                }
                ("format", Value::String(format)) => {
                    check(format == "email" && value.as_str().is_some_and(|at| at.contains('@')), word)
                }
                _ => {}
            }
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, child) in value.as_object().into_iter().flatten() {
            match (properties.and_then(|known| known.get(name)), schema.get("additionalProperties")) {
                (Some(rule), _) | (None, Some(rule)) => faults(rule, child, &format!("{path}.{name}"), found),
                (None, None) if properties.is_some() => found.push(format!("{path}.{name}: not described")),
                (None, None) => {}
            }
        }
        for (index, child) in value.as_array().into_iter().flatten().enumerate() {
            faults(&schema["items"], child, &format!("{path}[{index}]"), found);
        }
    }

    #[test]
    fn the_catalogue_has_exactly_the_names_that_are_promised() {
        assert_eq!(all().iter().map(|known| known.name.as_str()).collect::<Vec<_>>(), NAMES);
        assert!(
            all().iter().all(|known| super::super::check_name(&known.name).is_ok() && known.description.ends_with('.'))
        );
        assert!(find("invoice.paid").is_some() && find("invoice.payed").is_none());
    }

    #[test]
    fn each_sample_keeps_its_schema() {
        for known in all() {
            let schema = known.schema.as_ref().expect("each has a schema");
            assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
            let mut found = Vec::new();
            faults(schema, &known.sample, &known.name, &mut found);
            assert!(found.is_empty(), "{found:?}");
        }
    }

    #[test]
    fn a_sample_without_a_required_field_breaks_its_schema() {
        let paid = find("invoice.paid").expect("known");
        let mut sample = paid.sample.clone();
        sample.as_object_mut().expect("an object").remove("number");
        sample["amount_due"] = "many".into();
        let mut found = Vec::new();
        faults(paid.schema.as_ref().expect("a schema"), &sample, "data", &mut found);
        assert!(
            found.contains(&"data: required".to_owned()) && found.contains(&"data.amount_due: type".to_owned()),
            "{found:?}"
        );
    }

    #[test]
    fn an_update_carries_the_changed_fields_before_and_after() {
        for name in ["entity.updated", "subscription.updated"] {
            let sample = &find(name).expect("known").sample;
            let changes = sample["changes"].as_object().expect("changes by field");
            assert!(
                !changes.is_empty()
                    && changes.values().all(|change| change.get("from").is_some() && change.get("to").is_some())
            );
        }
    }

    #[test]
    fn no_sample_looks_like_it_carries_a_secret() {
        for known in all() {
            assert_eq!(crate::event::secrets::find(&known.sample.to_string()), Ok(None), "{}", known.name);
        }
    }
}
