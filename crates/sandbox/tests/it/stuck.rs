//! Built-in functions that never look at the time, on threads.

use std::time::{Duration, Instant};

use sandbox::{Config, Isolation, Sandbox, ScriptError};

use crate::{fails, run, sent};

/// Hangs for seconds without once looking at the time.
const HANG: &str = "for (let i = 0; i < 240; i++) Array.prototype.reverse.call({ length: 400000 }); return event;";

fn sandbox(threads: usize, max_stuck: usize) -> Sandbox {
    let mut config = Config::new(Isolation::Threads);
    config.limits.wall = Duration::from_millis(500);
    Sandbox::new(Config { threads, max_stuck, ..config }).expect("threads start")
}

async fn until_free(sandbox: &Sandbox) {
    let start = Instant::now();
    while sandbox.stuck() > 0 {
        assert!(start.elapsed() < Duration::from_secs(100), "the thread never came back");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_thread_that_hangs_is_given_up_and_replaced() {
    let sandbox = sandbox(1, 8);
    assert_eq!(fails(&sandbox, HANG).await, ScriptError::Timeout);
    assert_eq!(sandbox.stuck(), 1, "it is answered while it hangs");
    assert_eq!(sent(run(&sandbox, "return {fine: true};").await), r#"{"fine":true}"#);
    until_free(&sandbox).await;
    assert_eq!(sent(run(&sandbox, "return {fine: true};").await), r#"{"fine":true}"#);
}

#[tokio::test]
async fn runs_are_refused_while_too_many_threads_hang() {
    let sandbox = sandbox(1, 1);
    assert_eq!(fails(&sandbox, HANG).await, ScriptError::Timeout);
    assert_eq!(fails(&sandbox, "return event;").await, ScriptError::Busy);
    until_free(&sandbox).await;
    assert_eq!(sent(run(&sandbox, "return {fine: true};").await), r#"{"fine":true}"#);
}

#[tokio::test]
async fn those_who_wait_are_refused_when_the_last_thread_hangs() {
    let sandbox = sandbox(1, 1);
    let (hanging, waiting) = tokio::join!(fails(&sandbox, HANG), fails(&sandbox, "return event;"));
    assert_eq!((hanging, waiting), (ScriptError::Timeout, ScriptError::Busy));
}

#[tokio::test]
async fn a_full_queue_refuses() {
    let mut config = Config::new(Isolation::Threads);
    (config.threads, config.max_waiting) = (1, 0);
    let sandbox = Sandbox::new(config).unwrap();
    assert_eq!(fails(&sandbox, "return event;").await, ScriptError::Busy);
}

#[tokio::test]
async fn who_no_longer_listens_is_not_served() {
    let sandbox = sandbox(1, 8);
    {
        let gone = run(&sandbox, "while (true);");
        let soon = tokio::time::sleep(Duration::from_millis(1));
        tokio::select! { biased; () = soon => {}, _ = gone => panic!("too early") }
    }
    assert_eq!(sent(run(&sandbox, "return {fine: true};").await), r#"{"fine":true}"#);
}
