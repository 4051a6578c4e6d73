//! Slack from the outside: the browser's way there and back, and what Slack posts to the hub.

use domain::account::actions::Client;
use domain::account::members;
use domain::caller::Role as OrgRole;
use domain::connection::{ConnectionState, actions};
use domain::{rule, worker};
use serde_json::json;
use simulators::Fault;
use simulators::slack::{Consent, First, Message, Press, SlashCommand};

use crate::browsers::function;
use crate::support::{Ask, Cast, PASSWORD, Role, TestServer, both, eventually};

/// Where the hub's own doors are, for the simulator: a real listener in front of the router.
async fn listen(server: &TestServer) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let router = server.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    server.slack.change_app(|app| {
        app.events_url = Some(format!("{url}/slack/events"));
        app.commands_url = Some(format!("{url}/slack/commands"));
        app.interactivity_url = Some(format!("{url}/slack/interactions"));
    });
    url
}

/// Connects Acme to the simulated Slack as its owner's browser does; answers where it ended.
async fn connect(server: &TestServer, cast: &Cast) -> String {
    let start = Ask::new("POST", "/oauth/slack/start").header("content-type", "application/x-www-form-urlencoded");
    let sent = server.ask(cast.with_cookie(Role::Owner, start).body(String::new())).await;
    let url = sent.headers["location"].to_str().expect("a URL").to_owned();
    assert!(url.starts_with(server.slack.base_url()), "{url}");
    let consent = Consent::Allow { account: server.slack.teams()[0].id.clone() };
    let back = server.slack.consent(&url, &consent).expect("a way back");
    let path = back.strip_prefix("http://127.0.0.1:3000").expect("the hub's own address").to_owned();
    let ended = server.ask(cast.with_cookie(Role::Owner, Ask::get(&path))).await;
    ended.headers["location"].to_str().expect("a page").to_owned()
}

both!(a_browser_connects_slack_and_nothing_secret_is_shown, |server| {
    let cast = Cast::assemble(&server).await;
    let page = connect(&server, &cast).await;
    assert!(page.starts_with("/connections/con_") && page.ends_with("?done=connected"), "{page}");
    let shown = server.ask(cast.with_cookie(Role::Owner, Ask::get(&page))).await;
    assert!(shown.text.contains("It is connected."), "{}", shown.text);
    let key = cast.key(Role::Owner);
    for path in ["/api/v1/connections", "/api/v1/audit-entries"] {
        let answer = server.ask(Ask::get(path).key(key)).await;
        assert!(answer.text.contains("con_") && !answer.text.contains("xox"), "{path}: {}", answer.text);
    }
    for token in server.slack.tokens() {
        assert!(!shown.text.contains(&token.value));
    }
    let again = connect(&server, &cast).await;
    assert!(again.ends_with("?done=reconnected"), "{again}");
    server.slack.assert_understood();
});

both!(what_happens_in_the_workspace_is_noticed_and_only_what_slack_has_signed_counts, |server| {
    let cast = Cast::assemble(&server).await;
    let hub = server.hub();
    connect(&server, &cast).await;
    listen(&server).await;
    assert_eq!(server.slack.url_verification().send().await.expect("an answer").status, 200);
    let team = server.slack.teams()[0].id.clone();
    let event = json!({"type": "app_uninstalled"});
    for wrong in [server.slack.event(&team, &event).aged(600), server.slack.event(&team, &event).signed_with("wrong")] {
        assert_eq!(wrong.send().await.expect("an answer").status, 401);
    }
    let id = actions::list(hub, &cast.owner).await.expect("connections")[0].id.clone();
    let general = server.slack.channel("general").expect("a channel").id;
    actions::channel(hub, &cast.owner, &id, &general).await.expect("known");
    server.slack.rename_channel(&general, "everybody");
    server.slack.settled().await;
    let known = actions::channel(hub, &cast.owner, &id, &general).await.expect("known");
    assert_eq!(known.name, "everybody");
    server.slack.uninstall(&team, First::AppUninstalled);
    server.slack.settled().await;
    assert_eq!(actions::get(hub, &cast.owner, &id).await.expect("there").state, ConnectionState::NeedsReconnect);
    server.slack.assert_understood();
});

both!(a_command_subscribes_a_channel_and_a_button_acts_as_the_member_who_pressed_it, |server| {
    let cast = Cast::assemble(&server).await;
    let hub = server.hub();
    let workers = worker::start(hub);
    connect(&server, &cast).await;
    listen(&server).await;
    let id = actions::list(hub, &cast.owner).await.expect("connections")[0].id.clone();
    let general = server.slack.channel("general").expect("a channel").id;
    let team = server.slack.teams()[0].clone();
    let person = team.users[0].clone();
    let command = SlashCommand {
        channel: general,
        user: person.id.clone(),
        command: "/patchbay".into(),
        text: "subscribe invoice.*".into(),
    };
    assert_eq!(server.slack.slash_command(&command).send().await.expect("an answer").status, 200);
    server.slack.wait_for_calls("users.info", 1).await;
    assert_eq!(
        rule::actions::list(hub, &cast.owner, Some(&id)).await.expect("rules"),
        [],
        "nobody here has that address"
    );

    let invited = members::invite(hub, &cast.owner, &person.email, OrgRole::Admin).await.expect("invited");
    let token = invited.url.rsplit('/').next().expect("a token");
    members::accept_invitation(hub, &Client::default(), token, "A person", PASSWORD).await.expect("a member");
    server.slack.slash_command(&command).send().await.expect("an answer");
    eventually("a rule is made", async || {
        rule::actions::list(hub, &cast.owner, Some(&id)).await.expect("rules").into_iter().next()
    })
    .await;
    let event = json!({"event_type": "invoice.failed", "data": {"id": "inv_1"}});
    server.ask(Ask::post("/api/v1/events").key(cast.key(Role::Owner)).json(&event)).await.expect(202);
    let message = eventually("the channel is told", async || {
        server.slack.messages().into_iter().find(|message| message.only_for.is_none())
    })
    .await;
    let press = Press {
        channel: message.channel.clone(),
        ts: message.ts.clone(),
        action_id: "patchbay_acknowledge".into(),
        user: person.id,
    };
    server.slack.press(&press).send().await.expect("an answer");
    let said = eventually("it is said who has seen it", async || {
        server.slack.messages().into_iter().find(|said| said.thread_ts.as_ref() == Some(&message.ts))
    })
    .await;
    assert!(said.text.starts_with("Acknowledged by"), "{}", said.text);
    workers.stop(hub, std::time::Duration::from_secs(2)).await;
    server.slack.assert_understood();
});

