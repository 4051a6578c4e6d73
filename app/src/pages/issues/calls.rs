//! What the pages of issues ask the server.

use domain::Page;
use domain::channel::Choices;
use domain::connection::Connection;
use domain::issue::{Choice, IssueScreen, LinkedIssue, LinkedIssueLog};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::form::IssueRuleForm;
use crate::error::UiError;

/// What the page of a rule that makes issues shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IssueRuleData {
    /// The connection.
    pub connection: Connection,
    /// The form as it is at first.
    pub form: IssueRuleForm,
    /// Projects to choose from, until one is chosen.
    pub projects: Choices,
    /// Types of issue to choose from, until one is chosen.
    pub types: Vec<Choice>,
    /// What an issue of the chosen type is made with.
    pub screen: Option<IssueScreen>,
    /// Names of event types and groups of them, for suggestions.
    pub patterns: Vec<String>,
    /// Whether the rule has a condition.
    pub has_condition: bool,
    /// Whether this person may change rules.
    pub may_write: bool,
}

/// A rule to look at or change; for a new one what there is to choose from next.
#[server]
pub async fn load_issue_rule(
    id: String,
    #[server(default)] rule: Option<String>,
    #[server(default)] q: Option<String>,
    #[server(default)] project: Option<String>,
    #[server(default)] issue_type: Option<String>,
) -> Result<IssueRuleData, UiError> {
    use domain::{Error, Permission, connection, event_type, issue, rule as rules};
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| Error::not_found("connection"))?;
    let connection = connection::actions::get(&hub, &caller, &id).await?;
    let mut has_condition = false;
    let mut form = match rule {
        None => IssueRuleForm::new(id.as_str(), project.as_deref(), issue_type.as_deref()),
        Some(rule) => {
            let rule = rule.parse().map_err(|_| Error::not_found("rule"))?;
            let rule = rules::actions::get(&hub, &caller, &rule).await?;
            has_condition = rule.condition.is_some();
            IssueRuleForm::of(rule).ok_or_else(|| Error::not_found("rule"))?
        }
    };
    if let Some(draft) = crate::saving::draft::<IssueRuleForm>("issue_rule") {
        form = draft;
    }
    let (mut projects, mut types, mut screen) = (Choices::default(), Vec::new(), None);
    match form.channel_id.parse() {
        Err(_) => {
            projects = connection::actions::channels(&hub, &caller, &id, &q.unwrap_or_default()).await?;
        }
        Ok(project) => {
            if form.channel_name.is_empty() {
                let all = connection::actions::channels(&hub, &caller, &id, "").await?;
                let mut all = all.sections.into_iter().flat_map(|(_, channels)| channels);
                form.channel_name =
                    all.find(|channel| channel.id == project).map(|channel| channel.name).unwrap_or_default();
            }
            types = issue::actions::issue_types(&hub, &caller, &id, &project).await?;
            if !form.issue_type_id.is_empty() {
                screen = Some(issue::actions::screen(&hub, &caller, &id, &project, &form.issue_type_id).await?);
            }
        }
    }
    let known = event_type::actions::list(&hub, &caller).await?;
    let mut patterns: Vec<String> =
        known.iter().filter_map(|kind| Some(format!("{}.*", kind.name.split_once('.')?.0))).collect();
    patterns.dedup();
    patterns.extend(known.into_iter().map(|kind| kind.name));
    let may_write = caller.may(Permission::EndpointsWrite);
    Ok(IssueRuleData { connection, form, projects, types, screen, patterns, has_condition, may_write })
}

/// Makes a rule that makes issues, or changes one, and goes to the connection's page.
#[server]
pub async fn save_issue_rule(form: IssueRuleForm) -> Result<(), UiError> {
    crate::saving::issue_rule(form).await
}

/// What the list of linked issues shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinkedIssuesData {
    /// The connection.
    pub connection: Connection,
    /// A page of its issues.
    pub page: Page<LinkedIssue>,
}

/// The linked issues of a connection.
#[server]
pub async fn load_linked_issues(
    id: String,
    #[server(default)] cursor: Option<String>,
) -> Result<LinkedIssuesData, UiError> {
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("connection"))?;
    let connection = domain::connection::actions::get(&hub, &caller, &id).await?;
    let query = domain::PageQuery { limit: None, cursor };
    let page = domain::issue::actions::list(&hub, &caller, Some(&id), None, &query).await?;
    Ok(LinkedIssuesData { connection, page })
}

/// What the page of a linked issue shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinkedIssueData {
    /// The connection.
    pub connection: Connection,
    /// The issue and its log.
    pub log: LinkedIssueLog,
}

/// One linked issue.
#[server]
pub async fn load_linked_issue(id: String, issue: String) -> Result<LinkedIssueData, UiError> {
    let (hub, caller) = crate::session::caller()?;
    let id = id.parse().map_err(|_| domain::Error::not_found("connection"))?;
    let issue = issue.parse().map_err(|_| domain::Error::not_found("linked issue"))?;
    let connection = domain::connection::actions::get(&hub, &caller, &id).await?;
    let log = domain::issue::actions::get(&hub, &caller, &issue).await?;
    Ok(LinkedIssueData { connection, log })
}
