//! The figures of all organizations together: watched, told, and shown to staff alone.

use serde_json::{Value, json};

use super::support::Receiver;
use crate::account::tests::events;
use crate::alert::{Alert, AlertKind, actions as alerts, installation};
use crate::caller::{OperatorRole, Role};
use crate::db::testing::both;
use crate::endpoint::actions as endpoints;
use crate::event::actions::ingest;
use crate::health::{Figure, HOUR_MS, watch, watch_installation};
use crate::hub::testing::TestHub;
use crate::id::AlertId;
use crate::worker::{drain, sweeper};
use crate::{Caller, Cursor, Error, PageQuery, audit};

const PAID: &[u8] = br#"{"event_type":"invoice.paid","data":{"id":"inv_8812"}}"#;

/// Somebody of the installation's staff who is no member.
fn staff(hub: &TestHub, role: OperatorRole) -> Caller {
    Caller { operator: Some(role), role: None, org_id: None, ..hub.caller(Role::Owner) }
}

async fn subscribe(hub: &TestHub, caller: &Caller, url: &str, event_type: &str) {
    let new = json!({
        "name": "Billing", "url": url, "event_types": [event_type], "retry": [], "rate_limit_per_minute": null,
    });
    let new = serde_json::from_value(new).expect("an endpoint");
    endpoints::create(hub, caller, new).await.expect("an endpoint");
}

/// So many deliveries of an organization, of which the first so many fail.
async fn deliver(hub: &TestHub, caller: &Caller, count: usize, failing: usize) {
    let mut answers = vec!["500 Oops"; failing];
    answers.push("200 OK");
    let receiver = Receiver::answering(&answers).await;
    subscribe(hub, caller, &receiver.url, "invoice.*").await;
    for _ in 0..count {
        ingest(hub, caller, PAID, None).await.expect("accepted");
    }
    drain(hub).await.expect("drained");
}

async fn listed(hub: &TestHub, open: bool) -> Vec<Alert> {
    let support = staff(hub, OperatorRole::Support);
    alerts::list_installation(hub, &support, open, &PageQuery::default()).await.expect("alerts").data
}

/// What a receiver was told: type and data of each event.
fn told(receiver: &Receiver) -> Vec<(Value, Value)> {
    let body = |request: String| {
        let text = request.split_once("\r\n\r\n").expect("a body").1.to_owned();
        let mut body: Value = serde_json::from_str(&text).expect("JSON");
        (body["event_type"].take(), body["data"].take())
    };
    receiver.seen().into_iter().map(body).collect()
}

both!(what_is_too_little_in_each_organization_is_an_alert_of_the_installation, |hub| {
    let hub = hub.with_org().await.telling_operations();
    let (owner, stranger) = (hub.caller(Role::Owner), hub.stranger().await);
    let (operations, elsewhere) = (Receiver::answering(&["200 OK"]).await, Receiver::answering(&["200 OK"]).await);
    subscribe(&hub, &owner, &operations.url, "installation.*").await;
    subscribe(&hub, &stranger, &elsewhere.url, "installation.*").await;
    deliver(&hub, &owner, 60, 1).await;
    assert_eq!(watch_installation::tick(&hub).await.expect("a round"), 0, "one failure of sixty is too little to say");
    deliver(&hub, &stranger, 60, 1).await;
    assert_eq!(watch::tick(&hub).await.expect("a round"), 0, "nothing to tell either organization");
    assert_eq!(watch_installation::tick(&hub).await.expect("a round"), 1);
    assert_eq!(watch_installation::tick(&hub).await.expect("a round"), 0, "on change only");
    let open = listed(&hub, true).await;
    assert_eq!(open.len(), 1);
    assert_eq!((open[0].kind, open[0].target.as_str()), (AlertKind::HealthDegraded, "delivery_rate"));
    assert_eq!(open[0].message, "Delivery rate is 98.33 %, less than 99 %.");
    let own = alerts::list(&hub, &owner, false, &PageQuery::default()).await.expect("alerts").data;
    assert_eq!(own, [], "it is no organization's");

    hub.clock.advance_ms(3 * HOUR_MS);
    assert_eq!(watch_installation::tick(&hub).await.expect("a round"), 1, "the bad hour is past");
    assert_eq!(listed(&hub, true).await, []);
    assert_eq!(listed(&hub, false).await[0].closed_at, Some(hub.now()));
    drain(&hub).await.expect("drained");
    let told = told(&operations);
    let figures: Vec<_> = told.iter().map(|(name, data)| (name, &data["figure"], &data["value"])).collect();
    let (figure, value) = (json!("delivery_rate"), json!(118.0 / 120.0));
    assert_eq!(
        figures,
        [(&json!("installation.degraded"), &figure, &value), (&json!("installation.recovered"), &figure, &Value::Null)]
    );
    assert_eq!(told[0].1["message"], open[0].message);
    assert_eq!(elsewhere.seen().len(), 0, "another organization hears nothing");
});

