//! What is checked, and an example of it. Pure.

use signature::diagnose::{Certainty, Finding, Input, Report, Verdict, diagnose};
use signature::{Secret, sign_standard};

/// The secret of the example in the Standard Webhooks specification.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ID: &str = "evt_01km2v6q5w8h3n4p7r9s0t1v2x";
const BODY: &str = r#"{"event_type":"invoice.paid","data":{"id":"inv_8812","amount":12900,"customer":"Zoë & Söhne"}}"#;

/// A message as it was pasted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Given {
    /// The request's headers.
    pub headers: String,
    /// The body as received.
    pub body: String,
    /// The signing secret.
    pub secret: String,
    /// The secret before the last rotation; may be empty.
    pub old_secret: String,
    /// Whether the age of the message is left out of account.
    pub any_age: bool,
}

/// What was found out, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The report of the `signature` crate.
    pub report: Report,
    /// The age in words, where it would have mattered and was left out of account.
    pub age: Option<Finding>,
}

impl Given {
    /// A message whose signature holds, signed at this time.
    #[must_use]
    pub fn example(now_s: i64) -> Self {
        let signature = Secret::parse(SECRET).map(|secret| sign_standard(&[secret], ID, now_s, BODY.as_bytes()));
        let signature = signature.unwrap_or_default();
        Self {
            headers: format!(
                "content-type: application/json\nwebhook-id: {ID}\nwebhook-timestamp: {now_s}\nwebhook-signature: {signature}"
            ),
            body: BODY.to_owned(),
            secret: SECRET.to_owned(),
            ..Self::default()
        }
    }

    /// Checks it by this clock.
    #[must_use]
    pub fn check(&self, now_s: i64) -> Found {
        let mut report = diagnose(&Input {
            headers: &self.headers,
            body: &self.body,
            secret: &self.secret,
            old_secret: Some(self.old_secret.as_str()).filter(|secret| !secret.trim().is_empty()),
            id: None,
            scheme: None,
            now_s,
        });
        let mut age = None;
        if self.any_age && matches!(report.verdict, Verdict::ValidBut(_)) && only_age(&report) {
            report.verdict = Verdict::Valid;
            age = report.findings.drain(..).find(|finding| finding.certainty == Certainty::Certain);
        }
        Found { report, age }
    }
}

/// Whether a right signature is only too old or too new, and not written in another unit.
fn only_age(report: &Report) -> bool {
    let certain = report.findings.iter().filter(|finding| finding.certainty == Certainty::Certain);
    certain.into_iter().all(|finding| matches!(finding.code, "timestamp_too_old" | "timestamp_too_new"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_760_000_000;

    #[test]
    fn the_example_holds() {
        let found = Given::example(NOW).check(NOW + 5);
        assert_eq!((found.report.verdict, found.report.findings.len()), (Verdict::Valid, 0));
        assert_eq!(found.report.expected, found.report.received);
    }

    #[test]
    fn an_old_message_holds_only_where_its_age_does_not_count() {
        let old = Given::example(NOW - 86_400 * 3);
        assert!(matches!(old.check(NOW).report.verdict, Verdict::ValidBut(_)));
        let found = Given { any_age: true, ..old.clone() }.check(NOW);
        assert_eq!((found.report.verdict, found.report.findings.len()), (Verdict::Valid, 0));
        assert!(found.age.is_some_and(|age| age.explanation.contains("3 days")));
        let wrong = Given { any_age: true, body: "{}".into(), ..old };
        assert_eq!(wrong.check(NOW).report.verdict, Verdict::Invalid);
    }

    #[test]
    fn a_body_that_was_written_anew_is_named() {
        let given = Given::example(NOW);
        let spaced = given.body.replace("\":", "\": ").replace(",\"", ", \"");
        let found = Given { body: spaced, ..given }.check(NOW);
        let first = found.report.findings.first().expect("a finding");
        assert_eq!((found.report.verdict, first.certainty), (Verdict::Invalid, Certainty::Certain));
        assert_eq!(first.code, "body_reformatted");
    }

    #[test]
    fn a_blank_second_secret_is_none() {
        let given = Given { old_secret: "  ".into(), ..Given::example(NOW) };
        assert_eq!(given.check(NOW).report.expected.len(), 1);
    }
}
