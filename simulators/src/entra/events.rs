//! What Graph sends by itself: the question whether notifications are wanted, notifications of messages, and news of
//! the subscriptions themselves.

use http::{HeaderValue, header};
use serde_json::{Value, json};

use super::Shared;
use super::graph::place;
use super::state::{ChannelMessage, Lifecycle, State, Subscription, guid, moment};
use crate::journal::Sent;
use crate::loopback;

/// How long whoever is asked has to answer, as Graph gives it.
const VALIDATION: std::time::Duration = std::time::Duration::from_secs(10);
/// How much of an answer is remembered.
const REMEMBERED: usize = 200;

/// A notification on its way.
#[derive(Debug)]
pub(crate) struct Post {
    what: &'static str,
    url: String,
    body: Value,
}

impl State {
    /// Tells whoever subscribed of a new message.
    pub(super) fn tell(&mut self, message: &ChannelMessage) {
        let now_ms = self.now_ms();
        let is_about = |one: &&Subscription| {
            let kinds = one.change_type.split(',').any(|kind| kind.trim() == "created");
            let here = place(&one.resource) == Some((message.team.as_str(), message.channel.as_str()));
            kinds && here && now_ms < one.expires_at_ms
        };
        let post = |one: &Subscription| {
            let (channel, id) = (&message.channel, message.reply_to.as_ref().unwrap_or(&message.id));
            let mut resource = format!("teams('{}')/channels('{channel}')/messages('{id}')", message.team);
            if message.reply_to.is_some() {
                resource.push_str(&format!("/replies('{}')", message.id));
            }
            let mut value = notification(one);
            value["changeType"] = "created".into();
            value["resource"] = resource.as_str().into();
            value["resourceData"] =
                json!({ "id": message.id, "@odata.type": "#Microsoft.Graph.chatMessage", "@odata.id": resource });
            Post { what: "created", url: one.notification_url.clone(), body: json!({ "value": [value] }) }
        };
        let posts: Vec<Post> = self.subscriptions.iter().filter(is_about).map(post).collect();
        self.outbox.extend(posts);
    }

    /// Tells of a subscription itself, if an address was given for that. One that is gone, is gone.
    pub(super) fn tell_lifecycle(&mut self, id: &str, news: Lifecycle) {
        let Some(index) = self.subscriptions.iter().position(|one| one.id == id) else { return };
        let one = &self.subscriptions[index];
        if let Some(url) = one.lifecycle_url.clone() {
            let mut value = notification(one);
            value["lifecycleEvent"] = news.word().into();
            self.outbox.push(Post { what: news.word(), url, body: json!({ "value": [value] }) });
        }
        if news == Lifecycle::SubscriptionRemoved {
            self.subscriptions.remove(index);
        }
    }
}

fn notification(one: &Subscription) -> Value {
    json!({
        "subscriptionId": one.id,
        "subscriptionExpirationDateTime": moment(one.expires_at_ms),
        "clientState": one.client_state,
        "tenantId": one.tenant,
    })
}

/// Asks whether notifications are wanted at a URL: it must answer 200 with the token that it was sent, as text.
pub(super) async fn validate(shared: &Shared, url: &str) -> bool {
    let token = shared.with(|state| {
        let id = guid(&mut state.ids);
        format!("Validation: Testing client application reachability for subscription Request-Id: {id}")
    });
    let encoded = form_urlencoded::Serializer::new(String::new()).append_pair("validationToken", &token).finish();
    let separator = if url.contains('?') { '&' } else { '?' };
    let target = format!("{url}{separator}{encoded}");
    let headers = vec![(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"))];
    let answer = loopback::post(&target, headers, bytes::Bytes::new(), VALIDATION).await;
    remember(shared, "validation", url, &answer);
    answer.is_ok_and(|answer| answer.status == 200 && answer.body == token)
}

/// Sends a notification, and again if it was not taken.
pub(super) async fn deliver(shared: &Shared, post: &Post) {
    let (patience, delays) = shared.with(|state| (state.patience, state.retry_delays));
    for delay in delays.into_iter().map(Some).chain([None]) {
        let headers = vec![(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"))];
        let answer = loopback::post(&post.url, headers, post.body.to_string().into(), patience).await;
        remember(shared, post.what, &post.url, &answer);
        match delay {
            Some(delay) if !answer.is_ok_and(|answer| answer.is_success()) => tokio::time::sleep(delay).await,
            _ => return,
        }
    }
}

fn remember(shared: &Shared, what: &str, url: &str, answer: &Result<loopback::Answer, loopback::PostError>) {
    shared.0.state.change(|state| {
        let at_ms = state.now_ms();
        state.journal.sent.push(Sent {
            at_ms,
            what: what.to_owned(),
            url: url.to_owned(),
            outcome: answer.as_ref().map(|answer| answer.status).map_err(ToString::to_string),
            answer: answer.as_ref().map(|one| one.body.chars().take(REMEMBERED).collect()).unwrap_or_default(),
        });
    });
}
