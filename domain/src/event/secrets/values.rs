//! What the shape of a text says, whatever its field is called.

use super::keys::Named;

/// Which bytes a prefix must be followed by.
type Alphabet = fn(&u8) -> bool;

const WORD: Alphabet = |b| b.is_ascii_alphanumeric() || *b == b'_';
const DASHED: Alphabet = |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
const DOTTED: Alphabet = |b| DASHED(b) || *b == b'.';
const BASE64: Alphabet = |b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
const CAPITALS: Alphabet = |b| b.is_ascii_uppercase() || b.is_ascii_digit();

/// Known beginnings, how many characters of which kind must follow at least, and what it is then.
const SHAPES: &[(&str, usize, Alphabet, &str)] = &[
    ("sk_live_", 16, WORD, "a Stripe secret key"),
    ("rk_live_", 16, WORD, "a Stripe restricted key"),
    ("whsec_", 24, BASE64, "a webhook signing secret"),
    ("xoxb-", 16, DASHED, "a Slack token"),
    ("xoxp-", 16, DASHED, "a Slack token"),
    ("xoxa-", 16, DASHED, "a Slack token"),
    ("xoxe-", 16, DASHED, "a Slack token"),
    ("xapp-", 16, DASHED, "a Slack token"),
    ("ghp_", 36, WORD, "a GitHub token"),
    ("gho_", 36, WORD, "a GitHub token"),
    ("ghu_", 36, WORD, "a GitHub token"),
    ("ghs_", 36, WORD, "a GitHub token"),
    ("ghr_", 36, WORD, "a GitHub token"),
    ("github_pat_", 36, WORD, "a GitHub token"),
    ("glpat-", 20, DASHED, "a GitLab token"),
    ("AKIA", 16, CAPITALS, "an AWS access key"),
    ("SG.", 40, DOTTED, "a SendGrid key"),
    ("shpat_", 32, WORD, "a Shopify token"),
    ("lin_api_", 32, WORD, "a Linear key"),
    ("pb_", 40, WORD, "a Patchbay API key"),
];

/// What the first secret in a raw string looks like.
pub(super) fn find(raw: &str, named: Option<Named>) -> Option<&'static str> {
    // Nothing below is shorter.
    if raw.len() < 13 {
        return None;
    }
    let bytes = raw.as_bytes();
    let mut at = 0;
    let mut before = Before::Gap;
    while let Some(&byte) = bytes.get(at) {
        if before != Before::Word {
            let rest = &bytes[at..];
            let found = match byte {
                b'0'..=b'9' => {
                    let run = digit_run(rest);
                    if before == Before::Gap
                        && named != Some(Named::Id)
                        && ends_a_card(&rest[run..])
                        && is_card(&rest[..run])
                    {
                        return Some("a card number");
                    }
                    at += run;
                    before = Before::Word;
                    continue;
                }
                b'-' => is_private_key(rest).then_some("a private key"),
                b'e' if before != Before::Joint => is_jwt(rest).then_some("a JSON Web Token"),
                b's' | b'r' | b'w' | b'x' | b'g' | b'A' | b'S' | b'l' | b'p' => shape(rest),
                _ => None,
            };
            if found.is_some() {
                return found;
            }
        }
        before = match byte {
            b' ' | b'(' | b':' | b',' => Before::Gap,
            b'\\' => {
                // An escape: `\n`, `\"`, or `\u` and four digits.
                at += if bytes.get(at + 1) == Some(&b'u') { 5 } else { 1 };
                Before::Gap
            }
            b'-' | b'.' => Before::Joint,
            b if b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80 => Before::Word,
            _ => Before::Sign,
        };
        at += 1;
    }
    None
}

/// What stands before a byte.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// The start, a blank, a bracket, a colon: a card number may follow.
    Gap,
    /// Another sign, as in paths and queries: a token may follow.
    Sign,
    /// A sign that a JSON Web Token may contain, so that none starts here. (If it did, a long text of
    /// beginnings would be read to its end from each of them.)
    Joint,
    /// A letter or digit: nothing starts here.
    Word,
}

