//! An endpoint whose form changes loses nothing that waits.

use serde_json::json;

use super::pull::{commit, events, fetch, fetched};
use super::support::{Receiver, endpoint_with, header, log, post};
use crate::caller::Role;
use crate::db::testing::both;
use crate::delivery::{DeliveryStatus, WaitsFor};
use crate::endpoint::{EndpointChange, EndpointStatus, actions as endpoints};
use crate::hub::testing::TestHub;
use crate::id::{EndpointId, EventId};
use crate::worker::{claimer, drain};

async fn change(hub: &TestHub, id: &EndpointId, fields: serde_json::Value) {
    let change: EndpointChange = serde_json::from_value(fields).expect("a change");
    endpoints::update(hub, &hub.caller(Role::Owner), id, change).await.expect("changed");
}

async fn keyed(hub: &TestHub, key: Option<&str>) -> EventId {
    let body = json!({ "event_type": "invoice.paid", "ordering_key": key, "data": {} });
    post(hub, &body.to_string()).await.expect("accepted").id
}

fn arrived(receiver: &Receiver) -> Vec<EventId> {
    receiver.seen().iter().map(|request| header(request, "webhook-id").parse().expect("an id")).collect()
}

both!(what_waited_to_be_pushed_is_fetched_in_order, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["500 Oops"]).await;
    let id = endpoint_with(&hub, &receiver.url, json!({ "retry": [3600] })).await.endpoint.id;
    let first = keyed(&hub, Some("a")).await;
    drain(&hub).await.expect("drained");
    // One waits for its retry, one behind it, one is due, one is kept.
    let second = keyed(&hub, Some("a")).await;
    hub.lanes.set_open(false);
    let third = keyed(&hub, None).await;
    change(&hub, &id, json!({ "status": "paused" })).await;
    let fourth = keyed(&hub, None).await;
    change(&hub, &id, json!({ "delivery": { "form": "pull" }, "status": "active" })).await;
    let fifth = keyed(&hub, Some("a")).await;
    let sent = vec![first, second, third, fourth, fifth];
    let all = fetch(&hub, &id).await;
    assert_eq!(events(&all), sent);
    assert_eq!(commit(&hub, &id, &all).await, 5);
    drain(&hub).await.expect("drained");
    hub.clock.advance_ms(7_200_000);
    drain(&hub).await.expect("drained");
    assert_eq!(receiver.seen().len(), 1, "nothing is pushed any more");
    let rows = log(&hub).await;
    assert!(rows.iter().all(|row| row.status == DeliveryStatus::Delivered), "{rows:?}");
    assert_eq!(rows[4].attempt_count, 2);
});

both!(what_waited_to_be_fetched_is_pushed_in_order, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let id = fetched(&hub, json!({})).await.endpoint.id;
    let mut sent = Vec::new();
    for key in [None, Some("a"), Some("a"), None, Some("b"), Some("a")] {
        sent.push((key, keyed(&hub, key).await));
    }
    change(&hub, &id, json!({ "delivery": { "form": "push" }, "url": receiver.url })).await;
    sent.push((Some("a"), keyed(&hub, Some("a")).await));
    drain(&hub).await.expect("drained");
    let arrived = arrived(&receiver);
    assert_eq!(arrived.len(), 7);
    let of_key = |key| sent.iter().filter(move |(own, _)| *own == key).map(|(_, id)| id.clone()).collect::<Vec<_>>();
    let got = |key| arrived.iter().filter(|id| of_key(key).contains(id)).cloned().collect::<Vec<_>>();
    assert_eq!(got(Some("a")), of_key(Some("a")));
    assert!(log(&hub).await.iter().all(|row| row.status == DeliveryStatus::Delivered));
});

both!(a_cursor_from_before_still_means_what_it_meant, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let id = fetched(&hub, json!({})).await.endpoint.id;
    keyed(&hub, None).await;
    let old = fetch(&hub, &id).await;
    change(&hub, &id, json!({ "delivery": { "form": "push" }, "url": receiver.url })).await;
    drain(&hub).await.expect("drained");
    change(&hub, &id, json!({ "delivery": { "form": "pull" } })).await;
    let new = keyed(&hub, None).await;
    assert_eq!(commit(&hub, &id, &old).await, 0, "the cursor names nothing that came later");
    assert_eq!(events(&fetch(&hub, &id).await), [new]);
});

both!(a_process_that_has_not_heard_of_the_change_loses_nothing, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let id = endpoint_with(&hub, &receiver.url, json!({})).await.endpoint.id;
    let other = hub.restarted();
    // It plans a push for later.
    keyed(&other, None).await;
    change(&hub, &id, json!({ "delivery": { "form": "pull" } })).await;
    let pushed = keyed(&other, None).await;
    claimer::tick(&hub).await.expect("a round");
    assert_eq!(fetch(&hub, &id).await.data.len(), 2, "who claims it puts it into the queue");
    // It plans something to be fetched.
    other.directory.forget(&hub.org_id);
    keyed(&other, None).await;
    change(&hub, &id, json!({ "delivery": { "form": "push" } })).await;
    keyed(&other, Some("a")).await;
    let last = keyed(&other, Some("a")).await;
    assert!(log(&hub).await.iter().all(|row| row.waits_for != Some(WaitsFor::Pull)));
    drain(&hub).await.expect("drained");
    let arrived = arrived(&receiver);
    assert_eq!((arrived.len(), arrived.contains(&pushed), arrived.last()), (5, true, Some(&last)));
});

both!(a_pushed_endpoint_needs_a_url_and_a_fetched_one_does_not, |hub| {
    let hub = hub.with_org().await;
    let owner = hub.caller(Role::Owner);
    let made = fetched(&hub, json!({})).await.endpoint;
    assert_eq!((made.url.as_str(), made.delivery.is_pull(), made.status), ("", true, EndpointStatus::Active));
    for fields in [
        json!({ "delivery": { "form": "push" } }),
        json!({ "delivery": { "form": "batch" }, "url": "" }),
        json!({ "url": "ftp://example.com" }),
        json!({ "delivery": { "form": "batch", "max_events": 1 }, "url": "http://127.0.0.1:4999/x" }),
    ] {
        let change: EndpointChange = serde_json::from_value(fields.clone()).expect("a change");
        let problem = endpoints::update(&hub, &owner, &made.id, change).await.expect_err("refused").problem();
        let field = if fields["url"] == "http://127.0.0.1:4999/x" { "delivery.max_events" } else { "url" };
        assert_eq!(problem.details[0].field, field, "{fields}");
    }
    let versions = crate::endpoint::history::page(&hub, &owner, &made.id, &crate::PageQuery::default()).await;
    assert_eq!(versions.expect("versions").data.len(), 1, "nothing was changed");
});
