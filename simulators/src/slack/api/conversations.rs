//! `conversations.*`: the channels that a token may see.
//!
//! A page of the list is cut first and filtered then, as Slack does it: it may hold fewer channels than asked for, or none,
//! and still have one after it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Arguments, Caller, Outcome, Refusal, fields};
use crate::slack::state::{Channel, State, Team, Token};

const DEFAULT_LIMIT: i64 = 100;
const HIGHEST_LIMIT: i64 = 1000;
const TYPES: [(&str, &str); 4] =
    [("public_channel", "channels:read"), ("private_channel", "groups:read"), ("im", "im:read"), ("mpim", "mpim:read")];

pub(super) fn list(state: &mut State, caller: &Caller, arguments: &Arguments) -> Outcome {
    let token = caller.token()?;
    let types = types(arguments, token)?;
    let team = match asked_team(state, token, arguments) {
        Some(team) => team,
        None if arguments.text("team_id").is_some() => return Err("team_access_not_granted".into()),
        None => {
            let what = "the token is good for a whole organization, so team_id must say which workspace is meant";
            state.journal.violation("conversations.list", what);
            return Err(Refusal::with_messages("missing_argument", &["missing required field: team_id".to_owned()]));
        }
    };
    let (start, limit) = page(arguments, |id| team.position(id))?;
    let end = if caller.empty_page { start } else { (start + limit).min(team.channels().len()) };
    let is_wanted = |channel: &&Channel| {
        let kind = kind(channel);
        let seen = !channel.is_deleted && (!channel.is_private || channel.has_bot);
        seen && types.contains(&kind) && !(arguments.flag("exclude_archived") && channel.is_archived)
    };
    let channels: Vec<Value> = team.channels()[start..end].iter().filter(is_wanted).map(describe).collect();
    let next = team.channels().get(end).map(|channel| cursor(&channel.id)).unwrap_or_default();
    fields(json!({ "channels": channels, "response_metadata": { "next_cursor": next } }))
}

pub(super) fn info(state: &mut State, caller: &Caller, arguments: &Arguments) -> Outcome {
    let token = caller.token()?;
    let channel = visible(state, token, arguments.text("channel").unwrap_or_default())?;
    needs(token, scope(channel))?;
    let mut described = describe(channel);
    if !arguments.flag("include_num_members")
        && let Some(described) = described.as_object_mut()
    {
        described.remove("num_members");
    }
    fields(json!({ "channel": described }))
}

pub(super) fn join(state: &mut State, caller: &Caller, arguments: &Arguments) -> Outcome {
    let channel = visible(state, caller.token()?, arguments.text("channel").unwrap_or_default())?;
    if channel.is_private || channel.is_direct() {
        return Err("method_not_supported_for_channel_type".into());
    }
    if channel.is_archived {
        return Err("is_archived".into());
    }
    let id = channel.id.clone();
    let already = channel.has_bot;
    let channel = state.channel_mut(&id).ok_or("channel_not_found")?;
    channel.has_bot = true;
    let mut answer = json!({ "channel": describe(channel) });
    if already {
        answer["warning"] = json!("already_in_channel");
        answer["response_metadata"] = json!({ "warnings": ["already_in_channel"] });
    }
    fields(answer)
}

pub(super) fn members(state: &mut State, caller: &Caller, arguments: &Arguments) -> Outcome {
    let token = caller.token()?;
    let channel = visible(state, token, arguments.text("channel").unwrap_or_default())?;
    needs(token, scope(channel))?;
    let team = state.team(&channel.team).ok_or("fetch_members_failed")?;
    let install = state.install_for(&channel.team).filter(|_| channel.has_bot);
    let people = team.users.iter().take(usize::try_from(channel.people).unwrap_or(usize::MAX)).map(|user| &user.id);
    let all: Vec<&String> = people.chain(install.map(|install| &install.bot_user)).collect();
    let (start, limit) = page(arguments, |id| all.iter().position(|member| *member == id))?;
    let end = if caller.empty_page { start } else { (start + limit).min(all.len()) };
    let next = all.get(end).map(|member| cursor(member)).unwrap_or_default();
    fields(json!({ "members": all[start..end], "response_metadata": { "next_cursor": next } }))
}

