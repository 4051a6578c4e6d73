//! `/_control`: what a newcomer clicks instead of an administrator's Slack. Server-rendered, forms only.

mod acts;
mod channel;
mod markup;
mod message;
mod overview;
mod team;

use axum::Router;
use axum::response::Redirect;
use axum::routing::{get, post};

use super::Shared;
use crate::panel;

/// Where the forms go.
const ACT: &str = "/_control/act";

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/", get(async || Redirect::to("/_control")))
        .route("/_control", get(overview::show))
        .route("/_control/teams/{id}", get(team::show))
        .route("/_control/channels/{id}", get(channel::show))
        .route(ACT, post(acts::act))
        .route("/icons/{name}", get(panel::icon))
}
