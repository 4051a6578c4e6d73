//! The audit log on both databases.

use super::actions::{list, record_look};
use super::store::record;
use crate::account::tests::{recorded, staff, status};
use crate::caller::{OperatorRole, Role};
use crate::db::testing::both;
use crate::{Caller, PageQuery};

both!(the_log_is_read_newest_first_in_pages_by_owners_and_admins, |hub| {
    let hub = hub.with_org().await;
    let owner = Caller { ip: Some("192.0.2.1".into()), ..hub.caller(Role::Owner) };
    for n in 1..=5 {
        hub.clock.advance_ms(1);
        let mut tx = hub.db.begin().await.expect("a transaction");
        record(&mut tx, &hub, &owner, Some(&hub.org_id), &format!("test.{n}"), Some("t"), Some("n"))
            .await
            .expect("recorded");
        tx.commit().await.expect("committed");
    }
    let mut query = PageQuery { limit: Some(2), cursor: None };
    let mut seen = Vec::new();
    loop {
        let page = list(&hub, &hub.caller(Role::Admin), &query).await.expect("a page");
        seen.extend(page.data.into_iter().map(|line| line.action));
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            query.cursor = page.previous_cursor;
            break;
        }
    }
    assert_eq!(seen, ["test.5", "test.4", "test.3", "test.2", "test.1"]);
    let back = list(&hub, &owner, &query).await.expect("a page");
    assert_eq!(back.data.iter().map(|line| line.action.as_str()).collect::<Vec<_>>(), ["test.3", "test.2"]);
    let line = &back.data[0];
    assert_eq!(
        (line.actor.as_str(), line.actor_name.as_str(), line.ip.as_deref()),
        (owner.actor(), "owner@acme.test", Some("192.0.2.1"))
    );
    assert_eq!(
        (line.target.as_deref(), line.note.as_deref(), line.org_id.as_ref()),
        (Some("t"), Some("n"), Some(&hub.org_id))
    );
    assert_eq!(status(&list(&hub, &hub.caller(Role::Member), &query).await), 403);
    assert_eq!(list(&hub, &hub.stranger().await, &PageQuery::default()).await.expect("their own").data, []);
});

both!(looks_of_staff_are_recorded_and_those_of_members_are_not, |hub| {
    let hub = hub.with_org().await;
    let support = staff(&hub, "sam", OperatorRole::Support).await;
    let before = recorded(&hub).await.len();
    for caller in [hub.caller(Role::Member), hub.caller(Role::Owner), Caller::system(Some(hub.org_id.clone()))] {
        record_look(&hub, &caller, "delivery.viewed", Some("dlv_1")).await.expect("nothing to record");
    }
    assert_eq!(recorded(&hub).await.len(), before);
    record_look(&hub, &support, "delivery.viewed", Some("dlv_1")).await.expect("recorded");
    let lines = list(&hub, &hub.caller(Role::Owner), &PageQuery::default()).await.expect("a page").data;
    let look = lines.iter().find(|line| line.action == "delivery.viewed").expect("a line");
    assert_eq!(
        (look.actor_name.as_str(), look.target.as_deref(), look.note.as_deref()),
        ("sam@acme.test", Some("dlv_1"), Some("as support"))
    );
    assert_eq!(status(&list(&hub, &support, &PageQuery::default()).await), 403, "support does not read the audit log");
});
