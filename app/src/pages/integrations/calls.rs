//! What the pages of integrations ask the server.

use domain::connection::Connection;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::UiError;

/// What is connected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Integrations {
    /// The organization's connections.
    pub connections: Vec<Connection>,
    /// How many endpoints there are.
    pub endpoints: usize,
    /// Whether this person may connect.
    pub may_connect: bool,
    /// Whether the operator has registered a Slack app.
    pub slack_is_set_up: bool,
    /// Whether the operator has registered an app at Atlassian.
    pub jira_is_set_up: bool,
    /// Where Atlassian sends people back to.
    pub jira_callback: String,
    /// The app manifest for Slack, for operators of an installation that has no app yet.
    pub manifest: Option<String>,
}

/// The organization's connections, and what this person may do.
#[server]
pub async fn load_integrations() -> Result<Integrations, UiError> {
    use domain::{Permission, connection, endpoint};
    let (hub, caller) = crate::session::caller()?;
    let connections = connection::actions::list(&hub, &caller).await?;
    let endpoints = endpoint::actions::list_overview(&hub, &caller).await?;
    let is_set_up = hub.settings.slack.is_some();
    let manifest = (!is_set_up && caller.require_operator().is_ok())
        .then(|| domain::provider::slack::manifest::manifest(&hub.settings.base_url, true));
    Ok(Integrations {
        connections,
        endpoints: endpoints.len(),
        may_connect: caller.may(Permission::ConnectionsWrite),
        slack_is_set_up: is_set_up,
        jira_is_set_up: hub.settings.jira.is_some(),
        jira_callback: connection::flow::redirect_uri(&hub, connection::Provider::Jira),
        manifest: manifest.map(|manifest| serde_json::to_string_pretty(&manifest).unwrap_or_default()),
    })
}

/// Connects a Jira site by an API token, and goes to its page.
#[server]
pub async fn connect_api_token(site_url: String, email: String, api_token: String) -> Result<(), UiError> {
    use domain::connection::api_token::{NewApiToken, connect};
    let (hub, caller) = crate::session::caller()?;
    let made = connect(&hub, &caller, &NewApiToken { site_url, email, api_token }).await?;
    crate::session::redirect(&format!("/connections/{}?done=connected", made.id));
    Ok(())
}

/// Connects a workflow of Microsoft Teams, and goes to its page.
#[server]
pub async fn connect_workflow(name: String, workflow_url: String) -> Result<(), UiError> {
    use domain::connection::workflow::{NewWorkflow, connect};
    let (hub, caller) = crate::session::caller()?;
    let made = connect(&hub, &caller, &NewWorkflow { name, workflow_url }).await?;
    crate::session::redirect(&format!("/connections/{}?done=connected", made.id));
    Ok(())
}
