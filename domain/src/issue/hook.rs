//! Keeping webhooks registered at Jira: one for each connection, about the projects that its rules lead to. They end after thirty
//! days; whenever a connection is tried out, what is there is compared with what should be.

use oauth_flow::Grant;
use serde_json::{Value, json};

use super::values;
use crate::connection::call::{self, CallError};
use crate::connection::store::Row;
use crate::connection::{self, ConnectionAccess, Provider, jira as site, tokens};
use crate::endpoint;
use crate::node::signal::Work;
use crate::provider::jira::request::{self, Request};
use crate::time::Timestamp;
use crate::{Hub, Result};

/// What is asked for.
const EVENTS: [&str; 4] = ["jira:issue_created", "jira:issue_updated", "jira:issue_deleted", "comment_created"];
/// One that ends within this time is given thirty days more, in milliseconds.
const RENEW_MS: i64 = 21 * 86_400_000;

/// Where a connection's webhooks are posted to.
pub(crate) fn url(hub: &Hub, row: &Row) -> String {
    format!("{}/jira/{}", hub.settings.base_url, row.id)
}

/// Has a connection looked after soon, because its rules have changed.
pub(crate) async fn soon(hub: &Hub, connection: &Row) -> Result<()> {
    if connection.provider != Provider::Jira {
        return Ok(());
    }
    let mut tx = hub.db.begin().await?;
    if let Some(mut row) = connection::store::lock(&mut tx, &connection.org_id, &connection.id).await? {
        row.check_at = Some(hub.now());
        connection::store::save(&mut tx, &row).await?;
    }
    tx.commit().await?;
    hub.wake(Work::Chores);
    Ok(())
}

/// Makes what is registered what should be; notes what is in the way, and who the connection acts as.
pub(crate) async fn keep(hub: &Hub, row: &Row, grant: &Grant, me: &Value) -> Result<()> {
    let mut projects: Vec<String> = Vec::new();
    for (_, rule) in endpoint::store::of_connection(&mut hub.db.read().await?, &row.org_id, &row.id).await? {
        if !projects.contains(&rule.provider_channel_id) {
            projects.push(rule.provider_channel_id);
        }
    }
    projects.sort();
    let desk = Desk { hub, row, grant };
    let about: Value = serde_json::from_str(&row.account_json).unwrap_or_default();
    // Only apps may register webhooks: for an API token an administrator does it by hand.
    if row.access() == ConnectionAccess::ApiToken {
        return note(hub, row, Value::Null, me).await;
    }
    let hook = match desk.reconcile(&about["hook"], &projects).await? {
        Ok(hook) => hook,
        // Nobody knows; the next look comes soon enough.
        Err(CallError::NoAnswer(_) | CallError::Held(_) | CallError::RateLimited(_)) => about["hook"].clone(),
        Err(error) => {
            let why = error.into_error(Provider::Jira).problem().message;
            json!({ "problem": format!("Patchbay does not hear of changes in Jira. {why}") })
        }
    };
    note(hub, row, hook, me).await
}

