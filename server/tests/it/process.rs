//! The program as a process: health, a real socket, stopping.

use std::time::{Duration, Instant};

use server::config::Config;
use server::startup::Running;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{Ask, Cast, Role, TestServer, both};

both!(ready_means_database_and_workers_and_not_stopping, |server| {
    assert_eq!(server.ask(Ask::get("/healthz")).await.expect(200)["status"], "ok");
    assert_eq!(server.ask(Ask::get("/readyz")).await.code(503), "unavailable");
    server.state.set_ready(true);
    assert_eq!(server.ask(Ask::get("/readyz")).await.expect(200)["database"], server.hub().db.kind());
    server.hub().db.close().await;
    assert_eq!(server.ask(Ask::get("/readyz")).await.status, 503);
    assert_eq!(server.ask(Ask::get("/healthz")).await.status, 200);
});

#[tokio::test]
async fn a_stopping_program_is_not_ready() {
    let server = TestServer::sqlite().await;
    server.state.set_ready(true);
    server.state.stopping.cancel();
    assert_eq!(server.ask(Ask::get("/readyz")).await.status, 503);
}

both!(the_inbox_records_whatever_arrives, |server| {
    let cast = Cast::assemble(&server).await;
    let key = cast.key(Role::Owner);
    let url =
        server.ask(Ask::get("/api/v1/inbox").key(key)).await.expect(200)["url"].as_str().expect("a URL").to_owned();
    let path = &url[url.find("/inbox/").expect("a path")..];
    for method in ["POST", "PUT", "GET", "DELETE"] {
        let answer = server.ask(Ask::new(method, path).header("x-colour", "red").body("hello")).await;
        assert_eq!(answer.expect(200), serde_json::json!({"ok": true}));
    }
    let inbox = server.ask(Ask::get("/api/v1/inbox").key(key)).await.expect(200);
    let methods: Vec<_> = inbox["requests"]
        .as_array()
        .expect("requests")
        .iter()
        .map(|request| request["method"].as_str().expect("text").to_owned())
        .collect();
    assert_eq!(methods, ["DELETE", "GET", "PUT", "POST"]);
    assert_eq!(inbox["requests"][0]["body"], "hello");
    assert_eq!(server.ask(Ask::post(path).body("x".repeat(300 * 1024))).await.code(413), "body_too_large");
    assert_eq!(server.ask(Ask::post("/inbox/unknown")).await.status, 404);
});

async fn running(folder: &std::path::Path) -> (Running, std::net::SocketAddr) {
    let data = folder.display().to_string();
    let find = |name: &str| (name == "PATCHBAY_DATA_DIR").then(|| data.clone());
    let config = Config::read(find, &toml::Table::new()).expect("good settings");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    (Running::start(&config, listener).await.expect("a running program"), address)
}

#[tokio::test]
async fn the_program_serves_keeps_connections_and_stops_while_one_is_open() {
    let folder = std::env::temp_dir().join(format!("patchbay_run_{}", std::process::id()));
    std::fs::remove_dir_all(&folder).ok();
    let (running, address) = running(&folder).await;
    assert_eq!(running.state.hub.settings.base_url, format!("http://{address}"));
    let mut connection = TcpStream::connect(address).await.expect("a connection");
    for _ in 0..2 {
        connection.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("written");
        let mut buffer = [0; 4096];
        let read = connection.read(&mut buffer).await.expect("read");
        assert!(buffer[..read].starts_with(b"HTTP/1.1 200 OK"));
    }
    let started = Instant::now();
    running.stop().await;
    assert!(started.elapsed() < Duration::from_secs(5), "an idle connection does not hold it: {:?}", started.elapsed());
    assert!(TcpStream::connect(address).await.is_err(), "it no longer accepts");
    let mut rest = Vec::new();
    connection.read_to_end(&mut rest).await.expect("closed");
    assert!(rest.is_empty());
    std::fs::remove_dir_all(&folder).expect("a folder");
}

#[tokio::test]
async fn an_organization_for_alerts_that_nobody_has_stops_the_start() {
    let folder = std::env::temp_dir().join(format!("patchbay_operations_{}", std::process::id()));
    std::fs::remove_dir_all(&folder).ok();
    let data = folder.display().to_string();
    let id = "org_00000000000000000000000009";
    let find = |name: &str| match name {
        "PATCHBAY_DATA_DIR" => Some(data.clone()),
        "PATCHBAY_OPERATIONS_ORG" => Some(id.to_owned()),
        _ => None,
    };
    let config = Config::read(find, &toml::Table::new()).expect("good settings");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let Err(error) = Running::start(&config, listener).await else { panic!("it started") };
    assert_eq!(error.to_string(), format!("PATCHBAY_OPERATIONS_ORG: the organization {id} cannot be found"));
    std::fs::remove_dir_all(&folder).expect("a folder");
}

#[tokio::test]
async fn the_master_key_is_made_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = std::env::temp_dir().join(format!("patchbay_key_{}", std::process::id()));
    std::fs::remove_dir_all(&folder).ok();
    let (running, _) = running(&folder).await;
    running.stop().await;
    let mode = |name: &str| std::fs::metadata(folder.join(name)).expect("a file").permissions().mode() & 0o777;
    assert_eq!((mode("master.key"), mode("")), (0o600, 0o700));
    std::fs::remove_dir_all(&folder).expect("a folder");
}
