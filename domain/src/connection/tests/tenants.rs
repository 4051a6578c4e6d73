//! Several organizations at one workspace.

use super::enterprise::tell;
use super::*;

/// Connects the world's workspace for another organization.
async fn connect_as(world: &World, caller: &Caller) -> ConnectionId {
    let url = flow::begin(&world.hub, caller, Provider::Slack, None).await.expect("a way");
    let back = world.slack.consent(&url, &world.allow()).expect("a way back");
    let query = back.split_once('?').expect("a query").1;
    match flow::finish(&world.hub, caller, Provider::Slack, query).await.expect("an end") {
        Finished::Connected(id) => id,
        other => panic!("{other:?}"),
    }
}

both!(what_slack_tells_reaches_an_organization_though_another_ones_connection_is_damaged, |base| {
    let base = base.with_org().await;
    let world = World::new(&base, false).await;
    let ours = world.connect().await;
    let other = world.hub.stranger().await;
    let theirs = connect_as(&world, &other).await;
    let mut tx = world.hub.db.begin().await.expect("a transaction");
    let mut row = store::lock(&mut tx, &world.hub.org_id, &ours).await.expect("read").expect("there");
    row.sealed_tokens = Some(vec![1, 2, 3]);
    store::save(&mut tx, &row).await.expect("stored");
    tx.commit().await.expect("committed");
    let event = serde_json::json!({
        "type": "event_callback", "token": "x", "api_app_id": "A1", "event_id": "Ev1", "team_id": world.team,
        "event_time": world.hub.now().seconds() + 10, "event": { "type": "app_uninstalled" },
        "authorizations": [{ "team_id": world.team, "user_id": "U1", "is_bot": true, "is_enterprise_install": false }],
    });
    tell(&world, &event).await;
    let state = actions::get(&world.hub, &other, &theirs).await.expect("theirs").state;
    assert_eq!(state, ConnectionState::NeedsReconnect);
    assert!(actions::get(&world.hub, &other, &ours).await.is_err(), "nobody sees another's");
});

both!(a_token_that_two_organizations_go_by_is_revoked_with_the_last_connection, |base| {
    let base = base.with_org().await;
    let world = World::new(&base, false).await;
    let ours = world.connect().await;
    let other = world.hub.stranger().await;
    let theirs = connect_as(&world, &other).await;
    actions::disconnect(&world.hub, &world.owner, &ours).await.expect("ended");
    assert_eq!(world.slack.calls_of("auth.revoke").len(), 0);
    actions::check(&world.hub, &other, &theirs).await.expect("it works");
    actions::disconnect(&world.hub, &other, &theirs).await.expect("ended");
    assert_eq!(world.slack.calls_of("auth.revoke").len(), 1);
    world.slack.assert_understood();
});
