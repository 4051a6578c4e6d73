//! Health over REST: an organization's own, the installation's for operators, and why deliveries failed.

use domain::worker;
use serde_json::json;

use crate::support::{Ask, Cast, Receiver, Role, both, eventually};

both!(health_is_told_with_its_limits_to_who_may_see_the_log, |server| {
    let cast = Cast::assemble(&server).await;
    let receiver = Receiver::start(&[500]).await;
    let workers = worker::start(server.hub());
    let key = cast.key(Role::Owner);
    let endpoint = json!({"name": "Billing", "url": receiver.url, "event_types": ["invoice.*"], "retry": []});
    server.ask(Ask::post("/api/v1/endpoints").key(key).json(&endpoint)).await.expect(201);
    for id in ["inv_1", "inv_2"] {
        let event = json!({"event_type": "invoice.paid", "data": {"id": id}});
        server.ask(Ask::post("/api/v1/events").key(key).json(&event)).await.expect(202);
    }
    let report = eventually("both have ended", async || {
        let report = server.ask(Ask::get("/api/v1/health?span=7d").key(key)).await.expect(200);
        let totals = (&report["totals"]["delivered"], &report["totals"]["failed"]);
        (totals == (&json!(1), &json!(1)) && report["failing_hosts"][0].is_object()).then_some(report)
    })
    .await;
    assert_eq!((report["part_ms"].as_i64(), report["parts"].as_array().map(Vec::len)), (Some(21_600_000), Some(28)));
    let rate = &report["figures"][0];
    assert_eq!(
        (&rate["figure"], &rate["value"], &rate["limit"], &rate["grade"]),
        (&json!("delivery_rate"), &json!(0.5), &json!(0.99), &json!("quiet"))
    );
    let host = &report["failing_hosts"][0];
    assert_eq!((&host["failures"], &host["last_code"], &host["endpoint_count"]), (&json!(1), &json!(500), &json!(1)));
    let short = server.ask(Ask::get("/api/v1/health?fields=waiting").key(key)).await.expect(200);
    assert_eq!(short, json!({"waiting": {"pending": 0, "retrying": 0, "paused": 0}}));
    assert_eq!(server.ask(Ask::get("/api/v1/health?span=1y").key(key)).await.code(422), "invalid");

    let all = Ask::get("/api/v1/installation/health");
    assert_eq!(server.ask(Ask::get("/api/v1/installation/health").key(key)).await.code(403), "forbidden");
    let all = server.ask(cast.with_key(Role::Operator, all)).await.expect(200);
    assert_eq!((&all["totals"]["created"], &all["failing_hosts"][0]["org_count"]), (&json!(2), &json!(1)));
    workers.stop(server.hub(), std::time::Duration::from_secs(2)).await;
});

both!(the_installations_alerts_are_for_operators_in_rest_and_in_the_metrics, |server| {
    let cast = Cast::assemble(&server).await;
    let receiver = Receiver::start(&[500, 500]).await;
    let key = cast.key(Role::Owner);
    let endpoint = json!({
        "name": "Billing", "url": receiver.url, "event_types": ["invoice.*"], "retry": [], "rate_limit_per_minute": null,
    });
    server.ask(Ask::post("/api/v1/endpoints").key(key).json(&endpoint)).await.expect(201);
    for number in 1..=100 {
        let event = json!({"event_type": "invoice.paid", "data": {"id": "inv_1"}});
        server.ask(Ask::post("/api/v1/events").key(key).json(&event)).await.expect(202);
        // None waits long: the latency is another figure.
        if number % 10 == 0 {
            worker::drain(server.hub()).await.expect("delivered");
        }
    }
    // What watches the figures looks when it starts.
    let workers = worker::start(server.hub());
    let operator = |ask: Ask| server.ask(cast.with_key(Role::Operator, ask));
    let alert = eventually("the alert is raised", async || {
        let open = operator(Ask::get("/api/v1/installation/alerts?open=true")).await.expect(200);
        open["data"].as_array().and_then(|open| open.first().cloned())
    })
    .await;
    assert_eq!((&alert["kind"], &alert["target"]), (&json!("health_degraded"), &json!("delivery_rate")));
    assert_eq!(
        (&alert["message"], &alert["closed_at"]),
        (&json!("Delivery rate is 98 %, less than 99 %."), &json!(null))
    );
    let see = format!("/api/v1/installation/alerts/{}/see", alert["id"].as_str().expect("an id"));
    assert_eq!(server.ask(Ask::post(&see).key(key)).await.code(403), "forbidden");
    operator(Ask::post(&see)).await.expect(204);
    let seen = operator(Ask::get("/api/v1/installation/alerts?fields=seen_at")).await.expect(200);
    assert!(seen["data"][0]["seen_at"].is_string(), "{seen}");
    let figures = operator(Ask::get("/metrics")).await;
    for line in [
        r#"patchbay_installation_alerts_open{figure="delivery_rate"} 1"#,
        r#"patchbay_installation_alerts_open{figure="latency"} 0"#,
    ] {
        assert!(figures.text.lines().any(|known| known == line), "{line}: {}", figures.text);
    }
    workers.stop(server.hub(), std::time::Duration::from_secs(2)).await;
});

both!(reasons_are_told_with_how_many_failed_for_each, |server| {
    let cast = Cast::assemble(&server).await;
    let receiver = Receiver::start(&[500, 500]).await;
    let workers = worker::start(server.hub());
    let key = cast.key(Role::Owner);
    let endpoint = json!({"name": "Billing", "url": receiver.url, "event_types": ["invoice.*"], "retry": []});
    let made = server.ask(Ask::post("/api/v1/endpoints").key(key).json(&endpoint)).await.expect(201);
    for id in ["inv_1", "inv_2"] {
        let event = json!({"event_type": "invoice.paid", "data": {"id": id}});
        server.ask(Ask::post("/api/v1/events").key(key).json(&event)).await.expect(202);
    }
    let path = format!("/api/v1/deliveries/failure-reasons?endpoint_id={}", made["id"].as_str().expect("an id"));
    let reasons = eventually("both have failed", async || {
        let reasons = server.ask(Ask::get(&path).key(key)).await.expect(200);
        (reasons["data"][0]["count"] == 2).then_some(reasons)
    })
    .await;
    let reason = &reasons["data"][0];
    assert_eq!((&reason["code"], &reason["error"], &reasons["partial"]), (&json!(500), &json!("http"), &json!(false)));
    let theirs = server.ask(cast.with_key(Role::Stranger, Ask::get(&path))).await.expect(200);
    assert_eq!(theirs["data"], json!([]));
    workers.stop(server.hub(), std::time::Duration::from_secs(2)).await;
});
