//! Who is called by a message.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Who is called. The ids are the provider's own and made of capitals and digits only, so that they can stand in markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mention {
    /// Whoever of the channel is there: `here`.
    Here,
    /// Everybody in the channel: `channel`.
    Channel,
    /// One person: `user:U061F7AUR`.
    User(String),
    /// A group of people: `group:S0614TZR7`.
    Group(String),
}

impl std::fmt::Display for Mention {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Here => f.write_str("here"),
            Self::Channel => f.write_str("channel"),
            Self::User(id) => write!(f, "user:{id}"),
            Self::Group(id) => write!(f, "group:{id}"),
        }
    }
}

impl std::str::FromStr for Mention {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let id = |id: &str, starts: &[char]| {
            let good = id.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
            (good && id.starts_with(starts) && (3..=30).contains(&id.len())).then(|| id.to_owned())
        };
        let mention = match text.split_once(':') {
            None if text == "here" => Some(Self::Here),
            None if text == "channel" => Some(Self::Channel),
            Some(("user", user)) => id(user, &['U', 'W']).map(Self::User),
            Some(("group", group)) => id(group, &['S']).map(Self::Group),
            _ => None,
        };
        mention.ok_or_else(|| format!("{text:?} is none of: here, channel, user:U…, group:S…"))
    }
}

impl Serialize for Mention {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Mention {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
