//! The token in a source's address and the secrets that its requests are verified with: made or entered, sealed, changed with an
//! overlap in which the older one is taken, too.

use std::borrow::Cow;

use inbound::{Cause, InboundRequest, Provider, Scheme, Verdict};
use sha2::{Digest as _, Sha256};

use super::actions::{changed, get, must_lock};
use super::store::{self, Row, SecretRow};
use super::{SecretRotation, Source, SourceWithSecret, TokenRotation, overlap_ms, presets};
use crate::db::Conn;
use crate::id::{OrgId, SourceId};
use crate::time::Timestamp;
use crate::{Caller, Error, Hub, Permission, Result, audit, key};

/// The longest secret, in bytes: a public key is some hundred.
const MAX_SECRET: usize = 2000;
/// Of a secret that is at least so long, the last four characters are shown.
const SHOWS_HINT: usize = 16;
/// Characters of a token, lower case and digits.
const TOKEN_LENGTH: usize = 48;
/// A slash, plain, as JSON may escape it, and as forms do.
const SLASHES: [&str; 4] = ["/", r"\/", "%2F", "%2f"];

/// Gives a source another address; the older one is taken for the overlap. Needs `connections:write`.
///
/// # Errors
/// Not found; a wrong overlap.
pub async fn rotate_token(hub: &Hub, caller: &Caller, id: &SourceId, rotation: &TokenRotation) -> Result<Source> {
    let org_id = caller.require(Permission::ConnectionsWrite)?;
    let overlap_ms = overlap_ms(rotation.overlap_hours)?;
    key::ready(hub, org_id).await?;
    let mut tx = hub.db.begin().await?;
    let mut row = must_lock(&mut tx, org_id, id).await?;
    let now = hub.now();
    (row.previous_token_hash, row.previous_token_until) = match overlap_ms {
        0 => (None, None),
        ms => (Some(row.token_hash.clone()), Some(now.plus_ms(ms))),
    };
    (row.sealed_token, row.token_hash) = new_token(hub, org_id, id)?;
    row.updated_at = now;
    store::save(&mut tx, &row).await?;
    let note = Some(row.name.as_str());
    audit::store::record(&mut tx, hub, caller, Some(org_id), "source.address_rotated", Some(id.as_str()), note).await?;
    tx.commit().await?;
    changed(hub, org_id);
    get(hub, caller, id).await
}

/// Enters a secret, or makes one, shown this once; the one before it verifies for the overlap, and those before that end. Where the
/// provider posts its secret (Notion), nothing is entered: the next one that it posts is taken. Needs `connections:write`.
///
/// # Errors
/// Not found; the fields that are wrong.
pub async fn rotate_secret(
    hub: &Hub,
    caller: &Caller,
    id: &SourceId,
    rotation: &SecretRotation,
) -> Result<SourceWithSecret> {
    let org_id = caller.require(Permission::ConnectionsWrite)?;
    let overlap_ms = overlap_ms(rotation.overlap_hours)?;
    key::ready(hub, org_id).await?;
    let mut tx = hub.db.begin().await?;
    let row = must_lock(&mut tx, org_id, id).await?;
    let provider = presets::read(&row.provider)?;
    let entered = rotation.secret.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let scheme = super::actions::scheme_of(&row)?;
    let made = (entered.is_none() && presets::makes_secret(provider)).then(|| make(hub, &scheme));
    let note = match entered.or(made.as_deref()) {
        Some(secret) => {
            check(provider, &scheme, secret)?;
            put(&mut tx, hub, &row, secret, overlap_ms, hub.now()).await?;
            if made.is_some() { "made here" } else { "entered" }
        }
        // It posts the next one by itself, which is taken once no other stands.
        None if presets::posts_secret(provider) => {
            store::retire_secrets(&mut tx, id, hub.now().plus_ms(overlap_ms)).await?;
            "waits for the next"
        }
        None => {
            let name = inbound::Preset::of(provider).name;
            return Err(Error::invalid("secret", format!("is made by {name}: copy it from there.")));
        }
    };
    audit::store::record(&mut tx, hub, caller, Some(org_id), "source.secret_rotated", Some(id.as_str()), Some(note))
        .await?;
    tx.commit().await?;
    changed(hub, org_id);
    let source = get(hub, caller, id).await?;
    Ok(SourceWithSecret { source, secret: made })
}

/// A token for an address: sealed, and its hash.
pub(super) fn new_token(hub: &Hub, org_id: &OrgId, id: &SourceId) -> Result<(Vec<u8>, Vec<u8>)> {
    let token = hub.random.token();
    let sealed = hub.seal(org_id, &token_place(org_id, id), token.as_bytes())?;
    Ok((sealed, token_hash(&token)))
}

/// The hash that a token is found by.
pub(super) fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// The token in a source's address.
pub(super) fn token_of(hub: &Hub, row: &Row) -> Result<String> {
    open(hub, &token_place(&row.org_id, &row.id), &row.sealed_token)
}

