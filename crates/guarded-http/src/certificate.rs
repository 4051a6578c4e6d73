//! Client certificates: who this client is, for receivers that ask.
//!
//! A [`ClientCertificate`] is read once and kept; the key exists only in the form the TLS library
//! signs with. Where certificates are stored, and who may use which, does not live here.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::crypto::aws_lc_rs::sign::any_supported_type;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::sign::{CertifiedKey, SigningKey};
use tokio_rustls::rustls::{self, InconsistentKeys};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;
use zeroize::Zeroizing;

use crate::tls::Identity;

/// How many receivers' sessions are remembered per certificate.
const SESSIONS: usize = 32;

/// A certificate chain and its private key, shown to receivers that ask who is calling.
///
/// Two are equal if the certificates are, that is, if their fingerprints agree.
pub struct ClientCertificate {
    identity: Arc<Identity>,
    /// Of its own, so that no session begun as one client is ever resumed as another.
    sessions: Resumption,
    subject: String,
    not_after: SystemTime,
    fingerprint: String,
}

/// Why certificate and key cannot be used, and which of the two it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientCertificateError {
    /// The first text holds no certificate.
    #[error("there is no certificate; paste the text that begins with \"-----BEGIN CERTIFICATE-----\"")]
    NoCertificate,
    /// A certificate is damaged, or of an unknown version.
    #[error("certificate number {number} cannot be read; paste it again, whole and unchanged")]
    BadCertificate {
        /// Which one of the chain, counted from 1.
        number: usize,
    },
    /// The second text holds no private key of a known form.
    #[error("there is no private key; paste the text that begins with \"-----BEGIN PRIVATE KEY-----\"")]
    NoKey,
    /// The key is protected by a passphrase.
    #[error("the private key is encrypted; decrypt it first, for example with \"openssl pkey -in key.pem\"")]
    EncryptedKey,
    /// The key is damaged, or of a kind that TLS does not use.
    #[error("the private key cannot be read, or is neither RSA, nor ECDSA on a NIST curve, nor Ed25519")]
    BadKey,
    /// Certificate and key are not a pair.
    #[error("the private key does not belong to the certificate (the client's own certificate must come first)")]
    Mismatch,
}

impl ClientCertificate {
    /// Reads a chain, the client's own certificate first, and the key that belongs to it, both as
    /// PEM text. Other sections in the texts are passed over. An expired certificate is accepted:
    /// it is the receiver who judges, and [`Self::not_after`] tells.
    ///
    /// # Errors
    /// Says which part is wrong.
    pub fn from_pem(certificate_chain_pem: &str, key_pem: &str) -> Result<Self, ClientCertificateError> {
        let chain = read_chain(certificate_chain_pem)?;
        let first = chain.first().ok_or(ClientCertificateError::NoCertificate)?.clone();
        let pair = CertifiedKey::new(chain, read_key(key_pem)?);
        match pair.keys_match() {
            Ok(()) | Err(rustls::Error::InconsistentKeys(InconsistentKeys::Unknown)) => {}
            Err(rustls::Error::InconsistentKeys(_)) => return Err(ClientCertificateError::Mismatch),
            Err(_) => return Err(ClientCertificateError::BadCertificate { number: 1 }),
        }
        let leaf = parse(&first).ok_or(ClientCertificateError::BadCertificate { number: 1 })?;
        let ends = u64::try_from(leaf.validity().not_after.timestamp()).unwrap_or(0);
        Ok(Self {
            identity: Arc::new(Identity::new(pair)),
            sessions: Resumption::in_memory_sessions(SESSIONS),
            subject: printable(&leaf.subject().to_string()),
            not_after: SystemTime::UNIX_EPOCH + Duration::from_secs(ends),
            fingerprint: hex(&Sha256::digest(&first)),
        })
    }

    /// Whom the certificate names, such as `CN=hub, O=Example`; may be empty.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// When the certificate expires.
    #[must_use]
    pub fn not_after(&self) -> SystemTime {
        self.not_after
    }

    /// The SHA-256 of the client's own certificate, as 64 hexadecimal digits in lower case.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    pub(crate) fn identity(&self) -> &Arc<Identity> {
        &self.identity
    }

    pub(crate) fn sessions(&self) -> &Resumption {
        &self.sessions
    }
}

fn read_chain(text: &str) -> Result<Vec<CertificateDer<'static>>, ClientCertificateError> {
    let mut chain = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(text.as_bytes()) {
        let number = chain.len() + 1;
        let certificate = certificate.ok().filter(|der| parse(der).is_some());
        chain.push(certificate.ok_or(ClientCertificateError::BadCertificate { number })?);
    }
    Ok(chain)
}

fn parse<'a>(der: &'a CertificateDer<'_>) -> Option<X509Certificate<'a>> {
    let (rest, certificate) = X509Certificate::from_der(der).ok()?;
    rest.is_empty().then_some(certificate)
}

fn read_key(text: &str) -> Result<Arc<dyn SigningKey>, ClientCertificateError> {
    let encrypted = text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("4,ENCRYPTED");
    let der = match PrivateKeyDer::from_pem_slice(text.as_bytes()) {
        Ok(der) => Zeroizing::new(der),
        Err(_) if encrypted => return Err(ClientCertificateError::EncryptedKey),
        Err(pem::Error::NoItemsFound) => return Err(ClientCertificateError::NoKey),
        Err(_) => return Err(ClientCertificateError::BadKey),
    };
    any_supported_type(&der).map_err(|_| ClientCertificateError::BadKey)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Certificates may hold any text; what is shown is one line of it.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

impl PartialEq for ClientCertificate {
    fn eq(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint
    }
}

impl Eq for ClientCertificate {}

impl Hash for ClientCertificate {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.fingerprint.hash(state);
    }
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCertificate")
            .field("subject", &self.subject)
            .field("fingerprint", &self.fingerprint)
            .finish_non_exhaustive()
    }
}
