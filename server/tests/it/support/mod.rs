//! What the tests stand on: a server on a fresh database, people and keys in every role, a real receiver.

mod cast;
mod receiver;
mod server;

pub use cast::{Cast, PASSWORD, Role};
pub use receiver::{Arrival, Receiver};
pub use server::{Answer, Ask, TestServer};

/// Runs one async test body on both databases: `both!(a_sentence, |server| { … })` where `server` is a fresh
/// [`TestServer`] that nobody has set up.
macro_rules! both {
    ($name:ident, |$server:ident| $body:block) => {
        mod $name {
            use super::*;

            async fn body($server: $crate::support::TestServer) $body

            #[tokio::test]
            async fn on_sqlite() {
                body($crate::support::TestServer::sqlite().await).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                if let Some(server) = $crate::support::TestServer::postgres().await {
                    body(server).await;
                }
            }
        }
    };
}
pub(crate) use both;

/// Waits until `look` finds something, for ten seconds at most.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..400 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("never happened: {what}");
}
