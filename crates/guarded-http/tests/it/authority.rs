//! A certificate authority of its own, and receivers and clients it vouches for.

use std::collections::HashMap;
use std::sync::Arc;

use guarded_http::{CertificateDer, Client, ClientCertificate, Config, Resolver};
use rcgen::{CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use tokio::io::AsyncWriteExt as _;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::server::{ClientCertVerifierBuilder, WantsServerCert, WebPkiClientVerifier};
use tokio_rustls::rustls::{
    ALL_VERSIONS, ConfigBuilder, HandshakeKind, RootCertStore, ServerConfig, SupportedProtocolVersion, WantsVerifier,
};

use crate::receiver::*;

pub struct Authority {
    pub issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate and its key, as texts.
pub struct Pem {
    pub certificate: String,
    pub key: String,
}

impl Pem {
    pub fn read(&self) -> Arc<ClientCertificate> {
        Arc::new(ClientCertificate::from_pem(&self.certificate, &self.key).unwrap())
    }
}

impl Authority {
    pub fn new() -> Self {
        Self::named("Test Authority")
    }

    pub fn named(name: &str) -> Self {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self { issuer }
    }

    pub fn root(&self) -> CertificateDer<'static> {
        self.issuer.der().clone()
    }

    /// A client that trusts this authority and knows `a.example` and `b.example`.
    pub fn trusting(&self) -> Client {
        client_trusting(vec![self.root()], config())
    }

    /// A certificate for the client `name`, which expires in `year`.
    pub fn vouch_for(&self, name: &str, key: KeyPair, year: i32) -> Pem {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.distinguished_name.push(DnType::OrganizationName, "Example");
        params.distinguished_name.push(DnType::CommonName, name);
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(year, 1, 1);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Pem { certificate: certificate.pem(), key: key.serialize_pem() }
    }

    pub fn client(&self, name: &str) -> Arc<ClientCertificate> {
        self.vouch_for(name, KeyPair::generate().unwrap(), 2100).read()
    }

    /// A receiver whose certificate is for `name` and expires in `year`; it asks for none itself.
    pub async fn receiver(&self, name: &str, year: i32) -> Receiver {
        start(self.finish(server().with_no_client_auth(), name, year)).await
    }

    /// A receiver at `a.example` that demands a certificate of this authority, and answers whom it
    /// names.
    pub async fn demanding(&self, version: &'static SupportedProtocolVersion) -> Receiver {
        let verifier = self.verifier().build().unwrap();
        let builder = server_speaking(&[version]).with_client_cert_verifier(verifier);
        start(self.finish(builder, "a.example", 2100)).await
    }

    /// A receiver at `a.example` that asks, but answers whoever comes.
    pub async fn asking(&self, version: &'static SupportedProtocolVersion) -> Receiver {
        let verifier = self.verifier().allow_unauthenticated().build().unwrap();
        let builder = server_speaking(&[version]).with_client_cert_verifier(verifier);
        start(self.finish(builder, "a.example", 2100)).await
    }

    /// A receiver at `a.example` that asks, lets whoever comes in, and closes without a word.
    pub async fn asking_and_closing(&self) -> Receiver {
        let verifier = self.verifier().allow_unauthenticated().build().unwrap();
        let config = self.finish(server().with_client_cert_verifier(verifier), "a.example", 2100);
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Receiver::start(move |socket, _| {
            let acceptor = acceptor.clone();
            async move { drop(acceptor.accept(socket).await.unwrap()) }
        })
        .await
    }

    fn verifier(&self) -> ClientCertVerifierBuilder {
        let mut roots = RootCertStore::empty();
        roots.add(self.root()).unwrap();
        WebPkiClientVerifier::builder_with_provider(roots.into(), aws_lc_rs::default_provider().into())
    }

    fn finish(&self, builder: ConfigBuilder<ServerConfig, WantsServerCert>, name: &str, year: i32) -> ServerConfig {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(year, 1, 1);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        builder.with_single_cert(vec![certificate.der().clone()], key).unwrap()
    }
}

fn server() -> ConfigBuilder<ServerConfig, WantsVerifier> {
    server_speaking(ALL_VERSIONS)
}

fn server_speaking(versions: &[&'static SupportedProtocolVersion]) -> ConfigBuilder<ServerConfig, WantsVerifier> {
    ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
}

/// Answers every request with the name of the client that the certificate shown was made for.
async fn start(config: ServerConfig) -> Receiver {
    let acceptor = TlsAcceptor::from(Arc::new(config));
    Receiver::start(move |socket, _| {
        let acceptor = acceptor.clone();
        async move {
            let mut socket = match acceptor.accept(socket).into_fallible().await {
                Ok(socket) => socket,
                Err((_, mut socket)) => {
                    // A socket closed with something unread in it would take the alert along.
                    let _ = tokio::io::copy(&mut socket, &mut tokio::io::sink()).await;
                    return;
                }
            };
            let session = socket.get_ref().1;
            let shown = session.peer_certificates().map_or_else(|| "nobody".to_owned(), |chain| whom(&chain[0]));
            let resumed = session.handshake_kind() == Some(HandshakeKind::Resumed);
            let answer =
                format!("HTTP/1.1 200 OK\r\nx-resumed: {resumed}\r\nContent-Length: {}\r\n\r\n{shown}", shown.len());
            while read_request(&mut socket).await.is_some() {
                socket.write_all(answer.as_bytes()).await.unwrap();
                socket.flush().await.unwrap();
            }
        }
    })
    .await
}

/// The clients of these tests are told apart by the word after this one in their certificates.
fn whom(certificate: &CertificateDer<'_>) -> String {
    let text = String::from_utf8_lossy(certificate);
    let start = text.find("client-").expect("a client of these tests");
    text[start..].chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect()
}

pub fn client_trusting(roots: Vec<CertificateDer<'static>>, config: Config) -> Client {
    let loopback = vec!["127.0.0.1".parse().unwrap()];
    let table = HashMap::from([("a.example".to_owned(), loopback.clone()), ("b.example".to_owned(), loopback)]);
    Client::new(Config { extra_roots: roots, resolver: Resolver::Fixed(table), ..config }).unwrap()
}

pub fn url(name: &str, receiver: &Receiver) -> String {
    format!("https://{name}:{}/", receiver.address.port())
}
