//! Speaking to a provider, other than by deliveries: one request with a time limit, kept in the log of calls without its secrets;
//! what an error means for the connection is noted at once. Nothing goes out that `hold` holds back.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, header};
use serde_json::Value;

use super::hold::{self, Pass};
use super::store::{self, Row};
use super::{ConnectionCall, ConnectionStatus};
use crate::id::{ConnectionCallId, ConnectionId, OrgId};
use crate::provider::slack::error::SlackError;
use crate::provider::{Meaning, Next, Standing};
use crate::time::Timestamp;
use crate::{Error, Hub, Result};

/// How long a provider may take.
pub(super) const TIMEOUT: Duration = Duration::from_secs(30);
/// What is kept of a body, in bytes.
const KEPT: usize = 4096;
/// How long a pause lasts that a provider asks for without saying how long, in milliseconds.
const PAUSE_MS: i64 = 30_000;
/// Fields whose values nobody may read afterwards.
const SECRET: [&str; 7] =
    ["access_token", "refresh_token", "token", "client_secret", "code", "code_verifier", "configuration_url"];

/// Why a provider did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CallError {
    /// It said so: the word, and what that means.
    Refused(String, Meaning),
    /// It asked for a pause of so many milliseconds.
    RateLimited(i64),
    /// It gave no answer that can be understood: why.
    NoAnswer(String),
    /// It was not asked, because it did not answer lately; it may be asked in so many milliseconds.
    Held(i64),
}

impl CallError {
    /// It as an error towards people.
    pub(crate) fn into_error(self) -> Error {
        match self {
            Self::Refused(_, meaning) => Error::conflict("provider_refused", meaning.sentence),
            Self::RateLimited(ms) => {
                Error::unavailable(format!("Slack asks for fewer requests. Try again in {} s.", (ms + 999) / 1000))
            }
            Self::Held(ms) => Error::unavailable(format!(
                "Slack did not answer several times in a row and is asked again in {} s.",
                (ms + 999) / 1000
            )),
            Self::NoAnswer(why) => Error::unavailable(format!("Slack did not answer: {why} Try again.")),
        }
    }
}

/// What is asked.
pub(crate) struct Ask<'a> {
    /// The method of Slack's Web API: `auth.test`.
    pub(crate) operation: &'a str,
    /// Its arguments.
    pub(crate) arguments: &'a [(&'a str, String)],
    /// The token that allows it.
    pub(crate) token: &'a oauth_flow::Secret,
}

/// Asks Slack for something in the name of a connection, notes what the answer says about the connection, and answers the body of
/// an answer that is `ok`, with how long it took in microseconds.
///
/// # Errors
/// [`CallError`], or the database does not answer.
pub(crate) async fn call(hub: &Hub, row: &Row, ask: Ask<'_>) -> Result<Result<(Value, i64), CallError>> {
    match hold::enter(hub, row).await? {
        Ok(pass) => go(hub, row, ask, pass).await,
        Err(ms) => Ok(Err(CallError::Held(ms))),
    }
}

/// The same, although it did not answer lately: for somebody who wants to know.
///
/// # Errors
/// As [`call`].
pub(crate) async fn call_at_once(hub: &Hub, row: &Row, ask: Ask<'_>) -> Result<Result<(Value, i64), CallError>> {
    go(hub, row, ask, Pass::Usual).await
}

async fn go(hub: &Hub, row: &Row, ask: Ask<'_>, pass: Pass) -> Result<Result<(Value, i64), CallError>> {
    let started_at = hub.now();
    if let Some(ms) = hub.waits.left(&row.id, ask.operation, started_at) {
        return Ok(Err(CallError::RateLimited(ms)));
    }
    let form = encode(ask.arguments);
    let url = format!("{}/api/{}", super::flow::slack(hub)?.url, ask.operation);
    let mut bearer = HeaderValue::try_from(format!("Bearer {}", ask.token.expose())).map_err(Error::internal)?;
    bearer.set_sensitive(true);
    let headers = [(header::AUTHORIZATION, bearer)];
    let (answer, call) = post(hub, &url, &headers, form.clone(), started_at).await;
    let called = ConnectionCall { operation: ask.operation.to_owned(), request: masked_form(ask.arguments), ..call };
    let mut tx = hub.db.begin().await?;
    store::insert_call(&mut tx, &row.org_id, &row.id, &called).await?;
    tx.commit().await?;
    let now = hub.now();
    if let Err(CallError::RateLimited(ms)) = &answer {
        hub.waits.note(&row.id, ask.operation, now.plus_ms(*ms), now);
    }
    let is_answered = called.code.is_some_and(|code| code < 500);
    learn(hub, &row.org_id, &row.id, answer.as_ref().err(), Some((pass, is_answered))).await?;
    Ok(answer.map(|body| (body, called.duration_us)))
}

