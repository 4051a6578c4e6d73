//! What Slack's errors mean: for the connection, for the channel, for the message, and for people.

use super::error::SlackError;
use crate::channel::ChannelState;
use crate::provider::{Help, Meaning, Next, Standing};

/// Errors that mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Removed,
    BadToken,
    Moving,
    Expired,
    NoTeam,
    Scope,
    Forbidden,
    ChannelGone,
    ChannelClosed,
    NotInvited,
    Archived,
    Restricted,
    TooMany,
    Perhaps,
    Later,
    Ours,
    MessageGone,
    NoPerson,
    Consent,
    App,
    Unknown,
}

impl SlackError {
    /// What it means. `needed` is the permission that Slack named, `retry_after_s` the wait that it asked for.
    #[must_use]
    pub fn meaning(&self, needed: Option<&str>, retry_after_s: Option<i64>) -> Meaning {
        let kind = self.kind();
        let (sentence, help) = kind.words();
        Meaning {
            connection: kind.connection(needed),
            channel: kind.channel(),
            next: kind.next(retry_after_s),
            sentence,
            help,
            perhaps_done: kind == Kind::Perhaps,
        }
    }

    /// Whether it speaks of one workspace alone where the app is installed for a whole organization.
    #[must_use]
    pub const fn is_of_workspace(&self) -> bool {
        matches!(self.kind(), Kind::NoTeam)
    }
}

impl Kind {
    fn connection(self, needed: Option<&str>) -> Option<Standing> {
        match self {
            Self::Removed | Self::BadToken | Self::NoTeam => Some(Standing::NeedsReconnect),
            Self::Scope => Some(Standing::MissingScope { needed: needed.map(str::to_owned) }),
            Self::TooMany => Some(Standing::RateLimited),
            Self::ChannelGone
            | Self::ChannelClosed
            | Self::NotInvited
            | Self::Archived
            | Self::Restricted
            | Self::MessageGone
            | Self::NoPerson => Some(Standing::Healthy),
            // Whether the token still counts shows when it is renewed; the others are answered before Slack looks at it, or
            // say nothing of it.
            Self::Expired
            | Self::Moving
            | Self::Forbidden
            | Self::Perhaps
            | Self::Later
            | Self::Ours
            | Self::Consent
            | Self::App
            | Self::Unknown => None,
        }
    }

    const fn channel(self) -> Option<ChannelState> {
        match self {
            Self::ChannelGone => Some(ChannelState::Gone),
            Self::NotInvited => Some(ChannelState::NotInvited),
            Self::Archived => Some(ChannelState::Archived),
            Self::Restricted | Self::ChannelClosed => Some(ChannelState::Restricted),
            _ => None,
        }
    }

    const fn next(self, retry_after_s: Option<i64>) -> Next {
        match self {
            Self::Expired => Next::Renew,
            Self::TooMany | Self::Perhaps | Self::Later | Self::Moving => Next::Retry { after_s: retry_after_s },
            // Likely to pass: a word that Slack has only just invented is no reason to lose a message at once.
            Self::Unknown => Next::Retry { after_s: retry_after_s },
            Self::ChannelGone | Self::ChannelClosed | Self::NotInvited | Self::Archived | Self::Restricted => {
                Next::Fallback
            }
            Self::Removed
            | Self::BadToken
            | Self::NoTeam
            | Self::Scope
            | Self::Forbidden
            | Self::Ours
            | Self::MessageGone
            | Self::NoPerson
            | Self::Consent
            | Self::App => Next::GiveUp,
        }
    }

