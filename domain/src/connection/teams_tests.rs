//! Connections to Microsoft Teams by consent, against a simulated Entra ID and Graph, which refuse what the real ones would not
//! understand.

mod care;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::json;
use simulators::entra::{App, Consent, Entra, EntraOptions, NewTenant};
use simulators::teams::{Teams, TeamsOptions};
use simulators::{Clock as EntraClock, Fault};

use super::flow::{Ending, Finished};
use super::store::{self, Chore};
use super::workflow::{self, NewWorkflow};
use super::{
    Connection, ConnectionAccess, ConnectionChange, ConnectionState, Provider, TeamsApp, actions, flow, teams, tokens,
};
use crate::caller::Role;
use crate::channel::{Channel, ChannelState};
use crate::db::testing::both;
use crate::delivery::DeliveryStatus;
use crate::delivery::query::LogQuery;
use crate::event::actions as events;
use crate::hub::testing::TestHub;
use crate::id::ConnectionId;
use crate::provider::teams::place;
use crate::rule::{self, NewRule};
use crate::worker::{drain, quiet, refresher};
use crate::{Caller, PageQuery, alert};

const REDIRECT: &str = "http://127.0.0.1:3000/oauth/teams/callback";
const HOUR_MS: i64 = 3600 * 1000;

/// An Entra ID with Graph, a Teams with workflows, and a hub that knows both.
struct World {
    hub: TestHub,
    entra: Entra,
    workflows: Teams,
    owner: Caller,
}

impl World {
    async fn new(base: &TestHub) -> Self {
        let options = EntraOptions {
            clock: EntraClock::fixed(base.now().0),
            app: App { redirect_uris: vec![REDIRECT.to_owned()], ..App::default() },
            tenants: vec![NewTenant::new("Contoso", 3, 5), NewTenant::new("Globex", 1, 2).without_user_consent()],
            page_size: 2,
            ..EntraOptions::default()
        };
        let entra = Entra::start(options).await.expect("a simulator");
        let clock = EntraClock::fixed(base.now().0);
        let workflows = Teams::start(TeamsOptions { clock, ..TeamsOptions::default() }).await.expect("a simulator");
        // Each program has a seed of its own, or two would make the same ids.
        static SEED: AtomicU64 = AtomicU64::new(1300);
        let app = entra.app();
        let app = TeamsApp {
            url: Some(entra.base_url().to_owned()),
            client_id: app.client_id,
            client_secret: app.client_secret.into(),
        };
        let hub = base.with_teams_app(SEED.fetch_add(1, Ordering::Relaxed), app, workflows.base_url());
        let owner = hub.caller(Role::Owner);
        Self { hub, entra, workflows, owner }
    }

    /// A person of an organization, by their places.
    fn person(&self, tenant: usize, place: usize) -> String {
        self.entra.tenants()[tenant].people[place].id.clone()
    }

    /// Sends the owner to Microsoft, who decides there; answers the query that the browser comes back with, or what the page says.
    async fn away(&self, connection: Option<&ConnectionId>, consent: &Consent) -> Result<String, String> {
        let url = flow::begin(&self.hub, &self.owner, Provider::Teams, connection).await.expect("a way");
        let back = self.entra.consent(&url, consent)?;
        Ok(back.split_once('?').expect("a query").1.to_owned())
    }

    async fn finish(&self, query: &str) -> Finished {
        flow::finish(&self.hub, &self.owner, Provider::Teams, query).await.expect("an end")
    }

    async fn connect_as(&self, user: &str) -> ConnectionId {
        let query = self.away(None, &Consent::allow(user)).await.expect("a way back");
        match self.finish(&query).await {
            Finished::Connected(id) => id,
            other => panic!("{other:?}"),
        }
    }

    /// Connects as the administrator of the first organization, who is in all teams.
    async fn connect(&self) -> ConnectionId {
        let id = self.connect_as(&self.person(0, 0)).await;
        self.look_after().await;
        id
    }

    async fn connection(&self, id: &ConnectionId) -> Connection {
        actions::get(&self.hub, &self.owner, id).await.expect("the connection")
    }

    /// Lets the workers look after connections until nothing is due.
    async fn look_after(&self) {
        while refresher::tick(&self.hub).await.expect("a round") > 0 {
            quiet(&self.hub).await;
        }
    }

    fn pass(&self, ms: i64) {
        self.hub.clock.advance_ms(ms);
        self.entra.clock().advance(Duration::from_millis(ms.unsigned_abs()));
    }

    async fn channels(&self, id: &ConnectionId, typed: &str) -> Vec<Channel> {
        let choices = actions::channels(&self.hub, &self.owner, id, typed).await.expect("channels");
        choices.sections.into_iter().flat_map(|(_, channels)| channels).collect()
    }

