//! No secret is shown, whatever a provider answers.

use oauth_flow::{Answer, Authorization, Callback, NoAnswer, Secret, TokenError, exchange, refresh, state_hash};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::providers::{all, client, slack};
use crate::server::{Server, consent, grant};

/// All secrets of these tests have it in them.
const MARKS: [&str; 4] = ["t0ken", "s3cret", "c0de", "pr00f"];

fn shows_none(text: &str) {
    assert!(MARKS.iter().all(|mark| !text.contains(mark)), "{text}");
}

/// What a spiteful provider makes of what it was sent.
fn echo(status: u16) -> impl Fn(&[&Secret]) -> Answer {
    move |secrets| {
        let all: Vec<_> = secrets.iter().map(|secret| secret.expose()).collect();
        let words = format!("{} {}", "x".repeat(185), all.join(" "));
        let body = json!({ "error": all.join("-"), "error_description": words }).to_string();
        Answer { status, body: body.into() }
    }
}

#[tokio::test]
async fn an_answer_that_repeats_the_secrets_is_blotted() {
    for (name, provider) in all() {
        let (client, consent, grant) = (client(), consent(&provider), grant());
        for status in [200, 400, 502, 503] {
            let mut sent = vec![&client.secret, &consent.code];
            sent.extend(&consent.verifier);
            let answer = echo(status)(&sent);
            let error = exchange(
                &provider,
                &client,
                &consent,
                || 0,
                async |form| {
                    shows_none(&format!("{form:?}"));
                    Ok(answer)
                },
            );
            let error = error.await.unwrap_err();
            shows_none(&format!("{name} {error} {error:?}"));

            let answer = echo(status)(&[&client.secret, grant.refresh_token.as_ref().unwrap()]);
            let error = refresh(&provider, &client, &grant, || 0, async |_| Ok(answer)).await.unwrap_err();
            shows_none(&format!("{name} {error} {error:?}"));
        }
    }
}

#[tokio::test]
async fn words_of_the_caller_are_blotted_too() {
    let words = || "failed at code=the-c0de! with client-s3cret/ü and old-refresh-t0ken, old-access-t0ken".to_owned();
    for error in [NoAnswer::Lost(words()), NoAnswer::NotSent(words())] {
        let server = || Server::new(Err(error.clone()));
        let shown = server().exchange(&slack()).await.unwrap_err().to_string();
        assert!(shown.contains("code=[secret] with [secret] and"), "{shown}");
        let shown = server().refresh(&slack(), &grant()).await.unwrap_err().to_string();
        assert!(shown.contains("with [secret] and [secret],"), "{shown}");
        shows_none(&server().revoke(&slack(), &grant()).await.unwrap_err().to_string().replace("the-c0de", ""));
    }
}

#[test]
fn nothing_that_holds_a_secret_shows_it() {
    let provider = slack();
    let authorization = Authorization::begin(&crate::providers::jira(), &client(), &["a"], &[], &[7; 64]).unwrap();
    let shown = format!("{authorization:?}");
    assert!(!shown.contains(authorization.state.expose()), "{shown}");
    assert!(shown.contains("https://auth.atlassian.com/authorize?.."), "{shown}");
    let callback = Authorization::callback(&provider, &state_hash("s"), "state=s&code=the-c0de");
    assert!(matches!(callback, Callback::Code(_)));
    let mut grant = grant();
    grant.extra = json!({ "id": "t0ken" });
    shows_none(&format!("{:?} {callback:?} {:?} {grant:?}", client(), consent(&provider)));
    assert!(format!("{grant:?}").contains(r#"extra: ["id"]"#));
}

/// Answers that are nearly right, which random bytes never are.
fn nearly_json() -> impl Strategy<Value = Value> {
    let name = "access_token|refresh_token|token_type|expires_in|scopes?|error|message|ok|code|status|[a-z]{1,2}";
    let leaf = prop_oneof![
        any::<f64>().prop_map(|number| json!(number)),
        any::<bool>().prop_map(|flag| json!(flag)),
        any::<String>().prop_map(|text| json!(text)),
        "bearer|bot|[!-~]{1,40}".prop_map(|text| json!(text)),
        Just(Value::Null),
    ];
    let value = leaf.prop_recursive(3, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("message|url|[a-z_]{0,6}(token|secret)|[a-z]{1,3}", inner, 0..4)
                .prop_map(|map| Value::from(serde_json::Map::from_iter(map))),
        ]
    });
    prop::collection::btree_map(name, value, 0..8).prop_map(|map| json!(map))
}

/// Whether a name at any depth ends like one of a secret.
fn names_a_secret(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| name.ends_with("token") || name.ends_with("secret") || names_a_secret(value)),
        Value::Array(list) => list.iter().any(names_a_secret),
        _ => false,
    }
}

fn ask(status: u16, body: impl Into<String>) -> [Result<oauth_flow::Grant, TokenError>; 2] {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime starts");
    let body = body.into();
    runtime.block_on(async {
        [
            Server::answering(status, &*body).exchange(&slack()).await,
            Server::answering(status, &*body).refresh(&slack(), &grant()).await,
        ]
    })
}

proptest! {
    #[test]
    fn no_answer_makes_reading_panic(status: u16, body: String, form in "(access_token|error)=[!-~]{0,30}") {
        let _ = (ask(status, body), ask(status, form));
    }

    #[test]
    fn whatever_is_read_can_be_sent_and_whatever_is_not_is_one_line(status in 200..600_u16, body in nearly_json()) {
        for outcome in ask(status, body.to_string()) {
            match outcome {
                Ok(grant) => {
                    prop_assert!(status < 300 && grant.token().is_ok());
                    prop_assert!(!names_a_secret(&grant.extra), "{}", grant.extra);
                    prop_assert!(grant.scopes.iter().all(|scope| !scope.is_empty() && !scope.contains([' ', ','])));
                }
                Err(error) => prop_assert!(!error.to_string().contains(char::is_control)),
            }
        }
    }
}
