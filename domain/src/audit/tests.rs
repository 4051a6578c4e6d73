//! The audit log on both databases.

use super::actions::{self, Export, list, record_look};
use super::query::AuditQuery;
use super::store::record;
use super::verify::{Fault, Verified, verify};
use crate::account::tests::{recorded, staff, status};
use crate::caller::{OperatorRole, Role};
use crate::db::on;
use crate::db::testing::both;
use crate::hub::testing::TestHub;
use crate::id::OrgId;
use crate::{Caller, Hub};

/// Everything.
fn all() -> AuditQuery {
    AuditQuery::default()
}

/// Records one thing in a transaction of its own.
async fn note(hub: &Hub, caller: &Caller, org_id: Option<&OrgId>, action: &str, target: &str) {
    let mut tx = hub.db.begin().await.expect("a transaction");
    record(&mut tx, hub, caller, org_id, action, Some(target), Some("n")).await.expect("recorded");
    tx.commit().await.expect("committed");
}

async fn read(mut export: Export) -> String {
    let mut text = String::new();
    while let Some(part) = export.next().await.expect("a part") {
        text += &part;
    }
    text
}

async fn exported(hub: &TestHub, query: &AuditQuery) -> String {
    read(actions::export(hub, &hub.caller(Role::Owner), query).await.expect("an export")).await
}

fn check(text: &str) -> Result<Verified, Fault> {
    verify(text.as_bytes())
}

both!(the_log_is_read_newest_first_in_pages_by_owners_and_admins, |hub| {
    let hub = hub.with_org().await;
    let owner = Caller { ip: Some("192.0.2.1".into()), ..hub.caller(Role::Owner) };
    for n in 1..=5 {
        hub.clock.advance_ms(1);
        note(&hub, &owner, Some(&hub.org_id), &format!("test.{n}"), "t").await;
    }
    let mut query = AuditQuery { limit: Some(2), ..all() };
    let mut seen = Vec::new();
    loop {
        let page = list(&hub, &hub.caller(Role::Admin), &query).await.expect("a page");
        seen.extend(page.data.into_iter().map(|entry| entry.action));
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            query.cursor = page.previous_cursor;
            break;
        }
    }
    assert_eq!(seen, ["test.5", "test.4", "test.3", "test.2", "test.1"]);
    let back = list(&hub, &owner, &query).await.expect("a page");
    assert_eq!(back.data.iter().map(|entry| entry.action.as_str()).collect::<Vec<_>>(), ["test.3", "test.2"]);
    let entry = &back.data[0];
    assert_eq!(
        (entry.actor.as_str(), entry.actor_name.as_str(), entry.ip.as_deref(), entry.acted_as.as_deref()),
        (owner.actor(), "owner@acme.test", Some("192.0.2.1"), Some("owner"))
    );
    assert_eq!(
        (entry.target.as_deref(), entry.note.as_deref(), entry.org_id.as_ref(), entry.sequence),
        (Some("t"), Some("n"), Some(&hub.org_id), Some(3))
    );
    assert_eq!(status(&list(&hub, &hub.caller(Role::Member), &query).await), 403);
    assert_eq!(list(&hub, &hub.stranger().await, &all()).await.expect("their own").data, []);
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
    let entries = list(&hub, &hub.caller(Role::Owner), &all()).await.expect("a page").data;
    let look = entries.iter().find(|entry| entry.action == "delivery.viewed").expect("an entry");
    assert_eq!(
        (look.actor_name.as_str(), look.target.as_deref(), look.note.as_deref(), look.acted_as.as_deref()),
        ("sam@acme.test", Some("dlv_1"), Some("as support"), Some("support"))
    );
    assert_eq!(status(&list(&hub, &support, &all()).await), 403, "support does not read the audit log");
    let operator = staff(&hub, "olga", OperatorRole::Operator).await;
    let seen = list(&hub, &operator, &all()).await.expect("a page").data;
    assert_eq!((seen[0].action.as_str(), seen[0].acted_as.as_deref()), ("audit.listed", Some("operator")));
});

