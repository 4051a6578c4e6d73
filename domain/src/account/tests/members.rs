use super::*;
use crate::account::members::{accept_invitation, change_role, get, invite, list, remove};
use crate::db::testing::both;

fn id(caller: &Caller) -> UserId {
    caller.user().expect("a person").clone()
}

both!(members_are_listed_owners_first, |hub| {
    let hub = hub.with_org().await;
    let zoe = member(&hub, "zoe", Role::Owner).await;
    for (name, role) in [("bob", Role::Member), ("ann", Role::Member), ("carl", Role::Admin)] {
        member(&hub, name, role).await;
    }
    let members = list(&hub, &zoe).await.expect("members");
    assert_eq!(members.iter().map(|m| m.name.as_str()).collect::<Vec<_>>(), ["zoe", "carl", "ann", "bob"]);
    assert_eq!(get(&hub, &zoe, &id(&zoe)).await.expect("a member"), members[0]);
});

both!(roles_change_and_it_is_recorded, |hub| {
    let hub = hub.with_org().await;
    let (ann, bob) = (member(&hub, "ann", Role::Owner).await, member(&hub, "bob", Role::Member).await);
    assert_eq!(change_role(&hub, &ann, &id(&bob), Role::Admin).await.expect("changed").role, Role::Admin);
    assert_eq!(change_role(&hub, &ann, &id(&bob), Role::Admin).await.expect("unchanged").role, Role::Admin);
    assert_eq!(get(&hub, &ann, &id(&bob)).await.expect("a member").role, Role::Admin);
    assert_eq!(recorded(&hub).await.iter().filter(|action| *action == "member.role_changed").count(), 1);
});

both!(an_admin_neither_becomes_an_owner_nor_touches_one, |hub| {
    let hub = hub.with_org().await;
    let (ann, bob, carl) = (
        member(&hub, "ann", Role::Owner).await,
        member(&hub, "bob", Role::Admin).await,
        member(&hub, "carl", Role::Member).await,
    );
    member(&hub, "olaf", Role::Owner).await;
    for (who, role) in [(&bob, Role::Owner), (&carl, Role::Owner), (&ann, Role::Member), (&ann, Role::Owner)] {
        assert_eq!(status(&change_role(&hub, &bob, &id(who), role).await), 403);
    }
    assert_eq!(status(&remove(&hub, &bob, &id(&ann)).await), 403);
    for who in [&ann, &bob, &carl] {
        assert_eq!(status(&change_role(&hub, &carl, &id(who), Role::Member).await), 403);
    }
    assert_eq!(status(&remove(&hub, &carl, &id(&bob)).await), 403);
    assert_eq!(status(&change_role(&hub, &bob, &id(&carl), Role::Admin).await), 200);
    assert_eq!(status(&change_role(&hub, &bob, &id(&bob), Role::Member).await), 200, "stepping down is free");
});

both!(support_changes_no_member_and_an_operator_may, |hub| {
    let hub = hub.with_org().await;
    let ann = member(&hub, "ann", Role::Owner).await;
    let support = staff(&hub, "sam", OperatorRole::Support).await;
    assert_eq!(status(&list(&hub, &support).await), 403);
    assert_eq!(status(&change_role(&hub, &support, &id(&ann), Role::Member).await), 403);
    assert_eq!(status(&remove(&hub, &support, &id(&support)).await), 403, "no member, so nothing to leave");
    let operator = staff(&hub, "olga", OperatorRole::Operator).await;
    assert_eq!(code(remove(&hub, &operator, &id(&operator)).await), "member_not_found");
    assert_eq!(code(remove(&hub, &operator, &id(&ann)).await), "last_owner");
    let bob = member(&hub, "bob", Role::Member).await;
    assert_eq!(status(&change_role(&hub, &operator, &id(&bob), Role::Owner).await), 200);
});

both!(the_last_owner_stays, |hub| {
    let hub = hub.with_org().await;
    let ann = member(&hub, "ann", Role::Owner).await;
    assert_eq!(code(change_role(&hub, &ann, &id(&ann), Role::Admin).await), "last_owner");
    assert_eq!(code(remove(&hub, &ann, &id(&ann)).await), "last_owner");
    let bob = member(&hub, "bob", Role::Owner).await;
    remove(&hub, &ann, &id(&ann)).await.expect("left");
    assert_eq!(code(remove(&hub, &bob, &id(&bob)).await), "last_owner");
});

