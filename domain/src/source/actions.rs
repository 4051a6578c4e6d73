//! What can be done with sources.

use inbound::{AccountFacts, Preset, Provider, Scheme};

use super::store::{self, Listed, Row};
use super::{
    InboundFigures, InboundState, InboundVerdict, MAX_ACCOUNT, MAX_CHANNELS, MAX_NAME, MAX_SOURCES, NewSource,
    RejectedCount, Source, SourceChange, SourceChannel, SourceSecret, SourceStatus, SourceSummary, SourceWithSecret,
    mail, presets, secrets, types,
};
use crate::db::Conn;
use crate::id::{OrgId, SourceId};
use crate::live::Notice;
use crate::{Caller, Error, Hub, Permission, Result, audit, key};

/// What figures are counted over, in milliseconds: seven days.
const FIGURES_MS: i64 = 7 * 24 * 3600 * 1000;

/// The organization's sources, oldest first. No secret is opened for it. Needs `connections:read`.
///
/// # Errors
/// Forbidden.
pub async fn list(hub: &Hub, caller: &Caller) -> Result<Vec<SourceSummary>> {
    let org_id = caller.require(Permission::ConnectionsRead)?;
    let rows = store::overview(&mut hub.db.read().await?, org_id, hub.now()).await?;
    rows.into_iter().map(summary).collect()
}

