//! One request of a delivery, from the event's body to the receiver's answer: transform, authenticate, sign, send.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};

use super::message::{self, Refusal};
use super::{ErrorClass, request};
use crate::directory::{ReadyAuth, Route};
use crate::time::Timestamp;
use crate::worker::lanes::Job;
use crate::{Hub, transformation};

/// Storing what came of a request takes this long at most, in milliseconds, or its lease lapses.
const STORING_MS: i64 = 1000;

/// What became of an attempt to send.
pub(crate) enum Sent {
    /// A request went out, or was refused on its way.
    Request {
        /// What happened to it.
        exchange: Box<guarded_http::Exchange>,
        /// Its headers as they are kept.
        record: String,
        /// Its body, where it differs from the event's own.
        body: Option<String>,
        /// What the answer means, where its status does not say that.
        refusal: Option<Refusal>,
    },
    /// Nothing is to be sent, and why.
    Nothing(&'static str),
    /// It could not be made, and why.
    Failed(ErrorClass, String),
}

impl Sent {
    /// The exchange, if there was one.
    pub(crate) fn exchange(&self) -> Option<&guarded_http::Exchange> {
        match self {
            Self::Request { exchange, .. } => Some(exchange),
            Self::Nothing(_) | Self::Failed(..) => None,
        }
    }
}

/// Sends a delivery once.
pub(crate) async fn send(hub: &Hub, job: &Job, now: Timestamp) -> Sent {
    if job.route.controls.destination.is_some() {
        return Box::pin(message::send(hub, &[job])).await;
    }
    match make(hub, job).await {
        Ok(content) => post(hub, &job.route, job.row.event_id.as_str(), content, (now, job.lease)).await,
        Err(sent) => sent,
    }
}

/// What is to be sent.
#[derive(Debug)]
pub(crate) struct Content {
    /// The body.
    pub(crate) body: Bytes,
    /// The same as text, where it is to be kept because it is not the event's own.
    pub(crate) made: Option<String>,
    /// Headers to add.
    pub(crate) extra: Vec<(String, String)>,
}

/// Makes what is to be sent for a delivery; what became of the attempt where nothing is.
pub(crate) async fn make(hub: &Hub, job: &Job) -> Result<Content, Sent> {
    match transform(hub, job).await {
        Ok(Some(content)) => Ok(content),
        Ok(None) => Err(Sent::Nothing("The transformation answered that nothing is to be sent.")),
        Err(sentence) => Err(Sent::Failed(ErrorClass::Transformation, sentence)),
    }
}

/// Sends something once, signed as the message of this id at this time, while its lease holds.
pub(crate) async fn post(
    hub: &Hub,
    route: &Route,
    id: &str,
    content: Content,
    (now, lease): (Timestamp, Timestamp),
) -> Sent {
    let Content { body, made, extra } = content;
    let target = match &route.target {
        Ok(target) => target,
        Err(message) => return blocked(message.clone()),
    };
    let (credentials, token) = match credentials(hub, route).await {
        Ok(ready) => ready,
        Err(sentence) => return Sent::Failed(ErrorClass::Auth, sentence),
    };
    // Script and token may have taken their time. What outlasts its lease would be sent by somebody else, too.
    let room = lease.since(hub.now()) - STORING_MS;
    if room <= 0 {
        let sentence = "Making the request took so long that no time was left to send it.";
        return Sent::Failed(ErrorClass::Timeout, sentence.to_owned());
    }
    let timeout = Duration::from_millis(route.timeout_ms.min(room).unsigned_abs());
    let signed = request::sign(route, id, &body, now, credentials, extra);
    let exchange = match &route.auth {
        ReadyAuth::Mtls(certificate) => {
            hub.http.post(&target.with_certificate(certificate), &signed.headers, vec![body], timeout).await
        }
        _ => hub.http.post(target, &signed.headers, vec![body], timeout).await,
    };
    if let Some(token) = token
        && exchange.outcome.as_ref().is_ok_and(|response| response.status == 401)
    {
        hub.tokens.forget(&(route.id.clone(), route.version), &token, hub.now().0);
    }
    Sent::Request { exchange: Box::new(exchange), record: signed.record, body: made, refusal: None }
}

/// What the endpoint's transformation makes of the event; none to send nothing.
async fn transform(hub: &Hub, job: &Job) -> Result<Option<Content>, String> {
    let Some(script) = &job.route.script else {
        return Ok(Some(Content { body: job.body.clone(), made: None, extra: Vec::new() }));
    };
    let text = std::str::from_utf8(&job.body).map_err(|error| error.to_string())?;
    let run = Box::pin(transformation::run(hub, &job.row.org_id, script, &job.row.event_id, text)).await;
    Ok(transformation::outcome(run)?.map(|(body, extra)| Content {
        body: Bytes::from(body.clone().into_bytes()),
        made: Some(body),
        extra,
    }))
}

type Credentials = (Option<(HeaderName, HeaderValue)>, Option<Arc<oauth_flow::Token>>);

/// The header that proves who we are, and the token in it, if it is one that can lapse.
async fn credentials(hub: &Hub, route: &Route) -> Result<Credentials, String> {
    match &route.auth {
        ReadyAuth::None | ReadyAuth::Mtls(_) => Ok((None, None)),
        ReadyAuth::Header(name, value) => Ok((Some((name.clone(), value.clone())), None)),
        ReadyAuth::Broken(why) => Err(format!("The credentials of the endpoint cannot be used: {why}.")),
        ReadyAuth::Oauth2(grant) => {
            let key = (route.id.clone(), route.version);
            let renew = || grant.fetch(|form| post_form(hub, form));
            let token =
                Box::pin(hub.tokens.get(&key, || hub.now().0, renew)).await.map_err(|error| error.to_string())?;
            Ok((Some((http::header::AUTHORIZATION, token.authorization().clone())), Some(token)))
        }
    }
}

/// Posts to a token endpoint, under the rules for receivers.
async fn post_form(hub: &Hub, form: oauth_flow::FormRequest) -> Result<oauth_flow::Answer, String> {
    let target = hub.http.target(&form.url).map_err(|error| error.to_string())?;
    let exchange = hub.http.post(&target, &form.headers, vec![form.body], Duration::from_secs(10)).await;
    match exchange.outcome {
        Ok(response) => Ok(oauth_flow::Answer { status: response.status, body: response.body }),
        Err(failure) => Err(failure.message),
    }
}

/// A target that is refused before anything is sent.
fn blocked(message: String) -> Sent {
    Sent::Request { exchange: Box::new(refused(message)), record: "[]".to_owned(), body: None, refusal: None }
}

/// The exchange that there is not, because the target is refused.
pub(super) fn refused(message: String) -> guarded_http::Exchange {
    guarded_http::Exchange {
        outcome: Err(guarded_http::Failure { class: guarded_http::FailureClass::BlockedIp, message }),
        timing: guarded_http::Timing::default(),
        remote: None,
        tls: None,
        reused: false,
    }
}
