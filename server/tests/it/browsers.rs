//! What browsers meet: redirects, cookies, foreign pages, headers, throttling.

use serde_json::Value;

use crate::support::{Answer, Ask, Cast, PASSWORD, Role, TestServer, both};

/// The path of a server function.
pub fn function(server: &TestServer, name: &str) -> String {
    let end = format!("/{name}");
    server
        .doors
        .iter()
        .find(|door| door.path.starts_with("/fn/") && door.path.ends_with(&end))
        .expect("a server function")
        .path
        .clone()
}

async fn sign_in(server: &TestServer, email: &str, password: &str, ip: &str) -> Answer {
    let form = [("email", email), ("password", password), ("next", "/deliveries")];
    server.ask(Ask::post(&function(server, "sign_in")).form(&form).header("x-forwarded-for", ip)).await
}

both!(while_nobody_has_an_account_every_page_leads_to_set_up, |server| {
    for path in ["/", "/deliveries", "/sign-in"] {
        let answer = server.ask(Ask::get(path)).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/setup"), "{path}");
    }
    assert_eq!(server.ask(Ask::get("/setup")).await.status, 200);
});

both!(set_up_takes_the_token_of_the_console_once, |server| {
    let path = function(&server, "set_up");
    let token = domain::account::actions::setup_token(server.hub());
    let form = |token: &str| {
        Ask::post(&path).form(&[
            ("token", token),
            ("org", "Acme"),
            ("name", "Ada"),
            ("email", "ada@acme.test"),
            ("password", PASSWORD),
        ])
    };
    assert_eq!(server.ask(form("wrong")).await.status, 422);
    let done = server.ask(form(&token)).await;
    assert!(done.header("set-cookie").starts_with("patchbay_session="), "{} {}", done.status, done.text);
    assert_eq!(server.ask(form(&token)).await.status, 409);
    assert_eq!(server.ask(Ask::get("/setup")).await.header("location"), "/");
});

both!(who_is_signed_out_is_sent_to_sign_in_and_back, |server| {
    Cast::assemble(&server).await;
    let answer = server.ask(Ask::get("/deliveries?status=failed&q=a")).await;
    assert_eq!(answer.header("location"), "/sign-in?next=/deliveries%3Fstatus%3Dfailed%26q%3Da");
    let done = sign_in(&server, "member@acme.test", PASSWORD, "198.51.100.1").await;
    let cookie = done.header("set-cookie");
    for part in ["patchbay_session=", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{part}: {cookie}");
    }
    assert!(!cookie.contains("Secure"), "the base URL is http");
    let session = cookie.split(['=', ';']).nth(1).expect("a secret");
    assert_eq!(server.ask(Ask::get("/deliveries").cookie(session)).await.status, 200);
});

#[tokio::test]
async fn https_makes_cookies_secure_and_insists_on_itself() {
    let server = TestServer::with(&[("PATCHBAY_BASE_URL", "https://hooks.example.com")]).await;
    Cast::assemble(&server).await;
    let done = sign_in(&server, "member@acme.test", PASSWORD, "198.51.100.1").await;
    assert!(done.header("set-cookie").contains("; Secure"), "{}", done.header("set-cookie"));
    assert!(done.header("strict-transport-security").starts_with("max-age=31536000"));
}

both!(a_foreign_page_cannot_make_a_browser_act, |server| {
    let cast = Cast::assemble(&server).await;
    let path = function(&server, "sign_out");
    let post =
        || cast.with_cookie(Role::Member, Ask::post(&path)).header("content-type", "application/x-www-form-urlencoded");
    for foreign in [
        post().header("sec-fetch-site", "cross-site"),
        post().header("sec-fetch-site", "same-site"),
        post().header("origin", "https://evil.example"),
        post().header("origin", "null"),
    ] {
        let answer = server.ask(foreign).await;
        assert_eq!(answer.status, 403, "{}", answer.text);
        assert_eq!(answer.json()["problem"]["code"], "forbidden");
    }
    assert_eq!(
        server.ask(cast.with_cookie(Role::Member, Ask::get("/deliveries"))).await.status,
        200,
        "still signed in"
    );
    for own in [post().header("origin", "http://127.0.0.1:3000"), post().header("sec-fetch-site", "same-origin")] {
        assert_ne!(server.ask(own).await.status, 403);
    }
});

