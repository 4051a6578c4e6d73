//! What a consent has brought: tokens, until when, for what and for whom.

use std::fmt;

use serde_json::Value;

use super::provider::Provider;
use crate::error::TokenError;
use crate::secret::Secret;
use crate::token::Token;

/// What a consent has brought. All fields are open, so that it can be stored and put together again.
/// Times are in milliseconds, by the clock that was given.
#[derive(Clone)]
pub struct Grant {
    /// What calls are made with.
    pub access_token: Secret,
    /// What brings the next access token; some providers give none.
    pub refresh_token: Option<Secret>,
    /// The type as the provider named it, in lower case: `bearer`, or another name for the same.
    pub token_type: String,
    /// When these tokens were asked for.
    pub granted_at: i64,
    /// Until when the access token is good, if the provider says; counted from the question.
    pub expires_at: Option<i64>,
    /// Before when a refresh would be turned away; counted from the answer.
    pub refresh_not_before: Option<i64>,
    /// When no refresh helps any more and a person must consent anew.
    pub absolute_expires_at: Option<i64>,
    /// What the access token is good for: what the provider says, or else what was asked for.
    pub scopes: Vec<String>,
    /// What else the provider said (an account, a base URL …), without secrets: a JSON object.
    pub extra: Value,
}

impl Grant {
    /// When to refresh next, `now` at the earliest. None if that is not needed or would not help.
    ///
    /// An access token is refreshed [`Provider::refresh_ahead_ms`] before its end, but neither in the
    /// first half of its life nor before the provider accepts it. One without an end is refreshed
    /// when its refresh token has lain unused for four fifths of the time it may.
    #[must_use]
    pub fn refresh_at(&self, provider: &Provider, now: i64) -> Option<i64> {
        self.refresh_token.as_ref()?;
        let due = match self.expires_at {
            Some(end) => {
                let half = self.granted_at.saturating_add(end.saturating_sub(self.granted_at) / 2);
                end.saturating_sub(provider.refresh_ahead_ms).max(half)
            }
            None => self.granted_at.saturating_add(provider.idle_expiry_ms? / 5 * 4),
        };
        let due = due.max(self.refresh_not_before.unwrap_or(i64::MIN)).max(now);
        self.absolute_expires_at.is_none_or(|end| due < end).then_some(due)
    }

    /// When the consent ends if nothing is refreshed until then: the refresh token has lain unused
    /// for too long, or the time of the consent is over.
    #[must_use]
    pub fn ends_at(&self, provider: &Provider) -> Option<i64> {
        let idle = provider.idle_expiry_ms.filter(|_| self.refresh_token.is_some());
        let idle = idle.map(|span| self.granted_at.saturating_add(span));
        [idle, self.absolute_expires_at].into_iter().flatten().min()
    }

    /// The access token, ready to be sent.
    ///
    /// # Errors
    /// Fails if it cannot be sent in a header, which no answer that was read leads to.
    pub fn token(&self) -> Result<Token, TokenError> {
        Token::new(&self.access_token, None)
    }
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let extra: Vec<_> = self.extra.as_object().into_iter().flatten().map(|(name, _)| name).collect();
        f.debug_struct("Grant")
            .field("access_token", &self.access_token)
            .field("refresh_token", &self.refresh_token)
            .field("token_type", &self.token_type)
            .field("granted_at", &self.granted_at)
            .field("expires_at", &self.expires_at)
            .field("refresh_not_before", &self.refresh_not_before)
            .field("absolute_expires_at", &self.absolute_expires_at)
            .field("scopes", &self.scopes)
            .field("extra", &extra)
            .finish()
    }
}
