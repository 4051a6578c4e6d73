//! What an endpoint may set: filters, channels, transformations, schemes, credentials, rules by answer, history.

use serde_json::{Value, json};

use super::support::{PAID, Receiver, endpoint_with, header, log, post};
use crate::caller::{Identity, Permission, Role};
use crate::db::testing::both;
use crate::delivery::{DeliveryStatus, ErrorClass, Outcome, actions as deliveries};
use crate::endpoint::preview::PreviewQuery;
use crate::endpoint::secrets::Rotation;
use crate::endpoint::{EndpointChange, actions as endpoints, history, preview, secrets};
use crate::hub::testing::TestHub;
use crate::id::EndpointId;
use crate::replay::Settings;
use crate::worker::drain;
use crate::worker::lanes::LEASE_MARGIN_MS;

/// The body of a recorded request.
fn body_of(request: &str) -> Value {
    let (_, body) = request.split_once("\r\n\r\n").expect("a body");
    serde_json::from_str(body).expect("JSON")
}

fn change(fields: Value) -> EndpointChange {
    serde_json::from_value(fields).expect("a change")
}

both!(only_events_that_match_filter_and_channels_become_deliveries, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let filter = json!({ "all": [{ "path": "data.amount", "gt": 1000 }, { "path": "data.currency", "in": ["eur"] }] });
    endpoint_with(&hub, &receiver.url, json!({ "filter": filter, "channels": ["billing"] })).await;
    for (amount, currency, channels) in
        [(2000, "eur", "billing"), (10, "eur", "billing"), (2000, "usd", "billing"), (2000, "eur", "sales")]
    {
        let event = json!({
            "event_type": "invoice.paid", "channels": [channels], "data": { "amount": amount, "currency": currency },
        });
        post(&hub, &event.to_string()).await.expect("accepted");
    }
    drain(&hub).await.expect("drained");
    assert_eq!(receiver.seen().len(), 1);
    assert_eq!(log(&hub).await.len(), 1);
});

both!(a_transformation_makes_the_body_and_may_choose_to_send_nothing, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let script = "function transform(event) {
        if (event.data.amount < 100) return null;
        return { $body: { paid: event.data.amount / 100, at: Date.now(), luck: Math.random() }, $headers: { 'x-kind': event.event_type } };
    }";
    let made = endpoint_with(&hub, &receiver.url, json!({ "transformation": script })).await;
    post(&hub, PAID).await.expect("accepted");
    post(&hub, r#"{"event_type":"invoice.paid","data":{"amount":1}}"#).await.expect("accepted");
    drain(&hub).await.expect("drained");
    let seen = receiver.seen();
    assert_eq!((seen.len(), &body_of(&seen[0])["paid"], header(&seen[0], "x-kind")), (1, &json!(129), "invoice.paid"));
    let secret = signature::Secret::parse(&made.secret).expect("the secret");
    let (_, sent) = seen[0].split_once("\r\n\r\n").expect("a body");
    signature::verify_standard(
        &[secret],
        header(&seen[0], "webhook-id"),
        header(&seen[0], "webhook-timestamp"),
        header(&seen[0], "webhook-signature"),
        sent.as_bytes(),
        hub.now().seconds(),
    )
    .expect("what is sent is what is signed");
    let rows = log(&hub).await;
    assert_eq!([rows[0].status, rows[1].status], [DeliveryStatus::Skipped, DeliveryStatus::Delivered]);
    let detail = deliveries::get(&hub, &hub.caller(Role::Member), &rows[1].id).await.expect("the detail");
    assert_eq!(detail.attempts[0].request_body.as_deref(), Some(sent));
    deliveries::replay(&hub, &hub.caller(Role::Owner), &rows[1].id, Settings::Now).await.expect("replayed");
    hub.clock.advance_ms(1_000_000);
    drain(&hub).await.expect("drained");
    let (_, again) =
        receiver.seen()[1].split_once("\r\n\r\n").map(|(a, b)| (a.to_owned(), b.to_owned())).expect("a body");
    assert_eq!(again, sent, "clock and chance of the script are those of the event");
});

