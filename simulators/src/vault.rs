//! A HashiCorp Vault with a transit engine: `encrypt`, `decrypt` and `rewrap`, single or as a batch, and `rotate`, as its API
//! documentation has them. [`Vault::start`] serves it on 127.0.0.1.
//!
//! What it encrypts says nothing of what is inside, and a changed text does not decrypt. The cipher is made of HMAC-SHA256 and fit
//! for nothing but tests. It remembers all that was ever sent to be encrypted, so that a test can look at what a program gives away.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use axum::extract::{Path, State as Axum};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::StatusCode;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::host::{self, Host};
use crate::watched::Watched;

/// Bytes of a nonce, and of the tag behind the text.
const NONCE: usize = 8;
const TAG: usize = 16;

/// How it starts.
#[derive(Debug, Clone)]
pub struct VaultOptions {
    /// The port of 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// The token that may use the engine.
    pub token: String,
    /// Where the engine is mounted.
    pub mount: String,
    /// The namespace that it is in.
    pub namespace: Option<String>,
}

impl Default for VaultOptions {
    /// The engine at `transit`, in no namespace.
    fn default() -> Self {
        Self { port: 0, token: "hvs.simulated".to_owned(), mount: "transit".to_owned(), namespace: None }
    }
}

/// A running Vault. It ends when it is dropped.
pub struct Vault {
    shared: Shared,
    base_url: String,
    _host: Host,
}

#[derive(Clone)]
struct Shared(Arc<Watched<State>>);

struct State {
    options: VaultOptions,
    is_sealed: bool,
    /// Versions of each key.
    keys: BTreeMap<String, usize>,
    nonces: u64,
    operations: Vec<String>,
    plaintexts: Vec<Vec<u8>>,
}

impl Vault {
    /// Serves it on a port of 127.0.0.1.
    ///
    /// # Errors
    /// The port is taken.
    pub async fn start(options: VaultOptions) -> io::Result<Self> {
        let (listener, address) = host::bind(options.port).await?;
        let shared = Shared(Arc::new(Watched::new(State {
            options,
            is_sealed: false,
            keys: BTreeMap::new(),
            nonces: 0,
            operations: Vec::new(),
            plaintexts: Vec::new(),
        })));
        let router = Router::new()
            .route("/v1/{mount}/{operation}/{key}", post(operate))
            .route("/v1/{mount}/keys/{key}/rotate", post(rotate))
            .with_state(shared.clone());
        Ok(Self { shared, base_url: format!("http://{address}"), _host: host::serve(listener, router) })
    }

    /// Where it is: `http://127.0.0.1:8200`.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Makes another version of a key, which encrypts from now on.
    pub fn rotate(&self, key: &str) {
        self.shared.0.change(|state| *state.keys.entry(key.to_owned()).or_default() += 1);
    }

    /// Seals it, or unseals it: sealed, it does nothing.
    pub fn seal(&self, is_sealed: bool) {
        self.shared.0.change(|state| state.is_sealed = is_sealed);
    }

    /// Takes another token from now on, and no other.
    pub fn set_token(&self, token: &str) {
        self.shared.0.change(|state| token.clone_into(&mut state.options.token));
    }

    /// What was asked, with whom nothing was wrong: `encrypt`, `decrypt`, `rewrap`; one for each item of a batch.
    #[must_use]
    pub fn operations(&self) -> Vec<String> {
        self.shared.0.with(|state| state.operations.clone())
    }

    /// All that was sent to be encrypted, decoded.
    #[must_use]
    pub fn plaintexts(&self) -> Vec<Vec<u8>> {
        self.shared.0.with(|state| state.plaintexts.clone())
    }
}

fn refuse(status: StatusCode, why: &str) -> Response {
    (status, Json(json!({ "errors": [why] }))).into_response()
}

/// An answer in the envelope that all have.
fn answer(status: StatusCode, data: &Value) -> Response {
    let body = json!({
        "request_id": "00000000-0000-4000-8000-000000000000", "lease_id": "", "renewable": false, "lease_duration": 0,
        "data": data, "wrap_info": null, "warnings": null, "auth": null,
    });
    (status, Json(body)).into_response()
}

impl State {
    /// The answer to a request that goes no further.
    fn refused(&self, mount: &str, headers: &HeaderMap) -> Option<Response> {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        if self.is_sealed {
            return Some(refuse(StatusCode::SERVICE_UNAVAILABLE, "Vault is sealed"));
        }
        if header("x-vault-token") != Some(self.options.token.as_str()) {
            return Some(refuse(StatusCode::FORBIDDEN, "permission denied"));
        }
        let namespace = header("x-vault-namespace").map(|name| name.trim_matches('/'));
        if mount != self.options.mount || namespace != self.options.namespace.as_deref() {
            let why = format!("no handler for route \"{mount}/\". route entry not found.");
            return Some(refuse(StatusCode::NOT_FOUND, &why));
        }
        None
    }

