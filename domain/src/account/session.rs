//! Making sessions: shared by set-up, sign-in and invitations.

use super::actions::Client;
use super::store::sessions::{self, NewSession};
use super::{SessionToken, password};
use crate::audit::store::record;
use crate::caller::Identity;
use crate::db::Conn;
use crate::id::{OrgId, SessionId, UserId};
use crate::{Caller, Hub, Result};

/// The longest name of a browser that is kept, in characters.
const MAX_USER_AGENT: usize = 300;

/// Opens a session in the caller's transaction and records it.
pub(crate) async fn open(
    conn: &mut Conn,
    hub: &Hub,
    user_id: &UserId,
    email: &str,
    name: &str,
    org_id: Option<&OrgId>,
    client: &Client,
) -> Result<SessionToken> {
    let (id, token) = (hub.id(SessionId::new), hub.random.token());
    let user_agent: Option<String> = client.user_agent.as_ref().map(|text| text.chars().take(MAX_USER_AGENT).collect());
    let new = NewSession {
        id: &id,
        token_hash: &password::token_hash(&token),
        user_id,
        org_id,
        user_agent: user_agent.as_deref(),
        ip: client.ip.as_deref(),
    };
    sessions::insert(conn, &new, hub.now()).await?;
    let caller = Caller {
        identity: Identity::User {
            id: user_id.clone(),
            session_id: id.clone(),
            email: email.into(),
            name: name.into(),
        },
        operator: None,
        org_id: org_id.cloned(),
        role: None,
        ip: client.ip.clone(),
    };
    record(conn, hub, &caller, org_id, "session.created", Some(id.as_str()), user_agent.as_deref()).await?;
    Ok(SessionToken(token))
}
