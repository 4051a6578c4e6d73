//! What providers do differently, as data.

use std::borrow::Cow;

use crate::client_credentials::ClientAuthentication;

/// A provider: who lets people consent, and gives out the tokens.
///
/// [`Provider::new`] is a provider that keeps to the standard; name what yours does differently:
/// `Provider { scope_separator: ",", ..Provider::new(authorize_url, token_url) }`.
#[derive(Debug, Clone)]
pub struct Provider {
    /// Where people are sent to consent.
    pub authorize_url: Cow<'static, str>,
    /// Where codes and refresh tokens are turned into access tokens.
    pub token_url: Cow<'static, str>,
    /// How tokens are made worthless when they are needed no more.
    pub revocation: Revocation,
    /// Who must have sent the person back, if the provider says so (RFC 9207). What a provider
    /// without an issuer here says is not looked at.
    pub issuer: Option<Cow<'static, str>>,
    /// What stands between two scopes: a blank, or a comma.
    pub scope_separator: &'static str,
    /// How the client proves itself to the token server.
    pub authentication: ClientAuthentication,
    /// In which form the token server wants what it is told.
    pub encoding: BodyEncoding,
    /// Whether the code is bound to a verifier (RFC 7636, always by S256).
    pub pkce: bool,
    /// Further parameters that every authorization takes, such as `audience` or `prompt`.
    pub authorize_parameters: &'static [(&'static str, &'static str)],
    /// Token types that are Bearer under another name, such as Slack's `bot`.
    pub bearer_names: &'static [&'static str],
    /// Error codes which, said to a refresh, mean here that the consent is over, beside those that
    /// mean it everywhere ([`crate::TokenError::Ended`]).
    pub ending_codes: &'static [&'static str],
    /// Fields of an answer that are secret though their names do not say so, as JSON pointers.
    pub secret_fields: &'static [&'static str],
    /// Claims of an id token that are kept of an answer, in [`crate::Grant::extra`] under `claims`; the id token itself is not.
    pub claims: &'static [&'static str],
    /// What becomes of a refresh token that was used.
    pub rotation: Rotation,
    /// How long before its end an access token is refreshed; never before half of its life.
    pub refresh_ahead_ms: i64,
    /// That a refresh is only accepted in the last so many milliseconds of an access token's life.
    pub refresh_window_ms: Option<i64>,
    /// For how long a refresh token may lie unused.
    pub idle_expiry_ms: Option<i64>,
    /// How long after the consent no refresh helps any more.
    pub absolute_expiry_ms: Option<i64>,
}

/// In which form a token server wants what it is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum BodyEncoding {
    /// As a form, as the standard says.
    #[default]
    Form,
    /// As a JSON object.
    Json,
}

/// What becomes of a refresh token that was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rotation {
    /// It stays as it is.
    Fixed,
    /// The answer may bring a newer one, and the one before stays good for a while.
    Renewed,
    /// The answer may bring a newer one, and the one before is worthless from then on: if the answer
    /// is lost, so may be the connection.
    SingleUse,
}

/// How tokens are made worthless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revocation {
    /// Not by a request: people remove the app at the provider.
    None,
    /// By RFC 7009: the token (the refresh token, if there is one), and the client's proof.
    Standard(Cow<'static, str>),
    /// The same without the client's proof: who has the token may revoke it.
    Unproven(Cow<'static, str>),
    /// The access token is sent as Bearer and revokes itself.
    Itself(Cow<'static, str>),
    /// By DELETE, with Basic and the access token in JSON; `{client_id}` in the URL is filled in.
    Delete(Cow<'static, str>),
}

impl Provider {
    /// A provider that keeps to the standard, and with the greatest caution where the standard
    /// leaves a choice: a blank between scopes, the client's proof in the form, PKCE, refresh tokens
    /// that can be used once; refreshed five minutes ahead.
    #[must_use]
    pub fn new(authorize_url: impl Into<Cow<'static, str>>, token_url: impl Into<Cow<'static, str>>) -> Self {
        Self {
            authorize_url: authorize_url.into(),
            token_url: token_url.into(),
            revocation: Revocation::None,
            issuer: None,
            scope_separator: " ",
            authentication: ClientAuthentication::Body,
            encoding: BodyEncoding::Form,
            pkce: true,
            authorize_parameters: &[],
            bearer_names: &[],
            ending_codes: &[],
            secret_fields: &[],
            claims: &[],
            rotation: Rotation::SingleUse,
            refresh_ahead_ms: 300_000,
            refresh_window_ms: None,
            idle_expiry_ms: None,
            absolute_expiry_ms: None,
        }
    }

    /// Whether a token of this type is sent as Bearer. In lower case.
    pub(super) fn is_bearer(&self, token_type: &str) -> bool {
        token_type == "bearer" || self.bearer_names.contains(&token_type)
    }
}
