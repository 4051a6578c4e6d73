//! The published specifications, read where they are kept.

use std::path::PathBuf;

use serde::de::DeserializeOwned;

/// Reads a file of the folder that `PATCHBAY_PROVIDER_SPECS` names. `None`, and a word about it, without the folder.
pub fn read<T: DeserializeOwned>(file: &str) -> Option<T> {
    let specs = std::env::var_os("PATCHBAY_PROVIDER_SPECS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/providers/specs"),
        PathBuf::from,
    );
    if !specs.is_dir() {
        println!("skipped: there is no folder {} (set PATCHBAY_PROVIDER_SPECS)", specs.display());
        return None;
    }
    let text = std::fs::read_to_string(specs.join(file)).expect("the vectors are readable");
    Some(serde_json::from_str(&text).expect("the vectors are as described"))
}
