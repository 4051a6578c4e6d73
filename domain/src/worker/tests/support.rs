//! A scripted receiver, an endpoint at it, and the shortest way to post an event.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::caller::Role;
use crate::delivery::actions as deliveries;
use crate::delivery::query::LogQuery;
use crate::endpoint::{EndpointWithSecret, NewEndpoint, Retry, actions as endpoints};
use crate::event::actions as events;
use crate::hub::testing::TestHub;

/// A receiver that gives scripted answers, the last one for ever, and records what it got.
pub(crate) struct Receiver {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Receiver {
    pub(crate) async fn answering(answers: &[&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (record, answers) = (Arc::clone(&seen), answers.to_vec());
        tokio::spawn(async move {
            for number in 0.. {
                let Ok((mut socket, _)) = listener.accept().await else { return };
                let answer = answers[number.min(answers.len() - 1)];
                let mut request = Vec::new();
                let mut piece = [0; 4096];
                while !complete(&request) {
                    match socket.read(&mut piece).await {
                        Ok(0) | Err(_) => break,
                        Ok(length) => request.extend_from_slice(&piece[..length]),
                    }
                }
                record.lock().expect("no panic").push(String::from_utf8_lossy(&request).into_owned());
                let _gone = socket
                    .write_all(
                        format!("HTTP/1.1 {answer}\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok").as_bytes(),
                    )
                    .await;
            }
        });
        Self { url, seen }
    }

    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().expect("no panic").clone()
    }
}

fn complete(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
    length.and_then(|length| length.parse::<usize>().ok()).is_none_or(|length| body.len() >= length)
}

pub(crate) fn header<'a>(request: &'a str, name: &str) -> &'a str {
    let line = request.lines().find(|line| line.to_lowercase().starts_with(&format!("{name}:")));
    line.and_then(|line| line.split_once(": ")).map(|(_, value)| value).unwrap_or_default()
}

pub(crate) async fn endpoint(hub: &TestHub, url: &str, retry: Retry) -> EndpointWithSecret {
    endpoint_with(hub, url, serde_json::json!({ "retry": retry, "headers": { "X-Team": "billing" } })).await
}

/// An endpoint for `invoice.*` without a rate limit, and with these fields.
pub(crate) async fn endpoint_with(hub: &TestHub, url: &str, fields: serde_json::Value) -> EndpointWithSecret {
    let mut new = serde_json::json!({
        "name": "Billing sync", "url": url, "event_types": ["invoice.*"], "timeout_ms": 1000, "rate_limit_per_minute": null,
    });
    new.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    let new: NewEndpoint = serde_json::from_value(new).expect("an endpoint");
    endpoints::create(hub, &hub.caller(Role::Owner), new).await.expect("an endpoint")
}

pub(crate) async fn post(hub: &TestHub, body: &str) -> crate::Result<crate::event::Accepted> {
    events::ingest(hub, &hub.caller(Role::Owner), body.as_bytes(), None).await
}

pub(crate) async fn log(hub: &TestHub) -> Vec<crate::delivery::DeliverySummary> {
    deliveries::list(hub, &hub.caller(Role::Member), &LogQuery::default()).await.expect("the log").data
}

/// An event with odd spaces, which must survive.
pub(crate) const PAID: &str = r#"{"event_type":"invoice.paid","data":{ "id":"inv_8812",  "amount":12900 }}"#;
