//! Codes, tokens, refreshing, revoking.

use std::time::Duration;

use serde_json::json;
use simulators::Fault;
use simulators::slack::{First, TokenStatus};

use crate::support::{REDIRECT, SCOPES, TestApp, query};

#[tokio::test]
async fn a_code_gives_a_bot_token_once() {
    let app = TestApp::start().await;
    let code = app.code(&app.team, SCOPES);
    let fields = [("code", code.as_str()), ("redirect_uri", REDIRECT)];
    let answer = app.access(&fields).await;
    let token = answer["access_token"].as_str().unwrap();
    assert!(token.starts_with("xoxb-"), "{token}");
    assert_eq!(answer["token_type"], "bot");
    assert_eq!(answer["scope"], SCOPES);
    assert_eq!(answer["team"], json!({ "id": app.team, "name": "Acme" }));
    assert_eq!((&answer["enterprise"], &answer["is_enterprise_install"]), (&json!(null), &json!(false)));
    assert!(answer.get("refresh_token").is_none() && answer["authed_user"]["id"].is_string());
    assert_eq!(app.access(&fields).await["error"], "code_already_used");
    let me = app.client.with_token(token).call("auth.test", &[]).await;
    assert_eq!((&me["ok"], &me["team_id"], &me["user_id"]), (&json!(true), &json!(app.team), &answer["bot_user_id"]));
    app.slack.assert_understood();
}

#[tokio::test]
async fn an_exchange_shows_the_client_the_code_and_the_redirect_url() {
    let app = TestApp::start().await;
    let code = app.code(&app.team, SCOPES);
    let (id, secret) = (app.slack.app().client_id, app.slack.app().client_secret);
    let exchange = async |id: &str, secret: &str, code: &str, redirect: &str| {
        let fields = [("client_id", id), ("client_secret", secret), ("code", code), ("redirect_uri", redirect)];
        app.client.call("oauth.v2.access", &fields).await["error"].as_str().unwrap_or("ok").to_owned()
    };
    assert_eq!(exchange("1.2", &secret, &code, REDIRECT).await, "invalid_client_id");
    assert_eq!(exchange(&id, "wrong", &code, REDIRECT).await, "bad_client_secret");
    assert_eq!(exchange(&id, &secret, "no code", REDIRECT).await, "invalid_code");
    assert_eq!(exchange(&id, &secret, &code, "http://127.0.0.1:3000/").await, "bad_redirect_uri");
    assert_eq!(exchange(&id, &secret, &code, REDIRECT).await, "ok", "none of these spent the code");
    let late = app.code(&app.team, SCOPES);
    app.slack.clock().advance(Duration::from_secs(600));
    assert_eq!(exchange(&id, &secret, &late, REDIRECT).await, "invalid_code");
    app.slack.assert_understood();
}

#[tokio::test]
async fn installing_again_gives_the_same_token_with_the_scopes_granted_now() {
    let app = TestApp::start().await;
    let first = app.connect(&app.team, "chat:write,channels:read").await;
    let second = app.connect(&app.team, "chat:write,channels:join").await;
    assert_eq!(first["access_token"], second["access_token"]);
    assert_eq!(second["scope"], "chat:write,channels:join");
    let bot = app.client.with_token(second["access_token"].as_str().unwrap());
    assert_eq!(bot.get("/api/auth.test").await.header("x-oauth-scopes"), "chat:write,channels:join");
    let listed = bot.call("conversations.list", &[]).await;
    assert_eq!((&listed["error"], &listed["provided"]), (&json!("missing_scope"), &json!("chat:write,channels:join")));
}

