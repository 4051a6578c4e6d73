//! What the pages of sources ask the server.

use domain::Page;
use domain::channel::Choices;
use domain::delivery::DeliverySummary;
use domain::source::{
    EmailFact, InboundFigures, InboundRequest, InboundRequestSummary, Source, SourcePreset, SourceSummary,
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::scheme_form::SchemeForm;
use crate::error::UiError;

/// What the list shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourcesData {
    /// The sources, oldest first.
    pub sources: Vec<SourceSummary>,
    /// What new ones can be made of: key, name, and what comes from there.
    pub presets: Vec<(String, String, String)>,
    /// Whether this person may make and change sources.
    pub may_write: bool,
}

/// What the page of a source shows that somebody sets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceData {
    /// The source.
    pub source: Source,
    /// What there is to know of its provider, with the address put in.
    pub preset: SourcePreset,
    /// The provider's types that have come and were verified, each with how often, the most frequent first.
    pub seen: Vec<(String, i64)>,
    /// The channels to choose from; none for other providers than Slack.
    pub channels: Option<Found>,
    /// Whether this person may change it.
    pub may_write: bool,
}

/// Channels of the organization's Slack connections.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// What was typed.
    pub typed: String,
    /// What is called so, best first; none where Slack is not connected.
    pub choices: Option<Choices>,
}

/// What came to a source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActivityData {
    /// The last seven days.
    pub figures: InboundFigures,
    /// A page of its requests.
    pub requests: Page<InboundRequestSummary>,
}

/// What the page of a request shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RequestData {
    /// What the source that it came to is called.
    pub source_name: String,
    /// Whether this person may see the source itself.
    pub may_see_source: bool,
    /// The request.
    pub request: InboundRequest,
    /// Whether only the beginning of its body is shown.
    pub is_cut: bool,
    /// The message that it tells of, where it tells what became of e-mail.
    pub message_id: Option<String>,
    /// The deliveries of its events.
    pub deliveries: Vec<DeliverySummary>,
    /// Whether this person may see deliveries.
    pub may_see_deliveries: bool,
    /// Whether this person may have it handled again.
    pub may_write: bool,
}

/// What became of e-mail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EmailData {
    /// The source that was told of it.
    pub source_id: String,
    /// What it is called.
    pub source_name: String,
    /// The id of a message or the address that was looked for; empty at first.
    pub about: String,
    /// What is known, newest first.
    pub facts: Vec<EmailFact>,
}

/// All sources, and the presets.
#[server]
pub async fn load_sources() -> Result<SourcesData, UiError> {
    let (hub, caller) = crate::session::caller()?;
    let sources = domain::source::actions::list(&hub, &caller).await?;
    let presets = domain::source::presets::list(&caller)?;
    let presets = presets.into_iter().map(|preset| (preset.provider, preset.name, preset.about)).collect();
    Ok(SourcesData { sources, presets, may_write: caller.may(domain::Permission::ConnectionsWrite) })
}

/// Makes a source of a preset and goes to its page; a secret that is made for it is shown there, once.
#[server]
pub async fn create_source(provider: String) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let new = domain::source::NewSource { provider, ..Default::default() };
    let made = domain::source::actions::create(&hub, &caller, new).await?;
    let id = made.source.id.to_string();
    if let Some(secret) = made.secret {
        crate::session::flash_put(&crate::session::visit()?, &format!("{id} {secret}"));
    }
    crate::session::redirect(&format!("/sources/{id}?done=made"));
    Ok(())
}

/// A source with the facts of its provider; of Slack's, with the channels that are called so.
#[server]
pub async fn load_source(id: String, #[server(default)] channel: String) -> Result<SourceData, UiError> {
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("source"))?;
    let source = domain::source::actions::get(&hub, &caller, &id).await?;
    let mut preset = domain::source::presets::find(&source.provider)?;
    preset.setup.iter_mut().for_each(|step| *step = step.replace("{url}", &source.url));
    let channels = match source.provider.as_str() {
        "slack" => {
            let typed = channel.trim().to_owned();
            let choices = domain::source::channels::find(&hub, &caller, &typed).await?;
            Some(Found { typed, choices })
        }
        _ => None,
    };
    let seen = domain::source::fields::seen(&hub, &caller, &id).await?;
    Ok(SourceData { source, preset, seen, channels, may_write: caller.may(domain::Permission::ConnectionsWrite) })
}

