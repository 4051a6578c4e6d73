//! What Jira sends to an app: webhooks by themselves when something changes, and anything by hand.
//!
//! A change of [`State`] that an app hears of puts a [`Post`] into the outbox; it is sent once the lock is free. One change
//! is one request for each address, whichever of its webhooks it fits. [`by_hand`] has the rest.

pub mod by_hand;
mod post;

use serde_json::{Value, json};

pub(crate) use post::{Post, Proof, deliver};

use super::api;
use super::jql::{Asker, Query};
use super::state::{Issue, Site, State, Webhook};

/// What a webhook can be told of.
pub(crate) const EVENTS: [&str; 8] = [
    "jira:issue_created",
    "jira:issue_updated",
    "jira:issue_deleted",
    "comment_created",
    "comment_updated",
    "comment_deleted",
    "issue_property_set",
    "issue_property_deleted",
];

/// Something that happened to an issue.
#[derive(Debug, Clone, Default)]
pub(crate) struct News {
    pub(crate) event: &'static str,
    /// Who did it, by `accountId`.
    pub(crate) user: String,
    /// `issue_event_type_name`.
    pub(crate) kind: Option<&'static str>,
    /// The items of the changelog.
    pub(crate) items: Vec<Value>,
    /// The id of the comment.
    pub(crate) comment: Option<String>,
    /// The key of the property.
    pub(crate) property: Option<String>,
}

impl News {
    /// An event, and who did it.
    pub(crate) fn of(event: &'static str, user: &str) -> Self {
        Self { event, user: user.to_owned(), ..Self::default() }
    }
}

impl State {
    /// Tells every webhook that wants to hear of it.
    pub(crate) fn tell(&mut self, site_id: &str, issue_id: &str, news: News) {
        let changelog = (!news.items.is_empty()).then(|| (self.number("changelog") + 190).to_string());
        let Some(site) = self.site(site_id) else { return };
        let Some(issue) = site.visible(issue_id) else { return };
        let mut body = self.body(site, issue, &news);
        if let Some(id) = changelog {
            body["changelog"] = json!({ "id": id, "items": news.items });
        }
        let mut by_url: Vec<(String, Vec<i64>)> = Vec::new();
        for webhook in site.webhooks.iter().filter(|webhook| self.wants(site, webhook, issue, &news)) {
            match by_url.iter_mut().find(|(url, _)| *url == webhook.url) {
                Some((_, ids)) => ids.push(webhook.id),
                None => by_url.push((webhook.url.clone(), vec![webhook.id])),
            }
        }
        let by_hand = site.admin_webhooks.iter().filter(|webhook| webhook.events.iter().any(|one| one == news.event));
        let by_hand: Vec<_> = by_hand.map(|webhook| (webhook.url.clone(), webhook.secret.clone())).collect();
        for (url, ids) in by_url {
            let mut body = body.clone();
            body["matchedWebhookIds"] = json!(ids);
            let proof = Proof::of_app(&self.app);
            let post = Post::new(self, &url, &body, proof);
            self.outbox.push(post);
        }
        for (url, secret) in by_hand {
            let post = Post::new(self, &url, &body, Proof::Body { secret });
            self.outbox.push(post);
        }
    }

    fn wants(&self, site: &Site, webhook: &Webhook, issue: &Issue, news: &News) -> bool {
        let is_alive = self.now_ms() < webhook.expires_at_ms
            && self
                .grants
                .iter()
                .any(|grant| grant.is_active && grant.user == webhook.user && grant.sites.contains(&site.id));
        let touched = |item: &Value| webhook.field_ids.iter().any(|field| item["fieldId"] == **field);
        let fields_fit =
            news.event != "jira:issue_updated" || webhook.field_ids.is_empty() || news.items.iter().any(touched);
        let property_fits = webhook.property_keys.is_empty()
            || news.property.as_ref().is_none_or(|key| webhook.property_keys.contains(key));
        let asker = Asker { site, user: &webhook.user, now_ms: self.now_ms() };
        is_alive
            && webhook.events.iter().any(|event| event == news.event)
            && fields_fit
            && property_fits
            && Query::read(&webhook.jql).is_ok_and(|query| query.matches(&asker, issue))
    }

    /// The body without what depends on the receiver.
    fn body(&self, site: &Site, issue: &Issue, news: &News) -> Value {
        let person = self.person(&news.user).map(|person| person.show(&site.api(2))).unwrap_or_default();
        let mut body = json!({ "timestamp": self.now_ms(), "webhookEvent": news.event });
        if let Some(kind) = news.kind {
            body["issue_event_type_name"] = kind.into();
        }
        let all = api::all_fields(self, site, issue, 2);
        let mut shown = json!({ "id": issue.id, "self": format!("{}/{}", site.api(2), issue.id), "key": issue.key });
        match &news.comment {
            Some(id) => {
                let comment = issue.comments.iter().find(|comment| comment.id == *id);
                body["comment"] = comment.map(|one| api::comment(self, site, issue, one, 2)).unwrap_or_default();
                body["eventType"] = "primaryAction".into();
                let few = ["summary", "issuetype", "project", "status", "assignee", "priority"];
                let few = few.map(|name| (name.to_owned(), all.get(name).cloned().unwrap_or_default()));
                shown["fields"] = Value::Object(few.into_iter().collect());
            }
            None => {
                body["user"] = person;
                shown["fields"] = Value::Object(all);
            }
        }
        body["issue"] = shown;
        if let Some(key) = &news.property {
            body["property"] = json!({ "key": key, "value": issue.properties.get(key) });
        }
        body
    }
}
