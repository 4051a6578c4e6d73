//! What an app asks for when it sends a person to the consent page.

use crate::jira::scopes;
use crate::jira::state::State;

/// The fields that Atlassian knows. What is not among them is a mistake of the app.
const KNOWN: [&str; 7] = ["audience", "client_id", "scope", "redirect_uri", "state", "response_type", "prompt"];
/// Fields that have one value only.
const FIXED: [(&str, &str); 3] = [("audience", "api.atlassian.com"), ("response_type", "code"), ("prompt", "consent")];

/// An authorization request that is in order.
#[derive(Debug, Clone)]
pub(super) struct Authorize {
    pub(super) redirect_uri: String,
    pub(super) scopes: Vec<String>,
    state: String,
    /// All of it, as it came.
    pub(super) fields: Vec<(String, String)>,
}

impl Authorize {
    /// Reads the fields; an error is a sentence for the page, and a violation.
    pub(super) fn read(state: &mut State, fields: &[(String, String)]) -> Result<Self, String> {
        let read = Self::check(state, fields);
        if let Err(sentence) = &read {
            state.journal.violation("authorize", sentence.as_str());
        }
        read
    }

    fn check(state: &State, fields: &[(String, String)]) -> Result<Self, String> {
        let field = |name: &str| {
            let found = fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
            found.filter(|value| !value.is_empty())
        };
        if field("client_id") != Some(&state.app.client_id) {
            return Err("unauthorized_client: no app has this client_id".to_owned());
        }
        if let Some((name, _)) = fields.iter().find(|(name, _)| !KNOWN.contains(&name.as_str())) {
            return Err(format!("{name:?} is no parameter of authorize"));
        }
        let redirect_uri = field("redirect_uri").ok_or("invalid_request: redirect_uri is missing")?;
        if !state.app.redirect_uris.iter().any(|known| known == redirect_uri) {
            return Err(format!("invalid_request: {redirect_uri:?} is not the callback URL of the app"));
        }
        if let Some((name, value)) = FIXED.iter().find(|(name, value)| field(name) != Some(value)) {
            return Err(format!("invalid_request: {name} must be {value:?}"));
        }
        let opaque = field("state").ok_or("invalid_request: state is missing")?;
        let scopes = scopes::split(field("scope").unwrap_or_default());
        if let Some(unknown) = scopes.iter().find(|scope| scopes::sentence(scope).is_none()) {
            return Err(format!("invalid_scope: {unknown:?} is no permission that the app was given"));
        }
        if scopes.is_empty() {
            return Err("invalid_scope: the app asks for no permission".to_owned());
        }
        Ok(Self { redirect_uri: redirect_uri.to_owned(), scopes, state: opaque.to_owned(), fields: fields.to_vec() })
    }

    /// The callback URL with these fields, and the state.
    pub(super) fn back_with(&self, fields: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("state", &self.state).extend_pairs(fields);
        let separator = if self.redirect_uri.contains('?') { '&' } else { '?' };
        format!("{}{separator}{}", self.redirect_uri, query.finish())
    }
}
