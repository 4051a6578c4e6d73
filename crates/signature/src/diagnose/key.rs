//! The keys that a secret's text can be turned into, the right one and the wrong ones.

use std::fmt;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::digest::Output;
use hmac::{Hmac, KeyInit};
use sha1::Sha1;
use sha2::Sha512;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::Variant;
use super::given::unhex;
use super::mistakes::{Slip, secret as wrong};
use crate::Scheme;
use crate::ed25519::{PUBLIC_PREFIX, PublicKey, SECRET_PREFIX, SigningKey};
use crate::secret::{LENIENT, PREFIX};
use crate::text_key::Mac;

/// What a signature can be checked with.
#[derive(Debug)]
pub(super) enum Key {
    /// A shared key.
    Shared(SharedKey),
    /// The public half of a pair.
    Public(PublicKey),
}

/// The bytes of a shared key, and the usual HMAC with them hashed in.
pub(super) struct SharedKey {
    bytes: Zeroizing<Vec<u8>>,
    sha256: Mac,
}

impl SharedKey {
    /// HMAC-SHA256 of a text in pieces.
    pub(super) fn sign(&self, text: &[&str]) -> [u8; 32] {
        mac(self.sha256.clone(), text).into()
    }
}

impl fmt::Debug for SharedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedKey(…)")
    }
}

impl Key {
    /// Whether this key signed the text, which comes in pieces. The length says by which hash.
    pub(super) fn signed(&self, text: &[&str], signature: &[u8]) -> bool {
        match self {
            Self::Shared(key) => match signature.len() {
                20 => same(&mac(keyed::<Hmac<Sha1>>(&key.bytes), text), signature),
                32 => same(&key.sign(text), signature),
                64 => same(&mac(keyed::<Hmac<Sha512>>(&key.bytes), text), signature),
                _ => false,
            },
            Self::Public(key) => {
                <&[u8; 64]>::try_from(signature).is_ok_and(|signature| key.signed(text.concat().as_bytes(), signature))
            }
        }
    }
}

fn keyed<M: KeyInit>(key: &[u8]) -> M {
    M::new_from_slice(key).expect("HMAC takes a key of any length")
}

fn mac<M: hmac::Mac>(mut mac: M, text: &[&str]) -> Output<M> {
    text.iter().for_each(|piece| mac.update(piece.as_bytes()));
    mac.finalize().into_bytes()
}

fn same(one: &[u8], other: &[u8]) -> bool {
    one.ct_eq(other).into()
}

/// A secret's text without what does not belong to it, and what was removed.
pub(super) fn cleaned(secret: &str) -> (&str, Option<Slip>) {
    let trimmed = secret.trim();
    for quote in ['"', '\'', '`'] {
        if let Some(inside) = trimmed.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return (inside.trim(), Some(wrong::QUOTED.slip()));
        }
    }
    (trimmed, (trimmed != secret).then(|| wrong::BLANKS.slip()))
}

/// The right key, if one can be made of the text as it is.
pub(super) fn right(scheme: Scheme, secret: &str) -> Option<Key> {
    if secret.is_empty() {
        return None;
    }
    match scheme {
        Scheme::Standard => {
            let bare = secret.strip_prefix(PREFIX).unwrap_or(secret);
            let asymmetric = secret.starts_with(SECRET_PREFIX) || secret.starts_with(PUBLIC_PREFIX);
            LENIENT.decode(bare).ok().filter(|key| !key.is_empty() && !asymmetric).map(shared)
        }
        Scheme::Ed25519 => {
            let private = secret.starts_with(SECRET_PREFIX).then(|| SigningKey::parse(secret).ok()).flatten();
            private.map(|key| key.public()).or_else(|| PublicKey::parse(secret).ok()).map(Key::Public)
        }
        _ => Some(shared(secret.as_bytes().to_vec())),
    }
}

/// All keys to try, the right ones first.
pub(super) fn variants(scheme: Scheme, secret: &str, old: Option<&str>) -> Vec<Variant<Key>> {
    let (clean, removed) = cleaned(secret);
    let mut keys = Vec::new();
    match &removed {
        None => keys.extend(right(scheme, clean).map(Variant::right)),
        Some(slip) => {
            // Only a key that uses the text as it is can be made of one with something around it.
            let as_it_is = right(scheme, secret).filter(|_| scheme != Scheme::Ed25519);
            keys.extend(as_it_is.map(Variant::right));
            keys.extend(right(scheme, clean).map(|key| Variant::wrong(key, [slip.clone()])));
        }
    }
    let old = old.map(|text| cleaned(text).0);
    keys.extend(old.and_then(|text| right(scheme, text)).map(|key| Variant::wrong(key, [wrong::OLD.slip()])));
    let others = match scheme {
        _ if clean.is_empty() => Vec::new(),
        Scheme::Standard => of_decoded(clean),
        Scheme::Ed25519 => of_pair(clean),
        _ => of_text(clean),
    };
    keys.extend(others.into_iter().map(|(key, slip)| Variant::wrong(key, removed.iter().cloned().chain([slip]))));
    if scheme != Scheme::Ed25519 {
        let unset = [
            ("", "an empty text"),
            ("undefined", "the word undefined"),
            ("null", "the word null"),
            ("None", "the word None"),
        ];
        keys.extend(unset.map(|(key, name)| Variant::wrong(text_key(key), [wrong::NOT_USED.with(name)])));
    }
    keys
}

