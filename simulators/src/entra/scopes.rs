//! The permissions that the consent page knows, each with the sentence that people read.

/// What full names of Graph's permissions start with.
const GRAPH: &str = "https://graph.microsoft.com/";
/// Everything that the app is configured with.
pub(super) const DEFAULT: &str = ".default";
/// Those of the sign-in itself, which open no part of Graph.
const SIGN_IN: [&str; 4] = ["openid", "profile", "email", OFFLINE];
/// What brings a refresh token.
pub(super) const OFFLINE: &str = "offline_access";

/// Delegated permissions: the name, the sentence, whether only an administrator may consent.
const DELEGATED: [(&str, &str, bool); 10] = [
    ("openid", "Sign you in", false),
    ("profile", "View your basic profile", false),
    ("email", "View your email address", false),
    (OFFLINE, "Maintain access to data you have given it access to", false),
    ("User.Read", "Sign you in and read your profile", false),
    ("Team.ReadBasic.All", "Read the names and descriptions of teams", false),
    ("Channel.ReadBasic.All", "Read the names and descriptions of channels", false),
    ("ChannelMessage.Send", "Send channel messages", false),
    ("ChannelMessage.Read.All", "Read your channel messages", true),
    ("Group.ReadWrite.All", "Read and write all groups", true),
];

/// Application permissions.
const APPLICATION: [(&str, &str); 4] = [
    ("Team.ReadBasic.All", "Get a list of all teams"),
    ("Channel.ReadBasic.All", "Read the names and descriptions of all channels"),
    ("ChannelMessage.Read.All", "Read all channel messages"),
    ("Teamwork.Migrate.All", "Create chat and channel messages with anyone's identity and with any timestamp"),
];

/// What a delegated permission allows, in a sentence; nothing if there is no such permission.
pub(super) fn sentence(scope: &str) -> Option<&'static str> {
    DELEGATED.iter().find(|(name, ..)| *name == scope).map(|(_, sentence, _)| *sentence)
}

/// What an application permission allows, in a sentence.
pub(super) fn role_sentence(role: &str) -> Option<&'static str> {
    APPLICATION.iter().find(|(name, _)| *name == role).map(|(_, sentence)| *sentence)
}

/// Whether only an administrator may consent to it.
pub(super) fn needs_admin(scope: &str) -> bool {
    DELEGATED.iter().any(|(name, _, admin)| *name == scope && *admin)
}

/// Whether it is one of Graph's, and not of the sign-in.
pub(super) fn is_of_graph(scope: &str) -> bool {
    !SIGN_IN.contains(&scope)
}

/// The scopes of a request, each once, by their short names as they are written. Names are compared without regard to
/// case.
pub(super) fn split(text: &str) -> Vec<String> {
    let mut scopes: Vec<String> = Vec::new();
    for scope in text.split(' ').filter(|scope| !scope.is_empty()) {
        let short = scope.strip_prefix(GRAPH).unwrap_or(scope);
        let known = DELEGATED.iter().find(|(name, ..)| name.eq_ignore_ascii_case(short)).map(|(name, ..)| *name);
        let name = known.unwrap_or(short);
        if !scopes.iter().any(|scope| scope == name) {
            scopes.push(name.to_owned());
        }
    }
    scopes
}

/// Adds those of `more` that are not there yet.
pub(super) fn unite(scopes: &mut Vec<String>, more: &[String]) {
    for scope in more {
        if !scopes.contains(scope) {
            scopes.push(scope.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{sentence, split};

    #[test]
    fn scopes_have_short_and_full_names_in_any_case() {
        let all = split(
            "openid https://graph.microsoft.com/User.Read user.read  Nonsense https://graph.microsoft.com/.default",
        );
        assert_eq!(all, ["openid", "User.Read", "Nonsense", ".default"]);
        assert!(sentence("User.Read").is_some() && sentence("Nonsense").is_none());
    }
}
