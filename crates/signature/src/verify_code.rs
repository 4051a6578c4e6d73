//! The receiver's side, as complete programs to copy. The tests of this crate run every one of them.

/// Programs that verify a webhook signed by Standard Webhooks, in the order they are offered: the language in URLs and
/// ids, the language for people, and the code.
///
/// Each has a function `verify(secret, headers, body)` to take over, and a small main that reads the secret from
/// `WEBHOOK_SECRET`, the headers from `WEBHOOK_ID`, `WEBHOOK_TIMESTAMP` and `WEBHOOK_SIGNATURE`, and the body from its
/// input, and exits with 0 if the signature holds, else with 1.
pub const VERIFY_CODE: &[(&str, &str, &str)] = &[
    ("shell", "OpenSSL", include_str!("../verify-code/verify.sh")),
    ("javascript", "JavaScript", include_str!("../verify-code/verify.mjs")),
    ("python", "Python", include_str!("../verify-code/verify.py")),
    ("go", "Go", include_str!("../verify-code/verify.go")),
    ("rust", "Rust", include_str!("../verify-code/verify.rs")),
    ("php", "PHP", include_str!("../verify-code/verify.php")),
    ("ruby", "Ruby", include_str!("../verify-code/verify.rb")),
];
