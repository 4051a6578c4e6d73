//! One workspace: its channels, found by name.

use std::collections::BTreeMap;

use axum::extract::{Path, Query, State as Axum};
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;

use super::{ACT, channel::facts};
use crate::html::{escape, hidden, page};
use crate::slack::state::{Channel, State, Team};
use crate::slack::{PROVIDER, Shared};

/// Channels on one page.
const SHOWN: usize = 100;

#[derive(serde::Deserialize)]
pub(super) struct Search {
    #[serde(default)]
    q: String,
}

pub(super) async fn show(Axum(shared): Axum<Shared>, Path(id): Path<String>, Query(search): Query<Search>) -> Response {
    shared.with(|state| match state.team(&id) {
        Some(team) => Html(page(PROVIDER, &team.name, &body(state, team, &search.q))).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    })
}

fn body(state: &State, team: &Team, q: &str) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for message in &state.messages {
        *counts.entry(&message.channel).or_default() += 1;
    }
    let count = |channel: &Channel| counts.get(channel.id.as_str()).copied().unwrap_or_default();
    let mut found: Vec<&Channel> = team.channels().iter().filter(|channel| channel.name.contains(q)).collect();
    found.sort_by_key(|channel| std::cmp::Reverse(count(channel)));
    let rows: String = found.iter().take(SHOWN).map(|channel| row(channel, count(channel))).collect();
    format!(
        r#"<p><a href="/_control">Overview</a></p><h1>{name}</h1>
<form><p><label class="inline">Channel <input type="search" name="q" value="{q}"></label> <button>Search</button></p></form>
<table><thead><tr><th>Channel</th><th>Topic</th><th>People</th><th>Messages</th><th></th></tr></thead><tbody>{rows}</tbody></table>
<p class="meta">{shown} of {all} channels, those with messages first.</p>
<form method="post" action="{ACT}"><p>{act}{team_id}{back}<label class="inline">New channel <input name="name" required></label>
<label class="inline"><input type="checkbox" name="private" value="1"> private</label> <button>Create</button></p></form>"#,
        name = escape(&team.name),
        q = escape(q),
        shown = found.len().min(SHOWN),
        all = team.channels().len(),
        act = hidden("act", "create"),
        team_id = hidden("team", &team.id),
        back = hidden("back", &format!("/_control/teams/{}", team.id)),
    )
}

fn row(channel: &Channel, messages: usize) -> String {
    let name = if channel.is_direct() { "direct messages".to_owned() } else { format!("#{}", channel.name) };
    format!(
        r#"<tr><td><a href="/_control/channels/{}">{}</a></td><td>{}</td><td>{}</td><td>{messages}</td><td class="meta">{}</td></tr>"#,
        channel.id,
        escape(&name),
        escape(&channel.topic),
        channel.people,
        facts(channel).join(", "),
    )
}
