//! Saving a large form on the server. A form without scripts that is refused comes back to an empty page, so
//! what was typed is kept, sealed, for that next page. (With scripts the page never went away.)

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::UiError;
use crate::pages::connections::form::RuleForm;
use crate::pages::endpoints::form::{EndpointForm, flash_text};
use crate::pages::event_types::form::TypeForm;
use crate::pages::issues::form::IssueRuleForm;
use crate::session;

/// What a cookie can hold once it is sealed and encoded.
const MOST: usize = 2600;

/// Creates or changes an endpoint, sends a test if asked to, and goes to its page.
pub async fn endpoint(form: EndpointForm) -> Result<(), UiError> {
    use domain::endpoint::actions;
    let (hub, caller) = session::caller()?;
    let saved: domain::Result<_> = async {
        let Some(id) = form.endpoint_id()? else {
            let made = actions::create(&hub, &caller, form.new_endpoint()?).await?;
            return Ok((made.endpoint.id, Some(made.secret)));
        };
        Ok((actions::update(&hub, &caller, &id, form.change()?).await?.id, None))
    }
    .await;
    let (id, secret) = kept(saved, "endpoint", &form)?;
    if let Some(secret) = secret {
        session::flash_put(&session::visit()?, &flash_text(id.as_str(), &secret));
    }
    // The endpoint is saved by now: a test that cannot be sent must not look as if it were not.
    if form.then == "test"
        && let Err(error) = actions::test(&hub, &caller, &id, None).await
    {
        session::log_internal(&error);
    }
    session::redirect(&format!("/endpoints/{id}"));
    Ok(())
}

/// Adds or changes a type of the organization's own, and goes to its page.
pub async fn event_type(form: TypeForm) -> Result<(), UiError> {
    use domain::event_type::actions;
    let (hub, caller) = session::caller()?;
    let saved = async {
        match form.existing.as_str() {
            "" => actions::create(&hub, &caller, form.new_event_type()?).await,
            name => actions::update(&hub, &caller, name, form.new_event_type()?).await,
        }
    }
    .await;
    let saved = kept(saved, "event_type", &form)?;
    session::redirect(&format!("/event-types/{}", saved.name));
    Ok(())
}

/// Makes a rule, or changes one, and goes to its connection's page.
pub async fn rule(form: RuleForm) -> Result<(), UiError> {
    use domain::rule::{NewRule, RuleChange, actions};
    let (hub, caller) = session::caller()?;
    let saved: domain::Result<_> = async {
        match form.rule_id()? {
            None => actions::create(&hub, &caller, form.rule(None)?).await,
            Some(id) => {
                let condition = actions::get(&hub, &caller, &id).await?.condition;
                let NewRule {
                    channel_id, event_types, mention, format, batching, quiet_hours, time_zone, enabled, ..
                } = form.rule(condition)?;
                let change = RuleChange {
                    channel_id: Some(channel_id),
                    event_types: Some(event_types),
                    condition: None,
                    mention: Some(mention),
                    format: Some(format),
                    batching: Some(batching),
                    quiet_hours: Some(quiet_hours),
                    time_zone: Some(time_zone),
                    issue: None,
                    enabled: Some(enabled),
                };
                actions::update(&hub, &caller, &id, change).await
            }
        }
    }
    .await;
    kept(saved, "rule", &form)?;
    session::redirect(&format!("/connections/{}?done=rule_saved", form.connection_id()?));
    Ok(())
}

/// Makes a rule that makes issues, or changes one, and goes to its connection's page. What can be written is asked for at the tracker
/// again: what the form says of it counts for nothing.
pub async fn issue_rule(form: IssueRuleForm) -> Result<(), UiError> {
    use domain::issue::actions::{issue_types, screen};
    use domain::rule::{RuleChange, actions};
    let (hub, caller) = session::caller()?;
    let saved: domain::Result<_> = async {
        let (connection, project) = (form.connection_id()?, form.project()?);
        let types = issue_types(&hub, &caller, &connection, &project).await?;
        let screen = screen(&hub, &caller, &connection, &project, &form.issue_type_id).await?;
        let rule = form.rule(&types, &screen)?;
        match form.rule_id()? {
            None => actions::create(&hub, &caller, rule).await,
            Some(id) => {
                let change = RuleChange {
                    event_types: Some(rule.event_types),
                    issue: rule.issue,
                    enabled: Some(rule.enabled),
                    ..RuleChange::default()
                };
                actions::update(&hub, &caller, &id, change).await
            }
        }
    }
    .await;
    kept(saved, "issue_rule", &form)?;
    session::redirect(&format!("/connections/{}?done=rule_saved", form.connection_id()?));
    Ok(())
}

/// The result; a refused form without scripts is kept for the next page.
fn kept<T>(result: domain::Result<T>, kind: &str, form: &impl Serialize) -> Result<T, UiError> {
    if result.is_err() && session::is_plain_form() {
        let text = format!("draft {kind} {}", serde_json::to_string(form).unwrap_or_default());
        if text.len() <= MOST {
            session::flash_put(&session::visit()?, &text);
        }
    }
    Ok(result?)
}

/// What was typed before this page, if a form of this kind was refused.
pub fn draft<T: DeserializeOwned>(kind: &str) -> Option<T> {
    let flash = session::flash_take(&session::visit().ok()?)?;
    serde_json::from_str(flash.strip_prefix("draft ")?.strip_prefix(kind)?.strip_prefix(' ')?).ok()
}
