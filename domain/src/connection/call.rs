//! Speaking to a provider, other than by deliveries: one request with a time limit, kept in the log of calls without its secrets;
//! what an error means for the connection is noted at once. Nothing goes out that `hold` holds back.

use std::net::Ipv4Addr;
use std::time::Duration;

use guarded_http::{Exchange, Target, TargetError};
use serde_json::Value;

use super::hold::{self, Pass};
use super::outgoing::masked_form;
pub(crate) use super::outgoing::{Ask, Outgoing, to_graph, to_jira, to_slack};
use super::store::{self, Row};
use super::{ConnectionCall, ConnectionStatus, Provider};
use crate::id::{ConnectionCallId, ConnectionId, OrgId};
use crate::provider::slack::error::SlackError;
use crate::provider::{Meaning, Next, Standing, jira};
use crate::{Error, Hub, Result};

/// How long a provider may take.
pub(super) const TIMEOUT: Duration = Duration::from_secs(30);
/// What is kept of a body, in bytes.
const KEPT: usize = 4096;
/// Fields whose values nobody may read afterwards.
pub(super) const SECRET: [&str; 8] = [
    "access_token",
    "refresh_token",
    "id_token",
    "token",
    "client_secret",
    "code",
    "code_verifier",
    "configuration_url",
];

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
    pub(crate) fn into_error(self, provider: Provider) -> Error {
        let name = provider.name();
        match self {
            Self::Refused(word, meaning) if provider == Provider::Jira => {
                Error::conflict("provider_refused", format!("{} Jira said: {word}", meaning.sentence))
            }
            Self::Refused(_, meaning) => Error::conflict("provider_refused", meaning.sentence),
            Self::RateLimited(ms) => {
                Error::unavailable(format!("{name} asks for fewer requests. Try again in {} s.", (ms + 999) / 1000))
            }
            Self::Held(ms) => Error::unavailable(format!(
                "{name} did not answer several times in a row and is asked again in {} s.",
                (ms + 999) / 1000
            )),
            Self::NoAnswer(why) => Error::unavailable(format!("{name} did not answer: {why} Try again.")),
        }
    }

    /// Its word in the log of calls.
    fn word(&self) -> String {
        match self {
            Self::Refused(word, _) => word.clone(),
            Self::RateLimited(_) => "ratelimited".to_owned(),
            Self::NoAnswer(why) => why.clone(),
            Self::Held(_) => "held".to_owned(),
        }
    }
}

/// What came of a request.
pub(crate) struct Asked {
    /// The body of a good answer.
    pub(crate) answer: Result<Value, CallError>,
    /// How long it took, in microseconds.
    pub(crate) took_us: i64,
    /// The exchange itself; none where nothing went out.
    pub(crate) exchange: Option<Box<Exchange>>,
}

impl Asked {
    const fn nothing(error: CallError) -> Self {
        Self { answer: Err(error), took_us: 0, exchange: None }
    }

    fn into_answer(self) -> Result<(Value, i64), CallError> {
        self.answer.map(|body| (body, self.took_us))
    }
}

/// Asks Slack for something in the name of a connection, notes what the answer says about the connection, and answers the body of
/// an answer that is `ok`, with how long it took in microseconds.
///
/// # Errors
/// [`CallError`], or the database does not answer.
pub(crate) async fn call(hub: &Hub, row: &Row, ask: Ask<'_>) -> Result<Result<(Value, i64), CallError>> {
    Ok(send(hub, row, to_slack(hub, &ask)?).await?.into_answer())
}

/// Sends a request in the name of a connection, and notes what the answer says about the connection.
///
/// # Errors
/// The database does not answer.
pub(crate) async fn send(hub: &Hub, row: &Row, out: Outgoing) -> Result<Asked> {
    match hold::enter(hub, row).await? {
        Ok(pass) => go(hub, row, out, pass).await,
        Err(ms) => Ok(Asked::nothing(CallError::Held(ms))),
    }
}

/// The same, although the provider did not answer lately: for somebody who wants to know.
///
/// # Errors
/// As [`send`].
pub(crate) async fn send_at_once(hub: &Hub, row: &Row, out: Outgoing) -> Result<Asked> {
    go(hub, row, out, Pass::Usual).await
}

/// What stands for all operations of a connection, where a limit is one of all.
const ALL: &str = "*";

async fn go(hub: &Hub, row: &Row, out: Outgoing, pass: Pass) -> Result<Asked> {
    let now = hub.now();
    let left = |operation: &str| hub.waits.left(&row.id, operation, now);
    if let Some(ms) = left(&out.operation).or_else(|| left(ALL)) {
        return Ok(Asked::nothing(CallError::RateLimited(ms)));
    }
    let (asked, called) = exchange(hub, &out).await;
    let mut tx = hub.db.begin().await?;
    store::insert_call(&mut tx, &row.org_id, &row.id, &called).await?;
    tx.commit().await?;
    let now = hub.now();
    if let Err(CallError::RateLimited(ms)) = &asked.answer {
        let reason = asked.exchange.as_ref().and_then(|exchange| exchange.outcome.as_ref().ok());
        let reason = reason.and_then(|response| response.header("ratelimit-reason")).unwrap_or_default();
        let which = if reason.starts_with("jira-quota") { ALL } else { &out.operation };
        hub.waits.note(&row.id, which, now.plus_ms(*ms), now);
    }
    let is_answered = called.code.is_some_and(|code| code < 500);
    learn(hub, &row.org_id, &row.id, asked.answer.as_ref().err(), Some((pass, is_answered))).await?;
    Ok(asked)
}

