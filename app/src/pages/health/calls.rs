//! What the pages of health ask the server.

use domain::id::AlertId;
use leptos::prelude::*;

use crate::error::UiError;

/// The figures of the organization or of the installation, drawn by [`super::sheet`]; `span` says how far back.
#[server]
pub async fn load_health(
    #[server(default)] span: Option<String>,
    #[server(default)] installation: bool,
) -> Result<String, UiError> {
    use domain::alert::actions::list_installation as list;
    use domain::health::{Span, actions};
    let (hub, caller) = crate::session::caller()?;
    let span = span.and_then(|word| word.parse().ok()).unwrap_or(Span::Day);
    if !installation {
        let report = actions::get(&hub, &caller, span).await?;
        return Ok(super::sheet::draw(&report, span, None, hub.now(), caller.is_outside_look()));
    }
    let report = actions::get_installation(&hub, &caller, span).await?;
    let of = |limit| domain::PageQuery { limit: Some(limit), cursor: None };
    let open = list(&hub, &caller, true, &of(200)).await?.data;
    let mut over = list(&hub, &caller, false, &of(20)).await?.data;
    over.retain(|alert| alert.closed_at.is_some());
    let nodes = domain::node::actions::list_shown(&hub, &caller).await?;
    let groups = domain::node::actions::list_groups(&hub, &caller).await?;
    let may_see = caller.require_operator().is_ok();
    let beside = super::installation::Installation { open, over, may_see, nodes, groups };
    Ok(super::sheet::draw(&report, span, Some(&beside), hub.now(), false))
}

/// Notes that somebody has seen an alert of the installation.
#[server]
pub async fn see_installation_alert(id: AlertId) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    Ok(domain::alert::actions::see_installation(&hub, &caller, &id).await?)
}
