use super::*;
use crate::account::actions::sign_in;
use crate::account::members::{
    accept_invitation, change_role, get_invitation, invite, list, list_invitations, preview_invitation, remove,
    revoke_invitation,
};
use crate::account::throttle::PER_EMAIL;
use crate::account::{INVITATION_MS, NewInvitation};
use crate::db::testing::both;

fn token_of(new: &NewInvitation) -> String {
    new.url.rsplit('/').next().expect("a token").to_owned()
}

async fn accept(hub: &TestHub, token: &str, password: &str) -> crate::Result<crate::account::SessionToken> {
    accept_invitation(hub, &Client::default(), token, "Bob", password).await
}

both!(an_invited_person_makes_an_account_and_joins, |hub| {
    let hub = hub.with_org().await;
    let owner = member(&hub, "ann", Role::Owner).await;
    let new = invite(&hub, &owner, " Bob@Acme.test ", Role::Admin).await.expect("invited");
    assert!(new.url.starts_with("http://127.0.0.1:3000/invitations/"));
    assert_eq!(get_invitation(&hub, &owner, &new.invitation.id).await.expect("open"), new.invitation);
    let token = token_of(&new);
    let page = preview_invitation(&hub, &token).await.expect("a page");
    assert_eq!(
        (page.email.as_str(), page.org_name.as_str(), page.role, page.has_account),
        ("bob@acme.test", "Acme Corp", Role::Admin, false)
    );
    assert_eq!(status(&accept(&hub, &token, "short").await), 422);
    assert_eq!(status(&accept_invitation(&hub, &Client::default(), &token, " ", PASSWORD).await), 422);
    let session = accept(&hub, &token, PASSWORD).await.expect("joined");
    let bob = resolved(&hub, &session.0).await.expect("signed in");
    assert_eq!((bob.org_id.as_ref(), bob.role, bob.operator), (Some(&hub.org_id), Some(Role::Admin), None));
    assert_eq!(
        list(&hub, &bob).await.expect("members").iter().map(|m| m.name.as_str()).collect::<Vec<_>>(),
        ["ann", "Bob"]
    );
    assert_eq!(list_invitations(&hub, &owner).await.expect("a list"), []);
    assert_eq!(status(&sign_in(&hub, &Client::default(), "bob@acme.test", PASSWORD).await), 200);
    let (invited, joined) = (events(&hub, "user.invited").await, events(&hub, "user.joined").await);
    assert_eq!(
        (invited.len(), &invited[0]["email"], &invited[0]["role"]),
        (1, &"bob@acme.test".into(), &"admin".into())
    );
    assert!(!invited[0].to_string().contains(&token), "the secret of the link is in no event");
    assert_eq!((joined.len(), joined[0]["user"]["id"].as_str()), (1, bob.user().ok().map(UserId::as_str)));
    assert_eq!(invited[0]["invited_by"]["id"].as_str(), Some(owner.actor()));
});

both!(who_is_removed_or_may_no_longer_invite_does_not_come_back_by_their_own_invitation, |hub| {
    let hub = hub.with_org().await;
    let owner = member(&hub, "ann", Role::Owner).await;
    for (name, second, is_removed) in [("bob", "bob2", true), ("cid", "cid2", false)] {
        let admin = member(&hub, name, Role::Admin).await;
        let id = admin.user().expect("a person").clone();
        let address = format!("{second}@acme.test");
        let token = token_of(&invite(&hub, &admin, &address, Role::Admin).await.expect("invited"));
        match is_removed {
            true => remove(&hub, &owner, &id).await.expect("removed"),
            false => drop(change_role(&hub, &owner, &id, Role::Member).await.expect("changed")),
        }
        assert_eq!(code(accept(&hub, &token, PASSWORD).await), "invitation_not_found", "{name}");
    }
    // Who is no owner any more brings no owner in, but for an admin.
    let second = member(&hub, "eve", Role::Owner).await;
    let id = second.user().expect("a person").clone();
    let owners = token_of(&invite(&hub, &second, "eve2@acme.test", Role::Owner).await.expect("invited"));
    let admins = token_of(&invite(&hub, &second, "eve3@acme.test", Role::Admin).await.expect("invited"));
    change_role(&hub, &owner, &id, Role::Admin).await.expect("changed");
    assert_eq!(code(accept(&hub, &owners, PASSWORD).await), "invitation_not_found");
    assert_eq!(status(&accept(&hub, &admins, PASSWORD).await), 200);
    // Those of others stay.
    let token = token_of(&invite(&hub, &owner, "dan@acme.test", Role::Member).await.expect("invited"));
    assert_eq!(status(&accept(&hub, &token, PASSWORD).await), 200);
});

both!(an_invitation_is_good_for_one_use, |hub| {
    let hub = hub.with_org().await;
    let owner = member(&hub, "ann", Role::Owner).await;
    let token = token_of(&invite(&hub, &owner, "bob@acme.test", Role::Member).await.expect("invited"));
    let (one, two) = tokio::join!(accept(&hub, &token, PASSWORD), accept(&hub, &token, PASSWORD));
    let mut answers = [status(&one), status(&two)];
    answers.sort_unstable();
    assert_eq!(answers[0], 200);
    assert!([404, 409].contains(&answers[1]), "{answers:?}");
    assert_eq!(code(accept(&hub, &token, PASSWORD).await), "invitation_not_found");
    assert_eq!(code(preview_invitation(&hub, &token).await), "invitation_not_found");
    assert_eq!(events(&hub, "user.joined").await.len(), 1);
});

