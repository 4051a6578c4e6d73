use super::*;
use crate::account::actions::{
    change_password, list_sessions, me, revoke_other_sessions, revoke_session, sign_in, sign_out, switch_org,
    update_name,
};
use crate::account::throttle::PER_EMAIL;
use crate::account::{SESSION_IDLE_MS, SESSION_MAX_MS};
use crate::caller::Identity;
use crate::db::testing::both;
use crate::id::SessionId;

fn session_of(caller: &Caller) -> SessionId {
    match &caller.identity {
        Identity::User { session_id, .. } => session_id.clone(),
        other => panic!("unexpected: {other:?}"),
    }
}

both!(a_session_lapses_when_it_is_not_used, |hub| {
    let ann = account(&hub, "ann", None).await;
    let token = opened(&hub, &ann, None).await;
    hub.clock.advance_ms(SESSION_IDLE_MS - 1);
    assert!(resolved(&hub, &token).await.is_some(), "and this use is noted");
    hub.clock.advance_ms(SESSION_IDLE_MS - 1);
    assert!(resolved(&hub, &token).await.is_some());
    hub.clock.advance_ms(SESSION_IDLE_MS);
    assert_eq!(resolved(&hub, &token).await, None);
    assert_eq!(resolved(&hub, "unknown").await, None);
    assert_eq!(resolved(&hub, "").await, None);
});

both!(a_session_ends_after_its_longest_time_although_it_is_used, |hub| {
    let ann = account(&hub, "ann", None).await;
    let token = opened(&hub, &ann, None).await;
    let step = SESSION_MAX_MS / 9;
    for _ in 0..8 {
        hub.clock.advance_ms(step);
        assert!(resolved(&hub, &token).await.is_some());
    }
    hub.clock.advance_ms(step);
    assert_eq!(resolved(&hub, &token).await, None);
});

both!(lapsed_sessions_and_throttles_are_swept, |hub| {
    let ann = account(&hub, "ann", None).await;
    opened(&hub, &ann, None).await;
    assert_eq!(status(&sign_in(&hub, &Client::default(), "x@acme.test", "wrong password").await), 401);
    hub.clock.advance_ms(SESSION_IDLE_MS);
    let mut tx = hub.db.begin().await.expect("a transaction");
    crate::account::store::delete_lapsed(&mut tx, hub.now()).await.expect("swept");
    let left: i64 = on!(&mut *tx, |c| {
        sqlx::query_scalar("SELECT (SELECT COUNT(*) FROM sessions) + (SELECT COUNT(*) FROM throttles)")
            .fetch_one(c)
            .await
    })
    .expect("a count");
    assert_eq!(left, 0);
});

both!(the_use_of_a_session_is_noted_once_a_minute, |hub| {
    let ann = account(&hub, "ann", None).await;
    let token = opened(&hub, &ann, None).await;
    let start = hub.now();
    for (advance, seen) in [(59_999, 0), (1, 60_000), (30_000, 60_000), (30_000, 120_000)] {
        hub.clock.advance_ms(advance);
        let client = Client { ip: Some("192.0.2.8".into()), user_agent: None };
        let caller = resolve_session(&hub, &token, &client).await.expect("an answer").expect("known");
        let sessions = list_sessions(&hub, &caller).await.expect("sessions");
        assert_eq!(sessions[0].last_seen_at.since(start), seen);
    }
});

both!(a_person_revokes_sessions_of_their_own_only, |hub| {
    let (ann, eve) = (account(&hub, "ann", None).await, account(&hub, "eve", None).await);
    let mut tokens = Vec::new();
    for _ in 0..4 {
        hub.clock.advance_ms(1);
        tokens.push(opened(&hub, &ann, None).await);
    }
    let caller = resolved(&hub, &tokens[0]).await.expect("known");
    let second = session_of(&resolved(&hub, &tokens[1]).await.expect("known"));
    let stranger = resolved(&hub, &opened(&hub, &eve, None).await).await.expect("known");
    assert_eq!(code(revoke_session(&hub, &stranger, &second).await), "session_not_found");
    assert_eq!(list_sessions(&hub, &caller).await.expect("sessions").len(), 4);
    revoke_session(&hub, &caller, &second).await.expect("revoked");
    assert_eq!(resolved(&hub, &tokens[1]).await, None);
    assert_eq!(code(revoke_session(&hub, &caller, &second).await), "session_not_found");
    assert_eq!(revoke_other_sessions(&hub, &caller).await.expect("revoked"), 2);
    assert_eq!(revoke_other_sessions(&hub, &caller).await.expect("revoked"), 0);
    assert!(resolved(&hub, &tokens[0]).await.is_some());
    assert_eq!(resolved(&hub, &tokens[3]).await, None);
    assert_eq!(list_sessions(&hub, &stranger).await.expect("sessions").len(), 1);
    sign_out(&hub, &caller).await.expect("signed out");
    assert_eq!(resolved(&hub, &tokens[0]).await, None);
});

both!(programs_have_no_sessions, |hub| {
    let system = Caller::system(None);
    assert_eq!(status(&sign_out(&hub, &system).await), 403);
    assert_eq!(status(&me(&hub, &system).await), 403);
    assert_eq!(status(&list_sessions(&hub, &system).await), 403);
});

