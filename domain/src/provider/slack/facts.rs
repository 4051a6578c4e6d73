//! What is known of Slack: addresses, permissions and what each is for.

use crate::provider::Access::{Read, Write};
use crate::provider::Scope;

/// Where Slack is.
pub const BASE: &str = "https://slack.com";
/// Where Slack takes late answers to commands and buttons.
pub const HOOKS: &str = "https://hooks.slack.com/";
/// What separates scopes in a request and in an answer.
pub const SCOPE_SEPARATOR: char = ',';
/// Channels asked for at a time; Slack answers up to 1,000 but asks for no more than 200.
pub const LIST_PAGE: usize = 200;
/// How old a signed request may be, in seconds.
pub const SIGNATURE_TOLERANCE_S: i64 = 300;
/// Where Slack sends people back to after they have consented.
pub const REDIRECT_PATH: &str = "/oauth/slack/callback";
/// Where Slack posts what happens in a workspace.
pub const EVENTS_PATH: &str = "/slack/events";
/// Where Slack posts presses of buttons.
pub const INTERACTIONS_PATH: &str = "/slack/interactions";
/// Where Slack posts `/patchbay`.
pub const COMMANDS_PATH: &str = "/slack/commands";
/// The slash command.
pub const COMMAND: &str = "/patchbay";
/// What Slack tells the app without being asked; all covered by the scopes that list channels.
pub const EVENTS: [&str; 13] = [
    "app_uninstalled",
    "tokens_revoked",
    "channel_archive",
    "channel_unarchive",
    "channel_created",
    "channel_deleted",
    "channel_rename",
    "group_archive",
    "group_unarchive",
    "group_deleted",
    "group_rename",
    "member_joined_channel",
    "member_left_channel",
];

/// Slack's addresses; below another base where a simulator stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Urls {
    base: String,
}

impl Default for Urls {
    fn default() -> Self {
        Self::at(BASE)
    }
}

impl Urls {
    /// Below a base, with or without a slash at its end.
    #[must_use]
    pub fn at(base: &str) -> Self {
        Self { base: base.trim_end_matches('/').to_owned() }
    }

    /// Where people consent.
    #[must_use]
    pub fn authorize(&self) -> String {
        format!("{}/oauth/v2/authorize", self.base)
    }

    /// Where a code or a refresh token becomes a token.
    #[must_use]
    pub fn token(&self) -> String {
        self.api("oauth.v2.access")
    }

    /// Where a token is given up.
    #[must_use]
    pub fn revoke(&self) -> String {
        self.api("auth.revoke")
    }

    /// Where the credentials are tried.
    #[must_use]
    pub fn probe(&self) -> String {
        self.api("auth.test")
    }

    /// A method of the Web API: `chat.postMessage`.
    #[must_use]
    pub fn api(&self, method: &str) -> String {
        format!("{}/api/{method}", self.base)
    }

    /// Whether a late answer may be posted there. Slack names the address in a signed request; nothing else is called.
    #[must_use]
    pub fn takes_answers(&self, url: &str) -> bool {
        url.starts_with(HOOKS) || (self.base != BASE && url.starts_with(&format!("{}/", self.base)))
    }
}

const fn scope(name: &'static str, access: crate::provider::Access, optional: bool, sentence: &'static str) -> Scope {
    Scope { name, sentence, access, optional }
}

/// The permissions that the app asks for.
pub const SCOPES: [Scope; 11] = [
    scope("chat:write", Write, false, "Post messages in channels that it is a member of."),
    scope("chat:write.public", Write, false, "Post messages in public channels without joining them."),
    scope("channels:read", Read, false, "List public channels, and notice when one is renamed or archived."),
    scope("groups:read", Read, false, "List the private channels that it was invited to."),
    scope("team:read", Read, false, "See the name and the icon of the workspace."),
    scope("commands", Write, true, "Offer the command /patchbay."),
    scope("channels:join", Write, true, "Join a public channel that was chosen for notifications."),
    scope("users:read", Read, true, "See who pressed a button or used the command."),
    scope("users:read.email", Read, true, "See people's e-mail addresses, to know which member of Patchbay they are."),
    scope("usergroups:read", Read, true, "List user groups, so that a rule can mention one."),
    scope("im:write", Write, true, "Send a direct message to a person who was chosen for notifications."),
];

/// Something the connection can do, and the permissions that it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feature {
    /// Send notifications.
    Post,
    /// Choose among channels, and keep the list fresh.
    ListChannels,
    /// Show which workspace it is.
    Workspace,
    /// Answer `/patchbay`.
    Command,
    /// Join a public channel.
    Join,
    /// Know which member pressed a button or gave a command.
    LinkMembers,
    /// Mention a group.
    MentionGroups,
    /// Send direct messages.
    DirectMessages,
}

