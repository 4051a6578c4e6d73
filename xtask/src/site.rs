//! The browser's half: wasm, JavaScript, styles, fonts and public files, built by cargo-leptos and
//! then packed (hashed names, compressed variants) by `pack.mjs`.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::shell::{self, Paths};
use crate::tools;

/// Whatever of these changes makes a new site; a folder counts with everything in it.
const INPUTS: [&str; 11] = [
    "Cargo.lock",
    "Cargo.toml",
    "app",
    "domain/Cargo.toml",
    "domain/src",
    "frontend",
    "public",
    "rust-toolchain.toml",
    "style/main.css",
    "style/package-lock.json",
    "xtask/pack.mjs",
];

/// What the first page may weigh: JavaScript, wasm and CSS together, compressed with brotli.
const BUDGET_BYTES: u64 = 400_000;

/// How much work goes into a small site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Built quickly, served uncompressed.
    Development,
    /// Optimised and compressed: for releases, the browser tests and the budget.
    Release,
}

/// Builds the site unless nothing it is made of has changed; returns its folder.
pub fn build(paths: &Paths, kind: Kind) -> Result<PathBuf> {
    let site = paths.target.join(if kind == Kind::Release { "site-release" } else { "site" });
    let stamp = site.join("inputs.txt");
    let inputs = fingerprint(paths)?;
    if fs::read_to_string(&stamp).is_ok_and(|built| built == inputs) {
        return Ok(site);
    }
    shell::step("build the site (wasm, styles, fonts)", || {
        let built = paths.target.join("site-built");
        match kind {
            Kind::Development => shell::run(leptos(paths, &built)?.args(["--lib-features", "all"]))?,
            Kind::Release => build_parts(paths, &built)?,
        }
        let mut pack = paths.command("node")?;
        pack.arg("xtask/pack.mjs").arg(&built).arg(paths.root.join("style/node_modules"));
        pack.arg(tools::scalar(paths)?).arg(&site);
        if kind == Kind::Release {
            pack.arg("--compress");
        }
        shell::run(&mut pack)?;
        fs::write(&stamp, inputs).context("cannot write into the site folder")
    })?;
    Ok(site)
}

fn leptos(paths: &Paths, built: &Path) -> Result<Command> {
    let mut command = paths.cargo(["leptos", "build", "--frontend-only"])?;
    command.env("LEPTOS_SITE_ROOT", built);
    Ok(command)
}

/// One module per part of the pages, so that a page brings only what its part needs.
fn build_parts(paths: &Paths, built: &Path) -> Result<()> {
    let modules = paths.target.join("site-parts");
    fs::create_dir_all(&modules)?;
    let files = ["js", "wasm"].map(|extension| format!("patchbay.{extension}"));
    let parts = parts(paths)?;
    for part in &parts {
        shell::run(leptos(paths, built)?.args(["--release", "--lib-features", part]))?;
        for file in &files {
            fs::rename(built.join("pkg").join(file), modules.join(of_part(file, part)))?;
        }
    }
    for (part, file) in parts.iter().flat_map(|part| files.iter().map(move |file| (part, file))) {
        fs::copy(modules.join(of_part(file, part)), built.join("pkg").join(of_part(file, part)))?;
    }
    Ok(())
}

/// `patchbay.js` as `patchbay-log.js`.
fn of_part(file: &str, part: &str) -> String {
    file.replacen('.', &format!("-{part}."), 1)
}

/// The parts that make up the feature `all` of the crate `frontend`.
fn parts(paths: &Paths) -> Result<Vec<String>> {
    let manifest = fs::read_to_string(paths.root.join("frontend/Cargo.toml"))?;
    let list =
        manifest.lines().find_map(|line| line.strip_prefix("all = [")).context("frontend has no feature `all`")?;
    Ok(list.split('"').skip(1).step_by(2).map(str::to_owned).collect())
}

/// Fails when a first page, whichever it is, is heavier than the budget; prints the figures.
pub fn check_budget(paths: &Paths, site: &Path) -> Result<()> {
    let manifest = fs::read_to_string(site.join("manifest.tsv")).context("the site has not been packed")?;
    let size = |logical: &str| -> Result<u64> {
        let line = manifest.lines().find(|line| line.split('\t').next() == Some(logical));
        let url =
            line.and_then(|line| line.split('\t').nth(1)).with_context(|| format!("the site has no {logical}"))?;
        Ok(fs::metadata(site.join(format!("{}.br", url.trim_start_matches('/'))))?.len())
    };
    let styles = size("/pkg/patchbay.css")?;
    let mut heaviest = 0;
    println!("first page, brotli, in kB of {:.0}:", kilobytes(BUDGET_BYTES));
    println!("  {:<10} {:>7} {:>7} {:>7} {:>9}", "part", "wasm", "script", "styles", "together");
    for part in parts(paths)? {
        let (wasm, script) = (size(&format!("/pkg/patchbay-{part}.wasm"))?, size(&format!("/pkg/patchbay-{part}.js"))?);
        let total = wasm + script + styles;
        let [wasm, script, styles, together] = [wasm, script, styles, total].map(kilobytes);
        println!("  {part:<10} {wasm:>7.1} {script:>7.1} {styles:>7.1} {together:>9.1}");
        heaviest = heaviest.max(total);
    }
    ensure!(heaviest > 0, "the packed site holds neither script nor styles");
    let over = heaviest.saturating_sub(BUDGET_BYTES);
    ensure!(over == 0, "the first page is {:.1} kB over its budget", kilobytes(over));
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a size to be read by people")]
fn kilobytes(bytes: u64) -> f64 {
    bytes as f64 / 1000.0
}

/// A hash over names and contents of everything the site is made of.
fn fingerprint(paths: &Paths) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for input in INPUTS {
        hash_path(&paths.root.join(input), &mut hasher)?;
    }
    Ok(format!("{:016x}\n", hasher.finish()))
}

fn hash_path(path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    if path.is_dir() {
        let mut entries = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
        entries.sort();
        return entries.iter().try_for_each(|entry| hash_path(entry, hasher));
    }
    if path.exists() {
        path.hash(hasher);
        fs::read(path).with_context(|| format!("cannot read {}", path.display()))?.hash(hasher);
    }
    Ok(())
}
