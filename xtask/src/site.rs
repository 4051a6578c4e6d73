//! The browser's half: wasm, JavaScript, styles, fonts and public files, packed (hashed names,
//! compressed variants) by `pack.mjs`. For development cargo-leptos builds it, as one module; for a
//! release we take the same steps ourselves, once per part of the pages and two parts at a time.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use anyhow::{Context, Result, ensure};

use crate::shell::{self, Paths};
use crate::tools;

/// Whatever of these changes makes a new site; a folder counts with everything in it.
const INPUTS: [&str; 12] = [
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
    "style/teams.mjs",
    "xtask/pack.mjs",
];

/// The target of the browser's half.
const WASM: &str = "wasm32-unknown-unknown";

/// What the first page may weigh: JavaScript, wasm and CSS together, compressed with brotli.
const BUDGET_BYTES: u64 = 402_000;

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
            Kind::Development => {
                let mut leptos = paths.cargo(["leptos", "build", "--frontend-only"])?;
                shell::run(leptos.env("LEPTOS_SITE_ROOT", &built))?;
            }
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

/// One module per part of the pages, so that a page brings only what its part needs; the styles and the public files.
fn build_parts(paths: &Paths, built: &Path) -> Result<()> {
    fs::remove_dir_all(built).ok();
    let pkg = built.join("pkg");
    fs::create_dir_all(&pkg)?;
    shell::run(paths.command("cp")?.arg("-R").arg("public/.").arg(built))?;
    let mut tailwind = paths.command("tailwindcss")?;
    tailwind.args(["--minify", "--input", "style/main.css", "--output"]).arg(pkg.join("patchbay.css"));
    shell::run(&mut tailwind)?;

    let target = paths.target.join("front");
    let mut cargo =
        paths.cargo(["build", "--package", "frontend", "--bins", "--profile", "wasm-release", "--locked"])?;
    shell::run(cargo.args(["--target", WASM, "--target-dir"]).arg(&target))?;
    let modules = target.join(WASM).join("wasm-release");
    let waiting = Mutex::new(parts(paths)?);
    let next = || waiting.lock().ok()?.pop();
    let work = || -> Result<()> {
        while let Some(part) = next() {
            optimise(paths, &modules, &part, &pkg)?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers: Vec<_> =
            (0..thread::available_parallelism().map_or(2, usize::from)).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// Gives a module its JavaScript, and makes both small.
fn optimise(paths: &Paths, modules: &Path, part: &str, pkg: &Path) -> Result<()> {
    let raw = modules.join("bindgen");
    let name = format!("patchbay-{part}");
    let mut bindgen = paths.command("wasm-bindgen")?;
    bindgen.args(["--target", "web", "--no-typescript", "--out-name", &name, "--out-dir"]).arg(&raw);
    shell::run(bindgen.arg(modules.join(format!("{part}.wasm"))))?;
    let mut opt = paths.command("wasm-opt")?;
    opt.args(["-Oz", "--enable-bulk-memory", "--enable-nontrapping-float-to-int"]);
    opt.arg(raw.join(format!("{name}_bg.wasm"))).arg("-o").arg(pkg.join(format!("{name}.wasm")));
    shell::run(&mut opt)?;
    let mut esbuild = paths.command("esbuild")?;
    esbuild.arg(raw.join(format!("{name}.js"))).args(["--minify", "--log-level=warning"]);
    shell::run(esbuild.arg(format!("--outfile={}", pkg.join(format!("{name}.js")).display())))
}

/// The parts, each an entry of its own in the crate `frontend`.
fn parts(paths: &Paths) -> Result<Vec<String>> {
    let files = fs::read_dir(paths.root.join("frontend/src/bin")).context("frontend has no entries")?;
    let mut parts = Vec::new();
    for file in files {
        parts.extend(file?.path().file_stem().map(|stem| stem.to_string_lossy().into_owned()));
    }
    parts.sort();
    Ok(parts)
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
