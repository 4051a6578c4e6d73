//! Issues against a simulated Jira, which refuses what the real one would not understand.

mod api_token;
mod from_jira;
mod hooks;
mod moves;
mod sources;
mod to_jira;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use simulators::jira::{App, Consent, Issue, Jira, JiraOptions};
use simulators::{Clock as JiraClock, Fault};

use super::{LinkedIssueLog, SyncAction, actions, receive};
use crate::caller::Role;
use crate::channel::Channel;
use crate::connection::flow::{self, Ending, Finished};
use crate::connection::{self, Connection, ConnectionState, JiraApp, Provider};
use crate::db::testing::both;
use crate::delivery::query::LogQuery;
use crate::delivery::{Attempt, DeliveryStatus};
use crate::event::actions as events;
use crate::hub::testing::TestHub;
use crate::id::{ConnectionId, EndpointId};
use crate::rule::{self, NewRule, Rule};
use crate::worker::tests::support::{Receiver, header};
use crate::worker::{drain, quiet, refresher};
use crate::{Caller, PageQuery};

/// A Jira, and a hub that has an app there. What Jira posts to the hub is kept until [`World::take`].
struct World {
    hub: TestHub,
    jira: Jira,
    owner: Caller,
    site: String,
    door: Receiver,
    heard: AtomicU64,
}

impl World {
    async fn new(base: &TestHub) -> Self {
        let door = Receiver::answering(&["200 OK"]).await;
        let base_url = door.url.trim_end_matches("/hook").to_owned();
        let app = App { redirect_uris: vec![format!("{base_url}/oauth/jira/callback")], ..App::default() };
        let clock = JiraClock::fixed(base.now().0);
        let jira = Jira::start(JiraOptions { clock, app, ..JiraOptions::default() }).await.expect("a simulator");
        let app = jira.app();
        static SEED: AtomicU64 = AtomicU64::new(5000);
        let ours = JiraApp {
            url: Some(jira.base_url().to_owned()),
            client_id: app.client_id,
            client_secret: app.client_secret.into(),
        };
        let hub = base.with_jira(SEED.fetch_add(1, Ordering::Relaxed), ours, &base_url);
        let (owner, site) = (hub.caller(Role::Owner), jira.sites()[0].id.clone());
        Self { hub, jira, owner, site, door, heard: AtomicU64::new(0) }
    }

    /// Sends the owner to Atlassian, who decides there; answers how the way back ended.
    async fn consent(&self, connection: Option<&ConnectionId>, consent: &Consent) -> Finished {
        let url = flow::begin(&self.hub, &self.owner, Provider::Jira, connection).await.expect("a way");
        let back = self.jira.consent(&url, consent).expect("a way back");
        let query = back.split_once('?').expect("a query").1;
        flow::finish(&self.hub, &self.owner, Provider::Jira, query).await.expect("an end")
    }

    async fn connect(&self) -> ConnectionId {
        let id = match self.consent(None, &Consent::allow(&self.site)).await {
            Finished::Connected(id) => id,
            other => panic!("{other:?}"),
        };
        self.look_after().await;
        id
    }

    async fn connection(&self, id: &ConnectionId) -> Connection {
        connection::actions::get(&self.hub, &self.owner, id).await.expect("the connection")
    }

    /// Lets the workers look after connections until nothing is due.
    async fn look_after(&self) {
        while refresher::tick(&self.hub).await.expect("a round") > 0 {
            quiet(&self.hub).await;
        }
    }

    fn pass(&self, ms: i64) {
        self.hub.clock.advance_ms(ms);
        self.jira.clock().advance(Duration::from_millis(ms.unsigned_abs()));
    }

    async fn project(&self, id: &ConnectionId, key: &str) -> Channel {
        let choices = connection::actions::channels(&self.hub, &self.owner, id, "").await.expect("projects");
        let mut all = choices.sections.into_iter().flat_map(|(_, projects)| projects);
        all.find(|project| project.topic == key).expect("the project")
    }

    /// A rule for `invoice.*` that makes tasks in ED, one for each `data.invoice_id`, with what `more` says of its issues.
    async fn rule(&self, id: &ConnectionId, more: Value) -> Rule {
        self.rule_for(id, "Task", more).await.expect("a rule")
    }

