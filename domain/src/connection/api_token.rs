//! Connections to Jira by a person's API token: no consent and nothing to renew, for sites whose administrators do not let apps in.
//! The token works at the site's own address, together with the person's e-mail address. Only apps may register webhooks, so an
//! administrator of the site enters this one by hand, with a secret that is made here.

use oauth_flow::{Grant, Secret};
use serde::Deserialize;
use serde_json::json;

use super::flow::{self, Account};
use super::store::{self, Row};
use super::{Connection, ConnectionAccess, ConnectionStatus, Provider, actions, call, tokens};
use crate::id::ConnectionId;
use crate::provider::jira::{address, request};
use crate::{Caller, Error, Hub, Permission, Result, audit, issue, key};

/// How such a grant is told from that of a consent.
pub(crate) const TYPE: &str = "api_token";

/// A site to connect by an API token.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApiToken {
    /// The site's address: `https://example.atlassian.net`.
    pub site_url: String,
    /// The e-mail address of the person whose token it is.
    pub email: String,
    /// The token, as Atlassian shows it. It is kept sealed and never shown again.
    pub api_token: String,
}

/// What an administrator of the site enters so that changes are heard of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookSetup {
    /// Where it is posted to.
    pub url: String,
    /// What it is signed with.
    pub secret: String,
}

/// Connects a site by an API token; one that is connected so already gets the new token. The token is tried out first. Needs
/// `connections:write`.
///
/// # Errors
/// The fields that are wrong; Jira does not take the token, or does not answer; too many connections.
pub async fn connect(hub: &Hub, caller: &Caller, new: &NewApiToken) -> Result<Connection> {
    let org_id = caller.require(Permission::ConnectionsWrite)?;
    let simulator = hub.settings.jira.as_ref().and_then(|app| app.url.as_deref());
    let site = address::origin(new.site_url.trim(), simulator).map_err(|why| Error::invalid("site_url", why))?;
    let (email, token) = (new.email.trim(), new.api_token.trim());
    if !email.contains('@') || email.contains(':') || email.len() > 254 || email.chars().any(char::is_control) {
        return Err(Error::invalid("email", "must be the e-mail address of an Atlassian account."));
    }
    if token.is_empty() || token.len() > 1000 || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::invalid("api_token", "must be a token as Atlassian shows it, without blanks."));
    }
    let host = site.split_once("://").map_or(site.as_str(), |(_, host)| host).to_owned();
    let about = json!({ "url": site, "access": TYPE });
    let account = Account { id: host.clone(), name: host, called: None, about };
    key::ready(hub, org_id).await?;
    let mut tx = hub.db.begin().await?;
    let known = store::of_account(&mut tx, org_id, Provider::Jira, &account.id).await?;
    drop(tx);
    let is_new = known.is_none();
    let mut row = known.unwrap_or_else(|| flow::blank(hub, caller, org_id, Provider::Jira, &account));
    let kept = if is_new { None } else { tokens::open(hub, &row)? };
    let secret = kept.as_ref().and_then(|grant| grant.extra["webhook_secret"].as_str().map(str::to_owned));
    let secret = secret.unwrap_or_else(|| hub.random.token());
    let extra = json!({ "webhook_secret": secret });
    row.account_json = account.about.to_string();
    tokens::put_named_secret(hub, &mut row, Secret::new(format!("{email}:{token}")), TYPE.into(), extra)?;
    let grant = tokens::open(hub, &row)?.ok_or_else(|| Error::internal("it was just put there"))?;
    try_out(hub, &row, &grant).await?;
    let now = hub.now();
    if row.status == ConnectionStatus::NeedsReconnect {
        row.status = ConnectionStatus::Healthy;
    }
    (row.problem, row.limited_until) = (None, None);
    (row.call_failures, row.calls_resume_at, row.call_pause_ms) = (0, None, 0);
    (row.check_at, row.sync_at, row.updated_at) = (Some(now), Some(now), now);
    let mut tx = hub.db.begin().await?;
    if is_new {
        flow::check_room(&mut tx, hub, org_id, Provider::Jira).await?;
    }
    store::save(&mut tx, &row).await?;
    let action = if is_new { "connection.created" } else { "connection.reconnected" };
    let note = format!("{}: the API token of {email}", row.name);
    audit::store::record(&mut tx, hub, caller, Some(org_id), action, Some(row.id.as_str()), Some(&note)).await?;
    actions::mend(&mut tx, hub, &row).await?;
    tx.commit().await?;
    actions::changed(hub, org_id);
    actions::get(hub, &Caller::system(Some(org_id.clone())), &row.id).await
}

/// Asks the site who the token is.
async fn try_out(hub: &Hub, row: &Row, grant: &Grant) -> Result<()> {
    let out = super::jira::ask(hub, row, grant, &request::myself())?;
    let (asked, _) = call::exchange(hub, &out).await;
    match asked.answer {
        Ok(_) => Ok(()),
        Err(call::CallError::Refused(word, _)) if word.starts_with("401") || word.starts_with("403") => {
            Err(Error::invalid(
                "api_token",
                "is not taken by this site for this e-mail address. Make a new one at id.atlassian.com, under Security.",
            ))
        }
        Err(call::CallError::Refused(word, _)) if word.starts_with("404") => {
            Err(Error::invalid("site_url", "is the address of no Jira site. Copy it from the browser."))
        }
        Err(error) => Err(error.into_error(Provider::Jira)),
    }
}

/// What an administrator of the site enters, by hand, so that changes are heard of. Needs `connections:write`.
///
/// # Errors
/// Not found, or a connection by consent.
pub async fn webhook_setup(hub: &Hub, caller: &Caller, id: &ConnectionId) -> Result<WebhookSetup> {
    let org_id = caller.require(Permission::ConnectionsWrite)?;
    let row = store::find(&mut hub.db.read().await?, org_id, id).await?;
    let row =
        row.filter(|row| row.access() == ConnectionAccess::ApiToken).ok_or_else(|| Error::not_found("connection"))?;
    Ok(WebhookSetup { url: issue::hook::url(hub, &row), secret: webhook_secret(hub, &row)? })
}

/// What webhooks of such a connection are signed with.
pub(crate) fn webhook_secret(hub: &Hub, row: &Row) -> Result<String> {
    let grant = tokens::open(hub, row)?.ok_or_else(Error::unauthenticated)?;
    grant.extra["webhook_secret"].as_str().map(str::to_owned).ok_or_else(Error::unauthenticated)
}
