//! What can be done with connections.

use super::call::{self, Ask, CallError};
use super::store::{self, Row};
use super::{
    Connection, ConnectionAccess, ConnectionCall, ConnectionChange, ConnectionState, ConnectionStatus, MAX_NAME,
    Provider, TokenFacts, apps, people, teams, tokens, workflow,
};
use crate::alert::{self, AlertKind};
use crate::channel::rank::Typed;
use crate::channel::{self, Channel, Choices};
use crate::db::Conn;
use crate::id::{ConnectionId, OrgId};
use crate::live::Notice;
use crate::node::signal::{Signal, Work};
use crate::provider::slack::{facts, link};
use crate::provider::teams::{graph, place, scopes};
use crate::provider::{Scope, jira};
use crate::{Caller, Error, Hub, Permission, Result, audit, endpoint};

/// A working connection is tried out so often, in milliseconds.
const CHECK_MS: i64 = 3_600_000;
/// One that could not be tried out is tried so soon again, in milliseconds.
const CHECK_AGAIN_MS: i64 = 60_000;
/// Calls that are shown.
const SHOWN: i64 = 50;

/// The organization's connections, oldest first. Needs `connections:read`.
///
/// # Errors
/// Forbidden, or the database does not answer.
pub async fn list(hub: &Hub, caller: &Caller) -> Result<Vec<Connection>> {
    let org_id = caller.require(Permission::ConnectionsRead)?;
    let mut conn = hub.db.read().await?;
    let rows = store::all(&mut conn, org_id).await?;
    let counts = channel::store::counts(&mut conn, org_id).await?;
    let count = |id: &ConnectionId| counts.iter().find(|(known, _)| known == id).map_or(0, |(_, count)| *count);
    rows.into_iter().map(|row| view(hub, count(&row.id), row)).collect()
}

/// One connection. Needs `connections:read`.
///
/// # Errors
/// Not found.
pub async fn get(hub: &Hub, caller: &Caller, id: &ConnectionId) -> Result<Connection> {
    let all = list(hub, caller).await?;
    all.into_iter().find(|connection| connection.id == *id).ok_or_else(|| Error::not_found("connection"))
}

/// The last calls through a connection, newest first. Needs `connections:read`.
///
/// # Errors
/// Not found.
pub async fn calls(hub: &Hub, caller: &Caller, id: &ConnectionId) -> Result<Vec<ConnectionCall>> {
    let org_id = caller.require(Permission::ConnectionsRead)?;
    let mut conn = hub.db.read().await?;
    let calls = store::calls(&mut conn, org_id, id, SHOWN).await?;
    // What was asked of one that has been disconnected since can still be read, the end of its token among it.
    if calls.is_empty() {
        must_exist(&mut conn, org_id, id).await?;
    }
    Ok(calls)
}

/// Changes a connection. Needs `connections:write`.
///
/// # Errors
/// The fields that are wrong; not found.
pub async fn update(hub: &Hub, caller: &Caller, id: &ConnectionId, change: ConnectionChange) -> Result<Connection> {
    let org_id = caller.require(Permission::ConnectionsWrite)?;
    let mut tx = hub.db.begin().await?;
    let mut row = store::lock(&mut tx, org_id, id).await?.ok_or_else(|| Error::not_found("connection"))?;
    if let Some(name) = change.name {
        row.name = read_name(&name)?;
        if row.access() == ConnectionAccess::Workflow {
            workflow::rename(&mut tx, &row).await?;
        }
    }
    match (change.paused, row.status) {
        (Some(true), ConnectionStatus::Healthy) => row.status = ConnectionStatus::Paused,
        (Some(false), ConnectionStatus::Paused) => row.status = ConnectionStatus::Healthy,
        (Some(true), ConnectionStatus::NeedsReconnect) => {
            return Err(Error::conflict("connection_broken", "It sends nothing anyway: it has to be connected again."));
        }
        _ => {}
    }
    if let Some(channel_id) = change.default_channel_id {
        if let Some(channel_id) = &channel_id {
            let known = channel::store::find(&mut tx, id, channel_id).await?;
            known.filter(|channel| channel.state == channel::ChannelState::Fine).ok_or_else(|| {
                Error::invalid(
                    "default_channel_id",
                    "is no channel that this connection can see. Pick one of its channels.",
                )
            })?;
        }
        row.default_channel_id = channel_id;
    }
    row.updated_at = hub.now();
    store::save(&mut tx, &row).await?;
    if change.paused == Some(false) {
        mend(&mut tx, hub, &row).await?;
    }
    let note = Some(row.name.as_str());
    audit::store::record(&mut tx, hub, caller, Some(org_id), "connection.updated", Some(id.as_str()), note).await?;
    tx.commit().await?;
    changed(hub, org_id);
    get(hub, &Caller::system(Some(org_id.clone())), id).await
}

