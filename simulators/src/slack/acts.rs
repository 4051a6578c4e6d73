//! What people do in a workspace, with the events that an app hears of it. Used by tests and by the control panel.

use serde_json::{Value, json};

use super::manifest;
use super::state::{Channel, Message, State, TokenStatus};

impl State {
    /// The maker pastes a manifest. What is wrong with one is a violation.
    pub(crate) fn apply_manifest(&mut self, manifest: &Value) -> Result<(), Vec<String>> {
        match manifest::apply(manifest, &self.app) {
            Ok(app) => {
                self.app = app;
                Ok(())
            }
            Err(found) => {
                found.iter().for_each(|what| self.journal.violation("manifest", what.as_str()));
                Err(found)
            }
        }
    }

    /// Gives a channel another name.
    pub(crate) fn rename_channel(&mut self, id: &str, name: &str) {
        let Some(channel) = self.channel_mut(id) else { return };
        let old = std::mem::replace(&mut channel.name, name.to_owned());
        channel.previous_names.insert(0, old);
        let about = json!({ "id": id, "name": name, "name_normalized": name, "created": channel.created_s,
            "is_channel": !channel.is_private, "is_mpim": false });
        self.tell_channel(id, "rename", json!({ "channel": about }));
    }

    /// Archives a channel, or takes it out of the archive.
    pub(crate) fn archive_channel(&mut self, id: &str, archived: bool) {
        let Some(channel) = self.channel_mut(id).filter(|channel| channel.is_archived != archived) else { return };
        channel.is_archived = archived;
        let (kind, user) = (if archived { "archive" } else { "unarchive" }, channel.creator.clone());
        self.tell_channel(id, kind, json!({ "channel": id, "user": user, "is_moved": 0 }));
    }

    /// Deletes a channel for good.
    pub(crate) fn delete_channel(&mut self, id: &str) {
        let Some(channel) = self.channel_mut(id).filter(|channel| !channel.is_deleted) else { return };
        channel.is_deleted = true;
        let user = channel.creator.clone();
        self.tell_channel(id, "deleted", json!({ "channel": id, "actor_id": user }));
    }

    /// `/invite @app`, or taking the bot out again, which the app hears of.
    pub(crate) fn set_bot(&mut self, id: &str, has_bot: bool) {
        let Some(channel) = self.channel_mut(id).filter(|channel| channel.has_bot != has_bot) else { return };
        channel.has_bot = has_bot;
        let (team, inviter) = (channel.team.clone(), channel.creator.clone());
        let kind = if channel.is_private { "G" } else { "C" };
        let user = self.install_for(&team).map(|install| install.bot_user.clone()).unwrap_or_default();
        let name = if has_bot { "member_joined_channel" } else { "member_left_channel" };
        let mut event = json!({ "type": name, "user": user, "channel": id, "channel_type": kind, "team": team,
            "event_ts": self.next_ts() });
        if has_bot {
            event["inviter"] = json!(inviter);
        }
        self.tell(&team, event);
    }

    /// A person writes into a channel.
    pub(crate) fn say(&mut self, id: &str, user: &str, text: &str) {
        let Some(channel) = self.channel(id) else { return };
        let message = Message {
            team: channel.team.clone(),
            channel: id.to_owned(),
            channel_name: channel.name.clone(),
            ts: self.next_ts(),
            thread_ts: None,
            user: user.to_owned(),
            by_app: false,
            text: text.to_owned(),
            blocks: Vec::new(),
            attachments: Vec::new(),
            metadata: None,
            only_for: None,
            edits: 0,
            is_deleted: false,
        };
        self.tell_message(&message);
        self.messages.push(message);
    }

    /// An administrator revokes every token of an installation.
    pub(crate) fn revoke_tokens(&mut self, account: &str) {
        let is_live = |token: &&super::Token| token.account == account && token.status == TokenStatus::Live;
        let tokens: Vec<_> = self.tokens.iter().filter(is_live).cloned().collect();
        self.end_tokens(account, TokenStatus::Revoked);
        self.tell_tokens_revoked(account, &tokens);
    }

    /// Rotating tokens of an installation expire at once; their refresh tokens still work.
    pub(crate) fn expire_tokens(&mut self, account: &str) {
        let now_ms = self.now_ms();
        for token in self.tokens.iter_mut().filter(|token| token.account == account && token.expires_at_ms.is_some()) {
            token.expires_at_ms = Some(now_ms);
        }
    }

    /// An event about a channel. Private channels have their own names for it, and only their members hear it.
    fn tell_channel(&mut self, id: &str, kind: &str, mut event: Value) {
        let Some(channel) = self.channel(id).filter(|channel| !channel.is_private || channel.has_bot) else { return };
        let Channel { team, is_private, .. } = channel.clone();
        event["type"] = json!(format!("{}_{kind}", if is_private { "group" } else { "channel" }));
        event["event_ts"] = json!(self.next_ts());
        self.tell(&team, event);
    }
}
