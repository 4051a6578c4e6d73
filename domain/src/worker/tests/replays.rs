//! Replays of many deliveries: the plan, the pieces, the rate, the end, and the settings of then.

use serde_json::json;

use super::offers::break_org;
use super::support::{PAID, Receiver, endpoint, endpoint_with, header, log, post};
use crate::caller::Role;
use crate::db::testing::both;
use crate::delivery::{DeliveryStatus, Trigger, actions as deliveries};
use crate::endpoint::{EndpointChange, Retry, actions as endpoints};
use crate::event::actions as events;
use crate::hub::testing::TestHub;
use crate::replay::{NewReplay, Reason, ReplayState, Settings, actions as replays};
use crate::worker::{drain, replayer};

fn new(fields: serde_json::Value) -> NewReplay {
    serde_json::from_value(fields).expect("a replay")
}

#[test]
fn a_filter_that_the_log_does_not_have_is_refused() {
    let read = |query: serde_json::Value| serde_json::from_value::<NewReplay>(json!({ "query": query }));
    let wrong = read(json!({ "status": "failed", "type": "invoice.paid" })).expect_err("no such filter").to_string();
    assert!(wrong.starts_with("unknown field `type`; there are: q, limit, cursor, status, event_type"), "{wrong}");
    assert!(read(json!({ "status": 5 })).expect_err("no text").to_string().contains("`status`"));
    assert!(read(json!({ "limit": "ten" })).is_err());
    let all = json!({ "q": "late", "limit": 5, "cursor": null, "endpoint_id": "ep_1", "event_type": "invoice.*" });
    let query = read(all).expect("known filters").query;
    assert_eq!((query.endpoint_id.as_deref(), query.event_type.as_deref()), (Some("ep_1"), Some("invoice.*")));
}

async fn fail(hub: &TestHub, count: usize) {
    for _ in 0..count {
        post(hub, PAID).await.expect("accepted");
        drain(hub).await.expect("drained");
    }
}

both!(a_plan_counts_what_would_be_sent_and_why_the_rest_would_not, |hub| {
    let hub = hub.with_org().await;
    let (bad, good) = (Receiver::answering(&["400 Bad"]).await, Receiver::answering(&["200 OK"]).await);
    let gone = endpoint(&hub, &bad.url, Retry::Own(vec![])).await;
    fail(&hub, 1).await;
    let owner = hub.caller(Role::Owner);
    endpoints::delete(&hub, &owner, &gone.endpoint.id).await.expect("deleted");
    endpoint(&hub, &bad.url, Retry::Own(vec![])).await;
    endpoint(&hub, &good.url, Retry::Own(vec![])).await;
    endpoint(&hub, &bad.url, Retry::Own(vec![600])).await;
    fail(&hub, 2).await;
    hub.clock.advance_ms(1);
    let plan = replays::plan(&hub, &owner, &new(json!({ "rate_per_minute": 1 }))).await.expect("a plan");
    assert_eq!((plan.matching, plan.expected, plan.duration_s), (7, 2, Some(120)));
    let mut excluded: Vec<(Reason, i64)> = plan.excluded.iter().map(|e| (e.reason, e.count)).collect();
    excluded.sort();
    assert_eq!(excluded, [(Reason::NotFinished, 2), (Reason::Delivered, 2), (Reason::EndpointDeleted, 1)]);
    let first = log(&hub)
        .await
        .into_iter()
        .rev()
        .find(|row| row.status == DeliveryStatus::Failed && row.endpoint_id != gone.endpoint.id);
    assert_eq!((plan.first.len(), plan.first.first()), (2, first.as_ref().map(|row| &row.id)));
    assert!(replays::plan(&hub, &owner, &new(json!({ "rate_per_minute": 0 }))).await.is_err());
    assert!(replays::plan(&hub, &hub.caller(Role::Member), &new(json!({}))).await.is_err());
});

both!(what_a_replay_of_a_past_hour_sent_in_vain_is_sent_by_the_same_replay_again, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["400 Bad", "400 Bad", "200 OK"]).await;
    endpoint(&hub, &receiver.url, Retry::Own(vec![])).await;
    fail(&hub, 1).await;
    hub.clock.advance_ms(60_000);
    let owner = hub.caller(Role::Owner);
    let hour = new(json!({ "query": { "status": "failed", "until": hub.now() } }));
    for expected in [1, 1, 0] {
        hub.clock.advance_ms(60_000);
        assert_eq!(replays::plan(&hub, &owner, &hour).await.expect("a plan").expected, expected);
        if expected > 0 {
            replays::create(&hub, &owner, &hour).await.expect("begun");
            drain(&hub).await.expect("drained");
            drain(&hub).await.expect("drained");
        }
    }
    assert_eq!(receiver.seen().len(), 3);
});