fn summary(row: Listed) -> Result<SourceSummary> {
    Ok(SourceSummary {
        provider_name: Preset::of(presets::read(&row.provider)?).name.to_owned(),
        has_secret: row.has_secret != 0,
        last_received_at: row.verified_at.max(row.rejected_at).max(row.challenged_at),
        last_verified_at: row.verified_at,
        id: row.id,
        provider: row.provider,
        name: row.name,
        status: row.status,
        created_by: row.created_by,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// One source. Needs `connections:read`.
///
/// # Errors
/// Not found.
pub async fn get(hub: &Hub, caller: &Caller, id: &SourceId) -> Result<Source> {
    let org_id = caller.require(Permission::ConnectionsRead)?;
    let mut conn = hub.db.read().await?;
    let row = store::find(&mut conn, org_id, id).await?.ok_or_else(|| Error::not_found("source"))?;
    view(&mut conn, hub, caller, row).await
}

/// Makes a source, and the event types that its events become. A secret that is made for it is in the answer, this once. Needs
/// `connections:write`.
///
/// # Errors
/// The fields that are wrong; too many sources.
pub async fn create(hub: &Hub, caller: &Caller, new: NewSource) -> Result<SourceWithSecret> {
    let org_id = caller.require(Permission::ConnectionsWrite)?;
    let provider = presets::read(&new.provider)?;
    let scheme = presets::scheme(provider, new.scheme.as_ref())?;
    let name = read_name(new.name.as_deref().unwrap_or(Preset::of(provider).name))?;
    let account = read_account(provider, new.account.as_deref().unwrap_or_default())?;
    let entered = new.secret.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let made = (entered.is_none() && presets::makes_secret(provider)).then(|| secrets::make(hub, &scheme));
    if let Some(secret) = &entered {
        secrets::check(provider, &scheme, secret)?;
    }
    let now = hub.now();
    let id = hub.id(SourceId::new);
    key::ready(hub, org_id).await?;
    let (sealed_token, token_hash) = secrets::new_token(hub, org_id, &id)?;
    let row = Row {
        id,
        org_id: org_id.clone(),
        provider: provider.key().to_owned(),
        name,
        status: SourceStatus::Active,
        scheme_json: serde_json::to_string(&scheme).map_err(Error::internal)?,
        account,
        channels_json: "[]".into(),
        sealed_token,
        token_hash,
        previous_token_hash: None,
        previous_token_until: None,
        created_by: caller.name().to_owned(),
        created_at: now,
        updated_at: now,
    };
    let mut tx = hub.db.begin().await?;
    if store::list(&mut tx, org_id).await?.len() >= MAX_SOURCES {
        let message = format!("An organization has at most {MAX_SOURCES} sources. Delete one that is not used.");
        return Err(Error::conflict("source_limit", message));
    }
    store::save(&mut tx, &row).await?;
    if let Some(secret) = entered.as_ref().or(made.as_ref()) {
        secrets::put(&mut tx, hub, &row, secret, 0, now).await?;
    }
    types::add(&mut tx, hub, org_id, provider).await?;
    let note = format!("{} ({})", row.name, row.provider);
    audit::store::record(&mut tx, hub, caller, Some(org_id), "source.created", Some(row.id.as_str()), Some(&note))
        .await?;
    tx.commit().await?;
    changed(hub, org_id);
    Ok(SourceWithSecret { source: get(hub, caller, &row.id).await?, secret: made })
}

/// Renames a source, switches it on or off, or changes how its requests are verified. Needs `connections:write`.
///
/// # Errors
/// Not found; the fields that are wrong.
pub async fn update(hub: &Hub, caller: &Caller, id: &SourceId, change: SourceChange) -> Result<Source> {
    let org_id = caller.require(Permission::ConnectionsWrite)?;
    let mut tx = hub.db.begin().await?;
    let mut row = must_lock(&mut tx, org_id, id).await?;
    if let Some(name) = &change.name {
        row.name = read_name(name)?;
    }
    if let Some(status) = change.status {
        row.status = status;
    }
    if let Some(account) = &change.account {
        row.account = read_account(presets::read(&row.provider)?, account)?;
    }
    if let Some(channels) = &change.channels {
        row.channels_json = read_channels(&row.provider, channels)?;
    }
    if let Some(asked) = &change.scheme {
        let scheme = presets::scheme(presets::read(&row.provider)?, Some(asked))?;
        row.scheme_json = serde_json::to_string(&scheme).map_err(Error::internal)?;
    }
    row.updated_at = hub.now();
    store::save(&mut tx, &row).await?;
    let note = format!("{} ({})", row.name, row.status);
    audit::store::record(&mut tx, hub, caller, Some(org_id), "source.updated", Some(id.as_str()), Some(&note)).await?;
    tx.commit().await?;
    changed(hub, org_id);
    get(hub, caller, id).await
}

/// Deletes a source with everything that came to it; the events that it became stay. Needs `connections:write`.
///
/// # Errors
/// Not found.
pub async fn delete(hub: &Hub, caller: &Caller, id: &SourceId) -> Result<()> {
    let org_id = caller.require(Permission::ConnectionsWrite)?;
    let mut tx = hub.db.begin().await?;
    let row = must_lock(&mut tx, org_id, id).await?;
    store::delete(&mut tx, org_id, id).await?;
    let note = Some(row.name.as_str());
    audit::store::record(&mut tx, hub, caller, Some(org_id), "source.deleted", Some(id.as_str()), note).await?;
    tx.commit().await?;
    changed(hub, org_id);
    Ok(())
}

/// What came to a source in the last seven days. Needs `connections:read`.
///
/// # Errors
/// Not found.
pub async fn figures(hub: &Hub, caller: &Caller, id: &SourceId) -> Result<InboundFigures> {
    let org_id = caller.require(Permission::ConnectionsRead)?;
    let mut conn = hub.db.read().await?;
    store::find(&mut conn, org_id, id).await?.ok_or_else(|| Error::not_found("source"))?;
    let since = hub.now().plus_ms(-FIGURES_MS);
    let counts = store::requests::count(&mut conn, id, since).await?;
    let sum = |wanted: &dyn Fn(&store::requests::Count) -> bool| {
        counts.iter().filter(|count| wanted(count)).map(|count| count.4).sum::<i64>()
    };
    let verified = sum(&|count| count.0 == InboundVerdict::Verified);
    let claimed = verified + sum(&|count| count.0 == InboundVerdict::Rejected);
    let mut rejected: Vec<RejectedCount> = Vec::new();
    for (_, cause, _, _, number) in &counts {
        let Some(cause) = cause else { continue };
        match rejected.iter_mut().find(|known| known.cause == *cause) {
            Some(known) => known.count += number,
            None => rejected.push(RejectedCount { cause: cause.clone(), count: *number }),
        }
    }
    rejected.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.cause.cmp(&b.cause)));
    Ok(InboundFigures {
        since,
        received: sum(&|_| true),
        verified,
        verified_share: (claimed > 0).then(|| verified as f64 / claimed as f64),
        duplicates: sum(&|count| count.3 != 0),
        pending: sum(&|count| count.2 == InboundState::Pending),
        failed: sum(&|count| count.2 == InboundState::Failed),
        rejected,
        is_waiting: store::requests::last(&mut conn, id, Some(InboundVerdict::Verified)).await?.is_none(),
    })
}

/// The scheme that a source is kept with.
pub(super) fn scheme_of(row: &Row) -> Result<Scheme> {
    serde_json::from_str(&row.scheme_json).map_err(Error::internal)
}

/// A source that is about to be changed.
pub(super) async fn must_lock(conn: &mut Conn, org_id: &OrgId, id: &SourceId) -> Result<Row> {
    store::lock(conn, org_id, id).await?.ok_or_else(|| Error::not_found("source"))
}

/// After a commit: open pages hear of it, and event types are read anew.
pub(super) fn changed(hub: &Hub, org_id: &OrgId) {
    hub.directory.forget(org_id);
    hub.signals.send(crate::node::signal::Signal::Changed(org_id.clone()));
    hub.bus.notify(org_id, Notice::Source);
}

fn read_name(text: &str) -> Result<String> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(Error::invalid("name", format!("must have 1 to {MAX_NAME} printable characters.")));
    }
    Ok(name.to_owned())
}

