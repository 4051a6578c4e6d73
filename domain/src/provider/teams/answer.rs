//! What a workflow answers, and what that means.

use serde_json::Value;

use crate::provider::{Help, Meaning, Next, Standing};

/// The longest wait that is believed, in seconds.
const LONGEST_WAIT_S: i64 = 24 * 3600;

/// Why a workflow did not take a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The status of the answer.
    pub status: u16,
    /// Power Automate's own word for it, if there is one: `WorkflowTriggerIsNotEnabled`.
    pub code: Option<String>,
    /// How long it asks to wait, in seconds.
    pub retry_after_s: Option<i64>,
}

/// Reads an answer: its status, its `Retry-After` and its body. Success says that the request was taken, no more.
///
/// # Errors
/// The [`Failure`].
pub fn read(status: u16, retry_after: Option<&str>, body: &[u8]) -> Result<(), Failure> {
    if (200..=299).contains(&status) {
        return Ok(());
    }
    let body: Option<Value> = serde_json::from_slice(body).ok();
    let code = body.as_ref().and_then(|body| body.pointer("/error/code")).and_then(Value::as_str);
    let wait = retry_after.and_then(|seconds| seconds.trim().parse::<i64>().ok());
    Err(Failure {
        status,
        code: code.map(|code| code.chars().filter(|letter| !letter.is_control()).take(100).collect()),
        retry_after_s: wait.map(|seconds| seconds.clamp(0, LONGEST_WAIT_S)),
    })
}

impl Failure {
    /// The word in it, or its status.
    #[must_use]
    pub fn word(&self) -> String {
        match &self.code {
            Some(code) => format!("{} {code}", self.status),
            None => self.status.to_string(),
        }
    }

    /// What it means.
    #[must_use]
    pub fn meaning(&self) -> Meaning {
        let retry = Next::Retry { after_s: self.retry_after_s };
        let is_off = self.code.as_deref().is_some_and(|code| {
            ["WorkflowNotFound", "WorkflowTriggerIsNotEnabled", "WorkflowDisabled", "FlowDisabled"].contains(&code)
        });
        let (connection, next, sentence, help, perhaps_done) = match self.status {
            404 | 410 => (Some(Standing::NeedsReconnect), Next::GiveUp, GONE, Help::Reconnect, false),
            _ if is_off => (Some(Standing::NeedsReconnect), Next::GiveUp, GONE, Help::Reconnect, false),
            401 | 403 => (Some(Standing::NeedsReconnect), Next::GiveUp, REFUSED, Help::Reconnect, false),
            429 => (Some(Standing::RateLimited), retry, TOO_MANY, Help::TryAgain, false),
            408 | 503 => (None, retry, LATER, Help::TryAgain, false),
            500.. => (None, retry, PERHAPS, Help::TryAgain, true),
            _ => (None, Next::GiveUp, OURS, Help::Report, false),
        };
        Meaning { connection, channel: None, next, sentence, help, perhaps_done }
    }
}

const GONE: &str = "The workflow was switched off or deleted. Switch it on in Teams, or make a new one, and paste its address here: rules are kept.";
const REFUSED: &str = "The workflow does not take its address any more: its signature was renewed, or it lets only people of its own \
                       organization in. Copy the address from the workflow and paste it here: rules are kept.";
const TOO_MANY: &str = "The workflow takes no more messages for the moment. They wait and are sent later.";
const LATER: &str = "Power Automate does not answer for the moment. It is tried again.";
const PERHAPS: &str = "Power Automate had a fault of its own. It is tried again.";
const OURS: &str = "The workflow could not read the message. It must be one that posts what it gets when a webhook request is received.";

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(status: u16, code: &str) -> Failure {
        let body = serde_json::json!({ "error": { "code": code, "message": "…" } }).to_string();
        read(status, Some("7"), body.as_bytes()).expect_err("a failure")
    }

    #[test]
    fn taken_is_taken_whatever_the_body() {
        assert_eq!(read(202, None, b""), Ok(()));
        assert_eq!(read(200, None, b"<html>"), Ok(()));
    }

    #[test]
    fn failures_lead_to_the_right_state() {
        let wait = Next::Retry { after_s: Some(7) };
        for (status, code, connection, next, perhaps) in [
            (401, "DirectApiAuthorizationRequired", Some(Standing::NeedsReconnect), Next::GiveUp, false),
            (404, "WorkflowNotFound", Some(Standing::NeedsReconnect), Next::GiveUp, false),
            (400, "WorkflowTriggerIsNotEnabled", Some(Standing::NeedsReconnect), Next::GiveUp, false),
            (400, "InvalidRequestContent", None, Next::GiveUp, false),
            (429, "WorkflowRunThrottled", Some(Standing::RateLimited), wait, false),
            (503, "x", None, wait, false),
            (502, "x", None, wait, true),
        ] {
            let failure = failure(status, code);
            let meaning = failure.meaning();
            assert_eq!((meaning.connection, meaning.next, meaning.perhaps_done), (connection, next, perhaps), "{code}");
            assert_eq!(failure.word(), format!("{status} {code}"));
            assert!(meaning.sentence.ends_with('.'));
        }
        assert_eq!(read(500, None, b"oops").expect_err("a failure").word(), "500");
    }
}