both!(a_plan_names_the_first_that_are_sent_however_many_arrived_before_them, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    endpoint(&hub, &receiver.url, Retry::Own(vec![])).await;
    for _ in 0..201 {
        post(&hub, PAID).await.expect("accepted");
    }
    drain(&hub).await.expect("drained");
    let bad = Receiver::answering(&["400 Bad"]).await;
    let failing = endpoint(&hub, &bad.url, Retry::Own(vec![])).await.endpoint.id;
    fail(&hub, 1).await;
    hub.clock.advance_ms(1);
    let owner = hub.caller(Role::Owner);
    let plan = replays::plan(&hub, &owner, &new(json!({}))).await.expect("a plan");
    assert_eq!((plan.matching, plan.expected, plan.first.len()), (203, 1, 1));
    let first = crate::delivery::actions::get(&hub, &owner, &plan.first[0]).await.expect("the first");
    assert_eq!(first.delivery.endpoint_id, failing);
    let delivered = new(json!({ "query": { "status": "delivered" } }));
    assert_eq!(replays::plan(&hub, &owner, &delivered).await.expect("a plan").first, []);
});

both!(a_replay_sends_each_once_however_often_the_program_starts_anew, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["400 Bad", "400 Bad", "400 Bad", "200 OK"]).await;
    endpoint(&hub, &receiver.url, Retry::Own(vec![])).await;
    fail(&hub, 3).await;
    hub.clock.advance_ms(1);
    let owner = hub.caller(Role::Owner);
    let replay = replays::create(&hub, &owner, &new(json!({ "query": { "status": "failed" } }))).await.expect("begun");
    let after = hub.restarted();
    drain(&after).await.expect("drained");
    drain(&after).await.expect("drained");
    let done = replays::get(&after, &owner, &replay.id).await.expect("the replay");
    assert_eq!((done.state, done.made, done.excluded), (ReplayState::Finished, 3, 0));
    assert_eq!(receiver.seen().len(), 6);
    let again = replays::create(&after, &owner, &new(json!({ "query": { "status": "failed" } }))).await;
    assert_eq!(again.expect_err("nothing").problem().code, "nothing_to_replay");
    let all = json!({ "query": { "status": "failed" }, "skip_delivered": false });
    assert_eq!(replays::plan(&after, &owner, &new(all)).await.expect("a plan").expected, 3);
});

both!(what_earlier_replays_sent_in_vain_is_sent_once_more_and_not_once_for_each, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["400 Bad", "400 Bad", "200 OK"]).await;
    endpoint(&hub, &receiver.url, Retry::Own(vec![])).await;
    fail(&hub, 1).await;
    let owner = hub.caller(Role::Owner);
    let failed = new(json!({ "query": { "status": "failed" } }));
    hub.clock.advance_ms(1);
    replays::create(&hub, &owner, &failed).await.expect("begun");
    drain(&hub).await.expect("drained");
    hub.clock.advance_ms(1);
    let plan = replays::plan(&hub, &owner, &failed).await.expect("a plan");
    let excluded: Vec<(Reason, i64)> = plan.excluded.iter().map(|e| (e.reason, e.count)).collect();
    assert_eq!((plan.matching, plan.expected, excluded), (2, 1, vec![(Reason::Replayed, 1)]));
    assert_eq!(plan.first.first(), Some(&log(&hub).await[0].id), "the newest");
    replays::create(&hub, &owner, &failed).await.expect("begun");
    drain(&hub).await.expect("drained");
    assert_eq!(receiver.seen().len(), 3);
    hub.clock.advance_ms(1);
    let again = replays::create(&hub, &owner, &failed).await;
    assert_eq!(again.expect_err("it arrived").problem().code, "nothing_to_replay");
});

