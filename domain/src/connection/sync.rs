//! The list of a workspace's channels, or of a Jira site's projects, read page by page in the background so that the picker never
//! has to ask the provider.

use serde_json::Value;

use super::call::{self, Ask, CallError};
use super::store::{self, Row};
use super::{ConnectionStatus, Provider, tokens};
use crate::channel::{self, Channel, ChannelState};
use crate::id::ChannelId;
use crate::provider::jira::request;
use crate::time::Timestamp;
use crate::{Hub, Result};

/// A claim to read a page lasts so long, in milliseconds.
pub(crate) const LEASE_MS: i64 = 60_000;
/// Slack wants at most twenty of these requests a minute.
const PAGE_MS: i64 = 3_000;
/// A complete list is read again after this time, in milliseconds.
const AGAIN_MS: i64 = 3_600_000;
/// After a failure, the next try is so much later, in milliseconds.
const FAILED_MS: i64 = 60_000;
/// Channels in one page: the most that Slack gives.
const PAGE: &str = "1000";

/// How the reading of a list goes on.
enum Next {
    /// With the page after this cursor, at a time; the list was begun at another.
    Page(String, Timestamp, Timestamp),
    /// From the beginning, at a time.
    Again(Timestamp),
    /// It is complete.
    Done,
    /// Not at all, as long as the connection does not work.
    Never,
}

/// Reads one page for a connection whose `sync_at` this process has claimed.
///
/// # Errors
/// The database does not answer.
pub(crate) async fn page(hub: &Hub, claimed: &Row) -> Result<()> {
    let began = claimed.sync_began_at.filter(|_| claimed.sync_cursor.is_some()).unwrap_or(hub.now());
    let can_be_asked = !matches!(claimed.status, ConnectionStatus::NeedsReconnect | ConnectionStatus::NeedsSite);
    let grant = tokens::open(hub, claimed)?.filter(|_| can_be_asked);
    let Some(grant) = grant else { return go_on(hub, claimed, Next::Never).await };
    let out = if claimed.provider == Provider::Jira {
        let start = claimed.sync_cursor.as_deref().and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
        super::jira::ask(hub, claimed, &grant, &request::projects(start, ""))?
    } else {
        channels(hub, claimed, &grant)?
    };
    let next = match (call::send(hub, claimed, out).await?.answer, &claimed.sync_cursor) {
        (Ok(body), _) => keep(hub, claimed, &body, began).await?,
        (Err(CallError::RateLimited(ms) | CallError::Held(ms)), Some(cursor)) => {
            Next::Page(cursor.clone(), began, hub.now().plus_ms(ms.max(PAGE_MS)))
        }
        (Err(CallError::RateLimited(ms) | CallError::Held(ms)), None) => {
            Next::Again(hub.now().plus_ms(ms.max(PAGE_MS)))
        }
        // A cursor lapses; then the list is begun anew.
        (Err(_), _) => Next::Again(hub.now().plus_ms(FAILED_MS)),
    };
    go_on(hub, claimed, next).await
}

/// The request for a page of Slack's channels.
fn channels(hub: &Hub, claimed: &Row, grant: &oauth_flow::Grant) -> Result<call::Outgoing> {
    let mut arguments = vec![
        ("types", "public_channel,private_channel".to_owned()),
        ("exclude_archived", "false".to_owned()),
        ("limit", PAGE.to_owned()),
    ];
    if let Some(cursor) = &claimed.sync_cursor {
        arguments.push(("cursor", cursor.clone()));
    }
    let ask = Ask { operation: "conversations.list", arguments: &arguments, token: &grant.access_token };
    call::to_slack(hub, &ask)
}

/// Stores a page; after the last one, marks those as gone that did not come.
async fn keep(hub: &Hub, claimed: &Row, body: &Value, began: Timestamp) -> Result<Next> {
    let (channels, cursor) = if claimed.provider == Provider::Jira {
        super::jira::projects(hub, body)
    } else {
        let listed = body["channels"].as_array().into_iter().flatten();
        let cursor = body["response_metadata"]["next_cursor"].as_str().filter(|cursor| !cursor.is_empty());
        (listed.filter_map(|value| read(hub, value)).collect(), cursor.map(str::to_owned))
    };
    let now = hub.now();
    let mut tx = hub.db.begin().await?;
    channel::store::put(&mut tx, &claimed.id, &channels, now.max(began)).await?;
    if cursor.is_none() {
        channel::store::lose_unseen(&mut tx, &claimed.id, began).await?;
    }
    tx.commit().await?;
    Ok(cursor.map_or(Next::Done, |cursor| Next::Page(cursor, began, now.plus_ms(PAGE_MS))))
}

/// Stores how it goes on, unless somebody has asked for a fresh list meanwhile: that begins at once.
async fn go_on(hub: &Hub, claimed: &Row, next: Next) -> Result<()> {
    let mut tx = hub.db.begin().await?;
    let Some(mut row) = store::lock(&mut tx, &claimed.org_id, &claimed.id).await? else { return Ok(()) };
    if row.sync_at != claimed.sync_at {
        return Ok(());
    }
    if matches!(next, Next::Done) {
        row.synced_at = Some(hub.now());
    }
    (row.sync_at, row.sync_cursor, row.sync_began_at) = match next {
        Next::Page(cursor, began, at) => (Some(at), Some(cursor), Some(began)),
        Next::Again(at) => (Some(at), None, None),
        Next::Done => (Some(hub.now().plus_ms(AGAIN_MS)), None, None),
        Next::Never => (None, None, None),
    };
    store::save(&mut tx, &row).await?;
    tx.commit().await?;
    super::actions::changed(hub, &row.org_id);
    Ok(())
}

/// Reads a channel as Slack describes it (`conversations.list`, `conversations.info`).
pub(crate) fn read(hub: &Hub, value: &Value) -> Option<Channel> {
    let is = |name: &str| value[name] == true;
    let (archived, private, joined) = (is("is_archived"), is("is_private"), is("is_member"));
    Some(Channel {
        id: hub.id(ChannelId::new),
        provider_id: value["id"].as_str()?.to_owned(),
        name: value["name"].as_str()?.to_owned(),
        topic: value["topic"]["value"].as_str().unwrap_or_default().to_owned(),
        members: value["num_members"].as_i64(),
        private,
        joined,
        archived,
        state: ChannelState::of_listing(archived, private, joined),
    })
}
