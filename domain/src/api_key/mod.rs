//! Keys for the REST API: shown once, stored hashed, scoped, revocable.

#[cfg(feature = "server")]
pub mod actions;
#[cfg(feature = "server")]
mod resolve;
#[cfg(feature = "server")]
pub(crate) mod store;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::Permission;
use crate::id::ApiKeyId;
use crate::time::Timestamp;

/// What every key starts with.
pub const PREFIX: &str = "pb_";

/// A key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// What its maker called it.
    pub name: String,
    /// The first characters of the key, to recognise it by.
    pub hint: String,
    /// What it may do.
    pub scopes: Vec<Permission>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it lapses, if it does.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// What is asked for when a key is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewApiKey {
    /// What to call it.
    pub name: String,
    /// What it may do; at most what its maker may.
    pub scopes: Vec<Permission>,
    /// When it lapses; never when absent.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
}

/// A key just made, with its secret, shown this once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct CreatedApiKey {
    /// The key without its secret.
    #[serde(flatten)]
    pub api_key: ApiKey,
    /// The secret: `pb_…`.
    pub key: String,
}
