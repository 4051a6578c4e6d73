//! What an app asks for when it sends a person to the consent page.

use crate::slack::scopes;
use crate::slack::state::State;

/// The fields that Slack knows. What is not among them is a mistake of the app.
// `response_type` is not among Slack's, but it is OAuth's own, and libraries send it.
const KNOWN: [&str; 8] =
    ["client_id", "scope", "user_scope", "redirect_uri", "state", "team", "granular_bot_scope", "response_type"];

/// An authorization request that is in order.
#[derive(Debug, Clone)]
pub(super) struct Authorize {
    /// Where the person goes back to.
    pub(super) redirect_uri: String,
    /// The same, if the app named it; then the exchange must name it too.
    pub(super) named_redirect: Option<String>,
    pub(super) scopes: Vec<String>,
    pub(super) user_scopes: Vec<String>,
    pub(super) state: Option<String>,
    /// The workspace that the app would like.
    pub(super) team: Option<String>,
    /// All of it, as it came.
    pub(super) fields: Vec<(String, String)>,
}

impl Authorize {
    /// Reads the fields; an error is a sentence for the page, and a violation.
    pub(super) fn read(state: &mut State, fields: &[(String, String)]) -> Result<Self, String> {
        let read = Self::check(state, fields);
        if let Err(sentence) = &read {
            state.journal.violation("oauth.v2.authorize", sentence.as_str());
        }
        read
    }

    fn check(state: &State, fields: &[(String, String)]) -> Result<Self, String> {
        let field = |name: &str| {
            let found = fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
            found.filter(|value| !value.is_empty())
        };
        if field("client_id") != Some(&state.app.client_id) {
            return Err("invalid_client_id: no app has this client_id".to_owned());
        }
        if let Some((name, _)) = fields.iter().find(|(name, _)| !KNOWN.contains(&name.as_str())) {
            return Err(format!("{name:?} is no parameter of oauth/v2/authorize"));
        }
        let named_redirect = field("redirect_uri").map(str::to_owned);
        let redirect_uri = match &named_redirect {
            Some(uri) if state.app.redirect_uris.contains(uri) => uri.clone(),
            Some(uri) => return Err(format!("bad_redirect_uri: {uri:?} is not among the redirect URLs of the app")),
            None => state.app.redirect_uris.first().cloned().ok_or("bad_redirect_uri: the app has no redirect URL")?,
        };
        let scopes = scopes::split(field("scope").unwrap_or_default());
        let user_scopes = scopes::split(field("user_scope").unwrap_or_default());
        if let Some(unknown) = scopes.iter().chain(&user_scopes).find(|scope| scopes::sentence(scope).is_none()) {
            return Err(format!("invalid_scope: {unknown:?} is no permission that Slack knows"));
        }
        if scopes.is_empty() && user_scopes.is_empty() {
            return Err("invalid_scope: the app asks for no permission".to_owned());
        }
        Ok(Self {
            redirect_uri,
            named_redirect,
            scopes,
            user_scopes,
            state: field("state").map(str::to_owned),
            team: field("team").map(str::to_owned),
            fields: fields.to_vec(),
        })
    }

    /// The redirect URL with these fields, and the state if there is one.
    pub(super) fn back_with(&self, name: &str, value: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair(name, value);
        if let Some(state) = &self.state {
            query.append_pair("state", state);
        }
        let separator = if self.redirect_uri.contains('?') { '&' } else { '?' };
        format!("{}{separator}{}", self.redirect_uri, query.finish())
    }
}
