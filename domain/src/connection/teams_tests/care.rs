//! What is done by the clock, and what becomes of a connection that ends or lacks something.

use super::*;

both!(tokens_are_renewed_ahead_of_their_end_and_when_they_are_refused, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    let before = world.connection(&id).await;
    world.pass_to_renewal(&id).await;
    world.look_after().await;
    world.entra.set_renews_refresh_tokens(false);
    world.pass_to_renewal(&id).await;
    world.look_after().await;
    let after = world.connection(&id).await;
    assert_eq!((after.token.refresh_count, after.account_id), (2, before.account_id));
    assert!(after.token.expires_at > before.token.expires_at);
    world.rule(&world.channel(&id, "Engineering: Alerts").await).await;
    world.entra.expire_tokens();
    world.post().await;
    assert_eq!((world.entra.messages().len(), world.statuses().await), (0, vec![DeliveryStatus::Retrying]));
    world.look_after().await;
    world.pass(HOUR_MS / 2);
    drain(&world.hub).await.expect("drained");
    assert_eq!((world.entra.messages().len(), world.statuses().await), (1, vec![DeliveryStatus::Delivered]));
    assert_eq!(world.connection(&id).await.token.refresh_count, 3);
    world.entra.assert_understood();
});

both!(a_refresh_that_is_killed_before_its_answer_comes_is_sent_again, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    world.pass_to_renewal(&id).await;
    let spent = world.entra.calls_of("token").len();
    let (now, mut tx) = (world.hub.now(), world.hub.db.begin().await.expect("a transaction"));
    let claimed = store::claim(&mut tx, Chore::Refresh, now, now.plus_ms(tokens::LEASE_MS), 8).await.expect("a claim");
    tx.commit().await.expect("committed");
    world.entra.fail_next("token", Fault::HangAfter);
    tokio::select! {
        ended = tokens::refresh(&world.hub, &claimed[0]) => panic!("there was no answer, but {ended:?}"),
        calls = world.entra.wait_for_calls("token", spent + 1) => assert_eq!(calls.len(), spent + 1),
    }
    world.pass(tokens::LEASE_MS + 1);
    world.look_after().await;
    assert_eq!(world.entra.calls_of("token").len(), spent + 2, "the one before stays good");
    let connection = world.connection(&id).await;
    assert_eq!((connection.state, connection.token.refresh_count), (ConnectionState::Healthy, 1));
    actions::check(&world.hub, &world.owner, &id).await.expect("it works");
});

both!(an_ended_consent_keeps_what_is_to_be_told_until_a_colleague_reconnects, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    world.rule(&world.channel(&id, "Engineering: Alerts").await).await;
    world.entra.block_account(&world.person(0, 0), true);
    world.pass_to_renewal(&id).await;
    world.look_after().await;
    let broken = world.connection(&id).await;
    assert_eq!(broken.state, ConnectionState::NeedsReconnect);
    assert!(broken.problem.expect("why").starts_with("The account of the person who connected Teams is blocked"));
    let open = alert::actions::list(&world.hub, &world.owner, true, &PageQuery::default()).await.expect("alerts");
    assert_eq!(open.data[0].kind, alert::AlertKind::ConnectionBroken);
    world.post().await;
    assert_eq!(world.entra.messages().len(), 0);

    let stranger = world.away(Some(&id), &Consent::allow(&world.person(1, 0))).await.expect("a way back");
    assert_eq!(world.finish(&stranger).await, Finished::Ended(Ending::OtherAccount), "of another organization");
    let query = world.away(Some(&id), &Consent::allow(&world.person(0, 1))).await.expect("a way back");
    assert_eq!(world.finish(&query).await, Finished::Reconnected(id.clone()));
    world.look_after().await;
    world.pass(HOUR_MS / 2);
    drain(&world.hub).await.expect("drained");
    let messages = world.entra.messages();
    assert_eq!((messages.len(), messages[0].user.clone()), (1, world.person(0, 1)));
    let connection = world.connection(&id).await;
    assert_eq!((connection.state, connection.problem), (ConnectionState::Healthy, None));
    assert!(connection.account_name.starts_with("Alex Wilber"), "{}", connection.account_name);
    // Whoever is connected elsewhere already stays there.
    let other = world.connect_as(&world.person(0, 2)).await;
    let query = world.away(Some(&id), &Consent::allow(&world.person(0, 2))).await.expect("a way back");
    assert_eq!(world.finish(&query).await, Finished::Ended(Ending::OtherAccount));
    let query = world.away(None, &Consent::allow(&world.person(0, 2))).await.expect("a way back");
    assert_eq!(world.finish(&query).await, Finished::Reconnected(other));
});

