//! Making a grant's tokens worthless.

use http::Method;

use super::Client;
use super::document::Document;
use super::grant::Grant;
use super::layout::{Blank, post, proven, unproven};
use super::provider::{BodyEncoding, Provider, Revocation};
use crate::client_credentials::ClientAuthentication;
use crate::error::TokenError;
use crate::exchange::{Answer, FormRequest, NoAnswer};

/// Asks the provider to make a grant's tokens worthless, and says whether there was anyone to ask:
/// without a [`Revocation`], only forgetting them is left. Tokens that are worthless already are a
/// success. Asking twice does no harm.
///
/// # Errors
/// Says why the tokens may still be good; never contains a secret.
pub async fn revoke<S, A>(provider: &Provider, client: &Client, grant: &Grant, send: S) -> Result<bool, TokenError>
where
    S: FnOnce(FormRequest) -> A,
    A: Future<Output = Result<Answer, NoAnswer>>,
{
    let Some(request) = request(provider, client, grant)? else { return Ok(false) };
    let mut secrets = vec![&client.secret, &grant.access_token];
    secrets.extend(&grant.refresh_token);
    let answer = match send(request).await {
        Ok(answer) => answer,
        Err(error) => return Err(TokenError::Unreachable(error.to_string()).without_any(&secrets)),
    };
    match Document::accepted(&answer, &secrets) {
        Err(error) if !is_worthless(&error, &provider.revocation) => Err(error),
        _ => Ok(true),
    }
}

fn request(provider: &Provider, client: &Client, grant: &Grant) -> Result<Option<FormRequest>, TokenError> {
    let access_token = grant.access_token.expose();
    let (longest_lived, hint) = match &grant.refresh_token {
        Some(refresh_token) => (refresh_token.expose(), "refresh_token"),
        None => (access_token, "access_token"),
    };
    let fields = vec![("token", longest_lived), ("token_type_hint", hint)];
    Ok(Some(match &provider.revocation {
        Revocation::None => return Ok(None),
        Revocation::Standard(url) => proven(post(url, provider.encoding), client, provider.authentication, fields),
        Revocation::Unproven(url) => unproven(post(url, provider.encoding), &fields[..1]),
        Revocation::Itself(url) => {
            let mut request = unproven(post(url, BodyEncoding::Form), &[]);
            request.headers.push((http::header::AUTHORIZATION, grant.token()?.authorization().clone()));
            request
        }
        Revocation::Delete(url) => {
            let url = url.replace("{client_id}", &client.id);
            let blank = Blank { method: Method::DELETE, url, encoding: BodyEncoding::Json };
            proven(blank, client, ClientAuthentication::Basic, vec![("access_token", access_token)])
        }
    }))
}

/// Whether the provider says that there is nothing to revoke any more.
fn is_worthless(error: &TokenError, revocation: &Revocation) -> bool {
    match error {
        TokenError::Refused { status: 404, .. } | TokenError::Status(404) => {
            matches!(revocation, Revocation::Delete(_))
        }
        TokenError::Refused { code, .. } => {
            TokenError::is_ending(code) || matches!(code.as_str(), "invalid_auth" | "invalid_token")
        }
        _ => false,
    }
}
