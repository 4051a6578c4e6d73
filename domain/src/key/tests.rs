//! Keys on both databases: whose secrets they seal, and how each of them is replaced while everything goes on.

mod vault;

use secret_box::Keyring;
use serde_json::json;

use super::*;
use crate::audit::actions as audits;
use crate::audit::query::AuditQuery;
use crate::caller::Role;
use crate::connection::workflow::{self, NewWorkflow};
use crate::db::on;
use crate::db::testing::both;
use crate::hub::testing::TestHub;
use crate::source::{self, NewSource};
use crate::worker::drain;
use crate::worker::tests::support::{self, PAID, Receiver, endpoint_with};
use crate::{Caller, directory, org};

const WORKFLOW: &str = "https://prod-12.westeurope.logic.azure.com/workflows/0123456789abcdef0123456789abcdef/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=s1gnature_0123456789abcdefghijklmnopqrstuvw";
/// How long a new key takes until all is sealed with it.
const SEALED_MS: i64 = SPREAD_MS + SETTLE_MS;

/// The master key of tests, at hand.
fn usual() -> Keyring {
    ring(7)
}

fn ring(seed: u8) -> Keyring {
    Keyring::new(Key::from_bytes([seed; 32]), Vec::new())
}

/// Something sealed in every column, in the default organization; a receiver is sent what an endpoint seals.
async fn fill(hub: &TestHub, url: &str) {
    let fields = json!({
        "headers": { "X-Team": "billing" }, "auth": { "kind": "bearer", "token": "tok_4f8a2c" },
        "signing_schemes": ["standard", "ed25519"],
    });
    endpoint_with(hub, url, fields).await;
    let owner = hub.caller(Role::Owner);
    let new = NewWorkflow { name: "Alerts".into(), workflow_url: WORKFLOW.into() };
    workflow::connect(hub, &owner, &new).await.expect("connected");
    let secret = Some("whsec_stripe_0123456789abcdef0123456789".to_owned());
    let new = NewSource { provider: "stripe".into(), secret, ..NewSource::default() };
    source::actions::create(hub, &owner, new).await.expect("a source");
}

/// Everything that is the organization's opens, and goes to the receiver as it should.
async fn works(hub: &TestHub, receiver: &Receiver) {
    let before = receiver.seen().len();
    support::post(hub, PAID).await.expect("accepted");
    drain(hub).await.expect("drained");
    let seen = receiver.seen();
    assert_eq!(seen.len(), before + 1);
    assert_eq!(support::header(&seen[before], "x-team"), "billing");
    assert_eq!(support::header(&seen[before], "authorization"), "Bearer tok_4f8a2c");
    let owner = hub.caller(Role::Owner);
    let sources = source::actions::list(hub, &owner).await.expect("sources");
    let source = source::actions::get(hub, &owner, &sources[0].id).await.expect("the source");
    assert!(source.url.starts_with("http://127.0.0.1:3000/in/stripe/"), "{}", source.url);
    let mut conn = hub.db.read().await.expect("a snapshot");
    let row = crate::connection::store::all(&mut conn, &hub.org_id).await.expect("connections").remove(0);
    let grant = crate::connection::tokens::open(hub, &row).expect("opened").expect("a grant");
    assert_eq!(grant.access_token.expose(), WORKFLOW);
}

/// Whether a key has sealed anything of the default organization.
async fn seals(hub: &TestHub, key: &Key) -> bool {
    let mut conn = hub.db.read().await.expect("a snapshot");
    reseal::is_used(&mut conn, &hub.org_id, key.id().bytes()).await.expect("an answer")
}

/// As an older version had left it: sealed with the master key, and no data key of the organization's anywhere.
async fn age(hub: &TestHub) {
    reseal::all(hub, &hub.org_id, usual().current()).await.expect("sealed with the master key");
    let mut tx = hub.db.begin().await.expect("a transaction");
    for row in rows(hub).await {
        store::delete(&mut tx, &row.key_id).await.expect("deleted");
        hub.keys.forget(&row);
    }
    tx.commit().await.expect("committed");
    assert!(seals(hub, usual().current()).await);
}

