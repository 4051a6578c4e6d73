//! What people do in a workspace, as a test makes them.

use crate::slack::Slack;
use crate::slack::events::First;
use crate::slack::oauth::{self, Consent};
use crate::slack::state::Token;

/// A channel to be made.
#[derive(Debug, Clone, Default)]
pub struct NewChannel {
    /// The name without `#`.
    pub name: String,
    /// The topic.
    pub topic: String,
    /// Whether only its members see it.
    pub is_private: bool,
    /// Whether the app's bot is in it.
    pub has_bot: bool,
}

/// What people do.
impl Slack {
    /// Decides on the consent page that this URL leads to; gives where the browser is sent back to.
    ///
    /// # Errors
    /// What the page would say instead.
    pub fn consent(&self, authorize_url: &str, consent: &Consent) -> Result<String, String> {
        let query = authorize_url.split_once('?').map_or("", |(_, query)| query);
        let fields: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        self.shared.change(|state| oauth::decide(state, &fields, consent, None))
    }

    /// Installs the app without the consent page and gives the bot's token.
    ///
    /// # Panics
    /// There is no such workspace or organization.
    pub fn install(&self, account: &str, scopes: &[&str]) -> Token {
        let scopes: Vec<String> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        self.shared.change(|state| {
            let user = state.teams_of(account).next().expect("the workspace exists").admin().id.clone();
            state.install(account, &user, &scopes)
        })
    }

    /// Makes a channel and gives its id.
    ///
    /// # Panics
    /// There is no such workspace.
    pub fn add_channel(&self, team: &str, new: NewChannel) -> String {
        self.shared.change(|state| {
            let (id, now_s) = (state.ids.next("C"), state.clock.now_s());
            let team = state.team_mut(team).expect("the workspace exists");
            let mut channel = team.blank(id.clone(), new.name, now_s);
            channel.topic = new.topic;
            channel.is_private = new.is_private;
            channel.has_bot = new.has_bot;
            team.add(channel);
            id
        })
    }

    /// Gives a channel another name.
    pub fn rename_channel(&self, id: &str, name: &str) {
        self.shared.change(|state| state.rename_channel(id, name));
    }

    /// Archives a channel.
    pub fn archive_channel(&self, id: &str) {
        self.shared.change(|state| state.archive_channel(id, true));
    }

    /// Takes a channel out of the archive.
    pub fn unarchive_channel(&self, id: &str) {
        self.shared.change(|state| state.archive_channel(id, false));
    }

    /// Deletes a channel for good.
    pub fn delete_channel(&self, id: &str) {
        self.shared.change(|state| state.delete_channel(id));
    }

    /// Lets only a few people post in a channel, or everybody again.
    pub fn restrict_channel(&self, id: &str, restricted: bool) {
        self.shared.change(|state| {
            if let Some(channel) = state.channel_mut(id) {
                channel.is_restricted = restricted;
            }
        });
    }

    /// `/invite @app`.
    pub fn invite_bot(&self, channel: &str) {
        self.shared.change(|state| state.set_bot(channel, true));
    }

    /// Takes the bot out of a channel.
    pub fn remove_bot(&self, channel: &str) {
        self.shared.change(|state| state.set_bot(channel, false));
    }

    /// A person writes into a channel.
    pub fn say(&self, channel: &str, user: &str, text: &str) {
        self.shared.change(|state| state.say(channel, user, text));
    }

    /// An administrator revokes every token of an installation.
    pub fn revoke_tokens(&self, account: &str) {
        self.shared.change(|state| state.revoke_tokens(account));
    }

    /// Rotating tokens of an installation expire at once.
    pub fn expire_tokens(&self, account: &str) {
        self.shared.change(|state| state.expire_tokens(account));
    }

    /// An administrator takes the app out. Two events tell of it, in either order.
    pub fn uninstall(&self, account: &str, first: First) {
        self.shared.change(|state| state.take_out(account, first));
    }
}
