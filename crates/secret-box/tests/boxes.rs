//! Boxes from the outside: places, rotation, tampering.

use proptest::prelude::*;
use secret_box::{Key, Keyring, OpenError, key_id_of};

const PLACE: &str = "org_1|connections|con_1";

fn key(seed: u8) -> Key {
    Key::from_bytes([seed; 32])
}

fn ring(current: u8, older: &[u8]) -> Keyring {
    Keyring::new(key(current), older.iter().copied().map(key).collect())
}

#[test]
fn a_box_opens_in_its_place_and_nowhere_else() {
    let ring = ring(1, &[]);
    let sealed = ring.seal([3; 12], PLACE, b"token");
    assert_eq!(sealed.len(), 1 + 8 + 12 + 5 + 16);
    assert_eq!(ring.open(PLACE, &sealed).unwrap().as_slice(), b"token");
    for place in ["", "org_2|connections|con_1", "org_1|connections|con_2"] {
        assert_eq!(ring.open(place, &sealed), Err(OpenError::Tampered), "{place:?}");
    }
}

#[test]
fn a_key_is_rotated_without_losing_what_the_old_one_sealed() {
    let before = ring(1, &[]);
    let old = before.seal([0; 12], PLACE, b"token");
    assert!(!before.needs_reseal(&old));

    let during = ring(2, &[1]);
    assert!(during.needs_reseal(&old));
    let plain = during.open(PLACE, &old).unwrap();
    let new = during.seal([1; 12], PLACE, &plain);
    assert!(!during.needs_reseal(&new));
    assert_eq!(key_id_of(&new), Some(key(2).id()));
    assert_eq!(during.current().id(), key(2).id());

    let after = ring(2, &[]);
    assert_eq!(after.open(PLACE, &new).unwrap().as_slice(), b"token");
    assert_eq!(after.open(PLACE, &old), Err(OpenError::UnknownKey(key(1).id())));
}

#[test]
fn what_is_no_box_is_told_from_a_damaged_one() {
    let ring = ring(1, &[]);
    let sealed = ring.seal([0; 12], PLACE, b"");
    assert_eq!(ring.open(PLACE, &sealed).unwrap().len(), 0);
    assert_eq!(ring.open(PLACE, &[]), Err(OpenError::NotSealed));
    assert_eq!(ring.open(PLACE, b"a token in plain text, of some length"), Err(OpenError::NotSealed));
    assert_eq!(ring.open(PLACE, &sealed[..sealed.len() - 1]), Err(OpenError::NotSealed));
    assert_eq!(key_id_of(&[1; 36]), None);
    assert!(ring.needs_reseal(&[]));
}

#[test]
fn debug_shows_ids_and_no_keys() {
    let shown = format!("{:?}", ring(1, &[2]));
    assert_eq!(shown, format!("Keyring[KeyId({}), KeyId({})]", key(1).id(), key(2).id()));
}

/// Computed with another implementation (Python cryptography, AESGCMSIV). Pins the layout of this
/// crate, so that a later version still opens what this one has sealed.
#[test]
fn the_layout_stays_as_it_is() {
    let sealed = ring(7, &[]).seal(*b"twelve bytes", PLACE, b"token");
    assert_eq!(sealed[0], 1);
    assert_eq!(format!("{}", key(7).id()), "6a19746ab632a24a");
    assert_eq!(&sealed[9..21], b"twelve bytes");
    let hex: String = sealed[21..].iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, "11a1f7c760ae86049770d63f2c7031b65a019da902");
}

proptest! {
    #[test]
    fn everything_sealed_opens_again(seed: [u8; 32], nonce: [u8; 12], place: String, plain: Vec<u8>) {
        let ring = Keyring::new(Key::from_bytes(seed), vec![]);
        let sealed = ring.seal(nonce, &place, &plain);
        let opened = ring.open(&place, &sealed).unwrap();
        prop_assert_eq!(opened.as_slice(), &plain[..]);
    }

    #[test]
    fn a_single_changed_bit_is_noticed(plain: Vec<u8>, at: prop::sample::Index, bit in 0..8_u8) {
        let ring = ring(1, &[]);
        let mut sealed = ring.seal([5; 12], PLACE, &plain);
        let at = at.index(sealed.len());
        sealed[at] ^= 1 << bit;
        let error = ring.open(PLACE, &sealed).unwrap_err();
        match at {
            0 => prop_assert_eq!(error, OpenError::NotSealed),
            1..9 => prop_assert!(matches!(error, OpenError::UnknownKey(_))),
            _ => prop_assert_eq!(error, OpenError::Tampered),
        }
    }

    #[test]
    fn no_bytes_make_opening_panic(bytes: Vec<u8>, place: String) {
        prop_assert!(ring(1, &[]).open(&place, &bytes).is_err());
    }
}