    async fn rule_for(&self, id: &ConnectionId, kind: &str, more: Value) -> crate::Result<Rule> {
        let project = self.project(id, "ED").await;
        let types = actions::issue_types(&self.hub, &self.owner, id, &project.id).await?;
        let kind = types.into_iter().find(|known| known.name == kind).expect("the type");
        let mut issue = json!({ "issue_type_id": kind.id, "issue_type_name": kind.name, "subject": "data.invoice_id" });
        issue.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let new = json!({ "channel_id": project.id, "event_types": ["invoice.*"], "issue": issue });
        let new: NewRule = serde_json::from_value(new).expect("a rule");
        let rule = rule::actions::create(&self.hub, &self.owner, new).await?;
        self.look_after().await;
        Ok(rule)
    }

    /// The id of a status of tasks in ED.
    async fn status(&self, id: &ConnectionId, name: &str) -> String {
        let project = self.project(id, "ED").await;
        let types = actions::issue_types(&self.hub, &self.owner, id, &project.id).await.expect("types");
        let task = types.into_iter().find(|known| known.name == "Task").expect("tasks");
        let screen = actions::screen(&self.hub, &self.owner, id, &project.id, &task.id).await.expect("a screen");
        screen.statuses.into_iter().find(|status| status.name == name).expect("the status").id
    }

    async fn post(&self, event_type: &str, data: Value) {
        let body = json!({ "event_type": event_type, "data": data }).to_string();
        events::ingest(&self.hub, &self.owner, body.as_bytes(), None).await.expect("accepted");
        drain(&self.hub).await.expect("drained");
    }

    fn issues(&self) -> Vec<Issue> {
        self.jira.issues(&self.site)
    }

    async fn link(&self) -> LinkedIssueLog {
        let page = actions::list(&self.hub, &self.owner, None, None, &PageQuery::default()).await.expect("issues");
        actions::get(&self.hub, &self.owner, &page.data[0].id).await.expect("the issue")
    }

    /// What was done to the newest linked issue, oldest first.
    async fn steps(&self) -> Vec<SyncAction> {
        self.link().await.entries.into_iter().rev().map(|entry| entry.action).collect()
    }

    /// Statuses of deliveries, newest first.
    async fn statuses(&self) -> Vec<DeliveryStatus> {
        let page = crate::delivery::actions::list(&self.hub, &self.owner, &LogQuery::default()).await.expect("the log");
        page.data.into_iter().map(|row| row.status).collect()
    }

    /// The attempts of the newest delivery, oldest first.
    async fn attempts(&self) -> Vec<Attempt> {
        let page = crate::delivery::actions::list(&self.hub, &self.owner, &LogQuery::default()).await.expect("the log");
        let detail = crate::delivery::actions::get(&self.hub, &self.owner, &page.data[0].id).await.expect("one");
        let mut attempts = detail.attempts;
        attempts.sort_by_key(|attempt| attempt.number);
        attempts
    }

    /// Gives the hub what Jira has posted since, and lets it be read. Answers how much that was.
    async fn hear(&self) -> usize {
        let count = self.take().await;
        self.look_after().await;
        drain(&self.hub).await.expect("drained");
        count
    }

    /// Gives the hub what Jira has posted since. Answers how much that was.
    async fn take(&self) -> usize {
        self.jira.settled().await;
        let seen = self.door.seen();
        let from = usize::try_from(self.heard.load(Ordering::Relaxed)).expect("few");
        for request in &seen[from..] {
            self.give(request).await.expect("taken");
        }
        self.heard.store(seen.len() as u64, Ordering::Relaxed);
        seen.len() - from
    }

    /// Gives the hub a request that Jira made.
    async fn give(&self, request: &str) -> crate::Result<()> {
        let (head, body) = request.split_once("\r\n\r\n").expect("a body");
        let path = head.split(' ').nth(1).expect("a path");
        let id = path.strip_prefix("/jira/").expect("the address of webhooks").parse().expect("a connection");
        let of = |name: &str| Some(header(head, name)).filter(|value| !value.is_empty());
        let identifier = of("x-atlassian-webhook-identifier");
        let headers =
            receive::Headers { authorization: of("authorization"), signature: of("x-hub-signature"), identifier };
        receive::receive(&self.hub, &id, headers, body.as_bytes()).await
    }