/// What a connection is to be called.
pub(super) fn read_name(text: &str) -> Result<String> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(Error::invalid("name", format!("must have 1 to {MAX_NAME} printable characters.")));
    }
    Ok(name.to_owned())
}

/// Whether the provider can be asked for something in the name of a connection.
fn can_be_asked(row: &Row) -> Result<()> {
    if row.status == ConnectionStatus::NeedsSite {
        return Err(Error::conflict("needs_site", "Nobody has chosen one of its sites yet. Choose one first."));
    }
    if row.access() != ConnectionAccess::Workflow {
        return Ok(());
    }
    Err(Error::conflict(
        "cannot_be_asked",
        "A workflow takes messages and answers nothing. Send a test with one of its rules to try it out.",
    ))
}

/// Tries a connection out now. Needs `connections:write`.
///
/// # Errors
/// Not found; what the provider says; it does not answer.
pub async fn check(hub: &Hub, caller: &Caller, id: &ConnectionId) -> Result<Connection> {
    let org_id = caller.require(Permission::ConnectionsWrite)?;
    let row = must_exist(&mut hub.db.read().await?, org_id, id).await?;
    can_be_asked(&row)?;
    try_out(hub, &row, true).await??;
    get(hub, &Caller::system(Some(org_id.clone())), id).await
}

/// Tries a connection out by the clock.
pub(crate) async fn probe(hub: &Hub, row: &Row) -> Result<Result<()>> {
    try_out(hub, row, false).await
}

/// Asks the provider who the connection is, `at_once` even if it did not answer lately, and notes when and how long it took.
async fn try_out(hub: &Hub, row: &Row, at_once: bool) -> Result<Result<()>> {
    let Some(grant) = tokens::open(hub, row)? else {
        return Ok(Err(Error::conflict("connection_broken", "It has no token: it has to be connected again.")));
    };
    let out = match row.provider {
        Provider::Jira => super::jira::ask(hub, row, &grant, &jira::request::myself())?,
        Provider::Teams => teams::ask(hub, &grant, &graph::me())?,
        Provider::Slack => {
            call::to_slack(hub, &Ask { operation: "auth.test", arguments: &[], token: &grant.access_token })?
        }
    };
    let asked = if at_once { call::send_at_once(hub, row, out).await? } else { call::send(hub, row, out).await? };
    let (answer, took_us) = (asked.answer, asked.took_us);
    if row.provider == Provider::Jira
        && let Ok(me) = &answer
    {
        crate::issue::hook::keep(hub, row, &grant, me).await?;
    }
    let mut tx = hub.db.begin().await?;
    if let Some(mut known) = store::lock(&mut tx, &row.org_id, &row.id).await? {
        let now = hub.now();
        if !matches!(answer, Err(CallError::Held(_))) {
            known.checked_at = Some(now);
            known.check_us = answer.as_ref().ok().map(|_| took_us);
        }
        known.check_at = Some(match &answer {
            Ok(_) | Err(CallError::Refused(..)) => now.plus_ms(CHECK_MS),
            Err(CallError::RateLimited(ms)) => now.plus_ms(CHECK_AGAIN_MS.max(*ms)),
            Err(CallError::Held(ms)) => now.plus_ms(*ms),
            // Once calls are held back, this is the one that tries whether it answers again.
            Err(CallError::NoAnswer(_)) => known.calls_resume_at.unwrap_or(now.plus_ms(CHECK_AGAIN_MS)),
        });
        store::save(&mut tx, &known).await?;
    }
    tx.commit().await?;
    Ok(answer.map(drop).map_err(|error| error.into_error(row.provider)))
}