both!(rest_takes_no_cookie_and_server_functions_no_key, |server| {
    let cast = Cast::assemble(&server).await;
    assert_eq!(server.ask(cast.with_cookie(Role::Owner, Ask::get("/api/v1/org"))).await.status, 401);
    let path = function(&server, "load_settings");
    let answer = server.ask(Ask::post(&path).key(cast.key(Role::Owner)).form(&[])).await;
    assert_eq!(answer.status, 401, "{}", answer.text);
});

both!(every_answer_carries_the_security_headers, |server| {
    let cast = Cast::assemble(&server).await;
    for ask in [
        Ask::get("/sign-in"),
        Ask::get("/nowhere"),
        Ask::get("/api/v1/org"),
        Ask::get("/healthz"),
        Ask::get("/docs/api"),
        Ask::post("/inbox/x"),
        cast.with_cookie(Role::Owner, Ask::get("/deliveries")),
        cast.with_cookie(Role::Owner, Ask::get("/nowhere")),
    ] {
        let answer = server.ask(ask).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.header(name), value, "{name}");
        }
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!answer.header("x-request-id").is_empty());
    }
});

both!(a_pages_scripts_carry_the_nonce_of_its_policy_and_each_page_a_new_one, |server| {
    Cast::assemble(&server).await;
    let (one, two) = (server.ask(Ask::get("/sign-in")).await, server.ask(Ask::get("/sign-in")).await);
    let nonce = |answer: &Answer| {
        let policy = answer.header("content-security-policy").to_owned();
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
        policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce").to_owned()
    };
    assert_ne!(nonce(&one), nonce(&two));
    let scripts: Vec<_> = one.text.split("<script").skip(1).filter_map(|rest| rest.split('>').next()).collect();
    assert!(!scripts.is_empty());
    let marked = format!("nonce=\"{}\"", nonce(&one));
    assert!(scripts.iter().all(|script| script.contains(&marked)), "every script has it: {scripts:?}");
    assert!(!one.text.contains(" style=\""), "no inline styles: the policy would block them");
});

both!(no_page_holds_what_its_own_policy_blocks, |server| {
    let cast = Cast::assemble(&server).await;
    for path in [
        "/",
        "/endpoints",
        "/endpoints/new",
        "/deliveries",
        "/replays",
        "/replays/new?status=failed",
        "/alerts",
        "/developers/signature",
        "/event-types",
        "/event-types/invoice.paid",
        "/inbox",
        "/developers",
        "/settings",
        "/settings/members",
        "/settings/account",
        "/settings/audit",
        "/nowhere",
    ] {
        let page = server.ask(cast.with_cookie(Role::Owner, Ask::get(path))).await;
        assert!(page.header("content-type").starts_with("text/html"), "{path}");
        let scripts: Vec<_> = page.text.split("<script").skip(1).filter_map(|rest| rest.split('>').next()).collect();
        assert!(scripts.iter().all(|script| script.contains("nonce=\"")), "{path}: {scripts:?}");
        for blocked in [" style=\"", " onclick=\"", " onload=\"", "=\"javascript:", "<style>"] {
            assert!(!page.text.contains(blocked), "{path} holds {blocked}");
        }
    }
});

