//! JSON Web Tokens (RFC 7519) signed by HS256 (RFC 7515, appendix A.1), where both sides know the key.
//!
//! What a token claims is handed on and not judged, but for its end: `exp`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use subtle::ConstantTimeEq as _;

use crate::sign::body_mac;
use crate::text_key::TextKey;

/// Seconds by which a token may be over, for clocks that disagree.
const LEEWAY_S: i64 = 30;

/// What is wrong with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    /// No secret was given to verify with.
    #[error("there is no secret to verify with")]
    NoSecret,
    /// It is not three parts of base64url, or its first two are no JSON objects.
    #[error("this is not a JSON Web Token: three parts of base64url with dots between them")]
    Malformed,
    /// It is signed in another way, or not at all.
    #[error("the token is not signed by HS256")]
    OtherAlgorithm,
    /// It was signed with another secret, or changed on the way.
    #[error("the signature of the token does not match: the secret differs, or the token was changed on the way")]
    Mismatch,
    /// It does not say until when it is good.
    #[error("the token does not say when it ends (exp)")]
    NoExpiry,
    /// It is over, for so many seconds.
    #[error("the token ended {0} s ago (is a clock wrong, or is this an old request?)")]
    Expired(i64),
}

/// Signs claims by HS256: the token.
#[must_use]
pub fn sign_jwt(key: &TextKey, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&json!({ "alg": "HS256", "typ": "JWT" })), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(body_mac(key, signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// Verifies a token and its end; one matching key suffices. `now_s` is the receiver's clock, in Unix seconds; a token
/// is still taken 30 seconds after its end. Returns what it claims.
///
/// # Errors
/// Names the first mistake: the form, the algorithm, the signature, then the end.
pub fn verify_jwt(keys: &[&TextKey], token: &str, now_s: i64) -> Result<Map<String, Value>, JwtError> {
    if keys.is_empty() {
        return Err(JwtError::NoSecret);
    }
    let (signed, signature) = token.trim().rsplit_once('.').ok_or(JwtError::Malformed)?;
    let (head, claims) = signed.split_once('.').ok_or(JwtError::Malformed)?;
    let head = object(head).ok_or(JwtError::Malformed)?;
    if head.get("alg").and_then(Value::as_str) != Some("HS256") {
        return Err(JwtError::OtherAlgorithm);
    }
    let given = URL_SAFE_NO_PAD.decode(signature).map_err(|_| JwtError::Malformed)?;
    if !keys.iter().any(|key| body_mac(key, signed.as_bytes())[..].ct_eq(&given).into()) {
        return Err(JwtError::Mismatch);
    }
    let claims = object(claims).ok_or(JwtError::Malformed)?;
    let over_s = now_s.saturating_sub(numeric_date(claims.get("exp")).ok_or(JwtError::NoExpiry)?);
    if over_s > LEEWAY_S { Err(JwtError::Expired(over_s)) } else { Ok(claims) }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

/// A NumericDate: seconds, possibly with a fraction, which is left out.
fn numeric_date(value: Option<&Value>) -> Option<i64> {
    let value = value?;
    #[expect(clippy::cast_possible_truncation, reason = "the cast saturates, and such a date is as good as never")]
    value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: i64 = 1_760_000_000;

    #[test]
    fn a_token_holds_until_its_end_and_a_little_longer() {
        let (key, other) = (TextKey::new("secret"), TextKey::new("other"));
        let token = sign_jwt(&key, &json!({ "iss": "app", "exp": NOW }));
        for now in [NOW - 1000, NOW, NOW + 30] {
            assert_eq!(verify_jwt(&[&other, &key], &token, now).map(|claims| claims["iss"].clone()), Ok(json!("app")));
        }
        assert_eq!(verify_jwt(&[&key], &token, NOW + 31), Err(JwtError::Expired(31)));
        assert_eq!(verify_jwt(&[&other], &token, NOW), Err(JwtError::Mismatch));
        assert_eq!(verify_jwt(&[], &token, NOW), Err(JwtError::NoSecret));
        let fraction = sign_jwt(&key, &json!({ "exp": 1_760_000_000.5 }));
        assert!(verify_jwt(&[&key], &fraction, NOW).is_ok());
        assert_eq!(verify_jwt(&[&key], &sign_jwt(&key, &json!({ "iat": NOW })), NOW), Err(JwtError::NoExpiry));
    }

    #[test]
    fn only_tokens_signed_by_hs256_are_looked_at() {
        let key = TextKey::new("secret");
        let token = sign_jwt(&key, &json!({ "exp": NOW }));
        let (rest, signature) = token.rsplit_once('.').unwrap();
        let claims = rest.split_once('.').unwrap().1;
        for head in [json!({ "alg": "none" }), json!({ "alg": "RS256" }), json!({})] {
            let head = URL_SAFE_NO_PAD.encode(head.to_string());
            for signature in ["", signature] {
                let token = format!("{head}.{claims}.{signature}");
                assert_eq!(verify_jwt(&[&key], &token, NOW), Err(JwtError::OtherAlgorithm));
            }
        }
        for token in ["", ".", "..", "a.b", "a.b.c", rest, &format!("{token}=")] {
            assert_eq!(verify_jwt(&[&key], token, NOW), Err(JwtError::Malformed), "{token}");
        }
        assert_eq!(verify_jwt(&[&key], &format!("{rest}."), NOW), Err(JwtError::Mismatch));
    }

    proptest! {
        #[test]
        fn any_text_can_be_verified(token in "[a-zA-Z0-9_.=-]{0,60}|\\PC{0,40}", now in any::<i64>()) {
            prop_assert!(verify_jwt(&[&TextKey::new("secret")], &token, now).is_err());
        }

        #[test]
        fn any_end_is_judged(exp in any::<f64>(), now in any::<i64>()) {
            let key = TextKey::new("secret");
            let _ = verify_jwt(&[&key], &sign_jwt(&key, &json!({ "exp": exp })), now);
        }
    }
}
