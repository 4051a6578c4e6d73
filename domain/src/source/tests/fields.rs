//! The fields of what came, held against what is expected.

use super::*;
use crate::db::testing::both;
use crate::source::{FieldStanding, fields};

const STRIPE: &str = "whsec_EXAMPLEnotARealSecret0000";

both!(fields_are_seen_missing_of_another_kind_or_not_expected, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    let report = async |caller: &Caller, kind: &str| fields::report(&hub, caller, &desk.source.id, kind).await;
    let nothing = report(&desk.owner, "invoice.paid").await.expect("a report");
    assert_eq!((nothing.events, nothing.event_type.as_deref()), (0, Some("invoice.paid")));
    assert!(nothing.fields.iter().all(|field| field.standing == FieldStanding::Missing));
    desk.take(&desk.stripe(&invoice("evt_1"))).await;
    let mut odd = invoice("evt_2");
    odd["data"]["object"]["amount_paid"] = json!("49.00");
    odd["data"]["object"]["tax"] = json!(900);
    odd["data"]["object"]["currency"] = json!(978);
    desk.take(&desk.stripe(&odd)).await;
    desk.take(&desk.stripe(&subscription("evt_3", "created", 1_795_356_000, "active"))).await;
    desk.post(&desk.stripe_by("whsec_another", &invoice("evt_4"))).await.expect_err("refused");
    let report_of = report(&desk.owner, "invoice.paid").await.expect("a report");
    assert_eq!(report_of.events, 2, "neither what was refused nor what is of another type");
    let find = |place: &str| {
        report_of.fields.iter().find(|field| field.place == place).unwrap_or_else(|| panic!("{place}: {report_of:?}"))
    };
    let id = find("/data/object/id");
    assert_eq!((id.field.as_deref(), id.standing, id.seen), (Some("invoice_id"), FieldStanding::Seen, 2));
    let currency = find("/data/object/currency");
    assert_eq!(
        (currency.standing, currency.kinds.as_slice()),
        (FieldStanding::OtherKind, &["integer".to_owned(), "string".to_owned()][..])
    );
    assert_eq!(find("/data/object/amount_paid").seen, 2);
    assert_eq!(find("/data/object/billing_reason").standing, FieldStanding::Missing);
    let tax = find("/data/object/tax");
    assert_eq!((tax.field.as_deref(), tax.standing, tax.seen), (None, FieldStanding::Unexpected, 1));
    assert!(
        report_of.fields.iter().all(|field| !["/type", "/id", "/created"].contains(&field.place.as_str())),
        "these are read"
    );
    // A type that is kept and shown only is expected to have nothing.
    let unknown = report(&desk.owner, "charge.refunded").await.expect("a report");
    assert_eq!((unknown.event_type, unknown.fields.len()), (None, 0));
    assert_eq!(report(&desk.owner, " ").await.expect_err("no type").problem().details[0].field, "provider_event_type");
    assert_eq!(report(&hub.stranger().await, "invoice.paid").await.expect_err("not found").status(), 404);
});

both!(email_is_held_against_the_message_that_is_made_of_it, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "postmark", Some("hub:s3cret")).await;
    use base64::Engine as _;
    let password = base64::engine::general_purpose::STANDARD.encode("hub:s3cret");
    let body = json!({"MessageID": "m_1", "Subject": "Hello", "From": "jane@example.net", "TextBody": "Hi"});
    let sent = Sent::new(body.to_string()).with("Authorization", &format!("Basic {password}"));
    desk.take(&sent).await;
    let report = fields::report(&hub, &desk.owner, &desk.source.id, "inbound").await.expect("a report");
    let standing = |name: &str| {
        report.fields.iter().find(|field| field.field.as_deref() == Some(name)).map(|field| field.standing)
    };
    assert_eq!(
        (report.events, standing("subject"), standing("html")),
        (1, Some(FieldStanding::Seen), Some(FieldStanding::Missing))
    );
});

both!(of_a_list_every_event_is_counted_and_looked_at_not_only_the_first, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "hubspot", Some("hubspot-app-secret")).await;
    let at = 1_795_356_000_000;
    let created = |event: i64| contact_change(event, "contact.creation", at + event);
    let changed = |event: i64| contact_change(event, "contact.propertyChange", at + event);
    let list = desk.take(&desk.hubspot(&json!([created(1), changed(2), changed(3)]))).await;
    hub.clock.advance_ms(1000);
    desk.take(&desk.hubspot(&json!([created(4)]))).await;
    let seen = async || fields::seen(&hub, &desk.owner, &desk.source.id).await.expect("counts");
    let expected = [("contact.creation", 2), ("contact.propertyChange", 2)];
    assert_eq!(seen().await, expected.map(|(kind, often)| (kind.to_owned(), often)));
    let events =
        async |kind: &str| fields::report(&hub, &desk.owner, &desk.source.id, kind).await.expect("a report").events;
    assert_eq!((events("contact.creation").await, events("contact.propertyChange").await), (2, 2));
    assert_eq!((events("contact.%").await, events("contact.deletion").await), (0, 0));
    requests::replay(&hub, &desk.owner, &list.summary.id).await.expect("again");
    drain(&hub).await.expect("handled");
    assert_eq!(seen().await[1].1, 2, "it has not come once more");
    let stripe = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    stripe.take(&stripe.stripe(&invoice("evt_1"))).await;
    let seen = fields::seen(&hub, &desk.owner, &stripe.source.id).await.expect("counts");
    assert_eq!(seen, [("invoice.paid".to_owned(), 1)]);
    let stranger = fields::seen(&hub, &hub.stranger().await, &stripe.source.id).await;
    assert_eq!(stranger.expect_err("not found").status(), 404);
});
