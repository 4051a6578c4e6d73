//! Receivers that fetch: in order, nothing skipped, nothing twice once it is committed.

use std::time::{Duration, Instant};

use serde_json::json;

use super::support::{PAID, endpoint_with, log, post};
use crate::api_key::NewApiKey;
use crate::caller::{Identity, Role};
use crate::db::testing::both;
use crate::delivery::pull::{self, Messages, PullCommit, PullQuery};
use crate::delivery::{DeliveryStatus, ErrorClass, Outcome, Trigger, WaitsFor, actions as deliveries, store};
use crate::endpoint::{EndpointChange, EndpointWithSecret, actions as endpoints};
use crate::event::Matter;
use crate::hub::testing::TestHub;
use crate::id::{DeliveryId, EndpointId, EventId};
use crate::replay::Settings;
use crate::worker::{dispatcher, drain};
use crate::{Caller, Permission};

/// An endpoint without a URL whose receiver fetches.
pub(super) async fn fetched(hub: &TestHub, fields: serde_json::Value) -> EndpointWithSecret {
    let mut all = json!({ "delivery": { "form": "pull" } });
    all.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    endpoint_with(hub, "", all).await
}

async fn ask(hub: &TestHub, id: &EndpointId, query: PullQuery) -> Messages {
    pull::messages(hub, &hub.caller(Role::Owner), id, &query).await.expect("messages")
}

pub(super) async fn fetch(hub: &TestHub, id: &EndpointId) -> Messages {
    ask(hub, id, PullQuery::default()).await
}

async fn after(hub: &TestHub, id: &EndpointId, messages: &Messages) -> Messages {
    ask(hub, id, PullQuery { cursor: messages.next_cursor.clone(), ..PullQuery::default() }).await
}

pub(super) async fn commit(hub: &TestHub, id: &EndpointId, messages: &Messages) -> i64 {
    let what = PullCommit { cursor: messages.next_cursor.clone(), delivery_ids: None };
    pull::commit(hub, &hub.caller(Role::Owner), id, &what).await.expect("committed").committed
}

pub(super) fn events(messages: &Messages) -> Vec<EventId> {
    messages.data.iter().map(|message| message.webhook_id.clone()).collect()
}

async fn accepted(hub: &TestHub, body: &str) -> EventId {
    post(hub, body).await.expect("accepted").id
}

both!(messages_come_in_order_again_and_again_until_they_are_committed, |hub| {
    let hub = hub.with_org().await;
    let id = fetched(&hub, json!({})).await.endpoint.id;
    let mut sent = Vec::new();
    for _ in 0..3 {
        sent.push(accepted(&hub, PAID).await);
        hub.clock.advance_ms(10);
    }
    drain(&hub).await.expect("drained");
    let first = ask(&hub, &id, PullQuery { limit: Some(2), ..PullQuery::default() }).await;
    assert_eq!((events(&first), first.has_more), (sent[..2].to_vec(), true));
    assert_eq!(events(&fetch(&hub, &id).await), sent, "what is not committed comes again");
    let rest = after(&hub, &id, &first).await;
    assert_eq!((events(&rest), rest.has_more), (sent[2..].to_vec(), false));
    assert_eq!([commit(&hub, &id, &first).await, commit(&hub, &id, &first).await], [2, 0]);
    assert_eq!(events(&fetch(&hub, &id).await), sent[2..]);
    let none = after(&hub, &id, &rest).await;
    assert_eq!((none.data.len(), &none.next_cursor), (0, &rest.next_cursor), "the cursor stays one");
    assert_eq!(commit(&hub, &id, &rest).await, 1);
    let rows = log(&hub).await;
    assert!(rows.iter().all(|row| row.status == DeliveryStatus::Delivered && row.attempt_count == 1), "{rows:?}");
    let detail = deliveries::get(&hub, &hub.caller(Role::Member), &rows[0].id).await.expect("the detail");
    let [attempt] = &detail.attempts[..] else { panic!("one attempt each: {detail:?}") };
    assert_eq!((attempt.outcome, attempt.code, attempt.number), (Outcome::Succeeded, None, 1));
    assert!(attempt.url.ends_with(&format!("/api/v1/endpoints/{id}/messages")), "{}", attempt.url);
});

