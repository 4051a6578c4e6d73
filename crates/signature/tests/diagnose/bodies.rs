//! What happens to bodies on their way.

use super::*;

const PRETTY2: &str = "{\n  \"type\": \"contact.created\",\n  \"data\": {\n    \"name\": \"Zoë\",\n    \"url\": \"https://a.test/?a=1&b=<2>\"\n  }\n}";

fn pretty4() -> String {
    PRETTY2.replace("  ", "    ")
}

/// Signs one body, pastes another, in two schemes.
#[track_caller]
fn changed(signed_body: &str, pasted_body: &str, mistakes: &[&str]) {
    for scheme in [Scheme::Standard, Scheme::Github] {
        let pasted = signed(scheme, &key(scheme), &text(scheme, signed_body)).body(pasted_body);
        assert_named(&pasted, mistakes);
    }
}

#[test]
fn json_that_was_written_again_is_recognised() {
    let spaced = BODY.replace("\":", "\": ").replace(",\"", ", \"");
    let tabs = PRETTY2.replace("  ", "\t");
    for pasted in [PRETTY2, &pretty4(), &spaced, &tabs] {
        changed(BODY, pasted, &["body_reformatted"]);
        changed(pasted, BODY, &["body_reformatted"]);
    }
    changed(PRETTY2, &pretty4(), &["body_reformatted"]);
}

#[test]
fn the_layout_that_was_signed_is_told() {
    for (signed_body, words) in [(BODY, "compact form"), (PRETTY2, "two spaces"), (&pretty4(), "four spaces")] {
        let pasted = signed(Scheme::Github, SECRET.as_bytes(), signed_body).body(
            "{\"type\" :\t\"contact.created\",\"data\":{\"name\":\"Zoë\",\"url\":\"https://a.test/?a=1&b=<2>\"}}",
        );
        let report = pasted.report();
        assert!(report.findings[0].explanation.contains(words), "{report:#?}");
    }
}

#[test]
fn numbers_and_strings_keep_their_spelling_when_json_is_laid_out_again() {
    let compact = r#"{"a":1.0,"b":-1e+3,"c":"\u00eb\/","d":[],"e":{},"f":[null,true,{"g":12345678901234567890}]}"#;
    let pretty = "{\n  \"a\": 1.0,\n  \"b\": -1e+3,\n  \"c\": \"\\u00eb\\/\",\n  \"d\": [],\n  \"e\": {},\n  \"f\": [\n    null,\n    true,\n    {\n      \"g\": 12345678901234567890\n    }\n  ]\n}";
    changed(compact, pretty, &["body_reformatted"]);
    changed(pretty, compact, &["body_reformatted"]);
}

#[test]
fn another_order_of_keys_is_recognised() {
    let sorted = r#"{"data":{"name":"Zoë","url":"https://a.test/?a=1&b=<2>"},"type":"contact.created"}"#;
    changed(sorted, BODY, &["body_keys_sorted"]);
    changed(sorted, PRETTY2, &["body_reformatted", "body_keys_sorted"]);
    let pasted = signed(Scheme::Github, SECRET.as_bytes(), r#"{"c":1,"a":2,"b":3}"#).body(r#"{"a":2,"b":3,"c":1}"#);
    assert_suspected(&pasted, "body_keys_look_sorted");
}

#[test]
fn escapes_are_recognised_both_ways() {
    let ascii = BODY.replace('ë', "\\u00eb");
    let slash = BODY.replace('/', "\\/");
    let html = BODY.replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e");
    let upper = html.replace("003c", "003C").replace("003e", "003E").replace('ë', "\\u00EB");
    let php = ascii.replace('/', "\\/");
    for other in [ascii, slash, html, upper, php] {
        changed(&other, BODY, &["body_escapes"]);
        changed(BODY, &other, &["body_escapes"]);
    }
}

#[test]
fn what_python_and_go_make_of_a_body_is_recognised() {
    let python = BODY.replace("\":", "\": ").replace(",\"", ", \"").replace('ë', "\\u00eb");
    changed(BODY, &python, &["body_reformatted", "body_escapes"]);
    let go = "{\"data\":{\"name\":\"Zoë\",\"url\":\"https://a.test/?a=1\\u0026b=\\u003c2\\u003e\"},\"type\":\"contact.created\"}\n";
    changed(go, BODY, &["body_keys_sorted", "body_escapes", "body_newline_missing"]);
}

#[test]
fn line_breaks_at_the_end_are_recognised() {
    for end in ["\n", "\r\n"] {
        let longer = format!("{BODY}{end}");
        changed(BODY, &longer, &["body_newline_added"]);
        changed(&longer, BODY, &["body_newline_missing"]);
    }
    changed(BODY, &format!(" \n{BODY} "), &["body_blanks"]);
    changed("token=a&text=b", "token=a&text=b\n", &["body_newline_added"]);
}

#[test]
fn line_endings_are_recognised() {
    let windows = "a: 1\r\nb: 2\r\n";
    let unix = "a: 1\nb: 2\n";
    changed(windows, unix, &["body_line_endings_lf"]);
    changed(unix, windows, &["body_line_endings_crlf"]);
    changed(unix.trim_end(), windows, &["body_line_endings_crlf", "body_newline_added"]);
    changed(&PRETTY2.replace('\n', "\r\n"), PRETTY2, &["body_line_endings_lf"]);
}

#[test]
fn marks_and_html_and_double_encoding_are_recognised() {
    changed(BODY, &format!("\u{feff}{BODY}"), &["body_mark_added"]);
    changed(&format!("\u{feff}{BODY}"), BODY, &["body_mark_missing"]);
    let html = BODY.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    changed(BODY, &html, &["body_html_escaped"]);
    changed(&html, BODY, &["body_html_unescaped"]);
    let twice = format!("\"{}\"", BODY.replace('"', "\\\""));
    changed(BODY, &twice, &["body_encoded_twice"]);
    changed(&twice, BODY, &["body_signed_encoded_twice"]);
}

#[test]
fn an_empty_body_is_recognised() {
    changed("", BODY, &["body_signed_empty"]);
    assert_suspected(&good(Scheme::Standard).body(""), "body_empty");
}

#[test]
fn a_cut_body_is_suspected() {
    assert_suspected(&good(Scheme::Standard).body(&BODY[..40]), "body_cut");
}

#[test]
fn a_large_body_is_judged_in_time() {
    let compact = format!("[{}0]", "{\"name\":\"Zoë\",\"list\":[1,2,3]},".repeat(5_000));
    assert!(compact.len() > 128 * 1024);
    let pretty = format!("[{}0]", "{\"name\": \"Zoë\", \"list\": [1, 2, 3]}, ".repeat(5_000));
    let pasted = signed(Scheme::Stripe, SECRET.as_bytes(), &text(Scheme::Stripe, &compact)).body(&pretty);
    assert_named(&pasted, &["body_reformatted"]);
    let report = pasted.body(&compact.replace("Zoë", "Zoe")).report();
    assert_eq!(report.verdict, Verdict::Invalid);
}

#[test]
fn deep_json_is_no_danger() {
    let deep = "[".repeat(100_000);
    assert_suspected(&good(Scheme::Github).body(&deep), "body_cut");
    let closed = "[".repeat(5_000) + &"]".repeat(5_000);
    assert_eq!(good(Scheme::Github).body(&closed).report().verdict, Verdict::Invalid);
}
