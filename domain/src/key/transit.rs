//! HashiCorp Vault's transit engine, as its HTTP API documents it: `encrypt`, `decrypt` and `rewrap`, each of many keys at once
//! (`batch_input`). Nothing but data keys goes there, never a secret.

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guarded_http::{Bytes, HeaderName, HeaderValue, Method};
use secret_box::{Key, Zeroizing};
use serde_json::{Value, json};

/// How long Vault may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// What every text begins with that the engine has encrypted; its key's version follows.
const PREFIX: &str = "vault:v";

/// Where the token comes from that Vault is asked with.
#[derive(Clone)]
pub enum VaultToken {
    /// The setting itself.
    Given(oauth_flow::Secret),
    /// A file, read at each use: Vault Agent keeps it fresh.
    File(PathBuf),
}

/// A key of the engine, and how it is reached.
#[derive(Clone)]
pub struct Transit {
    /// The client; it may reach private networks.
    pub http: guarded_http::Client,
    /// Vault's address, without a trailing slash: `https://vault.example.com:8200`.
    pub addr: String,
    /// The token.
    pub token: VaultToken,
    /// Where the engine is mounted: `transit`.
    pub mount: String,
    /// The name of its key.
    pub key: String,
    /// The namespace, in Vault Enterprise.
    pub namespace: Option<String>,
}

/// Why Vault did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum TransitError {
    /// There was no answer.
    #[error("Vault at {addr} cannot be reached: {why}")]
    Unreachable {
        /// Its address.
        addr: String,
        /// What was in the way.
        why: String,
    },
    /// The token's file cannot be read.
    #[error("PATCHBAY_VAULT_TOKEN_FILE: {} cannot be read", path.display())]
    TokenFile {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The token cannot stand in a header.
    #[error("the token for Vault is empty or holds characters that no token has")]
    Token,
    /// It said no.
    #[error("Vault refused `{operation}` ({status}): {why}")]
    Refused {
        /// `encrypt/patchbay`.
        operation: String,
        /// The status of its answer.
        status: u16,
        /// What it said, and what to do.
        why: String,
    },
    /// Its answer is not of the documented form.
    #[error("Vault's answer to `{0}` cannot be read")]
    Unreadable(String),
}

/// What Vault made of a data key, as text; none where a master key at hand has wrapped it.
pub(super) fn ciphertext(wrapped: &[u8]) -> Option<&str> {
    std::str::from_utf8(wrapped).ok().filter(|text| text.starts_with(PREFIX))
}

/// The version of the engine's key in a ciphertext: `vault:v1`.
pub(super) fn version(ciphertext: &str) -> &str {
    ciphertext.rsplit_once(':').map_or(ciphertext, |(version, _)| version)
}

impl Transit {
    /// Wraps keys by the newest version of the engine's key.
    ///
    /// # Errors
    /// Vault does not do it, for any of them.
    pub async fn encrypt(&self, keys: &[&Key]) -> Result<Vec<String>, TransitError> {
        let input = keys.iter().map(|key| json!({ "plaintext": STANDARD.encode(key.bytes()) })).collect();
        self.texts("encrypt", input).await
    }

    /// Wraps anew what any version of the engine's key has wrapped, by the newest.
    ///
    /// # Errors
    /// Vault does not do it, for any of them.
    pub async fn rewrap(&self, wrapped: &[&str]) -> Result<Vec<String>, TransitError> {
        let input = wrapped.iter().map(|text| json!({ "ciphertext": text })).collect();
        self.texts("rewrap", input).await
    }

    /// Unwraps keys, each as far as Vault does.
    ///
    /// # Errors
    /// Vault does not answer, or refuses all.
    pub async fn decrypt(&self, wrapped: &[&str]) -> Result<Vec<Result<Key, TransitError>>, TransitError> {
        let input = wrapped.iter().map(|text| json!({ "ciphertext": text })).collect();
        let results = self.ask("decrypt", input).await?;
        Ok(results.iter().map(|result| self.key(result)).collect())
    }

    fn key(&self, result: &Value) -> Result<Key, TransitError> {
        let text = self.field("decrypt", result, "plaintext")?;
        let unreadable = || TransitError::Unreadable(format!("decrypt/{}", self.key));
        let bytes = Zeroizing::new(STANDARD.decode(text).map_err(|_| unreadable())?);
        Key::from_slice(&bytes).map_err(|_| unreadable())
    }

