//! Whether the receiver asked for a client certificate, and what it was told.
//!
//! The TLS library does not say, but it asks a resolver, in the midst of the handshake, on the very
//! task that shakes hands. So the resolver leaves a note with that task. Resolvers are shared
//! between connections, since a session is only resumed under the resolver it began with.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;

use tokio_rustls::rustls::SignatureScheme;
use tokio_rustls::rustls::client::ResolvesClientCert;
use tokio_rustls::rustls::sign::CertifiedKey;

tokio::task_local! {
    static NOTE: Cell<Asked>;
}

/// Whether the receiver asked for a client certificate, and what it was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// It did not ask, or not on this connection, since it knows the session.
    No,
    /// It asked, and there was none to show.
    NoneGiven,
    /// It asked, but for another kind of key than there was.
    NoneFits,
    /// It asked, and was shown one.
    Given,
}

/// Runs a handshake, and tells what was asked in it.
pub(super) async fn watch<T>(handshake: impl Future<Output = T>) -> (T, Asked) {
    NOTE.scope(Cell::new(Asked::No), async { (handshake.await, NOTE.with(Cell::get)) }).await
}

fn note(asked: Asked) {
    // Handshakes are only ever made inside of `watch`; one outside would not be worth a panic.
    let _ = NOTE.try_with(|note| note.set(asked));
}

/// Has no certificate to show.
#[derive(Debug)]
pub(super) struct Nobody;

impl ResolvesClientCert for Nobody {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        note(Asked::NoneGiven);
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

/// Shows its certificate to whoever asks, whatever issuers they name: those lists are often wrong.
pub(crate) struct Identity(Arc<CertifiedKey>);

impl Identity {
    pub(crate) fn new(pair: CertifiedKey) -> Self {
        Self(Arc::new(pair))
    }
}

impl ResolvesClientCert for Identity {
    fn resolve(&self, _: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        // The library shows nothing if no scheme fits.
        let fits = self.0.key.choose_scheme(schemes).is_some();
        note(if fits { Asked::Given } else { Asked::NoneFits });
        Some(self.0.clone())
    }

    fn has_certs(&self) -> bool {
        true
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(..)")
    }
}
