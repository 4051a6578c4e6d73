//! What token servers say, right and wrong, and what is made of it.

use std::time::Duration;

use oauth_flow::{
    Answer, Bytes, ClientAuthentication, ClientCredentials, FormRequest, HeaderValue, Secret, Token, TokenError,
};
use proptest::prelude::*;

fn answer(status: u16, body: impl Into<Bytes>) -> Answer {
    Answer { status, body: body.into() }
}

fn parse(status: u16, body: &'static str) -> Result<Token, TokenError> {
    Token::parse(&answer(status, body))
}

fn credentials(authentication: ClientAuthentication) -> ClientCredentials {
    ClientCredentials {
        token_url: "https://login.example/token".to_owned(),
        client_id: "hub & co".to_owned(),
        client_secret: Secret::from("s3cret:ü"),
        authentication,
        scope: Some(" orders:write  ".to_owned()),
        extra: [("audience", "https://api.example/"), ("grant_type", "password"), ("scope", "all"), ("client_id", "x")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
    }
}

fn header<'a>(request: &'a FormRequest, name: &str) -> Option<&'a HeaderValue> {
    request.headers.iter().find(|(given, _)| given == name).map(|(_, value)| value)
}

#[test]
fn by_header_the_secret_is_not_in_the_form() {
    let request = credentials(ClientAuthentication::Basic).request();
    assert_eq!(request.url, "https://login.example/token");
    assert_eq!(header(&request, "accept").unwrap(), "application/json");
    assert_eq!(header(&request, "content-type").unwrap(), "application/x-www-form-urlencoded");
    // base64 of hub+%26+co:s3cret%3A%C3%BC
    assert_eq!(header(&request, "authorization").unwrap(), "Basic aHViKyUyNitjbzpzM2NyZXQlM0ElQzMlQkM=");
    let form = "grant_type=client_credentials&scope=orders%3Awrite&audience=https%3A%2F%2Fapi.example%2F";
    assert_eq!(request.body, form);
}

#[test]
fn by_body_there_is_no_authorization_header() {
    let request = credentials(ClientAuthentication::Body).request();
    assert_eq!(header(&request, "authorization"), None);
    let form = "grant_type=client_credentials&client_id=hub+%26+co&client_secret=s3cret%3A%C3%BC&scope=orders%3Awrite\
                &audience=https%3A%2F%2Fapi.example%2F";
    assert_eq!(request.body, form);
}

#[test]
fn without_scope_and_extras_the_form_is_bare() {
    for scope in [None, Some("  ".to_owned())] {
        let bare = ClientCredentials { scope, extra: vec![], ..credentials(ClientAuthentication::Basic) };
        assert_eq!(bare.request().body, "grant_type=client_credentials");
    }
}

