//! What one change of a delivery adds to the figures, and adding it.

use std::collections::BTreeMap;

use super::store;
use super::{Counts, HOUR_MS, Waiting};
use crate::Result;
use crate::db::Tx;
use crate::delivery::{DeliveryStatus, ErrorClass};
use crate::id::{DeliveryId, EndpointId, OrgId};
use crate::time::Timestamp;

/// A delivery, and what of it was counted last.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Changed {
    pub(crate) org_id: OrgId,
    pub(crate) id: DeliveryId,
    pub(crate) endpoint_id: EndpointId,
    pub(crate) status: DeliveryStatus,
    pub(crate) attempt_count: i64,
    pub(crate) last_code: Option<i64>,
    pub(crate) last_error: Option<ErrorClass>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) finished_at: Option<Timestamp>,
    /// When it changed; none when it has not.
    pub(crate) unindexed_at: Option<i64>,
    /// Its status when it was counted last; none when it never was.
    pub(crate) counted_status: Option<DeliveryStatus>,
    /// Its attempts then.
    pub(crate) counted_attempts: Option<i64>,
}

/// What is known of an endpoint's queue, or what changes of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Queue {
    pub(crate) waiting: Waiting,
    /// When a delivery last changed.
    pub(crate) last_at: Timestamp,
    /// The last attempt that failed: when, its code, its error.
    pub(crate) last_failure: Option<(Timestamp, Option<i64>, Option<ErrorClass>)>,
}

impl Queue {
    /// Adds a change.
    pub(crate) fn add(&mut self, more: &Self) {
        self.waiting.pending += more.waiting.pending;
        self.waiting.retrying += more.waiting.retrying;
        self.waiting.paused += more.waiting.paused;
        self.last_at = self.last_at.max(more.last_at);
        self.last_failure = self.last_failure.max(more.last_failure);
    }
}

/// Whose hour.
pub(crate) type HourOf = (OrgId, EndpointId, i64);

/// What many changes add, in one order everywhere, so that two processes never wait for each other.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) hours: BTreeMap<HourOf, Counts>,
    pub(crate) queues: BTreeMap<(OrgId, EndpointId), Queue>,
}

impl Tally {
    /// What these changes add.
    pub(crate) fn of(changes: &[Changed]) -> Self {
        let mut tally = Self::default();
        for change in changes {
            tally.add(change);
        }
        tally
    }

    fn add(&mut self, change: &Changed) {
        let new = change.attempt_count - change.counted_attempts.unwrap_or(0);
        if change.counted_status.is_none() {
            self.count(change, change.created_at, &Counts { created: 1, ..Counts::default() });
        }
        let ends = change.status.is_final() && !change.counted_status.is_some_and(DeliveryStatus::is_final);
        let succeeded = ends && new > 0 && change.status != DeliveryStatus::Failed;
        if new > 0 {
            let retries = |attempts: i64| (attempts - 1).max(0);
            let tries = Counts {
                attempts: new,
                retries: retries(change.attempt_count) - retries(change.counted_attempts.unwrap_or(0)),
                failures: new - i64::from(succeeded),
                ..Counts::default()
            };
            self.count(change, change.updated_at, &tries);
        }
        if ends {
            let at = change.finished_at.unwrap_or(change.updated_at);
            let end = match change.status {
                DeliveryStatus::Delivered => Counts::arrived(at.since(change.created_at).max(0)),
                DeliveryStatus::Failed if new > 0 => Counts { failed: 1, ..Counts::default() },
                _ => Counts { dropped: 1, ..Counts::default() },
            };
            self.count(change, at, &end);
        }
        self.queue(change, new > 0 && !succeeded);
    }

    fn count(&mut self, change: &Changed, at: Timestamp, counts: &Counts) {
        let hour = at.0.div_euclid(HOUR_MS) * HOUR_MS;
        self.hours.entry((change.org_id.clone(), change.endpoint_id.clone(), hour)).or_default().add(counts);
    }

    fn queue(&mut self, change: &Changed, failed: bool) {
        let mut waiting = Waiting::default();
        for (status, step) in [(change.counted_status, -1), (Some(change.status), 1)] {
            match status {
                Some(DeliveryStatus::Pending) => waiting.pending += step,
                Some(DeliveryStatus::Retrying) => waiting.retrying += step,
                Some(DeliveryStatus::Paused) => waiting.paused += step,
                _ => {}
            }
        }
        let last_failure = failed.then_some((change.updated_at, change.last_code, change.last_error));
        let more = Queue { waiting, last_at: change.updated_at, last_failure };
        self.queues.entry((change.org_id.clone(), change.endpoint_id.clone())).or_default().add(&more);
    }
}

