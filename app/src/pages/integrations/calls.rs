//! What the pages of integrations ask the server.

use domain::connection::Connection;
use domain::provider::catalogue::Category;
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
    /// What sources can be made of, and how many there are of each.
    pub sources: Vec<SourceCard>,
    /// Keys of the integrations that are not in the organization's plan.
    pub closed: Vec<String>,
    /// Where to ask for those.
    pub contact_url: Option<String>,
    /// The day, by UTC: `2026-11-28`.
    pub today: String,
    /// Whether this person may connect.
    pub may_connect: bool,
    /// Whether the operator has registered a Slack app.
    pub slack_is_set_up: bool,
    /// Whether the operator has registered an app at Atlassian.
    pub jira_is_set_up: bool,
    /// Where Atlassian sends people back to.
    pub jira_callback: String,
    /// What the page of Microsoft Teams must know of this installation.
    pub teams: TeamsSetup,
    /// The app manifest for Slack, for operators of an installation that has no app yet.
    pub manifest: Option<String>,
}

/// A provider that can post to a source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceCard {
    /// Its key.
    pub provider: String,
    /// Its name.
    pub name: String,
    /// What comes from there.
    pub about: String,
    /// The path of its picture, where there is one.
    pub logo: Option<String>,
    /// What it is for.
    pub category: Category,
    /// Sources of it.
    pub count: usize,
    /// Those of them that nothing can come to, for want of a secret.
    pub attention: usize,
}

/// What the page of Microsoft Teams must know of this installation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TeamsSetup {
    /// Whether the operator has registered an app at Entra ID.
    pub is_set_up: bool,
    /// Where Microsoft sends people back to.
    pub callback: String,
    /// The link by which an administrator allows the app for their organization.
    pub admin_link: Option<String>,
    /// Whether Teams can show this installation, which takes https.
    pub can_be_shown: bool,
}

/// The organization's connections, and what this person may do.
#[server]
pub async fn load_integrations() -> Result<Integrations, UiError> {
    use domain::org::plan;
    use domain::source::{self, SourceStatus, presets};
    use domain::{Permission, connection, endpoint};
    let (hub, caller) = crate::session::caller()?;
    let sources = source::actions::list(&hub, &caller).await?;
    let card = |preset: source::SourcePreset| {
        let own = || sources.iter().filter(|source| source.provider == preset.provider);
        let is_open = |source: &&source::SourceSummary| source.status == SourceStatus::Active && !source.has_secret;
        SourceCard {
            count: own().count(),
            attention: own().filter(is_open).count(),
            provider: preset.provider.clone(),
            name: preset.name,
            about: preset.about,
            logo: preset.logo,
            category: preset.category,
        }
    };
    let cards = presets::list(&caller)?.into_iter().map(card).collect();
    let all = plan::list(&hub, &caller).await?;
    let closed = all.into_iter().filter(|integration| !integration.is_included).map(|integration| integration.key);
    let connections = connection::actions::list(&hub, &caller).await?;
    let endpoints = endpoint::actions::list_overview(&hub, &caller).await?;
    let is_set_up = hub.settings.slack.is_some();
    let manifest = (!is_set_up && caller.require_operator().is_ok())
        .then(|| domain::provider::slack::manifest::manifest(&hub.settings.base_url, true));
    Ok(Integrations {
        connections,
        endpoints: endpoints.len(),
        sources: cards,
        closed: closed.collect(),
        contact_url: hub.settings.plans.contact_url.clone(),
        today: hub.now().rfc3339().chars().take(10).collect(),
        may_connect: caller.may(Permission::ConnectionsWrite),
        slack_is_set_up: is_set_up,
        jira_is_set_up: hub.settings.jira.is_some(),
        jira_callback: connection::apps::redirect_uri(&hub, connection::Provider::Jira),
        teams: TeamsSetup {
            is_set_up: hub.settings.teams.is_some(),
            callback: connection::apps::redirect_uri(&hub, connection::Provider::Teams),
            admin_link: connection::teams::admin_link(&hub),
            can_be_shown: hub.settings.base_url.starts_with("https://"),
        },
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
