//! The limit on messages, and latency.

use std::time::Duration;

use crate::support::{TestEntra, card_message};

#[tokio::test]
async fn a_person_posts_ten_messages_within_ten_seconds() {
    let app = TestEntra::with(|options| options.rate_limits = true).await;
    let (graph, other) = (app.graph(app.user()), app.graph(app.admin()));
    let path = format!("{}/messages", app.channel(1));
    for number in 0..10 {
        assert_eq!(graph.json(&path, &card_message("x")).await.status, 201, "{number}");
        app.entra.clock().advance(Duration::from_millis(100));
    }
    let refused = graph.json(&path, &card_message("x")).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "9"));
    assert_eq!(refused.json()["error"]["code"], "TooManyRequests");
    assert_eq!(other.json(&path, &card_message("x")).await.status, 201);
    assert_eq!(graph.get("/v1.0/me").await.status, 200, "reading goes on");
    app.entra.clock().advance(Duration::from_secs(9));
    assert_eq!(graph.json(&path, &card_message("x")).await.status, 201);
    assert_eq!(app.entra.messages().len(), 12);
    app.entra.assert_understood();
}

#[tokio::test(start_paused = true)]
async fn every_answer_takes_as_long_as_it_is_told_to() {
    let app = TestEntra::start().await;
    app.entra.set_latency(Duration::from_secs(30));
    let before = tokio::time::Instant::now();
    app.client.get("/v1.0/me").await;
    assert!(before.elapsed() >= Duration::from_secs(30));
}
