//! What the panel's forms do.

use std::time::Duration;

use axum::extract::{RawForm, State as Axum};
use axum::response::Redirect;
use serde_json::Value;

use crate::panel::Fields;
use crate::slack::Shared;
use crate::slack::events::First;
use crate::slack::events::by_hand::{Press, SlashCommand};
use crate::slack::state::State;

/// Does it and goes back to the page.
pub(super) async fn act(Axum(shared): Axum<Shared>, RawForm(form): RawForm) -> Redirect {
    let fields = Fields::read(&form);
    match fields.get("act") {
        "event" | "verify" => send(&shared, &fields).await,
        "command" => command(&shared, &fields).await,
        "press" => press(&shared, &fields).await,
        "settings" | "manifest" | "fault" | "recover" => shared.change(|state| set(state, &fields)),
        _ => shared.change(|state| people(state, &fields)),
    }
    Redirect::to(fields.back())
}

/// What people do in a workspace.
fn people(state: &mut State, fields: &Fields) {
    let (channel, account) = (fields.get("channel"), fields.get("account"));
    match fields.get("act") {
        "archive" => state.archive_channel(channel, true),
        "unarchive" => state.archive_channel(channel, false),
        "rename" => state.rename_channel(channel, fields.get("name").trim_start_matches('#')),
        "delete" => state.delete_channel(channel),
        "invite" => state.set_bot(channel, true),
        "remove" => state.set_bot(channel, false),
        "restrict" | "open" => {
            if let Some(channel) = state.channel_mut(channel) {
                channel.is_restricted = fields.get("act") == "restrict";
            }
        }
        "say" => state.say(channel, fields.get("user"), fields.get("text")),
        "create" => create(state, fields),
        "revoke" => state.revoke_tokens(account),
        "expire" => state.expire_tokens(account),
        "uninstall" => state.take_out(account, First::TokensRevoked),
        "uninstall-first" => state.take_out(account, First::AppUninstalled),
        _ => {}
    }
}

fn create(state: &mut State, fields: &Fields) {
    let (id, now_s) = (state.ids.next("C"), state.clock.now_s());
    if let Some(team) = state.team_mut(fields.get("team")) {
        let mut channel = team.blank(id, fields.get("name").trim_start_matches('#').to_owned(), now_s);
        channel.is_private = !fields.get("private").is_empty();
        team.add(channel);
    }
}

fn set(state: &mut State, fields: &Fields) {
    match fields.get("act") {
        "manifest" => {
            // What is wrong with it is on the page, among what was not understood.
            let manifest = serde_json::from_str(fields.get("manifest")).unwrap_or_default();
            state.apply_manifest(&manifest).ok();
        }
        "recover" => state.faults.clear(),
        "fault" => {
            state.faults.next(fields.get("method"), fields.fault());
        }
        _ => {
            state.app.redirect_uris = fields.lines("redirects");
            state.app.events_url = fields.url("events");
            state.app.commands_url = fields.url("commands");
            state.app.interactivity_url = fields.url("interactivity");
            state.app.token_rotation |= !fields.get("rotation").is_empty();
            state.rate_limits = !fields.get("limits").is_empty();
            state.latency = Duration::from_millis(fields.get("latency").trim().parse().unwrap_or_default());
        }
    }
}

/// How it went is in the list of what was sent, so the outcomes below are not looked at.
async fn send(shared: &Shared, fields: &Fields) {
    if fields.get("act") == "verify" {
        shared.url_verification().send().await.ok();
        return;
    }
    let event: Value = serde_json::from_str(fields.get("json")).unwrap_or_default();
    let event = shared.event(fields.get("team"), &event);
    let event = match fields.get("how") {
        "late" => event.aged(600),
        "forged" => event.signed_with("not the signing secret"),
        "retry" => event.retry(2, "http_timeout"),
        _ => event,
    };
    event.send().await.ok();
}

async fn command(shared: &Shared, fields: &Fields) {
    let typed = fields.get("text").trim();
    let (command, text) = typed.split_once(' ').unwrap_or((typed, ""));
    let typed = SlashCommand {
        channel: fields.get("channel").to_owned(),
        user: fields.get("user").to_owned(),
        command: command.to_owned(),
        text: text.to_owned(),
    };
    if let Some(outgoing) = shared.slash_command(&typed) {
        outgoing.send().await.ok();
    }
}

async fn press(shared: &Shared, fields: &Fields) {
    let channel = fields.get("channel");
    let first = shared.with(|state| {
        let team = state.channel(channel).and_then(|channel| state.team(&channel.team));
        team.map(|team| team.admin().id.clone())
    });
    let press = Press {
        channel: channel.to_owned(),
        ts: fields.get("ts").to_owned(),
        action_id: fields.get("action_id").to_owned(),
        user: first.unwrap_or_default(),
    };
    if let Some(outgoing) = shared.press(&press) {
        outgoing.send().await.ok();
    }
}
