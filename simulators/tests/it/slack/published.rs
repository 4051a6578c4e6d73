//! The simulator itself is held to Slack's published schemas: its answers, its events, its forms.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use simulators::Specs;
use simulators::slack::{First, NewChannel, Press, SlashCommand};

use crate::support::{REDIRECT, SCOPES, TestApp, specs};

fn holds(specs: &Specs, schema: &str, value: &Value) {
    let schema = format!("slack/schemas/{schema}.json");
    let complaints = specs.schema(&schema).unwrap().unwrap().complaints(value);
    assert_eq!(complaints, [""; 0], "{schema}: {value}");
}

#[tokio::test]
async fn answers_are_what_the_published_schemas_say() {
    let Some(specs) = specs() else { return };
    let app = TestApp::with(|options| options.app.token_rotation = true).await;
    let answer = app.connect(&app.team, SCOPES).await;
    holds(&specs, "res_oauth_v2_access", &answer);
    let refresh = answer["refresh_token"].as_str().unwrap();
    let refreshed = app.access(&[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await;
    holds(&specs, "res_oauth_v2_access", &refreshed);
    let bot = app.client.with_token(refreshed["access_token"].as_str().unwrap());
    holds(&specs, "res_auth_test", &bot.call("auth.test", &[]).await);
    let listed = bot.call("conversations.list", &[("types", "public_channel,private_channel")]).await;
    holds(&specs, "res_conversations_list", &listed);
    let alerts = app.channel("alerts");
    let channel = [("channel", alerts.as_str())];
    holds(&specs, "res_conversations_join", &bot.call("conversations.join", &channel).await);
    holds(&specs, "res_conversations_join", &bot.call("conversations.join", &channel).await);
    holds(&specs, "res_conversations_info", &bot.call("conversations.info", &channel).await);
    let body = json!({ "channel": alerts, "text": "x", "blocks": [{ "type": "divider" }],
        "metadata": { "event_type": "a", "event_payload": { "b": "c" } } });
    let posted = bot.call_json("chat.postMessage", &body).await;
    holds(&specs, "res_chat_postMessage", &posted);
    let change = json!({ "channel": alerts, "ts": posted["ts"], "text": "y" });
    holds(&specs, "res_chat_update", &bot.call_json("chat.update", &change).await);
    holds(&specs, "res_team_info", &bot.call("team.info", &[]).await);
    let person = app.slack.teams()[0].users[0].id.clone();
    holds(&specs, "res_users_info", &bot.call("users.info", &[("user", &person)]).await);
    let refused = bot.call("users.info", &[("user", "U0NOBODY")]).await;
    holds(&specs, "res_users_info", &refused);
    holds(&specs, "res_auth_revoke", &bot.call("auth.revoke", &[]).await);
    app.slack.assert_understood();
}

#[tokio::test]
async fn events_are_what_the_published_schemas_say() {
    let Some(specs) = specs() else { return };
    let app = TestApp::with(|options| {
        options.app.events.extend(["message.channels".to_owned(), "member_joined_channel".to_owned()]);
    })
    .await;
    app.connect(&app.team, SCOPES).await;
    let id = app.slack.add_channel(&app.team, NewChannel { name: "one".to_owned(), ..NewChannel::default() });
    app.slack.invite_bot(&id);
    app.slack.say(&id, &app.slack.teams()[0].users[1].id, "hello");
    app.slack.rename_channel(&id, "two");
    app.slack.archive_channel(&id);
    app.slack.delete_channel(&id);
    app.slack.uninstall(&app.team, First::TokensRevoked);
    app.slack.settled().await;
    let told: Vec<Value> = app.receiver.arrivals().iter().map(crate::support::Arrival::json).collect();
    let kinds: Vec<&str> = told.iter().map(|event| event["event"]["type"].as_str().unwrap()).collect();
    let expected = ["member_joined_channel", "message", "channel_rename", "channel_archive", "channel_deleted"];
    assert_eq!(kinds, expected.into_iter().chain(["tokens_revoked", "app_uninstalled"]).collect::<Vec<_>>());
    for (kind, event) in kinds.iter().zip(&told) {
        holds(&specs, &format!("ev_{kind}"), event);
    }
    let ids: BTreeSet<&str> = told.iter().map(|event| event["event_id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), told.len(), "every event has an id of its own");
}

#[tokio::test]
async fn commands_and_buttons_are_what_the_published_schemas_say() {
    let Some(specs) = specs() else { return };
    let app = TestApp::start().await;
    let bot = app.bot(SCOPES).await;
    let user = app.slack.teams()[0].users[1].id.clone();
    let channel = app.channel("alerts");
    let text = String::new();
    let typed = SlashCommand { channel: channel.clone(), user: user.clone(), command: "/patchbay".to_owned(), text };
    app.slack.slash_command(&typed).send().await.unwrap();
    let form = app.receiver.arrivals().remove(0).body;
    let fields: serde_json::Map<String, Value> =
        form_urlencoded::parse(form.as_bytes()).map(|(name, value)| (name.into_owned(), json!(value))).collect();
    holds(&specs, "slash_command", &fields.into());

    let blocks = json!([{ "type": "actions", "elements": [{ "type": "button", "action_id": "replay", "value": "dlv_1",
        "text": { "type": "plain_text", "text": "Replay" } }] }]);
    let posted = bot.call_json("chat.postMessage", &json!({ "channel": channel, "text": "x", "blocks": blocks })).await;
    let ts = posted["ts"].as_str().unwrap().to_owned();
    app.slack.press(&Press { channel, ts, action_id: "replay".to_owned(), user }).send().await.unwrap();
    let payload: Value = serde_json::from_str(&app.receiver.arrivals()[1].field("payload")).unwrap();
    holds(&specs, "block_actions", &payload);
    assert_eq!((&payload["actions"][0]["value"], &payload["message"]["ts"]), (&json!("dlv_1"), &posted["ts"]));
    app.slack.assert_understood();
}

/// The examples beside the schemas are what other parts of the project are tested with: same fields, same places.
#[tokio::test]
async fn events_have_the_fields_of_the_example_payloads() {
    let Some(specs) = specs() else { return };
    let app = TestApp::start().await;
    app.connect(&app.team, SCOPES).await;
    for name in ["app_uninstalled", "tokens_revoked", "channel_archive", "message", "url_verification"] {
        let example = specs.read(&format!("../examples/slack/{name}.json")).unwrap().unwrap();
        let sent: Value = match name {
            "url_verification" => serde_json::from_str(&app.slack.url_verification().body()).unwrap(),
            _ => serde_json::from_str(&app.slack.event(&app.team, &example["body"]["event"]).body()).unwrap(),
        };
        let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(names(&sent), names(&example["body"]), "{name}");
    }
}

/// The methods' parameters are written by hand; Slack's own lists have them too.
#[tokio::test]
async fn parameters_are_those_of_the_published_lists() {
    let Some(specs) = specs() else { return };
    let app = TestApp::start().await;
    let bot = app.bot(SCOPES).await;
    let api = specs.read("slack/slack_web_openapi_v2.trimmed.json").unwrap().unwrap();
    for method in
        ["users.info", "users.lookupByEmail", "team.info", "conversations.members", "chat.delete", "auth.test"]
    {
        let path = &api["paths"][format!("/{method}")];
        let operation = path.get("get").or(path.get("post")).unwrap();
        for parameter in operation["parameters"].as_array().unwrap() {
            let name = parameter["name"].as_str().unwrap();
            if name != "token" {
                bot.call(method, &[(name, "1")]).await;
            }
        }
    }
    let unknown: Vec<_> =
        app.slack.violations().into_iter().filter(|one| one.what.contains("is no parameter")).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    let fields = [("grant_type", "authorization_code"), ("code", "x"), ("redirect_uri", REDIRECT)];
    app.access(&fields).await;
}
