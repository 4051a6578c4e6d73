//! Who asks, and what they may: the one place where roles and scopes become permissions.
//!
//! A door (REST, server function, command) builds a [`Caller`]; an action asks it for a
//! [`Permission`] and gets back the organization it may act in.

use serde::{Deserialize, Serialize};

use crate::id::{ApiKeyId, OrgId, SessionId, UserId};
use crate::{Error, Result, text_enum};

text_enum! {
    /// A person's role in an organization.
    pub enum Role {
        /// Everything, including other owners and the organization itself.
        Owner = "owner",
        /// Endpoints, keys, event types, members; not owners, not the organization.
        Admin = "admin",
        /// Reads.
        Member = "member",
    }
}

text_enum! {
    /// A role in the installation as a whole.
    pub enum OperatorRole {
        /// Runs the installation: may act in every organization.
        Operator = "operator",
        /// Reads every organization's delivery log; each look is recorded.
        Support = "support",
    }
}

text_enum! {
    /// One thing that a caller may do. The words are also the scopes of API keys.
    pub enum Permission {
        /// Post events.
        EventsWrite = "events:write",
        /// Read events.
        EventsRead = "events:read",
        /// Read endpoints.
        EndpointsRead = "endpoints:read",
        /// Create, change, test and delete endpoints; see and rotate secrets.
        EndpointsWrite = "endpoints:write",
        /// Read the delivery log.
        DeliveriesRead = "deliveries:read",
        /// Replay deliveries.
        DeliveriesReplay = "deliveries:replay",
        /// Fetch deliveries of endpoints that are pulled from, and say that they have arrived.
        MessagesPull = "messages:pull",
        /// Read the event types.
        EventTypesRead = "event_types:read",
        /// Create, change and delete the organization's own event types.
        EventTypesWrite = "event_types:write",
        /// Read connections and their channels.
        ConnectionsRead = "connections:read",
        /// Connect, change, try out and disconnect accounts at third parties.
        ConnectionsWrite = "connections:write",
        /// Read members and invitations.
        MembersRead = "members:read",
        /// Invite, change and remove members.
        MembersWrite = "members:write",
        /// List API keys.
        ApiKeysRead = "api_keys:read",
        /// Create and revoke API keys.
        ApiKeysWrite = "api_keys:write",
        /// Read the organization's settings.
        OrgRead = "org:read",
        /// Change the organization's settings.
        OrgWrite = "org:write",
        /// Read the audit log.
        AuditRead = "audit:read",
        /// List and create organizations of the installation.
        OrgsManage = "orgs:manage",
    }
}

impl Role {
    /// Whether the role includes the permission.
    #[must_use]
    pub fn allows(self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            Self::Owner => permission != P::OrgsManage,
            Self::Admin => !matches!(permission, P::OrgsManage | P::OrgWrite),
            Self::Member => matches!(
                permission,
                P::EventsRead
                    | P::EndpointsRead
                    | P::DeliveriesRead
                    | P::EventTypesRead
                    | P::ConnectionsRead
                    | P::MembersRead
                    | P::OrgRead
            ),
        }
    }
}

impl OperatorRole {
    /// Whether the role includes the permission, in any organization.
    #[must_use]
    pub fn allows(self, permission: Permission) -> bool {
        match self {
            Self::Operator => true,
            Self::Support => matches!(permission, Permission::DeliveriesRead | Permission::EventsRead),
        }
    }
}

/// How the caller proved who they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Identity {
    /// A signed-in browser.
    User {
        /// The account.
        id: UserId,
        /// The session that the cookie names.
        session_id: SessionId,
        /// The address they sign in with.
        email: String,
        /// What they are called.
        name: String,
    },
    /// A program with an API key.
    ApiKey {
        /// The key.
        id: ApiKeyId,
        /// What its maker called it.
        name: String,
        /// What it may do, at most.
        scopes: Vec<Permission>,
    },
    /// The program itself (workers, commands).
    System,
}

