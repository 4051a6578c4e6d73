//! Plain words for what goes wrong in TLS.

use std::io;

use tokio_rustls::rustls::{self, AlertDescription, CertificateError};

use super::Asked;

/// The alert by which the receiver ended a connection, if it was one.
pub(crate) fn alert(error: &io::Error) -> Option<AlertDescription> {
    match tls_error(error) {
        Some(rustls::Error::AlertReceived(alert)) => Some(*alert),
        _ => None,
    }
}

/// Why the receiver sent an alert after the handshake. In TLS 1.3 this is where it tells what it
/// thinks of the client's certificate.
pub(crate) fn after_alert(asked: Asked, alert: AlertDescription) -> String {
    certificate_wanted(asked, alert).unwrap_or_else(|| format!("the receiver ended the TLS connection ({alert:?})"))
}

/// Why the receiver may have closed a new connection without a word; none if it asked for nothing.
pub(crate) fn after_silence(asked: Asked) -> Option<String> {
    match asked {
        Asked::No => None,
        Asked::NoneGiven | Asked::NoneFits => certificate_wanted(asked, AlertDescription::CertificateRequired),
        Asked::Given => Some(
            "the receiver closed the connection without answering; it had asked for a client certificate, and may not accept the one it was given"
                .to_owned(),
        ),
    }
}

/// What an alert says about the client's certificate; none if it is about something else.
fn certificate_wanted(asked: Asked, alert: AlertDescription) -> Option<String> {
    use AlertDescription as A;
    let complaint = match alert {
        A::CertificateRequired | A::NoCertificate => "it saw none",
        A::UnknownCA => "it does not know the authority that issued it",
        A::CertificateExpired => "it has expired",
        A::CertificateRevoked => "it has been revoked",
        A::UnsupportedCertificate => "it does not support this kind",
        A::AccessDenied => "it is denied access",
        A::BadCertificate | A::CertificateUnknown | A::HandshakeFailure | A::DecryptError => "it gave no reason",
        _ => return None,
    };
    let asked_for = "the receiver asked for a client certificate";
    match asked {
        Asked::No if alert == A::CertificateRequired => Some(format!("{asked_for}, and none was given")),
        Asked::No => None,
        Asked::NoneGiven => Some(format!("{asked_for}, and none was given")),
        Asked::NoneFits => Some(format!("{asked_for}, but not for one with this kind of key")),
        Asked::Given => Some(format!("{asked_for} and refused the one it was given: {complaint}")),
    }
}

fn tls_error(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref().and_then(|inner| inner.downcast_ref())
}

/// Why a handshake failed.
pub(super) fn in_handshake(error: &io::Error, host: &str, asked: Asked) -> String {
    let Some(cause) = tls_error(error) else {
        return match error.kind() {
            io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
                let closed = "the receiver closed the connection during the TLS handshake";
                after_silence(asked).unwrap_or_else(|| closed.to_owned())
            }
            _ => format!("the TLS handshake failed: {error}"),
        };
    };
    match cause {
        rustls::Error::InvalidCertificate(problem) => certificate_sentence(problem, host),
        rustls::Error::NoCertificatesPresented => "the receiver presented no certificate".to_owned(),
        rustls::Error::InvalidMessage(_) => "the receiver does not speak TLS on this port".to_owned(),
        rustls::Error::AlertReceived(alert) => certificate_wanted(asked, *alert)
            .unwrap_or_else(|| format!("the receiver refused the TLS handshake ({alert:?})")),
        rustls::Error::PeerIncompatible(_) => {
            "the receiver offers no TLS version or cipher that is safe today (TLS 1.2 or 1.3 is needed)".to_owned()
        }
        rustls::Error::NoApplicationProtocol => "the receiver does not offer HTTP/1.1".to_owned(),
        other => format!("the TLS handshake failed: {other}"),
    }
}

fn certificate_sentence(problem: &CertificateError, host: &str) -> String {
    match problem {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            format!("the certificate of {host} has expired")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            format!("the certificate of {host} is not valid yet")
        }
        CertificateError::Revoked => format!("the certificate of {host} has been revoked"),
        CertificateError::UnknownIssuer => format!(
            "the certificate of {host} is not issued by a known authority (self-signed, or an intermediate certificate is missing)"
        ),
        CertificateError::NotValidForName => format!("the certificate is not for {host}"),
        CertificateError::NotValidForNameContext { presented, .. } => {
            format!("the certificate is not for {host}, but for {}", names(presented))
        }
        CertificateError::BadSignature => format!("the certificate of {host} has a wrong signature"),
        other => format!("the certificate of {host} is not acceptable: {other}"),
    }
}

/// The first names of a certificate, bare and in one line.
fn names(presented: &[String]) -> String {
    const SHOWN: usize = 3;
    if presented.is_empty() {
        return "no name at all".to_owned();
    }
    // Rendered by the TLS library as `DnsName("a.example")`.
    let bare = |name: &String| match name.split('"').nth(1) {
        Some(inner) => inner.to_owned(),
        None => name.clone(),
    };
    let mut text = presented.iter().take(SHOWN).map(bare).collect::<Vec<_>>().join(", ");
    if presented.len() > SHOWN {
        text.push_str(" and others");
    }
    text
}