both!(a_script_that_throws_is_an_attempt_and_never_a_lost_event, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let script = "function transform(event) { return event.data.missing.deeper }";
    let made = endpoint_with(&hub, &receiver.url, json!({ "transformation": script, "retry": [10] })).await;
    post(&hub, PAID).await.expect("accepted");
    drain(&hub).await.expect("drained");
    let row = log(&hub).await.remove(0);
    assert_eq!((row.status, row.last_error), (DeliveryStatus::Retrying, Some(ErrorClass::Transformation)));
    let detail = deliveries::get(&hub, &hub.caller(Role::Member), &row.id).await.expect("the detail");
    assert_eq!(detail.attempts[0].outcome, Outcome::NotSent);
    let owner = hub.caller(Role::Owner);
    endpoints::update(&hub, &owner, &made.endpoint.id, change(json!({ "transformation": null })))
        .await
        .expect("mended");
    hub.clock.advance_ms(12_000);
    drain(&hub).await.expect("drained");
    assert_eq!(log(&hub).await[0].status, DeliveryStatus::Delivered);
});

both!(a_wrong_script_or_filter_is_refused_by_name, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let made = endpoint_with(&hub, &receiver.url, json!({})).await;
    let owner = hub.caller(Role::Owner);
    for (fields, field) in [
        (json!({ "transformation": "function transform(event) { return " }), "transformation"),
        (json!({ "filter": { "path": "data.x", "near": 1 } }), "filter"),
        (json!({ "status_rules": { "200": "fail" } }), "status_rules.200"),
        (json!({ "concurrency_limit": 0 }), "concurrency_limit"),
        (json!({ "auth": { "kind": "basic", "username": "a:b", "password": "x" } }), "auth.username"),
        (
            json!({ "auth": { "kind": "oauth2", "token_url": "http://10.0.0.1/t", "client_id": "a", "client_secret": "b" } }),
            "auth.token_url",
        ),
    ] {
        let error = endpoints::update(&hub, &owner, &made.endpoint.id, change(fields)).await.expect_err(field);
        let details = error.problem().details;
        assert!(details.iter().any(|detail| detail.field.starts_with(field)), "{field}: {details:?}");
    }
});

both!(each_scheme_signs_so_that_its_receivers_verify_it, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let all = json!(["standard", "plain", "ed25519", "stripe", "github", "slack"]);
    let made = endpoint_with(&hub, &receiver.url, json!({ "signing_schemes": all })).await;
    let public = made.endpoint.public_key.clone().expect("the public half is shown");
    post(&hub, PAID).await.expect("accepted");
    drain(&hub).await.expect("drained");
    let seen = receiver.seen().remove(0);
    let (_, sent) = seen.split_once("\r\n\r\n").expect("a body");
    let (id, time) = (header(&seen, "webhook-id"), header(&seen, "webhook-timestamp"));
    let (secret, now) = (signature::Secret::parse(&made.secret).expect("a secret"), hub.now().seconds());
    let standard = header(&seen, "webhook-signature");
    signature::verify_standard(std::slice::from_ref(&secret), id, time, standard, sent.as_bytes(), now).expect("v1");
    let public = signature::PublicKey::parse(&public).expect("a key");
    signature::verify_ed25519(&[public], id, time, standard, sent.as_bytes(), now).expect("v1a");
    let hmac = |text: String| signature::sign_github(&signature::TextKey::new(&made.secret), text.as_bytes());
    let hex = |text: String| hmac(text).trim_start_matches("sha256=").to_owned();
    assert_eq!(header(&seen, "x-hub-signature-256"), hmac(sent.to_owned()));
    assert_eq!(header(&seen, "stripe-signature"), format!("t={time},v1={}", hex(format!("{time}.{sent}"))));
    assert_eq!(header(&seen, "x-slack-signature"), format!("v0={}", hex(format!("v0:{time}:{sent}"))));
    assert_eq!(header(&seen, "x-slack-request-timestamp"), time);
});

both!(a_rotation_with_an_overlap_signs_with_both_until_it_is_over, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let made = endpoint_with(&hub, &receiver.url, json!({})).await;
    let owner = hub.caller(Role::Owner);
    let rotation = Rotation { overlap_hours: Some(48), ..Rotation::default() };
    let rotated = secrets::rotate(&hub, &owner, &made.endpoint.id, &rotation).await.expect("rotated");
    assert_eq!(rotated.endpoint.secrets.len(), 2);
    for (hours, signatures) in [(47, 2), (2, 1)] {
        hub.clock.advance_ms(hours * 3_600_000);
        post(&hub, PAID).await.expect("accepted");
        drain(&hub).await.expect("drained");
        let seen = receiver.seen();
        assert_eq!(header(&seen[seen.len() - 1], "webhook-signature").split(' ').count(), signatures, "{hours}");
    }
    let too_long = Rotation { overlap_hours: Some(721), ..Rotation::default() };
    assert!(secrets::rotate(&hub, &owner, &made.endpoint.id, &too_long).await.is_err());
});