both!(somebody_whom_no_address_gives_away_links_their_account_from_slack, |server| {
    let cast = Cast::assemble(&server).await;
    let hub = server.hub();
    connect(&server, &cast).await;
    listen(&server).await;
    let id = actions::list(hub, &cast.owner).await.expect("connections")[0].id.clone();
    let channel = server.slack.channel("general").expect("a channel").id;
    let person = server.slack.teams()[0].users[0].clone();
    let (user, command, text) = (person.id.clone(), "/patchbay".to_owned(), "subscribe invoice.*".to_owned());
    let command = SlashCommand { channel, user, command, text };
    server.slack.slash_command(&command).send().await.expect("an answer");
    let path = eventually("a link is offered", async || {
        let mine = |message: &Message| message.only_for.as_ref() == Some(&person.id);
        let said = server.slack.messages().into_iter().find(mine)?.text;
        let (_, rest) = said.split_once("<http://127.0.0.1:3000")?;
        Some(rest.split_once('|')?.0.to_owned())
    })
    .await;
    let word = path.strip_prefix("/integrations/slack/link/").expect("the page's address");

    let signed_out = server.ask(Ask::get(&path).header("accept", "text/html")).await;
    assert!(signed_out.header("location").starts_with("/sign-in?next="), "{signed_out:?}");
    assert_eq!(server.ask(cast.with_cookie(Role::Stranger, Ask::get(&path))).await.status, 404);
    let shown = server.ask(cast.with_cookie(Role::Admin, Ask::get(&path))).await;
    assert!(shown.text.contains(&person.real_name) && shown.text.contains(&person.id), "{}", shown.text);
    let post = |name: &str, fields: &[(&str, &str)]| {
        let ask = Ask::post(&function(&server, name)).form(fields).header("sec-fetch-site", "same-origin");
        cast.with_cookie(Role::Admin, ask)
    };
    let linked = server.ask(post("accept_link", &[("token", word)])).await;
    assert!(linked.status.is_success() || linked.status.is_redirection(), "{linked:?}");
    assert_eq!(server.ask(cast.with_cookie(Role::Admin, Ask::get(&path))).await.status, 404, "it is used up");
    let page = server.ask(cast.with_cookie(Role::Admin, Ask::get(&format!("/connections/{id}")))).await;
    assert!(page.text.contains("Linked people") && page.text.contains("admin@acme.test"), "{}", page.text);

    server.slack.slash_command(&command).send().await.expect("an answer");
    eventually("a rule is made", async || {
        rule::actions::list(hub, &cast.owner, Some(&id)).await.expect("rules").into_iter().next()
    })
    .await;
    let entries = server.ask(Ask::get("/api/v1/audit-entries").key(cast.key(Role::Owner))).await;
    assert!(entries.text.contains("member.linked") && !entries.text.contains(word), "{}", entries.text);
    let undone = server.ask(post("unlink", &[("id", id.as_str()), ("person", &person.id)])).await;
    assert!(undone.status.is_success() || undone.status.is_redirection(), "{undone:?}");
    let before = server.slack.calls_of("users.info").len();
    server.slack.slash_command(&command).send().await.expect("an answer");
    server.slack.wait_for_calls("users.info", before + 1).await;
    server.slack.assert_understood();
});

both!(a_connection_whose_provider_does_not_answer_says_so, |server| {
    let cast = Cast::assemble(&server).await;
    let hub = server.hub();
    connect(&server, &cast).await;
    let id = actions::list(hub, &cast.owner).await.expect("connections")[0].id.clone();
    server.slack.fail_always("auth.test", Fault::Status(502));
    for _ in 0..5 {
        actions::check(hub, &cast.owner, &id).await.expect_err("no answer");
    }
    let page = server.ask(cast.with_cookie(Role::Member, Ask::get(&format!("/connections/{id}")))).await;
    let said = "Slack did not answer the last 5 calls.";
    assert!(page.text.contains(said) && page.text.contains("Next call: "), "{}", page.text);
    let rest = server.ask(Ask::get(&format!("/api/v1/connections/{id}")).key(cast.key(Role::Member))).await;
    assert!(rest.text.contains(said) && rest.text.contains("\"calls_resume_at\":\""), "{}", rest.text);
});
