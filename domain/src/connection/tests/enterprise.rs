//! Enterprise Grid: one connection for all workspaces of an organization at Slack.

use std::collections::BTreeSet;

use super::*;
use crate::connection::inbound::{Door, receive};

/// A Slack with an organization of two workspaces, and one that is not of it.
async fn organization(base: &TestHub, rotation: bool) -> (World, String) {
    let options = SlackOptions {
        enterprise: Some("Initech Group".to_owned()),
        workspaces: vec![
            Workspace::new("Sales", 20).in_enterprise(),
            Workspace::new("Engineering", 30).in_enterprise(),
            Workspace::new("Elsewhere", 20),
        ],
        ..SlackOptions::default()
    };
    let world = World::at(base, rotation, options).await;
    let id = world.slack.enterprise().expect("an organization").id;
    (world, id)
}

async fn channels(world: &World, id: &ConnectionId) -> Vec<Channel> {
    let mut conn = world.hub.db.read().await.expect("a snapshot");
    crate::channel::store::all(&mut conn, id).await.expect("channels")
}

/// Reads the lists to their ends: between two requests there are some seconds.
async fn read_on(world: &World) {
    for _ in 0..8 {
        world.look_after().await;
        world.pass(3000);
    }
}

/// Hands the hub an event that Slack sent to the app.
pub(super) async fn tell(world: &World, event: &serde_json::Value) {
    hand(world, Door::Events, &event.to_string()).await;
}

/// Hands the hub what Slack sent to the app, signed as Slack signs.
pub(super) async fn hand(world: &World, door: Door, body: &str) {
    let app = world.slack.app();
    let now_s = world.hub.now().seconds();
    let key = signature::TextKey::new(&app.signing_secret);
    let signature = signature::sign_slack(&key, now_s, body.as_bytes());
    receive(&world.hub, door, &now_s.to_string(), &signature, body.as_bytes()).await.expect("taken");
}

/// An event about the second workspace, for the organization's install.
fn event(world: &World, enterprise: &str, org_wide: bool, what: &serde_json::Value) -> serde_json::Value {
    let team = &world.slack.teams()[1].id;
    let authorized = if org_wide { serde_json::Value::Null } else { team.clone().into() };
    serde_json::json!({
        "type": "event_callback", "token": "x", "api_app_id": "A1", "event_id": "Ev1", "team_id": team,
        "enterprise_id": enterprise, "context_team_id": team, "context_enterprise_id": enterprise,
        "event_time": world.hub.now().seconds() + 10, "event": what,
        "authorizations": [{ "enterprise_id": enterprise, "team_id": authorized, "user_id": "U1", "is_bot": true,
            "is_enterprise_install": org_wide }],
    })
}

both!(a_whole_organization_is_connected_and_the_channels_of_its_workspaces_are_read, |base| {
    let base = base.with_org().await;
    let (world, enterprise) = organization(&base, true).await;
    let id = world.connect_to(&enterprise).await;
    read_on(&world).await;
    let connection = world.connection(&id).await;
    assert_eq!(
        (connection.account_id.as_str(), connection.account_name.as_str()),
        (enterprise.as_str(), "Initech Group")
    );
    assert!(connection.is_org_wide && !connection.is_syncing && connection.synced_at.is_some());
    let all = channels(&world, &id).await;
    let of = |name: &str| all.iter().filter(|channel| channel.workspace.as_deref() == Some(name)).count();
    assert!(of("Sales") > 0 && of("Engineering") > 0, "{all:?}");
    assert_eq!(of("Sales") + of("Engineering"), all.len());
    assert_eq!(world.slack.calls_of("auth.teams.list").len(), 1);
    assert_eq!(world.slack.calls_of("conversations.list").len(), 2);

    let there = all.iter().find(|channel| channel.workspace.as_deref() == Some("Engineering") && !channel.private);
    world.rule(there.expect("a public channel")).await;
    world.post().await;
    assert_eq!(world.slack.messages().len(), 1);
    world.pass(HALF_DAY_MS - 200_000);
    world.look_after().await;
    assert_eq!(world.connection(&id).await.token.refresh_count, 1, "its token is renewed as any other");
    world.slack.assert_understood();
});

both!(what_happens_in_a_workspace_reaches_the_connection_of_its_organization, |base| {
    let base = base.with_org().await;
    let (world, enterprise) = organization(&base, false).await;
    let whole = world.connect_to(&enterprise).await;
    let team = world.slack.teams()[1].id.clone();
    let one = world.connect_to(&team).await;
    read_on(&world).await;
    let shared = channels(&world, &one).await.into_iter().find(|channel| !channel.private).expect("a channel");
    let renamed = serde_json::json!({ "type": "channel_rename", "channel": { "id": shared.provider_id, "name": "renamed", "created": 1 } });
    tell(&world, &event(&world, &enterprise, true, &renamed)).await;
    for id in [&whole, &one] {
        let found = channels(&world, id).await.into_iter().find(|channel| channel.provider_id == shared.provider_id);
        assert_eq!(found.expect("the channel").name, "renamed");
    }
    let kept = channels(&world, &whole).await.into_iter().find(|channel| channel.provider_id == shared.provider_id);
    assert_eq!(kept.expect("the channel").workspace.as_deref(), Some("Engineering"));

    // The workspace's own install ends, then the organization's: each for itself.
    let states = async || (world.connection(&one).await.state, world.connection(&whole).await.state);
    let uninstalled = serde_json::json!({ "type": "app_uninstalled" });
    tell(&world, &event(&world, &enterprise, false, &uninstalled)).await;
    assert_eq!(states().await, (ConnectionState::NeedsReconnect, ConnectionState::Healthy));
    tell(&world, &event(&world, &enterprise, true, &uninstalled)).await;
    assert_eq!(states().await, (ConnectionState::NeedsReconnect, ConnectionState::NeedsReconnect));
});

both!(a_workspace_that_is_withdrawn_from_the_app_stops_none_of_the_others, |base| {
    let base = base.with_org().await;
    let (world, enterprise) = organization(&base, false).await;
    let id = world.connect_to(&enterprise).await;
    read_on(&world).await;
    let withdrawn = || Fault::Error("team_access_not_granted".into());
    world.slack.fail_next("conversations.list", withdrawn());
    actions::refresh_channels(&world.hub, &world.owner, &id).await.expect("soon");
    read_on(&world).await;
    let connection = world.connection(&id).await;
    assert_eq!((connection.state, connection.is_syncing), (ConnectionState::Healthy, false));
    let left = channels(&world, &id).await;
    let workspaces: BTreeSet<Option<&str>> = left.iter().map(|channel| channel.workspace.as_deref()).collect();
    assert_eq!(workspaces.len(), 1, "{workspaces:?}");

    let there = left.iter().find(|channel| !channel.private && !channel.archived);
    world.rule(there.expect("a public channel")).await;
    world.slack.fail_next("chat.postMessage", withdrawn());
    world.post().await;
    assert_eq!((world.slack.messages().len(), world.connection(&id).await.state), (0, ConnectionState::Healthy));
});
