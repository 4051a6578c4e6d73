//! The signing secret: its text, its bytes, and its prepared keys.

use std::fmt;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::text_key::{Mac, TextKey, keyed};

pub(crate) const PREFIX: &str = "whsec_";
pub(crate) const SHORTEST: usize = 24;
pub(crate) const LONGEST: usize = 64;

/// Reads base64 with and without padding; writing always pads.
pub(crate) const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A signing secret, ready to sign. Wiped from memory when dropped; `Debug` shows only the hint.
#[derive(Clone)]
pub struct Secret {
    text: Zeroizing<String>,
    standard: Mac,
    plain: TextKey,
}

/// Why a text is not a signing secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ParseSecretError {
    /// There is nothing, or nothing after the prefix.
    #[error("the secret is empty; expected \"whsec_\" followed by base64")]
    Empty,
    /// It begins like a key of the asymmetric scheme.
    #[error("this is an asymmetric key (whsk_ or whpk_); expected a shared secret, \"whsec_\" followed by base64")]
    Asymmetric,
    /// What follows the prefix is not base64.
    #[error("what follows \"whsec_\" is not base64 (letters, digits, \"+\", \"/\", with \"=\" only at the end)")]
    NotBase64,
    /// It holds too few bytes to be safe.
    #[error("the secret holds {0} bytes; at least 24 are needed")]
    TooShort(usize),
    /// It holds more bytes than the specification allows.
    #[error("the secret holds {0} bytes; at most 64 are allowed")]
    TooLong(usize),
}

impl Secret {
    /// Makes a secret of 32 random bytes; the caller brings the randomness.
    #[must_use]
    pub fn generate(random: [u8; 32]) -> Self {
        Self::from_key(&Zeroizing::new(random)[..])
    }

    /// Reads `whsec_<base64>`, or the bare base64, of 24 to 64 bytes.
    ///
    /// # Errors
    /// Says which of the rules the text breaks.
    pub fn parse(text: &str) -> Result<Self, ParseSecretError> {
        let text = text.trim();
        if text.starts_with("whsk_") || text.starts_with("whpk_") {
            return Err(ParseSecretError::Asymmetric);
        }
        let encoded = text.strip_prefix(PREFIX).unwrap_or(text);
        if encoded.is_empty() {
            return Err(ParseSecretError::Empty);
        }
        let key = LENIENT.decode(encoded).map(Zeroizing::new).map_err(|_| ParseSecretError::NotBase64)?;
        match key.len() {
            n if n < SHORTEST => Err(ParseSecretError::TooShort(n)),
            n if n > LONGEST => Err(ParseSecretError::TooLong(n)),
            _ => Ok(Self::from_key(&key)),
        }
    }

    /// The secret as its owner sees it: `whsec_` and base64.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The last four characters before any padding, to tell two secrets apart without showing them.
    #[must_use]
    pub fn hint(&self) -> String {
        let bare = self.text.trim_end_matches('=');
        bare[bare.len() - 4..].to_owned()
    }

    /// The HMAC keyed with the decoded bytes.
    pub(crate) fn standard(&self) -> Mac {
        self.standard.clone()
    }

    /// The key of the schemes that use the secret as it is written.
    #[must_use]
    pub fn text_key(&self) -> &TextKey {
        &self.plain
    }

    fn from_key(key: &[u8]) -> Self {
        // Reserved in full, so that no half-written copy is left behind by growing.
        let mut text = Zeroizing::new(String::with_capacity(PREFIX.len() + key.len().div_ceil(3) * 4));
        text.push_str(PREFIX);
        general_purpose::STANDARD.encode_string(key, &mut text);
        Self { standard: keyed(key), plain: TextKey::new(&text), text }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret(…{})", self.hint())
    }
}

/// Compared in constant time.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.text.as_bytes().ct_eq(other.text.as_bytes()).into()
    }
}

impl Eq for Secret {}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: usize) -> String {
        format!("whsec_{}", general_purpose::STANDARD.encode(vec![7_u8; bytes]))
    }

    #[test]
    fn a_generated_secret_reads_back_as_itself() {
        let secret = Secret::generate([9; 32]);
        assert!(secret.text().starts_with("whsec_CQkJ"));
        assert_eq!(Secret::parse(secret.text()), Ok(secret));
    }

    #[test]
    fn prefix_padding_and_surrounding_blanks_do_not_matter() {
        let secret = Secret::generate([1; 32]);
        let bare = secret.text().trim_start_matches("whsec_");
        for text in [bare, bare.trim_end_matches('='), &format!(" {bare}\n")] {
            assert_eq!(Secret::parse(text).as_ref(), Ok(&secret), "{text:?}");
        }
    }

    #[test]
    fn a_wrong_secret_is_told_what_is_wrong() {
        use ParseSecretError::*;
        for (text, error) in [
            (String::new(), Empty),
            ("  ".into(), Empty),
            ("whsec_".into(), Empty),
            ("whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".into(), Asymmetric),
            ("whsec_not base64!".into(), NotBase64),
            ("whsec_AQID-_".into(), NotBase64),
            (of(23), TooShort(23)),
            (of(65), TooLong(65)),
        ] {
            assert_eq!(Secret::parse(&text), Err(error), "{text:?}");
        }
        assert!(Secret::parse(&of(24)).is_ok());
        assert!(Secret::parse(&of(64)).is_ok());
    }

    #[test]
    fn debug_shows_the_hint_and_nothing_else() {
        let secret = Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        assert_eq!(format!("{secret:?}"), "Secret(…LaSw)");
        assert_eq!(Secret::generate([1; 32]).hint(), "BAQE");
    }
}
