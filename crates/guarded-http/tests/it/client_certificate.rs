//! Receivers that ask who is calling.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use guarded_http::{Client, ClientCertificate, ClientCertificateError, Config, Exchange, Target};
use rcgen::KeyPair;
use tokio_rustls::rustls::SupportedProtocolVersion;
use tokio_rustls::rustls::version::{TLS12, TLS13};

use crate::authority::*;
use crate::receiver::*;

const VERSIONS: [&SupportedProtocolVersion; 2] = [&TLS12, &TLS13];

async fn post_as(client: &Client, receiver: &Receiver, certificate: Option<&Arc<ClientCertificate>>) -> Exchange {
    let target = target(client, receiver, certificate);
    post_to(client, &target, PATIENCE).await
}

fn target(client: &Client, receiver: &Receiver, certificate: Option<&Arc<ClientCertificate>>) -> Target {
    let target = client.target(&url("a.example", receiver)).unwrap();
    certificate.map_or(target.clone(), |certificate| target.with_certificate(certificate))
}

/// Whom the receiver took the client for.
fn taken_for(exchange: Exchange) -> String {
    String::from_utf8(answer(exchange).body.to_vec()).unwrap()
}

#[tokio::test]
async fn a_receiver_that_demands_a_certificate_accepts_the_right_one_and_the_connection_is_reused() {
    let authority = Authority::new();
    let certificate = authority.client("client-a");
    for version in VERSIONS {
        let receiver = authority.demanding(version).await;
        let client = authority.trusting();
        for reused in [false, true, true] {
            let exchange = post_as(&client, &receiver, Some(&certificate)).await;
            assert_eq!(exchange.reused, reused);
            assert_eq!(taken_for(exchange), "client-a");
        }
        assert_eq!(receiver.connections(), 1);
    }
}

#[tokio::test]
async fn every_kind_of_key_can_sign() {
    let authority = Authority::new();
    for algorithm in [&rcgen::PKCS_ECDSA_P256_SHA256, &rcgen::PKCS_ECDSA_P384_SHA384, &rcgen::PKCS_ED25519] {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let certificate = authority.vouch_for("client-key", key, 2100).read();
        for version in VERSIONS {
            let receiver = authority.demanding(version).await;
            let exchange = post_as(&authority.trusting(), &receiver, Some(&certificate)).await;
            assert_eq!(taken_for(exchange), "client-key", "{algorithm:?}");
        }
    }
}

#[tokio::test]
async fn a_receiver_that_demands_a_certificate_is_understood_when_it_gets_none_or_a_wrong_one() {
    let authority = Authority::new();
    let stranger = Authority::named("Another Authority").client("client-stranger");
    let expired = authority.vouch_for("client-old", KeyPair::generate().unwrap(), 2021).read();
    let refused = "the receiver asked for a client certificate and refused the one it was given: ";
    for version in VERSIONS {
        let receiver = authority.demanding(version).await;
        let client = authority.trusting();
        for (certificate, sentence) in [
            (None, "the receiver asked for a client certificate, and none was given".to_owned()),
            (Some(&stranger), format!("{refused}it does not know the authority that issued it")),
            (Some(&expired), format!("{refused}it has expired")),
        ] {
            let exchange = post_as(&client, &receiver, certificate).await;
            assert_eq!(failure(&exchange), ("tls", &*sentence), "{version:?}");
            assert_eq!(exchange.remote, Some(receiver.address));
        }
        assert_eq!(receiver.connections(), 3, "nothing is tried twice");
    }
}

#[tokio::test]
async fn a_receiver_that_asks_and_then_just_closes_is_suspected_of_wanting_a_certificate() {
    let authority = Authority::new();
    let certificate = authority.client("client-a");
    let receiver = authority.asking_and_closing().await;
    let client = authority.trusting();
    let exchange = post_as(&client, &receiver, None).await;
    assert_eq!(failure(&exchange), ("tls", "the receiver asked for a client certificate, and none was given"));
    let exchange = post_as(&client, &receiver, Some(&certificate)).await;
    let (class, sentence) = failure(&exchange);
    assert_eq!(class, "reset");
    assert!(sentence.contains("may not accept the one it was given"), "{sentence}");
}

#[tokio::test]
async fn connections_are_never_shared_between_certificates_or_between_one_and_none() {
    let authority = Authority::new();
    let (a, b) = (authority.client("client-a"), authority.client("client-b"));
    let receiver = authority.asking(&TLS13).await;
    let client = authority.trusting();
    for reused in [false, true] {
        for (certificate, name) in [(None, "nobody"), (Some(&a), "client-a"), (Some(&b), "client-b")] {
            let exchange = post_as(&client, &receiver, certificate).await;
            assert_eq!(exchange.reused, reused, "{name}");
            assert_eq!(taken_for(exchange), name);
        }
    }
    assert_eq!(receiver.connections(), 3);
}

#[tokio::test]
async fn a_certificate_read_twice_is_the_same_client() {
    let authority = Authority::new();
    let pem = authority.vouch_for("client-a", KeyPair::generate().unwrap(), 2100);
    let receiver = authority.demanding(&TLS13).await;
    let client = authority.trusting();
    for reused in [false, true] {
        let exchange = post_as(&client, &receiver, Some(&pem.read())).await;
        assert_eq!(exchange.reused, reused);
        assert_eq!(taken_for(exchange), "client-a");
    }
}

