//! `/{tenant}/v2.0/adminconsent`: an administrator allows the app for everybody in the organization.

use axum::extract::{Path, RawForm, RawQuery, State as Axum};
use axum::response::{IntoResponse as _, Redirect, Response};

use super::consent::{Consent, DECLINED, Ending, decision, read};
use super::page;
use super::request::{self, Authority, Fields};
use crate::entra::Shared;
use crate::entra::scopes;
use crate::entra::state::{AdminConsent, State};

/// The name of the page, for faults and violations.
const PAGE: &str = "adminconsent";
const KNOWN: [&str; 4] = ["client_id", "scope", "redirect_uri", "state"];

/// A request for an administrator's consent that is in order.
pub(super) struct Asked {
    authority: Authority,
    redirect_uri: String,
    state: Option<String>,
    pub(super) consent: AdminConsent,
    scope: String,
    /// All of it, as it came.
    pub(super) fields: Vec<(String, String)>,
}

impl Asked {
    fn read(state: &mut State, tenant: &str, fields: &[(String, String)]) -> Result<Self, String> {
        let read = Self::check(state, tenant, fields);
        if let Err(sentence) = &read {
            state.journal.violation(PAGE, sentence.as_str());
        }
        read
    }

    fn check(state: &State, tenant: &str, all: &[(String, String)]) -> Result<Self, String> {
        let fields = Fields(all);
        let authority = Authority::read(state, tenant)?;
        let redirect_uri = request::client(state, &fields)?;
        if let Some(sentence) = fields.unknown(&KNOWN) {
            return Err(sentence);
        }
        let scope = fields.get("scope").unwrap_or_default().to_owned();
        let is_all = scopes::split(&scope).iter().any(|scope| scope == scopes::DEFAULT);
        // Application permissions have no names of their own in a request: they come with all that the app is
        // configured with.
        let roles = if is_all { state.app.application.clone() } else { Vec::new() };
        let consent = AdminConsent { scopes: request::asked(state, &fields)?, roles };
        let opaque = fields.get("state").map(str::to_owned);
        Ok(Self { authority, redirect_uri, state: opaque, consent, scope, fields: all.to_vec() })
    }

    /// Whether an account is one that this page takes.
    pub(super) fn takes(&self, tenant: &str) -> bool {
        self.authority.takes(tenant)
    }

    fn back(&self, fields: &[(&str, &str)]) -> Ending {
        Ending::Back(request::back(&self.redirect_uri, self.state.as_deref(), fields))
    }
}

/// Shows the page.
pub(in crate::entra) async fn ask_admin(
    Axum(shared): Axum<Shared>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let fields = read(query.unwrap_or_default().as_bytes());
    shared.change(|state| match Asked::read(state, &tenant, &fields) {
        Ok(asked) => page::admin(state, &asked),
        Err(sentence) => page::refused(&sentence),
    })
}

/// Takes the decision and sends the administrator back.
pub(in crate::entra) async fn answer_admin(
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

pub(super) fn decide(
    state: &mut State,
    tenant: &str,
    fields: &[(String, String)],
    consent: &Consent,
) -> Result<Ending, String> {
    let asked = Asked::read(state, tenant, fields)?;
    if let Some(code) = state.faults.take_error(PAGE) {
        return Ok(asked.back(&[("error", &code)]));
    }
    let Consent::Allow { user, .. } = consent else { return Ok(asked.back(&DECLINED)) };
    let (tenant, person) = asked.authority.person(state, user)?;
    if !person.is_admin {
        return Ok(Ending::NeedsApproval);
    }
    let id = tenant.id.clone();
    if let Some(tenant) = state.tenant_mut(&id) {
        let given = tenant.admin_consent.get_or_insert_default();
        scopes::unite(&mut given.scopes, &asked.consent.scopes);
        scopes::unite(&mut given.roles, &asked.consent.roles);
    }
    Ok(asked.back(&[("admin_consent", "True"), ("tenant", &id), ("scope", &asked.scope)]))
}
