//! Answers of the REST API: what was asked for, or why not; and what that means for the connection, for what was to be
//! written, and for people.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::provider::{Help, Meaning, Next, Standing};

/// The longest wait that is believed, in seconds.
const LONGEST_WAIT_S: i64 = 24 * 3600;
/// The longest sentence of Jira's that is handed on, in characters.
const LONGEST_SENTENCE: usize = 300;
/// Sentences of Jira's that are handed on.
const MOST_SENTENCES: usize = 5;

/// Why a call did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Jira answered {status}")]
pub struct Failure {
    /// The status of the answer.
    pub status: u16,
    /// What kind of failure it is.
    pub kind: Kind,
    /// What Jira says in general. Foreign words.
    pub messages: Vec<String>,
    /// What Jira says of fields, by their id. Foreign words.
    pub fields: BTreeMap<String, String>,
    /// How long Jira asks to wait, in seconds.
    pub retry_after_s: Option<i64>,
}

/// Failures that mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The access token is no good, or no more.
    Unauthorised,
    /// A permission is missing.
    Scope,
    /// The person may not do this.
    Forbidden,
    /// The site is none of those that the token is good for.
    NoSite,
    /// There is no such thing, or the person does not see it: Jira does not tell these apart.
    NotFound,
    /// What was sent does not fit what the project asks for.
    Invalid,
    /// Something else was changing the same thing.
    Conflict,
    /// Too many calls of one kind at once.
    Burst,
    /// Too many writes to one issue at once.
    IssueWrites,
    /// The quota of the hour is spent: nothing goes through for this site.
    Quota,
    /// It will be there again.
    Later,
    /// Nobody can tell whether it was done.
    Perhaps,
    /// An answer that nobody knows.
    Unknown,
}

/// Headers that say something of a failure.
#[derive(Debug, Clone, Copy, Default)]
pub struct Headers<'a> {
    /// `Retry-After`.
    pub retry_after: Option<&'a str>,
    /// `RateLimit-Reason`.
    pub reason: Option<&'a str>,
}

/// Reads an answer. One without a body is `null`.
///
/// # Errors
/// The [`Failure`], whatever the answer is.
pub fn read(status: u16, headers: Headers<'_>, body: &[u8]) -> Result<Value, Failure> {
    let json: Option<Value> = serde_json::from_slice(body).ok();
    let is_good = (200..=299).contains(&status);
    if is_good && body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Null);
    }
    let json = match json {
        Some(json) if is_good => return Ok(json),
        Some(json) => json,
        None => Value::Null,
    };
    let wait = headers.retry_after.and_then(|seconds| seconds.trim().parse::<i64>().ok());
    let general = json["errorMessages"].as_array().into_iter().flatten().chain([&json["message"]]);
    let by_field = json["errors"].as_object().into_iter().flatten();
    Err(Failure {
        status,
        kind: kind(status, headers, &json),
        messages: general.filter_map(sentence).take(MOST_SENTENCES).collect(),
        fields: by_field
            .filter_map(|(field, value)| Some((field.chars().take(100).collect(), sentence(value)?)))
            .take(MOST_SENTENCES)
            .collect(),
        retry_after_s: wait.map(|seconds| seconds.clamp(0, LONGEST_WAIT_S)),
    })
}

fn kind(status: u16, headers: Headers<'_>, body: &Value) -> Kind {
    let says_scope = body["message"].as_str().is_some_and(|text| text.contains("scope"));
    match status {
        401 if says_scope => Kind::Scope,
        401 => Kind::Unauthorised,
        403 => Kind::Forbidden,
        // Jira's own answers have this list; the gateway's do not.
        404 if body["errorMessages"].is_array() => Kind::NotFound,
        404 => Kind::NoSite,
        400 | 413 | 422 => Kind::Invalid,
        409 => Kind::Conflict,
        429 => match headers.reason.unwrap_or_default() {
            "jira-per-issue-on-write" => Kind::IssueWrites,
            reason if reason.starts_with("jira-quota") => Kind::Quota,
            _ => Kind::Burst,
        },
        503 if headers.retry_after.is_some() => Kind::Later,
        500.. | 200..=299 => Kind::Perhaps,
        _ => Kind::Unknown,
    }
}

fn sentence(value: &Value) -> Option<String> {
    let text = value.as_str().map(str::trim).filter(|text| !text.is_empty())?;
    let clean = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    Some(clean.take(LONGEST_SENTENCE).collect())
}