both!(a_message_is_the_body_of_a_push_and_signed_like_one, |hub| {
    let hub = hub.with_org().await;
    let made = fetched(&hub, json!({ "headers": { "X-Team": "billing" } })).await;
    let event = post(&hub, PAID).await.expect("accepted");
    let message = fetch(&hub, &made.endpoint.id).await.data.remove(0);
    assert_eq!(
        message.body,
        format!(
            r#"{{"webhook_id":"{}","event_type":"invoice.paid","timestamp":"{}","data":{{ "id":"inv_8812",  "amount":12900 }}}}"#,
            event.id, event.created_at
        )
    );
    let secret = signature::Secret::parse(&made.secret).expect("the secret");
    let header = |name: &str| message.headers[name].as_str();
    assert_eq!((header("webhook-id"), header("content-type")), (event.id.as_str(), "application/json"));
    signature::verify_standard(
        &[secret],
        header("webhook-id"),
        header("webhook-timestamp"),
        header("webhook-signature"),
        message.body.as_bytes(),
        hub.now().seconds(),
    )
    .expect("what is handed out is what is signed");
    assert!(!message.headers.contains_key("x-team"), "own headers may be secrets: {:?}", message.headers);
});

both!(a_waiting_receiver_is_woken_by_the_event, |hub| {
    let hub = hub.with_org().await;
    let id = fetched(&hub, json!({})).await.endpoint.id;
    let began = Instant::now();
    let wait = PullQuery { wait_s: Some(20), ..PullQuery::default() };
    let (found, event) = tokio::join!(ask(&hub, &id, wait), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        accepted(&hub, PAID).await
    });
    assert_eq!(events(&found), [event]);
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
});

both!(a_waiting_receiver_finds_what_another_process_wrote, |hub| {
    let hub = hub.with_org().await;
    let id = fetched(&hub, json!({})).await.endpoint.id;
    let other = hub.restarted();
    let began = Instant::now();
    let wait = PullQuery { wait_s: Some(20), ..PullQuery::default() };
    let (found, event) = tokio::join!(ask(&hub, &id, wait), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        accepted(&other, PAID).await
    });
    assert_eq!(events(&found), [event]);
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    let began = Instant::now();
    let wait = PullQuery { wait_s: Some(1), cursor: found.next_cursor, ..PullQuery::default() };
    assert!(ask(&hub, &id, wait).await.data.is_empty());
    assert!(began.elapsed() >= Duration::from_millis(900), "it waits as long as it was asked to");
});

both!(a_delivery_with_an_older_id_that_is_stored_later_is_neither_skipped_nor_lost, |hub| {
    let hub = hub.with_org().await;
    let id = fetched(&hub, json!({})).await.endpoint.id;
    // A process whose clock is five seconds behind.
    let slow = hub.restarted();
    hub.clock.advance_ms(5000);
    let first = accepted(&hub, PAID).await;
    let seen = fetch(&hub, &id).await;
    let second = accepted(&slow, PAID).await;
    assert!(second < first, "its id is older");
    assert_eq!(events(&after(&hub, &id, &seen).await), std::slice::from_ref(&second));
    assert_eq!(commit(&hub, &id, &seen).await, 1, "the cursor names what was seen and nothing else");
    assert_eq!(events(&fetch(&hub, &id).await), [second]);
});

