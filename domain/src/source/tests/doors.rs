//! Who gets in: addresses and secrets that change, handshakes, sizes, and other tenants.

use super::*;
use crate::db::testing::both;
use crate::source::{MAX_BODY, SecretRotation, SourceChange, TokenRotation, log, secrets};

const STRIPE: &str = "whsec_EXAMPLEnotARealSecret0000";
const HOUR_MS: i64 = 3_600_000;

both!(an_address_that_was_changed_is_taken_for_the_overlap, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    let old = desk.source.url.clone();
    let rotation = TokenRotation { overlap_hours: Some(2) };
    let new = secrets::rotate_token(&hub, &desk.owner, &desk.source.id, &rotation).await.expect("rotated");
    assert_eq!(new.previous_url_until, Some(hub.now().plus_ms(2 * HOUR_MS)));
    kept(desk.post_to(&old, &desk.stripe(&invoice("evt_1"))).await);
    kept(desk.post_to(&new.url, &desk.stripe(&invoice("evt_2"))).await);
    hub.clock.advance_ms(2 * HOUR_MS);
    assert_eq!(desk.post_to(&old, &desk.stripe(&invoice("evt_3"))).await.expect_err("gone").status(), 404);
    kept(desk.post_to(&new.url, &desk.stripe(&invoice("evt_3"))).await);
    let at_once = TokenRotation { overlap_hours: Some(0) };
    let newest = secrets::rotate_token(&hub, &desk.owner, &desk.source.id, &at_once).await.expect("rotated");
    assert_eq!(desk.post_to(&new.url, &desk.stripe(&invoice("evt_4"))).await.expect_err("gone").status(), 404);
    // The address of one provider is none of another.
    let other = newest.url.replace("/in/stripe/", "/in/clerk/");
    assert_eq!(desk.post_to(&other, &desk.stripe(&invoice("evt_4"))).await.expect_err("none").status(), 404);
    assert_eq!(desk.all().await.len(), 3, "what comes to no address is not kept");
});

both!(a_secret_that_was_changed_verifies_for_the_overlap_and_two_at_most_do, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    let rotate = async |secret: &str| {
        let rotation = SecretRotation { secret: Some(secret.to_owned()), overlap_hours: None };
        secrets::rotate_secret(&hub, &desk.owner, &desk.source.id, &rotation).await.expect("rotated")
    };
    let made = rotate("whsec_second_EXAMPLE_0000").await;
    assert_eq!((made.secret, made.source.secrets.len()), (None, 2), "an entered secret is not shown again");
    assert_eq!(made.source.secrets[0].hint, "0000");
    for (secret, event) in [(STRIPE, "evt_1"), ("whsec_second_EXAMPLE_0000", "evt_2")] {
        kept(desk.post(&desk.stripe_by(secret, &invoice(event))).await);
    }
    assert_eq!(rotate("whsec_third_EXAMPLE_00000").await.source.secrets.len(), 2);
    assert_eq!(desk.post(&desk.stripe_by(STRIPE, &invoice("evt_3"))).await.expect_err("ended").status(), 401);
    hub.clock.advance_ms(24 * HOUR_MS);
    let second = desk.stripe_by("whsec_second_EXAMPLE_0000", &invoice("evt_3"));
    assert_eq!(desk.post(&second).await.expect_err("ended").status(), 401);
    kept(desk.post(&desk.stripe_by("whsec_third_EXAMPLE_00000", &invoice("evt_3"))).await);
    // Stripe makes its secrets itself; one of Clerk has a form.
    let none = secrets::rotate_secret(&hub, &desk.owner, &desk.source.id, &SecretRotation::default()).await;
    assert_eq!(none.expect_err("none").status(), 422);
    let new = NewSource { provider: "clerk".into(), secret: Some("nonsense!".into()), ..NewSource::default() };
    assert_eq!(
        actions::create(&hub, &desk.owner, new).await.expect_err("no form").problem().details[0].field,
        "secret"
    );
});

