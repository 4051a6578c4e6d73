//! What people do in a site, as a test makes them. They act as the administrator; [`Jira::as_person`] lets another act.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::jira::Jira;
use crate::jira::acts::{Draft, NewIssue};
use crate::jira::adf;
use crate::jira::fields;
use crate::jira::oauth::{self, Consent};
use crate::jira::state::{AdminWebhook, State, Token};

/// A person in a site, who does something.
pub struct Someone<'a> {
    jira: &'a Jira,
    site: String,
    user: String,
}

impl Jira {
    /// Decides on the consent page that this URL leads to; gives where the browser is sent back to.
    ///
    /// # Errors
    /// What the page would say instead.
    pub fn consent(&self, authorize_url: &str, consent: &Consent) -> Result<String, String> {
        let query = authorize_url.split_once('?').map_or("", |(_, query)| query);
        let fields: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        self.shared.change(|state| oauth::decide(state, &fields, consent))
    }

    /// Lets the app into sites without the consent page, by the administrator, and gives the tokens.
    ///
    /// # Panics
    /// There is no such site.
    pub fn connect(&self, sites: &[&str], scopes: &[&str]) -> Token {
        let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        self.shared.change(|state| {
            assert!(sites.iter().all(|site| state.site(site).is_some()), "the site exists");
            let user = state.admin().account_id.clone();
            let grant = state.consent(&user, &owned(sites), &owned(scopes));
            state.give_tokens(grant)
        })
    }

    /// A person makes an API token for themselves, by `accountId`; gives their e-mail address and the token.
    ///
    /// # Panics
    /// There is no such person.
    #[must_use]
    pub fn make_api_token(&self, user: &str) -> (String, String) {
        self.shared.change(|state| {
            let email = state.person(user).expect("the person exists").email.clone();
            let value = state.make_api_token(user, &email);
            (email, value)
        })
    }

    /// A person's API tokens end.
    pub fn end_api_tokens(&self, email: &str) {
        self.shared.change(|state| state.api_tokens.retain(|token| token.email != email));
    }

    /// The administrator, in a site.
    #[must_use]
    pub fn people(&self, site: &str) -> Someone<'_> {
        let user = self.shared.with(|state| state.admin().account_id.clone());
        self.as_person(site, &user)
    }

    /// Another person, by `accountId`.
    #[must_use]
    pub fn as_person(&self, site: &str, user: &str) -> Someone<'_> {
        Someone { jira: self, site: site.to_owned(), user: user.to_owned() }
    }

    /// A person takes the app out under "connected apps": tokens end, and nothing tells of it.
    pub fn remove_app(&self, user: &str) {
        self.shared.change(|state| state.remove_app(user));
    }

    /// The app loses one site: it vanishes from the list of those that are accessible.
    pub fn remove_site(&self, site: &str) {
        self.shared.change(|state| state.remove_site(site));
    }

    /// Access tokens expire at once; refresh tokens do not.
    pub fn expire_tokens(&self) {
        self.shared.change(State::expire_tokens);
    }

    /// The people who connected the app no longer see a project, or see it again.
    pub fn hide_project(&self, site: &str, key: &str, hidden: bool) {
        self.shared.change(|state| state.hide_project(site, key, hidden));
    }

    /// An administrator registers a webhook by hand, with a secret.
    pub fn add_admin_webhook(&self, site: &str, webhook: AdminWebhook) {
        self.shared.change(|state| {
            if let Some(site) = state.site_mut(site) {
                site.admin_webhooks.push(webhook);
            }
        });
    }
}

/// What a person does.
impl Someone<'_> {
    /// Makes an issue and gives its key.
    ///
    /// # Panics
    /// There is no such project or issue type.
    pub fn create(&self, new: NewIssue) -> String {
        self.jira
            .shared
            .change(|state| make(state, &self.site, &self.user, &new))
            .expect("the project and the type exist")
    }

    /// Writes into fields, as the API would take them: `{"summary": "…"}`.
    ///
    /// # Panics
    /// The API would not take them.
    pub fn edit(&self, key: &str, values: &Value) {
        self.jira
            .shared
            .change(|state| edit(state, &self.site, &self.user, key, values))
            .expect("a field that there is");
    }

    /// Moves an issue into the status of this name.
    ///
    /// # Panics
    /// There is no way to it from where the issue is.
    pub fn transition(&self, key: &str, status: &str) {
        self.jira.shared.change(|state| {
            let way = state.way_to(&self.site, key, status).expect("there is a way to this status");
            state.change_issue(&self.site, &self.user, key, Vec::new(), Some(way));
        });
    }

    /// Writes a comment and gives its id.
    ///
    /// # Panics
    /// There is no such issue.
    pub fn comment(&self, key: &str, text: &str) -> String {
        let made =
            self.jira.shared.change(|state| state.comment_issue(&self.site, &self.user, key, adf::document(text)));
        made.expect("the issue exists")
    }

    /// Writes another text into a comment.
    pub fn edit_comment(&self, key: &str, comment: &str, text: &str) {
        self.jira.shared.change(|state| state.edit_comment(&self.site, &self.user, key, comment, text));
    }

    /// Deletes a comment.
    pub fn delete_comment(&self, key: &str, comment: &str) {
        self.jira.shared.change(|state| state.delete_comment(&self.site, &self.user, key, comment));
    }

    /// Deletes an issue for good.
    pub fn delete(&self, key: &str) {
        self.jira.shared.change(|state| state.delete_issue(&self.site, &self.user, key));
    }
}

/// Makes an issue; gives its key.
pub(in crate::jira) fn make(state: &mut State, site: &str, user: &str, new: &NewIssue) -> Option<String> {
    let project = state.site(site)?.project(&new.project)?.id.clone();
    let kind = fields::TYPES.iter().find(|kind| kind.name.eq_ignore_ascii_case(&new.issue_type))?;
    let mut values = vec![(fields::find("summary")?, Value::from(new.summary.as_str()))];
    if !new.description.is_empty() {
        values.push((fields::find("description")?, adf::document(&new.description)));
    }
    let draft = Draft { project, issue_type: kind.id.to_owned(), values, properties: BTreeMap::new() };
    state.make_issue(site, user, draft).map(|(_, key)| key)
}

/// Writes into fields as the API would take them; an error is a field that it would not.
pub(in crate::jira) fn edit(
    state: &mut State,
    site: &str,
    user: &str,
    key: &str,
    values: &Value,
) -> Result<(), String> {
    let known = state.site(site).ok_or("there is no such site")?;
    let one = |(name, value): (&String, &Value)| {
        let field = fields::find(name).ok_or_else(|| format!("there is no field {name}"))?;
        Ok((field, fields::read(state, known, field, value)?))
    };
    let values: Vec<_> = values.as_object().into_iter().flatten().map(one).collect::<Result<_, String>>()?;
    state.change_issue(site, user, key, values, None);
    Ok(())
}
