//! What people have allowed, and the tokens that came of it.
//!
//! A consent gives a grant: a person, the sites, the scopes. Every refresh gives a new pair of access and refresh token;
//! the refresh token before it works for a few minutes more, so that an answer that was lost can be asked for again.
//! A refresh token ends after 90 days without use, and all of a grant end 365 days after the consent.

use super::State;
use crate::jira::scopes;

/// How long an access token lives.
pub(crate) const ACCESS_LIFE_S: i64 = 3600;
/// For how long a refresh token works once more after it was used.
pub(crate) const REUSE_MS: i64 = 600_000;
/// For how long a refresh token may lie unused.
const IDLE_MS: i64 = 90 * 86_400_000;
/// How long after the consent no refresh helps any more.
const ABSOLUTE_MS: i64 = 365 * 86_400_000;

/// A consent that a person has given.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Its number.
    pub id: u64,
    /// The person's `accountId`.
    pub user: String,
    /// The cloud ids of the sites.
    pub sites: Vec<String>,
    /// What was allowed.
    pub scopes: Vec<String>,
    /// When, in Unix milliseconds.
    pub consented_at_ms: i64,
    /// Whether the person has not taken it back.
    pub is_active: bool,
}

/// An access token that the app was given.
#[derive(Debug, Clone)]
pub struct Token {
    /// The token itself.
    pub value: String,
    /// The grant that it came of.
    pub grant: u64,
    /// When it stops working, in Unix milliseconds.
    pub expires_at_ms: i64,
    /// The refresh token that came with it, if the app may keep its access.
    pub refresh_token: Option<String>,
}

/// An API token that a person has made for themselves. It works at the site's own address, with the person's e-mail address.
#[derive(Debug, Clone)]
pub(crate) struct ApiToken {
    pub(crate) email: String,
    pub(crate) value: String,
    /// What it may do: everything that the person may.
    pub(crate) grant: u64,
}

/// A refresh token.
#[derive(Debug, Clone)]
pub(crate) struct Refresh {
    pub(crate) grant: u64,
    pub(crate) issued_at_ms: i64,
    /// When it was used first.
    pub(crate) used_at_ms: Option<i64>,
}

/// A code that a person's consent gave.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    pub(crate) redirect_uri: String,
    pub(crate) grant: u64,
    pub(crate) issued_at_ms: i64,
    pub(crate) used: bool,
}

impl State {
    /// Makes an API token for a person. What it may do is no consent to the app.
    pub(crate) fn make_api_token(&mut self, user: &str, email: &str) -> String {
        let (grant, value) = (self.ids.count("grant"), format!("sim-api-{}", self.ids.secret()));
        self.grants.push(Grant {
            id: grant,
            user: user.to_owned(),
            sites: self.sites.iter().map(|site| site.id.clone()).collect(),
            scopes: scopes::all(),
            consented_at_ms: self.now_ms(),
            is_active: false,
        });
        self.api_tokens.push(ApiToken { email: email.to_owned(), value: value.clone(), grant });
        value
    }

    /// Notes a consent. Sites that the same person allowed before stay allowed.
    pub(crate) fn consent(&mut self, user: &str, sites: &[String], scopes: &[String]) -> u64 {
        let before = self.grants.iter().filter(|grant| grant.user == user && grant.is_active);
        let mut all: Vec<String> = before.flat_map(|grant| grant.sites.clone()).chain(sites.iter().cloned()).collect();
        all.sort();
        all.dedup();
        let id = self.ids.count("grant");
        self.grants.push(Grant {
            id,
            user: user.to_owned(),
            sites: all,
            scopes: scopes.to_vec(),
            consented_at_ms: self.now_ms(),
            is_active: true,
        });
        id
    }

    /// A grant by its number.
    pub(crate) fn grant(&self, id: u64) -> Option<&Grant> {
        self.grants.iter().find(|grant| grant.id == id)
    }

    /// A new access token, and a refresh token if the grant allows to keep the access.
    pub(crate) fn give_tokens(&mut self, grant: u64) -> Token {
        let keeps = self.grant(grant).is_some_and(|grant| grant.scopes.iter().any(|scope| scope == "offline_access"));
        let now_ms = self.now_ms();
        let refresh_token = keeps.then(|| format!("sim-refresh-{}", self.ids.secret()));
        if let Some(value) = &refresh_token {
            self.refreshes.insert(value.clone(), Refresh { grant, issued_at_ms: now_ms, used_at_ms: None });
        }
        let value = format!("sim-access-{}", self.ids.secret());
        let token = Token { value, grant, expires_at_ms: now_ms + ACCESS_LIFE_S * 1000, refresh_token };
        self.tokens.push(token.clone());
        token
    }

    /// The grant of a refresh token that still works; it counts as used from now on.
    pub(crate) fn use_refresh(&mut self, value: &str) -> Option<u64> {
        let now_ms = self.now_ms();
        let refresh = self.refreshes.get(value)?.clone();
        let grant = self.grant(refresh.grant).filter(|grant| grant.is_active)?;
        let is_fresh = now_ms - refresh.issued_at_ms < IDLE_MS && now_ms - grant.consented_at_ms < ABSOLUTE_MS;
        let is_usable = refresh.used_at_ms.is_none_or(|used| now_ms - used < REUSE_MS);
        if !is_fresh || !is_usable {
            return None;
        }
        let kept = self.refreshes.get_mut(value)?;
        kept.used_at_ms.get_or_insert(now_ms);
        Some(refresh.grant)
    }

    /// A person takes the app out under "connected apps": every grant of theirs ends.
    pub(crate) fn remove_app(&mut self, user: &str) {
        for grant in self.grants.iter_mut().filter(|grant| grant.user == user) {
            grant.is_active = false;
        }
        for webhooks in self.sites.iter_mut().map(|site| &mut site.webhooks) {
            webhooks.retain(|webhook| webhook.user != user);
        }
    }

    /// The app loses one site: it vanishes from the list of those that are accessible.
    pub(crate) fn remove_site(&mut self, site: &str) {
        for grant in &mut self.grants {
            grant.sites.retain(|known| known != site);
        }
    }

    /// Access tokens expire at once; refresh tokens do not.
    pub(crate) fn expire_tokens(&mut self) {
        let now_ms = self.now_ms();
        self.tokens.iter_mut().for_each(|token| token.expires_at_ms = token.expires_at_ms.min(now_ms));
    }

    /// The people who connected the app no longer see a project, or see it again.
    pub(crate) fn hide_project(&mut self, site: &str, key: &str, hidden: bool) {
        let projects = self.site_mut(site).into_iter().flat_map(|site| &mut site.projects);
        projects.filter(|project| project.key == key).for_each(|project| project.is_hidden = hidden);
    }
}
