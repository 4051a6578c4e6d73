//! Messages of Slack as signals: who said what, in which thread, once.

use inbound::{HubEvent, Outcome, Provider, read};
use serde_json::{Value, json};

use crate::examples::event;
use crate::signing::Sent;

fn outcome(event_id: &str, event: Value) -> Outcome {
    let body = json!({ "type": "event_callback", "team_id": "T1", "api_app_id": "A1", "event_id": event_id,
        "event_time": 1_760_000_000, "event": event,
        "authorizations": [{ "team_id": "T1", "user_id": "UBOT", "is_bot": true }, { "user_id": "UMIA", "is_bot": false }] });
    let sent = Sent::json(Provider::Slack, &body);
    read(Provider::Slack, &sent.request()).expect("an event").remove(0).outcome
}

fn signal(event_id: &str, event: Value) -> HubEvent {
    match outcome(event_id, event) {
        Outcome::Mapped(event) => event,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_message_is_one_by_workspace_channel_and_time() {
    let message =
        json!({ "type": "message", "channel": "C1", "user": "UMIA", "text": "hi", "ts": "1355517523.000005" });
    let (one, again) = (signal("Ev1", message.clone()), signal("Ev2", message));
    assert_eq!(one.idempotency_key.as_deref(), Some("slack:T1:C1:1355517523.000005"));
    assert_eq!(one.idempotency_key, again.idempotency_key);
    assert_eq!(one.occurred_at_ms, Some(1_355_517_523_000));
    assert_eq!((&one.data["text"], &one.data["user_id"]), (&json!("hi"), &json!("UMIA")));
    assert_eq!((&one.data["thread_ts"], &one.data["team_id"]), (&json!("1355517523.000005"), &json!("T1")));
}

#[test]
fn a_reply_keeps_its_thread() {
    let Some(reply) = event(Provider::Slack, "slack/message_thread_reply") else { return };
    assert_eq!(reply.data["thread_ts"], "1355517523.000005");
    assert_eq!(reply.data["ts"], "1355517600.000007");
    assert_eq!(reply.data["parent_user_id"], "U061F7AUR");
}

#[test]
fn bots_our_own_messages_and_notices_are_passed_over_with_a_reason() {
    let message = |more: Value| {
        let mut event = json!({ "type": "message", "channel": "C1", "user": "UMIA", "text": "hi", "ts": "1.000005" });
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        match outcome("Ev1", event) {
            Outcome::Passed { code, .. } => code,
            Outcome::Mapped(_) => "mapped".to_owned(),
            other => panic!("{other:?}"),
        }
    };
    for (more, code) in [
        (json!({}), "mapped"),
        (json!({ "user": "UBOT" }), "own_message"),
        (json!({ "app_id": "A1", "bot_id": "B1" }), "own_message"),
        (json!({ "app_id": "A2", "bot_id": "B2" }), "bot_message"),
        (json!({ "subtype": "bot_message" }), "bot_message"),
        (json!({ "subtype": "channel_join" }), "message_subtype"),
        (json!({ "subtype": "message_deleted" }), "message_subtype"),
    ] {
        assert_eq!(message(more.clone()), code, "{more}");
    }
}
