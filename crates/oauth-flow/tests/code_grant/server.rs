//! A token server that answers what a test tells it to, once, and keeps what it was asked.

use std::cell::{Cell, RefCell};
use std::future::{Ready, ready};

use oauth_flow::{
    Answer, Client, Consent, FormRequest, Grant, NoAnswer, Provider, Secret, TokenError, exchange, refresh, revoke,
};

use crate::providers::client;

/// A request comes in at this time …
pub const ASKED_AT: i64 = 1_790_000_000_000;
/// … and is answered so much later.
pub const LATENCY_MS: i64 = 250;

pub struct Server {
    outcome: Result<Answer, NoAnswer>,
    now: Cell<i64>,
    asked: RefCell<Option<FormRequest>>,
}

impl Server {
    pub fn new(outcome: Result<Answer, NoAnswer>) -> Self {
        Self { outcome, now: Cell::new(ASKED_AT), asked: RefCell::default() }
    }

    pub fn answering(status: u16, body: impl Into<String>) -> Self {
        Self::new(Ok(Answer { status, body: body.into().into() }))
    }

    /// What was asked, and that it was.
    pub fn asked(&self) -> FormRequest {
        self.asked.borrow().clone().expect("it was asked")
    }

    pub fn was_asked(&self) -> bool {
        self.asked.borrow().is_some()
    }

    pub async fn exchange(&self, provider: &Provider) -> Result<Grant, TokenError> {
        exchange(provider, &client(), &consent(provider), || self.now.get(), |form| self.send(form)).await
    }

    pub async fn refresh(&self, provider: &Provider, grant: &Grant) -> Result<Grant, TokenError> {
        refresh(provider, &client(), grant, || self.now.get(), |form| self.send(form)).await
    }

    pub async fn revoke(&self, provider: &Provider, grant: &Grant) -> Result<bool, TokenError> {
        self.revoke_as(provider, &client(), grant).await
    }

    pub async fn revoke_as(&self, provider: &Provider, client: &Client, grant: &Grant) -> Result<bool, TokenError> {
        revoke(provider, client, grant, |form| self.send(form)).await
    }

    fn send(&self, form: FormRequest) -> Ready<Result<Answer, NoAnswer>> {
        self.now.set(self.now.get() + LATENCY_MS);
        assert!(self.asked.replace(Some(form)).is_none(), "asked once");
        ready(self.outcome.clone())
    }
}

pub fn consent(provider: &Provider) -> Consent {
    Consent {
        code: Secret::from("the-c0de!"),
        verifier: provider.pkce.then(|| Secret::from("the-pr00f")),
        scopes: vec!["asked:one".to_owned(), "asked:two".to_owned()],
    }
}

/// A grant as it is kept, some time after it was given.
pub fn grant() -> Grant {
    Grant {
        access_token: Secret::from("old-access-t0ken"),
        refresh_token: Some(Secret::from("old-refresh-t0ken")),
        token_type: "bearer".to_owned(),
        granted_at: 1_000_000,
        expires_at: Some(4_600_000),
        refresh_not_before: None,
        absolute_expires_at: Some(99_000_000),
        scopes: vec!["old".to_owned()],
        extra: serde_json::json!({ "instance_url": "https://old.example", "id": 7 }),
    }
}

/// The value of a header.
pub fn header<'a>(request: &'a FormRequest, name: &str) -> Option<&'a str> {
    let mut values = request.headers.iter().filter(|(given, _)| given == name);
    let value = values.next().map(|(_, value)| value.to_str().expect("headers are text"));
    assert!(values.next().is_none(), "{name} is written once");
    value
}

/// The fields of a form.
pub fn fields(request: &FormRequest) -> Vec<(String, String)> {
    form_urlencoded::parse(&request.body).into_owned().collect()
}

pub fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
