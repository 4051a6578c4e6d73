//! What a request says: which operation of which site, its parameters, its body.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Method as Verb, header};
use serde_json::{Map, Value, json};

use super::answer::Refusal;
use super::operations::{Body, OPERATIONS, Operation};

/// A request as it came in.
pub(super) struct Incoming {
    pub(super) verb: Verb,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// Who calls.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) user: String,
    pub(crate) grant: u64,
}

/// A request that was read.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// The cloud id of the site; empty at the authorization server.
    pub(crate) site: String,
    pub(super) caller: Option<Caller>,
    pub(super) path: BTreeMap<&'static str, String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Value,
    /// A list is to answer with an empty page.
    pub(super) empty_page: bool,
}

impl Asked {
    /// Who calls, which operations that need a token know.
    pub(crate) fn caller(&self) -> Result<&Caller, Refusal> {
        self.caller.as_ref().ok_or_else(Refusal::unauthorized)
    }

    /// A part of the path.
    pub(super) fn part(&self, name: &str) -> &str {
        self.path.get(name).map_or("", String::as_str)
    }

    /// A parameter, unless it is missing or empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        found.filter(|value| !value.is_empty())
    }

    /// A parameter that is a number.
    pub(super) fn number(&self, name: &str) -> Option<usize> {
        self.text(name)?.parse().ok()
    }

    /// A parameter that is a list: several times, or with commas.
    pub(super) fn list(&self, name: &str) -> Vec<String> {
        let all = self.query.iter().filter(|(known, _)| known == name).flat_map(|(_, value)| value.split(','));
        all.map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned).collect()
    }

    /// A page of a list by `startAt` and `maxResults`: the items, and what pages say of themselves.
    pub(super) fn page<T>(&self, items: Vec<T>, usual: usize, most: usize) -> (Vec<T>, usize, usize, usize) {
        let (start, total) = (self.number("startAt").unwrap_or(0), items.len());
        let size = self.number("maxResults").unwrap_or(usual).min(most);
        let shown = if self.empty_page { 0 } else { size };
        (items.into_iter().skip(start).take(shown).collect(), start, size, total)
    }

    /// What may be remembered of it.
    pub(super) fn without_secrets(&self) -> Value {
        let is_open = |name: &str| !["client_secret", "refresh_token", "code"].contains(&name);
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
    pub(super) status: u16,
    pub(super) why: String,
}

impl Incoming {
    /// The bearer token.
    pub(super) fn bearer(&self) -> Option<&str> {
        Some(self.header(header::AUTHORIZATION).strip_prefix("Bearer ")?.trim())
    }

    /// The e-mail address and the API token.
    pub(super) fn basic(&self) -> Option<(String, String)> {
        let encoded = self.header(header::AUTHORIZATION).strip_prefix("Basic ")?.trim();
        let pair = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
        pair.split_once(':').map(|(email, token)| (email.to_owned(), token.to_owned()))
    }

    /// The host that was asked, with its port.
    pub(super) fn host(&self) -> &str {
        self.header(header::HOST)
    }

    fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Which operation it is, and what it says. `own` is the site whose own address was asked, if one was.
    pub(super) fn read(&self, own: Option<&str>) -> Result<(&'static Operation, Asked), Unread> {
        let (site, path) = match own {
            Some(own) => (Some(own), self.path.as_str()),
            None => self.place(),
        };
        let unread = |name: &str, status, why: String| Unread { name: name.to_owned(), status, why };
        let found = OPERATIONS.iter().find_map(|operation| {
            let is_it = operation.verb == self.verb.as_str() && operation.is_of_site == site.is_some();
            Some((operation, matched(operation.path, path)?)).filter(|_| is_it)
        });
        let (operation, parts) =
            found.ok_or_else(|| unread(path, 404, format!("there is no operation {} {path} here", self.verb)))?;
        let body = match operation.body {
            Body::None => Value::Null,
            _ => self.json().map_err(|(status, why)| unread(operation.name, status, why))?,
        };
        let query = form_urlencoded::parse(self.query.as_bytes()).into_owned().collect();
        let site = site.unwrap_or_default().to_owned();
        Ok((operation, Asked { site, path: parts, query, body, ..Asked::default() }))
    }

    /// The site, if it is an address of one, and the path within.
    fn place(&self) -> (Option<&str>, &str) {
        let within = self.path.strip_prefix("/ex/jira/").and_then(|rest| {
            let at = rest.find('/')?;
            Some((&rest[..at], &rest[at..]))
        });
        within.map_or((None, &self.path), |(site, path)| (Some(site), path))
    }

    fn json(&self) -> Result<Value, (u16, String)> {
        if !self.header(header::CONTENT_TYPE).to_ascii_lowercase().starts_with("application/json") {
            return Err((415, "the body must be application/json".to_owned()));
        }
        serde_json::from_slice(&self.body).map_err(|error| (400, format!("the body is no JSON: {error}")))
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
        let template = "/rest/api/3/issue/{issueIdOrKey}/properties/{propertyKey}";
        let parts = matched(template, "/rest/api/3/issue/ED-1/properties/a%2Fb+c").unwrap();
        assert_eq!((parts["issueIdOrKey"].as_str(), parts["propertyKey"].as_str()), ("ED-1", "a/b+c"));
        for other in
            ["/rest/api/3/issue/ED-1/properties", "/rest/api/3/issue//properties/a", "/rest/api/2/issue/1/properties/a"]
        {
            assert!(matched(template, other).is_none(), "{other}");
        }
    }
}
