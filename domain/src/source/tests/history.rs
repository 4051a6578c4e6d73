//! What became of e-mail that was sent.

use super::*;
use crate::db::testing::both;
use crate::id::SourceId;
use crate::source::{EmailFact, history};

/// An event of Resend's about a message.
fn email(kind: &str, message: &str, to: &[&str], at: &str) -> Value {
    let mut data =
        json!({"email_id": message, "to": to, "from": "hub@example.com", "subject": "Hello", "created_at": at});
    if kind == "email.bounced" {
        data["bounce"] = json!({"type": "Permanent", "subType": "General", "message": "no such box"});
    }
    if kind == "email.clicked" {
        data["click"] = json!({"link": "https://example.com/a", "timestamp": at});
    }
    json!({"type": kind, "created_at": at, "data": data})
}

fn told(facts: &[EmailFact]) -> Vec<(&str, &str)> {
    facts.iter().map(|fact| (fact.event_type.as_str(), fact.recipient.as_str())).collect()
}

both!(what_becomes_of_a_message_is_kept_whole_whatever_the_order_is, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "resend", Some("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")).await;
    let list = async |message: Option<&str>, recipient: Option<&str>| {
        history::list(&hub, &desk.owner, &desk.source.id, message, recipient).await.expect("a history")
    };
    // The click comes first, and the delivery late.
    for (id, event) in [
        ("m3", email("email.clicked", "em_1", &["Ada <Ada@example.com>"], "2026-11-22T10:00:03Z")),
        ("m2", email("email.delivered", "em_1", &["ada@example.com"], "2026-11-22T10:00:02Z")),
        ("m1", email("email.sent", "em_1", &["ada@example.com"], "2026-11-22T10:00:01Z")),
        ("m4", email("email.bounced", "em_2", &["ada@example.com", "bob@example.com"], "2026-11-22T10:00:04Z")),
        // A retry tells nothing new.
        ("m4", email("email.bounced", "em_2", &["ada@example.com", "bob@example.com"], "2026-11-22T10:00:04Z")),
    ] {
        desk.take(&desk.svix(id, &event)).await;
    }
    let one = list(Some("em_1"), None).await;
    let ada = "ada@example.com";
    assert_eq!(told(&one), [("email.clicked", ada), ("email.delivered", ada), ("email.sent", ada)]);
    assert_eq!(one[0].detail.as_deref(), Some("https://example.com/a"));
    let shared = list(Some("em_2"), None).await;
    assert_eq!((told(&shared).len(), shared[0].recipients, one[0].recipients), (2, 2, 1), "it may be about either");
    let hers = list(None, Some(" ADA@example.com")).await;
    assert_eq!((hers.len(), hers[0].detail.as_deref()), (4, Some("Permanent: no such box")));
    assert_eq!(told(&list(Some("em_2"), Some("bob@example.com")).await), [("email.bounced", "bob@example.com")]);
    // What is told again is noted once.
    requests::replay(&hub, &desk.owner, &hers[0].request_id).await.expect("asked");
    drain(&hub).await.expect("handled");
    assert_eq!(list(None, Some(ada)).await.len(), 4);
    let refused = history::list(&hub, &desk.owner, &desk.source.id, None, Some(" ")).await.expect_err("nobody");
    assert_eq!(refused.problem().details[0].field, "message_id");
    for (caller, id) in [(hub.stranger().await, desk.source.id.clone()), (desk.owner.clone(), hub.id(SourceId::new))] {
        let refused = history::list(&hub, &caller, &id, Some("em_1"), None).await.expect_err("not found");
        assert_eq!(refused.status(), 404);
    }
    // Addresses are kept as long as payloads.
    let mut tx = hub.db.begin().await.expect("a transaction");
    let sql = "UPDATE orgs SET payload_days = 7";
    crate::db::on!(&mut *tx, |c| sqlx::query(sql).execute(c).await.map(drop)).expect("a limit");
    tx.commit().await.expect("committed");
    hub.clock.advance_ms(40 * 24 * 3600 * 1000);
    crate::retention::tick(&hub).await.expect("erased");
    assert!(list(Some("em_1"), None).await.is_empty());
});
