//! Accounts on both databases.

mod invitations;
mod members;
mod sessions;
mod setup;
mod sign_in;

use super::actions::{Client, resolve_session};
use super::store::{members as memberships, users};
use super::{User, password, session};
use crate::Caller;
use crate::caller::{OperatorRole, Role};
use crate::db::on;
use crate::hub::testing::TestHub;
use crate::id::{OrgId, UserId};

/// The password of everybody in these tests.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// Stores an account with [`PASSWORD`].
pub(crate) async fn account(hub: &TestHub, name: &str, operator_role: Option<OperatorRole>) -> User {
    let user = User {
        id: hub.id(UserId::new),
        email: format!("{name}@acme.test"),
        name: name.into(),
        operator_role,
        created_at: hub.now(),
    };
    let hash = password::hash(hub, PASSWORD).await.expect("a hash");
    let mut tx = hub.db.begin().await.expect("a transaction");
    users::insert(&mut tx, &user, &hash).await.expect("stored");
    tx.commit().await.expect("committed");
    user
}

/// Stores a membership.
pub(crate) async fn membership(hub: &TestHub, org_id: &OrgId, user: &User, role: Role) {
    let mut tx = hub.db.begin().await.expect("a transaction");
    assert!(memberships::insert(&mut tx, org_id, &user.id, role, hub.now()).await.expect("stored"));
    tx.commit().await.expect("committed");
}

/// Opens a session and answers its token.
pub(crate) async fn opened(hub: &TestHub, user: &User, org_id: Option<&OrgId>) -> String {
    let mut tx = hub.db.begin().await.expect("a transaction");
    let token = session::open(&mut tx, hub, &user.id, &user.email, &user.name, org_id, &Client::default())
        .await
        .expect("a session");
    tx.commit().await.expect("committed");
    token.0
}

/// Who is behind a token.
pub(crate) async fn resolved(hub: &TestHub, token: &str) -> Option<Caller> {
    resolve_session(hub, token, &Client::default()).await.expect("an answer")
}

/// A real member of the hub's organization, signed in.
pub(crate) async fn member(hub: &TestHub, name: &str, role: Role) -> Caller {
    let user = account(hub, name, None).await;
    membership(hub, &hub.org_id, &user, role).await;
    let token = opened(hub, &user, Some(&hub.org_id)).await;
    resolved(hub, &token).await.expect("signed in")
}

/// Somebody of the installation's staff, acting in the hub's organization without being a member.
pub(crate) async fn staff(hub: &TestHub, name: &str, role: OperatorRole) -> Caller {
    let user = account(hub, name, Some(role)).await;
    let token = opened(hub, &user, Some(&hub.org_id)).await;
    resolved(hub, &token).await.expect("signed in")
}

/// What the events of a type in the hub's organization say.
pub(crate) async fn events(hub: &TestHub, event_type: &str) -> Vec<serde_json::Value> {
    let mut conn = hub.db.read().await.expect("a connection");
    let rows: Vec<String> = on!(&mut conn, |c| {
        sqlx::query_scalar("SELECT data FROM events WHERE org_id = $1 AND event_type = $2 ORDER BY id")
            .bind(&hub.org_id)
            .bind(event_type)
            .fetch_all(c)
            .await
    })
    .expect("rows");
    rows.iter().map(|data| serde_json::from_str(data).expect("JSON")).collect()
}

/// The actions in the audit log of the hub's organization, sorted.
pub(crate) async fn recorded(hub: &TestHub) -> Vec<String> {
    let page = crate::audit::actions::list(hub, &hub.caller(Role::Owner), &crate::audit::query::AuditQuery::default())
        .await
        .expect("the log");
    let mut actions: Vec<String> = page.data.into_iter().map(|line| line.action).collect();
    actions.sort();
    actions
}

/// The code of a refusal.
pub(crate) fn code<T: std::fmt::Debug>(result: crate::Result<T>) -> String {
    result.expect_err("a refusal").problem().code
}

/// The status of a refusal, or 200.
pub(crate) fn status<T>(result: &crate::Result<T>) -> u16 {
    result.as_ref().map_or_else(crate::Error::status, |_| 200)
}
