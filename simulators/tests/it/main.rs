//! The simulators as an app meets them: over HTTP, with a receiver of its own for what they send.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail like tests do")]

mod command_line;
mod entra;
mod jira;
mod never_linked;
mod slack;
mod support;
mod teams;
mod vault;
