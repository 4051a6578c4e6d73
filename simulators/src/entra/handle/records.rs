//! What there is and what was recorded, and waiting for more of it.

use crate::entra::state::{ChannelMessage, Grant, Person, State, Subscription, Team, Tenant, Token};
use crate::entra::{Entra, Shared};
use crate::journal::{self, Call, Sent, Violation};

/// What there is and what was recorded, oldest first.
impl Entra {
    /// The organizations with all that is in them.
    #[must_use]
    pub fn tenants(&self) -> Vec<Tenant> {
        self.shared.with(|state| state.tenants.clone())
    }

    /// A person by the object id.
    #[must_use]
    pub fn person(&self, id: &str) -> Option<Person> {
        self.shared.with(|state| state.person(id).map(|(_, person)| person.clone()))
    }

    /// A team by its id.
    #[must_use]
    pub fn team(&self, id: &str) -> Option<Team> {
        self.shared.with(|state| state.team(id).cloned())
    }

    /// The messages of all channels.
    #[must_use]
    pub fn messages(&self) -> Vec<ChannelMessage> {
        self.shared.with(|state| state.messages.clone())
    }

    /// The subscriptions, those that have ended too.
    #[must_use]
    pub fn subscriptions(&self) -> Vec<Subscription> {
        self.shared.with(|state| state.subscriptions.clone())
    }

    /// Every sign-in.
    #[must_use]
    pub fn grants(&self) -> Vec<Grant> {
        self.shared.with(|state| state.grants.clone())
    }

    /// Every access token that was ever given.
    #[must_use]
    pub fn tokens(&self) -> Vec<Token> {
        self.shared.with(|state| state.tokens.clone())
    }

    /// The requests to the token endpoint and to Graph.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.shared.with(|state| state.journal.calls.clone())
    }

    /// The requests to one operation of them.
    #[must_use]
    pub fn calls_of(&self, operation: &str) -> Vec<Call> {
        self.calls().into_iter().filter(|call| call.method == operation).collect()
    }

    /// What was sent to the app.
    #[must_use]
    pub fn sent(&self) -> Vec<Sent> {
        self.shared.with(|state| state.journal.sent.clone())
    }

    /// The requests that Entra ID or Graph would not have understood.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        self.shared.with(|state| state.journal.violations.clone())
    }

    /// The same, and forgets them: for a test that makes one on purpose.
    #[must_use]
    pub fn take_violations(&self) -> Vec<Violation> {
        self.shared.with(|state| std::mem::take(&mut state.journal.violations))
    }

    /// Why requests are not checked against the published description, if so.
    #[must_use]
    pub fn validation_skipped(&self) -> Option<String> {
        self.shared.specs().skipped()
    }

    /// Fails unless every request would have been understood; says so where the published description is missing.
    ///
    /// # Panics
    /// With each request that would not have been understood.
    pub fn assert_understood(&self) {
        journal::assert_understood("Microsoft", self.validation_skipped(), &self.violations());
    }
}

/// Waiting.
impl Entra {
    /// Waits until so many messages have been posted, and gives them all.
    pub async fn wait_for_messages(&self, count: usize) -> Vec<ChannelMessage> {
        let look = |state: &State| (state.messages.len() >= count).then(|| state.messages.clone());
        self.shared.wait(look).await
    }

    /// Waits until an operation has been called so many times, and gives those calls.
    pub async fn wait_for_calls(&self, operation: &str, count: usize) -> Vec<Call> {
        let calls = |state: &State| {
            let of: Vec<Call> = state.journal.calls.iter().filter(|call| call.method == operation).cloned().collect();
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
