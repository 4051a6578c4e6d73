//! Answers of Microsoft Graph: what was asked for, or why not; and what that means for the connection, the channel, the
//! message, and for people.

use serde_json::Value;

use crate::channel::ChannelState;
use crate::provider::{Help, Meaning, Next, Standing};

/// The longest wait that is believed, in seconds.
const LONGEST_WAIT_S: i64 = 24 * 3600;
/// The longest sentence of Graph's that is handed on, in characters.
const LONGEST_SENTENCE: usize = 300;

/// Why a call did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Microsoft Graph answered {status} {code}")]
pub struct Failure {
    /// The status of the answer.
    pub status: u16,
    /// Graph's own code, empty if there is none: `Forbidden`. Foreign words.
    pub code: String,
    /// What Graph says. Foreign words.
    pub message: String,
    /// What kind of failure it is.
    pub kind: Kind,
    /// The permission that is missing, if Graph named one.
    pub needed: Option<String>,
    /// How long Graph asks to wait, in seconds.
    pub retry_after_s: Option<i64>,
    /// What Microsoft's support asks for, empty if there is none. Foreign words.
    pub request_id: String,
}

/// Failures that mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The access token is no good, or no more.
    Unauthorised,
    /// A permission is missing.
    Scope,
    /// The team or the channel is archived.
    Archived,
    /// The person may not post there, or is no member any more.
    Restricted,
    /// There is no such team or channel, or the person does not see it: Graph does not tell these apart.
    Gone,
    /// Graph does not take what was sent, whatever it is sent to.
    Ours,
    /// Something else was changing the same thing.
    Conflict,
    /// Too many calls.
    TooMany,
    /// It will be there again.
    Later,
    /// Nobody can tell whether it was done.
    Perhaps,
    /// An answer that nobody knows.
    Unknown,
}

/// Reads an answer: its status, its `Retry-After` and its body. One without a body is `null`.
///
/// # Errors
/// The [`Failure`], whatever the answer is.
pub fn read(status: u16, retry_after: Option<&str>, body: &[u8]) -> Result<Value, Failure> {
    let json: Option<Value> = serde_json::from_slice(body).ok();
    let is_good = (200..=299).contains(&status);
    if is_good && body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Null);
    }
    let error = match json {
        Some(json) if is_good => return Ok(json),
        Some(json) => json["error"].clone(),
        None => Value::Null,
    };
    let foreign = |value: &Value| clean(value.as_str().unwrap_or_default());
    let (code, message) = (foreign(&error["code"]), foreign(&error["message"]));
    let kind = kind(status, &code, &message);
    let wait = retry_after.and_then(|seconds| seconds.trim().parse::<i64>().ok());
    Err(Failure {
        status,
        kind,
        needed: (kind == Kind::Scope).then(|| needed(&message)).flatten(),
        retry_after_s: wait.map(|seconds| seconds.clamp(0, LONGEST_WAIT_S)),
        request_id: foreign(&error["innerError"]["request-id"]),
        code,
        message,
    })
}

fn kind(status: u16, code: &str, message: &str) -> Kind {
    let lacks = message.starts_with("Missing scope permissions") || message.starts_with("Missing role permissions");
    match status {
        401 => Kind::Unauthorised,
        403 if lacks || code == "Authorization_RequestDenied" => Kind::Scope,
        403 if message.contains("archived") => Kind::Archived,
        403 | 423 => Kind::Restricted,
        404 | 410 => Kind::Gone,
        400 | 405 | 411 | 413 | 415 | 422 => Kind::Ours,
        409 | 412 => Kind::Conflict,
        429 | 509 => Kind::TooMany,
        408 | 503 => Kind::Later,
        500.. | 200..=299 => Kind::Perhaps,
        _ => Kind::Unknown,
    }
}

/// The first of the permissions that would do: "API requires one of 'ChannelMessage.Send, Group.ReadWrite.All'."
fn needed(message: &str) -> Option<String> {
    let (names, _) = message.split_once("one of '")?.1.split_once('\'')?;
    let first = names.split(',').next()?.trim();
    let is_name = !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    is_name.then(|| first.to_owned())
}

fn clean(text: &str) -> String {
    let clean = text.trim().chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    clean.take(LONGEST_SENTENCE).collect()
}

impl Failure {
    /// What it means. What it says of the channel counts only where something was to be posted into one.
    #[must_use]
    pub fn meaning(&self) -> Meaning {
        let retry = Next::Retry { after_s: self.retry_after_s };
        let (sentence, help) = self.kind.words();
        let (connection, channel, next) = match self.kind {
            // Whether the consent still counts shows when the token is renewed.
            Kind::Unauthorised => (None, None, Next::Renew),
            Kind::Scope => (Some(Standing::MissingScope { needed: self.needed.clone() }), None, Next::GiveUp),
            Kind::Archived => (Some(Standing::Healthy), Some(ChannelState::Archived), Next::Fallback),
            Kind::Restricted => (Some(Standing::Healthy), Some(ChannelState::Restricted), Next::Fallback),
            Kind::Gone => (Some(Standing::Healthy), Some(ChannelState::Gone), Next::Fallback),
            Kind::Ours => (None, None, Next::GiveUp),
            Kind::Conflict => (Some(Standing::Healthy), None, retry),
            Kind::TooMany => (Some(Standing::RateLimited), None, retry),
            Kind::Later | Kind::Perhaps | Kind::Unknown => (None, None, retry),
        };
        Meaning { connection, channel, next, sentence, help, perhaps_done: self.kind == Kind::Perhaps }
    }

    /// The word in it, or its status: what a log of attempts shows.
    #[must_use]
    pub fn word(&self) -> String {
        if self.code.is_empty() { self.status.to_string() } else { format!("{} {}", self.status, self.code) }
    }
}

