//! Each event is told once, whatever comes twice, at once, or breaks in between.

use super::*;
use crate::db::on;
use crate::db::testing::both;
use crate::source::process::{LEASE_MS, MAX_ATTEMPTS, process};
use crate::source::store::requests as store;
use crate::source::{InboundState, store::known};

const STRIPE: &str = "whsec_EXAMPLEnotARealSecret0000";

both!(what_comes_again_is_known_by_the_providers_id, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    let first = desk.take(&desk.stripe(&invoice("evt_1"))).await;
    hub.clock.advance_ms(60_000);
    // A retry is signed anew.
    let again = desk.take(&desk.stripe(&invoice("evt_1"))).await;
    assert_eq!(again.summary.duplicate_of, Some(first.summary.id.clone()));
    assert_eq!(outcomes(&again), [OutcomeKind::Duplicate]);
    let other = desk.take(&desk.stripe(&invoice("evt_2"))).await;
    assert_eq!((other.summary.duplicate_of, desk.events().await.len()), (None, 2));
    let figures = actions::figures(&hub, &desk.owner, &desk.source.id).await.expect("figures");
    assert_eq!((figures.verified, figures.duplicates, figures.is_waiting), (3, 1, false));
    // What is the same at one source is not at another.
    let beside = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    assert_eq!(outcomes(&beside.take(&beside.stripe(&invoice("evt_1"))).await), [OutcomeKind::Published]);
});

both!(where_a_provider_gives_no_id_the_content_tells, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "bearer", None).await;
    let sent = |body: &str| Sent::new(body).with("Authorization", &format!("Bearer {}", desk.secret));
    let first = desk.take(&sent(r#"{"type":"tick","n":1}"#)).await;
    assert!(!serde_json::to_string(&first).expect("JSON").contains(&desk.secret), "credentials are left out");
    let again = desk.take(&sent(r#"{"type":"tick","n":1}"#)).await;
    let other = desk.take(&sent(r#"{"type":"tick","n":2}"#)).await;
    assert_eq!((again.summary.duplicate_of, other.summary.duplicate_of), (Some(first.summary.id), None));
    let events = desk.events().await;
    assert_eq!(events.len(), 2);
    assert_eq!((events[0].0.as_str(), &events[0].1["body"]["n"]), ("webhook.received", &json!(1)));
});

both!(of_a_hundred_at_once_on_two_nodes_one_is_told, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    let sent = desk.stripe(&invoice("evt_1"));
    // Two processes take them at once, and handle them at once.
    let other = hub.restarted();
    let posts = (0..100).map(|n| post(if n % 2 == 0 { &hub } else { &other }, &desk.source.url, &sent));
    let answers = futures::future::join_all(posts).await;
    assert!(answers.iter().all(Result::is_ok));
    let (one, two) = tokio::join!(drain(&hub), drain(&other));
    one.and(two).expect("handled");
    let all = desk.all().await;
    assert!(all.iter().all(|request| request.state == InboundState::Processed), "{all:?}");
    let first: Vec<_> = all.iter().filter(|request| request.duplicate_of.is_none()).collect();
    assert_eq!((all.len(), first.len(), desk.events().await.len()), (100, 1, 1));
    assert!(all.iter().all(|request| request.duplicate_of.as_ref().is_none_or(|id| *id == first[0].id)));
});

both!(a_process_that_dies_between_storing_and_handling_loses_nothing, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    let id = kept(desk.post(&desk.stripe(&invoice("evt_1"))).await);
    let now = hub.now();
    let mut tx = hub.db.begin().await.expect("a transaction");
    let claimed = store::claim(&mut tx, now, now.plus_ms(LEASE_MS), 10).await.expect("claimed");
    tx.commit().await.expect("committed");
    assert_eq!(claimed.len(), 1);
    // The process that claimed it is gone.
    let hub = hub.restarted();
    drain(&hub).await.expect("handled");
    assert_eq!(desk.events().await.len(), 0);
    hub.clock.advance_ms(LEASE_MS + 1);
    drain(&hub).await.expect("handled");
    let request = desk.request(&id).await;
    assert_eq!((request.summary.state, request.summary.attempts), (InboundState::Processed, 2));
    // It was not gone, only slow: its claim has lapsed, and it tells nothing.
    process(&hub, &claimed[0]).await.expect("too late");
    assert_eq!((desk.events().await.len(), desk.request(&id).await.outcomes.len()), (1, 1));
});

/// Renames a table, so that what needs it fails.
async fn rename(hub: &TestHub, sql: &'static str) {
    let mut tx = hub.db.begin().await.expect("a transaction");
    on!(&mut *tx, |c| sqlx::query(sql).execute(c).await.map(drop)).expect("renamed");
    tx.commit().await.expect("committed");
}

both!(what_fails_is_tried_again_later_and_left_in_the_end, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    let id = kept(desk.post(&desk.stripe(&invoice("evt_1"))).await);
    rename(&hub, "ALTER TABLE inbound_keys RENAME TO away").await;
    let mut waits = Vec::new();
    for _ in 0..MAX_ATTEMPTS {
        drain(&hub).await.expect("noted");
        let summary = desk.request(&id).await.summary;
        let Some(due_at) = summary.due_at else { break };
        assert_eq!(summary.state, InboundState::Pending);
        waits.push(due_at.since(hub.now()) / 1000);
        hub.clock.advance_ms(due_at.since(hub.now()));
    }
    assert_eq!(waits, [5, 10, 20, 40, 80, 160, 320]);
    let left = desk.request(&id).await.summary;
    assert_eq!((left.state, left.attempts, left.error.is_some()), (InboundState::Failed, MAX_ATTEMPTS, true));
    assert_eq!(desk.events().await.len(), 0);
    // Once it is mended, somebody has it handled, and only then it is told.
    rename(&hub, "ALTER TABLE away RENAME TO inbound_keys").await;
    requests::replay(&hub, &desk.owner, &id).await.expect("asked");
    assert_eq!(requests::replay(&hub, &desk.owner, &id).await.expect_err("it waits").status(), 409);
    drain(&hub).await.expect("handled");
    assert_eq!((outcomes(&desk.request(&id).await), desk.events().await.len()), (vec![OutcomeKind::Published], 1));
    let again = desk.take(&desk.stripe(&invoice("evt_1"))).await;
    assert_eq!(outcomes(&again), [OutcomeKind::Duplicate]);
});

both!(a_replay_of_what_was_handled_tells_it_again, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    let request = desk.take(&desk.stripe(&invoice("evt_1"))).await;
    requests::replay(&hub, &desk.owner, &request.summary.id).await.expect("asked");
    drain(&hub).await.expect("handled");
    let request = desk.request(&request.summary.id).await;
    assert_eq!(outcomes(&request), [OutcomeKind::Published, OutcomeKind::Published]);
    assert_eq!(desk.events().await.len(), 2);
});