/// Whether a text looks made by a machine to be unguessable: long, without blanks, letters and digits mixed.
pub(super) fn is_random(text: &str) -> bool {
    let (mut digits, mut letters) = (0, 0);
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'a'..=b'z' | b'A'..=b'Z' => letters += 1,
            b'-' | b'_' | b'.' | b'+' | b'/' | b'=' | b'~' => {}
            _ => return false,
        }
    }
    let card_token = text.starts_with("tok_") || text.starts_with("pm_");
    text.len() >= 20 && digits >= 2 && letters >= 6 && !card_token && !text.starts_with('/')
}

fn shape(rest: &[u8]) -> Option<&'static str> {
    SHAPES.iter().find_map(|(prefix, least, alphabet, what)| {
        let tail = rest.strip_prefix(prefix.as_bytes())?;
        (tail.len() >= *least && tail[..*least].iter().all(alphabet)).then_some(*what)
    })
}

fn is_private_key(rest: &[u8]) -> bool {
    rest.strip_prefix(b"-----BEGIN ").is_some_and(|tail| {
        let head = &tail[..tail.len().min(40)];
        head.windows(11).any(|window| window == b"PRIVATE KEY")
    })
}

/// Three parts in base64url, the first two being JSON objects.
fn is_jwt(rest: &[u8]) -> bool {
    if !rest.starts_with(b"eyJ") {
        return false;
    }
    let end = rest.iter().position(|b| !DOTTED(b)).unwrap_or(rest.len());
    let mut parts = rest[..end].split(|b| *b == b'.');
    let first = parts.next().is_some_and(|part| part.len() >= 10);
    let second = parts.next().is_some_and(|part| part.len() >= 10 && part.starts_with(b"eyJ"));
    first && second && parts.next().is_some_and(|part| part.len() >= 16)
}

/// How long the run of digits is, with single blanks or dashes between them.
fn digit_run(rest: &[u8]) -> usize {
    let joins = |at: usize| matches!(rest[at], b' ' | b'-') && rest.get(at + 1).is_some_and(u8::is_ascii_digit);
    (0..rest.len()).find(|at| !rest[*at].is_ascii_digit() && !joins(*at)).unwrap_or(rest.len())
}

/// Whether a card number can end before this: not within a code, a decimal or an address.
fn ends_a_card(tail: &[u8]) -> bool {
    match tail {
        [] => true,
        [b'_' | b'@' | b'/' | b'%', ..] => false,
        [b'.' | b'-', next, ..] => !next.is_ascii_alphanumeric(),
        [next, ..] => !next.is_ascii_alphanumeric(),
    }
}

/// Whether a run is a card number: grouped as on cards or 15 to 16 digits in one, of a known network, and
/// with a right check digit.
fn is_card(run: &[u8]) -> bool {
    let mut digits = [0; 19];
    let mut count = 0;
    for byte in run.iter().filter(|b| b.is_ascii_digit()) {
        let Some(slot) = digits.get_mut(count) else { return false };
        *slot = byte - b'0';
        count += 1;
    }
    let digits = &digits[..count];
    count >= 13 && has_card_groups(run) && is_issued(digits) && luhn(digits)
}

fn has_card_groups(run: &[u8]) -> bool {
    let mut groups = [0; 5];
    let mut count = 0;
    for group in run.split(|b| !b.is_ascii_digit()) {
        let Some(slot) = groups.get_mut(count) else { return false };
        *slot = group.len();
        count += 1;
    }
    matches!(groups[..count], [15 | 16] | [4, 4, 4, 4] | [4, 4, 4, 4, 3] | [4, 6, 5] | [4, 6, 4])
}

/// Whether the first digits belong to a card network that issues this length.
fn is_issued(digits: &[u8]) -> bool {
    let head = |n: usize| digits.iter().take(n).fold(0_u32, |sum, digit| sum * 10 + u32::from(*digit));
    match digits.len() {
        14 => matches!(head(3), 300..=305) || matches!(head(2), 36 | 38),
        15 => matches!(head(2), 34 | 37),
        16 => {
            head(1) == 4
                || matches!(head(2), 51..=55 | 62 | 65)
                || matches!(head(4), 2221..=2720 | 3528..=3589 | 6011)
                || matches!(head(3), 644..=649)
        }
        19 => head(1) == 4 || head(2) == 62,
        _ => false,
    }
}

/// The check digit of card numbers.
fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let value = u32::from(*digit) * (1 + place as u32 % 2);
            value / 10 + value % 10
        })
        .sum();
    sum.is_multiple_of(10)
}