/// The channels that somebody chooses, each once, as they are kept.
fn read_channels(provider: &str, channels: &[SourceChannel]) -> Result<String> {
    if provider != Provider::Slack.key() && !channels.is_empty() {
        return Err(Error::invalid("channels", "can be chosen for sources of Slack only."));
    }
    let is_id = |id: &str| (2..=30).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_name = |name: &str| name.chars().count() <= MAX_NAME && !name.chars().any(char::is_control);
    if let Some(wrong) = channels.iter().find(|channel| !is_id(&channel.id) || !is_name(&channel.name)) {
        let id: String = wrong.id.chars().take(30).collect();
        return Err(Error::invalid("channels", format!("{id:?} is no channel of Slack: an id is like C2147483705.")));
    }
    let mut each: Vec<&SourceChannel> = Vec::new();
    for channel in channels {
        if each.iter().all(|known| known.id != channel.id) {
            each.push(channel);
        }
    }
    if each.len() > MAX_CHANNELS {
        return Err(Error::invalid("channels", format!("are at most {MAX_CHANNELS}; choose none to take all.")));
    }
    serde_json::to_string(&each).map_err(Error::internal)
}

/// The account that somebody names; none where nothing is.
fn read_account(provider: Provider, text: &str) -> Result<Option<String>> {
    let account = text.trim();
    if account.is_empty() {
        return Ok(None);
    }
    if AccountFacts::of(provider).is_none() {
        let name = Preset::of(provider).name;
        return Err(Error::invalid("account", format!("cannot be set: requests of {name} name no account.")));
    }
    if account.chars().count() > MAX_ACCOUNT || account.chars().any(char::is_control) {
        return Err(Error::invalid("account", format!("must have at most {MAX_ACCOUNT} printable characters.")));
    }
    Ok(Some(account.to_owned()))
}

async fn view(conn: &mut Conn, hub: &Hub, caller: &Caller, row: Row) -> Result<Source> {
    let now = hub.now();
    let sealed = store::secrets(conn, &row.id, now).await?;
    let last_verified_at = store::requests::last(conn, &row.id, Some(InboundVerdict::Verified)).await?;
    let preset = Preset::of(presets::read(&row.provider)?);
    // A secret that the provider posted to us has to be told to it, until it is used.
    let posted_at = store::requests::last(conn, &row.id, Some(InboundVerdict::Challenge)).await?;
    let posted = sealed.iter().find(|secret| Some(secret.created_at) == posted_at && last_verified_at < posted_at);
    let verification_token = match posted.filter(|_| caller.may(Permission::ConnectionsWrite)) {
        Some(secret) => secrets::open_all(hub, &row, std::slice::from_ref(secret))?.pop(),
        None => None,
    };
    Ok(Source {
        provider_name: preset.name.to_owned(),
        url: format!("{}/in/{}/{}", hub.settings.base_url, row.provider, secrets::token_of(hub, &row)?),
        previous_url_until: row.previous_token_until.filter(|until| *until > now),
        mail_address: mail::address(hub, &row),
        account: row.account,
        channels: serde_json::from_str(&row.channels_json).map_err(Error::internal)?,
        scheme: serde_json::from_str(&row.scheme_json).map_err(Error::internal)?,
        secrets: sealed
            .into_iter()
            .map(|secret| SourceSecret {
                hint: secret.hint,
                created_at: secret.created_at,
                expires_at: secret.expires_at,
            })
            .collect(),
        verification_token,
        last_received_at: store::requests::last(conn, &row.id, None).await?,
        last_verified_at,
        id: row.id,
        provider: row.provider,
        name: row.name,
        status: row.status,
        created_by: row.created_by,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
