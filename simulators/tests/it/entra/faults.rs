//! What goes wrong on request.

use std::time::Duration;

use serde_json::json;
use simulators::Fault;
use simulators::fault::EVERY;

use crate::support::{ENTRA_SCOPES, TestEntra, aadsts, card_message};

#[tokio::test]
async fn faults_happen_once_and_nothing_is_done() {
    let app = TestEntra::start().await;
    let graph = app.graph(app.user());
    let path = format!("{}/messages", app.channel(1));
    for fault in [
        Fault::Error("Forbidden".to_owned()),
        Fault::Error("ServiceUnavailable".to_owned()),
        Fault::RateLimited(7),
        Fault::Status(502),
        Fault::Body("<html>maintenance</html>".to_owned()),
    ] {
        app.entra.fail_next("postChannelMessage", fault);
    }
    let post = async || graph.json(&path, &card_message("x")).await;
    let refused = post().await;
    assert_eq!((refused.status, &refused.json()["error"]["code"]), (403, &json!("Forbidden")));
    assert_eq!(post().await.status, 503);
    let limited = post().await;
    assert_eq!((limited.status, limited.header("retry-after")), (429, "7"));
    assert_eq!(post().await.status, 502);
    assert_eq!(post().await.body, "<html>maintenance</html>");
    assert!(app.entra.messages().is_empty());
    assert_eq!(post().await.status, 201);
    app.entra.assert_understood();
}

#[tokio::test]
async fn a_connection_closes_before_or_after_the_message_is_posted() {
    let app = TestEntra::start().await;
    let graph = app.graph(app.user());
    let path = format!("{}/messages", app.channel(1));
    let post = async || graph.try_post(&path, "application/json", card_message("x").to_string()).await;
    app.entra.fail_next("postChannelMessage", Fault::Drop);
    assert!(post().await.is_err());
    assert!(app.entra.messages().is_empty());
    app.entra.fail_next("postChannelMessage", Fault::DropAfter);
    assert!(post().await.is_err());
    assert_eq!(app.entra.messages().len(), 1);
    let calls = app.entra.calls_of("postChannelMessage");
    assert_eq!(calls.iter().map(|call| call.status).collect::<Vec<_>>(), [0, 0]);
    let caller = calls[1].authorised_as.clone().unwrap();
    assert_eq!((caller.account.as_str(), caller.user.as_str()), (app.tenant.id.as_str(), app.user()));
}

#[tokio::test]
async fn the_token_endpoint_fails_by_the_numbers_of_its_errors() {
    let app = TestEntra::start().await;
    let first = app.connect(app.user(), ENTRA_SCOPES).await;
    let refresh = first["refresh_token"].as_str().unwrap();
    for (number, status, error) in [
        (7_000_222, 401, "invalid_client"),
        (50_173, 400, "invalid_grant"),
        (50_076, 400, "interaction_required"),
        (65_001, 400, "invalid_grant"),
        (90_033, 503, "temporarily_unavailable"),
    ] {
        app.entra.fail_next("token", Fault::Error(number.to_string()));
        let refused = app.refresh(refresh).await;
        assert_eq!((refused.status, aadsts(&refused)), (status, number));
        assert_eq!(refused.json()["error"], error);
    }
    app.entra.fail_next("token", Fault::HangAfter);
    let pending = tokio::time::timeout(Duration::from_secs(3), app.refresh(refresh)).await;
    assert!(pending.is_err());
    assert_eq!(app.refresh(refresh).await.status, 200, "the answer that was lost can be asked for again");
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_comes_after_the_message_is_posted_and_an_outage_ends() {
    let app = TestEntra::start().await;
    let graph = app.graph(app.user());
    app.entra.fail_next("postChannelMessage", Fault::Slow(Duration::from_secs(20)));
    let before = tokio::time::Instant::now();
    assert_eq!(graph.json(&format!("{}/messages", app.channel(1)), &card_message("x")).await.status, 201);
    assert!(before.elapsed() >= Duration::from_secs(20));
    app.entra.fail_always(EVERY, Fault::Status(502));
    assert_eq!((graph.get("/v1.0/me").await.status, app.refresh("x").await.status), (502, 502));
    app.entra.recover();
    assert_eq!(graph.get("/v1.0/me").await.status, 200);
}

#[tokio::test]
async fn requests_are_recorded_without_their_secrets() {
    let app = TestEntra::start().await;
    let first = app.connect(app.user(), ENTRA_SCOPES).await;
    app.refresh(first["refresh_token"].as_str().unwrap()).await;
    let token = first["access_token"].as_str().unwrap();
    app.client.with_token(token).get("/v1.0/me").await;
    let all = format!("{:?}", app.entra.calls());
    assert!(all.contains("\"token\"") && all.contains("getMe"));
    let app_secret = app.entra.app().client_secret;
    for secret in [token, first["refresh_token"].as_str().unwrap(), &app_secret, crate::support::VERIFIER] {
        assert!(!all.contains(secret), "{secret}");
    }
}
