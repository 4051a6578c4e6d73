//! Trying and saving an endpoint's controls on the server, for the pages and for the server functions alike.

use domain::endpoint::preview::{self, PreviewQuery};
use domain::endpoint::secrets::Rotation;
use domain::endpoint::{Endpoint, EndpointChange, actions, history as versions, secrets};
use domain::id::EndpointId;
use domain::{Error, Permission, Result};

use crate::error::UiError;
use crate::pages::controls::filter_form::FilterForm;
use crate::pages::controls::history::Version;
use crate::pages::controls::preview::{Body, Event, Tried};
use crate::pages::controls::{FilterAnswer, Head, history as drawn_history, preview as drawn};
use crate::pages::endpoints::form::{flash_text, secret_of};
use crate::session;

fn parse(id: &str) -> Result<EndpointId> {
    id.parse().map_err(|_| Error::not_found("endpoint"))
}

/// The endpoint that a page is about.
pub async fn open(id: &str) -> std::result::Result<(Head, Endpoint), UiError> {
    let (hub, caller) = session::caller()?;
    let endpoint = actions::get(&hub, &caller, &parse(id)?).await?;
    let may_write = caller.may(Permission::EndpointsWrite);
    Ok((Head { id: id.to_owned(), name: endpoint.name.clone(), may_write }, endpoint))
}

/// Sends the browser on where the endpoint is a rule, which has a page of its own for what this one is about.
pub fn leave_rule(endpoint: &Endpoint) {
    if let Some(destination) = &endpoint.destination {
        session::redirect(&format!("/connections/{}/rules/{}", destination.connection_id, endpoint.id));
    }
}

/// Saves a change that a form asks for.
pub async fn save(id: &str, change: Result<EndpointChange>) -> std::result::Result<(), UiError> {
    let (hub, caller) = session::caller()?;
    actions::update(&hub, &caller, &parse(id)?, change?).await?;
    Ok(())
}

/// Does what the pressed button of the filter's form asks for.
pub async fn filter(form: &FilterForm) -> std::result::Result<FilterAnswer, UiError> {
    let (hub, caller) = session::caller()?;
    let id = parse(&form.id)?;
    if let Some(turned) = form.turned()? {
        return Ok(FilterAnswer { form: Some(turned), ..FilterAnswer::default() });
    }
    let change = form.change()?;
    if form.then == "save" {
        actions::update(&hub, &caller, &id, change).await?;
        return Ok(FilterAnswer { saved: true, ..FilterAnswer::default() });
    }
    let event_id = form.event().map(|id| id.parse().map_err(|_| Error::not_found("event"))).transpose()?;
    let query = PreviewQuery {
        event_types: None,
        channels: change.channels,
        filter: change.filter,
        transformation: change.transformation,
        event_id,
    };
    let transforms = query.transformation.as_ref().is_some_and(Option::is_some);
    let tried = preview::preview(&hub, &caller, Some(&id), query).await?;
    Ok(FilterAnswer { preview: drawn::draw(&seen(tried, transforms), hub.now()), ..FilterAnswer::default() })
}

/// What was tried, as it is drawn.
fn seen(preview: preview::Preview, transforms: bool) -> Tried {
    let event = |tried: preview::Tried| Event {
        id: tried.event_id.to_string(),
        event_type: tried.event_type,
        at: tried.created_at,
        reasons: tried.reasons,
    };
    Tried {
        count: preview.tried,
        matched: preview.matched.into_iter().map(event).collect(),
        missed: preview.missed.into_iter().map(event).collect(),
        transforms,
        body: preview.transformed.map(|made| Body {
            event_id: made.event_id.to_string(),
            input: made.input,
            output: made.output,
            headers: made.headers,
            error: made.error,
            log: made.log,
            took_us: made.took_us,
            memory_bytes: made.memory_bytes,
        }),
    }
}

/// Makes a new signing secret and keeps it for the page that shows it, once; or a new Ed25519 key.
pub async fn rotate(
    id: &str,
    overlap_hours: Option<i64>,
    secret: String,
    ed25519: bool,
) -> std::result::Result<(), UiError> {
    let (hub, caller) = session::caller()?;
    let secret = Some(secret.trim().to_owned()).filter(|text| !text.is_empty());
    let rotation = Rotation { overlap_hours, secret, ed25519 };
    let rotated = secrets::rotate(&hub, &caller, &parse(id)?, &rotation).await?;
    if !ed25519 {
        session::flash_put(&session::visit()?, &flash_text(id, &rotated.secret));
    }
    session::redirect(&format!("/endpoints/{id}/security"));
    Ok(())
}

/// The secret that was just made for this endpoint, once.
pub fn fresh_secret(id: &str) -> Option<String> {
    let flash = session::flash_take(&session::visit().ok()?)?;
    secret_of(&flash, id).map(ToOwned::to_owned)
}

/// The versions of an endpoint, drawn.
pub async fn history(id: &str) -> std::result::Result<String, UiError> {
    let (hub, caller) = session::caller()?;
    let rows = versions::list(&hub, &caller, &parse(id)?).await?;
    let rows: Vec<Version> = rows
        .into_iter()
        .map(|row| Version { number: row.version, at: row.created_at, who: row.actor_name, fields: row.changes })
        .collect();
    Ok(drawn_history::draw(&rows, hub.now()))
}
