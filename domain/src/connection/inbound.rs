//! What Slack posts to the hub: what happened in a workspace, presses of buttons, `/patchbay`.
//!
//! One signing secret stands for the whole app, so the body says which workspace it is about; a workspace may be connected by
//! several organizations, and each of them hears of it. Who presses a button or gives a command acts with the rights of the member
//! who is linked to them (`people`) or has the same e-mail address, and with none without one: they are offered a link. Slack waits three seconds for an answer, so whatever asks Slack
//! something back is done after it.

use serde_json::{Value, json};

use super::call::{self, Ask, CallError};
use super::store::{self, Row};
use super::{Provider, apps, people, tokens};
use crate::account::Member;
use crate::account::store::members;
use crate::caller::Identity;
use crate::channel::{self, ChannelState};
use crate::id::{ChannelId, SessionId};
use crate::provider::slack::action::Action;
use crate::provider::slack::error::SlackError;
use crate::provider::slack::facts::Urls;
use crate::provider::slack::inbound::{
    self, Command, Envelope, Happening, Inbound, Interaction, Order, Pressed, Tenant,
};
use crate::replay::Settings;
use crate::rule::{self, NewRule, RuleChange};
use crate::{Caller, Error, Hub, Result, audit, delivery, key};

/// Which of the addresses was posted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// What happened in a workspace.
    Events,
    /// Presses of buttons.
    Interactions,
    /// `/patchbay`.
    Commands,
}

/// Takes a request of Slack's, whose signature over the raw body must hold; answers the body to answer with.
///
/// # Errors
/// *Unauthenticated* where the signature does not hold or is older than five minutes; *malformed*; this installation has no app.
pub async fn receive(hub: &Hub, door: Door, timestamp: &str, signature: &str, body: &[u8]) -> Result<String> {
    let app = apps::slack(hub)?;
    let key = signature::TextKey::new(app.signing_secret.expose());
    let now_s = hub.now().seconds();
    if signature::verify_slack(&[&key], timestamp, signature, body, now_s).is_err() {
        return Err(Error::unauthenticated());
    }
    let unreadable = |error: inbound::Unreadable| Error::malformed(error.to_string());
    match door {
        Door::Events => match inbound::events(body).map_err(unreadable)? {
            Inbound::UrlVerification { challenge } => return Ok(challenge),
            Inbound::Event(envelope) => happened(hub, &envelope).await?,
            Inbound::RateLimited(_) | Inbound::Other(_) => {}
        },
        Door::Interactions => {
            if let Interaction::Pressed(pressed) = inbound::interaction(body).map_err(unreadable)? {
                later(hub, async move |hub| press(&hub, pressed).await);
            }
        }
        Door::Commands => {
            let command = inbound::command(body).map_err(unreadable)?;
            later(hub, async move |hub| order(&hub, command).await);
        }
    }
    Ok(String::new())
}

/// Does something after the answer; the workers' end waits for it.
fn later<F>(hub: &Hub, what: impl FnOnce(Hub) -> F + Send + 'static)
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    let own = hub.clone();
    hub.attempts.spawn(async move {
        if let Err(error) = what(own).await {
            tracing::warn!(%error, source = ?std::error::Error::source(&error), "what somebody did in Slack could not be carried out");
        }
    });
}

/// The connections that a request is about, of whichever organizations. What fails for one of them is logged and keeps nothing from
/// the others.
async fn connections(hub: &Hub, tenant: &Tenant) -> Result<Vec<Row>> {
    let mut conn = hub.db.read().await?;
    let mut found = Vec::new();
    // First those of the workspace itself, then those of the organization that it belongs to.
    for account in [&tenant.team_id, &tenant.enterprise_id].into_iter().flatten() {
        found.extend(store::of_workspace(&mut conn, Provider::Slack, account).await?);
    }
    drop(conn);
    for row in &found {
        key::learn(hub, &row.org_id).await;
    }
    Ok(found)
}

/// A fault that is one connection's alone is logged; what is everybody's is passed on: a database that is away, busy or gave up on two
/// that waited for each other.
fn own_fault<T>(row: &Row, result: Result<T>) -> Result<Option<T>> {
    match result {
        Err(error @ Error::Internal(_)) if !error.is_of_database() => {
            let source = std::error::Error::source(&error);
            tracing::error!(connection = %row.id, %error, ?source, "what Slack told could not be carried out for one connection");
            Ok(None)
        }
        result => result.map(Some),
    }
}

