//! `users.*`, `team.info`.

use serde_json::{Value, json};

use super::auth::bot_name;
use super::{Arguments, Caller, Outcome, fields};
use crate::slack::state::{State, Team, Token, User};

pub(super) fn info(state: &mut State, caller: &Caller, arguments: &Arguments) -> Outcome {
    let token = caller.token()?;
    let id = arguments.text("user").unwrap_or_default();
    let person = state.teams_of(&token.account).find_map(|team| {
        let user = team.users.iter().find(|user| user.id == id)?;
        Some(person(team, user, token))
    });
    let user = person.or_else(|| bot(state, &token.account, id)).ok_or("user_not_found")?;
    fields(json!({ "user": user }))
}

pub(super) fn lookup(state: &mut State, caller: &Caller, arguments: &Arguments) -> Outcome {
    let token = caller.token()?;
    let email = arguments.text("email").unwrap_or_default().to_lowercase();
    let found = state.teams_of(&token.account).find_map(|team| {
        let user = team.users.iter().find(|user| user.email == email)?;
        Some(person(team, user, token))
    });
    fields(json!({ "user": found.ok_or("users_not_found")? }))
}

pub(super) fn team(state: &mut State, caller: &Caller, arguments: &Arguments) -> Outcome {
    let token = caller.token()?;
    let asked = arguments.text("team");
    let domain = arguments.text("domain");
    let is_meant =
        |team: &&Team| asked.is_none_or(|id| team.id == id) && domain.is_none_or(|domain| team.domain == domain);
    let team = state.teams_of(&token.account).find(is_meant).ok_or("team_not_found")?;
    let icon = format!("{}/icons/{}.png", state.base_url, team.id);
    let mut answer = json!({
        "id": team.id,
        "name": team.name,
        "url": format!("https://{}.slack.com/", team.domain),
        "domain": team.domain,
        "email_domain": format!("{}.example", team.domain),
        "icon": { "image_34": icon, "image_44": icon, "image_68": icon, "image_88": icon, "image_102": icon,
            "image_132": icon, "image_230": icon, "image_default": true },
        "avatar_base_url": format!("{}/icons/", state.base_url),
        "is_verified": false,
    });
    if let Some(enterprise) = state.enterprise.as_ref().filter(|_| team.in_enterprise) {
        answer["enterprise_id"] = json!(enterprise.id);
        answer["enterprise_name"] = json!(enterprise.name);
    }
    fields(json!({ "team": answer }))
}

fn person(team: &Team, user: &User, token: &Token) -> Value {
    let mut json = common(&team.id, &user.id, &user.name, &user.real_name);
    json["is_admin"] = user.is_admin.into();
    json["is_owner"] = user.is_admin.into();
    json["is_primary_owner"] = user.is_admin.into();
    if token.scopes.iter().any(|scope| scope == "users:read.email") {
        json["profile"]["email"] = json!(user.email);
    }
    json
}

/// The app's bot as a user.
fn bot(state: &State, account: &str, id: &str) -> Option<Value> {
    let install = state.installs.get(account).filter(|install| install.bot_user == id)?;
    let mut json = common(account, id, &bot_name(state), &state.app.name);
    json["is_bot"] = true.into();
    json["profile"]["bot_id"] = json!(install.bot);
    json["profile"]["api_app_id"] = json!(state.app_id);
    Some(json)
}

fn common(team: &str, id: &str, name: &str, real_name: &str) -> Value {
    json!({
        "id": id,
        "team_id": team,
        "name": name,
        "deleted": false,
        "color": "9f69e7",
        "real_name": real_name,
        "tz": "Europe/Amsterdam",
        "tz_label": "Central European Time",
        "tz_offset": 3600,
        "profile": { "real_name": real_name, "real_name_normalized": real_name, "display_name": name,
            "display_name_normalized": name, "team": team },
        "is_admin": false,
        "is_owner": false,
        "is_primary_owner": false,
        "is_restricted": false,
        "is_ultra_restricted": false,
        "is_bot": false,
        "is_app_user": false,
        "updated": 1_700_000_000,
    })
}