/// The fields of the newest events of a type, drawn by [`super::fields`]; nothing where no type is named.
#[server]
pub async fn load_source_fields(id: String, #[server(default)] kind: String) -> Result<String, UiError> {
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("source"))?;
    if kind.is_empty() {
        return Ok(String::new());
    }
    let report = domain::source::fields::report(&hub, &caller, &id, &kind).await?;
    Ok(super::fields::draw(&report, &format!("/sources/{id}")))
}

/// Channels of the organization's Slack connections that match what is typed.
#[server]
pub async fn find_source_channels(q: String) -> Result<Choices, UiError> {
    let (hub, caller) = crate::session::caller()?;
    Ok(domain::source::channels::find(&hub, &caller, &q).await?.unwrap_or_default())
}

/// Chooses a channel for a source of Slack's, or leaves it out.
#[server]
pub async fn choose_source_channel(
    id: String,
    channel: String,
    #[server(default)] name: String,
    #[server(default)] wanted: String,
) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("source"))?;
    if channel.is_empty() {
        return Err(domain::Error::invalid(
            "channels",
            "are chosen from the list: type a part of the name, then choose one.",
        )
        .into());
    }
    let mut channels = domain::source::actions::get(&hub, &caller, &id).await?.channels;
    channels.retain(|known| known.id != channel);
    if !wanted.is_empty() {
        channels.push(domain::source::SourceChannel { id: channel, name });
    }
    let change = domain::source::SourceChange { channels: Some(channels), ..Default::default() };
    domain::source::actions::update(&hub, &caller, &id, change).await?;
    Ok(())
}

/// What came to a source: figures, and a page of its requests.
#[server]
pub async fn load_source_activity(
    id: String,
    #[server(default)] show: String,
    #[server(default)] cursor: Option<String>,
) -> Result<ActivityData, UiError> {
    use domain::source::{InboundState, InboundVerdict, actions, requests};
    let (hub, caller) = crate::session::caller()?;
    let id: domain::id::SourceId = id.parse().map_err(|_| domain::Error::not_found("source"))?;
    let figures = actions::figures(&hub, &caller, &id).await?;
    let page = domain::PageQuery { limit: Some(25), cursor };
    let query = requests::RequestQuery { source_id: Some(id), page, ..Default::default() };
    let query = match show.as_str() {
        "verified" => requests::RequestQuery { verdict: Some(InboundVerdict::Verified), ..query },
        "rejected" => requests::RequestQuery { verdict: Some(InboundVerdict::Rejected), ..query },
        "failed" => requests::RequestQuery { state: Some(InboundState::Failed), ..query },
        cause if !cause.is_empty() => requests::RequestQuery { cause: Some(cause.to_owned()), ..query },
        _ => query,
    };
    Ok(ActivityData { figures, requests: requests::list(&hub, &caller, &query).await? })
}

/// Renames a source.
#[server]
pub async fn rename_source(id: String, name: String) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("source"))?;
    let change = domain::source::SourceChange { name: Some(name), ..Default::default() };
    domain::source::actions::update(&hub, &caller, &id, change).await?;
    Ok(())
}

/// Switches a source on or off.
#[server]
pub async fn set_source_status(id: String, status: String) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("source"))?;
    let status = status.parse().map_err(|message: String| domain::Error::invalid("status", message))?;
    let change = domain::source::SourceChange { status: Some(status), ..Default::default() };
    domain::source::actions::update(&hub, &caller, &id, change).await?;
    Ok(())
}

/// Changes how the requests of a source are verified.
#[server]
pub async fn set_source_scheme(id: String, form: SchemeForm) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("source"))?;
    let change = domain::source::SourceChange { scheme: Some(form.value()), ..Default::default() };
    domain::source::actions::update(&hub, &caller, &id, change).await?;
    Ok(())
}

/// Deletes a source and goes back to the list.
#[server]
pub async fn delete_source(id: String) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("source"))?;
    domain::source::actions::delete(&hub, &caller, &id).await?;
    crate::session::redirect("/sources?done=deleted");
    Ok(())
}

