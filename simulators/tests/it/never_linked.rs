//! Nothing of the product depends on the simulators; its tests may.

use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn only_tests_of_the_product_may_name_the_simulators() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let crates = fs::read_dir(root.join("crates")).unwrap().map(|entry| entry.unwrap().path());
    let own = ["app", "domain", "frontend", "server"].map(|name| root.join(name));
    let folders: Vec<PathBuf> = crates.chain(own).collect();
    assert!(folders.len() > 8);
    for folder in folders {
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let mut section = "";
        for line in manifest.lines() {
            if line.starts_with('[') {
                section = line;
            }
            let names_it = line.contains("simulators") && !line.trim_start().starts_with('#');
            assert!(!names_it || section == "[dev-dependencies]", "{}: {section} {line}", folder.display());
        }
    }
}
