//! `application/x-www-form-urlencoded`, written so that no copy of a secret is left behind.

use form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

/// Names and values as a form.
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

/// The client's id and secret as one word for Basic authentication, each encoded as in a form
/// (RFC 6749, section 2.3.1).
pub(crate) fn id_and_secret(id: &str, secret: &str) -> Zeroizing<String> {
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
    fn a_colon_in_the_id_does_not_end_it() {
        assert_eq!(*id_and_secret("a:b", "c:d e"), "a%3Ab:c%3Ad+e");
    }
}
