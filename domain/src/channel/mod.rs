//! Channels: the places behind a connection that messages go to, such as a channel of a Slack workspace. What is told there
//! is said by [`crate::rule`]. Choosing one among tens of thousands is [`rank`]'s work, on the server; the answer's types are
//! here. (The `channels` that an event names, by which endpoints choose events, are another thing.)

#[cfg(feature = "server")]
mod fold;
#[cfg(feature = "server")]
pub(crate) mod pickers;
#[cfg(feature = "server")]
pub mod rank;
#[cfg(feature = "server")]
pub(crate) mod store;

#[cfg(feature = "server")]
pub(crate) use pickers::Pickers;

use serde::{Deserialize, Serialize};

use crate::id::ChannelId;
use crate::text_enum;

text_enum! {
    /// Whether messages can go to a channel.
    pub enum ChannelState {
        /// They can.
        Fine = "fine",
        /// It was deleted, or cannot be seen any more.
        Gone = "gone",
        /// It is private, or closed to apps that are no member, and the app was not invited.
        NotInvited = "not_invited",
        /// It was archived.
        Archived = "archived",
        /// Its settings or the workspace's administrators do not let the app post there.
        Restricted = "restricted",
    }
}

impl ChannelState {
    /// What a listing says: an archived channel takes nothing, a private one only from its members.
    #[must_use]
    pub const fn of_listing(archived: bool, private: bool, joined: bool) -> Self {
        match (archived, private, joined) {
            (true, ..) => Self::Archived,
            (false, true, false) => Self::NotInvited,
            _ => Self::Fine,
        }
    }

    /// What it means, in a sentence; nothing where all is well.
    #[must_use]
    pub const fn sentence(self) -> Option<&'static str> {
        match self {
            Self::Fine => None,
            Self::Gone => Some("This channel was deleted, or Patchbay cannot see it any more. Choose another one."),
            Self::NotInvited => Some("Patchbay is not a member of this channel. Invite it there."),
            Self::Archived => Some("This channel is archived. Choose another one, or bring it back."),
            Self::Restricted => {
                Some("This channel does not let Patchbay post. Ask an administrator, or choose another one.")
            }
        }
    }
}

/// A channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Channel {
    /// Its id.
    pub id: ChannelId,
    /// Its id at the provider: `C061EG9R6`.
    pub provider_id: String,
    /// Its name, without `#`.
    pub name: String,
    /// The name of the workspace that it is in, where its connection is for several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// What it is about.
    pub topic: String,
    /// How many members it has, if that is known.
    pub members: Option<i64>,
    /// Whether only its members see it.
    pub private: bool,
    /// Whether the app is a member.
    pub joined: bool,
    /// Whether it is archived.
    pub archived: bool,
    /// Whether messages can go there.
    pub state: ChannelState,
}

text_enum! {
    /// A part of the picker's list.
    pub enum Section {
        /// Channels that were chosen lately.
        Recent = "recent",
        /// Channels that everybody in the workspace sees.
        Public = "public",
        /// Channels that only their members see.
        Private = "private",
    }
}

impl Section {
    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recent => "Recent",
            Self::Public => "Public",
            Self::Private => "Private",
        }
    }
}

/// What the picker shows for what was typed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Choices {
    /// Sections with their channels, the section with the best one first where something was typed.
    pub sections: Vec<(Section, Vec<Channel>)>,
    /// How many channels match in all.
    pub total: usize,
    /// The id at the provider that was pasted, itself or in a link: the channel is shown first if it is known, and can be
    /// asked for at the provider if not.
    pub pasted: Option<String>,
}

impl Choices {
    /// How many channels are shown.
    #[must_use]
    pub fn shown(&self) -> usize {
        self.sections.iter().map(|(_, channels)| channels.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_tells_whether_messages_can_go_there() {
        use ChannelState::{Archived, Fine, NotInvited};
        for (archived, private, joined, state) in [
            (false, false, false, Fine),
            (false, false, true, Fine),
            (false, true, true, Fine),
            (false, true, false, NotInvited),
            (true, true, false, Archived),
        ] {
            assert_eq!(ChannelState::of_listing(archived, private, joined), state);
        }
        assert!(ChannelState::ALL.iter().all(|state| state.sentence().is_none() == (*state == Fine)));
    }
}
