//! The app's side: records what is sent to it and answers as it is told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use tokio::net::TcpListener;

/// A request that arrived.
#[derive(Debug, Clone)]
pub struct Arrival {
    pub headers: HeaderMap,
    pub body: String,
}

impl Arrival {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// A field of a form.
    pub fn field(&self, name: &str) -> String {
        let mut fields = form_urlencoded::parse(self.body.as_bytes());
        fields.find(|(known, _)| known == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
    }
}

type Answer = (u16, &'static [(&'static str, &'static str)], String);

#[derive(Clone, Default)]
struct Inner(Arc<Mutex<(Vec<Arrival>, VecDeque<Answer>)>>);

/// A receiver; it answers 200 with nothing unless told otherwise.
pub struct Receiver {
    inner: Inner,
    pub url: String,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/slack", listener.local_addr().unwrap());
        let inner = Inner::default();
        let router = Router::new().fallback(receive).with_state(inner.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { inner, url }
    }

    /// The next answer that has not been told yet.
    pub fn answers(&self, status: u16, headers: &'static [(&'static str, &'static str)], body: &str) {
        self.inner.0.lock().unwrap().1.push_back((status, headers, body.to_owned()));
    }

    pub fn arrivals(&self) -> Vec<Arrival> {
        self.inner.0.lock().unwrap().0.clone()
    }
}

async fn receive(State(inner): State<Inner>, headers: HeaderMap, body: Bytes) -> Response {
    let mut inner = inner.0.lock().unwrap();
    inner.0.push(Arrival { headers, body: String::from_utf8(body.into()).unwrap() });
    let (status, headers, body) = inner.1.pop_front().unwrap_or((200, &[], String::new()));
    let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
    for (name, value) in headers {
        response.headers_mut().insert(*name, value.parse().unwrap());
    }
    response
}