both!(slack_is_answered_its_challenge_once_it_is_verified, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "slack", Some("8f742231b10e8888abcd99yyyzzz85a5")).await;
    let body = br#"{"token":"x","challenge":"3eZbrw1aBm2rZgRNFdxV","type":"url_verification"}"#;
    let now = hub.now().seconds().to_string();
    let mac = signature::hmac(Algorithm::Sha256, desk.secret.as_bytes(), &[b"v0:", now.as_bytes(), b":", body]);
    let sent = Sent::new(body.to_vec()).with("X-Slack-Request-Timestamp", &now);
    assert_eq!(desk.post(&sent).await.expect_err("unsigned").status(), 401);
    let signed = sent.with("X-Slack-Signature", &format!("v0={}", signature::hex(&mac)));
    assert_eq!(desk.post(&signed).await.expect("an answer"), Answer::Echo("3eZbrw1aBm2rZgRNFdxV".into()));
    drain(&hub).await.expect("handled");
    let newest = desk.request(&desk.all().await[0].id).await;
    assert_eq!(outcomes(&newest), [OutcomeKind::PassedOver]);
});

both!(notion_posts_its_secret_while_the_source_waits_for_one, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "notion", None).await;
    let token = |text: &str| Sent::new(json!({ "verification_token": text }).to_string());
    let id = kept(desk.post(&token("secret_first_EXAMPLE_0000")).await);
    let request = desk.request(&id).await;
    assert_eq!((request.summary.verdict, request.body), (InboundVerdict::Challenge, None));
    let source = actions::get(&hub, &desk.owner, &desk.source.id).await.expect("the source");
    assert_eq!(source.verification_token.as_deref(), Some("secret_first_EXAMPLE_0000"));
    let member = actions::get(&hub, &hub.caller(Role::Member), &desk.source.id).await.expect("the source");
    assert_eq!(member.verification_token, None);
    // A stranger comes too late.
    assert_eq!(desk.post(&token("secret_stranger")).await.expect_err("refused").status(), 401);
    let refused = desk.request(&desk.all().await[0].id).await;
    assert_eq!((refused.summary.verdict, refused.body), (InboundVerdict::Rejected, None), "it may be a secret yet");
    let body = br#"{"id":"ev_1","type":"page.created","entity":{"id":"p_1","type":"page"},"timestamp":"2026-11-22T10:00:00Z"}"#;
    let mac = signature::hmac(Algorithm::Sha256, b"secret_first_EXAMPLE_0000", &[body]);
    let signed = Sent::new(body.to_vec()).with("X-Notion-Signature", &format!("sha256={}", signature::hex(&mac)));
    hub.clock.advance_ms(1000);
    kept(desk.post(&signed).await);
    let source = actions::get(&hub, &desk.owner, &desk.source.id).await.expect("the source");
    assert_eq!(source.verification_token, None, "it is used, so it was told");
    // The subscription is made anew.
    let rotation = SecretRotation::default();
    secrets::rotate_secret(&hub, &desk.owner, &desk.source.id, &rotation).await.expect("it waits");
    hub.clock.advance_ms(1000);
    kept(desk.post(&token("secret_second_EXAMPLE_000")).await);
    kept(desk.post(&signed).await);
    let source = actions::get(&hub, &desk.owner, &desk.source.id).await.expect("the source");
    assert_eq!(source.secrets.len(), 2);
});

both!(a_body_that_is_too_large_is_refused_and_said_so, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    let sent = Sent::new(vec![b' '; MAX_BODY + 1]);
    assert_eq!(desk.post(&sent).await.expect_err("too large").status(), 413);
    let kept = desk.request(&desk.all().await[0].id).await;
    assert_eq!((kept.summary.cause.as_deref(), kept.body), (Some("too_large"), None));
    assert_eq!(kept.summary.size, MAX_BODY as i64 + 1);
});

both!(a_scheme_that_would_not_protect_is_refused, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "hmac", None).await;
    let change = |scheme: Value| SourceChange { scheme: Some(scheme), ..SourceChange::default() };
    let mut scheme = desk.source.scheme.clone();
    scheme["template"] = json!("{body}");
    for wrong in [scheme.clone(), json!({"scheme": "stripe"}), json!({"scheme": "nonsense"})] {
        let refused = actions::update(&hub, &desk.owner, &desk.source.id, change(wrong)).await.expect_err("refused");
        assert_eq!(refused.problem().details[0].field, "scheme");
    }
    scheme["timestamp"] = Value::Null;
    let changed = actions::update(&hub, &desk.owner, &desk.source.id, change(scheme)).await.expect("changed");
    assert_eq!(changed.scheme["template"], "{body}");
});

