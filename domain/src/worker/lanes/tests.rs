//! The lanes without a network: turns, places, rates.

use bytes::Bytes;

use super::*;
use crate::delivery::send::Sent;
use crate::delivery::state::NextState;
use crate::delivery::store::Row;
use crate::delivery::{DeliveryStatus, Trigger};
use crate::directory::Entry;
use crate::endpoint::DeliveryForm;
use crate::id::{DeliveryId, EventId};
use crate::rule::schedule::Schedule;
use crate::rule::{Batching, QuietHours};
use crate::worker::deliverer::{self, Ending};

const NOW: Timestamp = Timestamp(1_000_000);

fn route(org: u8, id: u8, rate: Option<i64>) -> Arc<Route> {
    Arc::new(Route::for_tests(OrgId::new(1, [org; 10]), EndpointId::new(1, [id; 10]), rate))
}

fn job(route: &Arc<Route>, number: u8) -> Job {
    Job {
        row: Row {
            org_id: route.org_id.clone(),
            id: DeliveryId::new(1, [number; 10]),
            event_id: EventId::new(1, [number; 10]),
            event_type: "invoice.paid".into(),
            endpoint_id: route.id.clone(),
            status: DeliveryStatus::Pending,
            cause: Trigger::Event,
            attempt_count: 0,
            max_attempts: 8,
            due_at: None,
            created_at: NOW,
            replay_of: None,
            waits_for: None,
            ordering_key: None,
            order_number: None,
            endpoint_version: None,
            scheduled: false,
        },
        route: Arc::clone(route),
        body: Bytes::new(),
        lease: NOW.plus_ms(lease_ms(route)),
    }
}

fn fill(lanes: &Lanes, route: &Arc<Route>, count: u8) -> usize {
    (0..count)
        .filter(|number| match lanes.promise(route, NOW) {
            Place::Lane => {
                lanes.join(job(route, *number));
                true
            }
            Place::Later(_) | Place::Held => false,
        })
        .count()
}

/// The next delivery to send.
fn sent(lanes: &Lanes) -> Option<Job> {
    match lanes.next(NOW)? {
        Turn::Send(job) => Some(*job),
        Turn::Batch(..) | Turn::Back(..) | Turn::Hold(..) | Turn::Ask(_) => None,
    }
}

fn open() -> Lanes {
    let lanes = Lanes::default();
    lanes.set_open(true);
    lanes
}

#[test]
fn organizations_take_turns_however_much_one_of_them_sends() {
    let lanes = open();
    let (busy, quiet) = (route(1, 1, None), route(2, 2, None));
    fill(&lanes, &busy, 30);
    fill(&lanes, &quiet, 2);
    let order: Vec<OrgId> = (0..4).filter_map(|_| sent(&lanes)).map(|job| job.row.org_id).collect();
    assert_eq!(order, [busy.org_id.clone(), quiet.org_id.clone(), busy.org_id.clone(), quiet.org_id.clone()]);
}

#[test]
fn an_endpoint_has_its_places_and_no_more() {
    let lanes = open();
    let endpoint = route(1, 1, None);
    fill(&lanes, &endpoint, 100);
    let sent = std::iter::from_fn(|| lanes.next(NOW)).count();
    assert_eq!(sent, 32, "as many as the endpoint allows");
    lanes.leave(&endpoint.id, 1.0, false);
    assert!(lanes.next(NOW).is_some() && lanes.next(NOW).is_none());
}

#[test]
fn an_endpoint_that_timed_out_keeps_few_places() {
    let lanes = open();
    let endpoint = route(1, 1, None);
    fill(&lanes, &endpoint, 1);
    assert!(lanes.next(NOW).is_some());
    lanes.leave(&endpoint.id, 1.0, true);
    fill(&lanes, &endpoint, 50);
    assert_eq!(std::iter::from_fn(|| lanes.next(NOW)).count(), SLOW_PLACES);
}

