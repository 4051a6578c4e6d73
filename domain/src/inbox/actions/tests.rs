//! The inbox on both databases.

use super::*;
use crate::caller::Role;
use crate::db::on;
use crate::db::testing::both;
use crate::hub::testing::TestHub;
use crate::id::EndpointId;
use crate::inbox::{KEPT, MAX_HEADERS};

/// Stores an endpoint that points to `url`, with one secret.
async fn endpoint(hub: &TestHub, url: &str, secret: &Secret, expires_at: Option<i64>) {
    let id = hub.id(EndpointId::new);
    let place = crate::directory::secret_place(&hub.org_id, &id);
    crate::key::ready(hub, &hub.org_id).await.expect("a key");
    let sealed = hub.seal(&hub.org_id, &place, secret.text().as_bytes()).expect("sealed");
    let mut tx = hub.db.begin().await.expect("a transaction");
    on!(&mut *tx, |c| {
        sqlx::query(
            "INSERT INTO endpoints (id, org_id, name, url, description, event_types_json, status, timeout_ms, retry_json, created_at, updated_at)
             VALUES ($1, $2, 'Inbox', $3, '', '[\"*\"]', 'active', 10000, '\"standard\"', 1, 1)",
        )
        .bind(&id)
        .bind(&hub.org_id)
        .bind(url)
        .execute(&mut *c)
        .await
        .expect("an endpoint");
        sqlx::query("INSERT INTO signing_secrets (endpoint_id, created_at, sealed, hint, expires_at) VALUES ($1, 1, $2, 'abcd', $3)")
            .bind(&id)
            .bind(sealed)
            .bind(expires_at)
            .execute(c)
            .await
            .map(drop)
    })
    .expect("a secret");
    tx.commit().await.expect("committed");
}

fn token(inbox: &Inbox) -> &str {
    inbox.url.rsplit('/').next().expect("a token")
}

fn signed(hub: &TestHub, secret: &Secret, body: &[u8]) -> Vec<(String, String)> {
    let now = hub.now().seconds();
    let signature = signature::sign_standard(std::slice::from_ref(secret), "evt_1", now, body);
    vec![
        ("Webhook-Id".into(), "evt_1".into()),
        ("webhook-timestamp".into(), now.to_string()),
        ("webhook-signature".into(), signature),
    ]
}

both!(an_organization_has_one_inbox_with_what_arrived_newest_first, |hub| {
    let hub = hub.with_org().await;
    let member = hub.caller(Role::Member);
    let inbox = get_or_create(&hub, &member).await.expect("made");
    assert!(
        inbox.url.starts_with("http://127.0.0.1:3000/inbox/") && token(&inbox).len() >= 40 && inbox.requests.is_empty()
    );
    let first =
        record(&hub, token(&inbox), "POST", vec![("a".into(), "b".into())], b"{\"n\":1}").await.expect("recorded");
    let second = record(&hub, token(&inbox), "GET", Vec::new(), b"nul \0 and \xff").await.expect("recorded");
    assert_eq!((first.verified, second.body.as_str()), (None, "nul \u{fffd} and \u{fffd}"));
    let again = get_or_create(&hub, &member).await.expect("there");
    assert_eq!((&again.id, &again.url), (&inbox.id, &inbox.url));
    assert_eq!(again.requests.len(), 2);
    assert!(again.requests.contains(&first));
    let other = get_or_create(&hub, &hub.stranger().await).await.expect("made");
    assert!(other.url != inbox.url && other.requests.is_empty());
});

