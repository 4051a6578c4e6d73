//! Connecting accounts at third parties: the browser is sent to the provider, and comes back.
//!
//! Both are plain requests, so that they work before scripts have loaded: a form is posted to `start`, which answers with a redirect
//! to the provider; the provider sends the browser to `callback`, which answers with a redirect to the connection, or to the
//! integration's page with how it ended. An administrator of Microsoft's who followed a link comes back, too, and is nobody here.

use app::session::Visit;
use axum::extract::{Path, RawQuery, Request, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Extension, Form};
use domain::connection::flow::{self, Ending, Finished};
use domain::connection::{Provider, teams};
use domain::id::ConnectionId;
use domain::{Caller, Error};
use serde::Deserialize;

use crate::state::AppState;

/// What the form says.
#[derive(Debug, Deserialize)]
pub struct Start {
    /// The connection that is to be renewed, if it is not a new one.
    connection_id: Option<ConnectionId>,
    /// Whether somebody wants to allow the app for everybody in their organization at the provider, as its administrator.
    admin: Option<String>,
}

/// Sends the browser to the provider.
pub async fn start(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    Path(provider): Path<String>,
    Form(form): Form<Start>,
) -> Response {
    let begun = async {
        let (provider, caller) = known(&provider, visit.caller)?;
        if provider == Provider::Teams && form.admin.is_some() {
            return teams::begin_admin(&state.hub, &caller).await;
        }
        flow::begin(&state.hub, &caller, provider, form.connection_id.as_ref()).await
    };
    match begun.await {
        Ok(url) => Redirect::to(&url).into_response(),
        Err(error) => refused(&provider, &error),
    }
}

/// Takes the browser back.
pub async fn callback(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    Path(provider): Path<String>,
    RawQuery(query): RawQuery,
    _request: Request,
) -> Response {
    let query = query.unwrap_or_default();
    if provider == Provider::Teams.as_str()
        && let Some(is_allowed) = teams::sent_back(&query)
    {
        return crate::teams::allowed(&visit, is_allowed);
    }
    let finished = async {
        let (provider, caller) = known(&provider, visit.caller)?;
        flow::finish(&state.hub, &caller, provider, &query).await
    };
    match finished.await {
        Ok(Finished::Connected(id)) => Redirect::to(&format!("/connections/{id}?done=connected")).into_response(),
        Ok(Finished::Reconnected(id)) => Redirect::to(&format!("/connections/{id}?done=reconnected")).into_response(),
        Ok(Finished::Choose(id)) => Redirect::to(&format!("/connections/{id}")).into_response(),
        Ok(Finished::Allowed) => Redirect::to(&format!("/integrations/{provider}?done=allowed")).into_response(),
        Ok(Finished::Ended(ending)) => ended(&provider, ending),
        Err(error) => refused(&provider, &error),
    }
}

/// The provider, and who is signed in.
fn known(provider: &str, caller: Option<Caller>) -> domain::Result<(Provider, Caller)> {
    let provider = provider.parse().map_err(|_| Error::not_found("integration"))?;
    Ok((provider, caller.ok_or_else(Error::unauthenticated)?))
}

fn ended(provider: &str, ending: Ending) -> Response {
    Redirect::to(&format!("/integrations/{provider}?ending={ending}")).into_response()
}

/// Back to where the button is, with the word for why: the page has the sentence.
fn refused(provider: &str, error: &Error) -> Response {
    app::session::log_internal(error);
    let known = provider.parse::<Provider>().is_ok();
    let code = error.problem().code;
    let page = if known { format!("/integrations/{provider}?ending={code}") } else { "/integrations".to_owned() };
    Redirect::to(&page).into_response()
}
