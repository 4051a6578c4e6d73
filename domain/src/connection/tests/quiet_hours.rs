//! Quiet hours: nothing is sent in them, however it comes to be due. The hub's clock begins at 14:02:11 UTC.

use super::*;
use crate::time::Timestamp;

/// 2026-11-22T15:00:00Z.
const END: Timestamp = Timestamp(1_795_359_600_000);

/// A rule that is quiet from 14:03 to 15:00, in a world where everything is known.
async fn quiet(world: &World) -> ConnectionId {
    let id = world.connect().await;
    world.look_after().await;
    let rule = world.rule(&world.channel(&id).await).await;
    let hours = serde_json::json!({"quiet_hours": {"from": "14:03", "to": "15:00"}});
    let change: RuleChange = serde_json::from_value(hours).expect("a change");
    rule::actions::update(&world.hub, &world.owner, &rule.id, change).await.expect("quiet hours");
    id
}

/// Lets the wait for what else is due pass, and everything go that may.
async fn send(world: &World) {
    drain(&world.hub).await.expect("drained");
    world.pass(2000);
    drain(&world.hub).await.expect("drained");
}

async fn due_at(world: &World) -> Option<Timestamp> {
    let query = LogQuery::default();
    let page = crate::delivery::actions::list(&world.hub, &world.owner, &query).await.expect("the log");
    page.data[0].next_attempt_at
}

both!(a_retry_that_falls_into_quiet_hours_waits_until_they_end, |base| {
    let base = base.with_org().await;
    let world = World::new(&base, false).await;
    quiet(&world).await;
    world.pass(45_000);
    world.slack.fail_next("chat.postMessage", Fault::Error("service_unavailable".into()));
    world.post().await;
    send(&world).await;
    assert_eq!((world.statuses().await, due_at(&world).await), (vec![DeliveryStatus::Retrying], Some(END)));
    world.pass(30 * 60_000);
    send(&world).await;
    assert_eq!(world.slack.messages().len(), 0);
    world.pass(END.since(world.hub.now()));
    send(&world).await;
    assert_eq!((world.slack.messages().len(), world.statuses().await), (1, vec![DeliveryStatus::Delivered]));
});

both!(what_is_resumed_in_quiet_hours_waits_until_they_end_but_a_test_does_not, |base| {
    let base = base.with_org().await;
    let world = World::new(&base, false).await;
    let id = quiet(&world).await;
    let pause = |paused| ConnectionChange { paused: Some(paused), ..ConnectionChange::default() };
    actions::update(&world.hub, &world.owner, &id, pause(true)).await.expect("paused");
    world.post().await;
    world.pass(10 * 60_000);
    actions::update(&world.hub, &world.owner, &id, pause(false)).await.expect("resumed");
    send(&world).await;
    assert_eq!(world.slack.messages().len(), 0);
    let rule = rule::actions::list(&world.hub, &world.owner, None).await.expect("rules").remove(0);
    rule::actions::test(&world.hub, &world.owner, &rule.id, None).await.expect("a test");
    send(&world).await;
    assert_eq!(world.slack.messages().len(), 1, "the test alone");
    world.pass(END.since(world.hub.now()));
    send(&world).await;
    assert_eq!((world.slack.messages().len(), world.statuses().await), (2, vec![DeliveryStatus::Delivered; 2]));
});

both!(what_is_kept_while_a_connection_is_paused_is_left_alone, |base| {
    let base = base.with_org().await;
    let world = World::new(&base, false).await;
    let id = world.connect().await;
    world.look_after().await;
    world.rule(&world.channel(&id).await).await;
    let pause = |paused| ConnectionChange { paused: Some(paused), ..ConnectionChange::default() };
    actions::update(&world.hub, &world.owner, &id, pause(true)).await.expect("paused");
    world.post().await;
    let row = async || {
        let log = crate::delivery::actions::list(&world.hub, &world.owner, &LogQuery::default()).await;
        log.expect("the log").data.remove(0)
    };
    let kept = row().await;
    assert_eq!(kept.status, DeliveryStatus::Paused);
    world.pass(60_000);
    crate::worker::sweeper::tick(&world.hub).await.expect("swept");
    assert_eq!(row().await, kept);
    actions::update(&world.hub, &world.owner, &id, pause(false)).await.expect("resumed");
    send(&world).await;
    assert_eq!((world.slack.messages().len(), row().await.status), (1, DeliveryStatus::Delivered));
});