both!(what_is_of_another_account_or_another_type_is_refused_and_said_so, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "github", None).await;
    let change = async |account: &str| {
        let change = SourceChange { account: Some(account.into()), ..SourceChange::default() };
        actions::update(&hub, &desk.owner, &desk.source.id, change).await
    };
    assert_eq!(change("octo-org").await.expect("set").account.as_deref(), Some("octo-org"));
    let issue = |owner: &str| json!({"action": "opened", "repository": {"owner": {"login": owner}}});
    kept(desk.post(&desk.github("issues", "1", &issue("Octo-Org"))).await);
    let refused = desk.post(&desk.github("issues", "2", &issue("mallory"))).await.expect_err("refused");
    assert_eq!((refused.status(), refused.problem().code.as_str()), (403, "unknown_account"));
    assert_eq!(desk.all().await[0].cause.as_deref(), Some("unknown_account"));
    let retries = desk.request(&desk.all().await[0].id).await.retries.expect("what GitHub does");
    assert!(retries.starts_with("GitHub does not try again."), "{retries}");
    assert_eq!(change(" ").await.expect("any").account, None);
    kept(desk.post(&desk.github("issues", "2", &issue("mallory"))).await);
    let mut sent = desk.github("issues", "3", &issue("mallory"));
    sent.headers[0].1 = "text/plain".into();
    let refused = desk.post(&sent).await.expect_err("refused");
    assert_eq!((refused.status(), refused.problem().code.as_str()), (415, "wrong_content_type"));
    // Nobody can say whose a request is that names nobody.
    let none = NewSource { provider: "bearer".into(), account: Some("x".into()), ..NewSource::default() };
    let refused = actions::create(&hub, &desk.owner, none).await.expect_err("refused");
    assert_eq!(refused.problem().details[0].field, "account");
});

both!(another_tenant_finds_nothing, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    let request = desk.take(&desk.stripe(&invoice("evt_1"))).await.summary.id;
    let stranger = hub.stranger().await;
    let id = &desk.source.id;
    assert!(actions::list(&hub, &stranger).await.expect("none").is_empty());
    assert!(requests::list(&hub, &stranger, &RequestQuery::default()).await.expect("none").data.is_empty());
    let of_source = RequestQuery { source_id: Some(id.clone()), ..RequestQuery::default() };
    assert!(requests::list(&hub, &stranger, &of_source).await.expect("none").data.is_empty());
    let refusals = [
        actions::get(&hub, &stranger, id).await.map(drop),
        actions::figures(&hub, &stranger, id).await.map(drop),
        actions::update(&hub, &stranger, id, SourceChange::default()).await.map(drop),
        secrets::rotate_token(&hub, &stranger, id, &TokenRotation::default()).await.map(drop),
        secrets::rotate_secret(&hub, &stranger, id, &SecretRotation::default()).await.map(drop),
        requests::get(&hub, &stranger, &request).await.map(drop),
        requests::replay(&hub, &stranger, &request).await.map(drop),
        actions::delete(&hub, &stranger, id).await,
    ];
    for refused in refusals {
        assert_eq!(refused.expect_err("not found").status(), 404);
    }
    let member = hub.caller(Role::Member);
    assert_eq!(actions::delete(&hub, &member, id).await.expect_err("forbidden").status(), 403);
    actions::delete(&hub, &desk.owner, id).await.expect("deleted");
    assert_eq!(desk.post(&desk.stripe(&invoice("evt_2"))).await.expect_err("gone").status(), 404);
    assert_eq!(desk.events().await.len(), 1, "what was told stays");
});

both!(a_list_opens_no_secret_and_asks_once_however_many_there_are, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    let waiting = Desk::open(&hub, "notion", None).await;
    kept(desk.post(&desk.stripe(&invoice("evt_1"))).await);
    hub.clock.advance_ms(1000);
    desk.post(&desk.stripe_by("whsec_another", &invoice("evt_2"))).await.expect_err("refused");
    // What cannot be opened is not opened.
    let mut tx = hub.db.begin().await.expect("a transaction");
    crate::db::on!(&mut *tx, |c| {
        for sql in ["UPDATE sources SET sealed_token = $1", "UPDATE source_secrets SET sealed = $1"] {
            sqlx::query(sql).bind(vec![1_u8]).execute(&mut *c).await.expect("spoilt");
        }
    });
    tx.commit().await.expect("committed");
    let all = actions::list(&hub, &desk.owner).await.expect("sources");
    assert_eq!(
        all.iter().map(|source| source.id.clone()).collect::<Vec<_>>(),
        [desk.source.id.clone(), waiting.source.id.clone()]
    );
    assert_eq!((all[0].has_secret, all[1].has_secret), (true, false));
    assert_eq!(all[0].last_verified_at, Some(hub.now().plus_ms(-1000)));
    assert_eq!((all[0].last_received_at, all[1].last_received_at), (Some(hub.now()), None));
    assert!(actions::get(&hub, &desk.owner, &desk.source.id).await.is_err());
});

