//! Workflows of a simulated Teams, which renders no card that the real one would not.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;
use simulators::teams::{Teams, TeamsOptions};
use simulators::{Clock as TeamsClock, Fault};

use super::workflow::{self, NewWorkflow};
use super::{Connection, ConnectionChange, ConnectionState, Provider, actions};
use crate::audit::query::AuditQuery;
use crate::caller::Role;
use crate::db::testing::both;
use crate::delivery::query::LogQuery;
use crate::delivery::{DeliveryStatus, actions as deliveries};
use crate::event::actions as events;
use crate::hub::testing::TestHub;
use crate::rule::{self, NewRule};
use crate::worker::{drain, refresher};
use crate::{Caller, PageQuery, alert};

/// A Teams with one channel, and a hub that knows where it is.
struct World {
    hub: TestHub,
    teams: Teams,
    owner: Caller,
}

impl World {
    async fn new(base: &TestHub) -> Self {
        let clock = TeamsClock::fixed(base.now().0);
        let teams = Teams::start(TeamsOptions { clock, ..TeamsOptions::default() }).await.expect("a simulator");
        // Each program has a seed of its own, or two would make the same ids.
        static SEED: AtomicU64 = AtomicU64::new(900);
        let hub = base.with_teams(SEED.fetch_add(1, Ordering::Relaxed), teams.base_url());
        let owner = hub.caller(Role::Owner);
        Self { hub, teams, owner }
    }

    async fn connect(&self) -> Connection {
        let new = NewWorkflow { name: "Finance".into(), workflow_url: self.teams.workflow("Alerts") };
        workflow::connect(&self.hub, &self.owner, &new).await.expect("connected")
    }

    async fn rule(&self, connection: &Connection) -> rule::Rule {
        let choices = actions::channels(&self.hub, &self.owner, &connection.id, "").await.expect("channels");
        let channel = &choices.sections[0].1[0];
        let new = json!({ "channel_id": channel.id, "event_types": ["invoice.*"] });
        let new: NewRule = serde_json::from_value(new).expect("a rule");
        rule::actions::create(&self.hub, &self.owner, new).await.expect("made")
    }

    /// An event happens, and everything that is due is done.
    async fn post(&self) {
        let body = br#"{"event_type":"invoice.paid","data":{"invoice_id":"inv_**8812**","amount_paid":12900,"currency":"EUR"}}"#;
        events::ingest(&self.hub, &self.owner, body, None).await.expect("accepted");
        drain(&self.hub).await.expect("drained");
    }

    async fn state(&self, connection: &Connection) -> ConnectionState {
        actions::get(&self.hub, &self.owner, &connection.id).await.expect("the connection").state
    }

    async fn log(&self) -> Vec<crate::delivery::DeliverySummary> {
        deliveries::list(&self.hub, &self.owner, &LogQuery::default()).await.expect("a log").data
    }
}

both!(a_workflow_posts_what_a_rule_tells, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let connection = world.connect().await;
    assert_eq!((connection.provider, connection.state), (Provider::Teams, ConnectionState::Healthy));
    assert_eq!((connection.channel_count, connection.is_syncing), (1, false));
    let rule = world.rule(&connection).await;
    assert_eq!(rule.channel_name, "Finance");
    world.post().await;
    let messages = world.teams.messages();
    assert_eq!(messages.len(), 1);
    let text = messages[0].text();
    assert!(text.contains("inv_**8812**") && text.contains("Open in Patchbay"), "{text}");
    rule::actions::test(&world.hub, &world.owner, &rule.id, None).await.expect("sent");
    drain(&world.hub).await.expect("drained");
    assert!(world.teams.messages()[1].text().contains("Test: nothing happened"));
    world.teams.assert_understood();
    // There is nothing to look after, and nothing that could be asked.
    assert_eq!(refresher::tick(&world.hub).await.expect("a round"), 0);
    assert!(actions::check(&world.hub, &world.owner, &connection.id).await.is_err());
    assert!(actions::refresh_channels(&world.hub, &world.owner, &connection.id).await.is_err());
    assert!(actions::channel(&world.hub, &world.owner, &connection.id, "C1").await.is_err());
    assert_eq!(world.teams.calls().len(), 2);
});

