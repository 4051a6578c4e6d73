//! The first page: the app's settings, the sites, what was allowed, what was sent and asked.

use axum::extract::State as Axum;
use axum::response::Html;

use super::ACT;
use crate::html::{button, escape, hidden, page};
use crate::jira::api::OPERATIONS;
use crate::jira::state::{Site, State, Webhook, moment};
use crate::jira::{PROVIDER, Shared};
use crate::panel;

pub(super) async fn show(Axum(shared): Axum<Shared>) -> Html<String> {
    let skipped = shared.specs().skipped();
    let body = shared.with(|state| {
        [
            heading(state, skipped.as_deref()),
            grants(state),
            webhooks(state),
            panel::violations(PROVIDER, &state.journal),
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
    let sites = state.sites.iter().map(|site| {
        format!(
            r#"<li><a href="/_control/sites/{}">{}</a> <span class="meta">{} projects, {} issues, {}</span></li>"#,
            site.id,
            escape(&site.name),
            site.projects.len(),
            site.issues.len(),
            escape(&site.url),
        )
    });
    format!(
        r#"<h1>Control panel</h1><p>The app here is <strong>{}</strong>. Give your hub these settings, then connect Jira in it.</p>
<table><tbody><tr><th>Authorize URL</th><td><code>{base}/authorize</code></td></tr>
<tr><th>Token URL</th><td><code>{base}/oauth/token</code></td></tr>
<tr><th>API</th><td><code>{base}/ex/jira/</code></td></tr>
<tr><th>Client id</th><td><code>{}</code></td></tr><tr><th>Client secret</th><td><code>{}</code></td></tr></tbody></table>{}
<h2>Sites</h2><ul>{}</ul>"#,
        escape(&state.app.name),
        escape(&state.app.client_id),
        escape(&state.app.client_secret),
        skipped.map_or(String::new(), |why| format!("<p class=\"bad\">{}</p>", escape(why))),
        sites.collect::<String>(),
        base = state.base_url,
    )
}

fn grants(state: &State) -> String {
    let name = |id: &String| state.site(id).map(|site| escape(&site.name)).unwrap_or_default();
    let rows = state.grants.iter().map(|grant| {
        let person = state.person(&grant.user).map(|person| escape(&person.name)).unwrap_or_default();
        let remove = [("act", "remove-app"), ("user", grant.user.as_str())];
        format!(
            "<tr><td>{person}</td><td>{}</td><td>{}</td><td>since {}</td><td>{}</td><td>{}</td></tr>",
            if grant.is_active { "allowed" } else { "taken back" },
            grant.sites.iter().map(name).collect::<Vec<_>>().join(", "),
            moment(grant.consented_at_ms),
            escape(&grant.scopes.join(" ")),
            button(ACT, &remove, "Remove the app"),
        )
    });
    let rows: String = rows.collect();
    let rows = if rows.is_empty() { "<tr><td>Nobody yet.</td></tr>".to_owned() } else { rows };
    let expire = button(ACT, &[("act", "expire")], "Let access tokens expire");
    format!("<h2>Who has allowed the app</h2><table><tbody>{rows}</tbody></table><div class=\"acts\">{expire}</div>")
}

fn webhooks(state: &State) -> String {
    let row = |site: &Site, webhook: &Webhook| {
        format!(
            "<tr><td>{}</td><td>{}</td><td><code>{}</code></td><td>{}</td><td><code>{}</code></td><td>until {}</td></tr>",
            escape(&site.name),
            webhook.id,
            escape(&webhook.jql),
            escape(&webhook.events.join(", ")),
            escape(&webhook.url),
            moment(webhook.expires_at_ms),
        )
    };
    let rows = state.sites.iter().flat_map(|site| site.webhooks.iter().map(move |webhook| row(site, webhook)));
    let rows: String = rows.collect();
    let rows = if rows.is_empty() { "<tr><td>None yet.</td></tr>".to_owned() } else { rows };
    format!("<h2>Webhooks of the app</h2><table><tbody>{rows}</tbody></table>")
}

fn faults() -> String {
    let names = OPERATIONS.iter().map(|operation| operation.name).chain(["authorize", "*"]);
    let names: String = names.map(|name| format!("<option>{name}</option>")).collect();
    format!(
        r#"<h2>Let something fail</h2><form method="post" action="{ACT}"><p>{act}
<label class="inline">Next <select name="method">{names}</select></label>
<label class="inline">ends with <select name="fault"><option value="error">the error</option>
<option value="limited">a rate limit of seconds</option><option value="status">the HTTP status</option>
<option value="hang">no answer</option><option value="drop">a closed connection</option>
<option value="hang-after">no answer, though it is done</option></select></label>
<input name="value" value="jira-quota-global-based" aria-label="Error, seconds or status"> <button>Set</button></p></form>
<div class="acts">{recover}</div>"#,
        act = hidden("act", "fault"),
        recover = button(ACT, &[("act", "recover")], "Let nothing fail"),
    )
}

fn settings(state: &State) -> String {
    format!(
        r#"<h2>Settings of the app</h2><form method="post" action="{ACT}">{act}
<label>Callback URLs, one a line<br><textarea name="redirects" rows="3" cols="70">{redirects}</textarea></label>
<label><input type="checkbox" name="limits" value="1"{limits}> Rate limits hold</label>
<label>Points within an hour <input name="points" size="8" value="{points}"></label>
<label>Every answer takes (ms) <input name="latency" size="6" value="{latency}"></label>
<p><button>Save</button></p></form>"#,
        act = hidden("act", "settings"),
        redirects = escape(&state.app.redirect_uris.join("\n")),
        limits = if state.rate_limits { " checked" } else { "" },
        points = state.points_per_hour,
        latency = state.latency.as_millis(),
    )
}
