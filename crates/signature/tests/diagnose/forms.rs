//! What goes wrong with the form of a signature, and with key pairs.

use base64::engine::general_purpose::URL_SAFE;
use sha1::Sha1;
use sha2::Sha512;
use signature::{Secret, SigningKey, VerifyError, sign_ed25519, verify_standard};

use super::*;

fn right(scheme: Scheme) -> [u8; 32] {
    mac(&key(scheme), &text(scheme, BODY))
}

/// What stands in front of the signature in the header.
fn before(scheme: Scheme) -> String {
    let whole = written(scheme, &[0; 32]);
    whole[..whole.find("AAAA").or(whole.find("0000000000000000")).expect("zeros")].to_owned()
}

#[test]
fn hex_and_base64_mixed_up_are_named() {
    for scheme in SHARED {
        let mac = right(scheme);
        let (wrong, code) = match scheme {
            Scheme::Standard => (hex(&mac), "signature_hex"),
            _ => (STANDARD.encode(mac), "signature_base64"),
        };
        assert_named(&with_header(scheme, &(before(scheme) + &wrong)), &[code]);
        let twice = before(scheme) + &STANDARD.encode(hex(&mac));
        assert_named(&with_header(scheme, &twice), &["signature_base64_of_hex"]);
    }
}

#[test]
fn url_safe_signatures_are_named() {
    let mac = right(Scheme::Standard);
    let url_safe = URL_SAFE.encode(mac);
    assert_ne!(url_safe, STANDARD.encode(mac), "the example must contain + or /");
    for text in [url_safe.clone(), url_safe.trim_end_matches('=').to_owned()] {
        assert_named(&with_header(Scheme::Standard, &format!("v1,{text}")), &["signature_url_safe"]);
    }
}

#[test]
fn a_signature_without_its_equals_sign_is_named_and_refused() {
    let whole = written(Scheme::Standard, &right(Scheme::Standard));
    let cut = whole.trim_end_matches('=');
    assert_ne!(cut, whole);
    assert_named(&with_header(Scheme::Standard, cut), &["signature_unpadded"]);
    let by_pair = sign_ed25519(&pair(), ID, NOW, BODY.as_bytes());
    let cut_by_pair = with_header(Scheme::Ed25519, by_pair.trim_end_matches('=')).secret(&pair().public_text());
    assert_named(&cut_by_pair, &["signature_unpadded"]);
    let secret = Secret::parse(SECRET).expect("a secret");
    let verify =
        |header| verify_standard(std::slice::from_ref(&secret), ID, &NOW.to_string(), header, BODY.as_bytes(), NOW);
    assert_eq!((verify(&whole), verify(cut)), (Ok(()), Err(VerifyError::Malformed)));
}

#[test]
fn a_missing_or_wrong_prefix_is_named() {
    for scheme in SHARED {
        let whole = written(scheme, &right(scheme));
        let without = whole.replace("v1,", "").replace("v1=", "").replace("v0=", "").replace("sha256=", "");
        assert_named(&with_header(scheme, &without), &["signature_prefix_missing"]);
    }
    let standard = written(Scheme::Standard, &right(Scheme::Standard));
    for wrong in ["v1=", "sha256=", "v0="] {
        assert_named(&with_header(Scheme::Standard, &standard.replace("v1,", wrong)), &["signature_prefix_wrong"]);
    }
    let github = written(Scheme::Github, &right(Scheme::Github));
    for wrong in ["v1=", "SHA256=", "sha256:"] {
        assert_named(&with_header(Scheme::Github, &github.replace("sha256=", wrong)), &["signature_prefix_wrong"]);
    }
    let bare_hex = hex(&right(Scheme::Standard));
    assert_named(&with_header(Scheme::Standard, &bare_hex), &["signature_prefix_missing", "signature_hex"]);
}

#[test]
fn other_hashes_are_named() {
    let sha1 = Hmac::<Sha1>::new_from_slice(SECRET.as_bytes()).unwrap().chain_update(BODY).finalize().into_bytes();
    let sha512 = Hmac::<Sha512>::new_from_slice(SECRET.as_bytes()).unwrap().chain_update(BODY).finalize().into_bytes();
    for prefix in ["sha256=", "sha1="] {
        assert_named(&with_header(Scheme::Github, &format!("{prefix}{}", hex(&sha1))), &["signature_sha1"]);
    }
    for prefix in ["sha256=", "sha512="] {
        assert_named(&with_header(Scheme::Github, &format!("{prefix}{}", hex(&sha512))), &["signature_sha512"]);
    }
    let old_header = format!("X-Hub-Signature: sha1={}", hex(&sha1));
    assert_named(&Pasted { headers: old_header.clone(), ..good(Scheme::Github) }, &["signature_sha1"]);
    // GitHub sends both; the newer one counts.
    let both = format!("{old_header}\n{}", good(Scheme::Github).headers);
    assert_eq!(Pasted { headers: both, ..good(Scheme::Github) }.report().verdict, Verdict::Valid);
    assert_suspected(&with_header(Scheme::Github, &format!("sha1={}", "00".repeat(20))), "signature_sha1");
}

