//! A Teams whose channels take messages by workflows: Power Automate's "Post to a channel when a webhook request is received".
//!
//! [`Teams::start`] serves it on 127.0.0.1. Each workflow has an address with a signature in its query, as the real ones have, and
//! posts what comes into one channel. Under `/_control` is a panel for people that shows the channels. As in the real thing an
//! answer of 202 says that the request was taken, not that a card was posted: one that Teams would not render is dropped, and here
//! remembered as a violation.

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, Request, State as Axum};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::{any, get};
use axum::{Extension, body};
use http::request::Parts;
use http::{StatusCode, header};
use serde_json::Value;

use crate::card;
use crate::clock::Clock;
use crate::fault::{Fault, Faults};
use crate::host::{self, Connection, Host};
use crate::html;
use crate::journal::{self, Call, Journal, Violation};
use crate::specs::Specs;
use crate::watched::Watched;

mod panel;

/// What the pages call it.
const PROVIDER: &str = "Microsoft Teams";
/// A message has at most so many bytes.
const LARGEST_MESSAGE: usize = 28 * 1024;
/// Requests that are read at all.
const LARGEST_BODY: usize = 1024 * 1024;
/// Requests in one second that one workflow takes.
const PER_SECOND: usize = 4;

/// How it starts.
#[derive(Debug, Clone)]
pub struct TeamsOptions {
    /// The port of 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// Where the time comes from.
    pub clock: Clock,
    /// The published schemas.
    pub specs: Specs,
    /// The channels that have a workflow.
    pub channels: Vec<String>,
    /// Whether a workflow takes only four requests in a second.
    pub rate_limits: bool,
}

impl Default for TeamsOptions {
    /// One channel, the machine's clock, no limits.
    fn default() -> Self {
        Self {
            port: 0,
            clock: Clock::System,
            specs: Specs::from_environment(),
            channels: vec!["Alerts".to_owned()],
            rate_limits: false,
        }
    }
}

/// A message in a channel.
#[derive(Debug, Clone, PartialEq)]
pub struct TeamsMessage {
    /// When it came, in Unix milliseconds.
    pub at_ms: i64,
    /// The channel.
    pub channel: String,
    /// The Adaptive Card.
    pub card: Value,
}

impl TeamsMessage {
    /// All texts of the card, one to a line: what a person would read.
    #[must_use]
    pub fn text(&self) -> String {
        card::text(&self.card)
    }
}

/// A running Teams. It ends when it is dropped.
pub struct Teams {
    shared: Shared,
    base_url: String,
    _host: Host,
}

#[derive(Clone)]
struct Shared(Arc<Inner>);

struct Inner {
    state: Watched<State>,
    specs: Specs,
    clock: Clock,
    rate_limits: bool,
}

#[derive(Default)]
struct State {
    workflows: Vec<Workflow>,
    messages: Vec<TeamsMessage>,
    journal: Journal,
    faults: Faults,
    loses: bool,
}

/// What posts into one channel.
struct Workflow {
    id: String,
    channel: String,
    signature: String,
    on: bool,
    /// When the last requests came.
    came: Vec<i64>,
}

impl Workflow {
    fn url(&self, base: &str) -> String {
        format!(
            "{base}/workflows/{}/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={}",
            self.id, self.signature
        )
    }
}

impl Shared {
    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        self.0.state.with(look)
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        self.0.state.change(change)
    }
}

impl Teams {
    /// Serves it on a port of 127.0.0.1.
    ///
    /// # Errors
    /// The port is taken.
    pub async fn start(options: TeamsOptions) -> io::Result<Self> {
        let (listener, address) = host::bind(options.port).await?;
        let shared = Shared(Arc::new(Inner {
            state: Watched::new(State::default()),
            specs: options.specs,
            clock: options.clock,
            rate_limits: options.rate_limits,
        }));
        let router = Router::new()
            .route("/", get(async || Redirect::to("/_control")))
            .route("/_control", get(panel::show))
            .route("/workflows/{id}/triggers/manual/paths/invoke", any(invoke))
            .with_state(shared.clone());
        let teams = Self { shared, base_url: format!("http://{address}"), _host: host::serve(listener, router) };
        for channel in &options.channels {
            teams.add_workflow(channel);
        }
        Ok(teams)
    }

