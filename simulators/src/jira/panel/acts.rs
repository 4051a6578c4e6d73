//! What the panel's forms do. People act as the administrator.

use std::time::Duration;

use axum::extract::{RawForm, State as Axum};
use axum::response::Redirect;
use serde_json::{Value, json};

use crate::jira::acts::NewIssue;
use crate::jira::events::EVENTS;
use crate::jira::handle::people;
use crate::jira::state::{AdminWebhook, State};
use crate::jira::{Shared, adf};
use crate::panel::Fields;

/// Does it and goes back to the page.
pub(super) async fn act(Axum(shared): Axum<Shared>, RawForm(form): RawForm) -> Redirect {
    let fields = Fields::read(&form);
    shared.change(|state| match fields.get("act") {
        "settings" | "fault" | "recover" => set(state, &fields),
        "remove-app" | "remove-site" | "expire" | "hide" | "show" | "webhook" => access(state, &fields),
        _ => issue(state, &fields),
    });
    Redirect::to(fields.back())
}

/// What people do with issues. What is not there is left alone.
fn issue(state: &mut State, fields: &Fields) {
    let user = state.admin().account_id.clone();
    let (site, key) = (fields.get("site"), fields.get("key"));
    let write = |state: &mut State, values: &Value| people::edit(state, site, &user, key, values).ok();
    match fields.get("act") {
        "create" => {
            let new = NewIssue {
                project: fields.get("project").to_owned(),
                issue_type: fields.get("type").to_owned(),
                summary: fields.get("summary").to_owned(),
                description: String::new(),
            };
            people::make(state, site, &user, &new);
        }
        "edit" => drop(write(state, &json!({ "summary": fields.get("summary") }))),
        "assign" => {
            let person = Some(fields.get("user")).filter(|user| !user.is_empty());
            write(state, &json!({ "assignee": person.map(|user| json!({ "accountId": user })) }));
        }
        "transition" => {
            if let Some(way) = state.way_to(site, key, fields.get("status")) {
                state.change_issue(site, &user, key, Vec::new(), Some(way));
            }
        }
        "comment" => drop(state.comment_issue(site, &user, key, adf::document(fields.get("text")))),
        "delete-comment" => state.delete_comment(site, &user, key, fields.get("comment")),
        "delete" => state.delete_issue(site, &user, key),
        _ => {}
    }
}

/// What people let the app do.
fn access(state: &mut State, fields: &Fields) {
    match fields.get("act") {
        "remove-app" => state.remove_app(fields.get("user")),
        "remove-site" => state.remove_site(fields.get("site")),
        "expire" => state.expire_tokens(),
        "webhook" => {
            let webhook = AdminWebhook {
                url: fields.get("url").to_owned(),
                secret: fields.get("secret").to_owned(),
                events: EVENTS.map(str::to_owned).to_vec(),
            };
            if let Some(site) = state.site_mut(fields.get("site")) {
                site.admin_webhooks.push(webhook);
            }
        }
        act => state.hide_project(fields.get("site"), fields.get("project"), act == "hide"),
    }
}

fn set(state: &mut State, fields: &Fields) {
    match fields.get("act") {
        "recover" => state.faults.clear(),
        "fault" => state.faults.next(fields.get("method"), fields.fault()),
        _ => {
            state.app.redirect_uris = fields.lines("redirects");
            state.rate_limits = !fields.get("limits").is_empty();
            state.points_per_hour = fields.get("points").trim().parse().unwrap_or(state.points_per_hour);
            state.latency = Duration::from_millis(fields.get("latency").trim().parse().unwrap_or_default());
        }
    }
}
