//! What goes wrong with time.

use signature::VerifyError;

use super::*;

fn timed(scheme: Scheme, timestamp: &str) -> Pasted {
    let pasted = good(scheme);
    let now = NOW.to_string();
    let text = text(scheme, BODY).replace(&now, timestamp);
    let headers = signed(scheme, &key(scheme), &text).headers.replace(&now, timestamp);
    Pasted { headers, ..pasted }
}

#[track_caller]
fn assert_late(pasted: &Pasted, error: VerifyError, certain: &[&str], likely: &[&str]) {
    let report = pasted.report();
    assert_eq!(report.verdict, Verdict::ValidBut(error), "{report:#?}");
    assert_eq!(codes(&report, Certainty::Certain), certain);
    assert_eq!(codes(&report, Certainty::Likely), likely);
    assert_words(&report);
}

#[test]
fn a_right_signature_at_the_wrong_time_is_named() {
    for scheme in [Scheme::Standard, Scheme::Plain, Scheme::Stripe, Scheme::Slack] {
        let at = |now_s| Pasted { now_s, ..good(scheme) };
        assert_eq!(at(NOW + 300).report().verdict, Verdict::Valid);
        assert_late(&at(NOW + 301), VerifyError::TooOld(301), &["timestamp_too_old"], &[]);
        assert_late(&at(NOW - 301), VerifyError::TooNew(301), &["timestamp_too_new"], &[]);
    }
    let github = Pasted { now_s: 0, ..good(Scheme::Github) };
    assert_eq!(github.report().verdict, Verdict::Valid);
}

#[test]
fn a_difference_of_whole_hours_makes_a_time_zone_suspect() {
    let at = |offset: i64| Pasted { now_s: NOW + offset, ..good(Scheme::Standard) };
    assert_late(&at(7200 + 4), VerifyError::TooOld(7204), &["timestamp_too_old"], &["timestamp_time_zone"]);
    assert_late(&at(-3590), VerifyError::TooNew(3590), &["timestamp_too_new"], &["timestamp_time_zone"]);
    assert_late(&at(5400), VerifyError::TooOld(5400), &["timestamp_too_old"], &[]);
    assert_late(&at(86_400), VerifyError::TooOld(86_400), &["timestamp_too_old"], &[]);
}

#[test]
fn a_timestamp_in_milliseconds_is_named() {
    let sent = NOW * 1000 + 417;
    let late = VerifyError::TooNew(sent - NOW - 5);
    for scheme in [Scheme::Standard, Scheme::Plain, Scheme::Stripe, Scheme::Slack] {
        let pasted = timed(scheme, &sent.to_string());
        assert_late(&pasted, late, &["timestamp_in_milliseconds"], &[]);
        let later = Pasted { now_s: NOW + 1000, ..pasted };
        let error = VerifyError::TooNew(sent - NOW - 1000);
        assert_late(&later, error, &["timestamp_in_milliseconds", "timestamp_too_old"], &[]);
    }
}

#[test]
fn a_timestamp_that_is_no_number_is_named() {
    for timestamp in ["1760000000.5", "2025-10-09T08:53:20Z", "+1760000000"] {
        let pasted = timed(Scheme::Standard, timestamp);
        assert_late(&pasted, VerifyError::BadTimestamp, &["timestamp_not_a_number"], &[]);
    }
}

#[test]
fn a_wrong_signature_is_not_called_late() {
    let pasted = Pasted { now_s: NOW + 9000, ..good(Scheme::Standard) }.body("{\"other\":1}");
    assert_suspected(&pasted, "secret_other");
    assert_eq!(codes(&pasted.report(), Certainty::Likely), ["secret_other", "body_changed"]);
}
