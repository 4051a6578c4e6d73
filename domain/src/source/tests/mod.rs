//! Sources on both databases: requests signed as their vendors sign them.

mod doors;
mod fields;
mod history;
mod log;
mod mail;
mod once;
mod order;
mod vendors;

use serde_json::{Value, json};
use signature::{Algorithm, Secret, TextKey};

use super::receive::{Answer, Body, Head, find, receive};
use super::requests::{self, RequestQuery};
use super::{InboundRequest, InboundVerdict, NewSource, OutcomeKind, Source, SourceWithSecret, actions};
use crate::caller::Role;
use crate::event::EventSource;
use crate::hub::testing::TestHub;
use crate::id::InboundRequestId;
use crate::worker::drain;
use crate::worker::tests::support::{Receiver, endpoint_with};
use crate::{Caller, PageQuery, Result};

/// A source, and what its provider signs with.
pub(crate) struct Desk<'a> {
    hub: &'a TestHub,
    owner: Caller,
    source: Source,
    secret: String,
}

/// A request as a provider sends it.
#[derive(Clone)]
pub(crate) struct Sent {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl<'a> Desk<'a> {
    /// A source of this provider with this secret, or with one that is made for it.
    pub(crate) async fn open(hub: &'a TestHub, provider: &str, secret: Option<&str>) -> Self {
        let owner = hub.caller(Role::Owner);
        let new = NewSource { provider: provider.into(), secret: secret.map(str::to_owned), ..NewSource::default() };
        let SourceWithSecret { source, secret: made } = actions::create(hub, &owner, new).await.expect("a source");
        let secret = made.or(secret.map(str::to_owned)).unwrap_or_default();
        Self { hub, owner, source, secret }
    }

    pub(crate) fn stripe(&self, body: &Value) -> Sent {
        self.stripe_by(&self.secret, body)
    }

    fn stripe_by(&self, secret: &str, body: &Value) -> Sent {
        let body = body.to_string().into_bytes();
        let signature = signature::sign_stripe(&[&TextKey::new(secret)], self.hub.now().seconds(), &body);
        Sent::new(body).with("Stripe-Signature", &signature)
    }

    fn svix(&self, id: &str, body: &Value) -> Sent {
        let (body, now) = (body.to_string().into_bytes(), self.hub.now().seconds());
        let secret = Secret::parse(&self.secret).expect("a secret");
        let signature = signature::sign_standard(std::slice::from_ref(&secret), id, now, &body);
        Sent::new(body).with("svix-id", id).with("svix-timestamp", &now.to_string()).with("svix-signature", &signature)
    }

    fn github(&self, event: &str, delivery: &str, body: &Value) -> Sent {
        let body = body.to_string().into_bytes();
        let mac = signature::hmac(Algorithm::Sha256, self.secret.as_bytes(), &[&body]);
        Sent::new(body)
            .with("X-GitHub-Event", event)
            .with("X-GitHub-Delivery", delivery)
            .with("X-Hub-Signature-256", &format!("sha256={}", signature::hex(&mac)))
    }

    /// A list of HubSpot's, signed with the address that it is posted to.
    fn hubspot(&self, events: &Value) -> Sent {
        use base64::Engine as _;
        let (body, now) = (events.to_string().into_bytes(), self.hub.now().0.to_string());
        let signed: [&[u8]; 4] = [b"POST", self.source.url.as_bytes(), &body, now.as_bytes()];
        let mac = signature::hmac(Algorithm::Sha256, self.secret.as_bytes(), &signed);
        let mac = base64::engine::general_purpose::STANDARD.encode(mac);
        Sent::new(body).with("X-HubSpot-Request-Timestamp", &now).with("X-HubSpot-Signature-v3", &mac)
    }

    /// Posts to the source's address.
    async fn post(&self, sent: &Sent) -> Result<Answer> {
        self.post_to(&self.source.url, sent).await
    }

    async fn post_to(&self, url: &str, sent: &Sent) -> Result<Answer> {
        post(self.hub, url, sent).await
    }

    /// Posts and lets everything happen that follows.
    pub(crate) async fn take(&self, sent: &Sent) -> InboundRequest {
        let id = kept(self.post(sent).await);
        drain(self.hub).await.expect("handled");
        self.request(&id).await
    }

    async fn request(&self, id: &InboundRequestId) -> InboundRequest {
        requests::get(self.hub, &self.owner, id).await.expect("a request")
    }

    async fn all(&self) -> Vec<super::InboundRequestSummary> {
        let page = PageQuery { limit: Some(200), cursor: None };
        let query = RequestQuery { source_id: Some(self.source.id.clone()), page, ..RequestQuery::default() };
        requests::list(self.hub, &self.owner, &query).await.expect("requests").data
    }

