//! Connections against a simulated Slack, which refuses what the real one would not understand.

mod care;
mod enterprise;
mod messages;
mod people;
mod picker;
mod quiet_hours;
mod rules;
mod silence;
mod sources;
mod tenants;

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use simulators::slack::{App, Consent, Slack, SlackOptions, Workspace};
use simulators::{Clock as SlackClock, Fault};

use super::flow::{Ending, Finished};
use super::store::Chore;
use super::{ConnectionChange, ConnectionState, Provider, SlackApp, actions, flow, store, tokens};
use crate::audit::query::AuditQuery;
use crate::caller::Role;
use crate::channel::Channel;
use crate::db::testing::both;
use crate::delivery::DeliveryStatus;
use crate::delivery::query::LogQuery;
use crate::event::actions as events;
use crate::hub::testing::TestHub;
use crate::id::ConnectionId;
use crate::rule::{self, NewRule, RuleChange};
use crate::worker::{drain, quiet, refresher};
use crate::{Caller, alert, audit};

const HALF_DAY_MS: i64 = 12 * 3600 * 1000;

/// A Slack, and a hub that has an app there.
struct World {
    hub: TestHub,
    slack: Slack,
    owner: Caller,
    team: String,
}

impl World {
    async fn new(base: &TestHub, rotation: bool) -> Self {
        // More than the 64 KiB that are kept of a receiver's answer.
        Self::of(base, rotation, vec![Workspace::new("Acme", 400)]).await
    }

    /// With these workspaces, of which the first is the one that is connected where none is named.
    async fn of(base: &TestHub, rotation: bool, workspaces: Vec<Workspace>) -> Self {
        Self::at(base, rotation, SlackOptions { workspaces, ..SlackOptions::default() }).await
    }

    /// At a Slack with these options.
    async fn at(base: &TestHub, rotation: bool, options: SlackOptions) -> Self {
        let slack = Slack::start(SlackOptions {
            clock: SlackClock::fixed(base.now().0),
            app: App { redirect_uris: vec![REDIRECT.to_owned()], token_rotation: rotation, ..App::default() },
            ..options
        })
        .await
        .expect("a simulator");
        let app = slack.app();
        // Each program has a seed of its own, or two would make the same ids.
        static SEED: AtomicU64 = AtomicU64::new(100);
        let hub = base.with_slack(
            SEED.fetch_add(1, Ordering::Relaxed),
            SlackApp {
                url: slack.base_url().to_owned(),
                client_id: app.client_id,
                client_secret: app.client_secret.into(),
                signing_secret: app.signing_secret.into(),
            },
        );
        let (owner, team) = (hub.caller(Role::Owner), slack.teams()[0].id.clone());
        Self { hub, slack, owner, team }
    }

    /// Sends the owner to Slack, who decides there; answers the query that the browser comes back with.
    async fn away(&self, connection: Option<&ConnectionId>, consent: &Consent) -> String {
        let url = flow::begin(&self.hub, &self.owner, Provider::Slack, connection).await.expect("a way");
        let back = self.slack.consent(&url, consent).expect("a way back");
        back.split_once('?').expect("a query").1.to_owned()
    }

    fn allow(&self) -> Consent {
        Consent::Allow { account: self.team.clone() }
    }

    async fn connect(&self) -> ConnectionId {
        self.connect_to(&self.team).await
    }

    async fn connect_to(&self, team: &str) -> ConnectionId {
        let query = self.away(None, &Consent::Allow { account: team.to_owned() }).await;
        match flow::finish(&self.hub, &self.owner, Provider::Slack, &query).await.expect("an end") {
            Finished::Connected(id) => id,
            other => panic!("{other:?}"),
        }
    }

    async fn connection(&self, id: &ConnectionId) -> super::Connection {
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
        self.slack.clock().advance(Duration::from_millis(ms.unsigned_abs()));
    }

    /// A channel that messages can go to.
    async fn channel(&self, id: &ConnectionId) -> Channel {
        let choices = actions::channels(&self.hub, &self.owner, id, "").await.expect("channels");
        choices
            .sections
            .into_iter()
            .flat_map(|(_, channels)| channels)
            .find(|channel| !channel.private)
            .expect("a channel")
    }

    async fn rule(&self, channel: &Channel) -> rule::Rule {
        let new = serde_json::json!({ "channel_id": channel.id, "event_types": ["invoice.*"] });
        let new: NewRule = serde_json::from_value(new).expect("a rule");
        rule::actions::create(&self.hub, &self.owner, new).await.expect("a rule")
    }

