//! Requests to the app that a test asks for: right ones, late ones, repeated ones, wrongly signed ones.

use serde_json::{Value, json};

pub use super::command::{Press, SlashCommand};
use super::{Post, VERIFICATION_TOKEN, deliver};
use crate::loopback::{Answer, PostError};
use crate::slack::state::State;
use crate::slack::{Shared, Slack};

/// A request that has not been sent yet. Sending it twice sends the same thing twice.
#[derive(Clone)]
pub struct Outgoing {
    shared: Shared,
    post: Post,
    typed: Option<SlashCommand>,
}

impl Slack {
    /// An event of a workspace, in its envelope, to the app's events address.
    #[must_use]
    pub fn event(&self, team: &str, event: &Value) -> Outgoing {
        self.shared.event(team, event)
    }

    /// Any JSON as it stands, signed.
    #[must_use]
    pub fn raw(&self, url: &str, body: &Value) -> Outgoing {
        self.shared.outgoing(|state| Post::event(state, url, body))
    }

    /// The question whether the events address is right.
    #[must_use]
    pub fn url_verification(&self) -> Outgoing {
        self.shared.url_verification()
    }

    /// A slash command, to the app's address for them.
    ///
    /// # Panics
    /// There is no such channel or person.
    #[must_use]
    pub fn slash_command(&self, typed: &SlashCommand) -> Outgoing {
        self.shared.slash_command(typed).expect("the channel and the person exist")
    }

    /// A pressed button, to the app's address for interactions.
    ///
    /// # Panics
    /// There is no such message, button or person.
    #[must_use]
    pub fn press(&self, press: &Press) -> Outgoing {
        self.shared.press(press).expect("the button and the person exist")
    }

    /// Sends JSON as it stands, signed, and tells what came back.
    ///
    /// # Errors
    /// There was no answer.
    pub async fn send_event(&self, url: &str, body: &Value) -> Result<Answer, PostError> {
        self.raw(url, body).send().await
    }
}

impl Shared {
    pub(crate) fn event(&self, team: &str, event: &Value) -> Outgoing {
        self.outgoing(|state| {
            let body = state.envelope(team, event.clone());
            Post::event(state, state.app.events_url.as_deref().unwrap_or_default(), &body)
        })
    }

    pub(crate) fn url_verification(&self) -> Outgoing {
        self.outgoing(|state| {
            let challenge = state.ids.secret();
            let body = json!({ "token": VERIFICATION_TOKEN, "challenge": challenge, "type": "url_verification" });
            Post::event(state, state.app.events_url.as_deref().unwrap_or_default(), &body)
        })
    }

    pub(crate) fn slash_command(&self, typed: &SlashCommand) -> Option<Outgoing> {
        let post = self.with(|state| {
            let url = state.app.commands_url.clone().unwrap_or_default();
            state.command(typed, &url)
        })?;
        Some(Outgoing { shared: self.clone(), post, typed: Some(typed.clone()) })
    }

    pub(crate) fn press(&self, press: &Press) -> Option<Outgoing> {
        let post = self.with(|state| {
            let url = state.app.interactivity_url.clone().unwrap_or_default();
            state.press(press, &url)
        })?;
        Some(Outgoing { shared: self.clone(), post, typed: None })
    }

    fn outgoing(&self, make: impl FnOnce(&mut State) -> Post) -> Outgoing {
        Outgoing { shared: self.clone(), post: self.with(make), typed: None }
    }
}

impl Outgoing {
    /// To another address than the app's.
    #[must_use]
    pub fn to(mut self, url: &str) -> Self {
        url.clone_into(&mut self.post.url);
        self
    }

    /// With a timestamp that is so many seconds old.
    #[must_use]
    pub fn aged(mut self, seconds: i64) -> Self {
        self.post.age_s = seconds;
        self
    }

    /// Signed with another secret than the app's.
    #[must_use]
    pub fn signed_with(mut self, secret: &str) -> Self {
        secret.clone_into(&mut self.post.secret);
        self
    }

    /// As the retry of this number, for a reason like `http_timeout`.
    #[must_use]
    pub fn retry(mut self, number: u8, reason: &str) -> Self {
        self.post.retry = Some((number, reason.to_owned()));
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
        let answer = self.post.send(&self.shared).await?;
        if let Some(typed) = &self.typed {
            self.shared.change(|state| state.command_answered(typed, &answer, self.shared.specs()));
        }
        Ok(answer)
    }

    /// Sends it as Slack sends events: three retries at most, until one succeeds. Tells how each try ended.
    pub async fn deliver(&self) -> Vec<Result<Answer, PostError>> {
        deliver(&self.shared, &self.post).await
    }
}
