//! The slash command: `/patchbay status`, `/patchbay subscribe invoice.*`, `/patchbay unsubscribe invoice.*`.

use super::{Tenant, Unreadable};

/// Patterns in one command at most.
const MAX_PATTERNS: usize = 20;

/// A slash command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The app that it is for.
    pub app_id: String,
    /// Whose it is.
    pub tenant: Tenant,
    /// The channel in which it was given.
    pub channel_id: String,
    /// That channel's name; `directmessage` and the like where it has none.
    pub channel_name: String,
    /// Who gave it.
    pub user_id: String,
    /// What is wanted.
    pub order: Order,
    /// Where a late answer goes, for half an hour.
    pub response_url: String,
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// How the command is used.
    Help,
    /// What is told in this channel, and how the connection is.
    Status,
    /// Tell these event types here.
    Subscribe(Vec<String>),
    /// Do not tell these event types here any more; all of them where none is named.
    Unsubscribe(Vec<String>),
    /// A word that is no order.
    Unknown(String),
}

impl Order {
    /// Reads the text behind the command. Commas between patterns are forgiven, and so are capitals.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let lower = text.to_lowercase();
        let mut words = lower.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty());
        let first = words.next().unwrap_or("help");
        let patterns =
            || -> Vec<String> { words.take(MAX_PATTERNS).map(|word| word.chars().take(100).collect()).collect() };
        match first {
            "help" => Self::Help,
            "status" => Self::Status,
            "subscribe" => match patterns() {
                list if list.is_empty() => Self::Help,
                list => Self::Subscribe(list),
            },
            "unsubscribe" => Self::Unsubscribe(patterns()),
            other => Self::Unknown(other.chars().take(100).collect()),
        }
    }
}

/// Reads a command; the body is a form.
///
/// # Errors
/// It lacks what every command has.
pub fn command(body: &[u8]) -> Result<Command, Unreadable> {
    let field = |name: &str| {
        let found = form_urlencoded::parse(body).find(|(key, _)| key == name).map(|(_, value)| value);
        found.filter(|value| !value.is_empty()).map(|value| value.chars().take(3000).collect::<String>())
    };
    let needed = |name: &str, missing: &'static str| field(name).ok_or(Unreadable(missing));
    Ok(Command {
        app_id: needed("api_app_id", "there is no `api_app_id`")?,
        tenant: Tenant {
            enterprise_id: field("enterprise_id"),
            team_id: field("team_id"),
            org_wide: field("is_enterprise_install").as_deref() == Some("true"),
        },
        channel_id: needed("channel_id", "there is no `channel_id`")?,
        channel_name: field("channel_name").unwrap_or_default(),
        user_id: needed("user_id", "there is no `user_id`")?,
        order: Order::read(&field("text").unwrap_or_default()),
        response_url: needed("response_url", "there is no `response_url`")?,
    })
}
