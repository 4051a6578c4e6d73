//! Everything a simulated Slack knows: workspaces, the app in them, messages, and what was asked of it.
//!
//! [`State`] is changed under one lock, never across an await; requests are therefore carried out one after the other, in
//! the order in which they take the lock.

mod grant;
mod install;
mod message;
mod names;
mod team;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

pub(crate) use grant::ROTATING_LIFE_S;
pub(crate) use install::{Code, Refresh};
pub use install::{Install, Token, TokenStatus};
pub(crate) use message::Hook;
pub use message::Message;
pub use team::{Channel, Team, User};

use super::api::Windows;
use super::events::Post;
use super::options::{App, SlackOptions};
use crate::chance::{Ids, Random};
use crate::clock::Clock;
use crate::fault::Faults;
use crate::journal::Journal;

/// Everything a simulated Slack knows.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    /// Where this Slack is: `http://127.0.0.1:4010`.
    pub(crate) base_url: String,
    pub(crate) app: App,
    pub(crate) app_id: String,
    pub(crate) enterprise: Option<Enterprise>,
    pub(crate) teams: Vec<Team>,
    pub(crate) installs: BTreeMap<String, Install>,
    pub(crate) tokens: Vec<Token>,
    pub(crate) refreshes: BTreeMap<String, Refresh>,
    pub(crate) codes: BTreeMap<String, Code>,
    pub(crate) messages: Vec<Message>,
    pub(crate) hooks: BTreeMap<String, Hook>,
    pub(crate) journal: Journal,
    /// What is to be sent once the lock is free.
    pub(crate) outbox: Vec<Post>,
    pub(crate) faults: Faults,
    pub(crate) windows: Windows,
    pub(crate) rate_limits: bool,
    pub(crate) latency: Duration,
    pub(crate) patience: Duration,
    pub(crate) retry_delays: [Duration; 3],
    last_ts: i64,
}

/// An Enterprise Grid organization.
#[derive(Debug, Clone)]
pub struct Enterprise {
    /// `E…`.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl State {
    pub(crate) fn new(options: &SlackOptions, base_url: String) -> Self {
        let mut ids = Ids::new(options.seed);
        let mut random = Random::new(options.seed);
        let now_s = options.clock.now_s();
        let enterprise = options.enterprise.clone().map(|name| Enterprise { id: ids.next("E"), name });
        let make = |workspace| Team::generate(workspace, &mut ids, &mut random, now_s);
        let teams = options.workspaces.iter().map(make).collect();
        Self {
            clock: options.clock.clone(),
            app_id: ids.next("A"),
            ids,
            base_url,
            app: options.app.clone(),
            enterprise,
            teams,
            installs: BTreeMap::new(),
            tokens: Vec::new(),
            refreshes: BTreeMap::new(),
            codes: BTreeMap::new(),
            messages: Vec::new(),
            hooks: BTreeMap::new(),
            journal: Journal::default(),
            outbox: Vec::new(),
            faults: Faults::default(),
            windows: Windows::default(),
            rate_limits: options.rate_limits,
            latency: options.latency,
            patience: options.patience,
            retry_delays: options.retry_delays,
            last_ts: 0,
        }
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// The next timestamp, `1795356131.000200`: it names a message, so each is later than the one before.
    pub(crate) fn next_ts(&mut self) -> String {
        self.last_ts = (self.now_ms() * 1000).max(self.last_ts + 100);
        format!("{}.{:06}", self.last_ts / 1_000_000, self.last_ts % 1_000_000)
    }

    pub(crate) fn team(&self, id: &str) -> Option<&Team> {
        self.teams.iter().find(|team| team.id == id)
    }

    pub(crate) fn team_mut(&mut self, id: &str) -> Option<&mut Team> {
        self.teams.iter_mut().find(|team| team.id == id)
    }

    /// The organization, if `account` is its id.
    pub(crate) fn enterprise_of(&self, account: &str) -> Option<&Enterprise> {
        self.enterprise.as_ref().filter(|enterprise| enterprise.id == account)
    }

    /// The workspaces that an installation reaches: one, or those of the organization.
    pub(crate) fn teams_of(&self, account: &str) -> impl Iterator<Item = &Team> {
        let whole = self.enterprise_of(account).is_some();
        self.teams.iter().filter(move |team| if whole { team.in_enterprise } else { team.id == account })
    }

    /// A channel, wherever it is.
    pub(crate) fn channel(&self, id: &str) -> Option<&Channel> {
        self.teams.iter().find_map(|team| team.channel(id))
    }

    pub(crate) fn channel_mut(&mut self, id: &str) -> Option<&mut Channel> {
        self.teams.iter_mut().find_map(|team| team.channel_mut(id))
    }

    /// A person, in whichever workspace.
    pub(crate) fn user(&self, id: &str) -> Option<&User> {
        self.teams.iter().flat_map(|team| &team.users).find(|user| user.id == id)
    }

    /// The installation whose concern a workspace is: its own, else the organization's.
    pub(crate) fn install_for(&self, team: &str) -> Option<&Install> {
        let own = self.installs.get(team);
        let active = own.filter(|install| install.is_active);
        let whole = || {
            let enterprise =
                self.enterprise.as_ref().filter(|_| self.team(team).is_some_and(|team| team.in_enterprise))?;
            self.installs.get(&enterprise.id)
        };
        active.or_else(whole).or(own)
    }

    /// A message that is not deleted.
    pub(crate) fn message_mut(&mut self, channel: &str, ts: &str) -> Option<&mut Message> {
        self.messages.iter_mut().find(|message| message.channel == channel && message.ts == ts && !message.is_deleted)
    }

    /// The channel of the direct messages between the app and a person of an account; made when first asked for.
    pub(crate) fn direct_messages(&mut self, account: &str, user: &str) -> Option<String> {
        let team = self.teams_of(account).find(|team| team.users.iter().any(|known| known.id == user))?;
        let known = team.channels().iter().find(|channel| channel.with_user.as_deref() == Some(user));
        if let Some(channel) = known {
            return Some(channel.id.clone());
        }
        let mut channel = team.blank(String::new(), String::new(), self.clock.now_s());
        channel.id = self.ids.next("D");
        channel.with_user = Some(user.to_owned());
        let id = channel.id.clone();
        let team = channel.team.clone();
        self.team_mut(&team)?.add(channel);
        Some(id)
    }

    /// Blocks as Slack keeps them: each with an id.
    pub(crate) fn kept_blocks(&mut self, blocks: Vec<Value>) -> Vec<Value> {
        blocks
            .into_iter()
            .map(|mut block| {
                if let Some(block) = block.as_object_mut() {
                    block.entry("block_id").or_insert_with(|| format!("b{}", self.ids.count("block")).into());
                }
                block
            })
            .collect()
    }
}
