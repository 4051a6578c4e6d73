//! API keys on both databases.

use super::actions::{
    create, create_operator_key, get, list, list_operator_keys, resolve, revoke, revoke_operator_key,
};
use super::resolve::FRESH_MS;
use super::{CreatedApiKey, NewApiKey, store};
use crate::account::members;
use crate::account::tests::{code, member, recorded, staff, status};
use crate::caller::{Identity, OperatorRole, Role};
use crate::db::on;
use crate::db::testing::both;
use crate::hub::testing::TestHub;
use crate::id::OrgId;
use crate::{Caller, Permission};

fn new(scopes: &[Permission]) -> NewApiKey {
    NewApiKey { name: " Billing ".into(), scopes: scopes.to_vec(), expires_at: None }
}

async fn made(hub: &TestHub, scopes: &[Permission]) -> CreatedApiKey {
    create(hub, &hub.caller(Role::Owner), new(scopes)).await.expect("a key")
}

async fn used(hub: &TestHub, key: &CreatedApiKey) -> crate::Result<Caller> {
    resolve(hub, &key.key, None, Some("192.0.2.1".into())).await
}

both!(a_key_is_shown_once_and_stored_hashed, |hub| {
    let hub = hub.with_org().await;
    let owner = hub.caller(Role::Owner);
    let key = made(&hub, &[Permission::EventsWrite, Permission::EventsRead, Permission::EventsWrite]).await;
    assert!(key.key.starts_with("pb_") && key.key.len() == 51, "{}", key.key);
    assert_eq!(key.api_key.hint, format!("{}…", &key.key[..8]));
    assert_eq!((key.api_key.name.as_str(), key.api_key.scopes.len()), ("Billing", 2));
    assert_eq!(list(&hub, &owner).await.expect("keys"), std::slice::from_ref(&key.api_key));
    assert_eq!(get(&hub, &owner, &key.api_key.id).await.expect("a key"), key.api_key);
    let mut conn = hub.db.read().await.expect("a connection");
    let hash: Vec<u8> =
        on!(&mut conn, |c| sqlx::query_scalar("SELECT token_hash FROM api_keys").fetch_one(c).await).expect("a row");
    assert_eq!(hash, crate::account::token_hash(&key.key));
    let caller = used(&hub, &key).await.expect("a caller");
    assert_eq!(
        (caller.org_id.as_ref(), caller.operator, caller.ip.as_deref()),
        (Some(&hub.org_id), None, Some("192.0.2.1"))
    );
    assert!(
        matches!(&caller.identity, Identity::ApiKey { id, name, .. } if *id == key.api_key.id && name == "Billing")
    );
});

both!(keys_are_listed_newest_first, |hub| {
    let hub = hub.with_org().await;
    let first = made(&hub, &[Permission::EventsWrite]).await;
    hub.clock.advance_ms(1);
    let second = made(&hub, &[Permission::EventsWrite]).await;
    let ids: Vec<_> = list(&hub, &hub.caller(Role::Admin)).await.expect("keys").into_iter().map(|key| key.id).collect();
    assert_eq!(ids, [second.api_key.id, first.api_key.id]);
});

both!(a_key_does_what_its_scopes_say_and_nothing_else, |hub| {
    let hub = hub.with_org().await;
    for scope in Permission::ALL.iter().filter(|scope| **scope != Permission::OrgsManage) {
        let key = made(&hub, &[*scope]).await;
        let caller = used(&hub, &key).await.expect("a caller");
        let allowed: Vec<_> = Permission::ALL.iter().filter(|p| caller.may(**p)).collect();
        assert_eq!(allowed, [scope]);
        assert!(caller.require_operator().is_err());
    }
});

both!(a_wrong_key_is_nobody, |hub| {
    let hub = hub.with_org().await;
    let key = made(&hub, &[Permission::EventsWrite]).await;
    for wrong in ["", "pb_", "pb_wrong", &key.key[3..], &key.key[..50], &format!("{} ", key.key), &key.api_key.hint] {
        assert_eq!(status(&resolve(&hub, wrong, None, None).await), 401, "{wrong:?}");
    }
});