both!(two_owners_who_demote_each_other_at_once_leave_one, |hub| {
    let hub = hub.with_org().await;
    for round in 0..5 {
        let (ann, bob) = (
            member(&hub, &format!("ann{round}"), Role::Owner).await,
            member(&hub, &format!("bob{round}"), Role::Owner).await,
        );
        let (ann_id, bob_id) = (id(&ann), id(&bob));
        let (one, two) = tokio::join!(change_role(&hub, &ann, &bob_id, Role::Member), remove(&hub, &bob, &ann_id));
        let owners: Vec<_> =
            list(&hub, &ann).await.expect("members").into_iter().filter(|m| m.role == Role::Owner).collect();
        assert_eq!(owners.len(), 1, "round {round}: {one:?} {two:?}");
        // Make room for the next round: its two owners come, and this one goes.
        let heir = member(&hub, &format!("heir{round}"), Role::Owner).await;
        change_role(&hub, &heir, &owners[0].user_id, Role::Member).await.expect("stepped down");
        let next = member(&hub, &format!("next{round}"), Role::Owner).await;
        remove(&hub, &heir, &id(&heir)).await.expect("left");
        set_role_unchecked(&hub, &id(&next)).await;
    }
});

/// Leaves the organization without owners, which no action does.
async fn set_role_unchecked(hub: &TestHub, user_id: &UserId) {
    let mut tx = hub.db.begin().await.expect("a transaction");
    memberships::set_role(&mut tx, &hub.org_id, user_id, Role::Member).await.expect("changed");
    tx.commit().await.expect("committed");
}

both!(a_removed_member_is_out_at_once_and_lands_in_another_organization, |hub| {
    let hub = hub.with_org().await;
    let owner = member(&hub, "ann", Role::Owner).await;
    let bob = account(&hub, "bob", None).await;
    membership(&hub, &hub.org_id, &bob, Role::Admin).await;
    let second = hub.id(OrgId::new);
    hub.insert_org(&second).await;
    membership(&hub, &second, &bob, Role::Member).await;
    let token = opened(&hub, &bob, Some(&hub.org_id)).await;
    remove(&hub, &owner, &bob.id).await.expect("removed");
    let caller = resolved(&hub, &token).await.expect("still signed in");
    assert_eq!((caller.org_id.as_ref(), caller.role), (Some(&second), Some(Role::Member)));
    assert_eq!(code(remove(&hub, &owner, &bob.id).await), "member_not_found");
    let removed = events(&hub, "user.removed").await;
    assert_eq!((removed.len(), &removed[0]["user"]["email"]), (1, &"bob@acme.test".into()));
    assert_eq!(removed[0]["removed_by"]["id"].as_str(), Some(owner.actor()));
    remove(&hub, &caller, &bob.id).await.expect("left the other one too");
    let caller = resolved(&hub, &token).await.expect("still signed in");
    assert_eq!((caller.org_id, caller.role), (None, None));
});

both!(another_tenants_members_are_not_found, |hub| {
    let hub = hub.with_org().await;
    let (ann, bob) = (member(&hub, "ann", Role::Owner).await, member(&hub, "bob", Role::Member).await);
    let stranger = hub.stranger().await;
    assert_eq!(list(&hub, &stranger).await.expect("a list"), []);
    for who in [&ann, &bob] {
        assert_eq!(code(get(&hub, &stranger, &id(who)).await), "member_not_found");
        assert_eq!(code(change_role(&hub, &stranger, &id(who), Role::Member).await), "member_not_found");
        assert_eq!(code(remove(&hub, &stranger, &id(who)).await), "member_not_found");
    }
    assert_eq!(list(&hub, &ann).await.expect("members").len(), 2);
});

/// The names of an object's fields, those of objects inside it with their path.
fn fields(value: &serde_json::Value, path: &str) -> Vec<String> {
    let Some(object) = value.as_object() else { return vec![path.to_owned()] };
    let mut all: Vec<String> =
        object.iter().flat_map(|(name, inner)| fields(inner, &format!("{path}/{name}"))).collect();
    all.sort();
    all
}

both!(the_hubs_own_events_look_like_the_samples_of_their_types, |hub| {
    let hub = hub.with_org().await;
    let owner = member(&hub, "ann", Role::Owner).await;
    let new = invite(&hub, &owner, "bob@acme.test", Role::Member).await.expect("invited");
    let token = new.url.rsplit('/').next().expect("a token");
    let session = accept_invitation(&hub, &Client::default(), token, "Bob", PASSWORD).await.expect("joined");
    let bob = resolved(&hub, &session.0).await.expect("signed in");
    remove(&hub, &bob, &id(&bob)).await.expect("left");
    for event_type in ["user.invited", "user.joined", "user.removed"] {
        let sample = &crate::event_type::standard::find(event_type).expect("a standard type").sample;
        let events = events(&hub, event_type).await;
        assert_eq!(
            events.iter().map(|data| fields(data, "")).collect::<Vec<_>>(),
            [fields(sample, "")],
            "{event_type}"
        );
    }
});