#[tokio::test]
async fn rotating_tokens_expire_and_a_refresh_token_works_once() {
    let app = TestApp::with(|options| options.app.token_rotation = true).await;
    let answer = app.connect(&app.team, "chat:write").await;
    let token = answer["access_token"].as_str().unwrap();
    assert!(token.starts_with("xoxe.xoxb-"), "{token}");
    assert_eq!(answer["expires_in"], 43_200);
    let refresh_token = answer["refresh_token"].as_str().unwrap();
    assert!(refresh_token.starts_with("xoxe-"));
    app.slack.clock().advance(Duration::from_secs(43_199));
    assert_eq!(app.client.with_token(token).call("auth.test", &[]).await["ok"], true);
    app.slack.clock().advance(Duration::from_secs(1));
    assert_eq!(app.client.with_token(token).call("auth.test", &[]).await["error"], "token_expired");

    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh_token)];
    let next = app.access(&fields).await;
    assert_ne!(next["access_token"], answer["access_token"]);
    assert_ne!(next["refresh_token"], answer["refresh_token"]);
    assert_eq!(app.access(&fields).await["error"], "invalid_refresh_token");
    let bot = app.client.with_token(next["access_token"].as_str().unwrap());
    assert_eq!(bot.call("auth.test", &[]).await["ok"], true);
    app.slack.assert_understood();
}

#[tokio::test]
async fn two_rotating_tokens_live_side_by_side_and_the_third_ends_the_first() {
    let app = TestApp::with(|options| options.app.token_rotation = true).await;
    let mut answer = app.connect(&app.team, "chat:write").await;
    for _ in 0..2 {
        let refresh = answer["refresh_token"].as_str().unwrap().to_owned();
        answer = app.access(&[("grant_type", "refresh_token"), ("refresh_token", &refresh)]).await;
    }
    let status: Vec<_> = app.slack.tokens().into_iter().map(|token| token.status).collect();
    assert_eq!(status, [TokenStatus::Revoked, TokenStatus::Live, TokenStatus::Live]);
}

#[tokio::test]
async fn a_refresh_whose_answer_is_lost_has_spent_the_refresh_token() {
    let app = TestApp::with(|options| options.app.token_rotation = true).await;
    let answer = app.connect(&app.team, "chat:write").await;
    let refresh = answer["refresh_token"].as_str().unwrap();
    let app_settings = app.slack.app();
    let fields = [
        ("client_id", app_settings.client_id.as_str()),
        ("client_secret", &app_settings.client_secret),
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh),
    ];
    app.slack.fail_next("oauth.v2.access", Fault::DropAfter);
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    assert!(app.client.try_post("/api/oauth.v2.access", "application/x-www-form-urlencoded", body).await.is_err());
    assert_eq!(app.client.call("oauth.v2.access", &fields).await["error"], "invalid_refresh_token");
}

#[tokio::test]
async fn a_lasting_token_is_exchanged_for_rotating_ones_once_rotation_is_on() {
    let app = TestApp::start().await;
    let answer = app.connect(&app.team, "chat:write").await;
    let lasting = answer["access_token"].as_str().unwrap();
    let settings = app.slack.app();
    let fields =
        [("client_id", settings.client_id.as_str()), ("client_secret", &settings.client_secret), ("token", lasting)];
    assert_eq!(app.client.call("oauth.v2.exchange", &fields).await["error"], "token_rotation_not_enabled");
    app.slack.change_app(|app| app.token_rotation = true);
    app.slack.change_app(|app| app.token_rotation = false);
    assert!(app.slack.app().token_rotation, "it cannot be turned off again");
    let rotating = app.client.call("oauth.v2.exchange", &fields).await;
    assert!(rotating["access_token"].as_str().unwrap().starts_with("xoxe.xoxb-"), "{rotating}");
    assert_eq!(app.client.with_token(lasting).call("auth.test", &[]).await["error"], "token_revoked");
    app.slack.assert_understood();
}

