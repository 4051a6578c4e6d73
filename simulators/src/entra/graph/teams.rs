//! Teams and channels, in pages.

use serde_json::{Value, json};

use super::answer::{Answer, Outcome, Refusal};
use super::people::{self, selected};
use super::request::Asked;
use crate::entra::state::{Channel, Page, State, Team};

/// The team of a request, if it is there and the person is in it; the app itself sees all of its tenant.
pub(super) fn find<'a>(state: &'a State, asked: &Asked) -> Result<&'a Team, Refusal> {
    let (caller, id) = (asked.caller()?, asked.part("team-id"));
    let tenant = state.tenant(&caller.tenant).ok_or_else(|| Refusal::not_found("No tenant"))?;
    let team = tenant.teams.iter().find(|team| team.id == id);
    let team = team.ok_or_else(|| Refusal::not_found(&format!("No team found with Group Id {id}")))?;
    match &caller.user {
        Some(user) if !team.members.contains(user) => {
            Err(Refusal::graph("Forbidden", "The signed-in user is not a member of the team."))
        }
        _ => Ok(team),
    }
}

/// The channel of a request, if it is there and the person sees it.
pub(super) fn find_channel<'a>(state: &'a State, asked: &Asked) -> Result<(&'a Team, &'a Channel), Refusal> {
    let (team, id) = (find(state, asked)?, asked.part("channel-id"));
    let person = asked.caller()?.user.as_deref();
    let channel = team.seen_by(person).find(|channel| channel.id == id);
    channel.map(|channel| (team, channel)).ok_or_else(|| Refusal::not_found("The channel was not found."))
}

/// `GET /me/joinedTeams`: as documented, three fields of each team and no others.
pub(super) fn joined(state: &mut State, asked: &Asked) -> Outcome {
    let (tenant, person) = people::caller(state, asked)?;
    let teams = tenant.teams.iter().filter(|team| team.members.contains(&person.id));
    let shown = teams.map(|team| json!({ "id": team.id, "displayName": team.name, "description": team.description }));
    let shown = shown.collect();
    page(state, asked, "teams", shown)
}

/// `GET /teams/{team-id}`.
pub(super) fn team(state: &mut State, asked: &Asked) -> Outcome {
    let team = find(state, asked)?;
    let all = json!({
        "@odata.context": format!("{}/v1.0/$metadata#teams/$entity", state.base_url),
        "id": team.id,
        "displayName": team.name,
        "description": team.description,
        "tenantId": asked.caller()?.tenant,
        "isArchived": team.is_archived,
        "visibility": "public",
        "webUrl": format!("{}/_control/teams/{}", state.base_url, team.id),
    });
    Ok(Answer::ok(selected(all, asked.text("$select"))))
}

/// `GET /teams/{team-id}/channels`.
pub(super) fn channels(state: &mut State, asked: &Asked) -> Outcome {
    let team = find(state, asked)?;
    let kind = asked.text("$filter").and_then(membership);
    let seen = team.seen_by(asked.caller()?.user.as_deref());
    let seen = seen.filter(|channel| kind.is_none_or(|kind| channel.membership.word() == kind));
    let shown: Result<_, Refusal> = seen.map(|channel| show(state, asked, team, channel)).collect();
    page(state, asked, "channels", shown?)
}

/// `GET /teams/{team-id}/channels/{channel-id}`.
pub(super) fn channel(state: &mut State, asked: &Asked) -> Outcome {
    let (team, channel) = find_channel(state, asked)?;
    Ok(Answer::ok(show(state, asked, team, channel)?))
}

/// `private` of `membershipType eq 'private'`, which is the only filter.
pub(crate) fn membership(filter: &str) -> Option<&str> {
    filter.strip_prefix("membershipType eq '")?.strip_suffix('\'')
}

/// A channel. Whether it is archived is told only to those who ask for it.
fn show(state: &State, asked: &Asked, team: &Team, channel: &Channel) -> Result<Value, Refusal> {
    let select = asked.text("$select");
    let mut all = json!({
        "id": channel.id,
        "displayName": channel.name,
        "description": channel.description,
        "email": "",
        "tenantId": asked.caller()?.tenant,
        "membershipType": channel.membership.word(),
        "webUrl": format!("{}/_control/teams/{}", state.base_url, team.id),
    });
    if select.is_some_and(|select| select.contains("isArchived")) {
        all["isArchived"] = channel.is_archived.into();
    }
    Ok(selected(all, select))
}

/// A page of a list, and where the next one is.
fn page(state: &mut State, asked: &Asked, kind: &str, all: Vec<Value>) -> Outcome {
    let query: Vec<&(String, String)> = asked.query.iter().filter(|(name, _)| name != "$skiptoken").collect();
    let list = format!("{} {query:?}", asked.address);
    let start = match asked.text("$skiptoken") {
        None => 0,
        Some(token) => {
            let kept = state.pages.get(token).filter(|page| page.list == list).map(|page| page.start);
            kept.ok_or_else(|| Refusal::graph("BadRequest", "The skip token is not one of this list."))?
        }
    };
    let size = if asked.empty_page { 0 } else { state.page_size };
    let next = start + size;
    let mut answer = json!({
        "@odata.context": format!("{}/v1.0/$metadata#{kind}", state.base_url),
        "value": all.iter().skip(start).take(size).collect::<Vec<_>>(),
    });
    if next < all.len() {
        let token = format!("sim-page-{}", state.ids.secret());
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in asked.query.iter().filter(|(name, _)| name != "$skiptoken") {
            query.append_pair(name, value);
        }
        query.append_pair("$skiptoken", &token);
        answer["@odata.nextLink"] = format!("{}{}?{}", state.base_url, asked.address, query.finish()).into();
        state.pages.insert(token, Page { list, start: next });
    } else {
        answer["@odata.count"] = answer["value"].as_array().map_or(0, Vec::len).into();
    }
    Ok(Answer::ok(answer))
}
