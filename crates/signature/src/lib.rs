//! Signing webhooks, verifying them, and finding out why a signature does not hold.
//!
//! Six schemes live here ([`Scheme`]). Five are HMAC-SHA256 with a [`Secret`] that both sides know:
//!
//! - **Standard Webhooks** ([`sign_standard`], [`verify_standard`]): `v1,<base64>` over
//!   `{id}.{timestamp}.{body}`, keyed with the *decoded* secret. One signature per live secret,
//!   separated by spaces, so that a secret can be rotated without a gap.
//! - **Plain** ([`sign_plain`], [`verify_plain`]): `sha256=<hex>` over `{timestamp}.{body}`, keyed
//!   with the bytes of the secret's *text* (`whsec_…`), for receivers that want three lines of code.
//! - **Stripe, GitHub, Slack** ([`sign_stripe`] and so on): their own forms, for receivers that
//!   verify one of them already, keyed with the text as well.
//!
//! The last is **Ed25519** ([`sign_ed25519`], [`verify_ed25519`]): Standard Webhooks with a key pair,
//! `v1a,<base64>`, where the receiver knows nothing that could sign.
//!
//! [`sign()`] makes the headers of any of them; [`diagnose`] names the mistake in a message whose
//! signature does not hold; [`VERIFY_CODE`] is the receiver's side in seven languages.
//!
//! Senders that sign in ways of their own need less than a scheme: [`hmac()`] by one of three algorithms ([`Algorithm`]),
//! [`verify_jwt`] for tokens signed by HS256, [`verify_ecdsa`] for P-256, and [`same`] for what is merely shared.
//!
//! What does not live here: where secrets are kept, how long an old one stays alive, and what is
//! sent beside the signature. A [`Secret`] has its keys prepared, so signing costs the hashing of the
//! message and nothing else; keep it in memory as long as it is in use.

pub mod diagnose;
mod ecdsa;
mod ed25519;
mod jwt;
mod keyed;
mod scheme;
mod secret;
mod sign;
mod text_key;
mod vendors;
mod verify;
mod verify_code;

pub use ecdsa::{EcdsaKey, ParseEcdsaKeyError, verify_ecdsa};
pub use ed25519::{ParseKeyError, PublicKey, SigningKey, sign_ed25519, verify_ed25519};
pub use jwt::{JwtError, sign_jwt, verify_jwt};
pub use keyed::{Algorithm, hex, hmac, same, sha256, unhex};
pub use scheme::{Keys, Scheme, UnknownScheme, sign};
pub use secret::{ParseSecretError, Secret};
pub use sign::{sign_plain, sign_plain_parts, sign_standard, sign_standard_parts};
pub use text_key::TextKey;
pub use vendors::{sign_github, sign_slack, sign_stripe, verify_github, verify_slack, verify_stripe};
pub use verify::{TOLERANCE_S, VerifyError, verify_plain, verify_standard};
pub use verify_code::VERIFY_CODE;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
