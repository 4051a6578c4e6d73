//! What to do about an error.

use super::TokenError;

/// What to do about a [`TokenError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Ask again later; what was sent is still good.
    Retry,
    /// The consent is over, or the code: a person must consent anew. Asking again is of no use.
    Reconnect,
    /// What was sent may be spent without anything having come of it: it must not be sent again, and
    /// a person must consent anew.
    Lost,
    /// Those who run this program must change its settings; the people who consented can do nothing.
    Fix,
}

/// Error codes by which token servers say that a code or a refresh token is not, or no longer, good,
/// and what `invalid_grant` is called by those who do not call it so.
const ENDINGS: [&str; 15] = [
    "invalid_grant",
    "invalid_refresh_token", // Slack
    "token_revoked",
    "token_expired",
    "account_inactive",
    "invalid_code",
    "code_already_used",
    "bad_refresh_token", // GitHub; HubSpot in capitals
    "bad_verification_code",
    "interaction_required", // Microsoft
    "consent_required",
    "login_required",
    "inactive_user", // Salesforce
    "inactive_org",
    "expired_token",
];

impl TokenError {
    /// What to do about it.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::AnswerLost(_) => Verdict::Lost,
            Self::Ended { .. } | Self::NoRefreshToken => Verdict::Reconnect,
            error if error.is_temporary() => Verdict::Retry,
            _ => Verdict::Fix,
        }
    }

    /// Whether the code says that a code or a refresh token is not, or no longer, good.
    pub(crate) fn is_ending(code: &str) -> bool {
        ENDINGS.iter().any(|ending| code.eq_ignore_ascii_case(ending))
    }
}
