//! OTLP as JSON: the protobuf mapping, but with ids in hexadecimal, as OTLP says; numbers of 64 bits are texts.

use serde_json::{Value as Json, json};
use tracing::Level;

use crate::record::{LogRecord, SpanRecord, Value};

/// `SPAN_KIND_INTERNAL`: whether a span serves or calls is not told by `tracing`.
const INTERNAL: u8 = 1;
/// `STATUS_CODE_ERROR`.
const ERROR: u8 = 2;

/// The body for `/v1/traces`.
pub(crate) fn spans(resource: &[(String, String)], spans: &[SpanRecord]) -> Vec<u8> {
    let spans: Vec<Json> = spans.iter().map(span).collect();
    body(
        json!({ "resourceSpans": [{ "resource": of(resource), "scopeSpans": [{ "scope": scope(), "spans": spans }] }] }),
    )
}

/// The body for `/v1/logs`.
pub(crate) fn logs(resource: &[(String, String)], logs: &[LogRecord]) -> Vec<u8> {
    let logs: Vec<Json> = logs.iter().map(log).collect();
    body(
        json!({ "resourceLogs": [{ "resource": of(resource), "scopeLogs": [{ "scope": scope(), "logRecords": logs }] }] }),
    )
}

fn body(json: Json) -> Vec<u8> {
    json.to_string().into_bytes()
}

fn of(resource: &[(String, String)]) -> Json {
    let attributes: Vec<Json> =
        resource.iter().map(|(name, text)| json!({ "key": name, "value": { "stringValue": text } })).collect();
    json!({ "attributes": attributes })
}

fn scope() -> Json {
    json!({ "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") })
}

fn span(span: &SpanRecord) -> Json {
    let mut json = json!({
        "traceId": format!("{:032x}", span.ids.trace),
        "spanId": format!("{:016x}", span.ids.span),
        "name": span.name,
        "kind": INTERNAL,
        "startTimeUnixNano": span.start_ns.to_string(),
        "endTimeUnixNano": span.end_ns.to_string(),
        "attributes": attributes(&span.fields),
    });
    if let Some(parent) = span.parent {
        json["parentSpanId"] = format!("{parent:016x}").into();
    }
    if span.failed {
        json["status"] = json!({ "code": ERROR });
    }
    json
}

fn log(log: &LogRecord) -> Json {
    let (number, word) = match log.level {
        Level::TRACE => (1, "TRACE"),
        Level::DEBUG => (5, "DEBUG"),
        Level::INFO => (9, "INFO"),
        Level::WARN => (13, "WARN"),
        Level::ERROR => (17, "ERROR"),
    };
    let mut fields = attributes(&log.fields);
    fields.push(json!({ "key": "target", "value": { "stringValue": log.target } }));
    let mut json = json!({
        "timeUnixNano": log.at_ns.to_string(),
        "observedTimeUnixNano": log.at_ns.to_string(),
        "severityNumber": number,
        "severityText": word,
        "body": { "stringValue": log.message },
        "attributes": fields,
    });
    if let Some(ids) = log.ids {
        json["traceId"] = format!("{:032x}", ids.trace).into();
        json["spanId"] = format!("{:016x}", ids.span).into();
    }
    json
}

fn attributes(fields: &[(&'static str, Value)]) -> Vec<Json> {
    let value = |value: &Value| match value {
        Value::Text(text) => json!({ "stringValue": text }),
        Value::Number(number) => json!({ "intValue": number.to_string() }),
        Value::Float(number) if number.is_finite() => json!({ "doubleValue": number }),
        Value::Float(number) => json!({ "stringValue": number.to_string() }),
        Value::Flag(flag) => json!({ "boolValue": flag }),
    };
    fields.iter().map(|(name, field)| json!({ "key": name, "value": value(field) })).collect()
}
