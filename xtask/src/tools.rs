//! Installs what the commands need, once. Everything that is not the system's goes to the tool
//! folder or to `node_modules`; a second run finds it there and installs nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::shell::{self, Paths};

const CARGO_LEPTOS: Tool =
    Tool { name: "cargo-leptos", version: "0.3.10", args: &["--locked", "--features", "no_downloads"], opt_level: "0" };
const WASM_BINDGEN: Tool = Tool { name: "wasm-bindgen-cli", version: "0.2.130", args: &[], opt_level: "1" };
const NEXTEST: Tool = Tool { name: "cargo-nextest", version: "0.9.143", args: &["--locked"], opt_level: "1" };
const DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2", args: &["--locked"], opt_level: "1" };
const MACHETE: Tool = Tool { name: "cargo-machete", version: "0.9.2", args: &["--locked"], opt_level: "0" };
const FUZZ: Tool = Tool { name: "cargo-fuzz", version: "0.13.1", args: &["--locked"], opt_level: "0" };
const TYPOS: Tool = Tool { name: "typos-cli", version: "1.52.0", args: &["--locked"], opt_level: "1" };

/// Version and integrity of the script that shows the API's documentation.
const SCALAR: (&str, &str) =
    ("1.46.4", "sha512-EpCcOG15Ry8DKNs/f5AdRA97s1B5kGPekzANpnK0j1IpyU4Sb/mfdyfB00WC+vUo7hfc4BFRSkkiPa5SSM7fng==");

/// A program from crates.io, held at one version.
struct Tool {
    name: &'static str,
    version: &'static str,
    args: &'static [&'static str],
    /// Low is quick to build; only what works on whole wasm modules needs more.
    opt_level: &'static str,
}

/// What every build of the site needs.
pub fn for_building(paths: &Paths) -> Result<()> {
    check_node(paths)?;
    if !shell::output(paths.command("rustup")?.args(["target", "list", "--installed"]))?
        .contains("wasm32-unknown-unknown")
    {
        shell::run(paths.command("rustup")?.args(["target", "add", "wasm32-unknown-unknown"]))?;
    }
    cargo_tools(paths, &[WASM_BINDGEN])?;
    npm(paths, "style")?;
    scalar(paths).map(drop)
}

/// What a build for development needs besides.
pub fn for_development(paths: &Paths) -> Result<()> {
    cargo_tools(paths, &[CARGO_LEPTOS])
}

/// What the Rust tests need besides.
pub fn for_rust_tests(paths: &Paths) -> Result<()> {
    if !shell::works(paths.command("cargo-nextest")?.args(["nextest", "--version"])) {
        cargo_tools(paths, &[NEXTEST])?;
    }
    if crate::postgres::binaries().is_none() {
        system_packages("PostgreSQL (initdb, postgres)", &["postgresql"])?;
    }
    if find_program("redis-server").is_none() {
        system_packages("Redis (redis-server)", &["redis-server"])?;
    }
    npm(paths, "crates/inbound/tests/vendors")?;
    npm(paths, "simulators/tests/sdk")
}

/// What the browser tests need besides.
pub fn for_browser_tests(paths: &Paths) -> Result<()> {
    if chromium().is_none() {
        system_packages("Chromium (or set CHROMIUM to its program)", &["chromium", "fonts-liberation"])?;
    }
    npm(paths, "end2end")
}

/// What `check` needs besides.
pub fn for_checks(paths: &Paths) -> Result<()> {
    npm(paths, "end2end")?;
    cargo_tools(paths, &[DENY, MACHETE])?;
    typos(paths)
}

/// What fuzzing needs.
pub fn for_fuzzing(paths: &Paths) -> Result<()> {
    cargo_tools(paths, &[FUZZ])
}

/// The browser that the tests drive.
pub fn chromium() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Some(PathBuf::from(named));
    }
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(find_program)
}

/// Looks a program up in PATH.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

fn check_node(paths: &Paths) -> Result<()> {
    let Ok(version) = shell::output(paths.command("node")?.arg("--version")) else {
        bail!("Node is missing: install Node 20 or later with npm");
    };
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < 20) {
        bail!("Node {} is too old: install Node 20 or later", version.trim());
    }
    Ok(())
}

