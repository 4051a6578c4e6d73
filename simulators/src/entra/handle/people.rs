//! What people and administrators do, as a test makes them.

use crate::entra::Entra;
use crate::entra::graph::Draft;
use crate::entra::oauth::{self, Consent};
use crate::entra::state::{Channel, ChannelMessage, Lifecycle, State, Token};

/// Consent and its end.
impl Entra {
    /// Decides on the page that this URL leads to, that of people or that of administrators; gives where the browser is
    /// sent back to.
    ///
    /// # Errors
    /// What the page would say instead: that the link is wrong, or that an administrator must allow it (`AADSTS90094`).
    pub fn consent(&self, url: &str, consent: &Consent) -> Result<String, String> {
        self.shared.change(|state| oauth::decide_at(state, url, consent))
    }

    /// Signs a person in without the page, and gives the tokens.
    ///
    /// # Panics
    /// There is no such person.
    pub fn connect(&self, user: &str, scopes: &[&str]) -> Token {
        let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self.shared.change(|state| {
            let tenant = state.person(user).expect("the person exists").0.id.clone();
            let grant = state.sign_in(&tenant, user, &scopes);
            state.give_token(grant, true)
        })
    }

    /// A person takes the app out under "My Apps": the next refresh is refused (65001). Access tokens live on.
    pub fn remove_app(&self, user: &str) {
        self.shared.change(|state| state.remove_app(user));
    }

    /// An administrator deletes the app in a tenant: every consent there ends. Access tokens live on.
    pub fn remove_app_for_all(&self, tenant: &str) {
        self.shared.change(|state| state.remove_app_for_all(tenant));
    }

    /// A person has another password: the refresh tokens of before end (50173).
    pub fn change_password(&self, user: &str) {
        self.shared.change(|state| state.change_password(user));
    }

    /// An account is blocked (50057), or let in again.
    pub fn block_account(&self, user: &str, blocked: bool) {
        self.shared.change(|state| {
            if let Some(person) = state.person_mut(user) {
                person.is_enabled = !blocked;
            }
        });
    }

    /// Access tokens expire at once; refresh tokens do not.
    pub fn expire_tokens(&self) {
        self.shared.change(State::expire_tokens);
    }
}

/// Teams and channels. What is not there is left alone.
impl Entra {
    /// A team is archived, or opened again.
    pub fn archive_team(&self, team: &str, archived: bool) {
        self.shared.change(|state| {
            if let Some(team) = state.team_mut(team) {
                team.is_archived = archived;
            }
        });
    }

    /// A team is deleted.
    pub fn delete_team(&self, team: &str) {
        self.shared.change(|state| state.delete_team(team));
    }

    /// A person leaves a team, or is taken out.
    pub fn leave_team(&self, team: &str, user: &str) {
        self.shared.change(|state| {
            if let Some(team) = state.team_mut(team) {
                team.members.retain(|member| member != user);
            }
        });
    }

    /// A channel is made; gives its id.
    ///
    /// # Panics
    /// There is no such team.
    pub fn add_channel(&self, team: &str, name: &str) -> String {
        self.shared.change(|state| {
            let channel = Channel::named(name, &mut state.ids);
            let id = channel.id.clone();
            state.team_mut(team).expect("the team exists").channels.push(channel);
            id
        })
    }

    /// A channel gets another name.
    pub fn rename_channel(&self, team: &str, channel: &str, name: &str) {
        self.shared.change(|state| {
            if let Some(channel) = state.channel_mut(team, channel) {
                name.clone_into(&mut channel.name);
            }
        });
    }

    /// A channel is archived, or opened again.
    pub fn archive_channel(&self, team: &str, channel: &str, archived: bool) {
        self.shared.change(|state| {
            if let Some(channel) = state.channel_mut(team, channel) {
                channel.is_archived = archived;
            }
        });
    }

    /// A channel is deleted.
    pub fn delete_channel(&self, team: &str, channel: &str) {
        self.shared.change(|state| state.delete_channel(team, channel));
    }

    /// A person writes into a channel; whoever subscribed hears of it.
    pub fn say(&self, team: &str, channel: &str, user: &str, text: &str) -> ChannelMessage {
        self.shared.change(|state| state.say(team, channel, user, Draft::of(text)))
    }

    /// Tells of a subscription itself; one that is removed is gone.
    pub fn lifecycle(&self, subscription: &str, news: Lifecycle) {
        self.shared.change(|state| state.tell_lifecycle(subscription, news));
    }
}
