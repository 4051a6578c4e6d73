//! Why there is no grant, and what to do about it.

use oauth_flow::{Grant, NoAnswer, Provider, Rotation, TokenError, Verdict};

use crate::providers::{exact_online, hubspot, jira, microsoft, salesforce, slack};
use crate::server::{Server, grant};

/// A verdict of an exchange and of a refresh.
async fn verdicts(provider: &Provider, status: u16, body: &str) -> (Verdict, Verdict) {
    let exchanged = Server::answering(status, body).exchange(provider).await.expect_err("no token");
    let refreshed = Server::answering(status, body).refresh(provider, &grant()).await.expect_err("no token");
    (exchanged.verdict(), refreshed.verdict())
}

#[tokio::test]
async fn a_dead_token_is_told_from_a_passing_fault_and_from_our_own() {
    use Verdict::{Fix, Lost, Reconnect, Retry};
    for (provider, status, body, expected) in [
        (exact_online(), 400, r#"{"error":"invalid_grant"}"#, (Reconnect, Reconnect)),
        (slack(), 200, r#"{"ok":false,"error":"invalid_refresh_token"}"#, (Reconnect, Reconnect)),
        (slack(), 200, r#"{"ok":false,"error":"token_revoked"}"#, (Reconnect, Reconnect)),
        (slack(), 200, r#"{"ok":false,"error":"code_already_used"}"#, (Reconnect, Reconnect)),
        (slack(), 200, r#"{"ok":false,"error":"internal_error"}"#, (Retry, Retry)),
        (slack(), 429, r#"{"ok":false,"error":"ratelimited"}"#, (Retry, Retry)),
        (slack(), 200, r#"{"ok":false,"error":"bad_client_secret"}"#, (Fix, Fix)),
        (slack(), 200, r#"{"ok":false,"access_token":"a","error":"odd"}"#, (Fix, Fix)),
        (
            jira(),
            403,
            r#"{"error":"unauthorized_client","error_description":"refresh_token is invalid"}"#,
            (Fix, Reconnect),
        ),
        (jira(), 400, r#"{"error":"unauthorized_client"}"#, (Fix, Reconnect)),
        (microsoft(), 400, r#"{"error":"unauthorized_client"}"#, (Fix, Fix)),
        (microsoft(), 400, r#"{"error":"interaction_required","error_codes":[50076]}"#, (Reconnect, Reconnect)),
        (microsoft(), 401, r#"{"error":"invalid_client","error_description":"AADSTS7000222"}"#, (Fix, Fix)),
        (hubspot(), 400, r#"{"status":"BAD_REFRESH_TOKEN","message":"gone"}"#, (Reconnect, Reconnect)),
        (hubspot(), 503, r#"{"status":"error","message":"busy"}"#, (Retry, Retry)),
        (salesforce(), 400, r#"{"error":"inactive_org"}"#, (Reconnect, Reconnect)),
        (salesforce(), 400, r#"{"error":"rate_limit_exceeded"}"#, (Retry, Retry)),
        (jira(), 500, "", (Retry, Retry)),
        (jira(), 503, "<html>", (Retry, Retry)),
        (jira(), 404, "<html>", (Fix, Fix)),
        (jira(), 302, "", (Fix, Fix)),
        // A gateway lost the answer: bad for what can be used once, which a code always is.
        (jira(), 502, "<html>", (Lost, Lost)),
        (jira(), 504, r#"{"message":"Endpoint request timed out"}"#, (Lost, Lost)),
        (hubspot(), 504, "<html>", (Lost, Retry)),
        (microsoft(), 502, "", (Lost, Retry)),
        // The token server has done something, and nobody will know what.
        (jira(), 200, "<html>", (Fix, Lost)),
        (jira(), 200, r#"{"access_token":"a","#, (Fix, Lost)),
        (jira(), 200, "{}", (Fix, Lost)),
        (jira(), 204, "", (Fix, Lost)),
        (hubspot(), 200, "<html>", (Fix, Fix)),
    ] {
        assert_eq!(verdicts(&provider, status, body).await, expected, "{} {status} {body}", provider.token_url);
    }
}

#[tokio::test]
async fn an_answer_that_got_lost_is_not_a_request_that_was_never_sent() {
    let lost = || Server::new(Err(NoAnswer::Lost("the connection was reset".to_owned())));
    let unsent = || Server::new(Err(NoAnswer::NotSent("the name does not exist".to_owned())));
    for (rotation, expected) in
        [(Rotation::SingleUse, Verdict::Lost), (Rotation::Renewed, Verdict::Retry), (Rotation::Fixed, Verdict::Retry)]
    {
        let provider = Provider { rotation, ..jira() };
        assert_eq!(lost().refresh(&provider, &grant()).await.unwrap_err().verdict(), expected, "{rotation:?}");
        assert_eq!(unsent().refresh(&provider, &grant()).await.unwrap_err().verdict(), Verdict::Retry);
        assert_eq!(lost().exchange(&provider).await.unwrap_err().verdict(), Verdict::Lost, "a code is good once");
        assert_eq!(unsent().exchange(&provider).await.unwrap_err().verdict(), Verdict::Retry);
    }
    let error = lost().refresh(&jira(), &grant()).await.unwrap_err();
    assert!(!error.is_temporary());
    let sentence = "the request may have reached the token server, but its answer was lost: the connection was reset";
    assert_eq!(error.to_string(), sentence);
    let error = unsent().refresh(&jira(), &grant()).await.unwrap_err();
    assert_eq!(error.to_string(), "the token server could not be asked: the name does not exist");
}

#[tokio::test]
async fn every_ending_has_its_sentence() {
    for (status, body, sentence) in [
        (
            400,
            r#"{"error":"invalid_grant","error_description":"Token has\nbeen revoked"}"#,
            "the token server accepts the code or refresh token no more (invalid_grant: Token has been revoked)",
        ),
        (
            400,
            r#"{"status":"BAD_REFRESH_TOKEN","message":"missing or unknown","correlationId":"7"}"#,
            "the token server accepts the code or refresh token no more (BAD_REFRESH_TOKEN: missing or unknown)",
        ),
        (
            401,
            r#"{"object":"error","status":401,"code":"unauthorized","message":"no"}"#,
            "the token server refused (unauthorized: no)",
        ),
        (400, r#"{"error":{"type":"invalid","message":"no"}}"#, "the token server refused (invalid: no)"),
        (
            400,
            r#"{"error":{"code":"","message":{"lang":"","value":"Mandatory"}}}"#,
            "the token server refused (400: Mandatory)",
        ),
        (200, r#"{"ok":false}"#, "the token server answered without an access token"),
        (200, "[]", "the token server answered 200, but not with a token in JSON; is the token URL right?"),
        (200, "accessible", "the token server answered 200, but not with a token in JSON; is the token URL right?"),
        (403, r#"{"error":""}"#, "the token server answered 403; it does not accept the client id or its secret"),
    ] {
        let error = Server::answering(status, body).refresh(&hubspot(), &grant()).await.unwrap_err();
        assert_eq!(error.to_string(), sentence, "{body}");
    }
}

#[tokio::test]
async fn an_old_grant_is_untouched_by_what_goes_wrong() {
    let kept = grant();
    let error = Server::answering(400, r#"{"error":"invalid_grant"}"#).refresh(&jira(), &kept).await.unwrap_err();
    assert!(matches!(error, TokenError::Ended { .. }));
    let Grant { access_token, .. } = kept;
    assert_eq!(access_token.expose(), "old-access-t0ken");
}
