//! The engine from event to receiver, on both databases, against real local receivers.

mod batch;
mod breaker;
mod controls;
mod faults;
mod forms;
mod health;
mod installation;
mod nodes;
mod offers;
mod order;
mod pull;
mod replays;
mod retention;
mod streams;
pub(crate) mod support;

use support::{PAID, Receiver, endpoint, header, log, post};

use crate::caller::Role;
use crate::db::testing::both;
use crate::delivery::query::LogQuery;
use crate::delivery::{DeliveryStatus, ErrorClass, actions as deliveries};
use crate::endpoint::secrets::{self, Rotation};
use crate::endpoint::{EndpointChange, EndpointStatus, NewEndpoint, Retry, actions as endpoints};
use crate::event::actions as events;
use crate::replay::Settings;
use crate::worker::drain;

both!(an_event_reaches_its_receiver_signed_and_byte_for_byte, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let made = endpoint(&hub, &receiver.url, Retry::default()).await;
    let accepted = post(&hub, PAID).await.expect("accepted");
    drain(&hub).await.expect("drained");
    let seen = receiver.seen();
    assert_eq!(seen.len(), 1);
    let (_, body) = seen[0].split_once("\r\n\r\n").expect("a body");
    assert_eq!(
        body,
        format!(
            r#"{{"webhook_id":"{}","event_type":"invoice.paid","timestamp":"{}","data":{{ "id":"inv_8812",  "amount":12900 }}}}"#,
            accepted.id, accepted.created_at
        )
    );
    let secret = signature::Secret::parse(&made.secret).expect("the secret that was shown");
    let (id, time) = (header(&seen[0], "webhook-id"), header(&seen[0], "webhook-timestamp"));
    assert_eq!((id, header(&seen[0], "x-webhook-id")), (accepted.id.as_str(), accepted.id.as_str()));
    signature::verify_standard(
        std::slice::from_ref(&secret),
        id,
        time,
        header(&seen[0], "webhook-signature"),
        body.as_bytes(),
        hub.now().seconds(),
    )
    .expect("the standard signature holds");
    assert_eq!(
        header(&seen[0], "x-webhook-signature"),
        signature::sign_plain(&secret, hub.now().seconds(), body.as_bytes())
    );
    assert_eq!(header(&seen[0], "x-team"), "billing");
    assert_eq!(header(&seen[0], "user-agent"), "Patchbay/test");
    let row = log(&hub).await.remove(0);
    assert_eq!((row.status, row.attempt_count, row.last_code), (DeliveryStatus::Delivered, 1, Some(200)));
    let detail = deliveries::get(&hub, &hub.caller(Role::Member), &row.id).await.expect("the detail");
    assert_eq!(detail.attempts[0].response_body.as_deref(), Some("ok"));
    assert_eq!(detail.matched.as_deref(), Some("invoice.*"));
    assert!(detail.attempts[0].request_headers.contains(&("x-team".into(), "••••".into())));
});

both!(a_failing_receiver_is_retried_on_schedule_until_it_succeeds, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["500 Oops", "503 Busy\r\nretry-after: 60", "200 OK"]).await;
    endpoint(&hub, &receiver.url, Retry::Own(vec![10, 10])).await;
    let accepted = post(&hub, PAID).await.expect("accepted");
    drain(&hub).await.expect("drained");
    let row = log(&hub).await.remove(0);
    assert_eq!((row.status, row.attempt_count, row.last_error), (DeliveryStatus::Retrying, 1, Some(ErrorClass::Http)));
    let wait = row.next_attempt_at.expect("a time").since(hub.now());
    assert!((8000..=12_000).contains(&wait), "{wait}");
    hub.clock.advance_ms(wait - 1);
    drain(&hub).await.expect("drained");
    assert_eq!(receiver.seen().len(), 1, "nothing is sent before its time");
    hub.clock.advance_ms(1);
    drain(&hub).await.expect("drained");
    let row = log(&hub).await.remove(0);
    assert_eq!(row.next_attempt_at.expect("a time").since(hub.now()), 60_000, "Retry-After is honoured");
    hub.clock.advance_ms(60_000);
    drain(&hub).await.expect("drained");
    let row = log(&hub).await.remove(0);
    assert_eq!((row.status, row.attempt_count), (DeliveryStatus::Delivered, 3));
    let ids: Vec<String> = receiver.seen().iter().map(|request| header(request, "webhook-id").to_owned()).collect();
    assert_eq!(ids, vec![accepted.id.to_string(); 3], "the same webhook-id on every try");
});

