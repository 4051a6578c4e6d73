//! Microsoft Teams from the outside: the browser's way there and back, the way of an administrator, rules over REST, the app to
//! download, and the tab that Teams frames.

use domain::worker;
use serde_json::{Value, json};
use simulators::entra::Consent;

use crate::support::{Answer, Ask, Cast, PASSWORD, Role, TestServer, both};

/// Sends the owner's browser to the simulated Microsoft; answers where.
async fn away(server: &TestServer, cast: &Cast, body: &str) -> String {
    let start = Ask::new("POST", "/oauth/teams/start").header("content-type", "application/x-www-form-urlencoded");
    let sent = server.ask(cast.with_cookie(Role::Owner, start).body(body)).await;
    let url = sent.header("location").to_owned();
    assert!(url.starts_with(server.entra.base_url()), "{url}");
    url
}

/// What the hub answers a browser that comes back.
async fn back(server: &TestServer, cast: &Cast, role: Role, back: &str) -> Answer {
    let path = back.strip_prefix("http://127.0.0.1:3000").expect("the hub's own address").to_owned();
    server.ask(cast.with_cookie(role, Ask::get(&path))).await
}

/// Connects Acme as the administrator of the first organization at Microsoft; answers the connection's id.
async fn connect(server: &TestServer, cast: &Cast) -> String {
    let person = server.entra.tenants()[0].people[0].id.clone();
    let url = away(server, cast, "").await;
    let way = server.entra.consent(&url, &Consent::allow(&person)).expect("a way back");
    let page = back(server, cast, Role::Owner, &way).await.header("location").to_owned();
    let id = page.strip_prefix("/connections/").and_then(|rest| rest.strip_suffix("?done=connected"));
    id.expect("a connection").to_owned()
}

both!(a_rule_over_rest_posts_cards_through_a_consent, |server| {
    let cast = Cast::assemble(&server).await;
    let (hub, key) = (server.hub(), cast.key(Role::Owner));
    let id = connect(&server, &cast).await;
    worker::look_after(hub).await.expect("looked after");
    let ask = async |ask: Ask| server.ask(ask.key(key)).await.json();
    let connection = ask(Ask::get(&format!("/api/v1/connections/{id}"))).await;
    assert_eq!((&connection["access"], &connection["state"]), (&json!("consent"), &json!("healthy")), "{connection}");
    let found = ask(Ask::get(&format!("/api/v1/connections/{id}/channels?q=engineering+alerts"))).await;
    let channel = &found["sections"][0][1][0];
    assert_eq!(channel["name"], "Engineering: Alerts", "{found}");
    let place = channel["provider_id"].as_str().expect("an id");
    let same = ask(Ask::get(&format!("/api/v1/connections/{id}/channels/{place}"))).await;
    assert_eq!(same["id"], channel["id"], "{same}");
    let rule = json!({ "channel_id": channel["id"], "event_types": ["invoice.*"] });
    ask(Ask::post("/api/v1/rules").json(&rule)).await;
    let event = json!({ "event_type": "invoice.failed", "data": { "invoice_id": "inv_1", "number": "7" } });
    ask(Ask::post("/api/v1/events").json(&event)).await;
    worker::drain(hub).await.expect("delivered");
    assert!(server.entra.messages()[0].text().contains("Payment failed"), "{:?}", server.entra.messages());
    let workflow = json!({ "workflow_url": "https://prod-01.westeurope.logic.azure.com/workflows/4?sig=x" });
    let refused =
        server.ask(Ask::new("PUT", &format!("/api/v1/connections/{id}/workflow")).key(key).json(&workflow)).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    for path in [format!("/connections/{id}"), "/integrations/teams".to_owned(), format!("/connections/{id}/rules/new")]
    {
        let shown = server.ask(cast.with_cookie(Role::Owner, Ask::get(&path))).await;
        assert!(shown.status == 200 && shown.text.contains("Megan Bowen"), "{path}: {}", shown.text);
        let policy = shown.header("content-security-policy");
        assert!(policy.contains(&format!("form-action 'self' {}", server.slack.base_url())), "{policy}");
        assert!(policy.contains(server.entra.base_url()), "browsers hold a form's redirects against it: {policy}");
    }
    server.entra.assert_understood();
});