/// Counts changes that were read in this transaction; whoever calls it marks them as counted, in the same transaction.
pub(crate) async fn count(tx: &mut Tx, changes: &[Changed]) -> Result<()> {
    let tally = Tally::of(changes);
    store::add_hours(tx, &tally.hours).await?;
    store::add_queues(tx, &tally.queues).await
}

/// Counts what is not counted yet of deliveries that the index is about to forget, and marks them as counted.
pub(crate) async fn settle(tx: &mut Tx, org_id: &OrgId, ids: &[DeliveryId]) -> Result<()> {
    let ids: Vec<_> = ids.iter().map(|id| (org_id, id)).collect();
    let changes = store::changed(tx, &ids).await?;
    count(tx, &changes).await?;
    store::mark(tx, &changes).await
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A delivery that nobody has counted.
    fn fresh(status: DeliveryStatus, attempts: i64) -> Changed {
        Changed {
            org_id: OrgId::new(1, [1; 10]),
            id: DeliveryId::new(1, [1; 10]),
            endpoint_id: EndpointId::new(1, [1; 10]),
            status,
            attempt_count: attempts,
            last_code: None,
            last_error: None,
            created_at: Timestamp(1000),
            updated_at: Timestamp(1400),
            finished_at: status.is_final().then_some(Timestamp(1400)),
            unindexed_at: Some(1400),
            counted_status: None,
            counted_attempts: None,
        }
    }

    fn sum(tally: &Tally) -> (Counts, Waiting) {
        let (mut counts, mut queue) = (Counts::default(), Queue::default());
        tally.hours.values().for_each(|hour| counts.add(hour));
        tally.queues.values().for_each(|more| queue.add(more));
        (counts, queue.waiting)
    }

    #[test]
    fn a_delivery_that_arrives_at_the_second_attempt_counts_as_one_retry_and_one_failure() {
        let (counts, waiting) = sum(&Tally::of(&[fresh(DeliveryStatus::Delivered, 2)]));
        let arrived = Counts { created: 1, attempts: 2, retries: 1, failures: 1, ..Counts::arrived(400) };
        assert_eq!((counts, waiting), (arrived, Waiting::default()));
    }

    #[test]
    fn what_ends_without_an_attempt_is_dropped_and_no_failure() {
        let (counts, _) = sum(&Tally::of(&[fresh(DeliveryStatus::Failed, 0)]));
        assert_eq!((counts.dropped, counts.failed, counts.failures), (1, 0, 0));
        let (counts, _) = sum(&Tally::of(&[fresh(DeliveryStatus::Skipped, 1)]));
        assert_eq!((counts.dropped, counts.attempts, counts.failures), (1, 1, 0));
    }

    proptest! {
        /// However often somebody looks on the way, the sum is that of one look at the end.
        #[test]
        fn looks_on_the_way_change_nothing(
            steps in proptest::collection::vec((0..4_usize, 0..2_i64), 0..6),
            end in 0..3_usize,
            looks in proptest::collection::vec(any::<bool>(), 7),
        ) {
            use DeliveryStatus::{Delivered, Failed, Paused, Pending, Retrying, Skipped};
            let mut states = vec![(Pending, 0)];
            for (kind, tries) in steps {
                let attempts = states.last().map_or(0, |(_, attempts)| *attempts) + tries;
                states.push(([Pending, Retrying, Paused, Retrying][kind], attempts));
            }
            let attempts = states.last().map_or(0, |(_, attempts)| *attempts);
            states.push(([Delivered, Failed, Skipped][end], attempts + 1));
            let (mut counts, mut waiting) = (Counts::default(), Waiting::default());
            let mut counted = (None, None);
            for (index, (status, attempts)) in states.iter().enumerate() {
                if index + 1 < states.len() && !looks[index] {
                    continue;
                }
                let seen = Changed { counted_status: counted.0, counted_attempts: counted.1, ..fresh(*status, *attempts) };
                let (more, change) = sum(&Tally::of(&[seen]));
                counts.add(&more);
                waiting.pending += change.pending;
                waiting.retrying += change.retrying;
                waiting.paused += change.paused;
                counted = (Some(*status), Some(*attempts));
            }
            let whole = sum(&Tally::of(&[fresh(states[states.len() - 1].0, attempts + 1)]));
            prop_assert_eq!((counts, waiting), whole);
        }
    }
}
