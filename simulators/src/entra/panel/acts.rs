//! What the panel's forms do. Whoever says something is the first member of the team.

use std::time::Duration;

use axum::extract::{RawForm, State as Axum};
use axum::response::Redirect;

use crate::entra::Shared;
use crate::entra::graph::Draft;
use crate::entra::state::{Channel, State};
use crate::panel::Fields;

/// Does it and goes back to the page.
pub(super) async fn act(Axum(shared): Axum<Shared>, RawForm(form): RawForm) -> Redirect {
    let fields = Fields::read(&form);
    shared.change(|state| match fields.get("act") {
        "settings" => set(state, &fields),
        "recover" => state.faults.clear(),
        "fault" => state.faults.next(fields.get("method"), fields.fault()),
        "expire" | "remove-app" | "remove-for-all" | "password" | "block" | "unblock" | "policy" => {
            access(state, &fields);
        }
        _ => place(state, &fields),
    });
    Redirect::to(fields.back())
}

/// What people and administrators let the app do.
fn access(state: &mut State, fields: &Fields) {
    let (user, tenant) = (fields.get("user"), fields.get("tenant"));
    match fields.get("act") {
        "expire" => state.expire_tokens(),
        "remove-app" => state.remove_app(user),
        "remove-for-all" => state.remove_app_for_all(tenant),
        "password" => state.change_password(user),
        "policy" => {
            if let Some(tenant) = state.tenant_mut(tenant) {
                tenant.users_may_consent = !tenant.users_may_consent;
            }
        }
        act => {
            if let Some(person) = state.person_mut(user) {
                person.is_enabled = act == "unblock";
            }
        }
    }
}

/// What happens to a channel; to the team, where no channel is named.
fn place(state: &mut State, fields: &Fields) {
    let (team, channel, act) = (fields.get("team"), fields.get("channel"), fields.get("act"));
    match (act, channel.is_empty()) {
        ("delete", true) => state.delete_team(team),
        ("delete", false) => state.delete_channel(team, channel),
        ("archive" | "open", true) => {
            if let Some(team) = state.team_mut(team) {
                team.is_archived = act == "archive";
            }
        }
        ("archive" | "open", false) => {
            if let Some(channel) = state.channel_mut(team, channel) {
                channel.is_archived = act == "archive";
            }
        }
        ("make", _) => {
            let made = Channel::named(fields.get("name"), &mut state.ids);
            if let Some(team) = state.team_mut(team) {
                team.channels.push(made);
            }
        }
        ("rename", _) => {
            if let Some(channel) = state.channel_mut(team, channel) {
                fields.get("name").clone_into(&mut channel.name);
            }
        }
        ("say", _) => {
            let user = state.team(team).and_then(|team| team.members.first().cloned());
            if let Some(user) = user {
                state.say(team, channel, &user, Draft::of(fields.get("text")));
            }
        }
        _ => {}
    }
}

fn set(state: &mut State, fields: &Fields) {
    state.app.redirect_uris = fields.lines("redirects");
    state.app.is_verified = !fields.get("verified").is_empty();
    state.renews_refresh_tokens = !fields.get("renews").is_empty();
    state.rate_limits = !fields.get("limits").is_empty();
    state.page_size = fields.get("page").trim().parse().unwrap_or(state.page_size).max(1);
    state.latency = Duration::from_millis(fields.get("latency").trim().parse().unwrap_or_default());
}
