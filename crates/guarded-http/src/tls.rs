//! TLS: the settings and the handshake; what is asked in it is in `asked`, the words for what goes
//! wrong are in `sentences`.

use std::sync::Arc;

use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{self, ClientConfig, ProtocolVersion, RootCertStore};

use crate::certificate::ClientCertificate;
use crate::failure::{Failure, FailureClass};

mod asked;
mod sentences;

pub(crate) use asked::{Asked, Identity};
use asked::{Nobody, watch};
pub(crate) use sentences::{after_alert, after_silence, alert};

/// How many receivers' sessions are remembered, to make the next handshake shorter.
const SESSIONS: usize = 1024;

/// Ready to start handshakes.
pub(crate) struct Tls {
    config: Arc<ClientConfig>,
}

impl Tls {
    /// Trusts Mozilla's roots and `extra_roots`.
    pub(crate) fn new(extra_roots: &[CertificateDer<'static>]) -> Result<Self, rustls::Error> {
        let mut roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        for root in extra_roots {
            roots.add(root.clone())?;
        }
        let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_client_cert_resolver(Arc::new(Nobody));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        config.resumption = Resumption::in_memory_sessions(SESSIONS);
        Ok(Self { config: Arc::new(config) })
    }

    /// Shakes hands with whoever must prove to be `host`, and shows the certificate if asked.
    pub(crate) async fn handshake(
        &self,
        host: &str,
        certificate: Option<&ClientCertificate>,
        tcp: TcpStream,
    ) -> Result<(TlsStream<TcpStream>, Asked), Failure> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| Failure::new(FailureClass::Tls, format!("{host} cannot stand in a certificate")))?;
        let config = certificate.map_or_else(|| self.config.clone(), |certificate| self.config_with(certificate));
        let (result, asked) = watch(TlsConnector::from(config).connect(name, tcp)).await;
        let stream =
            result.map_err(|error| Failure::new(FailureClass::Tls, sentences::in_handshake(&error, host, asked)))?;
        Ok((stream, asked))
    }

    /// The same settings and roots, with a certificate to show. Cheap beside a handshake: the copy
    /// shares all that is large, and certificate, key and sessions are ready made.
    fn config_with(&self, certificate: &ClientCertificate) -> Arc<ClientConfig> {
        let mut config = ClientConfig::clone(&self.config);
        config.client_auth_cert_resolver = certificate.identity().clone();
        config.resumption = certificate.sessions().clone();
        Arc::new(config)
    }
}

/// The TLS version of a connection, for people.
pub(crate) fn version(stream: &TlsStream<TcpStream>) -> &'static str {
    match stream.get_ref().1.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
        Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
        _ => "TLS",
    }
}