#[test]
fn tokens_are_read_however_they_are_written() {
    let life = |seconds| Some(Duration::from_secs(seconds));
    for (body, expires_in) in [
        (r#"{"access_token":"abc","token_type":"Bearer","expires_in":3600}"#, life(3600)),
        (r#"{"access_token":"abc","token_type":"bearer","expires_in":"3600"}"#, life(3600)),
        (r#"{"access_token":"abc","token_type":" BEARER ","expires_in":" 3600 "}"#, life(3600)),
        (r#"{"access_token":"abc","expires_in":3599.5}"#, Some(Duration::from_millis(3_599_500))),
        (r#"{"access_token":"abc","expires_in":1e300}"#, life(31_536_000)),
        (r#"{"access_token":"abc","expires_in":18446744073709551615}"#, life(31_536_000)),
        (r#"{"access_token":"abc","expires_in":0}"#, None),
        (r#"{"access_token":"abc","expires_in":-5}"#, None),
        (r#"{"access_token":"abc","expires_in":"soon"}"#, None),
        (r#"{"access_token":"abc","expires_in":"inf"}"#, None),
        (r#"{"access_token":"abc","expires_in":null,"token_type":null}"#, None),
        (r#"{"access_token":"abc","expires_in":[1,{"a":2}],"scope":true,"more":{"x":[]}}"#, None),
        ("\u{feff} {\"access_token\":\"\\u0061bc\"}\r\n", None),
        (r#"{"access_token":"abc","error":null,"ok":true}"#, None),
    ] {
        let token = parse(200, body).unwrap_or_else(|error| panic!("{body}: {error}"));
        assert_eq!((token.access_token(), token.expires_in()), ("abc", expires_in), "{body}");
        assert_eq!(token.authorization(), "Bearer abc");
    }
    let token = parse(201, r#"{"access_token":"abc","scope":"a b"}"#).unwrap();
    assert_eq!(token.scope(), Some("a b"));
}

#[test]
fn an_answer_without_a_token_has_its_sentence() {
    for (status, body, sentence) in [
        (
            401,
            r#"{"error":"invalid_client","error_description":"Bad\ncredentials"}"#,
            "the token server does not accept the client id or its secret (invalid_client: Bad credentials)",
        ),
        (400, r#"{"error":"invalid_scope"}"#, "the token server does not grant the scope (invalid_scope)"),
        (400, r#"{"error":"odd"}"#, "the token server refused (odd)"),
        (200, r#"{"ok":false,"error":"invalid_auth"}"#, "the token server refused (invalid_auth)"),
        (403, r#"{"error":{"code":7,"message":"no way"}}"#, "the token server refused (no way)"),
        (403, r#"{"message":"no way"}"#, "the token server refused (403: no way)"),
        (400, r#"{"access_token":"abc"}"#, "the token server answered 400 and did not say why"),
        (200, "{}", "the token server answered without an access token"),
        (200, r#"{"access_token":null}"#, "the token server answered without an access token"),
        (200, r#"{"access_token":""}"#, "the token server answered without an access token"),
        (200, r#"{"access_token":{"value":"abc"}}"#, "the token server answered without an access token"),
        (200, r#"{"message":"hello"}"#, "the token server answered without an access token"),
        (
            200,
            r#"{"access_token":"abc","token_type":"mac"}"#,
            "the token server gave out a token of type \"mac\"; only Bearer tokens can be used",
        ),
        (200, r#"{"access_token":"a b"}"#, "the token server gave out a token that cannot be sent in a header"),
        (200, r#"{"access_token":"a\r\nx: y"}"#, "the token server gave out a token that cannot be sent in a header"),
        (200, r#"{"access_token":"ä"}"#, "the token server gave out a token that cannot be sent in a header"),
        (302, "", "the token server answered 302 (a redirect, which is not followed); is the token URL right?"),
        (401, "Unauthorized", "the token server answered 401; it does not accept the client id or its secret"),
        (404, "<html>", "the token server answered 404; is the token URL right?"),
        (429, "", "the token server answered 429; it asks for fewer requests"),
        (503, "<html>", "the token server answered 503; it is out of order at the moment"),
    ] {
        assert_eq!(parse(status, body).unwrap_err().to_string(), sentence, "{status} {body}");
    }
}

#[test]
fn what_is_not_a_json_object_is_not_read_as_one() {
    for body in [
        "",
        " ",
        "<html>",
        "abc",
        "[\"abc\",\"bearer\"]",
        "\"abc\"",
        "null",
        "{",
        "{\"access_token\":\"abc\"",
        "access_token=abc&token_type=bearer",
        "{\"access_token\":\"abc\"} x",
        "{\"access_token\":\"a\",\"access_token\":\"b\"}",
    ] {
        let error = parse(200, body).unwrap_err();
        assert_eq!(error, TokenError::Unreadable { status: 200 }, "{body}");
        let sentence = "the token server answered 200, but not with a token in JSON; is the token URL right?";
        assert_eq!(error.to_string(), sentence);
    }
    let deep = format!("{{\"access_token\":{}", "{\"message\":".repeat(100_000));
    assert!(Token::parse(&answer(200, deep)).is_err());
}

#[tokio::test]
async fn what_the_callers_function_says_is_what_comes_back() {
    let credentials = credentials(ClientAuthentication::Basic);
    let send = async |request: FormRequest| {
        assert_eq!(request.url, "https://login.example/token");
        Ok::<_, String>(answer(200, r#"{"access_token":"abc"}"#))
    };
    assert_eq!(credentials.fetch(send).await.unwrap().access_token(), "abc");
    let fail = async |_| Err("the name login.example does not exist");
    let error = credentials.fetch(fail).await.unwrap_err();
    assert_eq!(error.to_string(), "the token server could not be asked: the name login.example does not exist");
}

#[tokio::test]
async fn secrets_and_tokens_are_shown_nowhere() {
    for authentication in [ClientAuthentication::Basic, ClientAuthentication::Body] {
        let mut credentials = credentials(authentication);
        credentials.extra.push(("assertion".to_owned(), "s3cret:ü".to_owned()));
        let echo = async |request: FormRequest| {
            assert!(!format!("{request:?}").contains("cret"), "{request:?}");
            Ok::<_, String>(answer(400, r#"{"error":"s3cret:ü","error_description":"the secret s3cret:ü is wrong"}"#))
        };
        let error = credentials.fetch(echo).await.unwrap_err();
        assert_eq!(error.to_string(), "the token server refused ([secret]: the secret [secret] is wrong)");
        let shown = format!("{credentials:?}");
        assert!(shown.contains("audience") && !shown.contains("s3cret"), "{shown}");
    }
    let answer = answer(200, r#"{"access_token":"s3cret"}"#);
    let token = Token::parse(&answer).unwrap();
    assert!(!format!("{token:?} {answer:?} {:?}", Secret::from("s3cret")).contains("s3cret"));
}

/// Answers that are nearly right, which random bytes never are.
fn nearly_json() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["access_token", "token_type", "expires_in", "error", "message", "scope", "x"]);
    let leaf = prop_oneof![
        any::<f64>().prop_map(|number| serde_json::json!(number)),
        any::<i64>().prop_map(|number| serde_json::json!(number)),
        any::<bool>().prop_map(|flag| serde_json::json!(flag)),
        any::<String>().prop_map(|text| serde_json::json!(text)),
        "[!-~]{1,40}".prop_map(|text| serde_json::json!(text)),
        Just(serde_json::Value::Null),
    ];
    let value = leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::hash_map("message|[a-z]{1,3}", inner, 0..4)
                .prop_map(|map| serde_json::Value::from(serde_json::Map::from_iter(map))),
        ]
    });
    prop::collection::btree_map(name, value, 0..6).prop_map(|map| serde_json::json!(map).to_string())
}

proptest! {
    #[test]
    fn no_answer_makes_reading_panic(status: u16, body: Vec<u8>, text: String) {
        let _ = Token::parse(&answer(status, body));
        let _ = Token::parse(&answer(status, text));
    }

    #[test]
    fn whatever_is_read_can_be_sent_and_whatever_is_not_is_one_line(status in 200..600_u16, body in nearly_json()) {
        match Token::parse(&answer(status, body)) {
            Ok(token) => {
                prop_assert!(status < 300 && !token.access_token().is_empty());
                prop_assert!(token.access_token().bytes().all(|byte| byte.is_ascii_graphic()));
                prop_assert!(token.authorization().is_sensitive());
            }
            Err(error) => prop_assert!(!error.to_string().contains(char::is_control) && !error.to_string().is_empty()),
        }
    }

    #[test]
    fn any_secret_can_be_sent_both_ways(id: String, secret: String) {
        for authentication in [ClientAuthentication::Basic, ClientAuthentication::Body] {
            let mut credentials = credentials(authentication);
            credentials.client_id = id.clone();
            credentials.client_secret = Secret::from(&*secret);
            prop_assert!(credentials.request().body.is_ascii());
        }
    }
}
