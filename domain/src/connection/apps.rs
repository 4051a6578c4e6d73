//! This installation's apps at providers, as their operator has registered them, and what each provider does differently from
//! the OAuth standard.

use super::{JiraApp, Provider, SlackApp, TeamsApp};
use crate::provider::jira;
use crate::provider::slack::facts::{self, Urls};
use crate::provider::teams::{entra, scopes as permissions};
use crate::{Error, Hub, Result};

/// The Slack app of this installation.
///
/// # Errors
/// There is none.
pub(crate) fn slack(hub: &Hub) -> Result<&SlackApp> {
    hub.settings.slack.as_ref().ok_or_else(|| {
        Error::conflict(
            "provider_not_set_up",
            "This installation has no Slack app yet. The operator sets PATCHBAY_SLACK_CLIENT_ID and its secrets.",
        )
    })
}

/// The app at Atlassian of this installation.
///
/// # Errors
/// There is none.
pub(crate) fn jira(hub: &Hub) -> Result<&JiraApp> {
    hub.settings.jira.as_ref().ok_or_else(|| {
        Error::conflict(
            "provider_not_set_up",
            "This installation has no Jira app yet. The operator sets PATCHBAY_JIRA_CLIENT_ID and its secret.",
        )
    })
}

/// The app at Entra ID of this installation.
///
/// # Errors
/// There is none.
pub(crate) fn teams(hub: &Hub) -> Result<&TeamsApp> {
    hub.settings.teams.as_ref().ok_or_else(|| {
        Error::conflict(
            "provider_not_set_up",
            "This installation has no app at Entra ID yet. The operator sets PATCHBAY_TEAMS_CLIENT_ID and its secret.",
        )
    })
}

/// A provider and this installation's app there, as the OAuth library wants them.
pub(crate) fn parties(hub: &Hub, provider: Provider) -> Result<(oauth_flow::Provider, oauth_flow::Client)> {
    match provider {
        Provider::Slack => {
            let app = slack(hub)?;
            let client = oauth_flow::Client {
                id: app.client_id.clone(),
                secret: app.client_secret.clone(),
                redirect_uri: redirect_uri(hub, provider),
            };
            Ok((slack_oauth(&app.url), client))
        }
        Provider::Jira => {
            let app = jira(hub)?;
            let client = oauth_flow::Client {
                id: app.client_id.clone(),
                secret: app.client_secret.clone(),
                redirect_uri: redirect_uri(hub, provider),
            };
            Ok((jira::oauth::provider(&app.urls()), client))
        }
        Provider::Teams => {
            let app = teams(hub)?;
            let client = oauth_flow::Client {
                id: app.client_id.clone(),
                secret: app.client_secret.clone(),
                redirect_uri: redirect_uri(hub, provider),
            };
            Ok((entra::provider(&app.urls()), client))
        }
    }
}

/// What Slack does differently from the standard. Tokens that rotate live for twelve hours, and their refresh tokens can be used
/// once; those that do not rotate have neither an end nor a refresh token.
fn slack_oauth(base: &str) -> oauth_flow::Provider {
    let urls = Urls::at(base);
    oauth_flow::Provider {
        scope_separator: ",",
        authentication: oauth_flow::ClientAuthentication::Basic,
        pkce: false,
        bearer_names: &["bot"],
        secret_fields: &["/authed_user/access_token", "/authed_user/refresh_token", "/incoming_webhook/url"],
        rotation: oauth_flow::Rotation::SingleUse,
        revocation: oauth_flow::Revocation::Itself(urls.revoke().into()),
        ..oauth_flow::Provider::new(urls.authorize(), urls.token())
    }
}

/// Where a provider sends browsers back to.
#[must_use]
pub fn redirect_uri(hub: &Hub, provider: Provider) -> String {
    format!("{}/oauth/{provider}/callback", hub.settings.base_url)
}

/// What a connection must be allowed to do at a provider.
#[must_use]
pub fn scopes(provider: Provider) -> Vec<String> {
    match provider {
        Provider::Slack => facts::SCOPES.iter().map(|scope| scope.name.to_owned()).collect(),
        Provider::Jira => jira::facts::SCOPES.iter().map(|scope| scope.name.to_owned()).collect(),
        Provider::Teams => permissions::SCOPES.iter().map(|scope| scope.name.to_owned()).collect(),
    }
}
