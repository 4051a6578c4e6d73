//! Alerts: something that people must know, raised when it begins, closed when it is over. One is open at a time for the
//! same thing; raising it again only changes its words. Those of the installation as a whole are for its staff.

#[cfg(feature = "server")]
pub mod actions;
#[cfg(feature = "server")]
pub(crate) mod events;
#[cfg(feature = "server")]
pub(crate) mod installation;
#[cfg(feature = "server")]
pub(crate) mod store;

use serde::{Deserialize, Serialize};

use crate::id::AlertId;
use crate::text_enum;
use crate::time::Timestamp;

text_enum! {
    /// What an alert is about.
    pub enum AlertKind {
        /// An endpoint fails again and again.
        EndpointFailing = "endpoint_failing",
        /// An endpoint was disabled.
        EndpointDisabled = "endpoint_disabled",
        /// A figure of health is beyond its limit: of the organization's, or of the installation's.
        HealthDegraded = "health_degraded",
        /// A connection has to be connected again.
        ConnectionBroken = "connection_broken",
        /// The provider of a connection does not answer; nobody has to do anything.
        ConnectionSilent = "connection_silent",
    }
}

/// Something that people must know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(sqlx::FromRow, utoipa::ToSchema))]
pub struct Alert {
    /// Its id.
    pub id: AlertId,
    /// What it is about.
    pub kind: AlertKind,
    /// The thing it is about: an endpoint's or a connection's id, or for `health_degraded` the figure.
    pub target: String,
    /// It in words.
    pub message: String,
    /// When it was raised.
    pub created_at: Timestamp,
    /// When it was over.
    pub closed_at: Option<Timestamp>,
    /// When somebody said that they have seen it.
    pub seen_at: Option<Timestamp>,
}

#[cfg(feature = "server")]
pub(crate) use raise::{failing, raise, raise_once};

#[cfg(feature = "server")]
mod raise {
    use super::{AlertKind, events, store};
    use crate::db::Conn;
    use crate::id::{AlertId, EndpointId, OrgId};
    use crate::time::Timestamp;
    use crate::{Hub, Result, endpoint};

    /// Raises an alert in the caller's transaction, or changes the words of the open one.
    pub(crate) async fn raise(
        conn: &mut Conn,
        hub: &Hub,
        org_id: &OrgId,
        kind: AlertKind,
        target: &str,
        message: &str,
    ) -> Result<()> {
        store::raise(conn, &hub.id(AlertId::new), org_id, kind, target, message, hub.now()).await
    }

    /// Raises an alert in the caller's transaction, unless one about the same thing is open; answers whether it did.
    pub(crate) async fn raise_once(
        conn: &mut Conn,
        hub: &Hub,
        org_id: &OrgId,
        kind: AlertKind,
        target: &str,
        message: &str,
    ) -> Result<bool> {
        store::raise_once(conn, &hub.id(AlertId::new), org_id, kind, target, message, hub.now()).await
    }

    /// Warns of an endpoint that fails, as an alert and as an event.
    pub(crate) async fn failing(
        conn: &mut Conn,
        hub: &Hub,
        org_id: &OrgId,
        id: &EndpointId,
        failures: i64,
        since: Timestamp,
    ) -> Result<()> {
        let Some(row) = endpoint::store::find(conn, org_id, id).await? else { return Ok(()) };
        let disables = crate::failure::DISABLES;
        let words = format!("{} failed {failures} times in a row. At {disables} it is disabled.", row.name);
        raise(conn, hub, org_id, AlertKind::EndpointFailing, id.as_str(), &words).await?;
        events::failing(conn, hub, &row, failures, since).await
    }
}
