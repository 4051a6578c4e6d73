//! Everything that an Entra ID and a Graph know.

mod grant;
mod message;
mod tenant;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use jiff::Timestamp;

pub(crate) use grant::{Code, Refresh};
pub use grant::{Grant, Token};
pub use message::{ChannelMessage, Lifecycle, Subscription};
pub use tenant::{AdminConsent, Channel, Membership, Person, Team, Tenant};

use super::events::Post;
use super::options::{App, EntraOptions};
use crate::chance::{Ids, Random};
use crate::clock::Clock;
use crate::fault::Faults;
use crate::journal::Journal;

/// A page of a list that goes on: the list it belongs to, and the first entry.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) list: String,
    pub(crate) start: usize,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) chance: Random,
    pub(crate) base_url: String,
    pub(crate) app: App,
    pub(crate) tenants: Vec<Tenant>,
    pub(crate) grants: Vec<Grant>,
    pub(crate) tokens: Vec<Token>,
    pub(crate) refreshes: BTreeMap<String, Refresh>,
    pub(crate) codes: BTreeMap<String, Code>,
    pub(crate) messages: Vec<ChannelMessage>,
    pub(crate) subscriptions: Vec<Subscription>,
    pub(crate) pages: BTreeMap<String, Page>,
    /// When each person's last messages were posted.
    pub(crate) posted: BTreeMap<String, VecDeque<i64>>,
    pub(crate) journal: Journal,
    /// What is to be sent once the lock is free.
    pub(crate) outbox: Vec<Post>,
    pub(crate) faults: Faults,
    pub(crate) renews_refresh_tokens: bool,
    pub(crate) page_size: usize,
    pub(crate) rate_limits: bool,
    pub(crate) latency: Duration,
    pub(crate) patience: Duration,
    pub(crate) retry_delays: [Duration; 3],
}

impl State {
    pub(crate) fn new(options: &EntraOptions, base_url: &str) -> Self {
        let mut ids = Ids::new(options.seed);
        let tenants = options.tenants.iter().map(|new| Tenant::generate(new, &mut ids)).collect();
        Self {
            clock: options.clock.clone(),
            ids,
            chance: Random::new(options.seed),
            base_url: base_url.to_owned(),
            app: options.app.clone(),
            tenants,
            grants: Vec::new(),
            tokens: Vec::new(),
            refreshes: BTreeMap::new(),
            codes: BTreeMap::new(),
            messages: Vec::new(),
            subscriptions: Vec::new(),
            pages: BTreeMap::new(),
            posted: BTreeMap::new(),
            journal: Journal::default(),
            outbox: Vec::new(),
            faults: Faults::default(),
            renews_refresh_tokens: options.renews_refresh_tokens,
            page_size: options.page_size.max(1),
            rate_limits: options.rate_limits,
            latency: options.latency,
            patience: options.patience,
            retry_delays: options.retry_delays,
        }
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// A tenant by its id or its domain.
    pub(crate) fn tenant(&self, id_or_domain: &str) -> Option<&Tenant> {
        self.tenants.iter().find(|tenant| tenant.id == id_or_domain || tenant.domain == id_or_domain)
    }

    pub(crate) fn tenant_mut(&mut self, id: &str) -> Option<&mut Tenant> {
        self.tenants.iter_mut().find(|tenant| tenant.id == id)
    }

    /// A person and their tenant, by the object id.
    pub(crate) fn person(&self, id: &str) -> Option<(&Tenant, &Person)> {
        self.tenants.iter().find_map(|tenant| Some((tenant, tenant.person(id)?)))
    }

    pub(crate) fn person_mut(&mut self, id: &str) -> Option<&mut Person> {
        self.tenants.iter_mut().flat_map(|tenant| &mut tenant.people).find(|person| person.id == id)
    }

    /// A team by its id, of any tenant.
    pub(crate) fn team(&self, id: &str) -> Option<&Team> {
        self.tenants.iter().flat_map(|tenant| &tenant.teams).find(|team| team.id == id)
    }

    pub(crate) fn team_mut(&mut self, id: &str) -> Option<&mut Team> {
        self.tenants.iter_mut().flat_map(|tenant| &mut tenant.teams).find(|team| team.id == id)
    }

    pub(crate) fn channel_mut(&mut self, team: &str, channel: &str) -> Option<&mut Channel> {
        self.team_mut(team)?.channels.iter_mut().find(|known| known.id == channel)
    }

    pub(crate) fn delete_team(&mut self, id: &str) {
        self.tenants.iter_mut().for_each(|tenant| tenant.teams.retain(|team| team.id != id));
    }

    pub(crate) fn delete_channel(&mut self, team: &str, id: &str) {
        if let Some(team) = self.team_mut(team) {
            team.channels.retain(|channel| channel.id != id);
        }
    }
}

/// A GUID that nobody has had before.
pub(crate) fn guid(ids: &mut Ids) -> String {
    let text = ids.secret() + &ids.secret();
    [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..32]].join("-")
}

/// A moment as Graph writes it: `2026-01-23T13:53:18.084Z`.
pub(crate) fn moment(ms: i64) -> String {
    written(ms, "%Y-%m-%dT%H:%M:%S.%3fZ")
}

/// A moment as Entra ID writes it: `2026-01-23 13:53:18Z`.
pub(crate) fn entra_moment(ms: i64) -> String {
    written(ms, "%Y-%m-%d %H:%M:%SZ")
}

fn written(ms: i64, form: &str) -> String {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH).strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::{entra_moment, guid, moment};
    use crate::chance::Ids;

    #[test]
    fn moments_and_ids_look_like_microsofts() {
        assert_eq!(moment(1_769_172_798_084), "2026-01-23T12:53:18.084Z");
        assert_eq!(entra_moment(1_769_172_798_084), "2026-01-23 12:53:18Z");
        let id = guid(&mut Ids::new(1));
        assert_eq!(id.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
    }
}
