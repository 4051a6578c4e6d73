//! Requests to Microsoft Graph, as data: the method, the path below `/v1.0`, the body. And what is read out of its
//! answers.

use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::entra::Urls;
use crate::channel::ChannelState;

/// What stands for itself in a path.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
/// What an attachment that is a card says it is.
const CARD: &str = "application/vnd.microsoft.card.adaptive";

/// A request.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path with its query, for [`Urls::graph`].
    pub path: String,
    /// The JSON body.
    pub body: Option<Value>,
}

fn segment(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

fn get(path: String) -> Request {
    Request { method: Method::GET, path, body: None }
}

fn channel_path(team: &str, channel: &str) -> String {
    format!("/teams/{}/channels/{}", segment(team), segment(channel))
}

/// Who the token acts as; also tells whether it is good.
#[must_use]
pub fn me() -> Request {
    get("/me?$select=id,displayName,mail,userPrincipalName".to_owned())
}

/// The first page of the teams that the person is in.
#[must_use]
pub fn joined_teams() -> Request {
    get("/me/joinedTeams".to_owned())
}

/// The first page of a team's channels that the person sees.
#[must_use]
pub fn channels(team: &str) -> Request {
    get(format!("/teams/{}/channels?$select=id,displayName,description,membershipType,isArchived", segment(team)))
}

/// One channel. Whether it is archived is not told.
#[must_use]
pub fn channel(team: &str, id: &str) -> Request {
    get(channel_path(team, id))
}

/// The next page of a list.
#[must_use]
pub fn next_page(next: &NextPage) -> Request {
    get(next.0.clone())
}

/// A message in a channel. `message` is what [`super::card`] writes for a workflow. Graph knows no idempotency key:
/// whoever sends the same again posts it twice.
#[must_use]
pub fn post(team: &str, channel: &str, message: &Value) -> Request {
    Request { method: Method::POST, path: messages(team, channel), body: Some(body(message, None)) }
}

/// A channel whose people are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Called<'a> {
    /// Its id within its team.
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
}

/// The path of a channel's messages.
#[must_use]
pub fn messages(team: &str, channel: &str) -> String {
    format!("{}/messages", channel_path(team, channel))
}

/// The body of a message: what a workflow takes, as Graph takes it. There a card is a text, and has its place in the
/// body; before it stands who is called (`chatMessageMention`).
#[must_use]
pub fn body(message: &Value, called: Option<Called<'_>>) -> Value {
    let cards = message["attachments"].as_array().map(Vec::as_slice).unwrap_or_default();
    let named: Vec<(String, &Value)> = (1..).map(|count| format!("{count:032x}")).zip(cards).collect();
    let content: String = named.iter().map(|(id, _)| format!("<attachment id=\"{id}\"></attachment>")).collect();
    let attachment = |(id, card): &(String, &Value)| {
        let text = card["content"].to_string();
        json!({ "id": id, "contentType": CARD, "contentUrl": null, "content": text })
    };
    let mut body = json!({
        "body": { "contentType": "html", "content": content },
        "attachments": named.iter().map(attachment).collect::<Vec<_>>(),
    });
    if let Some(Called { id, name }) = called {
        body["body"]["content"] = format!("<at id=\"0\">{}</at>{content}", escape(name)).into();
        let conversation = json!({ "id": id, "displayName": name, "conversationIdentityType": "channel" });
        body["mentions"] = json!([{ "id": 0, "mentionText": name, "mentioned": { "conversation": conversation } }]);
    }
    body
}

/// A text as it stands in HTML.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Where a list goes on: a path of Graph's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextPage(String);

/// A page of a list. One may be empty and yet not the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it.
    pub entries: Vec<T>,
    /// Where the list goes on.
    pub next: Option<NextPage>,
}

/// A team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Team {
    /// Its id, a GUID.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A channel as Graph lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its id, which is good within its team: `19:…@thread.tacv2`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is about.
    pub description: String,
    /// Whether only some of the team see it; the person who connected does.
    pub private: bool,
    /// Whether it is archived, if Graph says so.
    pub archived: bool,
}

impl Listed {
    /// Whether messages can go there.
    #[must_use]
    pub const fn state(&self) -> ChannelState {
        // Graph lists a private channel only to its members.
        ChannelState::of_listing(self.archived, self.private, true)
    }
}

/// The teams of an answer.
#[must_use]
pub fn teams(urls: &Urls, answer: &Value) -> Page<Team> {
    page(urls, answer, |value| Some(Team { id: text(value, "id")?, name: text(value, "displayName")? }))
}

/// The channels of an answer.
#[must_use]
pub fn listed(urls: &Urls, answer: &Value) -> Page<Listed> {
    page(urls, answer, one)
}

/// One channel: of a list, or of [`channel`].
#[must_use]
pub fn one(value: &Value) -> Option<Listed> {
    Some(Listed {
        id: text(value, "id")?,
        name: text(value, "displayName")?,
        description: text(value, "description").unwrap_or_default(),
        private: value["membershipType"].as_str().is_some_and(|kind| kind != "standard"),
        archived: value["isArchived"].as_bool().unwrap_or(false),
    })
}