both!(entries_are_found_by_who_by_which_rights_what_to_what_and_when, |hub| {
    let hub = hub.with_org().await;
    let (owner, admin) = (hub.caller(Role::Owner), hub.caller(Role::Admin));
    let both_roles = Caller { operator: Some(OperatorRole::Operator), ..hub.caller(Role::Member) };
    let start = hub.now();
    for (caller, action, target) in [
        (&owner, "connection.created", "con_1"),
        (&admin, "connection.deleted", "con_1"),
        (&both_roles, "connection_x.created", "con_2"),
        (&owner, "org.renamed", "100%_sure"),
    ] {
        note(&hub, caller, Some(&hub.org_id), action, target).await;
        hub.clock.advance_ms(60_000);
    }
    let some = |text: &str| Some(text.to_owned());
    let minute = |n: i64| Some(start.plus_ms(n * 60_000).rfc3339());
    for (query, found) in [
        (AuditQuery { actor: some("OWNER@"), ..all() }, &["org.renamed", "connection.created"][..]),
        (AuditQuery { actor: some(admin.actor()), ..all() }, &["connection.deleted"]),
        (AuditQuery { actor: some("%"), ..all() }, &[]),
        (AuditQuery { acted_as: some("admin"), ..all() }, &["connection.deleted"]),
        (AuditQuery { acted_as: some("operator"), ..all() }, &["connection_x.created"]),
        (AuditQuery { acted_as: some("member"), ..all() }, &["connection_x.created"]),
        (AuditQuery { action: some("connection.*"), ..all() }, &["connection.deleted", "connection.created"]),
        (AuditQuery { action: some("connection_*"), ..all() }, &["connection_x.created"]),
        (AuditQuery { action: some("org.renamed"), ..all() }, &["org.renamed"]),
        (AuditQuery { target: some("100%_sure"), ..all() }, &["org.renamed"]),
        (AuditQuery { since: minute(2), ..all() }, &["org.renamed", "connection_x.created"]),
        (AuditQuery { since: minute(1), until: minute(2), ..all() }, &["connection.deleted"]),
        (AuditQuery { since: some("61s"), ..all() }, &["refused"]),
    ] {
        let page = list(&hub, &owner, &query).await;
        let names = match &page {
            Ok(page) => {
                let names = page.data.iter().map(|entry| entry.action.as_str());
                names.filter(|action| *action != "audit.exported").collect::<Vec<_>>()
            }
            Err(_) => vec!["refused"],
        };
        assert_eq!(names, found, "{query:?}");
        // An export is of the same entries, oldest first.
        if page.is_ok() {
            let text = exported(&hub, &query).await;
            let lines = text.lines().skip(1).map(|line| line.split(',').nth(7).expect("an action"));
            let mut lines: Vec<_> = lines.filter(|action| *action != "audit.exported").collect();
            lines.reverse();
            assert_eq!(lines, found, "{query:?}");
        }
    }
});

both!(an_export_of_the_whole_log_verifies_and_is_its_own_last_entry, |hub| {
    let hub = hub.with_org().await;
    let owner = hub.caller(Role::Owner);
    // More than are read at once, in one transaction.
    let mut tx = hub.db.begin().await.expect("a transaction");
    for n in 1..=1100 {
        let words = format!("=cmd|' /C calc'!A0, \"{n}\"\r\nsecond line");
        record(&mut tx, &hub, &owner, Some(&hub.org_id), "test.done", Some(""), Some(&words)).await.expect("recorded");
    }
    tx.commit().await.expect("committed");
    let text = exported(&hub, &all()).await;
    let found = check(&text).expect("it verifies");
    assert_eq!((found.org_id.as_str(), found.unchained, found.first, found.last), (hub.org_id.as_str(), 0, 1, 1101));
    let newest = list(&hub, &owner, &AuditQuery { limit: Some(1), ..all() }).await.expect("a page").data.remove(0);
    assert_eq!((newest.action.as_str(), newest.note.as_deref()), ("audit.exported", Some("the whole log")));
    assert_eq!(newest.hash, Some(found.last_hash));
    assert!(!text.contains(",=") && !text.contains(",\"="), "no cell is a formula");
    assert!(text.contains("'=cmd|' /C calc'!A0"));

    let some = AuditQuery { action: Some("audit.*".into()), ..all() };
    let part = exported(&hub, &some).await;
    assert!(part.contains("action=audit.*"), "what was exported is recorded: {part}");
    assert_eq!(part.lines().count(), 3);
    assert_eq!(status(&actions::export(&hub, &hub.caller(Role::Member), &all()).await), 403);
    let paged = AuditQuery { limit: Some(5), ..all() };
    assert_eq!(status(&actions::export(&hub, &owner, &paged).await), 422);
});

both!(what_is_changed_in_the_database_is_found, |hub| {
    let hub = hub.with_org().await;
    for n in 1..=4 {
        note(&hub, &hub.caller(Role::Owner), Some(&hub.org_id), &format!("test.{n}"), "t").await;
    }
    for (statement, fault) in [
        ("UPDATE audit_entries SET note = 'x' WHERE action = 'test.2'", "line 3: entry 2 does not give its hash"),
        ("UPDATE audit_entries SET note = 'n', actor = 'usr_x' WHERE action = 'test.2'", "line 3: entry 2 does not"),
        ("DELETE FROM audit_entries WHERE action = 'test.2'", "line 3: entry 3 comes after 1"),
    ] {
        let mut tx = hub.db.begin().await.expect("a transaction");
        on!(&mut *tx, |c| sqlx::query(statement).execute(c).await.map(drop)).expect("changed");
        tx.commit().await.expect("committed");
        let found = check(&exported(&hub, &all()).await).expect_err(statement).to_string();
        assert!(found.starts_with(fault), "{found}");
    }
    // The oldest may be deleted: the rest is a chain that says with what it begins.
    let mut tx = hub.db.begin().await.expect("a transaction");
    let statement = "DELETE FROM audit_entries WHERE action IN ('test.1', 'test.2')";
    on!(&mut *tx, |c| sqlx::query(statement).execute(c).await.map(drop)).expect("deleted");
    tx.commit().await.expect("committed");
    let found = check(&exported(&hub, &all()).await).expect("it verifies");
    assert_eq!((found.first, found.last), (3, 8));
    assert_ne!(found.anchor, "0".repeat(64));
});

