//! `/oauth/token` and `/oauth/token/accessible-resources`.

use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;

use crate::jira::api::{Answer, Asked, Outcome, Refusal};
use crate::jira::state::{ACCESS_LIFE_S, State, Token};

/// How long a code works: five minutes.
const CODE_LIFE_MS: i64 = 300_000;

/// A code for tokens, or a refresh token for the next pair.
pub(crate) fn give(state: &mut State, asked: &Asked) -> Outcome {
    let text = |name: &str| asked.body[name].as_str().unwrap_or_default();
    let secret_fits: bool = text("client_secret").as_bytes().ct_eq(state.app.client_secret.as_bytes()).into();
    if text("client_id") != state.app.client_id || !secret_fits {
        return Err(Refusal::oauth(401, "access_denied", "Unauthorized"));
    }
    match text("grant_type") {
        "authorization_code" => {
            let grant = take_code(state, text("code"), text("redirect_uri"))?;
            let token = state.give_tokens(grant);
            Ok(answer(state, &token))
        }
        "refresh_token" => {
            let refused = || Refusal::oauth(403, "unauthorized_client", "refresh_token is invalid");
            let grant = state.use_refresh(text("refresh_token")).ok_or_else(refused)?;
            let token = state.give_tokens(grant);
            Ok(answer(state, &token))
        }
        other => Err(Refusal::oauth(400, "unsupported_grant_type", &format!("Unsupported grant type: {other}"))),
    }
}

/// What is wrong with a request for tokens, whatever the state is.
pub(crate) fn complaints(body: &Value) -> Vec<String> {
    let grant = body["grant_type"].as_str().unwrap_or_default();
    let needed: &[&str] = match grant {
        "authorization_code" => &["grant_type", "client_id", "client_secret", "code", "redirect_uri"],
        "refresh_token" => &["grant_type", "client_id", "client_secret", "refresh_token"],
        _ => return vec![format!("grant_type {grant:?} is neither authorization_code nor refresh_token")],
    };
    let missing = needed.iter().filter(|name| !body[**name].is_string());
    let missing = missing.map(|name| format!("Missing required parameter: {name}"));
    let unknown = body.as_object().into_iter().flatten().filter(|(name, _)| !needed.contains(&name.as_str()));
    missing.chain(unknown.map(|(name, _)| format!("{name:?} is no parameter of {grant}"))).collect()
}

fn take_code(state: &mut State, value: &str, redirect_uri: &str) -> Result<u64, Refusal> {
    let now_ms = state.now_ms();
    let refused = |words: &str| Refusal::oauth(403, "invalid_grant", words);
    let code = state.codes.get_mut(value).ok_or_else(|| refused("Invalid authorization code"))?;
    if code.used || now_ms - code.issued_at_ms >= CODE_LIFE_MS {
        return Err(refused("Invalid authorization code"));
    }
    if code.redirect_uri != redirect_uri {
        return Err(refused("The redirect URI is not the one of the authorization request"));
    }
    code.used = true;
    Ok(code.grant)
}

fn answer(state: &State, token: &Token) -> Answer {
    let scopes = state.grant(token.grant).map(|grant| grant.scopes.join(" ")).unwrap_or_default();
    let mut answer =
        json!({ "access_token": token.value, "expires_in": ACCESS_LIFE_S, "token_type": "Bearer", "scope": scopes });
    if let Some(refresh) = &token.refresh_token {
        answer["refresh_token"] = json!(refresh);
    }
    Answer::ok(answer)
}

/// The sites that a token is good for.
pub(crate) fn resources(state: &mut State, asked: &Asked) -> Outcome {
    let grant = state.grant(asked.caller()?.grant).ok_or_else(Refusal::unauthorized)?;
    let scopes: Vec<&String> = grant.scopes.iter().filter(|scope| *scope != "offline_access").collect();
    let of = state.sites.iter().filter(|site| grant.sites.contains(&site.id));
    let list = of.map(|site| {
        json!({ "id": site.id, "url": site.url, "name": site.name, "scopes": scopes,
            "avatarUrl": format!("{}/icons/{}.svg", state.base_url, site.id) })
    });
    Ok(Answer::ok(list.collect()))
}

/// The person of a token.
pub(crate) fn me(state: &mut State, asked: &Asked) -> Outcome {
    let person = state.person(&asked.caller()?.user).ok_or_else(Refusal::unauthorized)?;
    Ok(Answer::ok(json!({ "account_type": "atlassian", "account_id": person.account_id, "email": person.email,
        "name": person.name, "account_status": "active" })))
}