both!(an_administrator_allows_it_first_with_an_account_here_or_without, |server| {
    let cast = Cast::assemble(&server).await;
    let globex = server.entra.tenants().remove(1);
    let (admin, user) = (&globex.people[0].id, &globex.people[1].id);
    let url = away(&server, &cast, "").await;
    assert!(server.entra.consent(&url, &Consent::allow(user)).is_err(), "only administrators may");
    let url = away(&server, &cast, "admin=on").await;
    let denied = server.entra.consent(&url, &Consent::Deny).expect("a way back");
    assert_eq!(
        back(&server, &cast, Role::Owner, &denied).await.header("location"),
        "/integrations/teams?ending=denied"
    );
    let url = away(&server, &cast, "admin=on").await;
    let granted = server.entra.consent(&url, &Consent::allow(admin)).expect("a way back");
    let page = back(&server, &cast, Role::Owner, &granted).await.header("location").to_owned();
    assert_eq!(page, "/integrations/teams?done=allowed");
    let shown = server.ask(cast.with_cookie(Role::Owner, Ask::get(&page))).await;
    assert!(shown.text.contains("is allowed for everybody"), "{}", shown.text);
    // The link on the page, as it is sent to somebody without an account here.
    let link = domain::connection::teams::admin_link(server.hub()).expect("a link");
    assert!(shown.text.contains(&link.replace('&', "&amp;")), "{}", shown.text);
    for (consent, words) in [(Consent::allow(admin), "Patchbay is allowed"), (Consent::Deny, "Nothing was allowed")] {
        let way = server.entra.consent(&link, &consent).expect("a way back");
        let told = back(&server, &cast, Role::Nobody, &way).await;
        assert!(told.status == 200 && told.text.contains(words), "{} {}", told.status, told.text);
        assert_eq!(told.header("x-frame-options"), "DENY");
    }
    let stranger = server.ask(Ask::get("/oauth/teams/callback?code=1&state=x")).await;
    assert_eq!(
        (stranger.status.as_u16(), stranger.header("location")),
        (303, "/integrations/teams?ending=unauthenticated")
    );
    server.entra.assert_understood();
});

#[tokio::test]
async fn the_app_is_a_download_where_teams_can_show_it() {
    let server = TestServer::with(&[("PATCHBAY_BASE_URL", "https://hooks.example.com")]).await;
    let cast = Cast::assemble(&server).await;
    let file = server.ask(cast.with_cookie(Role::Owner, Ask::get("/integrations/teams/app"))).await;
    assert_eq!((file.status.as_u16(), file.header("content-type")), (200, "application/zip"));
    assert!(
        file.text.starts_with("PK") && file.text.contains("https://hooks.example.com/teams/alerts"),
        "{}",
        file.text
    );
    let shown = server.ask(cast.with_cookie(Role::Owner, Ask::get("/integrations/teams"))).await;
    assert!(shown.text.contains("Download the app"), "{}", shown.text);
}