both!(a_form_without_scripts_signs_in_and_goes_on, |server| {
    Cast::assemble(&server).await;
    let plain = |password: &str| {
        let form = [("email", "member@acme.test"), ("password", password), ("next", "/deliveries")];
        let ask = Ask::post(&function(&server, "sign_in")).header("accept", "text/html,*/*");
        ask.header("referer", "http://127.0.0.1:3000/sign-in?next=/deliveries").form(&form)
    };
    let wrong = server.ask(plain("wrong password")).await;
    assert!(
        wrong.status.is_redirection() && wrong.header("location").contains("/sign-in"),
        "{} {}",
        wrong.status,
        wrong.header("location")
    );
    let done = server.ask(plain(PASSWORD)).await;
    assert!(
        done.status.is_redirection() && done.header("set-cookie").starts_with("patchbay_session="),
        "{}",
        done.status
    );
    assert_eq!(done.header("location"), "/deliveries");
});

both!(wrong_passwords_are_slowed_down_and_tell_nothing, |server| {
    Cast::assemble(&server).await;
    let unknown = sign_in(&server, "nobody@acme.test", "wrong password", "x").await;
    let known = sign_in(&server, "member@acme.test", "wrong password", "x").await;
    let told = |answer: &Answer| answer.json()["problem"].clone();
    assert_eq!((unknown.status, told(&unknown)), (known.status, told(&known)));
    for _ in 0..4 {
        sign_in(&server, "member@acme.test", "wrong password", "x").await;
    }
    let slowed = sign_in(&server, "member@acme.test", PASSWORD, "x").await;
    assert_eq!((slowed.status.as_u16(), &told(&slowed)["code"]), (429, &Value::from("limit_reached")));
});

both!(a_form_that_is_too_large_is_refused_in_words_that_the_page_reads, |server| {
    let cast = Cast::assemble(&server).await;
    let ask = cast.with_cookie(Role::Owner, Ask::post(&function(&server, "rename_org")));
    let huge = "x".repeat(2 * 1024 * 1024);
    let answer = server.ask(ask.header("content-length", &(huge.len() + 5).to_string()).form(&[("name", &huge)])).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["problem"]["code"]), (413, &Value::from("body_too_large")));
});

both!(an_unknown_page_says_so, |server| {
    let cast = Cast::assemble(&server).await;
    let answer = server.ask(cast.with_cookie(Role::Member, Ask::get("/nowhere"))).await;
    assert_eq!(answer.status, 404);
    assert!(answer.header("content-type").starts_with("text/html"));
});

both!(support_looks_are_recorded, |server| {
    let cast = Cast::assemble(&server).await;
    assert_eq!(server.ask(cast.with_cookie(Role::Support, Ask::get("/deliveries"))).await.status, 200);
    let log = server.ask(Ask::get("/api/v1/audit-entries").key(cast.key(Role::Owner))).await.expect(200);
    let looks: Vec<_> =
        log["data"].as_array().expect("rows").iter().filter(|row| row["actor_name"] == "support@staff.test").collect();
    assert!(looks.iter().any(|row| row["action"] == "delivery.listed"), "{log}");
});

#[tokio::test]
async fn a_trusted_proxy_is_believed_about_the_address() {
    let server = TestServer::with(&[("PATCHBAY_TRUST_PROXY", "10.0.0.0/8")]).await;
    let cast = Cast::assemble(&server).await;
    let mut ask = Ask::post("/api/v1/endpoints").key(cast.key(Role::Owner)).header("x-forwarded-for", "198.51.100.7");
    ask = ask.peer("10.0.0.1:4711").header("x-request-id", "from-the-proxy-1");
    let new = serde_json::json!({"name": "Billing", "url": "http://127.0.0.1:4999/x", "event_types": ["*"]});
    let made = server.ask(ask.json(&new)).await;
    assert_eq!((made.status.as_u16(), made.header("x-request-id")), (201, "from-the-proxy-1"));
    let log = server.ask(Ask::get("/api/v1/audit-entries?limit=1").key(cast.key(Role::Owner))).await.expect(200);
    assert_eq!(log["data"][0]["ip"], "198.51.100.7", "{log}");
}
