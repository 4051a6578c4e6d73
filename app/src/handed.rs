//! What an attempt's page hands over to the signature debugger: headers and body, behind the `#` of the address, which
//! browsers keep to themselves. Never a secret.

use crate::log_url::{decode, encode};

/// Where the debugger is.
pub const DEBUGGER: &str = "/developers/signature";
/// Longer bodies are not handed over: browsers cut addresses.
const LONGEST: usize = 128 * 1024;

/// Headers and body of a message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Handed {
    /// One header per line.
    pub headers: String,
    /// The body.
    pub body: String,
}

impl Handed {
    /// A message as an attempt sent it.
    #[must_use]
    pub fn new(headers: &[(String, String)], body: &str) -> Self {
        let lines: Vec<_> = headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let body = if body.len() <= LONGEST { body } else { "" };
        Self { headers: lines.join("\n"), body: body.to_owned() }
    }

    /// The address of the debugger that is handed this.
    #[must_use]
    pub fn href(&self) -> String {
        format!("{DEBUGGER}#headers={}&body={}", encode(&self.headers), encode(&self.body))
    }

    /// Reads the part of the address behind the `#`; none if it hands nothing over.
    #[must_use]
    pub fn read(hash: &str) -> Option<Self> {
        let value = |name: &str| {
            let mut pairs = hash.trim_start_matches('#').split('&');
            pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).map(decode)
        };
        let (headers, body) = (value("headers"), value("body"));
        (headers.is_some() || body.is_some())
            .then(|| Self { headers: headers.unwrap_or_default(), body: body.unwrap_or_default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_handed_over_is_read_again_and_never_in_the_query() {
        let body = "{\"note\":\"Zoë & co, 100 %\\n#1 =\"}";
        let headers =
            [("webhook-id".to_owned(), "evt_1".to_owned()), ("webhook-signature".to_owned(), "v1,a+b/c=".to_owned())];
        let handed = Handed::new(&headers, body);
        assert_eq!(handed.headers, "webhook-id: evt_1\nwebhook-signature: v1,a+b/c=");
        let href = handed.href();
        assert!(href.starts_with("/developers/signature#headers=") && !href.contains('?'), "{href}");
        assert_eq!(Handed::read(href.split_once('#').expect("a fragment").1), Some(handed));
    }

    #[test]
    fn an_address_that_hands_nothing_over_is_none() {
        for hash in ["", "#", "#check", "#head=1"] {
            assert_eq!(Handed::read(hash), None, "{hash}");
        }
    }

    #[test]
    fn a_body_that_is_too_long_for_an_address_stays_behind() {
        let handed = Handed::new(&[], &"x".repeat(LONGEST + 1));
        assert_eq!(handed.body, "");
    }
}