impl Kind {
    const fn words(self) -> (&'static str, Help) {
        match self {
            Self::Unauthorised => (
                "Microsoft does not take this connection's token any more. If renewing it does not help, reconnect \
                 Teams.",
                Help::Reconnect,
            ),
            Self::Scope => (
                "Microsoft has not been asked for a permission that this needs. Re-authorise the connection.",
                Help::Reauthorise,
            ),
            Self::Archived => (
                "The team or the channel is archived. Choose another channel, or open it again in Teams.",
                Help::ChooseChannel,
            ),
            Self::Restricted => (
                "The person who connected Teams is not a member there any more, or may not post. Choose another \
                 channel, or let a team owner change that.",
                Help::ChooseChannel,
            ),
            Self::Gone => (
                "The team or the channel does not exist any more, or the person who connected Teams does not see it. \
                 Choose another one.",
                Help::ChooseChannel,
            ),
            Self::Ours => {
                ("Teams could not read the message. This is a fault of Patchbay: please report it.", Help::Report)
            }
            Self::Conflict => ("Something else was changed at the same moment. It is tried again.", Help::TryAgain),
            Self::TooMany => {
                ("Teams takes no more messages for the moment. They wait and are sent later.", Help::TryAgain)
            }
            Self::Later => ("Microsoft does not answer for the moment. It is tried again.", Help::TryAgain),
            Self::Perhaps => ("Microsoft had a fault of its own. It is tried again.", Help::TryAgain),
            Self::Unknown => {
                ("Microsoft refused with an error that Patchbay does not know. It is tried again.", Help::Report)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn failure(status: u16, code: &str, message: &str) -> Failure {
        let inner = serde_json::json!({ "request-id": "r-1" });
        let body =
            serde_json::json!({ "error": { "code": code, "message": message, "innerError": inner } }).to_string();
        read(status, Some("7"), body.as_bytes()).expect_err("a failure")
    }

    #[test]
    fn a_good_answer_is_handed_on_and_one_without_a_body_is_nothing() {
        assert_eq!(read(201, None, br#"{"id":"1"}"#), Ok(serde_json::json!({ "id": "1" })));
        assert_eq!(read(204, None, b""), Ok(Value::Null));
        assert_eq!(read(200, None, b"<html>").expect_err("no JSON").kind, Kind::Perhaps);
    }

    #[test]
    fn the_errors_that_matter_lead_to_the_right_state_and_button() {
        use ChannelState::{Archived, Gone, Restricted};
        let healthy = Some(Standing::Healthy);
        let wait = Next::Retry { after_s: Some(7) };
        let lacks = "Missing scope permissions on the request. API requires one of 'ChannelMessage.Send, \
                     Group.ReadWrite.All'. Scopes on the request 'User.Read'";
        let scope = |needed: Option<&str>| Some(Standing::MissingScope { needed: needed.map(str::to_owned) });
        for (status, code, message, connection, channel, next, help) in [
            (401, "InvalidAuthenticationToken", "expired", None, None, Next::Renew, Help::Reconnect),
            (403, "Forbidden", lacks, scope(Some("ChannelMessage.Send")), None, Next::GiveUp, Help::Reauthorise),
            (403, "Authorization_RequestDenied", "x", scope(None), None, Next::GiveUp, Help::Reauthorise),
            (
                403,
                "Forbidden",
                "The team is archived",
                healthy.clone(),
                Some(Archived),
                Next::Fallback,
                Help::ChooseChannel,
            ),
            (403, "Forbidden", "x", healthy.clone(), Some(Restricted), Next::Fallback, Help::ChooseChannel),
            (404, "NotFound", "x", healthy.clone(), Some(Gone), Next::Fallback, Help::ChooseChannel),
            (400, "BadRequest", "x", None, None, Next::GiveUp, Help::Report),
            (413, "RequestEntityTooLarge", "x", None, None, Next::GiveUp, Help::Report),
            (409, "Conflict", "x", healthy, None, wait, Help::TryAgain),
            (429, "TooManyRequests", "x", Some(Standing::RateLimited), None, wait, Help::TryAgain),
            (503, "ServiceUnavailable", "x", None, None, wait, Help::TryAgain),
            (502, "BadGateway", "x", None, None, wait, Help::TryAgain),
            (418, "x", "x", None, None, wait, Help::Report),
        ] {
            let failure = failure(status, code, message);
            let meaning = failure.meaning();
            assert_eq!(
                (meaning.connection, meaning.channel, meaning.next, meaning.help),
                (connection, channel, next, help),
                "{status} {code}"
            );
            assert_eq!((failure.word(), failure.request_id.as_str()), (format!("{status} {code}"), "r-1"));
            assert!(meaning.sentence.ends_with('.'));
            assert_eq!(meaning.perhaps_done, status == 502, "{status}");
        }
        assert_eq!(read(500, None, b"oops").expect_err("a failure").word(), "500");
    }

    proptest! {
        #[test]
        fn any_answer_can_be_read(
            status in 100_u16..600,
            retry_after in "\\PC{0,12}",
            body in proptest::collection::vec(any::<u8>(), 0..200),
            message in any::<String>(),
        ) {
            let error = serde_json::json!({ "error": { "code": message, "message": message } }).to_string();
            for bytes in [body.as_slice(), error.as_bytes()] {
                if let Err(failure) = read(status, Some(&retry_after), bytes) {
                    prop_assert!(failure.retry_after_s.is_none_or(|wait| (0..=LONGEST_WAIT_S).contains(&wait)));
                    prop_assert!(failure.message.chars().count() <= LONGEST_SENTENCE);
                    prop_assert!(!failure.meaning().sentence.is_empty());
                }
            }
        }
    }
}
