//! The actions on both databases, and the guess at a mistyped name.

use serde_json::json;

use super::*;
use crate::caller::Role;
use crate::db::on;
use crate::db::testing::both;

fn new(name: &str) -> NewEventType {
    NewEventType {
        name: name.into(),
        description: " An order was placed. ".into(),
        schema: Some(json!({"type": "object"})),
        sample: Some(json!({"order": "ord_1"})),
    }
}

fn code(error: Error) -> (u16, String) {
    (error.status(), error.problem().code)
}

#[test]
fn the_nearest_name_is_offered_for_slips_only() {
    let known = || catalogue::NAMES.into_iter().chain(["order.created", "order.line_item.added"]);
    for (wrong, meant) in [
        ("invoice.payed", Some("invoice.paid")),
        ("Invoice.Paid", Some("invoice.paid")),
        ("invoices.paid", Some("invoice.paid")),
        ("paid.invoice", Some("invoice.paid")),
        ("subscription.canceled", Some("subscription.cancelled")),
        ("oder.created", Some("order.created")),
        ("entity_created", Some("entity.created")),
        ("warehouse.flooded", None),
        ("", None),
    ] {
        assert_eq!(nearest(wrong, known()), meant, "{wrong}");
    }
}

both!(an_own_type_is_made_changed_and_deleted, |hub| {
    let hub = hub.with_org().await;
    let admin = hub.caller(Role::Admin);
    let made = create(&hub, &admin, new("order.created")).await.expect("made");
    assert_eq!(
        (made.description.as_str(), made.standard, made.created_at),
        ("An order was placed.", false, Some(hub.now()))
    );
    assert_eq!(get(&hub, &admin, "order.created").await.expect("there"), made);

    let change =
        EventTypeChange { schema: Some(None), sample: Some(json!({"order": "ord_2"})), ..EventTypeChange::default() };
    let changed = update(&hub, &admin, "order.created", change).await.expect("changed");
    assert_eq!(changed, EventType { schema: None, sample: json!({"order": "ord_2"}), ..made });
    assert_eq!(get(&hub, &admin, "order.created").await.expect("there"), changed);

    let names: Vec<_> = list(&hub, &admin).await.expect("listed").into_iter().map(|known| known.name).collect();
    assert_eq!(names.len(), catalogue::NAMES.len() + 1);
    assert!(names.is_sorted() && names.contains(&"order.created".to_owned()));

    delete(&hub, &admin, "order.created").await.expect("deleted");
    assert_eq!(code(get(&hub, &admin, "order.created").await.expect_err("gone")), (404, "event_type_not_found".into()));
    let lines: Vec<String> = on!(&mut hub.db.read().await.expect("a connection"), |c| {
        sqlx::query_scalar("SELECT action FROM audit_entries ORDER BY action").fetch_all(c).await
    })
    .expect("lines");
    assert_eq!(lines, ["event_type.created", "event_type.deleted", "event_type.updated"]);
});

both!(a_form_without_a_schema_removes_it_and_keeps_the_sample, |hub| {
    let hub = hub.with_org().await;
    let admin = hub.caller(Role::Admin);
    create(&hub, &admin, new("order.created")).await.expect("made");
    let form = NewEventType { schema: None, sample: None, description: "Anew.".into(), ..new("order.created") };
    let changed = update(&hub, &admin, "order.created", form).await.expect("changed");
    assert_eq!(
        (changed.schema, changed.sample, changed.description.as_str()),
        (None, json!({"order": "ord_1"}), "Anew.")
    );
});

both!(a_taken_name_is_a_conflict, |hub| {
    let hub = hub.with_org().await;
    let admin = hub.caller(Role::Admin);
    create(&hub, &admin, new("order.created")).await.expect("made");
    for name in ["order.created", "invoice.paid"] {
        assert_eq!(code(create(&hub, &admin, new(name)).await.expect_err("taken")), (409, "event_type_taken".into()));
    }
    let stranger = hub.stranger().await;
    create(&hub, &stranger, new("order.created")).await.expect("names are per organization");
});

both!(standard_types_are_read_but_never_changed, |hub| {
    let hub = hub.with_org().await;
    let owner = hub.caller(Role::Owner);
    assert!(get(&hub, &owner, "invoice.paid").await.expect("there").standard);
    let change = update(&hub, &owner, "invoice.paid", EventTypeChange::default()).await;
    assert_eq!(code(change.expect_err("refused")), (409, "event_type_standard".into()));
    assert_eq!(
        code(delete(&hub, &owner, "invoice.paid").await.expect_err("refused")),
        (409, "event_type_standard".into())
    );
});

both!(a_type_that_an_endpoint_names_stays, |hub| {
    let hub = hub.with_org().await;
    let admin = hub.caller(Role::Admin);
    for name in ["order.created", "order.paid"] {
        create(&hub, &admin, new(name)).await.expect("made");
    }
    let mut tx = hub.db.begin().await.expect("a transaction");
    on!(&mut *tx, |c| {
        sqlx::query(
            "INSERT INTO endpoints (id, org_id, name, url, description, event_types_json, status, timeout_ms, retry_json, created_at, updated_at)
             VALUES ('ep_1', $1, 'Billing', 'https://example.com', '', '[\"order.paid\", \"order.*\", \"*\"]', 'active', 10000, '\"standard\"', 1, 1)",
        )
        .bind(&hub.org_id)
        .execute(c)
        .await
        .map(drop)
    })
    .expect("an endpoint");
    tx.commit().await.expect("committed");
    let problem = delete(&hub, &admin, "order.paid").await.expect_err("in use").problem();
    assert_eq!(problem.code, "event_type_in_use");
    assert!(problem.message.contains("Billing"));
    delete(&hub, &admin, "order.created").await.expect("a group does not hold it");
});

both!(members_read_admins_write_and_strangers_see_nothing, |hub| {
    let hub = hub.with_org().await;
    let (member, admin) = (hub.caller(Role::Member), hub.caller(Role::Admin));
    assert_eq!(code(create(&hub, &member, new("order.created")).await.expect_err("refused")).0, 403);
    create(&hub, &admin, new("order.created")).await.expect("made");
    assert_eq!(list(&hub, &member).await.expect("listed").len(), catalogue::NAMES.len() + 1);
    assert_eq!(code(update(&hub, &member, "order.created", new("order.created")).await.expect_err("refused")).0, 403);
    assert_eq!(code(delete(&hub, &member, "order.created").await.expect_err("refused")).0, 403);
    let stranger = hub.stranger().await;
    assert_eq!(list(&hub, &stranger).await.expect("listed").len(), catalogue::NAMES.len());
    assert_eq!(code(get(&hub, &stranger, "order.created").await.expect_err("hidden")).0, 404);
    assert_eq!(code(update(&hub, &stranger, "order.created", new("order.created")).await.expect_err("hidden")).0, 404);
    assert_eq!(code(delete(&hub, &stranger, "order.created").await.expect_err("hidden")).0, 404);
});

both!(wrong_fields_are_named, |hub| {
    let hub = hub.with_org().await;
    let admin = hub.caller(Role::Admin);
    let wrong = create(&hub, &admin, new("Order Created")).await.expect_err("refused");
    assert_eq!((wrong.status(), wrong.problem().details[0].field.as_str()), (422, "name"));
    let secret = NewEventType { sample: Some(json!({"api_key": "k-123456"})), ..new("order.created") };
    let wrong = create(&hub, &admin, secret).await.expect_err("refused");
    assert_eq!(wrong.problem().details[0].field, "sample.api_key");
});