both!(support_sees_what_came_in_and_each_look_is_recorded, |hub| {
    use crate::caller::OperatorRole;
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    let request = desk.take(&desk.stripe(&invoice("evt_1"))).await.summary.id;
    let support = Caller { operator: Some(OperatorRole::Support), role: None, ..hub.caller(Role::Member) };
    assert_eq!(requests::list(&hub, &support, &RequestQuery::default()).await.expect("requests").data.len(), 1);
    assert_eq!(requests::get(&hub, &support, &request).await.expect("a request").summary.id, request);
    let both = crate::source::both::EntryQuery::default();
    assert_eq!(crate::source::both::list(&hub, &support, &both).await.expect("rows").data.len(), 1);
    assert_eq!(log::names(&hub, &support).await.expect("names").len(), 1);
    // It changes nothing, and sees neither addresses nor how sources are verified.
    for refused in [
        actions::get(&hub, &support, &desk.source.id).await.map(drop),
        actions::list(&hub, &support).await.map(drop),
        requests::replay(&hub, &support, &request).await.map(drop),
    ] {
        assert_eq!(refused.expect_err("forbidden").status(), 403);
    }
    // What is counted is looked at, too; a page that counts what it has listed has looked once.
    let with = |q: &str| RequestQuery { q: Some(q.into()), ..RequestQuery::default() };
    let both_with = crate::source::both::EntryQuery { q: Some("4111".into()), ..Default::default() };
    log::facets(&hub, &support, &RequestQuery::default()).await.expect("facets");
    crate::source::both::facets(&hub, &support, &both).await.expect("facets");
    for _ in 0..3 {
        log::facets(&hub, &support, &with("4111")).await.expect("facets");
        log::count(&hub, &support, &with("4111")).await.expect("a count");
        crate::source::both::facets(&hub, &support, &both_with).await.expect("facets");
        let asked = crate::delivery::query::LogQuery { q: Some("4111".into()), ..Default::default() };
        crate::delivery::actions::stats(&hub, &support, &asked).await.expect("figures");
    }
    let looks = crate::audit::actions::list(&hub, &desk.owner, &Default::default()).await.expect("the audit log").data;
    let looks: Vec<_> = looks.iter().map(|entry| (entry.action.as_str(), entry.target.as_deref())).collect();
    for look in [
        ("inbound_request.listed", None),
        ("inbound_request.viewed", Some(request.as_str())),
        ("log_entry.listed", None),
        ("inbound_request.counted", None),
        ("log_entry.counted", None),
        ("delivery.counted", None),
    ] {
        assert_eq!(looks.iter().filter(|known| **known == look).count(), 1, "{look:?} in {looks:?}");
    }
    log::count(&hub, &support, &with("4242")).await.expect("a count");
    hub.clock.advance_ms(600_000);
    log::count(&hub, &support, &with("4111")).await.expect("a count");
    // A member's looks are nobody's business.
    requests::list(&hub, &hub.caller(Role::Member), &RequestQuery::default()).await.expect("requests");
    log::count(&hub, &hub.caller(Role::Member), &with("4711")).await.expect("a count");
    let after = crate::audit::actions::list(&hub, &desk.owner, &Default::default()).await.expect("the audit log").data;
    assert_eq!(after.len(), looks.len() + 2, "another question, and the same one ten minutes later");
});