both!(a_new_password_ends_the_other_sessions, |hub| {
    let ann = account(&hub, "ann", None).await;
    let (here, there) = (opened(&hub, &ann, None).await, opened(&hub, &ann, None).await);
    let caller = resolved(&hub, &here).await.expect("known");
    assert_eq!(code(change_password(&hub, &caller, "wrong password", "a new password").await), "invalid");
    assert_eq!(code(change_password(&hub, &caller, PASSWORD, "short").await), "invalid");
    assert!(resolved(&hub, &there).await.is_some());
    change_password(&hub, &caller, PASSWORD, "a new password").await.expect("changed");
    assert!(resolved(&hub, &here).await.is_some());
    assert_eq!(resolved(&hub, &there).await, None);
    assert_eq!(status(&sign_in(&hub, &Client::default(), "ann@acme.test", PASSWORD).await), 401);
    assert_eq!(status(&sign_in(&hub, &Client::default(), "ann@acme.test", "a new password").await), 200);
});

both!(a_stolen_session_cannot_guess_the_password, |hub| {
    let ann = account(&hub, "ann", None).await;
    let caller = resolved(&hub, &opened(&hub, &ann, None).await).await.expect("known");
    for _ in 0..PER_EMAIL {
        assert_eq!(status(&change_password(&hub, &caller, "wrong password", "a new password").await), 422);
    }
    assert_eq!(status(&change_password(&hub, &caller, PASSWORD, "a new password").await), 429);
});

both!(people_switch_between_their_own_organizations_only, |hub| {
    let hub = hub.with_org().await;
    let (second, foreign) = (hub.id(OrgId::new), hub.id(OrgId::new));
    hub.insert_org(&second).await;
    hub.insert_org(&foreign).await;
    let ann = account(&hub, "ann", None).await;
    membership(&hub, &hub.org_id, &ann, Role::Owner).await;
    membership(&hub, &second, &ann, Role::Member).await;
    let token = opened(&hub, &ann, Some(&hub.org_id)).await;
    let caller = resolved(&hub, &token).await.expect("known");
    assert_eq!(code(switch_org(&hub, &caller, &foreign).await), "organization_not_found");
    assert_eq!(code(switch_org(&hub, &caller, &OrgId::new(1, [9; 10])).await), "organization_not_found");
    switch_org(&hub, &caller, &second).await.expect("switched");
    let caller = resolved(&hub, &token).await.expect("known");
    assert_eq!((caller.org_id.as_ref(), caller.role), (Some(&second), Some(Role::Member)));
    hub.clock.advance_ms(60_000);
    resolved(&hub, &token).await.expect("known");
    let next = sign_in(&hub, &Client::default(), "ann@acme.test", PASSWORD).await.expect("signed in");
    assert_eq!(resolved(&hub, &next.0).await.and_then(|c| c.org_id), Some(second), "the one used last");
});

both!(staff_enters_any_organization_and_it_is_recorded_there, |hub| {
    let hub = hub.with_org().await;
    for role in [OperatorRole::Support, OperatorRole::Operator] {
        let sam = account(&hub, role.as_str(), Some(role)).await;
        let token = opened(&hub, &sam, None).await;
        let caller = resolved(&hub, &token).await.expect("known");
        assert_eq!(caller.org_id, None);
        assert_eq!(code(switch_org(&hub, &caller, &OrgId::new(1, [9; 10])).await), "organization_not_found");
        switch_org(&hub, &caller, &hub.org_id).await.expect("entered");
        let caller = resolved(&hub, &token).await.expect("known");
        assert_eq!((caller.org_id.as_ref(), caller.role, caller.operator), (Some(&hub.org_id), None, Some(role)));
        assert!(caller.is_outside_look());
    }
    assert_eq!(recorded(&hub).await, ["org.entered", "org.entered"]);
});

both!(dismissed_staff_is_out_of_every_organization_at_once, |hub| {
    let hub = hub.with_org().await;
    let sam = account(&hub, "sam", Some(OperatorRole::Support)).await;
    let token = opened(&hub, &sam, Some(&hub.org_id)).await;
    assert_eq!(resolved(&hub, &token).await.and_then(|c| c.org_id), Some(hub.org_id.clone()));
    crate::account::actions::set_operator_role(&hub, &Caller::system(None), "sam@acme.test", None)
        .await
        .expect("dismissed");
    let caller = resolved(&hub, &token).await.expect("still signed in");
    assert_eq!((caller.org_id, caller.role, caller.operator), (None, None, None));
});

both!(a_person_changes_their_name, |hub| {
    let hub = hub.with_org().await;
    let caller = member(&hub, "ann", Role::Member).await;
    assert_eq!(code(update_name(&hub, &caller, "  ").await), "invalid");
    assert_eq!(update_name(&hub, &caller, " Ann B. ").await.expect("renamed").name, "Ann B.");
    let who = me(&hub, &caller).await.expect("an account");
    assert_eq!((who.user.name.as_str(), who.role), ("Ann B.", Some(Role::Member)));
});
