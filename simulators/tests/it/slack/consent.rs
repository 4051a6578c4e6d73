//! The page that asks, and where it sends people.

use simulators::Fault;
use simulators::slack::Consent;

use crate::support::{REDIRECT, SCOPES, TestApp, query};

#[tokio::test]
async fn the_page_says_what_it_is_and_what_is_asked_for_and_works_without_scripts() {
    let app = TestApp::start().await;
    let url = app.authorize_url("chat:write,incoming-webhook");
    let page = app.client.get(url.strip_prefix(app.slack.base_url()).unwrap()).await;
    assert_eq!(page.status, 200);
    for part in ["This is not Slack", "Send messages as the app", "chat:write", "Acme", "Allow", "Cancel", "#general"] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(!page.body.contains("<script"));
    app.slack.assert_understood();
}

#[tokio::test]
async fn the_form_of_the_page_leads_back_with_a_code_or_a_refusal() {
    let app = TestApp::start().await;
    let client_id = app.slack.app().client_id;
    let fields =
        [("client_id", client_id.as_str()), ("scope", SCOPES), ("redirect_uri", REDIRECT), ("state", "s t&te")];
    let decide = async |decision: &str| {
        let all: Vec<_> = fields.into_iter().chain([("account", app.team.as_str()), ("decision", decision)]).collect();
        let reply = app.client.form("/oauth/v2/authorize", &all).await;
        assert_eq!(reply.status, 303);
        reply.header("location").to_owned()
    };
    let allowed = decide("allow").await;
    assert!(allowed.starts_with(&format!("{REDIRECT}&code=")), "{allowed}");
    assert_eq!(query(&allowed, "state").as_deref(), Some("s t&te"));
    let cancelled = decide("cancel").await;
    assert_eq!(cancelled, format!("{REDIRECT}&error=access_denied&state=s+t%26te"));
    app.slack.assert_understood();
}

#[tokio::test]
async fn a_request_that_slack_refuses_ends_on_a_page_and_never_goes_back() {
    let app = TestApp::start().await;
    let good = app.authorize_url(SCOPES);
    let bad = [
        ("client_id", good.replace("client_id=1", "client_id=2"), "invalid_client_id"),
        ("another redirect", good.replace("from%3Dslack", "from%3Delsewhere"), "bad_redirect_uri"),
        ("a longer redirect", good.replace("connect%2Fslack", "connect%2Fslack%2Fmore"), "bad_redirect_uri"),
        ("an unknown scope", good.replace("chat%3Awrite%2C", "chat%3Awrites%2C"), "invalid_scope"),
        ("scopes with spaces", good.replace("%2C", "+"), "invalid_scope"),
        ("no scope", app.authorize_url(""), "invalid_scope"),
        ("an unknown parameter", format!("{good}&code_challenge=x"), "no parameter"),
    ];
    for (what, url, word) in bad {
        assert_ne!(url, good, "{what}");
        let page = app.client.get(url.strip_prefix(app.slack.base_url()).unwrap()).await;
        assert_eq!((page.status, page.header("location")), (400, ""), "{what}");
        assert!(page.body.contains(word), "{what}: {}", page.body);
        let violations = app.slack.take_violations();
        assert!(violations.len() == 1 && violations[0].what.contains(word), "{what}: {violations:?}");
        let refused = app.slack.consent(&url, &Consent::Cancel).unwrap_err();
        assert!(refused.contains(word), "{what}: {refused}");
        let _ = app.slack.take_violations();
    }
}

#[tokio::test]
async fn what_an_app_writes_into_the_link_stays_text() {
    let app = TestApp::with(|options| options.app.name = "<b>Hub</b>".to_owned()).await;
    let url = app.authorize_url("chat:write").replace("s+t%26te", "%22%3E%3Cscript%3E");
    let page = app.client.get(url.strip_prefix(app.slack.base_url()).unwrap()).await;
    assert!(page.body.contains("&lt;b&gt;Hub") && page.body.contains("&quot;&gt;&lt;script&gt;"));
    assert!(!page.body.contains("<script"));
}

#[tokio::test]
async fn the_page_sends_people_back_with_an_error_on_request() {
    let app = TestApp::start().await;
    let allow = Consent::Allow { account: app.team.clone() };
    let decide = || app.slack.consent(&app.authorize_url(SCOPES), &allow).unwrap();
    app.slack.fail_next("oauth.v2.authorize", Fault::Error("server_error".to_owned()));
    assert_eq!(query(&decide(), "error").as_deref(), Some("server_error"));
    assert_eq!(query(&decide(), "error"), None);
}