/// Gives a source another address.
#[server]
pub async fn rotate_source_token(id: String) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("source"))?;
    domain::source::secrets::rotate_token(&hub, &caller, &id, &Default::default()).await?;
    Ok(())
}

/// Enters a secret, or makes one that is shown on the source's page, once.
#[server]
pub async fn rotate_source_secret(id: String, #[server(default)] secret: String) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let parsed = id.parse().map_err(|_| domain::Error::not_found("source"))?;
    let secret = Some(secret).filter(|text| !text.trim().is_empty());
    let rotation = domain::source::SecretRotation { secret, overlap_hours: None };
    let rotated = domain::source::secrets::rotate_secret(&hub, &caller, &parsed, &rotation).await?;
    if let Some(made) = rotated.secret {
        crate::session::flash_put(&crate::session::visit()?, &format!("{id} {made}"));
        crate::session::redirect(&format!("/sources/{id}"));
    }
    Ok(())
}

/// The secret that was just made for this source, once.
#[server]
pub async fn take_source_secret(id: String) -> Result<Option<String>, UiError> {
    let text = crate::session::flash_take(&crate::session::visit()?);
    Ok(text.as_deref().and_then(|text| text.strip_prefix(&id)?.strip_prefix(' ')).map(ToOwned::to_owned))
}

/// What became of a message, or of all that went to an address.
#[server]
pub async fn load_emails(id: String, #[server(default)] about: String) -> Result<EmailData, UiError> {
    let (hub, caller) = crate::session::caller()?;
    let id: domain::id::SourceId = id.parse().map_err(|_| domain::Error::not_found("source"))?;
    let source = domain::source::actions::get(&hub, &caller, &id).await?;
    let about = about.trim().to_owned();
    let (message, recipient) =
        if about.contains('@') { (None, Some(about.as_str())) } else { (Some(about.as_str()), None) };
    let facts = match about.as_str() {
        "" => Vec::new(),
        _ => domain::source::history::list(&hub, &caller, &id, message, recipient).await?,
    };
    Ok(EmailData { source_id: id.to_string(), source_name: source.name, about, facts })
}

/// Sets the account whose requests alone a source takes.
#[server]
pub async fn set_source_account(id: String, #[server(default)] account: String) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("source"))?;
    let change = domain::source::SourceChange { account: Some(account), ..Default::default() };
    domain::source::actions::update(&hub, &caller, &id, change).await?;
    Ok(())
}

/// One request that came to a source.
#[server]
pub async fn load_source_request(id: String, request: String) -> Result<RequestData, UiError> {
    // Of a body, so many characters are shown.
    const MAX_SHOWN: usize = 100_000;
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("source"))?;
    let request = request.parse().map_err(|_| domain::Error::not_found("inbound request"))?;
    let (source_name, provider) = domain::source::log::name(&hub, &caller, &id).await?;
    let mut request = domain::source::requests::get(&hub, &caller, &request).await?;
    if request.summary.source_id != id {
        return Err(domain::Error::not_found("inbound request").into());
    }
    let told = request.body.as_deref().filter(|_| provider == "resend");
    let told = told.and_then(|body| serde_json::from_str::<serde_json::Value>(body).ok());
    let message_id = told.and_then(|body| body.pointer("/data/email_id")?.as_str().map(str::to_owned));
    let is_cut = request.body.as_mut().is_some_and(|body| {
        let end = body.char_indices().map(|(at, _)| at).nth(MAX_SHOWN);
        end.is_some_and(|end| {
            body.truncate(end);
            true
        })
    });
    let may_see_deliveries = caller.may(domain::Permission::DeliveriesRead);
    let deliveries = match may_see_deliveries {
        true => domain::source::log::deliveries(&hub, &caller, &request).await?,
        false => Vec::new(),
    };
    let may_write = caller.may(domain::Permission::ConnectionsWrite);
    let may_see_source = caller.may(domain::Permission::ConnectionsRead);
    Ok(RequestData {
        source_name,
        may_see_source,
        request,
        is_cut,
        message_id,
        deliveries,
        may_see_deliveries,
        may_write,
    })
}

/// Has a request handled once more.
#[server]
pub async fn replay_source_request(request: String) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let request = request.parse().map_err(|_| domain::Error::not_found("inbound request"))?;
    domain::source::requests::replay(&hub, &caller, &request).await?;
    Ok(())
}
