//! What is kept of spans and events on their way to the collector.

use std::fmt;

use tracing::field::{Field, Visit};

/// A field's value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Text(String),
    Number(i64),
    Float(f64),
    Flag(bool),
}

/// The ids of a span within its trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ids {
    pub(crate) trace: u128,
    pub(crate) span: u64,
}

/// A span that closed, or one on its way there.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SpanRecord {
    pub(crate) ids: Ids,
    pub(crate) parent: Option<u64>,
    pub(crate) name: &'static str,
    pub(crate) start_ns: u64,
    pub(crate) end_ns: u64,
    pub(crate) fields: Vec<(&'static str, Value)>,
    pub(crate) failed: bool,
}

/// An event.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LogRecord {
    pub(crate) ids: Option<Ids>,
    pub(crate) at_ns: u64,
    pub(crate) level: tracing::Level,
    pub(crate) target: &'static str,
    pub(crate) message: String,
    pub(crate) fields: Vec<(&'static str, Value)>,
}

/// One or the other.
#[derive(Debug)]
pub(crate) enum Item {
    Span(Box<SpanRecord>),
    Log(Box<LogRecord>),
}

/// Reads fields; the message and the remote parent stand apart.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    pub(crate) message: String,
    pub(crate) traceparent: Option<String>,
    pub(crate) others: Vec<(&'static str, Value)>,
}

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        match (field.name(), value) {
            ("message", Value::Text(text)) => self.message = text,
            ("traceparent", Value::Text(text)) => self.traceparent = Some(text),
            (name, value) => self.others.push((name, value)),
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, Value::Text(format!("{value:?}")));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, Value::Text(value.to_owned()));
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, Value::Number(value));
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, i64::try_from(value).map_or_else(|_| Value::Text(value.to_string()), Value::Number));
    }
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, Value::Float(value));
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, Value::Flag(value));
    }
}

/// The ids in a W3C `traceparent`.
pub(crate) fn read_traceparent(text: &str) -> Option<Ids> {
    let mut parts = text.trim().split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str, digits: usize| {
        text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    let known = is_hex(version, 2) && version != "ff" && (version != "00" || parts.next().is_none());
    if !known || !is_hex(trace, 32) || !is_hex(span, 16) || !is_hex(flags, 2) {
        return None;
    }
    let ids = Ids { trace: u128::from_str_radix(trace, 16).ok()?, span: u64::from_str_radix(span, 16).ok()? };
    (ids.trace != 0 && ids.span != 0).then_some(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceparent_is_read_as_the_w3c_writes_it() {
        let ids = Ids { trace: 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736, span: 0x00f0_67aa_0c19_02b7 };
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0c1902b7-01";
        assert_eq!(read_traceparent(good), Some(ids));
        assert_eq!(read_traceparent(&good.replace("-01", "-00")), Some(ids));
        assert_eq!(read_traceparent(&good.replacen("00", "cc", 1).replace("-01", "-01-more")), Some(ids));
        for wrong in [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0c1902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0c1902b7-01-more",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0c1902b7-01",
            "00-00000000000000000000000000000000-00f067aa0c1902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0c1902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473é-00f067aa0c1902b7-01",
        ] {
            assert_eq!(read_traceparent(wrong), None, "{wrong}");
        }
    }
}