both!(the_token_of_an_address_is_nowhere_in_what_is_shown, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "github", None).await;
    let token = desk.source.url.rsplit('/').next().expect("a token").to_owned();
    // A ping repeats the address, and so may a proxy; escapes are no disguise.
    let ping = json!({"zen": "Keep it logically awesome.", "hook": {"config": {"url": desk.source.url}}});
    let sent = desk.github("ping", "1", &ping).with("X-Original-URI", &format!("/in/github/{token}?a=b"));
    let escaped: String = token.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let head = head("github", &token, &format!("/in/github/{escaped}?again={token}"), &sent);
    let door = find(&hub, "github", &token).await.expect("a source");
    let id = kept(receive(&hub, door, head, Body::Whole(&sent.body)).await);
    drain(&hub).await.expect("handled");
    let request = desk.request(&id).await;
    let text = serde_json::to_string(&request).expect("JSON");
    assert!(!text.contains(&token) && !text.contains(&escaped), "{text}");
    assert!(request.url.ends_with("/in/github/{token}?again={token}"), "{}", request.url);
    assert!(request.body.is_some_and(|body| body.contains("/in/github/{token}\"")), "the rest is as it came");
});

both!(the_token_of_an_address_that_was_changed_is_neither_shown_nor_found, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "github", None).await;
    let old = desk.source.url.clone();
    let rotation = TokenRotation { overlap_hours: Some(2) };
    secrets::rotate_token(&hub, &desk.owner, &desk.source.id, &rotation).await.expect("rotated");
    let ping = desk.github("ping", "1", &json!({"hook": {"config": {"url": old, "insecure_ssl": "0"}}}));
    let id = kept(desk.post_to(&old, &ping).await);
    drain(&hub).await.expect("handled and indexed");
    let request = desk.request(&id).await;
    let token = old.rsplit('/').next().expect("a token");
    let shown = serde_json::to_string(&request).expect("JSON");
    assert!(!shown.contains(token) && shown.contains("insecure_ssl"), "{shown}");
    let find = async |q: &str| {
        let query = RequestQuery { q: Some(q.into()), ..RequestQuery::default() };
        requests::list(&hub, &desk.owner, &query).await.expect("requests").data.len()
    };
    assert_eq!((find("insecure_ssl").await, find(token).await, find(&token[..8]).await), (1, 0, 0));
});

both!(what_is_refused_does_not_fill_the_disk, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    let large = Sent::new(vec![b'x'; 300 * 1024]).with("Stripe-Signature", "t=1,v1=00");
    for _ in 0..22 {
        desk.post(&large).await.expect_err("refused");
        hub.clock.advance_ms(1);
    }
    desk.post(&Sent::new("{}").with("Stripe-Signature", "t=1,v1=00")).await.expect_err("refused");
    let all = desk.all().await;
    assert_eq!(all.len(), 23, "that it came is known of each");
    let has_body = async |at: usize| desk.request(&all[at].id).await.body.is_some();
    assert!(has_body(0).await && has_body(1).await && has_body(20).await);
    assert!(!has_body(21).await && !has_body(22).await);
});

both!(a_filter_that_no_text_can_hold_finds_nothing_and_breaks_nothing, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    desk.take(&desk.stripe(&invoice("evt_1"))).await;
    let nul = || Some("x\0".to_owned());
    let query = RequestQuery { provider_event_type: nul(), cause: nul(), q: nul(), ..RequestQuery::default() };
    assert!(requests::list(&hub, &desk.owner, &query).await.expect("none").data.is_empty());
    let query = crate::source::both::EntryQuery { event_type: nul(), place: nul(), q: nul(), ..Default::default() };
    assert!(crate::source::both::list(&hub, &desk.owner, &query).await.expect("none").data.is_empty());
    let fields = crate::source::fields::report(&hub, &desk.owner, &desk.source.id, "x\0").await;
    assert_eq!(fields.expect("a report").events, 0);
});

both!(headers_beyond_measure_are_not_kept_and_change_no_verdict, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    let flood = |sent: Sent| (0..70).fold(sent, |sent, number| sent.with(&format!("x-{number}"), &"a".repeat(1000)));
    let request = desk.take(&flood(desk.stripe(&invoice("evt_1")))).await;
    assert_eq!((request.summary.verdict, request.headers.len()), (InboundVerdict::Verified, 0));
    assert_eq!(outcomes(&request), [OutcomeKind::Published]);
    let forged = flood(desk.stripe_by("whsec_another", &invoice("evt_2")));
    assert_eq!(desk.post(&forged).await.expect_err("refused").status(), 401);
});
