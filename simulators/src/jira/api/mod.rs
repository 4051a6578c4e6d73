//! One door for the authorization server, its gateway, and the REST API of every site.
//!
//! A request passes, in this order: reading, the check against the published schema, whatever fault was asked for, the
//! token, the site, the rate limits, the scopes, and then its operation. What the check finds is remembered in any case;
//! the answer is the one that Jira gives first.

mod answer;
mod comments;
mod gate;
mod issues;
mod links;
mod meta;
mod operations;
mod projects;
mod rate;
mod request;
mod search;
mod show;
mod transitions;
mod webhooks;
mod write;

use axum::body::to_bytes;
use axum::extract::{Extension, Request, State as Axum};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;

pub(crate) use answer::{Answer, Outcome, Refusal};
pub(crate) use operations::{Body, Kind, OPERATIONS, Operation};
pub(crate) use rate::Windows;
pub(crate) use request::Asked;
pub(crate) use show::{all_fields, comment};

use self::gate::Ending;
use self::request::Incoming;
use super::Shared;
use crate::host::Connection;

/// More than any operation takes.
const LARGEST_BODY: usize = 4 * 1024 * 1024;

/// Everything but pages.
pub(super) async fn call(
    Axum(shared): Axum<Shared>,
    Extension(connection): Extension<Connection>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    let path = parts.uri.path().to_owned();
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let incoming = Incoming { verb: parts.method, path, query, headers: parts.headers, body };
    tokio::time::sleep(shared.with(|state| state.latency)).await;
    let (ending, delay) = gate::pass(&shared, &incoming);
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
