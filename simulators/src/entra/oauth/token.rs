//! `/{tenant}/oauth2/v2.0/token`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::id_token;
use super::request::Authority;
use crate::entra::graph::{Answer, Asked, Outcome, Refusal};
use crate::entra::scopes;
use crate::entra::state::{Code, State, Token};

/// How long a code works: ten minutes.
const CODE_LIFE_MS: i64 = 600_000;
/// How long a refresh token works: ninety days.
const REFRESH_LIFE_MS: i64 = 90 * 86_400_000;

/// What every request says, and what each grant type needs and may say beside it.
const COMMON: [&str; 3] = ["client_id", "client_secret", "grant_type"];
const GRANTS: [(&str, &[&str], &[&str]); 3] = [
    ("authorization_code", &["code", "redirect_uri", "code_verifier"], &["scope"]),
    ("refresh_token", &["refresh_token"], &["scope"]),
    ("client_credentials", &["scope"], &[]),
];

/// What is wrong with a request for tokens, whatever the state is.
pub(crate) fn complaints(body: &Value) -> Vec<String> {
    let Some(fields) = body.as_object() else { return vec!["the body must be a form".to_owned()] };
    let grant = body["grant_type"].as_str().unwrap_or_default();
    let Some((_, needed, allowed)) = GRANTS.iter().find(|(name, ..)| *name == grant) else {
        return vec![format!("grant_type {grant:?} is not one that is taken here")];
    };
    let is_there = |name: &&&str| body[**name].as_str().is_some_and(|text| !text.is_empty());
    let missing = COMMON.iter().chain(*needed).filter(|name| !is_there(name));
    let missing = missing.map(|name| format!("The request body must contain the following parameter: '{name}'."));
    let known = |name: &str| COMMON.contains(&name) || needed.contains(&name) || allowed.contains(&name);
    let unknown = fields.keys().filter(|name| !known(name));
    missing.chain(unknown.map(|name| format!("{name:?} is no parameter of {grant}"))).collect()
}

/// A request that is not in order.
pub(crate) fn misunderstood(state: &mut State, complaints: &[String]) -> Refusal {
    let number = if complaints[0].starts_with("grant_type") { 70_003 } else { 900_144 };
    state.aadsts(number, &complaints.join(" "))
}

/// Gives tokens for a code, a refresh token, or the app's own name.
pub(crate) fn give(state: &mut State, asked: &Asked) -> Outcome {
    let text = |name: &str| asked.body[name].as_str().unwrap_or_default();
    let authority = match Authority::read(state, asked.part("tenant")) {
        Ok(authority) => authority,
        Err(_) => return Err(state.aadsts(90_002, "")),
    };
    if text("client_id") != state.app.client_id {
        return Err(state.aadsts(700_016, ""));
    }
    let secret_fits: bool = text("client_secret").as_bytes().ct_eq(state.app.client_secret.as_bytes()).into();
    if !secret_fits {
        return Err(state.aadsts(7_000_215, ""));
    }
    match text("grant_type") {
        "authorization_code" => {
            let code = take_code(state, &authority, [text("code"), text("redirect_uri"), text("code_verifier")])?;
            person_token(state, code.grant, code.nonce.as_deref(), text("scope"), true)
        }
        "refresh_token" => {
            let grant = use_refresh(state, &authority, text("refresh_token"))?;
            let renews = state.renews_refresh_tokens;
            person_token(state, grant, None, text("scope"), renews)
        }
        _ => app_token(state, &authority, text("scope")),
    }
}

