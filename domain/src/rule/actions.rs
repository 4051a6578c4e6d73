//! What can be done with rules. A rule is kept as an endpoint whose deliveries go to a channel, so that it has all that endpoints
//! have: a queue, a circuit breaker, a history, a place in the log, replays.

use super::count::{Past, count};
use super::schedule::Schedule;
use super::{Batching, Estimate, Matcher, Mention, NewRule, Rule, RuleChange, check_times};
use crate::channel::{self, Channel};
use crate::connection::{self, ConnectionAccess, Provider, apps};
use crate::db::Conn;
use crate::endpoint::store::Row;
use crate::endpoint::{self, Destination, EndpointChange, EndpointStatus, refuse};
use crate::filter::{Filter, Place};
use crate::id::{ChannelId, ConnectionId, DeliveryId, EndpointId, OrgId};
use crate::issue::template::Template;
use crate::provider::slack::facts::Urls;
use crate::provider::teams::{graph, place};
use crate::{Caller, Detail, Error, Hub, Permission, Result, event, issue};

/// Events that an estimate looks at, at most.
pub const LOOKED_AT: i64 = 20_000;

/// Characters of an endpoint's name, which a rule takes from its channel.
const MAX_NAME: usize = 100;

/// The organization's rules, oldest first; with a connection, only those that send through it. Needs `endpoints:read`.
///
/// # Errors
/// Forbidden, or the database does not answer.
pub async fn list(hub: &Hub, caller: &Caller, of: Option<&ConnectionId>) -> Result<Vec<Rule>> {
    let org_id = caller.require(Permission::EndpointsRead)?;
    let mut conn = hub.db.read().await?;
    let mut rules = Vec::new();
    for row in endpoint::store::all(&mut conn, org_id).await? {
        let Some(destination) = endpoint::actions::controls(&row)?.destination else { continue };
        if of.is_none_or(|id| *id == destination.connection_id) {
            rules.push(view(&mut conn, row, destination).await?);
        }
    }
    Ok(rules)
}

/// One rule. Needs `endpoints:read`.
///
/// # Errors
/// Not found.
pub async fn get(hub: &Hub, caller: &Caller, id: &EndpointId) -> Result<Rule> {
    let org_id = caller.require(Permission::EndpointsRead)?;
    let mut conn = hub.db.read().await?;
    let (row, destination) = must_exist(&mut conn, org_id, id).await?;
    view(&mut conn, row, destination).await
}

/// Makes a rule. Needs `endpoints:write`.
///
/// # Errors
/// The fields that are wrong; too many endpoints.
pub async fn create(hub: &Hub, caller: &Caller, new: NewRule) -> Result<Rule> {
    let org_id = caller.require(Permission::EndpointsWrite)?;
    let (connection, channel) = find_channel(hub, org_id, &new.channel_id, None).await?;
    let change = fields(hub, &new, &connection, &channel)?;
    let id =
        endpoint::to_channel::create(hub, caller, org_id, change, destination(&new, &connection, &channel)).await?;
    issue::hook::soon(hub, &connection).await?;
    get(hub, &Caller::system(Some(org_id.clone())), &id).await
}

/// Changes a rule. Needs `endpoints:write`.
///
/// # Errors
/// The fields that are wrong; not found.
pub async fn update(hub: &Hub, caller: &Caller, id: &EndpointId, change: RuleChange) -> Result<Rule> {
    let org_id = caller.require(Permission::EndpointsWrite)?;
    let mut rule = get(hub, &Caller::system(Some(org_id.clone())), id).await?;
    let before = rule.channel_id.clone();
    change.apply(&mut rule);
    let new = NewRule::from(rule);
    let (connection, channel) = find_channel(hub, org_id, &new.channel_id, Some(&before)).await?;
    let change = fields(hub, &new, &connection, &channel)?;
    let to = destination(&new, &connection, &channel);
    endpoint::to_channel::update(hub, caller, org_id, id, change, to).await?;
    issue::hook::soon(hub, &connection).await?;
    get(hub, &Caller::system(Some(org_id.clone())), id).await
}

/// Deletes a rule; what waits for it ends as failed. The log keeps its name. Needs `endpoints:write`.
///
/// # Errors
/// Not found.
pub async fn delete(hub: &Hub, caller: &Caller, id: &EndpointId) -> Result<()> {
    let org_id = caller.require(Permission::EndpointsWrite)?;
    let mut conn = hub.db.read().await?;
    let (_, destination) = must_exist(&mut conn, org_id, id).await?;
    let connection = connection::store::find(&mut conn, org_id, &destination.connection_id).await?;
    drop(conn);
    endpoint::actions::delete(hub, caller, id).await?;
    match connection {
        Some(connection) => issue::hook::soon(hub, &connection).await,
        None => Ok(()),
    }
}

