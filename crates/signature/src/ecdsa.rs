//! ECDSA on P-256 with SHA-256, as Twilio SendGrid signs: the receiver holds a public key, and nothing that could sign.
//! Only verifying lives here.

use std::fmt;

use base64::Engine as _;
use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use p256::ecdsa::{Signature, VerifyingKey};

use crate::keyed::sha256;
use crate::secret::LENIENT;
use crate::verify::VerifyError;

/// What comes before the point in a `SubjectPublicKeyInfo` (RFC 5480) of this curve: always these bytes.
const SPKI: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// A public key on P-256.
#[derive(Clone)]
pub struct EcdsaKey(VerifyingKey);

/// Why a text is no public key on P-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseEcdsaKeyError {
    /// It is not base64.
    #[error("the public key is not base64")]
    NotBase64,
    /// Its bytes are no public key of this curve.
    #[error("this is not a public key on the curve P-256 (SubjectPublicKeyInfo in DER)")]
    NotAKey,
}

impl EcdsaKey {
    /// Reads the base64 of a `SubjectPublicKeyInfo` in DER, with or without the lines of a PEM file around it.
    ///
    /// # Errors
    /// Says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, ParseEcdsaKeyError> {
        let lines = text.lines().map(str::trim).filter(|line| !line.starts_with("-----"));
        let der = LENIENT.decode(lines.collect::<String>()).map_err(|_| ParseEcdsaKeyError::NotBase64)?;
        let point = der.strip_prefix(&SPKI[..]).ok_or(ParseEcdsaKeyError::NotAKey)?;
        VerifyingKey::from_sec1_bytes(point).map(Self).map_err(|_| ParseEcdsaKeyError::NotAKey)
    }
}

impl fmt::Debug for EcdsaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EcdsaKey(…)")
    }
}

/// Verifies the base64 of a signature in DER over the parts, one after the other; one matching key suffices.
///
/// # Errors
/// Names the first mistake: missing parts, then the form, then the signature.
pub fn verify_ecdsa(keys: &[EcdsaKey], signature: &str, parts: &[&[u8]]) -> Result<(), VerifyError> {
    if keys.is_empty() {
        return Err(VerifyError::NoSecret);
    }
    let signature = signature.trim();
    if signature.is_empty() {
        return Err(VerifyError::MissingSignature);
    }
    let der = LENIENT.decode(signature).map_err(|_| VerifyError::Malformed)?;
    let signature = Signature::from_der(&der).map_err(|_| VerifyError::Malformed)?;
    let digest = sha256(parts);
    let holds = keys.iter().any(|key| key.0.verify_prehash(&digest, &signature).is_ok());
    if holds { Ok(()) } else { Err(VerifyError::Mismatch) }
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use p256::ecdsa::SigningKey;
    use p256::ecdsa::signature::Signer as _;
    use proptest::prelude::*;

    use super::*;

    fn pair(seed: u8) -> (SigningKey, String) {
        let key = SigningKey::from_bytes(&[seed; 32].into()).unwrap();
        let mut der = SPKI.to_vec();
        der.extend_from_slice(key.verifying_key().to_sec1_point(false).as_bytes());
        (key, STANDARD.encode(der))
    }

    fn signed(key: &SigningKey, text: &[u8]) -> String {
        let signature: Signature = key.sign(text);
        STANDARD.encode(signature.to_der().as_bytes())
    }

    #[test]
    fn a_signature_of_one_of_the_keys_holds_for_its_text_alone() {
        let ((one, one_text), (_, other_text)) = (pair(1), pair(2));
        let pem =
            format!("-----BEGIN PUBLIC KEY-----\n{}\n{}\n-----END PUBLIC KEY-----\n", &one_text[..64], &one_text[64..]);
        let keys = [EcdsaKey::parse(&other_text).unwrap(), EcdsaKey::parse(&pem).unwrap()];
        let signature = signed(&one, b"1760000000body");
        assert_eq!(verify_ecdsa(&keys, &signature, &[b"1760000000", b"body"]), Ok(()));
        assert_eq!(verify_ecdsa(&keys, &signature, &[b"1760000001", b"body"]), Err(VerifyError::Mismatch));
        assert_eq!(verify_ecdsa(&keys[..1], &signature, &[b"1760000000", b"body"]), Err(VerifyError::Mismatch));
        assert_eq!(verify_ecdsa(&[], &signature, &[b"body"]), Err(VerifyError::NoSecret));
        assert_eq!(verify_ecdsa(&keys, " ", &[b"body"]), Err(VerifyError::MissingSignature));
        assert_eq!(verify_ecdsa(&keys, "AAAA", &[b"body"]), Err(VerifyError::Malformed));
        assert_eq!(verify_ecdsa(&keys, "not base64", &[b"body"]), Err(VerifyError::Malformed));
    }

    #[test]
    fn a_wrong_key_is_told_what_is_wrong() {
        let (_, text) = pair(1);
        assert_eq!(EcdsaKey::parse("not base64!").err(), Some(ParseEcdsaKeyError::NotBase64));
        for text in ["", "AAAA", &text[..80], &STANDARD.encode([&SPKI[..], &[4; 65]].concat())] {
            assert_eq!(EcdsaKey::parse(text).err(), Some(ParseEcdsaKeyError::NotAKey), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_a_key_or_a_signature(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let text = STANDARD.encode(&bytes);
            let _ = EcdsaKey::parse(&text);
            let key = EcdsaKey::parse(&pair(1).1).unwrap();
            prop_assert!(verify_ecdsa(&[key], &text, &[b"body"]).is_err());
        }
    }
}
