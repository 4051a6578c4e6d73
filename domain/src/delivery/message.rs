//! Deliveries that are messages in a channel: what is said, the request that says it, and what the provider's answer means.
//!
//! Slack says most errors with status 200, so the answer's body decides; a workflow of Teams says them with the status, Microsoft Graph
//! with both. Each becomes a [`Refusal`], by which the attempt ends and the next one is planned, and tells at once what it says of
//! the connection and the channel. Where the channel takes no messages, the same attempt goes to the connection's default channel.
//! None of them knows an idempotency key: an attempt whose answer is lost may have been a message, and the log says so.

use std::time::Duration;

use bytes::Bytes;
use guarded_http::{FailureClass, Timing};
use http::header::{self, HeaderValue};
use serde_json::Value;

use super::send::Sent;
use super::{ErrorClass, Trigger};
use crate::connection::call::{self, CallError};
use crate::connection::{Provider, TeamsApp};
use crate::directory::{ReadyAuth, Route};
use crate::endpoint::{Destination, StatusAction};
use crate::id::OrgId;
use crate::provider::telling::{Counts, Item};
use crate::provider::{Meaning, Next, Standing, slack, teams};
use crate::time::Timestamp;
use crate::worker::lanes::Job;
use crate::{Hub, Result, connection, issue, org, rule};

/// Events of a digest that are read; the others are counted.
const READ: usize = 20;
/// What is kept of an answer's body, in bytes.
const KEPT: usize = 64 * 1024;
/// What the log says of an attempt of which nobody can tell whether it was a message.
fn perhaps(provider: Provider) -> String {
    format!("{} may have taken this message; a retry may show it twice.", provider.name())
}

/// What a provider's answer means for a delivery, where it is not what was asked for.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    /// What happened, in a sentence.
    pub(crate) sentence: String,
    /// What comes next.
    pub(crate) action: StatusAction,
    /// How long the provider asked to wait, in milliseconds.
    pub(crate) retry_after_ms: Option<i64>,
}

/// Tells of these deliveries in one message.
pub(crate) async fn send(hub: &Hub, jobs: &[&Job]) -> Sent {
    let Some(first) = jobs.first() else { return Sent::Nothing("There is nothing to tell.") };
    let route = &first.route;
    let Some(destination) = &route.controls.destination else {
        return Sent::Failed(ErrorClass::Auth, "The rule has no channel.".into());
    };
    if destination.provider.makes_issues() {
        return issue::deliver::send(hub, first, destination).await;
    }
    let sent = to(hub, route, destination, jobs, None).await;
    let Some(failure) = sent.failure() else { return sent.into_sent(None) };
    let meaning = &failure.meaning;
    if let Some(state) = meaning.channel
        && let Err(error) = rule::actions::note_channel(hub, &route.org_id, destination, state).await
    {
        tracing::warn!(%error, "what an answer says of a channel could not be noted");
    }
    let told = call_error(&failure);
    if let Err(error) = call::note(hub, &route.org_id, &destination.connection_id, Some(&told)).await {
        tracing::warn!(%error, "what an answer says of a connection could not be noted");
    }
    if meaning.next == Next::Fallback
        && let Some(elsewhere) = default_channel(hub, route, destination).await
    {
        let sent = to(hub, route, &elsewhere, jobs, Some(&destination.channel_name)).await;
        let refusal = sent.failure().map(|failure| refused(&failure));
        return sent.into_sent(refusal);
    }
    let refusal = refused(&failure);
    sent.into_sent(Some(refusal))
}

/// What an answer says went wrong, whichever provider gave it.
struct Failure {
    provider: Provider,
    /// The provider's word for it: `channel_not_found`, `404 WorkflowNotFound`.
    word: String,
    meaning: Meaning,
    retry_after_s: Option<i64>,
}

/// A request that went out, and its answer.
struct Posted {
    provider: Provider,
    /// Whether Graph was asked, and not a workflow.
    by_graph: bool,
    exchange: Box<guarded_http::Exchange>,
    /// Whether it goes through TLS.
    is_secure: bool,
    record: String,
    body: String,
}

impl Posted {
    /// What the answer says went wrong; none where it went well, or there is no answer.
    fn failure(&self) -> Option<Failure> {
        let response = self.exchange.outcome.as_ref().ok()?;
        let (status, wait, body) = (response.status, response.header("retry-after"), &response.body);
        let (word, meaning, retry_after_s) = match self.provider {
            Provider::Slack => {
                let failure = slack::answer::read(status, wait, body).err()?;
                (failure.error.code().to_owned(), failure.meaning(), failure.retry_after_s)
            }
            Provider::Teams if self.by_graph => {
                let failure = teams::failure::read(status, wait, body).err()?;
                (failure.word(), failure.meaning(), failure.retry_after_s)
            }
            Provider::Teams => {
                let failure = teams::answer::read(status, wait, body).err()?;
                (failure.word(), failure.meaning(), failure.retry_after_s)
            }
            Provider::Jira => return None,
        };
        Some(Failure { provider: self.provider, word, meaning, retry_after_s })
    }

