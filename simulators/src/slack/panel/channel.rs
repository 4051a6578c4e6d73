//! One channel: its messages, and what people may do in it.

use axum::extract::{Path, State as Axum};
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;

use super::{ACT, message};
use crate::html::{button, escape, hidden, page};
use crate::slack::state::{Channel, State, Team};
use crate::slack::{PROVIDER, Shared};

/// The newest messages that a page shows.
const SHOWN: usize = 50;

pub(super) async fn show(Axum(shared): Axum<Shared>, Path(id): Path<String>) -> Response {
    shared.with(|state| {
        let found = state.teams.iter().find_map(|team| Some((team, team.channel(&id)?)));
        let Some((team, channel)) = found else { return StatusCode::NOT_FOUND.into_response() };
        let title = format!("#{}", channel.name);
        Html(page(PROVIDER, &title, &body(state, team, channel))).into_response()
    })
}

fn body(state: &State, team: &Team, channel: &Channel) -> String {
    let back = format!("/_control/channels/{}", channel.id);
    let here = state.messages.iter().rev().filter(|message| message.channel == channel.id).take(SHOWN);
    let messages: String = here.map(|message| message::show(state, message, &back)).collect();
    format!(
        r#"<p><a href="/_control">Overview</a> / <a href="/_control/teams/{team_id}">{team}</a></p>
<h1>{lock}{name}</h1><p class="meta">{id} · {facts} · {topic}</p>
<div class="acts">{acts}</div>{forms}
<h2>Messages</h2>{messages}"#,
        team_id = team.id,
        team = escape(&team.name),
        lock = if channel.is_private { "🔒 " } else { "#" },
        name = escape(&channel.name),
        id = channel.id,
        facts = facts(channel).join(", "),
        topic = escape(&channel.topic),
        acts = acts(channel, &back),
        forms = forms(team, channel, &back),
        messages = if messages.is_empty() { "<p>Nothing yet.</p>".to_owned() } else { messages },
    )
}

/// Renaming it, writing and typing commands in it.
fn forms(team: &Team, channel: &Channel, back: &str) -> String {
    let people = people(team);
    let name = r#"<label class="inline">New name <input name="name" required></label>"#;
    let says = format!(r#"{people} <label class="inline">says <input name="text" required></label>"#);
    let types = format!(
        r#"{people} <label class="inline">types <input name="text" value="/patchbay status" required></label>"#
    );
    [("rename", name, "Rename"), ("say", &says, "Say"), ("command", &types, "Send command")]
        .map(|(act, fields, label)| form(back, act, channel, fields, label))
        .concat()
}

/// What is special about a channel.
pub(super) fn facts(channel: &Channel) -> Vec<&'static str> {
    let facts = [
        (channel.is_private, "private"),
        (channel.is_archived, "archived"),
        (channel.is_deleted, "deleted"),
        (channel.is_restricted, "restricted"),
        (channel.has_bot, "the app is in it"),
    ];
    facts.into_iter().filter(|(holds, _)| *holds).map(|(_, fact)| fact).collect()
}

fn acts(channel: &Channel, back: &str) -> String {
    let act = |act: &str, label: &str| button(ACT, &[("act", act), ("channel", &channel.id), ("back", back)], label);
    let archive = if channel.is_archived { act("unarchive", "Unarchive") } else { act("archive", "Archive") };
    let bot = if channel.has_bot { act("remove", "Remove the app") } else { act("invite", "/invite the app") };
    let restrict =
        if channel.is_restricted { act("open", "Let everybody post") } else { act("restrict", "Restrict posting") };
    [archive, bot, restrict, act("delete", "Delete")].join(" ")
}

fn form(back: &str, act: &str, channel: &Channel, fields: &str, label: &str) -> String {
    format!(
        r#"<form method="post" action="{ACT}"><p>{}{}{}{fields} <button>{label}</button></p></form>"#,
        hidden("act", act),
        hidden("channel", &channel.id),
        hidden("back", back),
    )
}

fn people(team: &Team) -> String {
    let options =
        team.users.iter().map(|user| format!(r#"<option value="{}">{}</option>"#, user.id, escape(&user.real_name)));
    format!(r#"<label class="inline">Person <select name="user">{}</select></label>"#, options.collect::<String>())
}
