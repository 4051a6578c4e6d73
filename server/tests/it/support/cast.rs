//! Everybody who may knock at a door: two organizations, people in every role, keys with their rights.

use std::sync::Mutex;

use domain::account::actions::{Client, bootstrap, resolve_session, set_operator_role, sign_in, switch_org};
use domain::account::members;
use domain::api_key::{NewApiKey, actions as keys};
use domain::caller::{Identity, OperatorRole, Role as OrgRole};
use domain::id::OrgId;
use domain::{Caller, Hub, Permission, org};

use super::{Ask, TestServer};

/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery staple";

/// Who knocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Without key or cookie.
    Nobody,
    /// The owner of another organization.
    Stranger,
    /// A member of the organization.
    Member,
    /// An admin of the organization.
    Admin,
    /// An owner of the organization.
    Owner,
    /// Support, looking into the organization. (Keys have no such role.)
    Support,
    /// An operator who is no member, acting in the organization.
    Operator,
}

impl Role {
    pub const ALL: [Self; 7] =
        [Self::Nobody, Self::Stranger, Self::Member, Self::Admin, Self::Owner, Self::Support, Self::Operator];

    /// One letter, for tables: n s m a o u p.
    pub fn letter(self) -> char {
        match self {
            Self::Nobody => 'n',
            Self::Stranger => 's',
            Self::Member => 'm',
            Self::Admin => 'a',
            Self::Owner => 'o',
            Self::Support => 'u',
            Self::Operator => 'p',
        }
    }
}

/// The people and keys.
pub struct Cast {
    pub acme: OrgId,
    pub globex: OrgId,
    /// An owner of Acme, as the domain sees them.
    pub owner: Caller,
    sessions: Mutex<Vec<(Role, String)>>,
    keys: Vec<(Role, String)>,
}

/// Who signs in by which address. The founder is an operator, too, and so is not the owner of these tests.
const EMAILS: [(Role, &str); 6] = [
    (Role::Stranger, "owner@globex.test"),
    (Role::Member, "member@acme.test"),
    (Role::Admin, "admin@acme.test"),
    (Role::Owner, "owner@acme.test"),
    (Role::Support, "support@staff.test"),
    (Role::Operator, "operator@staff.test"),
];

fn client() -> Client {
    Client { ip: Some("127.0.0.1".into()), user_agent: Some("test".into()) }
}

impl Cast {
    /// Sets the installation up: Acme with an owner, an admin and a member; Globex with its own owner; staff.
    pub async fn assemble(server: &TestServer) -> Self {
        let hub = server.hub();
        let first = bootstrap(hub, "Acme", "founder@install.test", PASSWORD).await.expect("a first organization");
        let acme = first.org_id;
        let founder = caller(hub, &session(hub, "founder@install.test").await).await;
        let globex = org::actions::create(hub, &founder, "Globex").await.expect("a second organization").id;
        let founder_of =
            |org: &OrgId| Caller { org_id: Some(org.clone()), role: Some(OrgRole::Owner), ..founder.clone() };
        for (org, email, role) in [
            (&acme, "owner@acme.test", OrgRole::Owner),
            (&acme, "admin@acme.test", OrgRole::Admin),
            (&acme, "member@acme.test", OrgRole::Member),
            (&globex, "owner@globex.test", OrgRole::Owner),
            (&globex, "support@staff.test", OrgRole::Member),
            (&globex, "operator@staff.test", OrgRole::Member),
        ] {
            let invited = members::invite(hub, &founder_of(org), email, role).await.expect("an invitation");
            let token = invited.url.rsplit('/').next().expect("a token");
            members::accept_invitation(hub, &client(), token, email, PASSWORD).await.expect("a new member");
        }
        let system = Caller::system(None);
        for (email, role) in
            [("support@staff.test", OperatorRole::Support), ("operator@staff.test", OperatorRole::Operator)]
        {
            set_operator_role(hub, &system, email, Some(role)).await.expect("a role");
        }
        let mut sessions = Vec::new();
        for (role, _) in EMAILS {
            sessions.push((role, signed_in(hub, role, &acme).await));
        }
        let of = |wanted: Role| sessions.iter().find(|(role, _)| *role == wanted).expect("a session").1.clone();
        let (owner, stranger) = (caller(hub, &of(Role::Owner)).await, caller(hub, &of(Role::Stranger)).await);
        let keys = make_keys(hub, &owner, &stranger).await;
        Self { acme, globex, owner, sessions: Mutex::new(sessions), keys }
    }

