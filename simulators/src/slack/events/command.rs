//! Slash commands and pressed buttons: the forms, and what becomes of the answer.

use serde_json::{Value, json};

use super::{Post, VERIFICATION_TOKEN};
use crate::loopback::Answer;
use crate::slack::check;
use crate::slack::state::{Hook, Message, State, User};
use crate::specs::Specs;

/// How often an app may answer by a `response_url`, and for how long.
const RESPONSES: u32 = 5;
const RESPONSE_LIFE_MS: i64 = 30 * 60_000;

/// A slash command that a person types.
#[derive(Debug, Clone)]
pub struct SlashCommand {
    /// The channel in which it is typed.
    pub channel: String,
    /// Who types it.
    pub user: String,
    /// `/patchbay`.
    pub command: String,
    /// What follows it.
    pub text: String,
}

/// A button that a person presses.
#[derive(Debug, Clone)]
pub struct Press {
    /// The channel of the message.
    pub channel: String,
    /// The message.
    pub ts: String,
    /// The button.
    pub action_id: String,
    /// Who presses it.
    pub user: String,
}

impl State {
    /// The form of a slash command; nothing if there is no such channel or person.
    pub(super) fn command(&mut self, typed: &SlashCommand, url: &str) -> Option<Post> {
        let channel = self.channel(&typed.channel)?.clone();
        let user = self.user(&typed.user)?.clone();
        let team = self.team(&channel.team)?;
        let (team_domain, in_enterprise) = (team.domain.clone(), team.in_enterprise);
        let is_whole = self.is_whole(&channel.team);
        let response_url = self.response_url("commands", &channel.team, &channel.id, &user, None);
        let mut fields = vec![
            ("token", VERIFICATION_TOKEN.to_owned()),
            ("team_id", channel.team.clone()),
            ("team_domain", team_domain),
            ("channel_id", channel.id),
            ("channel_name", if channel.with_user.is_some() { "directmessage".to_owned() } else { channel.name }),
            ("user_id", user.id),
            ("user_name", user.name),
            ("command", typed.command.clone()),
            ("text", typed.text.clone()),
            ("api_app_id", self.app_id.clone()),
            ("is_enterprise_install", is_whole.to_string()),
            ("response_url", response_url),
            ("trigger_id", self.trigger_id()),
        ];
        if let Some(enterprise) = self.enterprise.as_ref().filter(|_| in_enterprise) {
            fields.push(("enterprise_id", enterprise.id.clone()));
            fields.push(("enterprise_name", enterprise.name.clone()));
        }
        Some(Post::form(self, format!("{} {}", typed.command, typed.text).trim(), url, &fields))
    }

    /// The form of a pressed button; nothing if there is no such button.
    pub(super) fn press(&mut self, press: &Press, url: &str) -> Option<Post> {
        let message = self.message_mut(&press.channel, &press.ts)?.clone();
        let (block_id, element) = element(&message.blocks, &press.action_id)?;
        let user = self.user(&press.user)?.clone();
        let team = self.team(&message.team)?;
        let in_enterprise = team.in_enterprise;
        let team = json!({ "id": team.id, "domain": team.domain });
        let enterprise = self.enterprise.as_ref().filter(|_| in_enterprise);
        let enterprise = enterprise.map(|enterprise| json!({ "id": enterprise.id, "name": enterprise.name }));
        let mut action = json!({ "action_id": press.action_id, "block_id": block_id, "type": element["type"],
            "text": element["text"], "action_ts": self.next_ts() });
        if let Some(value) = element.get("value") {
            action["value"] = value.clone();
        }
        let response_url =
            self.response_url("actions", &message.team, &message.channel, &user, Some(message.ts.clone()));
        let payload = json!({
            "type": "block_actions",
            "user": { "id": user.id, "username": user.name, "name": user.name, "team_id": message.team },
            "api_app_id": self.app_id,
            "token": VERIFICATION_TOKEN,
            "container": { "type": "message", "message_ts": message.ts, "channel_id": message.channel,
                "is_ephemeral": message.only_for.is_some() },
            "trigger_id": self.trigger_id(),
            "team": team,
            "enterprise": enterprise,
            "is_enterprise_install": self.is_whole(&message.team),
            "channel": { "id": message.channel, "name": message.channel_name },
            "message": super::show(self, &message),
            "state": { "values": {} },
            "response_url": response_url,
            "actions": [action],
        });
        Some(Post::form(self, &format!("button {}", press.action_id), url, &[("payload", payload.to_string())]))
    }

