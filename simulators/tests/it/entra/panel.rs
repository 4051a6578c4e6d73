//! The control panel: what a newcomer clicks.

use crate::support::{ENTRA_SCOPES, TestEntra, aadsts, card_message};

async fn act(app: &TestEntra, fields: &[(&str, &str)]) {
    let reply = app.client.form("/_control/act", fields).await;
    assert_eq!(reply.status, 303, "{fields:?}");
}

#[tokio::test]
async fn the_panel_shows_what_is_allowed_and_what_arrived() {
    let app = TestEntra::start().await;
    let graph = app.graph(app.user());
    graph.json(&format!("{}/messages", app.channel(1)), &card_message("Order <1>")).await;
    graph.get("/v1.0/me?wrong=1").await;
    let overview = app.client.get("/_control").await.body;
    for part in [
        "This is not Microsoft",
        "Acme",
        "Globex",
        "Alex Wilber",
        "ChannelMessage.Send",
        "postChannelMessage",
        "&quot;wrong&quot; is no parameter",
        "Søren O&#39;Neil &lt;ops&gt;",
    ] {
        assert!(overview.contains(part), "{part}: {overview}");
    }
    assert!(!overview.contains(graph.token.as_deref().unwrap()), "tokens are nobody's business");
    let team = app.client.get(&format!("/_control/teams/{}", app.tenant.teams[0].id)).await.body;
    assert!(team.contains("Order &lt;1&gt;") && team.contains("Board &lt;private&gt;"), "{team}");
    for page in [&overview, &team] {
        assert!(!page.contains("<script"));
    }
    assert_eq!(app.client.get("/_control/teams/none").await.status, 404);
    assert_eq!(app.client.get("/").await.header("location"), "/_control");
}

#[tokio::test]
async fn what_is_clicked_happens() {
    let app = TestEntra::start().await;
    let graph = app.graph(app.user());
    let team = ("team", app.tenant.teams[0].id.as_str());
    let channel = ("channel", app.tenant.teams[0].channels[1].id.as_str());
    let post = async || graph.json(&format!("{}/messages", app.channel(1)), &card_message("x")).await.status;
    act(&app, &[("act", "archive"), team, channel]).await;
    assert_eq!(post().await, 403);
    act(&app, &[("act", "open"), team, channel]).await;
    act(&app, &[("act", "archive"), team, ("channel", "")]).await;
    assert_eq!(post().await, 403);
    act(&app, &[("act", "open"), team, ("channel", "")]).await;
    assert_eq!(post().await, 201);
    act(&app, &[("act", "rename"), team, channel, ("name", "Alarms")]).await;
    act(&app, &[("act", "make"), team, ("name", "New")]).await;
    act(&app, &[("act", "say"), team, channel, ("text", "hello")]).await;
    let shown = app.entra.team(team.1).unwrap();
    assert_eq!((shown.channels[1].name.as_str(), shown.channels[4].name.as_str()), ("Alarms", "New"));
    assert_eq!(app.entra.messages()[1].text(), "hello");
    act(&app, &[("act", "delete"), team, channel]).await;
    assert_eq!(post().await, 404);
    act(&app, &[("act", "delete"), team, ("channel", "")]).await;
    assert!(app.entra.team(team.1).is_none());
}

#[tokio::test]
async fn access_is_taken_back_on_the_page() {
    let app = TestEntra::start().await;
    let answer = app.connect(app.user(), ENTRA_SCOPES).await;
    let graph = app.client.with_token(answer["access_token"].as_str().unwrap());
    let refresh = answer["refresh_token"].as_str().unwrap();
    let user = ("user", app.user());
    act(&app, &[("act", "expire")]).await;
    assert_eq!(graph.get("/v1.0/me").await.status, 401);
    act(&app, &[("act", "block"), user]).await;
    assert_eq!(aadsts(&app.refresh(refresh).await), 50_057);
    act(&app, &[("act", "unblock"), user]).await;
    assert_eq!(app.refresh(refresh).await.status, 200);
    act(&app, &[("act", "remove-app"), user]).await;
    assert_eq!(aadsts(&app.refresh(refresh).await), 65_001);
    app.code(app.user(), ENTRA_SCOPES);
    act(&app, &[("act", "remove-for-all"), ("tenant", &app.tenant.id)]).await;
    assert_eq!(aadsts(&app.refresh(refresh).await), 65_001);
    act(&app, &[("act", "password"), user]).await;
    assert_eq!(aadsts(&app.refresh(refresh).await), 50_173);
    act(&app, &[("act", "policy"), ("tenant", &app.tenant.id)]).await;
    assert!(!app.entra.tenants()[0].users_may_consent);
}

#[tokio::test]
async fn settings_and_faults_are_set_on_the_page() {
    let app = TestEntra::start().await;
    let urls = "http://127.0.0.1:1/a\r\n\r\nhttp://127.0.0.1:1/b\r\n";
    let fields = [("act", "settings"), ("redirects", urls), ("limits", "1"), ("page", "1"), ("latency", "0")];
    let reply = app.client.form("/_control/act", &[&fields[..], &[("back", "//elsewhere")][..]].concat()).await;
    assert_eq!(reply.header("location"), "/_control", "back leads nowhere else");
    let registered = app.entra.app();
    assert_eq!(registered.redirect_uris, ["http://127.0.0.1:1/a", "http://127.0.0.1:1/b"]);
    assert!(!registered.is_verified);
    let graph = app.graph(app.user());
    assert!(graph.get("/v1.0/me/joinedTeams").await.json()["@odata.nextLink"].is_string());
    act(&app, &[("act", "fault"), ("method", "getMe"), ("fault", "limited"), ("value", "9")]).await;
    assert_eq!(graph.get("/v1.0/me").await.header("retry-after"), "9");
    act(&app, &[("act", "fault"), ("method", "*"), ("fault", "status"), ("value", "500")]).await;
    act(&app, &[("act", "recover")]).await;
    assert_eq!(graph.get("/v1.0/me").await.status, 200);
}
