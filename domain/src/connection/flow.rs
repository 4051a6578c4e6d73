//! Connecting: the browser's way to the provider and back.
//!
//! What goes out is kept for ten minutes, by a hash of its state, with the session that it belongs to; what comes back takes it,
//! once. Only then is the code exchanged, the account recognised, and the connection stored (or the one that is there renewed,
//! with its id, its rules and its channels).

use oauth_flow::{Authorization, Callback, Consent, Grant, Secret, Verdict};

use super::apps::{self, parties, scopes};
use super::store::{self, FlowRow, Row};
use super::{ConnectionStatus, Provider, Site, call, tokens};
use crate::caller::Identity;
use crate::db::Conn;
use crate::id::{ConnectionId, OrgId, SessionId, UserId};
use crate::org::plan;
use crate::provider::teams::{entra, signin};
use crate::provider::{Help, jira};
use crate::time::Timestamp;
use crate::{Caller, Error, Hub, Permission, Result, audit, key, text_enum};

/// How long a browser may be away, in milliseconds.
const AWAY_MS: i64 = 10 * 60_000;
/// Connections of one organization at most.
const MAX_CONNECTIONS: usize = 100;

text_enum! {
    /// How the way to a provider and back ended, other than with a connection.
    pub enum Ending {
        /// The person, or the provider, said no.
        Denied = "denied",
        /// It does not belong to this browser's session, has been used, or is older than ten minutes.
        Stale = "stale",
        /// The provider refused the code.
        Refused = "refused",
        /// The provider did not answer.
        Unanswered = "unanswered",
        /// The provider does not take this installation's app: its settings are wrong.
        Misconfigured = "misconfigured",
        /// The consent is good for no site.
        NoSite = "no_site",
        /// Only an administrator of the organization at the provider may allow the app.
        AdminNeeded = "admin_needed",
        /// The account cannot take the place of the one whose connection was to be renewed.
        OtherAccount = "other_account",
    }
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finished {
    /// There is a new connection.
    Connected(ConnectionId),
    /// A connection that was there works again, or may do more.
    Reconnected(ConnectionId),
    /// There is a new connection, and somebody has to choose one of its sites.
    Choose(ConnectionId),
    /// An administrator has allowed the app for everybody in their organization at the provider. Nothing is connected by that.
    Allowed,
    /// There is none, and why.
    Ended(Ending),
}

/// The account that is connected.
pub(super) struct Account {
    pub(super) id: String,
    pub(super) name: String,
    /// What a new connection to it is called, where that is not the account's name.
    pub(super) called: Option<String>,
    /// What is kept of it.
    pub(super) about: serde_json::Value,
}

impl Account {
    /// The workspace that an answer of Slack's is about.
    fn of_slack(extra: &serde_json::Value) -> Option<Self> {
        // What is for a whole organization names no workspace.
        let of = if extra["is_enterprise_install"] == true { &extra["enterprise"] } else { &extra["team"] };
        let id = of["id"].as_str().filter(|id| !id.is_empty())?;
        let name = of["name"].as_str().unwrap_or(id).to_owned();
        Some(Self { id: id.to_owned(), name, called: None, about: extra.clone() })
    }

    /// The person who signed in at Entra ID.
    fn of_teams(claims: &serde_json::Value) -> Option<Self> {
        let account = entra::Account::of_claims(claims)?;
        let (id, called) = (account.key(), Some(account.person));
        Some(Self { id, name: account.name, called, about: claims.clone() })
    }

    /// A site of Jira.
    pub(super) fn of_site(site: &Site) -> Self {
        let about = serde_json::json!({ "url": site.url });
        Self { id: site.id.clone(), name: site.name.clone(), called: None, about }
    }
}

/// What a consent was given for.
enum Given {
    /// One account.
    One(Account),
    /// Several sites, of which one has to be chosen.
    Several(Vec<Site>),
}

/// Finds out what a consent was given for; how the way ends where that is of no use.
async fn given(hub: &Hub, provider: Provider, grant: &Grant) -> Result<std::result::Result<Given, Ending>> {
    let one = |account: Option<Account>| Ok(account.map(Given::One).ok_or(Ending::Refused));
    match provider {
        Provider::Slack => return one(Account::of_slack(&grant.extra)),
        Provider::Teams => return one(Account::of_teams(&grant.extra["claims"])),
        Provider::Jira => {}
    }
    let ask = jira::request::Request { path: String::new(), ..jira::request::myself() };
    let out = call::to_jira(apps::jira(hub)?.urls().sites(), "/accessible-resources", &ask, grant)?;
    let (asked, _) = call::exchange(hub, &out).await;
    let Ok(answer) = asked.answer else { return Ok(Err(Ending::Unanswered)) };
    let sites = jira::oauth::sites(&answer);
    let sites: Vec<Site> =
        sites.into_iter().map(|site| Site { id: site.cloud_id, name: site.name, url: site.url }).collect();
    Ok(match sites.as_slice() {
        [] => Err(Ending::NoSite),
        [site] => Ok(Given::One(Account::of_site(site))),
        _ => Ok(Given::Several(sites)),
    })
}

/// Sends a browser on its way: answers the URL at the provider. With `connection`, that one is to be renewed. Needs
/// `connections:write` and a signed-in person.
///
/// # Errors
/// Forbidden; this installation has no app at the provider; not found.
pub async fn begin(
    hub: &Hub,
    caller: &Caller,
    provider: Provider,
    connection: Option<&ConnectionId>,
) -> Result<String> {
    let org_id = caller.require(Permission::ConnectionsWrite)?;
    person(caller)?;
    let (oauth, client) = parties(hub, provider)?;
    if connection.is_none() {
        plan::require(&mut hub.db.read().await?, hub, org_id, provider.as_str()).await?;
    }
    let known = match connection {
        Some(id) => Some(
            store::find(&mut hub.db.read().await?, org_id, id).await?.ok_or_else(|| Error::not_found("connection"))?,
        ),
        None => None,
    };
    // Slack offers the workspace that is to be renewed.
    let team = known.as_ref().map(|row| row.account_id.as_str()).filter(|id| id.starts_with('T'));
    let extra: Vec<_> = team.map(|team| ("team", team)).into_iter().collect();
    let way = Authorization::begin(&oauth, &client, &scopes(provider), &extra, &hub.random.bytes())
        .map_err(Error::internal)?;
    let away = Away { provider, connection, state_hash: way.state_hash(), verifier: way.verifier.as_ref() };
    note_away(hub, caller, away).await?;
    Ok(way.url)
}

/// Who is signed in, in which session.
fn person(caller: &Caller) -> Result<(&UserId, &SessionId)> {
    match &caller.identity {
        Identity::User { id, session_id, .. } => Ok((id, session_id)),
        _ => Err(Error::forbidden("An account is connected by a person in a browser.")),
    }
}

/// A browser about to go to a provider.
pub(super) struct Away<'a> {
    pub(super) provider: Provider,
    /// The connection that is to be renewed.
    pub(super) connection: Option<&'a ConnectionId>,
    pub(super) state_hash: String,
    /// None where no code comes back: an administrator consents for everybody.
    pub(super) verifier: Option<&'a Secret>,
}

