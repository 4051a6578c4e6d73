//! `cargo xtask test`: every Rust test on both databases, then the browser's journeys.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::postgres::Cluster;
use crate::shell::{self, Paths};
use crate::{build, site, tools};

/// Which tests run.
#[derive(Debug, Default)]
pub struct Selection {
    /// Only the Rust tests.
    pub rust: bool,
    /// Only the browser tests.
    pub browser: bool,
    /// Passed on to the test runners: names, filters, options.
    pub filters: Vec<String>,
}

/// What a runner counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Totals {
    passed: u64,
    failed: u64,
}

/// Runs the selected tests, all of them even where some fail; prints the totals last.
pub fn test(paths: &Paths, selection: &Selection) -> Result<()> {
    let both = selection.rust == selection.browser;
    let (rust, browser) = (both || selection.rust, both || selection.browser);
    let summary = paths.target.join("test-totals.txt");
    fs::create_dir_all(&paths.target)?;
    fs::remove_file(&summary).ok();

    tools::for_building(paths)?;
    tools::for_rust_tests(paths)?;
    if browser {
        tools::for_browser_tests(paths)?;
    }
    let cluster = shell::step("start a private PostgreSQL", Cluster::start)?;
    let mut totals = Vec::new();
    let mut broken = Vec::new();
    let mut keep = |result: Result<Totals>| match result {
        Ok(counted) => totals.push(counted),
        Err(error) => broken.push(error),
    };
    if rust {
        keep(shell::step("Rust tests", || nextest(paths, &cluster, &selection.filters)));
        if selection.filters.is_empty() {
            keep(shell::step("examples in the documentation", || doctests(paths)));
        }
    }
    if browser {
        keep(shell::step("browser tests", || journeys(paths, &cluster, &selection.filters)));
    }
    drop(cluster);

    let passed: u64 = totals.iter().map(|totals| totals.passed).sum();
    let failed: u64 = totals.iter().map(|totals| totals.failed).sum();
    for error in &broken {
        eprintln!("error: {error:#}");
    }
    let line = format!("{passed} passed, {failed} failed");
    println!("{line}");
    if broken.is_empty() {
        fs::write(&summary, format!("{line}\n"))?;
    }
    if failed > 0 || !broken.is_empty() {
        bail!("tests failed");
    }
    Ok(())
}

fn nextest(paths: &Paths, cluster: &Cluster, filters: &[String]) -> Result<Totals> {
    // nextest keeps its reports below the workspace, wherever the target folder lies.
    let report = paths.root.join("target/nextest/default/junit.xml");
    fs::remove_file(&report).ok();
    let mut command = paths.cargo(["nextest", "run", "--no-fail-fast", "--locked"])?;
    if !filters.iter().any(|filter| filter.starts_with("-p") || filter.starts_with("--package")) {
        command.args(["--workspace", "--exclude", "frontend"]);
    }
    command.args(filters).env("PATCHBAY_TEST_DATABASE_URL", cluster.url());
    let succeeded = command.status()?.success();
    let junit = fs::read_to_string(&report).context("the Rust tests did not run: see above")?;
    let head = junit.lines().find(|line| line.contains("<testsuites")).context("nextest's report is empty")?;
    let run = number(head, "tests=\"").context("nextest's report holds no count")?;
    let failed = number(head, "failures=\"").unwrap_or(0) + number(head, "errors=\"").unwrap_or(0);
    if !succeeded && failed == 0 {
        bail!("nextest failed: see above");
    }
    let skipped = number(head, "skipped=\"").unwrap_or(0);
    Ok(Totals { passed: run - failed - skipped, failed })
}

