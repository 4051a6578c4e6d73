//! Vault's transit engine: what it gives back, and whom it refuses.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::Full;
use serde_json::{Value, json};
use simulators::vault::{Vault, VaultOptions};

use crate::support::Client;

async fn vault() -> Vault {
    Vault::start(VaultOptions::default()).await.expect("a port")
}

async fn ask(vault: &Vault, token: &str, path: &str, body: &Value) -> (u16, Value) {
    let client = Client::new(vault.base_url());
    let request = client.request("POST", &format!("/v1/{path}")).header("content-type", "application/json");
    let request =
        request.header("x-vault-token", token).body(Full::new(Bytes::from(body.to_string()))).expect("a request");
    let reply = client.send(request).await.expect("an answer");
    (reply.status, reply.json())
}

#[tokio::test]
async fn what_was_encrypted_is_decrypted_and_rewrapped() {
    let vault = vault().await;
    let plain = STANDARD.encode("a key of 32 bytes, for the tests");
    let (status, made) = ask(&vault, "hvs.simulated", "transit/encrypt/hub", &json!({ "plaintext": plain })).await;
    let first = made["data"]["ciphertext"].as_str().expect("a text").to_owned();
    assert_eq!((status, first.starts_with("vault:v1:"), &made["data"]["key_version"]), (200, true, &json!(1)));

    vault.rotate("hub");
    let batch = json!({ "batch_input": [{ "ciphertext": first }, { "ciphertext": "vault:v1:AAAA" }] });
    let (status, wrapped) = ask(&vault, "hvs.simulated", "transit/rewrap/hub", &batch).await;
    let results = &wrapped["data"]["batch_results"];
    let second = results[0]["ciphertext"].as_str().expect("a text");
    assert!(second.starts_with("vault:v2:"), "{second}");
    assert_eq!((status, results[1]["error"].is_string()), (400, true), "a batch of which one item is wrong");

    for text in [first.as_str(), second] {
        let (_, opened) = ask(&vault, "hvs.simulated", "transit/decrypt/hub", &json!({ "ciphertext": text })).await;
        assert_eq!(opened["data"]["plaintext"], plain);
    }
}

#[tokio::test]
async fn a_wrong_token_a_wrong_path_and_a_sealed_vault_are_told_apart() {
    let vault = vault().await;
    let body = json!({ "plaintext": "AAAA" });
    assert_eq!(
        ask(&vault, "other", "transit/encrypt/hub", &body).await,
        (403, json!({ "errors": ["permission denied"] }))
    );
    assert_eq!(ask(&vault, "hvs.simulated", "elsewhere/encrypt/hub", &body).await.0, 404);
    let unknown = json!({ "ciphertext": "vault:v1:AAAA" });
    assert_eq!(ask(&vault, "hvs.simulated", "transit/decrypt/hub", &unknown).await.0, 400);
    vault.seal(true);
    assert_eq!(
        ask(&vault, "hvs.simulated", "transit/encrypt/hub", &body).await,
        (503, json!({ "errors": ["Vault is sealed"] }))
    );
}
