use super::*;
use crate::account::actions::{enter, list_sessions, reset_password, set_operator_role, sign_in, sign_out};
use crate::account::throttle::{self, PER_EMAIL, PER_IP, WINDOW_MS};
use crate::db::testing::both;
use crate::{Error, Hub};

fn anywhere() -> Client {
    Client::default()
}

both!(a_person_signs_in_and_out, |hub| {
    let hub = hub.with_org().await;
    let ann = account(&hub, "ann", None).await;
    membership(&hub, &hub.org_id, &ann, Role::Admin).await;
    let client = Client { ip: Some("192.0.2.9".into()), user_agent: Some("Firefox".into()) };
    let token = sign_in(&hub, &client, " Ann@Acme.TEST ", PASSWORD).await.expect("signed in");
    let caller = resolve_session(&hub, &token.0, &client).await.expect("an answer").expect("known");
    assert_eq!(
        (caller.user().ok(), caller.role, caller.operator, caller.org_id.as_ref()),
        (Some(&ann.id), Some(Role::Admin), None, Some(&hub.org_id))
    );
    let sessions = list_sessions(&hub, &caller).await.expect("sessions");
    assert_eq!(
        (sessions.len(), sessions[0].user_agent.as_deref(), sessions[0].ip.as_deref()),
        (1, Some("Firefox"), Some("192.0.2.9"))
    );
    sign_out(&hub, &caller).await.expect("signed out");
    assert_eq!(resolved(&hub, &token.0).await, None);
    assert_eq!(recorded(&hub).await, ["session.created", "session.ended"]);
    assert_eq!(format!("{token:?}"), "SessionToken(…)");
});

both!(the_token_itself_is_not_stored, |hub| {
    account(&hub, "ann", None).await;
    let token = sign_in(&hub, &anywhere(), "ann@acme.test", PASSWORD).await.expect("signed in");
    assert!(token.0.len() >= 48);
    let mut conn = hub.db.read().await.expect("a connection");
    let hash: Vec<u8> =
        on!(&mut conn, |c| sqlx::query_scalar("SELECT token_hash FROM sessions").fetch_one(c).await).expect("a row");
    assert_eq!(hash, crate::account::token_hash(&token.0));
});

both!(a_wrong_password_and_an_unknown_address_get_the_same_answer, |hub| {
    account(&hub, "ann", None).await;
    let problem = |result: crate::Result<_>| match result {
        Err(error @ Error::Unauthenticated(_)) => error.problem(),
        other => panic!("unexpected: {other:?}"),
    };
    let wrong = problem(sign_in(&hub, &anywhere(), "ann@acme.test", "wrong password").await);
    let unknown = problem(sign_in(&hub, &anywhere(), "bob@acme.test", "wrong password").await);
    let nonsense = problem(sign_in(&hub, &anywhere(), "not an address", "").await);
    let endless = problem(sign_in(&hub, &anywhere(), "ann@acme.test", &"x".repeat(5000)).await);
    assert_eq!(wrong.code, "sign_in_refused");
    assert!([unknown, nonsense, endless].iter().all(|other| *other == wrong));
});

both!(a_password_that_is_changed_while_it_is_compared_opens_no_session, |hub| {
    let user = account(&hub, "ann", None).await;
    let attempt = throttle::count(&hub, Some(&user.email), None).await.expect("a try");
    let read = users::credentials(&mut hub.db.read().await.expect("a connection"), &user.email).await;
    let read = read.expect("read").expect("an account");
    let operator = Caller::system(None);
    reset_password(&hub, &operator, &user.email, "another horse battery").await.expect("reset");
    assert_eq!(status(&enter(&hub, &anywhere(), attempt, read).await), 401);
    assert_eq!(status(&sign_in(&hub, &anywhere(), &user.email, "another horse battery").await), 200);
});

both!(five_wrong_passwords_close_an_address_for_a_while, |hub| {
    account(&hub, "ann", None).await;
    for email in ["ann@acme.test", "nobody@acme.test"] {
        for _ in 0..PER_EMAIL {
            assert_eq!(status(&sign_in(&hub, &anywhere(), email, "wrong password").await), 401);
        }
        match sign_in(&hub, &anywhere(), email, PASSWORD).await {
            Err(Error::LimitReached(problem, seconds)) => {
                assert_eq!(seconds, 900);
                assert!(problem.message.contains("15 minutes"), "{}", problem.message);
            }
            other => panic!("unexpected: {other:?}"),
        }
    }
    hub.clock.advance_ms(WINDOW_MS);
    assert_eq!(status(&sign_in(&hub, &anywhere(), "ann@acme.test", PASSWORD).await), 200);
});