/// Carries out what happened in a workspace. Doing so twice changes nothing more: where it fails for one of several connections, the
/// others have it, and Slack tells it again.
async fn happened(hub: &Hub, envelope: &Envelope) -> Result<()> {
    let mut whole = Ok(());
    for row in connections(hub, &envelope.tenant).await? {
        let done = own_fault(&row, happened_to(hub, &row, envelope).await);
        whole = whole.and(done.map(drop));
    }
    whole
}

async fn happened_to(hub: &Hub, row: &Row, envelope: &Envelope) -> Result<()> {
    match &envelope.happening {
        Happening::AppUninstalled if is_ended(hub, row, envelope)? => gone(hub, row).await,
        Happening::TokensRevoked { bots, .. } if !bots.is_empty() && is_ended(hub, row, envelope)? => {
            gone(hub, row).await
        }
        Happening::ChannelRenamed { channel, name } => rename(hub, row, channel, name).await,
        Happening::ChannelCreated { channel, name } => create(hub, row, channel, name).await,
        Happening::ChannelArchived { channel } => set(hub, row, channel, ChannelState::Archived).await,
        Happening::ChannelUnarchived { channel } => set(hub, row, channel, ChannelState::Fine).await,
        Happening::ChannelDeleted { channel } => set(hub, row, channel, ChannelState::Gone).await,
        // Whether it is the app that came or went, the next reading of the list says.
        Happening::Joined { user, .. } | Happening::Left { user, .. } if is_bot(row, user) => {
            let system = Caller::system(Some(row.org_id.clone()));
            super::actions::refresh_channels(hub, &system, &row.id).await
        }
        _ => Ok(()),
    }
}

/// Whether the end of an install that is told of is that of this connection's: not of an older one, of which Slack may tell late, and
/// not of another that hears of the same workspace.
fn is_ended(hub: &Hub, row: &Row, envelope: &Envelope) -> Result<bool> {
    let granted_at = tokens::open(hub, row)?.map_or(0, |grant| grant.granted_at);
    let is_old = envelope.at.0 + 1000 <= granted_at;
    Ok(!is_old && row.is_org_wide() == envelope.tenant.org_wide)
}

fn is_bot(row: &Row, user: &str) -> bool {
    let account: Value = serde_json::from_str(&row.account_json).unwrap_or_default();
    account["bot_user_id"] == user
}

async fn gone(hub: &Hub, row: &Row) -> Result<()> {
    let error = SlackError::TokenRevoked;
    let told = CallError::Refused(error.code().to_owned(), error.meaning(None, None));
    call::note(hub, &row.org_id, &row.id, Some(&told)).await
}

async fn set(hub: &Hub, row: &Row, channel: &str, state: ChannelState) -> Result<()> {
    let mut tx = hub.db.begin().await?;
    channel::store::set_state(&mut tx, &row.id, channel, state).await?;
    tx.commit().await?;
    told(hub, row);
    Ok(())
}

async fn rename(hub: &Hub, row: &Row, channel: &str, name: &str) -> Result<()> {
    let mut tx = hub.db.begin().await?;
    channel::store::rename(&mut tx, &row.id, channel, name).await?;
    tx.commit().await?;
    told(hub, row);
    Ok(())
}

async fn create(hub: &Hub, row: &Row, channel: &str, name: &str) -> Result<()> {
    let new = channel::Channel {
        id: hub.id(ChannelId::new),
        provider_id: channel.to_owned(),
        name: name.to_owned(),
        workspace: None,
        topic: String::new(),
        members: None,
        private: false,
        joined: false,
        archived: false,
        state: ChannelState::Fine,
    };
    let mut tx = hub.db.begin().await?;
    channel::store::put(&mut tx, &row.id, &[new], hub.now()).await?;
    tx.commit().await?;
    told(hub, row);
    Ok(())
}

fn told(hub: &Hub, row: &Row) {
    hub.pickers.forget(&row.id);
    super::actions::changed(hub, &row.org_id);
}

/// Carries out pressed buttons, with the rights of the member who pressed them.
async fn press(hub: &Hub, pressed: Pressed) -> Result<()> {
    for action in &pressed.actions {
        let (Action::Acknowledge(id) | Action::Replay(id)) = action else { continue };
        let mut said = "This delivery is not one of an organization that this workspace is connected to.".to_owned();
        for row in connections(hub, &pressed.tenant).await? {
            let system = Caller::system(Some(row.org_id.clone()));
            if delivery::actions::get(hub, &system, id).await.is_err() {
                continue;
            }
            let Some(actor) = own_fault(&row, recognise(hub, &row, &pressed.user_id).await)? else { continue };
            said = match actor {
                Actor::Stranger(stranger) => offer(hub, &row, &pressed.user_id, stranger).await?,
                Actor::Member(caller) => match act(hub, &caller, &row, &pressed, action).await {
                    Ok(()) => return Ok(()),
                    Err(error) => error.problem().message,
                },
            };
        }
        answer(hub, pressed.response_url.as_deref(), &said).await;
    }
    Ok(())
}

