//! The project's own commands: `cargo xtask run`, `test`, `check`, `build`, `bench` and what they
//! stand on. Each installs what it needs; see `tools.rs`.

mod build;
mod check;
mod fuzz;
mod postgres;
mod shell;
mod site;
mod test;
mod tools;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::shell::Paths;
use crate::test::Selection;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  run [--release] [--demo] [-- ARGS]  build everything and start `patchbay serve ARGS`; --demo with simulated third parties
  test [--rust|--browser] [FILTERS]   run every test, or one half, or those that match
  check                               formatting, clippy, docs, licences, spelling, OpenAPI, page weight
  build [--release]                   build both halves; --release gives one executable with all inside
  openapi                             rewrite docs/openapi.json
  bench [ARGS]                        measure the release build
  fuzz [SECONDS]                      feed nonsense to everything that reads what others send (needs nightly Rust)
  setup                               install what the other commands need, without running them";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let paths = Paths::find()?;
    let Some((command, rest)) = arguments.split_first() else { bail!("which command?\n{USAGE}") };
    match command.as_str() {
        "run" => {
            let (own, passed_on) = split_at_dashes(rest);
            build::serve(&paths, manner(own)?, passed_on)
        }
        "test" => test::test(&paths, &selection(rest)),
        "check" => check::check(&paths),
        "build" if only_release(rest)? => {
            let binary = build::release_server(&paths)?;
            println!("{}", binary.display());
            Ok(())
        }
        "build" => build::development(&paths).map(drop),
        "openapi" => check::write_openapi(&paths),
        "bench" => build::bench(&paths, rest),
        "fuzz" => fuzz::fuzz(&paths, rest),
        "setup" => setup(&paths),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(())
        }
        unknown => bail!("there is no command {unknown:?}\n{USAGE}"),
    }
}

fn setup(paths: &Paths) -> Result<()> {
    tools::for_building(paths)?;
    tools::for_development(paths)?;
    tools::for_rust_tests(paths)?;
    tools::for_browser_tests(paths)?;
    tools::for_checks(paths)
}

fn selection(arguments: &[String]) -> Selection {
    let mut selection = Selection::default();
    for argument in arguments {
        match argument.as_str() {
            "--rust" => selection.rust = true,
            "--browser" => selection.browser = true,
            "--" => {}
            filter => selection.filters.push(filter.to_owned()),
        }
    }
    selection
}

fn manner(arguments: &[String]) -> Result<build::Manner> {
    let mut manner = build::Manner::default();
    for argument in arguments {
        match argument.as_str() {
            "--release" => manner.release = true,
            "--demo" => manner.demo = true,
            other => bail!("unexpected {other}\n{USAGE}"),
        }
    }
    Ok(manner)
}

fn only_release(arguments: &[String]) -> Result<bool> {
    match arguments {
        [] => Ok(false),
        [flag] if flag == "--release" => Ok(true),
        other => bail!("unexpected {}\n{USAGE}", other.join(" ")),
    }
}

/// What stands before and what after `--`.
fn split_at_dashes(arguments: &[String]) -> (&[String], &[String]) {
    match arguments.iter().position(|argument| argument == "--") {
        Some(at) => (&arguments[..at], &arguments[at + 1..]),
        None => (arguments, &[]),
    }
}
