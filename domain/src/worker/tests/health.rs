//! The figures follow what happens, once, and tell when they go beyond their limits.

use serde_json::json;

use super::support::{PAID, Receiver, endpoint, endpoint_with, log, post};
use crate::alert::{self, AlertKind};
use crate::caller::{Caller, Role};
use crate::db::testing::both;
use crate::delivery::query::LogQuery;
use crate::delivery::{ErrorClass, actions as deliveries};
use crate::endpoint::{EndpointChange, EndpointStatus, Retry, actions as endpoints};
use crate::health::{Figure, Grade, HOUR_MS, HealthReport, Span, actions as health, watch};
use crate::hub::testing::TestHub;
use crate::worker::{drain, sweeper};
use crate::{PageQuery, retention, search};

async fn report(hub: &TestHub) -> HealthReport {
    health::get(hub, &hub.caller(Role::Member), Span::Day).await.expect("a report")
}

/// Lets the index come to deliveries whose attempt has just ended.
async fn settle(hub: &TestHub) {
    hub.clock.advance_ms(1000);
    drain(hub).await.expect("drained");
}

/// The grade of a figure.
fn grade(report: &HealthReport, figure: Figure) -> Grade {
    report.figures.iter().find(|known| known.figure == figure).expect("each figure").grade
}

both!(figures_are_as_current_as_the_log_and_the_same_once_they_are_counted, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["500 Oops", "200 OK"]).await;
    let made = endpoint(&hub, &receiver.url, Retry::Own(vec![10])).await;
    post(&hub, PAID).await.expect("accepted");
    let before = report(&hub).await;
    assert_eq!(
        (before.totals.created, before.waiting.pending, before.totals.attempts),
        (1, 1, 0),
        "nothing is counted yet"
    );
    drain(&hub).await.expect("drained");
    let failed = report(&hub).await;
    assert_eq!((failed.waiting.pending, failed.waiting.retrying), (0, 1));
    assert_eq!((failed.totals.attempts, failed.totals.failures, failed.totals.retries), (1, 1, 0));
    hub.clock.advance_ms(12_000);
    drain(&hub).await.expect("drained");
    assert_eq!(search::lag(&hub).await.expect("a count"), 0, "all is counted");
    let after = report(&hub).await;
    let totals = after.totals;
    assert_eq!((totals.created, totals.delivered, totals.failed, totals.dropped), (1, 1, 0, 0));
    assert_eq!((totals.attempts, totals.retries, totals.failures), (2, 1, 1));
    assert!((8000..=12_000).contains(&totals.latency_ms), "{totals:?}");
    assert_eq!((totals.within_5_s, totals.within_60_s, after.waiting.depth()), (0, 1, 0));
    assert_eq!(after.parts.iter().map(|part| part.counts.delivered).sum::<i64>(), 1);
    assert_eq!(after.parts.last().map(|part| (part.waiting, part.counts.delivered)), Some((0, 1)));
    let shown = endpoints::health(&hub, &hub.caller(Role::Member), &made.endpoint.id).await.expect("health");
    assert_eq!((shown.delivered, shown.retrying, shown.waiting, shown.days[6]), (1, 0, 0, (1, 0)));
    assert!(shown.p95_us.is_some() && shown.last_delivery_at.is_some());
});

both!(a_round_that_is_lost_counts_nothing_and_rounds_at_once_count_once, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    endpoint(&hub, &receiver.url, Retry::default()).await;
    for _ in 0..40 {
        post(&hub, PAID).await.expect("accepted");
    }
    // The process dies between counting and the end of the transaction.
    let ids: Vec<_> = log(&hub).await.into_iter().map(|row| row.id).collect();
    let mut tx = hub.db.begin().await.expect("a transaction");
    crate::health::count::settle(&mut tx, &hub.org_id, &ids).await.expect("counted");
    drop(tx);
    drain(&hub).await.expect("drained");
    for _ in 0..40 {
        post(&hub, PAID).await.expect("accepted");
    }
    hub.clock.advance_ms(2000);
    let rounds = (0..4).map(|_| search::tick(&hub));
    for round in futures::future::join_all(rounds).await {
        round.expect("a round");
    }
    drain(&hub).await.expect("drained");
    let report = report(&hub).await;
    assert_eq!((report.totals.created, report.totals.delivered, report.totals.attempts), (80, 80, 80));
    assert_eq!(report.waiting.depth(), 0);
});

