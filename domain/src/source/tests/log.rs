//! What came in as a part of the log.

use super::*;
use crate::db::testing::both;
use crate::source::{LogEntry, log, origin};

const STRIPE: &str = "whsec_EXAMPLEnotARealSecret0000";

both!(a_request_leads_to_its_deliveries_and_they_lead_back, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    endpoint_with(&hub, &receiver.url, json!({})).await;
    let request = desk.take(&desk.stripe(&invoice("evt_1"))).await;
    let went = log::deliveries(&hub, &desk.owner, &request).await.expect("deliveries");
    assert_eq!(went.len(), 1);
    assert_eq!(Some(&went[0].event_id), request.outcomes[0].event_id.as_ref());
    let event = crate::event::actions::get(&hub, &desk.owner, &went[0].event_id).await.expect("an event");
    assert_eq!(origin(&event), Some((desk.source.id.clone(), request.summary.id.clone())));
    let stranger = hub.stranger().await;
    assert!(log::deliveries(&hub, &stranger, &request).await.expect("none").is_empty());
});

both!(requests_are_counted_by_source_verdict_type_and_cause, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    desk.take(&desk.stripe(&invoice("evt_1"))).await;
    desk.take(&desk.stripe(&subscription("evt_2", "created", 1_795_356_000, "active"))).await;
    desk.post(&desk.stripe_by("whsec_another", &invoice("evt_3"))).await.expect_err("refused");
    let beside = Desk::open(&hub, "bearer", None).await;
    hub.clock.advance_ms(3_600_000);
    let sent = Sent::new(r#"{"type":"tick"}"#).with("Authorization", &format!("Bearer {}", beside.secret));
    beside.take(&sent).await;
    let named = |counts: &[crate::delivery::FacetCount]| -> Vec<(String, i64)> {
        counts.iter().map(|count| (count.label.clone().unwrap_or_else(|| count.value.clone()), count.count)).collect()
    };
    let pair = |name: &str, count: i64| (name.to_owned(), count);
    let all = log::facets(&hub, &desk.owner, &RequestQuery::default()).await.expect("facets");
    assert_eq!(named(&all.by_source), [pair("Stripe", 3), pair("Token in a header", 1)]);
    assert_eq!(named(&all.by_verdict), [pair("verified", 3), pair("rejected", 1)]);
    assert_eq!(named(&all.by_state), [pair("processed", 3), pair("refused", 1)]);
    assert_eq!(named(&all.by_cause), [pair("bad_signature", 1)]);
    assert_eq!(named(&all.by_type).len(), 3);
    // A facet leaves its own filter out, and keeps to the others.
    let paid = RequestQuery {
        provider_event_type: Some("invoice.paid".into()),
        verdict: Some(InboundVerdict::Verified),
        ..RequestQuery::default()
    };
    let paid = log::facets(&hub, &desk.owner, &paid).await.expect("facets");
    assert_eq!((named(&paid.by_source), named(&paid.by_type).len()), (vec![pair("Stripe", 1)], 3));
    let count = async |since: &str| {
        let query = RequestQuery { since: Some(since.into()), ..RequestQuery::default() };
        log::count(&hub, &desk.owner, &query).await
    };
    assert_eq!((count("30m").await.expect("a count"), count("2h").await.expect("a count")), (1, 4));
    assert_eq!(count("yesterday").await.expect_err("no time").problem().details[0].field, "since");
    assert_eq!(log::count(&hub, &hub.stranger().await, &RequestQuery::default()).await.expect("none"), 0);
});

both!(both_directions_stand_in_one_line_of_time, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    endpoint_with(&hub, &receiver.url, json!({})).await;
    for event in ["evt_1", "evt_2", "evt_3"] {
        desk.take(&desk.stripe(&invoice(event))).await;
        hub.clock.advance_ms(1000);
    }
    let page = async |limit: u32, cursor: Option<String>| {
        let page = PageQuery { limit: Some(limit), cursor };
        log::both(&hub, &desk.owner, &page).await.expect("a page")
    };
    let ways = |rows: &[LogEntry]| -> String {
        rows.iter().map(|row| if matches!(row, LogEntry::Inbound(_)) { '<' } else { '>' }).collect()
    };
    let whole = page(50, None).await;
    assert!(whole.data.windows(2).all(|pair| pair[0].key() > pair[1].key()), "newest first");
    assert_eq!((ways(&whole.data).len(), whole.next_cursor.is_none()), (6, true));
    assert_eq!(ways(&whole.data).matches('<').count(), 3);
    // Page by page it is the same, there and back.
    let mut pages = vec![page(2, None).await];
    while let Some(cursor) = pages.last().expect("a page").next_cursor.clone() {
        pages.push(page(2, Some(cursor)).await);
    }
    let rows: Vec<_> = pages.iter().flat_map(|page| page.data.clone()).collect();
    assert_eq!(rows, whole.data);
    let back = page(2, pages[2].previous_cursor.clone()).await;
    assert_eq!(back.data, pages[1].data);
    assert!(log::both(&hub, &hub.stranger().await, &PageQuery::default()).await.expect("none").data.is_empty());
});

both!(what_waits_to_be_handled_is_counted_with_the_age_of_the_oldest, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    let waiting = async || {
        let mut conn = hub.db.read().await.expect("a connection");
        crate::figures::inbound_waiting(&mut conn, hub.now()).await.expect("figures")
    };
    assert_eq!(waiting().await, (0, 0));
    kept(desk.post(&desk.stripe(&invoice("evt_1"))).await);
    hub.clock.advance_ms(90_000);
    kept(desk.post(&desk.stripe(&invoice("evt_2"))).await);
    assert_eq!(waiting().await, (2, 90_000));
    drain(&hub).await.expect("handled");
    assert_eq!(waiting().await, (0, 0));
});
