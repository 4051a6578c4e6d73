//! `auth.*`, `apps.uninstall`, `api.test`.

use serde_json::json;

use super::conversations::{cursor, page};
use super::{Arguments, Caller, Outcome, fields};
use crate::slack::events::First;
use crate::slack::oauth::access;
use crate::slack::state::{State, TokenStatus};

pub(super) fn api_test(_: &mut State, _: &Caller, arguments: &Arguments) -> Outcome {
    match arguments.text("error") {
        Some(code) => Err(code.into()),
        None => fields(json!({ "args": arguments.values })),
    }
}

pub(super) fn test(state: &mut State, caller: &Caller, _: &Arguments) -> Outcome {
    let token = caller.token()?;
    let install = state.installs.get(&token.account).ok_or("account_inactive")?;
    let team = state.team(&token.account);
    let enterprise = state.enterprise.as_ref().filter(|_| team.is_none_or(|team| team.in_enterprise));
    let name = team.map(|team| team.name.as_str()).or(enterprise.map(|enterprise| enterprise.name.as_str()));
    let domain = team.map_or("enterprise", |team| team.domain.as_str());
    let user = state.user(&token.user).map_or_else(|| bot_name(state), |user| user.name.clone());
    let mut answer = json!({
        "url": format!("https://{domain}.slack.com/"),
        "team": name,
        "user": user,
        "team_id": token.account,
        "user_id": token.user,
        "is_enterprise_install": team.is_none(),
    });
    if token.is_bot {
        answer["bot_id"] = json!(install.bot);
    }
    if let Some(enterprise) = enterprise {
        answer["enterprise_id"] = json!(enterprise.id);
    }
    fields(answer)
}

/// The workspaces that a token is good for: of a whole organization those in it, else its own.
pub(super) fn teams(state: &mut State, caller: &Caller, arguments: &Arguments) -> Outcome {
    let token = caller.token()?;
    let teams: Vec<_> = state.teams_of(&token.account).collect();
    let (start, limit) = page(arguments, |id| teams.iter().position(|team| team.id == id))?;
    let end = if caller.empty_page { start } else { (start + limit).min(teams.len()) };
    let next = teams.get(end).map(|team| cursor(&team.id)).unwrap_or_default();
    let listed: Vec<_> = teams[start..end].iter().map(|team| json!({ "id": team.id, "name": team.name })).collect();
    fields(json!({ "teams": listed, "response_metadata": { "next_cursor": next } }))
}

/// The name of the bot's user: the app's, as Slack writes names.
pub(super) fn bot_name(state: &State) -> String {
    state.app.name.to_lowercase().replace(' ', "_")
}

pub(super) fn revoke(state: &mut State, caller: &Caller, arguments: &Arguments) -> Outcome {
    let value = caller.token()?.value.clone();
    let really = !arguments.flag("test");
    if really && let Some(token) = state.tokens.iter_mut().find(|token| token.value == value) {
        token.status = TokenStatus::Revoked;
        let token = token.clone();
        if let Some(refresh) = token.refresh_token.as_ref().and_then(|refresh| state.refreshes.get_mut(refresh)) {
            refresh.spent = true;
        }
        state.tell_tokens_revoked(&token.account, std::slice::from_ref(&token));
    }
    fields(json!({ "revoked": really }))
}

pub(super) fn uninstall(state: &mut State, caller: &Caller, arguments: &Arguments) -> Outcome {
    access::client(state, arguments)?;
    let account = caller.token()?.account.clone();
    state.take_out(&account, First::TokensRevoked);
    fields(json!({}))
}
