//! What goes wrong with secrets.

use super::*;

const PADDED: &str = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0e+/8=";

/// Signs with this key, pastes this secret.
#[track_caller]
fn wrong(scheme: Scheme, key: &[u8], secret: &str, mistake: &str) {
    assert_named(&signed(scheme, key, &text(scheme, BODY)).secret(secret), &[mistake]);
}

fn decoded(secret: &str) -> Vec<u8> {
    STANDARD.decode(&secret[6..]).expect("base64")
}

#[test]
fn quotes_and_blanks_around_the_secret_are_named() {
    for scheme in SHARED {
        for secret in [format!("\"{SECRET}\""), format!("'{SECRET}'"), format!(" `{SECRET}`\n")] {
            wrong(scheme, &key(scheme), &secret, "secret_quoted");
        }
        for secret in [format!("{SECRET}\n"), format!(" {SECRET}"), format!("{SECRET}\t")] {
            wrong(scheme, &key(scheme), &secret, "secret_blanks");
        }
    }
}

#[test]
fn quotes_and_line_breaks_in_the_key_are_named() {
    for scheme in SHARED.into_iter().filter(|scheme| *scheme != Scheme::Standard) {
        wrong(scheme, format!("{SECRET}\n").as_bytes(), SECRET, "secret_newline_in_key");
        wrong(scheme, format!("{SECRET}\r\n").as_bytes(), SECRET, "secret_newline_in_key");
        wrong(scheme, format!("\"{SECRET}\"").as_bytes(), SECRET, "secret_quotes_in_key");
        wrong(scheme, format!("'{SECRET}'").as_bytes(), SECRET, "secret_quotes_in_key");
    }
}

#[test]
fn a_prefix_that_is_missing_or_too_many_is_named() {
    for scheme in SHARED.into_iter().filter(|scheme| *scheme != Scheme::Standard) {
        wrong(scheme, SECRET.as_bytes(), BARE, "secret_prefix_missing");
        wrong(scheme, BARE.as_bytes(), SECRET, "secret_prefix_removed");
    }
    wrong(Scheme::Standard, SECRET.as_bytes(), SECRET, "secret_prefix_in_key");
    // The bare base64 is as good as the whole secret where it is decoded.
    assert_eq!(good(Scheme::Standard).secret(BARE).report().verdict, Verdict::Valid);
}

#[test]
fn a_secret_that_is_not_decoded_or_should_not_be_is_named() {
    wrong(Scheme::Standard, BARE.as_bytes(), SECRET, "secret_not_decoded");
    wrong(Scheme::Standard, BARE.as_bytes(), BARE, "secret_not_decoded");
    for scheme in SHARED.into_iter().filter(|scheme| *scheme != Scheme::Standard) {
        wrong(scheme, &decoded(SECRET), SECRET, "secret_decoded");
        let hex_secret = "8f742231b10e8888abcd99aabbccdd85a5";
        let bytes: Vec<u8> =
            (0..hex_secret.len() / 2).map(|at| u8::from_str_radix(&hex_secret[at * 2..][..2], 16).unwrap()).collect();
        wrong(scheme, &bytes, hex_secret, "secret_from_hex");
    }
}

/// What Node.js makes of `Buffer.from("whsec_MfKQ…", "base64")`: the underscore is a letter to it.
#[test]
fn a_prefix_that_was_decoded_is_named() {
    wrong(Scheme::Standard, &tolerant("whsec/", BARE), SECRET, "secret_prefix_decoded");
    wrong(Scheme::Standard, &tolerant("whsec", BARE), SECRET, "secret_prefix_decoded");
}

/// Decodes whole groups of four and the rest bit by bit, as tolerant decoders do.
fn tolerant(prefix: &str, rest: &str) -> Vec<u8> {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: String =
        format!("{prefix}{rest}").chars().map(|c| format!("{:06b}", alphabet.find(c).expect("base64"))).collect();
    (0..bits.len() / 8).map(|at| u8::from_str_radix(&bits[at * 8..][..8], 2).expect("bits")).collect()
}

#[test]
fn url_safe_secrets_are_named() {
    let url_safe = PADDED.replace('+', "-").replace('/', "_");
    wrong(Scheme::Standard, &decoded(PADDED), &url_safe, "secret_url_safe");
    wrong(Scheme::Standard, &decoded(PADDED), url_safe.trim_end_matches('='), "secret_url_safe");
    wrong(Scheme::Plain, PADDED.as_bytes(), &url_safe, "secret_url_safe");
    wrong(Scheme::Plain, url_safe.as_bytes(), PADDED, "secret_url_safe");
}

#[test]
fn lost_padding_is_named_where_it_matters() {
    let cut = PADDED.trim_end_matches('=');
    wrong(Scheme::Stripe, PADDED.as_bytes(), cut, "secret_padding");
    wrong(Scheme::Stripe, cut.as_bytes(), PADDED, "secret_padding");
    let text = text(Scheme::Standard, BODY);
    assert_eq!(signed(Scheme::Standard, &decoded(PADDED), &text).secret(cut).report().verdict, Verdict::Valid);
}

#[test]
fn an_unset_variable_is_named() {
    for scheme in SHARED {
        for unset in ["", "undefined", "null", "None"] {
            wrong(scheme, unset.as_bytes(), SECRET, "secret_not_used");
        }
    }
}

#[test]
fn an_old_secret_is_named() {
    for scheme in SHARED {
        let pasted = Pasted { old_secret: Some(SECRET.into()), ..good(scheme) }.secret(PADDED);
        assert_named(&pasted, &["secret_old"]);
    }
}

#[test]
fn a_secret_that_is_none_is_named() {
    assert_named(&good(Scheme::Standard).secret(""), &["secret_missing"]);
    assert_named(&good(Scheme::Github).secret(" \n"), &["secret_missing"]);
    assert_named(&good(Scheme::Standard).secret("whsec_not base64"), &["secret_not_base64"]);
    assert_suspected(&good(Scheme::Standard).secret(&SECRET[..20]), "secret_odd_length");
    assert_suspected(&good(Scheme::Standard).secret(PADDED), "secret_other");
}

#[test]
fn two_mistakes_at_once_are_both_named() {
    let pasted = signed(Scheme::Standard, BARE.as_bytes(), &text(Scheme::Standard, BODY));
    assert_named(&pasted.body(&format!("{BODY}\n")), &["secret_not_decoded", "body_newline_added"]);
    let pasted = signed(Scheme::Plain, &decoded(SECRET), BODY).secret(&format!("{SECRET}\n"));
    assert_named(&pasted, &["secret_blanks", "secret_decoded", "timestamp_not_signed"]);
}
