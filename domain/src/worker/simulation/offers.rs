//! What nodes that only serve offer to the others, and these take: the steps of `offerer.rs` and `claimer::take`. An offer may
//! be lost, come late, twice or after a later one; each time one node reads it.

use std::collections::BTreeMap;

use super::engine::{Act, Sim};
use super::node::Round;
use crate::delivery::store::Row;
use crate::node::offer::{Group, Offer};
use crate::worker::claimer;

impl Sim {
    /// `offerer::give`.
    pub(super) fn offer(&mut self, offers: Vec<(Group, Offer)>) {
        for (_, offer) in offers {
            self.truth.tally.offered += 1;
            let readers: Vec<usize> = (0..self.nodes.len()).filter(|node| self.nodes[*node].works).collect();
            for _ in 0..=u64::from(self.dice.percent(5)) {
                let (reader, wait) = (self.dice.pick(&readers), self.carrying_time());
                let lost = self.healed_at.is_none() && self.dice.percent(self.loss);
                if self.redis && self.nodes[reader].up && !lost {
                    self.plan(Some(reader), wait, Act::Take(offer.clone()));
                }
            }
        }
    }

    /// `claimer::take`, of one offer.
    pub(super) fn take(&mut self, node: usize, offer: &Offer) {
        if !self.serves(node) || !self.reaches(node) {
            return;
        }
        let at = self.at(node);
        let wanted = claimer::takings(std::slice::from_ref(offer), at.clock);
        let taken = self.store.take(&wanted);
        self.tell(|| format!("node {node} takes {taken:?}"));
        self.truth.tally.missed += (wanted.len() - taken.len()) as u64;
        let mut rows: BTreeMap<usize, Vec<Row>> = BTreeMap::new();
        for place in taken {
            self.truth.taken(place, at);
            let row = self.store.deliveries[place].row.clone();
            let org = self.store.endpoints[self.store.endpoint(&row.endpoint_id)].org;
            rows.entry(org).or_default().push(row);
        }
        self.plan_soon(node, Act::Sort(Box::new(Round { now: at.clock, rows, claimed: false })));
    }
}
