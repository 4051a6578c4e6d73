//! Building and starting the program itself.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::shell::{self, Paths};
use crate::{site, tools};

/// The server as development uses it; it serves the site from a folder.
pub fn development_server(paths: &Paths) -> Result<PathBuf> {
    shell::step("build the server", || shell::run(&mut paths.cargo(["build", "--package", "server", "--locked"])?))?;
    Ok(paths.program("debug", "patchbay"))
}

/// What the tests run: the server and the third parties on loopback, built as the Rust tests build them, so that one
/// compilation serves both.
pub struct Programs {
    /// The server.
    pub server: PathBuf,
    /// The third parties.
    pub simulators: PathBuf,
}

/// Builds what the tests run, with the Rust tests themselves.
pub fn for_tests(paths: &Paths) -> Result<Programs> {
    let build = ["test", "--no-run", "--workspace", "--exclude", "frontend", "--locked"];
    shell::step("build the tests and what they run", || shell::run(&mut paths.cargo(build)?))?;
    Ok(Programs { server: paths.program("debug", "patchbay"), simulators: paths.program("debug", "simulators") })
}

/// `cargo xtask build --release`: the one executable with everything inside.
pub fn release_server(paths: &Paths) -> Result<PathBuf> {
    tools::for_building(paths)?;
    let site = site::build(paths, site::Kind::Release)?;
    shell::step("build the server (release)", || {
        let mut command = paths.cargo(["build", "--package", "server", "--release", "--locked"])?;
        shell::run(command.env("PATCHBAY_SITE", site))
    })?;
    Ok(paths.program("release", "patchbay"))
}

/// `cargo xtask build`: both halves without optimisation.
pub fn development(paths: &Paths) -> Result<(PathBuf, PathBuf)> {
    tools::for_building(paths)?;
    tools::for_development(paths)?;
    let site = site::build(paths, site::Kind::Development)?;
    Ok((development_server(paths)?, site))
}

/// The third parties on loopback that the demo connects to.
fn simulators(paths: &Paths) -> Result<PathBuf> {
    let build = || shell::run(&mut paths.cargo(["build", "--package", "simulators", "--locked"])?);
    shell::step("build the simulators", build)?;
    Ok(paths.program("debug", "simulators"))
}

/// How the server is run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Manner {
    /// The one executable with everything inside.
    pub release: bool,
    /// With third parties on loopback beside it.
    pub demo: bool,
}

/// Where the simulated Slack of the demo listens.
const DEMO_SLACK: &str = "4010";
/// Where the simulated Teams of the demo listens.
const DEMO_TEAMS: &str = "4011";
/// Where the simulated Entra ID of the demo listens.
const DEMO_ENTRA: &str = "4030";
/// Where the simulated Jira of the demo listens.
const DEMO_JIRA: &str = "4020";

/// Starts the third parties of the demo, and makes them known to the server. They end with the terminal's Ctrl-C, as it does.
fn demo(paths: &Paths, server: &mut Command) -> Result<()> {
    let base = std::env::var("PATCHBAY_BASE_URL").unwrap_or_else(|_| "http://127.0.0.1:3000".to_owned());
    let redirect = format!("{base}/oauth/slack/callback");
    let simulators = simulators(paths)?;
    let mut teams = Command::new(&simulators);
    teams.args(["teams", "--port", DEMO_TEAMS]).spawn().context("cannot start the simulated Teams")?;
    server.env("PATCHBAY_TEAMS_URL", format!("http://127.0.0.1:{DEMO_TEAMS}"));
    let mut entra = Command::new(&simulators);
    entra.args(["entra", "--port", DEMO_ENTRA, "--redirect-uri", &format!("{base}/oauth/teams/callback")]);
    entra.args(["--client-id", "demo", "--client-secret", "demo-teams-secret"]);
    entra.spawn().context("cannot start the simulated Entra ID")?;
    server.env("PATCHBAY_ENTRA_URL", format!("http://127.0.0.1:{DEMO_ENTRA}"));
    server.env("PATCHBAY_TEAMS_CLIENT_ID", "demo").env("PATCHBAY_TEAMS_CLIENT_SECRET", "demo-teams-secret");
    let mut jira = Command::new(&simulators);
    jira.args(["jira", "--port", DEMO_JIRA, "--redirect-uri", &format!("{base}/oauth/jira/callback")]);
    jira.args(["--client-id", "demo", "--client-secret", "demo-jira-secret"]);
    jira.spawn().context("cannot start the simulated Jira")?;
    server.env("PATCHBAY_JIRA_URL", format!("http://127.0.0.1:{DEMO_JIRA}"));
    server.env("PATCHBAY_JIRA_CLIENT_ID", "demo").env("PATCHBAY_JIRA_CLIENT_SECRET", "demo-jira-secret");
    let mut slack = Command::new(simulators);
    slack.args(["slack", "--port", DEMO_SLACK, "--redirect-uri", &redirect]);
    slack.args([
        "--client-id",
        "demo",
        "--client-secret",
        "demo-client-secret",
        "--signing-secret",
        "demo-signing-secret",
    ]);
    slack.spawn().context("cannot start the simulated Slack")?;
    server.env("PATCHBAY_SLACK_URL", format!("http://127.0.0.1:{DEMO_SLACK}"));
    server.env("PATCHBAY_SLACK_CLIENT_ID", "demo").env("PATCHBAY_SLACK_CLIENT_SECRET", "demo-client-secret");
    server.env("PATCHBAY_SLACK_SIGNING_SECRET", "demo-signing-secret").env("PATCHBAY_ALLOW_TARGETS", "127.0.0.0/8");
    Ok(())
}

/// `cargo xtask run`: builds everything and becomes the server.
pub fn serve(paths: &Paths, manner: Manner, arguments: &[String]) -> Result<()> {
    let mut server = if manner.release {
        Command::new(release_server(paths)?)
    } else {
        let (binary, site) = development(paths)?;
        let mut command = Command::new(binary);
        command.env("PATCHBAY_SITE_DIR", site);
        command
    };
    if manner.demo {
        demo(paths, &mut server)?;
    }
    server.arg("serve").args(arguments).current_dir(&paths.root);
    replace_this_process(&mut server)
}

/// `cargo xtask bench`: the release server under the load harness, on both databases.
pub fn bench(paths: &Paths, arguments: &[String]) -> Result<()> {
    tools::for_rust_tests(paths)?;
    let server = release_server(paths)?;
    shell::run(&mut paths.cargo(["build", "--package", "bench", "--release", "--locked"])?)?;
    let harness = paths.program("release", "bench");
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