    /// A channel of the connection, by its name.
    async fn channel(&self, id: &ConnectionId, name: &str) -> Channel {
        let all = self.channels(id, name).await;
        all.into_iter().find(|channel| channel.name == name).expect("the channel")
    }

    async fn rule(&self, channel: &Channel) -> rule::Rule {
        let new = json!({ "channel_id": channel.id, "event_types": ["invoice.*"] });
        let new: NewRule = serde_json::from_value(new).expect("a rule");
        rule::actions::create(&self.hub, &self.owner, new).await.expect("made")
    }

    /// An event happens, and everything that is due is done.
    async fn post(&self) {
        let body =
            br#"{"event_type":"invoice.paid","data":{"invoice_id":"inv_8812","amount_paid":12900,"currency":"EUR"}}"#;
        events::ingest(&self.hub, &self.owner, body, None).await.expect("accepted");
        drain(&self.hub).await.expect("drained");
    }

    async fn log(&self) -> Vec<crate::delivery::DeliverySummary> {
        crate::delivery::actions::list(&self.hub, &self.owner, &LogQuery::default()).await.expect("the log").data
    }

    async fn statuses(&self) -> Vec<DeliveryStatus> {
        self.log().await.into_iter().map(|row| row.status).collect()
    }

    /// What the last attempt of the newest delivery says.
    async fn said(&self) -> String {
        let id = self.log().await.remove(0).id;
        let detail = crate::delivery::actions::get(&self.hub, &self.owner, &id).await.expect("the delivery");
        let last = detail.attempts.into_iter().max_by_key(|attempt| attempt.number).expect("an attempt");
        last.error.unwrap_or_default()
    }

    /// Moves on to a little before the token's end.
    async fn pass_to_renewal(&self, id: &ConnectionId) {
        let end = self.connection(id).await.token.expires_at.expect("an end");
        self.pass(end.since(self.hub.now()) - 200_000);
    }
}

both!(teams_is_connected_its_channels_are_read_and_it_is_tried_out, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    let connection = world.connection(&id).await;
    assert_eq!((connection.state, connection.access), (ConnectionState::Healthy, ConnectionAccess::Consent));
    let tenant = world.entra.tenants().remove(0);
    assert_eq!(connection.account_id, format!("{}:{}", tenant.id, tenant.people[0].id));
    assert_eq!(connection.account_name, format!("Megan Bowen ({})", tenant.people[0].principal));
    assert_eq!(connection.name, "Megan Bowen");
    assert_eq!((connection.channel_count, connection.missing_scopes.len(), connection.is_syncing), (15, 0, false));
    assert!(connection.checked_at.is_some() && connection.synced_at.is_some() && connection.token.refresh_at.is_some());
    let calls = actions::calls(&world.hub, &world.owner, &id).await.expect("calls");
    // A page of two teams and one of one; of each team three pages of channels; and who it is.
    assert_eq!(calls.len(), 2 + 9 + 1);
    let of_channels = calls.iter().filter(|call| call.operation == "GET /teams/…/channels").count();
    assert_eq!(of_channels, 9, "{calls:?}");
    let tokens = world.entra.tokens();
    assert!(calls.iter().all(|call| call.error.is_none() && !call.response.contains(&tokens[0].value)), "{calls:?}");
    assert!(actions::get(&world.hub, &world.hub.stranger().await, &id).await.is_err());
    // Somebody else of the organization sees fewer channels: another account, another connection.
    let other = world.connect_as(&world.person(0, 1)).await;
    world.look_after().await;
    assert_eq!(
        world.connection(&other).await.channel_count,
        8,
        "two teams of five, of each one that is private to others"
    );
    world.entra.assert_understood();
});

both!(a_way_back_says_why_it_ended, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let denied = world.away(None, &Consent::Deny).await.expect("a way back");
    assert_eq!(world.finish(&denied).await, Finished::Ended(Ending::Denied));
    assert_eq!(world.finish("code=1&state=made-up").await, Finished::Ended(Ending::Stale));
    let query = world.away(None, &Consent::allow(&world.person(0, 1))).await.expect("a way back");
    world.entra.fail_next("token", Fault::Error("7000222".into()));
    assert_eq!(world.finish(&query).await, Finished::Ended(Ending::Misconfigured));
    for (words, ending) in [
        ("AADSTS65004: User declined to consent", Ending::Denied),
        ("AADSTS90094: An administrator of Contoso has set a policy", Ending::AdminNeeded),
        ("AADSTS90033: A transient error has occurred", Ending::Unanswered),
    ] {
        let url = flow::begin(&world.hub, &world.owner, Provider::Teams, None).await.expect("a way");
        let query = url.split_once('?').expect("a query").1;
        let state = query.split('&').find(|pair| pair.starts_with("state=")).expect("a state");
        let words: String = form_urlencoded::byte_serialize(words.as_bytes()).collect();
        let back = format!("error=access_denied&error_description={words}&{state}");
        assert_eq!(world.finish(&back).await, Finished::Ended(ending), "{words}");
    }
    let member = world.hub.caller(Role::Member);
    assert!(flow::begin(&world.hub, &member, Provider::Teams, None).await.is_err());
    assert!(teams::begin_admin(&world.hub, &member).await.is_err());
    assert_eq!(actions::list(&world.hub, &world.owner).await.expect("none"), []);
});

