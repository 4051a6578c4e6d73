//! A simulation of the delivery engine, as tests: whole lives of small installations, thousands of them in a second or
//! two, each decided by one seed.
//!
//! A world has one to four nodes with clocks that disagree, endpoints of several tenants on a few hosts, and a store that
//! they share (`world.rs`). Nodes know endpoints by their last look, and hear of changes by signals that are lost, late, doubled
//! and overtake each other (`knowledge.rs`). Some nodes only serve and offer what they store to the others, by offers that fare
//! no better (`offers.rs`). Events arrive; receivers fail, hang, ask for a pause or vanish; nodes crash, freeze, stop and start;
//! the store refuses, dawdles or cannot be reached from a node, and sometimes commits without saying so; people pause,
//! disable, activate and replay. Then all faults end, and the world goes on until nothing is left to do.
//!
//! **What is real** is every decision: [`super::lanes::Lanes`] with its breakers, `claimer::place` and `takings`,
//! `deliverer::after` and `conclude` (so `next_state` with retry, controls and policy), `commit::Planned` and
//! `waiting::number_lines`,
//! `dispatcher::row_as`, `deliverer::goes`, `directory::Directory`, `signal::{Signals, pack, unpack}` and `messenger::heed`,
//! `failure::fold` and its thresholds. **What is restated** is SQL (`store.rs`, one small function
//! for each statement) and the order of steps between two waits (`node.rs`, `commit.rs`, `knowledge.rs`): each names what it mirrors; a
//! change there is a change here. **What is left out**: payloads, signatures, search, alerts, versions, deleted endpoints, and
//! deliveries that are fetched; some endpoints take batches.
//!
//! There are no threads, no sleeping and no real time: an agenda says what happens when, and chance comes from the seed
//! alone (`engine.rs`), so a world that breaks a rule breaks it every time. `invariants.rs` keeps books of its own:
//!
//! 1. Nothing is lost: in the end every delivery that was stored is delivered, or failed as its policy says, and what was
//!    answered with 202 is stored.
//! 2. Nothing is claimed or sent before it is due by the clock of the node that does it, and no retry more than 4.5
//!    seconds early in true time, which is how far two clocks may disagree.
//! 3. A delivery is sent, and a result stored, only while the lease holds; no lease is taken before it lapses, but for that of
//!    an offer, which is taken once and before anything is sent.
//! 4. Of one endpoint and ordering key nothing is sent while an older delivery is unfinished, and first arrivals keep the
//!    order of acceptance.
//! 5. Attempts are stored one after the other, never more than allowed; to be held or put off uses up none.
//! 6. An open circuit breaker lets one delivery go per node after its pause, and the next only when the probe counts no
//!    longer.
//! 7. A delivery is sent twice only where the node of the first attempt crashed or its lease lapsed before the result was
//!    stored; never after a recorded success.
//! 8. Each node keeps each endpoint's places and rate, and in the end keeps no place for nobody.
//! 9. Once it is known that an endpoint is paused or disabled, nothing goes to it: a node sends nothing after a look that began
//!    since, nothing by what it remembers after it was told, and nothing by that after two seconds, told or not. (A node that
//!    cannot reach the store sends what it has leased by what it knew last.)
//!
//! **To run it**: the test suite lives 20,000 worlds. `PATCHBAY_SIM_SEEDS=1000000 cargo nextest run -p domain --features
//! server simulation` lives a million. A failure names its seed; `PATCHBAY_SIM_SEED=17 cargo nextest run -p domain
//! --features server simulation::tests::one_seed --no-capture` lives that world again and prints what happened, in
//! milliseconds since its beginning. To show that the rules would notice, `Bug` plants faults, each of which some seed
//! must turn up.

mod commit;
mod dice;
mod engine;
mod invariants;
mod knowledge;
mod node;
mod offers;
mod store;
mod tests;
mod world;

/// A fault planted into the world, to see whether it is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bug {
    None,
    /// `finish` stores whatever comes.
    FinishIgnoresLease,
    /// `next_in_line` lets two go.
    NextInLineReleasesTwo,
    /// Retries are claimed before their time.
    RetryIgnoresDueTime,
    /// A crash takes a leased row out of the claims.
    CrashLosesRow,
    /// A breaker lets all through that it should hold.
    HalfOpenLetsAllThrough,
    /// The places promised to an event that was refused are not given up.
    RefusedEventKeepsPlaces,
    /// The places promised in a round of the claimer that failed are not given up.
    FailedRoundKeepsPlaces,
    /// Deliveries that were kept for an endpoint just as it was switched on are not looked for.
    NobodyLooksForStranded,
    /// What left its lane is sent without a look whether it still goes.
    SendsWithoutLooking,
    /// A node does not heed that an organization changed.
    ChangeGoesUnheeded,
    /// A node believes for ever what it has read.
    KnowledgeNeverLapses,
    /// What is offered is leased by whoever reads it.
    TakeIgnoresLease,
    /// What is offered waits for its offer alone.
    OffersNeverLapse,
}
