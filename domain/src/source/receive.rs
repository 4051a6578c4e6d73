//! Requests of providers: verified on the raw bytes, stored, answered. What they come to is found out afterwards, by `process`.
//!
//! Everything that comes to the address of a source is stored before it is answered, also what is refused: a person who sets a source
//! up sees why. What comes to no address is not. Nothing secret is stored: the token is taken out of the address, and credentials out
//! of the headers.

use inbound::{Cause, Challenge, InboundRequest, Provider, Scheme, Verdict, Verification};

use super::store::requests::{self, Whole};
use super::store::{self, Row, SecretRow};
use super::{
    InboundState, InboundVerdict, MAX_BODY, MAX_HEADERS, OVERLAP_HOURS, SourceStatus, actions, presets, secrets,
};
use crate::id::InboundRequestId;
use crate::live::Notice;
use crate::node::signal::Work;
use crate::time::Timestamp;
use crate::{Error, Hub, Problem, Result, commit, key};

/// What stands in the place of what is secret.
const LEFT_OUT: &str = "(left out)";
/// Headers that carry credentials whatever the scheme is.
const SECRET_HEADERS: [&str; 3] = ["authorization", "proxy-authorization", "cookie"];

/// A request before its body.
#[derive(Debug, Clone)]
pub struct Head<'a> {
    /// The provider in the address.
    pub provider: &'a str,
    /// The token in the address; empty at the door for e-mail, which has none.
    pub token: &'a str,
    /// The method.
    pub method: String,
    /// Path and query, as they came.
    pub path: String,
    /// Where it comes from.
    pub ip: Option<String>,
    /// Names and values, in order.
    pub headers: Vec<(String, String)>,
}

/// The body of a request.
#[derive(Debug, Clone, Copy)]
pub enum Body<'a> {
    /// All of it.
    Whole(&'a [u8]),
    /// It is larger than [`MAX_BODY`]; as long as it said to be, or as far as it was read.
    TooLarge(usize),
}

/// What the provider is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is kept, and handled in a moment.
    Kept(InboundRequestId),
    /// Its challenge, as plain text.
    Echo(String),
    /// It is e-mail for no source, and not kept.
    ForNobody,
}

/// The source behind an address that was called.
#[derive(Debug)]
pub struct Door {
    source: Row,
    sealed: Vec<SecretRow>,
}

/// Finds the source behind an address, before the body is read: who knows none is not listened to.
///
/// # Errors
/// Not found: there is no such address.
pub async fn find(hub: &Hub, provider: &str, token: &str) -> Result<Door> {
    let now = hub.now();
    let mut conn = hub.db.read().await?;
    let hash = secrets::token_hash(token);
    let source = store::by_token(&mut conn, provider, &hash, now).await?.ok_or_else(|| Error::not_found("source"))?;
    let sealed = store::secrets(&mut conn, &source.id, now).await?;
    Ok(Door { source, sealed })
}

/// Takes a request to the address of a source.
///
/// # Errors
/// It is stored, and refused: *forbidden* where the source is disabled, *too large*, *unauthenticated*, *wrong type*, *malformed*,
/// *unavailable* where it cannot be verified yet.
pub async fn receive(hub: &Hub, door: Door, head: Head<'_>, body: Body<'_>) -> Result<Answer> {
    let Door { source, sealed } = door;
    key::learn(hub, &source.org_id).await;
    let scheme = actions::scheme_of(&source)?;
    let arrival = Arrival { hub, provider: presets::read(&source.provider)?, source, scheme, head, now: hub.now() };
    let bytes = match body {
        Body::Whole(bytes) if bytes.len() <= MAX_BODY => bytes,
        Body::Whole(bytes) => return arrival.refuse_large(bytes.len()).await,
        Body::TooLarge(size) => return arrival.refuse_large(size).await,
    };
    if arrival.source.status == SourceStatus::Disabled {
        let text = "The source is disabled; switch it on to take requests again.";
        arrival.store(Judged::refused("disabled", text), Some(bytes), bytes.len()).await?;
        return Err(Error::forbidden(text));
    }
    arrival.judge(bytes, &sealed).await
}

/// A request at the address of a source.
pub(super) struct Arrival<'a> {
    pub(super) hub: &'a Hub,
    pub(super) provider: Provider,
    pub(super) source: Row,
    pub(super) scheme: Scheme,
    pub(super) head: Head<'a>,
    pub(super) now: Timestamp,
}

