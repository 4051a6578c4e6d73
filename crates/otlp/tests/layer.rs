//! What is heard of spans and events, as the collector reads it.

use otlp::{Batches, Settings};
use serde_json::Value;
use tracing_subscriber::prelude::*;

/// Runs something under a layer that keeps this share of traces; answers spans and log records.
async fn heard(ratio: f64, job: impl FnOnce()) -> (Vec<Value>, Vec<Value>) {
    let (layer, mut batches) = otlp::new(settings(ratio));
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), job);
    read(&mut batches)
}

fn settings(ratio: f64) -> Settings {
    Settings { resource: vec![("service.name".into(), "test".into())], now_ms: 1_790_000_000_000, seed: 7, ratio }
}

fn read(batches: &mut Batches) -> (Vec<Value>, Vec<Value>) {
    let (mut spans, mut logs) = (Vec::new(), Vec::new());
    while let Some(batch) = batches.take() {
        for (path, body) in batch.requests() {
            let body: Value = serde_json::from_slice(&body).expect("JSON");
            let (outer, scopes, inner, all) = match path {
                "/v1/traces" => ("resourceSpans", "scopeSpans", "spans", &mut spans),
                _ => ("resourceLogs", "scopeLogs", "logRecords", &mut logs),
            };
            let resource = &body[outer][0]["resource"]["attributes"][0];
            assert_eq!((&resource["key"], &resource["value"]["stringValue"]), (&"service.name".into(), &"test".into()));
            all.extend(body[outer][0][scopes][0][inner].as_array().expect("a list").clone());
        }
    }
    (spans, logs)
}

/// An attribute of a span or log record.
fn attribute<'a>(record: &'a Value, name: &str) -> &'a Value {
    let all = record["attributes"].as_array().expect("attributes");
    all.iter().find(|one| one["key"] == name).map_or(&Value::Null, |one| &one["value"])
}

#[tokio::test]
async fn spans_lie_in_one_another_and_events_in_them() {
    let (spans, logs) = heard(1.0, || {
        let outer = tracing::info_span!(
            "outer",
            id = "a",
            number = 7_u64,
            share = 0.5,
            on = true,
            later = tracing::field::Empty
        );
        outer.in_scope(|| {
            tracing::debug_span!("inner").in_scope(|| tracing::error!(code = 503, "it {}", "broke"));
            outer.record("later", 9);
        });
    })
    .await;
    let [inner, outer] = spans.as_slice() else { panic!("two spans: {spans:?}") };
    assert_eq!((&inner["name"], &outer["name"]), (&"inner".into(), &"outer".into()));
    assert_eq!((&inner["traceId"], &inner["parentSpanId"]), (&outer["traceId"], &outer["spanId"]));
    assert_eq!((outer["traceId"].as_str().map(str::len), outer["spanId"].as_str().map(str::len)), (Some(32), Some(16)));
    assert_eq!(outer["parentSpanId"], Value::Null);
    assert_eq!((&inner["status"]["code"], &outer["status"]), (&2.into(), &Value::Null));
    for (name, kind, value) in [
        ("id", "stringValue", Value::from("a")),
        ("number", "intValue", "7".into()),
        ("share", "doubleValue", 0.5.into()),
        ("on", "boolValue", true.into()),
        ("later", "intValue", "9".into()),
    ] {
        assert_eq!(attribute(outer, name)[kind], value, "{name}");
    }
    let time = |text: &Value| text.as_str().expect("a text").parse::<u64>().expect("a number");
    assert!(time(&outer["startTimeUnixNano"]) >= 1_790_000_000_000_000_000);
    assert!(time(&outer["endTimeUnixNano"]) > time(&outer["startTimeUnixNano"]));
    assert_eq!(logs.len(), 1);
    assert_eq!((&logs[0]["body"]["stringValue"], &logs[0]["severityText"]), (&"it broke".into(), &"ERROR".into()));
    assert_eq!((&logs[0]["spanId"], &logs[0]["traceId"]), (&inner["spanId"], &inner["traceId"]));
    assert_eq!(attribute(&logs[0], "code")["intValue"], "503");
}

#[tokio::test]
async fn a_trace_that_another_service_began_goes_on() {
    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0c1902b7-01";
    let (spans, _) = heard(1.0, || {
        tracing::info_span!("request", traceparent = PARENT).in_scope(|| tracing::info_span!("inside").in_scope(|| {}));
        tracing::info_span!("request", traceparent = PARENT.replace("-01", "-00")).in_scope(|| {});
        tracing::info_span!("request", traceparent = "nonsense").in_scope(|| {});
    })
    .await;
    let names: Vec<_> = spans.iter().map(|span| span["name"].as_str().expect("a name")).collect();
    assert_eq!(names, ["inside", "request", "request", "request"]);
    let goes_on = spans.iter().map(|span| span["traceId"] == "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(goes_on.collect::<Vec<_>>(), [true, true, true, false]);
    assert_eq!(spans[1]["parentSpanId"], "00f067aa0c1902b7");
    assert_eq!(attribute(&spans[1], "traceparent"), &Value::Null);
}

#[tokio::test]
async fn a_stranger_does_not_decide_what_is_kept() {
    let (spans, _) = heard(0.0, || {
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0c1902b7-01";
        tracing::info_span!("request", traceparent = parent).in_scope(|| tracing::info_span!("inside").in_scope(|| {}));
    })
    .await;
    assert_eq!(spans.len(), 0);
}

#[tokio::test]
async fn a_share_of_traces_is_kept_whole_and_events_all() {
    let (spans, logs) = heard(0.25, || {
        for _ in 0..1000 {
            tracing::info_span!("outer").in_scope(|| tracing::info_span!("inner").in_scope(|| tracing::info!("here")));
        }
    })
    .await;
    assert!((400..=600).contains(&spans.len()) && spans.len() % 2 == 0, "{}", spans.len());
    assert_eq!(logs.len(), 1000);
    let with_ids = logs.iter().filter(|log| !log["traceId"].is_null()).count();
    assert_eq!(with_ids, spans.len() / 2);
}

#[tokio::test]
async fn what_finds_no_place_is_counted_and_its_own_lines_are_left_out() {
    let (layer, mut batches) = otlp::new(settings(1.0));
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        tracing::warn!(target: otlp::OWN_TARGET, "a batch could not be sent");
        for _ in 0..8192 + 5 {
            tracing::info!("here");
        }
    });
    let batch = batches.next().await.expect("a batch");
    assert_eq!(batch.dropped, 5);
    let (_, logs) = read(&mut batches);
    assert_eq!(logs.len(), 8192 - 1024);
    assert!(batches.next().await.is_none(), "the layer is gone");
}
