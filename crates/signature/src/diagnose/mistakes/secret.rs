//! What can be wrong with the secret, or with the key made of it.

use super::Mistake;

pub(in super::super) const MISSING: Mistake = Mistake::new(
    "secret_missing",
    "There is no secret",
    "Without the secret nothing can be checked.",
    "Paste the signing secret of this endpoint.",
);
pub(in super::super) const QUOTED: Mistake = Mistake::new(
    "secret_quoted",
    "There are quotes around the secret",
    "The signature matches the secret without its quotes. They often come from an .env file or a shell, and are no part of the secret.",
    "Remove the quotes, also where your program reads the secret from.",
);
pub(in super::super) const BLANKS: Mistake = Mistake::new(
    "secret_blanks",
    "There are blanks around the secret",
    "The signature matches the secret without the spaces or line breaks around it. A file often ends with one.",
    "Remove them, or trim the secret where your program reads it.",
);
pub(in super::super) const PREFIX_MISSING: Mistake = Mistake::new(
    "secret_prefix_missing",
    "The secret lacks its prefix",
    "The signature was made with {} in front of this secret. The prefix is part of the key in this scheme.",
    "Use the secret as it is shown, beginning with {}.",
);
pub(in super::super) const PREFIX_REMOVED: Mistake = Mistake::new(
    "secret_prefix_removed",
    "The prefix of the secret was removed before signing",
    "The signature was made with the secret without {}. In this scheme the prefix is part of the key.",
    "Use the whole text of the secret as the key, {} included.",
);
pub(in super::super) const USED_AS_TEXT: Mistake = Mistake::new(
    "secret_prefix_in_key",
    "The whole text of the secret, prefix included, was used as the key",
    "The key must be the bytes that the base64 after whsec_ stands for. The signature was made with the letters themselves, and the prefix among them.",
    "Remove whsec_, decode the rest as base64, and use the bytes as the key.",
);
pub(in super::super) const NOT_DECODED: Mistake = Mistake::new(
    "secret_not_decoded",
    "The secret was not decoded",
    "The signature was made with the base64 text of the secret as the key. The key must be the bytes that this text stands for.",
    "Decode the part after whsec_ as base64 before using it as the key.",
);
pub(in super::super) const PREFIX_DECODED: Mistake = Mistake::new(
    "secret_prefix_decoded",
    "The prefix went through the base64 decoder",
    "The signature was made with the bytes of the whole text, whsec_ included, decoded as base64. Tolerant decoders do that without complaint.",
    "Remove whsec_ first, then decode the rest as base64.",
);
pub(in super::super) const DECODED: Mistake = Mistake::new(
    "secret_decoded",
    "The secret was decoded, but is used as text here",
    "The signature was made with the base64-decoded bytes of the secret. In this scheme the key is the text of the secret as it is written.",
    "Use the text of the secret as the key: no decoding, nothing removed.",
);
pub(in super::super) const FROM_HEX: Mistake = Mistake::new(
    "secret_from_hex",
    "The secret was decoded from hex",
    "The signature was made with the bytes that the secret stands for when read as hex. In this scheme that is not how the key is made.",
    "Do not decode the secret from hex.",
);
pub(in super::super) const URL_SAFE: Mistake = Mistake::new(
    "secret_url_safe",
    "The secret is in url-safe base64",
    "The signature matches the secret with - and _ exchanged for + and / (or the other way round). Something on the way rewrote it.",
    "Use the secret as it is shown, in the standard alphabet with + and /.",
);
pub(in super::super) const PADDING: Mistake = Mistake::new(
    "secret_padding",
    "The equals signs at the end of the secret differ",
    "The signature matches the secret with another number of = at its end. A double click often leaves them out when a secret is copied.",
    "Copy the secret with the button, with every = at its end.",
);
pub(in super::super) const NEWLINE_IN_KEY: Mistake = Mistake::new(
    "secret_newline_in_key",
    "The key had a line break at its end",
    "The signature was made with the secret and a line break after it, as happens with a secret read from a file.",
    "Trim the secret where the signing program reads it.",
);
pub(in super::super) const QUOTES_IN_KEY: Mistake = Mistake::new(
    "secret_quotes_in_key",
    "The key had quotes around it",
    "The signature was made with the secret in quotes, as happens when an .env file is read by hand.",
    "Remove the quotes where the signing program reads the secret.",
);
pub(in super::super) const NOT_USED: Mistake = Mistake::new(
    "secret_not_used",
    "The signing program had no secret",
    "The signature was made with {} as the key: the variable that should hold the secret was not set.",
    "Set the secret where the signing program runs, and let it stop without one.",
);
pub(in super::super) const OLD: Mistake = Mistake::new(
    "secret_old",
    "The signature was made with the old secret",
    "It matches the second secret, not the first: the sender still signs with the secret from before the rotation.",
    "Accept both secrets until the rotation is over, or give the sender the new one.",
);
pub(in super::super) const NOT_BASE64: Mistake = Mistake::new(
    "secret_not_base64",
    "The secret is not base64",
    "After its prefix a secret of this scheme holds only letters, digits, + and /, and = at the end. This one does not, so no key can be made of it.",
    "Copy the secret again, whole. If it comes from another service, choose that service's scheme.",
);
pub(in super::super) const ODD_LENGTH: Mistake = Mistake::new(
    "secret_odd_length",
    "The secret has an unusual length",
    "It stands for {} bytes; secrets of this scheme have 24 to 64. It may have been cut when it was copied.",
    "Copy the secret again, whole.",
);
pub(in super::super) const OTHER_KIND: Mistake = Mistake::new(
    "secret_other_kind",
    "This is the other kind of key",
    "This key does not fit the signature: {}.",
    "Use the key that belongs to the kind of signature, or ask the sender for that kind.",
);
pub(in super::super) const NOT_A_KEY: Mistake = Mistake::new(
    "secret_not_a_key",
    "This is no Ed25519 key",
    "No key can be made of this text: {}.",
    "Copy the public key again, whole, beginning with whpk_.",
);
pub(in super::super) const OTHER: Mistake = Mistake::new(
    "secret_other",
    "The secret may belong to another endpoint",
    "Every endpoint has a secret of its own, and a test environment has others. No form of this one made the signature.",
    "Compare the last four characters with those shown for the endpoint that sent this message.",
);