/// What is thought of a request.
pub(super) struct Judged {
    verdict: InboundVerdict,
    cause: Option<(String, String)>,
    base_string: Option<String>,
}

impl Judged {
    /// It was verified elsewhere.
    pub(super) const fn verified() -> Self {
        Self { verdict: InboundVerdict::Verified, cause: None, base_string: None }
    }

    fn refused(cause: &str, text: &str) -> Self {
        Self { verdict: InboundVerdict::Rejected, cause: Some((cause.to_owned(), text.to_owned())), base_string: None }
    }
}

impl Arrival<'_> {
    async fn judge(&self, body: &[u8], sealed: &[SecretRow]) -> Result<Answer> {
        let url = format!("{}{}", self.hub.settings.base_url, self.head.path);
        let request = InboundRequest { method: &self.head.method, url: &url, headers: &self.head.headers, body };
        let challenge = inbound::challenge(self.provider, &request);
        // It is not signed: it counts only while the source waits for a secret.
        if let Some(Challenge::Secret(token)) = &challenge
            && sealed.iter().all(|secret| secret.expires_at.is_some())
        {
            return self.take_secret(token, body.len()).await;
        }
        let open = secrets::open_all(self.hub, &self.source, sealed)?;
        let live: Vec<&str> = open.iter().map(String::as_str).collect();
        let account = self.source.account.as_deref();
        let against = inbound::Source { provider: self.provider, scheme: &self.scheme, secrets: &live, account };
        let found = inbound::verify(&against, &request, self.now.0);
        let judged = self.judged(&found)?;
        let refusal = match found.verdict {
            Verdict::Rejected(cause) => Some(refusal(cause)),
            Verdict::Verified => None,
        };
        // What claims to bring a secret is not kept, also where nobody waits for one: it may be entered yet.
        let kept = (refusal.is_none() || !matches!(challenge, Some(Challenge::Secret(_)))).then_some(body);
        let id = self.store(judged, kept, body.len()).await?;
        match (refusal, challenge) {
            (Some(error), _) => Err(error),
            (None, Some(Challenge::Echo(text))) => Ok(Answer::Echo(text)),
            (None, _) => Ok(Answer::Kept(id)),
        }
    }

    fn judged(&self, found: &Verification) -> Result<Judged> {
        let base_string = found.base_string.clone().map(|mut shown| {
            shown.text = self.without_token(&shown.text);
            serde_json::to_string(&shown).map_err(Error::internal)
        });
        let (verdict, cause) = match found.verdict {
            Verdict::Verified => (InboundVerdict::Verified, None),
            Verdict::Rejected(cause) => (InboundVerdict::Rejected, Some((cause.code().to_owned(), sentence(cause)))),
        };
        Ok(Judged { verdict, cause, base_string: base_string.transpose()? })
    }

    /// Keeps what a provider posts to verify with from now on. The body is the secret, so it is not kept.
    async fn take_secret(&self, token: &str, size: usize) -> Result<Answer> {
        let judged = Judged { verdict: InboundVerdict::Challenge, cause: None, base_string: None };
        let row = self.row(judged, None, size)?;
        key::ready(self.hub, &self.source.org_id).await?;
        let mut tx = self.hub.db.begin().await?;
        // Of two at a time, one is the first.
        let source = actions::must_lock(&mut tx, &self.source.org_id, &self.source.id).await?;
        let known = store::secrets(&mut tx, &source.id, self.now).await?;
        if known.iter().any(|secret| secret.expires_at.is_none()) {
            return Err(refusal(Cause::MissingSignature));
        }
        secrets::put(&mut tx, self.hub, &source, token, OVERLAP_HOURS * 3_600_000, self.now).await?;
        requests::insert(&mut tx, &row).await?;
        tx.commit().await?;
        crate::figures::came_in(self.provider, row.row.verdict);
        self.hub.bus.notify(&source.org_id, Notice::Source);
        Ok(Answer::Kept(row.row.id))
    }

    async fn refuse_large(&self, size: usize) -> Result<Answer> {
        let text = format!("The body is larger than {} MiB.", MAX_BODY / 1024 / 1024);
        self.store(Judged::refused("too_large", &text), None, size).await?;
        Err(Error::too_large(text))
    }

    /// Stores it, and has it handled.
    pub(super) async fn store(&self, judged: Judged, body: Option<&[u8]>, size: usize) -> Result<InboundRequestId> {
        let row = self.row(judged, body, size)?;
        let (id, verdict, is_due) = (row.row.id.clone(), row.row.verdict, row.row.due_at.is_some());
        if verdict == InboundVerdict::Rejected {
            let mut tx = self.hub.db.begin().await?;
            // It may have been deleted while the body came.
            if store::find(&mut tx, &self.source.org_id, &self.source.id).await?.is_none() {
                return Err(Error::not_found("source"));
            }
            requests::insert(&mut tx, &row).await?;
            tx.commit().await?;
        } else {
            commit::request(self.hub, row).await?;
        }
        crate::figures::came_in(self.provider, verdict);
        if is_due {
            self.hub.wake(Work::Inbound);
        }
        self.hub.bus.notify(&self.source.org_id, Notice::Source);
        Ok(id)
    }

    fn row(&self, judged: Judged, body: Option<&[u8]>, size: usize) -> Result<Whole> {
        let (state, due_at, processed_at) = match judged.verdict {
            InboundVerdict::Verified => (InboundState::Pending, Some(self.now), None),
            InboundVerdict::Challenge => (InboundState::Processed, None, Some(self.now)),
            InboundVerdict::Rejected => (InboundState::Refused, None, None),
        };
        let (cause, cause_text) = judged.cause.unzip();
        Ok(Whole {
            row: requests::Row {
                id: self.hub.id(InboundRequestId::new),
                org_id: self.source.org_id.clone(),
                source_id: self.source.id.clone(),
                received_at: self.now,
                method: self.head.method.clone(),
                url: self.kept_url(),
                ip: self.head.ip.clone(),
                size: i64::try_from(size).unwrap_or(i64::MAX),
                verdict: judged.verdict,
                cause,
                cause_text,
                provider_event_id: None,
                provider_event_type: None,
                duplicate_of: None,
                state,
                due_at,
                attempts: 0,
                is_again: 0,
                error: None,
                processed_at,
                erased_at: None,
            },
            base_string_json: judged.base_string,
            outcomes_json: "[]".into(),
            headers_json: serde_json::to_string(&self.kept_headers()).map_err(Error::internal)?,
            body: body.map(<[u8]>::to_vec),
        })
    }

    /// The headers without credentials; none where they are too large to be kept.
    fn kept_headers(&self) -> Vec<(&str, String)> {
        let headers = &self.head.headers;
        if headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > MAX_HEADERS {
            return Vec::new();
        }
        let own = match &self.scheme {
            Scheme::Bearer { header, .. } | Scheme::Pylon { header } => header.as_ref(),
            _ => "",
        };
        let is_secret =
            |name: &str| SECRET_HEADERS.iter().chain([&own]).any(|secret| name.eq_ignore_ascii_case(secret));
        headers
            .iter()
            // A proxy in front may repeat the address.
            .map(|(name, value)| {
                (name.as_str(), if is_secret(name) { LEFT_OUT.to_owned() } else { self.without_token(value) })
            })
            .collect()
    }

    /// The address it was posted to without the token, also where the token was written with escapes.
    fn kept_url(&self) -> String {
        let base = &self.hub.settings.base_url;
        if self.head.token.is_empty() {
            return format!("{base}{}", self.head.path);
        }
        let query = self.head.path.split_once('?').map(|(_, query)| format!("?{}", self.without_token(query)));
        format!("{base}/in/{}/{{token}}{}", self.source.provider, query.unwrap_or_default())
    }

    fn without_token(&self, text: &str) -> String {
        if self.head.token.is_empty() { text.to_owned() } else { text.replace(self.head.token, "{token}") }
    }
}

/// How a refusal is answered: as the provider should understand it.
pub(super) fn refusal(cause: Cause) -> Error {
    let problem = Problem { code: cause.code().to_owned(), message: sentence(cause), details: Vec::new() };
    match cause.status() {
        401 => Error::Unauthenticated(problem),
        403 => Error::Forbidden(problem),
        415 => Error::WrongType(problem),
        503 => Error::Unavailable(problem),
        _ => Error::Malformed(problem),
    }
}

/// A cause as a sentence.
fn sentence(cause: Cause) -> String {
    let text = cause.to_string();
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", letters.as_str())
}
