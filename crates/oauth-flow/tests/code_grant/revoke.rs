//! A grant ends.

use oauth_flow::{Client, Grant, Method, NoAnswer, Revocation, Verdict};

use crate::providers::{client, github, hubspot, jira, notion, salesforce, slack, visma};
use crate::server::{Server, fields, grant, header, owned};

#[tokio::test]
async fn by_the_standard_the_refresh_token_and_the_proof_are_sent() {
    let server = Server::answering(200, "");
    assert_eq!(server.revoke(&hubspot(), &grant()).await, Ok(true));
    let request = server.asked();
    assert_eq!((&request.method, &*request.url), (&Method::POST, "https://api.hubapi.com/oauth/v3/token/revoke"));
    let expected = [
        ("token", "old-refresh-t0ken"),
        ("token_type_hint", "refresh_token"),
        ("client_id", "client & co"),
        ("client_secret", "client-s3cret/ü"),
    ];
    assert_eq!(fields(&request), owned(&expected));

    let server = Server::answering(200, "");
    let bare = Grant { refresh_token: None, ..grant() };
    assert_eq!(server.revoke(&visma(), &bare).await, Ok(true));
    let expected = [("token", "old-access-t0ken"), ("token_type_hint", "access_token")];
    assert_eq!(fields(&server.asked()), owned(&expected));
    assert!(header(&server.asked(), "authorization").unwrap().starts_with("Basic "));

    let server = Server::answering(200, "{}");
    assert_eq!(server.revoke(&notion(), &grant()).await, Ok(true));
    assert_eq!(server.asked().body, r#"{"token":"old-refresh-t0ken","token_type_hint":"refresh_token"}"#);
}

#[tokio::test]
async fn other_ways_are_taken_where_the_provider_has_them() {
    let server = Server::answering(200, r#"{"ok":true,"revoked":true}"#);
    assert_eq!(server.revoke(&slack(), &grant()).await, Ok(true));
    assert_eq!(header(&server.asked(), "authorization"), Some("Bearer old-access-t0ken"));
    assert_eq!(server.asked().body, "");

    let server = Server::answering(200, "");
    assert_eq!(server.revoke(&salesforce(), &grant()).await, Ok(true));
    assert_eq!(fields(&server.asked()), owned(&[("token", "old-refresh-t0ken")]));
    assert_eq!(header(&server.asked(), "authorization"), None);

    let server = Server::answering(204, "");
    let app = Client { id: "Iv1.7".to_owned(), ..client() };
    assert_eq!(server.revoke_as(&github(), &app, &grant()).await, Ok(true));
    let request = server.asked();
    assert_eq!((&request.method, &*request.url), (&Method::DELETE, "https://api.github.com/applications/Iv1.7/token"));
    assert!(header(&request, "authorization").unwrap().starts_with("Basic "));
    assert_eq!(request.body, r#"{"access_token":"old-access-t0ken"}"#);
}

#[tokio::test]
async fn without_a_way_nobody_is_asked() {
    let server = Server::answering(500, "");
    assert_eq!(jira().revocation, Revocation::None);
    assert_eq!(server.revoke(&jira(), &grant()).await, Ok(false));
    assert!(!server.was_asked());
}

#[tokio::test]
async fn what_is_worthless_already_is_a_success_and_what_may_still_be_good_is_not() {
    for (provider, status, body, verdict) in [
        (slack(), 200, r#"{"ok":false,"error":"token_revoked"}"#, None),
        (slack(), 200, r#"{"ok":false,"error":"invalid_auth"}"#, None),
        (slack(), 200, r#"{"ok":false,"error":"account_inactive"}"#, None),
        (slack(), 200, r#"{"ok":false,"error":"internal_error"}"#, Some(Verdict::Retry)),
        (slack(), 429, "", Some(Verdict::Retry)),
        (salesforce(), 400, r#"{"error":"invalid_token"}"#, None),
        (hubspot(), 401, r#"{"error":"invalid_client"}"#, Some(Verdict::Fix)),
        (hubspot(), 404, "", Some(Verdict::Fix)),
        (github(), 404, r#"{"message":"Not Found"}"#, None),
        (github(), 404, "", None),
        (github(), 503, "<html>", Some(Verdict::Retry)),
    ] {
        let outcome = Server::answering(status, body).revoke(&provider, &grant()).await;
        assert_eq!(outcome.err().map(|error| error.verdict()), verdict, "{status} {body}");
    }
    for error in [NoAnswer::Lost("reset".to_owned()), NoAnswer::NotSent("no such name".to_owned())] {
        let outcome = Server::new(Err(error)).revoke(&slack(), &grant()).await;
        assert_eq!(outcome.unwrap_err().verdict(), Verdict::Retry, "asking twice does no harm");
    }
}
