//! Messages and replies.

use serde_json::{Value, json};

use super::answer::{Answer, Outcome, Refusal};
use super::request::Asked;
use super::{people, teams};
use crate::card;
use crate::entra::check;
use crate::entra::state::{ChannelMessage, State, moment};

/// Messages of a person: so many within so many milliseconds.
const LIMIT: (usize, i64) = (10, 10_000);

/// In how many seconds the next message of this person is taken; nothing if it is now.
pub(super) fn wait(state: &mut State, asked: &Asked) -> Option<u64> {
    let now_ms = state.now_ms();
    let seen = state.posted.get_mut(asked.caller.as_ref()?.user.as_deref()?)?;
    seen.retain(|at| now_ms - at < LIMIT.1);
    let oldest = seen.len().checked_sub(LIMIT.0).and_then(|index| seen.get(index))?;
    Some(u64::try_from(oldest + LIMIT.1 - now_ms).unwrap_or_default().div_ceil(1000).max(1))
}

/// `POST /teams/{team-id}/channels/{channel-id}/messages`.
pub(super) fn post(state: &mut State, asked: &Asked) -> Outcome {
    write(state, asked, None)
}

/// `POST …/messages/{message-id}/replies`.
pub(super) fn reply(state: &mut State, asked: &Asked) -> Outcome {
    write(state, asked, Some(asked.part("message-id")))
}

fn write(state: &mut State, asked: &Asked, reply_to: Option<&str>) -> Outcome {
    let (team, channel) = teams::find_channel(state, asked)?;
    if team.is_archived || channel.is_archived {
        let what = if team.is_archived { "team" } else { "channel" };
        return Err(Refusal::graph("Forbidden", &format!("The {what} is archived: messages cannot be sent.")));
    }
    let (team, channel) = (team.id.clone(), channel.id.clone());
    let is_there = |id: &str| {
        let mut here = state.messages.iter().filter(|message| message.channel == channel && message.reply_to.is_none());
        here.any(|message| message.id == id)
    };
    if reply_to.is_some_and(|id| !is_there(id)) {
        return Err(Refusal::not_found("The message was not found."));
    }
    let user = people::caller(state, asked)?.1.id.clone();
    let body = &asked.body;
    let attachments = body["attachments"].as_array().cloned().unwrap_or_default();
    let cards = attachments.iter().filter(|attachment| attachment["contentType"] == card::CONTENT_TYPE);
    let draft = Draft {
        reply_to: reply_to.map(str::to_owned),
        subject: body["subject"].as_str().map(str::to_owned),
        content_type: body["body"]["contentType"].as_str().unwrap_or("text").to_owned(),
        content: body["body"]["content"].as_str().unwrap_or_default().to_owned(),
        cards: cards.filter_map(|attachment| check::card_of(attachment).ok()).collect(),
        attachments,
        mentions: body["mentions"].as_array().cloned().unwrap_or_default(),
    };
    let elsewhere = |mention: &Value| {
        let place = &mention["mentioned"]["conversation"];
        place["conversationIdentityType"] == "channel" && place["id"] != channel.as_str()
    };
    if draft.mentions.iter().any(elsewhere) {
        return Err(Refusal::graph("BadRequest", "A channel that is mentioned must be the one of the message."));
    }
    let now_ms = state.now_ms();
    state.posted.entry(user.clone()).or_default().push_back(now_ms);
    let message = state.say(&team, &channel, &user, draft);
    Ok(Answer::made(show(state, &message)))
}

/// What is written, without where, when and by whom.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) reply_to: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) content_type: String,
    pub(crate) content: String,
    pub(crate) cards: Vec<Value>,
    pub(crate) attachments: Vec<Value>,
    pub(crate) mentions: Vec<Value>,
}

impl Draft {
    /// What a person types.
    pub(crate) fn of(text: &str) -> Self {
        Self { content_type: "text".to_owned(), content: text.to_owned(), ..Self::default() }
    }
}

impl State {
    /// Puts a message into a channel, and tells whoever wants to hear of it.
    pub(crate) fn say(&mut self, team: &str, channel: &str, user: &str, draft: Draft) -> ChannelMessage {
        let at_ms = self.now_ms();
        // Ids are moments; two of one millisecond have different ones.
        let count = i64::try_from(self.ids.count("message")).unwrap_or_default();
        let message = ChannelMessage {
            id: (at_ms + count).to_string(),
            at_ms,
            team: team.to_owned(),
            channel: channel.to_owned(),
            user: user.to_owned(),
            reply_to: draft.reply_to,
            subject: draft.subject,
            content_type: draft.content_type,
            content: draft.content,
            cards: draft.cards,
            attachments: draft.attachments,
            mentions: draft.mentions,
        };
        self.messages.push(message.clone());
        self.tell(&message);
        message
    }
}

/// A message as Graph shows it.
fn show(state: &State, message: &ChannelMessage) -> Value {
    let (name, tenant) =
        state.person(&message.user).map_or(("", ""), |(tenant, person)| (person.name.as_str(), tenant.id.as_str()));
    let kind = json!({ "id": message.user, "displayName": name, "userIdentityType": "aadUser", "tenantId": tenant });
    json!({
        "@odata.context": format!("{}/v1.0/$metadata#chatMessage", state.base_url),
        "id": message.id,
        "replyToId": message.reply_to,
        "etag": message.id,
        "messageType": "message",
        "createdDateTime": moment(message.at_ms),
        "lastModifiedDateTime": moment(message.at_ms),
        "lastEditedDateTime": null,
        "deletedDateTime": null,
        "subject": message.subject,
        "summary": null,
        "chatId": null,
        "importance": "normal",
        "locale": "en-us",
        "webUrl": format!("{}/_control/teams/{}", state.base_url, message.team),
        "policyViolation": null,
        "eventDetail": null,
        "from": { "application": null, "device": null, "user": kind },
        "body": { "contentType": message.content_type, "content": message.content },
        "channelIdentity": { "teamId": message.team, "channelId": message.channel },
        "attachments": message.attachments,
        "mentions": message.mentions,
        "reactions": [],
    })
}
