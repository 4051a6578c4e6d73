//! The published examples, where they are; and that nothing falls over whatever comes.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::id::DeliveryId;
use crate::provider::slack::action::Action;
use crate::testing::{any_json, published};
use crate::time::Timestamp;

fn tenant(enterprise: Option<&str>, team: Option<&str>, org_wide: bool) -> Tenant {
    Tenant { enterprise_id: enterprise.map(str::to_owned), team_id: team.map(str::to_owned), org_wide }
}

/// An example's body as the bytes of a request.
fn example(name: &str) -> Option<Vec<u8>> {
    let file = published(&format!("../examples/slack/{name}.json"))?;
    Some(match &file["body"] {
        Value::String(raw) => raw.clone().into_bytes(),
        body => body.to_string().into_bytes(),
    })
}

fn envelope_of(body: &[u8]) -> Envelope {
    match events(body) {
        Ok(Inbound::Event(envelope)) => envelope,
        other => panic!("{other:?}"),
    }
}

fn happened(event: Value) -> Result<Inbound, Unreadable> {
    let body = json!({
        "type": "event_callback", "event_id": "Ev1", "api_app_id": "A1", "team_id": "T1", "event_time": 1_760_000_000, "event": event,
    });
    events(body.to_string().as_bytes())
}

#[test]
fn the_examples_of_events_are_read() {
    let Some(uninstalled) = example("app_uninstalled") else { return };
    let envelope = envelope_of(&uninstalled);
    assert_eq!((envelope.id.as_str(), envelope.app_id.as_str()), ("Ev0EXAMPLE06", "A0EXAMPLE01"));
    assert_eq!((envelope.at, envelope.happening), (Timestamp(1_760_000_000_000), Happening::AppUninstalled));
    assert_eq!(envelope.tenant, tenant(None, Some("T061EG9R6"), false));
    let body = |name: &str| example(name).expect("beside the others");
    let revoked = Happening::TokensRevoked { people: vec!["U2147483697".into()], bots: vec!["U0BOTEXMPL".into()] };
    assert_eq!(envelope_of(&body("tokens_revoked")).happening, revoked);
    let archived = Happening::ChannelArchived { channel: "C2147483705".into() };
    assert_eq!(envelope_of(&body("channel_archive")).happening, archived);
    let grid = envelope_of(&body("message_enterprise_grid"));
    assert_eq!(grid.tenant, tenant(Some("E0EXAMPLE1"), Some("T061EG9R6"), true));
    for name in
        ["message", "message_changed", "message_thread_reply", "bot_message_modern", "bot_message_legacy_subtype"]
    {
        assert_eq!(envelope_of(&body(name)).happening, Happening::Other("message".into()), "{name}");
    }
    let challenge = "3eZbrw1aBm2rZgRNFdxV2595E9CYEXAMPLE".to_owned();
    assert_eq!(events(&body("url_verification")), Ok(Inbound::UrlVerification { challenge }));
    assert_eq!(events(&body("app_rate_limited")), Ok(Inbound::RateLimited(tenant(None, Some("T061EG9R6"), false))));
}

#[test]
fn the_examples_of_forms_are_read() {
    let Some(body) = example("slash_command") else { return };
    let given = command(&body).expect("a command");
    assert_eq!(given.tenant, tenant(Some("E0EXAMPLE1"), Some("T061EG9R6"), false));
    assert_eq!((given.channel_id.as_str(), given.channel_name.as_str()), ("C2147483705", "test"));
    assert_eq!((given.user_id.as_str(), given.order), ("U2147483697", Order::Status));
    assert_eq!(given.response_url, "https://hooks.slack.com/commands/T061EG9R6/1234/5678");
    let body = example("block_actions").expect("beside the other");
    let Ok(Interaction::Pressed(pressed)) = interaction(&body) else { panic!("a press of a button") };
    assert_eq!(pressed.tenant, tenant(None, Some("T061EG9R6"), false));
    assert_eq!((pressed.user_id.as_str(), pressed.channel_id.as_deref()), ("U2147483697", Some("C2147483705")));
    assert_eq!((pressed.message_ts.as_deref(), pressed.actions), (Some("1548261231.000200"), vec![]));
}

#[test]
fn channels_come_and_go_under_several_names() {
    let channel = || "C1".to_owned();
    let renamed = json!({"type": "channel_rename", "channel": {"id": "C1", "name": "Ops", "name_normalized": "ops"}});
    for (event, happening) in [
        (renamed, Happening::ChannelRenamed { channel: channel(), name: "ops".into() }),
        (
            json!({"type": "group_rename", "channel": {"id": "C1", "name": "ops"}}),
            Happening::ChannelRenamed { channel: channel(), name: "ops".into() },
        ),
        (
            json!({"type": "channel_created", "channel": {"id": "C1", "name": "ops"}}),
            Happening::ChannelCreated { channel: channel(), name: "ops".into() },
        ),
        (json!({"type": "group_archive", "channel": "C1"}), Happening::ChannelArchived { channel: channel() }),
        (json!({"type": "channel_unarchive", "channel": "C1"}), Happening::ChannelUnarchived { channel: channel() }),
        (json!({"type": "channel_deleted", "channel": "C1"}), Happening::ChannelDeleted { channel: channel() }),
        (
            json!({"type": "member_joined_channel", "channel": "C1", "user": "U1"}),
            Happening::Joined { channel: channel(), user: "U1".into() },
        ),
        (
            json!({"type": "member_left_channel", "channel": "C1", "user": "U1"}),
            Happening::Left { channel: channel(), user: "U1".into() },
        ),
        (json!({"type": "team_join"}), Happening::Other("team_join".into())),
    ] {
        let Ok(Inbound::Event(envelope)) = happened(event.clone()) else { panic!("{event}") };
        assert_eq!(envelope.happening, happening);
    }
    for wrong in
        [json!({}), json!({"type": "channel_rename", "channel": "C1"}), json!({"type": "channel_archive"}), json!(7)]
    {
        assert!(happened(wrong.clone()).is_err(), "{wrong}");
    }
}