/// Carries out an action and tells that: in the thread of the message or, where that fails, the person alone.
async fn act(hub: &Hub, caller: &Caller, row: &Row, pressed: &Pressed, action: &Action) -> Result<()> {
    let words = match action {
        Action::Open => return Ok(()),
        Action::Acknowledge(id) => {
            caller.require(crate::Permission::DeliveriesRead)?;
            let mut tx = hub.db.begin().await?;
            let org_id = Some(&row.org_id);
            audit::store::record(&mut tx, hub, caller, org_id, "delivery.acknowledged", Some(id.as_str()), None)
                .await?;
            tx.commit().await?;
            format!("Acknowledged by <@{}>", pressed.user_id)
        }
        Action::Replay(id) => {
            delivery::actions::replay(hub, caller, id, Settings::Now).await?;
            format!("Replayed by <@{}>", pressed.user_id)
        }
    };
    // It is done: whoever hears of a failure now presses again.
    let is_told = reply(hub, row, pressed, &words).await.unwrap_or_else(|error| {
        tracing::warn!(connection = %row.id, %error, "what was done could not be told in the thread");
        false
    });
    if !is_told {
        answer(hub, pressed.response_url.as_deref(), &words).await;
    }
    Ok(())
}

/// Posts into the thread of the message whose button was pressed; answers whether there is a way to it.
async fn reply(hub: &Hub, row: &Row, pressed: &Pressed, words: &str) -> Result<bool> {
    let (Some(channel), Some(ts)) = (&pressed.channel_id, &pressed.message_ts) else { return Ok(false) };
    let Some(grant) = tokens::open(hub, row)? else { return Ok(false) };
    let arguments = [("channel", channel.clone()), ("thread_ts", ts.clone()), ("text", words.to_owned())];
    let ask = Ask { operation: "chat.postMessage", arguments: &arguments, token: &grant.access_token };
    call::call(hub, row, ask).await?.map_err(|error| error.into_error(row.provider))?;
    Ok(true)
}

/// Who somebody in Slack is here.
enum Actor {
    /// A member, with their rights.
    Member(Box<Caller>),
    /// Nobody that is known.
    Stranger(Stranger),
}

/// Somebody who is not known here.
struct Stranger {
    /// Why, in a sentence.
    why: String,
    /// What they are called in Slack, if it told.
    name: Option<String>,
}

/// The member of the organization who is linked to this person in Slack or has their e-mail address; why there is none.
async fn recognise(hub: &Hub, row: &Row, user_id: &str) -> Result<Actor> {
    let linked = people::store::member(&mut hub.db.read().await?, row, user_id).await?;
    if let Some(member) = linked {
        return Ok(as_member(hub, row, member));
    }
    let unknown = |why: String, name: Option<String>| Ok(Actor::Stranger(Stranger { why, name }));
    let Some(grant) = tokens::open(hub, row)? else { return unknown("The connection has no token.".into(), None) };
    let arguments = [("user", user_id.to_owned())];
    let ask = Ask { operation: "users.info", arguments: &arguments, token: &grant.access_token };
    let person = match call::call(hub, row, ask).await? {
        Ok((body, _)) => body,
        Err(error) => return unknown(error.into_error(row.provider).problem().message, None),
    };
    let profile = &person["user"]["profile"];
    let name = [&profile["real_name"], &person["user"]["real_name"], &person["user"]["name"]];
    let name = name.into_iter().find_map(Value::as_str).map(str::to_owned);
    let Some(email) = profile["email"].as_str().map(str::to_lowercase) else {
        return unknown("Slack does not tell your e-mail address, by which Patchbay would know you.".into(), name);
    };
    let mut conn = hub.db.read().await?;
    match members::member_by_email(&mut conn, &row.org_id, &email).await? {
        Some(member) => Ok(as_member(hub, row, member)),
        None => unknown(format!("Nobody of the organization in Patchbay has the address {email}."), name),
    }
}

fn as_member(hub: &Hub, row: &Row, member: Member) -> Actor {
    Actor::Member(Box::new(Caller {
        identity: Identity::User {
            id: member.user_id,
            session_id: hub.id(SessionId::new),
            email: member.email,
            name: member.name,
        },
        operator: None,
        org_id: Some(row.org_id.clone()),
        role: Some(member.role),
        ip: None,
    }))
}

