//! What is known of Jira Cloud: addresses, permissions and what each is for, limits.

use crate::provider::Access::{self, Read, Write};
use crate::provider::Scope;

/// Where people consent and tokens are given.
pub const AUTH: &str = "https://auth.atlassian.com";
/// Where the API of every site is.
pub const API: &str = "https://api.atlassian.com";
/// What separates scopes in a request and in an answer.
pub const SCOPE_SEPARATOR: char = ' ';
/// After so many days no refresh helps: somebody has to consent anew.
pub const CONSENT_DAYS: i64 = 365;
/// After so many days without use a refresh token is worth nothing.
pub const IDLE_DAYS: i64 = 90;
/// After so many days a webhook ends unless it is refreshed.
pub const WEBHOOK_DAYS: i64 = 30;
/// Webhooks of an app, a person and a site at most.
pub const MAX_WEBHOOKS: usize = 5;
/// The longest rich text, in characters.
pub const MAX_TEXT: usize = 32_767;
/// The longest line, of a summary or another field, in characters.
pub const MAX_LINE: usize = 255;
/// Entries of a page, of projects and of what the screens have.
pub const LIST_PAGE: usize = 50;
/// Issues of a page of a search.
pub const SEARCH_PAGE: usize = 100;

/// Atlassian's addresses; below another base where a simulator stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Urls {
    auth: String,
    api: String,
}

impl Default for Urls {
    fn default() -> Self {
        Self { auth: AUTH.to_owned(), api: API.to_owned() }
    }
}

impl Urls {
    /// Both below one base, with or without a slash at its end.
    #[must_use]
    pub fn at(base: &str) -> Self {
        let base = base.trim_end_matches('/').to_owned();
        Self { auth: base.clone(), api: base }
    }

    /// Where people consent.
    #[must_use]
    pub fn authorize(&self) -> String {
        format!("{}/authorize", self.auth)
    }

    /// Where a code or a refresh token becomes a token.
    #[must_use]
    pub fn token(&self) -> String {
        format!("{}/oauth/token", self.auth)
    }

    /// Where the sites are listed that a token is good for.
    #[must_use]
    pub fn sites(&self) -> String {
        format!("{}/oauth/token/accessible-resources", self.api)
    }

    /// A path of a site's REST API: `/myself`. The cloud id is one that Atlassian gave.
    #[must_use]
    pub fn rest(&self, cloud_id: &str, path: &str) -> String {
        let id: String = cloud_id.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-').collect();
        format!("{}/ex/jira/{id}/rest/api/3{path}", self.api)
    }
}

const fn scope(name: &'static str, access: Access, optional: bool, sentence: &'static str) -> Scope {
    Scope { name, sentence, access, optional }
}

/// The permissions that the app asks for.
pub const SCOPES: [Scope; 5] = [
    scope("read:jira-work", Read, false, "See projects, issues and comments that the connecting person may see."),
    scope("write:jira-work", Write, false, "Create and change issues, move them and comment on them, as that person."),
    scope("read:jira-user", Read, false, "See who an issue can be assigned to."),
    scope("manage:jira-webhook", Write, true, "Notice when an issue changes in Jira."),
    scope("offline_access", Read, false, "Go on working when that person is not there."),
];

/// All scopes, as the consent page takes them.
#[must_use]
pub fn wanted() -> String {
    SCOPES.map(|scope| scope.name).join(" ")
}

/// The scopes of an answer, one by one.
#[must_use]
pub fn granted(scope: &str) -> Vec<String> {
    scope.split(SCOPE_SEPARATOR).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Permissions that a connection needs and does not have.
#[must_use]
pub fn missing(granted: &[String]) -> Vec<&'static Scope> {
    let has = |scope: &Scope| granted.iter().any(|name| name == scope.name);
    SCOPES.iter().filter(|scope| !scope.optional && !has(scope)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_lies_below_its_base() {
        let real = Urls::default();
        assert_eq!(real.authorize(), "https://auth.atlassian.com/authorize");
        assert_eq!(real.token(), "https://auth.atlassian.com/oauth/token");
        assert_eq!(real.sites(), "https://api.atlassian.com/oauth/token/accessible-resources");
        let id = "11223344-a1b2-3b33-c444-def123456789";
        assert_eq!(real.rest(id, "/myself"), format!("https://api.atlassian.com/ex/jira/{id}/rest/api/3/myself"));
        let simulated = Urls::at("http://127.0.0.1:4020/");
        assert_eq!(simulated.authorize(), "http://127.0.0.1:4020/authorize");
        assert_eq!(simulated.rest("a/../b?c", "/field"), "http://127.0.0.1:4020/ex/jira/abc/rest/api/3/field");
    }

    #[test]
    fn what_is_missing_is_what_is_needed_and_not_granted() {
        let names = |scope: &str| missing(&granted(scope)).into_iter().map(|scope| scope.name).collect::<Vec<_>>();
        assert!(names(&wanted()).is_empty());
        assert_eq!(names("read:jira-work  write:jira-work read:jira-user"), ["offline_access"]);
        assert_eq!(names("").len(), 4);
        assert!(SCOPES.iter().all(|scope| scope.sentence.ends_with('.')));
    }
}
