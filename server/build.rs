//! Puts the packed site into the program: for each line of `$PATCHBAY_SITE/manifest.tsv` the file
//! and its compressed variants. Without that variable the table is empty, and the program reads a
//! folder when it starts (see `assets.rs`).

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed=PATCHBAY_SITE");
    println!("cargo::rerun-if-changed=build.rs");
    let table = match env::var_os("PATCHBAY_SITE") {
        Some(site) => table_of(&PathBuf::from(site))?,
        None => "&[]".to_owned(),
    };
    let generated = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?).join("site.rs");
    fs::write(generated, table)?;
    Ok(())
}

fn table_of(site: &Path) -> Result<String, Box<dyn Error>> {
    let manifest = site.join("manifest.tsv");
    println!("cargo::rerun-if-changed={}", manifest.display());
    let mut table = String::from("&[\n");
    for line in fs::read_to_string(&manifest)?.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let [logical, url, hash, cache, encodings] = columns[..] else {
            return Err(format!("{}: broken line {line:?}", manifest.display()).into());
        };
        let file = site.join(url.trim_start_matches('/'));
        let bytes = |suffix: &str| format!("include_bytes!({:?})", format!("{}{suffix}", file.display()));
        let variant = |name: &str| match encodings.split(',').any(|encoding| encoding == name) {
            true => format!("Some({})", bytes(&format!(".{name}"))),
            false => "None".to_owned(),
        };
        writeln!(
            table,
            "Embedded {{ logical: {logical:?}, url: {url:?}, hash: {hash:?}, immutable: {}, plain: {}, brotli: {}, gzip: {} }},",
            cache == "immutable",
            bytes(""),
            variant("br"),
            variant("gz"),
        )?;
    }
    table.push(']');
    Ok(table)
}
