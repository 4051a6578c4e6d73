//! The group commit of a node: the steps of `commit.rs` between one wait for the store and the next.

use std::collections::{HashMap, HashSet};

use bytes::Bytes;

use super::Bug;
use super::engine::{Act, Sim};
use crate::commit::{ATTEMPT_TRIES, Planned, Way};
use crate::delivery::store::{AttemptRow, Row};
use crate::delivery::waiting::number_lines;
use crate::failure;
use crate::id::DeliveryId;
use crate::node::offer::Offer;

/// What waits to be committed.
#[derive(Debug)]
pub(super) enum Op {
    Ingest(Vec<Planned>),
    Attempt(Box<Kept>),
}

/// An attempt that is to be stored.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) row: AttemptRow,
    /// Whether what is held goes once it is stored.
    pub(super) recovered: bool,
    pub(super) tries: u32,
}

/// What was written, or was to be, and what the node learns of it.
#[derive(Debug, Default)]
pub(super) struct Batch {
    ingests: Vec<Vec<Planned>>,
    attempts: Vec<Kept>,
    /// Attempts that the store refuses.
    refused: Vec<Kept>,
    behind: HashSet<DeliveryId>,
    /// Endpoints whose state changed.
    touched: Vec<usize>,
    answered: bool,
}

impl Sim {
    /// `commit::submit`.
    pub(super) fn submit(&mut self, node: usize, op: Op) {
        self.nodes[node].waiting.push_back(op);
        if !std::mem::replace(&mut self.nodes[node].committing, true) {
            self.plan_soon(node, Act::Write);
        }
    }

    /// `commit::run` takes all that waits; `commit::write` writes it.
    pub(super) fn write(&mut self, node: usize) {
        let mut batch = Batch::default();
        for op in std::mem::take(&mut self.nodes[node].waiting) {
            match op {
                Op::Ingest(deliveries) => batch.ingests.push(deliveries),
                Op::Attempt(kept) => batch.attempts.push(*kept),
            }
        }
        if batch.ingests.is_empty() && batch.attempts.is_empty() {
            self.nodes[node].committing = false;
            return;
        }
        if self.reaches(node) {
            self.write_attempts(node, &mut batch);
            self.write_deliveries(&mut batch);
            // Once in a while a commit succeeds and its answer is lost.
            batch.answered = !self.dice.percent(1);
        }
        self.plan_soon(node, Act::Answer(Box::new(batch)));
    }

    fn write_attempts(&mut self, node: usize, batch: &mut Batch) {
        let at = self.at(node);
        // One whose id is known fails its batch, and then itself alone.
        let known = |kept: &Kept| self.store.knows_attempt(&kept.row.id);
        (batch.refused, batch.attempts) = std::mem::take(&mut batch.attempts).into_iter().partition(known);
        let rows: Vec<AttemptRow> = batch.attempts.iter().map(|kept| kept.row.clone()).collect();
        for row in &rows {
            self.store.insert_attempt(row);
            let taken = self.store.takes(row);
            self.truth.before_finish(row, taken, at, &self.store);
            if self.store.finish(row) && row.status.is_final() {
                self.store.next_in_line(row);
            }
        }
        for ((_, id), fold) in failure::fold(&rows) {
            let endpoint = self.store.endpoint(&id);
            if self.note(node, endpoint, &fold) {
                batch.touched.push(endpoint);
            }
        }
    }

    /// `failure::apply`.
    fn note(&mut self, node: usize, endpoint: usize, fold: &failure::Fold) -> bool {
        if fold.recovered {
            self.store.clear(endpoint);
        }
        if fold.gone {
            return self.disable(node, endpoint);
        }
        if fold.count == 0 {
            return fold.recovered;
        }
        let (failures, first_at) = self.store.add(endpoint, fold);
        (fold.disables(failures, first_at) && self.disable(node, endpoint)) || fold.recovered
    }

    /// `commit::line_up` and `delivery::store::insert`.
    fn write_deliveries(&mut self, batch: &mut Batch) {
        let mut rows: Vec<Row> = batch.ingests.iter().flatten().map(|planned| planned.row.clone()).collect();
        if self.bug == Bug::OffersNeverLapse {
            let each = rows.iter_mut().zip(batch.ingests.iter().flatten());
            each.filter(|(_, planned)| planned.way == Way::Offer).for_each(|(row, _)| row.due_at = None);
        }
        let mut last = HashMap::new();
        for row in &rows {
            if let Some(key) = row.ordering_key.clone() {
                let line = (row.endpoint_id.clone(), key);
                let number = self.store.last_in_line(&line);
                last.insert(line, number);
            }
        }
        batch.behind = number_lines(rows.iter_mut().filter(|row| row.ordering_key.is_some()), last);
        self.truth.tally.behind += batch.behind.len() as u64;
        for row in rows {
            self.truth.stored(row.created_at);
            self.store.insert(row);
        }
    }

    /// The rest of `commit::commit`.
    pub(super) fn answer(&mut self, node: usize, batch: Batch) {
        let Batch { ingests, attempts, mut refused, behind, touched, answered } = batch;
        for deliveries in ingests {
            if answered {
                let mut offers = Vec::new();
                for planned in deliveries {
                    self.truth.accepted(self.store.has(&planned.row.id));
                    if let Some((group, offer)) = planned.offer(&behind) {
                        Offer::add_to(&mut offers, group, offer);
                    }
                    planned.settle(&self.nodes[node].lanes, &Bytes::new(), true, &behind);
                }
                self.offer(offers);
            } else {
                self.refuse(node, deliveries);
            }
        }
        if answered {
            self.pump(node);
            for kept in attempts {
                if kept.recovered {
                    self.plan_soon(node, Act::Release(kept.row.endpoint_id));
                }
            }
            touched.into_iter().for_each(|endpoint| self.changed(node, endpoint));
            self.nodes[node].tick_at = self.now;
        } else {
            refused.extend(attempts);
        }
        if !refused.is_empty() {
            self.truth.tally.refused += refused.len() as u64;
            self.plan(Some(node), 1000, Act::Again(refused));
        }
        self.write(node);
    }

    /// `commit::retry_attempts`, a second later.
    pub(super) fn again(&mut self, node: usize, kept: Vec<Kept>) {
        for mut kept in kept {
            if kept.tries < ATTEMPT_TRIES {
                kept.tries += 1;
                self.submit(node, Op::Attempt(Box::new(kept)));
            } else if kept.recovered {
                self.plan_soon(node, Act::Release(kept.row.endpoint_id));
            }
        }
    }

    /// Gives up the places of an event that was not stored.
    pub(super) fn refuse(&mut self, node: usize, deliveries: Vec<Planned>) {
        self.truth.tally.refused += 1;
        for planned in deliveries {
            if self.bug != Bug::RefusedEventKeepsPlaces {
                planned.settle(&self.nodes[node].lanes, &Bytes::new(), false, &HashSet::new());
            }
        }
    }
}