    /// Carries out one item of a batch.
    fn carry_out(&mut self, operation: &str, key: &str, item: &Value) -> Result<Value, String> {
        let done = match operation {
            "encrypt" => {
                let text = item["plaintext"].as_str().ok_or("missing plaintext to encrypt")?;
                let plain = STANDARD.decode(text).map_err(|error| error.to_string())?;
                self.plaintexts.push(plain.clone());
                // As where the policy allows to create keys: the first use makes one.
                let version = *self.keys.entry(key.to_owned()).or_insert(1);
                self.encrypted(key, version, &plain)
            }
            "decrypt" => json!({ "plaintext": STANDARD.encode(self.decrypt(key, item)?) }),
            "rewrap" => {
                let plain = self.decrypt(key, item)?;
                self.encrypted(key, self.keys[key], &plain)
            }
            _ => return Err("unsupported path".to_owned()),
        };
        self.operations.push(operation.to_owned());
        Ok(done)
    }

    fn encrypted(&mut self, key: &str, version: usize, plain: &[u8]) -> Value {
        self.nonces += 1;
        let nonce = self.nonces.to_be_bytes();
        let mut text = nonce.to_vec();
        text.extend(mixed(key, version, &nonce, plain));
        text.extend(tag(key, version, &text));
        json!({ "ciphertext": format!("vault:v{version}:{}", STANDARD.encode(text)), "key_version": version })
    }

    fn decrypt(&self, key: &str, item: &Value) -> Result<Vec<u8>, String> {
        let text = item["ciphertext"].as_str().ok_or("missing ciphertext to decrypt")?;
        let newest = *self.keys.get(key).ok_or("encryption key not found")?;
        let rest = text.strip_prefix("vault:v").ok_or("invalid ciphertext: no prefix")?;
        let (version, body) = rest.split_once(':').ok_or("invalid ciphertext: wrong number of fields")?;
        let version: usize = version.parse().map_err(|_| "invalid ciphertext: version number could not be decoded")?;
        if version == 0 || version > newest {
            return Err("invalid ciphertext: version is too new".to_owned());
        }
        let bytes = STANDARD.decode(body).map_err(|_| "invalid ciphertext: could not decode base64")?;
        if bytes.len() < NONCE + TAG {
            return Err("invalid ciphertext: invalid length".to_owned());
        }
        let (sealed, found) = bytes.split_at(bytes.len() - TAG);
        if tag(key, version, sealed) != found {
            return Err("cipher: message authentication failed".to_owned());
        }
        let (nonce, mixed_text) = sealed.split_at(NONCE);
        Ok(mixed(key, version, nonce, mixed_text))
    }
}

fn hash(parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(b"a simulated Vault").expect("HMAC takes keys of any length");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

/// Mixes a text with what the key and the nonce give; twice gives the text again.
fn mixed(key: &str, version: usize, nonce: &[u8], text: &[u8]) -> Vec<u8> {
    let stream = (0_u32..)
        .flat_map(|block| hash(&[b"stream", key.as_bytes(), &version.to_be_bytes(), nonce, &block.to_be_bytes()]));
    text.iter().zip(stream).map(|(byte, with)| byte ^ with).collect()
}

fn tag(key: &str, version: usize, sealed: &[u8]) -> Vec<u8> {
    hash(&[b"tag", key.as_bytes(), &version.to_be_bytes(), sealed])[..TAG].to_vec()
}

async fn operate(
    Axum(shared): Axum<Shared>,
    Path((mount, operation, key)): Path<(String, String, String)>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    shared.0.change(|state| {
        if let Some(refused) = state.refused(&mount, &headers) {
            return refused;
        }
        let Some(items) = body["batch_input"].as_array() else {
            return match state.carry_out(&operation, &key, &body) {
                Ok(data) => answer(StatusCode::OK, &data),
                Err(why) => refuse(StatusCode::BAD_REQUEST, &why),
            };
        };
        let mut status = StatusCode::OK;
        let result = |item| match state.carry_out(&operation, &key, item) {
            Ok(data) => data,
            Err(why) => {
                status = StatusCode::BAD_REQUEST;
                json!({ "error": why })
            }
        };
        let results: Vec<Value> = items.iter().map(result).collect();
        answer(status, &json!({ "batch_results": results }))
    })
}

async fn rotate(
    Axum(shared): Axum<Shared>,
    Path((mount, key)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    shared.0.change(|state| match state.refused(&mount, &headers) {
        Some(refused) => refused,
        None => {
            *state.keys.entry(key).or_default() += 1;
            answer(StatusCode::OK, &Value::Null)
        }
    })
}
