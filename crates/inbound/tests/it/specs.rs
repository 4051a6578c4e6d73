//! The published specifications and examples, read where they are kept.

use std::path::PathBuf;

use serde_json::Value;

/// Reads a file below the folder that `PATCHBAY_PROVIDER_SPECS` names. `None`, and a word about it, without the folder.
pub fn spec(file: &str) -> Option<Value> {
    let folder = std::env::var_os("PATCHBAY_PROVIDER_SPECS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/providers/specs"),
        PathBuf::from,
    );
    if !folder.is_dir() {
        println!("skipped: there is no folder {} (set PATCHBAY_PROVIDER_SPECS)", folder.display());
        return None;
    }
    let text = std::fs::read_to_string(folder.join(file)).expect(file);
    Some(serde_json::from_str(&text).expect(file))
}

/// An example of a request or answer, which are beside the specifications.
pub fn example(file: &str) -> Option<Value> {
    spec(&format!("../examples/{file}.json"))
}