    /// The cookie's value of somebody who is signed in.
    pub fn session(&self, role: Role) -> String {
        self.sessions.lock().expect("a lock").iter().find(|(known, _)| *known == role).expect("a session").1.clone()
    }

    /// Signs somebody in anew, after their session has ended.
    pub async fn sign_in_again(&self, server: &TestServer, role: Role) {
        if role != Role::Nobody {
            let token = signed_in(server.hub(), role, &self.acme).await;
            let mut sessions = self.sessions.lock().expect("a lock");
            sessions.retain(|(known, _)| *known != role);
            sessions.push((role, token));
        }
    }

    /// The id of another session of the same person.
    pub async fn another_session(&self, server: &TestServer, role: Role) -> String {
        let role = if role == Role::Nobody { Role::Member } else { role };
        let token = signed_in(server.hub(), role, &self.acme).await;
        match caller(server.hub(), &token).await.identity {
            Identity::User { session_id, .. } => session_id.to_string(),
            other => panic!("{other:?} is no person"),
        }
    }

    /// The key with somebody's rights.
    pub fn key(&self, role: Role) -> &str {
        &self.keys.iter().find(|(known, _)| *known == role).expect("a key").1
    }

    /// The request with somebody's key.
    pub fn with_key(&self, role: Role, ask: Ask) -> Ask {
        match role {
            Role::Nobody => ask,
            Role::Operator => ask.key(self.key(role)).header("patchbay-org", self.acme.as_str()),
            role => ask.key(self.key(role)),
        }
    }

    /// The request with somebody's cookie.
    pub fn with_cookie(&self, role: Role, ask: Ask) -> Ask {
        match role {
            Role::Nobody => ask,
            role => ask.cookie(&self.session(role)),
        }
    }
}

/// A session of somebody; staff look into Acme.
async fn signed_in(hub: &Hub, role: Role, acme: &OrgId) -> String {
    let email = EMAILS.iter().find(|(known, _)| *known == role).expect("somebody with an account").1;
    let token = session(hub, email).await;
    if matches!(role, Role::Support | Role::Operator) {
        switch_org(hub, &caller(hub, &token).await, acme).await.expect("staff look into Acme");
    }
    token
}

async fn session(hub: &Hub, email: &str) -> String {
    sign_in(hub, &client(), email, PASSWORD).await.expect("signed in").0
}

async fn caller(hub: &Hub, token: &str) -> Caller {
    resolve_session(hub, token, &client()).await.expect("looked up").expect("signed in")
}

async fn make_keys(hub: &Hub, owner: &Caller, stranger: &Caller) -> Vec<(Role, String)> {
    let mut made = Vec::new();
    for (role, maker, org_role) in [
        (Role::Stranger, stranger, OrgRole::Owner),
        (Role::Member, owner, OrgRole::Member),
        (Role::Admin, owner, OrgRole::Admin),
        (Role::Owner, owner, OrgRole::Owner),
    ] {
        let scopes = Permission::ALL.iter().copied().filter(|scope| org_role.allows(*scope)).collect();
        let new = NewApiKey { name: format!("{role:?}"), scopes, expires_at: None };
        made.push((role, keys::create(hub, maker, new).await.expect("a key").key));
    }
    let new = NewApiKey { name: "Operator".into(), scopes: Permission::ALL.to_vec(), expires_at: None };
    made.push((Role::Operator, keys::create_operator_key(hub, &Caller::system(None), new).await.expect("a key").key));
    made
}