/// What a stranger is told: why nothing was done, and where a member says that it is them.
async fn offer(hub: &Hub, row: &Row, user_id: &str, stranger: Stranger) -> Result<String> {
    let name = stranger.name.as_deref().unwrap_or_default();
    let url = people::actions::offer(hub, row, user_id, name).await?;
    Ok(format!(
        "{} If you have an account there, <{url}|link your account>, then try again. The link is for you alone and works once, within 15 minutes.",
        stranger.why
    ))
}

/// Carries out a command, in the first organization whose member gave it.
async fn order(hub: &Hub, command: Command) -> Result<()> {
    let mut said = "This workspace is not connected to an organization in Patchbay.".to_owned();
    let mut unknown = None;
    for row in connections(hub, &command.tenant).await? {
        let Some(actor) = own_fault(&row, recognise(hub, &row, &command.user_id).await)? else { continue };
        match actor {
            Actor::Stranger(stranger) => unknown = Some((row, stranger)),
            Actor::Member(caller) => {
                unknown = None;
                said = match obey(hub, &caller, &row, &command).await {
                    Ok(words) => words,
                    Err(error) => error.problem().message,
                };
                break;
            }
        }
    }
    if let Some((row, stranger)) = unknown {
        said = offer(hub, &row, &command.user_id, stranger).await?;
    }
    answer(hub, Some(&command.response_url), &said).await;
    Ok(())
}

async fn obey(hub: &Hub, caller: &Caller, row: &Row, command: &Command) -> Result<String> {
    const USAGE: &str = "`/patchbay status`, `/patchbay subscribe invoice.*`, `/patchbay unsubscribe invoice.*`";
    let rules = rule::actions::list(hub, caller, Some(&row.id)).await?;
    let here: Vec<_> = rules.into_iter().filter(|rule| rule.provider_channel_id == command.channel_id).collect();
    match &command.order {
        Order::Help => Ok(format!("Use {USAGE}.")),
        Order::Unknown(word) => Ok(format!("`{}` is no order. Use {USAGE}.", word.replace(['`', '<', '>', '&'], ""))),
        Order::Status if here.is_empty() => Ok(format!("Nothing is told in this channel yet. Use {USAGE}.")),
        Order::Status => {
            let lines = here.iter().map(|rule| {
                let off = if rule.enabled { "" } else { " (switched off)" };
                format!("• `{}`{off}", rule.event_types.join("`, `"))
            });
            Ok(format!("Told in this channel:\n{}", lines.collect::<Vec<_>>().join("\n")))
        }
        Order::Subscribe(patterns) => {
            let channel = super::actions::channel(hub, caller, &row.id, &command.channel_id).await?;
            let new = json!({ "channel_id": channel.id, "event_types": patterns });
            let new: NewRule = serde_json::from_value(new).map_err(Error::internal)?;
            rule::actions::create(hub, caller, new).await?;
            Ok(format!("From now on `{}` is told here.", patterns.join("`, `")))
        }
        Order::Unsubscribe(patterns) => {
            let mut count = 0;
            for rule in here {
                let is_out = |name: &String| patterns.is_empty() || patterns.contains(name);
                let left: Vec<String> = rule.event_types.iter().filter(|name| !is_out(name)).cloned().collect();
                if left.len() == rule.event_types.len() {
                    continue;
                }
                count += 1;
                if left.is_empty() {
                    rule::actions::delete(hub, caller, &rule.id).await?;
                } else {
                    let change = RuleChange { event_types: Some(left), ..RuleChange::default() };
                    rule::actions::update(hub, caller, &rule.id, change).await?;
                }
            }
            Ok(if count == 0 {
                "No rule for this channel names that.".into()
            } else {
                "That is no longer told here.".into()
            })
        }
    }
}

/// Tells the person alone, where Slack said that an answer may be posted.
async fn answer(hub: &Hub, url: Option<&str>, text: &str) {
    let Ok(app) = apps::slack(hub) else { return };
    let Some(url) = url.filter(|url| Urls::at(&app.url).takes_answers(url)) else { return };
    let Ok(target) = hub.calls.target(url) else { return };
    let body = json!({ "response_type": "ephemeral", "replace_original": false, "text": text }).to_string();
    let headers = [(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"))];
    let exchange = hub.calls.post(&target, &headers, vec![body.into()], call::TIMEOUT).await;
    if let Err(failure) = exchange.outcome {
        tracing::info!(why = failure.message, "a late answer could not be posted to Slack");
    }
}
