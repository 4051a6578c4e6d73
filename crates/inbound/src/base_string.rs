//! What was signed, as far as a page may show it.

use serde::{Deserialize, Serialize};

/// Of a base string, so many bytes are shown.
const SHOWN: usize = 4096;

/// The signed text of one request, as far as it may be shown: never a secret, and of a long one the beginning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaseString {
    /// The text; what is no UTF-8 is replaced.
    pub text: String,
    /// Its whole length in bytes.
    pub bytes: usize,
    /// Whether `text` is only the beginning.
    pub cut: bool,
}

impl BaseString {
    /// That of these parts, all of which may be shown.
    pub(crate) fn of(parts: &[&[u8]]) -> Self {
        let mut shown = Shown::default();
        parts.iter().for_each(|part| shown.push(part));
        shown.into()
    }

    /// That of a secret and a body.
    pub(crate) fn after_secret(secret_bytes: usize, body: &[u8]) -> Self {
        let mut shown = Shown::default();
        shown.hidden("secret", secret_bytes);
        shown.push(body);
        shown.into()
    }
}

/// What is gathered to be shown.
#[derive(Default)]
pub(crate) struct Shown {
    text: Vec<u8>,
    bytes: usize,
    cut: bool,
}

impl Shown {
    pub(crate) fn push(&mut self, part: &[u8]) {
        let room = SHOWN.saturating_sub(self.text.len());
        self.text.extend_from_slice(&part[..part.len().min(room)]);
        self.cut |= part.len() > room;
        self.bytes += part.len();
    }

    /// Puts a name in the place of what is secret.
    pub(crate) fn hidden(&mut self, name: &str, bytes: usize) {
        self.push(format!("{{{name}}}").as_bytes());
        self.bytes = self.bytes - name.len() - 2 + bytes;
    }
}

impl From<Shown> for BaseString {
    fn from(shown: Shown) -> Self {
        Self { text: String::from_utf8_lossy(&shown.text).into_owned(), bytes: shown.bytes, cut: shown.cut }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_named_and_not_shown() {
        let hidden = BaseString::after_secret(6, b"body");
        assert_eq!((hidden.text.as_str(), hidden.bytes, hidden.cut), ("{secret}body", 10, false));
        let long = BaseString::of(&[b"ab", &[b'x'; SHOWN]]);
        assert_eq!((long.text.len(), long.bytes, long.cut), (SHOWN, SHOWN + 2, true));
    }
}
