//! How a source's requests are verified, as data: most providers are one row of [`HmacScheme`].
//!
//! A scheme is kept with its source as JSON, so that a provider's usual one can be adapted. Secrets are no part of it.

mod known;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use signature::Algorithm;

use crate::template::{Template, TemplateError};
pub(crate) use known::PYLON;
pub use known::{GITHUB, HUBSPOT_V3, JIRA_ADMIN, LINEAR, NOTION, PLAIN, SLACK};

/// A text that is constant in a preset and owned in a source of one's own.
pub type Text = Cow<'static, str>;

/// How requests are verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "scheme", rename_all = "snake_case")]
pub enum Scheme {
    /// `Stripe-Signature: t=…,v1=…` over `{t}.{body}`; 300 s; any of several `v1`. The whole secret is the key.
    Stripe,
    /// Standard Webhooks over `{id}.{timestamp}.{body}`; 300 s; headers `webhook-*` or, of Svix, `svix-*`. A secret is
    /// `whsec_…` (HMAC) or `whpk_…` (Ed25519).
    Standard,
    /// An HMAC of a form told by data.
    Hmac(HmacScheme),
    /// A secret in a header of its own, or an HMAC over `{timestamp}.{body}` in `Pylon-Webhook-Signature`, with or
    /// without `hs256=`; 300 s. Either will do; each live secret is tried as either. The body of these requests is
    /// written by the customer, and whether the support desk signs is not documented.
    Pylon {
        /// The header that carries the secret, possibly after `Bearer`.
        header: Text,
    },
    /// `X-Hub-Signature` over the body (webhooks of an administrator), or else a JSON Web Token signed by HS256 in
    /// `Authorization` (webhooks of an OAuth app), of which only signature and end are judged: it says nothing of the
    /// body.
    Jira,
    /// `X-HubSpot-Signature-v3` over method, address, body and time; 300 s.
    Hubspot {
        /// Whether `X-HubSpot-Signature` of version 1, without a time, will do where version 3 is absent.
        allow_v1: bool,
    },
    /// `Authorization: Basic`; a secret is `user:password`.
    Basic,
    /// A token, by itself or after a word.
    Bearer {
        /// The header that carries it: `authorization`, or one of one's own.
        header: Text,
        /// The word before it, `Bearer`; empty for none.
        prefix: Text,
    },
    /// ECDSA on P-256 over `{timestamp}{body}` with Twilio SendGrid's headers; a secret is the public key of the
    /// policy.
    Sendgrid {
        /// How far the timestamp may lie from our clock, in seconds. SendGrid tells no limit and tries for three days,
        /// so without one a time is not judged.
        tolerance_s: Option<i64>,
    },
}

/// An HMAC in a header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HmacScheme {
    /// The header that carries the signature. It may list several, with commas between.
    pub header: Text,
    /// What stands before a signature: `sha256=`, `v0=`; may be empty.
    pub prefix: Text,
    /// The hash function.
    pub algorithm: Algorithm,
    /// How the signature is written.
    pub encoding: Encoding,
    /// How the secret becomes the key.
    pub key: KeyForm,
    /// The signed text, see [`Template`]: `v0:{timestamp}:{body}`.
    pub template: Text,
    /// Where a time is found, if one is signed.
    pub timestamp: Option<TimestampRule>,
}

/// How a signature is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// Hex, in either case.
    Hex,
    /// Base64 of the standard alphabet, with or without padding.
    Base64,
}

/// How a secret becomes a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyForm {
    /// Its bytes as they are written.
    Text,
    /// The bytes behind its base64.
    Base64,
    /// The bytes behind its hex.
    Hex,
}

/// Where the time of a request is found, and how old it may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimestampRule {
    /// Where.
    pub place: TimestampPlace,
    /// In which unit.
    pub unit: Unit,
    /// How far it may lie from our clock, in seconds, either way; exactly so far is still good.
    pub tolerance_s: i64,
}

/// Where a time is found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimestampPlace {
    /// In the header of this name. It protects only if the template names it: `{timestamp}`.
    Header(Text),
    /// In the JSON body, at this JSON pointer (RFC 6901).
    Body(Text),
}

/// The unit of a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Unix seconds.
    Seconds,
    /// Unix milliseconds.
    Millis,
}

/// What makes a scheme unusable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemeError {
    /// The signed text is not readable.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// There is a name that no header can have.
    #[error("{0:?} is no name of a header")]
    Header(String),
    /// The signed text names a time, and no place says where it is.
    #[error("the signed text names {{timestamp}}, but no header is given for it")]
    NoTimestamp,
    /// A time is judged that is not signed, so that anyone could write it anew.
    #[error("the timestamp is not signed: the signed text has to name {{timestamp}}")]
    UnsignedTimestamp,
}

impl HmacScheme {
    /// Checks a scheme before it is kept.
    ///
    /// # Errors
    /// Says why it could not be used, or would not protect.
    pub fn check(&self) -> Result<(), SchemeError> {
        let template = Template::parse(&self.template)?;
        check_header(&self.header)?;
        template.headers().try_for_each(check_header)?;
        match self.timestamp.as_ref().map(|rule| &rule.place) {
            Some(TimestampPlace::Header(name)) => {
                check_header(name)?;
                if template.has_timestamp() { Ok(()) } else { Err(SchemeError::UnsignedTimestamp) }
            }
            _ if template.has_timestamp() => Err(SchemeError::NoTimestamp),
            _ => Ok(()),
        }
    }
}

/// A token (RFC 9110, section 5.6.2).
fn check_header(name: &str) -> Result<(), SchemeError> {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let good = !name.is_empty() && name.len() <= 100 && name.bytes().all(token);
    if good { Ok(()) } else { Err(SchemeError::Header(name.chars().take(100).collect())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_are_usable_and_survive_being_stored() {
        for row in [SLACK, GITHUB, LINEAR, JIRA_ADMIN, HUBSPOT_V3, NOTION, PYLON, PLAIN] {
            assert_eq!(row.check(), Ok(()), "{}", row.header);
            let stored = serde_json::to_string(&Scheme::Hmac(row.clone())).unwrap();
            assert_eq!(serde_json::from_str::<Scheme>(&stored).unwrap(), Scheme::Hmac(row));
        }
        let bearer = Scheme::Bearer { header: "x-token".into(), prefix: "".into() };
        assert_eq!(serde_json::to_string(&bearer).unwrap(), r#"{"scheme":"bearer","header":"x-token","prefix":""}"#);
    }

    #[test]
    fn what_would_not_protect_is_refused() {
        let unsigned = HmacScheme { template: "{body}".into(), ..PLAIN };
        assert_eq!(unsigned.check(), Err(SchemeError::UnsignedTimestamp));
        let nowhere = HmacScheme { timestamp: None, ..PLAIN };
        assert_eq!(nowhere.check(), Err(SchemeError::NoTimestamp));
        let nameless = HmacScheme { header: "x signature".into(), ..PLAIN };
        assert_eq!(nameless.check(), Err(SchemeError::Header("x signature".to_owned())));
        let bodiless = HmacScheme { template: "{timestamp}".into(), ..PLAIN };
        assert_eq!(bodiless.check(), Err(SchemeError::Template(TemplateError::NoBody)));
    }
}