impl Failure {
    /// What it means.
    #[must_use]
    pub fn meaning(&self) -> Meaning {
        let (sentence, help) = self.kind.words();
        let retry = Next::Retry { after_s: self.retry_after_s };
        let (connection, next) = match self.kind {
            // Whether the consent still counts shows when the token is renewed.
            Kind::Unauthorised => (None, Next::Renew),
            Kind::Scope => (Some(Standing::MissingScope { needed: None }), Next::GiveUp),
            Kind::NoSite => (Some(Standing::NeedsReconnect), Next::GiveUp),
            Kind::Forbidden | Kind::NotFound | Kind::Invalid => (Some(Standing::Healthy), Next::GiveUp),
            Kind::Conflict | Kind::IssueWrites | Kind::Burst => (Some(Standing::Healthy), retry),
            Kind::Quota => (Some(Standing::RateLimited), retry),
            Kind::Later | Kind::Perhaps | Kind::Unknown => (None, retry),
        };
        Meaning { connection, channel: None, next, sentence, help, perhaps_done: self.kind == Kind::Perhaps }
    }

    /// Its word in logs: the code, and what Jira itself says. Foreign words.
    #[must_use]
    pub fn word(&self) -> String {
        let details = self.details();
        if details.is_empty() { self.status.to_string() } else { format!("{} {}", self.status, details.join(" ")) }
    }

    /// What Jira itself says, fields first: `summary: You must specify a summary of the issue.` Foreign words.
    #[must_use]
    pub fn details(&self) -> Vec<String> {
        let fields = self.fields.iter().map(|(field, sentence)| format!("{field}: {sentence}"));
        fields.chain(self.messages.iter().cloned()).collect()
    }
}

