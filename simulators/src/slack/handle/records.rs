//! What there is in a Slack and what it has recorded, and waiting for more of it.

use crate::journal::{self, Call, Sent, Violation};
use crate::slack::state::{Channel, Enterprise, Install, Message, State, Team, Token};
use crate::slack::{Shared, Slack};

/// What there is and what was recorded, oldest first.
impl Slack {
    /// The workspaces.
    #[must_use]
    pub fn teams(&self) -> Vec<Team> {
        self.shared.with(|state| state.teams.clone())
    }

    /// The Enterprise Grid organization.
    #[must_use]
    pub fn enterprise(&self) -> Option<Enterprise> {
        self.shared.with(|state| state.enterprise.clone())
    }

    /// A channel by its name, in whichever workspace.
    #[must_use]
    pub fn channel(&self, name: &str) -> Option<Channel> {
        self.shared.with(|state| state.teams.iter().find_map(|team| team.channel_named(name)).cloned())
    }

    /// The installations.
    #[must_use]
    pub fn installs(&self) -> Vec<Install> {
        self.shared.with(|state| state.installs.values().cloned().collect())
    }

    /// Every token that was ever given.
    #[must_use]
    pub fn tokens(&self) -> Vec<Token> {
        self.shared.with(|state| state.tokens.clone())
    }

    /// The messages, the deleted ones too.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        self.shared.with(|state| state.messages.clone())
    }

    /// The requests to the Web API.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.shared.with(|state| state.journal.calls.clone())
    }

    /// The requests to one method of it.
    #[must_use]
    pub fn calls_of(&self, method: &str) -> Vec<Call> {
        self.calls().into_iter().filter(|call| call.method == method).collect()
    }

    /// What was sent to the app.
    #[must_use]
    pub fn sent(&self) -> Vec<Sent> {
        self.shared.with(|state| state.journal.sent.clone())
    }

    /// The requests that Slack would not have understood.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        self.shared.with(|state| state.journal.violations.clone())
    }

    /// The same, and forgets them: for a test that makes one on purpose.
    #[must_use]
    pub fn take_violations(&self) -> Vec<Violation> {
        self.shared.with(|state| std::mem::take(&mut state.journal.violations))
    }

    /// Why requests are not checked against Slack's published schemas, if so.
    #[must_use]
    pub fn validation_skipped(&self) -> Option<String> {
        self.shared.specs().skipped()
    }

    /// Fails unless Slack would have understood every request; says so where the schemas are missing.
    ///
    /// # Panics
    /// With each request that Slack would not have understood.
    pub fn assert_understood(&self) {
        journal::assert_understood("Slack", self.validation_skipped(), &self.violations());
    }
}

/// Waiting.
impl Slack {
    /// Waits until so many messages have been posted, and gives them all.
    pub async fn wait_for_messages(&self, count: usize) -> Vec<Message> {
        self.shared.wait(|state| (state.messages.len() >= count).then(|| state.messages.clone())).await
    }

    /// Waits until a method has been called so many times, and gives those calls.
    pub async fn wait_for_calls(&self, method: &str, count: usize) -> Vec<Call> {
        let calls = |state: &State| {
            let of: Vec<Call> = state.journal.calls.iter().filter(|call| call.method == method).cloned().collect();
            (of.len() >= count).then_some(of)
        };
        self.shared.wait(calls).await
    }

    /// Waits until everything that was to be sent to the app has been sent, retries included.
    pub async fn settled(&self) {
        self.shared.settled().await;
    }
}

impl Shared {
    async fn wait<T>(&self, look: impl Fn(&State) -> Option<T>) -> T {
        self.0.state.wait(look).await
    }

    async fn settled(&self) {
        self.0.posts.close();
        self.0.posts.wait().await;
        self.0.posts.reopen();
    }
}