/// Keeps what a browser is sent away with. Needs `connections:write` and a signed-in person.
pub(super) async fn note_away(hub: &Hub, caller: &Caller, away: Away<'_>) -> Result<()> {
    let org_id = caller.require(Permission::ConnectionsWrite)?;
    let (user_id, session_id) = person(caller)?;
    key::ready(hub, org_id).await?;
    let seal = |verifier: &Secret| hub.seal(org_id, &verifier_place(&away.state_hash), verifier.expose().as_bytes());
    let flow = FlowRow {
        sealed_verifier: away.verifier.map(seal).transpose()?,
        state_hash: away.state_hash,
        org_id: org_id.clone(),
        user_id: user_id.clone(),
        session_id: session_id.clone(),
        provider: away.provider,
        connection_id: away.connection.cloned(),
        expires_at: hub.now().plus_ms(AWAY_MS),
    };
    let mut tx = hub.db.begin().await?;
    store::insert_flow(&mut tx, &flow, hub.now()).await?;
    tx.commit().await
}

fn verifier_place(state_hash: &str) -> String {
    format!("connection_flows|{state_hash}")
}

/// Takes a browser back, with the query it came with. Everything that can go wrong on the way is an [`Ending`].
///
/// # Errors
/// Nobody is signed in, or may not connect; too many connections; the database does not answer.
pub async fn finish(hub: &Hub, caller: &Caller, provider: Provider, query: &str) -> Result<Finished> {
    let org_id = caller.require(Permission::ConnectionsWrite)?;
    // Before the code is spent: what it brings has to be sealed.
    key::ready(hub, org_id).await?;
    let Some(flow) = take(hub, caller, provider, query).await? else { return Ok(Finished::Ended(Ending::Stale)) };
    if flow.provider == Provider::Teams && flow.sealed_verifier.is_none() {
        return super::teams::finish_admin(hub, caller, &flow, query).await;
    }
    let (oauth, client) = parties(hub, provider)?;
    let code = match Authorization::callback(&oauth, &flow.state_hash, query) {
        Callback::Code(code) => code,
        Callback::Denied { error, description } => {
            let ending = denial(provider, description.as_deref());
            let note = description.map_or(error.clone(), |words| format!("{error}: {words}"));
            note_denied(hub, caller, &flow, &note).await?;
            return Ok(Finished::Ended(ending));
        }
        Callback::Malformed(_) => return Ok(Finished::Ended(Ending::Stale)),
    };
    let verifier = match &flow.sealed_verifier {
        None => None,
        Some(sealed) => {
            let text = hub.open_sealed(&verifier_place(&flow.state_hash), sealed)?;
            Some(Secret::new(std::str::from_utf8(&text).map_err(Error::internal)?))
        }
    };
    let consent = Consent { code, verifier, scopes: scopes(provider) };
    let grant = oauth_flow::exchange(&oauth, &client, &consent, || hub.now().0, |form| tokens::send(hub, form)).await;
    match grant {
        Ok(grant) => store_grant(hub, caller, &flow, &grant, &oauth).await,
        Err(error) => {
            tracing::warn!(%provider, %error, "a code could not be exchanged");
            let ending = match error.verdict() {
                Verdict::Reconnect => Ending::Refused,
                Verdict::Fix => Ending::Misconfigured,
                Verdict::Retry | Verdict::Lost => Ending::Unanswered,
            };
            Ok(Finished::Ended(ending))
        }
    }
}

