//! Dynamic webhooks: five of an app, a person and a site, at one address, for thirty days.

use serde_json::{Value, json};

use super::answer::{Answer, Outcome, Refusal};
use super::issues::site;
use super::request::Asked;
use crate::jira::events::EVENTS;
use crate::jira::jql::Query;
use crate::jira::state::{State, Webhook, moment};

/// Webhooks of one app, person and site.
const MOST: usize = 5;
/// How long one lives.
const LIFE_MS: i64 = 30 * 86_400_000;

fn ours<'a>(state: &'a State, asked: &Asked) -> Result<Vec<&'a Webhook>, Refusal> {
    let user = &asked.caller()?.user;
    let now_ms = state.now_ms();
    let all = site(state, asked)?.webhooks.iter();
    Ok(all.filter(|webhook| webhook.user == *user && now_ms < webhook.expires_at_ms).collect())
}

/// `GET /webhook`.
pub(super) fn list(state: &mut State, asked: &Asked) -> Outcome {
    let (page, start, size, total) = asked.page(ours(state, asked)?, 100, 100);
    let shown: Vec<Value> = page.into_iter().map(show).collect();
    Ok(Answer::ok(json!({ "maxResults": size, "startAt": start, "total": total, "isLast": start + size >= total,
        "values": shown })))
}

fn show(webhook: &Webhook) -> Value {
    let mut shown = json!({ "id": webhook.id, "url": webhook.url, "jqlFilter": webhook.jql, "events": webhook.events,
        "expirationDate": moment(webhook.expires_at_ms) });
    for (name, list) in [("fieldIdsFilter", &webhook.field_ids), ("issuePropertyKeysFilter", &webhook.property_keys)] {
        if !list.is_empty() {
            shown[name] = json!(list);
        }
    }
    shown
}

/// `POST /webhook`: 200 in any case, with an id or with errors for each.
pub(super) fn register(state: &mut State, asked: &Asked) -> Outcome {
    let grant = asked.caller()?.grant;
    if state.api_tokens.iter().any(|token| token.grant == grant) {
        return Err(Refusal::jira(403, "Only Connect and OAuth 2.0 apps can use this resource."));
    }
    let url = asked.body["url"].as_str().unwrap_or_default().to_owned();
    if !url.starts_with("https://") && !url.starts_with("http://") {
        return Err(Refusal::jira(400, "The url is not valid."));
    }
    if ours(state, asked)?.iter().any(|webhook| webhook.url != url) {
        return Err(Refusal::jira(400, "Only a single URL per app is allowed to be registered via REST API"));
    }
    let wished = asked.body["webhooks"].as_array().filter(|list| !list.is_empty());
    let wished = wished.ok_or_else(|| Refusal::jira(400, "No webhooks were given."))?.clone();
    let results = wished.iter().map(|wish| one(state, asked, &url, wish)).collect::<Result<Vec<_>, _>>()?;
    Ok(Answer::ok(json!({ "webhookRegistrationResult": results })))
}

fn one(state: &mut State, asked: &Asked, url: &str, wish: &Value) -> Result<Value, Refusal> {
    let texts = |name: &str| -> Vec<String> {
        wish[name].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let (jql, events) = (wish["jqlFilter"].as_str().unwrap_or_default(), texts("events"));
    let mut errors: Vec<String> = Vec::new();
    match Query::read(jql) {
        Err(sentence) => errors.push(sentence),
        Ok(query) if !query.is_bounded() => errors.push("The JQL filter must not be empty".to_owned()),
        Ok(query) => {
            errors.extend(query.unfit_for_webhooks());
            errors.extend(query.strangers(site(state, asked)?));
        }
    }
    if events.is_empty() {
        errors.push("At least one event is required".to_owned());
    }
    let unknown = events.iter().filter(|event| !EVENTS.contains(&event.as_str()));
    errors.extend(unknown.map(|event| format!("The event {event} is unsupported")));
    if ours(state, asked)?.len() >= MOST {
        errors.push(format!("The maximum number of webhooks per app and user has been reached: {MOST}"));
    }
    if !errors.is_empty() {
        return Ok(json!({ "errors": errors }));
    }
    let (id, user) = (state.number("webhook") - 9_000, asked.caller()?.user.clone());
    let webhook = Webhook {
        id,
        user,
        url: url.to_owned(),
        events,
        jql: jql.to_owned(),
        field_ids: texts("fieldIdsFilter"),
        property_keys: texts("issuePropertyKeysFilter"),
        expires_at_ms: state.now_ms() + LIFE_MS,
    };
    if let Some(site) = state.site_mut(&asked.site) {
        site.webhooks.push(webhook);
    }
    Ok(json!({ "createdWebhookId": id }))
}

fn ids(asked: &Asked) -> Vec<i64> {
    asked.body["webhookIds"].as_array().into_iter().flatten().filter_map(Value::as_i64).collect()
}

/// `DELETE /webhook`: those that are not ours are passed over in silence.
pub(super) fn delete(state: &mut State, asked: &Asked) -> Outcome {
    let (ids, user) = (ids(asked), asked.caller()?.user.clone());
    if let Some(site) = state.site_mut(&asked.site) {
        site.webhooks.retain(|webhook| webhook.user != user || !ids.contains(&webhook.id));
    }
    Ok(Answer { status: 202, body: None })
}

/// `PUT /webhook/refresh`: those that are not ours, or have ended, are passed over in silence.
pub(super) fn refresh(state: &mut State, asked: &Asked) -> Outcome {
    let (ids, user, now_ms) = (ids(asked), asked.caller()?.user.clone(), state.now_ms());
    let expires_at_ms = now_ms + LIFE_MS;
    for webhook in state.site_mut(&asked.site).into_iter().flat_map(|site| &mut site.webhooks) {
        if webhook.user == user && ids.contains(&webhook.id) && now_ms < webhook.expires_at_ms {
            webhook.expires_at_ms = expires_at_ms;
        }
    }
    Ok(Answer::ok(json!({ "expirationDate": moment(expires_at_ms) })))
}