both!(the_address_of_a_workflow_is_nowhere_in_the_clear, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let connection = world.connect().await;
    let rule = world.rule(&connection).await;
    world.teams.fail_next("Alerts", Fault::Status(500));
    world.post().await;
    let delivery = world.log().await.remove(0);
    let detail = deliveries::get(&world.hub, &world.owner, &delivery.id).await.expect("a delivery");
    let endpoint = crate::endpoint::actions::get(&world.hub, &world.owner, &rule.id).await.expect("an endpoint");
    let audit = crate::audit::actions::list(&world.hub, &world.owner, &AuditQuery::default()).await.expect("a log");
    let seen = format!("{detail:?} {endpoint:?} {connection:?} {rule:?} {audit:?}");
    let url = world.teams.workflow("Alerts");
    let signature = url.split_once("sig=").expect("a signature").1.to_owned();
    assert!(seen.contains(world.teams.base_url()), "the host is no secret");
    assert!(!seen.contains(&signature) && !seen.contains("/workflows/"), "{seen}");
});

both!(a_workflow_that_is_gone_keeps_messages_until_another_address_is_given, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let connection = world.connect().await;
    world.rule(&connection).await;
    world.teams.switch_off("Alerts");
    world.post().await;
    assert_eq!(world.state(&connection).await, ConnectionState::NeedsReconnect);
    let open = alert::actions::list(&world.hub, &world.owner, true, &PageQuery::default()).await.expect("alerts");
    assert_eq!(open.data.len(), 1);
    world.post().await;
    assert_eq!(world.teams.messages().len(), 0);
    let another = world.teams.add_workflow("Elsewhere");
    let renewed = workflow::replace(&world.hub, &world.owner, &connection.id, &another).await.expect("renewed");
    assert_eq!((renewed.id.clone(), renewed.state), (connection.id.clone(), ConnectionState::Healthy));
    drain(&world.hub).await.expect("drained");
    world.hub.clock.advance_ms(3600 * 1000);
    drain(&world.hub).await.expect("drained");
    let channels: Vec<String> = world.teams.messages().into_iter().map(|message| message.channel).collect();
    assert_eq!(channels, ["Elsewhere"; 2]);
    assert!(world.log().await.iter().all(|row| row.status == DeliveryStatus::Delivered));
});

both!(only_a_workflow_is_connected_and_each_once, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let connection = world.connect().await;
    let connect = async |name: &str, url: &str| {
        let new = NewWorkflow { name: name.into(), workflow_url: url.into() };
        workflow::connect(&world.hub, &world.owner, &new).await.expect_err("refused").problem()
    };
    let good = world.teams.add_workflow("Other");
    assert_eq!(connect(" ", &good).await.details[0].field, "name");
    for url in ["", "https://example.com/?sig=1", "http://127.0.0.1:1/workflows/1?sig=1"] {
        assert_eq!(connect("Name", url).await.details[0].field, "workflow_url");
    }
    assert_eq!(connect("Again", &world.teams.workflow("Alerts")).await.code, "already_connected");
    let rule = world.rule(&connection).await;
    let mention = json!({ "channel_id": rule.channel_id, "event_types": ["*"], "mention": "here" });
    let new: NewRule = serde_json::from_value(mention).expect("a rule");
    let refused = rule::actions::create(&world.hub, &world.owner, new).await.expect_err("refused").problem();
    assert_eq!(refused.details[0].field, "mention");
    // Renamed and ended as any other.
    let change = ConnectionChange { name: Some("Ops".into()), ..ConnectionChange::default() };
    actions::update(&world.hub, &world.owner, &connection.id, change).await.expect("renamed");
    let rules = rule::actions::list(&world.hub, &world.owner, None).await.expect("rules");
    assert_eq!(rules[0].channel_name, "Ops");
    actions::disconnect(&world.hub, &world.owner, &connection.id).await.expect("ended");
    world.post().await;
    assert_eq!(world.teams.calls().len(), 0);
});