    /// Shows what an app answered to a slash command: a text or a message, to one person unless it says otherwise.
    pub(super) fn command_answered(&mut self, typed: &SlashCommand, answer: &Answer, specs: &Specs) {
        let body = answer.body.trim();
        if !answer.is_success() || body.is_empty() {
            return;
        }
        let message = answer.json().filter(Value::is_object).unwrap_or_else(|| json!({ "text": body }));
        for complaint in check::message(&message, specs) {
            self.journal.violation(&typed.command, complaint.what);
        }
        let Some(team) = self.channel(&typed.channel).map(|channel| channel.team.clone()) else { return };
        let hook = Hook {
            team,
            channel: typed.channel.clone(),
            user: typed.user.clone(),
            message: None,
            left: None,
            expires_at_ms: None,
        };
        self.post_by_hook(&hook, &message);
    }

    /// Puts a message into the channel of a hook: for one person, unless it is to be in the channel.
    pub(crate) fn post_by_hook(&mut self, hook: &Hook, message: &Value) {
        let text = |name: &str| message[name].as_str().unwrap_or_default().to_owned();
        let list = |name: &str| message[name].as_array().cloned().unwrap_or_default();
        let for_all = text("response_type") == "in_channel" || self.user(&hook.user).is_none();
        let message = Message {
            team: hook.team.clone(),
            channel: hook.channel.clone(),
            channel_name: self.channel(&hook.channel).map(|channel| channel.name.clone()).unwrap_or_default(),
            ts: self.next_ts(),
            thread_ts: message["thread_ts"].as_str().map(str::to_owned),
            user: self.install_for(&hook.team).map(|install| install.bot_user.clone()).unwrap_or_default(),
            by_app: true,
            text: text("text"),
            blocks: self.kept_blocks(list("blocks")),
            attachments: list("attachments"),
            metadata: None,
            only_for: (!for_all).then(|| hook.user.clone()),
            edits: 0,
            is_deleted: false,
        };
        self.messages.push(message);
    }

    fn response_url(&mut self, kind: &str, team: &str, channel: &str, user: &User, message: Option<String>) -> String {
        let key = format!("{kind}/{team}/{}/{}", self.ids.count("response"), self.ids.secret());
        let url = format!("{}/{key}", self.base_url);
        let hook = Hook {
            team: team.to_owned(),
            channel: channel.to_owned(),
            user: user.id.clone(),
            message,
            left: Some(RESPONSES),
            expires_at_ms: Some(self.now_ms() + RESPONSE_LIFE_MS),
        };
        self.hooks.insert(key, hook);
        url
    }

    fn trigger_id(&mut self) -> String {
        format!("{}.{}.{}", self.ids.count("trigger"), self.now_ms(), self.ids.secret())
    }

    fn is_whole(&self, team: &str) -> bool {
        self.install_for(team).is_some_and(|install| install.account != team)
    }
}

/// A button in these blocks, and the block that it is in.
fn element(blocks: &[Value], action_id: &str) -> Option<(String, Value)> {
    blocks.iter().find_map(|block| {
        let mut inner = block["elements"].as_array().into_iter().flatten().chain(block.get("accessory"));
        let found = inner.find(|element| element["action_id"] == action_id)?;
        Some((block["block_id"].as_str().unwrap_or_default().to_owned(), found.clone()))
    })
}