#[test]
fn a_rate_limit_lets_a_burst_pass_then_spaces_out_and_drops_nothing() {
    let lanes = open();
    let endpoint = route(1, 1, Some(60));
    let joined = fill(&lanes, &endpoint, 40);
    assert_eq!(joined, 16, "ten of the burst, and six whose turn comes within five seconds");
    let mut sent = Vec::new();
    for second in 0..10 {
        let now = NOW.plus_ms(second * 1000);
        lanes.wake_resting(now);
        while lanes.next(now).is_some() {
            sent.push(second);
            lanes.leave(&endpoint.id, 0.0, false);
        }
    }
    assert_eq!(sent, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5]);
}

#[test]
fn what_exceeds_the_rate_waits_in_the_database_one_after_the_other() {
    let lanes = open();
    let endpoint = route(1, 1, Some(60));
    fill(&lanes, &endpoint, 16);
    let later: Vec<i64> = (0..3)
        .map(|_| match lanes.promise(&endpoint, NOW) {
            Place::Later(at) => at.since(NOW),
            other => panic!("the lane is full: {other:?}"),
        })
        .collect();
    assert!(later.windows(2).all(|pair| pair[1] - pair[0] == 1000), "{later:?}");
}

#[test]
fn what_is_put_off_follows_a_rate_that_lets_more_pass() {
    let lanes = open();
    let slow = route(1, 1, Some(60));
    fill(&lanes, &slow, 116);
    assert_eq!(lanes.promise(&slow, NOW), Place::Later(NOW.plus_ms(107_000)));
    let now = NOW.plus_ms(7000);
    // Of the hundred seconds that are left it takes fifty.
    assert_eq!(lanes.promise(&route(1, 1, Some(120)), now), Place::Later(now.plus_ms(50_500)));
    assert_eq!(lanes.promise(&route(1, 1, None), now), Place::Lane);
}

#[test]
fn nothing_joins_while_the_lanes_are_closed() {
    let lanes = Lanes::default();
    assert_eq!(lanes.promise(&route(1, 1, None), NOW), Place::Later(NOW));
}

#[test]
fn closing_hands_back_what_waits() {
    let lanes = open();
    fill(&lanes, &route(1, 1, None), 5);
    assert!(lanes.next(NOW).is_some());
    assert_eq!(lanes.set_open(false).len(), 4);
}

#[test]
fn a_delivery_that_waited_too_long_is_left_to_its_lease() {
    let lanes = open();
    fill(&lanes, &route(1, 1, None), 1);
    assert!(lanes.next(NOW.plus_ms(STALE_MS + 1)).is_none());
}

#[test]
fn a_delivery_whose_endpoint_was_looked_at_for_too_long_is_claimed_anew() {
    let endpoint = route(1, 1, None);
    let known = Entry::for_tests(vec![Arc::clone(&endpoint)], NOW);
    let goes = |known, waited| deliverer::goes(known, &job(&endpoint, 1), NOW.plus_ms(waited)).is_some();
    assert!(goes(Some(&known), STALE_MS) && goes(None, STALE_MS));
    // Another process takes it when the lease lapses, while this one would still send.
    assert!(!goes(Some(&known), STALE_MS + 1) && !goes(None, STALE_MS + 1));
}

#[test]
fn an_open_breaker_holds_new_deliveries_and_hands_back_what_waited() {
    let lanes = open();
    let endpoint = route(1, 1, None);
    fill(&lanes, &endpoint, 40);
    (0..32).for_each(|_| drop(sent(&lanes)));
    let mut held = 0;
    for _ in 0..5 {
        let left = lanes.judge(&endpoint.id, Verdict::Bad, Some(true), NOW);
        held += left.held.len();
        lanes.leave(&endpoint.id, 1.0, false);
    }
    assert_eq!(held, 8);
    assert_eq!(lanes.promise(&endpoint, NOW), Place::Held);
    assert!(sent(&lanes).is_none());
    let left = lanes.judge(&endpoint.id, Verdict::Good, Some(true), NOW);
    assert!(left.recovered);
    assert_eq!(lanes.promise(&endpoint, NOW), Place::Lane);
}

