//! A hub for tests: fresh database, a clock that stands, seeded randomness, loopback receivers allowed.

use super::*;
use crate::Caller;
use crate::caller::{Identity, Role};
use crate::db::testing::TestDb;
use crate::id::{SessionId, UserId};
use crate::key::Master;

/// Apps at providers, and where simulators are.
#[derive(Default)]
struct Apps {
    slack: Option<SlackApp>,
    teams_url: Option<String>,
    teams: Option<TeamsApp>,
    jira: Option<JiraApp>,
    plans: Plans,
    /// Where the hub is, if not at its usual place.
    base_url: Option<String>,
    /// Where the master key is, if not the usual one.
    master: Option<Master>,
}

/// The hub, one organization in it, and callers by role.
pub(crate) struct TestHub {
    pub(crate) hub: Hub,
    pub(crate) org_id: OrgId,
    _db: Option<TestDb>,
}

impl std::ops::Deref for TestHub {
    type Target = Hub;
    fn deref(&self) -> &Hub {
        &self.hub
    }
}

impl TestHub {
    pub(crate) fn new(db: TestDb) -> Self {
        let hub = Self::hub(db.db.clone(), Clock::fixed(Timestamp(1_795_356_131_000)), 7);
        let org_id = hub.id(OrgId::new);
        Self { hub, org_id, _db: Some(db) }
    }

    /// The same, its organization told of the installation's alerts.
    pub(crate) fn telling_operations(mut self) -> Self {
        let inner = Arc::get_mut(&mut self.hub.inner).expect("nobody else has the hub yet");
        inner.settings.operations_org = Some(self.org_id.clone());
        self
    }

    /// The same, with one more door for everybody's e-mail.
    pub(crate) fn with_mail(mut self, door: MailDoor) -> Self {
        let inner = Arc::get_mut(&mut self.hub.inner).expect("nobody else has the hub yet");
        inner.settings.mail.push(door);
        self
    }

    /// The program after a restart: the same database at the same time, nothing in memory.
    pub(crate) fn restarted(&self) -> Self {
        self.node(NodeRole::All, 8, None)
    }

    /// Another process on the same database at the same time.
    pub(crate) fn node(&self, role: NodeRole, seed: u64, redis: Option<Redis>) -> Self {
        let hub = Self::hub_as(self.db.clone(), Clock::fixed(self.now()), seed, role, redis);
        Self { hub, org_id: self.org_id.clone(), _db: None }
    }

    fn hub(db: crate::db::Db, clock: Clock, seed: u64) -> Hub {
        Self::hub_as(db, clock, seed, NodeRole::All, None)
    }

    fn hub_as(db: crate::db::Db, clock: Clock, seed: u64, role: NodeRole, redis: Option<Redis>) -> Hub {
        Self::hub_with(db, clock, (seed, role), redis, Apps::default())
    }

    fn hub_with(
        db: crate::db::Db,
        clock: Clock,
        (seed, role): (u64, NodeRole),
        redis: Option<Redis>,
        Apps { slack, teams_url, teams, jira, plans, base_url, master }: Apps,
    ) -> Hub {
        let master = master.unwrap_or_else(|| {
            Master::fixed(secret_box::Keyring::new(secret_box::Key::from_bytes([7; 32]), Vec::new()))
        });
        let http = guarded_http::Config {
            allow: vec!["127.0.0.0/8".parse().expect("a network")],
            user_agent: "Patchbay/test".into(),
            ..guarded_http::Config::default()
        };
        Hub::new(HubParts {
            db,
            clock,
            random: Random::Seeded(seed.into()),
            master,
            settings: Settings {
                base_url: base_url.unwrap_or_else(|| "http://127.0.0.1:3000".into()),
                listen: ([127, 0, 0, 1], 3000).into(),
                role,
                operations_org: None,
                slack,
                teams_url,
                teams,
                jira,
                plans,
                mail: Vec::new(),
            },
            http: guarded_http::Client::new(http.clone()).expect("a client"),
            calls: guarded_http::Client::new(calls_config(http)).expect("a client"),
            sandbox: sandbox::Sandbox::new(sandbox::Config {
                threads: 1,
                ..sandbox::Config::new(sandbox::Isolation::Threads)
            })
            .expect("threads"),
            redis,
        })
    }

