//! Every route of every door, in one place, and the layers around them.
//!
//! | door  | who comes                 | layers, outermost first                                               |
//! |-------|---------------------------|-----------------------------------------------------------------------|
//! | REST  | programs with an API key  | compression, envelope, time, panic                                    |
//! | plain | health checks, the inbox  | envelope, time, panic                                                 |
//! | pages | browsers with a cookie    | compression, errors, origin (CSRF), form size, time, session, panic   |
//! | files | browsers                  | none                                                                  |
//!
//! Around all of them: request id, security headers, span. The doors are also answered as a list, so that a test
//! can walk every one of them.

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse as _;
use axum::routing::{MethodRouter, any, get, post};
use domain::provider::teams::package::PAGE;
use http::{Method, header};

use crate::api::error::{envelope, no_such_route};
use crate::middleware::{compression, csrf, limits, panic, request_id, security_headers, session, trace};
use crate::state::AppState;
use crate::{api, assets, export, health, inbound, inbox, jira, live, metrics, oauth, pages, scalar, slack, teams};

/// Pages that take their own form from browsers without scripts.
const POSTED_PAGES: [&str; 3] = ["/endpoints/{id}/filter", "/endpoints/{id}/security", "/endpoints/{id}/rules"];

/// What kind of door a route belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// REST: an API key.
    Api,
    /// Neither key nor cookie.
    Plain,
    /// A page or stream: a session.
    Page,
    /// A server function: a session.
    ServerFn,
}

/// One method of one route.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Door {
    /// What kind of door it belongs to.
    pub kind: Kind,
    /// The method; `*` for any.
    pub method: String,
    /// The route, with `{names}` for what varies.
    pub path: String,
}

/// Routes of one kind, with the list of them.
struct Routes {
    kind: Kind,
    router: Router<AppState>,
    doors: Vec<Door>,
}

impl Routes {
    fn new(kind: Kind, router: Router<AppState>) -> Self {
        Self { kind, router, doors: Vec::new() }
    }

    /// Lists a route that the router already has.
    fn list(mut self, method: impl ToString, path: impl ToString) -> Self {
        self.doors.push(Door { kind: self.kind, method: method.to_string(), path: path.to_string() });
        self
    }

    /// Adds a route and lists it.
    fn add(mut self, method: &str, path: &str, handler: MethodRouter<AppState>) -> Self {
        self.router = self.router.route(path, handler);
        self.list(method, path)
    }
}

/// The whole program as a service, and the list of its doors.
///
/// # Errors
/// The base URL is not an origin.
pub fn build(state: &AppState) -> anyhow::Result<(Router, Vec<Door>)> {
    metrics::start()?;
    if !state.hub.settings.role.serves() {
        return Ok(build_worker(state));
    }
    let (rest, plain, (pages, functions)) = (rest(), plain(), pages(state));
    let doors = [&rest.doors, &plain.doors, &pages.doors, &functions].into_iter().flatten().cloned().collect();

    let rest =
        rest.router.layer(panic::layer()).layer(limits::time()).layer(from_fn(envelope)).layer(compression::layer());
    let plain = plain.router.layer(panic::layer()).layer(limits::time()).layer(from_fn(envelope));
    let pages = pages
        .router
        .fallback(pages::fallback)
        .layer(panic::layer())
        .layer(from_fn_with_state(state.clone(), session::visit))
        .layer(limits::time())
        .layer(limits::form_size())
        .layer(csrf::layer(&state.hub.settings.base_url)?)
        .layer(from_fn(pages::errors))
        .layer(compression::layer());

    let whole = pages
        .merge(rest)
        .merge(plain)
        .merge(assets::router())
        .layer(from_fn(trace::request))
        .layer(from_fn_with_state(state.clone(), security_headers::add))
        .layer(from_fn_with_state(state.clone(), request_id::assign));
    Ok((whole.with_state(state.clone()), doors))
}

/// What a node serves that only delivers: health checks, figures and its own end of the inbox.
fn build_worker(state: &AppState) -> (Router, Vec<Door>) {
    let plain = plain().add("GET", "/metrics", get(metrics::show));
    let whole = plain
        .router
        .fallback(no_such_route)
        .layer(panic::layer())
        .layer(limits::time())
        .layer(from_fn(envelope))
        .layer(from_fn(trace::request))
        .layer(from_fn_with_state(state.clone(), security_headers::add))
        .layer(from_fn_with_state(state.clone(), request_id::assign));
    (whole.with_state(state.clone()), plain.doors)
}

/// The REST API and its document.
fn rest() -> Routes {
    let (router, document) = api::parts();
    let mut routes = Routes::new(Kind::Api, router);
    for (path, item) in &document.paths.paths {
        let operations = [
            (Method::GET, &item.get),
            (Method::POST, &item.post),
            (Method::PUT, &item.put),
            (Method::PATCH, &item.patch),
            (Method::DELETE, &item.delete),
        ];
        for (method, _) in operations.into_iter().filter(|(_, operation)| operation.is_some()) {
            routes = routes.list(method, path);
        }
    }
    routes.kind = Kind::Plain;
    routes
        .add("GET", "/metrics", get(metrics::show))
        .add("GET", "/api/v1/openapi.json", get(document_text))
        .add("*", "/api", any(no_such_route))
        .add("*", "/api/{*rest}", any(no_such_route))
}

async fn document_text() -> api::error::ApiResult<axum::response::Response> {
    let text = api::text().map_err(domain::Error::internal)?;
    Ok(([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")], text).into_response())
}

/// What is asked neither with a key nor with a cookie.
fn plain() -> Routes {
    Routes::new(Kind::Plain, Router::new())
        .add("GET", "/healthz", get(health::alive))
        .add("GET", "/readyz", get(health::ready))
        .add("*", "/inbox/{token}", any(inbox::record))
        .add("POST", "/in/mail/{provider}", post(inbound::take_mail))
        .add("POST", "/in/{provider}/{token}", post(inbound::take))
        .add("POST", "/slack/events", post(slack::events))
        .add("POST", "/slack/interactions", post(slack::interactions))
        .add("POST", "/slack/commands", post(slack::commands))
        .add("POST", "/jira/{connection}", post(jira::events))
}

/// The pages, the server functions and the stream.
fn pages(state: &AppState) -> (Routes, Vec<Door>) {
    let listed = pages::list();
    let paths: Vec<String> = listed.iter().map(|page| page.path().to_owned()).collect();
    let mut routes = Routes::new(Kind::Page, pages::router(state, listed));
    for path in paths {
        routes = routes.list(Method::GET, path);
    }
    for path in POSTED_PAGES {
        routes = routes.add("POST", path, post(pages::posted));
    }
    let routes = routes
        .add("GET", "/live", get(live::open))
        .add("GET", "/docs/api", get(scalar::page))
        .add("GET", "/settings/audit/export", get(export::audit_page))
        .add("GET", "/deliveries/export", get(export::log_page))
        .add("GET", "/integrations/teams/app", get(teams::app))
        .add("GET", PAGE, get(teams::alerts))
        .add("POST", "/teams/sign-in", post(teams::enter))
        .add("POST", "/teams/sign-out", post(teams::leave))
        .add("POST", "/oauth/{provider}/start", post(oauth::start))
        .add("GET", "/oauth/{provider}/callback", get(oauth::callback));
    let functions = leptos::server_fn::axum::server_fn_paths();
    let functions = functions
        .map(|(path, method)| Door { kind: Kind::ServerFn, method: method.to_string(), path: path.to_owned() })
        .collect();
    (routes, functions)
}
