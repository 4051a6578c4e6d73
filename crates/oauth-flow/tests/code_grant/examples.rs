//! The published facts and examples, read where they are kept.

use std::path::PathBuf;

use oauth_flow::{Authorization, ClientAuthentication, TokenError};
use serde_json::{Value, json};

use crate::authorization::parameters;
use crate::providers::{all, client, exact_online, slack};
use crate::server::{ASKED_AT, Server, grant};

/// Reads a file of the folder that the variable names. `None`, and a word about it, without the folder.
fn read(variable: &str, usual: &str, file: &str) -> Option<Value> {
    let folder = std::env::var_os(variable).map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/providers").join(usual),
        PathBuf::from,
    );
    if !folder.is_dir() {
        println!("skipped: there is no folder {} (set {variable})", folder.display());
        return None;
    }
    let text = std::fs::read_to_string(folder.join(file)).expect("the file is readable");
    Some(serde_json::from_str(&text).expect("the file is JSON"))
}

/// What a provider answers.
fn example(file: &str) -> Option<String> {
    Some(read("PATCHBAY_PROVIDER_EXAMPLES", "examples", file)?["response"].to_string())
}

#[tokio::test]
async fn slacks_answers_are_read() {
    for (file, scopes, expires_at, refreshable, extra) in [
        (
            "slack/api_oauth_v2_access.json",
            &["chat:write", "channels:read", "commands"][..],
            None,
            false,
            json!({ "team": { "name": "Example Workspace", "id": "T061EG9R6" }, "enterprise": null,
                "is_enterprise_install": false, "authed_user": { "id": "U2147483697" }, "app_id": "A0EXAMPLE01",
                "bot_user_id": "U0BOTEXMPL", "incoming_webhook": { "channel": "#alerts", "url": null,
                "channel_id": "C2147483705", "configuration_url": "https://example.slack.com/services/B0EXAMPLE1" } }),
        ),
        (
            "slack/api_oauth_v2_access_org_wide.json",
            &["chat:write", "channels:read"],
            None,
            false,
            json!({ "team": null, "enterprise": { "name": "Example Org", "id": "E0EXAMPLE1" },
                "is_enterprise_install": true, "authed_user": { "id": "W2147483697" }, "app_id": "A0EXAMPLE01",
                "bot_user_id": "U0BOTEXMPL" }),
        ),
        (
            "slack/api_oauth_v2_access_rotating.json",
            &["chat:write"],
            Some(ASKED_AT + 43_200_000),
            true,
            json!({ "team": { "name": "Example Workspace", "id": "T061EG9R6" }, "enterprise": null,
                "is_enterprise_install": false, "authed_user": { "id": "U2147483697" }, "app_id": "A0EXAMPLE01",
                "bot_user_id": "U0BOTEXMPL" }),
        ),
    ] {
        let Some(body) = example(file) else { return };
        let grant = Server::answering(200, body).exchange(&slack()).await.unwrap();
        assert!(grant.access_token.expose().ends_with("xoxb-EXAMPLE"), "{file}");
        assert_eq!(grant.token_type, "bot", "{file}");
        assert_eq!(grant.scopes, scopes, "{file}");
        assert_eq!((grant.expires_at, grant.refresh_token.is_some()), (expires_at, refreshable), "{file}");
        assert_eq!(grant.extra, extra, "{file}");
        assert_eq!(grant.refresh_at(&slack(), ASKED_AT).is_some(), refreshable, "{file}");
    }
}

#[tokio::test]
async fn exact_onlines_answer_is_read() {
    let Some(body) = example("exact-online/api_token.json") else { return };
    let grant = Server::answering(200, body).exchange(&exact_online()).await.unwrap();
    assert_eq!(grant.access_token.expose(), "EXAMPLE-access");
    assert_eq!(grant.refresh_token.as_ref().unwrap().expose(), "EXAMPLE-refresh-rotates");
    assert_eq!(grant.expires_at, Some(ASKED_AT + 600_000));
    assert_eq!(grant.refresh_at(&exact_online(), ASKED_AT), Some(ASKED_AT + 580_000));
}

#[tokio::test]
async fn the_providers_errors_are_read() {
    for (file, status, code) in [
        ("slack/api_error_missing_scope.json", 200, "missing_scope"),
        ("slack/api_error_ratelimited.json", 429, "ratelimited"),
        ("exact-online/api_error.json", 400, "400"),
    ] {
        let Some(body) = example(file) else { return };
        match Server::answering(status, body).refresh(&slack(), &grant()).await.unwrap_err() {
            TokenError::Refused { code: given, .. } => assert_eq!(given, code, "{file}"),
            other => panic!("{file}: {other:?}"),
        }
    }
}

/// The eleven providers of these tests are what the published facts say of them.
#[test]
fn the_providers_are_as_published() {
    let Some(facts) = read("PATCHBAY_PROVIDER_SPECS", "specs", "oauth-providers.json") else { return };
    for (name, provider) in all() {
        let fact = &facts["providers"][name];
        let same = |url: &str, pattern: &Value| {
            let pattern = pattern.as_str().unwrap();
            let ends: Vec<_> = pattern.split(['{', '}']).collect();
            url.starts_with(ends[0]) && url.ends_with(ends[ends.len() - 1])
        };
        assert!(same(&provider.authorize_url, &fact["authorize_url"]), "{name}");
        assert!(same(&provider.token_url, &fact["token_url"]), "{name}");
        let separator = fact["scope_separator"].as_str().unwrap_or(" ");
        assert_eq!(provider.scope_separator, separator, "{name}");
        let basic = fact["client_auth"].as_str().unwrap().starts_with("basic");
        assert_eq!(provider.authentication == ClientAuthentication::Basic, basic, "{name}");
        let json = fact["token_body"] == "json";
        assert_eq!(provider.encoding == oauth_flow::BodyEncoding::Json, json, "{name}");

        let url = Authorization::begin(&provider, &client(), &["a"], &[], &[7; 64]).unwrap().url;
        let given = parameters(&url);
        for parameter in fact["authorize_params"].as_array().unwrap() {
            let (parameter, value) = parameter
                .as_str()
                .unwrap()
                .split_once('=')
                .map_or_else(|| (parameter.as_str().unwrap(), None), |(parameter, value)| (parameter, Some(value)));
            let required = !parameter.ends_with('?') && !value.is_some_and(|value| value.ends_with('?'));
            // A nonce is made for each authorization, so it is an extra parameter.
            if required && parameter != "nonce" {
                let found = given.get(parameter);
                assert!(found.is_some_and(|found| value.is_none_or(|value| found == value)), "{name}: {parameter}");
            }
        }
    }
}
