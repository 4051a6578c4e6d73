//! The picker in a workspace of 50,000 channels: what it reads and what it answers, whatever that takes.

use super::*;
use crate::channel::rank::SHOWN;
use crate::channel::{self, ChannelState};
use crate::id::ChannelId;

/// A channel of many.
fn nth(world: &World, n: usize) -> Channel {
    const TEAMS: [&str; 5] = ["billing", "deploys", "support", "sales", "alerts"];
    Channel {
        id: world.hub.id(ChannelId::new),
        provider_id: format!("C{n:09}"),
        name: format!("{}-{n:05}", TEAMS[n % TEAMS.len()]),
        workspace: None,
        topic: String::new(),
        members: Some(3),
        private: false,
        joined: false,
        archived: false,
        state: ChannelState::Fine,
    }
}

both!(fifty_thousand_channels_are_read_once_and_fifty_of_them_answered, |base| {
    let base = base.with_org().await;
    let world = World::of(&base, false, vec![Workspace::new("Acme", 3)]).await;
    let id = world.connect().await;
    world.look_after().await;
    let known = world.connection(&id).await.channel_count;
    let many: Vec<Channel> = (0..50_000).map(|n| nth(&world, n)).collect();
    let mut tx = world.hub.db.begin().await.expect("a transaction");
    for page in many.chunks(1000) {
        channel::store::put(&mut tx, &id, page, world.hub.now()).await.expect("a page");
    }
    tx.commit().await.expect("committed");
    world.hub.pickers.forget(&id);
    let choices = async |typed: &str| actions::channels(&world.hub, &world.owner, &id, typed).await.expect("channels");
    let all = choices("").await;
    assert_eq!((all.shown(), i64::try_from(all.total).expect("few")), (SHOWN, 50_000 + known));
    // The first were answered before the list was in memory, and are those that are in it.
    quiet(&world.hub).await;
    assert_eq!(choices("").await, all);

    // Whoever reads a row from here on finds none.
    let mut tx = world.hub.db.begin().await.expect("a transaction");
    channel::store::forget(&mut tx, &id).await.expect("no channels");
    tx.commit().await.expect("committed");
    for (typed, total, first) in [
        ("dep", 10_000, "deploys-00001"),
        ("deploys", 10_000, "deploys-00001"),
        ("#deploys-49", 200, "deploys-49001"),
        ("billing-12345", 1, "billing-12345"),
        ("49999", 1, "alerts-49999"),
    ] {
        let found = choices(typed).await;
        let names: Vec<String> =
            found.sections.iter().flat_map(|(_, list)| list).map(|channel| channel.name.clone()).collect();
        assert!(found.shown() <= SHOWN && found.total >= total, "{typed}: {} of {}", found.shown(), found.total);
        assert_eq!(names[0], first, "{typed}");
    }
    world.hub.pickers.forget(&id);
    assert_eq!(choices("deploys").await.total, 0, "the list was in memory");
});

both!(a_list_that_was_read_on_is_shown_as_it_was_until_the_newer_one_is_in_order, |base| {
    let base = base.with_org().await;
    let world = World::of(&base, false, vec![Workspace::new("Acme", 3)]).await;
    let id = world.connect().await;
    world.look_after().await;
    let count = async || actions::channels(&world.hub, &world.owner, &id, "00").await.expect("channels").total;
    let before = count().await;
    let read_on = async |n: usize| {
        world.hub.clock.advance_ms(1);
        let mut tx = world.hub.db.begin().await.expect("a transaction");
        channel::store::put(&mut tx, &id, &[nth(&world, n)], world.hub.now()).await.expect("one more");
        let mut row = store::lock(&mut tx, &world.hub.org_id, &id).await.expect("read").expect("there");
        row.synced_at = Some(world.hub.now());
        store::save(&mut tx, &row).await.expect("stored");
        tx.commit().await.expect("committed");
    };
    read_on(1).await;
    assert_eq!(count().await, before, "nobody waits for the newer list");
    quiet(&world.hub).await;
    assert_eq!(count().await, before + 1);
    // What the hub itself knows to have changed is not shown as it was.
    read_on(2).await;
    world.hub.pickers.forget(&id);
    assert_eq!(count().await, before + 2);
});

both!(a_list_from_before_the_channels_were_read_or_from_hours_ago_is_not_shown, |base| {
    let base = base.with_org().await;
    let world = World::of(&base, false, vec![Workspace::new("Acme", 3)]).await;
    let id = world.connect().await;
    let count =
        async |typed: &str| actions::channels(&world.hub, &world.owner, &id, typed).await.expect("channels").total;
    assert_eq!((count("").await, count("general").await), (0, 0), "nothing was read yet");
    world.look_after().await;
    assert!(count("general").await > 0);
    let before = count("00").await;
    let mut tx = world.hub.db.begin().await.expect("a transaction");
    channel::store::put(&mut tx, &id, &[nth(&world, 1)], world.hub.now()).await.expect("one more");
    let mut row = store::lock(&mut tx, &world.hub.org_id, &id).await.expect("read").expect("there");
    row.synced_at = row.synced_at.map(|at| at.plus_ms(3 * 3600 * 1000));
    store::save(&mut tx, &row).await.expect("stored");
    tx.commit().await.expect("committed");
    assert_eq!(count("00").await, before + 1);
});

both!(a_channel_that_two_ask_for_at_once_has_one_id, |base| {
    let base = base.with_org().await;
    let world = World::new(&base, false).await;
    // Its channels were not read yet.
    let id = world.connect().await;
    let general = world.slack.channel("general").expect("a channel").id;
    let ask = || actions::channel(&world.hub, &world.owner, &id, &general);
    let (one, other) = tokio::join!(ask(), ask());
    let (one, other) = (one.expect("a channel"), other.expect("a channel"));
    assert_eq!(one.id, other.id);
    let kept = channel::store::find(&mut world.hub.db.read().await.expect("a connection"), &id, &general).await;
    assert_eq!(kept.expect("a look").map(|channel| channel.id), Some(one.id));
});
