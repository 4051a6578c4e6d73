//! Who posts to a source.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A kind of sender. Its facts are in its [`Preset`](crate::Preset).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// Payments and subscriptions.
    Stripe,
    /// Users, sessions and organizations; sends through Svix.
    Clerk,
    /// What became of e-mail that was sent; sends through Svix.
    Resend,
    /// Messages in channels.
    Slack,
    /// The support desk at usepylon.com (not the solar software at getpylon.com).
    Pylon,
    /// Repositories, issues and pull requests.
    Github,
    /// Issues.
    Linear,
    /// Jira Cloud: issues and comments.
    Jira,
    /// Contacts, companies and deals.
    Hubspot,
    /// Pages and databases.
    Notion,
    /// Anyone who keeps to Standard Webhooks, Svix included.
    Standard,
    /// Anyone who signs with an HMAC of whatever form.
    Hmac,
    /// Anyone who sends a user name and a password.
    Basic,
    /// Anyone who sends a token.
    Bearer,
    /// E-mail that Brevo received for us.
    Brevo,
    /// E-mail that Mailjet received for us.
    Mailjet,
    /// E-mail that Postmark received for us.
    Postmark,
    /// E-mail that Twilio SendGrid received for us.
    Sendgrid,
}

/// A text that names no provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown provider of inbound requests")]
pub struct UnknownProvider;

impl Provider {
    /// All of them, in the order in which a page offers them.
    pub const ALL: [Self; 18] = [
        Self::Stripe,
        Self::Clerk,
        Self::Resend,
        Self::Slack,
        Self::Pylon,
        Self::Github,
        Self::Linear,
        Self::Jira,
        Self::Hubspot,
        Self::Notion,
        Self::Brevo,
        Self::Mailjet,
        Self::Postmark,
        Self::Sendgrid,
        Self::Standard,
        Self::Hmac,
        Self::Bearer,
        Self::Basic,
    ];

    /// The word it is stored and sent as.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Stripe => "stripe",
            Self::Clerk => "clerk",
            Self::Resend => "resend",
            Self::Slack => "slack",
            Self::Pylon => "pylon",
            Self::Github => "github",
            Self::Linear => "linear",
            Self::Jira => "jira",
            Self::Hubspot => "hubspot",
            Self::Notion => "notion",
            Self::Standard => "standard",
            Self::Hmac => "hmac",
            Self::Basic => "basic",
            Self::Bearer => "bearer",
            Self::Brevo => "brevo",
            Self::Mailjet => "mailjet",
            Self::Postmark => "postmark",
            Self::Sendgrid => "sendgrid",
        }
    }

    /// Whether it posts e-mail that it received for us.
    #[must_use]
    pub const fn is_email(self) -> bool {
        matches!(self, Self::Brevo | Self::Mailjet | Self::Postmark | Self::Sendgrid)
    }
}

impl FromStr for Provider {
    type Err = UnknownProvider;

    fn from_str(key: &str) -> Result<Self, UnknownProvider> {
        Self::ALL.into_iter().find(|provider| provider.key() == key).ok_or(UnknownProvider)
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}