both!(endpoints_of_one_host_fail_in_one_row_until_they_recover, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["503 Busy", "503 Busy", "200 OK"]).await;
    for _ in 0..2 {
        endpoint(&hub, &receiver.url, Retry::Own(vec![10])).await;
    }
    post(&hub, PAID).await.expect("accepted");
    drain(&hub).await.expect("drained");
    settle(&hub).await;
    let hosts = report(&hub).await.failing_hosts;
    assert_eq!(hosts.len(), 1);
    let host = &hosts[0];
    assert!(host.host.starts_with("127.0.0.1:") && receiver.url.contains(&host.host));
    assert_eq!((host.failures, host.attempts, host.endpoint_count, host.org_count), (2, 2, 2, 1));
    assert_eq!((host.last_code, host.last_error), (Some(503), Some(ErrorClass::Http)));
    assert_eq!((host.endpoints.len(), host.failing_since.is_some()), (2, true));
    hub.clock.advance_ms(12_000);
    drain(&hub).await.expect("drained");
    settle(&hub).await;
    let hosts = report(&hub).await.failing_hosts;
    assert_eq!((hosts[0].failures, hosts[0].attempts, hosts[0].failing_since), (2, 4, None));
});

both!(every_organization_sees_its_own_figures_and_an_operator_those_of_all, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["500 Oops"]).await;
    endpoint(&hub, &receiver.url, Retry::Own(vec![])).await;
    for _ in 0..2 {
        post(&hub, PAID).await.expect("accepted");
    }
    drain(&hub).await.expect("drained");
    let stranger = hub.stranger().await;
    let theirs = health::get(&hub, &stranger, Span::Week).await.expect("a report");
    assert_eq!((theirs.totals.created, theirs.waiting.depth(), theirs.failing_hosts.len()), (0, 0, 0));
    assert!(health::get_installation(&hub, &hub.caller(Role::Owner), Span::Day).await.is_err());
    let all = health::get_installation(&hub, &Caller::system(None), Span::Month).await.expect("a report");
    assert_eq!((all.totals.created, all.totals.failed, all.waiting.pending), (2, 2, 0));
    assert_eq!((all.failing_hosts[0].failures, all.failing_hosts[0].org_count), (2, 1));
});

both!(what_ends_without_being_sent_is_dropped_and_spoils_no_rate, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["500 Oops"]).await;
    let made = endpoint(&hub, &receiver.url, Retry::Own(vec![3600])).await;
    let owner = hub.caller(Role::Owner);
    let erased = post(&hub, PAID).await.expect("accepted");
    drain(&hub).await.expect("drained");
    settle(&hub).await;
    retention::erase_event(&hub, &owner, &erased.id).await.expect("erased");
    let after = report(&hub).await;
    assert_eq!(
        (after.totals.dropped, after.totals.failed, after.totals.failures, after.waiting.retrying),
        (1, 0, 1, 0)
    );
    let paused = EndpointChange { status: Some(EndpointStatus::Paused), ..EndpointChange::default() };
    endpoints::update(&hub, &owner, &made.endpoint.id, paused).await.expect("paused");
    post(&hub, PAID).await.expect("accepted");
    drain(&hub).await.expect("drained");
    assert_eq!((report(&hub).await.waiting.paused, report(&hub).await.waiting.depth()), (1, 0));
    endpoints::delete(&hub, &owner, &made.endpoint.id).await.expect("deleted");
    drain(&hub).await.expect("drained");
    let after = report(&hub).await;
    assert_eq!((after.totals.dropped, after.totals.failed, after.waiting.paused), (2, 0, 0));
    assert_eq!(after.parts.last().map(|part| part.waiting), Some(0));
});

both!(an_alert_is_raised_once_beyond_the_limit_and_closed_when_the_figure_is_back, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["500 Oops", "500 Oops", "500 Oops", "200 OK"]).await;
    let told = Receiver::answering(&["200 OK"]).await;
    endpoint(&hub, &receiver.url, Retry::Own(vec![])).await;
    endpoint_with(&hub, &told.url, json!({ "event_types": ["health.*"] })).await;
    let open = async || {
        alert::actions::list(&hub, &hub.caller(Role::Member), true, &PageQuery::default()).await.expect("alerts").data
    };
    for _ in 0..3 {
        post(&hub, PAID).await.expect("accepted");
        drain(&hub).await.expect("drained");
    }
    assert_eq!(grade(&report(&hub).await, Figure::DeliveryRate), Grade::Quiet);
    assert_eq!(watch::tick(&hub).await.expect("a round"), 0, "three failures of three are too few");
    for _ in 0..100 {
        post(&hub, PAID).await.expect("accepted");
    }
    drain(&hub).await.expect("drained");
    assert_eq!(grade(&report(&hub).await, Figure::DeliveryRate), Grade::Alert);
    assert_eq!(watch::tick(&hub).await.expect("a round"), 1);
    assert_eq!(watch::tick(&hub).await.expect("a round"), 0, "on change only");
    let raised = open().await;
    assert_eq!(raised.len(), 1);
    assert_eq!((raised[0].kind, raised[0].target.as_str()), (AlertKind::HealthDegraded, "delivery_rate"));
    assert_eq!(raised[0].message, "Delivery rate is 97.08 %, less than 99 %.");
    hub.clock.advance_ms(3 * HOUR_MS);
    drain(&hub).await.expect("drained");
    assert_eq!(watch::tick(&hub).await.expect("a round"), 1, "the bad hour is past");
    assert_eq!(open().await, []);
    drain(&hub).await.expect("drained");
    let bodies: Vec<serde_json::Value> = told
        .seen()
        .iter()
        .map(|request| serde_json::from_str(request.split_once("\r\n\r\n").expect("a body").1).expect("JSON"))
        .collect();
    let types: Vec<_> = bodies.iter().map(|body| (&body["event_type"], &body["data"]["figure"])).collect();
    let figure = json!("delivery_rate");
    assert_eq!(types, [(&json!("health.degraded"), &figure), (&json!("health.recovered"), &figure)]);
});