both!(a_wrong_secret_of_ours_is_for_the_operator_and_nobody_reconnects, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    world.pass_to_renewal(&id).await;
    world.entra.fail_next("token", Fault::Error("7000222".into()));
    world.look_after().await;
    let waiting = world.connection(&id).await;
    assert_ne!(waiting.state, ConnectionState::NeedsReconnect);
    assert!(waiting.problem.expect("why").ends_with("nobody has to reconnect."));
    world.pass(10 * 60_000);
    world.look_after().await;
    let well = world.connection(&id).await;
    assert_eq!((well.state, well.problem, well.token.refresh_count), (ConnectionState::Healthy, None, 1));
});

both!(a_missing_permission_is_named, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    world.rule(&world.channel(&id, "Engineering: Alerts").await).await;
    world.entra.fail_next("postChannelMessage", Fault::Error("Authorization_RequestDenied".into()));
    world.post().await;
    assert_eq!(world.statuses().await, [DeliveryStatus::Failed]);
    let problem = world.connection(&id).await.problem.expect("why");
    assert!(problem.contains("has not been asked for a permission"), "{problem}");
    let mut tx = world.hub.db.begin().await.expect("a transaction");
    let mut row = store::lock(&mut tx, &world.hub.org_id, &id).await.expect("read").expect("there");
    row.scopes_json = json!(["User.Read", "Team.ReadBasic.All", "Channel.ReadBasic.All"]).to_string();
    store::save(&mut tx, &row).await.expect("stored");
    tx.commit().await.expect("committed");
    assert_eq!(world.connection(&id).await.missing_scopes, ["ChannelMessage.Send"]);
});

both!(the_picker_finds_channels_by_team_name_and_link, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    let names = |channels: Vec<Channel>| channels.into_iter().map(|channel| channel.name).collect::<Vec<_>>();
    assert_eq!(names(world.channels(&id, "kundendienst koln al").await)[0], "Kundendienst Köln: Alerts");
    let alerts = names(world.channels(&id, "alerts").await);
    assert_eq!(alerts[..3], ["Engineering: Alerts", "Kundendienst Köln: Alerts", "Sales & Marketing: Alerts"]);
    let alerts = world.channel(&id, "Engineering: Alerts").await;
    let (team, channel) = place::read(&alerts.provider_id).expect("a place");
    let encoded: String = form_urlencoded::byte_serialize(channel.as_bytes()).collect();
    let link = format!("https://teams.microsoft.com/l/channel/{encoded}/Alerts?groupId={team}&tenantId=x");
    assert_eq!(names(world.channels(&id, &link).await), ["Engineering: Alerts"]);
    // One that was made since the list was read is asked for.
    let fresh = place::name(team, &world.entra.add_channel(team, "Incident 7"));
    let found = actions::channel(&world.hub, &world.owner, &id, &fresh).await.expect("a channel");
    assert_eq!((found.name.as_str(), found.state), ("Engineering: Incident 7", ChannelState::Fine));
    assert_eq!(names(world.channels(&id, "incident").await), ["Engineering: Incident 7"]);
    let nowhere = place::name("00000000-0000-4000-8000-000000000000", "19:x@thread.tacv2");
    assert!(actions::channel(&world.hub, &world.owner, &id, &nowhere).await.is_err());
    assert!(actions::channel(&world.hub, &world.owner, &id, "C061EG9R6").await.is_err());
    world.entra.assert_understood();
});

both!(a_team_whose_channels_cannot_be_read_holds_up_no_other, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    world.entra.fail_next("listChannels", Fault::Error("NotFound".into()));
    let id = world.connect().await;
    let connection = world.connection(&id).await;
    assert_eq!((connection.channel_count, connection.state), (10, ConnectionState::Healthy));
    assert!(connection.synced_at.is_some());
    // An outage in the middle begins it anew.
    world.pass(HOUR_MS / 2);
    world.look_after().await;
    actions::refresh_channels(&world.hub, &world.owner, &id).await.expect("soon");
    world.entra.fail_next("listChannels", Fault::Error("ServiceUnavailable".into()));
    world.look_after().await;
    world.pass(60_000);
    world.look_after().await;
    assert_eq!(world.connection(&id).await.channel_count, 15);
});