both!(what_has_no_payload_any_more_is_not_sent_again, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["400 Bad"]).await;
    endpoint(&hub, &receiver.url, Retry::Own(vec![])).await;
    fail(&hub, 2).await;
    let owner = hub.caller(Role::Owner);
    let (erased, kept) = (log(&hub).await.remove(0), log(&hub).await.remove(1));
    crate::retention::erase_event(&hub, &owner, &erased.event_id).await.expect("erased");
    hub.clock.advance_ms(1);
    for skip in [true, false] {
        let plan = replays::plan(&hub, &owner, &new(json!({ "skip_delivered": skip }))).await.expect("a plan");
        let excluded: Vec<(Reason, i64)> = plan.excluded.iter().map(|e| (e.reason, e.count)).collect();
        assert_eq!((plan.expected, plan.first), (1, vec![kept.id.clone()]));
        assert_eq!(excluded, [(Reason::PayloadErased, 1)]);
    }
    assert_eq!(deliveries::replay_failed(&hub, &owner, None).await.expect("replayed"), 1);
    drain(&hub).await.expect("drained");
    hub.clock.advance_ms(1);
    let last = replays::create(&hub, &owner, &new(json!({}))).await.expect("begun");
    drain(&hub).await.expect("drained");
    let done = replays::get(&hub, &owner, &last.id).await.expect("the replay");
    assert_eq!((done.made, done.excluded, receiver.seen().len()), (1, 2, 4));
});

both!(a_replay_keeps_its_rate_and_can_be_paused_and_cancelled, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["400 Bad", "400 Bad", "400 Bad", "400 Bad", "200 OK"]).await;
    endpoint(&hub, &receiver.url, Retry::Own(vec![])).await;
    fail(&hub, 4).await;
    hub.clock.advance_ms(1);
    let owner = hub.caller(Role::Owner);
    let slow = json!({ "query": { "status": "failed" }, "rate_per_minute": 60 });
    let replay = replays::create(&hub, &owner, &new(slow)).await.expect("begun");
    let made = async || replays::get(&hub, &owner, &replay.id).await.expect("the replay").made;
    assert_eq!(replayer::tick(&hub).await.expect("a piece"), 1);
    assert_eq!((replayer::tick(&hub).await.expect("nothing yet"), made().await), (0, 1));
    hub.clock.advance_ms(1000);
    replayer::tick(&hub).await.expect("a piece");
    replays::set_state(&hub, &owner, &replay.id, ReplayState::Paused).await.expect("paused");
    hub.clock.advance_ms(60_000);
    replayer::tick(&hub).await.expect("nothing");
    assert_eq!(made().await, 2, "nothing is made while it is paused");
    replays::set_state(&hub, &owner, &replay.id, ReplayState::Running).await.expect("goes on");
    replayer::tick(&hub).await.expect("a piece");
    replays::set_state(&hub, &owner, &replay.id, ReplayState::Cancelled).await.expect("cancelled");
    hub.clock.advance_ms(60_000);
    drain(&hub).await.expect("drained");
    assert_eq!(made().await, 3);
    let refused = replays::set_state(&hub, &owner, &replay.id, ReplayState::Running).await;
    assert_eq!(refused.expect_err("it has ended").problem().code, "replay_state");
    assert!(replays::get(&hub, &hub.stranger().await, &replay.id).await.is_err());
});

both!(a_replay_is_as_fast_as_was_asked_though_it_is_looked_at_once_a_second, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    endpoint(&hub, &receiver.url, Retry::Own(vec![])).await;
    for _ in 0..20 {
        post(&hub, PAID).await.expect("accepted");
    }
    drain(&hub).await.expect("drained");
    hub.clock.advance_ms(1);
    let owner = hub.caller(Role::Owner);
    let asked = new(json!({ "skip_delivered": false, "rate_per_minute": 100 }));
    let replay = replays::create(&hub, &owner, &asked).await.expect("begun");
    for _ in 0..10 {
        hub.clock.advance_ms(1000);
        while replayer::tick(&hub).await.expect("a piece") > 0 {}
    }
    let made = replays::get(&hub, &owner, &replay.id).await.expect("the replay").made;
    assert!((16..=18).contains(&made), "{made}");
});

both!(a_replay_does_not_find_what_it_made_itself, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["400 Bad"]).await;
    endpoint(&hub, &receiver.url, Retry::Own(vec![])).await;
    fail(&hub, 1).await;
    hub.clock.advance_ms(1);
    let owner = hub.caller(Role::Owner);
    let tomorrow = hub.now().plus_ms(24 * 3600 * 1000).to_string();
    for query in
        [json!({ "status": "failed", "until": tomorrow }), json!({ "q": format!("status:failed until:{tomorrow}") })]
    {
        let asked = new(json!({ "query": query, "rate_per_minute": 60, "skip_delivered": false }));
        let replay = replays::create(&hub, &owner, &asked).await.expect("begun");
        for _ in 0..5 {
            hub.clock.advance_ms(1000);
            drain(&hub).await.expect("drained");
        }
        let done = replays::get(&hub, &owner, &replay.id).await.expect("the replay");
        assert_eq!((done.state, done.made), (ReplayState::Finished, replay.expected), "{query}");
    }
});