both!(credentials_go_out_and_are_never_shown, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let owner = hub.caller(Role::Owner);
    let made = endpoint_with(&hub, &receiver.url, json!({})).await;
    for (auth, name, value) in [
        (
            json!({ "kind": "basic", "username": "hub", "password": "s3cret" }),
            "authorization",
            "Basic aHViOnMzY3JldA==",
        ),
        (json!({ "kind": "bearer", "token": "t0ken" }), "authorization", "Bearer t0ken"),
        (json!({ "kind": "api_key", "header": "X-Key", "value": "k3y" }), "x-key", "k3y"),
    ] {
        let shown =
            endpoints::update(&hub, &owner, &made.endpoint.id, change(json!({ "auth": auth }))).await.expect("set");
        let shown = serde_json::to_value(&shown).expect("JSON");
        post(&hub, PAID).await.expect("accepted");
        drain(&hub).await.expect("drained");
        let seen = receiver.seen();
        assert_eq!(header(&seen[seen.len() - 1], name), value);
        let detail = deliveries::get(&hub, &owner, &log(&hub).await[0].id).await.expect("the detail");
        let stored = serde_json::to_string(&detail).expect("JSON") + &shown.to_string();
        for secret in ["s3cret", "t0ken", "k3y", "aHViOnMzY3JldA"] {
            assert!(!stored.contains(secret), "{secret}");
        }
        // What is shown, sent back, keeps what is stored.
        let back = change(json!({ "auth": shown["auth"] }));
        let again = endpoints::update(&hub, &owner, &made.endpoint.id, back).await.expect("kept");
        assert_eq!(json!(again.version), shown["version"], "nothing changed");
    }
});

both!(a_token_is_fetched_once_and_renewed_when_the_receiver_refuses_it, |hub| {
    let hub = hub.with_org().await;
    let tokens = TokenServer::start().await;
    let receiver = Receiver::answering(&["200 OK", "200 OK", "401 Who?", "200 OK"]).await;
    let auth = json!({ "kind": "oauth2", "token_url": tokens.url, "client_id": "hub", "client_secret": "s3cret", "scope": "hooks" });
    endpoint_with(&hub, &receiver.url, json!({ "auth": auth, "retry": [60] })).await;
    for _ in 0..3 {
        post(&hub, PAID).await.expect("accepted");
        drain(&hub).await.expect("drained");
        hub.clock.advance_ms(30_000);
    }
    hub.clock.advance_ms(60_000);
    drain(&hub).await.expect("drained");
    let sent: Vec<String> = receiver.seen().iter().map(|r| header(r, "authorization").to_owned()).collect();
    assert_eq!(sent, ["Bearer token-1", "Bearer token-1", "Bearer token-1", "Bearer token-2"]);
    let asked = tokens.seen();
    assert!(asked[0].contains("grant_type=client_credentials") && asked[0].contains("scope=hooks"));
});

both!(a_token_that_takes_longer_than_the_lease_has_room_leads_to_no_request, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    // A second of the endpoint's own, and the margin of the lease.
    let tokens = TokenServer::taking(1000 + LEASE_MARGIN_MS, hub.clock.clone()).await;
    let auth = json!({ "kind": "oauth2", "token_url": tokens.url, "client_id": "hub", "client_secret": "s3cret" });
    endpoint_with(&hub, &receiver.url, json!({ "auth": auth, "retry": [60] })).await;
    post(&hub, PAID).await.expect("accepted");
    drain(&hub).await.expect("drained");
    // Another node may have it by now.
    assert_eq!((tokens.seen().len(), receiver.seen().len()), (1, 0));
    let row = log(&hub).await.remove(0);
    assert_eq!((row.status, row.last_error), (DeliveryStatus::Retrying, Some(ErrorClass::Timeout)));
    hub.clock.advance_ms(90_000);
    drain(&hub).await.expect("drained");
    assert_eq!((log(&hub).await[0].status, receiver.seen().len()), (DeliveryStatus::Delivered, 1));
});

both!(a_token_server_that_fails_is_said_in_the_attempt, |hub| {
    let hub = hub.with_org().await;
    let broken = Receiver::answering(&["500 Oops"]).await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let auth = json!({ "kind": "oauth2", "token_url": broken.url, "client_id": "hub", "client_secret": "s3cret" });
    endpoint_with(&hub, &receiver.url, json!({ "auth": auth })).await;
    post(&hub, PAID).await.expect("accepted");
    drain(&hub).await.expect("drained");
    let row = log(&hub).await.remove(0);
    assert_eq!((row.status, row.last_error), (DeliveryStatus::Retrying, Some(ErrorClass::Auth)));
    assert_eq!(receiver.seen().len(), 0);
});

