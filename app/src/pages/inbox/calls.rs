//! What the inbox page asks the server.

use domain::inbox::Inbox;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::UiError;

/// What the page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxData {
    /// The inbox with what arrived.
    pub inbox: Inbox,
    /// The endpoint that points here, if there is one: its id and name.
    pub endpoint: Option<(String, String)>,
    /// Whether the person may clear it and create endpoints.
    pub may_write: bool,
}

/// The organization's inbox.
#[server]
pub async fn load_inbox() -> Result<InboxData, UiError> {
    let (hub, caller) = crate::session::caller()?;
    let inbox = domain::inbox::actions::get_or_create(&hub, &caller).await?;
    let endpoints = domain::endpoint::actions::list_overview(&hub, &caller).await?.into_iter().map(|row| row.endpoint);
    let endpoint = endpoints
        .filter(|endpoint| endpoint.url == inbox.url)
        .map(|endpoint| (endpoint.id.to_string(), endpoint.name))
        .next();
    Ok(InboxData { inbox, endpoint, may_write: caller.may(domain::Permission::EndpointsWrite) })
}

/// Forgets what arrived.
#[server]
pub async fn clear_inbox() -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    domain::inbox::actions::clear(&hub, &caller).await?;
    Ok(())
}