    /// The events of a type, newest first, as they are stored.
    async fn events(&self, event_type: &str) -> Vec<Value> {
        let page = events::list(&self.hub, &self.owner, Some(event_type), &PageQuery::default()).await.expect("events");
        let mut all = Vec::new();
        for event in page.data {
            let event = events::get(&self.hub, &self.owner, &event.id).await.expect("the event");
            all.push(serde_json::from_str(&event.data).expect("JSON"));
        }
        all
    }
}

fn failed(id: &str, amount: i64) -> Value {
    json!({ "invoice_id": id, "number": "2026-1", "customer_id": "cus_1", "currency": "EUR", "amount_due": amount })
}

both!(a_consent_for_several_sites_asks_which_one_and_the_projects_are_read, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let sites = world.jira.sites();
    let both = Consent::Allow { sites: sites.iter().map(|site| site.id.clone()).collect(), user: None };
    let Finished::Choose(id) = world.consent(None, &both).await else { panic!("there are two") };
    world.look_after().await;
    let waiting = world.connection(&id).await;
    assert_eq!((waiting.state, waiting.sites.len(), waiting.channel_count), (ConnectionState::NeedsSite, 2, 0));
    let choose = async |site: &str| connection::jira::choose_site(&world.hub, &world.owner, &id, site).await;
    assert!(choose("another").await.is_err());
    let asked = connection::actions::check(&world.hub, &world.owner, &id).await.expect_err("no site");
    assert_eq!(asked.problem().code, "needs_site");
    assert!(connection::actions::refresh_channels(&world.hub, &world.owner, &id).await.is_err());
    let chosen = choose(&sites[1].id).await.expect("a site");
    assert_eq!((chosen.name.as_str(), chosen.account_url.as_deref()), ("Globex", Some(sites[1].url.as_str())));
    assert_eq!(choose(&sites[0].id).await.expect_err("it has one").problem().code, "site_chosen");
    world.look_after().await;
    let connection = world.connection(&id).await;
    assert_eq!((connection.state, connection.channel_count), (ConnectionState::Healthy, 2));
    assert!(connection.missing_scopes.is_empty() && connection.checked_at.is_some());
    // A consent that is good for its site renews it; one that is not does not.
    assert_eq!(world.consent(Some(&id), &both).await, Finished::Reconnected(id.clone()));
    let ada = world.jira.everybody()[1].account_id.clone();
    let other = Consent::Allow { sites: vec![sites[0].id.clone()], user: Some(ada) };
    let other = world.consent(Some(&id), &other).await;
    assert_eq!(other, Finished::Ended(Ending::OtherAccount));
    assert_eq!(world.consent(None, &Consent::Cancel).await, Finished::Ended(Ending::Denied));
    world.jira.assert_understood();
});

both!(a_rule_that_makes_issues_is_checked, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    let wrong = async |more: Value| world.rule_for(&id, "Task", more).await.expect_err("wrong").problem().details;
    let fields = |details: Vec<crate::Detail>| details.into_iter().map(|detail| detail.field).collect::<Vec<_>>();
    let line = |field: &str, value: &str| json!({ "field": field, "name": field, "kind": "line", "value": value });
    let more =
        json!({ "subject": "amount", "fields": [line("summary", "{{x"), line("summary", "y"), line("project", "1")] });
    assert_eq!(
        fields(wrong(more).await),
        ["issue.fields[1].field", "issue.fields[2].field", "issue.subject", "issue.fields[0].value"]
    );
    let status = json!({ "event_type": "invoice.paid", "status_id": "", "status_name": "" });
    assert_eq!(fields(wrong(json!({ "statuses": [status] })).await), ["issue.statuses[0].status_id"]);
    let project = world.project(&id, "ED").await;
    let plain = json!({ "channel_id": project.id, "event_types": ["invoice.*"] });
    let plain: NewRule = serde_json::from_value(plain).expect("a rule");
    let error = rule::actions::create(&world.hub, &world.owner, plain).await.expect_err("no issue");
    assert_eq!(fields(error.problem().details), ["issue"]);
    let stranger = world.hub.stranger().await;
    assert!(actions::issue_types(&world.hub, &stranger, &id, &project.id).await.is_err());
    assert!(connection::jira::choose_site(&world.hub, &stranger, &id, "x").await.is_err());
});