both!(a_replay_that_was_paused_forgets_nothing_that_it_was_to_send, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["400 Bad"]).await;
    endpoint(&hub, &receiver.url, Retry::Own(vec![])).await;
    fail(&hub, 3).await;
    hub.clock.advance_ms(1);
    let owner = hub.caller(Role::Owner);
    let asked = new(json!({ "query": { "q": "status:failed since:1h" }, "rate_per_minute": 60 }));
    let replay = replays::create(&hub, &owner, &asked).await.expect("begun");
    assert_eq!((replay.query.q.as_deref(), replay.query.status.as_deref()), (None, Some("failed")));
    assert_eq!(replayer::tick(&hub).await.expect("a piece"), 1);
    replays::set_state(&hub, &owner, &replay.id, ReplayState::Paused).await.expect("paused");
    hub.clock.advance_ms(2 * 3600 * 1000);
    replays::set_state(&hub, &owner, &replay.id, ReplayState::Running).await.expect("goes on");
    for _ in 0..4 {
        drain(&hub).await.expect("drained");
        hub.clock.advance_ms(1000);
    }
    let done = replays::get(&hub, &owner, &replay.id).await.expect("the replay");
    assert_eq!((done.state, done.made), (ReplayState::Finished, 3));
});

both!(a_replay_that_cannot_go_on_holds_up_no_other, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["400 Bad"]).await;
    let (owner, broken) = (hub.caller(Role::Owner), hub.stranger().await);
    let sink = json!({ "name": "Sink", "url": receiver.url, "event_types": ["*"], "retry": [] });
    endpoints::create(&hub, &broken, serde_json::from_value(sink).expect("one")).await.expect("an endpoint");
    events::ingest(&hub, &broken, PAID.as_bytes(), None).await.expect("accepted");
    endpoint(&hub, &receiver.url, Retry::Own(vec![])).await;
    fail(&hub, 1).await;
    let mut begun = Vec::new();
    for caller in [&broken, &owner] {
        hub.clock.advance_ms(1);
        begun.push(replays::create(&hub, caller, &new(json!({}))).await.expect("begun").id);
    }
    break_org(&hub, broken.org_id.as_ref().expect("an organization")).await;
    hub.directory.forget_all();
    let stands = async || {
        let (first, second) =
            (replays::get(&hub, &broken, &begun[0]).await, replays::get(&hub, &owner, &begun[1]).await);
        (first.expect("the replay").state, second.expect("the replay").state)
    };
    for _ in 0..2 {
        assert_eq!(replayer::tick(&hub).await.expect("a round"), 1);
    }
    assert_eq!(stands().await, (ReplayState::Running, ReplayState::Finished));
    assert_eq!(replayer::tick(&hub).await.expect("a look"), 0, "nothing to hurry for");
    hub.clock.advance_ms(60_000);
    assert_eq!(replayer::tick(&hub).await.expect("a round"), 1, "it is tried again");
});

both!(a_replay_as_of_then_sends_the_same_request_but_for_time_and_signature, |hub| {
    let hub = hub.with_org().await;
    let (then, now) = (Receiver::answering(&["400 Bad", "200 OK"]).await, Receiver::answering(&["200 OK"]).await);
    let script = "function transform(event) { return { of: 'then', id: event.webhook_id } }";
    let fields = json!({
        "retry": [], "transformation": script, "headers": { "X-Tier": "gold" }, "auth": { "kind": "bearer", "token": "t0ken" },
    });
    let made = endpoint_with(&hub, &then.url, fields).await;
    fail(&hub, 1).await;
    let owner = hub.caller(Role::Owner);
    let change: EndpointChange = serde_json::from_value(json!({
        "url": now.url, "transformation": null, "headers": {}, "auth": { "kind": "none" },
    }))
    .expect("a change");
    endpoints::update(&hub, &owner, &made.endpoint.id, change).await.expect("changed");
    hub.clock.advance_ms(90_000);
    let asked = json!({ "query": { "status": "failed" }, "settings": "then" });
    replays::create(&hub, &owner, &new(asked)).await.expect("begun");
    drain(&hub).await.expect("drained");
    let seen = then.seen();
    assert_eq!((seen.len(), now.seen().len()), (2, 0));
    let stable = |request: &str| -> Vec<String> {
        let moves = ["webhook-timestamp", "webhook-signature", "x-webhook-timestamp", "x-webhook-signature"];
        let lines = request.lines().filter(|line| !moves.iter().any(|name| line.to_lowercase().starts_with(name)));
        lines.map(str::to_owned).collect()
    };
    assert_eq!(stable(&seen[0]), stable(&seen[1]));
    assert_ne!(header(&seen[0], "webhook-timestamp"), header(&seen[1], "webhook-timestamp"));
    let row = log(&hub).await.remove(0);
    assert_eq!((row.trigger, row.status), (Trigger::Replay, DeliveryStatus::Delivered));
});

