//! Addresses of e-mail: out of headers, and out of the objects that providers make of them.

use mail_parser::MessageParser;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::MOST;

/// Of a header with addresses, so many bytes are read.
const MAX_HEADER: usize = 64 * 1024;

/// An address and the name before it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// What its owner is called, if the message says.
    pub name: Option<String>,
    /// The address itself: `jane@example.net`.
    pub address: String,
}

impl Address {
    /// Reads a header (RFC 5322, section 3.4): `Jane <jane@example.net>, "Doe, John" <john@example.net>`.
    pub(super) fn list(header: &str) -> Vec<Self> {
        let line: String = header.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_HEADER).collect();
        let message = format!("To: {line}\r\n\r\n");
        let parsed = MessageParser::new().parse_headers(message.as_bytes());
        parsed.as_ref().and_then(|message| message.to()).map(Self::of_header).unwrap_or_default()
    }

    /// What a parsed header holds.
    pub(super) fn of_header(header: &mail_parser::Address<'_>) -> Vec<Self> {
        let one = |addr: &mail_parser::Addr<'_>| {
            let address = addr.address.as_deref().map(str::trim).filter(|address| !address.is_empty())?;
            Some(Self { name: named(addr.name.as_deref()), address: address.to_owned() })
        };
        header.iter().filter_map(one).take(MOST).collect()
    }

    /// Reads an object with a name and an address, or a text, as some providers send for others.
    pub(super) fn of_value(value: &Value) -> Option<Self> {
        if let Some(text) = value.as_str() {
            return Self::list(text).into_iter().next();
        }
        let text = |keys: [&str; 2]| keys.iter().find_map(|key| value.get(key)?.as_str());
        let address = text(["Address", "Email"]).map(str::trim).filter(|address| !address.is_empty())?;
        Some(Self { name: named(text(["Name", "name"])), address: address.to_owned() })
    }

    /// Reads a list of such objects.
    pub(super) fn of_values(value: Option<&Value>) -> Vec<Self> {
        let list = value.and_then(Value::as_array).into_iter().flatten();
        list.filter_map(Self::of_value).take(MOST).collect()
    }
}

fn named(name: Option<&str>) -> Option<String> {
    name.map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_with_their_names_and_commas() {
        let list =
            Address::list("\"Doe, John\" <john@example.net>, jane@example.net, =?utf-8?q?Zo=C3=AB?= <zoe@example.net>");
        let list: Vec<_> = list.iter().map(|one| (one.name.as_deref(), one.address.as_str())).collect();
        assert_eq!(
            list,
            [(Some("Doe, John"), "john@example.net"), (None, "jane@example.net"), (Some("Zoë"), "zoe@example.net")]
        );
        assert_eq!(Address::list(""), []);
        assert_eq!(Address::list("a@example.net\r\nBcc: b@example.net").len(), 1);
    }
}
