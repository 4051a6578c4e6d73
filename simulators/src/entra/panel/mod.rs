//! `/_control`: what a newcomer clicks instead of an organization's people. Server-rendered, forms only.

mod acts;
mod overview;
mod team;

use axum::Router;
use axum::response::Redirect;
use axum::routing::{get, post};

use super::Shared;

/// Where the forms go.
const ACT: &str = "/_control/act";

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/", get(async || Redirect::to("/_control")))
        .route("/_control", get(overview::show))
        .route("/_control/teams/{id}", get(team::show))
        .route(ACT, post(acts::act))
}
