//! What can be wrong with the headers and with the form of the signature.

use super::Mistake;

pub(in super::super) const HEADER_MISSING: Mistake = Mistake::new(
    "header_missing",
    "The header {} is missing",
    "Without {} the message cannot be verified. Proxies and frameworks sometimes drop headers they do not know.",
    "Paste all headers of the request. If {} never arrives, let the proxy pass it on.",
);
pub(in super::super) const NO_SIGNATURE: Mistake = Mistake::new(
    "signature_header_unknown",
    "There is no signature among the headers",
    "None of the headers is one that carries a signature: webhook-signature, x-webhook-signature, stripe-signature, x-hub-signature-256 or x-slack-signature.",
    "Paste the request's headers, one per line, as \"name: value\".",
);
pub(in super::super) const PREFIX_MISSING: Mistake = Mistake::new(
    "signature_prefix_missing",
    "The signature lacks \"{}\" in front",
    "The signature itself is right. The header must name its version: \"{}\" and then the signature.",
    "Write \"{}\" in front of the signature; a receiver must expect it there.",
);
pub(in super::super) const PREFIX_WRONG: Mistake = Mistake::new(
    "signature_prefix_wrong",
    "The signature begins with something other than \"{}\"",
    "The signature itself is right, but the version in front of it is not the one of this scheme: \"{}\".",
    "Write \"{}\" in front of the signature.",
);
pub(in super::super) const HEX: Mistake = Mistake::new(
    "signature_hex",
    "The signature is in hex instead of base64",
    "The bytes of the signature are right, but this scheme writes them in base64.",
    "Encode the bytes of the HMAC as base64; with many libraries that is digest(\"base64\") instead of hexdigest.",
);
pub(in super::super) const BASE64: Mistake = Mistake::new(
    "signature_base64",
    "The signature is in base64 instead of hex",
    "The bytes of the signature are right, but this scheme writes them in hex.",
    "Encode the bytes of the HMAC as lower-case hex.",
);
pub(in super::super) const BASE64_OF_HEX: Mistake = Mistake::new(
    "signature_base64_of_hex",
    "The signature was encoded twice",
    "It is the base64 of a hex text. The bytes behind both are right.",
    "Encode the raw bytes of the HMAC once.",
);
pub(in super::super) const URL_SAFE: Mistake = Mistake::new(
    "signature_url_safe",
    "The signature is in url-safe base64",
    "The bytes of the signature are right, but it is written with - and _ instead of + and /.",
    "Encode with the standard base64 alphabet.",
);
pub(in super::super) const UNPADDED: Mistake = Mistake::new(
    "signature_unpadded",
    "The equals sign at the end of the signature is missing",
    "The bytes of the signature are right, but its base64 does not end with =. Most programs compare the text and refuse it. A double click often leaves the sign out when a value is copied.",
    "Copy or send the whole value, with every = at its end.",
);
pub(in super::super) const SHA1: Mistake = Mistake::new(
    "signature_sha1",
    "The signature was made with SHA-1 instead of SHA-256",
    "It is 20 bytes long, as HMAC-SHA1 makes them.",
    "Use HMAC with SHA-256; on GitHub read X-Hub-Signature-256 instead of X-Hub-Signature.",
);
pub(in super::super) const SHA512: Mistake = Mistake::new(
    "signature_sha512",
    "The signature was made with SHA-512 instead of SHA-256",
    "It is 64 bytes long, as HMAC-SHA512 makes them.",
    "Use HMAC with SHA-256.",
);
pub(in super::super) const UNREADABLE: Mistake = Mistake::new(
    "signature_unreadable",
    "The signature is not readable",
    "\"{}\" is neither hex nor base64 of the length a signature has. It may have been cut when it was copied.",
    "Copy the whole value of the header.",
);
pub(in super::super) const OTHER_VERSION: Mistake = Mistake::new(
    "signature_other_version",
    "There is no signature of the version expected",
    "The header must hold a signature that begins with \"{}\". Those it holds are of other versions, which receivers ignore.",
    "Check which scheme the sender uses for this endpoint, and which kind of key belongs to it.",
);