#[tokio::test]
async fn revoking_ends_one_token_and_tells_of_it() {
    let app = TestApp::start().await;
    let bot = app.bot("chat:write").await;
    assert_eq!(bot.call("auth.revoke", &[("test", "true")]).await, json!({ "ok": true, "revoked": false }));
    assert_eq!(bot.call("auth.revoke", &[]).await, json!({ "ok": true, "revoked": true }));
    assert_eq!(bot.call("auth.test", &[]).await["error"], "token_revoked");
    app.slack.settled().await;
    let told = app.receiver.arrivals();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].json()["event"]["tokens"], json!({ "oauth": [], "bot": [app.slack.installs()[0].bot_user] }));
    app.slack.assert_understood();
}

#[tokio::test]
async fn uninstalling_ends_everything_and_tells_of_it_in_either_order() {
    for (first, kinds) in [
        (First::TokensRevoked, ["tokens_revoked", "app_uninstalled"]),
        (First::AppUninstalled, ["app_uninstalled", "tokens_revoked"]),
    ] {
        let app = TestApp::start().await;
        let bot = app.bot("chat:write").await;
        app.slack.uninstall(&app.team, first);
        app.slack.settled().await;
        let told: Vec<_> = app.receiver.arrivals().iter().map(|one| one.json()["event"]["type"].clone()).collect();
        assert_eq!(told, kinds);
        assert_eq!(bot.call("auth.test", &[]).await["error"], "account_inactive");
    }
}

#[tokio::test]
async fn an_app_uninstalls_itself_with_its_secret() {
    let app = TestApp::start().await;
    let bot = app.bot("chat:write").await;
    let settings = app.slack.app();
    let wrong = [("client_id", settings.client_id.as_str()), ("client_secret", "wrong")];
    assert_eq!(bot.call("apps.uninstall", &wrong).await["error"], "bad_client_secret");
    let right = [("client_id", settings.client_id.as_str()), ("client_secret", settings.client_secret.as_str())];
    assert_eq!(bot.call("apps.uninstall", &right).await, json!({ "ok": true }));
    assert!(!app.slack.installs()[0].is_active);
    let again = app.connect(&app.team, "chat:write").await;
    assert_ne!(again["access_token"].as_str(), bot.token.as_deref(), "a new installation has a new token");
    app.slack.assert_understood();
}

#[tokio::test]
async fn tokens_that_do_not_work_say_why() {
    let app = TestApp::start().await;
    assert_eq!(app.client.call("auth.test", &[]).await["error"], "not_authed");
    assert_eq!(app.client.with_token("xoxb-unknown").call("auth.test", &[]).await["error"], "invalid_auth");
    let bot = app.bot("chat:write").await;
    app.slack.revoke_tokens(&app.team);
    assert_eq!(bot.call("auth.test", &[]).await["error"], "token_revoked");
}

#[tokio::test]
async fn a_person_gets_a_token_of_their_own_and_a_webhook_posts_without_one() {
    let app = TestApp::start().await;
    let url = format!("{}&user_scope=users:read", app.authorize_url("chat:write,incoming-webhook"));
    let allow = simulators::slack::Consent::Allow { account: app.team.clone() };
    let code = query(&app.slack.consent(&url, &allow).unwrap(), "code").unwrap();
    let answer = app.access(&[("code", &code), ("redirect_uri", REDIRECT)]).await;
    let person = &answer["authed_user"];
    assert!(person["access_token"].as_str().unwrap().starts_with("xoxp-"));
    let me = app.client.with_token(person["access_token"].as_str().unwrap()).call("auth.test", &[]).await;
    assert_eq!((&me["user_id"], me.get("bot_id")), (&person["id"], None));

    assert_eq!(answer["incoming_webhook"]["channel"], "#general");
    let hook = answer["incoming_webhook"]["url"].as_str().unwrap().strip_prefix(app.slack.base_url()).unwrap();
    let reply = app.client.json(hook, &json!({ "text": "hello" })).await;
    assert_eq!((reply.status, reply.body.as_str()), (200, "ok"));
    let messages = app.slack.messages();
    assert_eq!((messages[0].channel_name.as_str(), messages[0].text.as_str()), ("general", "hello"));
    assert_eq!(messages[0].only_for, None);
    app.slack.assert_understood();
}
