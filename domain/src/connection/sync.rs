//! The list of a workspace's channels, of those in a person's teams, or of a Jira site's projects, read page by page in the
//! background so that the picker never has to ask the provider. A connection to a whole organization at Slack first asks which
//! workspaces it is good for, then reads the list of each ([`Tour`]).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call::{self, Ask, CallError};
use super::store::{self, Row};
use super::{ConnectionStatus, Provider, teams, tokens};
use crate::channel::{self, Channel, ChannelState};
use crate::id::ChannelId;
use crate::provider::jira::request;
use crate::provider::slack::error::SlackError;
use crate::time::Timestamp;
use crate::{Error, Hub, Result};

/// A claim to read a page lasts so long, in milliseconds.
pub(crate) const LEASE_MS: i64 = 60_000;
/// Pages are so far apart, in milliseconds: Slack wants at most twenty of these requests a minute.
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

/// How far the lists of an organization's workspaces have been read; kept as the cursor of the reading.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Tour {
    /// Those that are yet to be read, by id and name; the first one is being read.
    workspaces: Vec<(String, String)>,
    /// There are more workspaces, after this cursor.
    more: Option<String>,
    /// The list of the first one goes on after this cursor.
    page: Option<String>,
}

impl Tour {
    /// Where the reading of a connection stands.
    fn of(row: &Row) -> Option<Self> {
        serde_json::from_str(row.sync_cursor.as_deref()?).ok()
    }

    /// Whether workspaces are asked for next.
    const fn is_asking(&self) -> bool {
        self.workspaces.is_empty() || self.more.is_some()
    }

    /// Takes in the names of workspaces.
    fn add(&mut self, body: &Value) {
        let teams = body["teams"].as_array().into_iter().flatten();
        let named = |team: &Value| {
            let id = team["id"].as_str()?;
            Some((id.to_owned(), team["name"].as_str().unwrap_or(id).to_owned()))
        };
        self.workspaces.extend(teams.filter_map(named));
        self.more = next_cursor(body);
    }

    /// Goes on after a page of channels.
    fn turn(&mut self, body: &Value) {
        self.page = next_cursor(body);
        if self.page.is_none() {
            self.workspaces.remove(0);
        }
    }

    /// It as a cursor, unless it is over.
    fn cursor(&self) -> Result<Option<String>> {
        if self.workspaces.is_empty() && self.more.is_none() {
            return Ok(None);
        }
        serde_json::to_string(self).map(Some).map_err(Error::internal)
    }
}

/// Where a list of Slack's goes on.
fn next_cursor(body: &Value) -> Option<String> {
    let cursor = body["response_metadata"]["next_cursor"].as_str();
    cursor.filter(|cursor| !cursor.is_empty()).map(str::to_owned)
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
    let cursor = claimed.sync_cursor.as_deref();
    let out = match claimed.provider {
        Provider::Jira => {
            let start = cursor.and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
            super::jira::ask(hub, claimed, &grant, &request::projects(start, ""))?
        }
        Provider::Teams => teams::ask(hub, &grant, &teams::next_page(cursor))?,
        Provider::Slack => channels(hub, claimed, &grant)?,
    };
    let answer = call::send(hub, claimed, out).await?.answer;
    let answer = match claimed.provider {
        Provider::Jira => answer,
        Provider::Teams => teams::pass_over(answer, cursor),
        Provider::Slack => pass_over(answer, claimed),
    };
    let next = match (answer, &claimed.sync_cursor) {
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

/// The request for a page of Slack's channels, or of the workspaces that they are in.
fn channels(hub: &Hub, claimed: &Row, grant: &oauth_flow::Grant) -> Result<call::Outgoing> {
    let mut arguments = vec![("limit", PAGE.to_owned())];
    let mut cursor = claimed.sync_cursor.clone();
    let mut operation = "conversations.list";
    if claimed.is_org_wide() {
        let tour = Tour::of(claimed).unwrap_or_default();
        if tour.is_asking() {
            operation = "auth.teams.list";
            cursor = tour.more;
        } else {
            cursor = tour.page;
            arguments.extend(tour.workspaces.into_iter().next().map(|(id, _)| ("team_id", id)));
        }
    }
    if operation == "conversations.list" {
        arguments.push(("types", "public_channel,private_channel".to_owned()));
        arguments.push(("exclude_archived", "false".to_owned()));
    }
    arguments.extend(cursor.map(|cursor| ("cursor", cursor)));
    call::to_slack(hub, &Ask { operation, arguments: &arguments, token: &grant.access_token })
}

/// A workspace that was withdrawn from the app since it was listed has no channels; the organization's others are read.
fn pass_over(answer: Result<Value, CallError>, claimed: &Row) -> Result<Value, CallError> {
    let is_one_of_many = claimed.is_org_wide() && Tour::of(claimed).is_some_and(|tour| !tour.is_asking());
    match answer {
        Err(CallError::Refused(word, _)) if is_one_of_many && SlackError::of(&word).is_of_workspace() => {
            Ok(json!({ "channels": [] }))
        }
        answer => answer,
    }
}

/// The channels in an answer of Slack's, and the cursor of what comes after it.
fn listed(hub: &Hub, claimed: &Row, body: &Value) -> Result<(Vec<Channel>, Option<String>)> {
    let mut channels: Vec<Channel> =
        body["channels"].as_array().into_iter().flatten().filter_map(|value| read(hub, value)).collect();
    if !claimed.is_org_wide() {
        return Ok((channels, next_cursor(body)));
    }
    let mut tour = Tour::of(claimed).unwrap_or_default();
    if tour.is_asking() {
        tour.add(body);
    } else {
        let workspace = tour.workspaces.first().map(|(_, name)| name.clone());
        channels.iter_mut().for_each(|channel| channel.workspace.clone_from(&workspace));
        tour.turn(body);
    }
    Ok((channels, tour.cursor()?))
}

/// Stores a page; after the last one, marks those as gone that did not come.
async fn keep(hub: &Hub, claimed: &Row, body: &Value, began: Timestamp) -> Result<Next> {
    let (channels, cursor) = match claimed.provider {
        Provider::Jira => super::jira::projects(hub, body),
        Provider::Teams => teams::read_page(hub, claimed.sync_cursor.as_deref(), body)?,
        Provider::Slack => listed(hub, claimed, body)?,
    };
    // Graph takes one after another: there are many, a few for each team.
    let pause_ms = if claimed.provider == Provider::Teams { 0 } else { PAGE_MS };
    let now = hub.now();
    let mut tx = hub.db.begin().await?;
    channel::store::put(&mut tx, &claimed.id, &channels, now.max(began)).await?;
    if cursor.is_none() {
        channel::store::lose_unseen(&mut tx, &claimed.id, began).await?;
    }
    tx.commit().await?;
    Ok(cursor.map_or(Next::Done, |cursor| Next::Page(cursor, began, now.plus_ms(pause_ms))))
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
        workspace: None,
        topic: value["topic"]["value"].as_str().unwrap_or_default().to_owned(),
        members: value["num_members"].as_i64(),
        private,
        joined,
        archived,
        state: ChannelState::of_listing(archived, private, joined),
    })
}