both!(after_the_last_attempt_it_is_a_dead_letter_that_can_be_replayed, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["500 Oops", "200 OK"]).await;
    endpoint(&hub, &receiver.url, Retry::Own(vec![])).await;
    post(&hub, PAID).await.expect("accepted");
    drain(&hub).await.expect("drained");
    let dead = log(&hub).await.remove(0);
    assert_eq!(dead.status, DeliveryStatus::Failed);
    assert_eq!(deliveries::replay_failed(&hub, &hub.caller(Role::Admin), None).await.expect("replayed"), 1);
    assert_eq!(
        deliveries::replay_failed(&hub, &hub.caller(Role::Admin), None).await.expect("replayed"),
        0,
        "not twice"
    );
    drain(&hub).await.expect("drained");
    let rows = log(&hub).await;
    assert_eq!((rows.len(), rows[0].status, rows[0].replay_of.clone()), (2, DeliveryStatus::Delivered, Some(dead.id)));
});

both!(a_gone_answer_disables_the_endpoint_and_keeps_what_comes_next, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["410 Gone", "200 OK"]).await;
    let made = endpoint(&hub, &receiver.url, Retry::default()).await;
    let owner = hub.caller(Role::Owner);
    post(&hub, PAID).await.expect("accepted");
    drain(&hub).await.expect("drained");
    let now = endpoints::get(&hub, &owner, &made.endpoint.id).await.expect("the endpoint");
    assert_eq!((now.status, now.disabled_reason.is_some()), (EndpointStatus::Disabled, true));
    post(&hub, PAID).await.expect("accepted");
    drain(&hub).await.expect("drained");
    assert_eq!(log(&hub).await[0].status, DeliveryStatus::Paused);
    let active = EndpointChange { status: Some(EndpointStatus::Active), ..EndpointChange::default() };
    endpoints::update(&hub, &owner, &made.endpoint.id, active).await.expect("active again");
    drain(&hub).await.expect("drained");
    assert_eq!(log(&hub).await[0].status, DeliveryStatus::Delivered);
    assert_eq!(receiver.seen().len(), 2);
});

both!(a_crash_between_lease_and_result_repeats_the_delivery, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    endpoint(&hub, &receiver.url, Retry::default()).await;
    post(&hub, PAID).await.expect("accepted");
    // A worker takes the lease and dies.
    let mut tx = hub.db.begin().await.expect("a transaction");
    assert_eq!(crate::delivery::store::claim(&mut tx, hub.now(), 59_000, 10).await.expect("claimed").len(), 1);
    tx.commit().await.expect("committed");
    drain(&hub).await.expect("drained");
    assert_eq!(receiver.seen().len(), 0, "the lease holds");
    hub.clock.advance_ms(60_000);
    drain(&hub).await.expect("drained");
    assert_eq!(receiver.seen().len(), 1);
});

both!(a_private_address_is_refused_on_the_attempt_itself, |hub| {
    let hub = hub.with_org().await;
    let owner = hub.caller(Role::Owner);
    let new = |url: &str| -> NewEndpoint {
        serde_json::from_value(serde_json::json!({ "name": "Inside", "url": url, "event_types": ["*"] }))
            .expect("an endpoint")
    };
    for url in [
        "http://10.0.0.1/",
        "https://169.254.169.254/latest",
        "https://[::ffff:10.0.0.1]/",
        "ftp://example.com/",
        "https://u:p@example.com/",
    ] {
        let problem = endpoints::create(&hub, &owner, new(url)).await.expect_err(url).problem();
        assert_eq!(problem.details[0].field, "url", "{url}");
    }
});