/// Whether all that the organization has sealed is sealed with a key.
async fn seals_all(hub: &TestHub, key: &Key) -> bool {
    reseal::all(hub, &hub.org_id, key).await.expect("a look") == reseal::Resealed::default()
}

async fn keep(hub: &TestHub) {
    while actions::tick(hub).await.expect("a round") > 0 {}
}

async fn rows(hub: &TestHub) -> Vec<Row> {
    store::of_org(&mut hub.db.read().await.expect("a snapshot"), &hub.org_id).await.expect("keys")
}

/// All rows, also the installation's.
async fn all_rows(hub: &TestHub) -> Vec<Row> {
    store::since(&mut hub.db.read().await.expect("a snapshot"), Timestamp(0)).await.expect("keys")
}

async fn audited(hub: &TestHub, org_id: Option<OrgId>) -> Vec<String> {
    let caller = Caller::system(org_id.clone());
    let mut export = match org_id {
        Some(_) => audits::export(hub, &caller, &AuditQuery::default()).await,
        None => audits::export_installation(hub, &caller).await,
    }
    .expect("an export");
    let mut text = String::new();
    while let Some(part) = export.next().await.expect("a part") {
        text += &part;
    }
    text.lines().map(str::to_owned).collect()
}

both!(an_organization_gets_a_key_and_what_the_master_key_sealed_is_sealed_with_it, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    fill(&hub, &receiver.url).await;
    age(&hub).await;
    let master = usual().current().clone();
    keep(&hub).await;
    let made = rows(&hub).await;
    assert_eq!((made.len(), made[0].number, made[0].wrapped_by.as_str()), (1, 1, master.id().to_string().as_str()));
    works(&hub, &receiver).await;

    hub.clock.advance_ms(SEALED_MS);
    keep(&hub).await;
    let own = hub.keys.of_row(&made[0]).expect("the key");
    assert_eq!((seals(&hub, &master).await, seals(&hub, &own).await), (false, true));
    works(&hub, &receiver).await;
    assert!(!made[0].wrapped.windows(32).any(|bytes| bytes == own.bytes()), "the key is not kept in the clear");
    // What is sealed from now on is sealed with it at once.
    endpoint_with(&hub, &receiver.url, json!({ "headers": { "X-Team": "billing" }, "event_types": ["nothing.*"] }))
        .await;
    assert!(!seals(&hub, &master).await);

    let restarted = hub.restarted();
    prepare(&restarted).await.expect("read");
    let status = actions::status(&restarted, &Caller::system(None)).await.expect("a status");
    assert!(status.is_settled(), "{status:?}");
    works(&restarted, &receiver).await;
});

both!(an_organization_is_made_with_its_key_and_nothing_of_it_is_ever_sealed_with_another, |hub| {
    let mut hub = hub;
    let receiver = Receiver::answering(&["200 OK"]).await;
    let created = org::actions::create(&hub, &Caller::system(None), "Globex").await.expect("created");
    hub.org_id = created.id;
    let other = hub.node(crate::node::NodeRole::Api, 31, None);
    prepare(&other).await.expect("read");
    let made = rows(&hub).await;
    assert_eq!((made.len(), made[0].seals_from), (1, hub.now()), "in the same transaction, to be used at once");
    fill(&hub, &receiver.url).await;
    let own = hub.keys.of_row(&made[0]).expect("the key");
    assert!(seals(&hub, &own).await && seals_all(&hub, &own).await);
    works(&hub, &receiver).await;

    // The next one is made here, and another node is the first to seal something of it.
    let third = org::actions::create(&hub, &Caller::system(None), "Initech").await.expect("created");
    let mut other = other;
    other.org_id = third.id.clone();
    fill(&other, "https://example.com/hook").await;
    hub.org_id = third.id;
    let own = hub.keys.of_row(&rows(&hub).await[0]).expect("the key");
    assert!(seals(&hub, &own).await && seals_all(&hub, &own).await);
    assert!(!seals(&hub, usual().current()).await);

    // The first set-up makes one, too.
    let first =
        crate::account::actions::bootstrap(&hub, "First", "ann@first.test", "correct horse battery staple").await;
    hub.org_id = first.expect("set up").org_id;
    assert_eq!(rows(&hub).await.len(), 1);
    assert!(hub.keys.has(&hub.org_id));
});

