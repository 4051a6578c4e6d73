//! Hostile scripts reach every bound, and are answered in time.

use std::time::{Duration, Instant};

use sandbox::{Limits, Part, Sandbox, Script, ScriptError};

#[cfg(unix)]
use crate::in_process;
use crate::{both, both_with, fails, on_threads, run, sent};

/// The error, and that it came: much later than the watchdog's time only where the machine is busy.
async fn fails_in_time(sandbox: &Sandbox, body: &str) -> ScriptError {
    let start = Instant::now();
    let error = fails(sandbox, body).await;
    assert!(start.elapsed() < Duration::from_secs(5), "{body} took {:?}", start.elapsed());
    error
}

#[tokio::test]
async fn endless_work_ends() {
    for sandbox in both_with(|limits| limits.cpu = Duration::from_millis(10)) {
        for body in [
            "while (true);",
            "for (;;) { try { while (true); } catch {} finally { continue; } }",
            "const f = () => { try { f(); } finally { while (true); } }; f();",
            "/(a+)+$/.test('a'.repeat(40) + 'b');",
            "new RegExp('(x+x+)+y').exec('x'.repeat(50));",
            "[1, 2].sort(() => { while (true); });",
            "'aaaa'.replace(/a/g, () => { while (true); });",
            "const g = function* () { while (true) yield 1; }; for (const x of g());",
            "return { get a() { while (true); } };",
            "return { toJSON() { while (true); } };",
            "return new Proxy({}, { ownKeys() { while (true); } });",
            "throw { toJSON() { while (true); } };",
            "console.log({ toJSON() { while (true); } });",
            "throw Object.defineProperty(new Error(), 'message', { get() { while (true); } });",
            "Error.prepareStackTrace = () => { while (true); }; throw new Error('x');",
            "[...Array.prototype.entries.call({ length: 2 ** 53 - 1 })];",
        ] {
            let error = fails_in_time(&sandbox, body).await;
            let expected = matches!(error, ScriptError::Timeout | ScriptError::OutOfMemory);
            assert!(expected && (error == ScriptError::Timeout || body.contains("entries")), "{body}: {error:?}");
        }
        assert_eq!(sent(run(&sandbox, "return {fine: true};").await), r#"{"fine":true}"#);
    }
}

#[tokio::test]
async fn endless_depth_ends() {
    for sandbox in both() {
        for body in [
            "const f = () => f() + 1; f();",
            "const o = { toString() { return '' + o; } }; return { a: '' + o };",
            "const o = { toJSON() { return JSON.stringify(o); } }; return o;",
            "const p = new Proxy({}, { get: (t, k, r) => r[k] }); p.x;",
            "JSON.parse('['.repeat(200000));",
            "let a = []; for (let i = 0; i < 20000; i++) a = [a]; return { a };",
            "eval('('.repeat(100000));",
            "new RegExp('('.repeat(100000));",
            "[1].map(function f() { return [1].map(f); });",
        ] {
            let error = fails_in_time(&sandbox, body).await;
            let refused = matches!(&error, ScriptError::Threw { message, .. } if message.starts_with("SyntaxError"));
            assert!(error == ScriptError::StackOverflow || refused, "{body}: {error:?}");
        }
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        let script = Script::accepted("function transform(event) { return event; }");
        assert_eq!(sandbox.run(&script, &deep, 0, 0).await.result, Err(ScriptError::StackOverflow));
    }
}

/// Time enough to reach the bound on memory on the busiest of machines.
fn patient(limits: &mut Limits) {
    (limits.cpu, limits.wall) = (Duration::from_secs(10), Duration::from_secs(20));
}

async fn runs_out_of_memory(sandbox: &Sandbox, bodies: &[&str]) {
    for body in bodies {
        let error = fails(sandbox, body).await;
        // The engine refuses some sizes without trying.
        let refusals = ["RangeError: ", "InternalError: string too long"];
        let refused = |message: &str| refusals.iter().any(|refusal| message.starts_with(refusal));
        let refused = matches!(&error, ScriptError::Threw { message, .. } if refused(message));
        assert!(error == ScriptError::OutOfMemory || refused, "{body}: {error:?}");
    }
    assert_eq!(sent(run(sandbox, "return {fine: true};").await), r#"{"fine":true}"#);
}

#[tokio::test]
async fn too_much_memory_at_once_is_refused() {
    let bodies = [
        "let s = 'x'; for (;;) s += s;",
        "let s = 'x'; for (let i = 0; i < 29; i++) s += s; return { s };",
        "const a = []; for (;;) a.push('x'.repeat(100000));",
        "'x'.repeat(2 ** 30 - 1);",
        "'x'.padStart(2 ** 29).split('');",
        "new Array(2 ** 32 - 1).fill(0);",
        "new Uint8Array(2 ** 30);",
        "new ArrayBuffer(10, { maxByteLength: 2 ** 40 }).resize(2 ** 35);",
        "JSON.stringify(new Array(2 ** 25));",
        "2n ** (2n ** 40n);",
        "'x'.repeat(1000000).replace(/x/g, 'yyyyyyyyyyyyyyyyyyyy');",
    ];
    for sandbox in both_with(patient) {
        runs_out_of_memory(&sandbox, &bodies).await;
    }
}

/// In child processes only: here the engine comes close to its faults.
#[cfg(unix)]
#[tokio::test]
async fn memory_eaten_in_small_bites_ends() {
    let bodies = [
        "const a = []; for (;;) a.push({ x: 1, y: [2] });",
        "const a = []; for (;;) a.push(() => a);",
        "const m = new Map(); for (let i = 0; ; i++) m.set(i, 'v' + i);",
    ];
    let mut config = in_process();
    patient(&mut config.limits);
    runs_out_of_memory(&Sandbox::new(config).unwrap(), &bodies).await;
}

#[tokio::test]
async fn a_script_may_catch_that_it_has_no_memory() {
    let body = "try { 'x'.repeat(2 ** 28); } catch (e) { return { caught: e.message }; }";
    assert_eq!(sent(run(&on_threads(), body).await), r#"{"caught":"out of memory"}"#);
}

#[tokio::test]
async fn a_megabyte_in_a_built_in_function_is_within_the_bounds() {
    for sandbox in both() {
        assert_eq!(sent(run(&sandbox, "return { n: 'x'.repeat(1000000).length };").await), r#"{"n":1000000}"#);
        let body = "const a = []; for (let i = 0; i < 1000; i++) a.push((i * 7919) % 1000); a.sort((x, y) => x - y); \
                    return { first: a[0], last: a[999] };";
        assert_eq!(sent(run(&sandbox, body).await), r#"{"first":0,"last":999}"#);
    }
}

#[tokio::test]
async fn long_texts_are_refused() {
    let sandbox = on_threads();
    let large = |part, bytes, limit| Some(ScriptError::TooLarge { part, bytes, limit });
    let (half, limit) = ("'x'.repeat(131072)", 262_144);
    let result = run(&sandbox, &format!("return [{half}, {half}];")).await.result;
    assert_eq!(result.err(), large(Part::Result, 262_151, limit));
    let body =
        format!("return {{ $body: {{ a: {half} + 'x'.repeat(131000) }}, $headers: {{ h: 'y'.repeat(1000) }} }};");
    assert_eq!(run(&sandbox, &body).await.result.err(), large(Part::Result, 263_081, limit));
    assert_eq!(sandbox.compile(&" ".repeat(32_769)).await.err(), large(Part::Source, 32_769, 32_768));
    let script = Script::accepted("function transform(event) { return event; }");
    let event = format!("\"{}\"", "x".repeat(1 << 20));
    assert_eq!(sandbox.run(&script, &event, 0, 0).await.result.err(), large(Part::Event, 1_048_578, 1_048_576));
}

#[tokio::test]
async fn the_log_is_cut() {
    let run = run(&on_threads(), "for (let i = 0; i < 200; i++) console.log(i, 'é'.repeat(2000)); return event;").await;
    assert_eq!(run.log.len(), 50);
    assert!(run.log.iter().all(|line| line.len() <= 1024 && line.ends_with("é…")));
}