    /// Another process on the same database at the same time, where not everybody may connect everything.
    pub(crate) fn with_plans(&self, seed: u64, plans: Plans) -> Self {
        let clock = Clock::fixed(self.now());
        let apps = Apps { plans, teams_url: Some("http://127.0.0.1:4020".into()), ..Apps::default() };
        let hub = Self::hub_with(self.db.clone(), clock, (seed, NodeRole::All), None, apps);
        Self { hub, org_id: self.org_id.clone(), _db: None }
    }

    /// Another process on the same database at the same time, with this Slack app.
    pub(crate) fn with_slack(&self, seed: u64, app: SlackApp) -> Self {
        let clock = Clock::fixed(self.now());
        let apps = Apps { slack: Some(app), ..Apps::default() };
        let hub = Self::hub_with(self.db.clone(), clock, (seed, NodeRole::All), None, apps);
        Self { hub, org_id: self.org_id.clone(), _db: None }
    }

    /// Another process on the same database at the same time, with this app at Atlassian, reached at this URL.
    pub(crate) fn with_jira(&self, seed: u64, app: JiraApp, base_url: &str) -> Self {
        let clock = Clock::fixed(self.now());
        let apps = Apps { jira: Some(app), base_url: Some(base_url.to_owned()), ..Apps::default() };
        let hub = Self::hub_with(self.db.clone(), clock, (seed, NodeRole::All), None, apps);
        Self { hub, org_id: self.org_id.clone(), _db: None }
    }

    /// Another process on the same database at the same time, for which a simulated Teams is there.
    pub(crate) fn with_teams(&self, seed: u64, url: &str) -> Self {
        let clock = Clock::fixed(self.now());
        let apps = Apps { teams_url: Some(url.to_owned()), ..Apps::default() };
        let hub = Self::hub_with(self.db.clone(), clock, (seed, NodeRole::All), None, apps);
        Self { hub, org_id: self.org_id.clone(), _db: None }
    }

    /// Another process on the same database at the same time, whose master key is elsewhere.
    pub(crate) fn with_master(&self, seed: u64, master: Master) -> Self {
        let clock = Clock::fixed(self.now());
        let apps = Apps { master: Some(master), ..Apps::default() };
        let hub = Self::hub_with(self.db.clone(), clock, (seed, NodeRole::All), None, apps);
        Self { hub, org_id: self.org_id.clone(), _db: None }
    }

    /// The same, with an app at Entra ID, too.
    pub(crate) fn with_teams_app(&self, seed: u64, app: TeamsApp, workflows: &str) -> Self {
        let clock = Clock::fixed(self.now());
        let apps = Apps { teams: Some(app), teams_url: Some(workflows.to_owned()), ..Apps::default() };
        let hub = Self::hub_with(self.db.clone(), clock, (seed, NodeRole::All), None, apps);
        Self { hub, org_id: self.org_id.clone(), _db: None }
    }

    /// The same with the organization stored.
    pub(crate) async fn with_org(self) -> Self {
        self.insert_org(&self.org_id).await;
        self
    }

    /// Stores an organization of this id.
    pub(crate) async fn insert_org(&self, id: &OrgId) {
        let mut tx = self.db.begin().await.expect("a transaction");
        crate::db::on!(&mut *tx, |c| {
            sqlx::query("INSERT INTO orgs (id, name, created_at, updated_at) VALUES ($1, 'Acme Corp', 1, 1)")
                .bind(id)
                .execute(c)
                .await
                .map(drop)
        })
        .expect("an organization");
        tx.commit().await.expect("committed");
    }

    /// Somebody with this role in the organization (no account is stored).
    pub(crate) fn caller(&self, role: Role) -> Caller {
        Caller {
            identity: Identity::User {
                id: self.id(UserId::new),
                session_id: self.id(SessionId::new),
                email: format!("{role}@acme.test"),
                name: role.to_string(),
            },
            operator: None,
            org_id: Some(self.org_id.clone()),
            role: Some(role),
            ip: None,
        }
    }

    /// An owner of another organization (which is stored).
    pub(crate) async fn stranger(&self) -> Caller {
        let other = self.id(OrgId::new);
        self.insert_org(&other).await;
        Caller { org_id: Some(other), ..self.caller(Role::Owner) }
    }
}