    /// Where it is: `http://127.0.0.1:4011`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Makes a workflow that posts into a channel; answers its address.
    pub fn add_workflow(&self, channel: &str) -> String {
        self.shared.change(|state| {
            let number = state.workflows.len() + 1;
            let workflow = Workflow {
                id: format!("{:032x}", number * 0x9e37_79b9),
                channel: channel.to_owned(),
                signature: format!("s1mulated-signature-{number}-0123456789abcdef"),
                on: true,
                came: Vec::new(),
            };
            let url = workflow.url(&self.base_url);
            state.workflows.push(workflow);
            url
        })
    }

    /// The address of a channel's workflow.
    ///
    /// # Panics
    /// The channel has none.
    #[must_use]
    pub fn workflow(&self, channel: &str) -> String {
        self.shared.with(|state| {
            let found = state.workflows.iter().find(|workflow| workflow.channel == channel);
            found.expect("a channel with a workflow").url(&self.base_url)
        })
    }

    /// Switches a channel's workflows off, as their owner would.
    pub fn switch_off(&self, channel: &str) {
        self.shared.change(|state| {
            state.workflows.iter_mut().filter(|workflow| workflow.channel == channel).for_each(|one| one.on = false);
        });
    }

    /// From now on what comes is taken and lost, as where somebody has deleted the channel behind a workflow.
    pub fn lose(&self, loses: bool) {
        self.shared.change(|state| state.loses = loses);
    }

    /// The next request to a channel's workflow ends so.
    pub fn fail_next(&self, channel: &str, fault: Fault) {
        self.shared.change(|state| state.faults.next(channel, fault));
    }

    /// Every request to a channel's workflow ends so.
    pub fn fail_always(&self, channel: &str, fault: Fault) {
        self.shared.change(|state| state.faults.always(channel, fault));
    }

    /// All is well again.
    pub fn recover(&self) {
        self.shared.change(|state| state.faults.clear());
    }

    /// What was posted, oldest first.
    #[must_use]
    pub fn messages(&self) -> Vec<TeamsMessage> {
        self.shared.with(|state| state.messages.clone())
    }

    /// Waits until so many messages have been posted, and gives them all.
    pub async fn wait_for_messages(&self, count: usize) -> Vec<TeamsMessage> {
        let look = |state: &State| (state.messages.len() >= count).then(|| state.messages.clone());
        self.shared.0.state.wait(look).await
    }

    /// Every request, oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.shared.with(|state| state.journal.calls.clone())
    }

    /// What Teams would not have understood.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        self.shared.with(|state| state.journal.violations.clone())
    }

    /// Why nothing is checked against published schemas, if so.
    #[must_use]
    pub fn validation_skipped(&self) -> Option<String> {
        self.shared.0.specs.skipped()
    }

    /// Fails with everything that Teams would not have understood.
    ///
    /// # Panics
    /// There was such a request.
    pub fn assert_understood(&self) {
        journal::assert_understood("Teams", self.validation_skipped(), &self.violations());
    }
}

/// What is in the query of a workflow's address.
#[derive(serde::Deserialize)]
struct Signed {
    #[serde(default)]
    sig: String,
}

