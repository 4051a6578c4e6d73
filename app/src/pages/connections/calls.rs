//! What the pages of a connection ask the server.

use domain::channel::Choices;
use domain::connection::people::{LinkOffer, LinkedPerson};
use domain::connection::{Connection, ConnectionCall};
use domain::rule::Rule;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::form::RuleForm;
use crate::error::UiError;

/// What the page of a connection shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConnectionData {
    /// The connection.
    pub connection: Connection,
    /// Its rules, each with how many messages arrived in the last seven days.
    pub rules: Vec<(Rule, i64)>,
    /// The name of its default channel.
    pub default_channel: Option<String>,
    /// The last calls.
    pub calls: Vec<ConnectionCall>,
    /// Who is a member by a link; each with whether this person may unlink them.
    pub people: Vec<(LinkedPerson, bool)>,
    /// The webhook to enter by hand, address and secret, where there is one and this person may see it.
    pub webhook: Option<(String, String)>,
    /// Whether this person may change it.
    pub may_write: bool,
}

/// What the page of a rule shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleData {
    /// The connection.
    pub connection: Connection,
    /// The form as it is at first.
    pub form: RuleForm,
    /// Channels for the picker, as long as nothing is typed.
    pub choices: Choices,
    /// Names of event types and groups of them, for suggestions.
    pub patterns: Vec<String>,
    /// Names of time zones, likewise.
    pub time_zones: Vec<String>,
    /// How many messages the rule would have sent.
    pub estimate: Option<String>,
    /// Whether the rule has a condition.
    pub has_condition: bool,
    /// Whether this person may change rules.
    pub may_write: bool,
}

/// A connection with its rules and calls.
#[server]
pub async fn load_connection(id: String) -> Result<ConnectionData, UiError> {
    use domain::{Permission, connection, endpoint, rule};
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("connection"))?;
    let connection = connection::actions::get(&hub, &caller, &id).await?;
    let all = endpoint::actions::list_rules(&hub, &caller).await?;
    let arrived = |rule: &Rule| all.iter().find(|row| row.endpoint.id == rule.id).map_or(0, |row| row.health.delivered);
    let rules = rule::actions::list(&hub, &caller, Some(&id)).await?;
    let rules = rules
        .into_iter()
        .map(|rule| {
            let count = arrived(&rule);
            (rule, count)
        })
        .collect();
    let default_channel = match &connection.default_channel_id {
        Some(channel) => {
            connection::actions::channel(&hub, &caller, &id, channel).await.ok().map(|channel| channel.name)
        }
        None => None,
    };
    let calls = connection::actions::calls(&hub, &caller, &id).await?;
    let may_write = caller.may(Permission::ConnectionsWrite);
    let people = connection::people::actions::list(&hub, &caller, &id).await?;
    let people = people
        .into_iter()
        .map(|person| {
            let may_unlink = may_write || caller.user().ok() == Some(&person.user_id);
            (person, may_unlink)
        })
        .collect();
    let webhook = connection::api_token::webhook_setup(&hub, &caller, &id).await.ok();
    let webhook = webhook.map(|setup| (setup.url, setup.secret));
    Ok(ConnectionData { connection, rules, default_channel, calls, people, webhook, may_write })
}

/// A rule to look at or change; a new one without `rule`.
#[server]
pub async fn load_rule(
    id: String,
    #[server(default)] rule: Option<String>,
    #[server(default)] q: Option<String>,
) -> Result<RuleData, UiError> {
    use domain::{Permission, connection, event_type, rule as rules};
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("connection"))?;
    let connection = connection::actions::get(&hub, &caller, &id).await?;
    let (mut estimate, mut has_condition) = (None, false);
    let kept = match rule {
        None => RuleForm { connection: id.to_string(), enabled: "on".into(), ..RuleForm::default() },
        Some(rule) => {
            let rule = rule.parse().map_err(|_| domain::Error::not_found("rule"))?;
            let rule = rules::actions::get(&hub, &caller, &rule).await?;
            has_condition = rule.condition.is_some();
            estimate = rules::actions::estimate(&hub, &caller, &rule.clone().into())
                .await
                .ok()
                .map(|estimate| estimate.sentence());
            rule.into()
        }
    };
    let form = crate::saving::draft("rule").unwrap_or(kept);
    let choices = connection::actions::channels(&hub, &caller, &id, &q.unwrap_or_default()).await?;
    let types = event_type::actions::list(&hub, &caller).await?;
    let mut patterns: Vec<String> =
        types.iter().filter_map(|known| Some(format!("{}.*", known.name.split_once('.')?.0))).collect();
    patterns.dedup();
    patterns.insert(0, "*".into());
    patterns.extend(types.into_iter().map(|known| known.name));
    let may_write = caller.may(Permission::EndpointsWrite);
    Ok(RuleData {
        connection,
        form,
        choices,
        patterns,
        time_zones: rules::schedule::time_zones(),
        estimate,
        has_condition,
        may_write,
    })
}

