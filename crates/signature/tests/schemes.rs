//! Both schemes from the outside: rotation, every mistake, and a second opinion.

use proptest::prelude::*;
use signature::{
    Secret, TOLERANCE_S, VerifyError, sign_plain, sign_plain_parts, sign_standard, sign_standard_parts, verify_plain,
    verify_standard,
};

const NOW: i64 = 1_760_000_000;
const ID: &str = "msg_1";
const BODY: &[u8] = br#"{"type":"contact.created"}"#;

fn secrets(seeds: &[u8]) -> Vec<Secret> {
    seeds.iter().map(|seed| Secret::generate([*seed; 32])).collect()
}

fn verify(secrets: &[Secret], header: &str) -> Result<(), VerifyError> {
    verify_standard(secrets, ID, &NOW.to_string(), header, BODY, NOW)
}

#[test]
fn the_published_vector_holds() {
    let secret = Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let header = sign_standard(&[secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
    assert_eq!(header, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

/// Computed with `printf '1760000000.{"type":"contact.created"}' | openssl dgst -sha256 -hmac whsec_…`.
#[test]
fn the_plain_scheme_is_keyed_with_the_text_of_the_secret() {
    let secret = Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    assert_eq!(
        sign_plain(&secret, NOW, BODY),
        "sha256=fe33eaec824541dbeeb5f03b20ac074c00ed47f25436ad93f3696105124cd79c"
    );
}

#[test]
fn both_sides_of_a_rotation_are_accepted() {
    let header = sign_standard(&secrets(&[2, 1]), ID, NOW, BODY);
    assert_eq!(header.split(' ').count(), 2);
    assert!(header.starts_with(&sign_standard(&secrets(&[2]), ID, NOW, BODY)));
    assert_eq!(verify(&secrets(&[1]), &header), Ok(()));
    assert_eq!(verify(&secrets(&[2]), &header), Ok(()));
    assert_eq!(verify(&secrets(&[3, 1]), &header), Ok(()));
    assert_eq!(verify(&secrets(&[3]), &header), Err(VerifyError::Mismatch));
}

#[test]
fn odd_headers_are_read_and_wrong_ones_named() {
    let good = sign_standard(&secrets(&[1]), ID, NOW, BODY);
    let short = "v1,AAAA";
    for (header, result) in [
        (good.clone(), Ok(())),
        (format!("  v1a,zzz   {short}  {good} "), Ok(())),
        (String::new(), Err(VerifyError::MissingSignature)),
        ("   ".into(), Err(VerifyError::MissingSignature)),
        (good.replace("v1,", "v2,"), Err(VerifyError::UnknownVersion)),
        (good.replace("v1,", ""), Err(VerifyError::UnknownVersion)),
        (short.into(), Err(VerifyError::Malformed)),
        // As the reference libraries do, which compare texts.
        (good.trim_end_matches('=').to_owned(), Err(VerifyError::Malformed)),
        ("v1,".into(), Err(VerifyError::Malformed)),
        ("v1,not*base64".into(), Err(VerifyError::Malformed)),
        (format!("v1,{}=", "A".repeat(43)), Err(VerifyError::Mismatch)),
    ] {
        assert_eq!(verify(&secrets(&[1]), &header), result, "{header:?}");
    }
}

#[test]
fn the_timestamp_is_checked_before_the_signature() {
    let keys = secrets(&[1]);
    for (timestamp, error) in [
        ("", VerifyError::MissingTimestamp),
        ("yesterday", VerifyError::BadTimestamp),
        ("1760000000.5", VerifyError::BadTimestamp),
        ("+1760000000", VerifyError::BadTimestamp),
        ("01760000000", VerifyError::BadTimestamp),
        ("99999999999999999999", VerifyError::BadTimestamp),
        ("-5", VerifyError::TooOld(NOW + 5)),
        ("1759999699", VerifyError::TooOld(301)),
        ("1760000301", VerifyError::TooNew(301)),
    ] {
        let found = verify_standard(&keys, ID, timestamp, "v1,x", BODY, NOW);
        assert_eq!(found, Err(error), "{timestamp:?}");
        assert_eq!(verify_plain(&keys, timestamp, "sha256=x", BODY, NOW), Err(error), "{timestamp:?}");
    }
    let most = i64::MIN.to_string();
    assert_eq!(verify_standard(&keys, ID, &most, "v1,x", BODY, NOW), Err(VerifyError::TooOld(i64::MAX)));
}

#[test]
fn missing_parts_are_named() {
    assert_eq!(verify(&[], "v1,x"), Err(VerifyError::NoSecret));
    assert_eq!(verify_plain(&[], "1", "sha256=x", BODY, NOW), Err(VerifyError::NoSecret));
    let keys = secrets(&[1]);
    assert_eq!(verify_standard(&keys, "", "1", "v1,x", BODY, NOW), Err(VerifyError::MissingId));
}

#[test]
fn the_plain_scheme_names_its_mistakes() {
    let keys = secrets(&[1]);
    let good = sign_plain(&keys[0], NOW, BODY);
    let at = |header: &str| verify_plain(&keys, &NOW.to_string(), header, BODY, NOW);
    assert_eq!(at(&good), Ok(()));
    assert_eq!(at(&good.to_uppercase().replace("SHA256", "sha256")), Ok(()));
    assert_eq!(at(""), Err(VerifyError::MissingSignature));
    assert_eq!(at(&good.replace("sha256", "sha1")), Err(VerifyError::UnknownVersion));
    assert_eq!(at(&good[..good.len() - 1]), Err(VerifyError::Malformed));
    assert_eq!(at(&format!("sha256={}", "zz".repeat(32))), Err(VerifyError::Malformed));
    assert_eq!(at(&format!("sha256={}", "00".repeat(32))), Err(VerifyError::Mismatch));
}

proptest! {
    #[test]
    fn what_is_signed_verifies_here_and_with_the_reference_library(
        key in proptest::collection::vec(any::<u8>(), 24..=64), id in "[a-zA-Z0-9_]{1,40}", body: String,
    ) {
        let reference = standardwebhooks::Webhook::from_bytes(key.clone()).unwrap();
        let secret = Secret::parse(&base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &key)).unwrap();
        let header = sign_standard(std::slice::from_ref(&secret), &id, NOW, body.as_bytes());
        prop_assert_eq!(&header, &reference.sign(&id, NOW, body.as_bytes()).unwrap());
        prop_assert_eq!(verify_standard(&[secret], &id, &NOW.to_string(), &header, body.as_bytes(), NOW), Ok(()));
    }

    #[test]
    fn pieces_sign_like_the_whole(body: Vec<u8>, cut: prop::sample::Index, time: i64) {
        let (head, tail) = body.split_at(cut.index(body.len() + 1));
        let keys = secrets(&[1, 2]);
        prop_assert_eq!(
            sign_standard_parts(&keys, ID, time, &[head, b"", tail]),
            sign_standard(&keys, ID, time, &body)
        );
        prop_assert_eq!(sign_plain_parts(&keys[0], time, &[head, tail]), sign_plain(&keys[0], time, &body));
    }

    #[test]
    fn one_changed_bit_is_noticed(mut body in proptest::collection::vec(any::<u8>(), 1..100), at: prop::sample::Index) {
        let keys = secrets(&[1]);
        let standard = sign_standard(&keys, ID, NOW, &body);
        let plain = sign_plain(&keys[0], NOW, &body);
        let at = at.index(body.len());
        body[at] ^= 1;
        let now = NOW.to_string();
        prop_assert_eq!(verify_standard(&keys, ID, &now, &standard, &body, NOW), Err(VerifyError::Mismatch));
        prop_assert_eq!(verify_plain(&keys, &now, &plain, &body, NOW), Err(VerifyError::Mismatch));
    }

    #[test]
    fn the_tolerance_is_inclusive_both_ways(offset in -400_i64..=400) {
        let keys = secrets(&[1]);
        let header = sign_standard(&keys, ID, NOW + offset, BODY);
        let found = verify_standard(&keys, ID, &(NOW + offset).to_string(), &header, BODY, NOW);
        prop_assert_eq!(found.is_ok(), offset.abs() <= TOLERANCE_S);
    }

    #[test]
    fn no_input_makes_verifying_panic(id: String, timestamp: String, header: String, body: Vec<u8>, now: i64) {
        let keys = secrets(&[1]);
        prop_assert!(verify_standard(&keys, &id, &timestamp, &header, &body, now).is_err());
        prop_assert!(verify_plain(&keys, &timestamp, &header, &body, now).is_err());
    }
}
