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
