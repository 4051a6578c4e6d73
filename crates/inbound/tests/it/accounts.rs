//! Whose account a request is of.

use inbound::{AccountFacts, Preset, Provider, Source, accounts, verify};

use crate::signing::{NOW, Sent, secret, word};

/// Published payloads, and the account that each names.
const NAMED: &[(Provider, &str, &str)] = &[
    (Provider::Stripe, "stripe/account.application.deauthorized", "acct_EXAMPLE0001"),
    (Provider::Clerk, "clerk/user.created", "ins_"),
    (Provider::Slack, "slack/message", "T061EG9R6"),
    (Provider::Slack, "slack/slash_command", "T061EG9R6"),
    (Provider::Github, "github/issues_opened", "Codertocat"),
    (Provider::Github, "github/installation_created", "Codertocat"),
    (Provider::Linear, "linear/OAuthApp_revoked", "a1b2c3d4-0000-4000-8000-000000000009"),
    (Provider::Jira, "jira/issue_created", "example.atlassian.net"),
    (Provider::Jira, "jira/comment_created", "example.atlassian.net"),
    (Provider::Hubspot, "hubspot/webhook_batch", ""),
    (Provider::Notion, "notion/page_content_updated", ""),
];

#[test]
fn a_request_of_another_account_is_refused_once_it_is_verified() {
    for (provider, file, begins) in NAMED {
        let secret = secret(*provider, 1);
        let Some(sent) = Sent::example(*provider, file) else { return };
        let sent = sent.signed(&secret, NOW);
        let named = accounts(*provider, &sent.request());
        assert!(!named.is_empty() && named[0].starts_with(begins), "{file}: {named:?}");
        let judge = |account: &str, secret: &str| {
            let scheme = Preset::of(*provider).scheme();
            let source = Source { provider: *provider, scheme, secrets: &[secret], account: Some(account) };
            word(&verify(&source, &sent.request(), NOW * 1000))
        };
        assert_eq!(judge(&named[0].to_uppercase(), &secret), "verified", "{file}");
        assert_eq!(judge("another", &secret), "unknown_account", "{file}");
        // Nothing of the body is believed before it is verified.
        assert_ne!(judge("another", "other"), "unknown_account", "{file}");
    }
    let told: Vec<_> = Provider::ALL.into_iter().filter(|provider| AccountFacts::of(*provider).is_some()).collect();
    assert!(told.iter().all(|provider| NAMED.iter().any(|(known, ..)| known == provider)), "{told:?}");
}

#[test]
fn a_request_that_names_no_account_is_taken() {
    let secret = secret(Provider::Stripe, 1);
    let sent = Sent::json(Provider::Stripe, &serde_json::json!({ "id": "evt_1" })).signed(&secret, NOW);
    let scheme = Preset::of(Provider::Stripe).scheme();
    let source = Source { provider: Provider::Stripe, scheme, secrets: &[&secret], account: Some("acct_1") };
    assert_eq!(word(&verify(&source, &sent.request(), NOW * 1000)), "verified");
}
