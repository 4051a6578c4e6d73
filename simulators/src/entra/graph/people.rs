//! Who is signed in.

use serde_json::{Value, json};

use super::answer::{Answer, Outcome, Refusal};
use super::request::Asked;
use crate::entra::state::{Person, State, Tenant};

/// The person who calls, and their tenant.
pub(super) fn caller<'a>(state: &'a State, asked: &Asked) -> Result<(&'a Tenant, &'a Person), Refusal> {
    let user = asked.caller()?.user.as_deref().unwrap_or_default();
    state.person(user).ok_or_else(|| Refusal::unauthorized("Access token validation failure."))
}

/// `GET /me`.
pub(super) fn me(state: &mut State, asked: &Asked) -> Outcome {
    let (_, person) = caller(state, asked)?;
    let all = json!({
        "@odata.context": format!("{}/v1.0/$metadata#users/$entity", state.base_url),
        "id": person.id,
        "displayName": person.name,
        "mail": person.principal,
        "userPrincipalName": person.principal,
        "givenName": person.name.split(' ').next(),
        "surname": person.name.split(' ').nth(1),
        "preferredLanguage": "en-US",
        "businessPhones": [],
        "jobTitle": null,
        "mobilePhone": null,
        "officeLocation": null,
    });
    Ok(Answer::ok(selected(all, asked.text("$select"))))
}

/// The fields that were asked for; all where none is named.
pub(super) fn selected(mut all: Value, select: Option<&str>) -> Value {
    let Some(select) = select else { return all };
    let wanted: Vec<&str> = select.split(',').map(str::trim).collect();
    if let Some(fields) = all.as_object_mut() {
        fields.retain(|name, _| name.starts_with('@') || wanted.contains(&name.as_str()));
    }
    all
}
