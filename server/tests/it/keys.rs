//! The program whose master key is in Vault.

use std::time::Duration;

use base64::Engine as _;
use domain::worker;
use serde_json::json;
use simulators::vault::{Vault, VaultOptions};

use crate::leaks::Heard;
use crate::support::{Ask, Cast, Role, TestServer};

const TOKEN: &str = "hvs.simulated";

fn settings(vault: &Vault) -> [(&'static str, &str); 2] {
    [("PATCHBAY_VAULT_ADDR", vault.base_url()), ("PATCHBAY_VAULT_TOKEN", TOKEN)]
}

/// A key as it might be written.
fn forms(key: &[u8]) -> [Vec<u8>; 3] {
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    [key.to_vec(), base64::engine::general_purpose::STANDARD.encode(key).into_bytes(), hex.into_bytes()]
}

#[tokio::test]
async fn no_key_comes_out_where_vault_wraps_them() {
    let heard = Heard::default();
    let lines = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(heard.clone()).finish();
    let _logging = tracing::subscriber::set_default(lines);
    let vault = Vault::start(VaultOptions::default()).await.expect("a port");
    let server = TestServer::with(&settings(&vault)).await;
    let cast = Cast::assemble(&server).await;
    worker::keep(server.hub()).await.expect("keys are made");
    let key = cast.key(Role::Owner);
    let endpoint = json!({ "name": "Billing", "url": "https://example.com/hook", "event_types": ["*"] });
    let made = server.ask(Ask::post("/api/v1/endpoints").key(key).json(&endpoint)).await.expect(201);
    let secret = made["secret"].as_str().expect("a secret").to_owned();
    let mut out = vec![heard.0.lock().expect("no panic").clone()];
    for path in ["/settings/audit", "/endpoints"] {
        out.push(server.ask(cast.with_cookie(Role::Owner, Ask::get(path))).await.text.into_bytes());
    }
    for path in ["/api/v1/audit-entries", "/metrics"] {
        out.push(server.ask(Ask::get(path).key(key)).await.text.into_bytes());
    }
    out.extend(server.stored().into_iter().map(|(_, bytes)| bytes));

    let keys = vault.plaintexts();
    assert!(keys.len() >= 2, "the installation's key, and one for each organization");
    let mut secrets: Vec<Vec<u8>> = keys.iter().flat_map(|key| forms(key)).collect();
    secrets.extend([TOKEN.as_bytes().to_vec(), secret.into_bytes()]);
    for secret in &secrets {
        for place in &out {
            assert!(!place.windows(secret.len()).any(|bytes| bytes == secret), "a key came out");
        }
    }
}

#[tokio::test]
async fn the_start_waits_for_a_vault_that_is_sealed() {
    let vault = Vault::start(VaultOptions::default()).await.expect("a port");
    vault.seal(true);
    let started = async {
        let server = TestServer::with(&settings(&vault)).await;
        server.ask(Ask::get("/healthz")).await.expect(200)
    };
    let unsealed = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(vault.operations().is_empty());
        vault.seal(false);
    };
    let (health, ()) = tokio::time::timeout(Duration::from_secs(20), async { tokio::join!(started, unsealed) })
        .await
        .expect("it started once Vault answered");
    assert_eq!(health["status"], "ok");
    assert_eq!(vault.operations(), ["encrypt"], "the installation's own key");
}