both!(listed_answers_are_not_tried_again, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["400 Bad", "410 Gone"]).await;
    let rules = json!({ "status_rules": { "4xx": "fail", "410": "retry" } });
    endpoint_with(&hub, &receiver.url, rules).await;
    for status in [DeliveryStatus::Failed, DeliveryStatus::Retrying] {
        post(&hub, PAID).await.expect("accepted");
        drain(&hub).await.expect("drained");
        assert_eq!(log(&hub).await[0].status, status);
    }
});

both!(an_endpoint_may_begin_disabled_and_still_miss_nothing, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let made = endpoint_with(&hub, &receiver.url, json!({ "status": "disabled" })).await;
    post(&hub, PAID).await.expect("accepted");
    drain(&hub).await.expect("drained");
    assert_eq!((receiver.seen().len(), log(&hub).await[0].status), (0, DeliveryStatus::Paused));
    let active = change(json!({ "status": "active" }));
    endpoints::update(&hub, &hub.caller(Role::Owner), &made.endpoint.id, active).await.expect("active");
    drain(&hub).await.expect("drained");
    assert_eq!(receiver.seen().len(), 1);
});

both!(each_change_is_a_version_that_attempts_name, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let made = endpoint_with(&hub, &receiver.url, json!({})).await;
    let (owner, id) = (hub.caller(Role::Owner), &made.endpoint.id);
    post(&hub, PAID).await.expect("accepted");
    drain(&hub).await.expect("drained");
    endpoints::update(&hub, &owner, id, change(json!({ "timeout_ms": 2000, "headers": { "X-A": "b" } })))
        .await
        .expect("changed");
    endpoints::update(&hub, &owner, id, change(json!({ "description": "Only words." }))).await.expect("changed");
    post(&hub, PAID).await.expect("accepted");
    drain(&hub).await.expect("drained");
    let versions = history::list(&hub, &hub.caller(Role::Member), id).await.expect("the history");
    assert_eq!(
        versions.iter().map(|v| (v.version, v.changes.join(","))).collect::<Vec<_>>(),
        [(2, "timeout_ms,headers".to_owned()), (1, String::new())]
    );
    assert_eq!(versions[0].actor_name, "owner@acme.test");
    for (row, version) in log(&hub).await.iter().zip([2, 1]) {
        let detail = deliveries::get(&hub, &owner, &row.id).await.expect("the detail");
        assert_eq!(detail.attempts[0].endpoint_version, Some(version));
    }
});