both!(what_came_is_remembered_for_a_month_and_kept_as_long_as_the_organization_says, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    let id = desk.take(&desk.stripe(&invoice("evt_1"))).await.summary.id;
    let day = 24 * 3600 * 1000;
    let limit = "UPDATE orgs SET payload_days = 7, log_days = 60";
    rename(&hub, limit).await;
    hub.clock.advance_ms(8 * day);
    crate::retention::tick(&hub).await.expect("erased");
    let erased = desk.request(&id).await;
    assert!(erased.body.is_none() && erased.headers.is_empty() && erased.erased_at.is_some());
    assert_eq!(requests::replay(&hub, &desk.owner, &id).await.expect_err("erased").status(), 409);
    hub.clock.advance_ms(23 * day);
    let mut tx = hub.db.begin().await.expect("a transaction");
    known::forget(&mut tx, hub.now()).await.expect("forgotten");
    tx.commit().await.expect("committed");
    let again = desk.take(&desk.stripe(&invoice("evt_1"))).await;
    assert_eq!(outcomes(&again), [OutcomeKind::Published]);
    hub.clock.advance_ms(50 * day);
    crate::retention::tick(&hub).await.expect("deleted");
    assert_eq!(desk.all().await.len(), 1);
});

both!(what_brought_an_event_is_erased_with_it_and_handled_no_more, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    let mut taken = Vec::new();
    for event in ["evt_1", "evt_2", "evt_3"] {
        taken.push(desk.take(&desk.stripe(&invoice(event))).await.summary.id);
    }
    requests::replay(&hub, &desk.owner, &taken[1]).await.expect("asked");
    let page = PageQuery { limit: Some(200), cursor: None };
    for event in crate::event::actions::list(&hub, &desk.owner, None, &page).await.expect("events").data {
        let event = crate::event::actions::get(&hub, &desk.owner, &event.id).await.expect("an event");
        if crate::source::origin(&event).is_some_and(|(_, request)| request != taken[2]) {
            crate::retention::erase_event(&hub, &desk.owner, &event.id).await.expect("erased");
        }
    }
    drain(&hub).await.expect("handled");
    let mut states = Vec::new();
    for id in &taken {
        let request = desk.request(id).await;
        assert_eq!(request.body.is_none() && request.headers.is_empty(), request.erased_at.is_some(), "{id}");
        states.push((request.summary.state, request.erased_at.is_some(), request.outcomes.len()));
    }
    use InboundState::{Failed, Processed};
    assert_eq!(states, [(Processed, true, 1), (Failed, true, 1), (Processed, false, 1)]);
});

