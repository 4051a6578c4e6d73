//! `/authorize`: the page on which a person chooses sites and accepts or cancels.

use axum::extract::{RawForm, RawQuery, State as Axum};
use axum::response::{Html, IntoResponse, Redirect, Response};
use http::StatusCode;

use super::request::Authorize;
use crate::html::{escape, hidden, page};
use crate::jira::scopes;
use crate::jira::state::{Code, State};
use crate::jira::{PROVIDER, Shared};

/// The name by which the page is told to fail: an error sends people back with its code.
const PAGE: &str = "authorize";
/// Fields of the page's form that are not the app's.
const OWN: [&str; 3] = ["decision", "site", "user"];

/// What a person decides on the consent page.
#[derive(Debug, Clone)]
pub enum Consent {
    /// The app may.
    Allow {
        /// The cloud ids of the sites.
        sites: Vec<String>,
        /// The person's `accountId`; the administrator where there is none.
        user: Option<String>,
    },
    /// The app may not.
    Cancel,
}

impl Consent {
    /// The administrator allows it for one site.
    #[must_use]
    pub fn allow(site: &str) -> Self {
        Self::Allow { sites: vec![site.to_owned()], user: None }
    }
}

/// Shows the page.
pub(in crate::jira) async fn ask(Axum(shared): Axum<Shared>, RawQuery(query): RawQuery) -> Response {
    let fields = read(query.unwrap_or_default().as_bytes());
    shared.change(|state| match Authorize::read(state, &fields) {
        Ok(request) => Html(page(PROVIDER, "Allow access", &question(state, &request))).into_response(),
        Err(sentence) => refused(&sentence),
    })
}

/// Takes the decision and sends the person back.
pub(in crate::jira) async fn answer(Axum(shared): Axum<Shared>, RawForm(form): RawForm) -> Response {
    let (own, fields): (Vec<_>, Vec<_>) = read(&form).into_iter().partition(|(name, _)| OWN.contains(&name.as_str()));
    let all = |name: &str| own.iter().filter(|(known, _)| known == name).map(|(_, value)| value.clone()).collect();
    let decision: Vec<String> = all("decision");
    let users: Vec<String> = all("user");
    let consent = match decision.first().map(String::as_str) {
        Some("allow") => Consent::Allow { sites: all("site"), user: users.into_iter().next() },
        _ => Consent::Cancel,
    };
    match shared.change(|state| decide(state, &fields, &consent)) {
        Ok(url) => Redirect::to(&url).into_response(),
        Err(sentence) => refused(&sentence),
    }
}

/// Where a decision leads the person's browser; an error is what the page would say.
pub(crate) fn decide(state: &mut State, fields: &[(String, String)], consent: &Consent) -> Result<String, String> {
    let request = Authorize::read(state, fields)?;
    if let Some(code) = state.faults.take_error(PAGE) {
        return Ok(request.back_with(&[("error", &code)]));
    }
    let Consent::Allow { sites, user } = consent else {
        let words = "User did not authorize the request";
        return Ok(request.back_with(&[("error", "access_denied"), ("error_description", words)]));
    };
    if sites.is_empty() {
        return Err("choose a site".to_owned());
    }
    if let Some(unknown) = sites.iter().find(|id| state.site(id).is_none()) {
        return Err(format!("there is no site {unknown:?}"));
    }
    let user = user.clone().unwrap_or_else(|| state.admin().account_id.clone());
    if state.person(&user).is_none() {
        return Err(format!("there is no person {user:?}"));
    }
    let grant = state.consent(&user, sites, &request.scopes);
    let code = format!("sim-code-{}", state.ids.secret());
    let issued_at_ms = state.now_ms();
    let kept = Code { redirect_uri: request.redirect_uri.clone(), grant, issued_at_ms, used: false };
    state.codes.insert(code.clone(), kept);
    Ok(request.back_with(&[("code", &code)]))
}

fn read(encoded: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(encoded).into_owned().collect()
}

fn refused(sentence: &str) -> Response {
    let body = format!("<h1>Something is wrong with this link</h1><p class=\"bad\">{}</p>", escape(sentence));
    (StatusCode::BAD_REQUEST, Html(page(PROVIDER, "Something is wrong", &body))).into_response()
}

fn question(state: &State, request: &Authorize) -> String {
    let app = escape(&state.app.name);
    let fields: String = request.fields.iter().map(|(name, value)| hidden(name, value)).collect();
    let sites = state.sites.iter().enumerate().map(|(index, site)| {
        format!(
            r#"<label><input type="checkbox" name="site" value="{}"{}> {} <span class="meta">{}</span></label>"#,
            site.id,
            if index == 0 { " checked" } else { "" },
            escape(&site.name),
            escape(&site.url),
        )
    });
    let people = state
        .people
        .iter()
        .map(|person| format!(r#"<option value="{}">{}</option>"#, person.account_id, escape(&person.name)));
    let list = request.scopes.iter().map(|scope| {
        let sentence = scopes::sentence(scope).unwrap_or_default();
        format!("<li>{} <code>{}</code></li>", escape(sentence), escape(scope))
    });
    format!(
        r#"<h1>{app} is requesting access to your Atlassian account</h1>
<form method="post" action="/authorize">{fields}
<label>Signed in as <select name="user">{people}</select></label>
<fieldset><legend>Use app on</legend>{sites}</fieldset>
<h2>In Jira it would like to</h2><ul>{list}</ul>
<p><button class="primary" name="decision" value="allow">Accept</button>
<button name="decision" value="cancel">Cancel</button></p></form>
<p class="meta">You go back to <code>{back}</code>.</p>"#,
        people = people.collect::<String>(),
        sites = sites.collect::<String>(),
        list = list.collect::<String>(),
        back = escape(&request.redirect_uri),
    )
}
