//! `/{tenant}/oauth2/v2.0/authorize`: a person signs in, and accepts or cancels; or learns that an administrator must.

use axum::extract::{Path, RawForm, RawQuery, State as Axum};
use axum::response::{IntoResponse as _, Redirect, Response};

use super::admin;
use super::page;
use super::request::{Authorize, PAGE};
use crate::entra::Shared;
use crate::entra::scopes;
use crate::entra::state::{Code, Person, State, Tenant, guid};

/// Fields of the pages' forms that are not the app's.
pub(super) const OWN: [&str; 3] = ["decision", "user", "everybody"];

/// What a person decides on the page.
#[derive(Debug, Clone)]
pub enum Consent {
    /// The app may.
    Allow {
        /// The object id of the account that signs in.
        user: String,
        /// An administrator allows it for everybody in the organization. The page for administrators always means that.
        for_everybody: bool,
    },
    /// The app may not, or an administrator would have to be asked first.
    Deny,
}

impl Consent {
    /// A person allows it for themselves.
    #[must_use]
    pub fn allow(user: &str) -> Self {
        Self::Allow { user: user.to_owned(), for_everybody: false }
    }
}

/// Where a decision leads.
pub(super) enum Ending {
    /// Back to the app, at this URL.
    Back(String),
    /// To the page that says that only an administrator may allow it.
    NeedsApproval,
}

/// Shows the page.
pub(in crate::entra) async fn ask(
    Axum(shared): Axum<Shared>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let fields = read(query.unwrap_or_default().as_bytes());
    shared.change(|state| match Authorize::read(state, &tenant, &fields) {
        Ok(request) => page::sign_in(state, &request),
        Err(sentence) => page::refused(&sentence),
    })
}

/// Takes the decision and sends the person back.
pub(in crate::entra) async fn answer(
    Axum(shared): Axum<Shared>,
    Path(tenant): Path<String>,
    RawForm(form): RawForm,
) -> Response {
    let (consent, fields) = decision(&form);
    shared.change(|state| match decide(state, &tenant, &fields, &consent) {
        Ok(Ending::Back(url)) => Redirect::to(&url).into_response(),
        Ok(Ending::NeedsApproval) => page::needs_approval(state, &fields),
        Err(sentence) => page::refused(&sentence),
    })
}

/// What a form of these pages says: the decision, and the fields of the app.
pub(super) fn decision(form: &[u8]) -> (Consent, Vec<(String, String)>) {
    let (own, fields): (Vec<_>, Vec<_>) = read(form).into_iter().partition(|(name, _)| OWN.contains(&name.as_str()));
    let get = |name: &str| own.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let consent = match get("decision").as_deref() {
        Some("allow") => {
            Consent::Allow { user: get("user").unwrap_or_default(), for_everybody: get("everybody").is_some() }
        }
        _ => Consent::Deny,
    };
    (consent, fields)
}

/// Where a decision at a URL of one of the two pages leads the person's browser; an error is what the page would say.
pub(crate) fn decide_at(state: &mut State, url: &str, consent: &Consent) -> Result<String, String> {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let path = path.strip_prefix(&state.base_url).unwrap_or(path);
    let fields = read(query.as_bytes());
    let tenant = path.split('/').nth(1).unwrap_or_default();
    let ending = match path.ends_with("/v2.0/adminconsent") {
        true => admin::decide(state, tenant, &fields, consent)?,
        false => decide(state, tenant, &fields, consent)?,
    };
    match ending {
        Ending::Back(url) => Ok(url),
        Ending::NeedsApproval => Err("AADSTS90094: the app needs admin approval".to_owned()),
    }
}

fn decide(state: &mut State, tenant: &str, fields: &[(String, String)], consent: &Consent) -> Result<Ending, String> {
    let request = Authorize::read(state, tenant, fields)?;
    if let Some(code) = state.faults.take_error(PAGE) {
        return Ok(Ending::Back(request.back_with(&[("error", &code)])));
    }
    let Consent::Allow { user, for_everybody } = consent else {
        return Ok(Ending::Back(request.back_with(&DECLINED)));
    };
    let (tenant, person) = request.authority.person(state, user)?;
    if *for_everybody && !person.is_admin {
        return Err("only an administrator consents for everybody".to_owned());
    }
    if needs_approval(state, tenant, person, &request.scopes) {
        return Ok(Ending::NeedsApproval);
    }
    let (tenant, user) = (tenant.id.clone(), person.id.clone());
    if *for_everybody && let Some(tenant) = state.tenant_mut(&tenant) {
        scopes::unite(&mut tenant.admin_consent.get_or_insert_default().scopes, &request.scopes);
    }
    let grant = state.sign_in(&tenant, &user, &request.scopes);
    let code = format!("sim-code-{}", state.ids.secret());
    let kept = Code {
        redirect_uri: request.redirect_uri.clone(),
        challenge: request.challenge.clone(),
        nonce: request.nonce.clone(),
        grant,
        issued_at_ms: state.now_ms(),
        used: false,
    };
    state.codes.insert(code.clone(), kept);
    let session = guid(&mut state.ids);
    Ok(Ending::Back(request.back_with(&[("code", &code), ("session_state", &session)])))
}

/// What a person comes back with who cancels.
pub(super) const DECLINED: [(&str, &str); 3] = [
    ("error", "access_denied"),
    ("error_subcode", "cancel"),
    ("error_description", "AADSTS65004: User declined to consent to access the app."),
];

/// Whether a person without a role asks for what they may not give.
fn needs_approval(state: &State, tenant: &Tenant, person: &Person, asked: &[String]) -> bool {
    let has = tenant.scopes_of(person);
    let mut missing = asked.iter().filter(|scope| !has.contains(scope)).peekable();
    if person.is_admin || missing.peek().is_none() {
        return false;
    }
    !tenant.users_may_consent || !state.app.is_verified || missing.any(|scope| scopes::needs_admin(scope))
}

pub(super) fn read(encoded: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(encoded).into_owned().collect()
}
