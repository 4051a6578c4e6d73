//! What people come back with.

use oauth_flow::{Authorization, Callback, Flaw, Provider, state_hash};
use proptest::prelude::*;

use crate::providers::slack;

fn provider() -> Provider {
    Provider { issuer: Some("https://login.example".into()), ..slack() }
}

fn read(query: &str) -> Callback {
    Authorization::callback(&provider(), &state_hash("right"), query)
}

#[test]
fn a_code_is_decoded_once() {
    for (query, code) in [
        ("code=abc&state=right", "abc"),
        ("?state=right&code=stampNL001.x%21A%2BB+C%2525&session_state=7", "stampNL001.x!A+B C%25"),
        ("code=abc&state=right&iss=https%3A%2F%2Flogin.example", "abc"),
        ("code=abc&state=right&iss=", "abc"),
        ("code=abc&state=right&error=", "abc"),
    ] {
        match read(query) {
            Callback::Code(given) => assert_eq!(given.expose(), code),
            other => panic!("{query}: {other:?}"),
        }
    }
}

#[test]
fn an_issuer_that_nobody_expects_is_not_looked_at() {
    let query = "code=abc&state=right&iss=https%3A%2F%2Fanyone.example";
    assert!(matches!(Authorization::callback(&slack(), &state_hash("right"), query), Callback::Code(_)));
}

#[test]
fn a_no_is_told_in_one_line() {
    for (query, expected, words) in [
        ("error=access_denied&state=right", "access_denied", None),
        ("error=access_denied&code=abc&state=right", "access_denied", None),
        (
            "state=right&error=OAUTH_APPROVAL_ERROR_GENERIC&error_description=An+error%0D%0Aoccurred",
            "OAUTH_APPROVAL_ERROR_GENERIC",
            Some("An error  occurred"),
        ),
        ("state=right&error=x&error_description=%0A", "x", None),
    ] {
        match read(query) {
            Callback::Denied { error, description } => {
                assert_eq!((&*error, description.as_deref()), (expected, words), "{query}");
            }
            other => panic!("{query}: {other:?}"),
        }
    }
    let long = format!("state=right&error=x&error_description={}", "y".repeat(5000));
    assert!(matches!(read(&long), Callback::Denied { description: Some(words), .. } if words.chars().count() == 201));
}

#[test]
fn what_is_no_answer_to_this_attempt_is_not_believed() {
    for (query, flaw) in [
        ("", Flaw::StateMissing),
        ("code=abc", Flaw::StateMissing),
        ("code=abc&state=", Flaw::StateMissing),
        ("error=access_denied", Flaw::StateMissing),
        ("code=abc&state=wrong", Flaw::StateWrong),
        ("error=access_denied&state=wrong", Flaw::StateWrong),
        ("code=abc&state=right%20", Flaw::StateWrong),
        ("code=abc&state=right&state=right", Flaw::Repeated("state")),
        ("code=abc&code=abc&state=right", Flaw::Repeated("code")),
        ("code=abc&state=wrong&c%6Fde=abc", Flaw::Repeated("code")),
        ("code=abc&state=right&iss=https%3A%2F%2Flogin.example%2F", Flaw::IssuerWrong),
        ("error=x&state=right&iss=HTTPS%3A%2F%2Flogin.example", Flaw::IssuerWrong),
        ("state=right", Flaw::Empty),
        ("state=right&code=", Flaw::Empty),
        ("state=right&admin_consent=True&tenant=7", Flaw::Empty),
    ] {
        match read(query) {
            Callback::Malformed(given) => assert_eq!(given, flaw, "{query}"),
            other => panic!("{query}: {other:?}"),
        }
    }
    assert_eq!(Flaw::Repeated("code").to_string(), "the answer names \"code\" more than once");
}

proptest! {
    #[test]
    fn nothing_but_the_right_state_brings_a_code(query in "[?&=%a-z0-9]{0,40}|.{0,40}", state: String) {
        prop_assert!(!matches!(read(&query), Callback::Code(_)));
        let pairs = [("code", "abc"), ("state", &*state)];
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let read = Authorization::callback(&slack(), &state_hash(&state), &query);
        prop_assert_eq!(matches!(read, Callback::Code(_)), !state.is_empty());
        let other = Authorization::callback(&slack(), &state_hash(&format!("{state}x")), &query);
        prop_assert!(matches!(other, Callback::Malformed(_)));
    }
}
