//! Headers, body and secret as they are pasted into the signature debugger: it always answers, and never calls valid what
//! the verifier refuses.
#![no_main]

use signature::diagnose::{Certainty, Input, Verdict, diagnose};

libfuzzer_sys::fuzz_target!(|input: (&str, &str, &str)| {
    let (headers, body, secret) = input;
    let report = diagnose(&Input { headers, body, secret, ..Input::default() });
    if report.verdict == Verdict::Valid {
        assert!(report.findings.iter().all(|finding| finding.certainty != Certainty::Certain));
    }
});