both!(entries_from_before_the_chain_come_first_and_are_said_to_be_unprotected, |hub| {
    let hub = hub.with_org().await;
    let mut tx = hub.db.begin().await.expect("a transaction");
    on!(&mut *tx, |c| {
        sqlx::query(
            "INSERT INTO audit_entries (id, org_id, created_at, actor, actor_name, action)
             VALUES ('aud_00000000000000000000000009', $1, 1, 'system', 'system', 'old.one'),
                    ('aud_00000000000000000000000008', $1, 1, 'system', 'system', 'old.two')",
        )
        .bind(&hub.org_id)
        .execute(c)
        .await
        .map(drop)
    })
    .expect("old entries");
    tx.commit().await.expect("committed");
    note(&hub, &hub.caller(Role::Owner), Some(&hub.org_id), "new.one", "t").await;
    let text = exported(&hub, &all()).await;
    let order: Vec<_> = text.lines().skip(1).map(|line| line.split(',').nth(7).expect("an action")).collect();
    assert_eq!(order, ["old.two", "old.one", "new.one", "audit.exported"]);
    let found = check(&text).expect("it verifies");
    assert_eq!((found.unchained, found.first, found.last), (2, 1, 2));
});

both!(chains_have_no_gap_whoever_writes_at_once_and_whatever_is_rolled_back, |hub| {
    let hub = hub.with_org().await;
    let other = hub.stranger().await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..24 {
        let (hub, owner) = (hub.hub.clone(), hub.caller(Role::Owner));
        let orgs = [owner.org_id.clone(), other.org_id.clone(), None];
        tasks.spawn(async move {
            let mut tx = hub.db.begin().await.expect("a transaction");
            // Each in another order: they wait for nobody before they commit.
            for turn in 0..3 {
                let org_id = orgs[(n + turn) % 3].as_ref();
                record(&mut tx, &hub, &owner, org_id, "test.done", None, None).await.expect("recorded");
                tokio::task::yield_now().await;
            }
            if n % 4 != 0 {
                tx.commit().await.expect("committed");
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.expect("no task fails");
    }
    let found = check(&exported(&hub, &all()).await).expect("it verifies");
    assert_eq!((found.first, found.last), (1, 19));
    let found =
        check(&read(actions::export(&hub, &other, &all()).await.expect("an export")).await).expect("it verifies");
    assert_eq!((found.first, found.last), (1, 19));

    let system = Caller::system(None);
    let own = read(actions::export_installation(&hub, &system).await.expect("an export")).await;
    let found = check(&own).expect("it verifies");
    assert_eq!((found.org_id.as_str(), found.first, found.last), ("", 1, 19));
    assert_eq!(status(&actions::export_installation(&hub, &hub.caller(Role::Owner)).await), 403);
});

/// Two transactions that record first and lock after, and the other way round, would wait for each other if recording locked
/// anything.
#[tokio::test]
async fn recording_locks_nothing_before_the_commit() {
    let Some(db) = crate::db::testing::postgres().await else { return };
    let hub = TestHub::new(db).with_org().await;
    let owner = hub.caller(Role::Owner);
    let lock = "UPDATE orgs SET updated_at = updated_at WHERE id = $1";
    let mut first = hub.db.begin().await.expect("a transaction");
    record(&mut first, &hub, &owner, Some(&hub.org_id), "test.first", None, None).await.expect("recorded");
    let mut second = hub.db.begin().await.expect("a transaction");
    on!(&mut *second, |c| sqlx::query(lock).bind(&hub.org_id).execute(c).await.map(drop)).expect("locked");
    record(&mut second, &hub, &owner, Some(&hub.org_id), "test.second", None, None).await.expect("recorded");
    second.commit().await.expect("nobody is waited for");
    on!(&mut *first, |c| sqlx::query(lock).bind(&hub.org_id).execute(c).await.map(drop)).expect("locked");
    first.commit().await.expect("committed");
    let found = check(&exported(&hub, &all()).await).expect("it verifies");
    assert_eq!((found.first, found.last), (1, 3));
}
