//! Codes, tokens, refreshing, the app's own tokens, and how all of them end.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use simulators::entra::Consent;

use crate::support::{ENTRA_REDIRECT, ENTRA_SCOPES, TestEntra, VERIFIER, aadsts};

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test]
async fn a_code_gives_tokens_once_and_says_who_signed_in() {
    let app = TestEntra::start().await;
    let code = app.code(app.user(), ENTRA_SCOPES);
    let answer = app.exchange(&code).await.json();
    assert_eq!((&answer["token_type"], &answer["ext_expires_in"]), (&json!("Bearer"), &answer["expires_in"]));
    let life = answer["expires_in"].as_u64().unwrap();
    assert!((3600..5400).contains(&life), "{life}");
    let scope = "openid profile User.Read Team.ReadBasic.All Channel.ReadBasic.All ChannelMessage.Send";
    assert_eq!(answer["scope"], scope, "offline_access is not repeated");
    let claims = answer["id_token"].as_str().unwrap().split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    assert_eq!((&claims["tid"], &claims["oid"]), (&json!(app.tenant.id), &json!(app.user())));
    assert_eq!(claims["aud"], json!(app.entra.app().client_id));
    let plain = app.connect(app.user(), "openid User.Read").await["id_token"].as_str().unwrap().to_owned();
    let plain = URL_SAFE_NO_PAD.decode(plain.split('.').nth(1).unwrap()).unwrap();
    assert!(!String::from_utf8(plain).unwrap().contains("\"oid\""), "without profile nobody is named");
    assert_eq!(aadsts(&app.exchange(&code).await), 54_005);
    let me = app.client.with_token(answer["access_token"].as_str().unwrap()).get("/v1.0/me").await.json();
    assert_eq!((&me["displayName"], &me["id"]), (&json!("Alex Wilber"), &json!(app.user())));
    app.entra.assert_understood();
}

#[tokio::test]
async fn an_exchange_shows_the_client_the_code_the_redirect_url_and_the_verifier() {
    let app = TestEntra::start().await;
    let code = app.code(app.user(), ENTRA_SCOPES);
    let (id, secret) = (app.entra.app().client_id, app.entra.app().client_secret);
    let ask = async |tenant: &str, fields: [&str; 5]| {
        let [id, secret, code, redirect, verifier] = fields;
        let fields = [
            ("client_id", id),
            ("client_secret", secret),
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect),
            ("code_verifier", verifier),
        ];
        let reply = app.client.form(&format!("/{tenant}/oauth2/v2.0/token"), &fields).await;
        let number = reply.json()["error_codes"][0].as_u64().unwrap_or_default();
        (reply.status, reply.json()["error"].as_str().unwrap_or("ok").to_owned(), number)
    };
    let refused = |status: u16, error: &str, number: u64| (status, error.to_owned(), number);
    let good = [id.as_str(), &secret, &code, ENTRA_REDIRECT, VERIFIER];
    let with = |place: usize, value: &'static str| {
        let mut fields: [&str; 5] = good;
        fields[place] = value;
        fields
    };
    let any = "organizations";
    assert_eq!(ask(any, with(0, "other")).await, refused(400, "unauthorized_client", 700_016));
    assert_eq!(ask(any, with(1, "wrong")).await, refused(401, "invalid_client", 7_000_215));
    assert_eq!(ask(any, with(2, "no code")).await, refused(400, "invalid_grant", 70_000));
    assert_eq!(ask(any, with(3, "http://127.0.0.1:3000/")).await, refused(400, "invalid_grant", 500_112));
    assert_eq!(ask(any, with(4, "another verifier")).await, refused(400, "invalid_grant", 501_481));
    let other = app.entra.tenants()[1].id.clone();
    assert_eq!(ask(&other, good).await, refused(400, "invalid_grant", 700_005));
    assert_eq!(ask("nowhere", good).await, refused(400, "invalid_request", 90_002));
    assert_eq!(ask(&app.tenant.id, good).await, refused(200, "ok", 0), "none of these spent the code");
    let late = app.code(app.user(), ENTRA_SCOPES);
    app.entra.clock().advance(Duration::from_secs(600));
    assert_eq!(aadsts(&app.exchange(&late).await), 70_008);
    app.entra.assert_understood();
}

