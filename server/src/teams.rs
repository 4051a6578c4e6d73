//! What of the hub stands within Microsoft Teams: the app as a download, the page that its tab shows, and the page on which an
//! administrator ends who followed a link.
//!
//! Teams shows the tab in a frame of its own page. There a browser sends none of our usual cookies, and none that is not set in that
//! very frame. So the tab has a session of its own: people sign in within it, the cookie is bound to the page around (`Partitioned`)
//! and to these addresses (`Path`), and opens nothing but this list. No other page of the hub may be framed, and this one by Teams alone.

use app::session::Visit;
use axum::extract::State;
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::{Extension, Form};
use domain::account::SESSION_MAX_MS;
use domain::account::actions::{me, resolve_session, sign_in, sign_out};
use domain::alert::{self, Alert};
use domain::connection;
use domain::provider::teams::package::{FRAMES, PAGE};
use domain::{Caller, Error, PageQuery, Result};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use leptos::prelude::*;
use serde::Deserialize;

use crate::api::error::ApiResult;
use crate::middleware::security_headers::{Framed, policy};
use crate::middleware::session::cookie;
use crate::state::AppState;

/// What tells Teams that the page is there, before its hash is added.
const SCRIPT: &str = "/vendor/teams.js";
/// The cookie of the tab's own session.
const COOKIE: &str = "patchbay_teams";
/// Alerts that are listed.
const SHOWN: u32 = 50;