#[test]
fn a_host_that_cannot_be_reached_holds_back_every_endpoint_on_it_for_a_minute_at_most() {
    let lanes = open();
    let (one, two, elsewhere) = (route(1, 1, None), route(2, 2, None), elsewhere(3));
    fill(&lanes, &one, 5);
    fill(&lanes, &two, 5);
    for _ in 0..5 {
        let job = sent(&lanes).expect("a delivery");
        lanes.judge(&job.route.id, Verdict::Bad, Some(false), NOW);
        lanes.leave(&job.route.id, 1.0, false);
    }
    let back: usize = std::iter::from_fn(|| lanes.next(NOW))
        .map(|turn| match turn {
            Turn::Back(jobs, until) => {
                assert_eq!(until, NOW.plus_ms(30_000));
                jobs.len()
            }
            other => panic!("{other:?}"),
        })
        .sum();
    assert_eq!(back, 5);
    assert_eq!(lanes.promise(&two, NOW), Place::Later(NOW.plus_ms(30_000)));
    assert_eq!(lanes.promise(&elsewhere, NOW), Place::Lane);
    assert_eq!(lanes.promise(&two, NOW.plus_ms(30_000)), Place::Lane, "as the probe");
    assert_ne!(lanes.promise(&two, NOW.plus_ms(30_000)), Place::Lane, "one at a time");
}

/// An attempt ends that had no answer within a second, on a connection that came about then or on none.
fn timed_out(lanes: &Lanes, route: &Route, connect_us: Option<i64>) {
    let failure = guarded_http::Failure { class: guarded_http::FailureClass::Timeout, message: String::new() };
    let exchange = guarded_http::Exchange {
        outcome: Err(failure),
        timing: guarded_http::Timing { connect_us, total_us: 1_000_000, ..guarded_http::Timing::default() },
        remote: None,
        tls: None,
        reused: false,
    };
    let sent = Sent::Request { exchange: Box::new(exchange), record: "[]".into(), body: None, refusal: None };
    let next = NextState { status: DeliveryStatus::Retrying, due_at: None, disable_endpoint: false };
    deliverer::conclude(lanes, route, &Ending::of(&sent, NOW), &next, NOW);
}

#[test]
fn a_host_to_which_no_connection_comes_about_in_time_holds_back_too_and_one_that_only_hangs_does_not() {
    for (connect_us, place) in [(Some(1000), Place::Lane), (None, Place::Later(NOW.plus_ms(30_000)))] {
        let lanes = open();
        let (one, two) = (route(1, 1, None), route(2, 2, None));
        fill(&lanes, &one, 5);
        (0..5).for_each(|_| timed_out(&lanes, &one, connect_us));
        assert_eq!(lanes.promise(&two, NOW), place);
    }
}

/// Sends the only delivery of an endpoint, when the pause of a breaker that opened now is over.
fn probe(lanes: &Lanes, route: &Arc<Route>) -> Timestamp {
    let now = NOW.plus_ms(30_000);
    assert_eq!(lanes.promise(route, now), Place::Lane);
    lanes.join(Job { lease: now.plus_ms(lease_ms(route)), ..job(route, 1) });
    assert!(matches!(lanes.next(now), Some(Turn::Send(_))));
    now
}

#[test]
fn a_host_that_answers_a_probe_is_open_to_all_whatever_it_answers() {
    let lanes = open();
    let (one, two, three) = (route(1, 1, None), route(2, 2, None), route(3, 3, None));
    fill(&lanes, &one, 1);
    for _ in 0..5 {
        lanes.judge(&one.id, Verdict::Bad, Some(false), NOW);
    }
    let now = probe(&lanes, &two);
    assert!(matches!(lanes.promise(&three, now), Place::Later(_)), "one at a time");
    // It asked for fewer, or refused for good.
    lanes.judge(&two.id, Verdict::Neutral, Some(true), now);
    assert_eq!(lanes.promise(&three, now), Place::Lane);
}

#[test]
fn an_attempt_that_asks_nothing_of_the_host_leaves_its_breaker_as_it_is() {
    let lanes = open();
    let (one, two, three) = (route(1, 1, None), route(2, 2, None), route(3, 3, None));
    fill(&lanes, &one, 1);
    fill(&lanes, &two, 1);
    for _ in 0..5 {
        lanes.judge(&one.id, Verdict::Bad, Some(false), NOW);
    }
    // There was no token.
    lanes.judge(&two.id, Verdict::Bad, None, NOW);
    assert_eq!(lanes.promise(&three, NOW), Place::Later(NOW.plus_ms(30_000)));
}

