//! The asymmetric scheme from the outside: the shared vector, keys, every mistake.

mod specs;

use proptest::prelude::*;
use serde::Deserialize;
use signature::{ParseKeyError, PublicKey, SigningKey, VerifyError, sign_ed25519, verify_ed25519};

const NOW: i64 = 1_760_000_000;
const ID: &str = "msg_1";
const BODY: &[u8] = br#"{"type":"contact.created"}"#;

/// The seed 00..1f of the shared vector.
const SECRET: &str = "whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const PUBLIC: &str = "whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";

#[derive(Deserialize)]
struct Vectors {
    asymmetric: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    secret_key_prefix: String,
    secret_seed_base64: String,
    public_key_prefix: String,
    public_key_base64: String,
    id: String,
    timestamp: i64,
    body: String,
    signature_header: String,
    verify_at: i64,
}

fn key(seed: u8) -> SigningKey {
    SigningKey::generate([seed; 32])
}

fn verify(keys: &[PublicKey], header: &str) -> Result<(), VerifyError> {
    verify_ed25519(keys, ID, &NOW.to_string(), header, BODY, NOW)
}

#[test]
fn the_shared_vector_is_signed_and_verified() {
    let Some(Vectors { asymmetric }) = specs::read("standard-webhooks/test-vectors.json") else { return };
    assert!(!asymmetric.is_empty());
    for vector in asymmetric {
        let key = SigningKey::parse(&(vector.secret_key_prefix + &vector.secret_seed_base64)).unwrap();
        assert_eq!(key.public_text(), vector.public_key_prefix + &vector.public_key_base64);
        let header = sign_ed25519(&key, &vector.id, vector.timestamp, vector.body.as_bytes());
        assert_eq!(header, vector.signature_header);
        let (time, body) = (vector.timestamp.to_string(), vector.body.as_bytes());
        assert_eq!(verify_ed25519(&[key.public()], &vector.id, &time, &header, body, vector.verify_at), Ok(()));
    }
}

#[test]
fn a_key_reads_back_as_itself_with_and_without_its_public_half() {
    let key = SigningKey::generate(std::array::from_fn(|at| u8::try_from(at).unwrap()));
    assert_eq!((key.text().as_str(), key.public_text().as_str()), (SECRET, PUBLIC));
    let both = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8DoQe/884Qvh1w3RjnS8CZZ+TWMJulDV8d3IZkElUxuA==";
    for text in [SECRET, &SECRET[5..], &format!("whsk_{both}"), &format!(" {both}\n"), SECRET.trim_end_matches('=')] {
        assert_eq!(SigningKey::parse(text).as_ref(), Ok(&key), "{text}");
    }
    for text in [PUBLIC, &PUBLIC[5..], PUBLIC.trim_end_matches('=')] {
        assert_eq!(PublicKey::parse(text), Ok(key.public()), "{text}");
    }
}

#[test]
fn debug_shows_the_hint_and_nothing_else() {
    let key = SigningKey::parse(SECRET).unwrap();
    assert_eq!(key.hint(), "VMbg");
    assert_eq!(format!("{key:?}"), "SigningKey(…VMbg)");
    assert_eq!(format!("{:?}", key.public()), format!("PublicKey({PUBLIC})"));
}

#[test]
fn a_wrong_key_is_told_what_is_wrong() {
    let halves_differ = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ==";
    let other = |found, expected| ParseKeyError::OtherKind { found, expected };
    for (text, error) in [
        ("", ParseKeyError::Empty),
        ("whsk_", ParseKeyError::Empty),
        ("whsec_AAECAwQF", other("whsec_", "whsk_")),
        (PUBLIC, other("whpk_", "whsk_")),
        ("whsk_not base64!", ParseKeyError::NotBase64),
        ("whsk_AAEC", ParseKeyError::Length(3)),
        (halves_differ, ParseKeyError::HalvesDiffer),
    ] {
        assert_eq!(SigningKey::parse(text).map(|_| ()), Err(error), "{text}");
    }
    for (text, error) in [
        ("whpk_", ParseKeyError::Empty),
        (SECRET, other("whsk_", "whpk_")),
        ("whpk_AAEC", ParseKeyError::Length(3)),
        // The neutral element: everything would match it.
        ("whpk_AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", ParseKeyError::NotAKey),
        ("whpk_AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", ParseKeyError::NotAKey),
    ] {
        assert_eq!(PublicKey::parse(text), Err(error), "{text}");
    }
}

#[test]
fn both_keys_of_a_rotation_are_accepted_among_other_versions() {
    let header =
        format!("v1,AAAA {} {} v1a,short", sign_ed25519(&key(2), ID, NOW, BODY), sign_ed25519(&key(1), ID, NOW, BODY));
    for keys in [vec![1], vec![2], vec![3, 1]] {
        let keys: Vec<_> = keys.into_iter().map(|seed| key(seed).public()).collect();
        assert_eq!(verify(&keys, &header), Ok(()));
    }
    assert_eq!(verify(&[key(3).public()], &header), Err(VerifyError::Mismatch));
}

#[test]
fn every_mistake_is_named() {
    let keys = [key(1).public()];
    let good = sign_ed25519(&key(1), ID, NOW, BODY);
    assert_eq!(verify(&[], &good), Err(VerifyError::NoSecret));
    for (header, error) in [
        (String::new(), VerifyError::MissingSignature),
        (good.replace("v1a,", "v1,"), VerifyError::UnknownVersion),
        ("v1a,AAAA".into(), VerifyError::Malformed),
        (sign_ed25519(&key(1), "msg_2", NOW, BODY), VerifyError::Mismatch),
        (sign_ed25519(&key(1), ID, NOW + 1, BODY), VerifyError::Mismatch),
        (sign_ed25519(&key(1), ID, NOW, b"{}"), VerifyError::Mismatch),
    ] {
        assert_eq!(verify(&keys, &header), Err(error), "{header}");
    }
    let at = |id, time| verify_ed25519(&keys, id, time, &good, BODY, NOW);
    assert_eq!(at("", "1760000000"), Err(VerifyError::MissingId));
    assert_eq!(at(ID, ""), Err(VerifyError::MissingTimestamp));
    assert_eq!(at(ID, "1759999699"), Err(VerifyError::TooOld(301)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_is_signed_verifies_and_one_changed_bit_does_not(
        seed: [u8; 32], id in "[a-z_0-9]{1,20}", mut body in proptest::collection::vec(any::<u8>(), 1..100), at: prop::sample::Index,
    ) {
        let key = SigningKey::generate(seed);
        let (header, now) = (sign_ed25519(&key, &id, NOW, &body), NOW.to_string());
        prop_assert_eq!(verify_ed25519(&[key.public()], &id, &now, &header, &body, NOW), Ok(()));
        let at = at.index(body.len());
        body[at] ^= 1;
        let changed = verify_ed25519(&[key.public()], &id, &now, &header, &body, NOW);
        prop_assert_eq!(changed, Err(VerifyError::Mismatch));
    }
}