both!(the_master_key_is_replaced_while_the_program_runs, |hub| {
    let base = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    fill(&base, &receiver.url).await;
    let folder = std::env::temp_dir().join(format!("patchbay_keys_{}_{}", base.db.kind(), std::process::id()));
    // Process ids come again.
    std::fs::remove_dir_all(&folder).ok();
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("master.key");
    let keys = Keyring::load_or_create(&path).expect("a key");
    let older = vec![usual().current().clone()];
    let hub = base.with_master(21, Master::in_file(path.clone(), &keys, older.clone()));
    prepare(&hub).await.expect("read");
    keep(&hub).await;
    hub.clock.advance_ms(SEALED_MS);
    keep(&hub).await;

    let rotated = Keyring::rotate_file(&path).expect("another key");
    follow(&hub).await.expect("a look");
    keep(&hub).await;
    let (first, second) = (keys.current().id().to_string(), rotated.current().id().to_string());
    assert_eq!(rows(&hub).await[0].wrapped_by, second);
    works(&hub, &receiver).await;
    let recorded = |line: &String| line.contains("master_key.rotated") && line.contains(&second);
    assert!(audited(&hub, None).await.iter().any(recorded));

    // A file that is broken is left until it is mended.
    let good = std::fs::read_to_string(&path).expect("a file");
    std::fs::write(&path, "nothing\n").expect("written");
    follow(&hub).await.expect("a look");
    works(&hub, &receiver).await;
    assert_eq!(hub.keys.master.current().map(|key| key.id().to_string()).as_deref(), Some(second.as_str()));
    std::fs::write(&path, good.lines().next().expect("the new key")).expect("written");

    // The older keys are needed no more.
    let alone = Keyring::load(&path).expect("one key");
    assert_ne!(alone.current().id().to_string(), first);
    let restarted = hub.with_master(22, Master::in_file(path, &alone, Vec::new()));
    prepare(&restarted).await.expect("read");
    works(&restarted, &receiver).await;
    std::fs::remove_dir_all(&folder).expect("removed");
});

both!(an_organizations_key_is_rotated_and_the_older_one_goes_a_day_later, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    keep(&hub).await;
    hub.clock.advance_ms(SEALED_MS);
    fill(&hub, &receiver.url).await;
    keep(&hub).await;
    let first = hub.keys.of_row(&rows(&hub).await[0]).expect("the key");
    assert!(seals(&hub, &first).await);

    assert_eq!(
        actions::rotate(&hub, &hub.caller(Role::Owner), &hub.org_id).await.expect_err("operators only").status(),
        403
    );
    let operator = Caller::system(None);
    assert_eq!(actions::rotate(&hub, &operator, &hub.id(OrgId::new)).await.expect_err("no such").status(), 404);
    actions::rotate(&hub, &operator, &hub.org_id).await.expect("rotated");
    keep(&hub).await;
    assert!(!actions::status(&hub, &operator).await.expect("a status").is_settled());
    hub.clock.advance_ms(SEALED_MS);
    keep(&hub).await;
    let both = rows(&hub).await;
    let second = hub.keys.of_row(&both[1]).expect("the key");
    assert_eq!((seals(&hub, &first).await, seals(&hub, &second).await), (false, true));
    assert_eq!((both.len(), both[0].retired_at, both[1].retired_at), (2, Some(hub.now()), None));
    assert!(audited(&hub, Some(hub.org_id.clone())).await.iter().any(|line| line.contains("org.key_rotated")));

    hub.clock.advance_ms(24 * 3_600_000 + 1);
    keep(&hub).await;
    assert_eq!(rows(&hub).await.iter().map(|row| row.number).collect::<Vec<_>>(), [2]);
    assert!(hub.keys.find(first.id()).is_none(), "nor is it in memory");
    works(&hub, &receiver).await;
});

