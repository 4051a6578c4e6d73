//! Connections to Microsoft Teams by consent, against a simulated Entra ID and Graph, which refuse what the real ones would not
//! understand.

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

both!(tokens_are_renewed_ahead_of_their_end_and_when_they_are_refused, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    let before = world.connection(&id).await;
    world.pass_to_renewal(&id).await;
    world.look_after().await;
    world.entra.set_renews_refresh_tokens(false);
    world.pass_to_renewal(&id).await;
    world.look_after().await;
    let after = world.connection(&id).await;
    assert_eq!((after.token.refresh_count, after.account_id), (2, before.account_id));
    assert!(after.token.expires_at > before.token.expires_at);
    world.rule(&world.channel(&id, "Engineering: Alerts").await).await;
    world.entra.expire_tokens();
    world.post().await;
    assert_eq!((world.entra.messages().len(), world.statuses().await), (0, vec![DeliveryStatus::Retrying]));
    world.look_after().await;
    world.pass(HOUR_MS / 2);
    drain(&world.hub).await.expect("drained");
    assert_eq!((world.entra.messages().len(), world.statuses().await), (1, vec![DeliveryStatus::Delivered]));
    assert_eq!(world.connection(&id).await.token.refresh_count, 3);
    world.entra.assert_understood();
});

both!(a_refresh_that_is_killed_before_its_answer_comes_is_sent_again, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    world.pass_to_renewal(&id).await;
    let spent = world.entra.calls_of("token").len();
    let (now, mut tx) = (world.hub.now(), world.hub.db.begin().await.expect("a transaction"));
    let claimed = store::claim(&mut tx, Chore::Refresh, now, now.plus_ms(tokens::LEASE_MS), 8).await.expect("a claim");
    tx.commit().await.expect("committed");
    world.entra.fail_next("token", Fault::HangAfter);
    tokio::select! {
        ended = tokens::refresh(&world.hub, &claimed[0]) => panic!("there was no answer, but {ended:?}"),
        calls = world.entra.wait_for_calls("token", spent + 1) => assert_eq!(calls.len(), spent + 1),
    }
    world.pass(tokens::LEASE_MS + 1);
    world.look_after().await;
    assert_eq!(world.entra.calls_of("token").len(), spent + 2, "the one before stays good");
    let connection = world.connection(&id).await;
    assert_eq!((connection.state, connection.token.refresh_count), (ConnectionState::Healthy, 1));
    actions::check(&world.hub, &world.owner, &id).await.expect("it works");
});

both!(an_ended_consent_keeps_what_is_to_be_told_until_a_colleague_reconnects, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    world.rule(&world.channel(&id, "Engineering: Alerts").await).await;
    world.entra.block_account(&world.person(0, 0), true);
    world.pass_to_renewal(&id).await;
    world.look_after().await;
    let broken = world.connection(&id).await;
    assert_eq!(broken.state, ConnectionState::NeedsReconnect);
    assert!(broken.problem.expect("why").starts_with("The account of the person who connected Teams is blocked"));
    let open = alert::actions::list(&world.hub, &world.owner, true, &PageQuery::default()).await.expect("alerts");
    assert_eq!(open.data[0].kind, alert::AlertKind::ConnectionBroken);
    world.post().await;
    assert_eq!(world.entra.messages().len(), 0);

    let stranger = world.away(Some(&id), &Consent::allow(&world.person(1, 0))).await.expect("a way back");
    assert_eq!(world.finish(&stranger).await, Finished::Ended(Ending::OtherAccount), "of another organization");
    let query = world.away(Some(&id), &Consent::allow(&world.person(0, 1))).await.expect("a way back");
    assert_eq!(world.finish(&query).await, Finished::Reconnected(id.clone()));
    world.look_after().await;
    world.pass(HOUR_MS / 2);
    drain(&world.hub).await.expect("drained");
    let messages = world.entra.messages();
    assert_eq!((messages.len(), messages[0].user.clone()), (1, world.person(0, 1)));
    let connection = world.connection(&id).await;
    assert_eq!((connection.state, connection.problem), (ConnectionState::Healthy, None));
    assert!(connection.account_name.starts_with("Alex Wilber"), "{}", connection.account_name);
    // Whoever is connected elsewhere already stays there.
    let other = world.connect_as(&world.person(0, 2)).await;
    let query = world.away(Some(&id), &Consent::allow(&world.person(0, 2))).await.expect("a way back");
    assert_eq!(world.finish(&query).await, Finished::Ended(Ending::OtherAccount));
    let query = world.away(None, &Consent::allow(&world.person(0, 2))).await.expect("a way back");
    assert_eq!(world.finish(&query).await, Finished::Reconnected(other));
});

