//! What doors are knocked at with: things of Acme, made anew for each knock, so that no knock meets what an earlier
//! one left.

use std::sync::atomic::{AtomicU32, Ordering};

use domain::account::actions::Client;
use domain::account::members;
use domain::api_key::NewApiKey;
use domain::caller::Role as OrgRole;
use domain::connection::flow::{self, Finished};
use domain::connection::{self, ConnectionState, Provider};
use domain::delivery::query::LogQuery;
use domain::id::{ChannelId, ConnectionId};
use domain::source::{NewSource, SourceWithSecret};
use domain::view::NewView;
use domain::{
    PageQuery, Permission, alert, api_key, delivery, endpoint, event, event_type, issue, replay, rule, source, view,
    worker,
};
use serde_json::json;
use simulators::slack::Consent;

use crate::support::{Ask, Cast, PASSWORD, Role, TestServer};

static COUNTER: AtomicU32 = AtomicU32::new(1);

/// Replaces every `<thing>` by one that has just been made in Acme (or, for `<own-…>`, by a word for the caller).
pub async fn fill(server: &TestServer, cast: &Cast, role: Role, path: &str, body: &str) -> (String, String) {
    let mut texts = [path.to_owned(), body.to_owned()];
    for text in &mut texts {
        while let Some((before, rest)) = text.split_once('<') {
            let (thing, after) = rest.split_once('>').expect("a closed placeholder");
            *text = format!("{before}{}{after}", make(server, cast, role, thing).await);
        }
    }
    let [path, body] = texts;
    (path, body)
}

