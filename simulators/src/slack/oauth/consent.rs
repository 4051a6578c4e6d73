//! `/oauth/v2/authorize`: the page on which a person chooses a workspace and allows or cancels.

use axum::extract::{RawForm, RawQuery, State as Axum};
use axum::response::{Html, IntoResponse, Redirect, Response};
use http::StatusCode;

use super::request::Authorize;
use crate::html::{escape, hidden, page};
use crate::slack::scopes;
use crate::slack::state::{Code, State, Team};
use crate::slack::{PROVIDER, Shared};

/// The name by which the page is told to fail: an error sends people back with its code.
const PAGE: &str = "oauth.v2.authorize";

/// What a person decides on the consent page.
#[derive(Debug, Clone)]
pub enum Consent {
    /// The app may, in this workspace (`T…`) or organization (`E…`).
    Allow {
        /// The workspace or organization.
        account: String,
    },
    /// The app may not.
    Cancel,
}

/// Shows the page.
pub(in crate::slack) async fn ask(Axum(shared): Axum<Shared>, RawQuery(query): RawQuery) -> Response {
    let fields = read(query.unwrap_or_default().as_bytes());
    shared.change(|state| match Authorize::read(state, &fields) {
        Ok(request) => Html(page(PROVIDER, "Allow access", &question(state, &request))).into_response(),
        Err(sentence) => refused(&sentence),
    })
}

/// Takes the decision and sends the person back.
pub(in crate::slack) async fn answer(Axum(shared): Axum<Shared>, RawForm(form): RawForm) -> Response {
    let (own, fields): (Vec<_>, Vec<_>) =
        read(&form).into_iter().partition(|(name, _)| ["decision", "account", "channel"].contains(&name.as_str()));
    let field = |name: &str| own.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str());
    let consent = match field("decision") {
        "allow" => Consent::Allow { account: field("account").to_owned() },
        _ => Consent::Cancel,
    };
    let channel = Some(field("channel")).filter(|channel| !channel.is_empty());
    match shared.change(|state| decide(state, &fields, &consent, channel)) {
        Ok(url) => Redirect::to(&url).into_response(),
        Err(sentence) => refused(&sentence),
    }
}

/// Where a decision leads the person's browser; an error is what the page would say.
pub(crate) fn decide(
    state: &mut State,
    fields: &[(String, String)],
    consent: &Consent,
    channel: Option<&str>,
) -> Result<String, String> {
    let request = Authorize::read(state, fields)?;
    if let Some(code) = state.faults.take_error(PAGE) {
        return Ok(request.back_with("error", &code));
    }
    let Consent::Allow { account } = consent else { return Ok(request.back_with("error", "access_denied")) };
    let team = state.teams_of(account).next().ok_or_else(|| format!("there is no workspace {account:?}"))?;
    let user = team.admin().id.clone();
    let wants_channel = request.scopes.iter().any(|scope| scope == "incoming-webhook");
    let first = team.channels().first().map(|channel| channel.id.clone());
    let code = format!("{}.{}", state.ids.count("code"), state.ids.secret());
    let granted = Code {
        redirect_uri: request.named_redirect.clone(),
        account: account.clone(),
        user,
        scopes: request.scopes.clone(),
        user_scopes: request.user_scopes.clone(),
        webhook_channel: if wants_channel { channel.map(str::to_owned).or(first) } else { None },
        issued_at_ms: state.now_ms(),
        used: false,
    };
    state.codes.insert(code.clone(), granted);
    Ok(request.back_with("code", &code))
}

/// The fields of a query or a form.
pub(in crate::slack) fn read(encoded: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(encoded).into_owned().collect()
}

fn refused(sentence: &str) -> Response {
    let body = format!("<h1>Something is wrong with this link</h1><p class=\"bad\">{}</p>", escape(sentence));
    (StatusCode::BAD_REQUEST, Html(page(PROVIDER, "Something is wrong", &body))).into_response()
}

fn question(state: &State, request: &Authorize) -> String {
    let app = escape(&state.app.name);
    let fields: String = request.fields.iter().map(|(name, value)| hidden(name, value)).collect();
    let wish = request.team.as_deref().or(state.teams.first().map(|team| team.id.as_str())).unwrap_or_default();
    let mut choices: String = state.teams.iter().map(|team| choice(state, team, wish)).collect();
    if let Some(enterprise) = &state.enterprise {
        choices += &format!(
            r#"<label><input type="radio" name="account" value="{}"> {} <span class="meta">whole organization: every
workspace in it</span></label>"#,
            enterprise.id,
            escape(&enterprise.name)
        );
    }
    format!(
        r#"<h1>{app} is requesting permission to access a Slack workspace</h1>
<form method="post" action="/oauth/v2/authorize">{fields}
<fieldset><legend>Workspace</legend>{choices}</fieldset>
{bot}{person}{channel}
<p><button class="primary" name="decision" value="allow">Allow</button>
<button name="decision" value="cancel" formnovalidate>Cancel</button></p></form>
<p class="meta">You go back to <code>{back}</code>.</p>"#,
        bot = list(&format!("What will {app} be able to do?"), &request.scopes),
        person = list(&format!("What will {app} be able to do as you?"), &request.user_scopes),
        channel = webhook_channel(state, request, wish),
        back = escape(&request.redirect_uri),
    )
}

fn choice(state: &State, team: &Team, wish: &str) -> String {
    let checked = if team.id == wish { " checked" } else { "" };
    let installed = state.installs.get(&team.id).is_some_and(|install| install.is_active);
    format!(
        r#"<label><input type="radio" name="account" value="{id}" required{checked}> {name} <span class="meta">{domain}.slack.com,
signed in as {who}{installed}</span></label>"#,
        id = team.id,
        name = escape(&team.name),
        domain = escape(&team.domain),
        who = escape(&team.admin().real_name),
        installed = if installed { ", installed already" } else { "" },
    )
}

fn list(heading: &str, scopes: &[String]) -> String {
    if scopes.is_empty() {
        return String::new();
    }
    let sentence = |scope: &String| {
        let sentence = scopes::sentence(scope).unwrap_or_default();
        format!("<li>{} <code>{}</code></li>", escape(sentence), escape(scope))
    };
    format!("<h2>{heading}</h2><ul>{}</ul>", scopes.iter().map(sentence).collect::<String>())
}

fn webhook_channel(state: &State, request: &Authorize, wish: &str) -> String {
    if !request.scopes.iter().any(|scope| scope == "incoming-webhook") {
        return String::new();
    }
    let channels = state.team(wish).map(Team::channels).unwrap_or_default();
    let open = channels.iter().filter(|channel| !channel.is_archived && !channel.is_private && !channel.is_direct());
    let options =
        open.take(200).map(|channel| format!("<option value=\"{}\">#{}</option>", channel.id, escape(&channel.name)));
    format!(
        r#"<fieldset><legend>Where should it post?</legend><label>Channel <select name="channel">{}</select></label></fieldset>"#,
        options.collect::<String>()
    )
}