both!(a_revoked_key_is_refused_at_once, |hub| {
    let hub = hub.with_org().await;
    let key = made(&hub, &[Permission::EventsWrite]).await;
    let admin = hub.caller(Role::Admin);
    assert_eq!(status(&used(&hub, &key).await), 200, "and now it is in memory");
    let revoked = revoke(&hub, &admin, &key.api_key.id).await.expect("revoked");
    assert_eq!(revoked.revoked_at, Some(hub.now()));
    assert_eq!(status(&used(&hub, &key).await), 401);
    hub.clock.advance_ms(FRESH_MS);
    assert_eq!(status(&used(&hub, &key).await), 401);
    hub.clock.advance_ms(1);
    assert_eq!(revoke(&hub, &admin, &key.api_key.id).await.expect("nothing changes").revoked_at, revoked.revoked_at);
    let listed: Vec<_> =
        list(&hub, &admin).await.expect("keys").into_iter().map(|key| (key.id, key.revoked_at)).collect();
    assert_eq!(listed, [(key.api_key.id, revoked.revoked_at)]);
    assert_eq!(recorded(&hub).await, ["api_key.created", "api_key.revoked"]);
});

both!(a_key_revoked_by_another_process_is_refused_within_seconds, |hub| {
    let hub = hub.with_org().await;
    let key = made(&hub, &[Permission::EventsWrite]).await;
    assert_eq!(status(&used(&hub, &key).await), 200);
    let mut tx = hub.db.begin().await.expect("a transaction");
    store::revoke(&mut tx, Some(&hub.org_id), &key.api_key.id, hub.now()).await.expect("revoked");
    tx.commit().await.expect("committed");
    assert_eq!(status(&used(&hub, &key).await), 200, "from memory");
    hub.clock.advance_ms(FRESH_MS);
    assert_eq!(status(&used(&hub, &key).await), 401);
});

both!(a_key_lapses_to_the_millisecond_although_it_is_in_memory, |hub| {
    let hub = hub.with_org().await;
    let soon = NewApiKey { expires_at: Some(hub.now().plus_ms(1000)), ..new(&[Permission::EventsWrite]) };
    let key = create(&hub, &hub.caller(Role::Owner), soon).await.expect("a key");
    hub.clock.advance_ms(999);
    assert_eq!(status(&used(&hub, &key).await), 200);
    hub.clock.advance_ms(1);
    assert_eq!(status(&used(&hub, &key).await), 401);
    let past = NewApiKey { expires_at: Some(hub.now()), ..new(&[Permission::EventsWrite]) };
    assert_eq!(code(create(&hub, &hub.caller(Role::Owner), past).await), "invalid");
});

both!(nobody_makes_a_key_beyond_their_own_rights, |hub| {
    let hub = hub.with_org().await;
    assert_eq!(status(&create(&hub, &hub.caller(Role::Member), new(&[Permission::EventsRead])).await), 403);
    let beyond = create(&hub, &hub.caller(Role::Admin), new(&[Permission::EventsRead, Permission::OrgWrite])).await;
    let problem = beyond.expect_err("refused").problem();
    assert_eq!((problem.details.len(), problem.details[0].field.as_str()), (1, "scopes.1"));
    assert!(problem.details[0].message.contains("`org:write`"), "{}", problem.message);
    let operator = staff(&hub, "olga", OperatorRole::Operator).await;
    assert_eq!(code(create(&hub, &operator, new(&[Permission::OrgsManage])).await), "invalid");
    let maker =
        used(&hub, &made(&hub, &[Permission::ApiKeysWrite, Permission::EventsWrite]).await).await.expect("a caller");
    assert_eq!(status(&create(&hub, &maker, new(&[Permission::EventsWrite])).await), 200);
    assert_eq!(status(&create(&hub, &maker, new(&[Permission::EndpointsWrite])).await), 422);
    let empty = NewApiKey { name: " ".into(), ..new(&[]) };
    assert_eq!(create(&hub, &hub.caller(Role::Owner), empty).await.expect_err("refused").problem().details.len(), 2);
});

both!(a_key_made_by_an_admin_makes_no_owners, |hub| {
    let hub = hub.with_org().await;
    let (ann, bob) = (member(&hub, "ann", Role::Owner).await, member(&hub, "bob", Role::Admin).await);
    let scopes: Vec<_> = Permission::ALL.iter().copied().filter(|scope| Role::Admin.allows(*scope)).collect();
    let key = create(&hub, &bob, new(&scopes)).await.expect("a key");
    let caller = used(&hub, &key).await.expect("a caller");
    let (ann_id, bob_id) = (ann.user().expect("a person"), bob.user().expect("a person"));
    assert_eq!(status(&members::change_role(&hub, &caller, bob_id, Role::Owner).await), 403);
    assert_eq!(status(&members::invite(&hub, &caller, "eve@acme.test", Role::Owner).await), 403);
    assert_eq!(status(&members::remove(&hub, &caller, ann_id).await), 403);
    let key = create(&hub, &ann, new(&[Permission::MembersWrite, Permission::OrgWrite])).await.expect("a key");
    let caller = used(&hub, &key).await.expect("a caller");
    assert_eq!(status(&members::change_role(&hub, &caller, bob_id, Role::Owner).await), 200, "an owner's key may");
});

