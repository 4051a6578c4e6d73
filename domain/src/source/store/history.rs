//! SQL of what became of e-mail that was sent.

use sqlx::QueryBuilder;

use super::super::EmailFact;
use crate::Result;
use crate::db::{Conn, on};
use crate::id::{OrgId, SourceId};
use crate::time::Timestamp;

/// Of a history, so much is answered, the newest.
const MOST: i64 = 500;

/// Notes something of a message and a recipient; what one request tells is noted once.
pub(crate) async fn note(conn: &mut Conn, org_id: &OrgId, source: &SourceId, fact: &EmailFact) -> Result<()> {
    on!(conn, |c| {
        sqlx::query(
            "INSERT INTO email_history (org_id, source_id, message_id, recipient, request_id, event_type, happened_at, detail, recipients)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (source_id, message_id, recipient, request_id) DO NOTHING",
        )
        .bind(org_id)
        .bind(source)
        .bind(&fact.message_id)
        .bind(&fact.recipient)
        .bind(&fact.request_id)
        .bind(&fact.event_type)
        .bind(fact.happened_at)
        .bind(&fact.detail)
        .bind(fact.recipients)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// What is known of a message, of a recipient, or of both, newest first.
pub(crate) async fn list(
    conn: &mut Conn,
    source: &SourceId,
    message_id: Option<&str>,
    recipient: Option<&str>,
) -> Result<Vec<EmailFact>> {
    Ok(on!(conn, |c| {
        let mut q = QueryBuilder::new(
            "SELECT message_id, recipient, event_type, happened_at, detail, recipients, request_id FROM email_history WHERE source_id = ",
        );
        q.push_bind(source);
        if let Some(id) = message_id {
            q.push(" AND message_id = ").push_bind(id);
        }
        if let Some(recipient) = recipient {
            q.push(" AND recipient = ").push_bind(recipient);
        }
        q.push(" ORDER BY happened_at DESC, request_id DESC LIMIT ").push_bind(MOST);
        q.build_query_as().fetch_all(c).await
    })?)
}

/// Forgets what an organization was told of e-mail before a time.
pub(crate) async fn forget(conn: &mut Conn, org_id: &OrgId, before: Timestamp) -> Result<()> {
    on!(conn, |c| {
        sqlx::query("DELETE FROM email_history WHERE org_id = $1 AND happened_at < $2")
            .bind(org_id)
            .bind(before)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}
