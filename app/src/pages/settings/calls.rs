//! What the organization's settings ask the server.

use domain::org::{Org, OrgIntegration};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::UiError;

/// What the page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The organization.
    pub org: Org,
    /// Whether this person may change it.
    pub may_write: bool,
    /// For operators: the integrations that are kept for certain plans.
    pub gated: Vec<OrgIntegration>,
}

/// The organization this person acts in.
#[server]
pub async fn load_settings() -> Result<Settings, UiError> {
    let (hub, caller) = crate::session::caller()?;
    let org = domain::org::actions::get(&hub, &caller).await?;
    let mut gated = Vec::new();
    if caller.require_operator().is_ok() {
        gated = domain::org::plan::list(&hub, &caller).await?;
        gated.retain(|integration| integration.is_gated);
    }
    Ok(Settings { org, may_write: caller.may(domain::Permission::OrgWrite), gated })
}

/// Gives the organization an integration that is kept for certain plans, or takes it back.
#[server]
pub async fn set_integration(key: String, is_included: bool) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    domain::org::plan::set(&hub, &caller, &key, is_included).await?;
    crate::session::redirect("/settings?done=plan");
    Ok(())
}

/// Renames the organization.
#[server]
pub async fn rename_org(name: String) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let change = domain::org::OrgChange { name: Some(name), ..Default::default() };
    domain::org::actions::update(&hub, &caller, change).await?;
    crate::session::redirect("/settings?done=name");
    Ok(())
}

/// Sets how long payloads and log rows are kept, in days; blank for ever.
#[server]
pub async fn set_retention(payload_days: String, log_days: String) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let days = |field: &str, text: &str| match text.trim() {
        "" => Ok(None),
        text => text
            .parse()
            .map(Some)
            .map_err(|_| domain::Error::invalid(field, "must be a whole number of days, or blank.")),
    };
    let change = domain::org::OrgChange {
        payload_days: Some(days("payload_days", &payload_days)?),
        log_days: Some(days("log_days", &log_days)?),
        ..Default::default()
    };
    domain::org::actions::update(&hub, &caller, change).await?;
    crate::session::redirect("/settings?done=retention");
    Ok(())
}