#[test]
fn a_probe_that_sends_nothing_lets_the_next_one_go() {
    let lanes = open();
    let one = route(1, 1, None);
    fill(&lanes, &one, 1);
    assert!(sent(&lanes).is_some());
    for _ in 0..5 {
        lanes.judge(&one.id, Verdict::Bad, Some(true), NOW);
    }
    lanes.leave(&one.id, 1.0, false);
    let now = probe(&lanes, &one);
    assert_eq!(lanes.promise(&one, now), Place::Held, "one at a time");
    assert!(lanes.judge(&one.id, Verdict::Neutral, None, now).no_probe);
    lanes.leave(&one.id, 0.0, false);
    assert_eq!(lanes.promise(&one, now), Place::Lane);
}

#[test]
fn an_endpoint_has_as_many_places_as_it_asks_for() {
    let lanes = open();
    let mut narrow = Route::for_tests(OrgId::new(1, [1; 10]), EndpointId::new(1, [1; 10]), None);
    narrow.concurrency = 3;
    let narrow = Arc::new(narrow);
    fill(&lanes, &narrow, 10);
    assert_eq!(std::iter::from_fn(|| sent(&lanes)).count(), 3);
}

/// An endpoint on a host of its own.
fn elsewhere(id: u8) -> Arc<Route> {
    let mut route = Route::for_tests(OrgId::new(1, [id; 10]), EndpointId::new(1, [id; 10]), None);
    route.host = "elsewhere.example:443".into();
    Arc::new(route)
}

#[test]
fn deliveries_promised_before_the_breaker_opened_are_held_when_they_join() {
    let lanes = open();
    let endpoint = route(1, 1, None);
    fill(&lanes, &endpoint, 5);
    (0..5).for_each(|_| drop(sent(&lanes)));
    assert_eq!([lanes.promise(&endpoint, NOW), lanes.promise(&endpoint, NOW)], [Place::Lane, Place::Lane]);
    for _ in 0..5 {
        lanes.judge(&endpoint.id, Verdict::Bad, Some(true), NOW);
        lanes.leave(&endpoint.id, 1.0, false);
    }
    lanes.join(job(&endpoint, 6));
    lanes.join(job(&endpoint, 7));
    assert!(matches!(lanes.next(NOW), Some(Turn::Hold(jobs)) if jobs.len() == 2));
    assert!(lanes.next(NOW).is_none());
}

#[test]
fn nodes_divide_rate_and_concurrency_among_themselves() {
    let lanes = open();
    let endpoint = route(1, 1, Some(60));
    lanes.set_sharers(2);
    fill(&lanes, &endpoint, 30);
    assert_eq!(std::iter::from_fn(|| sent(&lanes)).count(), 6, "half of ten seconds, and one");
    let lanes = open();
    let endpoint = route(1, 1, None);
    lanes.set_sharers(4);
    fill(&lanes, &endpoint, 30);
    assert_eq!(std::iter::from_fn(|| sent(&lanes)).count(), 8, "a quarter of 32 places");
}

#[test]
fn a_limit_that_all_nodes_hold_is_asked_for_and_kept() {
    let lanes = open();
    lanes.set_shared(true);
    let endpoint = route(1, 1, Some(60));
    fill(&lanes, &endpoint, 10);
    let Some(Turn::Ask(request)) = lanes.next(NOW) else { panic!("nothing is asked") };
    assert_eq!((request.interval_ms, request.burst_ms, request.wanted), (1000, 10_000, 10));
    assert!(lanes.next(NOW).is_none(), "it waits for the answer");
    lanes.grant(&request, 3, NOW.plus_ms(11_000), NOW, NOW);
    assert_eq!(std::iter::from_fn(|| sent(&lanes)).count(), 3);
    // The third send left the lane with a question again.
    lanes.grant(&request, 0, NOW.plus_ms(11_000), NOW, NOW);
    assert!(!lanes.wake_resting(NOW.plus_ms(999)), "not before the limit allows it");
    assert!(lanes.wake_resting(NOW.plus_ms(1000)));
    assert!(matches!(lanes.next(NOW.plus_ms(1000)), Some(Turn::Ask(again)) if again.wanted == 7));
    assert!(lanes.set_shared(false));
    assert!(lanes.wake_resting(NOW.plus_ms(1000)), "without an answer the lane goes by itself again");
}