/// Keeps what was found out.
async fn note(hub: &Hub, row: &Row, hook: Value, me: &Value) -> Result<()> {
    let mut tx = hub.db.begin().await?;
    if let Some(mut known) = connection::store::lock(&mut tx, &row.org_id, &row.id).await? {
        let mut about: Value = serde_json::from_str(&known.account_json).unwrap_or_default();
        about["hook"] = hook;
        about["person"] = me["accountId"].clone();
        known.account_json = about.to_string();
        connection::store::save(&mut tx, &known).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Takes back what is registered, as far as Jira lets us: the connection ends.
pub(crate) async fn end(hub: &Hub, row: &Row) {
    let ended = async {
        let grant = tokens::open(hub, row)?.filter(|_| row.access() != ConnectionAccess::ApiToken);
        let Some(grant) = grant else { return Ok(()) };
        let desk = Desk { hub, row, grant: &grant };
        desk.reconcile(&Value::Null, &[]).await.map(drop)
    };
    let ended: Result<()> = ended.await;
    if let Err(error) = ended {
        tracing::info!(%error, connection = %row.id, "webhooks at Jira could not be taken back; they end by themselves");
    }
}

struct Desk<'a> {
    hub: &'a Hub,
    row: &'a Row,
    grant: &'a Grant,
}

impl Desk<'_> {
    async fn ask(&self, request: &Request) -> Result<Result<Value, CallError>> {
        let out = site::ask(self.hub, self.row, self.grant, request)?;
        Ok(call::send(self.hub, self.row, out).await?.answer)
    }

    /// Compares what Jira has with what should be there, and mends it; answers what is kept of it.
    async fn reconcile(&self, known: &Value, projects: &[String]) -> Result<Result<Value, CallError>> {
        let listed = match self.ask(&request::webhooks(0)).await? {
            Ok(listed) => listed,
            Err(error) => return Ok(Err(error)),
        };
        let url = url(self.hub, self.row);
        let mut kept = None;
        let mut strays = Vec::new();
        for webhook in listed["values"].as_array().into_iter().flatten() {
            let Some(id) = webhook["id"].as_i64() else { continue };
            let is_ours = webhook["url"] == url.as_str();
            if is_ours && known["id"] == id && known["projects"] == json!(projects) && kept.is_none() {
                kept = Some((id, webhook["expirationDate"].as_str().and_then(values::moment)));
            } else if is_ours || self.is_orphan(webhook["url"].as_str().unwrap_or_default()).await? {
                strays.push(id);
            }
        }
        if !strays.is_empty()
            && let Err(error) = self.ask(&request::delete_webhooks(&strays)).await?
        {
            return Ok(Err(error));
        }
        let kept = match kept {
            _ if projects.is_empty() => return Ok(Ok(Value::Null)),
            Some((id, Some(end))) if end.since(self.hub.now()) > RENEW_MS => Ok((id, Some(end))),
            Some((id, _)) => self.renew(id).await?.map(|end| (id, end)),
            None => match self.register(&url, projects).await? {
                Ok(id) => self.renew(id).await?.map(|end| (id, end)),
                Err(error) => Err(error),
            },
        };
        Ok(kept.map(|(id, end)| json!({ "id": id, "projects": projects, "expires_at": end })))
    }

    /// Whether an address is of a connection of ours that is gone: Jira takes one address of an app and a person only.
    async fn is_orphan(&self, url: &str) -> Result<bool> {
        let id = url.strip_prefix(&format!("{}/jira/", self.hub.settings.base_url)).and_then(|id| id.parse().ok());
        let Some(id) = id else { return Ok(false) };
        Ok(connection::store::by_id(&mut self.hub.db.read().await?, &id).await?.is_none())
    }

    async fn register(&self, url: &str, projects: &[String]) -> Result<Result<i64, CallError>> {
        let projects: Vec<&str> = projects.iter().map(String::as_str).collect();
        let answer = match self.ask(&request::register_webhook(url, &projects, &EVENTS)).await? {
            Ok(answer) => answer,
            Err(error) => return Ok(Err(error)),
        };
        Ok(request::registered(&answer).map_err(|why| {
            let failure = crate::provider::jira::failure::Failure {
                status: 200,
                kind: crate::provider::jira::failure::Kind::Invalid,
                messages: vec![why],
                fields: std::collections::BTreeMap::new(),
                retry_after_s: None,
            };
            CallError::Refused(failure.word(), failure.meaning())
        }))
    }

    /// Thirty days more; answers when it ends then.
    async fn renew(&self, id: i64) -> Result<Result<Option<Timestamp>, CallError>> {
        let answer = self.ask(&request::refresh_webhooks(&[id])).await?;
        Ok(answer.map(|answer| answer["expirationDate"].as_str().and_then(values::moment)))
    }
}