/// A rule with these times, in a world where everything is known.
async fn timed(world: &World, times: serde_json::Value) -> rule::Rule {
    let id = world.connect().await;
    world.look_after().await;
    let rule = world.rule(&world.channel(&id).await).await;
    let change: RuleChange = serde_json::from_value(times).expect("a change");
    rule::actions::update(&world.hub, &world.owner, &rule.id, change).await.expect("changed")
}

/// A rule that tells at the full hour.
async fn hourly(world: &World) -> rule::Rule {
    timed(world, serde_json::json!({ "batching": { "mode": "hour" } })).await
}

/// A rule that tells at once but is quiet at night.
async fn quiet_at_night(world: &World) -> rule::Rule {
    timed(world, serde_json::json!({ "quiet_hours": { "from": "22:00", "to": "07:00" } })).await
}

both!(a_rule_with_quiet_hours_tells_each_event_at_once_outside_of_them, |base| {
    let base = base.with_org().await;
    let world = World::new(&base, false).await;
    quiet_at_night(&world).await;
    world.post().await;
    world.post().await;
    assert_eq!((world.slack.messages().len(), world.statuses().await), (2, vec![DeliveryStatus::Delivered; 2]));
});

both!(a_test_is_never_part_of_a_digest, |base| {
    let base = base.with_org().await;
    let world = World::new(&base, false).await;
    let rule = hourly(&world).await;
    world.post().await;
    world.pass(END.since(world.hub.now()));
    drain(&world.hub).await.expect("drained");
    rule::actions::test(&world.hub, &world.owner, &rule.id, Some("invoice.paid")).await.expect("a test");
    drain(&world.hub).await.expect("drained");
    let texts = |world: &World| -> Vec<bool> {
        world.slack.messages().iter().map(|message| message.text.starts_with("Test: ")).collect()
    };
    assert_eq!(texts(&world), [true], "it does not wait for the digest either");
    send(&world).await;
    assert_eq!((texts(&world), world.statuses().await), (vec![true, false], vec![DeliveryStatus::Delivered; 2]));
});

both!(a_digest_is_one_message_however_many_are_claimed_at_a_time, |base| {
    let base = base.with_org().await;
    let world = World::new(&base, false).await;
    hourly(&world).await;
    let body = br#"{"event_type":"invoice.paid","data":{"id":"inv_8812"}}"#;
    let posts = (0..300).map(|_| events::ingest(&world.hub, &world.owner, body, None));
    for accepted in futures::future::join_all(posts).await {
        accepted.expect("accepted");
    }
    world.pass(END.since(world.hub.now()));
    send(&world).await;
    assert_eq!(world.slack.messages().len(), 1);
    let open = LogQuery { status: Some("pending".to_owned()), ..LogQuery::default() };
    let open = crate::delivery::actions::list(&world.hub, &world.owner, &open).await.expect("the log");
    assert!(open.data.is_empty());
});

both!(what_a_source_brings_waits_for_the_hour_too, |base| {
    let base = base.with_org().await;
    let world = World::new(&base, false).await;
    hourly(&world).await;
    let desk = crate::source::tests::Desk::open(&world.hub, "stripe", Some("whsec_EXAMPLEnotARealSecret0000")).await;
    for event in ["evt_1", "evt_2"] {
        desk.take(&desk.stripe(&crate::source::tests::invoice(event))).await;
        send(&world).await;
    }
    assert_eq!((world.slack.messages().len(), due_at(&world).await), (0, Some(END)));
    world.pass(END.since(world.hub.now()));
    send(&world).await;
    assert_eq!((world.slack.messages().len(), world.statuses().await), (1, vec![DeliveryStatus::Delivered; 2]));
});

both!(events_of_one_key_are_told_together, |base| {
    let base = base.with_org().await;
    let world = World::new(&base, false).await;
    hourly(&world).await;
    for number in 1..=3 {
        let body =
            serde_json::json!({ "event_type": "invoice.paid", "ordering_key": "cus_1", "data": { "id": number } });
        events::ingest(&world.hub, &world.owner, body.to_string().as_bytes(), None).await.expect("accepted");
    }
    world.pass(END.since(world.hub.now()));
    send(&world).await;
    assert_eq!((world.slack.messages().len(), world.statuses().await), (1, vec![DeliveryStatus::Delivered; 3]));
});
