//! The actions on both databases.

use super::*;
use crate::caller::{OperatorRole, Role};
use crate::db::on;
use crate::db::testing::both;

fn new(name: &str, query: &str) -> NewView {
    NewView { name: name.into(), query: query.into() }
}

fn told(error: &Error) -> (u16, String, Vec<String>) {
    let problem = error.problem();
    (error.status(), problem.code, problem.details.into_iter().map(|detail| detail.field).collect())
}

async fn names(hub: &Hub, caller: &Caller) -> Vec<String> {
    list(hub, caller).await.expect("listed").into_iter().map(|view| view.name).collect()
}

both!(a_view_is_made_renamed_and_deleted, |hub| {
    let hub = hub.with_org().await;
    let admin = hub.caller(Role::Admin);
    let made = create(&hub, &admin, &new(" Zu spät ", "?since=24h&status=failed&cursor=")).await.expect("made");
    assert_eq!((made.name.as_str(), made.query.as_str()), ("Zu spät", "status=failed&since=24h"));
    assert_eq!((made.created_by.as_str(), made.created_at), (admin.actor(), hub.now()));
    create(&hub, &admin, &new("all of one", "endpoint=Billing")).await.expect("made");
    assert_eq!(names(&hub, &hub.caller(Role::Member)).await, ["all of one", "Zu spät"], "a member sees them, by name");

    let renamed = rename(&hub, &admin, &made.id, "Überfällig ").await.expect("renamed");
    assert_eq!(renamed, View { name: "Überfällig".into(), ..made.clone() });
    assert_eq!(list(&hub, &admin).await.expect("listed")[1], renamed);
    delete(&hub, &admin, &made.id).await.expect("deleted");
    assert_eq!(names(&hub, &admin).await, ["all of one"]);
    let gone = (404, "view_not_found".to_owned(), Vec::new());
    assert_eq!(told(&delete(&hub, &admin, &made.id).await.expect_err("gone")), gone);
    assert_eq!(told(&rename(&hub, &admin, &made.id, "x").await.expect_err("gone")), gone);

    let lines: Vec<(String, Option<String>, Option<String>)> =
        on!(&mut hub.db.read().await.expect("a connection"), |c| {
            sqlx::query_as("SELECT action, target, note FROM audit_entries ORDER BY id").fetch_all(c).await
        })
        .expect("lines");
    let of = |action: &str, note: &str| (action.to_owned(), Some(made.id.to_string()), Some(note.to_owned()));
    assert_eq!(lines.len(), 4);
    assert_eq!(lines[0], of("view.created", "Zu spät"));
    assert_eq!(lines[2..], [of("view.renamed", "Zu spät to Überfällig"), of("view.deleted", "Überfällig")]);
});

both!(a_name_is_taken_once_in_upper_and_lower_case, |hub| {
    let hub = hub.with_org().await;
    let admin = hub.caller(Role::Admin);
    let first = create(&hub, &admin, &new("Ärger", "code=5xx")).await.expect("made");
    let other = create(&hub, &admin, &new("Quiet", "code=2xx")).await.expect("made");
    let taken = (409, "view_name_taken".to_owned(), vec!["name".to_owned()]);
    assert_eq!(told(&create(&hub, &admin, &new("äRGER", "code=4xx")).await.expect_err("taken")), taken);
    assert_eq!(told(&rename(&hub, &admin, &other.id, "ÄRGER").await.expect_err("taken")), taken);
    rename(&hub, &admin, &first.id, "ärger").await.expect("its own name in another case");
    assert_eq!(names(&hub, &admin).await, ["Quiet", "ärger"], "what was refused changed nothing");
    create(&hub, &hub.stranger().await, &new("ÄRGER", "code=5xx")).await.expect("names are per organization");
});

both!(an_organization_has_so_many_views_at_most, |hub| {
    let hub = hub.with_org().await;
    let owner = hub.caller(Role::Owner);
    for number in 0..MAX_VIEWS {
        create(&hub, &owner, &new(&format!("View {number}"), "status=failed")).await.expect("made");
    }
    let full = create(&hub, &owner, &new("One more", "status=failed")).await.expect_err("full");
    assert_eq!(told(&full), (409, "views_full".to_owned(), Vec::new()));
    create(&hub, &hub.stranger().await, &new("One more", "status=failed"))
        .await
        .expect("it is counted by organization");
    let first = list(&hub, &owner).await.expect("listed").remove(0);
    delete(&hub, &owner, &first.id).await.expect("deleted");
    create(&hub, &owner, &new("One more", "status=failed")).await.expect("there is room again");
});

both!(who_only_reads_the_log_changes_no_view_and_others_find_none, |hub| {
    let hub = hub.with_org().await;
    let view = create(&hub, &hub.caller(Role::Admin), &new("Failed", "status=failed")).await.expect("made");
    let support = Caller { role: None, operator: Some(OperatorRole::Support), ..hub.caller(Role::Member) };
    for reader in [hub.caller(Role::Member), support] {
        assert_eq!(names(&hub, &reader).await, ["Failed"]);
        assert_eq!(create(&hub, &reader, &new("Mine", "code=5xx")).await.expect_err("refused").status(), 403);
        assert_eq!(rename(&hub, &reader, &view.id, "Mine").await.expect_err("refused").status(), 403);
        assert_eq!(delete(&hub, &reader, &view.id).await.expect_err("refused").status(), 403);
    }
    let stranger = hub.stranger().await;
    assert!(list(&hub, &stranger).await.expect("listed").is_empty());
    assert_eq!(rename(&hub, &stranger, &view.id, "Mine").await.expect_err("not theirs").status(), 404);
    assert_eq!(delete(&hub, &stranger, &view.id).await.expect_err("not theirs").status(), 404);
});

both!(what_the_log_cannot_read_is_not_kept, |hub| {
    let hub = hub.with_org().await;
    let admin = hub.caller(Role::Admin);
    for (name, query, field) in [
        ("", "status=failed", "name"),
        ("Red", "colour=red", "query.colour"),
        ("Done", "status=done", "query.status"),
        ("All", "", "query"),
    ] {
        let refused = create(&hub, &admin, &new(name, query)).await.expect_err(field);
        assert_eq!(told(&refused), (422, "invalid".to_owned(), vec![field.to_owned()]));
    }
    assert!(names(&hub, &admin).await.is_empty());
});