both!(an_alert_at_the_limit_stays_open_for_ten_minutes, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["500 Oops", "500 Oops", "200 OK"]).await;
    endpoint(&hub, &receiver.url, Retry::Own(vec![])).await;
    for number in 0..100 {
        post(&hub, PAID).await.expect("accepted");
        if number < 2 {
            drain(&hub).await.expect("drained");
        }
    }
    drain(&hub).await.expect("drained");
    assert_eq!(watch::tick(&hub).await.expect("a round"), 1);
    for _ in 0..200 {
        post(&hub, PAID).await.expect("accepted");
    }
    drain(&hub).await.expect("drained");
    assert_eq!(grade(&report(&hub).await, Figure::DeliveryRate), Grade::Watch);
    hub.clock.advance_ms(9 * 60_000);
    assert_eq!(watch::tick(&hub).await.expect("a round"), 0);
    hub.clock.advance_ms(60_000);
    assert_eq!(watch::tick(&hub).await.expect("a round"), 1);
});

both!(dead_letters_are_grouped_by_why_they_failed, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["500 Oops", "503 Busy", "500 Oops", "200 OK"]).await;
    endpoint(&hub, &receiver.url, Retry::Own(vec![])).await;
    let gone = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let unreachable =
        endpoint_with(&hub, &format!("http://{gone}/x"), json!({ "retry": [], "event_types": ["user.joined"] })).await;
    for _ in 0..4 {
        post(&hub, PAID).await.expect("accepted");
        drain(&hub).await.expect("drained");
        hub.clock.advance_ms(1000);
    }
    post(&hub, r#"{"event_type":"user.joined","data":{"id":"usr_1"}}"#).await.expect("accepted");
    drain(&hub).await.expect("drained");
    let member = hub.caller(Role::Member);
    let reasons = deliveries::failure_reasons(&hub, &member, &LogQuery::default()).await.expect("reasons");
    let counted: Vec<_> = reasons.data.iter().map(|reason| (reason.code, reason.error, reason.count)).collect();
    let http = Some(ErrorClass::Http);
    assert_eq!(counted[0], (Some(500), http, 2));
    assert!(counted.contains(&(Some(503), http, 1)) && counted.contains(&(None, Some(ErrorClass::Connect), 1)));
    assert_eq!(counted.len(), 3);
    assert_eq!(reasons.data[0].newest_at.since(reasons.data[0].oldest_at), 2000);
    let connect = reasons.data.iter().find(|reason| reason.code.is_none()).expect("a reason");
    assert!(connect.message.as_deref().is_some_and(|message| !message.contains('\n')), "{connect:?}");
    let one = LogQuery { endpoint_id: Some(unreachable.endpoint.id.to_string()), ..LogQuery::default() };
    assert_eq!(deliveries::failure_reasons(&hub, &member, &one).await.expect("reasons").data.len(), 1);
    let stranger = hub.stranger().await;
    assert_eq!(deliveries::failure_reasons(&hub, &stranger, &LogQuery::default()).await.expect("reasons").data, []);
});

both!(hours_that_no_span_reaches_are_forgotten, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    endpoint(&hub, &receiver.url, Retry::default()).await;
    post(&hub, PAID).await.expect("accepted");
    drain(&hub).await.expect("drained");
    let hours = async || -> i64 {
        crate::db::on!(&mut hub.db.read().await.expect("a connection"), |c| sqlx::query_scalar(
            "SELECT COUNT(*) FROM health_hours"
        )
        .fetch_one(c)
        .await)
        .expect("a count")
    };
    hub.clock.advance_ms(31 * 24 * HOUR_MS);
    sweeper::tick(&hub).await.expect("a round");
    assert_eq!(hours().await, 2, "the endpoint's and the installation's");
    hub.clock.advance_ms(2 * 24 * HOUR_MS);
    sweeper::tick(&hub).await.expect("a round");
    assert_eq!(hours().await, 0);
    assert_eq!(report(&hub).await.totals.created, 0);
});