/// Channels of a connection that match what somebody types, best first, those that rules send to before others. Needs `connections:read`.
///
/// # Errors
/// Not found.
pub async fn channels(hub: &Hub, caller: &Caller, id: &ConnectionId, q: &str) -> Result<Choices> {
    let org_id = caller.require(Permission::ConnectionsRead)?;
    let mut conn = hub.db.read().await?;
    let row = must_exist(&mut conn, org_id, id).await?;
    let rules = endpoint::store::of_connection(&mut conn, org_id, id).await?;
    let recent: Vec<String> = rules.into_iter().rev().map(|(_, destination)| destination.provider_channel_id).collect();
    drop(conn);
    let name = q.trim();
    let pasted = match row.provider {
        Provider::Teams => place::pasted(name),
        Provider::Slack | Provider::Jira => link::channel_id(name).map(str::to_owned),
    };
    let typed = match &pasted {
        Some(id) => Typed::Id { id, name: (id == name).then_some(name) },
        None => Typed::Name(name),
    };
    channel::pickers::choices(hub, id, (row.sync_at, row.synced_at), typed, &recent).await
}

/// One channel of a connection, asked for at the provider where it is not known: private ones that the bot was just invited to, and
/// those that are new. Needs `connections:read`.
///
/// # Errors
/// Not found, also at the provider.
pub async fn channel(hub: &Hub, caller: &Caller, id: &ConnectionId, channel_id: &str) -> Result<Channel> {
    let org_id = caller.require(Permission::ConnectionsRead)?;
    let mut conn = hub.db.read().await?;
    let row = must_exist(&mut conn, org_id, id).await?;
    if let Some(channel) = channel::store::find(&mut conn, id, channel_id).await? {
        return Ok(channel);
    }
    drop(conn);
    let Some(grant) = tokens::open(hub, &row)? else { return Err(Error::not_found("channel")) };
    let found = match row.provider {
        Provider::Slack => {
            let arguments = [("channel", channel_id.to_owned()), ("include_num_members", "true".to_owned())];
            let ask = Ask { operation: "conversations.info", arguments: &arguments, token: &grant.access_token };
            let (body, _) = call::call(hub, &row, ask).await?.map_err(|error| error.into_error(row.provider))?;
            super::sync::read(hub, &body["channel"])
        }
        Provider::Teams if row.access() == ConnectionAccess::Consent => {
            teams::find_channel(hub, &row, &grant, channel_id).await?
        }
        Provider::Teams | Provider::Jira => None,
    };
    let channel = found.ok_or_else(|| Error::not_found("channel"))?;
    let mut tx = hub.db.begin().await?;
    channel::store::put(&mut tx, id, std::slice::from_ref(&channel), hub.now()).await?;
    // Somebody else may have been faster: then it goes by the id that they gave it.
    let kept = channel::store::find(&mut tx, id, &channel.provider_id).await?;
    tx.commit().await?;
    hub.pickers.forget(id);
    kept.ok_or_else(|| Error::not_found("channel"))
}

/// Reads the list of channels anew, soon. Needs `connections:read`.
///
/// # Errors
/// Not found.
pub async fn refresh_channels(hub: &Hub, caller: &Caller, id: &ConnectionId) -> Result<()> {
    let org_id = caller.require(Permission::ConnectionsRead)?;
    let mut tx = hub.db.begin().await?;
    let mut row = store::lock(&mut tx, org_id, id).await?.ok_or_else(|| Error::not_found("connection"))?;
    can_be_asked(&row)?;
    // One that is being read goes on; its pages are a few seconds apart.
    if row.sync_cursor.is_none() && row.sync_at.is_none_or(|at| at > hub.now()) {
        row.sync_at = Some(hub.now());
        store::save(&mut tx, &row).await?;
    }
    tx.commit().await?;
    hub.wake(Work::Chores);
    Ok(())
}

/// What stops when a connection ends: the names of the rules that send through it. Needs `connections:read`.
///
/// # Errors
/// Not found.
pub async fn stops(hub: &Hub, caller: &Caller, id: &ConnectionId) -> Result<Vec<String>> {
    let org_id = caller.require(Permission::ConnectionsRead)?;
    let mut conn = hub.db.read().await?;
    must_exist(&mut conn, org_id, id).await?;
    Ok(endpoint::store::of_connection(&mut conn, org_id, id).await?.into_iter().map(|(row, _)| row.name).collect())
}