/// The app for Teams, as a file. Needs `connections:write`.
pub async fn app(State(state): State<AppState>, Extension(visit): Extension<Visit>) -> ApiResult<Response> {
    let caller = visit.caller.ok_or_else(Error::unauthenticated)?;
    let package = connection::teams::app_package(&state.hub, &caller)?;
    let headers = [
        (header::CONTENT_TYPE, "application/zip"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"patchbay-teams.zip\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, package).into_response())
}

/// The tab: the open alerts of whoever is signed in there, or the form to sign in.
pub async fn alerts(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let Some(caller) = within(&state, &visit, &headers).await? else {
        return Ok(framed(&visit, StatusCode::OK, form("", None)));
    };
    let asked = PageQuery { limit: Some(SHOWN), cursor: None };
    let list = match alert::actions::list(&state.hub, &caller, true, &asked).await {
        Ok(page) => list(&state.hub.settings.base_url, &page.data),
        Err(Error::Forbidden(_)) => {
            view! { <p class="notice info">"Your role does not include alerts."</p> }.into_any()
        }
        Err(error) => return Err(error.into()),
    };
    let org = me(&state.hub, &caller).await?.org.map(|org| org.name).unwrap_or_default();
    let body = view! {
        <div class="row wrap spread">
            <h1>"Alerts of "{org}</h1>
            <div class="row wrap">
                <a class="btn small" href=PAGE>"Refresh"</a>
                <a class="btn small" href=state.hub.settings.base_url.clone() target="_blank" rel="noopener">"Open Patchbay"</a>
                <form method="post" action="/teams/sign-out"><button class="btn small quiet">"Sign out"</button></form>
            </div>
        </div>
        {list}
    };
    Ok(framed(&visit, StatusCode::OK, body.into_any()))
}

/// Who wants to sign in.
#[derive(Deserialize)]
pub struct Credentials {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
}

/// Signs in within the tab.
pub async fn enter(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    Form(given): Form<Credentials>,
) -> Response {
    match sign_in(&state.hub, &visit.client, &given.email, &given.password).await {
        Ok(token) => (cookie_of(&token.0, SESSION_MAX_MS / 1000), Redirect::to(PAGE)).into_response(),
        Err(error) => {
            app::session::log_internal(&error);
            let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            framed(&visit, status, form(&given.email, Some(error.problem().message)))
        }
    }
}

/// Signs out of the tab.
pub async fn leave(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    if let Some(caller) = within(&state, &visit, &headers).await? {
        sign_out(&state.hub, &caller).await?;
    }
    Ok((cookie_of("", 0), Redirect::to(PAGE)).into_response())
}

/// Where an administrator ends whom somebody sent a link: they need no account here.
pub fn allowed(visit: &Visit, is_allowed: bool) -> Response {
    let (title, text) = if is_allowed {
        ("Patchbay is allowed", "Whoever sent you the link can connect Microsoft Teams now. You can close this page.")
    } else {
        (
            "Nothing was allowed",
            "You chose Cancel at Microsoft, or it refused. Nothing was changed. You can close this page.",
        )
    };
    let body =
        view! { <div class="door"><div class="stack gap-1"><h1>{title}</h1><p class="muted">{text}</p></div></div> };
    Html(document(visit, title, None, body.into_any())).into_response()
}

/// Who is signed in within the tab.
async fn within(state: &AppState, visit: &Visit, headers: &HeaderMap) -> Result<Option<Caller>> {
    match cookie(headers, COOKIE).filter(|secret| !secret.is_empty()) {
        Some(secret) => resolve_session(&state.hub, secret, &visit.client).await,
        None => Ok(None),
    }
}

/// Browsers take a cookie in a foreign page's frame only like this.
fn cookie_of(secret: &str, max_age_s: i64) -> [(header::HeaderName, HeaderValue); 1] {
    let line =
        format!("{COOKIE}={secret}; Path=/teams; Max-Age={max_age_s}; HttpOnly; Secure; SameSite=None; Partitioned");
    let mut line = HeaderValue::try_from(line).unwrap_or(HeaderValue::from_static(""));
    line.set_sensitive(true);
    [(header::SET_COOKIE, line)]
}

/// A page that Teams may frame. Teams shows it for good once the script has said that it is there; nothing on it needs the script.
fn framed(visit: &Visit, status: StatusCode, body: AnyView) -> Response {
    let script = crate::assets::url(SCRIPT).unwrap_or(SCRIPT);
    let mut response = (status, Html(document(visit, "Alerts", Some(script), body))).into_response();
    response.extensions_mut().insert(Framed);
    policy(
        response.headers_mut(),
        &format!(
            "default-src 'none'; script-src 'nonce-{}'; style-src 'self'; img-src 'self' data:; font-src 'self'; form-action 'self'; \
             base-uri 'none'; frame-ancestors {FRAMES}",
            visit.nonce
        ),
    );
    response
}

/// A document with no more than one script.
fn document(visit: &Visit, title: &str, script: Option<&'static str>, body: AnyView) -> String {
    let script = script.map(|script| view! { <script src=script nonce=visit.nonce.clone() defer=""></script> });
    let page = view! {
        <html lang="en" class=visit.theme.clone()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <title>{format!("{title} · Patchbay")}</title>
                <link rel="stylesheet" href=visit.assets.css.clone()/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                {script}
            </head>
            <body><main class="stack p-4">{body}</main></body>
        </html>
    };
    // Nothing takes this page over in the browser, and needs no marks of where to begin.
    format!("<!doctype html>{}", page.to_html().replace("<!>", ""))
}

/// The form to sign in, with what was typed and what is wrong with it.
fn form(email: &str, wrong: Option<String>) -> AnyView {
    view! {
        <div class="door">
            <div class="stack gap-1">
                <h1>"Sign in"</h1>
                <p class="muted">"Use your account of Patchbay. You are signed in within Teams alone, to see alerts."</p>
            </div>
            {wrong.map(|message| view! { <div class="notice bad" role="alert">{message}</div> })}
            <form method="post" action="/teams/sign-in" class="panel pad stack">
                <div class="field"><label for="email">"E-mail"</label><input class="input" id="email" name="email" type="email" required autocomplete="username" value=email.to_owned()/></div>
                <div class="field"><label for="password">"Password"</label><input class="input" id="password" name="password" type="password" required autocomplete="current-password"/></div>
                <button class="btn primary">"Sign in"</button>
            </form>
        </div>
    }
    .into_any()
}

/// Open alerts, each with the page that helps, which opens in a window of its own.
fn list(base_url: &str, alerts: &[Alert]) -> AnyView {
    if alerts.is_empty() {
        return view! { <p class="panel pad">"All is well."</p> }.into_any();
    }
    let rows: Vec<_> = alerts
        .iter()
        .map(|alert| {
            let (place, label) = app::alert_place(alert);
            let since = alert.created_at.rfc3339();
            let since = since.get(..16).map_or_else(String::new, |text| format!("{} UTC", text.replace('T', " ")));
            view! {
                <li class="px-4 py-3">
                    <p class="font-[560]">{alert.message.clone()}</p>
                    <p class="help">"Since "{since}" · "<a class="link" href=format!("{base_url}{place}") target="_blank" rel="noopener">{label}</a></p>
                </li>
            }
            .into_any()
        })
        .collect();
    view! { <section class="panel" aria-label="Open alerts"><ul class="divide-y divide-line">{rows}</ul></section> }
        .into_any()
}
