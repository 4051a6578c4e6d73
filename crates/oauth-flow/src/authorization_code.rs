//! The authorization code grant: a person consents in a browser to what a program may do in their
//! name (RFC 6749, section 4.1), and the program keeps that consent alive by refreshing.
//!
//! What the standard says, `oauth2` does: the URL, PKCE, the parameters of an exchange and of a
//! refresh, the reading of a token. What providers do differently is data ([`Provider`]) and two
//! steps around it, on the only path from and to the caller's function:
//!
//! `oauth2` → [`layout`] (secrets, proof, form or JSON) → `send` → [`document`] (the standard's
//! words) → `oauth2` → [`Grant`].

use oauth2::basic::BasicClient;
use oauth2::{
    AuthorizationCode, ClientId, EndpointNotSet, EndpointSet, PkceCodeVerifier, RedirectUrl, RefreshToken, TokenUrl,
};

use crate::error::TokenError;
use crate::exchange::{Answer, FormRequest, NoAnswer};
use crate::secret::Secret;
use ask::{Ask, Http};
use grant::Grant;
use layout::STAND_IN;
use provider::Provider;

mod ask;
pub(crate) mod authorization;
pub(crate) mod callback;
mod document;
pub(crate) mod grant;
mod layout;
pub(crate) mod provider;
pub(crate) mod revocation;

/// A client as it is registered with a provider.
#[derive(Debug, Clone)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// What proves it.
    pub secret: Secret,
    /// Where people come back to; must be what is registered, to the letter.
    pub redirect_uri: String,
}

/// What a person came back with, and what was kept for that moment.
#[derive(Debug, Clone)]
pub struct Consent {
    /// The code, good for one exchange.
    pub code: Secret,
    /// The verifier that was kept; none without PKCE.
    pub verifier: Option<Secret>,
    /// The scopes that were asked for.
    pub scopes: Vec<String>,
}

/// Turns a code into a grant. `send` sends the form and gives back what was answered, whatever its
/// status, or why there is no answer; `now` tells the time in milliseconds.
///
/// # Errors
/// Says why there is no grant ([`TokenError::verdict`] says what to do); never contains a secret.
pub async fn exchange<N, S, A>(
    provider: &Provider,
    client: &Client,
    consent: &Consent,
    now: N,
    send: S,
) -> Result<Grant, TokenError>
where
    N: Fn() -> i64,
    S: FnOnce(FormRequest) -> A,
    A: Future<Output = Result<Answer, NoAnswer>>,
{
    let oauth = oauth(provider, client)?;
    let mut secrets = vec![("code", &consent.code)];
    secrets.extend(consent.verifier.iter().map(|verifier| ("code_verifier", verifier)));
    let oauth2 = |http: Http<'_>| {
        let request = oauth.exchange_code(AuthorizationCode::new(STAND_IN.to_owned()));
        match &consent.verifier {
            Some(_) => request.set_pkce_verifier(PkceCodeVerifier::new(STAND_IN.to_owned())),
            None => request,
        }
        .request(&http)
    };
    Ask { provider, client, secrets, before: None }.send(oauth2, now, send, &consent.scopes).await
}

/// Turns a grant's refresh token into the next grant, to be stored before it is used. What the
/// provider does not say again stays as it was.
///
/// Where refresh tokens can be used once, the old one must never be sent again once `send` was
/// called, unless the error says that it may ([`crate::Verdict::Retry`]): dropping the future, or dying,
/// in between is an answer lost.
///
/// # Errors
/// Says why there is no new grant ([`TokenError::verdict`] says what to do); never contains a secret.
pub async fn refresh<N, S, A>(
    provider: &Provider,
    client: &Client,
    grant: &Grant,
    now: N,
    send: S,
) -> Result<Grant, TokenError>
where
    N: Fn() -> i64,
    S: FnOnce(FormRequest) -> A,
    A: Future<Output = Result<Answer, NoAnswer>>,
{
    let refresh_token = grant.refresh_token.as_ref().ok_or(TokenError::NoRefreshToken)?;
    let oauth = oauth(provider, client)?;
    let stand_in = RefreshToken::new(STAND_IN.to_owned());
    let oauth2 = |http: Http<'_>| oauth.exchange_refresh_token(&stand_in).request(&http);
    let secrets = vec![("refresh_token", refresh_token)];
    Ask { provider, client, secrets, before: Some(grant) }.send(oauth2, now, send, &grant.scopes).await
}

type Oauth = BasicClient<EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

fn oauth(provider: &Provider, client: &Client) -> Result<Oauth, TokenError> {
    let token_url = TokenUrl::new(provider.token_url.to_string()).map_err(|_| TokenError::Url("token"))?;
    let redirect_url = RedirectUrl::new(client.redirect_uri.clone()).map_err(|_| TokenError::Url("redirect"))?;
    Ok(BasicClient::new(ClientId::new(client.id.clone())).set_token_uri(token_url).set_redirect_uri(redirect_url))
}
