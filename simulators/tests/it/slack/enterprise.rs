//! Enterprise Grid: one installation for a whole organization.

use serde_json::json;
use simulators::slack::{First, Workspace};

use crate::support::{SCOPES, TestApp};

async fn organization() -> (TestApp, String) {
    let app = TestApp::with(|options| {
        options.enterprise = Some("Initech Group".to_owned());
        options.workspaces = vec![
            Workspace::new("Sales", 20).in_enterprise(),
            Workspace::new("Engineering", 20).in_enterprise(),
            Workspace::new("Elsewhere", 20),
        ];
    })
    .await;
    let id = app.slack.enterprise().unwrap().id;
    (app, id)
}

#[tokio::test]
async fn an_org_wide_token_names_no_team_and_needs_one_to_list_channels() {
    let (app, enterprise) = organization().await;
    let answer = app.connect(&enterprise, SCOPES).await;
    assert_eq!((&answer["team"], &answer["is_enterprise_install"]), (&json!(null), &json!(true)));
    assert_eq!(answer["enterprise"], json!({ "id": enterprise, "name": "Initech Group" }));
    let bot = app.client.with_token(answer["access_token"].as_str().unwrap());
    let me = bot.call("auth.test", &[]).await;
    assert_eq!((&me["is_enterprise_install"], &me["enterprise_id"]), (&json!(true), &json!(enterprise)));
    app.slack.assert_understood();

    let first = bot.call("auth.teams.list", &[("limit", "1")]).await;
    assert_eq!((first["teams"].as_array().unwrap().len(), &first["teams"][0]["name"]), (1, &json!("Sales")));
    let cursor = first["response_metadata"]["next_cursor"].as_str().unwrap();
    let rest = bot.call("auth.teams.list", &[("cursor", cursor)]).await;
    assert_eq!((rest["teams"].as_array().unwrap().len(), &rest["teams"][0]["name"]), (1, &json!("Engineering")));
    assert_eq!(rest["response_metadata"]["next_cursor"], "");
    assert_eq!(bot.call("conversations.list", &[]).await["error"], "missing_argument");
    assert_eq!(app.slack.take_violations().len(), 1);
    let teams = app.slack.teams();
    for team in &teams[..2] {
        let listed = bot.call("conversations.list", &[("team_id", &team.id)]).await;
        assert_eq!(listed["channels"][0]["id"], team.channels()[0].id);
        let posted = bot.call("chat.postMessage", &[("channel", &team.channels()[0].id), ("text", "hello")]).await;
        assert_eq!(posted["ok"], true, "{posted}");
    }
    let outside = &teams[2];
    assert_eq!(bot.call("conversations.list", &[("team_id", &outside.id)]).await["error"], "team_access_not_granted");
    let posted = bot.call("chat.postMessage", &[("channel", &outside.channels()[0].id), ("text", "hello")]).await;
    assert_eq!(posted["error"], "channel_not_found");
    app.slack.assert_understood();
}

#[tokio::test]
async fn one_workspace_of_an_organization_names_both() {
    let (app, enterprise) = organization().await;
    let answer = app.connect(&app.team, SCOPES).await;
    assert_eq!((&answer["team"]["id"], &answer["enterprise"]["id"]), (&json!(app.team), &json!(enterprise)));
    assert_eq!(answer["is_enterprise_install"], false);
}

#[tokio::test]
async fn events_of_an_organization_carry_it_and_one_authorization_without_a_team() {
    let (app, enterprise) = organization().await;
    app.connect(&enterprise, SCOPES).await;
    app.slack.rename_channel(&app.slack.teams()[1].channels()[0].id, "renamed");
    app.slack.uninstall(&enterprise, First::AppUninstalled);
    app.slack.settled().await;
    let told: Vec<_> = app.receiver.arrivals().iter().map(crate::support::Arrival::json).collect();
    assert_eq!(told.len(), 3);
    for event in &told {
        assert_eq!(event["enterprise_id"], json!(enterprise));
        let authorization = &event["authorizations"][0];
        assert_eq!((&authorization["team_id"], &authorization["is_enterprise_install"]), (&json!(null), &json!(true)));
    }
    assert_eq!(told[0]["team_id"], json!(app.slack.teams()[1].id));
}
