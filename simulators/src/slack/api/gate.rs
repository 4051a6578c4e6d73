//! What every request passes on its way to its method, and what is remembered of it.

use std::time::Duration;

use serde_json::Value;

use super::Caller;
use super::answer::{Outcome, Refusal, Reply};
use super::arguments::{Arguments, Incoming};
use super::methods::{Auth, Method, Tier};
use crate::fault::Fault;
use crate::journal::{Authorised, Call};
use crate::slack::Shared;
use crate::slack::check::{self, Complaint};
use crate::slack::state::{State, Token, TokenStatus};

/// How a request ends.
pub(super) enum Ending {
    Reply(Reply),
    Hang,
    Close,
}

/// A request that was read.
struct Read {
    method: &'static Method,
    arguments: Arguments,
    complaints: Vec<Complaint>,
}

/// Carries a request out, remembers it, and says how it ends and how late.
pub(super) fn pass(shared: &Shared, name: &str, incoming: &Incoming) -> (Ending, Option<Duration>) {
    let read = read(shared, name, incoming);
    let (ending, delay) = shared.change(|state| {
        let bearer = incoming.bearer();
        let token = bearer.as_deref().or_else(|| read.as_ref().ok().and_then(|read| read.arguments.text("token")));
        let token = token.and_then(|value| state.tokens.iter().find(|token| token.value == value)).cloned();
        let has_token = bearer.is_some() || read.as_ref().is_ok_and(|read| read.arguments.text("token").is_some());
        let call = Call {
            at_ms: state.now_ms(),
            method: name.to_owned(),
            verb: incoming.verb.to_string(),
            status: 0,
            error: None,
            authorised_as: token
                .as_ref()
                .map(|token| Authorised { account: token.account.clone(), user: token.user.clone() }),
            arguments: read.as_ref().map_or(Value::Null, |read| read.arguments.without_secrets()),
        };
        let (ending, delay) = decide(state, name, read, token, has_token);
        let (status, error) = match &ending {
            Ending::Reply(reply) => (reply.status, reply.error.clone()),
            Ending::Hang | Ending::Close => (0, None),
        };
        state.journal.calls.push(Call { status, error, ..call });
        (ending, delay)
    });
    (ending, delay)
}

/// Reads and checks; an error is the code that Slack answers with.
fn read(shared: &Shared, name: &str, incoming: &Incoming) -> Result<Read, &'static str> {
    let method = Method::find(name).ok_or("unknown_method")?;
    let mut arguments = incoming.arguments(method)?;
    let mut complaints: Vec<_> = arguments.complaints.drain(..).map(Complaint::arguments).collect();
    complaints.extend(check::request(method, &arguments, shared.specs()));
    Ok(Read { method, arguments, complaints })
}

fn decide(
    state: &mut State,
    name: &str,
    read: Result<Read, &'static str>,
    token: Option<Token>,
    has_token: bool,
) -> (Ending, Option<Duration>) {
    match &read {
        Ok(read) => read.complaints.iter().for_each(|complaint| state.journal.violation(name, complaint.what.as_str())),
        Err(code) => state.journal.violation(name, format!("Slack answers {code}")),
    }
    let fault = state.faults.take(name);
    let before = match &fault {
        Some(Fault::Error(code)) => Some(Ending::Reply(Reply::of(Err(code.as_str().into()), &[]))),
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
    let caller = Caller { token, empty_page: fault == Some(Fault::EmptyPage) };
    let reply = match read {
        Ok(read) => carry_out(state, &read, &caller, has_token),
        Err(code) => Reply::of(Err(code.into()), &[]),
    };
    match fault {
        Some(Fault::HangAfter) => (Ending::Hang, None),
        Some(Fault::DropAfter) => (Ending::Close, None),
        Some(Fault::Slow(delay)) => (Ending::Reply(reply), Some(delay)),
        _ => (Ending::Reply(reply), None),
    }
}

fn carry_out(state: &mut State, read: &Read, caller: &Caller, has_token: bool) -> Reply {
    let answer = |outcome: Outcome| Reply::of(outcome, &read.arguments.warnings);
    if matches!(read.method.auth, Auth::Token(_))
        && let Err(code) = works(caller.token.as_ref(), has_token, state.now_ms())
    {
        return answer(Err(code.into()));
    }
    if state.rate_limits
        && let Err(seconds) = admit(state, read, caller)
    {
        return Reply::rate_limited(seconds);
    }
    if let (Auth::Token(scopes), Some(token)) = (read.method.auth, &caller.token)
        && !scopes.is_empty()
        && !scopes.iter().any(|scope| token.scopes.iter().any(|granted| granted == scope))
    {
        return answer(Err(Refusal::missing_scope(&scopes.join(","), &token.scopes)));
    }
    if let Some(first) = read.complaints.first() {
        let messages: Vec<String> = read.complaints.iter().map(|complaint| complaint.what.clone()).collect();
        return answer(Err(Refusal::with_messages(first.code, &messages)));
    }
    let scopes = caller.token.as_ref().map(|token| token.scopes.as_slice());
    answer((read.method.run)(state, caller, &read.arguments)).with_scopes(scopes)
}

/// Whether a token works, else Slack's code for why not.
fn works(token: Option<&Token>, has_token: bool, now_ms: i64) -> Result<(), &'static str> {
    match token {
        None if has_token => Err("invalid_auth"),
        None => Err("not_authed"),
        Some(token) => match token.status {
            TokenStatus::Revoked => Err("token_revoked"),
            TokenStatus::Uninstalled => Err("account_inactive"),
            TokenStatus::Live if token.expires_at_ms.is_some_and(|at| now_ms >= at) => Err("token_expired"),
            TokenStatus::Live => Ok(()),
        },
    }
}

fn admit(state: &mut State, read: &Read, caller: &Caller) -> Result<(), u64> {
    let account = caller.token.as_ref().map_or("", |token| token.account.as_str());
    let whose = match read.method.tier {
        Tier::Posting => read.arguments.text("channel").unwrap_or_default(),
        _ => account,
    };
    let now_ms = state.now_ms();
    state.windows.admit(read.method.name, read.method.tier, whose, now_ms)
}
