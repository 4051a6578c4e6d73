//! The URL that people are sent to.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth_flow::{Authorization, Client, Provider, TokenError, is_state, state_hash};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

use crate::providers::{all, client, exact_online, jira, microsoft, notion, slack};

fn random() -> [u8; 64] {
    std::array::from_fn(|place| u8::try_from(place).expect("there are 64 places"))
}

fn begin(provider: &Provider, scopes: &[&str], extra: &[(&str, &str)]) -> Authorization {
    Authorization::begin(provider, &client(), scopes, extra, &random()).expect("the URLs are in order")
}

/// The parameters of a URL, none of them twice.
pub fn parameters(url: &str) -> BTreeMap<String, String> {
    let query = url.split_once('?').expect("it has a query").1;
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let map: BTreeMap<_, _> = pairs.iter().cloned().collect();
    assert_eq!(map.len(), pairs.len(), "{url}");
    map
}

#[test]
fn every_provider_is_sent_its_own_parameters() {
    let own = ["client_id", "redirect_uri", "response_type", "state"];
    for (name, provider) in all() {
        let authorization = begin(&provider, &["a", "b"], &[]);
        assert!(authorization.url.starts_with(&*provider.authorize_url), "{name}");
        let given = parameters(&authorization.url);
        let mut expected: Vec<_> = own.into_iter().chain(["scope"]).collect();
        expected.extend(provider.authorize_parameters.iter().map(|(name, _)| *name));
        expected.extend(if provider.pkce { &["code_challenge", "code_challenge_method"][..] } else { &[] });
        expected.sort_unstable();
        assert_eq!(given.keys().collect::<Vec<_>>(), expected, "{name}");
        assert_eq!(given["response_type"], "code");
        assert_eq!(given["client_id"], "client & co");
        assert_eq!(given["redirect_uri"], "https://hub.example/oauth/callback?from=x");
        assert_eq!(given["state"], authorization.state.expose());
    }
    assert_eq!(parameters(&begin(&jira(), &[], &[]).url)["audience"], "api.atlassian.com");
    assert_eq!(parameters(&begin(&notion(), &[], &[]).url)["owner"], "user");
}

#[test]
fn scopes_are_joined_the_providers_way_and_left_out_if_there_are_none() {
    assert_eq!(parameters(&begin(&slack(), &["chat:write", "commands"], &[]).url)["scope"], "chat:write,commands");
    assert_eq!(parameters(&begin(&jira(), &["read:me", "offline_access"], &[]).url)["scope"], "read:me offline_access");
    assert!(!parameters(&begin(&exact_online(), &[], &[]).url).contains_key("scope"));
}

#[test]
fn state_and_verifier_come_from_the_given_randomness() {
    let authorization = begin(&microsoft(), &[], &[]);
    assert_eq!(authorization.state.expose(), URL_SAFE_NO_PAD.encode(&random()[..32]));
    let verifier = authorization.verifier.as_ref().unwrap().expose();
    assert_eq!(verifier, URL_SAFE_NO_PAD.encode(&random()[32..]));
    let given = parameters(&authorization.url);
    assert_eq!(given["code_challenge"], URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)));
    assert_eq!(given["code_challenge_method"], "S256");
    assert!(begin(&slack(), &[], &[]).verifier.is_none());
}

#[test]
fn only_the_hash_of_a_state_is_kept() {
    let authorization = begin(&slack(), &[], &[]);
    let hash = authorization.state_hash();
    assert_eq!(hash, state_hash(authorization.state.expose()));
    // As `printf abc | openssl dgst -sha256 -binary | basenc --base64url` has it, without the `=`.
    assert_eq!(state_hash("abc"), "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
    assert!(is_state(authorization.state.expose(), &hash));
    for wrong in ["", "x", authorization.state.expose(), &hash[1..], &format!("{hash}=")] {
        assert!(!is_state(authorization.state.expose(), wrong), "{wrong}");
    }
    assert!(!is_state(&hash, &hash));
}

#[test]
fn extra_parameters_replace_the_usual_ones_but_never_the_grants_own() {
    let extra = [("prompt", "consent"), ("state", "mine"), ("redirect_uri", "https://evil.example"), ("team", "T1")];
    let authorization = begin(&microsoft(), &["a"], &extra);
    let given = parameters(&authorization.url);
    assert_eq!((&*given["prompt"], &*given["team"], &*given["response_mode"]), ("consent", "T1", "query"));
    assert_eq!(given["state"], authorization.state.expose());
    assert_eq!(given["redirect_uri"], client().redirect_uri);
    for own in
        ["response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method"]
    {
        assert!(Authorization::is_own_parameter(own));
    }
}

#[test]
fn a_url_with_a_query_keeps_it_and_one_that_is_none_is_refused() {
    let provider = Provider::new("https://login.example/authorize?tenant=7", "https://login.example/token");
    assert_eq!(parameters(&begin(&provider, &[], &[]).url)["tenant"], "7");
    let broken = Provider::new("login.example", "https://login.example/token");
    let error = Authorization::begin(&broken, &client(), &["a"], &[], &random()).unwrap_err();
    assert_eq!(error, TokenError::Url("authorize"));
    let lost = Client { redirect_uri: "/callback".to_owned(), ..client() };
    let error = Authorization::begin(&provider, &lost, &["a"], &[], &random()).unwrap_err();
    assert_eq!(error.to_string(), "the redirect URL is not a URL");
}

proptest! {
    #[test]
    fn whatever_is_asked_for_arrives_as_it_was_and_once(
        id: String,
        scopes in prop::collection::vec("[!-~]{1,12}", 1..5),
        extra in prop::collection::btree_map(".{1,20}", ".{0,20}", 0..5),
        random in prop::collection::vec(any::<u8>(), 64),
    ) {
        let client = Client { id: id.clone(), ..client() };
        let extra: Vec<_> = extra.iter().map(|(name, value)| (&**name, &**value)).collect();
        let random: [u8; 64] = random.try_into().unwrap();
        for (_, provider) in all() {
            let authorization = Authorization::begin(&provider, &client, &scopes, &extra, &random).unwrap();
            let given = parameters(&authorization.url);
            prop_assert_eq!(&given["client_id"], &id);
            prop_assert_eq!(&given["scope"], &scopes.join(provider.scope_separator));
            prop_assert!(is_state(&given["state"], &authorization.state_hash()));
            for (name, value) in extra.iter().filter(|(name, _)| !Authorization::is_own_parameter(name)) {
                prop_assert_eq!(&given[*name], value);
            }
        }
    }
}
