//! What can be asked of linked issues, and of a site for the rule that is to make them.

use super::store;
use super::{Choice, FieldKind, IssueField, IssueScreen, LinkedIssue, LinkedIssueLog};
use crate::connection::call;
use crate::connection::store::Row;
use crate::connection::{self, Provider, jira as site, tokens};
use crate::id::{ChannelId, ConnectionId, EndpointId, LinkedIssueId};
use crate::provider::jira::request::{self, Request};
use crate::provider::jira::screen;
use crate::{Caller, Error, Hub, Page, PageQuery, Permission, Result, channel};

/// Pages of a list at Jira that are read at most.
const MAX_PAGES: usize = 10;

/// The organization's linked issues, newest first; of one connection or rule, if so asked. Needs `connections:read`.
///
/// # Errors
/// Forbidden; a wrong cursor.
pub async fn list(
    hub: &Hub,
    caller: &Caller,
    connection: Option<&ConnectionId>,
    rule: Option<&EndpointId>,
    page: &PageQuery,
) -> Result<Page<LinkedIssue>> {
    let org_id = caller.require(Permission::ConnectionsRead)?;
    let (limit, cursor) = (page.limit()?, page.cursor()?);
    let mut conn = hub.db.read().await?;
    let rows = store::list(&mut conn, org_id, (connection, rule), &cursor, limit + 1).await?;
    let rows = rows.into_iter().map(LinkedIssue::from).collect();
    Ok(Page::build(rows, limit, &cursor, |issue: &LinkedIssue| issue.id.to_string()))
}

/// One linked issue with its sync log. Needs `connections:read`.
///
/// # Errors
/// Not found.
pub async fn get(hub: &Hub, caller: &Caller, id: &LinkedIssueId) -> Result<LinkedIssueLog> {
    let org_id = caller.require(Permission::ConnectionsRead)?;
    let mut conn = hub.db.read().await?;
    let row = store::find(&mut conn, org_id, id).await?.ok_or_else(|| Error::not_found("linked issue"))?;
    let entries = store::entries(&mut conn, org_id, id).await?;
    Ok(LinkedIssueLog { issue: row.into(), entries })
}

/// The types of issue that can be made in a project, asked for at the site now. Needs `connections:read`.
///
/// # Errors
/// Not found, or no project of a tracker; what the site says; it does not answer.
pub async fn issue_types(hub: &Hub, caller: &Caller, id: &ConnectionId, project: &ChannelId) -> Result<Vec<Choice>> {
    let desk = Desk::open(hub, caller, id, project).await?;
    let mut all = Vec::new();
    let mut next = Some(0);
    for _ in 0..MAX_PAGES {
        let Some(start) = next else { break };
        let page = screen::issue_types(&desk.ask(&request::issue_types(&desk.project, start)).await?);
        all.extend(page.entries);
        next = page.next;
    }
    Ok(all.into_iter().map(|kind| Choice { id: kind.id, name: kind.name }).collect())
}

/// What a project asks of an issue of a type, asked for at the site now. Needs `connections:read`.
///
/// # Errors
/// As [`issue_types`].
pub async fn screen(
    hub: &Hub,
    caller: &Caller,
    id: &ConnectionId,
    project: &ChannelId,
    issue_type: &str,
) -> Result<IssueScreen> {
    let desk = Desk::open(hub, caller, id, project).await?;
    let mut fields = Vec::new();
    let mut next = Some(0);
    for _ in 0..MAX_PAGES {
        let Some(start) = next else { break };
        let page = screen::create_fields(&desk.ask(&request::create_screen(&desk.project, issue_type, start)).await?);
        fields.extend(page.entries.into_iter().filter(|field| field.kind != screen::Kind::Frame).map(shown));
        next = page.next;
    }
    fields.sort_by_key(|field| (!field.is_required, !["summary", "description"].contains(&field.field.as_str())));
    let answer = desk.ask(&request::statuses(&desk.project)).await?;
    let statuses = screen::statuses(&answer, issue_type);
    let statuses = statuses.into_iter().map(|status| Choice { id: status.id, name: status.name }).collect();
    Ok(IssueScreen { fields, statuses })
}

fn choice(choice: screen::Choice) -> Choice {
    Choice { id: choice.id, name: choice.name }
}

fn shown(field: screen::Field) -> IssueField {
    use screen::Kind;
    let kind = match field.kind {
        Kind::Line => Some(FieldKind::Line),
        Kind::Document => Some(FieldKind::Document),
        Kind::Number => Some(FieldKind::Number),
        Kind::Date => Some(FieldKind::Date),
        Kind::Moment => Some(FieldKind::Moment),
        Kind::Person => Some(FieldKind::Person),
        Kind::People => Some(FieldKind::People),
        Kind::Labels => Some(FieldKind::Labels),
        Kind::One => Some(FieldKind::One),
        Kind::Some => Some(FieldKind::Some),
        Kind::Cascade => Some(FieldKind::Cascade),
        Kind::Parent => Some(FieldKind::Parent),
        Kind::Frame | Kind::Other(_) => None,
    };
    IssueField {
        field: field.id,
        name: field.name,
        is_required: field.is_required,
        kind,
        choices: field.choices.into_iter().map(choice).collect(),
    }
}

/// A project of a site, to be asked about.
struct Desk<'a> {
    hub: &'a Hub,
    row: Row,
    grant: oauth_flow::Grant,
    project: String,
}

impl<'a> Desk<'a> {
    async fn open(hub: &'a Hub, caller: &Caller, id: &ConnectionId, project: &ChannelId) -> Result<Self> {
        let org_id = caller.require(Permission::ConnectionsRead)?;
        let mut conn = hub.db.read().await?;
        let row = connection::store::find(&mut conn, org_id, id).await?;
        let row = row.ok_or_else(|| Error::not_found("connection"))?;
        if row.provider != Provider::Jira {
            return Err(Error::conflict("makes_no_issues", "Only connections to Jira make issues."));
        }
        let channel = channel::store::of_org(&mut conn, org_id, project).await?.filter(|(of, _)| of == id);
        let (_, channel) = channel.ok_or_else(|| {
            Error::invalid("channel_id", "is no project that this connection can see. Pick one of its projects.")
        })?;
        drop(conn);
        let grant = tokens::open(hub, &row)?
            .ok_or_else(|| Error::conflict("connection_broken", "It has no token: it has to be connected again."))?;
        Ok(Self { hub, row, grant, project: channel.provider_id })
    }

    async fn ask(&self, request: &Request) -> Result<serde_json::Value> {
        let out = site::ask(self.hub, &self.row, &self.grant, request)?;
        let asked = call::send(self.hub, &self.row, out).await?;
        asked.answer.map_err(|error| error.into_error(Provider::Jira))
    }
}
