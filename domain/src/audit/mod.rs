//! The audit log: who did what to what, and which looks staff took into an organization.

#[cfg(feature = "server")]
pub mod actions;
#[cfg(feature = "server")]
pub(crate) mod store;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::id::{AuditId, OrgId};
use crate::time::Timestamp;

/// One line of the audit log.
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
    /// What was done, as `noun.verb`: `endpoint.updated`, `delivery.viewed`.
    pub action: String,
    /// The id of what it was done to.
    pub target: Option<String>,
    /// More, in plain words.
    pub note: Option<String>,
    /// The address the request came from.
    pub ip: Option<String>,
}
