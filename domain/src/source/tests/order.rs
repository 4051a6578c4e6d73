//! Providers keep no order: late news undoes nothing.

use super::*;
use crate::db::testing::both;

const STRIPE: &str = "whsec_EXAMPLEnotARealSecret0000";

both!(an_update_before_its_creation_ends_in_the_same_state, |hub| {
    let hub = hub.with_org().await;
    let created = subscription("evt_1", "created", 1_795_356_000, "trialing");
    let updated = subscription("evt_2", "updated", 1_795_356_010, "active");
    let mut ends = Vec::new();
    for order in [[&created, &updated], [&updated, &created]] {
        let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
        let mut last = None;
        for event in order {
            last = Some(desk.take(&desk.stripe(event)).await);
        }
        let told: Vec<_> =
            desk.events().await.into_iter().filter(|(_, data)| data["source_id"] == json!(desk.source.id)).collect();
        assert_eq!(told.len(), 2, "both are told");
        // What a receiver knows who believes each event in the order in which they come.
        ends.push(told.last().expect("an event").1["status"].clone());
        let late = last.expect("a request").outcomes.remove(0);
        let came_late = std::ptr::eq(order[1], &created);
        assert_eq!((late.is_late, late.detail.is_some()), (came_late, came_late));
        assert_eq!(told[1].1.get("is_late"), came_late.then_some(&json!(true)));
    }
    assert_eq!(ends, ["active", "active"]);
});

both!(late_news_that_is_no_beginning_is_not_told_and_nothing_is_told_after_an_end, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    desk.take(&desk.stripe(&subscription("evt_3", "updated", 1_795_356_020, "active"))).await;
    let late = desk.take(&desk.stripe(&subscription("evt_2", "updated", 1_795_356_010, "past_due"))).await;
    assert_eq!(outcomes(&late), [OutcomeKind::Late]);
    assert!(late.outcomes[0].is_late && late.outcomes[0].detail.is_some());
    // An end counts whatever its time is.
    let end = desk.take(&desk.stripe(&subscription("evt_4", "deleted", 1_795_356_019, "canceled"))).await;
    assert_eq!(outcomes(&end), [OutcomeKind::Published]);
    for (event, kind) in [("evt_1", "created"), ("evt_5", "updated")] {
        let after = desk.take(&desk.stripe(&subscription(event, kind, 1_795_356_030, "active"))).await;
        assert_eq!(outcomes(&after), [OutcomeKind::Late]);
    }
    let names: Vec<_> = desk.events().await.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["subscription.updated", "subscription.cancelled"]);
    // Somebody wants it told all the same.
    requests::replay(&hub, &desk.owner, &late.summary.id).await.expect("asked");
    drain(&hub).await.expect("handled");
    let last = desk.events().await.pop().expect("an event");
    assert_eq!((last.0.as_str(), &last.1["is_late"]), ("subscription.updated", &json!(true)));
});