async fn invoke(
    Axum(shared): Axum<Shared>,
    Path(id): Path<String>,
    Query(signed): Query<Signed>,
    Extension(connection): Extension<Connection>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = body::to_bytes(body, LARGEST_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let found = shared.with(|state| {
        let workflow = state.workflows.iter().find(|workflow| workflow.id == id)?;
        let channel = workflow.channel.clone();
        Some((state.faults.take(&channel), channel))
    });
    let Some((fault, channel)) = found else { return refuse(404, "WorkflowNotFound", None) };
    let answer = match &fault {
        Some(Fault::Hang) => return std::future::pending().await,
        Some(Fault::Drop) => return drop_connection(&connection).await,
        Some(Fault::Status(status)) => refuse(*status, "Simulated", None),
        Some(Fault::RateLimited(seconds)) => refuse(429, "TooManyRequests", Some(*seconds)),
        _ => run(&shared, &id, &signed, &parts, &bytes),
    };
    let call = Call {
        at_ms: shared.0.clock.now_ms(),
        method: channel,
        verb: parts.method.to_string(),
        status: answer.status().as_u16(),
        error: None,
        authorised_as: None,
        arguments: serde_json::from_slice(&bytes).unwrap_or_default(),
    };
    shared.change(|state| state.journal.calls.push(call));
    match fault {
        Some(Fault::HangAfter) => std::future::pending().await,
        Some(Fault::DropAfter) => drop_connection(&connection).await,
        Some(Fault::Slow(delay)) => {
            tokio::time::sleep(delay).await;
            answer
        }
        _ => answer,
    }
}

async fn drop_connection(connection: &Connection) -> Response {
    connection.close();
    std::future::pending().await
}

/// Takes a request, or says why the workflow does not.
fn run(shared: &Shared, id: &str, signed: &Signed, parts: &Parts, bytes: &[u8]) -> Response {
    let found = shared.with(|state| {
        let workflow = state.workflows.iter().find(|workflow| workflow.id == id)?;
        Some((workflow.channel.clone(), workflow.signature == signed.sig, workflow.on))
    });
    let Some((channel, is_signed, is_on)) = found else { return refuse(404, "WorkflowNotFound", None) };
    let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if parts.method != http::Method::POST {
        return refuse(405, "MethodNotAllowed", None);
    }
    if !is_signed {
        return refuse(401, "DirectApiAuthorizationRequired", None);
    }
    if !is_on {
        return refuse(400, "WorkflowTriggerIsNotEnabled", None);
    }
    if is_too_fast(shared, id) {
        return refuse(429, "WorkflowRunThrottled", Some(1));
    }
    if bytes.len() > LARGEST_MESSAGE {
        shared.with(|state| state.journal.violation(&channel, format!("{} bytes are too many", bytes.len())));
        return refuse(413, "RequestEntityTooLarge", None);
    }
    if !content_type.is_some_and(|value| value.starts_with("application/json")) {
        return refuse(415, "UnsupportedMediaType", None);
    }
    let Ok(body) = serde_json::from_slice(bytes) else { return refuse(400, "InvalidRequestContent", None) };
    take(shared, &channel, &body);
    StatusCode::ACCEPTED.into_response()
}

fn refuse(status: u16, code: &str, wait: Option<u64>) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::json!({ "error": { "code": code, "message": "The simulated workflow refused." } });
    let mut response = (status, axum::Json(body)).into_response();
    if let Some(seconds) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// Whether this is one request too many within a second.
fn is_too_fast(shared: &Shared, id: &str) -> bool {
    let now = shared.0.clock.now_ms();
    shared.with(|state| {
        let Some(workflow) = state.workflows.iter_mut().find(|workflow| workflow.id == id) else { return false };
        workflow.came.retain(|at| now - at < 1000);
        workflow.came.push(now);
        shared.0.rate_limits && workflow.came.len() > PER_SECOND
    })
}

/// Posts what came, if Teams can render it.
fn take(shared: &Shared, channel: &str, body: &Value) {
    let cards = match cards(shared, body) {
        Ok(cards) => cards,
        Err(what) => return shared.with(|state| state.journal.violation(channel, what)),
    };
    let at_ms = shared.0.clock.now_ms();
    shared.change(|state| {
        if !state.loses {
            let message = |card| TeamsMessage { at_ms, channel: channel.to_owned(), card };
            state.messages.extend(cards.into_iter().map(message));
        }
    });
}

/// The cards of a message, or what is wrong with it.
fn cards(shared: &Shared, body: &Value) -> Result<Vec<Value>, String> {
    if body["type"] != "message" {
        return Err("type: must be \"message\"".to_owned());
    }
    let attachments = body["attachments"].as_array().filter(|list| !list.is_empty());
    let attachments = attachments.ok_or("attachments: must hold a card")?;
    attachments
        .iter()
        .map(|attachment| {
            if attachment["contentType"] != card::CONTENT_TYPE {
                return Err(format!("contentType: {} is no Adaptive Card", attachment["contentType"]));
            }
            let content = &attachment["content"];
            card::check(content, &shared.0.specs).map(|()| content.clone())
        })
        .collect()
}