both!(a_preview_names_matches_misses_and_what_would_be_sent, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let made = endpoint_with(&hub, &receiver.url, json!({})).await;
    for amount in [5, 5000] {
        post(&hub, &format!(r#"{{"event_type":"invoice.paid","data":{{"amount":{amount}}}}}"#))
            .await
            .expect("accepted");
    }
    drain(&hub).await.expect("drained");
    let query: PreviewQuery = serde_json::from_value(json!({
        "filter": { "path": "data.amount", "gt": 1000 },
        "transformation": "function transform(e) { console.log('seen', e.data.amount); return { amount: e.data.amount } }",
    }))
    .expect("a query");
    // It shows events, so that a key must be good for them too.
    let mut key = hub.caller(Role::Owner);
    let scopes = vec![Permission::EndpointsWrite];
    key.identity = Identity::ApiKey { id: hub.id(crate::id::ApiKeyId::new), name: "Editor".into(), scopes };
    let refused = preview::preview(&hub, &key, Some(&made.endpoint.id), query.clone()).await.expect_err("refused");
    assert_eq!(refused.status(), 403);
    let shown =
        preview::preview(&hub, &hub.caller(Role::Owner), Some(&made.endpoint.id), query).await.expect("a preview");
    assert_eq!((shown.tried, shown.matched.len(), shown.missed.len()), (2, 1, 1));
    assert!(shown.missed[0].reasons[0].contains("data.amount is 5"), "{:?}", shown.missed[0].reasons);
    let made = shown.transformed.expect("a result");
    assert_eq!(
        (made.output.as_deref(), made.log.as_slice()),
        (Some(r#"{"amount":5000}"#), ["seen 5000".to_owned()].as_slice())
    );
    assert_eq!(receiver.seen().len(), 2, "a preview sends nothing");
});

/// A token endpoint that gives out token-1, token-2 …
struct TokenServer {
    url: String,
    seen: std::sync::Arc<std::sync::Mutex<Vec<String>>>,
}

impl TokenServer {
    async fn start() -> Self {
        Self::taking(0, crate::time::Clock::System).await
    }

    /// One that takes so many milliseconds over each token, by this clock.
    async fn taking(ms: i64, clock: crate::time::Clock) -> Self {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/token", listener.local_addr().expect("an address"));
        let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let record = std::sync::Arc::clone(&seen);
        tokio::spawn(async move {
            for number in 1.. {
                let Ok((mut socket, _)) = listener.accept().await else { return };
                let (mut request, mut piece) = (String::new(), [0; 4096]);
                while !request.contains("grant_type") {
                    let length = socket.read(&mut piece).await.expect("a request");
                    request.push_str(&String::from_utf8_lossy(&piece[..length]));
                }
                record.lock().expect("no panic").push(request);
                clock.advance_ms(ms);
                let body = format!(r#"{{"access_token":"token-{number}","token_type":"Bearer","expires_in":3600}}"#);
                let head = format!(
                    "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}",
                    body.len()
                );
                socket.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).await.expect("answered");
            }
        });
        Self { url, seen }
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().expect("no panic").clone()
    }
}

/// Posts so many events to an endpoint that two of them wait in the lane for its rate limit; answers the other node.
async fn two_wait(hub: &TestHub, receiver: &Receiver) -> (EndpointId, TestHub) {
    let fields = json!({ "rate_limit_per_minute": 60 });
    let id = endpoint_with(hub, &receiver.url, fields).await.endpoint.id;
    hub.lanes.set_open(true);
    for _ in 0..13 {
        post(hub, PAID).await.expect("accepted");
    }
    drain(hub).await.expect("drained");
    assert_eq!(receiver.seen().len(), 11, "ten seconds of the rate, and one");
    (id, hub.restarted())
}

both!(what_waits_for_its_rate_does_not_go_once_it_is_known_that_another_node_paused_the_endpoint, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let (id, other) = two_wait(&hub, &receiver).await;
    endpoints::update(&other, &other.caller(Role::Owner), &id, change(json!({ "status": "paused" })))
        .await
        .expect("paused");
    hub.directory.forget(&hub.org_id);
    hub.clock.advance_ms(3000);
    drain(&hub).await.expect("drained");
    assert_eq!(receiver.seen().len(), 11);
    let kept = log(&hub).await.into_iter().filter(|row| row.status == DeliveryStatus::Paused).count();
    assert_eq!(kept, 2);
});

both!(what_waits_for_its_rate_goes_where_another_node_moved_the_endpoint, |hub| {
    let hub = hub.with_org().await;
    let (before, after) = (Receiver::answering(&["200 OK"]).await, Receiver::answering(&["200 OK"]).await);
    let (id, other) = two_wait(&hub, &before).await;
    endpoints::update(&other, &other.caller(Role::Owner), &id, change(json!({ "url": after.url })))
        .await
        .expect("moved");
    hub.directory.forget(&hub.org_id);
    // What is given back has used up its turn.
    for _ in 0..2 {
        hub.clock.advance_ms(3000);
        drain(&hub).await.expect("drained");
    }
    assert_eq!((before.seen().len(), after.seen().len()), (11, 2));
});

both!(what_a_rate_limit_put_off_goes_once_it_is_lifted, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let made = endpoint_with(&hub, &receiver.url, json!({ "rate_limit_per_minute": 60 })).await;
    let posts = (0..200).map(|_| post(&hub, PAID));
    for accepted in futures::future::join_all(posts).await {
        accepted.expect("accepted");
    }
    drain(&hub).await.expect("drained");
    assert_eq!(receiver.seen().len(), 11);
    // Until no attempt is under way by other settings.
    hub.clock.advance_ms(61_000);
    let lifted = change(json!({ "rate_limit_per_minute": null }));
    endpoints::update(&hub, &hub.caller(Role::Owner), &made.endpoint.id, lifted).await.expect("lifted");
    drain(&hub).await.expect("drained");
    let last = post(&hub, PAID).await.expect("accepted").id;
    drain(&hub).await.expect("drained");
    assert!(
        receiver.seen().iter().any(|request| header(request, "webhook-id") == last.as_str()),
        "it waits for nothing"
    );
    // What was due sooner than a lease can end keeps its time.
    hub.clock.advance_ms(51_000);
    drain(&hub).await.expect("drained");
    assert_eq!(receiver.seen().len(), 201);
});