/// Sends a request, and reads the answer; also as it is kept.
pub(super) async fn exchange(hub: &Hub, out: &Outgoing) -> (Asked, ConnectionCall) {
    let mut call = ConnectionCall {
        id: hub.id(ConnectionCallId::new),
        started_at: hub.now(),
        operation: out.operation.clone(),
        code: None,
        error: None,
        duration_us: 0,
        request: out.record.clone(),
        response: String::new(),
    };
    let target = match target(hub, &out.url) {
        Ok(target) => target,
        Err(error) => {
            call.error = Some(error.to_string());
            return (Asked::nothing(CallError::NoAnswer(error.to_string())), call);
        }
    };
    let body = out.body.iter().cloned().collect();
    let exchange = hub.calls.request(out.method.clone(), &target, &out.headers, body, TIMEOUT).await;
    call.duration_us = exchange.timing.total_us;
    let answer = match &exchange.outcome {
        Err(failure) => Err(CallError::NoAnswer(failure.message.clone())),
        Ok(response) => {
            call.code = Some(response.status.into());
            let body: Option<Value> = serde_json::from_slice(&response.body).ok();
            call.response = kept(body.as_ref(), &response.body);
            let wait =
                response.header("retry-after").and_then(|value| crate::delivery::retry_after_ms(value, hub.now()));
            (out.read)(response, wait)
        }
    };
    call.error = answer.as_ref().err().map(CallError::word);
    (Asked { answer, took_us: call.duration_us, exchange: Some(Box::new(exchange)) }, call)
}

/// Where a request goes. The site of a simulated Jira is on this machine, whatever a resolver makes of its name.
fn target(hub: &Hub, url: &str) -> std::result::Result<Target, TargetError> {
    let simulated = hub.settings.jira.as_ref().and_then(|app| app.url.as_deref());
    match simulated.and_then(|base| jira::address::simulated(url, base)) {
        Some((port, host, path)) => Target::pinned((Ipv4Addr::LOCALHOST, port).into(), host, path),
        None => hub.calls.target(url),
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
        hold::tell(&mut tx, hub, before.calls_resume_at, &row).await?;
    }
    match error {
        None => row.limited_until = None,
        Some(CallError::RateLimited(ms)) => row.limited_until = Some(hub.now().plus_ms(*ms)),
        // The organization's other workspaces are as they were.
        Some(CallError::Refused(word, _)) if row.is_org_wide() && SlackError::of(word).is_of_workspace() => {}
        Some(CallError::Refused(_, meaning)) => match &meaning.connection {
            Some(Standing::NeedsReconnect) => {
                row.status = ConnectionStatus::NeedsReconnect;
                row.problem = Some(meaning.sentence.to_owned());
            }
            Some(Standing::MissingScope { needed }) => {
                let what = needed.as_deref().map_or(String::new(), |scope| format!(" It is `{scope}`."));
                row.problem = Some(format!("{}{what}", meaning.sentence));
            }
            // A token that has lapsed early is renewed at once, unless that is under way; one that cannot be renewed is lost.
            None if meaning.next == Next::Renew && row.refresh_sent_at.is_none() => match row.refresh_at {
                Some(at) => row.refresh_at = Some(at.min(hub.now())),
                None => {
                    row.status = ConnectionStatus::NeedsReconnect;
                    row.problem = Some(meaning.sentence.to_owned());
                }
            },
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

/// A body, JSON or a form, as it is kept.
pub(super) fn masked_body(bytes: &[u8]) -> String {
    if let Ok(body) = serde_json::from_slice::<Value>(bytes) {
        return kept(Some(&body), bytes);
    }
    let pairs: Vec<_> = form_urlencoded::parse(bytes).collect();
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_ref(), value.clone().into_owned())).collect();
    cut(&masked_form(&pairs)).to_owned()
}

/// What is kept of a body: without secrets, cut.
pub(super) fn kept(body: Option<&Value>, bytes: &[u8]) -> String {
    let text = match body {
        Some(body) => {
            let mut body = body.clone();
            mask(&mut body);
            body.to_string()
        }
        None => format!("({} bytes that are not JSON)", bytes.len()),
    };
    cut(&text).to_owned()
}

pub(super) fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(KEPT)]
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
    fn no_secret_is_kept() {
        let body =
            json!({ "ok": true, "access_token": "xoxb-1", "authed_user": { "id": "U1", "access_token": "xoxp-1" } });
        let text = kept(Some(&body), b"");
        assert!(!text.contains("xox") && text.contains("U1"), "{text}");
        assert_eq!(
            masked_body(b"refresh_token=xoxe-1&grant_type=refresh_token"),
            "refresh_token=••••&grant_type=refresh_token"
        );
        assert_eq!(masked_body(br#"{"client_secret":"s3cret"}"#), r#"{"client_secret":"••••"}"#);
    }
}
