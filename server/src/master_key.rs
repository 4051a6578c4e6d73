//! Where the master key comes from: a setting, a file, or HashiCorp Vault's transit engine.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use domain::Hub;
use domain::key::{Master, Transit, VaultToken};
use guarded_http::{CertificateDer, IpNet};
use rustls::pki_types::pem::PemObject as _;
use secret_box::{Key, Keyring};

use crate::config::{Config, ConfigError, KeySource, wrong};

/// Pauses between tries to reach the database's keys, in seconds: a minute in all.
const PAUSES: [u64; 6] = [1, 2, 4, 8, 15, 30];

/// How Vault is reached, as it is set.
#[derive(Clone)]
pub struct VaultConfig {
    /// Its address, without a trailing slash.
    pub addr: String,
    /// The token it is asked with.
    pub token: VaultToken,
    /// Where the transit engine is mounted.
    pub mount: String,
    /// The name of the engine's key.
    pub key: String,
    /// The namespace, in Vault Enterprise.
    pub namespace: Option<String>,
    /// A file of certificates that are trusted beside the public ones.
    pub ca_file: Option<PathBuf>,
}

/// Reads the settings of Vault.
pub(crate) fn read_vault(
    given: impl Fn(&str) -> Result<Option<String>, ConfigError>,
) -> Result<Option<VaultConfig>, ConfigError> {
    const NAMES: [&str; 6] = [
        "PATCHBAY_VAULT_TOKEN",
        "PATCHBAY_VAULT_TOKEN_FILE",
        "PATCHBAY_VAULT_MOUNT",
        "PATCHBAY_VAULT_KEY",
        "PATCHBAY_VAULT_NAMESPACE",
        "PATCHBAY_VAULT_CA_FILE",
    ];
    let Some(addr) = given("PATCHBAY_VAULT_ADDR")? else {
        for name in NAMES {
            if given(name)?.is_some() {
                return wrong(name, "is set, but PATCHBAY_VAULT_ADDR is not; set that, too, or neither.");
            }
        }
        return Ok(None);
    };
    let uri: Option<http::Uri> = addr.parse().ok();
    if !uri.is_some_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.path() == "/" && uri.query().is_none()
    }) {
        return wrong("PATCHBAY_VAULT_ADDR", "must be like https://vault.example.com:8200, without a path.");
    }
    let token = match (given(NAMES[0])?, given(NAMES[1])?) {
        (Some(_), Some(_)) => {
            return wrong(NAMES[0], "and PATCHBAY_VAULT_TOKEN_FILE are both set; set one of them.");
        }
        (Some(token), None) => VaultToken::Given(token.as_str().into()),
        (None, Some(file)) => VaultToken::File(file.into()),
        (None, None) => {
            return wrong(
                NAMES[0],
                "is missing; Vault is asked with it, or with what PATCHBAY_VAULT_TOKEN_FILE holds.",
            );
        }
    };
    Ok(Some(VaultConfig {
        addr: addr.trim_end_matches('/').to_owned(),
        token,
        mount: path_of(NAMES[2], given(NAMES[2])?.unwrap_or_else(|| "transit".to_owned()))?,
        key: path_of(NAMES[3], given(NAMES[3])?.unwrap_or_else(|| "patchbay".to_owned()))?,
        namespace: given(NAMES[4])?.map(|name| path_of(NAMES[4], name)).transpose()?,
        ca_file: given(NAMES[5])?.map(PathBuf::from),
    }))
}

/// A name that may stand in Vault's paths.
fn path_of(name: &str, text: String) -> Result<String, ConfigError> {
    let text = text.trim_matches('/');
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte)) {
        return wrong(name, format!("is {text:?}; it must be made of letters, digits and `-_./`."));
    }
    Ok(text.to_owned())
}

/// Finds the master key. Makes one in the data folder where nothing is set and none is there.
///
/// # Errors
/// A file cannot be read, or holds no key; the client for Vault cannot be made.
pub fn open(config: &Config) -> Result<Master> {
    let older = config.master_keys_old.clone();
    let Some(vault) = &config.vault else {
        return Ok(match &config.master_key {
            KeySource::Given(key) => Master::fixed(Keyring::new(key.clone(), older)),
            KeySource::File(path) => {
                let keys = Keyring::load(path);
                let keys = keys.with_context(|| format!("PATCHBAY_MASTER_KEY_FILE {}", path.display()))?;
                Master::in_file(path.clone(), &keys, older)
            }
            KeySource::DataDir => {
                crate::startup::make_data_dir(config)?;
                let path = usual_file(config);
                Master::in_file(path.clone(), &Keyring::load_or_create(path)?, older)
            }
        });
    };
    Ok(Master::in_vault(transit(vault)?, at_hand(config, older)?))
}

/// The file in the data folder.
#[must_use]
pub fn usual_file(config: &Config) -> PathBuf {
    config.data_dir.join("master.key")
}

/// Keys that were used before there was a Vault, and still open what they have sealed.
fn at_hand(config: &Config, older: Vec<Key>) -> Result<Option<Keyring>> {
    let file = match &config.master_key {
        KeySource::Given(key) => return Ok(Some(Keyring::new(key.clone(), older))),
        KeySource::File(path) => path.clone(),
        KeySource::DataDir => usual_file(config),
    };
    if matches!(config.master_key, KeySource::File(_)) || file.exists() {
        let keys = Keyring::load(&file).context("the master key that was used before Vault")?;
        return Ok(Some(keys.with_older(&older)));
    }
    let mut older = older.into_iter();
    Ok(older.next().map(|first| Keyring::new(first, older.collect())))
}

fn transit(vault: &VaultConfig) -> Result<Transit> {
    let extra_roots = vault.ca_file.as_deref().map(certificates).transpose()?.unwrap_or_default();
    // The operator names the address, which is usually a private one.
    let anywhere: [IpNet; 2] = ["0.0.0.0/0".parse()?, "::/0".parse()?];
    let http = guarded_http::Client::new(guarded_http::Config {
        allow: anywhere.to_vec(),
        user_agent: concat!("Patchbay/", env!("CARGO_PKG_VERSION")).to_owned(),
        extra_roots,
        max_body: 1024 * 1024,
        max_read: 1024 * 1024,
        ..guarded_http::Config::default()
    });
    let http = http.context("PATCHBAY_VAULT_CA_FILE: a certificate in it cannot be trusted")?;
    Ok(Transit {
        http,
        addr: vault.addr.clone(),
        token: vault.token.clone(),
        mount: vault.mount.clone(),
        key: vault.key.clone(),
        namespace: vault.namespace.clone(),
    })
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let fail = || format!("PATCHBAY_VAULT_CA_FILE: {} cannot be read as certificates in PEM", file.display());
    let found = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let found = found.with_context(fail)?;
    anyhow::ensure!(!found.is_empty(), fail());
    Ok(found)
}

/// Reads the data keys into memory. Where Vault does not answer, tries again for a minute.
///
/// # Errors
/// It still does not answer, or the database does not.
pub async fn prepare(hub: &Hub) -> Result<()> {
    for seconds in PAUSES {
        let Err(error) = domain::key::prepare(hub).await else { return Ok(()) };
        let why = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
        tracing::warn!(why, "the keys for secrets cannot be read; trying again in {seconds} s");
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }
    domain::key::prepare(hub).await.context("the keys for secrets cannot be read")
}