/// Builds the tools that are missing; they share one build folder, which is removed in the end.
fn cargo_tools(paths: &Paths, tools: &[Tool]) -> Result<()> {
    let missing: Vec<&Tool> = tools.iter().filter(|tool| !is_installed(paths, tool)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let build = paths.tools.join("build");
    for tool in missing {
        let spec = format!("{}@{}", tool.name, tool.version);
        shell::step(&format!("install {spec}"), || {
            let mut command = paths.cargo(["install", &spec, "--root"])?;
            command.arg(&paths.tools).args(tool.args).current_dir(std::env::temp_dir());
            quick_build(&mut command, &build, tool.opt_level);
            shell::run(&mut command)
        })?;
    }
    fs::remove_dir_all(&build).ok();
    Ok(())
}

/// The tools run for seconds and build for minutes, so they are built for a short build.
fn quick_build(command: &mut Command, target: &Path, opt_level: &str) {
    command
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", opt_level)
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
        .env("CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS", "fallback")
        .env_remove("RUSTFLAGS");
}

fn is_installed(paths: &Paths, tool: &Tool) -> bool {
    let list = fs::read_to_string(paths.tools.join(".crates.toml")).unwrap_or_default();
    list.contains(&format!("\"{} {} ", tool.name, tool.version))
}

/// `npm ci`, unless this very lock file is what lies in `node_modules` already.
fn npm(paths: &Paths, folder: &str) -> Result<()> {
    let folder_path = paths.root.join(folder);
    let lock = fs::read(folder_path.join("package-lock.json"))
        .with_context(|| format!("{folder}/package-lock.json is missing"))?;
    let stamp = folder_path.join("node_modules/.installed-lock");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    shell::step(&format!("npm packages of {folder}/"), || {
        let mut command = paths.command("npm")?;
        command.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(&folder_path);
        shell::run(command.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1").stdin(Stdio::null()))?;
        fs::write(&stamp, &lock).context("cannot write into node_modules")
    })
}

/// Scalar's ready-made script. Installed as a package it would bring hundreds of others that the
/// script holds already, so its archive alone is fetched and compared with the known hash.
pub fn scalar(paths: &Paths) -> Result<PathBuf> {
    let folder = paths.tools.join(format!("scalar-{}", SCALAR.0));
    let script = folder.join("package/dist/browser/standalone.js");
    if script.is_file() {
        return Ok(script);
    }
    shell::step("fetch Scalar", || {
        fs::create_dir_all(&folder)?;
        let spec = format!("@scalar/api-reference@{}", SCALAR.0);
        let mut pack = paths.command("npm")?;
        let said = shell::output(pack.args(["pack", &spec, "--json", "--loglevel=error"]).current_dir(&folder))?;
        if !said.contains(SCALAR.1) {
            bail!("{spec} is not the archive that was reviewed");
        }
        let archive = format!("scalar-api-reference-{}.tgz", SCALAR.0);
        shell::run(
            Command::new("tar").args(["-xzf", &archive, "package/dist/browser/standalone.js"]).current_dir(&folder),
        )
    })?;
    Ok(script)
}

/// The prebuilt program from the Python registry where Python can make a virtual environment,
/// else built from source.
fn typos(paths: &Paths) -> Result<()> {
    let expected = format!("typos-cli {}", TYPOS.version);
    let found = paths.command("typos")?.arg("--version").output();
    if found.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).trim() == expected) {
        return Ok(());
    }
    let venv = paths.tools.join("python");
    let prebuilt = shell::step("install typos (prebuilt)", || {
        shell::run(paths.command("python3")?.args(["-m", "venv"]).arg(&venv))?;
        let pip = venv.join("bin/pip");
        let spec = format!("typos=={}", TYPOS.version);
        shell::run(paths.command(pip)?.args([
            "install",
            "--quiet",
            "--only-binary",
            ":all:",
            "--disable-pip-version-check",
            &spec,
        ]))
    });
    if prebuilt.is_err() {
        fs::remove_dir_all(&venv).ok();
        return cargo_tools(paths, &[TYPOS]);
    }
    Ok(())
}

/// Installs packages of the system where we may, else says what to install.
fn system_packages(what: &str, packages: &[&str]) -> Result<()> {
    let names = packages.join(" ");
    let is_root = shell::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !is_root || find_program("apt-get").is_none() {
        bail!("{what} is missing: please install it (on Debian or Ubuntu: sudo apt-get install {names})");
    }
    shell::step(&format!("apt-get install {names}"), || {
        let apt = |args: &[&str]| {
            let mut command = Command::new("apt-get");
            command.args(args).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
            shell::run(&mut command)
        };
        apt(&["update", "-qq"])?;
        let mut install = vec!["install", "-y", "-qq", "--no-install-recommends"];
        install.extend(packages);
        apt(&install)
    })
}
