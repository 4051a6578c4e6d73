//! Sign-ins of people and of the app itself, and the tokens that came of them.
//!
//! Signing in gives a grant. Every exchange and every refresh gives an access token for about an hour, with whatever is
//! consented to by then, and another refresh token; the one before goes on working. A refresh token ends after 90 days,
//! or when the password is changed, the account blocked, the consent taken back. Access tokens live on until they
//! expire, as real ones do.

use super::State;
use crate::entra::scopes;

/// How long an access token lives at least, and by how much one may live longer.
const ACCESS_LIFE_S: (i64, u64) = (3600, 1800);
/// How long a token of the app itself lives.
const APP_LIFE_S: i64 = 3599;

/// A sign-in.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Its number.
    pub id: u64,
    /// The tenant's id.
    pub tenant: String,
    /// The person's object id; none where the app signed in itself.
    pub user: Option<String>,
    /// What was asked for.
    pub asked: Vec<String>,
    /// When, in Unix milliseconds.
    pub signed_in_at_ms: i64,
    /// Whether its refresh tokens ended, because the person has another password or was signed out everywhere.
    pub is_revoked: bool,
}

/// An access token that the app was given.
#[derive(Debug, Clone)]
pub struct Token {
    /// The token itself. Nothing can be read in it.
    pub value: String,
    /// The grant that it came of.
    pub grant: u64,
    /// Delegated permissions in it.
    pub scopes: Vec<String>,
    /// Application permissions in it.
    pub roles: Vec<String>,
    /// When it stops working, in Unix milliseconds.
    pub expires_at_ms: i64,
    /// How long it was to live, in seconds.
    pub life_s: i64,
    /// The refresh token that came with it.
    pub refresh_token: Option<String>,
}

/// A refresh token.
#[derive(Debug, Clone)]
pub(crate) struct Refresh {
    pub(crate) grant: u64,
    pub(crate) issued_at_ms: i64,
}

/// A code that a person's sign-in gave.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    pub(crate) redirect_uri: String,
    /// What the verifier is held against.
    pub(crate) challenge: String,
    /// What the id token is to repeat.
    pub(crate) nonce: Option<String>,
    pub(crate) grant: u64,
    pub(crate) issued_at_ms: i64,
    pub(crate) used: bool,
}

impl State {
    /// Notes a person's consent and sign-in.
    pub(crate) fn sign_in(&mut self, tenant: &str, user: &str, asked: &[String]) -> u64 {
        if let Some(person) = self.person_mut(user) {
            scopes::unite(&mut person.consented, asked);
        }
        self.begin_grant(tenant, Some(user), asked)
    }

    /// Notes that the app signs in itself.
    pub(crate) fn sign_in_app(&mut self, tenant: &str) -> u64 {
        self.begin_grant(tenant, None, &[])
    }

    fn begin_grant(&mut self, tenant: &str, user: Option<&str>, asked: &[String]) -> u64 {
        let id = self.ids.count("grant");
        self.grants.push(Grant {
            id,
            tenant: tenant.to_owned(),
            user: user.map(str::to_owned),
            asked: asked.to_vec(),
            signed_in_at_ms: self.now_ms(),
            is_revoked: false,
        });
        id
    }

    /// A grant by its number.
    pub(crate) fn grant(&self, id: u64) -> Option<&Grant> {
        self.grants.iter().find(|grant| grant.id == id)
    }

    /// What a person's tokens may do now.
    pub(crate) fn scopes_now(&self, user: &str) -> Vec<String> {
        self.person(user).map(|(tenant, person)| tenant.scopes_of(person)).unwrap_or_default()
    }

    /// A new access token, with whatever is consented to now; `renew` says whether a refresh token comes with it.
    pub(crate) fn give_token(&mut self, grant: u64, renew: bool) -> Token {
        let kept = self.grant(grant).cloned();
        let user = kept.as_ref().and_then(|grant| grant.user.clone());
        let tenant = kept.as_ref().and_then(|grant| self.tenant(&grant.tenant));
        let consent = tenant.and_then(|tenant| tenant.admin_consent.clone()).unwrap_or_default();
        let (scopes, roles) = match &user {
            Some(user) => (self.scopes_now(user), Vec::new()),
            None => (Vec::new(), consent.roles),
        };
        let now_ms = self.now_ms();
        let refresh_token = (renew && scopes.iter().any(|scope| scope == scopes::OFFLINE)).then(|| {
            let value = format!("sim-refresh-{}", self.ids.secret());
            self.refreshes.insert(value.clone(), Refresh { grant, issued_at_ms: now_ms });
            value
        });
        let more = i64::try_from(self.chance.below(ACCESS_LIFE_S.1)).unwrap_or_default();
        let life_s = if user.is_some() { ACCESS_LIFE_S.0 + more } else { APP_LIFE_S };
        let value = format!("sim-access-{}", self.ids.secret());
        let token = Token { value, grant, scopes, roles, expires_at_ms: now_ms + life_s * 1000, life_s, refresh_token };
        self.tokens.push(token.clone());
        token
    }

    /// A person takes the app out under "My Apps": their consent ends.
    pub(crate) fn remove_app(&mut self, user: &str) {
        if let Some(person) = self.person_mut(user) {
            person.consented.clear();
        }
    }

    /// An administrator deletes the app in a tenant: every consent there ends.
    pub(crate) fn remove_app_for_all(&mut self, tenant: &str) {
        if let Some(tenant) = self.tenant_mut(tenant) {
            tenant.admin_consent = None;
            tenant.people.iter_mut().for_each(|person| person.consented.clear());
        }
    }

    /// A person has another password, or was signed out everywhere: the refresh tokens of before end.
    pub(crate) fn change_password(&mut self, user: &str) {
        for grant in self.grants.iter_mut().filter(|grant| grant.user.as_deref() == Some(user)) {
            grant.is_revoked = true;
        }
    }

    /// Access tokens expire at once; refresh tokens do not.
    pub(crate) fn expire_tokens(&mut self) {
        let now_ms = self.now_ms();
        self.tokens.iter_mut().for_each(|token| token.expires_at_ms = token.expires_at_ms.min(now_ms));
    }
}