/// A list that claims to go on at another address than Graph's ends here.
fn page<T>(urls: &Urls, answer: &Value, read: impl Fn(&Value) -> Option<T>) -> Page<T> {
    let entries = answer["value"].as_array().into_iter().flatten().filter_map(read).collect();
    let next = answer["@odata.nextLink"].as_str().and_then(|url| urls.graph_path(url));
    Page { entries, next: next.map(|path| NextPage(path.to_owned())) }
}

fn text(value: &Value, name: &str) -> Option<String> {
    value[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::published;

    fn told() -> Value {
        json!({ "type": "message", "attachments": [{ "contentType": CARD, "contentUrl": null,
            "content": { "type": "AdaptiveCard", "version": "1.5",
                "body": [{ "type": "TextBlock", "text": "\"x\"" }] } }] })
    }

    fn all() -> Vec<(&'static str, Request)> {
        let channel_template = "/teams/{team-id}/channels/{channel-id}";
        vec![
            ("/me", me()),
            ("/me/joinedTeams", joined_teams()),
            ("/teams/{team-id}/channels", channels("a/b")),
            (channel_template, channel("t", "19:c@thread.tacv2")),
            ("/teams/{team-id}/channels/{channel-id}/messages", post("t", "c", &told())),
        ]
    }

    #[test]
    fn every_request_is_one_of_the_published_description() {
        let Some(api) = published("microsoft-graph/graph-teams.openapi.json") else { return };
        for (template, request) in all() {
            let method = request.method.as_str().to_lowercase();
            let operation = &api["paths"][template][&method];
            assert!(operation.is_object(), "{method} {template}");
            let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
            assert_eq!(path.split('/').count(), template.split('/').count(), "{path}");
            for pair in query.split('&').filter(|pair| !pair.is_empty()) {
                let name = pair.split('=').next().expect("a name");
                let mut known = operation["parameters"].as_array().expect("parameters").iter();
                assert!(known.any(|one| one["name"] == name && one["in"] == "query"), "{template}: {name}");
            }
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            assert_eq!(request.body.is_some(), !schema.is_null(), "{method} {template}");
            if let Some(body) = &request.body {
                let schema = json!({ "allOf": [schema], "components": api["components"] });
                let validator = jsonschema::validator_for(&schema).expect("published schemas are schemas");
                let wrong: Vec<String> = validator.iter_errors(body).map(|error| error.to_string()).collect();
                assert!(wrong.is_empty(), "{template}: {wrong:?}");
            }
        }
    }

    #[test]
    fn a_card_is_a_text_with_a_place_in_the_body() {
        let body = body(&told(), None);
        let attachment = &body["attachments"][0];
        let id = attachment["id"].as_str().expect("an id");
        assert_eq!(body["body"]["content"], format!("<attachment id=\"{id}\"></attachment>"));
        let card: Value = serde_json::from_str(attachment["content"].as_str().expect("a text")).expect("JSON");
        assert_eq!(card, told()["attachments"][0]["content"]);
    }

    #[test]
    fn what_others_wrote_cannot_leave_its_place() {
        assert_eq!(channel("a/../b", "c?d").path, "/teams/a%2F..%2Fb/channels/c%3Fd");
    }

    #[test]
    fn pages_are_read_and_lead_only_to_graph() {
        let urls = Urls::default();
        let answer = json!({ "@odata.nextLink": "https://graph.microsoft.com/v1.0/me/joinedTeams?$skiptoken=a%2Fb",
            "value": [{ "id": "1", "displayName": "Engineering" }, { "id": "", "displayName": "x" },
                { "id": "2" }, 7] });
        let page = teams(&urls, &answer);
        assert_eq!(page.entries, [Team { id: "1".to_owned(), name: "Engineering".to_owned() }]);
        assert_eq!(next_page(&page.next.expect("more")).path, "/me/joinedTeams?$skiptoken=a%2Fb");
        for elsewhere in ["https://evil.example/v1.0/me", "http://graph.microsoft.com/v1.0/me"] {
            assert_eq!(teams(&urls, &json!({ "@odata.nextLink": elsewhere, "value": [] })).next, None, "{elsewhere}");
        }
        let channels = listed(
            &urls,
            &json!({ "value": [
            { "id": "19:a", "displayName": "General", "membershipType": "standard", "description": null },
            { "id": "19:b", "displayName": "Board", "membershipType": "private" },
            { "id": "19:c", "displayName": "Old", "membershipType": "standard", "isArchived": true },
        ] }),
        );
        let states: Vec<_> = channels.entries.iter().map(|one| (one.private, one.state())).collect();
        let fine = ChannelState::Fine;
        assert_eq!(states, [(false, fine), (true, fine), (false, ChannelState::Archived)]);
        assert!(teams(&urls, &json!({ "error": {} })).entries.is_empty());
    }
}
