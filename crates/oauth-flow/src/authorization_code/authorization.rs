//! The way out: where a person is sent to consent, and what must be kept until they come back.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oauth2::basic::BasicClient;
use oauth2::{AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::Client;
use super::provider::Provider;
use crate::error::TokenError;
use crate::secret::Secret;

/// A person on the way to consent.
#[derive(Clone)]
pub struct Authorization {
    /// Where the person's browser is sent. Holds the state: for the browser alone, for no log.
    pub url: String,
    /// What comes back with the person. Keep its hash ([`Authorization::state_hash`]), with whatever
    /// the person is signed in with, and not the state itself.
    pub state: Secret,
    /// What proves that the code was meant for us; to be kept, sealed, for the exchange. None
    /// without PKCE.
    pub verifier: Option<Secret>,
}

impl Authorization {
    /// Begins: makes the URL, the state and the verifier. `extra` holds parameters of this one
    /// authorization; they take the place of the provider's of the same name, and none can take the
    /// place of a parameter that the grant itself writes ([`Authorization::is_own_parameter`]).
    /// `random` must be fresh each time and from the system's generator.
    ///
    /// # Errors
    /// Fails if the provider's or the client's URL is none.
    pub fn begin(
        provider: &Provider,
        client: &Client,
        scopes: &[impl AsRef<str>],
        extra: &[(&str, &str)],
        random: &[u8; 64],
    ) -> Result<Self, TokenError> {
        let (for_state, for_verifier) = random.split_at(32);
        let state = URL_SAFE_NO_PAD.encode(for_state);
        let oauth = BasicClient::new(ClientId::new(client.id.clone()))
            .set_auth_uri(AuthUrl::new(provider.authorize_url.to_string()).map_err(|_| TokenError::Url("authorize"))?)
            .set_redirect_uri(RedirectUrl::new(client.redirect_uri.clone()).map_err(|_| TokenError::Url("redirect"))?);
        let mut request = oauth.authorize_url(|| CsrfToken::new(state));
        let mut verifier = None;
        if provider.pkce {
            let fresh = PkceCodeVerifier::new(URL_SAFE_NO_PAD.encode(for_verifier));
            request = request.set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&fresh));
            verifier = Some(Secret::from(fresh.into_secret()));
        }
        if !scopes.is_empty() {
            let scopes: Vec<_> = scopes.iter().map(AsRef::as_ref).collect();
            request = request.add_scope(Scope::new(scopes.join(provider.scope_separator)));
        }
        for (name, value) in parameters(provider, extra) {
            request = request.add_extra_param(name, value);
        }
        let (url, state) = request.url();
        Ok(Self { url: url.into(), state: Secret::from(state.into_secret()), verifier })
    }

    /// Whether the grant itself writes this parameter of the URL, so that it cannot be an extra one.
    #[must_use]
    pub fn is_own_parameter(name: &str) -> bool {
        matches!(
            name,
            "response_type"
                | "client_id"
                | "redirect_uri"
                | "scope"
                | "state"
                | "code_challenge"
                | "code_challenge_method"
        )
    }

    /// The hash to keep in place of the state.
    #[must_use]
    pub fn state_hash(&self) -> String {
        state_hash(self.state.expose())
    }
}

/// What is kept of a state: its SHA-256 in base64url. Whoever reads it cannot come back with it.
#[must_use]
pub fn state_hash(state: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(state))
}

/// Whether this is the state with that hash, found out in constant time.
#[must_use]
pub fn is_state(state: &str, hash: &str) -> bool {
    state_hash(state).as_bytes().ct_eq(hash.as_bytes()).into()
}

/// The parameters beside the grant's own.
fn parameters<'a>(provider: &Provider, extra: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let usual = provider.authorize_parameters.iter().filter(|(name, _)| extra.iter().all(|(given, _)| given != name));
    let all = usual.chain(extra).copied();
    all.filter(|(name, _)| !Authorization::is_own_parameter(name)).collect()
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.url.split('?').next().unwrap_or_default();
        f.debug_struct("Authorization")
            .field("url", &format_args!("{place}?.."))
            .field("state", &self.state)
            .field("verifier", &self.verifier)
            .finish()
    }
}
