//! How a receiver checks the signature of an attempt: the signed text, and code to copy.

use domain::delivery::{Attempt, Outcome};
use signature::VERIFY_CODE;

use super::curl::quote;

/// The language that is shown first, and whose code is made for the attempt.
pub const FIRST: &str = "shell";

/// The headers that matter for the signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// `webhook-id`
    pub id: String,
    /// `webhook-timestamp`
    pub timestamp: String,
    /// `webhook-signature`
    pub signature: String,
    /// `X-Webhook-Signature`
    pub plain: Option<String>,
}

/// Finds the signature in an attempt's headers.
#[must_use]
pub fn signed(attempt: &Attempt) -> Option<Signed> {
    let header = |name: &str| {
        attempt.request_headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone())
    };
    Some(Signed {
        id: header("webhook-id")?,
        timestamp: header("webhook-timestamp")?,
        signature: header("webhook-signature")?,
        plain: header("x-webhook-signature"),
    })
}

/// The id of the request that an attempt was one of several in.
#[must_use]
pub fn batch(attempt: &Attempt) -> Option<&str> {
    let (_, id) = attempt.request_headers.iter().find(|(name, _)| name == "webhook-id")?;
    Some(id.as_str()).filter(|id| id.starts_with(domain::id::BatchId::PREFIX))
}

/// Whether the receiver fetched it.
#[must_use]
pub fn fetched(attempt: &Attempt) -> bool {
    attempt.outcome == Outcome::Succeeded && attempt.code.is_none()
}

/// The text that was signed.
#[must_use]
pub fn base_string(signed: &Signed, body: &str) -> String {
    format!("{}.{}.{body}", signed.id, signed.timestamp)
}

/// Code that checks the signature, in one of the languages of [`VERIFY_CODE`].
#[must_use]
pub fn code(language: &str, signed: &Signed, body: &str) -> String {
    match VERIFY_CODE.iter().find(|(slug, ..)| *slug == language && language != FIRST) {
        Some((.., code)) => (*code).to_owned(),
        None => shell(signed, body),
    }
}

/// The check of this very attempt with OpenSSL.
fn shell(signed: &Signed, body: &str) -> String {
    format!(
        "# Prints the signature of this attempt; compare it with:\n# {}\nSECRET='whsec_…'   # the endpoint's signing secret\nKEY=$(printf %s \"${{SECRET#whsec_}}\" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \\n')\nprintf %s {} \\\n  | openssl dgst -sha256 -mac HMAC -macopt hexkey:\"$KEY\" -binary \\\n  | openssl base64 -A | sed 's/^/v1,/'\n",
        signed.signature.replace(['\n', '\r'], " "),
        quote(&base_string(signed, body)),
    )
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    /// The published vector of the reference libraries.
    fn vector() -> (Signed, &'static str, &'static str) {
        let signed = Signed {
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek".into(),
            timestamp: "1614265330".into(),
            signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=".into(),
            plain: None,
        };
        (signed, r#"{"test": 2432232314}"#, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    }

    #[test]
    fn the_shell_code_prints_the_published_signature() {
        let (signed, body, secret) = vector();
        let script = code("shell", &signed, body).replace("whsec_…", secret);
        let output = std::process::Command::new("sh").arg("-c").arg(script).output().expect("a shell");
        assert_eq!(String::from_utf8_lossy(&output.stdout), signed.signature);
    }

    #[test]
    fn the_signed_headers_are_found_whatever_their_case() {
        let mut attempt = samples::succeeded();
        assert_eq!(signed(&attempt), None);
        attempt.request_headers = [("Webhook-Id", "evt_1"), ("webhook-timestamp", "5"), ("Webhook-Signature", "v1,x")]
            .map(|(n, v)| (n.into(), v.into()))
            .into();
        let signed = signed(&attempt).expect("signed");
        assert_eq!(base_string(&signed, "{}"), "evt_1.5.{}");
    }

    #[test]
    fn there_is_code_in_seven_languages() {
        let (signed, body, _) = vector();
        let all: std::collections::HashSet<_> =
            VERIFY_CODE.iter().map(|(slug, ..)| code(slug, &signed, body)).collect();
        assert_eq!(all.len(), 7);
        assert_eq!(VERIFY_CODE[0].0, FIRST);
        assert!(code(FIRST, &signed, body).contains(&signed.id) && code("cobol", &signed, body).contains(&signed.id));
    }
}