    /// The types of the events that sources have brought, oldest first, with their data.
    async fn events(&self) -> Vec<(String, Value)> {
        let page = PageQuery { limit: Some(200), cursor: None };
        let all = crate::event::actions::list(self.hub, &self.owner, None, &page).await.expect("events").data;
        let mut found = Vec::new();
        for event in all.into_iter().rev().filter(|event| event.source == EventSource::Source) {
            let event = crate::event::actions::get(self.hub, &self.owner, &event.id).await.expect("an event");
            found.push((event.event_type, serde_json::from_str(&event.data).expect("JSON")));
        }
        found
    }
}

impl Sent {
    fn new(body: impl Into<Vec<u8>>) -> Self {
        Self { headers: vec![("content-type".into(), "application/json".into())], body: body.into() }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// Posts to an address of the hub.
async fn post(hub: &TestHub, url: &str, sent: &Sent) -> Result<Answer> {
    let path = url.strip_prefix(hub.settings.base_url.as_str()).expect("an address of the hub");
    let (provider, token) = path.strip_prefix("/in/").and_then(|rest| rest.split_once('/')).expect("two words");
    let door = find(hub, provider, token).await?;
    receive(hub, door, head(provider, token, path, sent), Body::Whole(&sent.body)).await
}

/// What comes before a body.
fn head<'a>(provider: &'a str, token: &'a str, path: &str, sent: &Sent) -> Head<'a> {
    let (ip, headers) = (Some("203.0.113.9".into()), sent.headers.clone());
    Head { provider, token, method: "POST".into(), path: path.to_owned(), ip, headers }
}

fn kept(answer: Result<Answer>) -> InboundRequestId {
    match answer {
        Ok(Answer::Kept(id)) => id,
        other => panic!("{other:?}"),
    }
}

/// What the events of a request came to.
fn outcomes(request: &InboundRequest) -> Vec<OutcomeKind> {
    request.outcomes.iter().map(|outcome| outcome.outcome).collect()
}

/// A subscription of Stripe's, as its events carry it.
fn subscription(event: &str, kind: &str, created: i64, status: &str) -> Value {
    json!({
        "id": event, "object": "event", "api_version": "2025-09-30.clover", "created": created, "livemode": false,
        "type": format!("customer.subscription.{kind}"),
        "data": {"object": {
            "id": "sub_1", "object": "subscription", "customer": "cus_1", "status": status, "currency": "eur",
            "items": {"data": [{"id": "si_1", "quantity": 1, "current_period_end": 1_797_000_000, "price": {"id": "price_1"}}]},
        }},
    })
}

/// A change of a contact, as HubSpot puts it into its lists.
fn contact_change(event: i64, kind: &str, occurred_at: i64) -> Value {
    json!({
        "eventId": event, "subscriptionId": 25, "portalId": 33, "appId": 1160452, "occurredAt": occurred_at, "attemptNumber": 0,
        "subscriptionType": kind, "objectId": 123, "changeSource": "CRM_UI", "sourceId": "userId:9",
    })
}

/// A paid invoice of Stripe's.
pub(crate) fn invoice(event: &str) -> Value {
    json!({
        "id": event, "object": "event", "api_version": "2025-09-30.clover", "created": 1_795_356_000, "livemode": false,
        "type": "invoice.paid",
        "data": {"object": {
            "id": format!("in_{event}"), "object": "invoice", "customer": "cus_1", "currency": "eur", "amount_due": 4900,
            "amount_paid": 4900, "amount_remaining": 0, "number": "A-1", "status_transitions": {"paid_at": 1_795_356_000},
        }},
    })
}

/// A verified request with a body of so many bytes, about to be stored.
pub(crate) fn request_of(hub: &TestHub, size: usize) -> super::store::requests::Whole {
    super::store::requests::Whole {
        row: super::store::requests::Row {
            id: hub.id(InboundRequestId::new),
            org_id: hub.org_id.clone(),
            source_id: hub.id(crate::id::SourceId::new),
            received_at: hub.now(),
            method: "POST".into(),
            url: "/".into(),
            ip: None,
            size: i64::try_from(size).expect("small"),
            verdict: InboundVerdict::Verified,
            cause: None,
            cause_text: None,
            provider_event_id: None,
            provider_event_type: None,
            duplicate_of: None,
            state: super::InboundState::Pending,
            due_at: Some(hub.now()),
            attempts: 0,
            is_again: 0,
            error: None,
            processed_at: None,
            erased_at: None,
        },
        base_string_json: None,
        outcomes_json: "[]".into(),
        headers_json: "[]".into(),
        body: Some(vec![b' '; size]),
    }
}
