//! The first page: the app's settings, the organizations, who has allowed what, what was sent and asked.

use axum::extract::State as Axum;
use axum::response::Html;

use super::ACT;
use crate::entra::graph::OPERATIONS;
use crate::entra::state::{Person, State, Tenant, moment};
use crate::entra::{PROVIDER, Shared};
use crate::html::{button, escape, hidden, page};
use crate::panel;

pub(super) async fn show(Axum(shared): Axum<Shared>) -> Html<String> {
    let skipped = shared.specs().skipped();
    let body = shared.with(|state| {
        [
            heading(state, skipped.as_deref()),
            state.tenants.iter().map(tenant).collect(),
            subscriptions(state),
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
    format!(
        r#"<h1>Control panel</h1><p>The app here is <strong>{}</strong>. Give your hub these settings, then connect Microsoft Teams in it.</p>
<table><tbody><tr><th>Authorize URL</th><td><code>{base}/organizations/oauth2/v2.0/authorize</code></td></tr>
<tr><th>Token URL</th><td><code>{base}/organizations/oauth2/v2.0/token</code></td></tr>
<tr><th>Admin consent</th><td><code>{base}/organizations/v2.0/adminconsent</code></td></tr>
<tr><th>Graph</th><td><code>{base}/v1.0</code></td></tr>
<tr><th>Client id</th><td><code>{}</code></td></tr><tr><th>Client secret</th><td><code>{}</code></td></tr></tbody></table>{}
<div class="acts">{}</div>"#,
        escape(&state.app.name),
        escape(&state.app.client_id),
        escape(&state.app.client_secret),
        skipped.map_or(String::new(), |why| format!("<p class=\"bad\">{}</p>", escape(why))),
        button(ACT, &[("act", "expire")], "Let access tokens expire"),
        base = state.base_url,
    )
}

fn tenant(tenant: &Tenant) -> String {
    let teams = tenant.teams.iter().map(|team| {
        format!(
            r#"<li><a href="/_control/teams/{}">{}</a> <span class="meta">{} channels{}</span></li>"#,
            team.id,
            escape(&team.name),
            team.channels.len(),
            if team.is_archived { ", archived" } else { "" },
        )
    });
    let everybody = tenant.admin_consent.as_ref().map_or_else(
        || "An administrator has allowed nothing for everybody.".to_owned(),
        |given| {
            let all = [given.scopes.join(" "), given.roles.join(" ")].join(" and as an application ");
            format!("An administrator has allowed for everybody: {}", escape(&all))
        },
    );
    format!(
        r#"<h2>{name}</h2><p class="meta">Tenant <code>{id}</code>, {domain}. People may {may}consent to apps.</p>
<ul>{teams}</ul><table><tbody>{people}</tbody></table><p>{everybody}</p><div class="acts">{remove} {policy}</div>"#,
        name = escape(&tenant.name),
        id = tenant.id,
        domain = escape(&tenant.domain),
        may = if tenant.users_may_consent { "" } else { "not " },
        teams = teams.collect::<String>(),
        people = tenant.people.iter().map(person).collect::<String>(),
        remove = button(ACT, &[("act", "remove-for-all"), ("tenant", &tenant.id)], "Delete the app here"),
        policy = button(
            ACT,
            &[("act", "policy"), ("tenant", &tenant.id)],
            if tenant.users_may_consent { "Let only administrators consent" } else { "Let people consent" }
        ),
    )
}

fn person(person: &Person) -> String {
    let act = |act: &str, label: &str| button(ACT, &[("act", act), ("user", &person.id)], label);
    format!(
        "<tr><td>{}</td><td>{}{}</td><td>{}</td><td>{} {} {}</td></tr>",
        escape(&person.name),
        escape(&person.principal),
        if person.is_admin { ", administrator" } else { "" },
        escape(&person.consented.join(" ")),
        act("remove-app", "Remove the app"),
        act("password", "Change the password"),
        if person.is_enabled { act("block", "Block the account") } else { act("unblock", "Let the account in") },
    )
}

fn subscriptions(state: &State) -> String {
    let row = |one: &crate::entra::state::Subscription| {
        format!(
            "<tr><td><code>{}</code></td><td>{}</td><td><code>{}</code></td><td>until {}</td></tr>",
            escape(&one.resource),
            escape(&one.change_type),
            escape(&one.notification_url),
            moment(one.expires_at_ms),
        )
    };
    let rows: String = state.subscriptions.iter().map(row).collect();
    let rows = if rows.is_empty() { "<tr><td>None yet.</td></tr>".to_owned() } else { rows };
    format!("<h2>Subscriptions of the app</h2><table><tbody>{rows}</tbody></table>")
}

fn faults() -> String {
    let names = OPERATIONS.iter().map(|operation| operation.name).chain(["authorize", "adminconsent", "*"]);
    let names: String = names.map(|name| format!("<option>{name}</option>")).collect();
    format!(
        r#"<h2>Let something fail</h2><form method="post" action="{ACT}"><p>{act}
<label class="inline">Next <select name="method">{names}</select></label>
<label class="inline">ends with <select name="fault"><option value="error">the error</option>
<option value="limited">a rate limit of seconds</option><option value="status">the HTTP status</option>
<option value="hang">no answer</option><option value="drop">a closed connection</option>
<option value="hang-after">no answer, though it is done</option></select></label>
<input name="value" value="65001" aria-label="Error, seconds or status"> <button>Set</button></p></form>
<div class="acts">{recover}</div>"#,
        act = hidden("act", "fault"),
        recover = button(ACT, &[("act", "recover")], "Let nothing fail"),
    )
}

fn settings(state: &State) -> String {
    let checked = |is: bool| if is { " checked" } else { "" };
    format!(
        r#"<h2>Settings of the app</h2><form method="post" action="{ACT}">{act}
<label>Redirect URIs, one a line<br><textarea name="redirects" rows="3" cols="70">{redirects}</textarea></label>
<label><input type="checkbox" name="verified" value="1"{verified}> The publisher is verified</label>
<label><input type="checkbox" name="renews" value="1"{renews}> A refresh brings another refresh token</label>
<label><input type="checkbox" name="limits" value="1"{limits}> Rate limits hold</label>
<label>Entries of a page <input name="page" size="6" value="{page}"></label>
<label>Every answer takes (ms) <input name="latency" size="6" value="{latency}"></label>
<p><button>Save</button></p></form>"#,
        act = hidden("act", "settings"),
        redirects = escape(&state.app.redirect_uris.join("\n")),
        verified = checked(state.app.is_verified),
        renews = checked(state.renews_refresh_tokens),
        limits = checked(state.rate_limits),
        page = state.page_size,
        latency = state.latency.as_millis(),
    )
}
