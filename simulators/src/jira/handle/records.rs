//! What there is in a Jira and what it has recorded, and waiting for more of it.

use crate::jira::state::{Grant, Issue, Person, Site, State, Token, Webhook};
use crate::jira::{Jira, Shared};
use crate::journal::{self, Call, Sent, Violation};

/// What there is and what was recorded, oldest first.
impl Jira {
    /// The sites.
    #[must_use]
    pub fn sites(&self) -> Vec<Site> {
        self.shared.with(|state| state.sites.clone())
    }

    /// Everybody with an account; the first administers the sites.
    #[must_use]
    pub fn everybody(&self) -> Vec<Person> {
        self.shared.with(|state| state.people.clone())
    }

    /// An issue of a site, by its id or key.
    #[must_use]
    pub fn issue(&self, site: &str, id_or_key: &str) -> Option<Issue> {
        self.shared.with(|state| state.site(site)?.issue(id_or_key).cloned())
    }

    /// The issues of a site.
    #[must_use]
    pub fn issues(&self, site: &str) -> Vec<Issue> {
        self.shared.with(|state| state.site(site).map(|site| site.issues.clone()).unwrap_or_default())
    }

    /// The webhooks that the app has registered in a site, those that have expired too.
    #[must_use]
    pub fn webhooks(&self, site: &str) -> Vec<Webhook> {
        self.shared.with(|state| state.site(site).map(|site| site.webhooks.clone()).unwrap_or_default())
    }

    /// What people have allowed.
    #[must_use]
    pub fn grants(&self) -> Vec<Grant> {
        self.shared.with(|state| state.grants.clone())
    }

    /// Every access token that was ever given.
    #[must_use]
    pub fn tokens(&self) -> Vec<Token> {
        self.shared.with(|state| state.tokens.clone())
    }

    /// The requests to the authorization server and the API.
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

    /// The requests that Jira would not have understood.
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

    /// Fails unless Jira would have understood every request; says so where the published description is missing.
    ///
    /// # Panics
    /// With each request that Jira would not have understood.
    pub fn assert_understood(&self) {
        journal::assert_understood("Jira", self.validation_skipped(), &self.violations());
    }
}

/// Waiting.
impl Jira {
    /// Waits until a site has so many issues, and gives them all.
    pub async fn wait_for_issues(&self, site: &str, count: usize) -> Vec<Issue> {
        let look = |state: &State| {
            let issues = &state.site(site)?.issues;
            (issues.len() >= count).then(|| issues.clone())
        };
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
