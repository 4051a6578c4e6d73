//! An app in a workspace or an organization: what was granted, and the tokens that came of it.

/// An installation of the app.
#[derive(Debug, Clone)]
pub struct Install {
    /// The workspace (`T…`) or organization (`E…`).
    pub account: String,
    /// What was granted last.
    pub scopes: Vec<String>,
    /// The user that the bot is.
    pub bot_user: String,
    /// The bot.
    pub bot: String,
    /// Who installed it last.
    pub installed_by: String,
    /// Whether it still is installed.
    pub is_active: bool,
}

/// A token that the app was given.
#[derive(Debug, Clone)]
pub struct Token {
    /// The token itself.
    pub value: String,
    /// The workspace or organization.
    pub account: String,
    /// The user it acts as: the bot's, or a person.
    pub user: String,
    /// Whether it acts as the bot.
    pub is_bot: bool,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it stops working, in Unix milliseconds.
    pub expires_at_ms: Option<i64>,
    /// The refresh token that came with it.
    pub refresh_token: Option<String>,
    /// Whether it works.
    pub status: TokenStatus,
}

/// Whether a token works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenStatus {
    /// It does, until it expires.
    Live,
    /// It was revoked, or two newer ones came after it.
    Revoked,
    /// The app is no longer installed.
    Uninstalled,
}

/// A refresh token.
#[derive(Debug, Clone)]
pub(crate) struct Refresh {
    pub(crate) account: String,
    pub(crate) spent: bool,
}

/// A code that a person's consent gave.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    pub(crate) redirect_uri: Option<String>,
    pub(crate) account: String,
    pub(crate) user: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) user_scopes: Vec<String>,
    pub(crate) webhook_channel: Option<String>,
    pub(crate) issued_at_ms: i64,
    pub(crate) used: bool,
}
