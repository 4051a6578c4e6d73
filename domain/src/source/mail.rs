//! E-mail for everybody: a provider posts all that a mail domain of the installation receives to one door, and the address of each
//! message says whose it is. `src_…@mail.example.com` is the address of that source; behind a `+` anything may stand.
//!
//! The door is verified with a secret of the installation. What it takes is stored for each source that it is for, and goes on like
//! every other request: a source of this provider has one history, however its e-mail comes in.

use inbound::{InboundRequest, Outcome, Preset, Provider, Scheme, Verdict};
use serde_json::Value;

use super::receive::{Answer, Arrival, Body, Head, Judged, refusal};
use super::store::{self, Row};
use super::{InboundVerdict, MAX_BODY, SourceStatus, actions, presets};
use crate::id::SourceId;
use crate::{Error, Hub, Result};

/// Sources that one request is stored for at most.
const MOST_SOURCES: usize = 50;

/// How e-mail comes in for everybody.
#[derive(Debug, Clone)]
pub struct MailDoor {
    /// The domain of the addresses: `mail.example.com`.
    pub domain: String,
    /// Who receives its e-mail.
    pub provider: Provider,
    /// What the provider's requests are verified with.
    secret: oauth_flow::Secret,
}

impl MailDoor {
    /// The door for a domain, opened by one of the providers of e-mail: `brevo`, `mailjet`, `postmark` or `sendgrid`.
    ///
    /// # Errors
    /// Names what is wrong: `domain`, `provider` or `secret`. The secret is not repeated.
    pub fn new(domain: &str, provider: &str, secret: &str) -> Result<Self> {
        let domain = domain.trim().to_ascii_lowercase();
        let is_label = |label: &str| {
            let end = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
            let inner = label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
            inner && end(label.chars().next()) && end(label.chars().last())
        };
        if !domain.contains('.') || domain.len() > 200 || !domain.split('.').all(is_label) {
            return Err(Error::invalid("domain", "must be a domain like mail.example.com."));
        }
        let provider = provider.trim().parse().ok().filter(|provider: &Provider| provider.is_email());
        let provider = provider.ok_or_else(|| {
            let all: Vec<_> =
                Provider::ALL.into_iter().filter(|provider| provider.is_email()).map(Provider::key).collect();
            Error::invalid("provider", format!("must be one of: {}.", all.join(", ")))
        })?;
        let door = Self { domain, provider, secret: secret.into() };
        super::secrets::check(provider, &door.scheme(), secret)?;
        Ok(door)
    }

    /// How they are verified: by the provider's own scheme, or by user and password where the secret is that.
    fn scheme(&self) -> Scheme {
        let usual = Preset::of(self.provider).scheme();
        if self.secret.expose().contains(':') { Scheme::Basic } else { usual.clone() }
    }
}

/// The door of a provider, if the installation has one.
fn door<'a>(hub: &'a Hub, provider: &str) -> Option<&'a MailDoor> {
    hub.settings.mail.iter().find(|door| door.provider.key() == provider)
}

/// The address of a source, where the installation takes e-mail by its provider.
pub(super) fn address(hub: &Hub, row: &Row) -> Option<String> {
    let door = door(hub, &row.provider)?;
    Some(format!("{}@{}", row.id, door.domain))
}