both!(a_lapsed_withdrawn_or_replaced_invitation_is_not_found, |hub| {
    let hub = hub.with_org().await;
    let owner = member(&hub, "ann", Role::Owner).await;
    let replaced = invite(&hub, &owner, "bob@acme.test", Role::Owner).await.expect("invited");
    let withdrawn = invite(&hub, &owner, "bob@acme.test", Role::Member).await.expect("invited");
    assert_eq!(list_invitations(&hub, &owner).await.expect("a list"), std::slice::from_ref(&withdrawn.invitation));
    assert_eq!(code(accept(&hub, &token_of(&replaced), PASSWORD).await), "invitation_not_found");
    revoke_invitation(&hub, &owner, &withdrawn.invitation.id).await.expect("withdrawn");
    assert_eq!(code(revoke_invitation(&hub, &owner, &withdrawn.invitation.id).await), "invitation_not_found");
    assert_eq!(code(accept(&hub, &token_of(&withdrawn), PASSWORD).await), "invitation_not_found");
    let lapsed = invite(&hub, &owner, "bob@acme.test", Role::Member).await.expect("invited");
    hub.clock.advance_ms(INVITATION_MS);
    assert_eq!(code(accept(&hub, &token_of(&lapsed), PASSWORD).await), "invitation_not_found");
    assert_eq!(code(get_invitation(&hub, &owner, &lapsed.invitation.id).await), "invitation_not_found");
    assert_eq!(code(accept(&hub, "guess", PASSWORD).await), "invitation_not_found");
    assert_eq!(list(&hub, &owner).await.expect("members").len(), 1);
});

both!(somebody_with_an_account_joins_with_their_password, |hub| {
    let hub = hub.with_org().await;
    let owner = member(&hub, "ann", Role::Owner).await;
    let bob = account(&hub, "bob", None).await;
    let token = token_of(&invite(&hub, &owner, "bob@acme.test", Role::Member).await.expect("invited"));
    assert!(preview_invitation(&hub, &token).await.expect("a page").has_account);
    assert_eq!(code(accept(&hub, &token, "wrong password").await), "sign_in_refused");
    let session = accept(&hub, &token, PASSWORD).await.expect("joined");
    let caller = resolved(&hub, &session.0).await.expect("signed in");
    assert_eq!((caller.user().ok(), caller.role), (Some(&bob.id), Some(Role::Member)));
    assert_eq!(events(&hub, "user.joined").await[0]["user"]["name"], "bob");
});

both!(the_password_behind_an_invitation_is_throttled_like_sign_in, |hub| {
    let hub = hub.with_org().await;
    let owner = member(&hub, "ann", Role::Owner).await;
    account(&hub, "bob", None).await;
    let token = token_of(&invite(&hub, &owner, "bob@acme.test", Role::Member).await.expect("invited"));
    for _ in 0..PER_EMAIL {
        assert_eq!(status(&accept(&hub, &token, "wrong password").await), 401);
    }
    assert_eq!(status(&accept(&hub, &token, PASSWORD).await), 429);
    assert_eq!(status(&sign_in(&hub, &Client::default(), "bob@acme.test", PASSWORD).await), 429);
});

both!(an_invitation_never_changes_the_role_of_a_member, |hub| {
    let hub = hub.with_org().await;
    let owner = member(&hub, "ann", Role::Owner).await;
    let bob = account(&hub, "bob", None).await;
    let token = token_of(&invite(&hub, &owner, "bob@acme.test", Role::Owner).await.expect("invited"));
    membership(&hub, &hub.org_id, &bob, Role::Member).await;
    let session = accept(&hub, &token, PASSWORD).await.expect("signed in");
    assert_eq!(resolved(&hub, &session.0).await.and_then(|c| c.role), Some(Role::Member));
    assert_eq!(events(&hub, "user.joined").await, Vec::<serde_json::Value>::new());
    assert_eq!(code(invite(&hub, &owner, "bob@acme.test", Role::Owner).await), "already_member");
    assert_eq!(code(invite(&hub, &owner, "not an address", Role::Owner).await), "invalid");
});

both!(only_owners_and_admins_invite_and_only_owners_invite_owners, |hub| {
    let hub = hub.with_org().await;
    let invite_as = |role: Role| {
        let hub = &hub;
        async move {
            let caller = hub.caller(role);
            let mut answers = Vec::new();
            for given in [Role::Owner, Role::Admin, Role::Member] {
                answers.push(status(&invite(hub, &caller, &format!("{role}-{given}@acme.test"), given).await));
            }
            answers
        }
    };
    assert_eq!(invite_as(Role::Owner).await, [200, 200, 200]);
    assert_eq!(invite_as(Role::Admin).await, [403, 200, 200]);
    assert_eq!(invite_as(Role::Member).await, [403, 403, 403]);
    let owners = list_invitations(&hub, &hub.caller(Role::Member)).await.expect("members read");
    let of_owner = owners.iter().find(|i| i.role == Role::Owner).expect("an invitation");
    assert_eq!(status(&revoke_invitation(&hub, &hub.caller(Role::Admin), &of_owner.id).await), 403);
});

both!(another_tenants_invitations_are_not_found, |hub| {
    let hub = hub.with_org().await;
    let new = invite(&hub, &hub.caller(Role::Owner), "bob@acme.test", Role::Member).await.expect("invited");
    let stranger = hub.stranger().await;
    assert_eq!(list_invitations(&hub, &stranger).await.expect("a list"), []);
    assert_eq!(code(get_invitation(&hub, &stranger, &new.invitation.id).await), "invitation_not_found");
    assert_eq!(code(revoke_invitation(&hub, &stranger, &new.invitation.id).await), "invitation_not_found");
    assert_eq!(status(&preview_invitation(&hub, &token_of(&new)).await), 200);
});