fn take_code(state: &mut State, authority: &Authority, sent: [&str; 3]) -> Result<Code, Refusal> {
    let [value, redirect_uri, verifier] = sent;
    let now_ms = state.now_ms();
    let Some(code) = state.codes.get(value).cloned() else { return Err(state.aadsts(70_000, "")) };
    let tenant = state.grant(code.grant).map(|grant| grant.tenant.clone()).unwrap_or_default();
    let wrong = [
        (code.used, 54_005),
        (now_ms - code.issued_at_ms >= CODE_LIFE_MS, 70_008),
        (code.redirect_uri != redirect_uri, 500_112),
        (URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) != code.challenge, 501_481),
        (!authority.takes(&tenant), 700_005),
    ];
    if let Some((_, number)) = wrong.into_iter().find(|(is_so, _)| *is_so) {
        return Err(state.aadsts(number, ""));
    }
    if let Some(kept) = state.codes.get_mut(value) {
        kept.used = true;
    }
    Ok(code)
}

/// The grant of a refresh token that still works; it goes on working.
fn use_refresh(state: &mut State, authority: &Authority, value: &str) -> Result<u64, Refusal> {
    let now_ms = state.now_ms();
    let kept = state.refreshes.get(value).cloned();
    let kept = kept.and_then(|refresh| Some((state.grant(refresh.grant).cloned()?, refresh.issued_at_ms)));
    let Some((grant, issued_at_ms)) = kept else { return Err(state.aadsts(70_000, "")) };
    let wrong = [
        (grant.is_revoked, 50_173),
        (now_ms - issued_at_ms >= REFRESH_LIFE_MS, 700_082),
        (!authority.takes(&grant.tenant), 700_005),
    ];
    let wrong = wrong.into_iter().find(|(is_so, _)| *is_so);
    wrong.map_or(Ok(grant.id), |(_, number)| Err(state.aadsts(number, "")))
}

/// Tokens of a person, if they may still sign in and what is asked for is consented to.
fn person_token(state: &mut State, grant: u64, nonce: Option<&str>, scope: &str, renew: bool) -> Outcome {
    let user = state.grant(grant).and_then(|grant| grant.user.clone()).unwrap_or_default();
    let Some((tenant, person)) = state.person(&user) else { return Err(state.aadsts(50_020, "")) };
    if !person.is_enabled {
        return Err(state.aadsts(50_057, ""));
    }
    let has = tenant.scopes_of(person);
    let is_given = |scope: &String| scope == scopes::DEFAULT || has.contains(scope);
    if !has.iter().any(|scope| scopes::is_of_graph(scope)) || !scopes::split(scope).iter().all(is_given) {
        return Err(state.aadsts(65_001, ""));
    }
    let asked = state.grant(grant).map(|grant| grant.asked.clone()).unwrap_or_default();
    let is_open = asked.iter().any(|scope| scope == "openid");
    let id_token = is_open.then(|| id_token::write(state, (tenant, person), &asked, nonce));
    let token = state.give_token(grant, renew);
    let mut answer = body(&token);
    let told = token.scopes.iter().filter(|scope| *scope != scopes::OFFLINE).cloned();
    answer["scope"] = told.collect::<Vec<_>>().join(" ").into();
    if let Some(refresh) = &token.refresh_token {
        answer["refresh_token"] = refresh.as_str().into();
    }
    if let Some(id_token) = id_token {
        answer["id_token"] = id_token.into();
    }
    Ok(Answer::ok(answer))
}

/// A token of the app itself, with the application permissions that an administrator has granted.
fn app_token(state: &mut State, authority: &Authority, scope: &str) -> Outcome {
    let Authority::Tenant(tenant) = authority else { return Err(state.aadsts(50_059, "")) };
    if scopes::split(scope) != [scopes::DEFAULT] {
        return Err(state.aadsts(1_002_012, ""));
    }
    if !state.tenant(tenant).is_some_and(crate::entra::state::Tenant::knows_app) {
        return Err(state.aadsts(7_000_229, ""));
    }
    let grant = state.sign_in_app(tenant);
    Ok(Answer::ok(body(&state.give_token(grant, false))))
}

fn body(token: &Token) -> Value {
    json!({ "token_type": "Bearer", "expires_in": token.life_s, "ext_expires_in": token.life_s,
        "access_token": token.value })
}
