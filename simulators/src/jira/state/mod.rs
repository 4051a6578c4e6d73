//! Everything that a Jira knows.

mod grant;
mod issue;
mod site;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

pub(crate) use grant::ApiToken;
pub(crate) use grant::{ACCESS_LIFE_S, Code, Refresh};
pub use grant::{Grant, Token};
pub use issue::{Comment, Issue, RemoteLink};
pub use site::{AdminWebhook, Person, Project, Site, Webhook};

use super::api::Windows;
use super::events::Post;
use super::options::{App, JiraOptions};
use crate::chance::Ids;
use crate::clock::Clock;
use crate::fault::Faults;
use crate::journal::Journal;

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) base_url: String,
    pub(crate) app: App,
    pub(crate) people: Vec<Person>,
    pub(crate) sites: Vec<Site>,
    pub(crate) grants: Vec<Grant>,
    pub(crate) tokens: Vec<Token>,
    pub(crate) api_tokens: Vec<ApiToken>,
    pub(crate) refreshes: BTreeMap<String, Refresh>,
    pub(crate) codes: BTreeMap<String, Code>,
    pub(crate) journal: Journal,
    /// What is to be sent once the lock is free.
    pub(crate) outbox: Vec<Post>,
    pub(crate) faults: Faults,
    pub(crate) windows: Windows,
    pub(crate) rate_limits: bool,
    pub(crate) points_per_hour: u64,
    pub(crate) latency: Duration,
    pub(crate) patience: Duration,
    pub(crate) retry_delays: [Duration; 5],
}

impl State {
    pub(crate) fn new(options: &JiraOptions, port: u16) -> Self {
        let mut ids = Ids::new(options.seed);
        let people = site::people(&mut ids);
        let lead = people.first().map(|person| person.account_id.clone()).unwrap_or_default();
        let sites = options.sites.iter().map(|new| Site::generate(new, &mut ids, &lead, port)).collect();
        Self {
            clock: options.clock.clone(),
            ids,
            base_url: format!("http://127.0.0.1:{port}"),
            app: options.app.clone(),
            people,
            sites,
            grants: Vec::new(),
            tokens: Vec::new(),
            api_tokens: Vec::new(),
            refreshes: BTreeMap::new(),
            codes: BTreeMap::new(),
            journal: Journal::default(),
            outbox: Vec::new(),
            faults: Faults::default(),
            windows: Windows::default(),
            rate_limits: options.rate_limits,
            points_per_hour: options.points_per_hour,
            latency: options.latency,
            patience: options.patience,
            retry_delays: options.retry_delays,
        }
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// The next number of a kind, as Jira's numbers look.
    pub(crate) fn number(&mut self, kind: &'static str) -> i64 {
        9_999 + i64::try_from(self.ids.count(kind)).unwrap_or(0)
    }

    pub(crate) fn site(&self, id: &str) -> Option<&Site> {
        self.sites.iter().find(|site| site.id == id)
    }

    pub(crate) fn site_mut(&mut self, id: &str) -> Option<&mut Site> {
        self.sites.iter_mut().find(|site| site.id == id)
    }

    /// Who administers the sites, and consents unless somebody else is named.
    pub(crate) fn admin(&self) -> &Person {
        self.people.first().expect("there are people")
    }

    pub(crate) fn person(&self, account_id: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.account_id == account_id)
    }
}

/// A moment as Jira writes it: `2026-01-23T13:53:18.084+0000`.
pub(crate) fn moment(ms: i64) -> String {
    let moment = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
    moment.strftime("%Y-%m-%dT%H:%M:%S.%3f%z").to_string()
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn a_moment_has_milliseconds_and_an_offset_without_a_colon() {
        assert_eq!(moment(1_769_172_798_084), "2026-01-23T12:53:18.084+0000");
        assert_eq!(moment(0), "1970-01-01T00:00:00.000+0000");
    }
}
