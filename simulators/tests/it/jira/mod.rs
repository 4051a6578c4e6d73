//! Jira.

mod consent;
mod faults;
mod issues;
mod limits;
mod meta;
mod panel;
mod published;
mod search;
mod tokens;
mod transitions;
mod understood;
mod webhooks;
