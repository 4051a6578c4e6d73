//! A grant becomes the next.

use oauth_flow::{Grant, Provider, Rotation, TokenError, Verdict};
use serde_json::json;

use crate::providers::{all, exact_online, hubspot, jira, salesforce};
use crate::server::{ASKED_AT, Server, fields, grant, header, owned};

#[tokio::test]
async fn the_request_is_written_the_providers_way() {
    let proof = [("client_id", "client & co"), ("client_secret", "client-s3cret/ü")];
    for (name, provider) in all() {
        let server = Server::answering(200, r#"{"access_token":"a"}"#);
        server.refresh(&provider, &grant()).await.unwrap();
        let request = server.asked();
        assert_eq!(request.url, provider.token_url, "{name}");
        let mut expected = vec![("grant_type", "refresh_token"), ("refresh_token", "old-refresh-t0ken")];
        expected.extend(if header(&request, "authorization").is_some() { &[][..] } else { &proof });
        if header(&request, "content-type") == Some("application/json") {
            let object: serde_json::Map<_, _> =
                expected.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
            assert_eq!(serde_json::from_slice::<serde_json::Value>(&request.body).unwrap(), json!(object), "{name}");
        } else {
            assert_eq!(fields(&request), owned(&expected), "{name}");
        }
    }
}

#[tokio::test]
async fn the_new_tokens_replace_the_old_ones() {
    let body = r#"{"access_token":"new","refresh_token":"newer","expires_in":600,"scope":"x y"}"#;
    let next = Server::answering(200, body).refresh(&jira(), &grant()).await.unwrap();
    assert_eq!(next.access_token.expose(), "new");
    assert_eq!(next.refresh_token.unwrap().expose(), "newer");
    assert_eq!((next.granted_at, next.expires_at), (ASKED_AT, Some(ASKED_AT + 600_000)));
    assert_eq!(next.scopes, ["x", "y"]);
}

#[tokio::test]
async fn what_is_not_said_again_stays_as_it_was() {
    let body = r#"{"access_token":"new","instance_url":"https://new.example","issued_at":"5"}"#;
    let next = Server::answering(200, body).refresh(&salesforce(), &grant()).await.unwrap();
    assert_eq!(next.refresh_token.unwrap().expose(), "old-refresh-t0ken");
    assert_eq!(next.expires_at, None, "the old token's end says nothing of the new one");
    assert_eq!(next.scopes, ["old"]);
    assert_eq!(next.extra, json!({ "instance_url": "https://new.example", "id": 7, "issued_at": "5" }));
}

#[tokio::test]
async fn a_refresh_does_not_put_off_the_end_of_the_consent() {
    let body = r#"{"access_token":"new","refresh_token":"newer"}"#;
    let next = Server::answering(200, body).refresh(&jira(), &grant()).await.unwrap();
    assert_eq!(next.absolute_expires_at, Some(99_000_000));
    let endless = Grant { absolute_expires_at: None, ..grant() };
    let next = Server::answering(200, body).refresh(&jira(), &endless).await.unwrap();
    assert_eq!(next.absolute_expires_at, None);
}

#[tokio::test]
async fn without_a_refresh_token_nobody_is_asked() {
    let server = Server::answering(200, "{}");
    let bare = Grant { refresh_token: None, ..grant() };
    let error = server.refresh(&hubspot(), &bare).await.unwrap_err();
    assert_eq!((error.clone(), error.verdict()), (TokenError::NoRefreshToken, Verdict::Reconnect));
    assert!(!server.was_asked());
}

#[tokio::test]
async fn one_grant_after_another_never_sends_a_refresh_token_twice() {
    let provider = Provider { rotation: Rotation::SingleUse, ..exact_online() };
    let mut kept = grant();
    for round in 0..5 {
        let body = format!(r#"{{"access_token":"a{round}","refresh_token":"r{round}","expires_in":"600"}}"#);
        let server = Server::answering(200, body);
        let sent = kept.refresh_token.clone().unwrap();
        kept = server.refresh(&provider, &kept).await.unwrap();
        assert!(fields(&server.asked()).contains(&("refresh_token".to_owned(), sent.expose().to_owned())));
        assert_eq!(kept.refresh_token.as_ref().unwrap().expose(), format!("r{round}"));
    }
}
