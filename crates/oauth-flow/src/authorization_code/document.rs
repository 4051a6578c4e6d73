//! A provider's answer, and what is made of it: what the standard says, in the standard's words.
//!
//! Read with patience: forms in place of JSON, numbers in text, scopes with commas or as a list,
//! errors with status 200, `ok: false`, codes in other fields than `error`. All text of an answer is
//! wiped when it is dropped.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use zeroize::Zeroize as _;

use super::layout::STAND_IN;
use super::provider::Provider;
use crate::error::{TokenError, blotted, tidy};
use crate::exchange::Answer;
use crate::secret::Secret;

/// What is believed of a lifetime at most, in seconds: a century. Some providers mean ten years.
const LONGEST_LIFE: f64 = 3_155_760_000.0;

/// An answer that is an object.
pub(super) struct Document(Map<String, Value>);

impl Document {
    /// Reads an answer with an access token in it, or says why there is none. No secret of the
    /// request is repeated in the error.
    pub(super) fn read(answer: &Answer, secrets: &[&Secret]) -> Result<Self, TokenError> {
        let status = answer.status;
        let good = (200..300).contains(&status);
        let Some(document) = Self::parse(&answer.body) else {
            return Err(if good { TokenError::Unreadable { status } } else { TokenError::Status(status) });
        };
        if good && !document.is_not_ok() && document.text("access_token").is_some() {
            return Ok(document);
        }
        Err(document.refusal(status, good, secrets))
    }

    /// Reads whether a request without an answer of its own, such as a revocation, was honoured.
    pub(super) fn accepted(answer: &Answer, secrets: &[&Secret]) -> Result<(), TokenError> {
        let status = answer.status;
        let good = (200..300).contains(&status);
        match Self::parse(&answer.body) {
            Some(document) if !good || document.is_not_ok() => Err(document.refusal(status, good, secrets)),
            None if !good => Err(TokenError::Status(status)),
            _ => Ok(()),
        }
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii();
        match bytes.first()? {
            b'{' => serde_json::from_slice(bytes).ok().map(Self),
            b'a'..=b'z' => Self::parse_form(bytes),
            _ => None,
        }
    }

    /// A form is only believed to be one if it says what token servers say.
    fn parse_form(bytes: &[u8]) -> Option<Self> {
        let pairs = form_urlencoded::parse(bytes);
        let document =
            Self(pairs.map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))).collect());
        ["access_token", "error"].iter().any(|name| document.text(name).is_some()).then_some(document)
    }

    /// The answer as the standard words it, for `oauth2` to read: with stand-ins for tokens.
    pub(super) fn standard(&self) -> Vec<u8> {
        let mut standard = json!({
            "access_token": STAND_IN,
            "token_type": self.text("token_type").map_or("bearer", str::trim),
            "expires_in": self.lifetime(),
            "scope": self.scopes().map(|scopes| scopes.join(" ")),
        });
        if self.text("refresh_token").is_some() {
            standard["refresh_token"] = STAND_IN.into();
        }
        standard.to_string().into_bytes()
    }

    /// Takes a text out.
    pub(super) fn take(&mut self, name: &str) -> Option<Secret> {
        match self.0.remove(name) {
            Some(Value::String(text)) if !text.trim().is_empty() => Some(Secret::from(text)),
            _ => None,
        }
    }

    /// What is left when the standard's fields and all secrets are taken out, and the claims that the provider's id token makes.
    pub(super) fn extra(mut self, provider: &Provider) -> Value {
        let claims = self.claims(provider.claims);
        let mut rest = Value::Object(std::mem::take(&mut self.0));
        for pointer in provider.secret_fields {
            if let Some(secret) = rest.pointer_mut(pointer) {
                wipe(secret);
                secret.take();
            }
        }
        if let Value::Object(fields) = &mut rest {
            for name in ["ok", "token_type", "expires_in", "scope", "scopes"] {
                fields.remove(name);
            }
            if let Some(claims) = claims {
                fields.insert("claims".to_owned(), claims);
            }
        }
        strip(&mut rest);
        rest
    }

    /// Those claims of an id token (a JWT) that are asked for, if there is one. Its signature is not looked at: whoever gets it
    /// straight from the token endpoint, by TLS, may trust it for that (OpenID Connect Core 1.0, section 3.1.3.7, point 6).
    fn claims(&self, names: &[&str]) -> Option<Value> {
        if names.is_empty() {
            return None;
        }
        let claims = URL_SAFE_NO_PAD.decode(self.text("id_token")?.split('.').nth(1)?).ok()?;
        let claims: Value = serde_json::from_slice(&claims).ok()?;
        let kept = names.iter().filter_map(|name| Some(((*name).to_owned(), claims.get(*name)?.clone())));
        Some(Value::Object(kept.collect()))
    }

    fn is_not_ok(&self) -> bool {
        self.0.get("ok") == Some(&Value::Bool(false))
    }

    fn text(&self, name: &str) -> Option<&str> {
        text(self.0.get(name))
    }

    /// In seconds. Zero is taken for "does not say", which is what those who send it mean.
    fn lifetime(&self) -> Option<u64> {
        let seconds = match self.0.get("expires_in")? {
            Value::Number(number) => number.as_f64()?,
            Value::String(text) => text.trim().parse::<f64>().ok()?,
            _ => return None,
        };
        // No fraction, no sign, nothing above the greatest: the cast loses nothing that counts.
        (seconds >= 1.0 && seconds.is_finite()).then(|| seconds.min(LONGEST_LIFE) as u64)
    }

    /// The scopes granted, if the answer says: a text or a list, in `scope` or `scopes`.
    fn scopes(&self) -> Option<Vec<&str>> {
        fn each(text: &str) -> impl Iterator<Item = &str> {
            text.split([' ', ',', '\t', '\n']).filter(|scope| !scope.is_empty())
        }
        match self.0.get("scope").filter(|scope| !scope.is_null()).or_else(|| self.0.get("scopes"))? {
            Value::String(text) => Some(each(text).collect()),
            Value::Array(list) => Some(list.iter().filter_map(Value::as_str).flat_map(each).collect()),
            _ => None,
        }
    }

    fn refusal(&self, status: u16, good: bool, secrets: &[&Secret]) -> TokenError {
        let tidy = |text: &str| tidy(&blotted(text, secrets.iter().map(|secret| secret.expose())));
        match (self.code(), self.description()) {
            (Some(code), words) => TokenError::Refused { status, code: tidy(code), description: words.map(tidy) },
            (None, _) if good => TokenError::MissingToken,
            (None, Some(words)) => {
                TokenError::Refused { status, code: status.to_string(), description: Some(tidy(words)) }
            }
            (None, None) => TokenError::Status(status),
        }
    }

    /// The error's code: where the standard has it, or where this or that provider has it.
    fn code(&self) -> Option<&str> {
        let error = self.0.get("error");
        let within = |name| text(error?.get(name));
        let status = self.text("status").filter(|status| *status != "error");
        text(error).or(within("code")).or(within("type")).or(self.text("code")).or(status)
    }

    fn description(&self) -> Option<&str> {
        let message = self.0.get("error").and_then(|error| error.get("message"));
        let value = message.and_then(|message| message.get("value"));
        self.text("error_description").or(self.text("message")).or(text(message)).or(text(value))
    }
}

