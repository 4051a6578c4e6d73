use super::*;
use crate::account::actions::{bootstrap, me, needs_setup, set_up, setup_token};
use crate::api_key::actions::resolve;
use crate::db::testing::both;
use crate::{Hub, Permission};

fn from(ip: &str) -> Client {
    Client { ip: Some(ip.into()), user_agent: Some("Browser".into()) }
}

both!(the_first_start_makes_an_operator_who_owns_an_organization, |hub| {
    assert!(needs_setup(&hub).await.expect("an answer"));
    let token = setup_token(&hub);
    assert_eq!(token, setup_token(&hub));
    let client = from("192.0.2.1");
    let wrong = set_up(&hub, &client, "guess", "Acme", "Ann", "ann@acme.test", PASSWORD).await;
    assert_eq!(status(&wrong), 422);
    let short = set_up(&hub, &client, &token, "Acme", "Ann", "ann@acme.test", "short").await;
    assert_eq!(status(&short), 422);
    assert!(needs_setup(&hub).await.expect("an answer"));
    let session = set_up(&hub, &client, &token, "Acme", "Ann", "Ann@Acme.test", PASSWORD).await.expect("set up");
    let caller = resolved(&hub, &session.0).await.expect("signed in");
    assert_eq!((caller.operator, caller.role), (Some(OperatorRole::Operator), Some(Role::Owner)));
    let who = me(&hub, &caller).await.expect("an account");
    assert_eq!(
        (who.user.email.as_str(), who.org.map(|org| org.name).as_deref(), who.orgs.len()),
        ("ann@acme.test", Some("Acme"), 1)
    );
    assert!(!needs_setup(&hub).await.expect("an answer"));
    let again = set_up(&hub, &client, &token, "Evil", "Eve", "eve@evil.test", PASSWORD).await;
    assert_eq!(code(again), "already_set_up");
});

both!(wrong_set_up_tokens_are_throttled, |hub| {
    for _ in 0..crate::account::throttle::PER_IP {
        assert_eq!(status(&set_up(&hub, &from("192.0.2.1"), "guess", "A", "A", "a@a.test", PASSWORD).await), 422);
    }
    let token = setup_token(&hub);
    assert_eq!(status(&set_up(&hub, &from("192.0.2.1"), &token, "A", "A", "a@a.test", PASSWORD).await), 429);
    assert_eq!(status(&set_up(&hub, &from("192.0.2.2"), &token, "A", "A", "a@a.test", PASSWORD).await), 200);
});

both!(bootstrapping_twice_changes_nothing_and_says_so, |hub| {
    let first = bootstrap(&hub, "Acme", "Ops@Acme.test", PASSWORD).await.expect("set up");
    assert!(first.created);
    let caller = resolve(&hub, first.api_key.as_deref().expect("a key"), None, None).await.expect("a caller");
    assert_eq!(caller.org_id.as_ref(), Some(&first.org_id));
    let missing: Vec<_> = Permission::ALL.iter().filter(|scope| !caller.may(**scope)).collect();
    assert_eq!(missing, [&Permission::OrgsManage]);
    let second = bootstrap(&hub, "Acme", "ops@acme.test", "another password").await.expect("the same");
    assert_eq!(
        (second.created, second.api_key, &second.org_id, &second.user_id),
        (false, None, &first.org_id, &first.user_id)
    );
    assert_eq!(code(bootstrap(&hub, "Other", "ops@acme.test", PASSWORD).await), "already_set_up");
    assert_eq!(code(bootstrap(&hub, "Acme", "eve@acme.test", PASSWORD).await), "already_set_up");
});

both!(two_set_ups_at_once_make_one_operator, |hub| {
    let inner: Hub = hub.hub.clone();
    let (one, two) = tokio::join!(
        bootstrap(&inner, "One", "one@acme.test", PASSWORD),
        bootstrap(&inner, "Two", "two@acme.test", PASSWORD)
    );
    let mut answers = [status(&one), status(&two)];
    answers.sort_unstable();
    assert_eq!(answers, [200, 409]);
});
