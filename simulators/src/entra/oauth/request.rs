//! What an app asks for when it sends a person to the sign-in page.

use crate::entra::scopes;
use crate::entra::state::{Person, State, Tenant};

/// The fields of `authorize` that are known here. What is not among them is a mistake of the app.
const KNOWN: [&str; 12] = [
    "client_id",
    "response_type",
    "redirect_uri",
    "response_mode",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "login_hint",
    "domain_hint",
    "nonce",
];
const PROMPTS: [&str; 3] = ["login", "consent", "select_account"];

/// The name of the page, for faults and violations.
pub(super) const PAGE: &str = "authorize";

/// Fields by their names.
pub(super) struct Fields<'a>(pub(super) &'a [(String, String)]);

impl Fields<'_> {
    /// A field, unless it is missing or empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        found.filter(|value| !value.is_empty())
    }

    /// A sentence about the first field that is none of these.
    pub(super) fn unknown(&self, known: &[&str]) -> Option<String> {
        let found = self.0.iter().find(|(name, _)| !known.contains(&name.as_str()));
        found.map(|(name, _)| format!("AADSTS90014: {name:?} is no parameter of this page"))
    }
}

/// Whose accounts may sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Authority {
    /// Those of any organization.
    Any,
    /// Those of the tenant with this id.
    Tenant(String),
}

impl Authority {
    /// Reads the first segment of the path: `organizations`, `common`, an id or a domain.
    pub(crate) fn read(state: &State, segment: &str) -> Result<Self, String> {
        if ["organizations", "common"].contains(&segment) {
            return Ok(Self::Any);
        }
        let found = state.tenant(segment).map(|tenant| Self::Tenant(tenant.id.clone()));
        found.ok_or_else(|| format!("AADSTS90002: Tenant '{segment}' not found"))
    }

    /// Whether accounts of this tenant may sign in.
    pub(crate) fn takes(&self, tenant: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Tenant(id) => id == tenant,
        }
    }

    /// A person who may sign in here.
    pub(super) fn person<'a>(&self, state: &'a State, id: &str) -> Result<(&'a Tenant, &'a Person), String> {
        let (tenant, person) = state.person(id).ok_or_else(|| format!("there is no account {id:?}"))?;
        if !self.takes(&tenant.id) {
            return Err("AADSTS50020: this account does not exist in the tenant and cannot access the app".to_owned());
        }
        if !person.is_enabled {
            return Err("AADSTS50057: The user account is disabled.".to_owned());
        }
        Ok((tenant, person))
    }
}

/// An authorization request that is in order.
#[derive(Debug, Clone)]
pub(super) struct Authorize {
    pub(super) authority: Authority,
    pub(super) redirect_uri: String,
    pub(super) scopes: Vec<String>,
    pub(super) challenge: String,
    pub(super) nonce: Option<String>,
    state: String,
    /// All of it, as it came.
    pub(super) fields: Vec<(String, String)>,
}

impl Authorize {
    /// Reads the fields; an error is a sentence for the page, and a violation.
    pub(super) fn read(state: &mut State, tenant: &str, fields: &[(String, String)]) -> Result<Self, String> {
        let read = Self::check(state, tenant, fields);
        if let Err(sentence) = &read {
            state.journal.violation(PAGE, sentence.as_str());
        }
        read
    }

    fn check(state: &State, tenant: &str, all: &[(String, String)]) -> Result<Self, String> {
        let fields = Fields(all);
        let authority = Authority::read(state, tenant)?;
        let redirect_uri = client(state, &fields)?;
        if let Some(sentence) = fields.unknown(&KNOWN) {
            return Err(sentence);
        }
        if fields.get("response_type") != Some("code") {
            return Err("AADSTS900144: response_type must be \"code\"".to_owned());
        }
        if fields.get("response_mode").is_some_and(|mode| mode != "query") {
            return Err("AADSTS70007: response_mode must be \"query\"".to_owned());
        }
        if let Some(prompt) = fields.get("prompt").filter(|prompt| !PROMPTS.contains(prompt)) {
            return Err(format!("AADSTS90023: prompt {prompt:?} is none of {}", PROMPTS.join(", ")));
        }
        let opaque = fields.get("state").ok_or("AADSTS900144: state is missing")?;
        if fields.get("code_challenge_method") != Some("S256") {
            return Err("AADSTS501491: code_challenge_method must be \"S256\"".to_owned());
        }
        let challenge = fields.get("code_challenge").unwrap_or_default();
        if challenge.len() != 43 || !challenge.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        {
            return Err("AADSTS501491: code_challenge must be a SHA-256 in base64url".to_owned());
        }
        Ok(Self {
            authority,
            redirect_uri,
            scopes: asked(state, &fields)?,
            challenge: challenge.to_owned(),
            nonce: fields.get("nonce").map(str::to_owned),
            state: opaque.to_owned(),
            fields: all.to_vec(),
        })
    }

    /// The redirect URL with these fields, and the state.
    pub(super) fn back_with(&self, fields: &[(&str, &str)]) -> String {
        back(&self.redirect_uri, Some(&self.state), fields)
    }
}

/// Whether the app is known, and where the person goes back to.
pub(super) fn client(state: &State, fields: &Fields<'_>) -> Result<String, String> {
    if fields.get("client_id") != Some(&state.app.client_id) {
        return Err("AADSTS700016: no application with this client_id was found in the directory".to_owned());
    }
    let redirect_uri = fields.get("redirect_uri").ok_or("AADSTS900971: redirect_uri is missing")?;
    if !state.app.redirect_uris.iter().any(|known| known == redirect_uri) {
        return Err(format!(
            "AADSTS50011: The redirect URI '{redirect_uri}' does not match the redirect URIs configured for the application"
        ));
    }
    Ok(redirect_uri.to_owned())
}

/// The scopes of a request, `.default` spelled out.
pub(super) fn asked(state: &State, fields: &Fields<'_>) -> Result<Vec<String>, String> {
    let mut all = scopes::split(fields.get("scope").unwrap_or_default());
    if let Some(place) = all.iter().position(|scope| scope == scopes::DEFAULT) {
        all.remove(place);
        scopes::unite(&mut all, &state.app.delegated);
    }
    if let Some(unknown) = all.iter().find(|scope| scopes::sentence(scope).is_none()) {
        return Err(format!("AADSTS70011: scope {unknown:?} is no permission of Microsoft Graph"));
    }
    if all.is_empty() {
        return Err("AADSTS900144: scope is missing".to_owned());
    }
    Ok(all)
}

/// A redirect URL with these fields.
pub(super) fn back(redirect_uri: &str, state: Option<&str>, fields: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(fields);
    if let Some(state) = state {
        query.append_pair("state", state);
    }
    let separator = if redirect_uri.contains('?') { '&' } else { '?' };
    format!("{redirect_uri}{separator}{}", query.finish())
}
