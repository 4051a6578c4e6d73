//! What connections to Microsoft Teams by consent do differently: where an organization lets only administrators allow apps, one of
//! them does so first, for everybody; the account is a person of an organization; and channels are listed team by team, and known
//! by their team's name and their own.

use oauth_flow::Grant;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::apps;
use super::call::{self, CallError, Outgoing};
use super::flow::{self, Away, Ending, Finished};
use super::store::{FlowRow, Row};
use super::{Provider, TeamsApp};
use crate::channel::Channel;
use crate::id::ChannelId;
use crate::provider::teams::entra::{AdminConsent, Urls};
use crate::provider::teams::graph::{self, Listed, NextPage, Request, Team};
use crate::provider::teams::{package, place};
use crate::{Caller, Error, Hub, Permission, Result, audit};

/// The state of an administrator to whom a link was sent: nobody waits for them here.
const SENT: &str = "sent";
/// Pages of teams among which one is looked for, at most.
const MOST_PAGES: usize = 50;

/// Sends the browser of an administrator on their way to allow the app for everybody in their organization: answers the URL at
/// Microsoft. Needs `connections:write` and a signed-in person.
///
/// # Errors
/// Forbidden; this installation has no app at Entra ID.
pub async fn begin_admin(hub: &Hub, caller: &Caller) -> Result<String> {
    caller.require(Permission::ConnectionsWrite)?;
    let app = apps::teams(hub)?;
    let state = hub.random.token();
    let away = Away {
        provider: Provider::Teams,
        connection: None,
        state_hash: oauth_flow::state_hash(&state),
        verifier: None,
    };
    flow::note_away(hub, caller, away).await?;
    Ok(admin_url(hub, app, &state))
}

/// The link to send to an administrator who has no account here; none without an app.
#[must_use]
pub fn admin_link(hub: &Hub) -> Option<String> {
    hub.settings.teams.as_ref().map(|app| admin_url(hub, app, SENT))
}

/// What an administrator came back with to whom a link was sent: whether they have allowed the app, as far as the query says.
/// Nothing of it is kept. None if the query is of no such way.
#[must_use]
pub fn sent_back(query: &str) -> Option<bool> {
    match AdminConsent::read(&oauth_flow::state_hash(SENT), query) {
        AdminConsent::Granted(_) => Some(true),
        AdminConsent::Denied(_) => Some(false),
        AdminConsent::Malformed => None,
    }
}

/// The app that people add to Teams to see this installation's alerts there, as a zip file. Needs `connections:write`.
///
/// # Errors
/// Forbidden; this installation is not reached by https.
pub fn app_package(hub: &Hub, caller: &Caller) -> Result<Vec<u8>> {
    caller.require(Permission::ConnectionsWrite)?;
    package::build(&hub.settings.base_url).map_err(|error| Error::conflict("not_https", format!("{error}.")))
}

fn admin_url(hub: &Hub, app: &TeamsApp, state: &str) -> String {
    app.urls().admin_consent(&app.client_id, &apps::redirect_uri(hub, Provider::Teams), state)
}

/// Takes an administrator back.
pub(super) async fn finish_admin(hub: &Hub, caller: &Caller, flow: &FlowRow, query: &str) -> Result<Finished> {
    match AdminConsent::read(&flow.state_hash, query) {
        AdminConsent::Granted(tenant) => {
            let mut tx = hub.db.begin().await?;
            let (org_id, target) = (Some(&flow.org_id), Some(flow.provider.as_str()));
            audit::store::record(&mut tx, hub, caller, org_id, "connection.allowed", target, Some(&tenant)).await?;
            tx.commit().await?;
            Ok(Finished::Allowed)
        }
        AdminConsent::Denied(code) => {
            flow::note_denied(hub, caller, flow, &code).await?;
            Ok(Finished::Ended(Ending::Denied))
        }
        AdminConsent::Malformed => Ok(Finished::Ended(Ending::Stale)),
    }
}

/// A request to Graph.
///
/// # Errors
/// This installation has no app any more.
pub(super) fn ask(hub: &Hub, grant: &Grant, request: &Request) -> Result<Outgoing> {
    call::to_graph(&apps::teams(hub)?.urls(), request, grant)
}

/// Where the reading of a list is.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Cursor {
    /// Teams whose channels are still to be read, the one that is being read first.
    todo: Vec<Team>,
    /// The next page of that one's channels; its first where there is none.
    channels: Option<NextPage>,
    /// The next page of teams.
    teams: Option<NextPage>,
}

