//! What every request passes on its way to its operation, and what is remembered of it.

use std::time::Duration;

use super::answer::{Refusal, Reply};
use super::messages;
use super::operations::{Auth, Body, Operation};
use super::request::{Asked, Caller, Incoming, Unread};
use crate::entra::oauth::token;
use crate::entra::state::{State, guid, moment};
use crate::entra::{Shared, check};
use crate::fault::Fault;
use crate::journal::{Authorised, Call};

/// How a request ends.
pub(super) enum Ending {
    Reply(Reply),
    Hang,
    Close,
}

/// A request that was read and looked at.
pub(super) struct Read {
    operation: &'static Operation,
    pub(super) asked: Asked,
    complaints: Vec<String>,
}

impl Read {
    /// Where to ask whether notifications are wanted, if this request in order is a new subscription of a token that
    /// works.
    pub(super) fn to_be_validated(&self) -> Option<&str> {
        let is_new = self.operation.body == Body::Subscription && self.complaints.is_empty();
        self.asked.body["notificationUrl"].as_str().filter(|_| is_new && self.asked.caller.is_some())
    }
}

/// Reads a request, looks who calls, and holds it to the description.
pub(super) fn read(shared: &Shared, incoming: &Incoming) -> Result<Read, Unread> {
    let (operation, mut asked) = incoming.read()?;
    let complaints = check::request(operation, &asked, shared.specs());
    asked.caller = shared.with(|state| caller(state, incoming.bearer()?).ok());
    Ok(Read { operation, asked, complaints })
}

/// Carries a request out, remembers it, and says how it ends and how late.
pub(super) fn pass(shared: &Shared, incoming: &Incoming, read: Result<Read, Unread>) -> (Ending, Option<Duration>) {
    shared.change(|state| {
        let name = match &read {
            Ok(read) => read.operation.name.to_owned(),
            Err(unread) => unread.name.clone(),
        };
        let caller = read.as_ref().ok().and_then(|read| read.asked.caller.clone());
        let authorised_as = caller.map(|caller| Authorised {
            account: caller.tenant,
            user: caller.user.unwrap_or_else(|| state.app.client_id.clone()),
        });
        let arguments = read.as_ref().map(|read| read.asked.without_secrets()).unwrap_or_default();
        let at_ms = state.now_ms();
        let (ending, delay) = decide(state, &name, incoming, read);
        let (ending, status, error) = match ending {
            Ending::Reply(reply) => {
                let request_id = guid(&mut state.ids);
                let reply = reply.stamped(&request_id, incoming.client_request_id(), &moment(at_ms));
                let (status, error) = (reply.status, reply.error.clone());
                (Ending::Reply(reply), status, error)
            }
            silent => (silent, 0, None),
        };
        let verb = incoming.verb.to_string();
        state.journal.calls.push(Call { at_ms, method: name, verb, status, error, authorised_as, arguments });
        (ending, delay)
    })
}

/// Whose token it is; an error is what is wrong with it.
fn caller(state: &State, value: &str) -> Result<Caller, &'static str> {
    let found = state.tokens.iter().find(|token| token.value == value);
    let token = found.ok_or("Access token validation failure. Invalid audience.")?;
    if state.now_ms() >= token.expires_at_ms {
        return Err("Lifetime validation failed, the token is expired.");
    }
    let grant = state.grant(token.grant).ok_or("Access token validation failure.")?;
    let (scopes, roles) = (token.scopes.clone(), token.roles.clone());
    Ok(Caller { tenant: grant.tenant.clone(), user: grant.user.clone(), scopes, roles })
}

