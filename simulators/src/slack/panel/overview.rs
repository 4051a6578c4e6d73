//! The first page: where the app is installed, what arrived and what was sent, and the settings.

use axum::extract::State as Axum;
use axum::response::Html;

use super::ACT;
use crate::html::{button, escape, hidden, page};
use crate::panel;
use crate::slack::api::METHODS;
use crate::slack::state::{Install, State, TokenStatus};
use crate::slack::{PROVIDER, Shared};

pub(super) async fn show(Axum(shared): Axum<Shared>) -> Html<String> {
    let skipped = shared.specs().skipped();
    let body = shared.with(|state| {
        [
            heading(state, skipped.as_deref()),
            installs(state),
            panel::violations(PROVIDER, &state.journal),
            events(state),
            faults(),
            settings(state),
            panel::sent(&state.journal, state.now_ms()),
            panel::calls(&state.journal, state.now_ms()),
        ]
        .concat()
    });
    Html(page(PROVIDER, "Control panel", &body))
}

fn heading(state: &State, skipped: Option<&str>) -> String {
    let teams = state.teams.iter().map(|team| {
        let messages = state.messages.iter().filter(|message| message.team == team.id).count();
        format!(
            r#"<li><a href="/_control/teams/{}">{}</a> <span class="meta">{} channels, {messages} messages</span></li>"#,
            team.id,
            escape(&team.name),
            team.channels().len(),
        )
    });
    format!(
        r#"<h1>Control panel</h1><p>The app here is <strong>{}</strong>. Give your hub these settings, then connect Slack in it.</p>
<table><tbody><tr><th>Authorize URL</th><td><code>{base}/oauth/v2/authorize</code></td></tr>
<tr><th>API</th><td><code>{base}/api/</code></td></tr>
<tr><th>Client id</th><td><code>{}</code></td></tr><tr><th>Client secret</th><td><code>{}</code></td></tr>
<tr><th>Signing secret</th><td><code>{}</code></td></tr></tbody></table>{}
<h2>Workspaces</h2><ul>{}</ul>"#,
        escape(&state.app.name),
        escape(&state.app.client_id),
        escape(&state.app.client_secret),
        escape(&state.app.signing_secret),
        skipped.map_or(String::new(), |why| format!("<p class=\"bad\">{}</p>", escape(why))),
        teams.collect::<String>(),
        base = state.base_url,
    )
}

fn installs(state: &State) -> String {
    let rows: String = state.installs.values().map(|install| installed(state, install)).collect();
    let rows = if rows.is_empty() { "<tr><td>Nowhere yet.</td></tr>".to_owned() } else { rows };
    format!("<h2>Where the app is installed</h2><table><tbody>{rows}</tbody></table>")
}

fn installed(state: &State, install: &Install) -> String {
    let name = state.team(&install.account).map(|team| &team.name);
    let name = name.or(state.enterprise_of(&install.account).map(|enterprise| &enterprise.name));
    let of_it = || state.tokens.iter().filter(|token| token.account == install.account);
    let live = of_it().filter(|token| token.status == TokenStatus::Live).count();
    let act = |act: &str, label: &str| {
        button(ACT, &[("act", act), ("account", &install.account), ("back", "/_control")], label)
    };
    let acts = [
        act("revoke", "Revoke its tokens"),
        act("expire", "Let its tokens expire"),
        act("uninstall", "Uninstall"),
        act("uninstall-first", "Uninstall (events the other way round)"),
    ];
    format!(
        "<tr><td>{} <span class=\"meta\">{}</span></td><td>{}</td><td>{live} of {} tokens work</td><td>{}</td><td>{}</td></tr>",
        escape(name.map_or("", String::as_str)),
        install.account,
        if install.is_active { "installed" } else { "uninstalled" },
        of_it().count(),
        escape(&install.scopes.join(", ")),
        acts.join(" "),
    )
}

fn events(state: &State) -> String {
    let teams: String = state
        .teams
        .iter()
        .map(|team| format!(r#"<option value="{}">{}</option>"#, team.id, escape(&team.name)))
        .collect();
    format!(
        r#"<h2>Send an event</h2><form method="post" action="{ACT}"><p>{act}{back}
<label class="inline">Workspace <select name="team">{teams}</select></label>
<label class="inline">Event <input name="json" size="50" value='{{"type":"app_uninstalled"}}' required></label>
<label class="inline">How <select name="how"><option value="right">as it should be</option>
<option value="late">with an old timestamp</option><option value="forged">signed with a wrong secret</option>
<option value="retry">as a second retry</option></select></label> <button>Send</button></p></form>
<div class="acts">{verify}</div>"#,
        act = hidden("act", "event"),
        back = hidden("back", "/_control"),
        verify = button(ACT, &[("act", "verify"), ("back", "/_control")], "Verify the events URL"),
    )
}

fn faults() -> String {
    let methods: String =
        METHODS.iter().map(|method| method.name).chain(["*"]).map(|name| format!("<option>{name}</option>")).collect();
    format!(
        r#"<h2>Let something fail</h2><form method="post" action="{ACT}"><p>{act}{back}
<label class="inline">Next <select name="method">{methods}</select></label>
<label class="inline">ends with <select name="fault"><option value="error">the error</option>
<option value="limited">a rate limit of seconds</option><option value="status">the HTTP status</option>
<option value="hang">no answer</option><option value="drop">a closed connection</option>
<option value="hang-after">no answer, though it is done</option></select></label>
<input name="value" value="internal_error" aria-label="Error, seconds or status"> <button>Set</button></p></form>
<div class="acts">{recover}</div>"#,
        act = hidden("act", "fault"),
        back = hidden("back", "/_control"),
        recover = button(ACT, &[("act", "recover"), ("back", "/_control")], "Let nothing fail"),
    )
}

fn settings(state: &State) -> String {
    let app = &state.app;
    let url = |label: &str, name: &str, value: &Option<String>| {
        let value = escape(value.as_deref().unwrap_or_default());
        format!(r#"<label>{label} <input name="{name}" size="60" value="{value}"></label>"#)
    };
    let check = |label: &str, name: &str, on: bool| {
        format!(
            r#"<label><input type="checkbox" name="{name}" value="1"{}> {label}</label>"#,
            if on { " checked" } else { "" }
        )
    };
    format!(
        r#"<h2>Settings of the app</h2><form method="post" action="{ACT}">{act}{back}
<label>Redirect URLs, one a line<br><textarea name="redirects" rows="3" cols="70">{redirects}</textarea></label>
{events}{commands}{interactivity}{rotation}{limits}
<label>Every answer takes (ms) <input name="latency" size="6" value="{latency}"></label>
<p><button>Save</button></p></form>
<form method="post" action="{ACT}">{manifest}{back}<label>App manifest (JSON), in place of all this<br>
<textarea name="manifest" rows="4" cols="70" required></textarea></label><p><button>Apply</button></p></form>"#,
        act = hidden("act", "settings"),
        manifest = hidden("act", "manifest"),
        back = hidden("back", "/_control"),
        redirects = escape(&app.redirect_uris.join("\n")),
        events = url("Events URL", "events", &app.events_url),
        commands = url("Slash commands URL", "commands", &app.commands_url),
        interactivity = url("Interactivity URL", "interactivity", &app.interactivity_url),
        rotation = check("Tokens expire and are refreshed (stays on once it is on)", "rotation", app.token_rotation),
        limits = check("Rate limits hold", "limits", state.rate_limits),
        latency = state.latency.as_millis(),
    )
}
