//! Requests by which a provider tries an address before it posts there.

use serde_json::Value;

use crate::provider::Provider;
use crate::request::InboundRequest;

/// The longest challenge or token, in characters.
const LONGEST: usize = 500;

/// What a request asks of us instead of telling an event.
#[derive(Clone, PartialEq, Eq)]
pub enum Challenge {
    /// Answer 200 with this text as `text/plain`. It is signed (Slack): verify the request first.
    Echo(String),
    /// Keep this as the secret, show it to the person once to paste it at the provider, and answer 200 (Notion). It is
    /// *not* signed: take it only while the source waits for one, or a stranger could put a secret of his own in its
    /// place.
    Secret(String),
}

impl std::fmt::Debug for Challenge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Echo(_) => "Echo(…)",
            Self::Secret(_) => "Secret(…)",
        })
    }
}

/// The challenge in a request, if it is one.
#[must_use]
pub fn challenge(provider: Provider, request: &InboundRequest<'_>) -> Option<Challenge> {
    let asks = matches!(provider, Provider::Slack | Provider::Notion);
    let body: Value = asks.then(|| serde_json::from_slice(request.body).ok())??;
    let text = |key: &str| {
        let text = body.get(key)?.as_str()?;
        (!text.is_empty() && text.chars().count() <= LONGEST).then(|| text.to_owned())
    };
    match provider {
        Provider::Slack if text("type").as_deref() == Some("url_verification") => {
            text("challenge").map(Challenge::Echo)
        }
        Provider::Notion => text("verification_token").map(Challenge::Secret),
        _ => None,
    }
}