#[test]
fn what_such_a_limit_allowed_and_was_not_used_is_not_kept_for_later() {
    let lanes = open();
    lanes.set_shared(true);
    let endpoint = route(1, 1, Some(60));
    fill(&lanes, &endpoint, 10);
    let Some(Turn::Ask(request)) = lanes.next(NOW) else { panic!("nothing is asked") };
    // Before the answer comes somebody changes the endpoint: nothing waits any more.
    assert_eq!(lanes.empty(&endpoint.id).len(), 10);
    lanes.grant(&request, 10, NOW.plus_ms(10_000), NOW, NOW);
    fill(&lanes, &endpoint, 5);
    let later = NOW.plus_ms(ANSWER_MS);
    assert!(matches!(lanes.next(later), Some(Turn::Ask(again)) if again.wanted == 5), "it asks before it sends");
    lanes.grant(&request, 2, NOW.plus_ms(10_000), later, later);
    let sent = std::iter::from_fn(|| lanes.next(later)).filter(|turn| matches!(turn, Turn::Send(_))).count();
    assert_eq!(sent, 2);
}

#[test]
fn what_such_a_limit_allowed_counts_from_the_question() {
    let lanes = open();
    lanes.set_shared(true);
    fill(&lanes, &route(1, 1, Some(60)), 10);
    let Some(Turn::Ask(request)) = lanes.next(NOW) else { panic!("nothing is asked") };
    let heard = NOW.plus_ms(ANSWER_MS - 1);
    lanes.grant(&request, 10, NOW.plus_ms(10_000), NOW, heard);
    assert!(matches!(lanes.next(heard), Some(Turn::Send(_))));
    let lapsed = NOW.plus_ms(ANSWER_MS);
    assert!(matches!(lanes.next(lapsed), Some(Turn::Ask(_))), "two seconds after the question it asks anew");
}

fn batching(max_events: i64, max_wait_s: i64, rate: Option<i64>) -> Arc<Route> {
    let mut route = Route::for_tests(OrgId::new(1, [1; 10]), EndpointId::new(1, [1; 10]), rate);
    route.controls.delivery = crate::endpoint::DeliveryForm::Batch { max_events, max_wait_s };
    Arc::new(route)
}

/// How many go in the next request, after so many milliseconds.
fn batch(lanes: &Lanes, wait_ms: i64) -> usize {
    let now = NOW.plus_ms(wait_ms);
    lanes.wake_resting(now);
    match lanes.next(now) {
        Some(Turn::Batch(jobs)) => jobs.len(),
        Some(other) => panic!("not a batch: {other:?}"),
        None => 0,
    }
}

#[test]
fn a_batch_goes_once_it_is_full() {
    let (lanes, route) = (open(), batching(3, 60, None));
    fill(&lanes, &route, 2);
    assert_eq!(batch(&lanes, 0), 0);
    assert!(lanes.any_resting(), "the clock looks at it again");
    fill(&lanes, &route, 2);
    assert_eq!(batch(&lanes, 0), 3);
    assert_eq!(batch(&lanes, 0), 0, "the fourth waits for others");
}

#[test]
fn a_batch_goes_once_its_first_has_waited_whole_or_not() {
    let (lanes, route) = (open(), batching(3, 60, None));
    fill(&lanes, &route, 2);
    assert_eq!(batch(&lanes, 59_999), 0);
    assert_eq!(batch(&lanes, 60_000), 2);
}

