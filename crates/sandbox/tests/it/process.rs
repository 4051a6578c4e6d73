//! What child processes hold off that threads cannot.

use std::time::{Duration, Instant};

use sandbox::{Config, Isolation, Sandbox, ScriptError};

use crate::{fails, in_process, run, sent};

#[tokio::test]
async fn a_child_that_hangs_for_ever_is_killed() {
    let mut config = in_process();
    (config.threads, config.limits.wall) = (1, Duration::from_millis(500));
    let sandbox = Sandbox::new(config).unwrap();
    for _ in 0..3 {
        let start = Instant::now();
        assert_eq!(
            fails(&sandbox, "Array.prototype.reverse.call({ length: 2 ** 53 - 1 });").await,
            ScriptError::Timeout
        );
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
        assert_eq!(sandbox.stuck(), 0);
    }
    assert_eq!(sent(run(&sandbox, "return {fine: true};").await), r#"{"fine":true}"#);
}

/// The engine has a fault here: it runs out of memory in the middle of enlarging the object, and takes its process along.
#[tokio::test]
async fn a_child_that_falls_over_takes_nothing_along() {
    let sandbox = Sandbox::new(in_process()).unwrap();
    let body = "const pad = new ArrayBuffer(3705000); const o = {}; for (let i = 0; ; i++) o['k' + i] = i;";
    let error = fails(&sandbox, body).await;
    assert!(matches!(error, ScriptError::Crashed | ScriptError::OutOfMemory | ScriptError::Timeout), "{error:?}");
    assert_eq!(sent(run(&sandbox, "return {fine: true};").await), r#"{"fine":true}"#);
}

#[test]
fn a_program_that_does_not_serve_is_found_out_at_once() {
    for program in ["/nonexistent", "/bin/true"] {
        let isolation = Isolation::Process { program: program.into(), args: Vec::new() };
        assert!(Sandbox::new(Config::new(isolation)).is_err(), "{program}");
    }
}

#[tokio::test]
async fn local_time_in_a_child_is_utc() {
    let sandbox = Sandbox::new(in_process()).unwrap();
    let body = "return { offset: new Date().getTimezoneOffset(), hours: new Date(0).getHours() };";
    assert_eq!(sent(run(&sandbox, body).await), r#"{"offset":0,"hours":0}"#);
}
