//! Forms and the client's proof, written so that no copy of a secret is left behind.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use form_urlencoded::byte_serialize;
use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue};
use serde::Serializer as _;
use zeroize::Zeroizing;

use crate::secret::{Secret, header};

/// Names and values as `application/x-www-form-urlencoded`.
pub(crate) fn encode<'a>(pairs: &[(&'a str, &'a str)]) -> Zeroizing<String> {
    let longest = pairs.iter().map(|(name, value)| 3 * (name.len() + value.len()) + 2).sum();
    let mut form = Zeroizing::new(String::with_capacity(longest));
    for (name, value) in pairs {
        if !form.is_empty() {
            form.push('&');
        }
        form.extend(byte_serialize(name.as_bytes()));
        form.push('=');
        form.extend(byte_serialize(value.as_bytes()));
    }
    form
}

/// Names and values as a JSON object of texts.
pub(crate) fn encode_json(pairs: &[(&str, &str)]) -> Zeroizing<Vec<u8>> {
    let longest = pairs.iter().map(|(name, value)| 6 * (name.len() + value.len()) + 6).sum::<usize>() + 2;
    let mut object = Zeroizing::new(Vec::with_capacity(longest));
    serde_json::Serializer::new(&mut *object)
        .collect_map(pairs.iter().copied())
        .expect("text can always be written to memory");
    object
}

/// The header that proves the client by its id and secret.
pub(crate) fn basic(id: &str, secret: &Secret) -> (HeaderName, HeaderValue) {
    let word = id_and_secret(id, secret.expose());
    let mut value = Zeroizing::new(String::with_capacity("Basic ".len() + word.len().div_ceil(3) * 4));
    value.push_str("Basic ");
    STANDARD.encode_string(word.as_bytes(), &mut value);
    (AUTHORIZATION, header(value).expect("base64 can stand in a header"))
}

/// The client's id and secret as one word for Basic authentication, each encoded as in a form
/// (RFC 6749, section 2.3.1).
fn id_and_secret(id: &str, secret: &str) -> Zeroizing<String> {
    let mut word = Zeroizing::new(String::with_capacity(3 * (id.len() + secret.len()) + 1));
    word.extend(byte_serialize(id.as_bytes()));
    word.push(':');
    word.extend(byte_serialize(secret.as_bytes()));
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_encoded_as_browsers_do() {
        assert_eq!(*encode(&[]), "");
        assert_eq!(*encode(&[("a", "b c"), ("ä", "&=+%*-._~")]), "a=b+c&%C3%A4=%26%3D%2B%25*-._%7E");
    }

    #[test]
    fn the_form_never_outgrows_its_first_buffer() {
        let form = encode(&[("\u{1F980}", "&&&&&&&&"), ("=", "=")]);
        assert!(form.capacity() >= form.len());
        assert_eq!(form.capacity(), 3 * (4 + 8) + 2 + 3 * 2 + 2);
    }

    #[test]
    fn json_holds_the_same_texts_and_never_outgrows_its_first_buffer() {
        assert_eq!(encode_json(&[]).as_slice(), b"{}");
        assert_eq!(encode_json(&[("a", "b \"c\""), ("d", "e")]).as_slice(), br#"{"a":"b \"c\"","d":"e"}"#);
        let object = encode_json(&[("\u{1}", "\u{1}\u{2}\u{1F980}")]);
        assert!(object.len() <= object.capacity());
        assert_eq!(object.capacity(), 6 * (1 + 6) + 6 + 2);
    }

    #[test]
    fn a_colon_in_the_id_does_not_end_it() {
        assert_eq!(*id_and_secret("a:b", "c:d e"), "a%3Ab:c%3Ad+e");
    }
}