/// Who asks, in which organization, with which rights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// How they proved who they are.
    pub identity: Identity,
    /// Their role in the installation, if any.
    pub operator: Option<OperatorRole>,
    /// The organization they act in: the session's, the key's, or the one an operator named.
    pub org_id: Option<OrgId>,
    /// Their role in that organization; none for operators who are not members.
    pub role: Option<Role>,
    /// The address the request came from.
    pub ip: Option<String>,
}

impl Caller {
    /// The program itself, acting in an organization.
    #[must_use]
    pub fn system(org_id: Option<OrgId>) -> Self {
        Self { identity: Identity::System, operator: Some(OperatorRole::Operator), org_id, role: None, ip: None }
    }

    /// Whether the caller may do this in the organization they act in.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        let by_role = self.role.is_some_and(|role| role.allows(permission));
        let by_office = self.operator.is_some_and(|role| role.allows(permission));
        let by_scope = match &self.identity {
            Identity::ApiKey { scopes, .. } => scopes.contains(&permission),
            Identity::User { .. } | Identity::System => true,
        };
        (by_role || by_office) && by_scope
    }

    /// The organization, if the caller may do this in it.
    ///
    /// # Errors
    /// Forbidden, with the permission that is missing; or no organization is chosen.
    pub fn require(&self, permission: Permission) -> Result<&OrgId> {
        if !self.may(permission) {
            return Err(Error::forbidden(match &self.identity {
                Identity::ApiKey { .. } => format!("This API key lacks the scope `{permission}`."),
                _ => format!("Your role does not include `{permission}`. Ask an owner or admin of the organization."),
            }));
        }
        self.org_id.as_ref().ok_or_else(|| {
            Error::invalid("Patchbay-Org", "name the organization to act in, for example `Patchbay-Org: org_…`.")
        })
    }

    /// Whether the caller may read what came to the organization's sources, which is one half of its log: by `connections:read`;
    /// support, whose office is the log, by `deliveries:read`.
    #[must_use]
    pub fn may_see_inbound(&self) -> bool {
        self.may(self.inbound_permission())
    }

    /// The organization, if the caller may read what came to its sources: see [`Self::may_see_inbound`].
    ///
    /// # Errors
    /// Forbidden, with the permission that is missing; or no organization is chosen.
    pub fn require_inbound(&self) -> Result<&OrgId> {
        self.require(self.inbound_permission())
    }

    fn inbound_permission(&self) -> Permission {
        let by_office = self.operator == Some(OperatorRole::Support) && !self.may(Permission::ConnectionsRead);
        if by_office { Permission::DeliveriesRead } else { Permission::ConnectionsRead }
    }

    /// Passes if the caller may run the installation.
    ///
    /// # Errors
    /// Forbidden.
    pub fn require_operator(&self) -> Result<()> {
        let by_scope = match &self.identity {
            Identity::ApiKey { scopes, .. } => scopes.contains(&Permission::OrgsManage),
            _ => true,
        };
        if self.operator == Some(OperatorRole::Operator) && by_scope {
            return Ok(());
        }
        Err(Error::forbidden("Only an operator of this installation may do this."))
    }

    /// Passes if the caller may look at the installation as a whole: operators (their keys by scope), and signed-in
    /// support.
    ///
    /// # Errors
    /// Forbidden.
    pub fn require_staff(&self) -> Result<()> {
        if self.user().is_ok() && self.operator.is_some() {
            return Ok(());
        }
        self.require_operator()
    }

    /// Whether this is a look by staff into an organization they are no member of.
    #[must_use]
    pub fn is_outside_look(&self) -> bool {
        self.role.is_none() && self.operator.is_some() && self.identity != Identity::System
    }

    /// The signed-in account.
    ///
    /// # Errors
    /// The caller is a program.
    pub fn user(&self) -> Result<&UserId> {
        match &self.identity {
            Identity::User { id, .. } => Ok(id),
            _ => Err(Error::forbidden("Only a signed-in person may do this.")),
        }
    }

    /// What they are called, for the audit log and an endpoint's history: an address, a key's name, or the hub.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.identity {
            Identity::User { email, .. } => email,
            Identity::ApiKey { name, .. } => name,
            Identity::System => "system",
        }
    }

    /// By which rights they act, for the audit log: their role in the organization, their role in the installation, or both
    /// (`owner+operator`); `system` for the program itself; nothing before it is known, as at sign-in.
    #[must_use]
    pub fn acted_as(&self) -> Option<String> {
        if self.identity == Identity::System {
            return Some("system".to_owned());
        }
        match (self.role, self.operator) {
            (Some(role), Some(office)) => Some(format!("{role}+{office}")),
            (Some(role), None) => Some(role.to_string()),
            (None, Some(office)) => Some(office.to_string()),
            (None, None) => None,
        }
    }

    /// Who this is, for the audit log: an id.
    #[must_use]
    pub fn actor(&self) -> &str {
        match &self.identity {
            Identity::User { id, .. } => id.as_str(),
            Identity::ApiKey { id, .. } => id.as_str(),
            Identity::System => "system",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(role: Option<Role>, operator: Option<OperatorRole>) -> Caller {
        Caller { role, operator, ..Caller::system(Some(OrgId::new(1, [1; 10]))) }
    }

    #[test]
    fn support_reads_the_log_and_changes_nothing() {
        let support = caller(None, Some(OperatorRole::Support));
        let allowed: Vec<_> = Permission::ALL.iter().filter(|p| support.may(**p)).collect();
        assert_eq!(allowed, [&Permission::EventsRead, &Permission::DeliveriesRead]);
        assert!(support.may_see_inbound() && support.require_inbound().is_ok(), "what came in is half of the log");
    }

    #[test]
    fn a_key_for_deliveries_reads_nothing_that_came_in() {
        let scopes = vec![Permission::DeliveriesRead];
        let identity = Identity::ApiKey { id: ApiKeyId::new(1, [1; 10]), name: "k".into(), scopes };
        let key = Caller { identity, ..caller(Some(Role::Owner), Some(OperatorRole::Operator)) };
        assert!(!key.may_see_inbound() && key.require_inbound().is_err());
        assert!(caller(Some(Role::Member), None).may_see_inbound());
        assert!(!caller(None, None).may_see_inbound());
    }

    #[test]
    fn signed_in_support_looks_at_the_installation_and_its_key_does_not() {
        let signed_in = |operator| {
            let (id, session_id) = (UserId::new(1, [1; 10]), SessionId::new(1, [1; 10]));
            let identity = Identity::User { id, session_id, email: "sam@staff.test".into(), name: "Sam".into() };
            Caller { identity, ..caller(None, operator) }
        };
        for (operator, looks, runs) in [
            (Some(OperatorRole::Support), true, false),
            (Some(OperatorRole::Operator), true, true),
            (None, false, false),
        ] {
            let caller = signed_in(operator);
            assert_eq!(
                (caller.require_staff().is_ok(), caller.require_operator().is_ok()),
                (looks, runs),
                "{operator:?}"
            );
        }
        let scopes = vec![Permission::OrgsManage];
        let identity = Identity::ApiKey { id: ApiKeyId::new(1, [1; 10]), name: "k".into(), scopes };
        let key = |operator| Caller { identity: identity.clone(), ..caller(None, Some(operator)) };
        assert!(
            key(OperatorRole::Support).require_staff().is_err() && key(OperatorRole::Operator).require_staff().is_ok()
        );
    }

    #[test]
    fn a_member_never_writes_and_an_admin_never_changes_the_organization() {
        let member = caller(Some(Role::Member), None);
        assert!(Permission::ALL.iter().filter(|p| member.may(**p)).all(|p| p.as_str().ends_with(":read")));
        assert!(!caller(Some(Role::Admin), None).may(Permission::OrgWrite));
        assert!(!caller(Some(Role::Owner), None).may(Permission::OrgsManage));
    }

    #[test]
    fn a_key_never_exceeds_its_scopes() {
        let mut key = caller(Some(Role::Owner), Some(OperatorRole::Operator));
        key.identity =
            Identity::ApiKey { id: ApiKeyId::new(1, [1; 10]), name: "k".into(), scopes: vec![Permission::EventsWrite] };
        assert!(key.may(Permission::EventsWrite) && !key.may(Permission::EventsRead));
        assert!(key.require_operator().is_err());
    }
}