pub(super) fn open(state: &mut State, caller: &Caller, arguments: &Arguments) -> Outcome {
    let account = caller.token()?.account.clone();
    if let Some(id) = arguments.text("channel") {
        let channel = state.channel(id).filter(|channel| channel.is_direct()).ok_or("channel_not_found")?;
        return fields(json!({ "channel": { "id": channel.id } }));
    }
    let user = arguments.text("users").ok_or("users_list_not_supplied")?;
    if user.contains(',') {
        return Err("method_not_supported_for_channel_type".into());
    }
    let id = state.direct_messages(&account, user).ok_or("user_not_found")?;
    fields(json!({ "channel": { "id": id } }))
}

/// A channel that the token may know of.
pub(super) fn visible<'a>(state: &'a State, token: &Token, id: &str) -> Result<&'a Channel, Refusal> {
    let found = state.teams_of(&token.account).find_map(|team| team.channel(id));
    let seen = found.filter(|channel| !channel.is_deleted && (!channel.is_private || channel.has_bot));
    seen.ok_or_else(|| "channel_not_found".into())
}

fn asked_team<'a>(state: &'a State, token: &Token, arguments: &Arguments) -> Option<&'a Team> {
    let asked = arguments.text("team_id");
    if state.enterprise_of(&token.account).is_some() && asked.is_none() {
        return None;
    }
    state.teams_of(&token.account).find(|team| asked.is_none_or(|id| team.id == id))
}

fn types<'a>(arguments: &'a Arguments, token: &Token) -> Result<Vec<&'a str>, Refusal> {
    let asked: Vec<&str> = arguments.text("types").unwrap_or("public_channel").split(',').map(str::trim).collect();
    for kind in &asked {
        let (_, scope) = TYPES.iter().find(|(name, _)| name == kind).ok_or("invalid_types")?;
        needs(token, scope)?;
    }
    Ok(asked)
}

fn needs(token: &Token, scope: &str) -> Result<(), Refusal> {
    if token.scopes.iter().any(|granted| granted == scope) {
        return Ok(());
    }
    Err(Refusal::missing_scope(scope, &token.scopes))
}

fn kind(channel: &Channel) -> &'static str {
    match channel {
        channel if channel.is_direct() => "im",
        channel if channel.is_private => "private_channel",
        _ => "public_channel",
    }
}

fn scope(channel: &Channel) -> &'static str {
    let kind = kind(channel);
    TYPES.iter().find(|(name, _)| *name == kind).map_or("channels:read", |(_, scope)| scope)
}

/// Where a page starts and how long it may be.
pub(super) fn page(arguments: &Arguments, position: impl Fn(&str) -> Option<usize>) -> Result<(usize, usize), Refusal> {
    let limit = match arguments.number("limit").unwrap_or(DEFAULT_LIMIT) {
        0 => DEFAULT_LIMIT,
        limit @ 1..=HIGHEST_LIMIT => limit,
        _ => return Err("invalid_limit".into()),
    };
    let start = match arguments.text("cursor") {
        None => 0,
        Some(cursor) => {
            let text = STANDARD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            let position = text.as_deref().and_then(|text| text.strip_prefix("team:")).and_then(position);
            position.ok_or("invalid_cursor")?
        }
    };
    Ok((start, usize::try_from(limit).map_err(|_| "invalid_limit")?))
}

pub(super) fn cursor(id: &str) -> String {
    STANDARD.encode(format!("team:{id}"))
}

/// A channel as the Web API shows it.
fn describe(channel: &Channel) -> Value {
    if let Some(user) = &channel.with_user {
        return json!({ "id": channel.id, "is_im": true, "user": user, "created": channel.created_s, "is_archived": false,
            "is_org_shared": false, "is_user_deleted": false, "context_team_id": channel.team });
    }
    let about = |text: &str| json!({ "value": text, "creator": channel.creator, "last_set": channel.created_s });
    json!({
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": !channel.is_private,
        "is_group": channel.is_private,
        "is_im": false,
        "is_mpim": false,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_general": channel.name == "general",
        "is_shared": false,
        "is_ext_shared": false,
        "is_org_shared": false,
        "is_pending_ext_shared": false,
        "pending_shared": [],
        "unlinked": 0,
        "created": channel.created_s,
        "updated": channel.created_s * 1000,
        "creator": channel.creator,
        "is_member": channel.has_bot,
        "topic": about(&channel.topic),
        "purpose": about(""),
        "previous_names": channel.previous_names,
        "num_members": channel.people + u64::from(channel.has_bot),
        "context_team_id": channel.team,
    })
}
