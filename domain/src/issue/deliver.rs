//! Carrying an event into an issue: one attempt of a delivery, in as many calls as it takes.
//!
//! Whoever works on a subject holds its row for as long (`making_until`), so that two events about one thing never make two issues.
//! What is done is noted step by step. A step whose answer was lost is looked for before it is done again: a new issue by the label
//! that it was given, a comment by the link in it; fields and statuses are compared with what is there.

mod steps;
mod walk;

use std::time::Duration;

use guarded_http::Exchange;
use oauth_flow::Grant;
use serde_json::{Value, json};

use super::state::{State, forget_issue};
use super::store::{self, Row, Step};
use super::values::{self, Values};
use super::{Direction, IssueSettings, SyncAction, template};
use crate::connection::call::{self, CallError};
use crate::connection::{self, jira as site, tokens};
use crate::delivery::message::refusal;
use crate::delivery::send::Sent;
use crate::delivery::{ErrorClass, Trigger};
use crate::endpoint::Destination;
use crate::filter::Place;
use crate::id::LinkedIssueId;
use crate::provider::jira::message;
use crate::provider::jira::request::Request;
use crate::time::Timestamp;
use crate::worker::lanes::Job;
use crate::{Error, Hub};

/// A claim to work on a subject outlasts an attempt by so much, in milliseconds.
const MARGIN_MS: i64 = 30_000;
/// Whoever finds a subject taken looks again after this time, so often: for 10 s in all.
const TURN: Duration = Duration::from_millis(100);
/// See [`TURN`].
const TURNS: usize = 100;
/// The longest subject, in characters.
const MAX_SUBJECT: usize = 200;
/// What labels of issues made here start with.
pub(crate) const MARKER: &str = "patchbay-";
/// What events that came from Jira are called.
pub(crate) const FROM_JIRA: &str = "jira.";

/// Why an attempt ended before its end.
enum Stop {
    /// Jira did not do what was asked.
    Call(CallError),
    /// Nothing is to be done.
    Nothing(&'static str),
    /// It cannot be done now, or with this event.
    Failed(ErrorClass, String),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(ErrorClass::Provider, format!("It could not be noted what was done: {error}"))
    }
}

/// Carries a delivery's event into its issue.
pub(crate) async fn send(hub: &Hub, job: &Job, destination: &Destination) -> Sent {
    let Some(settings) = &destination.issue else {
        return Sent::Failed(ErrorClass::Auth, "The rule does not say which issues to make.".into());
    };
    let limit = Duration::from_millis(job.route.timeout_ms.unsigned_abs());
    let carried = async {
        let mut desk = match Desk::open(hub, job, destination, settings).await {
            Ok(desk) => desk,
            Err(stop) => return without_answer(stop),
        };
        let done = desk.work().await;
        desk.into_sent(done)
    };
    tokio::time::timeout(limit, carried).await.unwrap_or_else(|_| {
        let words = format!("Jira took more than {} s for all steps. What was done is kept.", limit.as_secs());
        Sent::Failed(ErrorClass::Timeout, words)
    })
}

fn without_answer(stop: Stop) -> Sent {
    match stop {
        Stop::Nothing(why) => Sent::Nothing(why),
        Stop::Failed(class, why) => Sent::Failed(class, why),
        Stop::Call(error) => {
            Sent::Failed(ErrorClass::Provider, error.into_error(connection::Provider::Jira).problem().message)
        }
    }
}

/// An event, what is to be made of it, and the site to make it at.
struct Desk<'a> {
    hub: &'a Hub,
    job: &'a Job,
    destination: &'a Destination,
    settings: &'a IssueSettings,
    connection: connection::store::Row,
    grant: Grant,
    subject: String,
    url: String,
    values: Values,
    comment: Value,
    /// The last exchange that the delivery hangs on, with what was sent.
    last: Option<(Box<Exchange>, Option<String>)>,
}

