//! The pages that ask, and where they send people.

use simulators::Fault;
use simulators::entra::Consent;

use crate::support::{ENTRA_REDIRECT, ENTRA_SCOPES, TestEntra, query};

fn fields(path: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(path.split_once('?').unwrap().1.as_bytes()).into_owned().collect()
}

#[tokio::test]
async fn the_page_says_what_it_is_and_what_is_asked_for_and_works_without_scripts() {
    let app = TestEntra::start().await;
    let page = app.client.get(&app.authorize_path(ENTRA_SCOPES)).await;
    assert_eq!(page.status, 200);
    for part in ["This is not Microsoft", "Send channel messages", "Megan Bowen", "Acme", "Globex", "Accept", "Cancel"]
    {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(!page.body.contains("<script"));
    let own = app.authorize_path(ENTRA_SCOPES).replacen("organizations", &app.tenant.id, 1);
    assert!(!app.client.get(&own).await.body.contains("Globex"), "a tenant's own page has its own accounts");
    app.entra.assert_understood();
}

#[tokio::test]
async fn the_form_of_the_page_leads_back_with_a_code_or_a_refusal() {
    let app = TestEntra::start().await;
    let path = app.authorize_path(ENTRA_SCOPES);
    let asked = fields(&path);
    let decide = async |decision: &str| {
        let own = [("user", app.user()), ("decision", decision)];
        let all: Vec<_> = asked.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(own).collect();
        let reply = app.client.form("/organizations/oauth2/v2.0/authorize", &all).await;
        assert_eq!(reply.status, 303, "{}", reply.body);
        reply.header("location").to_owned()
    };
    let allowed = decide("allow").await;
    assert!(allowed.starts_with(ENTRA_REDIRECT) && query(&allowed, "code").is_some(), "{allowed}");
    assert_eq!(query(&allowed, "state").as_deref(), Some("s t&te"));
    assert_eq!(app.entra.grants()[0].user.as_deref(), Some(app.user()));
    let declined = decide("deny").await;
    assert_eq!(query(&declined, "error").as_deref(), Some("access_denied"));
    assert!(query(&declined, "error_description").unwrap().contains("AADSTS65004"));
    assert_eq!(app.entra.grants().len(), 1);
    app.entra.assert_understood();
}

#[tokio::test]
async fn whoever_may_not_consent_learns_that_an_administrator_must() {
    let app = TestEntra::start().await;
    let globex = app.entra.tenants().remove(1);
    let (admin, person) = (&globex.people[0].id, &globex.people[1].id);
    let path = app.authorize_path(ENTRA_SCOPES);
    let refused = app.entra.consent(&path, &Consent::allow(person)).unwrap_err();
    assert!(refused.contains("AADSTS90094"), "{refused}");
    let own = [("user", person.as_str()), ("decision", "allow")];
    let asked = fields(&path);
    let all: Vec<_> = asked.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(own).collect();
    let page = app.client.form("/organizations/oauth2/v2.0/authorize", &all).await;
    assert!(page.status == 200 && page.body.contains("Need admin approval"), "{}", page.body);
    assert!(page.body.contains("Return to the application without granting consent"));
    assert!(app.entra.grants().is_empty());
    // An administrator allows it, for everybody.
    let everybody = Consent::Allow { user: admin.clone(), for_everybody: true };
    assert!(query(&app.entra.consent(&path, &everybody).unwrap(), "code").is_some());
    assert!(query(&app.entra.consent(&path, &Consent::allow(person)).unwrap(), "code").is_some());
    let no_role = Consent::Allow { user: person.clone(), for_everybody: true };
    assert!(app.entra.consent(&path, &no_role).is_err());
    app.entra.assert_understood();
}

#[tokio::test]
async fn permissions_of_administrators_and_unverified_publishers_need_approval_too() {
    let app = TestEntra::start().await;
    let reads = app.authorize_path("User.Read ChannelMessage.Read.All");
    assert!(app.entra.consent(&reads, &Consent::allow(app.user())).unwrap_err().contains("AADSTS90094"));
    assert!(app.entra.consent(&reads, &Consent::allow(app.admin())).is_ok());
    app.entra.change_app(|app| app.is_verified = false);
    let usual = app.authorize_path(ENTRA_SCOPES);
    assert!(app.entra.consent(&usual, &Consent::allow(app.user())).unwrap_err().contains("AADSTS90094"));
    assert!(app.entra.consent(&usual, &Consent::allow(app.admin())).is_ok());
}

#[tokio::test]
async fn an_administrator_consents_for_everybody_on_a_page_of_their_own() {
    let app = TestEntra::start().await;
    let path = app.admin_path("https://graph.microsoft.com/.default");
    let page = app.client.get(&path).await;
    for part in
        ["review for your organization", "Send channel messages", "Read the names and descriptions of all channels"]
    {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(app.entra.consent(&path, &Consent::allow(app.user())).unwrap_err().contains("AADSTS90094"));
    let back = app.entra.consent(&path, &Consent::allow(app.admin())).unwrap();
    assert_eq!(query(&back, "admin_consent").as_deref(), Some("True"));
    assert_eq!(query(&back, "tenant").as_deref(), Some(app.tenant.id.as_str()));
    assert_eq!(query(&back, "state").as_deref(), Some("s t&te"));
    let given = app.entra.tenants().remove(0).admin_consent.unwrap();
    assert!(given.scopes.contains(&"ChannelMessage.Send".to_owned()), "{given:?}");
    assert!(given.roles.contains(&"Channel.ReadBasic.All".to_owned()), "{given:?}");
    let declined = app.entra.consent(&path, &Consent::Deny).unwrap();
    assert_eq!(query(&declined, "error").as_deref(), Some("access_denied"));
    app.entra.assert_understood();
}

#[tokio::test]
async fn a_request_that_entra_refuses_ends_on_a_page_and_never_goes_back() {
    let app = TestEntra::start().await;
    let good = app.authorize_path(ENTRA_SCOPES);
    let bad = [
        ("client_id", good.replace("client_id=5a1e", "client_id=0000"), "AADSTS700016"),
        ("another redirect", good.replace("from%3Dentra", "from%3Delsewhere"), "AADSTS50011"),
        ("a longer redirect", good.replace("connect%2Fteams", "connect%2Fteams%2Fmore"), "AADSTS50011"),
        ("no redirect", good.replace("redirect_uri=", "redirect_uri=&login_hint="), "AADSTS900971"),
        ("no response type", good.replace("response_type=code", "response_type=token"), "response_type"),
        ("a form", good.replace("response_mode=query", "response_mode=form_post"), "response_mode"),
        ("no state", good.replace("s+t%26te", ""), "state is missing"),
        ("an unknown scope", good.replace("User.Read", "User.Reads"), "AADSTS70011"),
        ("scopes with commas", good.replace("openid+profile", "openid%2Cprofile"), "AADSTS70011"),
        ("no scope", app.authorize_path(""), "scope is missing"),
        ("a plain challenge", good.replace("method=S256", "method=plain"), "S256"),
        ("no challenge", good.replace("code_challenge=", "code_challenge=x&login_hint="), "AADSTS501491"),
        ("an unknown parameter", format!("{good}&audience=x"), "no parameter"),
        ("an unknown tenant", good.replace("/organizations/", "/nowhere/"), "AADSTS90002"),
        ("personal accounts", good.replace("/organizations/", "/consumers/"), "AADSTS90002"),
    ];
    for (what, path, word) in bad {
        assert_ne!(path, good, "{what}");
        let page = app.client.get(&path).await;
        assert_eq!((page.status, page.header("location")), (400, ""), "{what}: {}", page.body);
        assert!(page.body.contains(word), "{what}: {}", page.body);
        let violations = app.entra.take_violations();
        assert!(violations.len() == 1 && violations[0].what.contains(word), "{what}: {violations:?}");
        assert!(app.entra.consent(&path, &Consent::Deny).unwrap_err().contains(word), "{what}");
        let _ = app.entra.take_violations();
    }
}

#[tokio::test]
async fn accounts_of_elsewhere_and_blocked_ones_do_not_sign_in() {
    let app = TestEntra::start().await;
    let own = app.authorize_path(ENTRA_SCOPES).replacen("organizations", &app.tenant.id, 1);
    let stranger = app.entra.tenants()[1].people[0].id.clone();
    assert!(app.entra.consent(&own, &Consent::allow(&stranger)).unwrap_err().contains("AADSTS50020"));
    assert!(app.entra.consent(&own, &Consent::allow("nobody")).unwrap_err().contains("no account"));
    app.entra.block_account(app.user(), true);
    assert!(app.entra.consent(&own, &Consent::allow(app.user())).unwrap_err().contains("AADSTS50057"));
    app.entra.block_account(app.user(), false);
    assert!(app.entra.consent(&own, &Consent::allow(app.user())).is_ok());
}

#[tokio::test]
async fn what_an_app_writes_into_the_link_stays_text_and_the_pages_fail_on_request() {
    let app = TestEntra::with(|options| options.app.name = "<b>Hub</b>".to_owned()).await;
    let path = app.authorize_path("User.Read").replace("s+t%26te", "%22%3E%3Cscript%3E");
    let page = app.client.get(&path).await;
    assert!(page.body.contains("&lt;b&gt;Hub") && page.body.contains("&quot;&gt;&lt;script&gt;"));
    assert!(!page.body.contains("<script"));
    app.entra.fail_next("authorize", Fault::Error("server_error".to_owned()));
    let back = app.entra.consent(&path, &Consent::allow(app.user())).unwrap();
    assert_eq!(query(&back, "error").as_deref(), Some("server_error"));
    app.entra.fail_next("adminconsent", Fault::Error("temporarily_unavailable".to_owned()));
    let back = app.entra.consent(&app.admin_path("User.Read"), &Consent::allow(app.admin())).unwrap();
    assert_eq!(query(&back, "error").as_deref(), Some("temporarily_unavailable"));
}