fn doctests(paths: &Paths) -> Result<Totals> {
    let mut command =
        paths.cargo(["test", "--doc", "--workspace", "--exclude", "frontend", "--no-fail-fast", "--locked"])?;
    let output = command.stderr(std::process::Stdio::inherit()).output().context("cannot start cargo")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut totals = Totals::default();
    for line in text.lines().filter(|line| line.starts_with("test result:")) {
        totals.passed += number_before(line, " passed").unwrap_or(0);
        totals.failed += number_before(line, " failed").unwrap_or(0);
    }
    if !output.status.success() {
        println!("{text}");
        if totals.failed == 0 {
            bail!("the documentation's examples could not be run");
        }
    }
    println!("examples: {} passed, {} failed", totals.passed, totals.failed);
    Ok(totals)
}

fn journeys(paths: &Paths, cluster: &Cluster, filters: &[String]) -> Result<Totals> {
    let site = site::build(paths, site::Kind::Release)?;
    let programs = build::for_tests(paths)?;
    let report = paths.target.join("playwright.json");
    fs::remove_file(&report).ok();
    let mut command = playwright(paths, &site, &programs)?;
    command.args(filters).env("PLAYWRIGHT_JSON_OUTPUT_NAME", &report).env("PATCHBAY_TEST_DATABASE_URL", cluster.url());
    let succeeded = command.status().context("cannot start Playwright")?.success();
    let json = fs::read_to_string(&report).context("the browser tests did not run: see above")?;
    let stats = json.rsplit_once("\"stats\"").context("Playwright's report holds no figures")?.1;
    let count = |name: &str| number(stats, &format!("\"{name}\": ")).context("Playwright's report holds no figures");
    let totals = Totals { passed: count("expected")? + count("flaky")?, failed: count("unexpected")? };
    if !succeeded && totals.failed == 0 {
        bail!("Playwright failed: see above");
    }
    // Said once more at the end: of a long output often only that is kept.
    for error in errors(&json) {
        println!("a journey failed: {error}");
    }
    Ok(totals)
}

fn playwright(paths: &Paths, site: &Path, programs: &build::Programs) -> Result<Command> {
    let folder = paths.root.join("end2end");
    let chromium: PathBuf = tools::chromium().context("Chromium is missing")?;
    let mut command = paths.command(folder.join("node_modules/.bin/playwright"))?;
    command.arg("test").current_dir(&folder);
    command.env("PATCHBAY_BIN", &programs.server).env("SIMULATORS_BIN", &programs.simulators);
    command.env("PATCHBAY_SITE_DIR", site).env("CHROMIUM", chromium);
    Ok(command)
}

/// The messages of all errors in Playwright's report, each cut to what says what was expected where.
fn errors(report: &str) -> impl Iterator<Item = String> {
    let messages = report.lines().filter_map(|line| line.trim().strip_prefix("\"message\": \""));
    messages.map(|message| message.replace("\\n", "\n").chars().take(1_500).collect())
}

/// The number that follows a text.
fn number(text: &str, before: &str) -> Option<u64> {
    let rest = text.split_once(before)?.1;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

/// The number that stands right before a text.
fn number_before(text: &str, after: &str) -> Option<u64> {
    text.split_once(after)?.0.rsplit(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{errors, number, number_before};

    #[test]
    fn errors_are_read_from_the_report_of_the_journeys() {
        let report = "\"errors\": [\n  {\n    \"message\": \"Error: not seen\\nCall log\",\n    \"line\": 4\n  }\n]";
        assert_eq!(errors(report).collect::<Vec<_>>(), ["Error: not seen\nCall log\","]);
    }

    #[test]
    fn counts_are_read_from_the_runners_own_reports() {
        let junit = r#"<testsuites name="nextest-run" tests="12" failures="3" errors="0">"#;
        assert_eq!(number(junit, "tests=\""), Some(12));
        assert_eq!(number(junit, "failures=\""), Some(3));
        assert_eq!(number(r#" { "expected": 7, "flaky": 0 }"#, "\"expected\": "), Some(7));
        assert_eq!(number("nothing here", "tests=\""), None);
        assert_eq!(number_before("test result: ok. 4 passed; 0 failed; 1 ignored", " passed"), Some(4));
    }
}