/// A text without the tokens of addresses, whosever they are and however old: a provider may repeat the address that it posts to.
pub(crate) fn without_tokens(text: &str) -> Cow<'_, str> {
    let (mut shown, mut copied) = (String::new(), 0);
    for (at, word) in text.match_indices("in") {
        let rest = Some(&text[at + word.len()..]).filter(|_| SLASHES.iter().any(|slash| text[..at].ends_with(slash)));
        let provider = rest.and_then(after_slash);
        let is_of_token = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let token = provider.and_then(|rest| after_slash(rest.trim_start_matches(|c: char| c.is_ascii_lowercase())));
        let Some(token) = token else { continue };
        let rest = token.trim_start_matches(is_of_token);
        let length = token.len() - rest.len();
        // At the end of a text that was cut, a part of one may stand.
        if length >= TOKEN_LENGTH || (length > 0 && rest.is_empty()) {
            shown.push_str(&text[copied..text.len() - token.len()]);
            shown.push_str("{token}");
            copied = text.len() - rest.len();
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    shown.push_str(&text[copied..]);
    Cow::Owned(shown)
}

fn after_slash(text: &str) -> Option<&str> {
    SLASHES.iter().find_map(|slash| text.strip_prefix(slash))
}

/// The secrets of a source in the clear.
pub(super) fn open_all(hub: &Hub, row: &Row, sealed: &[SecretRow]) -> Result<Vec<String>> {
    sealed.iter().map(|secret| open(hub, &secret_place(&row.org_id, &row.id), &secret.sealed)).collect()
}

/// A new secret of the form that a scheme wants.
pub(super) fn make(hub: &Hub, scheme: &Scheme) -> String {
    match scheme {
        Scheme::Standard => signature::Secret::generate(hub.random.bytes()).text().to_owned(),
        Scheme::Basic => format!("patchbay:{}", hub.random.token()),
        Scheme::Hmac(hmac) => match hmac.key {
            // 78 characters of an alphabet that is hex neither nor, for certain, base64.
            inbound::scheme::KeyForm::Text => hub.random.token(),
            inbound::scheme::KeyForm::Base64 | inbound::scheme::KeyForm::Hex => {
                let bytes: [u8; 32] = hub.random.bytes();
                bytes.iter().map(|byte| format!("{byte:02x}")).collect()
            }
        },
        _ => hub.random.token(),
    }
}

/// Checks that requests can be verified with a secret.
///
/// # Errors
/// It does not have the form that the scheme wants.
pub(super) fn check(provider: Provider, scheme: &Scheme, secret: &str) -> Result<()> {
    if secret.len() > MAX_SECRET || secret.chars().any(|c| c.is_control() && !c.is_whitespace()) {
        return Err(Error::invalid("secret", format!("must have at most {MAX_SECRET} printable characters.")));
    }
    let nothing = InboundRequest { method: "POST", url: "", headers: &[], body: b"" };
    let found = inbound::verify(&inbound::Source { provider, scheme, secrets: &[secret], account: None }, &nothing, 0);
    let facts = &inbound::Preset::of(provider).secret;
    match found.verdict {
        Verdict::Rejected(Cause::BadSecret | Cause::NoSecret) => Err(Error::invalid(
            "secret",
            format!("does not look like the {}: {}.", facts.name.to_lowercase(), facts.looks_like),
        )),
        _ if *scheme == Scheme::Basic && !secret.contains(':') => {
            Err(Error::invalid("secret", "must be a user name and a password with a colon between."))
        }
        _ => Ok(()),
    }
}

/// Adds a secret; the one before it ends after a while.
pub(super) async fn put(
    conn: &mut Conn,
    hub: &Hub,
    row: &Row,
    secret: &str,
    overlap_ms: i64,
    now: Timestamp,
) -> Result<()> {
    let newest = store::secrets(conn, &row.id, now).await?.first().map_or(0, |known| known.created_at.0);
    // The newest secret is found by its time: two in one millisecond still differ.
    let at = Timestamp(now.0.max(newest + 1));
    store::retire_secrets(conn, &row.id, now.plus_ms(overlap_ms)).await?;
    let place = secret_place(&row.org_id, &row.id);
    let count = secret.chars().count();
    let hint = if count >= SHOWS_HINT { secret.chars().skip(count - 4).collect() } else { String::new() };
    let sealed = hub.seal(&row.org_id, &place, secret.as_bytes())?;
    let new = SecretRow { source_id: row.id.clone(), created_at: at, sealed, hint, expires_at: None };
    store::insert_secret(conn, &new).await
}

fn open(hub: &Hub, place: &str, sealed: &[u8]) -> Result<String> {
    let plain = hub.open_sealed(place, sealed)?;
    Ok(std::str::from_utf8(&plain).map_err(Error::internal)?.to_owned())
}

/// The place of a source's secrets, to which their seal is bound.
fn secret_place(org_id: &OrgId, id: &SourceId) -> String {
    format!("{org_id}|source_secrets|{id}")
}

/// The place of the token in a source's address.
fn token_place(org_id: &OrgId, id: &SourceId) -> String {
    format!("{org_id}|sources|{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_taken_out_of_addresses_however_they_are_written() {
        let token = "0123456789abcdefghijklmnopqrstuv0123456789abcdef";
        assert_eq!(token.len(), TOKEN_LENGTH);
        let (plain, form) =
            (format!("/in/github/{token}"), format!("u=https%3A%2F%2Fhub.test%2Fin%2Fgithub%2F{token}&a=b"));
        let json = format!(r#"{{"a":"https:\/\/hub.test\/in\/stripe\/{token}","b":"https://hub.test{plain}?x"}}"#);
        assert_eq!(without_tokens(&plain), "/in/github/{token}");
        assert_eq!(without_tokens(&form), "u=https%3A%2F%2Fhub.test%2Fin%2Fgithub%2F{token}&a=b");
        let expected = r#"{"a":"https:\/\/hub.test\/in\/stripe\/{token}","b":"https://hub.test/in/github/{token}?x"}"#;
        assert_eq!(without_tokens(&json), expected);
        assert_eq!(without_tokens(&plain[..20]), "/in/github/{token}", "cut");
        for text in ["", "in", "/in/", "/in/jane/details/", "/in/github/%", &format!("/in/{token} "), "fin/github/é"] {
            assert_eq!(without_tokens(text), text);
        }
    }
}