/// Posts a form, and reads what Slack answers; also as it is kept, but for what was asked.
pub(super) async fn post(
    hub: &Hub,
    url: &str,
    headers: &[(HeaderName, HeaderValue)],
    form: String,
    started_at: Timestamp,
) -> (Result<Value, CallError>, ConnectionCall) {
    let mut call = ConnectionCall {
        id: hub.id(ConnectionCallId::new),
        started_at,
        operation: String::new(),
        code: None,
        error: None,
        duration_us: 0,
        request: String::new(),
        response: String::new(),
    };
    let target = match hub.calls.target(url) {
        Ok(target) => target,
        Err(error) => return refused(call, error.to_string()),
    };
    let content_type = HeaderValue::from_static("application/x-www-form-urlencoded");
    let mut all = vec![(header::CONTENT_TYPE, content_type)];
    all.extend_from_slice(headers);
    let exchange = hub.calls.post(&target, &all, vec![Bytes::from(form)], TIMEOUT).await;
    call.duration_us = exchange.timing.total_us;
    match exchange.outcome {
        Err(failure) => refused(call, failure.message),
        Ok(response) => {
            call.code = Some(response.status.into());
            let body: Option<Value> = serde_json::from_slice(&response.body).ok();
            call.response = kept(body.as_ref(), &response.body);
            let wait =
                response.header("retry-after").and_then(|value| crate::delivery::retry_after_ms(value, hub.now()));
            let answer = read(response.status, body, wait);
            call.error = answer.as_ref().err().map(|error| match error {
                CallError::Refused(word, _) => word.clone(),
                CallError::RateLimited(_) => "ratelimited".to_owned(),
                CallError::NoAnswer(why) => why.clone(),
                CallError::Held(_) => "held".to_owned(),
            });
            (answer, call)
        }
    }
}

fn refused(mut call: ConnectionCall, why: String) -> (Result<Value, CallError>, ConnectionCall) {
    call.error = Some(why.clone());
    (Err(CallError::NoAnswer(why)), call)
}

/// What an answer of Slack's means: errors come with status 200 and `ok: false`, too many requests with 429.
fn read(status: u16, body: Option<Value>, wait_ms: Option<i64>) -> Result<Value, CallError> {
    let word = body.as_ref().and_then(|body| body["error"].as_str()).map(str::to_owned);
    match (status, body, word) {
        (429, ..) => Err(CallError::RateLimited(wait_ms.unwrap_or(PAUSE_MS))),
        (_, Some(body), Some(word)) if body["ok"] != true => {
            let meaning = SlackError::of(&word).meaning(body["needed"].as_str(), None);
            match meaning.connection {
                Some(Standing::RateLimited) => Err(CallError::RateLimited(wait_ms.unwrap_or(PAUSE_MS))),
                _ => Err(CallError::Refused(word, meaning)),
            }
        }
        (200..=299, Some(body), _) if body["ok"] == true => Ok(body),
        (status, ..) => Err(CallError::NoAnswer(format!("it answered {status} without saying why."))),
    }
}

/// Notes what an answer says about a connection: that it works, that it has to be connected again, that it has to pause.
pub(crate) async fn note(hub: &Hub, org_id: &OrgId, id: &ConnectionId, error: Option<&CallError>) -> Result<()> {
    learn(hub, org_id, id, error, None).await
}

