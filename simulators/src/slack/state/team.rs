//! Workspaces, their people and their channels.

use std::collections::HashMap;

use super::names;
use crate::chance::{Ids, Random};
use crate::slack::options::Workspace;

/// A workspace.
#[derive(Debug, Clone)]
pub struct Team {
    /// `T…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `acme` of `acme.slack.com`.
    pub domain: String,
    /// Whether it belongs to the Enterprise Grid organization.
    pub in_enterprise: bool,
    /// Its people; the first may install apps.
    pub users: Vec<User>,
    channels: Vec<Channel>,
    by_id: HashMap<String, usize>,
}

/// A person in a workspace.
#[derive(Debug, Clone)]
pub struct User {
    /// `U…`.
    pub id: String,
    /// The short name.
    pub name: String,
    /// The whole name.
    pub real_name: String,
    /// The address.
    pub email: String,
    /// Whether an administrator of the workspace.
    pub is_admin: bool,
}

/// A channel, or the direct messages with one person.
#[derive(Debug, Clone)]
pub struct Channel {
    /// `C…`, or `D…` for direct messages.
    pub id: String,
    /// The workspace.
    pub team: String,
    /// The name without `#`.
    pub name: String,
    /// Names it had before.
    pub previous_names: Vec<String>,
    /// The topic; empty where there is none.
    pub topic: String,
    /// Whether only its members see it.
    pub is_private: bool,
    /// Whether it is archived.
    pub is_archived: bool,
    /// Whether it is gone for good.
    pub is_deleted: bool,
    /// Whether only a few may post.
    pub is_restricted: bool,
    /// Whether the app's bot is in it.
    pub has_bot: bool,
    /// The person of direct messages.
    pub with_user: Option<String>,
    /// Its members, the bot not counted.
    pub people: u64,
    /// When it was made, in Unix seconds.
    pub created_s: i64,
    /// Who made it.
    pub creator: String,
}

const PEOPLE: [(&str, &str); 6] = [
    ("ada", "Ada Lovelace"),
    ("grace", "Grace Hopper"),
    ("linus", "Linus Pauling"),
    ("margaret", "Margaret Hamilton"),
    ("søren", "Søren O'Neil <ops>"),
    ("mei", "陳美"),
];

impl Team {
    /// A workspace in which one channel of ten is private, one of twelve archived, and the bot in none.
    pub(crate) fn generate(workspace: &Workspace, ids: &mut Ids, random: &mut Random, now_s: i64) -> Self {
        let mut team = Self {
            id: ids.next("T"),
            name: workspace.name.clone(),
            domain: workspace.domain.clone(),
            in_enterprise: workspace.in_enterprise,
            users: Vec::new(),
            channels: Vec::with_capacity(workspace.channels),
            by_id: HashMap::with_capacity(workspace.channels),
        };
        team.users = PEOPLE
            .iter()
            .enumerate()
            .map(|(index, (name, real_name))| User {
                id: ids.next("U"),
                name: (*name).to_owned(),
                real_name: (*real_name).to_owned(),
                email: format!("{}@{}.example", name.replace('ø', "o"), team.domain),
                is_admin: index == 0,
            })
            .collect();
        for (index, name) in names::channels(workspace.channels, random).into_iter().enumerate() {
            let mut channel = team.blank(ids.next("C"), name, now_s - 86_400 * 400 + i64::try_from(index).unwrap_or(0));
            channel.is_private = index >= 12 && random.below(10) == 0;
            channel.is_archived = index >= 12 && random.below(12) == 0;
            channel.topic = names::topic(random);
            channel.people = 1 + random.below(400);
            team.add(channel);
        }
        team
    }

    /// An ordinary public channel of this workspace, not yet in it.
    pub(crate) fn blank(&self, id: String, name: String, created_s: i64) -> Channel {
        Channel {
            id,
            team: self.id.clone(),
            name,
            previous_names: Vec::new(),
            topic: String::new(),
            is_private: false,
            is_archived: false,
            is_deleted: false,
            is_restricted: false,
            has_bot: false,
            with_user: None,
            people: 1,
            created_s,
            creator: self.admin().id.clone(),
        }
    }

    pub(crate) fn add(&mut self, channel: Channel) {
        self.by_id.insert(channel.id.clone(), self.channels.len());
        self.channels.push(channel);
    }

    /// Who may install apps.
    #[must_use]
    pub fn admin(&self) -> &User {
        self.users.first().expect("every workspace has people")
    }

    /// Every channel in the order they were made, the deleted ones too.
    #[must_use]
    pub fn channels(&self) -> &[Channel] {
        &self.channels
    }

    pub(crate) fn channels_mut(&mut self) -> &mut [Channel] {
        &mut self.channels
    }

    /// A channel by its id.
    #[must_use]
    pub fn channel(&self, id: &str) -> Option<&Channel> {
        self.channels.get(self.position(id)?)
    }

    pub(crate) fn channel_mut(&mut self, id: &str) -> Option<&mut Channel> {
        let position = self.position(id)?;
        self.channels.get_mut(position)
    }

    /// Where a channel stands in the list.
    pub(crate) fn position(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// A channel that is not deleted, by its name.
    #[must_use]
    pub fn channel_named(&self, name: &str) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.name == name && !channel.is_deleted)
    }
}

impl Channel {
    /// Whether it is the direct messages with one person.
    #[must_use]
    pub fn is_direct(&self) -> bool {
        self.with_user.is_some()
    }
}
