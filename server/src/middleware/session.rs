//! Who is looking: resolves the session cookie, builds the [`Visit`] that pages and server functions read, and
//! sends those who cannot see a page to where they can: set-up while nobody has an account, else sign-in.

use std::sync::Arc;

use app::session::{Assets, SESSION_COOKIE, THEME_COOKIE, Visit};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::account::actions::{Client, resolve_session};
use domain::hub::Random;
use domain::{Caller, Result};
use http::request::Parts;
use http::{HeaderMap, Method, Uri, header};

use super::client_ip;
use super::request_id::RequestId;
use super::security_headers::page_policy;
use crate::api::error::ApiError;
use crate::state::AppState;

/// Pages that are there for those who are not signed in.
const OPEN_PAGES: [&str; 6] = ["/setup", "/sign-in", "/docs/api", "/teams/alerts", "/teams/sign-in", "/teams/sign-out"];
/// Pages behind a link with a token, likewise.
const OPEN_FOLDER: &str = "/invitations/";

/// Whether a page is there for those who are not signed in. Who comes back from a provider may be nobody here.
fn is_open(path: &str) -> bool {
    let is_callback = path.starts_with("/oauth/") && path.ends_with("/callback");
    OPEN_PAGES.contains(&path) || path.starts_with(OPEN_FOLDER) || is_callback
}

/// The secret of the session, as the cookie has it.
#[derive(Clone)]
pub struct SessionSecret(pub Arc<str>);

/// Lets the request through as a visit, or sends it elsewhere.
pub async fn visit(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let is_page = matches!(parts.method, Method::GET | Method::HEAD | Method::POST)
        && !parts.uri.path().starts_with("/fn/")
        && parts.uri.path() != "/live";
    let visit = match build(&state, &mut parts).await {
        Ok(visit) => visit,
        Err(error) => return ApiError(error).into_response(),
    };
    if is_page && let Some(elsewhere) = elsewhere(&state, &parts.uri, visit.caller.as_ref()).await {
        return elsewhere;
    }
    let nonce = visit.nonce.clone();
    parts.extensions.insert(visit);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if !response.headers().contains_key(header::CONTENT_SECURITY_POLICY) {
        page_policy(response.headers_mut(), &nonce, &state.providers());
    }
    response
}

async fn build(state: &AppState, parts: &mut Parts) -> Result<Visit> {
    let client = client(state, parts);
    let secret = cookie(&parts.headers, SESSION_COOKIE).filter(|secret| !secret.is_empty()).map(str::to_owned);
    let caller = match &secret {
        Some(secret) => resolve_session(&state.hub, secret, &client).await?,
        None => None,
    };
    if let Some(secret) = secret {
        parts.extensions.insert(SessionSecret(secret.into()));
    }
    let theme =
        cookie(&parts.headers, THEME_COOKIE).filter(|theme| matches!(*theme, "light" | "dark")).unwrap_or_default();
    let names = crate::assets::names(app::parts::part_of(parts.uri.path()));
    Ok(Visit {
        hub: state.hub.clone(),
        caller,
        client,
        request_id: RequestId::of(&parts.extensions).to_string(),
        secure_cookies: state.is_secure(),
        nonce: Random::System.token(),
        theme: theme.to_owned(),
        assets: Assets { js: names.js.to_owned(), wasm: names.wasm.to_owned(), css: names.css.to_owned() },
    })
}

/// What the request says of the browser that sent it.
fn client(state: &AppState, parts: &Parts) -> Client {
    let user_agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    Client {
        ip: client_ip::of(parts, state).map(|ip| ip.to_string()),
        user_agent: user_agent.map(|name| name.chars().take(300).collect()),
    }
}

/// Where the request must go instead, if it may not see the page it asks for.
async fn elsewhere(state: &AppState, uri: &Uri, caller: Option<&Caller>) -> Option<Response> {
    let path = match uri.path().trim_end_matches('/') {
        "" => "/",
        path => path,
    };
    let needs_setup = match state.needs_setup().await {
        Ok(needed) => needed,
        Err(error) => return Some(ApiError(error).into_response()),
    };
    match (needs_setup, path) {
        (true, "/setup") => None,
        (true, _) => Some(Redirect::to("/setup").into_response()),
        (false, "/setup") => Some(Redirect::to("/").into_response()),
        (false, _) if caller.is_some() || is_open(path) => None,
        (false, "/") => Some(Redirect::to("/sign-in").into_response()),
        (false, _) => {
            let wanted = uri.path_and_query().map_or(path, |wanted| wanted.as_str());
            Some(Redirect::to(&format!("/sign-in?next={}", query_value(wanted))).into_response())
        }
    }
}

/// Encodes a text as the value of a query.
fn query_value(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
        encoded
    })
}

/// The value of a cookie.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    lines
        .flat_map(|line| line.split(';'))
        .find_map(|pair| pair.trim().split_once('=').filter(|(key, _)| *key == name))
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_that_was_asked_for_survives_the_detour() {
        assert_eq!(query_value("/deliveries?status=failed&q=a b"), "/deliveries%3Fstatus%3Dfailed%26q%3Da%20b");
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "a=1; theme=dark".parse().unwrap());
        headers.append(header::COOKIE, "theme_x=2;b=3=4".parse().unwrap());
        assert_eq!(
            (cookie(&headers, "theme"), cookie(&headers, "b"), cookie(&headers, "c")),
            (Some("dark"), Some("3=4"), None)
        );
    }
}