#[test]
fn an_event_of_a_shared_channel_belongs_to_the_install_that_is_authorized() {
    let body = json!({
        "type": "event_callback", "event_id": "Ev1", "api_app_id": "A1", "team_id": "TTHEIRS", "context_team_id": "TOURS",
        "event": {"type": "app_uninstalled"}, "authorizations": [{"team_id": "TOURS", "enterprise_id": null}],
    });
    assert_eq!(envelope_of(body.to_string().as_bytes()).tenant, tenant(None, Some("TOURS"), false));
}

#[test]
fn orders_are_words_with_patterns() {
    let list = |patterns: &[&str]| patterns.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    for (text, order) in [
        ("", Order::Help),
        ("  help me", Order::Help),
        ("STATUS", Order::Status),
        ("subscribe invoice.*, User.Joined\tx.y", Order::Subscribe(list(&["invoice.*", "user.joined", "x.y"]))),
        ("subscribe", Order::Help),
        ("subscribe ,", Order::Help),
        ("unsubscribe", Order::Unsubscribe(vec![])),
        ("unsubscribe invoice.paid", Order::Unsubscribe(list(&["invoice.paid"]))),
        ("explode now", Order::Unknown("explode".into())),
    ] {
        assert_eq!(Order::read(text), order, "{text:?}");
    }
}

#[test]
fn a_press_of_our_button_comes_with_its_delivery() {
    let id = DeliveryId::new(1, [3; 10]);
    let payload = json!({
        "type": "block_actions", "api_app_id": "A1", "user": {"id": "W1", "team_id": "T1"}, "team": null,
        "enterprise": {"id": "E1", "name": "Org"}, "is_enterprise_install": "true",
        "container": {"type": "message", "message_ts": "1.2", "channel_id": "C1"},
        "actions": [
            {"action_id": "patchbay_replay", "value": id}, {"action_id": "patchbay_open"}, {"action_id": "task_done", "value": "x"}, 7,
        ],
    });
    let body: String =
        form_urlencoded::Serializer::new(String::new()).append_pair("payload", &payload.to_string()).finish();
    let Ok(Interaction::Pressed(pressed)) = interaction(body.as_bytes()) else { panic!("a press of a button") };
    assert_eq!(pressed.actions, [Action::Replay(id), Action::Open]);
    assert_eq!(pressed.tenant, tenant(Some("E1"), Some("T1"), true));
    assert_eq!((pressed.channel_id.as_deref(), pressed.message_ts.as_deref()), (Some("C1"), Some("1.2")));
    let view = form_urlencoded::Serializer::new(String::new())
        .append_pair("payload", r#"{"type":"view_submission"}"#)
        .finish();
    assert_eq!(interaction(view.as_bytes()), Ok(Interaction::Other("view_submission".into())));
}

#[test]
fn what_lacks_its_parts_is_said_to() {
    assert_eq!(events(b"{").map_err(|e| e.to_string()), Err("not a request of Slack: the body is no JSON".into()));
    assert!(events(b"{}").is_err() && events(br#"{"type":"url_verification"}"#).is_err());
    assert!(events(br#"{"type":"event_callback","event":{"type":"message"}}"#).is_err());
    assert!(command(b"").is_err() && command(b"user_id=U1&channel_id=C1&api_app_id=A1").is_err());
    assert!(interaction(b"payload=%7B").is_err() && interaction(b"").is_err());
}

proptest! {
    #[test]
    fn no_bytes_make_it_fall(bytes in proptest::collection::vec(any::<u8>(), 0..300), text in ".{0,100}") {
        let _ = (events(&bytes), command(&bytes), interaction(&bytes));
        let _ = Order::read(&text);
    }

    #[test]
    fn no_json_makes_it_fall(value in any_json(), kind in prop_oneof![Just("event_callback"), Just("block_actions"), Just("channel_rename")]) {
        let mut body = json!({"type": kind, "event_id": "Ev1", "api_app_id": "A1", "event": {"type": kind, "channel": value}, "user": value, "actions": [value], "team": value});
        let _ = events(body.to_string().as_bytes());
        body["event"] = value;
        let _ = events(body.to_string().as_bytes());
        let form = form_urlencoded::Serializer::new(String::new()).append_pair("payload", &body.to_string()).append_pair("text", &body.to_string()).finish();
        let _ = (interaction(form.as_bytes()), command(form.as_bytes()));
    }
}
