//! Who renews, who waits, and for how long failures last.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use tokio::sync::Notify;

use super::*;
use crate::Secret;

/// A cache, a clock that stands still, and a token server that numbers its tokens.
#[derive(Default)]
struct Bench {
    cache: TokenCache<&'static str>,
    now: AtomicI64,
    asked: AtomicUsize,
    /// Lets one renewal of [`Bench::slowly`] go on.
    go: Notify,
}

type Outcome = Result<Arc<Token>, TokenError>;

impl Bench {
    fn at(&self, seconds: i64) -> &Self {
        self.now.store(seconds * 1000, SeqCst);
        self
    }

    fn next(&self, life_s: Option<u64>) -> Result<Token, TokenError> {
        let number = self.asked.fetch_add(1, SeqCst) + 1;
        Token::new(&Secret::from(format!("t{number}")), life_s.map(Duration::from_secs))
    }

    async fn get(&self, life_s: u64) -> Outcome {
        self.cache.get(&"key", || self.now.load(SeqCst), async || self.next(Some(life_s))).await
    }

    /// The token server takes until it is told to go on.
    async fn slowly(&self, key: &'static str) -> Outcome {
        let renew = async || {
            let token = self.next(Some(1000));
            self.go.notified().await;
            token
        };
        self.cache.get(&key, || self.now.load(SeqCst), renew).await
    }

    async fn failing(&self) -> Outcome {
        let renew = async || {
            self.asked.fetch_add(1, SeqCst);
            Err(TokenError::Status(503))
        };
        self.cache.get(&"key", || self.now.load(SeqCst), renew).await
    }

    fn asked(&self) -> usize {
        self.asked.load(SeqCst)
    }
}

fn name(outcome: Outcome) -> String {
    outcome.unwrap().access_token().to_owned()
}

#[tokio::test]
async fn a_token_is_used_until_four_fifths_of_its_life_are_over() {
    let bench = Bench::default();
    for (second, token) in [(100, "t1"), (899, "t1"), (900, "t2"), (901, "t2"), (1699, "t2"), (9999, "t3")] {
        assert_eq!(name(bench.at(second).get(1000).await), token, "at {second} s");
    }
}

#[tokio::test]
async fn a_server_that_does_not_say_how_long_is_believed_for_five_minutes() {
    let bench = Bench::default();
    for (second, token) in [(0, "t1"), (239, "t1"), (240, "t2")] {
        bench.at(second);
        let outcome = bench.cache.get(&"key", || bench.now.load(SeqCst), async || bench.next(None)).await;
        assert_eq!(name(outcome), token);
    }
}

#[tokio::test]
async fn a_life_counts_from_the_question_and_not_from_the_answer() {
    let bench = Bench::default();
    let renew = async || {
        bench.at(500);
        bench.next(Some(1000))
    };
    assert_eq!(name(bench.cache.get(&"key", || bench.now.load(SeqCst), renew).await), "t1");
    assert_eq!(name(bench.at(799).get(1000).await), "t1");
    assert_eq!(name(bench.at(800).get(1000).await), "t2");
}

#[tokio::test]
async fn however_many_wait_the_token_server_is_asked_once() {
    let bench = Arc::new(Bench::default());
    let callers: Vec<_> = (0..50)
        .map(|_| {
            let bench = bench.clone();
            tokio::spawn(async move { bench.slowly("key").await })
        })
        .collect();
    while bench.asked() == 0 {
        tokio::task::yield_now().await;
    }
    bench.go.notify_one();
    for caller in callers {
        assert_eq!(name(caller.await.unwrap()), "t1");
    }
    assert_eq!(bench.asked(), 1);
}

#[tokio::test]
async fn one_key_does_not_wait_for_another() {
    let bench = Bench::default();
    tokio::select! {
        biased;
        _ = bench.slowly("other") => panic!("nobody let it go on"),
        outcome = bench.get(1000) => assert_eq!(name(outcome), "t2"),
    }
}

#[tokio::test]
async fn the_old_token_does_while_a_new_one_is_on_its_way_and_no_longer_than_it_lives() {
    let bench = Bench::default();
    assert_eq!(name(bench.at(0).slowly_done().await), "t1");
    let mut renewal = Box::pin(bench.at(900).slowly("key"));
    assert!(poll_once(&mut renewal).is_none());
    assert_eq!(name(bench.get(1000).await), "t1");
    assert_eq!(bench.asked(), 2);

    let mut late = Box::pin(bench.at(1000).get(1000));
    assert!(poll_once(&mut late).is_none(), "the old token is over, so this one waits");
    bench.go.notify_one();
    assert_eq!(name(renewal.await), "t2");
    assert_eq!(name(late.await), "t2");
    assert_eq!(bench.asked(), 2);
}

