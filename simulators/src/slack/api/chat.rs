//! `chat.*`: messages by the app.

use serde_json::{Value, json};

use super::auth::bot_name;
use super::conversations::visible;
use super::{Arguments, Caller, Outcome, Refusal, fields};
use crate::slack::state::{Channel, Message, State, Token};

pub(super) fn post(state: &mut State, caller: &Caller, arguments: &Arguments) -> Outcome {
    let token = caller.token()?;
    let is_dressed = ["username", "icon_emoji", "icon_url"].iter().any(|name| arguments.text(name).is_some());
    if is_dressed && !has(token, "chat:write.customize") {
        return Err(Refusal::missing_scope("chat:write.customize", &token.scopes));
    }
    let id = target(state, token, arguments.text("channel").unwrap_or_default())?;
    let channel = state.channel(&id).ok_or("channel_not_found")?;
    may_post(channel, token)?;
    let (team, channel_name) = (channel.team.clone(), channel.name.clone());
    if let Some(parent) = arguments.text("thread_ts") {
        state.message_mut(&id, parent).ok_or("thread_not_found")?;
    }
    let message = Message {
        team,
        channel: id.clone(),
        channel_name,
        ts: state.next_ts(),
        thread_ts: arguments.text("thread_ts").map(str::to_owned),
        user: token.user.clone(),
        by_app: true,
        text: arguments.text("text").or_else(|| arguments.text("markdown_text")).unwrap_or_default().to_owned(),
        blocks: state.kept_blocks(arguments.list("blocks")),
        attachments: arguments.list("attachments"),
        metadata: arguments.values.get("metadata").cloned(),
        only_for: None,
        edits: 0,
        is_deleted: false,
    };
    let mut shown = show(state, &message);
    if let Some(name) = arguments.text("username") {
        shown["username"] = json!(name);
    }
    let ts = message.ts.clone();
    state.tell_message(&message);
    state.messages.push(message);
    fields(json!({ "channel": id, "ts": ts, "message": shown }))
}

pub(super) fn update(state: &mut State, caller: &Caller, arguments: &Arguments) -> Outcome {
    let (id, ts) = own(state, caller, arguments, "cant_update_message")?;
    let blocks = arguments.values.contains_key("blocks").then(|| state.kept_blocks(arguments.list("blocks")));
    let message = state.message_mut(&id, &ts).ok_or("message_not_found")?;
    message.edits += 1;
    // What is not named stays: a new text under old blocks is seen in notifications only.
    if let Some(text) = arguments.text("text").or_else(|| arguments.text("markdown_text")) {
        text.clone_into(&mut message.text);
    }
    if let Some(blocks) = blocks {
        message.blocks = blocks;
    }
    if arguments.values.contains_key("attachments") {
        message.attachments = arguments.list("attachments");
    }
    if let Some(metadata) = arguments.values.get("metadata") {
        message.metadata = Some(metadata.clone());
    }
    let message = message.clone();
    let mut shown = show(state, &message);
    shown["edited"] = json!({ "user": message.user, "ts": ts });
    fields(json!({ "channel": id, "ts": ts, "text": message.text, "message": shown }))
}

pub(super) fn delete(state: &mut State, caller: &Caller, arguments: &Arguments) -> Outcome {
    let (id, ts) = own(state, caller, arguments, "cant_delete_message")?;
    state.message_mut(&id, &ts).ok_or("message_not_found")?.is_deleted = true;
    fields(json!({ "channel": id, "ts": ts }))
}

pub(super) fn permalink(state: &mut State, caller: &Caller, arguments: &Arguments) -> Outcome {
    let channel = visible(state, caller.token()?, arguments.text("channel").unwrap_or_default())?.clone();
    let ts = arguments.text("message_ts").unwrap_or_default().to_owned();
    state.message_mut(&channel.id, &ts).ok_or("message_not_found")?;
    let domain = state.team(&channel.team).map_or("", |team| team.domain.as_str());
    let link = format!("https://{domain}.slack.com/archives/{}/p{}", channel.id, ts.replace('.', ""));
    fields(json!({ "channel": channel.id, "permalink": link }))
}

/// The channel that is meant: by id, by name, or the direct messages with a person.
fn target(state: &mut State, token: &Token, text: &str) -> Result<String, Refusal> {
    if text.starts_with(['U', 'W']) {
        return state.direct_messages(&token.account, text).ok_or_else(|| "channel_not_found".into());
    }
    let by_name = || {
        let name = text.trim_start_matches('#');
        state.teams_of(&token.account).find_map(|team| team.channel_named(name)).map(|channel| channel.id.clone())
    };
    match visible(state, token, text) {
        Ok(channel) => Ok(channel.id.clone()),
        Err(refusal) => {
            let id = by_name().ok_or(refusal)?;
            visible(state, token, &id).map(|channel| channel.id.clone())
        }
    }
}

fn may_post(channel: &Channel, token: &Token) -> Result<(), Refusal> {
    if channel.is_archived {
        return Err("is_archived".into());
    }
    if channel.is_restricted {
        return Err("restricted_action".into());
    }
    if token.is_bot && !channel.has_bot && !channel.is_direct() && !has(token, "chat:write.public") {
        return Err("not_in_channel".into());
    }
    Ok(())
}

/// A message that the app may change.
fn own(
    state: &mut State,
    caller: &Caller,
    arguments: &Arguments,
    otherwise: &str,
) -> Result<(String, String), Refusal> {
    let token = caller.token()?;
    let id = visible(state, token, arguments.text("channel").unwrap_or_default())?.id.clone();
    let ts = arguments.text("ts").unwrap_or_default().to_owned();
    let message = state.message_mut(&id, &ts).ok_or("message_not_found")?;
    if message.user != token.user {
        return Err(otherwise.into());
    }
    Ok((id, ts))
}

fn has(token: &Token, scope: &str) -> bool {
    token.scopes.iter().any(|granted| granted == scope)
}

/// A message as the Web API and events show it.
pub(crate) fn show(state: &State, message: &Message) -> Value {
    let mut shown = json!({
        "type": "message",
        "user": message.user,
        "team": message.team,
        "text": message.text,
        "ts": message.ts,
    });
    let install = state.installs.values().find(|install| install.bot_user == message.user);
    if let Some(install) = install.filter(|_| message.by_app) {
        let icon = format!("{}/icons/{}.png", state.base_url, state.app_id);
        shown["bot_id"] = json!(install.bot);
        shown["app_id"] = json!(state.app_id);
        shown["bot_profile"] = json!({ "id": install.bot, "app_id": state.app_id, "name": state.app.name,
            "user_id": install.bot_user, "deleted": false, "updated": 1_700_000_000, "team_id": message.team,
            "icons": { "image_36": icon, "image_48": icon, "image_72": icon } });
        shown["username"] = json!(bot_name(state));
    }
    if !message.blocks.is_empty() {
        shown["blocks"] = json!(message.blocks);
    }
    if !message.attachments.is_empty() {
        shown["attachments"] = json!(message.attachments);
    }
    if let Some(metadata) = &message.metadata {
        shown["metadata"] = metadata.clone();
    }
    if let Some(thread) = &message.thread_ts {
        shown["thread_ts"] = json!(thread);
    }
    shown
}