/// How a way ends on which the provider said no, by what it added for people.
fn denial(provider: Provider, words: Option<&str>) -> Ending {
    let number = words.filter(|_| provider == Provider::Teams).and_then(signin::number);
    match number.and_then(signin::meaning).map(|meaning| meaning.help) {
        Some(Help::AskAdministrator) => Ending::AdminNeeded,
        Some(Help::CheckApp) => Ending::Misconfigured,
        Some(Help::TryAgain) => Ending::Unanswered,
        _ => Ending::Denied,
    }
}

/// Notes that the provider, or somebody there, said no.
pub(super) async fn note_denied(hub: &Hub, caller: &Caller, flow: &FlowRow, note: &str) -> Result<()> {
    let mut tx = hub.db.begin().await?;
    let (org_id, target) = (Some(&flow.org_id), Some(flow.provider.as_str()));
    audit::store::record(&mut tx, hub, caller, org_id, "connection.denied", target, Some(note)).await?;
    tx.commit().await
}

/// What was kept for the browser that comes back, if it is this session's and not too late.
async fn take(hub: &Hub, caller: &Caller, provider: Provider, query: &str) -> Result<Option<FlowRow>> {
    // States are base64url: nothing in them is encoded.
    let Some(state) = query.split('&').find_map(|pair| pair.strip_prefix("state=")) else { return Ok(None) };
    let mut tx = hub.db.begin().await?;
    let flow = store::take_flow(&mut tx, &oauth_flow::state_hash(state)).await?;
    tx.commit().await?;
    let Identity::User { id: user_id, session_id, .. } = &caller.identity else { return Ok(None) };
    Ok(flow.filter(|flow| {
        flow.provider == provider
            && flow.session_id == *session_id
            && flow.user_id == *user_id
            && Some(&flow.org_id) == caller.org_id.as_ref()
            && flow.expires_at > hub.now()
    }))
}