#[test]
fn what_was_claimed_takes_along_what_is_there() {
    let (lanes, route) = (open(), batching(3, 60, None));
    assert_eq!(lanes.promise(&route, NOW), Place::Lane);
    // A claim gives a lease without time for waiting.
    lanes.join(Job { lease: NOW.plus_ms(route.timeout_ms + LEASE_MARGIN_MS), ..job(&route, 1) });
    fill(&lanes, &route, 1);
    assert_eq!(batch(&lanes, 0), 2);
    fill(&lanes, &route, 1);
    assert_eq!(lanes.promise(&route, NOW), Place::Lane);
    lanes.join(Job { lease: NOW.plus_ms(route.timeout_ms + LEASE_MARGIN_MS), ..job(&route, 1) });
    assert_eq!(batch(&lanes, 0), 2, "also what came before it");
}

#[test]
fn a_batch_never_mixes_versions_and_is_never_too_large() {
    let (lanes, route) = (open(), batching(5, 1, None));
    let newer = batching(5, 1, None);
    let mut newer = Arc::try_unwrap(newer).expect("nobody else has it");
    newer.version = 2;
    let newer = Arc::new(newer);
    fill(&lanes, &route, 2);
    fill(&lanes, &newer, 2);
    assert_eq!([batch(&lanes, 1000), batch(&lanes, 1000)], [2, 2]);
    for number in 0..3 {
        assert_eq!(lanes.promise(&newer, NOW), Place::Lane);
        lanes.join(Job { body: vec![b' '; 400 * 1024].into(), ..job(&newer, number) });
    }
    assert_eq!([batch(&lanes, 1000), batch(&lanes, 1000)], [2, 1]);
}

#[test]
fn a_batch_that_is_full_by_its_size_does_not_wait() {
    let (lanes, route) = (open(), batching(500, 60, None));
    for number in 0..3 {
        assert_eq!(lanes.promise(&route, NOW), Place::Lane);
        lanes.join(Job { body: vec![b' '; 400 * 1024].into(), ..job(&route, number) });
    }
    assert_eq!([batch(&lanes, 0), batch(&lanes, 0)], [2, 0]);
}

#[test]
fn a_rate_limit_counts_requests_and_not_events() {
    // Six requests a minute, of which two may go at once.
    let (lanes, route) = (open(), batching(2, 1, Some(6)));
    for _ in 0..2 {
        assert_eq!(fill(&lanes, &route, 2), 2);
        assert_eq!(batch(&lanes, 0), 2);
    }
    assert_eq!(fill(&lanes, &route, 1), 0, "the next request is ten seconds away");
}

#[test]
fn a_digest_that_has_waited_is_not_overtaken_by_what_goes_alone() {
    let lanes = open();
    let mut quiet = Route::for_tests(OrgId::new(1, [1; 10]), EndpointId::new(1, [1; 10]), None);
    quiet.controls.delivery = DeliveryForm::Batch { max_events: 500, max_wait_s: 1 };
    // The clock of these tests begins at 00:16:40.
    let hours = QuietHours { from: "00:00".parse().expect("a time"), to: "00:10".parse().expect("a time") };
    quiet.schedule = Some(Schedule::new(Batching::Off, Some(hours), "UTC").expect("a schedule"));
    let quiet = Arc::new(quiet);
    let join = |number: u8, at: Timestamp, created_at: Timestamp| {
        let mut job = Job { lease: at.plus_ms(quiet.timeout_ms + LEASE_MARGIN_MS), ..job(&quiet, number) };
        job.row.created_at = created_at;
        lanes.join(job);
    };
    for number in [1, 2] {
        join(number, NOW, Timestamp(300_000));
    }
    join(3, NOW.plus_ms(500), NOW);
    join(4, NOW.plus_ms(2500), NOW);
    let mut gone = Vec::new();
    while let Some(turn) = lanes.next(NOW.plus_ms(3000)) {
        let numbers = |jobs: &[Job]| jobs.iter().map(|job| job.row.id.clone()).collect::<Vec<_>>();
        match turn {
            Turn::Send(job) => gone.push(vec![job.row.id.clone()]),
            Turn::Batch(jobs) => gone.push(numbers(&jobs)),
            Turn::Back(..) | Turn::Hold(..) | Turn::Ask(_) => panic!("all may go"),
        }
        lanes.leave(&quiet.id, 1.0, false);
    }
    let id = |number: u8| DeliveryId::new(1, [number; 10]);
    assert_eq!(gone, [vec![id(3)], vec![id(1), id(2)], vec![id(4)]]);
}
