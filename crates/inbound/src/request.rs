//! The inbound request as it came: nothing of it is read before it is verified, nothing changed.

use std::borrow::Cow;

use serde_json::{Map, Value};

/// A request that a provider posted to a source. The bytes of the body are those on the wire: a body that was parsed
/// and written again does not verify.
#[derive(Debug, Clone, Copy)]
pub struct InboundRequest<'a> {
    /// The method, in capitals: `POST`.
    pub method: &'a str,
    /// The whole address that the provider called, query included, as the provider knows it. Behind a proxy it has to
    /// be put together from the public address: some schemes sign it.
    pub url: &'a str,
    /// Names and values of the headers, in the order in which they came. Names may be written in any case.
    pub headers: &'a [(String, String)],
    /// The body.
    pub body: &'a [u8],
}

impl<'a> InboundRequest<'a> {
    /// The first header of that name, in whatever case, without blanks around it. `None` also where it is empty.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'a str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// The media type of the body without its parameters, in lower case: `application/json`.
    #[must_use]
    pub fn media_type(&self) -> Option<String> {
        let value = self.header("content-type")?;
        Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }

    /// A parameter of the media type, without quotes: `boundary`, `charset`.
    #[must_use]
    pub fn media_parameter(&self, name: &str) -> Option<&'a str> {
        let mut parameters = self.header("content-type")?.split(';').skip(1);
        parameters.find_map(|parameter| {
            let (key, value) = parameter.split_once('=')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
        })
    }

    /// The body as JSON. A form (`application/x-www-form-urlencoded`) is JSON in its field `payload`, as with GitHub
    /// and Slack, or else an object of its fields.
    ///
    /// # Errors
    /// It is neither.
    pub fn json(&self) -> Result<Value, serde_json::Error> {
        if self.media_type().as_deref() != Some("application/x-www-form-urlencoded") {
            return serde_json::from_slice(self.body);
        }
        let mut fields = Map::new();
        for (key, value) in form_urlencoded::parse(self.body) {
            if key == "payload" {
                return serde_json::from_str(&value);
            }
            fields.entry(key).or_insert_with(|| Value::String(Cow::into_owned(value)));
        }
        Ok(Value::Object(fields))
    }
}
