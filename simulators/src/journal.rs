//! What a simulator remembers of what was asked of it and of what it sent.

use serde_json::Value;

/// A request that the provider would not have understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The method, or the path of what is no method.
    pub method: String,
    /// What is wrong with the request, and where.
    pub what: String,
}

/// A request that was made of a simulator.
#[derive(Debug, Clone)]
pub struct Call {
    /// When it came, in Unix milliseconds.
    pub at_ms: i64,
    /// The provider's method: `chat.postMessage`.
    pub method: String,
    /// The HTTP method.
    pub verb: String,
    /// The HTTP status of the answer; 0 where there was none.
    pub status: u16,
    /// The error code of the answer.
    pub error: Option<String>,
    /// Whose credentials it carried, if they were known.
    pub authorised_as: Option<Authorised>,
    /// What was asked, without credentials.
    pub arguments: Value,
}

/// Whose credentials a request carried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorised {
    /// The workspace, organization or site that they are good for.
    pub account: String,
    /// The user they act as.
    pub user: String,
}

/// A request that a simulator sent.
#[derive(Debug, Clone)]
pub struct Sent {
    /// When, in Unix milliseconds.
    pub at_ms: i64,
    /// What it was: `channel_archive`, `/patchbay status`.
    pub what: String,
    /// Where it went.
    pub url: String,
    /// The status of the answer, or why there was none.
    pub outcome: Result<u16, String>,
    /// The beginning of the answer's body.
    pub answer: String,
}

/// Fails with each request that the provider would not have understood; says so where nothing was held to its schemas.
pub(crate) fn assert_understood(provider: &str, skipped: Option<String>, violations: &[Violation]) {
    if let Some(why) = skipped {
        eprintln!("skipped: {why}");
    }
    let found: Vec<String> = violations.iter().map(|one| format!("{}: {}", one.method, one.what)).collect();
    assert!(found.is_empty(), "{provider} would not have understood:\n{}", found.join("\n"));
}

/// All of it, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    pub(crate) calls: Vec<Call>,
    pub(crate) violations: Vec<Violation>,
    pub(crate) sent: Vec<Sent>,
}

impl Journal {
    /// Notes a request that would not have been understood.
    pub(crate) fn violation(&mut self, method: &str, what: impl Into<String>) {
        self.violations.push(Violation { method: method.to_owned(), what: what.into() });
    }
}
