//! The chain of hashes: how an entry of the audit log is tied to the one before it.
//!
//! The hash of an entry is SHA-256 over these bytes, one after the other:
//!
//! 1. the 23 bytes `patchbay audit entry 1` and a line feed, which name this form;
//! 2. the 32 bytes of the hash of the entry before; 32 zero bytes for the first entry of a chain;
//! 3. for each of the eleven fields, in the order of [`FIELDS`], the length of its text in UTF-8 as eight bytes, most significant
//!    first, and then that text.
//!
//! The fields are texts as they stand in an export: the sequence in decimal digits, the time as RFC 3339 in UTC with
//! milliseconds. A field that is absent is an empty text; no field is stored as an empty text, so that the two are not mixed up.
//! With lengths before them, no two different entries give the same bytes.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::AuditEntry;

/// The fields that the hash covers, in their order; also the first columns of an export.
pub const FIELDS: [&str; 11] =
    ["sequence", "id", "org_id", "created_at", "actor", "actor_name", "acted_as", "action", "target", "note", "ip"];

/// What stands before everything else, so that no other use of SHA-256 gives such a hash.
const FORM: &[u8] = b"patchbay audit entry 1\n";

/// A hash of the chain.
pub type Hash = [u8; 32];

/// What stands for the hash before the first entry.
pub const START: Hash = [0; 32];

/// The hash of an entry with these texts, in the order of [`FIELDS`], after an entry with that hash.
#[must_use]
pub fn hash<T: AsRef<str>>(previous: &Hash, fields: &[T; FIELDS.len()]) -> Hash {
    let mut digest = Sha256::new();
    digest.update(FORM);
    digest.update(previous);
    for field in fields {
        let bytes = field.as_ref().as_bytes();
        digest.update((bytes.len() as u64).to_be_bytes());
        digest.update(bytes);
    }
    digest.finalize().into()
}

/// The texts of an entry that the hash covers, in the order of [`FIELDS`].
#[must_use]
pub fn fields(entry: &AuditEntry) -> [String; FIELDS.len()] {
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    [
        entry.sequence.map(|sequence| sequence.to_string()).unwrap_or_default(),
        entry.id.to_string(),
        entry.org_id.as_ref().map(ToString::to_string).unwrap_or_default(),
        entry.created_at.rfc3339(),
        entry.actor.clone(),
        entry.actor_name.clone(),
        text(&entry.acted_as),
        entry.action.clone(),
        text(&entry.target),
        text(&entry.note),
        text(&entry.ip),
    ]
}

/// A hash in hexadecimal.
#[must_use]
pub fn to_hex(hash: &Hash) -> String {
    hash.iter().fold(String::with_capacity(64), |mut text, byte| {
        let _never_fails = write!(text, "{byte:02x}");
        text
    })
}

/// Reads a hash in lower-case hexadecimal.
#[must_use]
pub fn from_hex(text: &str) -> Option<Hash> {
    let digits = text.as_bytes();
    if digits.len() != 64 || !digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let mut hash = START;
    for (byte, pair) in hash.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: [&str; 11] = [
        "1",
        "aud_01kbm9c2h4n6p8r0s2t4v6w8xy",
        "org_01kbm9c2h4n6p8r0s2t4v6w8xy",
        "2026-11-22T14:02:11.408Z",
        "usr_01kbm9c2h4n6p8r0s2t4v6w8xy",
        "dana@acme.example",
        "owner",
        "connection.created",
        "con_01kbm9c2h4n6p8r0s2t4v6w8xy",
        "Größe: chat:write, channels:read",
        "",
    ];

    #[test]
    fn the_form_of_a_hash_does_not_change() {
        // Made with another program: who changes this breaks every export that is kept somewhere.
        let first = hash(&START, &ENTRY);
        assert_eq!(to_hex(&first), "40316989fa9c876bcc79b1b9ea98736fa04e7d8082e7dea4a9420484758789f7");
        assert_eq!(to_hex(&hash(&first, &ENTRY)), "e1706ec47d4410473bfe692f6df3b29c85115feb30909cfaf87ef8cf9f87f991");
    }

    #[test]
    fn what_moves_between_fields_changes_the_hash() {
        let with = |at: usize, a: &'static str, b: &'static str| {
            let mut entry = ENTRY;
            (entry[at], entry[at + 1]) = (a, b);
            hash(&START, &entry)
        };
        assert_ne!(with(8, "ab", "c"), with(8, "a", "bc"));
        assert_ne!(with(8, "", "abc"), with(8, "abc", ""));
        assert_ne!(hash(&START, &ENTRY), hash(&[1; 32], &ENTRY));
    }

    #[test]
    fn a_hash_survives_the_way_through_text_and_nothing_else_is_one() {
        let hash = hash(&START, &ENTRY);
        assert_eq!(from_hex(&to_hex(&hash)), Some(hash));
        for wrong in ["", "00", &"0".repeat(63), &"A".repeat(64), &"g".repeat(64), &"é".repeat(32)] {
            assert_eq!(from_hex(wrong), None, "{wrong}");
        }
    }
}