/// The same of a call: also how it went out, and whether it was answered.
async fn learn(
    hub: &Hub,
    org_id: &OrgId,
    id: &ConnectionId,
    error: Option<&CallError>,
    ended: Option<(Pass, bool)>,
) -> Result<()> {
    let mut tx = hub.db.begin().await?;
    let Some(mut row) = store::lock(&mut tx, org_id, id).await? else { return Ok(()) };
    let before = row.clone();
    if let Some((pass, is_answered)) = ended {
        hold::count(&mut row, pass, is_answered, hub.now());
    }
    match error {
        None => row.limited_until = None,
        Some(CallError::RateLimited(ms)) => row.limited_until = Some(hub.now().plus_ms(*ms)),
        Some(CallError::Refused(_, meaning)) => match &meaning.connection {
            Some(Standing::NeedsReconnect) => {
                row.status = ConnectionStatus::NeedsReconnect;
                row.problem = Some(meaning.sentence.to_owned());
            }
            Some(Standing::MissingScope { needed }) => {
                let what = needed.as_deref().map_or(String::new(), |scope| format!(" It is `{scope}`."));
                row.problem = Some(format!("{}{what}", meaning.sentence));
            }
            // A token that has lapsed early is renewed at once, unless that is under way.
            None if meaning.next == Next::Renew && row.refresh_sent_at.is_none() => {
                row.refresh_at = row.refresh_at.map(|at| at.min(hub.now()));
            }
            _ => {}
        },
        Some(CallError::NoAnswer(_) | CallError::Held(_)) => {}
    }
    if before == row {
        return Ok(());
    }
    let broke = row.status == ConnectionStatus::NeedsReconnect && before.status != row.status;
    row.updated_at = hub.now();
    store::save(&mut tx, &row).await?;
    if broke {
        super::actions::tell_broken(&mut tx, hub, &row).await?;
    }
    tx.commit().await?;
    super::actions::changed(hub, org_id);
    Ok(())
}

/// Arguments as a form.
fn encode(arguments: &[(&str, String)]) -> String {
    let pairs: Vec<_> = arguments.iter().map(|(name, value)| format!("{name}={}", percent(value))).collect();
    pairs.join("&")
}

fn percent(value: &str) -> String {
    percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// The same as it is kept.
pub(super) fn masked_form(arguments: &[(&str, String)]) -> String {
    let value =
        |name: &str, value: &str| if SECRET.contains(&name) { "••••".to_owned() } else { value.to_owned() };
    let pairs: Vec<_> = arguments.iter().map(|(name, text)| format!("{name}={}", value(name, text))).collect();
    pairs.join("&")
}

/// What is kept of a body: without secrets, cut.
fn kept(body: Option<&Value>, bytes: &[u8]) -> String {
    let text = match body {
        Some(body) => {
            let mut body = body.clone();
            mask(&mut body);
            body.to_string()
        }
        None => format!("({} bytes that are not JSON)", bytes.len()),
    };
    let end = (0..=text.len().min(KEPT)).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text[..end].to_owned()
}

/// Blots secret values out.
pub(super) fn mask(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                if SECRET.contains(&name.as_str()) && value.is_string() {
                    *value = Value::from("••••");
                } else {
                    mask(value);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(mask),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn errors_come_with_200_and_are_told_apart() {
        let no = |word: &str| json!({ "ok": false, "error": word });
        assert!(read(200, Some(json!({ "ok": true })), None).is_ok());
        assert_eq!(read(429, None, Some(2000)), Err(CallError::RateLimited(2000)));
        assert_eq!(read(200, Some(no("ratelimited")), None), Err(CallError::RateLimited(PAUSE_MS)));
        assert!(matches!(read(200, Some(no("token_revoked")), None), Err(CallError::Refused(..))));
        assert!(matches!(read(200, Some(no("never_heard_of")), None), Err(CallError::Refused(..))));
        assert!(matches!(read(502, None, None), Err(CallError::NoAnswer(_))));
        assert!(matches!(read(200, Some(json!([])), None), Err(CallError::NoAnswer(_))));
    }

    #[test]
    fn no_secret_is_kept() {
        let body =
            json!({ "ok": true, "access_token": "xoxb-1", "authed_user": { "id": "U1", "access_token": "xoxp-1" } });
        let text = kept(Some(&body), b"");
        assert!(!text.contains("xox") && text.contains("U1"), "{text}");
        assert_eq!(masked_form(&[("code", "abc".into()), ("limit", "200".into())]), "code=••••&limit=200");
    }
}