#[tokio::test]
async fn errors_have_the_fields_of_entras() {
    let app = TestEntra::start().await;
    let refused = app.refresh("nothing").await;
    let body = refused.json();
    assert_eq!((refused.status, &body["error"]), (400, &json!("invalid_grant")));
    assert!(body["error_description"].as_str().unwrap().starts_with("AADSTS70000: "), "{body}");
    assert_eq!(body["timestamp"], "2026-11-22 14:02:11Z");
    for id in ["trace_id", "correlation_id"] {
        assert_eq!(body[id].as_str().unwrap().len(), 36, "{body}");
    }
}

#[tokio::test]
async fn access_tokens_expire_and_the_newest_refresh_token_and_the_ones_before_work() {
    let app = TestEntra::start().await;
    let first = app.connect(app.user(), ENTRA_SCOPES).await;
    let token = first["access_token"].as_str().unwrap();
    let life = first["expires_in"].as_u64().unwrap();
    app.entra.clock().advance(Duration::from_secs(life - 1));
    assert_eq!(app.client.with_token(token).get("/v1.0/me").await.status, 200);
    app.entra.clock().advance(Duration::from_secs(1));
    let expired = app.client.with_token(token).get("/v1.0/me").await;
    assert_eq!((expired.status, &expired.json()["error"]["code"]), (401, &json!("InvalidAuthenticationToken")));
    let old = first["refresh_token"].as_str().unwrap();
    let second = app.refresh(old).await.json();
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    let newest = second["access_token"].as_str().unwrap();
    assert_eq!(app.client.with_token(newest).get("/v1.0/me").await.status, 200);
    assert_eq!(app.refresh(old).await.status, 200, "the one before is not worthless at once");
    app.entra.set_renews_refresh_tokens(false);
    let third = app.refresh(second["refresh_token"].as_str().unwrap()).await.json();
    assert!(third["access_token"].is_string() && third.get("refresh_token").is_none(), "{third}");
    app.entra.assert_understood();
}

#[tokio::test]
async fn a_refresh_token_ends_after_ninety_days() {
    let app = TestEntra::start().await;
    let first = app.connect(app.user(), ENTRA_SCOPES).await;
    app.entra.clock().advance(DAY * 90 - Duration::from_secs(1));
    let second = app.refresh(first["refresh_token"].as_str().unwrap()).await.json();
    app.entra.clock().advance(DAY * 89);
    let old = app.refresh(first["refresh_token"].as_str().unwrap()).await;
    assert_eq!((&old.json()["error"], aadsts(&old)), (&json!("invalid_grant"), 700_082));
    assert_eq!(app.refresh(second["refresh_token"].as_str().unwrap()).await.status, 200);
}

#[tokio::test]
async fn whoever_takes_the_consent_back_ends_it_at_the_next_refresh() {
    let app = TestEntra::start().await;
    let answer = app.connect(app.user(), ENTRA_SCOPES).await;
    let graph = app.client.with_token(answer["access_token"].as_str().unwrap());
    let refresh = answer["refresh_token"].as_str().unwrap();
    let ended = async |number: u64| {
        let reply = app.refresh(refresh).await;
        assert_eq!((reply.status, aadsts(&reply)), (400, number), "{}", reply.body);
        assert_eq!(graph.get("/v1.0/me").await.status, 200, "an access token lives until it expires");
        reply.json()
    };
    app.entra.remove_app(app.user());
    let refused = ended(65_001).await;
    assert_eq!((&refused["error"], &refused["suberror"]), (&json!("invalid_grant"), &json!("consent_required")));
    app.code(app.user(), ENTRA_SCOPES);
    assert_eq!(app.refresh(refresh).await.status, 200, "consenting anew lets the sign-in of before go on");
    app.entra.remove_app_for_all(&app.tenant.id);
    ended(65_001).await;
    app.code(app.user(), ENTRA_SCOPES);
    app.entra.block_account(app.user(), true);
    ended(50_057).await;
    app.entra.block_account(app.user(), false);
    app.entra.change_password(app.user());
    ended(50_173).await;
    let again = app.connect(app.user(), ENTRA_SCOPES).await;
    assert_eq!(app.refresh(again["refresh_token"].as_str().unwrap()).await.status, 200);
    app.entra.assert_understood();
}