impl Kind {
    const fn words(self) -> (&'static str, Help) {
        match self {
            Self::Unauthorised => (
                "Jira no longer takes this connection's token. If renewing it does not help, reconnect Jira.",
                Help::Reconnect,
            ),
            Self::Scope => (
                "The connection lacks a permission that this takes. Re-authorise it and allow what Atlassian lists.",
                Help::Reauthorise,
            ),
            Self::Forbidden => (
                "The person who connected Jira may not do this there. A Jira administrator can give the permission.",
                Help::AskAdministrator,
            ),
            Self::NoSite => (
                "The Jira site no longer lets this connection in. Reconnect Jira, or choose another site.",
                Help::ChooseSite,
            ),
            Self::NotFound => (
                "Jira has no such project or issue, or the person who connected Jira does not see it. Check both.",
                Help::CheckMapping,
            ),
            Self::Invalid => (
                "Jira does not take these values: fields are missing or filled with what does not fit. Check the fields.",
                Help::CheckMapping,
            ),
            Self::Conflict => ("The issue was being changed at the same moment. It is tried again.", Help::TryAgain),
            Self::Burst => ("Jira asks for fewer calls at once. It is tried again shortly.", Help::TryAgain),
            Self::IssueWrites => {
                ("Jira asks for fewer changes of one issue at once. It is tried again shortly.", Help::TryAgain)
            }
            Self::Quota => (
                "The calls that Jira allows within an hour are used up. It goes on when the hour is over.",
                Help::TryAgain,
            ),
            Self::Later => ("Jira is not available at the moment. It is tried again.", Help::TryAgain),
            Self::Perhaps => (
                "Jira failed, and nobody can tell whether it was done. It is looked for before it is tried again.",
                Help::TryAgain,
            ),
            Self::Unknown => (
                "Jira gave an answer that Patchbay does not know. It is tried again; if that goes on, report it.",
                Help::Report,
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn failure(status: u16, headers: Headers<'_>, body: &str) -> Failure {
        read(status, headers, body.as_bytes()).expect_err(body)
    }

    const NOTHING: Headers<'static> = Headers { retry_after: None, reason: None };

    #[test]
    fn a_good_answer_is_handed_on_and_one_without_a_body_is_nothing() {
        assert_eq!(read(201, NOTHING, br#"{"id":"10000"}"#), Ok(serde_json::json!({ "id": "10000" })));
        assert_eq!(read(204, NOTHING, b""), Ok(Value::Null));
        assert_eq!(failure(200, NOTHING, "<html>").kind, Kind::Perhaps);
    }

    #[test]
    fn a_failure_is_known_by_status_reason_and_body() {
        let because = |reason| Headers { retry_after: Some("7"), reason: Some(reason) };
        let jira = r#"{"errorMessages":["Issue does not exist or you do not have permission to see it."],"errors":{}}"#;
        for (status, headers, body, kind) in [
            (401, NOTHING, r#"{"code":401,"message":"Unauthorized"}"#, Kind::Unauthorised),
            (401, NOTHING, r#"{"code":401,"message":"Unauthorized; scope does not match"}"#, Kind::Scope),
            (401, NOTHING, "", Kind::Unauthorised),
            (403, NOTHING, jira, Kind::Forbidden),
            (404, NOTHING, jira, Kind::NotFound),
            (404, NOTHING, r#"{"code":404,"message":"No message available"}"#, Kind::NoSite),
            (400, NOTHING, jira, Kind::Invalid),
            (413, NOTHING, "", Kind::Invalid),
            (409, NOTHING, jira, Kind::Conflict),
            (429, because("jira-burst-based"), "", Kind::Burst),
            (429, because("jira-per-issue-on-write"), "", Kind::IssueWrites),
            (429, because("jira-quota-tenant-based"), "", Kind::Quota),
            (429, NOTHING, "<html>", Kind::Burst),
            (503, because(""), "", Kind::Later),
            (503, NOTHING, "", Kind::Perhaps),
            (500, NOTHING, jira, Kind::Perhaps),
            (302, NOTHING, "", Kind::Unknown),
        ] {
            assert_eq!(failure(status, headers, body).kind, kind, "{status} {body}");
        }
        assert_eq!(failure(429, because("jira-burst-based"), "").retry_after_s, Some(7));
        let wild = Headers { retry_after: Some("99999999"), reason: None };
        assert_eq!(failure(503, wild, "").retry_after_s, Some(86_400));
        let date = Headers { retry_after: Some("Sat, 28 Nov 2026 00:00:00 GMT"), reason: None };
        assert_eq!(failure(503, date, "").retry_after_s, None);
    }

    #[test]
    fn what_jira_says_of_fields_is_handed_on_cut() {
        let body =
            serde_json::json!({ "errorMessages": ["a\nb", ""], "errors": { "summary": "x".repeat(900), "y": 7 } });
        let failure = failure(400, NOTHING, &body.to_string());
        assert_eq!(failure.messages, ["a b"]);
        assert_eq!(failure.fields["summary"].len(), LONGEST_SENTENCE);
        assert_eq!(failure.details().len(), 2);
        assert!(failure.details()[0].starts_with("summary: xxx"));
    }

    #[test]
    fn each_kind_has_a_sentence_and_the_connection_is_only_blamed_for_its_own() {
        let of = |status, headers, body: &str| failure(status, headers, body).meaning();
        assert_eq!(of(401, NOTHING, "").next, Next::Renew);
        let scope = of(401, NOTHING, r#"{"message":"Unauthorized; scope does not match"}"#);
        assert_eq!((scope.connection, scope.help), (Some(Standing::MissingScope { needed: None }), Help::Reauthorise));
        let quota = Headers { retry_after: Some("60"), reason: Some("jira-quota-global-based") };
        let quota = of(429, quota, "");
        assert_eq!((quota.connection, quota.next), (Some(Standing::RateLimited), Next::Retry { after_s: Some(60) }));
        let burst = of(429, NOTHING, "");
        assert_eq!((burst.connection, burst.next), (Some(Standing::Healthy), Next::Retry { after_s: None }));
        assert_eq!(of(400, NOTHING, "").next, Next::GiveUp);
        assert!(of(500, NOTHING, "").perhaps_done && !of(400, NOTHING, "").perhaps_done);
        for status in [400, 401, 403, 404, 409, 429, 500, 503, 302] {
            let meaning = of(status, NOTHING, "");
            assert!(meaning.sentence.ends_with('.') && !meaning.help.label().is_empty());
        }
    }

    proptest! {
        #[test]
        fn any_answer_can_be_read(status in 100_u16..600, retry_after in "\\PC{0,12}", body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let headers = Headers { retry_after: Some(&retry_after), reason: Some(&retry_after) };
            if let Err(failure) = read(status, headers, &body) {
                prop_assert!(failure.retry_after_s.is_none_or(|wait| (0..=LONGEST_WAIT_S).contains(&wait)));
                prop_assert!(!failure.meaning().sentence.is_empty());
            }
        }
    }
}
