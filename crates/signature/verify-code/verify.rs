//! Verifies a webhook. `cargo add hmac@0.13 sha2@0.11 base64@0.22`
use std::collections::HashMap;
use std::io::Read;
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Whether a secret signed the body less than five minutes ago.
///
/// `secret` is `whsec_…`; several, separated by spaces, while one replaces another. The names in
/// `headers` are in lower case. `body` is the bytes as received, before any parsing.
pub fn verify(secret: &str, headers: &HashMap<String, String>, body: &[u8]) -> bool {
    let header = |name: &str| headers.get(name).map_or("", String::as_str);
    let (id, timestamp) = (header("webhook-id"), header("webhook-timestamp"));
    let seconds = match timestamp.parse::<u64>() {
        Ok(seconds) if seconds.to_string() == timestamp && !id.is_empty() => seconds,
        _ => return false,
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    if now.abs_diff(seconds) > 300 {
        return false;
    }

    let signed = [format!("{id}.{timestamp}.").as_bytes(), body].concat();
    let keys = secret.split_whitespace().filter_map(|word| {
        let key = STANDARD.decode(word.strip_prefix("whsec_").unwrap_or(word)).ok()?;
        Hmac::<Sha256>::new_from_slice(&key).ok().filter(|_| !key.is_empty())
    });
    let mut valid = false;
    for key in keys {
        let mac = key.chain_update(&signed);
        for word in header("webhook-signature").split_whitespace() {
            let given = word.strip_prefix("v1,").and_then(|text| STANDARD.decode(text).ok());
            // In constant time.
            valid |= given.is_some_and(|given| mac.clone().verify_slice(&given).is_ok());
        }
    }
    valid
}

pub fn main() -> ExitCode {
    let env = |name: &str| std::env::var(name).unwrap_or_default();
    let mut headers = HashMap::new();
    for name in ["webhook-id", "webhook-timestamp", "webhook-signature"] {
        headers.insert(name.to_owned(), env(&name.to_uppercase().replace('-', "_")));
    }
    let mut body = Vec::new();
    let read = std::io::stdin().read_to_end(&mut body);
    if read.is_ok() && verify(&env("WEBHOOK_SECRET"), &headers, &body) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
