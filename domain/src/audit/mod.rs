//! The audit log: who did what to what, by which rights, and which looks staff took into an organization.
//!
//! An action hands an entry to [`store::record`] in its own transaction; the commit writes it (`db::Tx::commit`) as the next of
//! its organization's chain of hashes (`chain.rs`), so that whoever keeps the last hash of an export elsewhere can show later
//! whether anything before it was changed, left out or put in. Entries without an organization, the installation's own, have a
//! chain of their own. Nothing deletes entries; should they be deleted one day from the oldest on, the rest remains a chain that
//! begins with the hash of the last one that went.

#[cfg(feature = "server")]
pub mod actions;
#[cfg(feature = "server")]
pub mod chain;
#[cfg(feature = "server")]
pub mod csv;
pub mod query;
#[cfg(feature = "server")]
pub(crate) mod store;
#[cfg(test)]
mod tests;
#[cfg(feature = "server")]
pub mod verify;

use serde::{Deserialize, Serialize};

use crate::id::{AuditId, OrgId};
use crate::time::Timestamp;

/// One entry of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::FromRow, utoipa::ToSchema))]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditId,
    /// The organization it is about, if one.
    pub org_id: Option<OrgId>,
    /// When.
    pub created_at: Timestamp,
    /// Who: a user's or key's id, or `system`.
    pub actor: String,
    /// Who, as people call them: the address or the key's name at that time.
    pub actor_name: String,
    /// By which rights: a role in the organization (`owner`, `admin`, `member`), one in the installation (`operator`,
    /// `support`), both with a plus between them, or `system`.
    pub acted_as: Option<String>,
    /// What was done, as `noun.verb`: `endpoint.updated`, `delivery.viewed`.
    pub action: String,
    /// The id of what it was done to.
    pub target: Option<String>,
    /// More, in plain words.
    pub note: Option<String>,
    /// The address the request came from.
    pub ip: Option<String>,
    /// Its place in the organization's chain, from 1 on without gaps; none for entries from before there was one.
    pub sequence: Option<i64>,
    /// The hash of the entry before, in hexadecimal; zeros for the first.
    pub previous_hash: Option<String>,
    /// SHA-256 over the hash before and this entry, in hexadecimal.
    pub hash: Option<String>,
}
