//! What every request passes on its way to its operation, and what is remembered of it.

use std::time::Duration;

use super::answer::{Refusal, Reply};
use super::operations::{Auth, Operation};
use super::rate::{TooMuch, Wish};
use super::request::{Asked, Caller, Incoming, Unread};
use crate::fault::Fault;
use crate::jira::Shared;
use crate::jira::check::{self, Complaint};
use crate::jira::state::{State, moment};
use crate::journal::{Authorised, Call};

/// How a request ends.
pub(super) enum Ending {
    Reply(Reply),
    Hang,
    Close,
}

/// A request that was read.
struct Read {
    operation: &'static Operation,
    asked: Asked,
    complaints: Vec<Complaint>,
}

/// Carries a request out, remembers it, and says how it ends and how late.
pub(super) fn pass(shared: &Shared, incoming: &Incoming) -> (Ending, Option<Duration>) {
    let host = format!("http://{}", incoming.host());
    let own = shared.with(|state| state.sites.iter().find(|site| site.url == host).map(|site| site.id.clone()));
    let read = incoming.read(own.as_deref()).map(|(operation, asked)| {
        let complaints = check::request(operation, &asked, shared.specs());
        Read { operation, asked, complaints }
    });
    shared.change(|state| {
        let caller = match own {
            Some(_) => incoming.basic().and_then(|(email, value)| person(state, &email, &value)),
            None => incoming.bearer().and_then(|value| caller(state, value)),
        };
        let name = match &read {
            Ok(read) => read.operation.name.to_owned(),
            Err(unread) => unread.name.clone(),
        };
        let site = read.as_ref().map(|read| read.asked.site.clone()).unwrap_or_default();
        let arguments = read.as_ref().map(|read| read.asked.without_secrets()).unwrap_or_default();
        let at_ms = state.now_ms();
        let authorised_as = caller.clone().map(|caller| Authorised { account: site, user: caller.user });
        let (ending, delay) = decide(state, &name, read, caller);
        let (status, error) = match &ending {
            Ending::Reply(reply) => (reply.status, reply.error.clone()),
            Ending::Hang | Ending::Close => (0, None),
        };
        let verb = incoming.verb.to_string();
        state.journal.calls.push(Call { at_ms, method: name, verb, status, error, authorised_as, arguments });
        (ending, delay)
    })
}

/// Whose token it is, if it works.
fn caller(state: &State, value: &str) -> Option<Caller> {
    let now_ms = state.now_ms();
    let token = state.tokens.iter().find(|token| token.value == value && now_ms < token.expires_at_ms)?;
    let grant = state.grant(token.grant).filter(|grant| grant.is_active)?;
    Some(Caller { user: grant.user.clone(), grant: grant.id })
}

/// Whose API token it is.
fn person(state: &State, email: &str, value: &str) -> Option<Caller> {
    let token = state.api_tokens.iter().find(|token| token.email == email && token.value == value)?;
    let grant = state.grant(token.grant)?;
    Some(Caller { user: grant.user.clone(), grant: grant.id })
}

fn decide(
    state: &mut State,
    name: &str,
    read: Result<Read, Unread>,
    caller: Option<Caller>,
) -> (Ending, Option<Duration>) {
    match &read {
        Ok(read) => read.complaints.iter().for_each(|one| state.journal.violation(name, one.what.as_str())),
        Err(unread) => state.journal.violation(name, unread.why.as_str()),
    }
    let fault = state.faults.take(name);
    let before = match &fault {
        Some(Fault::Error(code)) => Some(Ending::Reply(asked_for(name, code))),
        Some(Fault::RateLimited(seconds)) => Some(Ending::Reply(Reply::rate_limited(*seconds, "jira-burst-based"))),
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
            let asked = Asked { caller, empty_page: fault == Some(Fault::EmptyPage), ..read.asked };
            carry_out(state, read.operation, &asked, &read.complaints)
        }
        Err(unread) => Reply::of(Err(Refusal::gateway(unread.status, &unread.why))),
    };
    match fault {
        Some(Fault::HangAfter) => (Ending::Hang, None),
        Some(Fault::DropAfter) => (Ending::Close, None),
        Some(Fault::Slow(delay)) => (Ending::Reply(reply), Some(delay)),
        _ => (Ending::Reply(reply), None),
    }
}

