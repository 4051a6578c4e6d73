//! The tokens of a connection: sealed in its row, opened for use, renewed before they lapse.
//!
//! Renewing spends the refresh token, and the provider may take each one only once. So the row says, committed, that it is about to
//! go out (`refresh_sent_at`) before a byte of it does, and says so until the answer is stored. Whoever finds the mark of somebody
//! who died in between knows that the answer is lost, and does not send the token again.

use std::time::Duration;

use oauth_flow::{Answer, FormRequest, Grant, NoAnswer, Secret, TokenError, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::hold::{self, Pass};
use super::store::{self, Row};
use super::{ConnectionStatus, flow};
use crate::db::Conn;
use crate::id::{ConnectionId, OrgId};
use crate::time::Timestamp;
use crate::{Caller, Error, Hub, Result, audit};

/// How long a token server may take. A claim lasts longer ([`LEASE_MS`]).
const TIMEOUT: Duration = Duration::from_secs(30);
/// How long a claim to renew a token lasts, in milliseconds.
pub(crate) const LEASE_MS: i64 = 60_000;
/// After a failure that may pass, the next try is so much later, in milliseconds.
const AGAIN_MS: i64 = 60_000;

/// After a failure that the operator must mend, the next try is so much later, in milliseconds.
const FIX_MS: i64 = 10 * 60_000;

/// A grant as it is kept, sealed.
#[derive(Serialize, Deserialize)]
struct Kept {
    access_token: String,
    refresh_token: Option<String>,
    token_type: String,
    granted_at: i64,
    expires_at: Option<i64>,
    refresh_not_before: Option<i64>,
    absolute_expires_at: Option<i64>,
    scopes: Vec<String>,
    extra: Value,
}

/// The place of a connection's tokens, to which their seal is bound.
fn place(org_id: &OrgId, id: &ConnectionId) -> String {
    format!("{org_id}|connections|{id}")
}

/// Puts a grant into a row: sealed, with what may be known of it beside.
pub(crate) fn put(hub: &Hub, row: &mut Row, grant: &Grant, provider: &oauth_flow::Provider) -> Result<()> {
    seal(hub, row, grant)?;
    row.refresh_at = grant.refresh_at(provider, hub.now().0).map(Timestamp);
    Ok(())
}

/// Puts a secret into a row that neither lapses nor is renewed.
pub(crate) fn put_secret(hub: &Hub, row: &mut Row, secret: Secret) -> Result<()> {
    put_named_secret(hub, row, secret, String::new(), Value::Null)
}

/// The same, of a kind, with more that is to be kept sealed.
pub(crate) fn put_named_secret(hub: &Hub, row: &mut Row, secret: Secret, kind: String, extra: Value) -> Result<()> {
    let grant = Grant {
        access_token: secret,
        refresh_token: None,
        token_type: kind,
        granted_at: hub.now().0,
        expires_at: None,
        refresh_not_before: None,
        absolute_expires_at: None,
        scopes: Vec::new(),
        extra,
    };
    seal(hub, row, &grant)
}

fn seal(hub: &Hub, row: &mut Row, grant: &Grant) -> Result<()> {
    let kept = Kept {
        access_token: grant.access_token.expose().to_owned(),
        refresh_token: grant.refresh_token.as_ref().map(|token| token.expose().to_owned()),
        token_type: grant.token_type.clone(),
        granted_at: grant.granted_at,
        expires_at: grant.expires_at,
        refresh_not_before: grant.refresh_not_before,
        absolute_expires_at: grant.absolute_expires_at,
        scopes: grant.scopes.clone(),
        extra: grant.extra.clone(),
    };
    let text = zeroize::Zeroizing::new(serde_json::to_vec(&kept).map_err(Error::internal)?);
    row.sealed_tokens = Some(hub.seal(Some(&row.org_id), &place(&row.org_id, &row.id), &text));
    row.scopes_json = serde_json::to_string(&grant.scopes).map_err(Error::internal)?;
    row.expires_at = grant.expires_at.map(Timestamp);
    Ok(())
}

/// The grant in a row, in the clear; none where there is none.
pub(crate) fn open(hub: &Hub, row: &Row) -> Result<Option<Grant>> {
    let Some(sealed) = &row.sealed_tokens else { return Ok(None) };
    let text = hub.open_sealed(&place(&row.org_id, &row.id), sealed)?;
    let kept: Kept = serde_json::from_slice(&text).map_err(Error::internal)?;
    Ok(Some(Grant {
        access_token: Secret::new(kept.access_token),
        refresh_token: kept.refresh_token.map(Secret::new),
        token_type: kept.token_type,
        granted_at: kept.granted_at,
        expires_at: kept.expires_at,
        refresh_not_before: kept.refresh_not_before,
        absolute_expires_at: kept.absolute_expires_at,
        scopes: kept.scopes,
        extra: kept.extra,
    }))
}

/// Renews the token of a connection whose `refresh_at` this process has claimed.
///
/// # Errors
/// The database does not answer; the claim lapses, and the next round sees what had become of it.
pub(crate) async fn refresh(hub: &Hub, claimed: &Row) -> Result<()> {
    let pass = match hold::enter(hub, claimed).await? {
        Ok(pass) => pass,
        Err(ms) => return put_off(hub, claimed, ms).await,
    };
    let Some((row, grant)) = begin(hub, claimed).await? else { return Ok(()) };
    let (provider, client) = flow::parties(hub, row.provider)?;
    let renewed = oauth_flow::refresh(&provider, &client, &grant, || hub.now().0, |form| send(hub, form)).await;
    end(hub, &row, renewed, &provider, pass).await
}

/// Leaves it for later, because the provider did not answer lately.
async fn put_off(hub: &Hub, claimed: &Row, ms: i64) -> Result<()> {
    let mut tx = hub.db.begin().await?;
    let Some(mut row) = store::lock(&mut tx, &claimed.org_id, &claimed.id).await? else { return Ok(()) };
    if row.refresh_at == claimed.refresh_at {
        row.refresh_at = Some(hub.now().plus_ms(ms));
        store::save(&mut tx, &row).await?;
    }
    tx.commit().await
}

/// Whether a token server said anything at all.
const fn is_answered(error: &TokenError) -> bool {
    match error {
        TokenError::Unreachable(_) | TokenError::AnswerLost(_) => false,
        TokenError::Refused { status, .. } | TokenError::Status(status) | TokenError::Unreadable { status } => {
            *status < 500
        }
        _ => true,
    }
}

/// Notes that the refresh token is about to go out; none where it must not.
async fn begin(hub: &Hub, claimed: &Row) -> Result<Option<(Row, Grant)>> {
    let mut tx = hub.db.begin().await?;
    let Some(mut row) = store::lock(&mut tx, &claimed.org_id, &claimed.id).await? else { return Ok(None) };
    if row.refresh_count != claimed.refresh_count || row.refresh_at != claimed.refresh_at {
        return Ok(None);
    }
    let grant = open(hub, &row)?.filter(|grant| grant.refresh_token.is_some());
    let Some(grant) = grant.filter(|_| row.status != ConnectionStatus::NeedsReconnect) else {
        row.refresh_at = None;
        store::save(&mut tx, &row).await?;
        tx.commit().await?;
        return Ok(None);
    };
    if row.refresh_sent_at.is_some() {
        lose(&mut tx, hub, &mut row).await?;
        tx.commit().await?;
        super::actions::changed(hub, &row.org_id);
        return Ok(None);
    }
    row.refresh_sent_at = Some(hub.now());
    store::save(&mut tx, &row).await?;
    tx.commit().await?;
    Ok(Some((row, grant)))
}

/// Stores what came of it, unless the connection has been connected again meanwhile.
async fn end(
    hub: &Hub,
    sent: &Row,
    renewed: Result<Grant, TokenError>,
    provider: &oauth_flow::Provider,
    pass: Pass,
) -> Result<()> {
    let mut tx = hub.db.begin().await?;
    let Some(mut row) = store::lock(&mut tx, &sent.org_id, &sent.id).await? else { return Ok(()) };
    if row.refresh_count != sent.refresh_count || row.refresh_sent_at != sent.refresh_sent_at {
        return Ok(());
    }
    let now = hub.now();
    row.refresh_sent_at = None;
    row.updated_at = now;
    hold::count(&mut row, pass, renewed.as_ref().err().is_none_or(is_answered), now);
    match renewed {
        Ok(grant) => {
            put(hub, &mut row, &grant, provider)?;
            row.refreshed_at = Some(now);
            row.refresh_count += 1;
            record(&mut tx, hub, &row, "connection.refreshed", None).await?;
            store::save(&mut tx, &row).await?;
        }
        Err(error) => match error.verdict() {
            Verdict::Retry => {
                row.refresh_at = Some(now.plus_ms(AGAIN_MS));
                record(&mut tx, hub, &row, "connection.refresh_failed", Some(&error.to_string())).await?;
                store::save(&mut tx, &row).await?;
            }
            Verdict::Fix => {
                tracing::error!(provider = %row.provider, %error, "tokens cannot be renewed until the settings are put right");
                row.refresh_at = Some(now.plus_ms(FIX_MS));
                record(&mut tx, hub, &row, "connection.refresh_failed", Some(&error.to_string())).await?;
                store::save(&mut tx, &row).await?;
            }
            Verdict::Lost => lose(&mut tx, hub, &mut row).await?,
            Verdict::Reconnect => {
                let why = format!("{} refused to renew the token: {error}. Connect it again.", row.provider.name());
                break_off(&mut tx, hub, &mut row, why).await?;
            }
        },
    }
    tx.commit().await?;
    super::actions::changed(hub, &row.org_id);
    Ok(())
}

/// The answer to a renewal is lost, and with it, perhaps, the only token that would renew.
async fn lose(conn: &mut Conn, hub: &Hub, row: &mut Row) -> Result<()> {
    let name = row.provider.name();
    let why = format!(
        "{name}'s answer to the last renewal of the token was lost, and the token that renews can be used once only. Connect it again."
    );
    row.refresh_sent_at = None;
    break_off(conn, hub, row, why).await
}

/// The connection has to be connected again.
async fn break_off(conn: &mut Conn, hub: &Hub, row: &mut Row, why: String) -> Result<()> {
    row.status = ConnectionStatus::NeedsReconnect;
    row.problem = Some(why);
    row.refresh_at = None;
    row.updated_at = hub.now();
    store::save(conn, row).await?;
    super::actions::tell_broken(conn, hub, row).await
}

async fn record(conn: &mut Conn, hub: &Hub, row: &Row, action: &str, note: Option<&str>) -> Result<()> {
    let system = Caller::system(Some(row.org_id.clone()));
    let note = note.map_or_else(|| row.name.clone(), |note| format!("{}: {note}", row.name));
    audit::store::record(conn, hub, &system, Some(&row.org_id), action, Some(row.id.as_str()), Some(&note)).await
}

/// Sends a form to a token server, on a connection of its own: what is sent once must not be sent twice. Says, where there is no
/// answer, whether the form can have arrived.
pub(crate) async fn send(hub: &Hub, form: FormRequest) -> Result<Answer, NoAnswer> {
    use guarded_http::FailureClass as F;
    let target = hub.calls.target(&form.url).map_err(|error| NoAnswer::NotSent(error.to_string()))?;
    let exchange = hub.calls.request(form.method, &target, &form.headers, vec![form.body], TIMEOUT).await;
    match exchange.outcome {
        Ok(response) => Ok(Answer { status: response.status, body: response.body }),
        Err(failure) => Err(match failure.class {
            F::Dns | F::BlockedIp | F::Connect | F::Tls => NoAnswer::NotSent(failure.message),
            F::Timeout | F::Reset | F::Protocol | F::TooLarge => NoAnswer::Lost(failure.message),
        }),
    }
}
