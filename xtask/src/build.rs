//! Building and starting the program itself.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::shell::{self, Paths};
use crate::{site, tools};

/// The server as tests and development use it; it serves the site from a folder.
pub fn development_server(paths: &Paths) -> Result<PathBuf> {
    shell::step("build the server", || shell::run(&mut paths.cargo(["build", "--package", "server", "--locked"])?))?;
    Ok(paths.server("debug"))
}

/// `cargo xtask build --release`: the one executable with everything inside.
pub fn release_server(paths: &Paths) -> Result<PathBuf> {
    tools::for_building(paths)?;
    let site = site::build(paths, site::Kind::Release)?;
    shell::step("build the server (release)", || {
        let mut command = paths.cargo(["build", "--package", "server", "--release", "--locked"])?;
        shell::run(command.env("PATCHBAY_SITE", site))
    })?;
    Ok(paths.server("release"))
}

/// `cargo xtask build`: both halves without optimisation.
pub fn development(paths: &Paths) -> Result<(PathBuf, PathBuf)> {
    tools::for_building(paths)?;
    let site = site::build(paths, site::Kind::Development)?;
    Ok((development_server(paths)?, site))
}

/// `cargo xtask run`: builds everything and becomes the server.
pub fn serve(paths: &Paths, release: bool, arguments: &[String]) -> Result<()> {
    let mut server = if release {
        Command::new(release_server(paths)?)
    } else {
        let (binary, site) = development(paths)?;
        let mut command = Command::new(binary);
        command.env("PATCHBAY_SITE_DIR", site);
        command
    };
    server.arg("serve").args(arguments).current_dir(&paths.root);
    replace_this_process(&mut server)
}

/// `cargo xtask bench`: the release server under the load harness, on both databases.
pub fn bench(paths: &Paths, arguments: &[String]) -> Result<()> {
    tools::for_rust_tests(paths)?;
    let server = release_server(paths)?;
    shell::run(&mut paths.cargo(["build", "--package", "bench", "--release", "--locked"])?)?;
    let harness = paths.target.join("release").join(format!("bench{}", std::env::consts::EXE_SUFFIX));
    let mut command = paths.command(harness)?;
    command.args(arguments).env("PATCHBAY_BIN", server);
    shell::run(&mut command)
}

#[cfg(unix)]
fn replace_this_process(command: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt;
    Err(command.exec()).context("cannot start the server")
}

#[cfg(not(unix))]
fn replace_this_process(command: &mut Command) -> Result<()> {
    shell::run(command).context("the server ended")
}