/// A resumed session would make the receiver take the client for whoever began it.
#[tokio::test]
async fn no_tls_session_is_resumed_as_somebody_else() {
    let authority = Authority::new();
    let (a, b) = (authority.client("client-a"), authority.client("client-b"));
    for version in VERSIONS {
        let receiver = authority.asking(version).await;
        // Nothing is kept, so that every request shakes hands, with whatever sessions there are.
        let client = client_trusting(vec![authority.root()], Config { max_age: Duration::ZERO, ..config() });
        for resumed in ["false", "true", "true"] {
            for (certificate, name) in [(None, "nobody"), (Some(&a), "client-a"), (Some(&b), "client-b")] {
                let exchange = post_as(&client, &receiver, certificate).await;
                assert!(!exchange.reused);
                assert_eq!(exchange.outcome.as_ref().unwrap().header("x-resumed"), Some(resumed), "{name} {version:?}");
                assert_eq!(taken_for(exchange), name);
            }
        }
    }
}

#[tokio::test]
async fn a_certificate_nobody_asks_for_does_no_harm() {
    let authority = Authority::new();
    let certificate = authority.client("client-a");
    let receiver = authority.receiver("a.example", 2100).await;
    let exchange = post_as(&authority.trusting(), &receiver, Some(&certificate)).await;
    assert_eq!(taken_for(exchange), "nobody");

    let plain = Receiver::answering(OK).await;
    let client = client();
    let target = client.target(&plain.url()).unwrap().with_certificate(&certificate);
    assert_eq!(answer(post_to(&client, &target, PATIENCE).await).status, 200);
}

#[tokio::test]
async fn the_receiver_is_still_verified() {
    let certificate = Authority::new().client("client-a");
    let receiver = Authority::new().demanding(&TLS13).await;
    let exchange = post_as(&Authority::named("Another Authority").trusting(), &receiver, Some(&certificate)).await;
    let (class, sentence) = failure(&exchange);
    assert_eq!(class, "tls");
    assert!(sentence.contains("is not issued by a known authority"), "{sentence}");
}

#[test]
fn a_certificate_shows_its_subject_expiry_and_fingerprint_but_never_its_key() {
    let pem = Authority::new().vouch_for("client-a", KeyPair::generate().unwrap(), 2021);
    let certificate = pem.read();
    assert_eq!(certificate.subject(), "CN=client-a, O=Example");
    // 2021-01-01T00:00:00Z
    assert_eq!(certificate.not_after(), SystemTime::UNIX_EPOCH + Duration::from_secs(1_609_459_200));
    assert_eq!(certificate.fingerprint().len(), 64);
    let shown = format!(
        "ClientCertificate {{ subject: \"CN=client-a, O=Example\", fingerprint: \"{}\", .. }}",
        certificate.fingerprint()
    );
    assert_eq!(format!("{certificate:?}"), shown);
    let target = client().target("https://a.example/").unwrap().with_certificate(&certificate);
    assert!(format!("{target:?}").contains(&shown));
}

#[test]
fn what_openssl_makes_is_read_and_has_the_fingerprint_that_openssl_shows() {
    let pem = include_str!("openssl.pem");
    let certificate = ClientCertificate::from_pem(pem, pem).unwrap();
    let fingerprint = "b1315011118288fa0b4417e2b0c024c4de6d97dd1a7fe6c001a00c61d48eee90";
    assert_eq!((certificate.fingerprint(), certificate.subject()), (fingerprint, "CN=client-openssl"));
}

#[test]
fn a_wrong_text_is_told_which_and_why() {
    use ClientCertificateError as E;
    let authority = Authority::new();
    let pem = authority.vouch_for("client-a", KeyPair::generate().unwrap(), 2100);
    let other = authority.vouch_for("client-b", KeyPair::generate().unwrap(), 2100);
    let root = authority.issuer.pem();
    let with = |label: &str, body: &str| format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
    let traditional = with("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA");
    for (chain, key, expected) in [
        ("", pem.key.as_str(), E::NoCertificate),
        ("hello", &pem.key, E::NoCertificate),
        (&pem.key, &pem.key, E::NoCertificate),
        (&with("CERTIFICATE", "AAAA"), &pem.key, E::BadCertificate { number: 1 }),
        (&with("CERTIFICATE", "?"), &pem.key, E::BadCertificate { number: 1 }),
        (&format!("{}{}", pem.certificate, with("CERTIFICATE", "AAAA")), &pem.key, E::BadCertificate { number: 2 }),
        (&pem.certificate[..pem.certificate.len() - 40], &pem.key, E::BadCertificate { number: 1 }),
        (&pem.certificate, "", E::NoKey),
        (&pem.certificate, &pem.certificate, E::NoKey),
        (&pem.certificate, &with("OPENSSH PRIVATE KEY", "AAAA"), E::NoKey),
        (&pem.certificate, &with("ENCRYPTED PRIVATE KEY", "AAAA"), E::EncryptedKey),
        (&pem.certificate, &traditional, E::EncryptedKey),
        (&pem.certificate, &with("PRIVATE KEY", "AAAA"), E::BadKey),
        (&pem.certificate, &with("PRIVATE KEY", "?"), E::BadKey),
        (&pem.certificate, &other.key, E::Mismatch),
        (&format!("{root}{}", pem.certificate), &pem.key, E::Mismatch),
    ] {
        assert_eq!(ClientCertificate::from_pem(chain, key).err(), Some(expected), "{chain}\n{key}");
    }
    let bundle = format!("{}{}{root}", pem.key, pem.certificate).replace('\n', "\r\n");
    assert_eq!(ClientCertificate::from_pem(&bundle, &bundle).unwrap(), *pem.read());
}
