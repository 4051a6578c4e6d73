//! The channels of a workspace and the pages they come in.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use simulators::Fault;
use simulators::slack::{NewChannel, Workspace};

use crate::support::{Client, SCOPES, TestApp};

/// Every page until the last, and how many channels were on each.
async fn all(bot: &Client, fields: &[(&str, &str)]) -> (Vec<Value>, Vec<usize>) {
    let (mut channels, mut pages, mut cursor) = (Vec::new(), Vec::new(), String::new());
    loop {
        let mut with_cursor = fields.to_vec();
        with_cursor.push(("cursor", &cursor));
        let page = bot.call("conversations.list", if cursor.is_empty() { fields } else { &with_cursor }).await;
        assert_eq!(page["ok"], true, "{page}");
        pages.push(page["channels"].as_array().unwrap().len());
        channels.extend(page["channels"].as_array().unwrap().clone());
        page["response_metadata"]["next_cursor"].as_str().unwrap().clone_into(&mut cursor);
        if cursor.is_empty() {
            return (channels, pages);
        }
    }
}

#[tokio::test]
async fn pages_hold_each_channel_once_and_fewer_than_asked_for() {
    let app = TestApp::with(|options| options.workspaces = vec![Workspace::new("Acme", 1234)]).await;
    let bot = app.bot(SCOPES).await;
    let (channels, pages) = all(&bot, &[("limit", "200"), ("exclude_archived", "true")]).await;
    let ids: BTreeSet<&str> = channels.iter().map(|channel| channel["id"].as_str().unwrap()).collect();
    assert_eq!((ids.len(), pages.len()), (channels.len(), 7));
    assert!(pages.iter().all(|count| *count < 200), "filtering comes after cutting: {pages:?}");
    let team = &app.slack.teams()[0];
    let open = team.channels().iter().filter(|channel| !channel.is_private && !channel.is_archived).count();
    assert_eq!(channels.len(), open);
    app.slack.assert_understood();
}

#[tokio::test]
async fn fifty_thousand_channels_come_in_pages_of_a_thousand() {
    let app = TestApp::with(|options| options.workspaces = vec![Workspace::new("Acme", 50_000)]).await;
    let bot = app.bot(SCOPES).await;
    let (mut pages, mut channels, mut cursor) = (0, 0, String::new());
    loop {
        let page = bot.get(&format!("/api/conversations.list?limit=1000&cursor={cursor}")).await.body;
        // 30 MB are quicker searched than read.
        channels += page.matches("\"is_channel\":true").count();
        pages += 1;
        let (_, rest) = page.split_once("\"next_cursor\":\"").unwrap();
        cursor = rest.split('"').next().unwrap().replace('=', "%3D");
        if cursor.is_empty() {
            break;
        }
    }
    assert!(pages == 50 && channels > 44_000, "{pages} pages, {channels} channels");
}

#[tokio::test]
async fn an_empty_page_may_still_have_one_after_it() {
    let app = TestApp::start().await;
    let bot = app.bot(SCOPES).await;
    let (whole, _) = all(&bot, &[("limit", "10")]).await;
    app.slack.fail_next("conversations.list", Fault::EmptyPage);
    app.slack.fail_next("conversations.list", Fault::EmptyPage);
    let (channels, pages) = all(&bot, &[("limit", "10")]).await;
    assert_eq!((channels, &pages[..2]), (whole, &[0, 0][..]));
    app.slack.assert_understood();
}

#[tokio::test]
async fn private_channels_show_once_the_bot_is_in_them_and_the_scope_is_there() {
    let app = TestApp::start().await;
    let new = NewChannel { name: "board".to_owned(), is_private: true, ..NewChannel::default() };
    let id = app.slack.add_channel(&app.team, new);
    let bot = app.bot(SCOPES).await;
    let fields = [("types", "public_channel,private_channel"), ("limit", "1000")];
    let has_it = async || all(&bot, &fields).await.0.iter().any(|channel| channel["id"] == id);
    assert!(!has_it().await);
    assert_eq!(bot.call("conversations.info", &[("channel", &id)]).await["error"], "channel_not_found");
    app.slack.invite_bot(&id);
    assert!(has_it().await);
    let info = bot.call("conversations.info", &[("channel", &id), ("include_num_members", "true")]).await;
    assert_eq!((&info["channel"]["is_private"], &info["channel"]["num_members"]), (&json!(true), &json!(2)));

    let narrow = app.bot("chat:write,channels:read").await;
    let refused = narrow.call("conversations.list", &fields).await;
    assert_eq!((&refused["error"], &refused["needed"]), (&json!("missing_scope"), &json!("groups:read")));
    assert_eq!(narrow.call("conversations.info", &[("channel", &id)]).await["needed"], "groups:read");
    app.slack.assert_understood();
}

#[tokio::test]
async fn what_a_list_cannot_answer_has_its_own_error() {
    let app = TestApp::start().await;
    let bot = app.bot(SCOPES).await;
    for (name, value, error) in [
        ("limit", "1001", "invalid_limit"),
        ("limit", "-1", "invalid_limit"),
        ("cursor", "nonsense", "invalid_cursor"),
        ("types", "public_channel,rooms", "invalid_types"),
        ("team_id", "T0ELSEWHERE", "team_access_not_granted"),
    ] {
        assert_eq!(bot.call("conversations.list", &[(name, value)]).await["error"], error, "{name}");
    }
}

#[tokio::test]
async fn joining_works_for_public_channels_and_says_when_it_was_not_needed() {
    let app = TestApp::start().await;
    let bot = app.bot(SCOPES).await;
    let id = app.channel("alerts");
    let first = bot.call_json("conversations.join", &json!({ "channel": id })).await;
    assert_eq!((&first["channel"]["is_member"], first.get("warning")), (&json!(true), None));
    let second = bot.call_json("conversations.join", &json!({ "channel": id })).await;
    assert_eq!(second["warning"], "already_in_channel");
    assert_eq!(second["response_metadata"]["warnings"], json!(["already_in_channel"]));
    let members = bot.call("conversations.members", &[("channel", &id)]).await;
    assert!(members["members"].as_array().unwrap().contains(&json!(app.slack.installs()[0].bot_user)));

    app.slack.archive_channel(&id);
    assert_eq!(bot.call_json("conversations.join", &json!({ "channel": id })).await["error"], "is_archived");
    let new = NewChannel { name: "board".to_owned(), is_private: true, has_bot: true, ..NewChannel::default() };
    let private = app.slack.add_channel(&app.team, new);
    let refused = bot.call_json("conversations.join", &json!({ "channel": private })).await;
    assert_eq!(refused["error"], "method_not_supported_for_channel_type");
    let unknown = bot.call_json("conversations.join", &json!({ "channel": "C0UNKNOWN" })).await;
    assert_eq!(unknown["error"], "channel_not_found");
    app.slack.assert_understood();
}

#[tokio::test]
async fn the_same_seed_makes_the_same_workspace() {
    let names = async |seed| {
        let app = TestApp::with(|options| {
            options.seed = seed;
            options.workspaces = vec![Workspace::new("Acme", 100)];
        });
        let team = app.await.slack.teams().remove(0);
        team.channels().iter().map(|channel| (channel.id.clone(), channel.name.clone())).collect::<Vec<_>>()
    };
    assert_eq!(names(1).await, names(1).await);
    assert_ne!(names(1).await, names(2).await);
}