both!(a_replay_as_of_then_is_leased_for_the_timeout_of_then, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["400 Bad", "200 OK"]).await;
    let made = endpoint_with(&hub, &receiver.url, json!({ "retry": [], "timeout_ms": 30_000 })).await;
    fail(&hub, 1).await;
    let owner = hub.caller(Role::Owner);
    let change: EndpointChange = serde_json::from_value(json!({ "timeout_ms": 1000 })).expect("a change");
    endpoints::update(&hub, &owner, &made.endpoint.id, change).await.expect("changed");
    hub.clock.advance_ms(90_000);
    let asked = json!({ "query": { "status": "failed" }, "settings": "then" });
    replays::create(&hub, &owner, &new(asked)).await.expect("begun");
    drain(&hub).await.expect("drained");
    assert_eq!((receiver.seen().len(), log(&hub).await[0].status), (2, DeliveryStatus::Delivered));
});

both!(one_delivery_is_sent_again_as_the_endpoint_is_now_or_as_it_was_then, |hub| {
    let hub = hub.with_org().await;
    let (then, now) = (Receiver::answering(&["400 Bad", "200 OK"]).await, Receiver::answering(&["200 OK"]).await);
    let made = endpoint_with(&hub, &then.url, json!({ "retry": [], "headers": { "X-Tier": "gold" } })).await;
    fail(&hub, 1).await;
    let owner = hub.caller(Role::Owner);
    let change: EndpointChange = serde_json::from_value(json!({ "url": now.url, "headers": {} })).expect("a change");
    endpoints::update(&hub, &owner, &made.endpoint.id, change).await.expect("changed");
    let dead = log(&hub).await.remove(0);
    let as_then = deliveries::replay(&hub, &owner, &dead.id, Settings::Then).await.expect("replayed");
    drain(&hub).await.expect("drained");
    assert_eq!((then.seen().len(), now.seen().len()), (2, 0));
    assert_eq!(header(&then.seen()[1], "x-tier"), "gold");
    // What was sent as it was then is then again, and as it is now when asked so.
    deliveries::replay(&hub, &owner, &as_then, Settings::Then).await.expect("replayed");
    drain(&hub).await.expect("drained");
    assert_eq!((then.seen().len(), now.seen().len()), (3, 0));
    for id in [&dead.id, &as_then] {
        deliveries::replay(&hub, &owner, id, Settings::Now).await.expect("replayed");
    }
    deliveries::replay_many(&hub, &owner, std::slice::from_ref(&as_then)).await.expect("replayed");
    drain(&hub).await.expect("drained");
    assert_eq!((then.seen().len(), now.seen().len()), (3, 3));
    assert_eq!(header(&now.seen()[0], "x-tier"), "");
    assert!(deliveries::replay(&hub, &hub.stranger().await, &dead.id, Settings::Then).await.is_err());
    assert!(deliveries::replay(&hub, &hub.caller(Role::Member), &dead.id, Settings::Then).await.is_err());
});

both!(a_selection_is_answered_in_its_own_order, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    endpoint(&hub, &receiver.url, Retry::Own(vec![])).await;
    for _ in 0..2 {
        post(&hub, PAID).await.expect("accepted");
        drain(&hub).await.expect("drained");
        hub.clock.advance_ms(1);
    }
    let owner = hub.caller(Role::Owner);
    let (newer, older) = (log(&hub).await.remove(0).id, log(&hub).await.remove(1).id);
    let asked = [newer.clone(), older.clone(), newer.clone()];
    let mut of = Vec::new();
    for id in deliveries::replay_many(&hub, &owner, &asked).await.expect("replayed") {
        of.push(deliveries::get(&hub, &owner, &id).await.expect("the detail").delivery.replay_of);
    }
    assert_eq!(of, [Some(newer), Some(older)]);
});

both!(a_delivery_without_an_attempt_is_sent_as_of_now, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    endpoint(&hub, &receiver.url, Retry::Own(vec![])).await;
    post(&hub, PAID).await.expect("accepted");
    let row = log(&hub).await.remove(0);
    let owner = hub.caller(Role::Owner);
    deliveries::replay(&hub, &owner, &row.id, Settings::Then).await.expect("replayed");
    drain(&hub).await.expect("drained");
    assert_eq!(receiver.seen().len(), 2);
});