both!(whoever_may_not_consent_connects_after_an_administrator_has, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let (admin, user) = (world.person(1, 0), world.person(1, 1));
    let page = world.away(None, &Consent::allow(&user)).await.expect_err("a dead end at Microsoft");
    assert!(page.contains("AADSTS90094"), "{page}");
    let admin_way = async |consent: &Consent| {
        let url = teams::begin_admin(&world.hub, &world.owner).await.expect("a way");
        let back = world.entra.consent(&url, consent).expect("a way back");
        world.finish(back.split_once('?').expect("a query").1).await
    };
    assert_eq!(admin_way(&Consent::Deny).await, Finished::Ended(Ending::Denied));
    assert_eq!(admin_way(&Consent::allow(&admin)).await, Finished::Allowed);
    assert_eq!(actions::list(&world.hub, &world.owner).await.expect("none"), [], "nothing is connected by that");
    let id = world.connect_as(&user).await;
    world.look_after().await;
    assert_eq!(world.connection(&id).await.missing_scopes.len(), 0);
    world.entra.assert_understood();
});

both!(a_link_for_an_administrator_leads_back_to_nobody_here, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let link = teams::admin_link(&world.hub).expect("a link");
    let sent_back = |consent: &Consent| {
        let back = world.entra.consent(&link, consent).expect("a way back");
        teams::sent_back(back.split_once('?').expect("a query").1)
    };
    assert_eq!(sent_back(&Consent::Deny), Some(false));
    assert_eq!(sent_back(&Consent::allow(&world.person(1, 0))), Some(true));
    assert_eq!(teams::sent_back("admin_consent=True&tenant=x&state=other"), None);
    world.connect_as(&world.person(1, 1)).await;
    assert_eq!(teams::admin_link(&base), None, "without an app");
});

both!(a_rule_posts_cards_and_falls_back_where_a_channel_is_archived_or_gone, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    let alerts = world.channel(&id, "Engineering: Alerts").await;
    let rule = world.rule(&alerts).await;
    assert_eq!(rule.channel_name, "Engineering: Alerts");
    world.post().await;
    let messages = world.entra.messages();
    let (team, channel) = place::read(&alerts.provider_id).expect("a place");
    assert_eq!((messages[0].team.as_str(), messages[0].channel.as_str()), (team, channel));
    assert!(messages[0].text().contains("inv_8812"), "{}", messages[0].text());
    rule::actions::test(&world.hub, &world.owner, &rule.id, None).await.expect("sent");
    drain(&world.hub).await.expect("drained");
    assert!(world.entra.messages()[1].text().contains("Test: nothing happened"));

    let other = world.channel(&id, "Sales & Marketing: General").await;
    let change = ConnectionChange { default_channel_id: Some(Some(other.provider_id.clone())), ..Default::default() };
    actions::update(&world.hub, &world.owner, &id, change).await.expect("a default channel");
    world.entra.archive_channel(team, channel, true);
    world.post().await;
    let moved = world.entra.messages().pop().expect("a message");
    assert_eq!(place::name(&moved.team, &moved.channel), other.provider_id);
    assert!(moved.text().contains("For Engineering: Alerts, which"), "{}", moved.text());
    let state = async || rule::actions::get(&world.hub, &world.owner, &rule.id).await.expect("the rule").channel_state;
    assert_eq!(state().await, ChannelState::Archived);
    world.entra.delete_channel(team, channel);
    world.post().await;
    assert_eq!((world.entra.messages().len(), state().await), (4, ChannelState::Gone));
    assert_eq!(world.statuses().await, [DeliveryStatus::Delivered; 4]);
    // Without another channel the delivery fails and says what to do.
    let change = ConnectionChange { default_channel_id: Some(None), ..Default::default() };
    actions::update(&world.hub, &world.owner, &id, change).await.expect("none");
    world.post().await;
    assert_eq!(world.log().await[0].status, DeliveryStatus::Failed);
    assert!(world.said().await.contains("does not exist any more"), "{}", world.said().await);
    world.entra.assert_understood();
});

