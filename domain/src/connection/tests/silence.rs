//! Calls to a provider that does not answer, or asks to wait.

use super::*;

/// Somebody tries a connection out so often, and it does not work.
async fn check_in_vain(world: &World, id: &ConnectionId, times: usize) {
    for _ in 0..times {
        actions::check(&world.hub, &world.owner, id).await.expect_err("no answer");
    }
}

/// Asks Slack for a channel that there is not; answers what is said then.
async fn ask(world: &World, id: &ConnectionId) -> String {
    let asked = actions::channel(&world.hub, &world.owner, id, "C0NOWHERE").await;
    asked.expect_err("no such channel").problem().message
}

/// The open alerts, in words.
async fn alerts(world: &World) -> Vec<(alert::AlertKind, String)> {
    let open = alert::actions::list(&world.hub, &world.owner, true, &crate::PageQuery::default()).await;
    open.expect("alerts").data.into_iter().map(|alert| (alert.kind, alert.message)).collect()
}

both!(five_calls_in_a_row_without_an_answer_hold_the_next_ones_back, |base| {
    let base = base.with_org().await;
    let world = World::new(&base, false).await;
    let id = world.connect().await;
    world.look_after().await;
    world.slack.fail_always("*", Fault::Status(502));
    check_in_vain(&world, &id, 4).await;
    assert_eq!(world.connection(&id).await.calls_resume_at, None);
    assert_eq!(alerts(&world).await, []);
    check_in_vain(&world, &id, 1).await;
    let told = alerts(&world).await.remove(0);
    assert_eq!(told.0, alert::AlertKind::ConnectionSilent);
    assert!(told.1.starts_with("Slack did not answer 5 calls in a row for the connection Acme."), "{}", told.1);
    let silent = world.connection(&id).await;
    assert_eq!(silent.calls_resume_at, Some(world.hub.now().plus_ms(30_000)));
    assert_eq!(silent.state, ConnectionState::Healthy, "nobody has to do anything");
    assert!(silent.problem.expect("a sentence").contains("did not answer the last 5 calls"));
    assert!(ask(&world, &id).await.ends_with("is asked again in 30 s."));
    assert_eq!(world.slack.calls_of("conversations.info").len(), 0);

    world.pass(30_000);
    let row = store::find(&mut world.hub.db.read().await.expect("a connection"), &world.hub.org_id, &id).await;
    ask(&world, &id).await;
    assert_eq!(world.slack.calls_of("conversations.info").len(), 1, "one tries whether it answers again");
    assert_eq!(world.connection(&id).await.calls_resume_at, Some(world.hub.now().plus_ms(60_000)));
    let mut tx = world.hub.db.begin().await.expect("a transaction");
    let late = store::start_probe(&mut tx, &row.expect("read").expect("there"), world.hub.now()).await;
    tx.commit().await.expect("committed");
    assert!(!late.expect("asked"), "whoever saw the same pause end came too late");
    ask(&world, &id).await;
    assert_eq!(world.slack.calls_of("conversations.info").len(), 1);
    assert_eq!(alerts(&world).await.len(), 1, "it stays one");

    world.pass(60_000);
    world.slack.recover();
    ask(&world, &id).await;
    let well = world.connection(&id).await;
    assert_eq!((well.calls_resume_at, well.problem), (None, None), "an error of Slack's own is an answer");
    assert_eq!(alerts(&world).await, []);
});

both!(what_slack_says_itself_holds_nothing_back_but_its_wish_for_a_pause_does, |base| {
    let base = base.with_org().await;
    let world = World::new(&base, false).await;
    let id = world.connect().await;
    world.look_after().await;
    world.slack.fail_always("auth.test", Fault::Error("internal_error".into()));
    check_in_vain(&world, &id, 6).await;
    assert_eq!(world.connection(&id).await.calls_resume_at, None);
    world.slack.recover();
    let asked = world.slack.calls_of("auth.test").len();
    world.slack.fail_next("auth.test", Fault::RateLimited(7));
    check_in_vain(&world, &id, 3).await;
    let limited = world.connection(&id).await;
    assert_eq!((limited.state, limited.calls_resume_at), (ConnectionState::RateLimited, None));
    assert_eq!(world.slack.calls_of("auth.test").len(), asked + 1, "it is left alone as long as it asked for");
    world.pass(7000);
    actions::check(&world.hub, &world.owner, &id).await.expect("it works");
    world.slack.assert_understood();
});

both!(a_token_is_not_renewed_while_the_provider_does_not_answer, |base| {
    let base = base.with_org().await;
    let world = World::new(&base, true).await;
    let id = world.connect().await;
    world.look_after().await;
    world.pass(HALF_DAY_MS - 200_000);
    let sent = world.slack.calls_of("oauth.v2.access").len();
    world.slack.fail_always("auth.test", Fault::Drop);
    check_in_vain(&world, &id, 5).await;
    world.look_after().await;
    let silent = world.connection(&id).await;
    assert_eq!(silent.token.refresh_at, silent.calls_resume_at);
    assert_eq!(world.slack.calls_of("oauth.v2.access").len(), sent);
    world.slack.recover();
    for ms in [30_000, 45_000] {
        world.pass(ms);
        world.look_after().await;
    }
    let well = world.connection(&id).await;
    assert_eq!((well.calls_resume_at, well.token.refresh_count), (None, 1));
    assert_eq!(alerts(&world).await, []);
    world.slack.assert_understood();
});