/// Sends a sample of the rule's first type (or of another) to its channel now, whatever its times. Answers the delivery. Needs
/// `endpoints:write`.
///
/// # Errors
/// Not found; the rule is switched off, or its connection does not work.
pub async fn test(hub: &Hub, caller: &Caller, id: &EndpointId, event_type: Option<&str>) -> Result<DeliveryId> {
    let org_id = caller.require(Permission::EndpointsWrite)?;
    must_exist(&mut hub.db.read().await?, org_id, id).await?;
    endpoint::actions::test(hub, caller, id, event_type).await
}

/// Tells how many messages a rule would have sent in the last seven days, by the newest [`LOOKED_AT`] events. Needs `endpoints:read` and `events:read`.
///
/// # Errors
/// The fields that are wrong.
pub async fn estimate(hub: &Hub, caller: &Caller, new: &NewRule) -> Result<Estimate> {
    estimate_by(hub, caller, new, LOOKED_AT).await
}

/// The same by the newest `limit` events.
pub(crate) async fn estimate_by(hub: &Hub, caller: &Caller, new: &NewRule, limit: i64) -> Result<Estimate> {
    let org_id = caller.require(Permission::EndpointsRead)?;
    caller.require(Permission::EventsRead)?;
    let matcher = Matcher::new(&new.event_types, new.condition.as_ref())?;
    let schedule = Schedule::new(new.batching, new.quiet_hours, &new.time_zone)?;
    let since = hub.now().plus_ms(-super::DAYS * 24 * 3600 * 1000);
    let mut rows = event::store::since(&mut hub.db.read().await?, org_id, since, limit + 1).await?;
    let is_partial = rows.len() as i64 > limit;
    if is_partial {
        rows.pop();
    }
    let channels: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.channels.as_deref().map_or(Ok(Vec::new()), serde_json::from_str))
        .collect::<Result<_, _>>()
        .map_err(Error::internal)?;
    let past = rows.iter().zip(&channels).map(|(row, channels)| Past {
        at: row.created_at,
        event_type: &row.event_type,
        data: &row.data,
        channels,
        ordering_key: row.ordering_key.as_deref(),
    });
    Ok(Estimate { is_partial, ..count(&matcher, &schedule, past) })
}

/// The channel that a rule is to tell in, with its connection. It must take messages unless it is the one `before`: a rule whose
/// channel is archived can still be changed.
async fn find_channel(
    hub: &Hub,
    org_id: &OrgId,
    id: &ChannelId,
    before: Option<&ChannelId>,
) -> Result<(connection::store::Row, Channel)> {
    let wrong = || {
        Error::invalid(
            "channel_id",
            "is no channel that one of your connections can see. Pick one from the list of channels.",
        )
    };
    let mut conn = hub.db.read().await?;
    let (connection_id, channel) = channel::store::of_org(&mut conn, org_id, id).await?.ok_or_else(wrong)?;
    let connection = connection::store::find(&mut conn, org_id, &connection_id).await?.ok_or_else(wrong)?;
    match channel.state.sentence() {
        Some(sentence) if before != Some(id) => Err(Error::invalid("channel_id", sentence)),
        _ => Ok((connection, channel)),
    }
}

/// Checks what a rule says, and makes the endpoint's part of it.
fn fields(hub: &Hub, new: &NewRule, connection: &connection::store::Row, channel: &Channel) -> Result<EndpointChange> {
    Matcher::new(&new.event_types, new.condition.as_ref())?;
    Schedule::new(new.batching, new.quiet_hours, &new.time_zone)?;
    refuse(check_times(new.batching, new.quiet_hours))?;
    let filter = new.condition.as_ref().map(|condition| Filter::from_value(condition).map(|_| condition.clone()));
    if connection.provider.makes_issues() != new.issue.is_some() {
        let message = if new.issue.is_some() {
            "is only for rules that lead to a project of Jira. Leave it out."
        } else {
            "is missing: say which type of issue events make."
        };
        return Err(Error::invalid("issue", message));
    }
    let (name, url) = match connection.provider {
        Provider::Slack => (format!("#{}", channel.name), Urls::at(&apps::slack(hub)?.url).api("chat.postMessage")),
        Provider::Teams => {
            check_mention_in_teams(new, connection)?;
            (channel.name.clone(), address_in_teams(hub, connection, channel)?)
        }
        Provider::Jira => {
            check_issue(new)?;
            (channel.name.clone(), connection::jira::rest(hub, connection, "/issue")?)
        }
    };
    Ok(EndpointChange {
        name: Some(name.chars().take(MAX_NAME).collect()),
        url: Some(url),
        event_types: Some(new.event_types.clone()),
        filter: Some(filter.transpose()?),
        // An issue takes several calls, of which none may take that long.
        timeout_ms: connection.provider.makes_issues().then_some(30_000),
        status: Some(if new.enabled { EndpointStatus::Active } else { EndpointStatus::Paused }),
        ..EndpointChange::default()
    })
}

