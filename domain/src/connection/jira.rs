//! What connections to Jira do differently: a consent may be good for several sites, of which one is chosen; the API is asked at that
//! site; what messages go to are its projects.

use oauth_flow::Grant;
use serde_json::{Value, json};

use super::call::{self, Outgoing};
use super::flow::{self, Account, Finished};
use super::store::{self, Row};
use super::{Connection, ConnectionAccess, ConnectionStatus, Provider, Site, actions, apps, tokens};
use crate::channel::{Channel, ChannelState};
use crate::id::{ChannelId, ConnectionId, OrgId};
use crate::provider::jira::request::Request;
use crate::provider::jira::screen;
use crate::{Caller, Error, Hub, Permission, Result, audit};

/// Keeps what a consent has brought until one of its sites is chosen.
pub(super) async fn keep_for_choice(
    hub: &Hub,
    caller: &Caller,
    org_id: &OrgId,
    grant: &Grant,
    oauth: &oauth_flow::Provider,
    sites: &[Site],
) -> Result<Finished> {
    let mut tx = hub.db.begin().await?;
    flow::check_room(&mut tx, hub, org_id, Provider::Jira).await?;
    let account = Account { id: String::new(), name: "Jira".into(), called: None, about: Value::Null };
    let mut row = flow::blank(hub, caller, org_id, Provider::Jira, &account);
    // No two of these are the same account.
    row.account_id = format!("choose:{}", row.id);
    tokens::put(hub, &mut row, grant, oauth)?;
    row.status = ConnectionStatus::NeedsSite;
    row.account_json = json!({ "sites": sites }).to_string();
    (row.check_at, row.sync_at) = (None, None);
    store::save(&mut tx, &row).await?;
    let note = format!("{}: {}", row.name, grant.scopes.join(", "));
    audit::store::record(&mut tx, hub, caller, Some(org_id), "connection.created", Some(row.id.as_str()), Some(&note))
        .await?;
    tx.commit().await?;
    actions::changed(hub, org_id);
    Ok(Finished::Choose(row.id))
}

/// Chooses the site of a connection whose consent is good for several. Needs `connections:write`.
///
/// # Errors
/// Not found; a site was chosen already; no such site; that site is connected already.
pub async fn choose_site(hub: &Hub, caller: &Caller, id: &ConnectionId, site_id: &str) -> Result<Connection> {
    let org_id = caller.require(Permission::ConnectionsWrite)?;
    let mut tx = hub.db.begin().await?;
    let mut row = store::lock(&mut tx, org_id, id).await?.ok_or_else(|| Error::not_found("connection"))?;
    if row.status != ConnectionStatus::NeedsSite {
        return Err(Error::conflict("site_chosen", "This connection has its site. Connect another one beside it."));
    }
    let about: Value = serde_json::from_str(&row.account_json).map_err(Error::internal)?;
    let sites: Vec<Site> = serde_json::from_value(about["sites"].clone()).map_err(Error::internal)?;
    let site = sites.iter().find(|site| site.id == site_id);
    let site =
        site.ok_or_else(|| Error::invalid("site_id", "is none of the sites of this consent. Pick one of the list."))?;
    if let Some(other) = store::of_account(&mut tx, org_id, Provider::Jira, &site.id).await? {
        return Err(Error::conflict(
            "already_connected",
            format!("This site is connected already, as {:?}. Disconnect one of the two.", other.name),
        ));
    }
    let account = Account::of_site(site);
    let now = hub.now();
    row.name = account.name.chars().take(super::MAX_NAME).collect();
    (row.account_id, row.account_name, row.account_json) = (account.id, account.name, account.about.to_string());
    row.status = ConnectionStatus::Healthy;
    (row.check_at, row.sync_at, row.updated_at) = (Some(now), Some(now), now);
    store::save(&mut tx, &row).await?;
    let note = format!("{}: {}", row.name, site.url);
    audit::store::record(&mut tx, hub, caller, Some(org_id), "connection.site_chosen", Some(id.as_str()), Some(&note))
        .await?;
    tx.commit().await?;
    actions::changed(hub, org_id);
    actions::get(hub, &Caller::system(Some(org_id.clone())), id).await
}

/// The address of the connection's site: `https://example.atlassian.net`.
pub(crate) fn site_url(row: &Row) -> String {
    let about: Value = serde_json::from_str(&row.account_json).unwrap_or_default();
    about["url"].as_str().unwrap_or_default().to_owned()
}

/// A path of the REST API of the connection's site: at Atlassian's gateway, or at the site itself for an API token.
///
/// # Errors
/// This installation has no app any more.
pub(crate) fn rest(hub: &Hub, row: &Row, path: &str) -> Result<String> {
    if row.access() == ConnectionAccess::ApiToken {
        return Ok(format!("{}/rest/api/3{path}", site_url(row)));
    }
    Ok(apps::jira(hub)?.urls().rest(&row.account_id, path))
}

/// A request to the API of the connection's site.
///
/// # Errors
/// This installation has no app any more.
pub(crate) fn ask(hub: &Hub, row: &Row, grant: &Grant, request: &Request) -> Result<Outgoing> {
    let name = request.path.split('?').next().unwrap_or_default();
    call::to_jira(rest(hub, row, &request.path)?, name, request, grant)
}

/// Reads a page of projects; the cursor is where it starts.
pub(super) fn projects(hub: &Hub, answer: &Value) -> (Vec<Channel>, Option<String>) {
    let page = screen::projects(answer);
    let channels = page.entries.into_iter().map(|project| Channel {
        id: hub.id(ChannelId::new),
        provider_id: project.id,
        name: project.name,
        workspace: None,
        topic: project.key,
        members: None,
        private: false,
        joined: true,
        archived: false,
        state: ChannelState::Fine,
    });
    (channels.collect(), page.next.map(|start| start.to_string()))
}
