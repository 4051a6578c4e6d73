//! `cargo xtask check`: everything that can be said about the code without running its tests.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::shell::{self, Paths};
use crate::{build, site, tools};

const OPENAPI: &str = "docs/openapi.json";

type Gate = fn(&Paths) -> Result<()>;

/// Runs every gate, also after one has failed, and names those that did.
pub fn check(paths: &Paths) -> Result<()> {
    tools::for_building(paths)?;
    tools::for_checks(paths)?;
    let gates: [(&str, Gate); 10] = [
        ("formatting", |paths| cargo(paths, &["fmt", "--all", "--check"])),
        ("spelling", |paths| shell::run(&mut paths.command("typos")?)),
        ("unused dependencies", |paths| cargo(paths, &["machete"])),
        ("bans, licences, sources", |paths| {
            cargo(paths, &["deny", "--locked", "check", "bans", "licenses", "sources"])
        }),
        ("types of the journeys", |paths| {
            shell::run(paths.command("end2end/node_modules/.bin/tsc")?.args(["-p", "end2end"]))
        }),
        ("clippy, native", |paths| {
            cargo(
                paths,
                &[
                    "clippy",
                    "--workspace",
                    "--exclude",
                    "frontend",
                    "--all-targets",
                    "--locked",
                    "--",
                    "-D",
                    "warnings",
                ],
            )
        }),
        ("clippy, wasm", |paths| {
            cargo(
                paths,
                &[
                    "clippy",
                    "--package",
                    "frontend",
                    "--target",
                    "wasm32-unknown-unknown",
                    "--locked",
                    "--",
                    "-D",
                    "warnings",
                ],
            )
        }),
        ("documentation", documentation),
        ("OpenAPI document", openapi_is_fresh),
        ("weight of the first page", |paths| site::check_budget(paths, &site::build(paths, site::Kind::Release)?)),
    ];
    let mut failed = Vec::new();
    for (name, gate) in gates {
        if let Err(error) = shell::step(name, || gate(paths)) {
            eprintln!("error: {error:#}");
            failed.push(name);
        }
    }
    if !failed.is_empty() {
        bail!("failed: {}", failed.join("; "));
    }
    println!("all {} checks passed", gates.len());
    Ok(())
}

/// `cargo xtask openapi`: writes the document that the handlers describe.
pub fn write_openapi(paths: &Paths) -> Result<()> {
    let described = described(paths, &build::development_server(paths)?)?;
    fs::write(paths.root.join(OPENAPI), described).with_context(|| format!("cannot write {OPENAPI}"))
}

fn openapi_is_fresh(paths: &Paths) -> Result<()> {
    let committed = fs::read_to_string(paths.root.join(OPENAPI)).unwrap_or_default();
    if committed != described(paths, &build::for_tests(paths)?.server)? {
        bail!("{OPENAPI} is not what the handlers say: run `cargo xtask openapi` and commit it");
    }
    Ok(())
}

fn described(paths: &Paths, server: &Path) -> Result<String> {
    shell::output(paths.command(server)?.arg("openapi"))
}

fn documentation(paths: &Paths) -> Result<()> {
    let mut command =
        paths.cargo(["doc", "--workspace", "--exclude", "frontend", "--no-deps", "--locked", "--quiet"])?;
    command.arg("--document-private-items");
    // The pages are for those who work here: private items are part of them, and may be linked.
    shell::run(command.env("RUSTDOCFLAGS", "-D warnings -A rustdoc::private-intra-doc-links"))
}

fn cargo(paths: &Paths, arguments: &[&str]) -> Result<()> {
    shell::run(&mut paths.cargo(arguments)?)
}
