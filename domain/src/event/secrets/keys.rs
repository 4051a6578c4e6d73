//! What the name of a field says of its value.

use std::borrow::Cow;

/// What a field holds, going by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// Any text in it is a secret of this kind.
    Secret(&'static str),
    /// A word that is also used for harmless things: a secret if it looks random.
    Token,
    /// HTTP credentials, or the id of a payment's authorization.
    Authorization,
    /// The number of a payment card.
    CardNumber,
    /// Its check digits.
    CardCode,
    /// A social security number.
    SocialSecurity,
    /// An id: digits in it are nothing special.
    Id,
}

const PASSWORD: Named = Named::Secret("a password");
const SECRET: Named = Named::Secret("a secret");
const API_KEY: Named = Named::Secret("an API key");
const ACCESS: Named = Named::Secret("an access token");
const PRIVATE_KEY: Named = Named::Secret("a private key");

/// Names (whole, or their last words), in lower case with `_` between words, by their last letter.
const D: &[(&str, Named)] = &[("password", PASSWORD), ("passwd", PASSWORD), ("pwd", PASSWORD), ("id", Named::Id)];
const E: &[(&str, Named)] = &[("passphrase", PASSWORD), ("card_verification_value", Named::CardCode)];
const C: &[(&str, Named)] = &[("cvc", Named::CardCode)];
const V: &[(&str, Named)] = &[("cvv", Named::CardCode)];
const H: &[(&str, Named)] = &[("password_hash", Named::Secret("a password's hash"))];
const T: &[(&str, Named)] = &[
    ("secret", SECRET),
    ("clientsecret", SECRET),
    ("appsecret", SECRET),
    ("apisecret", SECRET),
    ("password_digest", Named::Secret("a password's hash")),
];
const Y: &[(&str, Named)] = &[
    ("api_key", API_KEY),
    ("apikey", API_KEY),
    ("secret_key", SECRET),
    ("secretkey", SECRET),
    ("secret_access_key", SECRET),
    ("signing_key", SECRET),
    ("encryption_key", SECRET),
    ("private_key", PRIVATE_KEY),
    ("privatekey", PRIVATE_KEY),
];
const N: &[(&str, Named)] = &[
    ("access_token", ACCESS),
    ("accesstoken", ACCESS),
    ("refresh_token", Named::Secret("a refresh token")),
    ("refreshtoken", Named::Secret("a refresh token")),
    ("auth_token", ACCESS),
    ("authtoken", ACCESS),
    ("bearer_token", ACCESS),
    ("api_token", ACCESS),
    ("session_token", ACCESS),
    ("oauth_token", ACCESS),
    ("bot_token", ACCESS),
    ("reset_token", Named::Token),
    ("login_token", Named::Token),
    ("authorization", Named::Authorization),
    ("pan", Named::CardNumber),
    ("ssn", Named::SocialSecurity),
];
const S: &[(&str, Named)] = &[("ids", Named::Id)];
const R: &[(&str, Named)] = &[
    ("card_number", Named::CardNumber),
    ("cardnumber", Named::CardNumber),
    ("cc_number", Named::CardNumber),
    ("creditcard_number", Named::CardNumber),
    ("primary_account_number", Named::CardNumber),
    ("social_security_number", Named::SocialSecurity),
];

/// First words that make a question or an instruction of a name: `has_password`, `forgot_password`.
const QUESTIONS: &[&str] = &[
    "has", "is", "needs", "requires", "require", "required", "uses", "use", "can", "show", "hide", "allow", "forgot",
    "masked", "redacted",
];

/// The longest end of a name that is looked at, in bytes.
const LONGEST: usize = 64;

/// What a raw key says of its value.
pub(super) fn read(key: &str) -> Option<Named> {
    let key = decoded(key);
    let mut buffer = [0; LONGEST];
    let name = normal(key.as_bytes(), &mut buffer);
    // `cvv2`, `api_key_1`
    let name = match name {
        [rest @ .., b'_', b'0'..=b'9'] | [rest @ .., b'0'..=b'9'] => rest,
        whole => whole,
    };
    let list = match name.last()? {
        b'c' => C,
        b'd' => D,
        b'e' => E,
        b'h' => H,
        b'n' if name == b"token" => return Some(Named::Token),
        b'n' => N,
        b'r' => R,
        b's' => S,
        b't' => T,
        b'v' => V,
        b'y' => Y,
        _ => return None,
    };
    let ends =
        |word: &str| name.strip_suffix(word.as_bytes()).is_some_and(|rest| rest.is_empty() || rest.ends_with(b"_"));
    let (_, named) = list.iter().find(|(word, _)| ends(word))?;
    let asks =
        QUESTIONS.iter().any(|word| name.strip_prefix(word.as_bytes()).is_some_and(|rest| rest.starts_with(b"_")));
    (!asks).then_some(*named)
}