    async fn post(&self) {
        let body = br#"{"event_type":"invoice.paid","data":{"id":"inv_8812","amount":12900,"currency":"EUR"}}"#;
        events::ingest(&self.hub, &self.owner, body, None).await.expect("accepted");
        drain(&self.hub).await.expect("drained");
    }

    async fn statuses(&self) -> Vec<DeliveryStatus> {
        let page = crate::delivery::actions::list(&self.hub, &self.owner, &LogQuery::default()).await.expect("the log");
        page.data.into_iter().map(|row| row.status).collect()
    }
}

const REDIRECT: &str = "http://127.0.0.1:3000/oauth/slack/callback";

both!(slack_is_connected_its_channels_are_read_and_it_is_tried_out, |base| {
    let base = base.with_org().await;
    let world = World::new(&base, false).await;
    let id = world.connect().await;
    world.look_after().await;
    let connection = world.connection(&id).await;
    assert_eq!((connection.state, connection.account_id.as_str()), (ConnectionState::Healthy, world.team.as_str()));
    assert_eq!((connection.missing_scopes.len(), connection.is_syncing), (0, false));
    assert!(connection.channel_count > 0 && connection.checked_at.is_some() && connection.synced_at.is_some());
    let calls = actions::calls(&world.hub, &world.owner, &id).await.expect("calls");
    assert!(calls.iter().all(|call| call.error.is_none() && !call.response.contains("xox")), "{calls:?}");
    assert!(actions::get(&world.hub, &world.hub.stranger().await, &id).await.is_err());
    world.slack.assert_understood();
});

both!(a_way_back_is_taken_once_by_whom_it_belongs_to_and_says_why_it_ended, |base| {
    let base = base.with_org().await;
    let world = World::new(&base, false).await;
    let finish = async |caller: &Caller, query: &str| {
        flow::finish(&world.hub, caller, Provider::Slack, query).await.expect("an end")
    };
    let denied = world.away(None, &Consent::Cancel).await;
    assert_eq!(finish(&world.owner, &denied).await, Finished::Ended(Ending::Denied));
    let query = world.away(None, &world.allow()).await;
    assert_eq!(finish(&world.hub.caller(Role::Owner), &query).await, Finished::Ended(Ending::Stale), "another session");
    assert_eq!(finish(&world.owner, &query).await, Finished::Ended(Ending::Stale), "it was taken");
    assert_eq!(finish(&world.owner, "code=1&state=made-up").await, Finished::Ended(Ending::Stale));
    let late = world.away(None, &world.allow()).await;
    world.hub.clock.advance_ms(10 * 60_000);
    assert_eq!(finish(&world.owner, &late).await, Finished::Ended(Ending::Stale), "too late");
    let query = world.away(None, &world.allow()).await;
    world.slack.fail_next("oauth.v2.access", Fault::Error("invalid_code".into()));
    assert_eq!(finish(&world.owner, &query).await, Finished::Ended(Ending::Refused));
    let member = world.hub.caller(Role::Member);
    assert!(flow::begin(&world.hub, &member, Provider::Slack, None).await.is_err());
    assert_eq!(actions::list(&world.hub, &world.owner).await.expect("none"), []);
});

both!(a_rule_tells_a_channel_and_falls_back_where_that_is_archived, |base| {
    let base = base.with_org().await;
    let world = World::new(&base, false).await;
    let id = world.connect().await;
    world.look_after().await;
    let channel = world.channel(&id).await;
    let rule = world.rule(&channel).await;
    world.post().await;
    let messages = world.slack.messages();
    assert_eq!((messages.len(), messages[0].channel.as_str()), (1, channel.provider_id.as_str()));
    assert!(messages[0].text.contains("Invoice paid"), "{}", messages[0].text);

    let choices = actions::channels(&world.hub, &world.owner, &id, "").await.expect("channels");
    let all: Vec<Channel> = choices.sections.into_iter().flat_map(|(_, channels)| channels).collect();
    let other = all.iter().find(|other| !other.private && other.id != channel.id).expect("another");
    let change = ConnectionChange { default_channel_id: Some(Some(other.provider_id.clone())), ..Default::default() };
    actions::update(&world.hub, &world.owner, &id, change).await.expect("a default channel");
    world.slack.archive_channel(&channel.provider_id);
    world.post().await;
    let messages = world.slack.messages();
    assert_eq!((messages.len(), messages[1].channel.as_str()), (2, other.provider_id.as_str()));
    assert_eq!(world.statuses().await, [DeliveryStatus::Delivered; 2]);
    let shown = rule::actions::get(&world.hub, &world.owner, &rule.id).await.expect("the rule");
    assert_eq!(shown.channel_state, crate::channel::ChannelState::Archived);
    world.slack.assert_understood();
});

