//! The Web API: one door for all methods.
//!
//! A request passes, in this order: reading, the check against the published schema, whatever fault was asked for, the
//! token, the rate limit, the scopes, and then its method. What the check finds is remembered in any case; the answer is
//! the one that Slack gives first.

mod answer;
mod arguments;
mod auth;
mod chat;
mod conversations;
mod gate;
mod methods;
mod people;
mod rate;

use axum::body::to_bytes;
use axum::extract::{Extension, Path, Request, State as Axum};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;

pub(crate) use answer::{Outcome, Refusal, fields};
pub(crate) use arguments::Arguments;
pub(crate) use chat::show;
pub(crate) use methods::{Kind, METHODS, Method};
pub(crate) use rate::Windows;

use self::arguments::Incoming;
use self::gate::Ending;
use super::Shared;
use super::state::Token;
use crate::host::Connection;

/// More than any method takes.
const LARGEST_BODY: usize = 4 * 1024 * 1024;

/// Who calls.
#[derive(Debug, Default)]
pub(crate) struct Caller {
    token: Option<Token>,
    /// A list is to answer with an empty page.
    empty_page: bool,
}

impl Caller {
    /// The token, which methods that need one have.
    fn token(&self) -> Result<&Token, Refusal> {
        self.token.as_ref().ok_or_else(|| "not_authed".into())
    }
}

/// `/api/{method}`.
pub(super) async fn call(
    Axum(shared): Axum<Shared>,
    Path(name): Path<String>,
    Extension(connection): Extension<Connection>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let incoming = Incoming { verb: parts.method, query, headers: parts.headers, body };
    tokio::time::sleep(shared.with(|state| state.latency)).await;
    let (ending, delay) = gate::pass(&shared, &name, &incoming);
    if let Some(delay) = delay {
        tokio::time::sleep(delay).await;
    }
    match ending {
        Ending::Reply(reply) => reply.into_response(),
        Ending::Hang => std::future::pending().await,
        Ending::Close => {
            connection.close();
            std::future::pending().await
        }
    }
}
