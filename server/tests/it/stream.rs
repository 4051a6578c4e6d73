//! Server-sent events: who hears what, and no gap after a pause.

use std::time::Duration;

use axum::body::Body;
use domain::account::actions::sign_out;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use crate::support::{Ask, Cast, Role, TestServer, both};

/// An open stream.
struct Listening {
    body: Body,
    text: String,
}

/// One event of a stream.
#[derive(Debug)]
struct Heard {
    event: String,
    id: String,
    data: String,
}

impl Listening {
    async fn open(server: &TestServer, ask: Ask) -> Self {
        let response = server.open(ask.header("accept-encoding", "gzip, br")).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert!(!response.headers().contains_key("content-encoding"));
        Self { body: response.into_body(), text: String::new() }
    }

    /// The next event; none when the stream ends.
    async fn next(&mut self) -> Option<Heard> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    let lines = block.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
                    lines.map(str::trim_start).collect::<Vec<_>>().join("\n")
                };
                let heard = Heard { event: field("event"), id: field("id"), data: field("data") };
                self.text = rest.to_owned();
                if heard.event.is_empty() {
                    continue;
                }
                return Some(heard);
            }
            let frame = tokio::time::timeout(Duration::from_secs(10), self.body.frame())
                .await
                .expect("something in ten seconds")?;
            let data = frame.expect("a frame").into_data().expect("data");
            self.text.push_str(&String::from_utf8_lossy(&data));
        }
    }

    async fn expect(&mut self, event: &str) -> Heard {
        let heard = self.next().await.expect("an open stream");
        assert_eq!(heard.event, event, "{heard:?}");
        heard
    }
}

/// Changes an endpoint, which makes a notice.
async fn notice(server: &TestServer, cast: &Cast, role: Role) -> String {
    let new = json!({"name": "Billing", "url": "http://127.0.0.1:4999/x", "event_types": ["*"]});
    let made = server.ask(Ask::post("/api/v1/endpoints").key(cast.key(role)).json(&new)).await.expect(201);
    made["id"].as_str().expect("an id").to_owned()
}

/// The endpoints that a batch of notices names.
fn endpoints(heard: &Heard) -> Vec<String> {
    let batch: Vec<Value> = serde_json::from_str(&heard.data).expect("JSON");
    batch
        .iter()
        .filter(|numbered| numbered["notice"]["kind"] == "endpoint")
        .map(|numbered| numbered["notice"]["value"].as_str().expect("an id").to_owned())
        .collect()
}

both!(a_page_hears_of_its_organization_and_of_no_other, |server| {
    let cast = Cast::assemble(&server).await;
    let mut stream = Listening::open(&server, cast.with_cookie(Role::Member, Ask::get("/live"))).await;
    stream.expect("hello").await;
    notice(&server, &cast, Role::Stranger).await;
    let own = notice(&server, &cast, Role::Owner).await;
    let heard = stream.expect("notices").await;
    assert_eq!(endpoints(&heard), [own]);
    assert!(!heard.id.is_empty());
});

both!(a_page_that_comes_back_gets_exactly_what_it_missed, |server| {
    let cast = Cast::assemble(&server).await;
    let mut stream = Listening::open(&server, cast.with_cookie(Role::Member, Ask::get("/live"))).await;
    stream.expect("hello").await;
    notice(&server, &cast, Role::Owner).await;
    let last = stream.expect("notices").await.id;
    drop(stream);
    let missed = [notice(&server, &cast, Role::Owner).await, notice(&server, &cast, Role::Owner).await];
    let back = cast.with_cookie(Role::Member, Ask::get("/live")).header("last-event-id", &last);
    let heard = Listening::open(&server, back).await.expect("notices").await;
    assert_eq!(endpoints(&heard), missed);
    let by_query = cast.with_cookie(Role::Member, Ask::get(&format!("/live?last_id={}", heard.id)));
    Listening::open(&server, by_query).await.expect("hello").await;
});

both!(a_number_that_is_not_known_means_reload, |server| {
    let cast = Cast::assemble(&server).await;
    let ask = cast.with_cookie(Role::Member, Ask::get("/live")).header("last-event-id", "another-process-7");
    let heard = Listening::open(&server, ask).await.expect("reset").await;
    assert!(!heard.id.is_empty());
});

both!(the_stream_ends_with_the_program, |server| {
    let cast = Cast::assemble(&server).await;
    let mut stream = Listening::open(&server, cast.with_cookie(Role::Member, Ask::get("/live"))).await;
    stream.expect("hello").await;
    server.state.stopping.cancel();
    assert!(stream.next().await.is_none());
});

both!(the_stream_ends_soon_after_its_session, |server| {
    let cast = Cast::assemble(&server).await;
    let mut stream = Listening::open(&server, cast.with_cookie(Role::Owner, Ask::get("/live"))).await;
    stream.expect("hello").await;
    sign_out(server.hub(), &cast.owner).await.expect("signed out");
    assert!(stream.next().await.is_none());
});

both!(only_who_may_read_the_log_may_listen_and_a_look_is_recorded, |server| {
    let cast = Cast::assemble(&server).await;
    assert_eq!(server.ask(Ask::get("/live")).await.code_of_page(401), "unauthenticated");
    let mut stream = Listening::open(&server, cast.with_cookie(Role::Support, Ask::get("/live"))).await;
    stream.expect("hello").await;
    let log = server.ask(Ask::get("/api/v1/audit-entries").key(cast.key(Role::Owner))).await.expect(200);
    assert!(log["data"].as_array().expect("rows").iter().any(|row| row["action"] == "delivery.watched"), "{log}");
});