both!(one_that_cannot_be_handled_holds_up_none_of_those_beside_it, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    let mut ids = Vec::new();
    for event in ["evt_1", "evt_2", "evt_3"] {
        ids.push(kept(desk.post(&desk.stripe(&invoice(event))).await));
    }
    let mut tx = hub.db.begin().await.expect("a transaction");
    let spoil = "UPDATE inbound_requests SET outcomes_json = 'spoilt' WHERE id = $1";
    on!(&mut *tx, |c| sqlx::query(spoil).bind(&ids[1]).execute(c).await.map(drop)).expect("spoilt");
    tx.commit().await.expect("committed");
    drain(&hub).await.expect("handled");
    let mut states = Vec::new();
    for request in desk.all().await {
        states.push((request.id.clone(), request.state, request.error.is_some()));
    }
    states.sort_by(|a, b| a.0.cmp(&b.0));
    let expected = [InboundState::Processed, InboundState::Pending, InboundState::Processed];
    assert_eq!(states.iter().map(|(_, state, _)| *state).collect::<Vec<_>>(), expected);
    assert_eq!(states.iter().map(|(.., error)| *error).collect::<Vec<_>>(), [false, true, false]);
    assert_eq!(desk.events().await.len(), 2);
});

both!(what_comes_while_its_source_is_deleted_leaves_nothing_behind, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    let path = desk.source.url.strip_prefix(hub.settings.base_url.as_str()).expect("an address of the hub");
    let (provider, token) = path.strip_prefix("/in/").and_then(|rest| rest.split_once('/')).expect("two words");
    let [good, bad] = [desk.stripe(&invoice("evt_1")), desk.stripe_by("whsec_another", &invoice("evt_2"))];
    let mut doors = Vec::new();
    for _ in 0..2 {
        doors.push(find(&hub, provider, token).await.expect("the source is there"));
    }
    actions::delete(&hub, &desk.owner, &desk.source.id).await.expect("deleted");
    // Both were let in before, and their bodies came after.
    let mut answers = Vec::new();
    for (door, sent) in doors.into_iter().zip([&good, &bad]) {
        let head = head(provider, token, path, sent);
        answers.push(receive(&hub, door, head, Body::Whole(&sent.body)).await);
    }
    assert_eq!(answers[1].as_ref().map(drop).map_err(|error| error.status()), Err(404), "{answers:?}");
    drain(&hub).await.expect("handled");
    let mut conn = hub.db.read().await.expect("a connection");
    let left: i64 = on!(&mut conn, |c| sqlx::query_scalar("SELECT COUNT(*) FROM inbound_requests").fetch_one(c).await)
        .expect("counted");
    assert_eq!((left, desk.events().await.len()), (0, 0));
});

both!(requests_with_many_events_are_written_in_several_transactions, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "hubspot", Some("an-app-secret")).await;
    let sent = |request: i64| {
        let events: Vec<Value> = (0..100)
            .map(|n| json!({ "eventId": request * 100 + n, "subscriptionId": 1, "portalId": 7, "occurredAt": 1_795_356_000_000_i64,
                "subscriptionType": "contact.creation", "attemptNumber": 0, "objectId": request * 100 + n }))
            .collect();
        desk.hubspot(&Value::Array(events))
    };
    for request in 0..6 {
        kept(desk.post(&sent(request)).await);
    }
    drain(&hub).await.expect("handled");
    let all = desk.all().await;
    assert!(all.iter().all(|request| request.state == InboundState::Processed), "{all:?}");
    let mut conn = hub.db.read().await.expect("a connection");
    let told: i64 = on!(&mut conn, |c| {
        sqlx::query_scalar("SELECT COUNT(*) FROM events WHERE source = 'source'").fetch_one(c).await
    })
    .expect("counted");
    assert_eq!((all.len(), told), (6, 600));
});
