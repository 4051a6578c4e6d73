//! The client-credentials grant: a program asks for a token in its own name (RFC 6749, section 4.4).

use std::fmt;

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderValue, Method};

use crate::error::TokenError;
use crate::exchange::{Answer, FormRequest};
use crate::form;
use crate::secret::{Secret, wiped_bytes};
use crate::token::Token;

/// Everything that is needed to ask for a token.
#[derive(Clone)]
pub struct ClientCredentials {
    /// Where tokens are given out.
    pub token_url: String,
    /// The client's name at the token server.
    pub client_id: String,
    /// What proves it.
    pub client_secret: Secret,
    /// How the proof travels.
    pub authentication: ClientAuthentication,
    /// What the token should be good for, words separated by blanks; what is usual, if none.
    pub scope: Option<String>,
    /// Further parameters, such as `audience` or `resource`. One that this grant itself writes
    /// ([`ClientCredentials::is_own_parameter`]) is left out.
    pub extra: Vec<(String, String)>,
}

/// How a client proves who it is (RFC 6749, section 2.3.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ClientAuthentication {
    /// In the `Authorization` header; every token server must accept it. Id and secret are encoded
    /// as the standard says; a server that does not decode them is better served by the body.
    #[default]
    Basic,
    /// As `client_id` and `client_secret` in the form.
    Body,
}

impl ClientCredentials {
    /// Whether this grant itself writes the parameter, so that it cannot be an extra one.
    #[must_use]
    pub fn is_own_parameter(name: &str) -> bool {
        matches!(name, "grant_type" | "scope" | "client_id" | "client_secret")
    }

    /// The request for a token, ready to be posted.
    #[must_use]
    pub fn request(&self) -> FormRequest {
        let mut headers = vec![
            (ACCEPT, HeaderValue::from_static("application/json")),
            (CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded")),
        ];
        let mut form = vec![("grant_type", "client_credentials")];
        match self.authentication {
            ClientAuthentication::Basic => headers.push(form::basic(&self.client_id, &self.client_secret)),
            ClientAuthentication::Body => {
                form.push(("client_id", &self.client_id));
                form.push(("client_secret", self.client_secret.expose()));
            }
        }
        if let Some(scope) = self.scope.as_deref().map(str::trim).filter(|scope| !scope.is_empty()) {
            form.push(("scope", scope));
        }
        let extra = self.extra.iter().filter(|(name, _)| !Self::is_own_parameter(name));
        form.extend(extra.map(|(name, value)| (name.as_str(), value.as_str())));
        FormRequest {
            method: Method::POST,
            url: self.token_url.clone(),
            headers,
            body: wiped_bytes(form::encode(&form)),
        }
    }

    /// Asks for a token. `send` posts the form and gives back what was answered, whatever its
    /// status, or says in one sentence why there is no answer.
    ///
    /// # Errors
    /// Says why there is no token; never contains the client's secret.
    pub async fn fetch<S, A, E>(&self, send: S) -> Result<Token, TokenError>
    where
        S: FnOnce(FormRequest) -> A,
        A: Future<Output = Result<Answer, E>>,
        E: fmt::Display,
    {
        let answer = send(self.request()).await.map_err(|error| TokenError::Unreachable(error.to_string()))?;
        Token::parse(&answer).map_err(|error| error.without(self.client_secret.expose()))
    }
}

impl fmt::Debug for ClientCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let extra: Vec<_> = self.extra.iter().map(|(name, _)| name).collect();
        f.debug_struct("ClientCredentials")
            .field("token_url", &self.token_url)
            .field("client_id", &self.client_id)
            .field("client_secret", &self.client_secret)
            .field("authentication", &self.authentication)
            .field("scope", &self.scope)
            .field("extra", &extra)
            .finish()
    }
}