both!(a_wrong_secret_of_ours_is_for_the_operator_and_nobody_reconnects, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    world.pass_to_renewal(&id).await;
    world.entra.fail_next("token", Fault::Error("7000222".into()));
    world.look_after().await;
    let waiting = world.connection(&id).await;
    assert_ne!(waiting.state, ConnectionState::NeedsReconnect);
    assert!(waiting.problem.expect("why").ends_with("nobody has to reconnect."));
    world.pass(10 * 60_000);
    world.look_after().await;
    let well = world.connection(&id).await;
    assert_eq!((well.state, well.problem, well.token.refresh_count), (ConnectionState::Healthy, None, 1));
});

both!(a_missing_permission_is_named, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    world.rule(&world.channel(&id, "Engineering: Alerts").await).await;
    world.entra.fail_next("postChannelMessage", Fault::Error("Authorization_RequestDenied".into()));
    world.post().await;
    assert_eq!(world.statuses().await, [DeliveryStatus::Failed]);
    let problem = world.connection(&id).await.problem.expect("why");
    assert!(problem.contains("has not been asked for a permission"), "{problem}");
    let mut tx = world.hub.db.begin().await.expect("a transaction");
    let mut row = store::lock(&mut tx, &world.hub.org_id, &id).await.expect("read").expect("there");
    row.scopes_json = json!(["User.Read", "Team.ReadBasic.All", "Channel.ReadBasic.All"]).to_string();
    store::save(&mut tx, &row).await.expect("stored");
    tx.commit().await.expect("committed");
    assert_eq!(world.connection(&id).await.missing_scopes, ["ChannelMessage.Send"]);
});

both!(the_picker_finds_channels_by_team_name_and_link, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    let id = world.connect().await;
    let names = |channels: Vec<Channel>| channels.into_iter().map(|channel| channel.name).collect::<Vec<_>>();
    assert_eq!(names(world.channels(&id, "kundendienst koln al").await)[0], "Kundendienst Köln: Alerts");
    let alerts = names(world.channels(&id, "alerts").await);
    assert_eq!(alerts[..3], ["Engineering: Alerts", "Kundendienst Köln: Alerts", "Sales & Marketing: Alerts"]);
    let alerts = world.channel(&id, "Engineering: Alerts").await;
    let (team, channel) = place::read(&alerts.provider_id).expect("a place");
    let encoded: String = form_urlencoded::byte_serialize(channel.as_bytes()).collect();
    let link = format!("https://teams.microsoft.com/l/channel/{encoded}/Alerts?groupId={team}&tenantId=x");
    assert_eq!(names(world.channels(&id, &link).await), ["Engineering: Alerts"]);
    // One that was made since the list was read is asked for.
    let fresh = place::name(team, &world.entra.add_channel(team, "Incident 7"));
    let found = actions::channel(&world.hub, &world.owner, &id, &fresh).await.expect("a channel");
    assert_eq!((found.name.as_str(), found.state), ("Engineering: Incident 7", ChannelState::Fine));
    assert_eq!(names(world.channels(&id, "incident").await), ["Engineering: Incident 7"]);
    let nowhere = place::name("00000000-0000-4000-8000-000000000000", "19:x@thread.tacv2");
    assert!(actions::channel(&world.hub, &world.owner, &id, &nowhere).await.is_err());
    assert!(actions::channel(&world.hub, &world.owner, &id, "C061EG9R6").await.is_err());
    world.entra.assert_understood();
});

both!(a_team_whose_channels_cannot_be_read_holds_up_no_other, |base| {
    let base = base.with_org().await;
    let world = World::new(&base).await;
    world.entra.fail_next("listChannels", Fault::Error("NotFound".into()));
    let id = world.connect().await;
    let connection = world.connection(&id).await;
    assert_eq!((connection.channel_count, connection.state), (10, ConnectionState::Healthy));
    assert!(connection.synced_at.is_some());
    // An outage in the middle begins it anew.
    world.pass(HOUR_MS / 2);
    world.look_after().await;
    actions::refresh_channels(&world.hub, &world.owner, &id).await.expect("soon");
    world.entra.fail_next("listChannels", Fault::Error("ServiceUnavailable".into()));
    world.look_after().await;
    world.pass(60_000);
    world.look_after().await;
    assert_eq!(world.connection(&id).await.channel_count, 15);
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
    let mention = json!({ "channel_id": world.channel(&id, "Engineering: General").await.id, "event_types": ["*"], "mention": "here" });
    let new: NewRule = serde_json::from_value(mention).expect("a rule");
    let refused = rule::actions::create(&world.hub, &world.owner, new).await.expect_err("refused").problem();
    assert_eq!(refused.details[0].field, "mention");

    actions::disconnect(&world.hub, &world.owner, &id).await.expect("ended");
    world.post().await;
    assert_eq!((world.entra.messages().len(), world.workflows.messages().len()), (1, 2));
    let left = actions::list(&world.hub, &world.owner).await.expect("connections");
    assert_eq!(left.len(), 1);
    world.entra.assert_understood();
    world.workflows.assert_understood();
});
