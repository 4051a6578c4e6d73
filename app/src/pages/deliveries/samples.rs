//! Deliveries and attempts to start from in tests.

use domain::Timestamp;
use domain::delivery::{Attempt, DeliveryDetail, DeliveryStatus, DeliverySummary, ErrorClass, Outcome, Trigger};
use domain::event::{Event, EventSource};
use domain::id::{AttemptId, DeliveryId, EndpointId, EventId};

/// An attempt that succeeded.
pub fn succeeded() -> Attempt {
    Attempt {
        id: AttemptId::new(1, [1; 10]),
        number: 1,
        started_at: Timestamp(1003),
        outcome: Outcome::Succeeded,
        code: Some(200),
        error_class: None,
        error: None,
        dns_us: None,
        connect_us: None,
        tls_us: None,
        first_byte_us: Some(900),
        total_us: 1000,
        remote: Some("192.0.2.1:443".into()),
        tls: Some("TLS 1.3".into()),
        endpoint_version: Some(1),
        url: "https://a.test/hook".into(),
        request_headers: Vec::new(),
        request_body: None,
        response_headers: Vec::new(),
        response_body: None,
        response_truncated: false,
    }
}

/// An attempt that failed so.
pub fn failed(class: ErrorClass) -> Attempt {
    Attempt { outcome: Outcome::Rejected, code: Some(503), error_class: Some(class), ..succeeded() }
}

/// A row of the log, made at this time.
pub fn row(at: i64, status: DeliveryStatus) -> DeliverySummary {
    DeliverySummary {
        id: DeliveryId::new(at, [1; 10]),
        event_id: EventId::new(at, [2; 10]),
        event_type: "invoice.paid".into(),
        endpoint_id: EndpointId::new(1, [3; 10]),
        endpoint_name: "Billing sync".into(),
        status,
        trigger: Trigger::Event,
        attempt_count: 1,
        max_attempts: 8,
        last_code: Some(200),
        last_error: None,
        last_duration_us: Some(42_000),
        next_attempt_at: None,
        waits_for: None,
        ordering_key: None,
        created_at: Timestamp(at),
        updated_at: Timestamp(at),
        finished_at: None,
        replay_of: None,
    }
}

/// A delivery with these attempts.
pub fn detail(status: DeliveryStatus, attempts: Vec<Attempt>) -> DeliveryDetail {
    let delivery = DeliverySummary { attempt_count: attempts.len() as i64, ..row(1002, status) };
    DeliveryDetail {
        event: Event {
            id: delivery.event_id.clone(),
            event_type: delivery.event_type.clone(),
            source: EventSource::Api,
            caller_id: None,
            idempotency_key: None,
            ordering_key: None,
            channels: None,
            occurred_at: Timestamp(0),
            created_at: Timestamp(1000),
            dispatched_at: Some(Timestamp(1002)),
            data: "{}".into(),
            erased_at: None,
        },
        delivery,
        attempts,
        endpoint_url: "https://a.test/hook".into(),
        matched: Some("invoice.*".into()),
        related: Vec::new(),
        planned: Vec::new(),
    }
}