#[test]
fn a_cut_signature_is_suspected() {
    for scheme in SHARED {
        let whole = written(scheme, &right(scheme));
        assert_suspected(&with_header(scheme, &whole[..whole.len() - 9]), "signature_unreadable");
    }
}

#[test]
fn other_versions_are_passed_over() {
    let good = written(Scheme::Standard, &right(Scheme::Standard));
    for header in [format!("v1a,AAAA {good}"), format!("v2,AAAA  {good} v1,AAAA"), format!("{good}, v1,AAAA")] {
        assert_eq!(with_header(Scheme::Standard, &header).report().verdict, Verdict::Valid, "{header}");
    }
    assert_named(
        &with_header(Scheme::Standard, "v2,AAAA v3,AAAA".trim_end_matches(" v3,AAAA")),
        &["signature_other_version"],
    );
    let stripe = written(Scheme::Stripe, &right(Scheme::Stripe));
    assert_eq!(with_header(Scheme::Stripe, &format!("{stripe},v0=00")).report().verdict, Verdict::Valid);
}

fn pair() -> SigningKey {
    SigningKey::generate([7; 32])
}

fn by_pair(key: &str) -> Pasted {
    let header = sign_ed25519(&pair(), ID, NOW, BODY.as_bytes());
    with_header(Scheme::Ed25519, &header).secret(key)
}

#[test]
fn a_key_pair_is_checked_with_either_half() {
    let public = by_pair(&pair().public_text()).report();
    assert_eq!((public.scheme, public.verdict), (Some(Scheme::Ed25519), Verdict::Valid));
    assert_eq!(public.expected, [""; 0]);
    let private = by_pair(&pair().text()).report();
    assert_eq!((private.verdict, &private.expected), (Verdict::Valid, &private.received));
    assert_eq!(by_pair(&pair().public_text()[5..]).report().verdict, Verdict::Valid);
}

#[test]
fn the_other_kind_of_key_is_named() {
    assert_named(&by_pair(SECRET), &["secret_other_kind"]);
    let asymmetric = good(Scheme::Standard).secret(&pair().public_text());
    assert_named(&asymmetric, &["signature_other_version"]);
    assert_named(&Pasted { scheme: Some(Scheme::Standard), ..asymmetric }, &["secret_other_kind"]);
    assert_named(&by_pair("whpk_AAEC"), &["secret_not_a_key"]);
    let old =
        Pasted { old_secret: Some(pair().public_text()), ..by_pair(&SigningKey::generate([8; 32]).public_text()) };
    assert_named(&old, &["secret_old"]);
}

#[test]
fn mistakes_around_a_key_pair_are_named() {
    let key = pair().public_text();
    assert_named(&by_pair(&format!("\"{key}\"")), &["secret_quoted"]);
    assert_named(&by_pair(&format!("{key}\n")), &["secret_blanks"]);
    assert_named(&by_pair(&key).body(&format!("{BODY}\n")), &["body_newline_added"]);
    let url_safe = key.replace('+', "-").replace('/', "_").replace("whpk-", "whpk_");
    assert_ne!(url_safe, key, "the example must contain + or /");
    assert_named(&by_pair(&url_safe), &["secret_url_safe"]);
    assert_named(&by_pair(&pair().text()[5..]), &["secret_prefix_missing"]);
    let text = pair();
    let header = sign_ed25519(&text, "msg_OTHER", NOW, BODY.as_bytes());
    let pasted = Pasted { id: Some("msg_OTHER".into()), ..with_header(Scheme::Ed25519, &header).secret(&key) };
    assert_named(&pasted, &["other_id"]);
    let hexed =
        format!("v1a,{}", hex(&STANDARD.decode(&sign_ed25519(&pair(), ID, NOW, BODY.as_bytes())[4..]).unwrap()));
    assert_named(&with_header(Scheme::Ed25519, &hexed).secret(&key), &["signature_hex"]);
}
