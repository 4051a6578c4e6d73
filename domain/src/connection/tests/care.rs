//! What is done for connections by the clock, several at a time.

use super::*;
use crate::connection::call::{self, CallError};
use crate::provider::slack::error::SlackError;

both!(a_provider_that_hangs_for_one_connection_holds_up_no_other, |base| {
    let base = base.with_org().await;
    let names = ["Acme", "Globex", "Initech", "Umbrella", "Hooli"];
    let world = World::of(&base, false, names.map(|name| Workspace::new(name, 3)).into()).await;
    for team in world.slack.teams() {
        world.connect_to(&team.id).await;
    }
    world.look_after().await;
    world.pass(3600 * 1000);
    world.slack.fail_next("auth.test", Fault::Hang);
    let began = refresher::tick(&world.hub).await.expect("a round");
    assert_eq!(began, refresher::AT_A_TIME, "of five to try out and five lists to read");
    let now = world.hub.now();
    let looked_after = async || {
        let all = actions::list(&world.hub, &world.owner).await.expect("connections");
        let checked = all.iter().filter(|connection| connection.checked_at == Some(now)).count();
        (checked, all.iter().filter(|connection| connection.synced_at == Some(now)).count())
    };
    let (checked, synced) = loop {
        match looked_after().await {
            (checked @ 4.., synced @ 5..) => break (checked, synced),
            _ => refresher::tick(&world.hub).await.expect("a round"),
        };
        tokio::task::yield_now().await;
    };
    assert_eq!((checked, synced), (4, 5), "the one that hangs still waits");
    world.slack.assert_understood();
    // Its connections close.
    let World { hub, slack, .. } = world;
    drop(slack);
    quiet(&hub).await;
});

both!(a_token_that_is_refused_while_it_is_renewed_is_not_renewed_twice, |base| {
    let base = base.with_org().await;
    let world = World::new(&base, true).await;
    let id = world.connect().await;
    world.look_after().await;
    world.pass(HALF_DAY_MS - 200_000);
    let sent = world.slack.calls_of("oauth.v2.access").len();
    world.slack.fail_next("oauth.v2.access", Fault::HangAfter);
    refresher::tick(&world.hub).await.expect("a round");
    world.slack.wait_for_calls("oauth.v2.access", sent + 1).await;
    let error = SlackError::of("token_expired");
    let told = CallError::Refused(error.code().to_owned(), error.meaning(None, None));
    call::note(&world.hub, &world.hub.org_id, &id, Some(&told)).await.expect("noted");
    refresher::tick(&world.hub).await.expect("a round");
    while world.hub.attempts.len() > 1 {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.slack.calls_of("oauth.v2.access").len(), sent + 1);
    assert_ne!(world.connection(&id).await.state, ConnectionState::NeedsReconnect);
});
