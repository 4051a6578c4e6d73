//! How many posts one core makes: `cargo run --release -p guarded-http --example throughput [seconds] [at once]`.
//!
//! The client runs on the main thread alone; the receiver is a bare loop on a thread of its own, and is not counted.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement may fail, and prints what it finds")]

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use guarded_http::{Bytes, Client, Config, HeaderName, HeaderValue, Target};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::LocalSet;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ndate: Sun, 22 Nov 2026 09:00:00 GMT\r\ncontent-length: 2\r\n\r\nok";

fn main() {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>().unwrap());
    let seconds = arguments.next().unwrap_or(3);
    let at_once = arguments.next().unwrap_or(32);

    let (sender, address) = std::sync::mpsc::channel();
    std::thread::spawn(move || runtime().block_on(receive(sender)));
    let target = Target::pinned(address.recv().unwrap(), "receiver", "/hook").unwrap();
    let client = Client::new(Config::default()).unwrap();

    let posts = Rc::new(Cell::new(0_u64));
    let end = Instant::now() + Duration::from_secs(seconds);
    let tasks = LocalSet::new();
    for _ in 0..at_once {
        tasks.spawn_local(post_until(end, client.clone(), target.clone(), posts.clone()));
    }
    let before = cpu();
    runtime().block_on(tasks);
    let (used, posts) = (cpu() - before, posts.get());
    println!("{} posts/s, {:.1} µs of CPU each", posts / seconds, used.as_secs_f64() * 1e6 / posts as f64);
}

async fn post_until(end: Instant, client: Client, target: Target, posts: Rc<Cell<u64>>) {
    let names = ["content-type", "webhook-id", "webhook-timestamp", "webhook-signature"];
    let headers =
        names.map(|name| (HeaderName::from_static(name), HeaderValue::from_static("some value of usual length")));
    let body = Bytes::from(vec![b'x'; 1024]);
    while Instant::now() < end {
        let exchange = client.post(&target, &headers, vec![body.clone()], Duration::from_secs(10)).await;
        assert_eq!(exchange.outcome.unwrap().status, 200);
        posts.set(posts.get() + 1);
    }
}

/// Answers whatever arrives; each post here arrives in one piece.
async fn receive(started: std::sync::mpsc::Sender<SocketAddr>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    started.send(listener.local_addr().unwrap()).unwrap();
    loop {
        let (mut socket, _) = listener.accept().await.unwrap();
        tokio::spawn(async move {
            let mut buffer = vec![0; 16 * 1024];
            while matches!(socket.read(&mut buffer).await, Ok(1..)) {
                socket.write_all(ANSWER).await.unwrap();
            }
        });
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// The processor time of this thread (Linux).
fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
}
