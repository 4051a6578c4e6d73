//! Messages of rules: what the log says of them, and when they go.

use super::*;
use crate::delivery::{Attempt, DeliverySummary};

impl World {
    async fn delivery(&self) -> DeliverySummary {
        let query = LogQuery::default();
        crate::delivery::actions::list(&self.hub, &self.owner, &query).await.expect("the log").data.remove(0)
    }

    async fn attempts(&self) -> Vec<Attempt> {
        let id = self.delivery().await.id;
        crate::delivery::actions::get(&self.hub, &self.owner, &id).await.expect("the delivery").attempts
    }
}

both!(a_message_whose_answer_is_lost_says_that_a_retry_may_show_it_twice, |base| {
    let base = base.with_org().await;
    let world = World::new(&base, false).await;
    let id = world.connect().await;
    world.look_after().await;
    world.rule(&world.channel(&id).await).await;
    world.slack.fail_next("chat.postMessage", Fault::DropAfter);
    world.post().await;
    let attempts = world.attempts().await;
    let said = attempts[0].error.clone().expect("why");
    assert!(said.ends_with(". Slack may have taken this message; a retry may show it twice."), "{said}");
    world.pass(3600 * 1000);
    drain(&world.hub).await.expect("drained");
    assert_eq!((world.slack.messages().len(), world.statuses().await), (2, vec![DeliveryStatus::Delivered]));
    let last = world.attempts().await.into_iter().max_by_key(|attempt| attempt.number).expect("an attempt");
    assert_eq!((last.number, last.error), (2, None));
});

both!(an_estimate_counts_what_the_rule_would_have_told_also_by_channels, |base| {
    let base = base.with_org().await;
    let world = World::new(&base, false).await;
    let id = world.connect().await;
    world.look_after().await;
    let channel = world.channel(&id).await;
    let rule = serde_json::json!({
        "channel_id": channel.id, "event_types": ["invoice.*"], "condition": {"path": "channels", "contains": "eu"},
    });
    let rule: NewRule = serde_json::from_value(rule).expect("a rule");
    rule::actions::create(&world.hub, &world.owner, rule.clone()).await.expect("a rule");
    for channels in [r#"["eu"]"#, r#"["us","eu"]"#, r#"["us"]"#, "[]"] {
        let body = format!(r#"{{"event_type":"invoice.paid","channels":{channels},"data":{{"id":"inv_1"}}}}"#);
        events::ingest(&world.hub, &world.owner, body.as_bytes(), None).await.expect("accepted");
    }
    world.post().await;
    let estimate = rule::actions::estimate(&world.hub, &world.owner, &rule).await.expect("an estimate");
    assert_eq!((estimate.events, estimate.messages), (2, 2));
    assert_eq!(world.statuses().await, [DeliveryStatus::Delivered; 2], "as many as were told");
});

both!(an_estimate_of_more_events_than_are_looked_at_says_at_least_and_leaves_tests_out, |base| {
    let base = base.with_org().await;
    let world = World::new(&base, false).await;
    let id = world.connect().await;
    world.look_after().await;
    let made = world.rule(&world.channel(&id).await).await;
    rule::actions::test(&world.hub, &world.owner, &made.id, None).await.expect("sent");
    for _ in 0..3 {
        world.post().await;
    }
    let new = NewRule::from(made);
    let by = async |limit: i64| {
        rule::actions::estimate_by(&world.hub, &world.owner, &new, limit).await.expect("an estimate")
    };
    let newest = by(2).await;
    assert_eq!((newest.events, newest.messages, newest.is_partial), (2, 2, true));
    assert_eq!(newest.sentence(), "The last 7 days this rule would have sent at least 2 messages.");
    let all = by(3).await;
    assert_eq!((all.events, all.messages, all.is_partial), (3, 3, false));
});
