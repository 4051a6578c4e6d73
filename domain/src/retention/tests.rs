//! How far payloads are erased, and what looking for them keeps others from.

use super::*;
use crate::db::on;
use crate::db::testing::both;
use crate::endpoint::Retry;
use crate::hub::testing::TestHub;
use crate::worker::drain;
use crate::worker::tests::support::{PAID, Receiver, endpoint, post};

/// The limits of the organization, which keeps payloads for a day.
async fn limit(hub: &TestHub) -> store::Limits {
    let mut tx = hub.db.begin().await.expect("a transaction");
    on!(&mut *tx, |c| sqlx::query("UPDATE orgs SET payload_days = 1").execute(c).await.map(drop)).expect("limited");
    tx.commit().await.expect("committed");
    store::limits(&mut hub.db.read().await.expect("a connection")).await.expect("limits").remove(0)
}

both!(a_look_that_finds_nothing_needs_no_writer, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["500 Oops"]).await;
    endpoint(&hub, &receiver.url, Retry::Own(vec![3600])).await;
    post(&hub, PAID).await.expect("accepted");
    drain(&hub).await.expect("drained");
    let limit = limit(&hub).await;
    let held = hub.db.begin().await.expect("a transaction");
    assert_eq!(erase_old(&hub, &limit, hub.now().plus_ms(1)).await.expect("a look"), 0);
    drop(held);
});

both!(what_waits_is_come_back_to_and_erased_once_it_has_ended, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["500 Oops", "200 OK"]).await;
    endpoint(&hub, &receiver.url, Retry::Own(vec![3600])).await;
    let first = hub.now();
    for _ in 0..2 {
        post(&hub, PAID).await.expect("accepted");
        drain(&hub).await.expect("drained");
        hub.clock.advance_ms(1);
    }
    let before = hub.now();
    assert_eq!(erase_old(&hub, &limit(&hub).await, before).await.expect("a round"), 1);
    assert_eq!(limit(&hub).await.payload_swept_to, Some(first), "the first one waits");
    assert_eq!(erase_old(&hub, &limit(&hub).await, before).await.expect("a look"), 0);
    hub.clock.advance_ms(2 * 3600 * 1000);
    drain(&hub).await.expect("drained");
    assert_eq!(erase_old(&hub, &limit(&hub).await, before).await.expect("a round"), 1);
    assert_eq!(limit(&hub).await.payload_swept_to, Some(before));
});
