//! `cargo xtask fuzz`: each fuzz target for some seconds. What was learned stays in the target folder, a crash in
//! `fuzz/artifacts`.

use std::fs;

use anyhow::{Context, Result};

use crate::shell::{self, Paths};
use crate::tools;

/// Seconds for each target, unless told otherwise.
const SECONDS: u64 = 60;

/// Runs every target.
pub fn fuzz(paths: &Paths, arguments: &[String]) -> Result<()> {
    let seconds = match arguments.first() {
        Some(text) => text.parse().context("SECONDS is a number")?,
        None => SECONDS,
    };
    tools::for_fuzzing(paths)?;
    let mut targets: Vec<String> = fs::read_dir(paths.root.join("fuzz/targets"))?
        .filter_map(|entry| Some(entry.ok()?.path().file_stem()?.to_string_lossy().into_owned()))
        .collect();
    targets.sort();
    for target in targets {
        let corpus = paths.target.join("fuzz-corpus").join(&target);
        fs::create_dir_all(&corpus)?;
        let mut run = paths.cargo(["+nightly", "fuzz", "run", &target])?;
        run.arg(&corpus).args(["--", &format!("-max_total_time={seconds}"), "-max_len=65536", "-print_final_stats=1"]);
        run.env("CARGO_TARGET_DIR", paths.target.join("fuzz")).env_remove("RUSTUP_TOOLCHAIN");
        shell::step(&format!("fuzz {target} for {seconds} s"), || shell::run(&mut run))?;
    }
    Ok(())
}
