//! Requests to the app that a test asks for: right ones, late ones, repeated ones, wrongly signed ones.

use serde_json::Value;

use super::{Post, Proof, deliver};
use crate::jira::{Jira, Shared};
use crate::loopback::{Answer, PostError};

/// A request that has not been sent yet. Sending it twice sends the same thing twice.
#[derive(Clone)]
pub struct Outgoing {
    shared: Shared,
    post: Post,
}

impl Jira {
    /// Any JSON as it stands, with the token of a dynamic webhook.
    #[must_use]
    pub fn raw(&self, url: &str, body: &Value) -> Outgoing {
        self.shared.outgoing(url, body)
    }
}

impl Shared {
    pub(crate) fn outgoing(&self, url: &str, body: &Value) -> Outgoing {
        let post = self.with(|state| {
            let proof = Proof::of_app(&state.app);
            Post::new(state, url, body, proof)
        });
        Outgoing { shared: self.clone(), post }
    }
}

impl Outgoing {
    /// With a token that is so many seconds old.
    #[must_use]
    pub fn aged(mut self, seconds: i64) -> Self {
        if let Proof::Token { age_s, .. } = &mut self.post.proof {
            *age_s = seconds;
        }
        self
    }

    /// Signed with another secret than the app's.
    #[must_use]
    pub fn signed_with(mut self, other: &str) -> Self {
        if let Proof::Token { secret, .. } | Proof::Body { secret } = &mut self.post.proof {
            other.clone_into(secret);
        }
        self
    }

    /// Signed over its body, as the webhooks of administrators are.
    #[must_use]
    pub fn signed_over_body(mut self, secret: &str) -> Self {
        self.post.proof = Proof::Body { secret: secret.to_owned() };
        self
    }

    /// Not signed at all.
    #[must_use]
    pub fn unsigned(mut self) -> Self {
        self.post.proof = Proof::Missing;
        self
    }

    /// As the retry of this number.
    #[must_use]
    pub fn retry(mut self, number: u16) -> Self {
        self.post.retry = number;
        self
    }

    /// The body, as it is sent.
    #[must_use]
    pub fn body(&self) -> String {
        String::from_utf8_lossy(&self.post.body).into_owned()
    }

    /// Sends it once.
    ///
    /// # Errors
    /// There was no answer.
    pub async fn send(&self) -> Result<Answer, PostError> {
        self.post.send(&self.shared).await
    }

    /// Sends it as Jira sends webhooks: five retries at most, until one succeeds. Tells how each try ended.
    pub async fn deliver(&self) -> Vec<Result<Answer, PostError>> {
        deliver(&self.shared, &self.post).await
    }
}
