//! Nothing is left from one run to the next, and there is nothing of the host to be found.

use std::sync::Arc;

use sandbox::{Output, Script};

use crate::{both, on_threads, run, sent};

#[tokio::test]
async fn nothing_is_left_from_the_run_before() {
    for sandbox in both() {
        let pollute = "Object.prototype.leak = 1; Array.prototype.map = 2; globalThis.leak = 3; JSON.stringify = () => 'x'; \
                       Math.random = () => 4; Date.now = () => 5; console.log = null; delete globalThis.Map; return {done: true};";
        let look = "return { leaks: ({}).leak ?? globalThis.leak ?? null, map: [1].map(x => x + 1), json: JSON.stringify({a: 1}), \
                    random: Math.random() < 1, now: Date.now(), log: typeof console.log, Map: typeof Map };";
        let clean = r#"{"leaks":null,"map":[2],"json":"{\"a\":1}","random":true,"now":1700000000123,"log":"function","Map":"function"}"#;
        for _ in 0..3 {
            assert_eq!(sent(run(&sandbox, pollute).await), r#"{"done":true,"leak":1}"#.replace(",\"leak\":1", ""));
            assert_eq!(sent(run(&sandbox, look).await), clean);
        }
    }
}

#[tokio::test]
async fn a_script_finds_the_language_and_nothing_of_the_host() {
    let body = "return { names: Object.getOwnPropertyNames(Function('return this')()).filter(n => !/^[A-Z]/.test(n)).sort() };";
    let expected = [
        "console",
        "decodeURI",
        "decodeURIComponent",
        "encodeURI",
        "encodeURIComponent",
        "escape",
        "eval",
        "globalThis",
        "isFinite",
        "isNaN",
        "parseFloat",
        "parseInt",
        "queueMicrotask",
        "transform",
        "undefined",
        "unescape",
    ];
    let expected = serde_json::json!({ "names": expected }).to_string();
    for sandbox in both() {
        assert_eq!(sent(run(&sandbox, body).await), expected);
    }
}

#[tokio::test]
async fn constructors_lead_nowhere() {
    let body = "const found = []; \
        const globals = [Function('return this')(), (0, eval)('this'), transform.constructor('return this')(), \
          console.log.constructor('return this')(), Date.prototype.constructor.constructor('return this')(), \
          (function* () {}).constructor('yield this')().next().value]; \
        for (const g of globals) for (const n of ['process', 'require', 'module', 'Deno', 'std', 'os', 'fetch', 'setTimeout', \
          'XMLHttpRequest', 'WebAssembly', 'Worker', 'performance', 'WeakRef', 'SharedArrayBuffer', 'Atomics', 'print', 'load', \
          'scriptArgs', 'gc', 'bjson', 'navigator']) if (n in g) found.push(n); \
        return { same: globals.every(g => g === globalThis), found: [...new Set(found)] };";
    for sandbox in both() {
        assert_eq!(sent(run(&sandbox, body).await), r#"{"same":true,"found":[]}"#);
    }
}

#[tokio::test]
async fn no_other_module_can_be_loaded() {
    for sandbox in both() {
        let body =
            "let settled = 'nothing'; import('/etc/passwd').then(() => { settled = 'loaded'; }); return { settled };";
        assert_eq!(sent(run(&sandbox, body).await), r#"{"settled":"nothing"}"#);
    }
}

#[tokio::test]
async fn the_job_queue_is_not_served() {
    let body =
        "let ran = false; queueMicrotask(() => { ran = true; while (true); }); return { get ran() { return ran; } };";
    assert_eq!(sent(run(&on_threads(), body).await), r#"{"ran":false}"#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_runs_at_once_do_not_mix() {
    for sandbox in both() {
        let sandbox = Arc::new(sandbox);
        let script = Script::accepted(
            "let seen = 0; function transform(event) { seen += event.n; globalThis.all = seen; return { n: seen, r: Math.random() }; }",
        );
        let runs: Vec<_> = (0..200u64)
            .map(|n| {
                let (sandbox, script) = (Arc::clone(&sandbox), script.clone());
                tokio::spawn(async move { sandbox.run(&script, &format!("{{\"n\":{n}}}"), 0, n % 2).await })
            })
            .collect();
        for (n, run) in runs.into_iter().enumerate() {
            let Ok(Output::Send { body, .. }) = run.await.unwrap().result else { panic!("run {n}") };
            assert!(body.starts_with(&format!("{{\"n\":{n},\"r\":0.")), "{body}");
        }
    }
}