/// Channels that match what is typed.
#[server]
pub async fn find_channels(id: String, q: String) -> Result<Choices, UiError> {
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("connection"))?;
    Ok(domain::connection::actions::channels(&hub, &caller, &id, &q).await?)
}

/// Makes a rule, or changes one, and goes to the connection's page.
#[server]
pub async fn save_rule(form: RuleForm) -> Result<(), UiError> {
    crate::saving::rule(form).await
}

/// Deletes a rule.
#[server]
pub async fn delete_rule(id: String, connection: String) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("rule"))?;
    domain::rule::actions::delete(&hub, &caller, &id).await?;
    crate::session::redirect(&format!("/connections/{connection}?done=rule_deleted"));
    Ok(())
}

/// Sends a sample by a rule.
#[server]
pub async fn test_rule(id: String, connection: String) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("rule"))?;
    let delivery = domain::rule::actions::test(&hub, &caller, &id, None).await?;
    let issues = domain::rule::actions::get(&hub, &caller, &id).await?.issue.is_some();
    let how = match domain::delivery::actions::wait(&hub, &caller, &delivery, 15_000).await {
        Ok(detail) if detail.delivery.status == domain::delivery::DeliveryStatus::Delivered => {
            if issues {
                "made"
            } else {
                "tested"
            }
        }
        _ if issues => "making",
        _ => "test_waits",
    };
    crate::session::redirect(&format!("/connections/{connection}?done={how}&delivery={delivery}"));
    Ok(())
}

/// Tries a connection out.
#[server]
pub async fn check_connection(id: String) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("connection"))?;
    domain::connection::actions::check(&hub, &caller, &id).await?;
    crate::session::redirect(&format!("/connections/{id}?done=checked"));
    Ok(())
}

/// Reads the list of channels anew.
#[server]
pub async fn refresh_channels(id: String) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("connection"))?;
    domain::connection::actions::refresh_channels(&hub, &caller, &id).await?;
    crate::session::redirect(&format!("/connections/{id}?done=refreshing"));
    Ok(())
}

/// Renames a connection, and sets its default channel: the id of one, or nothing.
#[server]
pub async fn save_connection(
    id: String,
    name: String,
    #[server(default)] default_channel: String,
) -> Result<(), UiError> {
    use domain::connection::{ConnectionChange, actions};
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("connection"))?;
    let default_channel_id = Some(Some(default_channel).filter(|channel| !channel.is_empty()));
    let change = ConnectionChange { name: Some(name), default_channel_id, paused: None };
    actions::update(&hub, &caller, &id, change).await?;
    crate::session::redirect(&format!("/connections/{id}?done=saved"));
    Ok(())
}

/// Holds back what would be sent through a connection, or lets it go again.
#[server]
pub async fn pause_connection(id: String, paused: bool) -> Result<(), UiError> {
    use domain::connection::{ConnectionChange, actions};
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("connection"))?;
    let change = ConnectionChange { paused: Some(paused), ..ConnectionChange::default() };
    actions::update(&hub, &caller, &id, change).await?;
    crate::session::redirect(&format!("/connections/{id}?done={}", if paused { "paused" } else { "resumed" }));
    Ok(())
}

/// Gives a connection another workflow's address.
#[server]
pub async fn replace_workflow(id: String, workflow_url: String) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("connection"))?;
    domain::connection::workflow::replace(&hub, &caller, &id, &workflow_url).await?;
    crate::session::redirect(&format!("/connections/{id}?done=reconnected"));
    Ok(())
}

/// Chooses the site of a connection whose consent is good for several.
#[server]
pub async fn choose_site(id: String, #[server(default)] site: String) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("connection"))?;
    domain::connection::jira::choose_site(&hub, &caller, &id, &site).await?;
    crate::session::redirect(&format!("/connections/{id}?done=connected"));
    Ok(())
}

/// Ends a connection.
#[server]
pub async fn disconnect(id: String) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("connection"))?;
    let provider = domain::connection::actions::get(&hub, &caller, &id).await?.provider;
    domain::connection::actions::disconnect(&hub, &caller, &id).await?;
    crate::session::redirect(&format!("/integrations/{provider}?done=disconnected"));
    Ok(())
}

/// Who asks to be linked to this person's account.
#[server]
pub async fn load_link(token: String) -> Result<LinkOffer, UiError> {
    let (hub, caller) = crate::session::caller()?;
    Ok(domain::connection::people::actions::look(&hub, &caller, &token).await?)
}

/// Links them.
#[server]
pub async fn accept_link(token: String) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let id = domain::connection::people::actions::accept(&hub, &caller, &token).await?;
    crate::session::redirect(&format!("/connections/{id}?done=linked"));
    Ok(())
}

/// Unlinks somebody.
#[server]
pub async fn unlink(id: String, person: String) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("connection"))?;
    domain::connection::people::actions::unlink(&hub, &caller, &id, &person).await?;
    crate::session::redirect(&format!("/connections/{id}?done=unlinked"));
    Ok(())
}