async fn make(server: &TestServer, cast: &Cast, role: Role, thing: &str) -> String {
    let (hub, owner) = (server.hub(), &cast.owner);
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    match thing {
        "own-name" => format!("thing{number}.happened"),
        "own-org-name" => {
            if role == Role::Stranger {
                "Globex".to_owned()
            } else {
                "Acme".to_owned()
            }
        }
        "own-email" => format!("person{number}@example.com"),
        "failed-event" => failed_event(server, cast, number).await,
        "replay" => {
            let query = LogQuery { event_id: Some(failed_event(server, cast, number).await), ..LogQuery::default() };
            let new = json!({ "query": query, "rate_per_minute": 1 });
            let new = serde_json::from_value(new).expect("a replay");
            replay::actions::create(hub, owner, &new).await.expect("a replay").id.to_string()
        }
        "alert" => alert_of(server, cast, number).await,
        "view" => {
            let new = NewView { name: format!("Acme view {number}"), query: "status=failed".into() };
            view::actions::create(hub, owner, &new).await.expect("a view").id.to_string()
        }
        "connection" => connection_of(server, cast).await.to_string(),
        "channel" => channel_of(server, cast).await.0.to_string(),
        "rule" => rule_of(server, cast).await.id.to_string(),
        "connection/rules/rule" => {
            let rule = rule_of(server, cast).await;
            format!("{}/rules/{}", rule.connection_id, rule.id)
        }
        "connection/channel" => {
            let (_, connection, channel) = channel_of(server, cast).await;
            format!("{connection}/channels/{channel}")
        }
        "jira" => jira_of(server, cast).await.to_string(),
        "several" => several_of(server, cast).await.to_string(),
        "project" => project_of(server, cast).await.1.to_string(),
        "jira/types" => {
            let (connection, project) = project_of(server, cast).await;
            format!("{connection}/issue-types?channel_id={project}")
        }
        "jira/screen" => {
            let (connection, project) = project_of(server, cast).await;
            let types = issue::actions::issue_types(hub, owner, &connection, &project).await.expect("types");
            format!("{connection}/issue-screen?channel_id={project}&issue_type_id={}", types[0].id)
        }
        "jira/rule" => {
            let rule = issue_rule_of(server, cast, number).await;
            format!("{}/issue-rules/{}", rule.connection_id, rule.id)
        }
        "linked-issue" => issue_of(server, cast, number).await.1,
        "jira/issue" => {
            let (connection, issue) = issue_of(server, cast, number).await;
            format!("{connection}/issues/{issue}")
        }
        "issue-form" => {
            let (connection, project) = project_of(server, cast).await;
            let types = issue::actions::issue_types(hub, owner, &connection, &project).await.expect("types");
            let task = types.into_iter().find(|kind| kind.name == "Task").expect("tasks").id;
            format!(
                "form[connection]={connection}&form[channel_id]={project}&form[issue_type_id]={task}&form[event_types]=a.b&form[enabled]=on"
            )
        }
        "source" => source_of(server, cast, number).await.source.id.to_string(),
        "inbound-request" => inbound_of(server, cast, number).await.1,
        "source/request" => {
            let (source, request) = inbound_of(server, cast, number).await;
            format!("{source}/requests/{request}")
        }
        "source-and-request" => {
            let (source, request) = inbound_of(server, cast, number).await;
            format!("id={source}&request={request}")
        }
        "own-session" => cast.another_session(server, role).await,
        "acme" => cast.acme.to_string(),
        "endpoint" => endpoint_of(server, cast, number).await,
        "fetched" => {
            let new =
                json!({"name": format!("Acme queue {number}"), "event_types": ["*"], "delivery": {"form": "pull"}});
            add_endpoint(server, cast, new).await
        }
        "event" => event_of(server, cast).await,
        "delivery" => {
            endpoint_of(server, cast, number).await;
            let query = LogQuery { event_id: Some(event_of(server, cast).await), ..LogQuery::default() };
            delivery::actions::list(hub, owner, &query)
                .await
                .expect("a log")
                .data
                .first()
                .expect("a delivery")
                .id
                .to_string()
        }
        "type" => {
            let new = json!({"name": format!("acme{number}.happened"), "sample": {"id": "x"}});
            let new = serde_json::from_value(new).expect("a type");
            event_type::actions::create(hub, owner, new).await.expect("a type").name
        }
        "key" => {
            let new = NewApiKey { name: "Acme key".into(), scopes: vec![Permission::EventsWrite], expires_at: None };
            api_key::actions::create(hub, owner, new).await.expect("a key").api_key.id.to_string()
        }
        "invitation" => invited(server, cast, number).await.0,
        "own-invitation-token" => invited(server, cast, number).await.1,
        "member" => {
            let (_, token) = invited(server, cast, number).await;
            members::accept_invitation(hub, &Client::default(), &token, "Acme person", PASSWORD)
                .await
                .expect("a member");
            let all = members::list(hub, owner).await.expect("members");
            all.into_iter()
                .find(|member| member.email == format!("acme{number}@example.com"))
                .expect("the new one")
                .user_id
                .to_string()
        }
        other => panic!("nobody knows how to make {other}"),
    }
}

/// Acme's connection to the simulated Slack; made again where an earlier knock has ended it.
async fn connection_of(server: &TestServer, cast: &Cast) -> ConnectionId {
    let (hub, owner) = (server.hub(), &cast.owner);
    let all = connection::actions::list(hub, owner).await.expect("connections");
    if let Some(known) = all.into_iter().find(|connection| connection.provider == Provider::Slack) {
        return known.id;
    }
    let url = flow::begin(hub, owner, Provider::Slack, None).await.expect("a way");
    let consent = Consent::Allow { account: server.slack.teams()[0].id.clone() };
    let back = server.slack.consent(&url, &consent).expect("a way back");
    let query = back.split_once('?').expect("a query").1;
    match flow::finish(hub, owner, Provider::Slack, query).await.expect("an end") {
        Finished::Connected(id) => id,
        other => panic!("{other:?}"),
    }
}

/// Acme's connection to the simulated Jira, with its projects read; made again where an earlier knock has ended it.
async fn jira_of(server: &TestServer, cast: &Cast) -> ConnectionId {
    let (hub, owner) = (server.hub(), &cast.owner);
    let is_ready = |connection: &connection::Connection| {
        connection.provider == Provider::Jira && connection.state != ConnectionState::NeedsSite
    };
    let all = connection::actions::list(hub, owner).await.expect("connections");
    if let Some(known) = all.into_iter().find(is_ready) {
        return known.id;
    }
    let site = server.jira.sites()[0].id.clone();
    let Finished::Connected(id) = consent_at_jira(server, cast, vec![site], None).await else { panic!("one site") };
    worker::look_after(hub).await.expect("read");
    id
}

