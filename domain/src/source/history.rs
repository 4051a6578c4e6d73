//! What became of e-mail that was sent, by message and recipient: every event that a provider of e-mail tells is noted, also what
//! comes late, so that the history is whole whatever the order was.

use inbound::{HubEvent, Provider};
use serde_json::Value;

use super::EmailFact;
use super::store::requests::Row;
use super::store::{self, history};
use crate::db::Conn;
use crate::id::SourceId;
use crate::time::Timestamp;
use crate::{Caller, Error, Hub, Permission, Result};

/// Recipients of one message that are noted.
const MOST_RECIPIENTS: usize = 50;
/// The longest detail that is kept, in characters.
const MAX_DETAIL: usize = 500;

/// What became of a message, of all that went to a recipient, or of a message for a recipient: newest first, 500 at most. Needs
/// `connections:read`.
///
/// # Errors
/// Not found; neither message nor recipient is named.
pub async fn list(
    hub: &Hub,
    caller: &Caller,
    id: &SourceId,
    message_id: Option<&str>,
    recipient: Option<&str>,
) -> Result<Vec<EmailFact>> {
    let org_id = caller.require(Permission::ConnectionsRead)?;
    let given = |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let (message_id, recipient) = (given(message_id), given(recipient).map(|address| address.to_lowercase()));
    let mut conn = hub.db.read().await?;
    store::find(&mut conn, org_id, id).await?.ok_or_else(|| Error::not_found("source"))?;
    if message_id.is_none() && recipient.is_none() {
        return Err(Error::invalid("message_id", "or `recipient` is needed, or both."));
    }
    history::list(&mut conn, id, message_id.as_deref(), recipient.as_deref()).await
}

/// Notes what an event tells of a message. Does nothing for what tells nothing of e-mail that was sent.
pub(super) async fn note(conn: &mut Conn, provider: Provider, row: &Row, event: &HubEvent) -> Result<()> {
    // `email.received` is e-mail that came in.
    if provider != Provider::Resend || event.event_type == "email.received" {
        return Ok(());
    }
    let data = &event.data;
    let Some(message_id) = data["message_id"].as_str() else { return Ok(()) };
    let recipients: Vec<&str> = data["recipients"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let count = i64::try_from(recipients.len()).unwrap_or(i64::MAX);
    for recipient in recipients.into_iter().take(MOST_RECIPIENTS) {
        let fact = EmailFact {
            message_id: clean(message_id),
            recipient: clean(bare(recipient)).to_lowercase(),
            event_type: event.event_type.clone(),
            happened_at: event.occurred_at_ms.map_or(row.received_at, Timestamp),
            detail: detail(data).map(|text| clean(&text)),
            recipients: count,
            request_id: row.id.clone(),
        };
        history::note(conn, &row.org_id, &row.source_id, &fact).await?;
    }
    Ok(())
}

/// The address in `Ada <ada@example.com>`.
fn bare(recipient: &str) -> &str {
    match recipient.rsplit_once('<') {
        Some((_, rest)) => rest.trim_end().trim_end_matches('>').trim(),
        None => recipient.trim(),
    }
}

/// What an event says besides its type: why it bounced or failed, what was clicked.
fn detail(data: &Value) -> Option<String> {
    let text = |place: &str| data.pointer(place).and_then(Value::as_str).filter(|text| !text.is_empty());
    match (text("/bounce/type"), text("/bounce/message")) {
        (Some(kind), Some(message)) => return Some(format!("{kind}: {message}")),
        (Some(kind), None) => return Some(kind.to_owned()),
        _ => {}
    }
    text("/reason").or_else(|| text("/click/url")).map(str::to_owned)
}

/// A text as it is kept: PostgreSQL has none with NUL in it.
fn clean(text: &str) -> String {
    text.chars().take(MAX_DETAIL).map(|c| if c == '\0' { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn a_recipient_is_known_by_the_address_alone() {
        for text in ["ada@example.com", "Ada <ada@example.com>", " ada@example.com ", "\"A <b>\" <ada@example.com> "] {
            assert_eq!(bare(text), "ada@example.com");
        }
    }
}
