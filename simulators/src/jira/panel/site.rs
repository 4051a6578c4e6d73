//! A site: its projects, its issues.

use axum::extract::{Path, State as Axum};
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;

use super::ACT;
use crate::html::{button, escape, hidden, page};
use crate::jira::fields::{TYPES, issue_type};
use crate::jira::state::Site;
use crate::jira::workflow::status;
use crate::jira::{PROVIDER, Shared};

pub(super) async fn show(Axum(shared): Axum<Shared>, Path(id): Path<String>) -> Response {
    let body = shared.with(|state| state.site(&id).map(|site| (site.name.clone(), whole(site))));
    match body {
        Some((name, body)) => Html(page(PROVIDER, &name, &body)).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn whole(site: &Site) -> String {
    let back = format!("/_control/sites/{}", site.id);
    let projects = site.projects.iter().map(|project| {
        let act = if project.is_hidden { "show" } else { "hide" };
        let label = if project.is_hidden { "Let the app see it" } else { "Hide it from the app" };
        let fields = [("act", act), ("site", &site.id), ("project", &project.key), ("back", &back)];
        let name = escape(&project.name);
        format!("<tr><td>{}</td><td>{name}</td><td>{}</td></tr>", escape(&project.key), button(ACT, &fields, label))
    });
    let issues = site.issues.iter().rev().map(|issue| {
        format!(
            r#"<tr><td><a href="{back}/issues/{key}">{key}</a></td><td>{}</td><td>{}</td><td>{}</td></tr>"#,
            issue_type(&issue.issue_type).map_or("", |kind| kind.name),
            escape(issue.summary()),
            status(&issue.status).name,
            key = issue.key,
        )
    });
    let option = |value: &str| format!("<option>{}</option>", escape(value));
    format!(
        r#"<p><a href="/_control">Control panel</a></p><h1>{name}</h1>
<div class="acts">{remove}</div>
<h2>Issues</h2><form method="post" action="{ACT}"><p>{act}{site_field}{back_field}
<label class="inline">Project <select name="project">{keys}</select></label>
<label class="inline">Type <select name="type">{types}</select></label>
<label class="inline">Summary <input name="summary" size="40" maxlength="255" required></label> <button>Create</button></p></form>
<table><tbody>{issues}</tbody></table>
<h2>Webhooks of administrators</h2><form method="post" action="{ACT}"><p>{register}{site_field}{back_field}
<label class="inline">URL <input name="url" size="50" required></label>
<label class="inline">Secret <input name="secret" size="30" required></label> <button>Register</button></p></form>
<ul>{registered}</ul>
<h2>Projects</h2><table><tbody>{projects}</tbody></table>"#,
        register = hidden("act", "webhook"),
        registered =
            site.admin_webhooks.iter().map(|webhook| format!("<li>{}</li>", escape(&webhook.url))).collect::<String>(),
        name = escape(&site.name),
        remove = button(
            ACT,
            &[("act", "remove-site"), ("site", &site.id), ("back", &back)],
            "Take the app out of this site"
        ),
        act = hidden("act", "create"),
        site_field = hidden("site", &site.id),
        back_field = hidden("back", &back),
        keys = site.projects.iter().map(|project| option(&project.key)).collect::<String>(),
        types = TYPES.iter().filter(|kind| !kind.is_subtask).map(|kind| option(kind.name)).collect::<String>(),
        issues = issues.collect::<String>(),
        projects = projects.collect::<String>(),
    )
}
