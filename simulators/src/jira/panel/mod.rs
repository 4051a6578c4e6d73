//! `/_control`: what a newcomer clicks instead of a site's people. Server-rendered, forms only.

mod acts;
mod issue;
mod overview;
mod site;

use axum::Router;
use axum::extract::{Path, State as Axum};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use http::{HeaderMap, StatusCode, header};

use super::Shared;
use crate::panel;

/// Where the forms go.
const ACT: &str = "/_control/act";

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/", get(async || Redirect::to("/_control")))
        .route("/_control", get(overview::show))
        .route("/_control/sites/{id}", get(site::show))
        .route("/_control/sites/{id}/issues/{key}", get(issue::show))
        .route("/browse/{key}", get(browse))
        .route(ACT, post(acts::act))
        .route("/icons/{name}", get(panel::icon))
}

/// An issue at the address that people know: `http://acme.localhost:4020/browse/ED-1`.
async fn browse(Axum(shared): Axum<Shared>, Path(key): Path<String>, headers: HeaderMap) -> Response {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let site = shared.with(|state| {
        let found = state.sites.iter().find(|site| site.url.strip_prefix("http://") == Some(host));
        found.and_then(|site| Some((site.id.clone(), site.issue(&key)?.key.clone())))
    });
    match site {
        Some((id, key)) => Redirect::to(&format!("/_control/sites/{id}/issues/{key}")).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