    async fn texts(&self, operation: &str, input: Vec<Value>) -> Result<Vec<String>, TransitError> {
        let results = self.ask(operation, input).await?;
        results.iter().map(|result| self.field(operation, result, "ciphertext").map(str::to_owned)).collect()
    }

    /// A field of one item of a batch, or what is wrong with that item.
    fn field<'a>(&self, operation: &str, result: &'a Value, name: &str) -> Result<&'a str, TransitError> {
        let operation = format!("{operation}/{}", self.key);
        if let Some(why) = result["error"].as_str().filter(|why| !why.is_empty()) {
            return Err(TransitError::Refused { operation, status: 400, why: why.to_owned() });
        }
        result[name].as_str().filter(|text| !text.is_empty()).ok_or(TransitError::Unreadable(operation))
    }

    /// Sends a batch; answers its results, one for each item.
    async fn ask(&self, operation: &str, input: Vec<Value>) -> Result<Vec<Value>, TransitError> {
        let count = input.len();
        let url = format!("{}/v1/{}/{operation}/{}", self.addr, self.mount, self.key);
        let unreachable = |why: String| TransitError::Unreachable { addr: self.addr.clone(), why };
        let target = self.http.target(&url).map_err(|error| unreachable(error.to_string()))?;
        let body = Bytes::from(json!({ "batch_input": input }).to_string());
        let exchange = self.http.request(Method::POST, &target, &self.headers()?, vec![body], TIMEOUT).await;
        let response = exchange.outcome.map_err(|failure| unreachable(failure.message))?;
        let body: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        // Where some items of a batch are refused, the status says 400, and the results stand there all the same.
        match &body["data"]["batch_results"] {
            Value::Array(results) if results.len() == count => Ok(results.clone()),
            _ if response.status == 200 => Err(TransitError::Unreadable(format!("{operation}/{}", self.key))),
            _ => Err(self.refused(operation, response.status, &body)),
        }
    }

    fn headers(&self) -> Result<Vec<(HeaderName, HeaderValue)>, TransitError> {
        let token = match &self.token {
            VaultToken::Given(token) => Zeroizing::new(token.expose().to_owned()),
            VaultToken::File(path) => Zeroizing::new(
                std::fs::read_to_string(path)
                    .map_err(|source| TransitError::TokenFile { path: path.clone(), source })?,
            ),
        };
        let mut value = HeaderValue::try_from(token.trim()).map_err(|_| TransitError::Token)?;
        if value.is_empty() {
            return Err(TransitError::Token);
        }
        value.set_sensitive(true);
        let mut headers = vec![
            (HeaderName::from_static("x-vault-token"), value),
            // Vault Agent may be set to refuse requests without it.
            (HeaderName::from_static("x-vault-request"), HeaderValue::from_static("true")),
            (http::header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        ];
        if let Some(namespace) = self.namespace.as_deref().and_then(|name| HeaderValue::try_from(name).ok()) {
            headers.push((HeaderName::from_static("x-vault-namespace"), namespace));
        }
        Ok(headers)
    }

    fn refused(&self, operation: &str, status: u16, body: &Value) -> TransitError {
        let words = body["errors"].as_array().map(|errors| errors.iter().filter_map(Value::as_str).collect::<Vec<_>>());
        let words =
            words.filter(|words| !words.is_empty()).map_or("it said no more".to_owned(), |words| words.join("; "));
        let advice = match status {
            403 => format!(
                ". The token must be valid, and allowed to `update` {0}/encrypt/{1}, {0}/decrypt/{1} and {0}/rewrap/{1}",
                self.mount, self.key
            ),
            404 => format!(". Is the transit engine mounted at {}, and the namespace right?", self.mount),
            503 => ". Unseal it".to_owned(),
            _ => String::new(),
        };
        let operation = format!("{operation}/{}", self.key);
        TransitError::Refused { operation, status, why: words + &advice }
    }
}

impl std::fmt::Debug for Transit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Transit({}/v1/{} {})", self.addr, self.mount, self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_vault_has_wrapped_is_told_from_boxes() {
        assert_eq!(ciphertext(b"vault:v12:abc="), Some("vault:v12:abc="));
        assert_eq!(version("vault:v12:abc="), "vault:v12");
        assert_eq!(ciphertext(&[1, 0xff, 0xfe]), None);
    }
}
