//! Senders that have no preset of their own.

use std::borrow::Cow;

use super::{JSON, MadeBy, Preset, Retries, SecretFacts};
use crate::provider::Provider;
use crate::scheme::{self, Scheme};

const UNKNOWN: Retries = Retries {
    words: "Ask the sender whether and when it tries again.",
    delays_s: &[],
    gives_up_after_s: None,
    answer_within_s: None,
};

const ROTATION: &str = "Add the new one here, change it at the sender, then remove the old one here.";
const DUPLICATES: &str = "The header webhook-id, svix-id or x-webhook-id where there is one, else the content.";

pub(super) static STANDARD: Preset = Preset {
    provider: Provider::Standard,
    name: "Standard Webhooks",
    about: "Anyone who keeps to standardwebhooks.com, Svix included.",
    verification: "HMAC-SHA256 or Ed25519 over id, timestamp and body; at most 5 minutes old.",
    schemes: &[Scheme::Standard],
    secret: SecretFacts {
        name: "Signing secret, or public key",
        looks_like: "whsec_ and base64; or whpk_ and base64",
        made_by: MadeBy::Either,
        rotation: "Add the new one here: senders that keep to the standard sign with both for a while.",
    },
    setup: &["Give {url} to the sender as the address of the webhook.", "Copy its signing secret and paste it here."],
    events: &[],
    retries: UNKNOWN,
    challenge: None,
    content_types: JSON,
    duplicates: "The header webhook-id (or svix-id), the same over all tries.",
};

pub(super) static HMAC: Preset = Preset {
    provider: Provider::Hmac,
    name: "HMAC signature",
    about: "Anyone who signs with a shared secret: header, prefix, algorithm, encoding and signed text can be chosen.",
    verification: "An HMAC (SHA-1, SHA-256 or SHA-512) in a header, in hex or base64.",
    schemes: &[Scheme::Hmac(scheme::PLAIN)],
    secret: SecretFacts {
        name: "Shared secret",
        looks_like: "any long random text",
        made_by: MadeBy::Either,
        rotation: ROTATION,
    },
    setup: &[
        "Give {url} to the sender as the address of the webhook.",
        "Agree on a secret, and enter here how the sender signs.",
    ],
    events: &[],
    retries: UNKNOWN,
    challenge: None,
    content_types: JSON,
    duplicates: DUPLICATES,
};

pub(super) static BASIC: Preset = Preset {
    provider: Provider::Basic,
    name: "User and password",
    about: "Anyone who can send a user name and a password, but cannot sign.",
    verification: "Authorization: Basic. The body is not protected but by TLS.",
    schemes: &[Scheme::Basic],
    secret: SecretFacts {
        name: "User and password",
        looks_like: "user:password",
        made_by: MadeBy::Us,
        rotation: ROTATION,
    },
    setup: &["Give {url} to the sender, with user:password@ before its host if there is no other place for them."],
    events: &[],
    retries: UNKNOWN,
    challenge: None,
    content_types: JSON,
    duplicates: DUPLICATES,
};

pub(super) static BEARER: Preset = Preset {
    provider: Provider::Bearer,
    name: "Token in a header",
    about: "Anyone who can send a header of your choice, but cannot sign.",
    verification: "Authorization: Bearer, or a token in a header of your choice. The body is not protected but by TLS.",
    schemes: &[
        Scheme::Bearer { header: Cow::Borrowed("authorization"), prefix: Cow::Borrowed("Bearer") },
        Scheme::Bearer { header: Cow::Borrowed("x-webhook-token"), prefix: Cow::Borrowed("") },
    ],
    secret: SecretFacts { name: "Token", looks_like: "any long random text", made_by: MadeBy::Us, rotation: ROTATION },
    setup: &["Give {url} to the sender, and the header with the token shown here."],
    events: &[],
    retries: UNKNOWN,
    challenge: None,
    content_types: JSON,
    duplicates: DUPLICATES,
};
