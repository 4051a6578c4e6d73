//! What a script may return, and what it is told when it returns something else.

use sandbox::{Output, Script, ScriptError};

use crate::{EVENT, both, fails, on_threads, run, sent};

#[tokio::test]
async fn the_returned_object_is_the_new_body() {
    for sandbox in both() {
        let body = "event.data.total *= 2; delete event.timestamp; return event;";
        let expected = r#"{"webhook_id":"evt_1","event_type":"order.paid","data":{"id":7,"total":25}}"#;
        assert_eq!(sent(run(&sandbox, body).await), expected);
    }
}

#[tokio::test]
async fn an_array_is_a_body_too() {
    assert_eq!(sent(run(&on_threads(), "return [event.data.id];").await), "[7]");
}

#[tokio::test]
async fn null_or_nothing_means_do_not_send() {
    for sandbox in both() {
        for body in ["return null;", "return undefined;", "", "if (event.data.total < 100) return; return event;"] {
            assert_eq!(run(&sandbox, body).await.result, Ok(Output::Skip), "{body}");
        }
    }
}

#[tokio::test]
async fn headers_come_beside_the_body() {
    for sandbox in both() {
        let body =
            "return { $body: {ok: true}, $headers: {'X-Total': event.data.total, 'x-a': 'b c', 'X-Flag': true} };";
        let headers = [("x-a", "b c"), ("x-flag", "true"), ("x-total", "12.5")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        assert_eq!(run(&sandbox, body).await.result, Ok(Output::Send { body: r#"{"ok":true}"#.into(), headers }));
    }
}

#[tokio::test]
async fn what_cannot_be_sent_is_named() {
    let sandbox = on_threads();
    for (body, expected) in [
        ("return 'text';", "it returned a string"),
        ("return 5;", "it returned a int"),
        ("return true;", "it returned a bool"),
        ("return () => 1;", "it returned a function"),
        ("return Symbol('x');", "it returned a symbol"),
        ("return 5n;", "it returned a big_int"),
        ("return Promise.resolve(event);", "it returned a promise: the function must not be async"),
        ("return new Date();", "what it returned is no object in JSON"),
        ("return { toJSON() { return 'text'; } };", "what it returned is no object in JSON"),
        ("return { toJSON() {} };", "what it returned is no object in JSON"),
        ("return { $headers: {} };", "what it returned is no object in JSON"),
        ("return { $body: {}, $headers: [] };", "its $headers are not an object"),
        ("return { $body: {}, $headers: 'a: b' };", "its $headers are not an object"),
        ("return { $body: {}, $headers: {'a b': '1'} };", "\"a b\" is no name for a header"),
        ("return { $body: {}, $headers: {a: {}} };", "the header \"a\" is not a text"),
        ("return { $body: {}, $headers: {a: '1', A: '2'} };", "the header \"a\" is there twice"),
        (
            "return { $body: {}, $headers: {a: '1\\r\\nb: 2'} };",
            "the header \"a\" has a value with characters that headers cannot carry",
        ),
        (
            "const many = {}; for (let i = 0; i < 33; i++) many['h' + i] = 'x'; return { $body: {}, $headers: many };",
            "it has more than 32 $headers",
        ),
    ] {
        assert_eq!(fails(&sandbox, body).await, ScriptError::BadResult { found: expected.into() }, "{body}");
    }
}

#[tokio::test]
async fn code_of_the_script_that_throws_while_the_result_is_read_is_a_failure_of_the_script() {
    for sandbox in both() {
        for body in [
            "return { get a() { throw new Error('no'); } };",
            "return { toJSON() { throw new Error('no'); } };",
            "return new Proxy({}, { ownKeys() { throw new Error('no'); } });",
            "return new Proxy({}, { has() { throw new Error('no'); } });",
            "return { $body: {}, get $headers() { throw new Error('no'); } };",
        ] {
            let ScriptError::Threw { message, line } = fails(&sandbox, body).await else { panic!("{body}") };
            assert_eq!((message.as_str(), line), ("Error: no", Some(1)), "{body}");
        }
        assert!(matches!(fails(&sandbox, "const a = {}; a.a = a; return a;").await, ScriptError::Threw { .. }));
        assert!(matches!(fails(&sandbox, "return {a: 1n};").await, ScriptError::Threw { .. }));
    }
}

#[tokio::test]
async fn a_fault_is_named_with_its_line() {
    let sandbox = on_threads();
    let threw = |message: &str, line| ScriptError::Threw { message: message.into(), line };
    let missing = "\n\nreturn event.data.missing.name;";
    assert_eq!(fails(&sandbox, missing).await, threw("TypeError: cannot read property 'name' of undefined", Some(3)));
    assert_eq!(fails(&sandbox, "throw 'a text';").await, threw("a text", None));
    assert_eq!(fails(&sandbox, "throw {code: 5};").await, threw(r#"{"code":5}"#, None));
    assert_eq!(fails(&sandbox, "throw undefined;").await, threw("undefined", None));
    assert_eq!(fails(&sandbox, "throw Symbol('x');").await, threw("(cannot be shown)", None));
    assert_eq!(fails(&sandbox, "throw {toJSON() {throw 1}};").await, threw("(cannot be shown)", None));
    let ScriptError::Threw { message, .. } = fails(&sandbox, "throw new Error('é'.repeat(1000));").await else {
        panic!()
    };
    assert!(message.len() <= 500 && message.ends_with("é…"), "{message}");
}

#[tokio::test]
async fn a_source_is_checked_before_it_is_kept() {
    for sandbox in both() {
        assert!(sandbox.compile("const transform = (event) => event; // fine").await.is_ok());
        let wrong = "function transform(event) {\n  return event +;\n}";
        let ScriptError::Syntax { line: 2, column: 17, message } = sandbox.compile(wrong).await.unwrap_err() else {
            panic!()
        };
        assert!(message.contains("unexpected token"), "{message}");
        assert!(matches!(
            sandbox.compile("function transform() {").await,
            Err(ScriptError::Syntax { line: 1..=2, .. })
        ));
        assert!(matches!(sandbox.compile("import x from 'y'").await, Err(ScriptError::Syntax { .. })));
        let null = ScriptError::Syntax { line: 2, column: 3, message: "a null character".into() };
        assert_eq!(sandbox.compile("function transform() {}\n//\0").await, Err(null));
        for source in ["", "function other() {}", "const transform = 5", "let transform"] {
            assert_eq!(sandbox.compile(source).await, Err(ScriptError::NoTransform), "{source}");
        }
        let threw = ScriptError::Threw { message: "Error: early".into(), line: Some(2) };
        assert_eq!(sandbox.compile("function transform() {}\nthrow new Error('early')").await, Err(threw));
        assert_eq!(sandbox.compile("while (true);").await, Err(ScriptError::Timeout));
    }
}

#[tokio::test]
async fn an_event_that_is_not_json_is_refused() {
    let script = Script::accepted("function transform(event) { return event; }");
    for event in ["", "{", "{'a': 1}", "{} {}", "{\"a\": \"\0\"}"] {
        assert_eq!(on_threads().run(&script, event, 0, 0).await.result, Err(ScriptError::BadInput), "{event:?}");
    }
}

#[tokio::test]
async fn texts_of_all_languages_pass_unharmed() {
    let script = Script::accepted(
        "function transform(event) { return {t: event.t, n: event.t.length, h: event.t.slice(0, 1)}; }",
    );
    for sandbox in both() {
        let run = sandbox.run(&script, r#"{"t":"🦀 é 中文 \u0000 \u2028"}"#, 0, 0).await;
        assert_eq!(sent(run), "{\"t\":\"🦀 é 中文 \\u0000 \u{2028}\",\"n\":11,\"h\":\"\\ud83e\"}");
    }
}

#[tokio::test]
async fn numbers_are_doubles_and_large_ones_lose_digits() {
    let script = Script::accepted("function transform(event) { return event; }");
    let run = on_threads().run(&script, r#"{"a":9007199254740993,"b":1.0,"c":1e400,"d":-0}"#, 0, 0).await;
    assert_eq!(sent(run), r#"{"a":9007199254740992,"b":1,"c":null,"d":0}"#);
}

#[tokio::test]
async fn what_a_script_logs_is_handed_back() {
    for sandbox in both() {
        let body = "console.log('total', event.data.total, {a: [1]}); console.error(new TypeError('x')); \
                    console.warn(null, undefined, Symbol('s'), '\\ud800', () => 1); throw 1;";
        let run = run(&sandbox, body).await;
        let lines = ["total 12.5 {\"a\":[1]}", "TypeError: x", "null undefined (cannot be shown) \"\\ud800\" () => 1"];
        assert_eq!(run.log, lines);
        assert!(run.result.is_err());
    }
}

#[tokio::test]
async fn a_run_tells_its_time_and_memory() {
    let run = run(&on_threads(), "globalThis.kept = new Uint8Array(1000000); return event;").await;
    assert!(run.took_us > 0 && (1_000_000..3_000_000).contains(&run.memory_bytes), "{run:?}");
    assert!(EVENT.len() > 100);
}
