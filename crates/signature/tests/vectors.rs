//! The shared Standard Webhooks vectors, read where they are kept.

mod specs;

use serde::Deserialize;
use signature::{Secret, VerifyError, sign_standard, verify_standard};

#[derive(Deserialize)]
struct Vectors {
    symmetric: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    secret_prefix: String,
    secret_base64: String,
    id: String,
    timestamp: i64,
    body: String,
    signature_header: Option<String>,
    valid: bool,
    verify_at: i64,
}

impl Vector {
    fn secrets(&self) -> Vec<Secret> {
        let text = format!("{}{}", self.secret_prefix, self.secret_base64);
        vec![Secret::parse(&text).expect(&self.name)]
    }

    fn verify(&self) -> Result<(), VerifyError> {
        verify_standard(
            &self.secrets(),
            &self.id,
            &self.timestamp.to_string(),
            self.signature_header.as_deref().unwrap_or_default(),
            self.body.as_bytes(),
            self.verify_at,
        )
    }
}

fn vectors() -> Option<Vec<Vector>> {
    Some(specs::read::<Vectors>("standard-webhooks/test-vectors.json")?.symmetric)
}

#[test]
fn every_vector_is_judged_as_it_says() {
    let Some(vectors) = vectors() else { return };
    assert!(!vectors.is_empty());
    for vector in &vectors {
        assert_eq!(vector.verify().is_ok(), vector.valid, "{}: {:?}", vector.name, vector.verify());
    }
}

#[test]
fn every_mistake_in_the_vectors_is_named() {
    let Some(vectors) = vectors() else { return };
    for (name, error) in [
        ("only-unknown-version", VerifyError::UnknownVersion),
        ("tampered-body", VerifyError::Mismatch),
        ("tampered-id", VerifyError::Mismatch),
        ("too-old", VerifyError::TooOld(301)),
        ("too-new", VerifyError::TooNew(301)),
        ("missing-signature-header", VerifyError::MissingSignature),
    ] {
        let vector = vectors.iter().find(|vector| vector.name == name).expect(name);
        assert_eq!(vector.verify(), Err(error), "{name}");
    }
}

#[test]
fn signing_gives_the_very_header_of_the_vectors() {
    let Some(vectors) = vectors() else { return };
    for name in ["published-vector", "utf8-body", "boundary-exactly-300s", "secret-without-prefix"] {
        let vector = vectors.iter().find(|vector| vector.name == name).expect(name);
        let header = sign_standard(&vector.secrets(), &vector.id, vector.timestamp, vector.body.as_bytes());
        assert_eq!(Some(&header), vector.signature_header.as_ref(), "{name}");
    }
}
