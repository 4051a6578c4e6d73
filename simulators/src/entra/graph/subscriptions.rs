//! Subscriptions to the messages of a channel.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::answer::{Answer, Outcome, Refusal};
use super::request::Asked;
use crate::entra::state::{State, Subscription, guid, moment};

/// How long a subscription lives at most: an hour, or three days with an address for its own news.
const LIFE_MS: i64 = 3_600_000;
const LONG_LIFE_MS: i64 = 3 * 86_400_000;

/// `POST /subscriptions`, after whoever is to be notified has said that this is so.
pub(super) fn create(state: &mut State, asked: &Asked) -> Outcome {
    let (body, caller) = (&asked.body, asked.caller()?.clone());
    let text = |name: &str| body[name].as_str().map(str::to_owned);
    let resource = text("resource").unwrap_or_default();
    let (team, channel) = place(&resource).unwrap_or_default();
    let tenant = state.tenant(&caller.tenant).ok_or_else(|| Refusal::not_found("No tenant"))?;
    let found = tenant.teams.iter().find(|known| known.id == team);
    let seen = found.and_then(|team| team.seen_by(caller.user.as_deref()).find(|known| known.id == channel));
    if seen.is_none() {
        return Err(Refusal::not_found("The resource to subscribe to was not found."));
    }
    let expires_at_ms = until(state, body, body["lifecycleNotificationUrl"].is_string())?;
    if !asked.is_validated {
        let words = "Subscription validation request failed. Notification endpoint must respond with 200 OK to \
                     validation request.";
        return Err(Refusal::graph("InvalidRequest", words));
    }
    let subscription = Subscription {
        id: guid(&mut state.ids),
        resource,
        change_type: text("changeType").unwrap_or_default(),
        notification_url: text("notificationUrl").unwrap_or_default(),
        lifecycle_url: text("lifecycleNotificationUrl"),
        client_state: text("clientState"),
        expires_at_ms,
        tenant: caller.tenant,
        user: caller.user,
    };
    state.subscriptions.push(subscription.clone());
    Ok(Answer::made(show(state, &subscription)))
}

/// `PATCH /subscriptions/{subscription-id}`.
pub(super) fn renew(state: &mut State, asked: &Asked) -> Outcome {
    let index = find(state, asked)?;
    let expires_at_ms = until(state, &asked.body, state.subscriptions[index].lifecycle_url.is_some())?;
    state.subscriptions[index].expires_at_ms = expires_at_ms;
    Ok(Answer::ok(show(state, &state.subscriptions[index])))
}

/// `DELETE /subscriptions/{subscription-id}`.
pub(super) fn delete(state: &mut State, asked: &Asked) -> Outcome {
    let index = find(state, asked)?;
    state.subscriptions.remove(index);
    Ok(Answer::nothing())
}

/// The team and the channel of a resource, by their ids.
pub(crate) fn place(resource: &str) -> Option<(&str, &str)> {
    let path = resource.trim_start_matches('/').strip_prefix("teams/")?.strip_suffix("/messages")?;
    path.split_once("/channels/")
}

/// Where the subscription of a request is, if it is this person's and has not ended.
fn find(state: &State, asked: &Asked) -> Result<usize, Refusal> {
    let (id, caller) = (asked.part("subscription-id"), asked.caller()?);
    let is_it = |one: &Subscription| {
        one.id == id && one.tenant == caller.tenant && one.user == caller.user && state.now_ms() < one.expires_at_ms
    };
    let found = state.subscriptions.iter().position(is_it);
    found.ok_or_else(|| Refusal::not_found("The object was not found."))
}

/// The end that was asked for, if it is not too far away.
fn until(state: &State, body: &Value, has_lifecycle: bool) -> Result<i64, Refusal> {
    let now_ms = state.now_ms();
    let given: Option<Timestamp> = body["expirationDateTime"].as_str().and_then(|text| text.parse().ok());
    let given = given.map_or(now_ms, Timestamp::as_millisecond);
    let most = if has_lifecycle { LONG_LIFE_MS } else { LIFE_MS };
    if given <= now_ms || given - now_ms > most {
        let words = format!("Subscription expiration must be between now and {} minutes from now.", most / 60_000);
        return Err(Refusal::graph("InvalidRequest", &words));
    }
    Ok(given)
}

fn show(state: &State, subscription: &Subscription) -> Value {
    json!({
        "@odata.context": format!("{}/v1.0/$metadata#subscriptions/$entity", state.base_url),
        "id": subscription.id,
        "resource": subscription.resource,
        "changeType": subscription.change_type,
        "notificationUrl": subscription.notification_url,
        "lifecycleNotificationUrl": subscription.lifecycle_url,
        "expirationDateTime": moment(subscription.expires_at_ms),
        "clientState": subscription.client_state,
        "applicationId": state.app.client_id,
        "creatorId": subscription.user,
    })
}
