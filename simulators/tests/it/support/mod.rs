//! A client, an app to install, and a receiver that records.

mod app;
mod client;
mod entra;
mod jira;
mod receiver;

pub use app::{REDIRECT, SCOPES, TestApp, query};
pub use client::Client;
pub use entra::{ENTRA_REDIRECT, ENTRA_SCOPES, TestEntra, VERIFIER, aadsts, card_message, message_with};
pub use jira::{Api, JIRA_REDIRECT, JIRA_SCOPES, TestJira, doc};
pub use receiver::Arrival;

use simulators::Specs;

/// The published schemas; without them the test says that it is skipped.
pub fn specs() -> Option<Specs> {
    let specs = Specs::from_environment();
    match specs.skipped() {
        None => Some(specs),
        Some(why) => {
            eprintln!("skipped: {why}");
            None
        }
    }
}
