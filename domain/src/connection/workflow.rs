//! Connections that are an address: a workflow of Microsoft Teams, which posts what it gets into one channel. Nobody consents and
//! nothing is renewed; the address holds its own signature and is sealed like a token. Such a connection has one channel, and
//! cannot be tried out other than by a message.

use oauth_flow::Secret;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::store::{self, Row};
use super::{Connection, ConnectionAccess, ConnectionStatus, Provider, actions, flow, tokens};
use crate::channel::{self, Channel, ChannelState};
use crate::db::Conn;
use crate::id::{ChannelId, ConnectionId};
use crate::provider::teams::address;
use crate::{Caller, Error, Hub, Permission, Result, audit, key};

/// The one channel's id at the provider.
const CHANNEL: &str = "workflow";

/// A workflow to connect.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWorkflow {
    /// What to call it, by the channel that it posts into: 1 to 60 characters.
    pub name: String,
    /// The address that Teams shows for it. It is kept sealed and never shown again.
    pub workflow_url: String,
}

/// Connects a workflow. Needs `connections:write`.
///
/// # Errors
/// The fields that are wrong; the workflow is connected already; too many connections.
pub async fn connect(hub: &Hub, caller: &Caller, new: &NewWorkflow) -> Result<Connection> {
    let org_id = caller.require(Permission::ConnectionsWrite)?;
    let name = actions::read_name(&new.name)?;
    let url = new.workflow_url.trim();
    let origin = read(hub, url)?;
    let account_id = fingerprint(url);
    key::ready(hub, org_id).await?;
    let mut tx = hub.db.begin().await?;
    if let Some(known) = store::of_account(&mut tx, org_id, Provider::Teams, &account_id).await? {
        return Err(taken(&known));
    }
    flow::check_room(&mut tx, hub, org_id, Provider::Teams).await?;
    let account = flow::Account { id: account_id, name: host(&origin), called: None, about: serde_json::Value::Null };
    let mut row = flow::blank(hub, caller, org_id, Provider::Teams, &account);
    row.name = name;
    (row.check_at, row.sync_at) = (None, None);
    keep(hub, &mut row, url, &origin)?;
    store::save(&mut tx, &row).await?;
    put_channel(&mut tx, hub, &row).await?;
    record(&mut tx, hub, caller, &row, "connection.created").await?;
    tx.commit().await?;
    actions::changed(hub, org_id);
    actions::get(hub, &Caller::system(Some(org_id.clone())), &row.id).await
}

/// Gives a connection another workflow's address; its rules stay, and what was kept goes. Needs `connections:write`.
///
/// # Errors
/// The field that is wrong; not found, or no connection of this kind; that workflow is connected already.
pub async fn replace(hub: &Hub, caller: &Caller, id: &ConnectionId, workflow_url: &str) -> Result<Connection> {
    let org_id = caller.require(Permission::ConnectionsWrite)?;
    let url = workflow_url.trim();
    let origin = read(hub, url)?;
    let account_id = fingerprint(url);
    key::ready(hub, org_id).await?;
    let mut tx = hub.db.begin().await?;
    let mut row = store::lock(&mut tx, org_id, id).await?.ok_or_else(|| Error::not_found("connection"))?;
    if row.access() != ConnectionAccess::Workflow {
        return Err(Error::invalid(
            "workflow_url",
            "is only for connections by a workflow of Microsoft Teams. Reconnect this one in the browser.",
        ));
    }
    if let Some(other) =
        store::of_account(&mut tx, org_id, Provider::Teams, &account_id).await?.filter(|other| other.id != *id)
    {
        return Err(taken(&other));
    }
    keep(hub, &mut row, url, &origin)?;
    (row.account_id, row.account_name) = (account_id, host(&origin));
    if row.status == ConnectionStatus::NeedsReconnect {
        row.status = ConnectionStatus::Healthy;
    }
    (row.problem, row.limited_until, row.updated_at) = (None, None, hub.now());
    store::save(&mut tx, &row).await?;
    record(&mut tx, hub, caller, &row, "connection.reconnected").await?;
    actions::mend(&mut tx, hub, &row).await?;
    tx.commit().await?;
    actions::changed(hub, org_id);
    actions::get(hub, &Caller::system(Some(org_id.clone())), id).await
}

/// The origin of a workflow's address.
fn read(hub: &Hub, url: &str) -> Result<String> {
    address::origin(url, hub.settings.teams_url.as_deref()).map_err(|message| Error::invalid("workflow_url", message))
}

fn taken(known: &Row) -> Error {
    Error::conflict("already_connected", format!("This workflow is connected already, as {:?}.", known.name))
}

/// Seals the address, and notes what is no secret of it.
fn keep(hub: &Hub, row: &mut Row, url: &str, origin: &str) -> Result<()> {
    tokens::put_secret(hub, row, Secret::new(url))?;
    row.account_json = serde_json::json!({ "origin": origin }).to_string();
    Ok(())
}

/// By what a workflow is recognised without its address being known.
fn fingerprint(url: &str) -> String {
    let digest = Sha256::digest(url.as_bytes());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn host(origin: &str) -> String {
    origin.split_once("://").map_or(origin, |(_, host)| host).trim_end_matches(":443").to_owned()
}

/// The channel that the workflow posts into goes by the connection's name.
async fn put_channel(conn: &mut Conn, hub: &Hub, row: &Row) -> Result<()> {
    let channel = Channel {
        id: hub.id(ChannelId::new),
        provider_id: CHANNEL.to_owned(),
        name: row.name.clone(),
        workspace: None,
        topic: String::new(),
        members: None,
        private: false,
        joined: true,
        archived: false,
        state: ChannelState::Fine,
    };
    channel::store::put(conn, &row.id, &[channel], hub.now()).await
}

/// Renames the channel with its connection.
pub(super) async fn rename(conn: &mut Conn, row: &Row) -> Result<()> {
    channel::store::rename(conn, &row.id, CHANNEL, &row.name).await
}

async fn record(conn: &mut Conn, hub: &Hub, caller: &Caller, row: &Row, action: &str) -> Result<()> {
    let note = format!("{}: {}", row.name, row.account_name);
    audit::store::record(conn, hub, caller, Some(&row.org_id), action, Some(row.id.as_str()), Some(&note)).await
}