both!(teams_frames_one_page_which_has_a_session_of_its_own, |server| {
    let cast = Cast::assemble(&server).await;
    let (hub, key) = (server.hub(), cast.key(Role::Owner));
    let id = connect(&server, &cast).await;
    worker::look_after(hub).await.expect("looked after");
    server.entra.remove_app(&server.entra.tenants()[0].people[0].id);
    server.entra.expire_tokens();
    server.ask(Ask::post(&format!("/api/v1/connections/{id}/check")).key(key)).await;
    worker::look_after(hub).await.expect("looked after");
    let alerts: Value = server.ask(Ask::get("/api/v1/alerts").key(key)).await.json();
    let message = alerts["data"][0]["message"].as_str().expect("an alert").to_owned();

    // The usual session is no session there.
    let door = server.ask(cast.with_cookie(Role::Member, Ask::get("/teams/alerts"))).await;
    assert!(
        door.status == 200 && door.text.contains("name=\"password\"") && !door.text.contains("Alerts of"),
        "{}",
        door.text
    );
    let policy = door.header("content-security-policy").to_owned();
    assert!(
        policy.ends_with(
            "frame-ancestors https://teams.microsoft.com https://*.teams.microsoft.com https://*.cloud.microsoft"
        ),
        "{policy}"
    );
    let nonce = policy.split("script-src 'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce");
    assert!(!policy.contains("connect-src") && !policy.contains("script-src 'self'"), "{policy}");
    assert_eq!(door.text.matches("<script").count(), 1, "the one that tells Teams: {}", door.text);
    let script = door.text.split("<script").nth(1).and_then(|rest| rest.split('>').next()).expect("a script");
    assert!(script.contains("/vendor/teams.") && script.contains(nonce), "{script}");
    assert!(door.headers.get("x-frame-options").is_none(), "which knows no names");
    for elsewhere in ["/sign-in", "/alerts", "/integrations/teams"] {
        let other = server.ask(cast.with_cookie(Role::Member, Ask::get(elsewhere))).await;
        assert_eq!(other.header("x-frame-options"), "DENY", "{elsewhere}");
        assert!(other.header("content-security-policy").contains("frame-ancestors 'none'"), "{elsewhere}");
    }
    let enter = async |password: &str| {
        server.ask(Ask::post("/teams/sign-in").form(&[("email", "member@acme.test"), ("password", password)])).await
    };
    let wrong = enter("wrong").await;
    assert!(wrong.status == 401 && wrong.text.contains("value=\"member@acme.test\""), "{}", wrong.text);
    assert!(wrong.headers.get("set-cookie").is_none() && wrong.headers.get("x-frame-options").is_none());
    let entered = enter(PASSWORD).await;
    assert_eq!((entered.status.as_u16(), entered.header("location")), (303, "/teams/alerts"));
    let cookie = entered.header("set-cookie").to_owned();
    for part in ["patchbay_teams=", "Path=/teams;", "HttpOnly", "Secure", "SameSite=None", "Partitioned"] {
        assert!(cookie.contains(part), "{part}: {cookie}");
    }
    let secret = cookie.split(['=', ';']).nth(1).expect("a secret").to_owned();
    let within = |ask: Ask| ask.header("cookie", &format!("patchbay_teams={secret}"));
    let tab = server.ask(within(Ask::get("/teams/alerts"))).await;
    assert!(
        tab.text.contains("Alerts of Acme")
            && tab.text.contains(&message)
            && tab.text.contains("<title>Alerts · Patchbay</title>"),
        "{message}: {}",
        tab.text
    );
    assert!(tab.text.contains(&format!("http://127.0.0.1:3000/connections/{id}")), "{}", tab.text);
    let elsewhere = server.ask(within(Ask::get("/alerts"))).await;
    assert_eq!(elsewhere.header("location"), "/sign-in?next=/alerts", "it opens nothing else");
    let foreign = server.ask(within(Ask::post("/teams/sign-out")).header("sec-fetch-site", "cross-site")).await;
    assert_eq!(foreign.status, 403);
    let left = server.ask(within(Ask::post("/teams/sign-out")).header("sec-fetch-site", "same-origin")).await;
    assert!(left.status == 303 && left.header("set-cookie").contains("Max-Age=0"), "{}", left.header("set-cookie"));
    let tab = server.ask(within(Ask::get("/teams/alerts"))).await;
    assert!(!tab.text.contains("Alerts of"), "that session is over");
});
