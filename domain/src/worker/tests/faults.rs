//! Receivers that misbehave and databases that cannot write.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::support::{PAID, Receiver, endpoint, log, post};
use crate::db::Db;
use crate::db::testing::both;
use crate::delivery::{DeliveryStatus, ErrorClass, store};
use crate::endpoint::Retry;
use crate::hub::testing::TestHub;
use crate::id::EndpointId;
use crate::worker::lanes::LEASE_MARGIN_MS;
use crate::worker::{claimer, drain};

/// What a bad receiver does with each connection.
#[derive(Debug, Clone, Copy)]
enum Misdeed {
    Hang,
    Reset,
    Drip,
    Flood,
    Redirect,
    Garbage,
}

async fn misbehaving(misdeed: Misdeed) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(misbehave(socket, misdeed));
        }
    });
    url
}

async fn misbehave(mut socket: TcpStream, misdeed: Misdeed) {
    let mut request = [0; 4096];
    let _read = socket.read(&mut request).await;
    let answer: &[u8] = match misdeed {
        Misdeed::Hang => return std::future::pending().await,
        Misdeed::Reset => return,
        Misdeed::Redirect => b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n",
        Misdeed::Garbage => b"220 mail.example.com ESMTP\r\n",
        Misdeed::Drip | Misdeed::Flood => b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n",
    };
    let _gone = socket.write_all(answer).await;
    loop {
        let more = match misdeed {
            Misdeed::Drip => {
                tokio::time::sleep(Duration::from_millis(100)).await;
                socket.write_all(b".").await
            }
            Misdeed::Flood => socket.write_all(&[b'.'; 65_536]).await,
            _ => return,
        };
        if more.is_err() {
            return;
        }
    }
}

both!(a_misbehaving_receiver_costs_one_attempt_and_holds_nobody, |hub| {
    let hub = hub.with_org().await;
    for (misdeed, error) in [
        (Misdeed::Hang, Some(ErrorClass::Timeout)),
        (Misdeed::Reset, Some(ErrorClass::Reset)),
        (Misdeed::Drip, Some(ErrorClass::Timeout)),
        (Misdeed::Flood, None),
        (Misdeed::Redirect, Some(ErrorClass::Http)),
        (Misdeed::Garbage, Some(ErrorClass::Protocol)),
    ] {
        endpoint(&hub, &misbehaving(misdeed).await, Retry::Own(vec![])).await;
        let good = Receiver::answering(&["200 OK"]).await;
        endpoint(&hub, &good.url, Retry::Own(vec![])).await;
        post(&hub, PAID).await.expect("accepted");
        drain(&hub).await.expect("drained");
        let rows = log(&hub).await;
        assert_eq!(rows[0].status, DeliveryStatus::Delivered, "the good receiver beside {misdeed:?}");
        assert_eq!(
            (rows[1].last_error, rows[1].status == DeliveryStatus::Delivered),
            (error, error.is_none()),
            "{misdeed:?}"
        );
        for row in rows {
            let all =
                crate::endpoint::actions::delete(&hub, &hub.caller(crate::caller::Role::Owner), &row.endpoint_id).await;
            assert!(all.is_ok() || all.is_err_and(|error| error.status() == 404));
        }
    }
});

/// Makes the database refuse writes, or accept them again.
async fn set_writable(hub: &TestHub, writable: bool) {
    match &hub.db {
        Db::Sqlite { writer, .. } => {
            let pragma = if writable { "PRAGMA query_only = OFF" } else { "PRAGMA query_only = ON" };
            sqlx::query(pragma).execute(writer).await.expect("set");
        }
        Db::Postgres(pool) => {
            let mut connections = Vec::new();
            for _ in 0..16 {
                connections.push(pool.acquire().await.expect("a connection"));
            }
            for connection in &mut connections {
                let setting = if writable {
                    "SET default_transaction_read_only = off"
                } else {
                    "SET default_transaction_read_only = on"
                };
                sqlx::query(setting).execute(&mut **connection).await.expect("set");
            }
        }
    }
}

both!(a_read_only_database_refuses_events_clearly_and_loses_none_it_accepted, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    endpoint(&hub, &receiver.url, Retry::default()).await;
    post(&hub, PAID).await.expect("accepted");
    set_writable(&hub, false).await;
    let error = post(&hub, PAID).await.expect_err("refused");
    assert_eq!((error.status(), error.problem().message.contains("Nothing was accepted")), (503, true));
    set_writable(&hub, true).await;
    post(&hub, PAID).await.expect("accepted again");
    drain(&hub).await.expect("drained");
    assert_eq!(receiver.seen().len(), 2);
});

#[tokio::test]
async fn a_full_disk_refuses_events_clearly_and_loses_none_it_accepted() {
    let hub = TestHub::new(crate::db::testing::sqlite().await).with_org().await;
    let Db::Sqlite { writer, .. } = &hub.db else { panic!("this is SQLite") };
    let receiver = Receiver::answering(&["200 OK"]).await;
    endpoint(&hub, &receiver.url, Retry::default()).await;
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(writer).await.expect("a number");
    let limit = |pages: i64| sqlx::query(sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}")));
    limit(pages + 20).execute(writer).await.expect("set");
    let body = format!(r#"{{"event_type":"invoice.paid","data":{{"note":"{}"}}}}"#, "long ".repeat(2000));
    let mut accepted = 0;
    let error = loop {
        match post(&hub, &body).await {
            Ok(_) => accepted += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(
        (error.status(), error.problem().message.as_str()),
        (503, "The disk of the database is full. Nothing was accepted; try again.")
    );
    limit(1_000_000).execute(writer).await.expect("set");
    drain(&hub).await.expect("drained");
    assert!(accepted > 0);
    assert_eq!(receiver.seen().len(), accepted);
}

both!(an_attempt_whose_result_cannot_be_stored_at_first_is_stored_later, |hub| {
    let hub = hub.with_org().await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    endpoint(&hub, &receiver.url, Retry::default()).await;
    hub.lanes.set_open(true);
    post(&hub, PAID).await.expect("accepted");
    set_writable(&hub, false).await;
    while receiver.seen().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    set_writable(&hub, true).await;
    for _ in 0..100 {
        if log(&hub).await[0].status == DeliveryStatus::Delivered {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!((log(&hub).await[0].status, receiver.seen().len()), (DeliveryStatus::Delivered, 1));
});

both!(a_round_of_the_claimer_that_cannot_write_gives_up_its_places_in_the_lanes, |hub| {
    let hub = hub.with_org().await;
    endpoint(&hub, "http://127.0.0.1:8009/hook", Retry::default()).await;
    post(&hub, PAID).await.expect("accepted");
    hub.lanes.set_open(true);
    let mut tx = hub.db.begin().await.expect("a transaction");
    let mut rows = store::claim(&mut tx, hub.now(), LEASE_MARGIN_MS, 10).await.expect("claimed");
    tx.commit().await.expect("committed");
    let unknown = store::Row { endpoint_id: EndpointId::new(1, [0; 10]), ..rows[0].clone() };
    rows.push(unknown);
    set_writable(&hub, false).await;
    assert!(claimer::sort(&hub, &hub.org_id, rows, hub.now()).await.is_err());
    assert_eq!(hub.lanes.promised(), 0);
});