impl Drop for Document {
    fn drop(&mut self) {
        self.0.values_mut().for_each(wipe);
    }
}

fn text(value: Option<&Value>) -> Option<&str> {
    value?.as_str().filter(|text| !text.trim().is_empty())
}

/// Takes out, at any depth, what by its name is a token, a secret or a signature.
fn strip(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, value| {
                let kept = !is_secret(name);
                if kept {
                    strip(value)
                } else {
                    wipe(value)
                }
                kept
            });
        }
        Value::Array(list) => list.iter_mut().for_each(strip),
        _ => {}
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["token", "secret", "password", "signature", "assertion"].iter().any(|end| name.ends_with(end))
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(list) => list.iter_mut().for_each(wipe),
        Value::Object(fields) => fields.values_mut().for_each(wipe),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oauth2_is_told_no_token() {
        let body = r#"{"access_token":"s3cret","refresh_token":"s3cret","id_token":"s3cret","expires_in":"60",
            "token_type":" Bearer ","scope":"a,b","team":{"id":7}}"#;
        let document = Document::read(&Answer { status: 200, body: body.into() }, &[]).ok().unwrap();
        let standard: Value = serde_json::from_slice(&document.standard()).unwrap();
        let expected = json!({ "access_token": "stand-in", "refresh_token": "stand-in", "token_type": "Bearer",
            "expires_in": 60, "scope": "a b" });
        assert_eq!(standard, expected);
    }

    #[test]
    fn the_claims_asked_for_are_kept_of_an_id_token_and_the_token_is_not() {
        let claims = json!({ "tid": "t", "oid": "o", "nonce": "n", "name": 7 });
        let id_token = format!("e30.{}.signature", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let extra = |id_token: &str, names: &'static [&'static str]| {
            let body = json!({ "access_token": "a", "id_token": id_token }).to_string();
            let document = Document::read(&Answer { status: 200, body: body.into() }, &[]).ok().unwrap();
            document.extra(&Provider { claims: names, ..Provider::new("https://a", "https://b") })
        };
        let kept = extra(&id_token, &["tid", "oid", "name", "email"]);
        assert_eq!(kept, json!({ "claims": { "tid": "t", "oid": "o", "name": 7 } }));
        assert_eq!(extra(&id_token, &[]), json!({}));
        for wrong in ["", "a.b.c", "e30", "e30.!.x"] {
            assert_eq!(extra(wrong, &["tid"]), json!({}), "{wrong}");
        }
    }
}