    const fn words(self) -> (&'static str, Help) {
        match self {
            Self::Removed => (
                "Patchbay was removed from this Slack workspace, or the workspace is gone. Reconnect it: rules and channels are kept.",
                Help::Reconnect,
            ),
            Self::BadToken => (
                "Slack does not accept the credentials of this connection any more. Reconnect it: rules and channels are kept.",
                Help::Reconnect,
            ),
            Self::Moving => (
                "The workspace is being moved into a Slack organization. Messages wait until that is done.",
                Help::TryAgain,
            ),
            Self::Expired => ("The token has expired and is being renewed.", Help::TryAgain),
            Self::NoTeam => (
                "The Slack organization has not approved Patchbay for this workspace. Ask its administrator, then reconnect.",
                Help::Reconnect,
            ),
            Self::Scope => (
                "Slack has not been asked for a permission that this needs. Re-authorise the connection.",
                Help::Reauthorise,
            ),
            Self::Forbidden => (
                "A rule of the Slack workspace does not allow this. Ask its administrator to let Patchbay post.",
                Help::TryAgain,
            ),
            Self::ChannelGone => (
                "The channel does not exist any more, or it is private and Patchbay is not a member. Choose another one.",
                Help::ChooseChannel,
            ),
            Self::ChannelClosed => {
                ("Slack takes no messages of apps in such a channel. Choose another one.", Help::ChooseChannel)
            }
            Self::NotInvited => ("Patchbay is not a member of this channel. Invite it there.", Help::Invite),
            Self::Archived => {
                ("The channel is archived. Choose another one, or bring it back in Slack.", Help::ChooseChannel)
            }
            Self::Restricted => (
                "The settings of the channel or the workspace do not let Patchbay post there. Choose another channel, or ask an administrator.",
                Help::ChooseChannel,
            ),
            Self::TooMany => {
                ("Slack takes no more messages for the moment. They wait and are sent later.", Help::TryAgain)
            }
            Self::Perhaps => ("Slack had a fault of its own. It is tried again.", Help::TryAgain),
            Self::Later => ("Slack does not answer for the moment. It is tried again.", Help::TryAgain),
            Self::Ours => {
                ("Slack could not read the message. This is a fault of Patchbay: please report it.", Help::Report)
            }
            Self::MessageGone => ("The message is gone or can no longer be changed.", Help::TryAgain),
            Self::NoPerson => ("There is nobody like that in the workspace, or they have left.", Help::TryAgain),
            Self::Consent => ("Slack did not complete the connection. Start again.", Help::Reconnect),
            Self::App => (
                "Slack does not know this app, its secret or its address. Compare the app's settings in Slack with its manifest here.",
                Help::CheckApp,
            ),
            Self::Unknown => {
                ("Slack refused with an error that Patchbay does not know. It is tried again.", Help::Report)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_errors_that_matter_lead_to_the_right_state_and_button() {
        use ChannelState::{Archived, Gone, NotInvited, Restricted};
        let scope = Standing::MissingScope { needed: Some("channels:join".into()) };
        let wait = Next::Retry { after_s: Some(30) };
        for (code, connection, channel, next, help) in [
            ("token_revoked", Some(Standing::NeedsReconnect), None, Next::GiveUp, Help::Reconnect),
            ("account_inactive", Some(Standing::NeedsReconnect), None, Next::GiveUp, Help::Reconnect),
            ("invalid_auth", Some(Standing::NeedsReconnect), None, Next::GiveUp, Help::Reconnect),
            ("not_authed", Some(Standing::NeedsReconnect), None, Next::GiveUp, Help::Reconnect),
            ("team_access_not_granted", Some(Standing::NeedsReconnect), None, Next::GiveUp, Help::Reconnect),
            ("token_expired", None, None, Next::Renew, Help::TryAgain),
            ("missing_scope", Some(scope), None, Next::GiveUp, Help::Reauthorise),
            ("channel_not_found", Some(Standing::Healthy), Some(Gone), Next::Fallback, Help::ChooseChannel),
            ("not_in_channel", Some(Standing::Healthy), Some(NotInvited), Next::Fallback, Help::Invite),
            ("is_archived", Some(Standing::Healthy), Some(Archived), Next::Fallback, Help::ChooseChannel),
            ("restricted_action", Some(Standing::Healthy), Some(Restricted), Next::Fallback, Help::ChooseChannel),
            ("ratelimited", Some(Standing::RateLimited), None, wait, Help::TryAgain),
            ("rate_limited", Some(Standing::RateLimited), None, wait, Help::TryAgain),
            ("fatal_error", None, None, wait, Help::TryAgain),
            ("service_unavailable", None, None, wait, Help::TryAgain),
            ("org_login_required", None, None, wait, Help::TryAgain),
            ("invalid_blocks", None, None, Next::GiveUp, Help::Report),
            ("bad_client_secret", None, None, Next::GiveUp, Help::CheckApp),
            ("never_heard_of", None, None, wait, Help::Report),
        ] {
            let meaning = SlackError::of(code).meaning(Some("channels:join"), Some(30));
            assert_eq!((meaning.connection, meaning.channel), (connection, channel), "{code}");
            assert_eq!((meaning.next, meaning.help), (next, help), "{code}");
        }
    }

    #[test]
    fn only_slacks_own_faults_may_have_posted_all_the_same() {
        let perhaps: Vec<&str> = SlackError::KNOWN
            .iter()
            .filter(|error| error.meaning(None, None).perhaps_done)
            .map(|error| error.code())
            .collect();
        assert_eq!(perhaps, ["fatal_error", "internal_error", "request_timeout"]);
    }

    #[test]
    fn a_message_falls_back_exactly_where_the_channel_is_at_fault() {
        for error in SlackError::KNOWN {
            let meaning = error.meaning(None, None);
            assert_eq!(meaning.next == Next::Fallback, meaning.channel.is_some(), "{error}");
            assert!(meaning.sentence.ends_with('.') && !meaning.help.label().is_empty(), "{error}");
        }
    }
}