both!(a_retired_key_that_sealed_something_late_is_not_deleted, |hub| {
    let hub = hub.with_org().await;
    keep(&hub).await;
    hub.clock.advance_ms(SEALED_MS);
    fill(&hub, "https://example.com/hook").await;
    keep(&hub).await;
    let first = hub.keys.of_row(&rows(&hub).await[0]).expect("the key");
    actions::rotate(&hub, &Caller::system(None), &hub.org_id).await.expect("rotated");
    hub.clock.advance_ms(SEALED_MS);
    keep(&hub).await;
    // A process that stood still for minutes stores what it had sealed with the older key.
    let mut tx = hub.db.begin().await.expect("a transaction");
    let mut row = crate::connection::store::all(&mut tx, &hub.org_id).await.expect("connections").remove(0);
    let place = format!("{}|connections|{}", hub.org_id, row.id);
    let plain = hub.open_sealed(&place, row.sealed_tokens.as_deref().expect("sealed")).expect("opened");
    row.sealed_tokens = Some(first.seal([9; 12], &place, &plain));
    crate::connection::store::save(&mut tx, &row).await.expect("stored");
    tx.commit().await.expect("committed");

    hub.clock.advance_ms(24 * 3_600_000 + 1);
    keep(&hub).await;
    let both = rows(&hub).await;
    assert_eq!((both.len(), both[0].retired_at), (2, None), "it is sealed anew first");
    keep(&hub).await;
    assert!(!seals(&hub, &first).await);
    hub.clock.advance_ms(24 * 3_600_000 + 1);
    keep(&hub).await;
    assert_eq!(rows(&hub).await.len(), 1);
});

both!(without_its_key_nothing_of_an_organization_opens, |hub| {
    let hub = hub.with_org().await;
    let other = hub.id(OrgId::new);
    hub.insert_org(&other).await;
    keep(&hub).await;
    hub.clock.advance_ms(SEALED_MS);
    fill(&hub, "https://example.com/hook").await;
    let theirs = hub.seal(&other, "place", b"theirs").expect("sealed");
    let ours = hub.seal(&hub.org_id, "place", b"ours").expect("sealed");
    let mut tx = hub.db.begin().await.expect("a transaction");
    for row in rows(&hub).await {
        store::delete(&mut tx, &row.key_id).await.expect("deleted");
    }
    tx.commit().await.expect("committed");

    let restarted = hub.restarted();
    prepare(&restarted).await.expect("read");
    assert_eq!(restarted.open_sealed("place", &theirs).expect("opened").as_slice(), b"theirs");
    let lost = restarted.open_sealed("place", &ours).expect_err("nobody opens it");
    assert!(std::error::Error::source(&lost).expect("why").to_string().contains("not among the known keys"));
    assert!(directory::entry(&restarted, &hub.org_id).await.is_err());
    // Rounds over what is lost change nothing and end.
    keep(&restarted).await;
    restarted.clock.advance_ms(SEALED_MS);
    keep(&restarted).await;
    let status = actions::status(&restarted, &Caller::system(None)).await.expect("a status");
    assert_eq!(status.unsealed, 1, "it is said that something does not open");
});