/// Ends a connection: its token is revoked at the provider unless another connection goes by it, its rules are deleted, its channels
/// forgotten. The log stays. Needs `connections:write`.
///
/// # Errors
/// Not found; the database does not answer.
pub async fn disconnect(hub: &Hub, caller: &Caller, id: &ConnectionId) -> Result<()> {
    let org_id = caller.require(Permission::ConnectionsWrite)?;
    let mut conn = hub.db.read().await?;
    let row = must_exist(&mut conn, org_id, id).await?;
    let rules = endpoint::store::of_connection(&mut conn, org_id, id).await?;
    drop(conn);
    for (rule, _) in &rules {
        endpoint::actions::remove(hub, caller, org_id, &rule.id).await?;
    }
    if row.provider == Provider::Jira {
        crate::issue::hook::end(hub, &row).await;
    }
    let (revoked, calls) = revoke(hub, &row).await;
    let mut tx = hub.db.begin().await?;
    let Some(mut row) = store::lock(&mut tx, org_id, id).await? else { return Ok(()) };
    let now = hub.now();
    (row.deleted_at, row.updated_at, row.sealed_tokens) = (Some(now), now, None);
    (row.refresh_at, row.check_at, row.sync_at) = (None, None, None);
    store::save(&mut tx, &row).await?;
    channel::store::forget(&mut tx, id).await?;
    crate::issue::store::forget(&mut tx, id).await?;
    people::store::forget_account(&mut tx, &row).await?;
    alert::store::close(&mut tx, org_id, None, id.as_str(), now).await?;
    for call in &calls {
        store::insert_call(&mut tx, org_id, id, call).await?;
    }
    let note = match revoked {
        Ok(()) => row.name.clone(),
        Err(why) => format!("{}; not revoked at {}: {why}", row.name, row.provider.name()),
    };
    audit::store::record(&mut tx, hub, caller, Some(org_id), "connection.deleted", Some(id.as_str()), Some(&note))
        .await?;
    tx.commit().await?;
    changed(hub, org_id);
    hub.pickers.forget(id);
    Ok(())
}

/// Makes the token worthless at the provider; also answers what was asked there, for the log.
async fn revoke(hub: &Hub, row: &Row) -> (Result<(), String>, Vec<ConnectionCall>) {
    let calls = tokens::Calls::default();
    let revoked = async {
        let grant = tokens::open(hub, row).map_err(|error| error.to_string())?;
        // Atlassian and Microsoft have no way to revoke a consent but for the person who gave it.
        let Some(grant) = grant.filter(|_| row.provider == Provider::Slack) else { return Ok(()) };
        if is_shared(hub, row).await.map_err(|error| error.to_string())? {
            return Err("another connection goes by the same token".to_owned());
        }
        let (provider, client) = apps::parties(hub, row.provider).map_err(|error| error.problem().message)?;
        let send = |form| tokens::send_noted(hub, row.provider, form, &calls);
        oauth_flow::revoke(&provider, &client, &grant, send).await.map(drop).map_err(|error| error.to_string())
    };
    let revoked = revoked.await;
    (revoked, calls.take())
}

/// Whether another connection goes by the same token: Slack gives one to a workspace, whichever organizations connect it.
async fn is_shared(hub: &Hub, row: &Row) -> Result<bool> {
    let mut conn = hub.db.read().await?;
    let all = store::of_workspace(&mut conn, row.provider, &row.account_id).await?;
    Ok(all.iter().any(|other| other.id != row.id))
}

/// Tells people that a connection has to be connected again, in the caller's transaction: as an alert and as an event.
pub(crate) async fn tell_broken(conn: &mut Conn, hub: &Hub, row: &Row) -> Result<()> {
    let why = row.problem.as_deref().unwrap_or("It has to be connected again.");
    let words = format!("The connection to {} ({}) does not work: {why}", row.name, row.provider.name());
    alert::raise(conn, hub, &row.org_id, AlertKind::ConnectionBroken, row.id.as_str(), &words).await?;
    let system = Caller::system(Some(row.org_id.clone()));
    let (org_id, target) = (Some(&row.org_id), Some(row.id.as_str()));
    audit::store::record(conn, hub, &system, org_id, "connection.broke", target, Some(why)).await
}