both!(a_number_is_seen_only_when_all_before_it_are, |hub| {
    let hub = hub.with_org().await;
    let id = fetched(&hub, json!({})).await.endpoint.id;
    let event = accepted(&hub, PAID).await;
    let before = fetch(&hub, &id).await;
    // A process takes the next number and dawdles before its commit; another wants the one after.
    let entry = crate::directory::entry(&hub, &hub.org_id).await.expect("an entry");
    let matter = Matter::new("invoice.paid", &[], None, "{}");
    let row = dispatcher::row(&hub, entry.route(&id).expect("a route"), &event, &matter, Trigger::Event, hub.now());
    let mut tx = hub.db.begin().await.expect("a transaction");
    store::insert(&mut tx, std::slice::from_ref(&row)).await.expect("stored");
    let other = hub.restarted();
    let posting = accepted(&other, PAID);
    tokio::pin!(posting);
    let early = tokio::time::timeout(Duration::from_millis(300), &mut posting).await;
    assert!(early.is_err(), "it waits for the number before its own to be committed");
    assert!(after(&hub, &id, &before).await.data.is_empty());
    tx.commit().await.expect("committed");
    let last = posting.await;
    let seen = after(&hub, &id, &before).await;
    assert_eq!((seen.data[0].delivery_id.clone(), seen.data[1].webhook_id.clone()), (row.id, last));
});

both!(receivers_that_commit_at_once_deliver_each_message_once, |hub| {
    let hub = hub.with_org().await;
    let id = fetched(&hub, json!({})).await.endpoint.id;
    for _ in 0..40 {
        accepted(&hub, PAID).await;
    }
    let (other, all) = (hub.restarted(), fetch(&hub, &id).await);
    let half = PullCommit {
        cursor: None,
        delivery_ids: Some(all.data.iter().skip(20).map(|message| message.delivery_id.clone()).collect()),
    };
    let owner = hub.caller(Role::Owner);
    let counts = tokio::join!(
        commit(&hub, &id, &all),
        commit(&other, &id, &all),
        async { pull::commit(&hub, &owner, &id, &half).await.expect("committed").committed },
        async { pull::commit(&other, &owner, &id, &half).await.expect("committed").committed },
    );
    assert_eq!(counts.0 + counts.1 + counts.2 + counts.3, 40, "{counts:?}");
    for row in log(&hub).await {
        let detail = deliveries::get(&hub, &hub.caller(Role::Member), &row.id).await.expect("the detail");
        assert_eq!((row.status, detail.attempts.len()), (DeliveryStatus::Delivered, 1));
    }
});

both!(some_are_committed_by_id_and_the_others_stay, |hub| {
    let hub = hub.with_org().await;
    let id = fetched(&hub, json!({})).await.endpoint.id;
    let first = accepted(&hub, PAID).await;
    accepted(&hub, PAID).await;
    let all = fetch(&hub, &id).await;
    let owner = hub.caller(Role::Owner);
    let by_id = |ids: Vec<DeliveryId>| PullCommit { cursor: None, delivery_ids: Some(ids) };
    let second = by_id(vec![all.data[1].delivery_id.clone()]);
    assert_eq!(pull::commit(&hub, &owner, &id, &second).await.expect("committed").committed, 1);
    assert_eq!(events(&fetch(&hub, &id).await), [first]);
    let unknown = by_id(vec![hub.id(DeliveryId::new)]);
    assert_eq!(pull::commit(&hub, &owner, &id, &unknown).await.expect_err("unknown").status(), 404);
    assert_eq!(pull::commit(&hub, &owner, &id, &PullCommit::default()).await.expect_err("nothing").status(), 422);
});

both!(nobody_else_fetches_and_a_receivers_key_can_do_nothing_else, |hub| {
    let hub = hub.with_org().await;
    let id = fetched(&hub, json!({})).await.endpoint.id;
    accepted(&hub, PAID).await;
    let all = PullCommit { cursor: Some(format!("after-{id}_1")), delivery_ids: None };
    let stranger = hub.stranger().await;
    let member = hub.caller(Role::Member);
    let mut key = hub.caller(Role::Owner);
    let id_of_key = hub.id(crate::id::ApiKeyId::new);
    let scoped = |scopes| Identity::ApiKey { id: id_of_key.clone(), name: "Receiver".into(), scopes };
    key.identity = scoped(vec![Permission::EndpointsWrite, Permission::DeliveriesRead, Permission::EventsWrite]);
    for (caller, status) in [(&stranger, 404), (&member, 403), (&key, 403)] {
        let fetched = pull::messages(&hub, caller, &id, &PullQuery::default()).await.expect_err("refused");
        let committed = pull::commit(&hub, caller, &id, &all).await.expect_err("refused");
        assert_eq!([fetched.status(), committed.status()], [status, status]);
    }
    let receiver = Caller { identity: scoped(vec![Permission::MessagesPull]), ..key };
    assert_eq!(pull::messages(&hub, &receiver, &id, &PullQuery::default()).await.expect("messages").data.len(), 1);
    assert_eq!(pull::commit(&hub, &receiver, &id, &all).await.expect("committed").committed, 1);
    let others = Permission::ALL.iter().filter(|permission| receiver.may(**permission)).count();
    assert_eq!(others, 1);
    let new = NewApiKey { name: "Receiver".into(), scopes: vec![Permission::MessagesPull], expires_at: None };
    crate::api_key::actions::create(&hub, &hub.caller(Role::Admin), new).await.expect("such a key can be made");
});

