//! The tokens of a connection: sealed in its row, opened for use, renewed before they lapse.
//!
//! Renewing spends the refresh token, and the provider may take each one only once. So the row says, committed, that it is about to
//! go out (`refresh_sent_at`) before a byte of it does, and says so until the answer is stored. Whoever finds the mark of somebody
//! who died in between knows that the answer is lost, and does not send the token again; unless the provider takes one more than once.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use oauth_flow::{Answer, FormRequest, Grant, NoAnswer, Rotation, Secret, TokenError, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::hold::{self, Pass};
use super::store::{self, Row};
use super::{ConnectionCall, ConnectionStatus, Provider, apps, call};
use crate::db::Conn;
use crate::id::{ConnectionCallId, ConnectionId, OrgId};
use crate::provider::teams::signin;
use crate::time::Timestamp;
use crate::{Caller, Error, Hub, Result, audit, key};

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
    row.sealed_tokens = Some(hub.seal(&row.org_id, &place(&row.org_id, &row.id), &text)?);
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
    let (provider, client) = apps::parties(hub, claimed.provider)?;
    // What comes back must be kept, whatever happens: not being able to seal it is found out before anything is sent.
    key::ready(hub, &claimed.org_id).await?;
    let pass = match hold::enter(hub, claimed).await? {
        Ok(pass) => pass,
        Err(ms) => return put_off(hub, claimed, ms).await,
    };
    let Some((row, grant)) = begin(hub, claimed, provider.rotation).await? else { return Ok(()) };
    let calls = Calls::default();
    let send = |form| send_noted(hub, row.provider, form, &calls);
    let renewed = oauth_flow::refresh(&provider, &client, &grant, || hub.now().0, send).await;
    end(hub, &row, Renewed { grant: renewed, calls: calls.take(), pass }, &provider).await
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
async fn begin(hub: &Hub, claimed: &Row, rotation: Rotation) -> Result<Option<(Row, Grant)>> {
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
    if row.refresh_sent_at.is_some() && rotation == Rotation::SingleUse {
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

/// What came of a renewal.
struct Renewed {
    grant: Result<Grant, TokenError>,
    calls: Vec<ConnectionCall>,
    pass: Pass,
}

/// Stores what came of it, unless the connection has been connected again meanwhile; in the log of calls it stands in any case.
async fn end(hub: &Hub, sent: &Row, renewed: Renewed, provider: &oauth_flow::Provider) -> Result<()> {
    let mut tx = hub.db.begin().await?;
    let Some(mut row) = store::lock(&mut tx, &sent.org_id, &sent.id).await? else { return Ok(()) };
    for call in &renewed.calls {
        store::insert_call(&mut tx, &row.org_id, &row.id, call).await?;
    }
    if row.refresh_count != sent.refresh_count || row.refresh_sent_at != sent.refresh_sent_at {
        return tx.commit().await;
    }
    let now = hub.now();
    let held_until = row.calls_resume_at;
    row.refresh_sent_at = None;
    row.updated_at = now;
    hold::count(&mut row, renewed.pass, renewed.grant.as_ref().err().is_none_or(is_answered), now);
    hold::tell(&mut tx, hub, held_until, &row).await?;
    match renewed.grant {
        Ok(grant) => {
            put(hub, &mut row, &grant, provider)?;
            (row.refreshed_at, row.problem) = (Some(now), None);
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
                row.problem = Some(known_words(row.provider, &error).unwrap_or_else(|| {
                    let name = row.provider.name();
                    format!("{name} does not take this installation's app: {error}. Whoever runs Patchbay must put its settings right; nobody has to reconnect.")
                }));
                record(&mut tx, hub, &row, "connection.refresh_failed", Some(&error.to_string())).await?;
                store::save(&mut tx, &row).await?;
            }
            Verdict::Lost => lose(&mut tx, hub, &mut row).await?,
            Verdict::Reconnect => {
                let why = known_words(row.provider, &error).unwrap_or_else(|| {
                    format!("{} refused to renew the token: {error}. Connect it again.", row.provider.name())
                });
                break_off(&mut tx, hub, &mut row, why).await?;
            }
        },
    }
    tx.commit().await?;
    super::actions::changed(hub, &row.org_id);
    Ok(())
}

/// What happened and what to do, where the provider says more than the standard's code.
fn known_words(provider: Provider, error: &TokenError) -> Option<String> {
    let number = signin::number(&error.to_string()).filter(|_| provider == Provider::Teams)?;
    signin::meaning(number).map(|meaning| meaning.sentence.to_owned())
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

/// Requests to a token server, to be kept in the log of a connection's calls with what came of them.
#[derive(Default)]
pub(super) struct Calls(Mutex<Vec<ConnectionCall>>);

impl Calls {
    /// What was noted.
    pub(super) fn take(&self) -> Vec<ConnectionCall> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The same as [`send`], noting the call without its secrets. In the log it goes as other calls do: by Slack's method, else by
/// method and path.
pub(super) async fn send_noted(
    hub: &Hub,
    provider: Provider,
    form: FormRequest,
    calls: &Calls,
) -> Result<Answer, NoAnswer> {
    let path = form.url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
    let path = path.split('?').next().unwrap_or_default();
    let mut call = ConnectionCall {
        id: hub.id(ConnectionCallId::new),
        started_at: hub.now(),
        operation: match provider {
            Provider::Slack => path.strip_prefix("api/").unwrap_or(path).to_owned(),
            Provider::Teams | Provider::Jira => format!("{} {path}", form.method),
        },
        code: None,
        error: None,
        duration_us: 0,
        request: call::masked_body(&form.body),
        response: String::new(),
    };
    let (answer, took_us) = send_timed(hub, form).await;
    call.duration_us = took_us;
    match &answer {
        Ok(answer) => {
            call.code = Some(answer.status.into());
            let body: Option<Value> = serde_json::from_slice(&answer.body).ok();
            let failed = answer.status >= 400 || body.as_ref().is_some_and(|body| body["ok"] == false);
            let word = body.as_ref().and_then(|body| body["error"].as_str());
            call.error = failed.then(|| word.map_or_else(|| format!("status {}", answer.status), str::to_owned));
            call.response = call::kept(body.as_ref(), &answer.body);
        }
        Err(error) => call.error = Some(error.to_string()),
    }
    calls.0.lock().unwrap_or_else(PoisonError::into_inner).push(call);
    answer
}

/// Sends a form to a token server, on a connection of its own: what is sent once must not be sent twice. Says, where there is no
/// answer, whether the form can have arrived.
pub(crate) async fn send(hub: &Hub, form: FormRequest) -> Result<Answer, NoAnswer> {
    send_timed(hub, form).await.0
}

/// The same; also how long it took, in microseconds.
async fn send_timed(hub: &Hub, form: FormRequest) -> (Result<Answer, NoAnswer>, i64) {
    use guarded_http::FailureClass as F;
    let target = match hub.calls.target(&form.url) {
        Ok(target) => target,
        Err(error) => return (Err(NoAnswer::NotSent(error.to_string())), 0),
    };
    let exchange = hub.calls.request(form.method, &target, &form.headers, vec![form.body], TIMEOUT).await;
    let answer = match exchange.outcome {
        Ok(response) => Ok(Answer { status: response.status, body: response.body }),
        Err(failure) => Err(match failure.class {
            F::Dns | F::BlockedIp | F::Connect | F::Tls => NoAnswer::NotSent(failure.message),
            F::Timeout | F::Reset | F::Protocol | F::TooLarge => NoAnswer::Lost(failure.message),
        }),
    };
    (answer, exchange.timing.total_us)
}