/// Takes what the installation's provider of e-mail posts. E-mail that is for nobody is let go: the provider could do nothing but
/// try again.
///
/// # Errors
/// Not found: the installation takes no e-mail by this provider. *Too large*; *unauthenticated* and so on where it is not verified.
pub async fn receive(hub: &Hub, head: Head<'_>, body: Body<'_>) -> Result<Answer> {
    let door = door(hub, head.provider).ok_or_else(|| Error::not_found("source"))?;
    let bytes = match body {
        Body::Whole(bytes) if bytes.len() <= MAX_BODY => bytes,
        _ => return Err(Error::too_large(format!("The body is larger than {} MiB.", MAX_BODY / 1024 / 1024))),
    };
    let url = format!("{}{}", hub.settings.base_url, head.path);
    let request = InboundRequest { method: &head.method, url: &url, headers: &head.headers, body: bytes };
    let scheme = door.scheme();
    let against =
        inbound::Source { provider: door.provider, scheme: &scheme, secrets: &[door.secret.expose()], account: None };
    if let Verdict::Rejected(cause) = inbound::verify(&against, &request, hub.now().0).verdict {
        // It is of no organization, so nobody but the log hears of it.
        tracing::warn!(cause = cause.code(), ip = head.ip, "e-mail that came in was refused");
        crate::figures::came_in(door.provider, InboundVerdict::Rejected);
        return Err(refusal(cause));
    }
    let messages = match inbound::read(door.provider, &request) {
        Ok(items) => items.iter().map(|item| of_domain(&item.outcome, &door.domain)).collect::<Vec<_>>(),
        Err(error) => return Err(Error::malformed(format!("It cannot be read: {error}."))),
    };
    let mut answer = Answer::ForNobody;
    for id in all(&messages) {
        let found = store::of_any(&mut hub.db.read().await?, head.provider, &id).await?;
        let Some(source) = found.filter(|source| source.status == SourceStatus::Active) else {
            tracing::info!(source = %id, "e-mail came in for no source that takes it");
            continue;
        };
        let own = own_part(bytes, &messages, &id)?;
        let provider = presets::read(&source.provider)?;
        let arrival =
            Arrival { hub, provider, scheme: actions::scheme_of(&source)?, source, head: head.clone(), now: hub.now() };
        let body = own.as_deref().unwrap_or(bytes);
        let kept = arrival.store(Judged::verified(), Some(body), body.len()).await?;
        answer = Answer::Kept(kept);
    }
    Ok(answer)
}

/// The sources that a message is for, by the addresses of its envelope.
fn of_domain(outcome: &Outcome, domain: &str) -> Vec<SourceId> {
    let Outcome::Mapped(event) = outcome else { return Vec::new() };
    let recipients = event.data["recipients"].as_array().into_iter().flatten().filter_map(Value::as_str);
    recipients.filter_map(|address| source_of(address, domain)).collect()
}

/// The source that an address names.
fn source_of(address: &str, domain: &str) -> Option<SourceId> {
    let (local, host) = address.trim().rsplit_once('@')?;
    let local = local.split('+').next().unwrap_or_default();
    host.eq_ignore_ascii_case(domain).then(|| local.to_ascii_lowercase().parse().ok())?
}

/// Each source once.
fn all(messages: &[Vec<SourceId>]) -> Vec<SourceId> {
    let mut all: Vec<SourceId> = messages.iter().flatten().cloned().collect();
    all.sort();
    all.dedup();
    all.truncate(MOST_SOURCES);
    all
}

/// The messages of a request that are for one source, where it has others besides (Brevo sends several at once). None where all of
/// it is for the source.
fn own_part(body: &[u8], messages: &[Vec<SourceId>], id: &SourceId) -> Result<Option<Vec<u8>>> {
    if messages.iter().all(|message| message.contains(id)) {
        return Ok(None);
    }
    let mut body: Value = serde_json::from_slice(body).map_err(Error::internal)?;
    let items = body["items"].as_array_mut().filter(|items| items.len() == messages.len());
    let items = items.ok_or_else(|| Error::malformed("It cannot be read: its messages cannot be told apart."))?;
    let mut own = messages.iter().map(|message| message.contains(id));
    items.retain(|_| own.next().unwrap_or(false));
    Ok(Some(body.to_string().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::source_of;
    use crate::id::SourceId;

    #[test]
    fn an_address_names_a_source_with_anything_behind_a_plus() {
        let id = SourceId::new(1_795_356_131_000, [7; 10]);
        let of = |address: &str| source_of(address, "mail.example.com");
        for address in [
            format!("{id}@mail.example.com"),
            format!("{id}+ticket+42@MAIL.example.com"),
            format!(" {}@mail.example.com ", id.as_str().to_uppercase()),
        ] {
            assert_eq!(of(&address), Some(id.clone()), "{address}");
        }
        let others = [format!("{id}@example.com"), format!("{id}"), "jane@mail.example.com".into(), String::new()];
        for address in others {
            assert_eq!(of(&address), None, "{address}");
        }
    }
}