/// A connection to Jira whose site nobody has chosen.
async fn several_of(server: &TestServer, cast: &Cast) -> ConnectionId {
    let sites = server.jira.sites().into_iter().map(|site| site.id).collect();
    // Somebody else's consent: the sites that a person has allowed stay allowed.
    let ada = server.jira.everybody()[1].account_id.clone();
    let Finished::Choose(id) = consent_at_jira(server, cast, sites, Some(ada)).await else { panic!("several sites") };
    id
}

async fn consent_at_jira(server: &TestServer, cast: &Cast, sites: Vec<String>, user: Option<String>) -> Finished {
    let (hub, owner) = (server.hub(), &cast.owner);
    let url = flow::begin(hub, owner, Provider::Jira, None).await.expect("a way");
    let allow = simulators::jira::Consent::Allow { sites, user };
    let back = server.jira.consent(&url, &allow).expect("a way back");
    let query = back.split_once('?').expect("a query").1;
    flow::finish(hub, owner, Provider::Jira, query).await.expect("an end")
}

/// A project of that connection.
async fn project_of(server: &TestServer, cast: &Cast) -> (ConnectionId, ChannelId) {
    let id = jira_of(server, cast).await;
    let choices = connection::actions::channels(server.hub(), &cast.owner, &id, "").await.expect("projects");
    let mut all = choices.sections.into_iter().flat_map(|(_, projects)| projects);
    let project = all.find(|project| project.topic == "ED").expect("a project").id;
    (id, project)
}

async fn issue_rule_of(server: &TestServer, cast: &Cast, number: u32) -> rule::Rule {
    let (hub, owner) = (server.hub(), &cast.owner);
    let (connection, project) = project_of(server, cast).await;
    let types = issue::actions::issue_types(hub, owner, &connection, &project).await.expect("types");
    let task = types.into_iter().find(|kind| kind.name == "Task").expect("tasks");
    let kind = json!({"issue_type_id": task.id, "issue_type_name": task.name});
    let kinds = [format!("acme.made{number}")];
    let new = json!({"channel_id": project, "event_types": kinds, "issue": kind});
    let new = serde_json::from_value(new).expect("a rule");
    rule::actions::create(hub, owner, new).await.expect("a rule")
}

/// An issue that a rule has made: its connection and its id.
async fn issue_of(server: &TestServer, cast: &Cast, number: u32) -> (ConnectionId, String) {
    let (hub, owner) = (server.hub(), &cast.owner);
    let rule = issue_rule_of(server, cast, number).await;
    rule::actions::test(hub, owner, &rule.id, Some("invoice.paid")).await.expect("sent");
    loop {
        worker::drain(hub).await.expect("delivered");
        let page = issue::actions::list(hub, owner, None, Some(&rule.id), &PageQuery::default()).await.expect("issues");
        if let Some(made) = page.data.into_iter().find(|issue| issue.key.is_some()) {
            return (rule.connection_id, made.id.to_string());
        }
    }
}

async fn source_of(server: &TestServer, cast: &Cast, number: u32) -> SourceWithSecret {
    let new =
        NewSource { provider: "bearer".into(), name: Some(format!("Acme source {number}")), ..NewSource::default() };
    source::actions::create(server.hub(), &cast.owner, new).await.expect("a source")
}

