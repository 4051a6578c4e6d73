//! What the list of organizations asks the server.

use domain::Page;
use domain::org::OrgOverview;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::UiError;

/// What the page shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Orgs {
    /// The organizations.
    pub page: Page<OrgOverview>,
    /// Whether this person may create one.
    pub may_create: bool,
}

/// The organizations of the installation with their figures.
#[server]
pub async fn load_orgs(q: Option<String>, cursor: Option<String>) -> Result<Orgs, UiError> {
    let (hub, caller) = crate::session::caller()?;
    let page =
        domain::org::actions::list_all(&hub, &caller, q.as_deref(), &domain::PageQuery { limit: None, cursor }).await?;
    Ok(Orgs { page, may_create: caller.require_operator().is_ok() })
}

/// Creates an organization.
#[server]
pub async fn create_org(name: String) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    domain::org::actions::create(&hub, &caller, &name).await?;
    crate::session::redirect("/operator/orgs?done=created");
    Ok(())
}