#[tokio::test]
async fn a_renewal_that_is_dropped_is_taken_over_by_the_next_in_line() {
    let bench = Bench::default();
    let mut first = Box::pin(bench.slowly("key"));
    assert!(poll_once(&mut first).is_none());
    let mut second = Box::pin(bench.get(1000));
    assert!(poll_once(&mut second).is_none());
    drop(first);
    assert_eq!(name(second.await), "t2");
}

#[tokio::test]
async fn a_failure_is_remembered_for_ten_seconds_from_when_it_happened() {
    let bench = Bench::default();
    let renew = async || {
        bench.asked.fetch_add(1, SeqCst);
        bench.at(30);
        Err(TokenError::Status(503))
    };
    let outcome = bench.cache.get(&"key", || bench.now.load(SeqCst), renew).await;
    assert_eq!(outcome.unwrap_err(), TokenError::Status(503));
    for second in [30, 39] {
        assert_eq!(bench.at(second).get(1000).await.unwrap_err(), TokenError::Status(503));
    }
    assert_eq!(bench.asked(), 1);
    assert_eq!(name(bench.at(40).get(1000).await), "t2");
}

#[tokio::test]
async fn those_who_wait_for_a_failure_share_it() {
    let bench = Bench::default();
    let renew = async || {
        bench.asked.fetch_add(1, SeqCst);
        bench.go.notified().await;
        Err(TokenError::MissingToken)
    };
    let mut first = Box::pin(bench.cache.get(&"key", || bench.now.load(SeqCst), renew));
    assert!(poll_once(&mut first).is_none());
    let mut second = Box::pin(bench.get(1000));
    assert!(poll_once(&mut second).is_none());
    bench.go.notify_one();
    assert_eq!(first.await.unwrap_err(), TokenError::MissingToken);
    assert_eq!(second.await.unwrap_err(), TokenError::MissingToken);
    assert_eq!(bench.asked(), 1);
}

#[tokio::test]
async fn a_clock_set_back_does_not_make_a_failure_last() {
    let bench = Bench::default();
    assert!(bench.at(5000).failing().await.is_err());
    assert_eq!(name(bench.at(1000).get(1000).await), "t2");
}

#[tokio::test]
async fn a_failed_renewal_leaves_the_old_token_to_its_end() {
    let bench = Bench::default();
    assert_eq!(name(bench.at(0).get(1000).await), "t1");
    for (second, asked) in [(900, 2), (905, 2), (910, 3), (999, 4)] {
        assert_eq!(name(bench.at(second).failing().await), "t1");
        assert_eq!(bench.asked(), asked, "at {second} s");
    }
    assert!(bench.at(1000).failing().await.is_err());
    assert_eq!(bench.asked(), 4, "the failure of a second ago still counts");
    assert_eq!(name(bench.at(1009).get(1000).await), "t5");
}

#[tokio::test]
async fn a_refused_token_is_forgotten_once() {
    let bench = Bench::default();
    let old = bench.at(0).get(1000).await.unwrap();
    assert!(bench.cache.forget(&"key", &old, 20_000));
    let new = bench.at(20).get(1000).await.unwrap();
    assert_eq!(new.access_token(), "t2");
    assert!(bench.cache.forget(&"key", &old, 40_000), "another caller, turned away with the same one");
    assert_eq!(name(bench.at(40).get(1000).await), "t2");
    assert!(bench.cache.forget(&"no such key", &old, 0));
}

#[tokio::test]
async fn a_token_that_was_fresh_when_refused_is_kept() {
    let bench = Bench::default();
    let token = bench.at(0).get(1000).await.unwrap();
    assert!(!bench.cache.forget(&"key", &token, 9999));
    assert_eq!(name(bench.at(10).get(1000).await), "t1");
    assert!(bench.cache.forget(&"key", &token, 10_000));
    assert_eq!(name(bench.get(1000).await), "t2");
}

#[tokio::test]
async fn a_removed_key_starts_anew_even_while_it_is_renewed() {
    let bench = Bench::default();
    assert!(bench.failing().await.is_err());
    bench.cache.remove(&"key");
    let mut outdated = Box::pin(bench.slowly("key"));
    assert!(poll_once(&mut outdated).is_none());
    bench.cache.remove(&"key");
    assert_eq!(name(bench.get(1000).await), "t3");
    bench.go.notify_one();
    assert_eq!(name(outdated.await), "t2");
    assert_eq!(name(bench.get(1000).await), "t3");
}

#[tokio::test]
async fn keys_with_nothing_worth_keeping_are_swept_out() {
    let cache = TokenCache::new();
    for key in 0..10_000_i64 {
        let renew = async || Token::new(&Secret::from("t"), Some(Duration::from_secs(1)));
        cache.get(&key, || key * 100, renew).await.unwrap();
    }
    assert!(cache.lock().slots.len() <= FIRST_SWEEP, "{cache:?}");
}

impl Bench {
    async fn slowly_done(&self) -> Outcome {
        self.go.notify_one();
        self.slowly("key").await
    }
}

/// Polls once.
fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::Pin::new(future).poll(&mut context) {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}
