//! What tests of several nouns share: any JSON, and the providers' published files, read where they lie.

use std::path::PathBuf;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Any JSON at all, often with keys and values that somebody reads: markup, emoji, control characters, moments, ids.
pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        3 => any::<String>(),
        3 => "[<>&!@#|`*_~a ]{0,40}",
        1 => "\\PC{0,60}",
        1 => (300_usize..400).prop_map(|long| "🔴é漢<".chars().cycle().take(long).collect::<String>()),
        1 => Just("<!channel> & <@U123> <https://x.example|y>".to_owned()),
        1 => Just("2026-11-22T14:02:11Z".to_owned()),
        1 => Just("dlv_01kbm9c2h4n6p8r0s2t4v6w8xy".to_owned()),
    ];
    let leaf = prop_oneof![
        3 => text.clone().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(|number| json!(number)),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(6, 60, 12, move |inner| {
        let key = prop_oneof![
            3 => proptest::sample::select(&KNOWN[..]).prop_map(str::to_owned),
            2 => "[a-z_.]{0,12}",
            1 => text.clone(),
        ];
        prop_oneof![
            1 => vec(inner.clone(), 0..12).prop_map(Value::from),
            3 => btree_map(key, inner, 0..12).prop_map(|map| json!(map)),
        ]
    })
}

/// Keys that the layouts of the standard types read.
const KNOWN: [&str; 24] = [
    "name",
    "id",
    "entity",
    "attributes",
    "changes",
    "actor",
    "user",
    "email",
    "role",
    "plan",
    "amount",
    "currency",
    "number",
    "amount_due",
    "failure",
    "message",
    "endpoint",
    "url",
    "reason",
    "delivery_id",
    "event_type",
    "figure",
    "value",
    "created_at",
];

/// A file below the folder that `PATCHBAY_PROVIDER_SPECS` names (beside `examples` for those). `None`, and a word about it,
/// where there is none.
pub(crate) fn published(path: &str) -> Option<Value> {
    let specs = std::env::var_os("PATCHBAY_PROVIDER_SPECS")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/providers/specs"), PathBuf::from);
    let file = specs.join(path);
    match std::fs::read(&file) {
        Ok(bytes) => Some(serde_json::from_slice(&bytes).expect("published files are JSON")),
        Err(_) => {
            println!("skipped: there is no {} (set PATCHBAY_PROVIDER_SPECS)", file.display());
            None
        }
    }
}
