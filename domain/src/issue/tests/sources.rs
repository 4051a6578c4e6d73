//! What a source brings becomes an issue like any other event.

use super::*;
use crate::source::tests::{Desk, invoice};

both!(what_a_source_brings_becomes_an_issue_with_what_it_says, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    let value = "Invoice {{data.number}} of {{data.customer_id}}: {{data.amount_paid}} {{data.currency}}";
    let summary = json!({ "field": "summary", "name": "Summary", "kind": "line", "value": value });
    world.rule(&id, json!({ "fields": [summary] })).await;
    let desk = Desk::open(&world.hub, "stripe", Some("whsec_EXAMPLEnotARealSecret0000")).await;
    desk.take(&desk.stripe(&invoice("evt_1"))).await;
    // The same once more makes no second one.
    desk.take(&desk.stripe(&invoice("evt_1"))).await;
    let issues = world.issues();
    assert_eq!((issues.len(), &issues[0].fields["summary"]), (1, &json!("Invoice A-1 of cus_1: 4900 EUR")));
    assert_eq!(
        (world.statuses().await, world.link().await.issue.subject),
        (vec![DeliveryStatus::Delivered], "in_evt_1".to_owned())
    );
    world.jira.assert_understood();
});
