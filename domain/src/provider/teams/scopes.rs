//! The permissions that the app asks for at Entra ID, and what each is for.

use crate::provider::Access::{self, Read, Write};
use crate::provider::Scope;

/// Scopes of the sign-in, of which an answer does not say reliably whether they were granted.
const SIGN_IN: [&str; 3] = ["openid", "profile", "offline_access"];
/// What full names of Graph's permissions start with.
const GRAPH: &str = "https://graph.microsoft.com/";

const fn scope(name: &'static str, access: Access, sentence: &'static str) -> Scope {
    Scope { name, sentence, access, optional: false }
}

/// The permissions. None of them needs an administrator by itself, though an organization may want one.
pub const SCOPES: [Scope; 7] = [
    scope("openid", Read, "Recognise the account and the organization of the person who connects."),
    scope("profile", Read, "See the name of that person."),
    scope("offline_access", Read, "Go on working when that person is not there."),
    scope("User.Read", Read, "See whom the connection acts as, which also shows that it still works."),
    scope("Team.ReadBasic.All", Read, "See the names of the teams that person is in."),
    scope("Channel.ReadBasic.All", Read, "See the names of the channels in these teams."),
    scope("ChannelMessage.Send", Write, "Post messages into these channels, in the name of that person."),
];

/// Permissions that a connection needs and does not have, by their short names or by their full ones. Those of the sign-in are not
/// looked for: Entra ID does not repeat `offline_access`, whose grant shows in the refresh token, and only sometimes the others,
/// whose grant shows in the id token.
#[must_use]
pub fn missing(granted: &[String]) -> Vec<&'static Scope> {
    let short = |name: &str| name.strip_prefix(GRAPH).unwrap_or(name).to_owned();
    let has = |scope: &Scope| granted.iter().any(|name| short(name).eq_ignore_ascii_case(scope.name));
    SCOPES.iter().filter(|scope| !SIGN_IN.contains(&scope.name) && !has(scope)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_what_is_needed_and_not_granted() {
        let names = |scopes: &str| {
            let granted: Vec<String> = scopes.split(' ').map(str::to_owned).collect();
            missing(&granted).into_iter().map(|scope| scope.name).collect::<Vec<_>>()
        };
        assert!(
            names("user.read https://graph.microsoft.com/Team.ReadBasic.All Channel.ReadBasic.All ChannelMessage.Send")
                .is_empty()
        );
        assert_eq!(names("openid User.Read Team.ReadBasic.All Channel.ReadBasic.All"), ["ChannelMessage.Send"]);
        assert_eq!(names("").len(), 4);
        assert!(SCOPES.iter().all(|scope| scope.sentence.ends_with('.')));
    }
}