/// The wrong keys where the right one is decoded from base64.
fn of_decoded(secret: &str) -> Vec<(Key, Slip)> {
    let bare = secret.strip_prefix(PREFIX);
    let mut keys = Vec::new();
    keys.extend(url_safe(bare.unwrap_or(secret)).map(|key| (key, wrong::URL_SAFE.slip())));
    match bare {
        Some(bare) => {
            keys.push((text_key(secret), wrong::USED_AS_TEXT.slip()));
            keys.push((text_key(bare), wrong::NOT_DECODED.slip()));
            let through = [secret.replace('_', "/"), secret.replace('_', "")];
            keys.extend(
                through.iter().filter_map(|text| tolerant(text)).map(|key| (key, wrong::PREFIX_DECODED.slip())),
            );
        }
        None => keys.push((text_key(secret), wrong::NOT_DECODED.slip())),
    }
    keys.extend(unhex(bare.unwrap_or(secret).as_bytes()).map(|key| (shared(key), wrong::FROM_HEX.slip())));
    keys
}

/// The wrong keys where the right one is the text.
fn of_text(secret: &str) -> Vec<(Key, Slip)> {
    let bare = secret.strip_prefix(PREFIX);
    let mut keys = vec![match bare {
        Some(bare) => (text_key(bare), wrong::PREFIX_REMOVED.with(PREFIX)),
        None => (text_key(&format!("{PREFIX}{secret}")), wrong::PREFIX_MISSING.with(PREFIX)),
    }];
    let encoded = bare.unwrap_or(secret);
    let decoded = LENIENT.decode(encoded).ok().map(shared).or_else(|| url_safe(encoded));
    keys.extend(decoded.map(|key| (key, wrong::DECODED.slip())));
    keys.extend(unhex(encoded.as_bytes()).map(|key| (shared(key), wrong::FROM_HEX.slip())));
    for end in ["\n", "\r\n"] {
        keys.push((text_key(&format!("{secret}{end}")), wrong::NEWLINE_IN_KEY.slip()));
    }
    for quote in ['"', '\''] {
        keys.push((text_key(&format!("{quote}{secret}{quote}")), wrong::QUOTES_IN_KEY.slip()));
    }
    let unpadded = secret.trim_end_matches('=');
    for padded in [unpadded.to_owned(), format!("{unpadded}="), format!("{unpadded}==")] {
        if padded != secret {
            keys.push((text_key(&padded), wrong::PADDING.slip()));
        }
    }
    let (prefix, rest) = secret.split_at(secret.len() - encoded.len());
    for other in [rest.replace('+', "-").replace('/', "_"), rest.replace('-', "+").replace('_', "/")] {
        if other != rest {
            keys.push((text_key(&format!("{prefix}{other}")), wrong::URL_SAFE.slip()));
        }
    }
    keys
}

/// The wrong public keys.
fn of_pair(secret: &str) -> Vec<(Key, Slip)> {
    let bare = secret.strip_prefix(PUBLIC_PREFIX).unwrap_or(secret);
    let standard = bare.replace('-', "+").replace('_', "/");
    let mut keys = Vec::new();
    if standard != bare {
        keys.extend(PublicKey::parse(&standard).map(|key| (Key::Public(key), wrong::URL_SAFE.slip())));
    }
    if bare == secret {
        let private = SigningKey::parse(secret).map(|key| Key::Public(key.public()));
        keys.extend(private.map(|key| (key, wrong::PREFIX_MISSING.with(SECRET_PREFIX))));
    }
    keys
}

fn shared(bytes: Vec<u8>) -> Key {
    Key::Shared(SharedKey { sha256: keyed(&bytes), bytes: Zeroizing::new(bytes) })
}

fn text_key(text: &str) -> Key {
    shared(text.as_bytes().to_vec())
}

/// The bytes of url-safe base64, where it differs from the standard alphabet.
fn url_safe(text: &str) -> Option<Key> {
    let differs = text.contains(['-', '_']);
    let decoded = URL_SAFE.decode(text).or_else(|_| URL_SAFE_NO_PAD.decode(text));
    decoded.ok().filter(|_| differs).map(shared)
}

/// What a tolerant decoder makes of any text: padding is ignored, and so is what is left over at the end.
fn tolerant(text: &str) -> Option<Key> {
    const TOLERANT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );
    let text = text.trim_end_matches('=');
    let whole = if text.len() % 4 == 1 { &text[..text.len() - 1] } else { text };
    TOLERANT.decode(whole).ok().map(shared)
}
