//! What Slack sends to an app: events by themselves when something changes, and anything by hand.
//!
//! A change of [`State`] that an app hears of puts a [`Post`] into the outbox; it is sent once the lock is free. [`by_hand`]
//! has the rest: requests that a test or the control panel asks for.

pub mod by_hand;
mod command;
mod post;

use serde_json::{Value, json};

pub(crate) use post::{Post, deliver};

use super::api::show;
use super::state::{Message, State, Token, TokenStatus};

/// Slack's old means of telling that a request is its own; kept because its requests still carry it.
pub(crate) const VERIFICATION_TOKEN: &str = "simulated-verification-token";

/// Which of the two events of an uninstallation comes first: Slack promises neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum First {
    /// `tokens_revoked`, then `app_uninstalled`.
    TokensRevoked,
    /// `app_uninstalled`, then `tokens_revoked`.
    AppUninstalled,
}

impl State {
    /// Sends an event of a workspace, if the app wants its kind.
    pub(crate) fn tell(&mut self, team: &str, event: Value) {
        let kind = event["type"].as_str().unwrap_or_default().to_owned();
        self.tell_as(&kind, team, event);
    }

    /// The same, for events that are subscribed to by another name than their type.
    fn tell_as(&mut self, subscription: &str, team: &str, event: Value) {
        let Some(url) = self.app.events_url.clone() else { return };
        if self.app.events.iter().any(|wanted| wanted == subscription) {
            let body = self.envelope(team, event);
            self.outbox.push(Post::event(self, &url, &body));
        }
    }

    /// Tells that tokens no longer work. The event names users, not tokens.
    pub(crate) fn tell_tokens_revoked(&mut self, account: &str, tokens: &[Token]) {
        let of = |is_bot: bool| {
            let mut users: Vec<&str> = Vec::new();
            for token in tokens.iter().filter(|token| token.is_bot == is_bot) {
                if !users.contains(&token.user.as_str()) {
                    users.push(&token.user);
                }
            }
            json!(users)
        };
        let event = json!({ "type": "tokens_revoked", "tokens": { "oauth": of(false), "bot": of(true) },
            "event_ts": self.next_ts() });
        self.tell_account(account, event);
    }

    /// Takes the app out and tells it.
    pub(crate) fn take_out(&mut self, account: &str, first: First) {
        let is_live = |token: &&Token| token.account == account && token.status == TokenStatus::Live;
        let tokens: Vec<Token> = self.tokens.iter().filter(is_live).cloned().collect();
        self.uninstall(account);
        let uninstalled = json!({ "type": "app_uninstalled", "event_ts": self.next_ts() });
        if first == First::AppUninstalled {
            self.tell_account(account, uninstalled.clone());
        }
        self.tell_tokens_revoked(account, &tokens);
        if first == First::TokensRevoked {
            self.tell_account(account, uninstalled);
        }
    }

    /// Tells of a message, to an app that wants those of its kind of channel.
    pub(crate) fn tell_message(&mut self, message: &Message) {
        let Some(channel) = self.channel(&message.channel) else { return };
        let (subscription, kind) = match channel {
            channel if channel.is_direct() => ("message.im", "im"),
            channel if channel.is_private => ("message.groups", "group"),
            _ => ("message.channels", "channel"),
        };
        if !channel.has_bot && !channel.is_direct() {
            return;
        }
        let mut event = show(self, message);
        event["channel"] = json!(message.channel);
        event["channel_type"] = json!(kind);
        event["event_ts"] = json!(message.ts);
        self.tell_as(subscription, &message.team, event);
    }

    /// An event of an installation; one of a whole organization names any of its workspaces.
    fn tell_account(&mut self, account: &str, event: Value) {
        let team = self.teams_of(account).next().map(|team| team.id.clone());
        if let Some(team) = team {
            self.tell(&team, event);
        }
    }

    /// An event as it is sent.
    pub(crate) fn envelope(&mut self, team: &str, event: Value) -> Value {
        let (event_id, now_s) = (self.ids.next("Ev"), self.clock.now_s());
        let install = self.install_for(team);
        let enterprise = self.enterprise.as_ref().filter(|_| self.team(team).is_some_and(|team| team.in_enterprise));
        let enterprise_id = enterprise.map(|enterprise| enterprise.id.clone());
        let is_whole = install.is_some_and(|install| Some(&install.account) == enterprise_id.as_ref());
        let mut envelope = json!({
            "token": VERIFICATION_TOKEN,
            "team_id": team,
            "context_team_id": team,
            "context_enterprise_id": enterprise_id,
            "api_app_id": self.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": event_id,
            "event_time": now_s,
            "authorizations": [{
                "enterprise_id": enterprise_id,
                "team_id": if is_whole { Value::Null } else { json!(team) },
                "user_id": install.map_or("", |install| install.bot_user.as_str()),
                "is_bot": true,
                "is_enterprise_install": is_whole,
            }],
            "is_ext_shared_channel": false,
            "event_context": format!("4-{event_id}"),
        });
        if let Some(id) = enterprise_id {
            envelope["enterprise_id"] = json!(id);
        }
        envelope
    }
}