both!(what_comes_in_quiet_hours_is_told_together_when_they_end, |base| {
    let base = base.with_org().await;
    let world = World::new(&base, false).await;
    let id = world.connect().await;
    world.look_after().await;
    let rule = world.rule(&world.channel(&id).await).await;
    let hourly: RuleChange =
        serde_json::from_value(serde_json::json!({"batching": {"mode": "hour"}})).expect("a change");
    rule::actions::update(&world.hub, &world.owner, &rule.id, hourly).await.expect("hourly");
    for _ in 0..3 {
        world.post().await;
    }
    assert_eq!((world.slack.messages().len(), world.statuses().await), (0, vec![DeliveryStatus::Pending; 3]));
    world.pass(3600 * 1000);
    drain(&world.hub).await.expect("drained");
    world.pass(2000);
    drain(&world.hub).await.expect("drained");
    let messages = world.slack.messages();
    assert_eq!(messages.len(), 1);
    assert!(messages[0].text.contains("3 events"), "{}", messages[0].text);
    assert_eq!(world.statuses().await, [DeliveryStatus::Delivered; 3]);
    world.slack.assert_understood();
});

both!(a_removed_app_keeps_what_is_to_be_told_until_somebody_reconnects, |base| {
    let base = base.with_org().await;
    let world = World::new(&base, false).await;
    let id = world.connect().await;
    world.look_after().await;
    world.rule(&world.channel(&id).await).await;
    world.slack.revoke_tokens(&world.team);
    world.post().await;
    let connection = world.connection(&id).await;
    assert_eq!(connection.state, ConnectionState::NeedsReconnect);
    let alerts =
        alert::actions::list(&world.hub, &world.owner, true, &crate::PageQuery::default()).await.expect("alerts");
    assert_eq!(alerts.data[0].kind, alert::AlertKind::ConnectionBroken);
    world.post().await;
    assert_eq!(world.slack.messages().len(), 0);

    let query = world.away(Some(&id), &world.allow()).await;
    let ended = flow::finish(&world.hub, &world.owner, Provider::Slack, &query).await.expect("an end");
    assert_eq!(ended, Finished::Reconnected(id.clone()));
    world.pass(3600 * 1000);
    drain(&world.hub).await.expect("drained");
    assert_eq!((world.slack.messages().len(), world.statuses().await), (2, vec![DeliveryStatus::Delivered; 2]));
    assert_eq!(world.connection(&id).await.state, ConnectionState::Healthy);
});

both!(disconnecting_revokes_the_token_and_takes_the_rules_along, |base| {
    let base = base.with_org().await;
    let world = World::new(&base, false).await;
    let id = world.connect().await;
    world.look_after().await;
    world.rule(&world.channel(&id).await).await;
    assert_eq!(actions::stops(&world.hub, &world.owner, &id).await.expect("what stops").len(), 1);
    actions::disconnect(&world.hub, &world.owner, &id).await.expect("ended");
    assert_eq!(world.slack.calls_of("auth.revoke").len(), 1);
    let call = actions::calls(&world.hub, &world.owner, &id).await.expect("its calls stay").remove(0);
    assert_eq!((call.operation.as_str(), call.code, call.error), ("auth.revoke", Some(200), None));
    let query = AuditQuery { action: Some("endpoint.deleted".into()), ..AuditQuery::default() };
    let entries = audit::actions::list(&world.hub, &world.owner, &query).await.expect("entries").data;
    assert_eq!((entries.len(), entries[0].actor.as_str()), (1, world.owner.actor()), "by whom it was disconnected");
    assert_eq!(rule::actions::list(&world.hub, &world.owner, None).await.expect("rules"), []);
    world.post().await;
    assert_eq!(world.slack.messages().len(), 0);
});

both!(a_token_is_renewed_ahead_of_its_end_by_one_process, |base| {
    let base = base.with_org().await;
    let world = World::new(&base, true).await;
    let id = world.connect().await;
    world.look_after().await;
    let before = world.connection(&id).await.token;
    world.pass(HALF_DAY_MS - 200_000);
    let (now, mut tx) = (world.hub.now(), world.hub.db.begin().await.expect("a transaction"));
    let lease = now.plus_ms(tokens::LEASE_MS);
    let mine = store::claim(&mut tx, Chore::Refresh, now, lease, 8).await.expect("a claim");
    let theirs = store::claim(&mut tx, Chore::Refresh, now, lease, 8).await.expect("no claim");
    tx.commit().await.expect("committed");
    assert_eq!((mine.len(), theirs.len()), (1, 0));
    tokens::refresh(&world.hub, &mine[0]).await.expect("renewed");
    let after = world.connection(&id).await.token;
    assert_eq!((before.refresh_count, after.refresh_count), (0, 1));
    assert!(after.expires_at > before.expires_at);
    let call = actions::calls(&world.hub, &world.owner, &id).await.expect("calls").remove(0);
    assert_eq!((call.operation.as_str(), call.code, &call.error), ("oauth.v2.access", Some(200), &None));
    assert!(call.request.contains("grant_type=refresh_token") && call.response.contains("\"ok\":true"));
    for token in world.slack.tokens() {
        assert!(!call.request.contains(&token.value) && !call.response.contains(&token.value));
    }
    assert!(!call.request.contains("xoxe") && !call.response.contains("xoxe"), "{call:?}");
    actions::check(&world.hub, &world.owner, &id).await.expect("it works");
    world.slack.assert_understood();
});