both!(wrong_questions_are_refused_by_name, |hub| {
    let hub = hub.with_org().await;
    let id = fetched(&hub, json!({})).await.endpoint.id;
    let owner = hub.caller(Role::Owner);
    let ask = async |query: PullQuery| {
        let problem = pull::messages(&hub, &owner, &id, &query).await.expect_err("refused").problem();
        problem.details[0].field.clone()
    };
    assert_eq!(ask(PullQuery { limit: Some(501), ..PullQuery::default() }).await, "limit");
    assert_eq!(ask(PullQuery { wait_s: Some(21), ..PullQuery::default() }).await, "wait_s");
    let other = fetched(&hub, json!({})).await.endpoint.id;
    for cursor in ["before-1", "after-x", "1", &format!("after-{other}_1"), &format!("after-{id}_x")] {
        assert_eq!(ask(PullQuery { cursor: Some(cursor.into()), ..PullQuery::default() }).await, "cursor", "{cursor}");
    }
    let never_given = PullCommit { cursor: Some(format!("after-{id}_1")), delivery_ids: None };
    assert_eq!(pull::commit(&hub, &owner, &id, &never_given).await.expect_err("refused").status(), 422);
});

both!(filter_and_transformation_apply_and_a_failing_one_stops_nothing, |hub| {
    let hub = hub.with_org().await;
    let script = "function transform(event) {
        if (event.data.amount === 200) return null;
        if (event.data.amount === 300) return event.missing.deeper;
        return { paid: event.data.amount };
    }";
    let filter = json!({ "path": "data.amount", "gte": 100 });
    let id = fetched(&hub, json!({ "transformation": script, "filter": filter })).await.endpoint.id;
    for amount in [50, 100, 200, 300, 400] {
        accepted(&hub, &format!(r#"{{"event_type":"invoice.paid","data":{{"amount":{amount}}}}}"#)).await;
    }
    let found = fetch(&hub, &id).await;
    let bodies: Vec<&str> = found.data.iter().map(|message| message.body.as_str()).collect();
    assert_eq!(bodies, [r#"{"paid":100}"#, r#"{"paid":400}"#]);
    let rows = log(&hub).await;
    use DeliveryStatus::{Failed, Pending, Skipped};
    assert_eq!(rows.iter().map(|row| row.status).collect::<Vec<_>>(), [Pending, Failed, Skipped, Pending]);
    assert_eq!((rows[1].last_error, rows[1].attempt_count), (Some(ErrorClass::Transformation), 1));
    let detail = deliveries::get(&hub, &hub.caller(Role::Member), &rows[1].id).await.expect("the detail");
    assert_eq!(detail.attempts[0].outcome, Outcome::NotSent);
    assert_eq!(commit(&hub, &id, &found).await, 2);
});

both!(a_page_without_a_message_is_passed_over, |hub| {
    let hub = hub.with_org().await;
    let script = "function transform(event) { return event.data.amount < 3 ? null : event }";
    let id = fetched(&hub, json!({ "transformation": script })).await.endpoint.id;
    for amount in 0..4 {
        accepted(&hub, &format!(r#"{{"event_type":"invoice.paid","data":{{"amount":{amount}}}}}"#)).await;
    }
    let found = ask(&hub, &id, PullQuery { limit: Some(1), ..PullQuery::default() }).await;
    assert_eq!((found.data.len(), found.has_more), (1, false));
});

both!(a_paused_endpoint_keeps_its_messages_and_takes_commits, |hub| {
    let hub = hub.with_org().await;
    let id = fetched(&hub, json!({})).await.endpoint.id;
    let first = accepted(&hub, PAID).await;
    let seen = fetch(&hub, &id).await;
    let owner = hub.caller(Role::Owner);
    let set = async |status: &str| {
        let change: EndpointChange = serde_json::from_value(json!({ "status": status })).expect("a change");
        endpoints::update(&hub, &owner, &id, change).await.expect("changed");
    };
    set("paused").await;
    let second = accepted(&hub, PAID).await;
    let refused = pull::messages(&hub, &owner, &id, &PullQuery::default()).await.expect_err("paused").problem();
    assert_eq!(refused.code, "endpoint_not_active");
    assert!(log(&hub).await.iter().all(|row| row.status == DeliveryStatus::Paused));
    set("active").await;
    drain(&hub).await.expect("drained");
    assert_eq!(events(&fetch(&hub, &id).await), [first, second.clone()]);
    set("disabled").await;
    assert_eq!(commit(&hub, &id, &seen).await, 1, "what was fetched before has arrived");
    set("active").await;
    assert_eq!(events(&fetch(&hub, &id).await), [second]);
});

both!(an_erased_payload_is_not_handed_out, |hub| {
    let hub = hub.with_org().await;
    let id = fetched(&hub, json!({})).await.endpoint.id;
    let first = accepted(&hub, PAID).await;
    let second = accepted(&hub, PAID).await;
    crate::retention::erase_event(&hub, &hub.caller(Role::Owner), &first).await.expect("erased");
    assert_eq!(events(&fetch(&hub, &id).await), [second]);
    assert_eq!(log(&hub).await[1].status, DeliveryStatus::Failed);
});

both!(a_replay_is_fetched_and_its_arrival_told, |hub| {
    let hub = hub.with_org().await;
    let id = fetched(&hub, json!({})).await.endpoint.id;
    let told = fetched(&hub, json!({ "name": "Operations", "event_types": ["delivery.recovered"] })).await.endpoint.id;
    accepted(&hub, PAID).await;
    let seen = fetch(&hub, &id).await;
    commit(&hub, &id, &seen).await;
    let owner = hub.caller(Role::Owner);
    deliveries::replay(&hub, &owner, &seen.data[0].delivery_id, Settings::Then).await.expect("replayed");
    let again = fetch(&hub, &id).await;
    assert_eq!(again.data[0].body, seen.data[0].body);
    assert_eq!(log(&hub).await[0].waits_for, Some(WaitsFor::Pull));
    commit(&hub, &id, &again).await;
    drain(&hub).await.expect("drained");
    let told = fetch(&hub, &told).await;
    assert_eq!(told.data.iter().map(|message| message.event_type.as_str()).collect::<Vec<_>>(), ["delivery.recovered"]);
});

both!(pages_end_to_end_hold_every_message_once_in_the_order_of_acceptance, |hub| {
    let hub = hub.with_org().await;
    let id = fetched(&hub, json!({})).await.endpoint.id;
    let other = hub.restarted();
    let posts = (0..60).map(|number| accepted(if number % 2 == 0 { &hub } else { &other }, PAID));
    let mut sent = futures::future::join_all(posts).await;
    let (mut seen, mut cursor) = (Vec::new(), None);
    for round in 0.. {
        let page = ask(&hub, &id, PullQuery { cursor: cursor.clone(), limit: Some(7), wait_s: None }).await;
        seen.extend(events(&page));
        // Every other page is committed at once, and one more time later.
        if round % 2 == 0 {
            commit(&hub, &id, &page).await;
        }
        cursor = page.next_cursor;
        if !page.has_more {
            break;
        }
    }
    seen.sort();
    sent.sort();
    assert_eq!(seen, sent);
});