fn decide(
    state: &mut State,
    name: &str,
    incoming: &Incoming,
    read: Result<Read, Unread>,
) -> (Ending, Option<Duration>) {
    match &read {
        Ok(read) => read.complaints.iter().for_each(|one| state.journal.violation(name, one.as_str())),
        Err(unread) => state.journal.violation(name, unread.why.as_str()),
    }
    let fault = state.faults.take(name);
    let before = match &fault {
        Some(Fault::Error(code)) => Some(Ending::Reply(asked_for(state, name, code))),
        Some(Fault::RateLimited(seconds)) => Some(Ending::Reply(Reply::rate_limited(*seconds))),
        Some(Fault::Status(status)) => Some(Ending::Reply(Reply::bare(*status, String::new()))),
        Some(Fault::Body(body)) => Some(Ending::Reply(Reply::bare(200, body.clone()))),
        Some(Fault::Hang) => Some(Ending::Hang),
        Some(Fault::Drop) => Some(Ending::Close),
        _ => None,
    };
    if let Some(ending) = before {
        return (ending, None);
    }
    let reply = match read {
        Ok(read) => {
            let asked = Asked { empty_page: fault == Some(Fault::EmptyPage), ..read.asked };
            carry_out(state, read.operation, incoming, &asked, &read.complaints)
        }
        Err(unread) => Reply::of(Err(Refusal::graph(unread.code, &unread.why))),
    };
    match fault {
        Some(Fault::HangAfter) => (Ending::Hang, None),
        Some(Fault::DropAfter) => (Ending::Close, None),
        Some(Fault::Slow(delay)) => (Ending::Reply(reply), Some(delay)),
        _ => (Ending::Reply(reply), None),
    }
}

/// An error that a test asked for: of the token endpoint by its number, of Graph by its code.
fn asked_for(state: &mut State, name: &str, code: &str) -> Reply {
    match name {
        "token" => Reply::of(Err(state.aadsts(code.trim_start_matches("AADSTS").parse().unwrap_or_default(), ""))),
        _ => Reply::of(Err(Refusal::graph(code, "The simulator was told to fail."))),
    }
}

fn carry_out(
    state: &mut State,
    operation: &Operation,
    incoming: &Incoming,
    asked: &Asked,
    complaints: &[String],
) -> Reply {
    if let Err(refusal) = admit(state, operation, incoming, asked) {
        return Reply::of(Err(refusal));
    }
    if !complaints.is_empty() {
        return Reply::of(Err(match operation.body {
            Body::Form => token::misunderstood(state, complaints),
            _ => Refusal::graph("BadRequest", &complaints.join("; ")),
        }));
    }
    if operation.body == Body::Message
        && state.rate_limits
        && let Some(after_s) = messages::wait(state, asked)
    {
        return Reply::rate_limited(after_s);
    }
    Reply::of((operation.run)(state, asked))
}

/// Whether there is a token that works, and its permissions are enough.
fn admit(state: &State, operation: &Operation, incoming: &Incoming, asked: &Asked) -> Result<(), Refusal> {
    if matches!(operation.auth, Auth::Own) {
        return Ok(());
    }
    let value = incoming.bearer().ok_or_else(|| Refusal::unauthorized("Access token is empty."))?;
    caller(state, value).map_err(Refusal::unauthorized)?;
    let caller = asked.caller()?;
    let is_app = caller.user.is_none();
    let has = |names: &[String], wanted: &str| names.iter().any(|name| name == wanted);
    match operation.auth {
        Auth::Own | Auth::Any => Ok(()),
        Auth::Me(_) if is_app => {
            Err(Refusal::graph("BadRequest", "/me request is only valid with delegated authentication flow."))
        }
        Auth::Writer(_) if is_app => Err(Refusal::graph(
            "Forbidden",
            "Message POST is allowed in application-only context only for import purposes.",
        )),
        Auth::Either(role) if is_app && has(&caller.roles, role) => Ok(()),
        Auth::Either(role) if is_app => Err(missing("role", "Roles", role, &caller.roles)),
        Auth::Me("User.Read") if !has(&caller.scopes, "User.Read") => {
            Err(Refusal::graph("Authorization_RequestDenied", "Insufficient privileges to complete the operation."))
        }
        Auth::Either(scope) | Auth::Me(scope) | Auth::Writer(scope) if !has(&caller.scopes, scope) => {
            Err(missing("scope", "Scopes", scope, &caller.scopes))
        }
        Auth::Either(_) | Auth::Me(_) | Auth::Writer(_) => Ok(()),
    }
}

/// As Teams says it; other parts of Graph name nothing.
fn missing(kind: &str, kinds: &str, needed: &str, has: &[String]) -> Refusal {
    let message = format!(
        "Missing {kind} permissions on the request. API requires one of '{needed}'. {kinds} on the request '{}'",
        has.join(", ")
    );
    Refusal::graph("Forbidden", &message)
}