impl Cursor {
    /// What was stored; the beginning where nothing was, or nothing that can be read.
    fn of(text: Option<&str>) -> Self {
        text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    fn request(&self) -> Request {
        match (self.todo.first(), &self.channels, &self.teams) {
            (Some(_), Some(next), _) | (None, _, Some(next)) => graph::next_page(next),
            (Some(team), None, _) => graph::channels(&team.id),
            (None, _, None) => graph::joined_teams(),
        }
    }

    /// Takes an answer in: the channels in it, with their team.
    fn take(&mut self, urls: &Urls, answer: &Value) -> Vec<(Team, Listed)> {
        let Some(team) = self.todo.first().cloned() else {
            let page = graph::teams(urls, answer);
            (self.todo, self.teams) = (page.entries, page.next);
            return Vec::new();
        };
        let page = graph::listed(urls, answer);
        self.channels = page.next;
        if self.channels.is_none() {
            self.todo.remove(0);
        }
        page.entries.into_iter().map(|listed| (team.clone(), listed)).collect()
    }

    const fn is_at_its_end(&self) -> bool {
        self.todo.is_empty() && self.teams.is_none()
    }
}

/// The request for the page of a list that comes next.
pub(super) fn next_page(cursor: Option<&str>) -> Request {
    Cursor::of(cursor).request()
}

/// A team that is gone since it was listed, or whose channels the person may not see, has none; the others are read.
pub(super) fn pass_over(answer: Result<Value, CallError>, cursor: Option<&str>) -> Result<Value, CallError> {
    match answer {
        Err(CallError::Refused(_, meaning)) if cursor.is_some() && meaning.channel.is_some() => {
            Ok(json!({ "value": [] }))
        }
        answer => answer,
    }
}

/// Reads a page of a list: its channels, and the cursor of the next one.
///
/// # Errors
/// This installation has no app any more.
pub(super) fn read_page(hub: &Hub, cursor: Option<&str>, answer: &Value) -> Result<(Vec<Channel>, Option<String>)> {
    let mut cursor = Cursor::of(cursor);
    let found = cursor.take(&apps::teams(hub)?.urls(), answer);
    let channels = found.into_iter().map(|(team, listed)| channel(hub, &team, listed)).collect();
    let next = (!cursor.is_at_its_end()).then(|| serde_json::to_string(&cursor).map_err(Error::internal));
    Ok((channels, next.transpose()?))
}

/// Asks for a channel that is in no list yet; nothing if the person is not in its team.
///
/// # Errors
/// What Graph says, or the database does not answer.
pub(super) async fn find_channel(hub: &Hub, row: &Row, grant: &Grant, provider_id: &str) -> Result<Option<Channel>> {
    let Some((team_id, channel_id)) = place::read(provider_id) else { return Ok(None) };
    let urls = apps::teams(hub)?.urls();
    let asked = async |request: &Request| {
        let answer = call::send(hub, row, ask(hub, grant, request)?).await?.answer;
        answer.map_err(|error| error.into_error(Provider::Teams))
    };
    let mut request = graph::joined_teams();
    for _ in 0..MOST_PAGES {
        let page = graph::teams(&urls, &asked(&request).await?);
        if let Some(team) = page.entries.into_iter().find(|team| team.id == team_id) {
            let answer = asked(&graph::channel(team_id, channel_id)).await?;
            return Ok(graph::one(&answer).map(|listed| channel(hub, &team, listed)));
        }
        let Some(next) = page.next else { return Ok(None) };
        request = graph::next_page(&next);
    }
    Ok(None)
}

fn channel(hub: &Hub, team: &Team, listed: Listed) -> Channel {
    Channel {
        id: hub.id(ChannelId::new),
        provider_id: place::name(&team.id, &listed.id),
        name: format!("{}: {}", team.name, listed.name),
        workspace: None,
        state: listed.state(),
        topic: listed.description,
        members: None,
        private: listed.private,
        // Graph lists what the person who connected may see, and that is who posts.
        joined: true,
        archived: listed.archived,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(entries: &[&str], next: Option<&str>) -> Value {
        let value: Vec<Value> = entries.iter().map(|id| json!({ "id": id, "displayName": id })).collect();
        json!({ "value": value, "@odata.nextLink": next.map(|path| Urls::default().graph(path)) })
    }

    #[test]
    fn a_list_is_read_team_by_team_and_page_by_page() {
        let (urls, mut cursor) = (Urls::default(), Cursor::default());
        let mut found = Vec::new();
        for (path, answer) in [
            ("/me/joinedTeams", page(&["a", "b"], Some("/me/joinedTeams?$skiptoken=1"))),
            ("/teams/a/channels", page(&["a1"], Some("/teams/a/channels?$skiptoken=2"))),
            ("/teams/a/channels?$skiptoken=2", page(&["a2"], None)),
            ("/teams/b/channels", page(&[], None)),
            ("/me/joinedTeams?$skiptoken=1", page(&["c"], None)),
            ("/teams/c/channels", page(&["c1"], None)),
        ] {
            let request = cursor.request().path;
            assert_eq!(request.split("?$select").next(), Some(path));
            found.extend(
                cursor.take(&urls, &answer).into_iter().map(|(team, listed)| format!("{} {}", team.id, listed.id)),
            );
            cursor = Cursor::of(Some(&serde_json::to_string(&cursor).expect("JSON")));
        }
        assert!(cursor.is_at_its_end(), "{cursor:?}");
        assert_eq!(found, ["a a1", "a a2", "c c1"]);
        assert_eq!(Cursor::of(Some("what an older version left")), Cursor::default());
    }
}
