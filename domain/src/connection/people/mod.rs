//! People at a provider who are members here, by the member's own consent.
//!
//! Who acts in Slack is known by the e-mail address, or by a link. Somebody whom neither gives away is answered alone with the
//! address of a page: its word has 240 random bits of which only the hash is kept, with whom it is for; it is good once and for a
//! quarter of an hour. A member who opens it, signed in, reads who that person is; consenting binds that person of that account to
//! that member. From then on they act with the member's rights, until the member unlinks them or is removed.

#[cfg(feature = "server")]
pub mod actions;
#[cfg(feature = "server")]
pub(crate) mod store;

use serde::{Deserialize, Serialize};

use super::Provider;
use crate::id::{ConnectionId, UserId};
use crate::time::Timestamp;

/// Somebody at a provider who asks to be linked to an account here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkOffer {
    /// Where they are.
    pub provider: Provider,
    /// The organization's connection to that account.
    pub connection_id: ConnectionId,
    /// What the account is called there.
    pub account_name: String,
    /// Their id there: `U061F7AUR`.
    pub person_id: String,
    /// What they are called there.
    pub person_name: String,
    /// The address of who is asked.
    pub email: String,
}

/// Somebody at a provider who is a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::FromRow))]
pub struct LinkedPerson {
    /// Their id there: `U061F7AUR`.
    pub person_id: String,
    /// What they were called there.
    pub person_name: String,
    /// The member.
    pub user_id: UserId,
    /// The member's address.
    pub email: String,
    /// Since when.
    pub created_at: Timestamp,
}
