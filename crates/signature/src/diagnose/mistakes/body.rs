//! What can have happened to the body between signing and verifying.

use super::Mistake;

/// What to do about most of them.
const RAW: &str = "Verify the raw bytes of the request, before any framework parses them, and parse afterwards.";

pub(in super::super) const EMPTY: Mistake = Mistake::new(
    "body_empty",
    "The body is empty",
    "Only a message without a body is signed over nothing. Often a framework has read the body already, and a second reading finds nothing.",
    RAW,
);
pub(in super::super) const SIGNED_EMPTY: Mistake = Mistake::new(
    "body_signed_empty",
    "The signature was made over an empty body",
    "The signing program saw no body: it was read before, or added after signing.",
    "Sign the very bytes that are sent.",
);
pub(in super::super) const REFORMATTED: Mistake = Mistake::new(
    "body_reformatted",
    "The body was parsed and written again",
    "The signature matches the same JSON {}. The spaces and line breaks differ from what was signed.",
    RAW,
);
pub(in super::super) const KEYS_SORTED: Mistake = Mistake::new(
    "body_keys_sorted",
    "The keys of the body are in another order",
    "The signature matches the same JSON with its keys in alphabetical order. The body was parsed and written again.",
    RAW,
);
pub(in super::super) const KEYS_LOOK_SORTED: Mistake = Mistake::new(
    "body_keys_look_sorted",
    "The keys of the body are in alphabetical order",
    "Few senders sort them: a framework may have parsed the body and written it again in an order of its own.",
    RAW,
);
pub(in super::super) const ESCAPES: Mistake = Mistake::new(
    "body_escapes",
    "Characters of the body are escaped in another way",
    "The signature matches the same JSON with {}. The body was parsed and written again.",
    RAW,
);
pub(in super::super) const NEWLINE_ADDED: Mistake = Mistake::new(
    "body_newline_added",
    "There is a line break too many at the end of the body",
    "The signature matches the body without it. Editors and echo add one.",
    "Remove the line break at the end; in a shell, use printf %s instead of echo.",
);
pub(in super::super) const NEWLINE_MISSING: Mistake = Mistake::new(
    "body_newline_missing",
    "A line break at the end of the body is missing",
    "The signature matches the body with a line break after it. Something trimmed the body.",
    RAW,
);
pub(in super::super) const BLANKS: Mistake = Mistake::new(
    "body_blanks",
    "There are blanks around the body",
    "The signature matches the body without the spaces and line breaks around it.",
    "Paste or read the body without adding anything.",
);
pub(in super::super) const CRLF: Mistake = Mistake::new(
    "body_line_endings_lf",
    "The line breaks of the body were changed",
    "The signature matches the body with line breaks of two characters (CR LF); here they have one (LF). Text fields and text-mode files rewrite them.",
    RAW,
);
pub(in super::super) const LF: Mistake = Mistake::new(
    "body_line_endings_crlf",
    "The line breaks of the body were changed",
    "The signature matches the body with line breaks of one character (LF); here they have two (CR LF). Windows tools and text-mode files rewrite them.",
    RAW,
);
pub(in super::super) const MARK_ADDED: Mistake = Mistake::new(
    "body_mark_added",
    "There is a byte order mark in front of the body",
    "The signature matches the body without the invisible character U+FEFF that some editors write first.",
    "Remove the mark: save the file as UTF-8 without BOM.",
);
pub(in super::super) const MARK_MISSING: Mistake = Mistake::new(
    "body_mark_missing",
    "The byte order mark of the body is missing",
    "The signature matches the body with the invisible character U+FEFF in front; the reader removed it.",
    RAW,
);
pub(in super::super) const HTML_ESCAPED: Mistake = Mistake::new(
    "body_html_escaped",
    "The body is escaped for HTML",
    "The signature matches the body with &quot;, &amp; and the like turned back into characters. It was probably copied from a page's source or a log view.",
    "Use the body as received, not as shown in a page.",
);
pub(in super::super) const HTML_UNESCAPED: Mistake = Mistake::new(
    "body_html_unescaped",
    "The body was signed escaped for HTML",
    "The signature matches the body with its quotes and angle brackets written as &quot;, &lt; and the like.",
    "Sign the very bytes that are sent.",
);
pub(in super::super) const ENCODED_TWICE: Mistake = Mistake::new(
    "body_encoded_twice",
    "The body is JSON inside a JSON string",
    "The signature matches what the string holds. The body was encoded as JSON a second time.",
    RAW,
);
pub(in super::super) const SIGNED_ENCODED_TWICE: Mistake = Mistake::new(
    "body_signed_encoded_twice",
    "The body was signed as JSON inside a JSON string",
    "The signing program encoded the body as JSON a second time before signing it.",
    "Sign the very bytes that are sent.",
);
pub(in super::super) const CUT: Mistake = Mistake::new(
    "body_cut",
    "The body is not whole",
    "It begins like JSON but cannot be read to its end. It may have been cut when it was logged or copied.",
    "Use the whole body as received.",
);
pub(in super::super) const CHANGED: Mistake = Mistake::new(
    "body_changed",
    "The body may have been changed",
    "A single different character makes another signature, and none of the usual changes explains this one. Numbers written in another way, removed fields and changed values cannot be guessed.",
    RAW,
);
