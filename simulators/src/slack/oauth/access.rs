//! `oauth.v2.access` and `oauth.v2.exchange`: a code, a refresh token or a lasting token for tokens.

use serde_json::{Map, Value, json};
use subtle::ConstantTimeEq as _;

use crate::slack::api::{Arguments, Caller, Outcome, Refusal, fields};
use crate::slack::state::{Code, Hook, ROTATING_LIFE_S, State, Token, TokenStatus};

/// How long a code works: ten minutes.
const CODE_LIFE_MS: i64 = 600_000;

/// A code for tokens, or a refresh token for the next pair.
pub(crate) fn access(state: &mut State, _: &Caller, arguments: &Arguments) -> Outcome {
    client(state, arguments)?;
    match arguments.text("grant_type").unwrap_or("authorization_code") {
        "authorization_code" => {
            let code = take_code(state, arguments)?;
            let token = (!code.scopes.is_empty()).then(|| state.install(&code.account, &code.user, &code.scopes));
            answer(state, &code, token.as_ref())
        }
        "refresh_token" => {
            let token = refresh(state, arguments.text("refresh_token").unwrap_or_default())?;
            bot(state, &token)
        }
        _ => Err("invalid_grant_type".into()),
    }
}

/// A lasting token for the first pair of rotating ones; the lasting one ends.
pub(crate) fn exchange(state: &mut State, _: &Caller, arguments: &Arguments) -> Outcome {
    client(state, arguments)?;
    if !state.app.token_rotation {
        return Err("token_rotation_not_enabled".into());
    }
    let value = arguments.text("token").unwrap_or_default();
    let is_meant = |token: &&mut Token| token.value == value && token.is_bot && token.expires_at_ms.is_none();
    let token = state.tokens.iter_mut().find(is_meant).ok_or("invalid_auth")?;
    if token.status != TokenStatus::Live {
        return Err("token_revoked".into());
    }
    token.status = TokenStatus::Revoked;
    let account = token.account.clone();
    let install = state.installs.get(&account).cloned().ok_or("account_inactive")?;
    let token = state.rotate(&install);
    bot(state, &token)
}

/// Whether the app has shown its client id and secret.
pub(crate) fn client(state: &State, arguments: &Arguments) -> Result<(), Refusal> {
    if arguments.text("client_id") != Some(&state.app.client_id) {
        return Err("invalid_client_id".into());
    }
    let secret = arguments.text("client_secret").unwrap_or_default();
    let is_right: bool = secret.as_bytes().ct_eq(state.app.client_secret.as_bytes()).into();
    if is_right { Ok(()) } else { Err("bad_client_secret".into()) }
}

fn take_code(state: &mut State, arguments: &Arguments) -> Result<Code, Refusal> {
    let now_ms = state.now_ms();
    let code = state.codes.get_mut(arguments.text("code").unwrap_or_default()).ok_or("invalid_code")?;
    if code.used {
        return Err("code_already_used".into());
    }
    if now_ms - code.issued_at_ms >= CODE_LIFE_MS {
        return Err("invalid_code".into());
    }
    if code.redirect_uri.as_deref() != arguments.text("redirect_uri") {
        return Err("bad_redirect_uri".into());
    }
    code.used = true;
    Ok(code.clone())
}

fn refresh(state: &mut State, value: &str) -> Result<Token, Refusal> {
    let refresh = state.refreshes.get_mut(value).filter(|refresh| !refresh.spent).ok_or("invalid_refresh_token")?;
    let account = refresh.account.clone();
    let install = state.installs.get(&account).filter(|install| install.is_active).cloned();
    Ok(state.rotate(&install.ok_or("invalid_refresh_token")?))
}

/// The whole answer to a code.
fn answer(state: &mut State, code: &Code, token: Option<&Token>) -> Outcome {
    let mut answer = match token {
        Some(token) => bot(state, token)?,
        None => common(state, &code.account),
    };
    let mut person = json!({ "id": code.user });
    if !code.user_scopes.is_empty() {
        let token = state.grant_user(&code.account, &code.user, &code.user_scopes);
        person["scope"] = json!(token.scopes.join(","));
        person["access_token"] = json!(token.value);
        person["token_type"] = json!("user");
    }
    answer.insert("authed_user".to_owned(), person);
    if let Some(channel) = &code.webhook_channel {
        answer.insert("incoming_webhook".to_owned(), webhook(state, code, channel)?);
    }
    Ok(answer)
}

/// What every answer with a bot token says.
fn bot(state: &State, token: &Token) -> Outcome {
    let install = state.installs.get(&token.account).ok_or("account_inactive")?;
    let mut answer = common(state, &token.account);
    let mut extra = json!({
        "access_token": token.value,
        "token_type": "bot",
        "scope": token.scopes.join(","),
        "bot_user_id": install.bot_user,
    });
    if let Some(refresh) = &token.refresh_token {
        extra["refresh_token"] = json!(refresh);
        extra["expires_in"] = json!(ROTATING_LIFE_S);
    }
    answer.extend(fields(extra)?);
    Ok(answer)
}

fn common(state: &State, account: &str) -> Map<String, Value> {
    let team = state.team(account);
    let enterprise = state.enterprise.as_ref().filter(|_| team.is_none_or(|team| team.in_enterprise));
    let mut common = Map::new();
    common.insert("app_id".to_owned(), json!(state.app_id));
    common.insert("team".to_owned(), team.map_or(Value::Null, |team| json!({ "id": team.id, "name": team.name })));
    let enterprise =
        enterprise.map_or(Value::Null, |enterprise| json!({ "id": enterprise.id, "name": enterprise.name }));
    common.insert("enterprise".to_owned(), enterprise);
    common.insert("is_enterprise_install".to_owned(), team.is_none().into());
    common
}

/// An address that posts into the channel which was chosen.
fn webhook(state: &mut State, code: &Code, id: &str) -> Result<Value, Refusal> {
    let team = state.teams_of(&code.account).find(|team| team.channel(id).is_some());
    let channel = team.and_then(|team| team.channel(id)).ok_or("channel_not_found")?;
    let (team, name) = (channel.team.clone(), channel.name.clone());
    let user = state.installs.get(&code.account).map(|install| install.bot_user.clone()).unwrap_or_default();
    let key = format!("services/{team}/{}/{}", state.ids.next("B"), state.ids.secret());
    let url = format!("{}/{key}", state.base_url);
    let hook = Hook { team, channel: id.to_owned(), user, message: None, left: None, expires_at_ms: None };
    state.hooks.insert(key, hook);
    let settings = format!("{}/_control", state.base_url);
    Ok(json!({ "channel": format!("#{name}"), "channel_id": id, "configuration_url": settings, "url": url }))
}