both!(another_node_knows_a_key_before_it_is_used, |hub| {
    let hub = hub.with_org().await;
    let other = hub.node(crate::node::NodeRole::Api, 31, None);
    let missing = hub.seal(&hub.org_id, "place", b"secret").expect_err("there is no key");
    assert_eq!(missing.status(), 503);
    ready(&hub, &hub.org_id).await.expect("made");
    // A first key seals at once: whoever acts for the organization learns it before.
    let first = hub.seal(&hub.org_id, "place", b"first").expect("sealed");
    assert!(other.open_sealed("place", &first).is_err());
    learn(&other, &hub.org_id).await;
    assert_eq!(other.open_sealed("place", &first).expect("opened").as_slice(), b"first");
    actions::rotate(&hub, &Caller::system(None), &hub.org_id).await.expect("rotated");
    if hub.db.kind() == "postgres" {
        let early = hub.seal(&hub.org_id, "place", b"early").expect("sealed");
        assert_eq!(other.open_sealed("place", &early).expect("by the first key").as_slice(), b"early");
    }
    hub.clock.advance_ms(SPREAD_MS);
    let sealed = hub.seal(&hub.org_id, "place", b"secret").expect("sealed");
    // The look that every node takes every five seconds, and at once when it meets an unknown key.
    assert!(other.open_sealed("place", &sealed).is_err());
    tokio::time::timeout(std::time::Duration::from_secs(5), other.follow_wake.notified()).await.expect("woken");
    follow(&other).await.expect("a look");
    assert_eq!(other.open_sealed("place", &sealed).expect("opened").as_slice(), b"secret");
    // Both make the first key of an organization at once: one of them is kept, and both know it.
    let third = hub.id(OrgId::new);
    hub.insert_org(&third).await;
    let wanted = [(Some(third.clone()), 1)];
    let (one, two) = (make(&hub, &wanted).await.expect("made"), make(&other, &wanted).await.expect("made"));
    assert_eq!((one.len(), two.len()), (1, 0));
    follow(&other).await.expect("a look");
    assert!(other.keys.of_row(&one[0]).is_some());
    // And that of the installation, where the master key is in Vault.
    let wanted = [(None, 1)];
    let (one, two) = (make(&hub, &wanted).await.expect("made"), make(&other, &wanted).await.expect("made"));
    assert_eq!((one.len(), two.len()), (1, 0));
    follow(&other).await.expect("a look");
    let shown_once = other.seal_own("flash", b"shown once");
    assert_eq!(hub.open_sealed("flash", &shown_once).expect("opened").as_slice(), b"shown once");
});

both!(a_key_that_cannot_be_unwrapped_has_nobody_read_those_of_others, |hub| {
    let hub = hub.with_org().await;
    let other = hub.node(crate::node::NodeRole::Api, 32, None);
    ready(&hub, &hub.org_id).await.expect("made");
    let third = hub.id(OrgId::new);
    hub.insert_org(&third).await;
    ready(&hub, &third).await.expect("made");
    let mut tx = hub.db.begin().await.expect("a transaction");
    let damage = "UPDATE data_keys SET wrapped = $1 WHERE org_id = $2";
    on!(&mut *tx, |c| sqlx::query(damage).bind(&[1_u8, 2, 3][..]).bind(&hub.org_id).execute(c).await.map(drop))
        .expect("damaged");
    tx.commit().await.expect("committed");
    for _ in 0..2 {
        learn(&other, &hub.org_id).await;
        assert!(!other.keys.has(&hub.org_id) && !other.keys.has(&third));
    }
    learn(&other, &third).await;
    assert!(other.keys.has(&third));
});

both!(what_does_not_open_is_left_alone_and_the_rest_is_sealed_anew, |hub| {
    let hub = hub.with_org().await;
    fill(&hub, "https://example.com/hook").await;
    age(&hub).await;
    let mut tx = hub.db.begin().await.expect("a transaction");
    let damage = "UPDATE sources SET sealed_token = $1";
    on!(&mut *tx, |c| sqlx::query(damage).bind(&[1_u8, 2, 3][..]).execute(c).await.map(drop)).expect("damaged");
    tx.commit().await.expect("committed");
    keep(&hub).await;
    hub.clock.advance_ms(SEALED_MS);
    keep(&hub).await;
    assert!(!seals(&hub, usual().current()).await);
    let row = rows(&hub).await.remove(0);
    assert_eq!(row.reseal_at, Some(hub.now().plus_ms(3_600_000)), "it is tried again in an hour");
});