/// Stores what a consent has brought, as a new connection or in the one of the same account.
async fn store_grant(
    hub: &Hub,
    caller: &Caller,
    flow: &FlowRow,
    grant: &Grant,
    oauth: &oauth_flow::Provider,
) -> Result<Finished> {
    let account = match given(hub, flow.provider, grant).await? {
        Ok(Given::One(account)) => account,
        Ok(Given::Several(sites)) => match reconnected(hub, flow, &sites).await? {
            Some(site) => Account::of_site(&site),
            None if flow.connection_id.is_some() => return Ok(Finished::Ended(Ending::OtherAccount)),
            None => return super::jira::keep_for_choice(hub, caller, &flow.org_id, grant, oauth, &sites).await,
        },
        Err(ending) => return Ok(Finished::Ended(ending)),
    };
    let now = hub.now();
    let mut tx = hub.db.begin().await?;
    let mut known = store::of_account(&mut tx, &flow.org_id, flow.provider, &account.id).await?;
    if let Some(asked) = &flow.connection_id
        && known.as_ref().is_none_or(|row| row.id != *asked)
    {
        let row = if known.is_none() { store::lock(&mut tx, &flow.org_id, asked).await? } else { None };
        known = row.filter(|row| can_replace(row, &account));
        if known.is_none() {
            return Ok(Finished::Ended(Ending::OtherAccount));
        }
    }
    let is_new = known.is_none();
    if is_new {
        check_room(&mut tx, hub, &flow.org_id, flow.provider).await?;
    }
    let mut row = known.unwrap_or_else(|| blank(hub, caller, &flow.org_id, flow.provider, &account));
    tokens::put(hub, &mut row, grant, oauth)?;
    (row.account_id, row.account_name) = (account.id, account.name);
    row.account_json = account.about.to_string();
    if row.status == ConnectionStatus::NeedsReconnect {
        row.status = ConnectionStatus::Healthy;
    }
    (row.problem, row.limited_until, row.refresh_sent_at) = (None, None, None);
    (row.call_failures, row.calls_resume_at, row.call_pause_ms) = (0, None, 0);
    // Whoever was renewing meanwhile finds the count moved, and leaves it alone.
    row.refresh_count += i64::from(!is_new);
    (row.check_at, row.sync_at, row.updated_at) = (Some(now), Some(now), now);
    store::save(&mut tx, &row).await?;
    let action = if is_new { "connection.created" } else { "connection.reconnected" };
    let note = format!("{}: {}", row.name, grant.scopes.join(", "));
    audit::store::record(&mut tx, hub, caller, Some(&flow.org_id), action, Some(row.id.as_str()), Some(&note)).await?;
    super::actions::mend(&mut tx, hub, &row).await?;
    tx.commit().await?;
    super::actions::changed(hub, &flow.org_id);
    Ok(if is_new { Finished::Connected(row.id) } else { Finished::Reconnected(row.id) })
}

/// Whether an account may take the place of a connection's own: another person of the same organization at Microsoft, where teams and
/// channels have the same ids for everybody.
fn can_replace(row: &Row, account: &Account) -> bool {
    row.provider == Provider::Teams && entra::are_of_one_tenant(&row.account_id, &account.id)
}

/// The site of the connection that is to be renewed, if the consent is good for it.
async fn reconnected(hub: &Hub, flow: &FlowRow, sites: &[Site]) -> Result<Option<Site>> {
    let Some(id) = &flow.connection_id else { return Ok(None) };
    let row = store::find(&mut hub.db.read().await?, &flow.org_id, id).await?;
    Ok(row.and_then(|row| sites.iter().find(|site| site.id == row.account_id).cloned()))
}

/// Whether there is room for one connection more, and its provider is in the organization's plan.
pub(super) async fn check_room(conn: &mut Conn, hub: &Hub, org_id: &OrgId, provider: Provider) -> Result<()> {
    plan::require(conn, hub, org_id, provider.as_str()).await?;
    if store::all(conn, org_id).await?.len() < MAX_CONNECTIONS {
        return Ok(());
    }
    Err(Error::conflict(
        "connection_limit",
        format!("An organization has at most {MAX_CONNECTIONS} connections. Disconnect one that is not used."),
    ))
}

/// A connection about to be stored for the first time.
pub(super) fn blank(hub: &Hub, caller: &Caller, org_id: &OrgId, provider: Provider, account: &Account) -> Row {
    let now: Timestamp = hub.now();
    Row {
        id: hub.id(ConnectionId::new),
        org_id: org_id.clone(),
        provider,
        account_id: account.id.clone(),
        account_name: account.name.clone(),
        account_json: "{}".into(),
        name: account.called.as_ref().unwrap_or(&account.name).chars().take(super::MAX_NAME).collect(),
        status: ConnectionStatus::Healthy,
        problem: None,
        limited_until: None,
        scopes_json: "[]".into(),
        sealed_tokens: None,
        expires_at: None,
        refresh_at: None,
        refresh_sent_at: None,
        refreshed_at: None,
        refresh_count: 0,
        check_at: Some(now),
        checked_at: None,
        check_us: None,
        sync_at: Some(now),
        sync_cursor: None,
        sync_began_at: None,
        synced_at: None,
        default_channel_id: None,
        call_failures: 0,
        calls_resume_at: None,
        call_pause_ms: 0,
        created_by: caller.name().to_owned(),
        created_at: now,
        updated_at: now,
        deleted_at: None,
    }
}
