//! What the alerts page asks the server.

use domain::Page;
use domain::alert::Alert;
use domain::id::AlertId;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::UiError;

/// What the page shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlertsData {
    /// Those that are not over, newest first.
    pub open: Vec<Alert>,
    /// A page of those that are.
    pub closed: Page<Alert>,
    /// Whether the viewer may say that they have seen one.
    pub may_see: bool,
}

/// The organization's alerts; `cursor` is the place among those that are over.
#[server]
pub async fn load_alerts(#[server(default)] cursor: Option<String>) -> Result<AlertsData, UiError> {
    use domain::alert::actions::list;
    use domain::{PageQuery, Permission};
    let (hub, caller) = crate::session::caller()?;
    let all = PageQuery { limit: Some(200), cursor: None };
    let open = list(&hub, &caller, true, &all).await?.data;
    let mut closed = list(&hub, &caller, false, &PageQuery { limit: None, cursor }).await?;
    closed.data.retain(|alert| alert.closed_at.is_some());
    Ok(AlertsData { open, closed, may_see: caller.may(Permission::EndpointsWrite) })
}

/// Notes that somebody has seen an alert.
#[server]
pub async fn see_alert(id: AlertId) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    Ok(domain::alert::actions::see(&hub, &caller, &id).await?)
}
