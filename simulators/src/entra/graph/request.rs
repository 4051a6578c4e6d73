//! What a request says: which operation, its parameters, its body.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, Method as Verb, header};
use serde_json::{Map, Value, json};

use super::answer::Refusal;
use super::operations::{Body, OPERATIONS, Operation};

/// A message has at most so many bytes.
const LARGEST_MESSAGE: usize = 28 * 1024;

/// A request as it came in.
pub(super) struct Incoming {
    pub(super) verb: Verb,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// Who calls: a person by the app, or the app itself.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) tenant: String,
    pub(crate) user: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) roles: Vec<String>,
}

/// A request that was read.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(super) caller: Option<Caller>,
    pub(super) path: BTreeMap<&'static str, String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Value,
    /// The path as it came, which the address of a next page repeats.
    pub(super) address: String,
    /// A list is to answer with an empty page.
    pub(super) empty_page: bool,
    /// Whoever is to be notified has said that this is so.
    pub(super) is_validated: bool,
}

impl Asked {
    /// Who calls, which operations that need a token know.
    pub(crate) fn caller(&self) -> Result<&Caller, Refusal> {
        self.caller.as_ref().ok_or_else(|| Refusal::unauthorized("Access token is empty."))
    }

    /// A part of the path.
    pub(crate) fn part(&self, name: &str) -> &str {
        self.path.get(name).map_or("", String::as_str)
    }

    /// A parameter, unless it is missing or empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        found.filter(|value| !value.is_empty())
    }

    /// What may be remembered of it.
    pub(super) fn without_secrets(&self) -> Value {
        let is_open = |name: &str| !["client_secret", "refresh_token", "code", "code_verifier"].contains(&name);
        let body = match &self.body {
            Value::Object(fields) => {
                let open = fields.iter().filter(|(name, _)| is_open(name));
                open.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>().into()
            }
            other => other.clone(),
        };
        json!({ "path": self.path, "query": self.query.iter().cloned().collect::<BTreeMap<_, _>>(), "body": body })
    }
}

/// Nothing is at this address, or it cannot be read.
pub(super) struct Unread {
    pub(super) name: String,
    /// Graph's code for it.
    pub(super) code: &'static str,
    pub(super) why: String,
}

impl Incoming {
    /// The bearer token.
    pub(super) fn bearer(&self) -> Option<&str> {
        Some(self.header(&header::AUTHORIZATION).strip_prefix("Bearer ")?.trim())
    }

    /// What the app calls this request.
    pub(super) fn client_request_id(&self) -> Option<&str> {
        self.headers.get("client-request-id").and_then(|value| value.to_str().ok())
    }

    fn header(&self, name: &header::HeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Which operation it is, and what it says.
    pub(super) fn read(&self) -> Result<(&'static Operation, Asked), Unread> {
        let unread = |name: &str, code, why: String| Unread { name: name.to_owned(), code, why };
        let found = OPERATIONS.iter().find_map(|operation| {
            let is_it = operation.verb == self.verb.as_str();
            Some((operation, matched(operation.address, &self.path)?)).filter(|_| is_it)
        });
        let nothing = || format!("there is no operation {} {} here", self.verb, self.path);
        let (operation, path) = found.ok_or_else(|| unread(&self.path, "BadRequest", nothing()))?;
        let body = match operation.body {
            Body::None => Value::Null,
            Body::Form => self.form(),
            Body::Message if self.body.len() > LARGEST_MESSAGE => {
                let why = format!("{} bytes are more than the 28 KB of a message", self.body.len());
                return Err(unread(operation.name, "RequestEntityTooLarge", why));
            }
            Body::Message | Body::Subscription | Body::Expiry => {
                self.json().map_err(|why| unread(operation.name, "BadRequest", why))?
            }
        };
        let query = form_urlencoded::parse(self.query.as_bytes()).into_owned().collect();
        Ok((operation, Asked { path, query, body, address: self.path.clone(), ..Asked::default() }))
    }

    fn is(&self, content_type: &str) -> bool {
        self.header(&header::CONTENT_TYPE).to_ascii_lowercase().starts_with(content_type)
    }

    /// The fields of a form; nothing if it is none.
    fn form(&self) -> Value {
        if !self.is("application/x-www-form-urlencoded") {
            return Value::Null;
        }
        let fields = form_urlencoded::parse(&self.body).into_owned();
        fields.map(|(name, value)| (name, Value::from(value))).collect::<Map<_, _>>().into()
    }

    fn json(&self) -> Result<Value, String> {
        if !self.is("application/json") {
            return Err("the body must be application/json".to_owned());
        }
        serde_json::from_slice(&self.body).map_err(|error| format!("the body is no JSON: {error}"))
    }
}

/// The parts of a path that fits a template.
fn matched(template: &'static str, path: &str) -> Option<BTreeMap<&'static str, String>> {
    let (template, path): (Vec<&'static str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    if template.len() != path.len() {
        return None;
    }
    let mut parts = BTreeMap::new();
    for (wanted, given) in template.into_iter().zip(path) {
        match wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) if !given.is_empty() => drop(parts.insert(name, decoded(given))),
            None if wanted == given => {}
            _ => return None,
        }
    }
    Some(parts)
}

/// A segment of a path, read as it was meant.
fn decoded(segment: &str) -> String {
    // A plus sign stands for itself in a path.
    let form = format!("x={}", segment.replace('+', "%2B").replace('&', "%26"));
    form_urlencoded::parse(form.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::matched;

    #[test]
    fn a_path_fits_a_template_segment_by_segment() {
        let template = "/v1.0/teams/{team-id}/channels/{channel-id}";
        for path in ["/v1.0/teams/a/channels/19:b@thread.tacv2", "/v1.0/teams/a/channels/19%3Ab%40thread.tacv2"] {
            let parts = matched(template, path).unwrap();
            assert_eq!((parts["team-id"].as_str(), parts["channel-id"].as_str()), ("a", "19:b@thread.tacv2"));
        }
        for other in ["/v1.0/teams/a/channels", "/v1.0/teams//channels/b", "/beta/teams/a/channels/b"] {
            assert!(matched(template, other).is_none(), "{other}");
        }
    }
}