both!(a_right_password_starts_the_count_anew, |hub| {
    account(&hub, "ann", None).await;
    for _ in 0..3 {
        for _ in 0..PER_EMAIL - 1 {
            assert_eq!(status(&sign_in(&hub, &anywhere(), "ann@acme.test", "wrong password").await), 401);
        }
        assert_eq!(status(&sign_in(&hub, &anywhere(), "ann@acme.test", PASSWORD).await), 200);
    }
});

both!(guesses_in_parallel_cannot_slip_through, |hub| {
    account(&hub, "ann", None).await;
    let inner: Hub = hub.hub.clone();
    let guesses = (0..12).map(|_| sign_in_owned(inner.clone(), "wrong password"));
    let answers: Vec<u16> =
        futures::future::join_all(guesses.map(tokio::spawn)).await.into_iter().map(|s| s.expect("no panic")).collect();
    assert_eq!(answers.iter().filter(|s| **s == 401).count() as i64, PER_EMAIL);
    assert_eq!(answers.iter().filter(|s| **s == 429).count() as i64, 12 - PER_EMAIL);
});

async fn sign_in_owned(hub: Hub, password: &'static str) -> u16 {
    status(&sign_in(&hub, &Client { ip: Some("192.0.2.4".into()), user_agent: None }, "ann@acme.test", password).await)
}

both!(one_network_address_cannot_try_many_accounts, |hub| {
    account(&hub, "ann", None).await;
    let bad = Client { ip: Some("2001:db8::1".into()), user_agent: None };
    let neighbour = Client { ip: Some("2001:db8::2".into()), user_agent: None };
    for _ in 0..3 {
        assert_eq!(
            status(&sign_in(&hub, &bad, "ann@acme.test", PASSWORD).await),
            200,
            "right passwords are not counted"
        );
    }
    for n in 0..PER_IP {
        assert_eq!(status(&sign_in(&hub, &bad, &format!("u{n}@acme.test"), "wrong password").await), 401, "{n}");
    }
    assert_eq!(status(&sign_in(&hub, &bad, "ann@acme.test", PASSWORD).await), 429);
    assert_eq!(status(&sign_in(&hub, &neighbour, "ann@acme.test", PASSWORD).await), 429, "the same site");
    assert_eq!(status(&sign_in(&hub, &anywhere(), "ann@acme.test", PASSWORD).await), 200);
});

both!(an_operator_resets_a_password_and_ends_all_sessions, |hub| {
    let hub = hub.with_org().await;
    let owner = member(&hub, "ann", Role::Owner).await;
    let token = sign_in(&hub, &anywhere(), "ann@acme.test", PASSWORD).await.expect("signed in");
    for _ in 0..PER_EMAIL {
        assert_eq!(status(&sign_in(&hub, &anywhere(), "ann@acme.test", "wrong password").await), 401);
    }
    assert_eq!(status(&reset_password(&hub, &owner, "ann@acme.test", "a new password").await), 403);
    let console = Caller::system(None);
    assert_eq!(code(reset_password(&hub, &console, "bob@acme.test", "a new password").await), "user_not_found");
    assert_eq!(code(reset_password(&hub, &console, "ann@acme.test", "short").await), "invalid");
    let user = reset_password(&hub, &console, "Ann@acme.test", "a new password").await.expect("reset");
    assert_eq!(owner.user().ok(), Some(&user.id));
    assert_eq!(resolved(&hub, &token.0).await, None);
    assert_eq!(status(&sign_in(&hub, &anywhere(), "ann@acme.test", "a new password").await), 200);
    assert_eq!(status(&sign_in(&hub, &anywhere(), "ann@acme.test", PASSWORD).await), 401);
});

both!(only_operators_appoint_staff, |hub| {
    let hub = hub.with_org().await;
    let owner = member(&hub, "ann", Role::Owner).await;
    let support = staff(&hub, "sam", OperatorRole::Support).await;
    let ask = |caller: Caller, role| {
        let hub = hub.hub.clone();
        async move { set_operator_role(&hub, &caller, "ann@acme.test", role).await }
    };
    for caller in [owner, support] {
        assert_eq!(status(&ask(caller, Some(OperatorRole::Operator)).await), 403);
    }
    let operator = staff(&hub, "olga", OperatorRole::Operator).await;
    let ann = ask(operator, Some(OperatorRole::Support)).await.expect("appointed");
    assert_eq!(ann.operator_role, Some(OperatorRole::Support));
    assert_eq!(ask(Caller::system(None), None).await.expect("dismissed").operator_role, None);
    let nobody = set_operator_role(&hub, &Caller::system(None), "nobody@acme.test", None).await;
    assert_eq!(code(nobody), "user_not_found");
});