/// Whether a key wraps the value of the field around it.
pub(super) fn is_wrapper(key: &str) -> bool {
    ["from", "to", "old", "new", "before", "after", "previous", "current", "value"]
        .iter()
        .any(|word| key.eq_ignore_ascii_case(word))
}

/// A raw JSON string without its escapes.
pub(super) fn decoded(raw: &str) -> Cow<'_, str> {
    if !raw.contains('\\') {
        return Cow::Borrowed(raw);
    }
    serde_json::from_str(&format!("\"{raw}\"")).map_or(Cow::Borrowed(raw), Cow::Owned)
}

/// Lower case, with `_` between words: `clientSecret`, `X-Client-Secret` and `CLIENT_SECRET` all end in
/// `client_secret`. Of a long name the end.
fn normal<'b>(key: &[u8], buffer: &'b mut [u8; LONGEST]) -> &'b [u8] {
    // A name grows at most to twice its length.
    let key = &key[key.len().saturating_sub(LONGEST / 2)..];
    let mut length = 0;
    let mut push = |byte| {
        buffer[length] = byte;
        length += 1;
    };
    for (index, byte) in key.iter().enumerate() {
        let previous = index.checked_sub(1).map(|at| key[at]);
        match byte {
            b'A'..=b'Z' => {
                let after_small = previous.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
                let begins_word = previous.is_some_and(|b| b.is_ascii_uppercase())
                    && key.get(index + 1).is_some_and(u8::is_ascii_lowercase);
                if after_small || begins_word {
                    push(b'_');
                }
                push(byte.to_ascii_lowercase());
            }
            b'-' | b' ' | b'.' | b':' | b'/' => push(b'_'),
            other => push(*other),
        }
    }
    &buffer[..length]
}

impl Named {
    /// What a text in this field looks like, if it is a secret.
    pub(super) fn text(self, raw: &str) -> Option<&'static str> {
        let text = raw.trim();
        let digits = || text.bytes().filter(u8::is_ascii_digit).count();
        match self {
            Self::Secret(what) => (!text.is_empty() && !is_masked(text)).then_some(what),
            Self::Token => super::values::is_random(text).then_some("a token"),
            Self::Authorization => {
                let scheme = text.split(' ').next().unwrap_or_default();
                let known =
                    ["basic", "bearer", "digest", "token", "negotiate"].iter().any(|s| scheme.eq_ignore_ascii_case(s));
                (known && scheme.len() < text.len() && !is_masked(text)).then_some("credentials")
            }
            Self::CardNumber => {
                let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b' ' | b'-'));
                (plain && (12..=19).contains(&digits())).then_some("a card number")
            }
            Self::CardCode => {
                (matches!(text.len(), 3 | 4) && digits() == text.len()).then_some("a card's check digits")
            }
            Self::SocialSecurity => {
                let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b' ' | b'-'));
                (plain && digits() == 9).then_some("a social security number")
            }
            Self::Id => None,
        }
    }

    /// What a number in this field looks like, if it is a secret.
    pub(super) fn number(self, raw: &str) -> Option<&'static str> {
        match self {
            Self::CardNumber | Self::CardCode | Self::SocialSecurity => self.text(raw),
            // `"secret": 0` and `"token": 5` are settings; `"password": 12345678` is a password.
            Self::Secret(what) => (self == PASSWORD && raw.len() >= 6).then_some(what),
            Self::Token | Self::Authorization | Self::Id => None,
        }
    }
}

/// Whether a text stands for a secret that is not told.
fn is_masked(text: &str) -> bool {
    let bare = text.trim_matches(['[', ']', '<', '>', '(', ')', '{', '}']).to_ascii_lowercase();
    let words =
        ["redacted", "filtered", "masked", "hidden", "removed", "null", "none", "true", "false", "yes", "no", "n/a"];
    words.contains(&bare.as_str())
        || text.contains("***")
        || text.contains("•••")
        || text.contains("...")
        || text.contains('…')
        || bare.bytes().all(|b| b == b'x')
}