both!(a_signature_of_the_endpoint_that_points_here_is_verified, |hub| {
    let hub = hub.with_org().await;
    let inbox = get_or_create(&hub, &hub.caller(Role::Member)).await.expect("made");
    let (good, old, lapsed) = (Secret::generate([1; 32]), Secret::generate([2; 32]), Secret::generate([3; 32]));
    endpoint(&hub, "https://elsewhere.example/", &lapsed, None).await;
    let verified = async |secret| {
        record(&hub, token(&inbox), "POST", signed(&hub, secret, b"{}"), b"{}").await.expect("recorded").verified
    };
    assert_eq!(verified(&good).await, None, "no endpoint points here yet");
    endpoint(&hub, &inbox.url, &good, None).await;
    endpoint(&hub, &inbox.url, &old, Some(hub.now().0 + 1)).await;
    endpoint(&hub, &inbox.url, &lapsed, Some(hub.now().0)).await;
    assert_eq!(verified(&good).await, Some(true));
    assert_eq!(verified(&old).await, Some(true));
    assert_eq!(verified(&lapsed).await, Some(false));
    let changed = record(&hub, token(&inbox), "POST", signed(&hub, &good, b"{}"), b"{ }").await.expect("recorded");
    assert_eq!(changed.verified, Some(false));
    let unsigned = record(&hub, token(&inbox), "POST", Vec::new(), b"{}").await.expect("recorded");
    assert_eq!(unsigned.verified, Some(false));
    let kept = get_or_create(&hub, &hub.caller(Role::Member)).await.expect("there").requests;
    assert_eq!(kept.iter().filter(|request| request.verified == Some(true)).count(), 2);
});

both!(only_the_last_hundred_are_kept, |hub| {
    let hub = hub.with_org().await;
    let member = hub.caller(Role::Member);
    let inbox = get_or_create(&hub, &member).await.expect("made");
    for _ in 0..KEPT + 5 {
        record(&hub, token(&inbox), "POST", Vec::new(), b"{}").await.expect("recorded");
    }
    let count: i64 = on!(&mut hub.db.read().await.expect("a connection"), |c| sqlx::query_scalar(
        "SELECT COUNT(*) FROM inbox_requests"
    )
    .fetch_one(c)
    .await)
    .expect("a count");
    assert_eq!(count, KEPT);
    assert_eq!(get_or_create(&hub, &member).await.expect("there").requests.len(), SHOWN as usize);
});

both!(an_arrival_is_told_to_open_pages_of_its_organization_only, |hub| {
    let hub = hub.with_org().await;
    let inbox = get_or_create(&hub, &hub.caller(Role::Member)).await.expect("made");
    let stranger = hub.stranger().await;
    let mut ours = hub.bus.subscribe(&hub.org_id, None).receiver;
    let mut theirs = hub.bus.subscribe(stranger.org_id.as_ref().expect("an organization"), None).receiver;
    let request = record(&hub, token(&inbox), "PUT", Vec::new(), b"x").await.expect("recorded");
    assert_eq!(ours.try_recv().expect("told").notice, Notice::Inbox(Box::new(request)));
    assert!(theirs.try_recv().is_err());
});

both!(an_unknown_token_and_too_large_a_request_are_refused, |hub| {
    let hub = hub.with_org().await;
    let inbox = get_or_create(&hub, &hub.caller(Role::Member)).await.expect("made");
    let unknown = record(&hub, "nonsense", "POST", Vec::new(), b"").await.expect_err("refused");
    assert_eq!((unknown.status(), unknown.problem().code.as_str()), (404, "inbox_not_found"));
    let large = record(&hub, token(&inbox), "POST", Vec::new(), &vec![b'x'; MAX_BODY + 1]).await.expect_err("refused");
    assert_eq!(large.status(), 413);
    let wide = vec![("a".to_owned(), "x".repeat(MAX_HEADERS))];
    assert_eq!(record(&hub, token(&inbox), "POST", wide, b"").await.expect_err("refused").status(), 413);
    record(&hub, token(&inbox), "POST", Vec::new(), &vec![b'x'; MAX_BODY]).await.expect("just fits");
});

both!(clearing_needs_an_admin_and_forgets_what_arrived, |hub| {
    let hub = hub.with_org().await;
    let (member, admin) = (hub.caller(Role::Member), hub.caller(Role::Admin));
    clear(&hub, &admin).await.expect("nothing to clear");
    let inbox = get_or_create(&hub, &member).await.expect("made");
    record(&hub, token(&inbox), "POST", Vec::new(), b"{}").await.expect("recorded");
    assert_eq!(clear(&hub, &member).await.expect_err("refused").status(), 403);
    clear(&hub, &hub.stranger().await).await.expect("theirs is empty");
    assert_eq!(get_or_create(&hub, &member).await.expect("there").requests.len(), 1);
    clear(&hub, &admin).await.expect("cleared");
    assert!(get_or_create(&hub, &member).await.expect("there").requests.is_empty());
});