/// An error that a test asked for: of the authorization server by its code, a limit by its reason, else a sentence.
fn asked_for(name: &str, code: &str) -> Reply {
    match name {
        "oauth/token" => Reply::of(Err(Refusal::oauth(403, code, code))),
        _ if code.starts_with("jira-") => Reply::rate_limited(30, code),
        _ => Reply::of(Err(Refusal::jira(400, code))),
    }
}

fn carry_out(state: &mut State, operation: &Operation, asked: &Asked, complaints: &[Complaint]) -> Reply {
    if let Auth::Scopes(scopes) = operation.auth {
        if let Err(refusal) = admit(state, operation, asked, scopes) {
            return Reply::of(Err(refusal));
        }
        if operation.is_of_site && state.rate_limits {
            match limit(state, operation, asked) {
                Err(too_much) => {
                    return Reply::rate_limited(too_much.after_s, too_much.reason).with(left(state, asked));
                }
                Ok(()) => return finish(state, operation, asked, complaints).with(left(state, asked)),
            }
        }
    }
    finish(state, operation, asked, complaints)
}

fn finish(state: &mut State, operation: &Operation, asked: &Asked, complaints: &[Complaint]) -> Reply {
    if complaints.is_empty() {
        return Reply::of((operation.run)(state, asked));
    }
    let what: Vec<String> = complaints.iter().map(|complaint| complaint.what.clone()).collect();
    if operation.name == "oauth/token" {
        let code = if what[0].starts_with("grant_type") { "unsupported_grant_type" } else { "invalid_request" };
        return Reply::of(Err(Refusal::oauth(400, code, &what.join("; "))));
    }
    let sentences: Vec<_> = complaints.iter().map(|one| (one.field.clone(), one.what.clone())).collect();
    Reply::of(Err(Refusal::fields(400, &sentences)))
}

/// Whether the token, the site and the scopes are right.
fn admit(state: &State, operation: &Operation, asked: &Asked, scopes: &[&str]) -> Result<(), Refusal> {
    let grant = state.grant(asked.caller()?.grant).ok_or_else(Refusal::unauthorized)?;
    if operation.is_of_site && !grant.sites.contains(&asked.site) {
        return Err(Refusal::gateway(404, "No message available"));
    }
    if scopes.iter().any(|scope| !grant.scopes.iter().any(|granted| granted == scope)) {
        return Err(Refusal::gateway(401, "Unauthorized; scope does not match"));
    }
    Ok(())
}

fn limit(state: &mut State, operation: &Operation, asked: &Asked) -> Result<(), TooMuch> {
    let only_reads = operation.verb == "GET" || operation.path.ends_with("/search/jql");
    // Key and id name the same issue.
    let issue = state.site(&asked.site).and_then(|site| site.issue(asked.part("issueIdOrKey")));
    let issue = issue.map(|issue| issue.id.clone());
    let wish = Wish { site: &asked.site, operation: operation.name, issue: issue.as_deref(), only_reads, points: 1 };
    let (points_per_hour, now_ms) = (state.points_per_hour, state.now_ms());
    state.windows.admit(&wish, points_per_hour, now_ms)
}

/// What is left, beside every answer.
fn left(state: &mut State, asked: &Asked) -> Vec<(&'static str, String)> {
    let (limit, now_ms) = (state.points_per_hour, state.now_ms());
    let left = state.windows.left(&asked.site, limit, now_ms);
    vec![
        ("x-ratelimit-limit", limit.to_string()),
        ("x-ratelimit-remaining", left.points.to_string()),
        ("x-ratelimit-reset", moment(left.reset_ms)),
        ("x-ratelimit-nearlimit", (left.points * 5 < limit).to_string()),
    ]
}
