//! What a request to a method says: fields from the address, a form or JSON, each as the kind of value it should be.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Method as Verb, header};
use serde_json::{Map, Value};

use super::methods::{Kind, Method};

/// A request as it came in.
pub(super) struct Incoming {
    pub(super) verb: Verb,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// The fields of a request.
#[derive(Debug, Clone, Default)]
pub(crate) struct Arguments {
    pub(crate) values: Map<String, Value>,
    /// What is wrong with how they came.
    pub(super) complaints: Vec<String>,
    /// What Slack would have better, but takes.
    pub(super) warnings: Vec<&'static str>,
}

impl Arguments {
    /// A text, unless it is missing or empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// A flag; missing is false.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.values.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    /// A number.
    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        self.values.get(name).and_then(Value::as_i64)
    }

    /// A list; missing is empty.
    pub(crate) fn list(&self, name: &str) -> Vec<Value> {
        self.values.get(name).and_then(Value::as_array).cloned().unwrap_or_default()
    }

    /// The fields without what nobody should keep.
    pub(super) fn without_secrets(&self) -> Value {
        let is_open = |name: &str| !["token", "client_secret", "refresh_token", "code"].contains(&name);
        let open = self.values.iter().filter(|(name, _)| is_open(name));
        open.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>().into()
    }
}

impl Incoming {
    /// Reads the fields; an error is Slack's code for a body that it cannot read.
    pub(super) fn arguments(&self, method: &Method) -> Result<Arguments, &'static str> {
        let mut arguments = Arguments::default();
        if form_urlencoded::parse(self.query.as_bytes()).any(|(name, _)| name == "token" || name == "client_secret") {
            arguments.complaints.push("a secret in the address: it belongs in the Authorization header".to_owned());
        }
        arguments.fields(method, self.query.as_bytes());
        if self.verb != Verb::GET {
            self.read_body(method, &mut arguments)?;
        }
        if let Some((id, secret)) = self.basic() {
            arguments.values.insert("client_id".to_owned(), id.into());
            arguments.values.insert("client_secret".to_owned(), secret.into());
        }
        Ok(arguments)
    }

    /// The bearer token.
    pub(super) fn bearer(&self) -> Option<String> {
        Some(self.header(header::AUTHORIZATION).strip_prefix("Bearer ")?.trim().to_owned())
    }

    fn basic(&self) -> Option<(String, String)> {
        let encoded = self.header(header::AUTHORIZATION).strip_prefix("Basic ")?;
        let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
        let (id, secret) = text.split_once(':')?;
        Some((id.to_owned(), secret.to_owned()))
    }

    fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    fn read_body(&self, method: &Method, arguments: &mut Arguments) -> Result<(), &'static str> {
        let whole = self.header(header::CONTENT_TYPE).to_ascii_lowercase();
        let kind = whole.split(';').next().unwrap_or_default().trim();
        match kind {
            "" if self.body.is_empty() => Ok(()),
            "" => Err("missing_post_type"),
            "application/x-www-form-urlencoded" => {
                arguments.fields(method, &self.body);
                Ok(())
            }
            "application/json" if method.takes_json => {
                if !whole.contains("charset") {
                    arguments.warnings.push("missing_charset");
                }
                let value: Value = serde_json::from_slice(&self.body).map_err(|_| "invalid_json")?;
                let Value::Object(values) = value else { return Err("json_not_object") };
                arguments.values.extend(values);
                Ok(())
            }
            _ => Err("invalid_post_type"),
        }
    }
}

impl Arguments {
    /// Takes over fields of a form, each read as the kind it should be; what cannot be read so stays text.
    fn fields(&mut self, method: &Method, form: &[u8]) {
        for (name, text) in form_urlencoded::parse(form) {
            let kind = method.parameter(&name).map_or(Kind::Text, |parameter| parameter.kind);
            let read = match (kind, text.as_ref()) {
                (Kind::Flag, "true" | "1") => Some(true.into()),
                (Kind::Flag, "false" | "0") => Some(false.into()),
                (Kind::Number, text) => text.parse::<i64>().ok().map(Value::from),
                (Kind::Json, text) => serde_json::from_str(text).ok(),
                _ => None,
            };
            let value = read.unwrap_or_else(|| text.into_owned().into());
            self.values.insert(name.into_owned(), value);
        }
    }
}