both!(an_organizations_key_stays_in_its_organization, |hub| {
    let hub = hub.with_org().await;
    let key = made(&hub, &[Permission::EventsWrite]).await;
    let other = hub.stranger().await.org_id.expect("an organization");
    assert_eq!(status(&resolve(&hub, &key.key, Some(hub.org_id.as_str()), None).await), 200);
    for foreign in [other.as_str(), "org_nonsense", "", OrgId::new(1, [3; 10]).as_str()] {
        assert_eq!(code(resolve(&hub, &key.key, Some(foreign), None).await), "organization_not_found", "{foreign:?}");
    }
});

both!(an_operators_key_acts_for_the_organization_it_names, |hub| {
    let hub = hub.with_org().await;
    let owner = hub.caller(Role::Owner);
    assert_eq!(status(&create_operator_key(&hub, &owner, new(&[Permission::EventsWrite])).await), 403);
    let support = staff(&hub, "sam", OperatorRole::Support).await;
    assert_eq!(status(&create_operator_key(&hub, &support, new(&[Permission::EventsRead])).await), 403);
    let console = Caller::system(None);
    let key = create_operator_key(&hub, &console, new(&[Permission::EventsWrite, Permission::OrgsManage]))
        .await
        .expect("a key");
    let nowhere = used(&hub, &key).await.expect("a caller");
    assert_eq!(status(&nowhere.require(Permission::EventsWrite)), 422, "the organization is missing");
    nowhere.require_operator().expect("an operator");
    for _ in 0..2 {
        let caller = resolve(&hub, &key.key, Some(hub.org_id.as_str()), None).await.expect("a caller");
        assert_eq!(caller.require(Permission::EventsWrite).expect("allowed"), &hub.org_id);
        assert_eq!((caller.operator, caller.role), (Some(OperatorRole::Operator), None));
        assert!(!caller.may(Permission::EventsRead));
    }
    for wrong in ["org_nonsense", OrgId::new(1, [3; 10]).as_str()] {
        assert_eq!(code(resolve(&hub, &key.key, Some(wrong), None).await), "organization_not_found");
    }
    assert_eq!(list(&hub, &owner).await.expect("keys"), [], "it belongs to no organization");
    assert_eq!(code(revoke(&hub, &owner, &key.api_key.id).await), "api_key_not_found");
    assert_eq!(status(&revoke_operator_key(&hub, &owner, &key.api_key.id).await), 403);
    assert_eq!(list_operator_keys(&hub, &console).await.expect("keys").len(), 1);
    revoke_operator_key(&hub, &console, &key.api_key.id).await.expect("revoked");
    assert_eq!(status(&used(&hub, &key).await), 401);
});

both!(another_tenants_keys_are_not_found, |hub| {
    let hub = hub.with_org().await;
    let key = made(&hub, &[Permission::EventsWrite]).await;
    let stranger = hub.stranger().await;
    assert_eq!(list(&hub, &stranger).await.expect("keys"), []);
    assert_eq!(code(get(&hub, &stranger, &key.api_key.id).await), "api_key_not_found");
    assert_eq!(code(revoke(&hub, &stranger, &key.api_key.id).await), "api_key_not_found");
    assert_eq!(status(&used(&hub, &key).await), 200);
    assert_eq!(status(&list(&hub, &hub.caller(Role::Member)).await), 403);
});

both!(the_last_use_is_noted_behind_the_request, |hub| {
    let hub = hub.with_org().await;
    let key = made(&hub, &[Permission::EventsWrite]).await;
    let owner = hub.caller(Role::Owner);
    for expected in [hub.now(), hub.now().plus_ms(60_000)] {
        used(&hub, &key).await.expect("a caller");
        let mut noted = None;
        for _ in 0..500 {
            noted = get(&hub, &owner, &key.api_key.id).await.expect("a key").last_used_at;
            if noted == Some(expected) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert_eq!(noted, Some(expected));
        hub.clock.advance_ms(59_999);
        used(&hub, &key).await.expect("a caller");
        assert_eq!(get(&hub, &owner, &key.api_key.id).await.expect("a key").last_used_at, Some(expected));
        hub.clock.advance_ms(1);
    }
});
