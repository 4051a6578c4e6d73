//! One request: laid out by `oauth2`, sent by the caller's function, its answer read by `oauth2` again.

use std::cell::RefCell;

use oauth2::basic::{BasicErrorResponse, BasicTokenResponse};
use oauth2::{HttpRequest, HttpResponse, RequestTokenError, TokenResponse as _};
use serde_json::Value;

use super::Client;
use super::document::Document;
use super::grant::Grant;
use super::layout::{self, Secrets};
use super::provider::{Provider, Rotation};
use crate::error::{TokenError, tidy};
use crate::exchange::{Answer, FormRequest, NoAnswer};
use crate::secret::Secret;
use crate::token::Token;

/// What is asked for.
pub(super) struct Ask<'a> {
    pub(super) provider: &'a Provider,
    pub(super) client: &'a Client,
    pub(super) secrets: Secrets<'a>,
    /// The grant that is refreshed; none if a code is exchanged.
    pub(super) before: Option<&'a Grant>,
}

/// What `oauth2` takes for an HTTP client.
pub(super) type Http<'a> = &'a dyn Fn(HttpRequest) -> Result<HttpResponse, TokenError>;

/// What `oauth2` says in the end.
pub(super) type Response = Result<BasicTokenResponse, RequestTokenError<TokenError, BasicErrorResponse>>;

struct Read {
    response: BasicTokenResponse,
    /// What `oauth2` is not told of the answer.
    document: Document,
    asked_at: i64,
    answered_at: i64,
}

impl Ask<'_> {
    /// Asks. `oauth2` runs twice, each time without waiting for anyone: to lay the request out, and,
    /// when there is an answer, to read it.
    pub(super) async fn send<N, S, A>(
        &self,
        oauth2: impl Fn(Http<'_>) -> Response,
        now: N,
        send: S,
        scopes: &[String],
    ) -> Result<Grant, TokenError>
    where
        N: Fn() -> i64,
        S: FnOnce(FormRequest) -> A,
        A: Future<Output = Result<Answer, NoAnswer>>,
    {
        let request = layout::fill(&laid_out(&oauth2)?, self.provider, self.client, &self.secrets);
        let asked_at = now();
        let answer = send(request).await.map_err(|error| self.unanswered(error))?;
        let answered_at = now();
        let settled = |error| self.settled(error, answer.status);
        let document = Document::read(&answer, &self.secrets()).map_err(settled)?;
        let response = oauth2(&|_| Ok(HttpResponse::new(document.standard())));
        let response = response.map_err(|_| settled(TokenError::Unreadable { status: answer.status }))?;
        self.grant(Read { response, document, asked_at, answered_at }, scopes)
    }

    fn grant(&self, read: Read, scopes: &[String]) -> Result<Grant, TokenError> {
        let Read { response, mut document, asked_at, answered_at } = read;
        let token_type = response.token_type().as_ref();
        if !self.provider.is_bearer(token_type) {
            return Err(TokenError::TokenType(tidy(token_type)));
        }
        let access_token = document.take("access_token").ok_or(TokenError::MissingToken)?;
        Token::new(&access_token, None)?;
        let life = response.expires_in().and_then(|life| i64::try_from(life.as_millis()).ok());
        let opens = |life| answered_at.saturating_add(life).saturating_sub(self.provider.refresh_window_ms?).into();
        let absolute = self.provider.absolute_expiry_ms.map(|span| asked_at.saturating_add(span));
        Ok(Grant {
            access_token,
            refresh_token: document.take("refresh_token").or_else(|| self.before?.refresh_token.clone()),
            token_type: token_type.to_owned(),
            granted_at: asked_at,
            expires_at: life.map(|life| asked_at.saturating_add(life)),
            refresh_not_before: life.and_then(opens),
            absolute_expires_at: self.before.map_or(absolute, |before| before.absolute_expires_at),
            scopes: match response.scopes() {
                Some(granted) => granted.iter().map(|scope| scope.to_string()).filter(|s| !s.is_empty()).collect(),
                None => scopes.to_vec(),
            },
            extra: self.with_before(document.extra(self.provider)),
        })
    }

    /// What is said anew, over what was said before.
    fn with_before(&self, extra: Value) -> Value {
        let Some(before) = self.before.and_then(|before| before.extra.as_object()) else { return extra };
        let mut all = before.clone();
        if let Value::Object(extra) = extra {
            all.extend(extra);
        }
        Value::Object(all)
    }

    /// There is no answer.
    fn unanswered(&self, error: NoAnswer) -> TokenError {
        let error = match error {
            NoAnswer::Lost(why) if self.is_single_use() => TokenError::AnswerLost(why),
            NoAnswer::Lost(why) | NoAnswer::NotSent(why) => TokenError::Unreachable(why),
        };
        error.without_any(&self.secrets())
    }

    /// What an answer without a token means for what was sent: whether that is over, or spent.
    fn settled(&self, error: TokenError, status: u16) -> TokenError {
        let refreshes = self.before.is_some();
        match error {
            TokenError::Refused { code, description, .. } if self.ends(&code) => {
                TokenError::Ended { code, description }
            }
            error if self.is_single_use() && is_gateway(status) => TokenError::AnswerLost(error.to_string()),
            error @ (TokenError::Unreadable { .. } | TokenError::MissingToken) if refreshes && self.is_single_use() => {
                TokenError::AnswerLost(error.to_string())
            }
            error => error,
        }
    }

    fn ends(&self, code: &str) -> bool {
        TokenError::is_ending(code) || (self.before.is_some() && self.provider.ending_codes.contains(&code))
    }

    /// Codes always are.
    fn is_single_use(&self) -> bool {
        self.before.is_none() || self.provider.rotation == Rotation::SingleUse
    }

    fn secrets(&self) -> Vec<&Secret> {
        let sent = self.secrets.iter().map(|(_, secret)| *secret);
        sent.chain([&self.client.secret]).collect()
    }
}

/// Whether a gateway answers in place of a token server that it has handed the request to.
fn is_gateway(status: u16) -> bool {
    matches!(status, 502 | 504 | 520 | 524)
}

/// What `oauth2` would send.
fn laid_out(oauth2: impl Fn(Http<'_>) -> Response) -> Result<HttpRequest, TokenError> {
    let request = RefCell::new(None);
    // The one thing that can keep it from laying a request out is a URL that HTTP cannot carry.
    let unwritable = TokenError::Url("token");
    let _unsent = oauth2(&|laid_out| {
        request.replace(Some(laid_out));
        Err(unwritable.clone())
    });
    request.take().ok_or(unwritable)
}