both!(without_an_organization_to_tell_the_alert_is_raised_all_the_same, |hub| {
    let hub = hub.with_org().await;
    deliver(&hub, &hub.caller(Role::Owner), 100, 2).await;
    sweeper::tick(&hub).await.expect("a round");
    assert_eq!(listed(&hub, true).await.len(), 1);
    assert_eq!(events(&hub, "health.degraded").await.len(), 1, "the organization hears of its own");
    assert_eq!(events(&hub, "installation.degraded").await, [Value::Null; 0]);
});

both!(an_alert_of_the_installation_at_the_limit_stays_open_for_ten_minutes, |hub| {
    let hub = hub.with_org().await;
    let owner = hub.caller(Role::Owner);
    deliver(&hub, &owner, 100, 2).await;
    assert_eq!(watch_installation::tick(&hub).await.expect("a round"), 1);
    deliver(&hub, &owner, 200, 0).await;
    hub.clock.advance_ms(9 * 60_000);
    assert_eq!(watch_installation::tick(&hub).await.expect("a round"), 0);
    hub.clock.advance_ms(60_000);
    assert_eq!(watch_installation::tick(&hub).await.expect("a round"), 1);
    assert_eq!(listed(&hub, true).await, []);
});

both!(two_nodes_that_watch_at_once_raise_and_close_one_alert, |hub| {
    let hub = hub.with_org().await.telling_operations();
    deliver(&hub, &hub.caller(Role::Owner), 100, 2).await;
    for (name, number) in [("installation.degraded", 1), ("installation.recovered", 1)] {
        let rounds = (0..4).map(|_| watch_installation::tick(&hub));
        let done = futures::future::join_all(rounds).await;
        assert_eq!(done.into_iter().map(|round| round.expect("a round")).sum::<usize>(), number, "{name}");
        assert_eq!(events(&hub, name).await.len(), number);
        hub.clock.advance_ms(3 * HOUR_MS);
    }
});

both!(support_sees_the_installations_alerts_and_an_operator_notes_that_they_are_seen, |hub| {
    let hub = hub.with_org().await;
    deliver(&hub, &hub.caller(Role::Owner), 100, 2).await;
    watch_installation::tick(&hub).await.expect("a round");
    let (operator, support) = (staff(&hub, OperatorRole::Operator), staff(&hub, OperatorRole::Support));
    let unseen = async |caller: &Caller| alerts::count_unseen_installation(&hub, caller).await.expect("a count");
    let page = PageQuery::default();
    for role in Role::ALL {
        let member = hub.caller(*role);
        assert!(matches!(alerts::list_installation(&hub, &member, true, &page).await, Err(Error::Forbidden(_))));
        assert_eq!(unseen(&member).await, 0);
    }
    let id = listed(&hub, true).await.remove(0).id;
    assert_eq!((unseen(&operator).await, unseen(&support).await), (1, 1));
    assert!(matches!(alerts::see_installation(&hub, &support, &id).await, Err(Error::Forbidden(_))));
    let unknown = hub.id(AlertId::new);
    assert!(matches!(alerts::see_installation(&hub, &operator, &unknown).await, Err(Error::NotFound(_))));
    let seen_at = hub.now();
    alerts::see_installation(&hub, &operator, &id).await.expect("seen");
    hub.clock.advance_ms(1000);
    alerts::see_installation(&hub, &operator, &id).await.expect("seen again");
    assert_eq!((unseen(&operator).await, unseen(&support).await), (0, 0));
    assert_eq!(listed(&hub, true).await[0].seen_at, Some(seen_at), "the first look counts, and it is not over");
    let mut export = audit::actions::export_installation(&hub, &Caller::system(None)).await.expect("an export");
    let mut entries = String::new();
    while let Some(part) = export.next().await.expect("a part") {
        entries += &part;
    }
    let entry = entries.lines().find(|line| line.contains("installation_alert.seen")).expect("recorded");
    assert!(entry.contains(id.as_str()) && entry.contains(operator.actor()), "{entry}");
});

both!(the_installations_alerts_are_paged_newest_first, |hub| {
    let mut tx = hub.db.begin().await.expect("a transaction");
    let kind = AlertKind::HealthDegraded;
    for figure in Figure::ALL {
        let id = hub.id(AlertId::new);
        let raised = installation::raise_once(&mut tx, &id, kind, figure.as_str(), "Bad.", hub.now());
        assert!(raised.await.expect("stored"));
    }
    assert!(installation::close(&mut tx, kind, "latency", hub.now()).await.expect("closed"));
    assert!(!installation::close(&mut tx, kind, "latency", hub.now()).await.expect("closed already"));
    tx.commit().await.expect("committed");
    let mut conn = hub.db.read().await.expect("a connection");
    let all = installation::list(&mut conn, false, &Cursor::Start, 10).await.expect("a page");
    let names = |rows: &[Alert]| rows.iter().map(|row| row.target.clone()).collect::<Vec<_>>();
    assert_eq!(names(&all), ["queue_depth", "retry_rate", "latency", "delivery_rate"]);
    let after = Cursor::After(all[1].id.to_string());
    assert_eq!(names(&installation::list(&mut conn, true, &after, 10).await.expect("a page")), ["delivery_rate"]);
    let before = Cursor::Before(all[2].id.to_string());
    let newer = installation::list(&mut conn, false, &before, 10).await.expect("a page");
    assert_eq!(names(&newer), ["retry_rate", "queue_depth"]);
});