/// What came of claiming a subject.
enum Claimed {
    /// Somebody else has it.
    Busy,
    /// There is no issue; whether somebody may have made one before.
    Make(Row, bool),
    /// There is one.
    Known(Row),
}

impl<'a> Desk<'a> {
    async fn open(
        hub: &'a Hub,
        job: &'a Job,
        destination: &'a Destination,
        settings: &'a IssueSettings,
    ) -> Result<Self, Stop> {
        let mut body: Value = serde_json::from_slice(&job.body).unwrap_or_default();
        let at = body["timestamp"].as_str().and_then(|text| Timestamp::parse_rfc3339(text).ok());
        let data = body["data"].take();
        let event_type = job.row.event_type.as_str();
        if event_type.starts_with(FROM_JIRA) && data["connection_id"] == destination.connection_id.as_str() {
            return Err(Stop::Nothing("This event came from the same Jira site: sending it back would have no end."));
        }
        let connection =
            connection::store::find(&mut hub.db.read().await?, &job.row.org_id, &destination.connection_id).await?;
        let broken =
            || Stop::Failed(ErrorClass::Auth, "The connection does not work: it has to be connected again.".into());
        let connection = connection.ok_or_else(broken)?;
        let grant = tokens::open(hub, &connection)?.ok_or_else(broken)?;
        let url = format!("{}/deliveries/{}", hub.settings.base_url, job.row.id);
        let item = message::Item { event_type, data: &data, occurred_at: at.unwrap_or(job.row.created_at), url: &url };
        let comment = message::comment(&item);
        let mut document = json!({ "event_type": event_type, "ordering_key": job.row.ordering_key });
        document["data"] = data.clone();
        let unfit = |why| Stop::Failed(ErrorClass::Transformation, why);
        let mut values = values::of(settings, &document, &item).map_err(unfit)?;
        let is_test = job.row.cause == Trigger::Test;
        if is_test && let Some(summary) = values.all.get("summary").and_then(Value::as_str) {
            let summary = message::one_line(&format!("[Test] {summary}"));
            values.all.insert("summary".into(), summary.into());
        }
        let subject = settings.subject.as_deref().filter(|_| !is_test).and_then(|path| Place::parse(path).ok());
        let subject = subject.and_then(|place| place.first(&document).map(template::words));
        let subject = match subject.map(|text| text.trim().chars().take(MAX_SUBJECT).collect::<String>()) {
            Some(subject) if !subject.is_empty() => subject,
            _ if is_test => job.row.id.to_string(),
            _ => job.row.event_id.to_string(),
        };
        Ok(Self { hub, job, destination, settings, connection, grant, subject, url, values, comment, last: None })
    }

    fn into_sent(self, done: Result<(), Stop>) -> Sent {
        const RECORD: &str = r#"[["content-type","application/json"],["authorization","••••"]]"#;
        let record = RECORD.to_owned();
        let (exchange, body) = match (done, self.last) {
            (Ok(()) | Err(Stop::Call(CallError::NoAnswer(_))), Some(last)) => last,
            (Err(Stop::Call(error)), Some((exchange, body))) => {
                let refusal = Some(refusal(connection::Provider::Jira, &error));
                return Sent::Request { exchange, record, body, refusal };
            }
            (Err(stop), _) => return without_answer(stop),
            (Ok(()), None) => return Sent::Nothing("The issue has all of it already."),
        };
        Sent::Request { exchange, record, body, refusal: None }
    }

    /// Asks Jira; the delivery hangs on the answer.
    async fn ask(&mut self, request: &Request) -> Result<Value, Stop> {
        let out = site::ask(self.hub, &self.connection, &self.grant, request)?;
        let asked = call::send(self.hub, &self.connection, out).await?;
        if let Some(exchange) = asked.exchange {
            self.last = Some((exchange, request.body.as_ref().map(Value::to_string)));
        }
        asked.answer.map_err(Stop::Call)
    }

    /// Asks for something that is of use, but not needed.
    async fn try_to(&self, request: &Request) -> Result<Result<Value, CallError>, Stop> {
        let out = site::ask(self.hub, &self.connection, &self.grant, request)?;
        Ok(call::send(self.hub, &self.connection, out).await?.answer)
    }

