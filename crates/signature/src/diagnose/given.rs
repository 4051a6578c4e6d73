//! The signatures that came with the message, read whatever form they have.

use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use base64::{DecodeError, Engine as _};

use super::mistakes::signature as wrong;
use super::mistakes::{Mistake, Slip};
use crate::Scheme;
use crate::secret::LENIENT;

/// One signature of the version expected, or one that could be meant as such.
#[derive(Debug)]
pub(super) struct Given {
    /// As it stands in the header.
    pub(super) text: String,
    /// What it stands for; `None` if it cannot be read.
    pub(super) bytes: Option<Vec<u8>>,
    /// How its form differs from the right one.
    pub(super) slips: Vec<Slip>,
}

/// What stands in front of a signature in some scheme.
const PREFIXES: [&str; 10] =
    ["v1,", "v1a,", "v1=", "v0=", "sha256=", "sha1=", "sha512=", "sha256:", "v1:", "hmac-sha256="];

/// What must stand in front of a signature of this scheme.
pub(super) fn prefix(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Standard => "v1,",
        Scheme::Ed25519 => "v1a,",
        Scheme::Stripe => "v1=",
        Scheme::Slack => "v0=",
        Scheme::Plain | Scheme::Github => "sha256=",
    }
}

/// The words of a header's value that may be signatures.
pub(super) fn words(scheme: Scheme, value: &str) -> Vec<&str> {
    match scheme {
        Scheme::Standard | Scheme::Ed25519 => {
            value.split_ascii_whitespace().map(|word| word.trim_end_matches(',')).collect()
        }
        Scheme::Stripe => value.split(',').map(str::trim).filter(|part| !part.starts_with("t=")).collect(),
        Scheme::Plain | Scheme::Github | Scheme::Slack => vec![value.trim()],
    }
}

/// Reads a word. `None` if it is of another version, which receivers pass over.
pub(super) fn read(scheme: Scheme, word: &str) -> Option<Given> {
    let right = prefix(scheme);
    let mut slips = Vec::new();
    let found = PREFIXES.into_iter().find(|known| word.to_ascii_lowercase().starts_with(known));
    let encoded = match found {
        _ if word.starts_with(right) => &word[right.len()..],
        Some(other) if is_version_of(scheme, other) => return None,
        Some(other) => {
            if !matches!(other, "sha1=" | "sha512=") {
                slips.push(wrong::PREFIX_WRONG.with(right));
            }
            &word[other.len()..]
        }
        None if word.starts_with("v2,") => return None,
        None => {
            slips.push(wrong::PREFIX_MISSING.with(right));
            word
        }
    };
    let in_base64 = matches!(scheme, Scheme::Standard | Scheme::Ed25519);
    let bytes = decode(encoded, scheme).map(|(bytes, form)| {
        slips.extend(form.slip(in_base64));
        if scheme != Scheme::Ed25519 {
            slips.extend(of_length(bytes.len()).map(Mistake::slip));
        }
        bytes
    });
    Some(Given { text: word.to_owned(), bytes, slips })
}

/// Whether a receiver of this scheme knows the prefix as another version of it.
fn is_version_of(scheme: Scheme, prefix: &str) -> bool {
    match scheme {
        Scheme::Standard => prefix == "v1a,",
        Scheme::Ed25519 => prefix == "v1,",
        Scheme::Stripe => prefix == "v0=",
        Scheme::Plain | Scheme::Github | Scheme::Slack => false,
    }
}

fn of_length(bytes: usize) -> Option<&'static Mistake> {
    match bytes {
        20 => Some(&wrong::SHA1),
        64 => Some(&wrong::SHA512),
        _ => None,
    }
}

/// How bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Hex,
    Base64,
    Unpadded,
    UrlSafe,
    Base64OfHex,
}

impl Form {
    fn slip(self, in_base64: bool) -> Option<Slip> {
        match (self, in_base64) {
            (Self::Hex, false) | (Self::Base64, true) => None,
            (Self::Hex, true) => Some(wrong::HEX.slip()),
            (Self::Unpadded, true) => Some(wrong::UNPADDED.slip()),
            (Self::Base64 | Self::Unpadded, false) => Some(wrong::BASE64.slip()),
            (Self::UrlSafe, _) => Some(wrong::URL_SAFE.slip()),
            (Self::Base64OfHex, _) => Some(wrong::BASE64_OF_HEX.slip()),
        }
    }
}

/// The bytes of a signature, whose length must be one that signatures have.
fn decode(text: &str, scheme: Scheme) -> Option<(Vec<u8>, Form)> {
    let fits = |bytes: &[u8]| match scheme {
        Scheme::Ed25519 => bytes.len() == 64,
        _ => matches!(bytes.len(), 20 | 32 | 64),
    };
    if let Some(bytes) = unhex(text.as_bytes()).filter(|bytes| fits(bytes)) {
        return Some((bytes, Form::Hex));
    }
    let padded = STANDARD.decode(text).map(|bytes| (bytes, Form::Base64));
    let (bytes, form) = match padded.or_else(|_| Ok::<_, DecodeError>((LENIENT.decode(text)?, Form::Unpadded))) {
        Ok(read) => read,
        Err(_) => (URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()?, Form::UrlSafe),
    };
    match unhex(&bytes).filter(|inner| fits(inner)) {
        Some(inner) => Some((inner, Form::Base64OfHex)),
        None => fits(&bytes).then_some((bytes, form)),
    }
}

/// Reads any number of bytes of hex.
pub(super) fn unhex(text: &[u8]) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_chunks::<2>();
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let bytes = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect();
    if rest.is_empty() { bytes } else { None }
}
