//! The operations: where each is, what it takes, needs and does. Their names are those of the description.

use super::answer::Outcome;
use super::request::Asked;
use super::{messages, people, subscriptions, teams};
use crate::entra::oauth::token;
use crate::entra::state::State;

/// One operation.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) verb: &'static str,
    /// Its whole path here; that of the description comes after `/v1.0`.
    pub(crate) address: &'static str,
    /// Whether the description has it.
    pub(crate) is_described: bool,
    pub(crate) query: &'static [&'static str],
    pub(crate) body: Body,
    pub(super) auth: Auth,
    pub(super) run: fn(&mut State, &Asked) -> Outcome,
}

/// What an operation takes as its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Body {
    None,
    /// The token endpoint's form.
    Form,
    /// A message for a channel.
    Message,
    /// A new subscription.
    Subscription,
    /// Another end of a subscription.
    Expiry,
}

/// Who may call an operation.
#[derive(Debug, Clone, Copy)]
pub(super) enum Auth {
    /// No token: the operation looks at the client secret itself.
    Own,
    /// Whoever has a token with this permission, delegated or as an application.
    Either(&'static str),
    /// Only a person: the path says "me".
    Me(&'static str),
    /// Only a person: applications write into channels to import, and nothing else.
    Writer(&'static str),
    /// Whoever has a token.
    Any,
}

const TEAMS: &str = "Team.ReadBasic.All";
const CHANNELS: &str = "Channel.ReadBasic.All";
const SEND: &str = "ChannelMessage.Send";
/// Who may hear of messages must be allowed to read them.
const READ: &str = "ChannelMessage.Read.All";

const fn of_graph(
    name: &'static str,
    verb: &'static str,
    address: &'static str,
    auth: Auth,
    run: fn(&mut State, &Asked) -> Outcome,
) -> Operation {
    Operation { name, verb, address, is_described: true, query: &[], body: Body::None, auth, run }
}

/// All of them.
pub(crate) static OPERATIONS: [Operation; 11] = [
    Operation {
        is_described: false,
        body: Body::Form,
        ..of_graph("token", "POST", "/{tenant}/oauth2/v2.0/token", Auth::Own, token::give)
    },
    Operation { query: &["$select"], ..of_graph("getMe", "GET", "/v1.0/me", Auth::Me("User.Read"), people::me) },
    Operation {
        query: &["$skiptoken"],
        ..of_graph("listJoinedTeams", "GET", "/v1.0/me/joinedTeams", Auth::Me(TEAMS), teams::joined)
    },
    Operation {
        is_described: false,
        query: &["$select"],
        ..of_graph("getTeam", "GET", "/v1.0/teams/{team-id}", Auth::Either(TEAMS), teams::team)
    },
    Operation {
        query: &["$filter", "$select", "$skiptoken"],
        ..of_graph("listChannels", "GET", "/v1.0/teams/{team-id}/channels", Auth::Either(CHANNELS), teams::channels)
    },
    of_graph(
        "getChannel",
        "GET",
        "/v1.0/teams/{team-id}/channels/{channel-id}",
        Auth::Either(CHANNELS),
        teams::channel,
    ),
    Operation {
        body: Body::Message,
        ..of_graph(
            "postChannelMessage",
            "POST",
            "/v1.0/teams/{team-id}/channels/{channel-id}/messages",
            Auth::Writer(SEND),
            messages::post,
        )
    },
    Operation {
        body: Body::Message,
        ..of_graph(
            "replyToChannelMessage",
            "POST",
            "/v1.0/teams/{team-id}/channels/{channel-id}/messages/{message-id}/replies",
            Auth::Writer(SEND),
            messages::reply,
        )
    },
    Operation {
        body: Body::Subscription,
        ..of_graph("createSubscription", "POST", "/v1.0/subscriptions", Auth::Either(READ), subscriptions::create)
    },
    Operation {
        body: Body::Expiry,
        ..of_graph(
            "renewSubscription",
            "PATCH",
            "/v1.0/subscriptions/{subscription-id}",
            Auth::Any,
            subscriptions::renew,
        )
    },
    of_graph("deleteSubscription", "DELETE", "/v1.0/subscriptions/{subscription-id}", Auth::Any, subscriptions::delete),
];
