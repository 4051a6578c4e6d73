//! A client that does nothing by itself: no redirects, no retries.

use http::{HeaderMap, Request, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// A client of one address.
#[derive(Clone)]
pub struct Client {
    authority: String,
    /// The bearer token of the requests that take one.
    pub token: Option<String>,
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Client {
    pub fn new(base_url: &str) -> Self {
        Self { authority: base_url.strip_prefix("http://").unwrap().to_owned(), token: None }
    }

    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// Sends a request; an error is a connection that ended without an answer.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Result<Reply, hyper::Error> {
        let stream = TcpStream::connect(&self.authority).await.unwrap();
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let (parts, body) = sender.send_request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Reply {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8(body.into()).unwrap(),
        })
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request("GET", path).body(Full::default()).unwrap()).await.unwrap()
    }

    /// Posts a form.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.post(path, "application/x-www-form-urlencoded", body).await
    }

    /// Posts JSON.
    pub async fn json(&self, path: &str, body: &Value) -> Reply {
        self.post(path, "application/json; charset=utf-8", body.to_string()).await
    }

    /// Sends JSON by another method than POST.
    pub async fn json_by(&self, verb: &str, path: &str, body: &Value) -> Reply {
        let request = self.request(verb, path).header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Full::new(body.to_string().into())).unwrap()).await.unwrap()
    }

    pub async fn post(&self, path: &str, kind: &str, body: String) -> Reply {
        self.try_post(path, kind, body).await.unwrap()
    }

    pub async fn try_post(&self, path: &str, kind: &str, body: String) -> Result<Reply, hyper::Error> {
        let request = self.request("POST", path).header(header::CONTENT_TYPE, kind);
        self.send(request.body(Full::new(body.into())).unwrap()).await
    }

    /// Calls a method with fields of a form, and gives its answer.
    pub async fn call(&self, method: &str, fields: &[(&str, &str)]) -> Value {
        let reply = self.form(&format!("/api/{method}"), fields).await;
        assert_eq!(reply.status, 200, "{method}: {}", reply.body);
        reply.json()
    }

    /// Calls a method with JSON, and gives its answer.
    pub async fn call_json(&self, method: &str, body: &Value) -> Value {
        let reply = self.json(&format!("/api/{method}"), body).await;
        assert_eq!(reply.status, 200, "{method}: {}", reply.body);
        reply.json()
    }

    pub fn request(&self, method: &str, path: &str) -> http::request::Builder {
        let request = Request::builder().method(method).uri(path).header(header::HOST, &self.authority);
        match &self.token {
            Some(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        }
    }
}
