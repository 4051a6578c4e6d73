//! A team: its channels, with what was posted there, newest first.

use axum::extract::{Path, State as Axum};
use axum::response::{Html, IntoResponse as _, Response};
use http::StatusCode;

use super::ACT;
use crate::entra::state::{Channel, ChannelMessage, Membership, State, Team, moment};
use crate::entra::{PROVIDER, Shared};
use crate::html::{button, escape, hidden, page};

/// Messages of each channel.
const SHOWN: usize = 20;

pub(super) async fn show(Axum(shared): Axum<Shared>, Path(id): Path<String>) -> Response {
    let body = shared.with(|state| state.team(&id).map(|team| (team.name.clone(), whole(state, team))));
    match body {
        Some((name, body)) => Html(page(PROVIDER, &name, &body)).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn whole(state: &State, team: &Team) -> String {
    let back = format!("/_control/teams/{}", team.id);
    let act = |act: &str, label: &str, back: &str| {
        button(ACT, &[("act", act), ("team", &team.id), ("channel", ""), ("back", back)], label)
    };
    format!(
        r#"<p><a href="/_control">Control panel</a></p><h1>{name}{archived}</h1><div class="acts">{archive} {delete}</div>
<form method="post" action="{ACT}"><p>{fields}<label class="inline">New channel <input name="name" required></label>
<button>Make</button></p></form>{channels}"#,
        name = escape(&team.name),
        archived = if team.is_archived { " (archived)" } else { "" },
        archive = match team.is_archived {
            true => act("open", "Open the team again", &back),
            false => act("archive", "Archive the team", &back),
        },
        delete = act("delete", "Delete the team", "/_control"),
        fields =
            [("act", "make"), ("team", &team.id), ("back", &back)].map(|(name, value)| hidden(name, value)).concat(),
        channels = team.channels.iter().map(|one| channel(state, team, one, &back)).collect::<String>(),
    )
}

fn channel(state: &State, team: &Team, channel: &Channel, back: &str) -> String {
    let place = [("team", team.id.as_str()), ("channel", channel.id.as_str()), ("back", back)];
    let act = |act: &str, label: &str| button(ACT, &[&[("act", act)][..], &place[..]].concat(), label);
    let form = |act: &str, name: &str, label: &str, value: &str| {
        let fields = place.map(|(name, value)| hidden(name, value)).concat() + &hidden("act", act);
        format!(
            r#"<form method="post" action="{ACT}" class="inline">{fields}<input name="{name}" value="{}" aria-label="{label}" required>
<button>{label}</button></form>"#,
            escape(value)
        )
    };
    let posted = state.messages.iter().rev().filter(|one| one.channel == channel.id);
    let posted: String = posted.take(SHOWN).map(|one| message(state, one)).collect();
    format!(
        r#"<h2>{name}</h2><p class="meta"><code>{id}</code>{private}{archived}</p>
<div class="acts">{archive} {delete} {rename} {say}</div>{posted}"#,
        name = escape(&channel.name),
        id = escape(&channel.id),
        private = if channel.membership == Membership::Private { ", private" } else { "" },
        archived = if channel.is_archived { ", archived" } else { "" },
        archive = if channel.is_archived { act("open", "Open again") } else { act("archive", "Archive") },
        delete = act("delete", "Delete"),
        rename = form("rename", "name", "Rename", &channel.name),
        say = form("say", "text", "Say", ""),
        posted = if posted.is_empty() { "<p>Nothing was posted yet.</p>".to_owned() } else { posted },
    )
}

fn message(state: &State, message: &ChannelMessage) -> String {
    let author = state.person(&message.user).map(|(_, person)| escape(&person.name)).unwrap_or_default();
    let lines: Vec<String> = message.text().lines().map(escape).collect();
    format!(
        r#"<div class="message"><header>{author}</header>{}<p class="meta">{}{}</p></div>"#,
        lines.join("<br>"),
        moment(message.at_ms),
        if message.reply_to.is_some() { ", a reply" } else { "" },
    )
}
