//! Every error of Slack that the methods we call can answer, and the kind that each is of. What a kind means for the
//! connection, the channel and the message is said in `meaning`.

use super::meaning::Kind;

macro_rules! errors {
    ($($(#[$meta:meta])* $variant:ident = $code:literal is $kind:ident;)+) => {
        /// An error of Slack, by the word in its answer.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum SlackError {
            $($(#[$meta])* $variant,)+
            /// A word that we do not know.
            Unknown(String),
        }

        impl SlackError {
            /// Every error that we know.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant),+];

            /// The error with this word.
            #[must_use]
            pub fn of(code: &str) -> Self {
                match code {
                    $($code => Self::$variant,)+
                    other => Self::Unknown(other.chars().take(100).collect()),
                }
            }

            /// The word in Slack's answer.
            #[must_use]
            pub fn code(&self) -> &str {
                match self {
                    $(Self::$variant => $code,)+
                    Self::Unknown(code) => code,
                }
            }

            pub(super) const fn kind(&self) -> Kind {
                match self {
                    $(Self::$variant => Kind::$kind,)+
                    Self::Unknown(_) => Kind::Unknown,
                }
            }
        }
    };
}

errors! {
    /// The app was removed, or its token given up.
    TokenRevoked = "token_revoked" is Removed;
    /// The workspace or the app's user is gone.
    AccountInactive = "account_inactive" is Removed;
    /// The token is not one of Slack's.
    InvalidAuth = "invalid_auth" is BadToken;
    /// There was no token.
    NotAuthed = "not_authed" is BadToken;
    /// The refresh token is used up or unknown.
    InvalidRefreshToken = "invalid_refresh_token" is BadToken;
    /// The workspace is being moved into an organization.
    TeamAddedToOrg = "team_added_to_org" is Moving;
    /// The workspace is closed until it has been moved into an organization.
    OrgLoginRequired = "org_login_required" is Moving;
    /// The token lives for twelve hours only, and they are over.
    TokenExpired = "token_expired" is Expired;
    /// The organization's install does not reach this workspace.
    TeamAccessNotGranted = "team_access_not_granted" is NoTeam;
    /// The workspace that was named is not the organization's.
    TeamNotFound = "team_not_found" is NoTeam;
    /// A permission is missing.
    MissingScope = "missing_scope" is Scope;
    /// The method is not for this kind of token.
    NotAllowedTokenType = "not_allowed_token_type" is Scope;
    /// The app may not do this.
    NoPermission = "no_permission" is Forbidden;
    /// The app may not see this.
    AccessDenied = "access_denied" is Forbidden;
    /// The workspace's network rules keep us out.
    AccessLimited = "accesslimited" is Forbidden;
    /// Administrators have stopped posting.
    EkmAccessDenied = "ekm_access_denied" is Forbidden;
    /// The method is not for organizations.
    EnterpriseIsRestricted = "enterprise_is_restricted" is Forbidden;
    /// The workspace asks for a second factor.
    TwoFactorSetupRequired = "two_factor_setup_required" is Forbidden;
    /// The app must not act as a bot here.
    UserIsBot = "user_is_bot" is Forbidden;
    /// The app's user is a guest.
    UserIsRestricted = "user_is_restricted" is Forbidden;
    /// The app's user is a guest of one channel.
    UserIsUltraRestricted = "user_is_ultra_restricted" is Forbidden;
    /// There is no such channel, or it cannot be seen.
    ChannelNotFound = "channel_not_found" is ChannelGone;
    /// The channel is frozen, archived or deleted.
    IsInactive = "is_inactive" is Archived;
    /// Such a channel cannot be joined or listened to.
    MethodNotSupported = "method_not_supported_for_channel_type" is ChannelClosed;
    /// Such a channel takes no messages.
    ChannelTypeNotSupported = "channel_type_not_supported" is ChannelClosed;
    /// The app is no member.
    NotInChannel = "not_in_channel" is NotInvited;
    /// The person is no member.
    UserNotInChannel = "user_not_in_channel" is NotInvited;
    /// The channel is archived.
    IsArchived = "is_archived" is Archived;
    /// A setting of the workspace does not let the app post there.
    RestrictedAction = "restricted_action" is Restricted;
    /// The channel is for reading only.
    RestrictedReadOnly = "restricted_action_read_only_channel" is Restricted;
    /// The channel takes threads only.
    RestrictedThreadOnly = "restricted_action_thread_only_channel" is Restricted;
    /// The channel takes no threads.
    RestrictedNonThreadable = "restricted_action_non_threadable_channel" is Restricted;
    /// The thread is locked.
    RestrictedThreadLocked = "restricted_action_thread_locked" is Restricted;
    /// The app's direct messages are switched off.
    MessagesTabDisabled = "messages_tab_disabled" is Restricted;
    /// There are rules for messages to another organization.
    ConnectBlocked = "slack_connect_file_link_sharing_blocked" is Restricted;
    /// There are rules for canvases to another organization.
    ConnectCanvasBlocked = "slack_connect_canvas_sharing_blocked" is Restricted;
    /// Too many calls.
    Ratelimited = "ratelimited" is TooMany;
    /// Too many messages.
    RateLimited = "rate_limited" is TooMany;
    /// The workspace sends too many messages.
    MessageLimitExceeded = "message_limit_exceeded" is TooMany;
    /// Slack fell over; some of it may have happened.
    FatalError = "fatal_error" is Perhaps;
    /// Slack failed; some of it may have happened.
    InternalError = "internal_error" is Perhaps;
    /// The request was cut off.
    RequestTimeout = "request_timeout" is Perhaps;
    /// Slack is not there.
    ServiceUnavailable = "service_unavailable" is Later;
    /// Members could not be listed.
    FetchMembersFailed = "fetch_members_failed" is Later;
    /// The text is too long.
    MsgTooLong = "msg_too_long" is Ours;
    /// The blocks are too long.
    BlocksTooLong = "msg_blocks_too_long" is Ours;
    /// The blocks are wrong.
    InvalidBlocks = "invalid_blocks" is Ours;
    /// The blocks cannot be read.
    InvalidBlocksFormat = "invalid_blocks_format" is Ours;
    /// There was no text.
    NoText = "no_text" is Ours;
    /// Too many attachments.
    TooManyAttachments = "too_many_attachments" is Ours;
    /// Too many contact cards.
    TooManyContactCards = "too_many_contact_cards" is Ours;
    /// Attachments are wrong.
    InvalidAttachments = "invalid_attachments" is Ours;
    /// The metadata is too large.
    MetadataTooLarge = "metadata_too_large" is Ours;
    /// The metadata is wrong.
    InvalidMetadataFormat = "invalid_metadata_format" is Ours;
    /// The metadata does not keep its schema.
    InvalidMetadataSchema = "invalid_metadata_schema" is Ours;
    /// Metadata is for apps.
    MetadataNotFromApp = "metadata_must_be_sent_from_app" is Ours;
    /// Text and Markdown exclude each other.
    MarkdownTextConflict = "markdown_text_conflict" is Ours;
    /// There is no such thread.
    ThreadNotFound = "thread_not_found" is Ours;
    /// This message takes no reply.
    CannotReply = "cannot_reply_to_message" is Ours;
    /// Nobody posts as somebody else.
    AsUserNotSupported = "as_user_not_supported" is Ours;
    /// An argument has a wrong name.
    InvalidArgName = "invalid_arg_name" is Ours;
    /// Arguments are wrong.
    InvalidArguments = "invalid_arguments" is Ours;
    /// An argument is missing.
    MissingArgument = "missing_argument" is Ours;
    /// An argument must be no list.
    InvalidArrayArg = "invalid_array_arg" is Ours;
    /// The character set is unknown.
    InvalidCharset = "invalid_charset" is Ours;
    /// The form cannot be read.
    InvalidFormData = "invalid_form_data" is Ours;
    /// The JSON cannot be read.
    InvalidJson = "invalid_json" is Ours;
    /// The JSON is no object.
    JsonNotObject = "json_not_object" is Ours;
    /// The content type is unknown.
    InvalidPostType = "invalid_post_type" is Ours;
    /// The content type is missing.
    MissingPostType = "missing_post_type" is Ours;
    /// The character set is missing.
    MissingCharset = "missing_charset" is Ours;
    /// The character set is too much.
    SuperfluousCharset = "superfluous_charset" is Ours;
    /// A list is to be asked for in pages.
    LimitRequired = "limit_required" is Ours;
    /// The page is too long.
    InvalidLimit = "invalid_limit" is Ours;
    /// The place in a list is unknown by now.
    InvalidCursor = "invalid_cursor" is Ours;
    /// Slack wants HTTPS.
    UpgradeRequired = "upgrade_required" is Ours;
    /// There is no such method.
    UnknownMethod = "unknown_method" is Ours;
    /// The method is gone.
    MethodDeprecated = "method_deprecated" is Ours;
    /// The address is gone.
    DeprecatedEndpoint = "deprecated_endpoint" is Ours;
    /// There is no such message.
    MessageNotFound = "message_not_found" is MessageGone;
    /// The message is not ours to change.
    CantUpdateMessage = "cant_update_message" is MessageGone;
    /// The message is too old to be changed.
    EditWindowClosed = "edit_window_closed" is MessageGone;
    /// The message is not ours to delete.
    CantDeleteMessage = "cant_delete_message" is MessageGone;
    /// The message must be kept.
    MustBeKept = "compliance_exports_prevent_deletion" is MessageGone;
    /// There is no such person.
    UserNotFound = "user_not_found" is NoPerson;
    /// There is nobody with this address.
    UsersNotFound = "users_not_found" is NoPerson;
    /// The person cannot be seen.
    UserNotVisible = "user_not_visible" is NoPerson;
    /// The person has left.
    UserDisabled = "user_disabled" is NoPerson;
    /// There is no such bot.
    BotNotFound = "bot_not_found" is NoPerson;
    /// The code is wrong.
    InvalidCode = "invalid_code" is Consent;
    /// The code was used before.
    CodeAlreadyUsed = "code_already_used" is Consent;
    /// The code was given for other addresses.
    AuthorizationUrlMismatch = "oauth_authorization_url_mismatch" is App;
    /// The address to come back to is not one of the app's.
    BadRedirectUri = "bad_redirect_uri" is App;
    /// The app is unknown.
    InvalidClientId = "invalid_client_id" is App;
    /// The app's secret is wrong.
    BadClientSecret = "bad_client_secret" is App;
    /// The token is another app's.
    ClientIdTokenMismatch = "client_id_token_mismatch" is App;
    /// The app does not take this way.
    InvalidGrantType = "invalid_grant_type" is App;
}

impl std::fmt::Display for SlackError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_an_error_and_back() {
        for known in SlackError::KNOWN {
            assert_eq!(SlackError::of(known.code()), *known);
            assert_ne!(known.kind(), Kind::Unknown, "{known}");
        }
        let codes: std::collections::BTreeSet<&str> = SlackError::KNOWN.iter().map(SlackError::code).collect();
        assert_eq!(codes.len(), SlackError::KNOWN.len());
        assert_eq!(SlackError::of("new_error").code(), "new_error");
        assert_eq!(SlackError::of(&"x".repeat(9000)).code().len(), 100);
    }
}