both!(a_rule_is_made_for_a_channel_whose_name_is_longer_than_an_endpoints, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    let mut alerts = world.channel(&id, "Engineering: Alerts").await;
    alerts.name = format!("{}: Alerts", "n".repeat(95));
    let mut tx = world.hub.db.begin().await.expect("a transaction");
    let now = world.hub.now();
    crate::channel::store::put(&mut tx, &id, std::slice::from_ref(&alerts), now).await.expect("stored");
    tx.commit().await.expect("committed");
    assert_eq!(world.rule(&alerts).await.channel_name, alerts.name);
});

both!(graph_asks_for_a_pause_and_gets_it, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    world.rule(&world.channel(&id, "Engineering: Alerts").await).await;
    world.entra.fail_next("postChannelMessage", Fault::RateLimited(70));
    world.post().await;
    assert_eq!((world.entra.messages().len(), world.statuses().await), (0, vec![DeliveryStatus::Retrying]));
    assert_eq!(world.connection(&id).await.state, ConnectionState::RateLimited);
    world.pass(69_000);
    drain(&world.hub).await.expect("drained");
    assert_eq!(world.entra.messages().len(), 0, "not before the time that it asked for");
    world.pass(2000);
    drain(&world.hub).await.expect("drained");
    assert_eq!((world.entra.messages().len(), world.statuses().await), (1, vec![DeliveryStatus::Delivered]));
    world.entra.fail_next("postChannelMessage", Fault::DropAfter);
    world.post().await;
    assert!(world.said().await.ends_with("Microsoft Teams may have taken this message; a retry may show it twice."));
});

both!(a_message_calls_everybody_of_its_channel_where_the_rule_says_so, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    let channel = world.channel(&id, "Engineering: Alerts").await;
    let calling = |channel: &Channel, mention: &str| {
        let new = json!({ "channel_id": channel.id, "event_types": ["invoice.*"], "mention": mention });
        serde_json::from_value::<NewRule>(new).expect("a rule")
    };
    let create = async |new: NewRule| rule::actions::create(&world.hub, &world.owner, new).await;
    create(calling(&channel, "channel")).await.expect("a rule");
    world.post().await;
    let message = world.entra.messages().remove(0);
    assert_eq!(message.mentions[0]["mentioned"]["conversation"]["id"], message.channel.as_str());
    assert!(message.content.starts_with("<at id=\"0\">Alerts</at><attachment "), "{}", message.content);
    world.entra.assert_understood();

    let refused = create(calling(&channel, "here")).await.expect_err("refused").problem();
    assert_eq!(refused.details[0].field, "mention");
    let new = NewWorkflow { name: "Finance".into(), workflow_url: world.workflows.workflow("Alerts") };
    let by_workflow = workflow::connect(&world.hub, &world.owner, &new).await.expect("connected");
    let finance = world.channel(&by_workflow.id, "Finance").await;
    let refused = create(calling(&finance, "channel")).await.expect_err("refused").problem();
    assert!(refused.message.contains("through a workflow"), "{}", refused.message);
});

both!(a_consent_and_a_workflow_live_side_by_side, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    let new = NewWorkflow { name: "Finance".into(), workflow_url: world.workflows.workflow("Alerts") };
    let by_workflow = workflow::connect(&world.hub, &world.owner, &new).await.expect("connected");
    assert_eq!(by_workflow.access, ConnectionAccess::Workflow);
    world.rule(&world.channel(&id, "Engineering: Alerts").await).await;
    world.rule(&world.channel(&by_workflow.id, "Finance").await).await;
    world.post().await;
    assert_eq!((world.entra.messages().len(), world.workflows.messages().len()), (1, 1));
    let rename = |name: &str| ConnectionChange { name: Some(name.into()), ..ConnectionChange::default() };
    actions::update(&world.hub, &world.owner, &id, rename("Contoso")).await.expect("renamed");
    let url = world.workflows.workflow("Alerts");
    let refused = workflow::replace(&world.hub, &world.owner, &id, &url).await.expect_err("no workflow").problem();
    assert_eq!(refused.details[0].field, "workflow_url");

    actions::disconnect(&world.hub, &world.owner, &id).await.expect("ended");
    world.post().await;
    assert_eq!((world.entra.messages().len(), world.workflows.messages().len()), (1, 2));
    let left = actions::list(&world.hub, &world.owner).await.expect("connections");
    assert_eq!(left.len(), 1);
    world.entra.assert_understood();
    world.workflows.assert_understood();
});
