//! Organizations: the tenants of an installation.

#[cfg(feature = "server")]
pub mod actions;
#[cfg(feature = "server")]
pub mod plan;
#[cfg(feature = "server")]
pub(crate) mod store;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::caller::Role;
use crate::id::OrgId;
use crate::provider::catalogue::Category;
use crate::time::Timestamp;
use crate::{Error, Result};

/// An organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::FromRow, utoipa::ToSchema))]
pub struct Org {
    /// Its id.
    pub id: OrgId,
    /// What people call it.
    pub name: String,
    /// Days after which payloads, answers' bodies and headers are erased; the log's rows stay. Kept for ever when absent.
    pub payload_days: Option<i64>,
    /// Days after which the log's rows, with their events, are deleted. Kept for ever when absent.
    pub log_days: Option<i64>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When its settings last changed.
    pub updated_at: Timestamp,
}

/// A change of an organization: what is absent stays.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OrgChange {
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// 1 to 3650 days; `null` to keep payloads for ever.
    #[serde(default, deserialize_with = "crate::endpoint::present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<i64>))]
    pub payload_days: Option<Option<i64>>,
    /// 1 to 3650 days; `null` to keep the log for ever.
    #[serde(default, deserialize_with = "crate::endpoint::present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "server", schema(value_type = Option<i64>))]
    pub log_days: Option<Option<i64>>,
}

/// An organization that the signed-in person can switch to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::FromRow, utoipa::ToSchema))]
pub struct OrgMembership {
    /// The organization.
    pub org_id: OrgId,
    /// Its name.
    pub org_name: String,
    /// The person's role in it.
    pub role: Role,
}

/// A row of the operator's list of organizations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::FromRow, utoipa::ToSchema))]
pub struct OrgOverview {
    /// Its id.
    pub id: OrgId,
    /// What people call it.
    pub name: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// People in it.
    pub members: i64,
    /// Endpoints that are not deleted.
    pub endpoints: i64,
    /// Endpoints that are disabled.
    pub endpoints_disabled: i64,
    /// Deliveries created in the last 24 hours.
    pub deliveries_24h: i64,
    /// Of those, the ones that ended as dead letters.
    pub failed_24h: i64,
    /// Deliveries that are waiting now.
    pub backlog: i64,
}

/// An integration as an organization has it: what the catalogue says, and whether the organization may connect it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct OrgIntegration {
    /// Its key: `slack`.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// One line about it.
    pub line: String,
    /// What it is for.
    pub category: Category,
    /// Who made it.
    pub maker: String,
    /// How far it has come: `preview`, `beta`, `general` or `deprecated`.
    pub stage: String,
    /// The last day of one that is deprecated: `2027-06-30`.
    pub deprecated_until: Option<String>,
    /// What it reads, in plain words.
    pub reads: Vec<String>,
    /// What it writes, in plain words.
    pub writes: Vec<String>,
    /// Whether the operator keeps it for certain plans.
    pub is_gated: bool,
    /// Whether this organization may connect it.
    pub is_included: bool,
}

/// Checks how long something is kept.
///
/// # Errors
/// Less than a day or more than ten years.
pub fn check_days(field: &str, days: Option<i64>) -> Result<()> {
    match days {
        Some(days) if !(1..=3650).contains(&days) => {
            Err(Error::invalid(field, "must be between 1 and 3650 days, or null to keep it for ever."))
        }
        _ => Ok(()),
    }
}

/// Checks an organization's name and trims it.
///
/// # Errors
/// Empty or longer than 80 characters.
pub fn check_name(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 80 || name.chars().any(char::is_control) {
        return Err(Error::invalid("name", "must have 1 to 80 printable characters."));
    }
    Ok(name.to_owned())
}
