//! One door for the token endpoint and for Graph.
//!
//! A request passes, in this order: reading, the check against the published description, whatever fault was asked for,
//! the token, its permissions, and then its operation. What the check finds is remembered in any case; the answer is
//! the one that Graph gives first.

mod answer;
mod gate;
mod messages;
mod operations;
mod people;
mod request;
mod subscriptions;
mod teams;

use axum::body::to_bytes;
use axum::extract::{Extension, Request, State as Axum};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;

pub(crate) use answer::{Answer, Outcome, Refusal};
pub(crate) use messages::Draft;
pub(crate) use operations::{Body, OPERATIONS, Operation};
pub(crate) use request::Asked;
pub(crate) use subscriptions::place;
pub(crate) use teams::membership;

use self::gate::Ending;
use self::request::Incoming;
use super::{Shared, events};
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
    let mut read = gate::read(&shared, &incoming);
    // Graph asks whoever is to be notified whether that is so, before it answers.
    if let Some(url) = read.as_ref().ok().and_then(gate::Read::to_be_validated).map(str::to_owned) {
        let echoed = events::validate(&shared, &url).await;
        if let Ok(read) = &mut read {
            read.asked.is_validated = echoed;
        }
    }
    let (ending, delay) = gate::pass(&shared, &incoming, read);
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