/// In Teams a message calls everybody of its channel, or nobody: naming people takes a permission to read who is in a team.
fn check_mention_in_teams(new: &NewRule, connection: &connection::store::Row) -> Result<()> {
    let why = match &new.mention {
        None => return Ok(()),
        Some(_) if connection.access() == ConnectionAccess::Workflow => {
            "is not possible through a workflow of Microsoft Teams. Leave it empty, or connect Teams by signing in."
        }
        Some(Mention::Channel) => return Ok(()),
        Some(_) => {
            "must be `channel` in Microsoft Teams, or empty: Patchbay does not ask for the permission to see who is in a team."
        }
    };
    Err(Error::invalid("mention", why))
}

/// Where messages into a channel of Teams go: of a workflow the origin, as the rest of its address is the connection's secret.
fn address_in_teams(hub: &Hub, connection: &connection::store::Row, channel: &Channel) -> Result<String> {
    if connection.access() == ConnectionAccess::Workflow {
        let account: serde_json::Value = serde_json::from_str(&connection.account_json).map_err(Error::internal)?;
        return Ok(format!("{}/", account["origin"].as_str().unwrap_or_default()));
    }
    let (team, channel) = place::read(&channel.provider_id).ok_or_else(|| Error::not_found("channel"))?;
    Ok(apps::teams(hub)?.urls().graph(&graph::messages(team, channel)))
}

/// What is wrong with a rule that makes issues.
fn check_issue(new: &NewRule) -> Result<()> {
    let Some(issue) = &new.issue else { return Ok(()) };
    let mut details = issue.check();
    let mut wrong = |field: &str, message: String| details.push(Detail { field: field.to_owned(), message });
    if new.mention.is_some() {
        wrong("mention", "is not possible in issues. Leave it empty.".into());
    }
    if new.batching != Batching::Off {
        wrong("batching", "is not possible for issues: each event goes by itself.".into());
    }
    if new.quiet_hours.is_some() {
        wrong("quiet_hours", "are not possible for issues: nobody is woken by one.".into());
    }
    if let Some(Err(why)) = issue.subject.as_deref().map(Place::parse) {
        wrong("issue.subject", why);
    }
    for (index, mapping) in issue.fields.iter().enumerate() {
        if let Err(why) = Template::parse(&mapping.value) {
            wrong(&format!("issue.fields[{index}].value"), why);
        }
    }
    refuse(details)
}

fn destination(new: &NewRule, connection: &connection::store::Row, channel: &Channel) -> Destination {
    Destination {
        provider: connection.provider,
        connection_id: connection.id.clone(),
        channel_id: channel.id.clone(),
        provider_channel_id: channel.provider_id.clone(),
        channel_name: channel.name.clone(),
        format: new.format,
        mention: new.mention.clone(),
        batching: new.batching,
        quiet_hours: new.quiet_hours,
        time_zone: new.time_zone.clone(),
        issue: new.issue.clone(),
    }
}

async fn must_exist(conn: &mut Conn, org_id: &OrgId, id: &EndpointId) -> Result<(Row, Destination)> {
    let row = endpoint::store::find(conn, org_id, id).await?.ok_or_else(|| Error::not_found("rule"))?;
    let destination = endpoint::actions::controls(&row)?.destination.ok_or_else(|| Error::not_found("rule"))?;
    Ok((row, destination))
}

async fn view(conn: &mut Conn, row: Row, to: Destination) -> Result<Rule> {
    let channel = channel::store::find(conn, &to.connection_id, &to.provider_channel_id).await?;
    let controls = endpoint::actions::controls(&row)?;
    Ok(Rule {
        channel_state: channel.as_ref().map_or(channel::ChannelState::Gone, |channel| channel.state),
        channel_name: channel.map_or(to.channel_name, |channel| channel.name),
        event_types: serde_json::from_str(&row.event_types_json).map_err(Error::internal)?,
        condition: controls.filter.map(serde_json::to_value).transpose().map_err(Error::internal)?,
        connection_id: to.connection_id,
        channel_id: to.channel_id,
        provider_channel_id: to.provider_channel_id,
        mention: to.mention,
        format: to.format,
        batching: to.batching,
        quiet_hours: to.quiet_hours,
        time_zone: to.time_zone,
        issue: to.issue,
        enabled: row.status == EndpointStatus::Active,
        disabled_reason: row.disabled_reason,
        id: row.id,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// Notes what a delivery has shown of a channel.
pub(crate) async fn note_channel(
    hub: &Hub,
    org_id: &OrgId,
    destination: &Destination,
    state: channel::ChannelState,
) -> Result<()> {
    let mut tx = hub.db.begin().await?;
    let (connection_id, provider_id) = (&destination.connection_id, destination.provider_channel_id.as_str());
    channel::store::set_state(&mut tx, connection_id, provider_id, state).await?;
    tx.commit().await?;
    connection::actions::changed(hub, org_id);
    Ok(())
}