    async fn work(&mut self) -> Result<(), Stop> {
        let (id, done) = match self.turn().await? {
            Claimed::Busy => {
                let why = "Other events about the same thing are still being carried into its issue. This one follows.";
                return Err(Stop::Failed(ErrorClass::Provider, why.into()));
            }
            Claimed::Make(row, may_be_there) => (row.id.clone(), self.make(&row, may_be_there).await),
            Claimed::Known(row) => (row.id.clone(), self.keep_in_step(&row).await),
        };
        let failed = match &done {
            Err(Stop::Call(error)) => Some(error.clone().into_error(connection::Provider::Jira).problem().message),
            Err(Stop::Failed(_, why)) => Some(why.clone()),
            Err(Stop::Nothing(_)) | Ok(()) => None,
        };
        self.note(&id, failed.map(|why| (SyncAction::Failed, why)), |row, _| row.making_until = None).await?;
        done
    }

    /// Waits for the subject while others have it, as long as there is time for an attempt.
    async fn turn(&self) -> Result<Claimed, Stop> {
        for _ in 0..TURNS {
            match self.claim().await? {
                Claimed::Busy => tokio::time::sleep(TURN).await,
                claimed => return Ok(claimed),
            }
        }
        Ok(Claimed::Busy)
    }

    /// Takes the subject for this attempt.
    async fn claim(&self) -> Result<Claimed, Stop> {
        let now = self.hub.now();
        let until = Some(now.plus_ms(self.job.route.timeout_ms + MARGIN_MS));
        let new = Row {
            id: self.hub.id(LinkedIssueId::new),
            org_id: self.job.row.org_id.clone(),
            connection_id: self.destination.connection_id.clone(),
            endpoint_id: self.job.route.id.clone(),
            subject: self.subject.clone(),
            issue_id: None,
            issue_key: None,
            url: None,
            summary: String::new(),
            status_name: None,
            status_category: None,
            state_json: State::default().json(),
            making_until: until,
            is_deleted: 0,
            created_at: now,
            updated_at: now,
        };
        let mut tx = self.hub.db.begin().await?;
        if store::insert(&mut tx, &new).await? {
            tx.commit().await?;
            return Ok(Claimed::Make(new, false));
        }
        let known = store::lock_subject(&mut tx, &self.job.route.id, &self.subject).await?;
        let mut row = known.ok_or_else(|| Error::not_found("linked issue"))?;
        if row.making_until.is_some_and(|until| until > now) {
            return Ok(Claimed::Busy);
        }
        row.making_until = until;
        if row.is_deleted != 0 {
            forget_issue(&mut row);
        }
        store::save(&mut tx, &row).await?;
        tx.commit().await?;
        Ok(if row.issue_id.is_some() { Claimed::Known(row) } else { Claimed::Make(row, true) })
    }

    /// Changes the row as it is now, and logs a step.
    async fn note(
        &self,
        id: &LinkedIssueId,
        step: Option<(SyncAction, String)>,
        change: impl FnOnce(&mut Row, &mut State),
    ) -> Result<(), Stop> {
        let mut tx = self.hub.db.begin().await?;
        let Some(mut row) = store::lock(&mut tx, &self.job.row.org_id, id).await? else { return Ok(()) };
        let mut state = State::of(&row);
        change(&mut row, &mut state);
        row.state_json = state.json();
        row.updated_at = self.hub.now();
        store::save(&mut tx, &row).await?;
        if let Some((action, detail)) = step {
            let delivery_id = Some(&self.job.row.id);
            let step = Step { direction: Direction::ToIssue, action, detail, delivery_id, event_id: None };
            store::log(&mut tx, self.hub, &row, &step).await?;
        }
        tx.commit().await?;
        self.hub.bus.notify(&self.job.row.org_id, crate::live::Notice::Connection);
        Ok(())
    }
}