both!(the_same_key_and_body_give_the_same_answer_and_another_body_a_conflict, |hub| {
    let hub = hub.with_org().await;
    let owner = hub.caller(Role::Owner);
    let send = async |body: &str, key: &str| events::ingest(&hub, &owner, body.as_bytes(), Some(key)).await;
    let first = send(PAID, "k1").await.expect("accepted");
    assert_eq!(send(PAID, "k1").await.expect("accepted"), first);
    let spaced = PAID.replace(r#","data""#, r#" , "data""#);
    assert_eq!(send(&spaced, "k1").await.expect("the same content"), first);
    let other = r#"{"event_type":"invoice.paid","data":{"id":"inv_1"}}"#;
    let problem = send(other, "k1").await.expect_err("a conflict").problem();
    assert_eq!((problem.code.as_str(), problem.details[0].field.as_str()), ("idempotency_conflict", "data"));
    assert_ne!(send(other, "k2").await.expect("another key").id, first.id);
    let all = events::list(&hub, &owner, None, &crate::PageQuery::default()).await.expect("a list");
    assert_eq!(all.data.len(), 2);
});

both!(wrong_events_are_refused_with_the_field_and_what_to_do, |hub| {
    let hub = hub.with_org().await;
    for (body, status, text) in [
        ("{\n  \"event_type\": }", 400, "line 2, column 17"),
        (r#"{"event_type":"invoice.payed","data":{}}"#, 422, "`invoice.paid`"),
        (r#"{"event_type":"invoice.paid"}"#, 422, "data"),
        (r#"{"event_type":"invoice.paid","data":[]}"#, 422, "JSON object"),
        (r#"{"event_type":"invoice.paid","data":{},"extra":1}"#, 422, "extra"),
        (r#"{"event_type":"invoice.paid","data":{"customer":{"password":"hunter2!"}}}"#, 422, "data.customer.password"),
    ] {
        let error = post(&hub, body).await.expect_err(body);
        assert_eq!(error.status(), status, "{body}");
        let problem = error.problem();
        assert!(format!("{problem:?}").contains(text), "{problem:?}");
    }
    let large = format!(r#"{{"event_type":"invoice.paid","data":{{"x":"{}"}}}}"#, "x".repeat(256 * 1024));
    assert_eq!(post(&hub, &large).await.expect_err("too large").status(), 413);
    assert!(log(&hub).await.is_empty());
});

both!(many_events_at_once_are_all_stored_and_delivered_once, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    endpoint(&hub, &receiver.url, Retry::default()).await;
    let posts = (0..200).map(|_| post(&hub, PAID));
    let accepted = futures::future::join_all(posts).await;
    let mut ids: Vec<String> = accepted.into_iter().map(|a| a.expect("accepted").id.to_string()).collect();
    drain(&hub).await.expect("drained");
    let mut seen: Vec<String> =
        receiver.seen().iter().map(|request| header(request, "webhook-id").to_owned()).collect();
    ids.sort();
    seen.sort();
    assert_eq!(ids, seen);
});

both!(another_organization_sees_and_touches_nothing, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let made = endpoint(&hub, &receiver.url, Retry::default()).await;
    let event = post(&hub, PAID).await.expect("accepted");
    drain(&hub).await.expect("drained");
    let row = log(&hub).await.remove(0);
    let stranger = hub.stranger().await;
    assert!(deliveries::list(&hub, &stranger, &LogQuery::default()).await.expect("own log").data.is_empty());
    let statuses = [
        deliveries::get(&hub, &stranger, &row.id).await.map(drop),
        deliveries::replay(&hub, &stranger, &row.id, Settings::Now).await.map(drop),
        deliveries::try_now(&hub, &stranger, &row.id).await,
        deliveries::replay_failed(&hub, &stranger, Some(&made.endpoint.id)).await.map(drop),
        endpoints::get(&hub, &stranger, &made.endpoint.id).await.map(drop),
        endpoints::health(&hub, &stranger, &made.endpoint.id).await.map(drop),
        endpoints::update(&hub, &stranger, &made.endpoint.id, EndpointChange::default()).await.map(drop),
        secrets::rotate(&hub, &stranger, &made.endpoint.id, &Rotation::default()).await.map(drop),
        endpoints::test(&hub, &stranger, &made.endpoint.id, None).await.map(drop),
        endpoints::delete(&hub, &stranger, &made.endpoint.id).await,
        events::get(&hub, &stranger, &event.id).await.map(drop),
    ]
    .map(|result| result.expect_err("refused").status());
    assert_eq!(statuses, [404; 11]);
});

both!(the_log_filters_counts_and_finds_words, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK", "500 Oops", "200 OK"]).await;
    let made = endpoint(&hub, &receiver.url, Retry::default()).await;
    for body in [PAID, r#"{"event_type":"invoice.failed","data":{"reason":"Karte abgelaufen"}}"#, PAID] {
        post(&hub, body).await.expect("accepted");
        drain(&hub).await.expect("drained");
        hub.clock.advance_ms(2000);
    }
    drain(&hub).await.expect("drained");
    let member = hub.caller(Role::Member);
    let count = async |q: &str| {
        let query = LogQuery { q: Some(q.into()), ..LogQuery::default() };
        deliveries::list(&hub, &member, &query).await.expect(q).data.len()
    };
    assert_eq!(count("status:retrying").await, 1);
    assert_eq!(count("type:invoice.*").await, 3);
    assert_eq!(count("type:invoice.paid code:2xx").await, 2);
    assert_eq!(count("abgelaufen").await, 1);
    assert_eq!(count("karte abgel").await, 1);
    assert_eq!(count("inv_8812 status:delivered").await, 2);
    assert_eq!(count("nowhere").await, 0);
    assert_eq!(count(made.endpoint.id.as_str()).await, 3);
    assert_eq!(count("error:http").await, 1);
    let stats = deliveries::stats(&hub, &member, &LogQuery::default()).await.expect("stats");
    assert_eq!(stats.total, 3);
    assert_eq!(
        stats.histogram.iter().map(|b| (b.delivered, b.waiting, b.failed)).fold((0, 0, 0), |a, b| (
            a.0 + b.0,
            a.1 + b.1,
            a.2 + b.2
        )),
        (2, 1, 0)
    );
    assert_eq!(stats.by_endpoint[0].label.as_deref(), Some("Billing sync"));
    let health = endpoints::health(&hub, &member, &made.endpoint.id).await.expect("health");
    assert_eq!((health.delivered, health.retrying), (2, 1));
});

both!(a_rotated_secret_signs_beside_the_old_one_for_a_day, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let made = endpoint(&hub, &receiver.url, Retry::default()).await;
    let rotated = secrets::rotate(&hub, &hub.caller(Role::Owner), &made.endpoint.id, &Rotation::default())
        .await
        .expect("rotated");
    assert_ne!(rotated.secret, made.secret);
    let signatures = async |number: usize| {
        post(&hub, PAID).await.expect("accepted");
        drain(&hub).await.expect("drained");
        header(&receiver.seen()[number], "webhook-signature").split(' ').count()
    };
    assert_eq!(signatures(0).await, 2);
    hub.clock.advance_ms(24 * 3600 * 1000 + 2);
    assert_eq!(signatures(1).await, 1);
});

both!(what_runs_for_every_event_and_delivery_is_small_in_memory, |hub| {
    let hub = hub.with_org().await;
    let caller = hub.caller(Role::Admin);
    let key = crate::api_key::actions::resolve(&hub, "pb_", None, None);
    let ingest = events::ingest(&hub, &caller, PAID.as_bytes(), None);
    let sizes = [size_of_val(&key), size_of_val(&ingest), crate::worker::deliverer::size_of_delivery()];
    assert!(sizes.iter().all(|size| *size < 4096), "bytes to resolve a key, take an event in, deliver: {sizes:?}");
});
