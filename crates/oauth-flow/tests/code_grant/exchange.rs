//! A code becomes a grant.

use oauth_flow::{Answer, FormRequest, Method, NoAnswer, Provider, TokenError, exchange};
use serde_json::json;

use crate::providers::{all, client, exact_online, github, jira, microsoft, notion, salesforce, slack};
use crate::server::{ASKED_AT, LATENCY_MS, Server, consent, fields, header, owned};

const GOOD: &str =
    r#"{"access_token":"new-access","token_type":"Bearer","expires_in":3600,"refresh_token":"new-refresh"}"#;

#[tokio::test]
async fn the_request_is_written_the_providers_way() {
    let form = [("grant_type", "authorization_code"), ("code", "the-c0de!")];
    let redirect = ("redirect_uri", "https://hub.example/oauth/callback?from=x");
    let proof = [("client_id", "client & co"), ("client_secret", "client-s3cret/ü")];
    for (name, provider) in all() {
        let server = Server::answering(200, r#"{"access_token":"a"}"#);
        server.exchange(&provider).await.unwrap();
        let request = server.asked();
        assert_eq!((&request.method, &*request.url), (&Method::POST, &*provider.token_url), "{name}");
        assert_eq!(header(&request, "accept"), Some("application/json"), "{name}");
        let mut expected = form.to_vec();
        expected.extend(provider.pkce.then_some(("code_verifier", "the-pr00f")));
        expected.push(redirect);
        let basic = matches!(name, "slack" | "notion" | "twinfield" | "visma-eaccounting");
        expected.extend(if basic { &[][..] } else { &proof });
        // base64 of client+%26+co:client-s3cret%2F%C3%BC
        let word = "Basic Y2xpZW50KyUyNitjbzpjbGllbnQtczNjcmV0JTJGJUMzJUJD";
        assert_eq!(header(&request, "authorization"), basic.then_some(word), "{name}");
        if matches!(name, "jira" | "notion") {
            assert_eq!(header(&request, "content-type"), Some("application/json"));
            let object: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
            let expected: serde_json::Map<_, _> =
                expected.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
            assert_eq!(object, json!(expected), "{name}");
        } else {
            assert_eq!(header(&request, "content-type"), Some("application/x-www-form-urlencoded"));
            assert_eq!(fields(&request), owned(&expected), "{name}");
        }
    }
}

#[tokio::test]
async fn a_standard_answer_is_read_with_its_times() {
    let grant = Server::answering(200, GOOD).exchange(&jira()).await.unwrap();
    assert_eq!(grant.access_token.expose(), "new-access");
    assert_eq!(grant.token().unwrap().authorization(), "Bearer new-access");
    assert_eq!(grant.refresh_token.unwrap().expose(), "new-refresh");
    assert_eq!(grant.token_type, "bearer");
    assert_eq!(grant.granted_at, ASKED_AT);
    assert_eq!(grant.expires_at, Some(ASKED_AT + 3_600_000));
    assert_eq!(grant.refresh_not_before, None);
    assert_eq!(grant.absolute_expires_at, Some(ASKED_AT + 365 * 86_400_000));
    assert_eq!(grant.scopes, ["asked:one", "asked:two"]);
    assert_eq!(grant.extra, json!({}));
}

#[tokio::test]
async fn a_window_for_refreshes_counts_from_the_answer() {
    let body = r#"{"access_token":"a","token_type":"bearer","expires_in":"600","refresh_token":"b"}"#;
    let grant = Server::answering(200, body).exchange(&exact_online()).await.unwrap();
    assert_eq!(grant.expires_at, Some(ASKED_AT + 600_000));
    assert_eq!(grant.refresh_not_before, Some(ASKED_AT + LATENCY_MS + 570_000));
}

#[tokio::test]
async fn lifetimes_are_read_however_they_are_written() {
    for (written, life_s) in [
        ("3600", Some(3600)),
        (r#"" 3600 ""#, Some(3600)),
        ("3599.9", Some(3599)),
        (r#""1e3""#, Some(1000)),
        ("315705599", Some(315_705_599)),
        ("1e300", Some(3_155_760_000)),
        ("0", None),
        ("-5", None),
        ("null", None),
        (r#""soon""#, None),
        (r#""inf""#, None),
        ("[3600]", None),
        ("true", None),
    ] {
        let body = format!(r#"{{"access_token":"a","expires_in":{written}}}"#);
        let grant = Server::answering(200, body).exchange(&slack()).await.unwrap();
        assert_eq!(grant.expires_at, life_s.map(|life: i64| ASKED_AT + life * 1000), "{written}");
    }
}

#[tokio::test]
async fn scopes_are_what_was_granted_or_else_what_was_asked_for() {
    let asked = &["asked:one", "asked:two"][..];
    for (written, scopes) in [
        (r#""scope":"a b""#, &["a", "b"][..]),
        (r#""scope":"chat:write,channels:read""#, &["chat:write", "channels:read"]),
        (r#""scope":" a,  b ""#, &["a", "b"]),
        (r#""scope":"""#, &[]),
        (r#""scope":["a","b"]"#, &["a", "b"]),
        (r#""scope":["a,b","","c d"]"#, &["a", "b", "c", "d"]),
        (r#""scopes":["oauth","timeline"]"#, &["oauth", "timeline"]),
        (r#""scope":null,"scopes":["a"]"#, &["a"]),
        (r#""scope":null"#, asked),
        (r#""x":1"#, asked),
    ] {
        let body = format!(r#"{{"access_token":"a",{written}}}"#);
        let grant = Server::answering(200, body).exchange(&slack()).await.unwrap();
        assert_eq!(grant.scopes, scopes, "{written}");
    }
}

#[tokio::test]
async fn what_else_is_said_is_kept_without_the_secrets_in_it() {
    let body = json!({
        "ok": true, "access_token": "t0p-1", "token_type": "bot", "scope": "a", "refresh_token": "t0p-2",
        "id_token": "t0p-3", "team": { "id": "T1", "name": "Team" }, "enterprise": null, "app_id": "A1",
        "authed_user": { "id": "U1", "scope": "b", "access_token": "t0p-4", "Refresh_Token": { "x": ["t0p-5"] } },
        "incoming_webhook": { "channel": "#a", "url": "https://hooks.example/t0p-6" },
        "list": [{ "client_secret": "t0p-7", "kept": 1 }], "signature": "t0p-8", "refresh_token_expires_in": 9,
    });
    let grant = Server::answering(200, body.to_string()).exchange(&slack()).await.unwrap();
    let extra = json!({
        "team": { "id": "T1", "name": "Team" }, "enterprise": null, "app_id": "A1",
        "authed_user": { "id": "U1", "scope": "b" }, "incoming_webhook": { "channel": "#a", "url": null },
        "list": [{ "kept": 1 }], "refresh_token_expires_in": 9,
    });
    assert_eq!(grant.extra, extra);
    assert_eq!(grant.token_type, "bot");
}

#[tokio::test]
async fn salesforce_says_where_to_call_and_not_for_how_long() {
    let body = r#"{"access_token":"00D!AQ","refresh_token":"5Aep","instance_url":"https://x.my.salesforce.com",
        "id":"https://login.salesforce.com/id/00D/005","token_type":"Bearer","issued_at":"1790000000000",
        "signature":"c2ln","scope":"refresh_token api"}"#;
    let grant = Server::answering(200, body).exchange(&salesforce()).await.unwrap();
    assert_eq!(grant.expires_at, None);
    assert_eq!(grant.scopes, ["refresh_token", "api"]);
    assert_eq!(grant.extra["instance_url"], "https://x.my.salesforce.com");
    assert_eq!(grant.extra.get("signature"), None);
}

#[tokio::test]
async fn github_may_answer_with_a_form() {
    let body = "access_token=ghu_1&expires_in=28800&refresh_token=ghr_1&refresh_token_expires_in=15897600\
                &scope=repo%2Cgist&token_type=bearer";
    let grant = Server::answering(200, body).exchange(&github()).await.unwrap();
    assert_eq!(grant.access_token.expose(), "ghu_1");
    assert_eq!(grant.refresh_token.unwrap().expose(), "ghr_1");
    assert_eq!(grant.expires_at, Some(ASKED_AT + 28_800_000));
    assert_eq!(grant.scopes, ["repo", "gist"]);
    assert_eq!(grant.extra, json!({ "refresh_token_expires_in": "15897600" }));
    let refused = "error=bad_verification_code&error_description=The+code+is+incorrect+or+expired.";
    let error = Server::answering(200, refused).exchange(&github()).await.unwrap_err();
    let sentence = "the token server accepts the code or refresh token no more \
                    (bad_verification_code: The code is incorrect or expired.)";
    assert_eq!(error.to_string(), sentence);
}

#[tokio::test]
async fn a_missing_refresh_token_is_none() {
    for body in [r#"{"access_token":"a","refresh_token":null}"#, r#"{"access_token":"a","refresh_token":" "}"#] {
        let grant = Server::answering(201, body).exchange(&notion()).await.unwrap();
        assert!(grant.refresh_token.is_none());
    }
}

#[tokio::test]
async fn a_token_that_is_not_bearer_or_cannot_be_sent_is_refused() {
    for (body, error) in [
        (r#"{"access_token":"a","token_type":"mac"}"#, TokenError::TokenType("mac".to_owned())),
        (r#"{"access_token":"a","token_type":"bot"}"#, TokenError::TokenType("bot".to_owned())),
        (r#"{"access_token":"a b"}"#, TokenError::UnusableToken),
        (r#"{"access_token":"ä"}"#, TokenError::UnusableToken),
    ] {
        assert_eq!(Server::answering(200, body).exchange(&microsoft()).await.unwrap_err(), error, "{body}");
    }
}

#[tokio::test]
async fn a_token_url_that_is_none_is_never_asked() {
    let server = Server::answering(200, GOOD);
    let provider = Provider::new("https://login.example", "login.example/token");
    assert_eq!(server.exchange(&provider).await.unwrap_err(), TokenError::Url("token"));
    assert!(!server.was_asked());
}

#[test]
fn an_exchange_can_be_awaited_on_any_thread() {
    fn any_thread<T: Send>(_: T) {}
    let (provider, client) = (jira(), client());
    let consent = consent(&provider);
    let send = async |_: FormRequest| Ok::<Answer, NoAnswer>(Answer { status: 200, body: GOOD.into() });
    any_thread(exchange(&provider, &client, &consent, || 0, send));
}
