//! The pages and their server functions: leptos, with the context that both halves share.

use app::error::UiError;
use app::session::{Posted, Visit};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse as _, Response};
use axum::{Json, Router};
use http::{HeaderValue, StatusCode, header, request};
use leptos::nonce::Nonce;
use leptos::prelude::{IntoView, provide_context, use_context};
use leptos_axum::{
    AxumRouteListing, LeptosRoutes as _, generate_route_list, render_app_async_with_context,
    render_app_to_stream_in_order_with_context,
};

use crate::api::error::{bare, problem_of};
use crate::middleware::request_id::RequestId;
use crate::state::AppState;

/// Every page and every server function.
pub fn router(state: &AppState, pages: Vec<AxumRouteListing>) -> Router<AppState> {
    Router::new().leptos_routes_with_context(state, pages, context, document)
}

/// The pages, from the app's own route table.
pub fn list() -> Vec<AxumRouteListing> {
    generate_route_list(|| leptos::prelude::view! { <app::App draw=app::parts::all/> })
}

/// The page that says that there is no such page; and pages asked for with a slash too many.
pub async fn fallback(State(state): State<AppState>, request: Request<Body>) -> Response {
    let given = move || {
        provide_context(state.clone());
        context();
    };
    let render = render_app_to_stream_in_order_with_context(given, document);
    let mut response = render(request).await.into_response();
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}

/// A form that was sent to a page itself, as browsers without scripts do where what is typed is too long to be kept
/// in a cookie: the page answers with what was typed still in it, or sends the browser on.
pub async fn posted(State(state): State<AppState>, request: Request<Body>) -> Response {
    let (mut parts, body) = request.into_parts();
    // The layer around has limited its size.
    let Ok(fields) = axum::body::to_bytes(body, usize::MAX).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    parts.extensions.insert(Posted(String::from_utf8_lossy(&fields).into_owned()));
    let given = move || {
        provide_context(state.clone());
        context();
    };
    render_app_async_with_context(given, document)(Request::from_parts(parts, Body::empty())).await
}

/// The whole document, for the visit that the middleware put into the request.
fn document() -> impl IntoView {
    app::session::visit().ok().map(app::shell)
}

/// What pages and server functions find beside the request: the nonce of this answer's policy.
fn context() {
    if let Some(visit) = use_context::<request::Parts>().and_then(|parts| parts.extensions.get::<Visit>().cloned()) {
        provide_context(Nonce::from_value(visit.nonce));
    }
}

/// Writes the body of what the layers around pages refuse: for a server function the error that the browser's half
/// reads, for a page a few words. What pages and server functions answer themselves passes.
pub async fn errors(request: Request, next: Next) -> Response {
    let id = RequestId::of(request.extensions());
    let asked = (request.method().clone(), request.uri().clone());
    let wants_page = request
        .headers()
        .get(header::ACCEPT)
        .is_some_and(|accept| accept.to_str().is_ok_and(|text| text.contains("text/html")));
    let response = next.run(request).await;
    if !(response.status().is_client_error() || response.status().is_server_error()) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let problem = match problem_of(&parts, &id) {
        Some(problem) => problem,
        None if matches!(parts.status, StatusCode::REQUEST_TIMEOUT | StatusCode::PAYLOAD_TOO_LARGE) => {
            bare(parts.status, &asked)
        }
        None => return Response::from_parts(parts, body),
    };
    parts.headers.remove(header::CONTENT_TYPE);
    parts.headers.remove(header::CONTENT_LENGTH);
    if wants_page {
        return (parts.status, parts.headers, Html(plain_page(&problem.message, &id))).into_response();
    }
    parts.headers.insert("serverfnerror", HeaderValue::from_static("true"));
    let error = UiError { status: parts.status.as_u16(), problem, request_id: id.to_string() };
    (parts.status, parts.headers, Json(error)).into_response()
}

/// A page without styles or scripts, for when there is nothing to build a real one from.
fn plain_page(message: &str, id: &RequestId) -> String {
    let message = message.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        "<!doctype html><html lang=\"en\"><title>Patchbay</title><h1>Patchbay</h1><p>{message}</p><p>Request {id}</p></html>"
    )
}