/// A request that came to a source and was handled: the source, and its own id.
async fn inbound_of(server: &TestServer, cast: &Cast, number: u32) -> (String, String) {
    let SourceWithSecret { source: made, secret } = source_of(server, cast, number).await;
    let path = made.url.strip_prefix("http://127.0.0.1:3000").expect("the hub's own address").to_owned();
    let (secret, body) = (secret.expect("a secret"), format!(r#"{{"type":"acme","number":{number}}}"#));
    let ask = Ask::new("POST", &path).header("authorization", &format!("Bearer {secret}"));
    let answer = server.ask(ask.header("content-type", "application/json").body(body)).await.expect(200);
    worker::drain(server.hub()).await.expect("handled");
    (made.id.to_string(), answer["id"].as_str().expect("an id").to_owned())
}

/// A channel of that connection: its id, the connection's, and its id at Slack.
async fn channel_of(server: &TestServer, cast: &Cast) -> (ChannelId, ConnectionId, String) {
    let id = connection_of(server, cast).await;
    let general = server.slack.channel("general").expect("a channel of every workspace").id;
    let channel = connection::actions::channel(server.hub(), &cast.owner, &id, &general).await.expect("a channel");
    (channel.id, id, channel.provider_id)
}

async fn rule_of(server: &TestServer, cast: &Cast) -> rule::Rule {
    let (channel, ..) = channel_of(server, cast).await;
    let new = json!({"channel_id": channel, "event_types": ["acme.happened"]});
    let new = serde_json::from_value(new).expect("a rule");
    rule::actions::create(server.hub(), &cast.owner, new).await.expect("a rule")
}

async fn endpoint_of(server: &TestServer, cast: &Cast, number: u32) -> String {
    let new = json!({"name": format!("Acme hook {number}"), "url": "http://127.0.0.1:4999/hook", "event_types": ["*"]});
    add_endpoint(server, cast, new).await
}

async fn add_endpoint(server: &TestServer, cast: &Cast, new: serde_json::Value) -> String {
    let new = serde_json::from_value(new).expect("an endpoint");
    endpoint::actions::create(server.hub(), &cast.owner, new).await.expect("an endpoint").endpoint.id.to_string()
}

/// The alert of an endpoint that was disabled because its receiver is gone.
async fn alert_of(server: &TestServer, cast: &Cast, number: u32) -> String {
    let receiver = crate::support::Receiver::start(&[410]).await;
    let new = json!({"name": format!("Acme gone {number}"), "url": receiver.url, "event_types": ["*"]});
    let new = serde_json::from_value(new).expect("an endpoint");
    let (hub, owner) = (server.hub(), &cast.owner);
    let id = endpoint::actions::create(hub, owner, new).await.expect("an endpoint").endpoint.id;
    event_of(server, cast).await;
    loop {
        domain::worker::drain(hub).await.expect("delivered");
        let open = alert::actions::list(hub, owner, true, &PageQuery::default()).await.expect("alerts").data;
        if let Some(found) = open.into_iter().find(|alert| alert.target == id.as_str()) {
            return found.id.to_string();
        }
    }
}

/// An event whose delivery is a dead letter.
async fn failed_event(server: &TestServer, cast: &Cast, number: u32) -> String {
    let receiver = crate::support::Receiver::start(&[400]).await;
    let new = json!({
        "name": format!("Acme failing {number}"), "url": receiver.url, "event_types": ["*"], "retry": [],
    });
    let hub = server.hub();
    let new = serde_json::from_value(new).expect("an endpoint");
    endpoint::actions::create(hub, &cast.owner, new).await.expect("an endpoint");
    let id = event_of(server, cast).await;
    domain::worker::drain(hub).await.expect("delivered");
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    id
}

async fn event_of(server: &TestServer, cast: &Cast) -> String {
    let body = br#"{"event_type":"invoice.paid","data":{"note":"acme"}}"#;
    event::actions::ingest(server.hub(), &cast.owner, body, None).await.expect("an event").id.to_string()
}

/// An invitation's id and the token of its link.
async fn invited(server: &TestServer, cast: &Cast, number: u32) -> (String, String) {
    let made = members::invite(server.hub(), &cast.owner, &format!("acme{number}@example.com"), OrgRole::Member)
        .await
        .expect("an invitation");
    (made.invitation.id.to_string(), made.url.rsplit('/').next().expect("a token").to_owned())
}
