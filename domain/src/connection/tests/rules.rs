//! Rules whose channel takes no messages any more.

use serde_json::json;

use super::*;
use crate::channel::{self, ChannelState};

both!(a_rule_whose_channel_is_archived_is_changed_but_not_led_to_another_such, |base| {
    let base = base.with_org().await;
    let world = World::new(&base, false).await;
    let id = world.connect().await;
    world.look_after().await;
    let choices = actions::channels(&world.hub, &world.owner, &id, "").await.expect("channels");
    let all = choices.sections.into_iter().flat_map(|(_, channels)| channels);
    let public: Vec<Channel> = all.filter(|channel| !channel.private).take(2).collect();
    let [first, other] = public.as_slice() else { panic!("two channels: {public:?}") };
    let made = world.rule(first).await;
    let mut tx = world.hub.db.begin().await.expect("a transaction");
    for one in [first, other] {
        let state = ChannelState::Archived;
        channel::store::set_state(&mut tx, &id, &one.provider_id, state).await.expect("stored");
    }
    tx.commit().await.expect("committed");
    let update = async |change: serde_json::Value| {
        let change: RuleChange = serde_json::from_value(change).expect("a change");
        rule::actions::update(&world.hub, &world.owner, &made.id, change).await
    };
    let off = update(json!({ "enabled": false })).await.expect("switched off");
    assert_eq!((off.enabled, off.channel_state), (false, ChannelState::Archived));
    update(json!({ "channel_id": first.id, "event_types": ["order.*"] })).await.expect("changed");
    let refused = update(json!({ "channel_id": other.id })).await.expect_err("refused").problem();
    assert_eq!(refused.details[0].field, "channel_id");
});
