//! SQL of accounts: users, sessions, members with their invitations, and throttles.

pub(crate) mod members;
pub(crate) mod sessions;
pub(crate) mod throttles;
pub(crate) mod users;

use crate::Result;
use crate::account::throttle::WINDOW_MS;
use crate::db::Conn;
use crate::time::Timestamp;

/// Forgets sessions and throttles that have lapsed.
pub(crate) async fn delete_lapsed(conn: &mut Conn, now: Timestamp) -> Result<()> {
    sessions::delete_lapsed(conn, now).await?;
    throttles::delete_lapsed(conn, now.plus_ms(-WINDOW_MS)).await
}
