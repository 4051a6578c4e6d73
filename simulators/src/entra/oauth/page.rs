//! What people see: the choice of an account with what the app asks for, the page for administrators, and two dead
//! ends.

use axum::response::{Html, IntoResponse as _, Response};
use http::StatusCode;

use super::admin::Asked;
use super::request::Authorize;
use crate::entra::state::{Person, State, Tenant};
use crate::entra::{PROVIDER, scopes};
use crate::html::{escape, hidden, page};

/// The page that leads to a code.
pub(super) fn sign_in(state: &State, request: &Authorize) -> Response {
    let takes = |tenant: &Tenant| request.authority.takes(&tenant.id);
    let hint = request.fields.iter().find(|(name, _)| name == "login_hint").map(|(_, value)| value.as_str());
    let body = format!(
        r#"<h1>Permissions requested by {app}</h1><form method="post">{fields}
<fieldset><legend>Pick an account</legend>{accounts}</fieldset>
<h2>This app would like to</h2><ul>{list}</ul>
<label><input type="checkbox" name="everybody" value="1"> Consent on behalf of your organization (administrators only)</label>
{buttons}</form><p class="meta">You go back to <code>{back}</code>.</p>"#,
        app = escape(&state.app.name),
        fields = request.fields.iter().map(|(name, value)| hidden(name, value)).collect::<String>(),
        accounts = accounts(state, takes, hint),
        list = list(&request.scopes, scopes::sentence),
        buttons = BUTTONS,
        back = escape(&request.redirect_uri),
    );
    Html(page(PROVIDER, "Permissions requested", &body)).into_response()
}

/// The page that allows the app for everybody.
pub(super) fn admin(state: &State, asked: &Asked) -> Response {
    let body = format!(
        r#"<h1>Permissions requested: review for your organization</h1><p><strong>{app}</strong> asks an administrator.</p>
<form method="post">{fields}<fieldset><legend>Pick an account</legend>{accounts}</fieldset>
<h2>For everybody in your organization it would like to</h2><ul>{list}{roles}</ul>{buttons}</form>"#,
        app = escape(&state.app.name),
        fields = asked.fields.iter().map(|(name, value)| hidden(name, value)).collect::<String>(),
        accounts = accounts(state, |tenant| asked.takes(&tenant.id), None),
        list = list(&asked.consent.scopes, scopes::sentence),
        roles = list(&asked.consent.roles, scopes::role_sentence),
        buttons = BUTTONS,
    );
    Html(page(PROVIDER, "Permissions requested", &body)).into_response()
}

/// The dead end of a person who may not consent.
pub(super) fn needs_approval(state: &State, fields: &[(String, String)]) -> Response {
    let body = format!(
        r#"<h1>Need admin approval</h1><p><strong>{app}</strong> needs permission to access resources in your organization that
only an admin can grant. Please ask an admin to grant permission to this app before you can use it. (AADSTS90094)</p>
<form method="post">{fields}<p><button name="decision" value="deny">Return to the application without granting consent</button></p></form>"#,
        app = escape(&state.app.name),
        fields = fields.iter().map(|(name, value)| hidden(name, value)).collect::<String>(),
    );
    Html(page(PROVIDER, "Need admin approval", &body)).into_response()
}

/// The dead end of a link that is wrong.
pub(super) fn refused(sentence: &str) -> Response {
    let body =
        format!("<h1>Sorry, but we’re having trouble signing you in.</h1><p class=\"bad\">{}</p>", escape(sentence));
    (StatusCode::BAD_REQUEST, Html(page(PROVIDER, "Something is wrong", &body))).into_response()
}

const BUTTONS: &str = r#"<p><button class="primary" name="decision" value="allow">Accept</button>
<button name="decision" value="deny">Cancel</button></p>"#;

fn accounts(state: &State, takes: impl Fn(&Tenant) -> bool, hint: Option<&str>) -> String {
    let all = state.tenants.iter().filter(|tenant| takes(tenant));
    let all = all.flat_map(|tenant| tenant.people.iter().map(move |person| (tenant, person)));
    let first = |index: usize, person: &Person| match hint {
        Some(hint) => person.principal == hint,
        None => index == 0,
    };
    let one = |(index, (tenant, person)): (usize, (&Tenant, &Person))| {
        format!(
            r#"<label><input type="radio" name="user" value="{}"{}> {} <span class="meta">{}, {}{}</span></label>"#,
            person.id,
            if first(index, person) { " checked" } else { "" },
            escape(&person.name),
            escape(&person.principal),
            escape(&tenant.name),
            if person.is_admin { ", administrator" } else { "" },
        )
    };
    all.enumerate().map(one).collect()
}

fn list(names: &[String], sentence: impl Fn(&str) -> Option<&'static str>) -> String {
    let line = |name: &String| {
        format!("<li>{} <code>{}</code></li>", escape(sentence(name).unwrap_or_default()), escape(name))
    };
    names.iter().map(line).collect()
}