    fn into_sent(mut self, refusal: Option<Refusal>) -> Sent {
        match &mut self.exchange.outcome {
            Ok(response) if response.body.len() > KEPT => {
                response.body.truncate(KEPT);
                response.body_truncated = true;
            }
            Ok(_) => {}
            Err(failure) if may_have_arrived(failure.class, &self.exchange.timing, self.is_secure) => {
                failure.message = format!("{}. {}", failure.message.trim_end_matches('.'), perhaps(self.provider));
            }
            Err(_) => {}
        }
        Sent::Request { exchange: self.exchange, record: self.record, body: Some(self.body), refusal }
    }
}

/// Whether a request without an answer may have reached the provider: it had gone out, as far as anybody can tell.
fn may_have_arrived(class: FailureClass, timing: &Timing, is_secure: bool) -> bool {
    match class {
        FailureClass::Dns | FailureClass::BlockedIp | FailureClass::Connect | FailureClass::Tls => false,
        FailureClass::Reset | FailureClass::Protocol | FailureClass::TooLarge => true,
        // The deadline may have struck before there was a connection to send it on.
        FailureClass::Timeout => timing.connect_us.is_some() && (!is_secure || timing.tls_us.is_some()),
    }
}

/// Posts the message to a channel, on a connection of its own: on one that is used again, what is lost may go out twice unseen.
async fn to(hub: &Hub, route: &Route, destination: &Destination, jobs: &[&Job], instead_of: Option<&str>) -> Posted {
    let by_graph = graph_url(hub, destination);
    let body = render(hub, destination, jobs, instead_of).await;
    let mut headers = vec![(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"))];
    if let ReadyAuth::Header(name, value) = &route.auth {
        headers.push((name.clone(), value.clone()));
    }
    let record = match &route.auth {
        ReadyAuth::Header(..) => r#"[["content-type","application/json; charset=utf-8"],["authorization","••••"]]"#,
        _ => r#"[["content-type","application/json; charset=utf-8"]]"#,
    };
    let timeout = Duration::from_millis(route.timeout_ms.unsigned_abs());
    let own = by_graph.as_ref().map(|url| hub.calls.target(url).map_err(|error| error.to_string()));
    let exchange = match own.as_ref().unwrap_or(&route.target) {
        Ok(target) => hub.calls.post(target, &headers, vec![Bytes::from(body.clone())], timeout).await,
        Err(message) => super::send::refused(message.clone()),
    };
    let is_secure = route.url.starts_with("https:");
    Posted {
        provider: destination.provider,
        by_graph: by_graph.is_some(),
        exchange: Box::new(exchange),
        is_secure,
        record: record.to_owned(),
        body,
    }
}

/// Where Graph takes messages into a channel: with it, a channel is named by the address. None where a workflow takes them.
fn graph_url(hub: &Hub, destination: &Destination) -> Option<String> {
    let name = destination.provider_channel_id.as_str();
    let (team, channel) = teams::place::read(name).filter(|_| destination.provider == Provider::Teams)?;
    let urls = hub.settings.teams.as_ref().map(TeamsApp::urls).unwrap_or_default();
    Some(urls.graph(&teams::graph::messages(team, channel)))
}

/// The body of the request.
async fn render(hub: &Hub, destination: &Destination, jobs: &[&Job], instead_of: Option<&str>) -> String {
    let name = match jobs.first() {
        Some(job) => org_name(hub, &job.row.org_id).await.unwrap_or_default(),
        None => String::new(),
    };
    let test = jobs.iter().all(|job| job.row.cause == Trigger::Test);
    let base = &hub.settings.base_url;
    let read: Vec<(Value, String, Timestamp)> = jobs
        .iter()
        .take(READ)
        .map(|job| {
            let mut body: Value = serde_json::from_slice(&job.body).unwrap_or_default();
            let at = body["timestamp"].as_str().and_then(|text| Timestamp::parse_rfc3339(text).ok());
            let url = format!("{base}/deliveries/{}", job.row.id);
            (body["data"].take(), url, at.unwrap_or(job.row.created_at))
        })
        .collect();
    let items: Vec<Item<'_>> = jobs
        .iter()
        .zip(&read)
        .map(|(job, (data, url, occurred_at))| Item {
            delivery_id: &job.row.id,
            event_id: &job.row.event_id,
            event_type: &job.row.event_type,
            data,
            occurred_at: *occurred_at,
            url,
        })
        .collect();
    let single = match items.as_slice() {
        [item] if jobs.len() == 1 => Some(item),
        _ => None,
    };
    let counts = Counts::of(jobs.iter().map(|job| job.row.event_type.as_str()));
    let endpoint = jobs.first().map(|job| job.row.endpoint_id.to_string()).unwrap_or_default();
    let all = format!("{base}/deliveries?endpoint={endpoint}");
    match destination.provider {
        Provider::Slack => {
            use slack::message::{Manner, digest, one};
            let mention = destination.mention.as_ref();
            let manner = Manner { mention, test, instead_of, ..Manner::new(&name, destination.format) };
            let message = single.map_or_else(|| digest(&items, &counts, &all, &manner), |item| one(item, &manner));
            message.post(&destination.provider_channel_id).to_string()
        }
        Provider::Teams => {
            use teams::card::{Manner, digest, one};
            let manner = Manner { org: &name, format: destination.format, test, instead_of };
            let message = single.map_or_else(|| digest(&items, &counts, &all, &manner), |item| one(item, &manner));
            match graph_url(hub, destination) {
                Some(_) => {
                    let called = called(destination).filter(|_| instead_of.is_none());
                    teams::graph::body(&message, called).to_string()
                }
                None => message.to_string(),
            }
        }
        // What goes there are issues, not messages.
        Provider::Jira => String::new(),
    }
}

/// The channel of Teams whose people are called, if the rule says so.
fn called(destination: &Destination) -> Option<teams::graph::Called<'_>> {
    let (_, id) = teams::place::read(&destination.provider_channel_id)?;
    // Channels are called after their team, too, here: `Engineering: Alerts`. No name of a channel has a colon.
    let name = destination.channel_name.rsplit_once(": ").map_or(destination.channel_name.as_str(), |(_, name)| name);
    (destination.mention == Some(rule::Mention::Channel)).then_some(teams::graph::Called { id, name })
}

async fn org_name(hub: &Hub, id: &OrgId) -> Result<String> {
    let org = org::store::find(&mut hub.db.read().await?, id).await?;
    Ok(org.map(|org| org.name).unwrap_or_default())
}

/// The connection's default channel, if that is another one.
async fn default_channel(hub: &Hub, route: &Route, destination: &Destination) -> Option<Destination> {
    let mut conn = hub.db.read().await.ok()?;
    let row = connection::store::find(&mut conn, &route.org_id, &destination.connection_id).await.ok()??;
    let provider_channel_id = row.default_channel_id.filter(|id| *id != destination.provider_channel_id)?;
    Some(Destination { provider_channel_id, ..destination.clone() })
}

/// What a failure means for the delivery. A connection that has to be connected again keeps its deliveries: they wait.
pub(crate) fn refusal(provider: Provider, error: &CallError) -> Refusal {
    let name = provider.name();
    let (word, meaning) = match error {
        CallError::Refused(word, meaning) => (word, meaning),
        CallError::RateLimited(ms) => {
            let sentence = format!("{name} asked for fewer requests. It is tried again by itself.");
            return Refusal { sentence, action: StatusAction::Retry, retry_after_ms: Some(*ms) };
        }
        CallError::NoAnswer(why) => {
            let sentence = format!("{name} did not answer: {why}");
            return Refusal { sentence, action: StatusAction::Retry, retry_after_ms: None };
        }
        CallError::Held(ms) => {
            let sentence = format!("{name} did not answer several times in a row and is left alone for a while.");
            return Refusal { sentence, action: StatusAction::Retry, retry_after_ms: Some(*ms) };
        }
    };
    let waits = meaning.connection == Some(Standing::NeedsReconnect);
    let (action, after_s) = match meaning.next {
        Next::Retry { after_s } => (StatusAction::Retry, after_s),
        Next::Renew => (StatusAction::Retry, None),
        Next::Fallback | Next::GiveUp if waits => (StatusAction::Retry, None),
        Next::Fallback | Next::GiveUp => (StatusAction::Fail, None),
    };
    // What makes issues looks for what it made before it tries again.
    let is_doubtful = meaning.perhaps_done && !provider.makes_issues();
    let perhaps = if is_doubtful { format!(" {}", perhaps(provider)) } else { String::new() };
    Refusal {
        sentence: format!("{name} answered {word}: {}{perhaps}", meaning.sentence),
        action,
        retry_after_ms: after_s.map(|seconds| seconds * 1000),
    }
}

fn call_error(failure: &Failure) -> CallError {
    match (&failure.meaning.connection, failure.retry_after_s) {
        (Some(Standing::RateLimited), wait) => CallError::RateLimited(wait.unwrap_or(30) * 1000),
        _ => CallError::Refused(failure.word.clone(), failure.meaning.clone()),
    }
}

/// As [`refusal`], of a message: what the answer says comes as it is, also where it asks for a pause.
fn refused(failure: &Failure) -> Refusal {
    refusal(failure.provider, &CallError::Refused(failure.word.clone(), failure.meaning.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_may_have_arrived_once_there_was_a_connection_to_send_it_on() {
        use FailureClass as F;
        let none = Timing::default();
        let plain = Timing { connect_us: Some(1), ..none };
        let secure = Timing { tls_us: Some(1), ..plain };
        for (class, timing, is_secure, expected) in [
            (F::Dns, none, true, false),
            (F::BlockedIp, none, true, false),
            (F::Connect, none, true, false),
            (F::Tls, plain, true, false),
            (F::Timeout, none, true, false),
            (F::Timeout, plain, true, false),
            (F::Timeout, secure, true, true),
            (F::Timeout, plain, false, true),
            (F::Reset, secure, true, true),
            (F::Protocol, secure, true, true),
            (F::TooLarge, secure, true, true),
        ] {
            assert_eq!(may_have_arrived(class, &timing, is_secure), expected, "{class} {timing:?}");
        }
    }
}
