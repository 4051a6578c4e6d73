//! The page that asks, and where it sends people.

use simulators::Fault;
use simulators::jira::Consent;

use crate::support::{JIRA_REDIRECT, JIRA_SCOPES, TestJira, query};

#[tokio::test]
async fn the_page_says_what_it_is_and_what_is_asked_for_and_works_without_scripts() {
    let app = TestJira::start().await;
    let url = app.authorize_url(JIRA_SCOPES);
    let page = app.client.get(url.strip_prefix(app.jira.base_url()).unwrap()).await;
    assert_eq!(page.status, 200);
    for part in
        ["This is not Jira", "View Jira issue data", "manage:jira-webhook", "Acme", "Globex", "Accept", "Cancel"]
    {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(!page.body.contains("<script"));
    app.jira.assert_understood();
}

#[tokio::test]
async fn the_form_of_the_page_leads_back_with_a_code_or_a_refusal() {
    let app = TestJira::start().await;
    let url = app.authorize_url(JIRA_SCOPES);
    let asked: Vec<(String, String)> =
        form_urlencoded::parse(url.split_once('?').unwrap().1.as_bytes()).into_owned().collect();
    let person = app.jira.everybody()[1].account_id.clone();
    let decide = async |decision: &str| {
        let own = [("site", app.site.as_str()), ("user", person.as_str()), ("decision", decision)];
        let all: Vec<_> = asked.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(own).collect();
        let reply = app.client.form("/authorize", &all).await;
        assert_eq!(reply.status, 303, "{}", reply.body);
        reply.header("location").to_owned()
    };
    let allowed = decide("allow").await;
    assert!(allowed.starts_with(JIRA_REDIRECT) && query(&allowed, "code").is_some(), "{allowed}");
    assert_eq!(query(&allowed, "state").as_deref(), Some("s t&te"));
    let grant = app.jira.grants().remove(0);
    assert_eq!((grant.user, grant.sites), (person.clone(), vec![app.site.clone()]));
    let cancelled = decide("cancel").await;
    assert_eq!(query(&cancelled, "error").as_deref(), Some("access_denied"));
    assert_eq!(query(&cancelled, "state").as_deref(), Some("s t&te"));
    assert_eq!(app.jira.grants().len(), 1);
    app.jira.assert_understood();
}

#[tokio::test]
async fn a_request_that_atlassian_refuses_ends_on_a_page_and_never_goes_back() {
    let app = TestJira::start().await;
    let good = app.authorize_url(JIRA_SCOPES);
    let bad = [
        ("client_id", good.replace("client_id=simulated", "client_id=other"), "unauthorized_client"),
        ("another redirect", good.replace("from%3Djira", "from%3Delsewhere"), "callback URL"),
        ("a longer redirect", good.replace("connect%2Fjira", "connect%2Fjira%2Fmore"), "callback URL"),
        ("no audience", good.replace("audience=api.atlassian.com&", ""), "audience must be"),
        ("no prompt", good.replace("&prompt=consent", ""), "prompt must be"),
        ("no state", good.replace("s+t%26te", ""), "state is missing"),
        ("an unknown scope", good.replace("read%3Ajira-work+", "read%3Ajira-works+"), "invalid_scope"),
        ("scopes with commas", good.replace("work+write", "work%2Cwrite"), "invalid_scope"),
        ("no scope", app.authorize_url(""), "invalid_scope"),
        ("an unknown parameter", format!("{good}&code_challenge=x"), "no parameter"),
    ];
    for (what, url, word) in bad {
        assert_ne!(url, good, "{what}");
        let page = app.client.get(url.strip_prefix(app.jira.base_url()).unwrap()).await;
        assert_eq!((page.status, page.header("location")), (400, ""), "{what}");
        assert!(page.body.contains(word), "{what}: {}", page.body);
        let violations = app.jira.take_violations();
        assert!(violations.len() == 1 && violations[0].what.contains(word), "{what}: {violations:?}");
        let refused = app.jira.consent(&url, &Consent::Cancel).unwrap_err();
        assert!(refused.contains(word), "{what}: {refused}");
        let _ = app.jira.take_violations();
    }
}

#[tokio::test]
async fn what_an_app_writes_into_the_link_stays_text() {
    let app = TestJira::with(|options| options.app.name = "<b>Hub</b>".to_owned()).await;
    let url = app.authorize_url("read:jira-work").replace("s+t%26te", "%22%3E%3Cscript%3E");
    let page = app.client.get(url.strip_prefix(app.jira.base_url()).unwrap()).await;
    assert!(page.body.contains("&lt;b&gt;Hub") && page.body.contains("&quot;&gt;&lt;script&gt;"));
    assert!(!page.body.contains("<script"));
}

#[tokio::test]
async fn a_site_must_be_chosen_and_the_page_fails_on_request() {
    let app = TestJira::start().await;
    let url = app.authorize_url(JIRA_SCOPES);
    let nothing = Consent::Allow { sites: Vec::new(), user: None };
    assert_eq!(app.jira.consent(&url, &nothing), Err("choose a site".to_owned()));
    assert!(app.jira.consent(&url, &Consent::allow("elsewhere")).unwrap_err().contains("no site"));
    app.jira.fail_next("authorize", Fault::Error("server_error".to_owned()));
    let back = app.jira.consent(&url, &Consent::allow(&app.site)).unwrap();
    assert_eq!(query(&back, "error").as_deref(), Some("server_error"));
    let back = app.jira.consent(&url, &Consent::allow(&app.site)).unwrap();
    assert_eq!(query(&back, "error"), None);
}