impl Feature {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Post,
        Self::ListChannels,
        Self::Workspace,
        Self::Command,
        Self::Join,
        Self::LinkMembers,
        Self::MentionGroups,
        Self::DirectMessages,
    ];

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Post => "Send notifications",
            Self::ListChannels => "Choose channels",
            Self::Workspace => "Show the workspace",
            Self::Command => "Answer /patchbay",
            Self::Join => "Join public channels",
            Self::LinkMembers => "Know members by their e-mail address",
            Self::MentionGroups => "Mention user groups",
            Self::DirectMessages => "Send direct messages",
        }
    }

    /// The permissions that it takes.
    #[must_use]
    pub const fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::Post => &["chat:write", "chat:write.public"],
            Self::ListChannels => &["channels:read", "groups:read"],
            Self::Workspace => &["team:read"],
            Self::Command => &["commands"],
            Self::Join => &["channels:join"],
            Self::LinkMembers => &["users:read", "users:read.email"],
            Self::MentionGroups => &["usergroups:read"],
            Self::DirectMessages => &["im:write"],
        }
    }

    /// Whether these permissions allow it.
    #[must_use]
    pub fn allowed(self, granted: &[String]) -> bool {
        self.scopes().iter().all(|needed| granted.iter().any(|scope| scope == needed))
    }
}

/// All scopes, as the consent page takes them.
#[must_use]
pub fn wanted() -> String {
    SCOPES.map(|scope| scope.name).join(",")
}

/// The scopes of an answer, one by one.
#[must_use]
pub fn granted(scope: &str) -> Vec<String> {
    scope.split(SCOPE_SEPARATOR).map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Permissions that the connection needs and does not have: what "re-authorise for 1 new permission" asks for.
#[must_use]
pub fn missing(granted: &[String]) -> Vec<&'static Scope> {
    let has = |scope: &Scope| granted.iter().any(|name| name == scope.name);
    SCOPES.iter().filter(|scope| !scope.optional && !has(scope)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_lies_below_the_base() {
        let real = Urls::default();
        assert_eq!(real.authorize(), "https://slack.com/oauth/v2/authorize");
        assert_eq!(real.token(), "https://slack.com/api/oauth.v2.access");
        assert_eq!(real.revoke(), "https://slack.com/api/auth.revoke");
        let simulated = Urls::at("http://127.0.0.1:4010/slack/");
        assert_eq!(simulated.probe(), "http://127.0.0.1:4010/slack/api/auth.test");
        assert_eq!(simulated.api("chat.postMessage"), "http://127.0.0.1:4010/slack/api/chat.postMessage");
    }

    #[test]
    fn late_answers_go_to_slack_only_or_to_its_simulator() {
        let real = Urls::default();
        assert!(real.takes_answers("https://hooks.slack.com/commands/T061EG9R6/1/2"));
        for wrong in ["https://hooks.slack.com.evil.example/", "http://hooks.slack.com/", "https://slack.com/x", ""] {
            assert!(!real.takes_answers(wrong), "{wrong}");
        }
        let simulated = Urls::at("http://127.0.0.1:4010");
        assert!(simulated.takes_answers("http://127.0.0.1:4010/hooks/1"));
        assert!(!simulated.takes_answers("http://127.0.0.1:40100/hooks/1"));
    }

    #[test]
    fn each_scope_has_a_sentence_and_a_feature_and_no_feature_an_unknown_scope() {
        for scope in SCOPES {
            assert!(scope.sentence.ends_with('.'), "{}", scope.name);
            assert_eq!(Feature::ALL.iter().filter(|f| f.scopes().contains(&scope.name)).count(), 1, "{}", scope.name);
        }
        for feature in Feature::ALL {
            let optional = feature.scopes().iter().map(|name| {
                SCOPES.iter().find(|scope| scope.name == *name).expect("a scope that is asked for").optional
            });
            assert_eq!(optional.collect::<std::collections::BTreeSet<_>>().len(), 1, "{}", feature.name());
        }
    }

    #[test]
    fn what_is_missing_is_what_is_needed_and_not_granted() {
        let names = |scope: &str| missing(&granted(scope)).into_iter().map(|scope| scope.name).collect::<Vec<_>>();
        assert!(names(&wanted()).is_empty());
        assert_eq!(names("chat:write,chat:write.public, channels:read,groups:read"), ["team:read"]);
        assert_eq!(names("").len(), SCOPES.iter().filter(|scope| !scope.optional).count());
        assert!(
            Feature::Command.allowed(&granted("commands")) && !Feature::LinkMembers.allowed(&granted("users:read"))
        );
    }
}