/// Polls a future so often, then drops it, as a killed process would; answers whether it came to its end.
async fn kill_after(polls: usize, future: impl Future<Output = crate::Result<()>>) -> bool {
    struct Flag(tokio::sync::Notify);
    impl Wake for Flag {
        fn wake(self: Arc<Self>) {
            self.0.notify_one();
        }
    }
    let flag = Arc::new(Flag(tokio::sync::Notify::new()));
    let waker = Waker::from(Arc::clone(&flag));
    let mut future = pin!(future);
    for _ in 0..polls {
        if let Poll::Ready(ended) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            ended.expect("renewed");
            return true;
        }
        flag.0.notified().await;
    }
    false
}

both!(a_refresh_that_is_killed_anywhere_never_sends_a_refresh_token_twice, |base| {
    let base = base.with_org().await;
    let (mut ended, mut renewed) = (false, 0);
    for polls in 1..200 {
        let world = World::new(&base, true).await;
        let id = world.connect().await;
        world.look_after().await;
        world.pass(HALF_DAY_MS - 200_000);
        let now = world.hub.now();
        let mut tx = world.hub.db.begin().await.expect("a transaction");
        let claimed =
            store::claim(&mut tx, Chore::Refresh, now, now.plus_ms(tokens::LEASE_MS), 8).await.expect("a claim");
        tx.commit().await.expect("committed");
        ended = kill_after(polls, tokens::refresh(&world.hub, &claimed[0])).await;
        // The claim lapses; somebody else looks after it. What was killed in a transaction holds the row until the database has
        // noticed, and a look that meets it goes by.
        for _ in 0..100 {
            world.pass(tokens::LEASE_MS + 1);
            world.look_after().await;
            if world.connection(&id).await.state != ConnectionState::Expiring {
                break;
            }
        }
        let spent = world.slack.calls_of("oauth.v2.access");
        assert!(spent.iter().all(|call| call.error.is_none()), "after {polls} polls: {spent:?}");
        let connection = world.connection(&id).await;
        match connection.state {
            ConnectionState::Healthy => {
                renewed += 1;
                actions::check(&world.hub, &world.owner, &id).await.expect("the token works");
            }
            ConnectionState::NeedsReconnect => assert!(connection.problem.expect("why").contains("was lost")),
            other => panic!("{other:?} after {polls} polls"),
        }
        actions::disconnect(&world.hub, &world.owner, &id).await.expect("ended");
        if ended {
            break;
        }
    }
    // How often it waits, and so what each run sees of the middle, depends on what is ready at once.
    assert!(ended && renewed > 0, "from its first wait to its end: renewed {renewed}");
});

both!(a_refresh_that_is_killed_before_its_answer_comes_is_not_sent_again, |base| {
    let base = base.with_org().await;
    let world = World::new(&base, true).await;
    let id = world.connect().await;
    world.look_after().await;
    world.pass(HALF_DAY_MS - 200_000);
    let spent = world.slack.calls_of("oauth.v2.access").len();
    let (now, mut tx) = (world.hub.now(), world.hub.db.begin().await.expect("a transaction"));
    let claimed = store::claim(&mut tx, Chore::Refresh, now, now.plus_ms(tokens::LEASE_MS), 8).await.expect("a claim");
    tx.commit().await.expect("committed");
    world.slack.fail_next("oauth.v2.access", Fault::HangAfter);
    tokio::select! {
        ended = tokens::refresh(&world.hub, &claimed[0]) => panic!("there was no answer, but {ended:?}"),
        calls = world.slack.wait_for_calls("oauth.v2.access", spent + 1) => assert_eq!(calls.len(), spent + 1),
    }
    world.pass(tokens::LEASE_MS + 1);
    world.look_after().await;
    assert_eq!(world.slack.calls_of("oauth.v2.access").len(), spent + 1);
    let connection = world.connection(&id).await;
    assert_eq!(connection.state, ConnectionState::NeedsReconnect);
    assert!(connection.problem.expect("why").contains("was lost"));
});