#[tokio::test]
async fn without_offline_access_there_is_no_refresh_token_and_without_openid_no_id_token() {
    let app = TestEntra::start().await;
    let answer = app.connect(app.user(), "User.Read").await;
    assert!(answer.get("refresh_token").is_none() && answer.get("id_token").is_none(), "{answer}");
    let graph = app.client.with_token(answer["access_token"].as_str().unwrap());
    assert_eq!(graph.get("/v1.0/me").await.status, 200);
    let refused = graph.get("/v1.0/me/joinedTeams").await;
    let message = refused.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(refused.status == 403 && message.contains("one of 'Team.ReadBasic.All'"), "{message}");
    let more = app.connect(app.user(), "offline_access Team.ReadBasic.All").await;
    assert_eq!(more["scope"], "User.Read Team.ReadBasic.All", "what was allowed before is in it, too");
    let wider = [
        ("grant_type", "refresh_token"),
        ("refresh_token", more["refresh_token"].as_str().unwrap()),
        ("scope", "https://graph.microsoft.com/ChannelMessage.Send"),
    ];
    assert_eq!(aadsts(&app.token(&wider).await), 65_001);
    app.entra.assert_understood();
}

#[tokio::test]
async fn the_app_itself_gets_a_token_where_an_administrator_has_consented() {
    let app = TestEntra::start().await;
    let fields = [("grant_type", "client_credentials"), ("scope", "https://graph.microsoft.com/.default")];
    assert_eq!(aadsts(&app.token_at(&app.tenant.id, &fields).await), 7_000_229);
    let consent = app.admin_path("https://graph.microsoft.com/.default");
    app.entra.consent(&consent, &Consent::allow(app.admin())).unwrap();
    assert_eq!(aadsts(&app.token(&fields).await), 50_059, "it must say for which tenant");
    let narrow = [("grant_type", "client_credentials"), ("scope", "Channel.ReadBasic.All")];
    assert_eq!(aadsts(&app.token_at(&app.tenant.id, &narrow).await), 1_002_012);
    let answer = app.token_at(&app.tenant.domain, &fields).await.json();
    assert_eq!((&answer["expires_in"], answer.get("refresh_token")), (&json!(3599), None));
    let graph = app.client.with_token(answer["access_token"].as_str().unwrap());
    let team = &app.tenant.teams[0];
    let channels = graph.get(&format!("/v1.0/teams/{}/channels", team.id)).await.json();
    assert_eq!(channels["value"].as_array().unwrap().len(), team.channels.len(), "private ones, too");
    let me = graph.get("/v1.0/me").await;
    assert!(me.status == 400 && me.body.contains("delegated authentication"), "{}", me.body);
    app.entra.assert_understood();
}

#[tokio::test]
async fn a_request_for_tokens_that_is_no_form_or_lacks_something_is_not_understood() {
    let app = TestEntra::start().await;
    let path = "/organizations/oauth2/v2.0/token";
    let json = app.client.json(path, &json!({ "grant_type": "refresh_token" })).await;
    assert_eq!((json.status, aadsts(&json)), (400, 900_144));
    assert!(app.entra.take_violations()[0].what.contains("form"));
    let missing = app.token(&[("grant_type", "refresh_token")]).await;
    assert_eq!((&missing.json()["error"], aadsts(&missing)), (&json!("invalid_request"), 900_144));
    assert!(app.entra.take_violations()[0].what.contains("refresh_token"));
    let other = app.token(&[("grant_type", "password")]).await;
    assert_eq!((&other.json()["error"], aadsts(&other)), (&json!("unsupported_grant_type"), 70_003));
    let more = app.token(&[("grant_type", "refresh_token"), ("refresh_token", "x"), ("audience", "y")]).await;
    assert_eq!(more.status, 400);
    assert!(app.entra.take_violations().iter().any(|one| one.what.contains("audience")));
}