/// What is over once a connection works again, in the caller's transaction: its alerts, and the waiting of what was kept for want of
/// it.
pub(crate) async fn mend(conn: &mut Conn, hub: &Hub, row: &Row) -> Result<()> {
    alert::store::close(conn, &row.org_id, None, row.id.as_str(), hub.now()).await?;
    for (rule, _) in endpoint::store::of_connection(conn, &row.org_id, &row.id).await? {
        endpoint::to_channel::resume(conn, hub, &rule).await?;
    }
    Ok(())
}

/// After a commit: what is kept in memory is read anew, and open pages hear of it.
pub(crate) fn changed(hub: &Hub, org_id: &OrgId) {
    hub.directory.forget(org_id);
    hub.signals.send(Signal::Changed(org_id.clone()));
    hub.bus.notify(org_id, Notice::Connection);
    hub.wake(Work::Due);
    hub.wake(Work::Chores);
}

async fn must_exist(conn: &mut Conn, org_id: &OrgId, id: &ConnectionId) -> Result<Row> {
    store::find(conn, org_id, id).await?.ok_or_else(|| Error::not_found("connection"))
}

fn view(hub: &Hub, channel_count: i64, row: Row) -> Result<Connection> {
    let now = hub.now();
    let granted: Vec<String> = serde_json::from_str(&row.scopes_json).map_err(Error::internal)?;
    let account: serde_json::Value = serde_json::from_str(&row.account_json).map_err(Error::internal)?;
    let state = match row.status {
        ConnectionStatus::NeedsReconnect => ConnectionState::NeedsReconnect,
        ConnectionStatus::NeedsSite => ConnectionState::NeedsSite,
        ConnectionStatus::Paused => ConnectionState::Paused,
        ConnectionStatus::Healthy if row.limited_until.is_some_and(|until| until > now) => ConnectionState::RateLimited,
        ConnectionStatus::Healthy if row.is_expiring(now) => ConnectionState::Expiring,
        ConnectionStatus::Healthy => ConnectionState::Healthy,
    };
    let access = row.access();
    let missing: Vec<&Scope> = match (access, row.provider) {
        (ConnectionAccess::Consent, Provider::Slack) => facts::missing(&granted),
        (ConnectionAccess::Consent, Provider::Jira) => jira::facts::missing(&granted),
        (ConnectionAccess::Consent, Provider::Teams) => scopes::missing(&granted),
        (ConnectionAccess::ApiToken | ConnectionAccess::Workflow, _) => Vec::new(),
    };
    Ok(Connection {
        missing_scopes: missing.into_iter().map(|scope| scope.name.to_owned()).collect(),
        access,
        sites: serde_json::from_value(account["sites"].clone()).unwrap_or_default(),
        account_url: account["url"].as_str().map(str::to_owned),
        scopes: granted,
        is_org_wide: row.is_org_wide(),
        state,
        token: TokenFacts {
            expires_at: row.expires_at,
            refresh_at: row.refresh_at,
            refreshed_at: row.refreshed_at,
            refresh_count: row.refresh_count,
        },
        is_syncing: row.sync_cursor.is_some() || (row.synced_at.is_none() && row.sync_at.is_some()),
        id: row.id,
        provider: row.provider,
        name: row.name,
        account_id: row.account_id,
        account_name: row.account_name,
        problem: row
            .problem
            .or_else(|| account["hook"]["problem"].as_str().map(str::to_owned))
            .or_else(|| row.calls_resume_at.map(|_| silence(row.provider, row.call_failures))),
        calls_resume_at: row.calls_resume_at,
        checked_at: row.checked_at,
        check_us: row.check_us,
        channel_count,
        synced_at: row.synced_at,
        default_channel_id: row.default_channel_id,
        created_by: row.created_by,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// That a provider does not answer, for people.
fn silence(provider: Provider, calls: i64) -> String {
    let name = provider.name();
    format!(
        "{name} did not answer the last {calls} calls. It is asked less often until it does; messages are tried again by themselves."
    )
}
