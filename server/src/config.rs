//! Every setting: its name, its default, what it means.
//!
//! A setting comes from the environment, else from a TOML file (same names in lower case, without `PATCHBAY_`),
//! else it has its default. Everything is read and checked here, once, before anything starts; what is wrong is
//! said in one sentence that names the setting.

mod providers;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use domain::connection::{JiraApp, SlackApp, TeamsApp};
use domain::id::OrgId;
use domain::node::NodeRole;
use domain::org::plan::Plans;
use domain::source::mail::MailDoor;
use guarded_http::IpNet;
use percent_encoding::percent_decode_str;
use secret_box::Key;

use crate::master_key::VaultConfig;

/// A setting, for the help text and for reading the file.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// The environment variable.
    pub name: &'static str,
    /// What it is when nobody says anything.
    pub default: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

const fn setting(name: &'static str, default: &'static str, meaning: &'static str) -> Setting {
    Setting { name, default, meaning }
}

/// All settings.
pub const SETTINGS: &[Setting] = &[
    setting("PATCHBAY_ADDR", "127.0.0.1:3000", "address and port to listen at; port 0 takes a free one"),
    setting("PATCHBAY_BASE_URL", "http://ADDR", "the URL people reach it at; https makes cookies secure"),
    setting("PATCHBAY_DATA_DIR", "./data", "folder of the SQLite file and of the master key's file"),
    setting("DATABASE_URL", "SQLite in the data folder", "postgres://user:password@host/name for PostgreSQL"),
    setting("PATCHBAY_MASTER_KEY", "a file in the data folder", "key for secrets at rest: 32 bytes, base64 or hex"),
    setting(
        "PATCHBAY_MASTER_KEY_FILE",
        "DATA_DIR/master.key",
        "file that holds that key, and below it older ones; mode 0600; read again while running",
    ),
    setting("PATCHBAY_MASTER_KEYS_OLD", "none", "older keys that may still open secrets, with commas between them"),
    setting(
        "PATCHBAY_VAULT_ADDR",
        "none",
        "HashiCorp Vault that wraps keys in place of a master key: https://vault:8200",
    ),
    setting("PATCHBAY_VAULT_TOKEN", "none", "the token that Vault is asked with"),
    setting("PATCHBAY_VAULT_TOKEN_FILE", "none", "a file that holds it, read at each use; Vault Agent keeps it fresh"),
    setting("PATCHBAY_VAULT_MOUNT", "transit", "where Vault's transit engine is mounted"),
    setting("PATCHBAY_VAULT_KEY", "patchbay", "the name of the transit engine's key"),
    setting("PATCHBAY_VAULT_NAMESPACE", "none", "the namespace that it is in, in Vault Enterprise"),
    setting("PATCHBAY_VAULT_CA_FILE", "none", "certificates in PEM that Vault is trusted by, beside the public ones"),
    setting("PATCHBAY_ALLOW_TARGETS", "none", "private networks that receivers may be in: 127.0.0.0/8,10.1.0.0/16"),
    setting("PATCHBAY_TRUST_PROXY", "none", "networks of reverse proxies whose X-Forwarded-For is believed"),
    setting("PATCHBAY_LOG", "info", "what is logged: error, warn, info, debug, or a filter like info,sqlx=warn"),
    setting("PATCHBAY_LOG_FORMAT", "text", "text or json"),
    setting("PATCHBAY_ROLE", "all", "what this node does: all, api (serves), or worker (delivers); PostgreSQL only"),
    setting(
        "PATCHBAY_OPERATIONS_ORG",
        "none",
        "id of the organization whose endpoints are told of the installation's alerts: org_…",
    ),
    setting(
        "PATCHBAY_MAIL_DOMAIN",
        "none",
        "domain whose e-mail comes in for everybody; its sources have addresses there: mail.example.com; one for all providers or each its own, with commas",
    ),
    setting(
        "PATCHBAY_MAIL_PROVIDER",
        "none",
        "who receives that e-mail: brevo, mailjet, postmark or sendgrid; several with commas",
    ),
    setting(
        "PATCHBAY_MAIL_SECRET",
        "none",
        "what that provider's posts to /in/mail/PROVIDER are verified with: token, user:password, or public key",
    ),
    setting("PATCHBAY_MAIL_SECRET_BREVO", "none", "the same of Brevo, where there are several providers"),
    setting("PATCHBAY_MAIL_SECRET_MAILJET", "none", "the same of Mailjet"),
    setting("PATCHBAY_MAIL_SECRET_POSTMARK", "none", "the same of Postmark"),
    setting("PATCHBAY_MAIL_SECRET_SENDGRID", "none", "the same of SendGrid"),
    setting("REDIS_URL", "none", "redis://:password@host:6379/0: signals, offers and rate limits of several nodes"),
    setting("PATCHBAY_SLACK_CLIENT_ID", "none", "the Slack app's client id; with the two secrets people can add Slack"),
    setting("PATCHBAY_SLACK_CLIENT_SECRET", "none", "the Slack app's client secret"),
    setting("PATCHBAY_SLACK_SIGNING_SECRET", "none", "the Slack app's signing secret, for what Slack sends to the hub"),
    setting("PATCHBAY_SLACK_URL", "https://slack.com", "where Slack is; a simulator while developing"),
    setting(
        "PATCHBAY_JIRA_CLIENT_ID",
        "none",
        "the client id of the app at Atlassian; with its secret people can connect Jira",
    ),
    setting("PATCHBAY_JIRA_CLIENT_SECRET", "none", "that app's client secret"),
    setting("PATCHBAY_JIRA_URL", "none", "where a simulated Jira is, in place of Atlassian; while developing"),
    setting(
        "PATCHBAY_GATED_INTEGRATIONS",
        "none",
        "integrations that an operator gives to one organization after the other: slack,teams,jira",
    ),
    setting(
        "PATCHBAY_CONTACT_URL",
        "none",
        "where people ask for those, and for integrations that are missing: https://… or mailto:…",
    ),
    setting(
        "PATCHBAY_TEAMS_CLIENT_ID",
        "none",
        "the client id of the app at Entra ID; with its secret people can connect Microsoft Teams by consent",
    ),
    setting("PATCHBAY_TEAMS_CLIENT_SECRET", "none", "that app's client secret"),
    setting(
        "PATCHBAY_ENTRA_URL",
        "none",
        "where a simulated Entra ID with Graph is, in place of Microsoft; while developing",
    ),
    setting("PATCHBAY_TEAMS_URL", "none", "where a simulated Microsoft Teams is, whose workflows may be connected too"),
    setting(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "none",
        "an OpenTelemetry collector for traces and logs: http://127.0.0.1:4318",
    ),
    setting("OTEL_EXPORTER_OTLP_HEADERS", "none", "headers for it, as name=value with commas between them"),
    setting("OTEL_SERVICE_NAME", "patchbay", "what the collector knows this program by"),
    setting("OTEL_TRACES_SAMPLER_ARG", "1", "the share of traces that are sent, from 0 to 1"),
];

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// Where the master key comes from.
#[derive(Clone)]
pub enum KeySource {
    /// The setting itself.
    Given(Key),
    /// A file that must exist.
    File(PathBuf),
    /// A file in the data folder, made at the first start.
    DataDir,
}

/// Where traces and logs go beside standard error.
#[derive(Clone)]
pub struct Collector {
    /// Its address, without a trailing slash.
    pub endpoint: String,
    /// What it wants to be sent with each request.
    pub headers: Vec<(http::HeaderName, http::HeaderValue)>,
    /// What it knows this program by.
    pub service_name: String,
    /// The share of traces that are sent.
    pub ratio: f64,
}

/// All settings, read and checked.
#[derive(Clone)]
pub struct Config {
    /// Where to listen.
    pub addr: SocketAddr,
    /// The URL people reach it at, if it is set; see [`Config::base_url`].
    base_url: Option<String>,
    /// Folder of what is kept.
    pub data_dir: PathBuf,
    /// A PostgreSQL server, if that is used.
    pub database_url: Option<String>,
    /// A Redis server, if the nodes share one.
    pub redis_url: Option<String>,
    /// What this process does.
    pub role: NodeRole,
    /// The organization whose endpoints are told of the installation's alerts, if there is one.
    pub operations_org: Option<OrgId>,
    /// Where the master key comes from.
    pub master_key: KeySource,
    /// Older keys that may still open secrets.
    pub master_keys_old: Vec<Key>,
    /// The Vault that wraps keys, if there is one; then the master key only opens what it sealed before.
    pub vault: Option<VaultConfig>,
    /// Private networks that receivers may be in.
    pub allow_targets: Vec<IpNet>,
    /// Networks whose `X-Forwarded-For` is believed.
    pub trust_proxy: Vec<IpNet>,
    /// What is logged.
    pub log: String,
    /// How log lines look.
    pub log_format: LogFormat,
    /// The app that people add to Slack, if there is one.
    pub slack: Option<SlackApp>,
    /// The app that people connect Microsoft Teams with, if there is one.
    pub teams: Option<TeamsApp>,
    /// Where a simulated Microsoft Teams is, if there is one.
    pub teams_url: Option<String>,
    /// The app that people connect Jira with, if there is one.
    pub jira: Option<JiraApp>,
    /// What not every organization may connect.
    pub plans: Plans,
    /// How e-mail comes in for everybody: a door per provider.
    pub mail: Vec<MailDoor>,
    /// An OpenTelemetry collector, if there is one.
    pub collector: Option<Collector>,
    /// Whether the running program is `patchbay`, so that it can start itself for transformations.
    pub own_processes: bool,
    /// What should be said at the start, though nothing is wrong.
    pub warnings: Vec<String>,
}

/// One sentence that names the setting that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

type Result<T> = std::result::Result<T, ConfigError>;

pub(crate) fn wrong<T>(name: &str, why: impl std::fmt::Display) -> Result<T> {
    Err(ConfigError(format!("{name} {why}")))
}

impl Config {
    /// Reads the settings from the environment and a file.
    ///
    /// # Errors
    /// One sentence that names what is wrong.
    pub fn load(file: Option<&Path>) -> Result<Self> {
        let table = match file {
            None => toml::Table::new(),
            Some(path) => {
                let text = std::fs::read_to_string(path);
                let text = text.map_err(|error| {
                    ConfigError(format!("the configuration file {} cannot be read: {error}.", path.display()))
                })?;
                text.parse().map_err(|error: toml::de::Error| {
                    ConfigError(format!("the configuration file {} is not TOML: {}.", path.display(), error.message()))
                })?
            }
        };
        Self::read(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()), &table)
    }

    /// Reads the settings from something that answers environment variables, and a table.
    ///
    /// # Errors
    /// One sentence that names what is wrong.
    pub fn read(environment: impl Fn(&str) -> Option<String>, table: &toml::Table) -> Result<Self> {
        if let Some(unknown) = table.keys().find(|key| !SETTINGS.iter().any(|setting| key_of(setting.name) == **key)) {
            let known: Vec<String> = SETTINGS.iter().map(|setting| key_of(setting.name)).collect();
            return wrong(
                unknown,
                format!("is not a setting of the configuration file; there are: {}.", known.join(", ")),
            );
        }
        let given = |name: &str| -> Result<Option<String>> {
            let value = match environment(name) {
                Some(value) => Some(value),
                None => table.get(&key_of(name)).map(|value| text_of(name, value)).transpose()?,
            };
            Ok(value.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty()))
        };
        let database_url = given("DATABASE_URL")?.map(read_database_url).transpose()?;
        let mut warnings = Vec::new();
        let role = read_role(given("PATCHBAY_ROLE")?, database_url.is_some())?;
        let redis_url = given("REDIS_URL")?.map(read_redis_url).transpose()?;
        if redis_url.is_some() && database_url.is_none() {
            warnings.push("REDIS_URL is set but not used: with SQLite there is one process, which has nothing to share. Set DATABASE_URL to run several.".to_owned());
        }
        let log = given("PATCHBAY_LOG")?.unwrap_or_else(|| "info".to_owned());
        if let Err(error) = tracing_subscriber::EnvFilter::try_new(&log) {
            return wrong(
                "PATCHBAY_LOG",
                format!("is neither a level (error, warn, info, debug, trace) nor a filter: {error}."),
            );
        }
        Ok(Self {
            addr: read_address(given("PATCHBAY_ADDR")?)?,
            base_url: given("PATCHBAY_BASE_URL")?.map(|url| read_base_url(&url)).transpose()?,
            data_dir: given("PATCHBAY_DATA_DIR")?.map_or_else(|| PathBuf::from("./data"), PathBuf::from),
            database_url,
            redis_url,
            role,
            operations_org: given("PATCHBAY_OPERATIONS_ORG")?.map(|id| read_org(&id)).transpose()?,
            master_key: read_key(given("PATCHBAY_MASTER_KEY")?, given("PATCHBAY_MASTER_KEY_FILE")?)?,
            master_keys_old: read_list("PATCHBAY_MASTER_KEYS_OLD", given("PATCHBAY_MASTER_KEYS_OLD")?, |text| {
                Key::parse(text).map_err(|error| error.to_string())
            })?,
            vault: crate::master_key::read_vault(given)?,
            allow_targets: read_list("PATCHBAY_ALLOW_TARGETS", given("PATCHBAY_ALLOW_TARGETS")?, read_network)?,
            trust_proxy: read_list("PATCHBAY_TRUST_PROXY", given("PATCHBAY_TRUST_PROXY")?, read_network)?,
            log,
            log_format: match given("PATCHBAY_LOG_FORMAT")?.as_deref() {
                None | Some("text") => LogFormat::Text,
                Some("json") => LogFormat::Json,
                Some(other) => return wrong("PATCHBAY_LOG_FORMAT", format!("is {other:?}; it must be text or json.")),
            },
            slack: providers::read_slack(given)?,
            teams: providers::read_teams(given)?,
            teams_url: given("PATCHBAY_TEAMS_URL")?
                .map(|url| providers::origin("PATCHBAY_TEAMS_URL", &url))
                .transpose()?,
            jira: providers::read_jira(given)?,
            plans: providers::read_plans(given)?,
            mail: providers::read_mail(given)?,
            collector: read_collector(given)?,
            own_processes: false,
            warnings,
        })
    }

    /// The URL people reach it at, when it listens at `listen`.
    #[must_use]
    pub fn base_url(&self, listen: SocketAddr) -> String {
        self.base_url.clone().unwrap_or_else(|| {
            let ip = if listen.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { listen.ip() };
            format!("http://{}", SocketAddr::new(ip, listen.port()))
        })
    }
}

/// The name of a setting in the file.
fn key_of(name: &str) -> String {
    name.strip_prefix("PATCHBAY_").unwrap_or(name).to_ascii_lowercase()
}

/// A value of the file as the environment would have it.
fn text_of(name: &str, value: &toml::Value) -> Result<String> {
    match value {
        toml::Value::String(text) => Ok(text.clone()),
        toml::Value::Array(list) => {
            Ok(list.iter().map(|item| text_of(name, item)).collect::<Result<Vec<_>>>()?.join(","))
        }
        other => wrong(&key_of(name), format!("must be a text in quotes or a list of them, not {}.", other.type_str())),
    }
}

fn read_address(text: Option<String>) -> Result<SocketAddr> {
    let text = text.unwrap_or_else(|| "127.0.0.1:3000".to_owned());
    let text = text.strip_prefix("localhost:").map_or(text.clone(), |port| format!("127.0.0.1:{port}"));
    text.parse().or_else(|_| {
        wrong(
            "PATCHBAY_ADDR",
            format!("is {text:?}; it must be an address and a port, like 127.0.0.1:3000 or 0.0.0.0:80."),
        )
    })
}

fn read_base_url(text: &str) -> Result<String> {
    let plain = text.trim_end_matches('/').to_ascii_lowercase();
    // As browsers write an origin: without the port that goes without saying.
    let usual = if plain.starts_with("https:") { ":443" } else { ":80" };
    let plain = plain.strip_suffix(usual).unwrap_or(&plain);
    let fits = |uri: &http::Uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|host| !host.is_empty())
            && uri.path() == "/"
            && uri.query().is_none()
    };
    match plain.parse::<http::Uri>() {
        Ok(uri) if fits(&uri) && !plain.contains('@') => Ok(plain.to_owned()),
        _ => wrong(
            "PATCHBAY_BASE_URL",
            format!("is {text:?}; it must be like https://hooks.example.com, without a path."),
        ),
    }
}

fn read_database_url(text: String) -> Result<String> {
    if ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)) {
        return Ok(text);
    }
    // The value may hold a password and is not repeated.
    wrong(
        "DATABASE_URL",
        "must be like postgres://user:password@host/name; leave it out for SQLite in the data folder.",
    )
}

fn read_role(text: Option<String>, is_shared: bool) -> Result<NodeRole> {
    let Some(text) = text else { return Ok(NodeRole::All) };
    match text.parse() {
        Ok(role) if role == NodeRole::All || is_shared => Ok(role),
        Ok(role) => wrong(
            "PATCHBAY_ROLE",
            format!("is {role}, but with SQLite one process does everything; set DATABASE_URL to divide the work."),
        ),
        Err(_) => wrong("PATCHBAY_ROLE", format!("is {text:?}; it must be all, api or worker.")),
    }
}

fn read_org(text: &str) -> Result<OrgId> {
    text.parse().or_else(|error| wrong("PATCHBAY_OPERATIONS_ORG", format!("is {text:?}, which is {error}.")))
}

fn read_redis_url(text: String) -> Result<String> {
    if text.starts_with("redis://") {
        return Ok(text);
    }
    // The value may hold a password and is not repeated.
    wrong("REDIS_URL", "must be like redis://:password@host:6379/0 (TLS is not supported; use a private network).")
}

fn read_key(key: Option<String>, file: Option<String>) -> Result<KeySource> {
    match (key, file) {
        (Some(_), Some(_)) => {
            wrong("PATCHBAY_MASTER_KEY", "and PATCHBAY_MASTER_KEY_FILE are both set; set one of them.")
        }
        (Some(key), None) => match Key::parse(&key) {
            Ok(key) => Ok(KeySource::Given(key)),
            Err(error) => wrong("PATCHBAY_MASTER_KEY", format!("cannot be used: {error}.")),
        },
        (None, Some(file)) => Ok(KeySource::File(file.into())),
        (None, None) => Ok(KeySource::DataDir),
    }
}

fn read_collector(given: impl Fn(&str) -> Result<Option<String>>) -> Result<Option<Collector>> {
    const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
    let Some(endpoint) = given(ENDPOINT)? else { return Ok(None) };
    let is_url = |text: &str| {
        let uri = text.parse::<http::Uri>().ok();
        uri.is_some_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.query().is_none())
    };
    if !is_url(&endpoint) {
        // It may hold a password or a token and is not repeated.
        return wrong(ENDPOINT, "must be like http://127.0.0.1:4318, without a query.");
    }
    let ratio = given("OTEL_TRACES_SAMPLER_ARG")?.map_or(Ok(1.0), |text| match text.parse::<f64>() {
        Ok(ratio) if (0.0..=1.0).contains(&ratio) => Ok(ratio),
        _ => wrong("OTEL_TRACES_SAMPLER_ARG", format!("is {text:?}; it must be a number from 0 to 1.")),
    })?;
    // Their values may be secrets and are not repeated.
    let headers = read_list("OTEL_EXPORTER_OTLP_HEADERS", given("OTEL_EXPORTER_OTLP_HEADERS")?, |text| {
        let (name, value) = text.split_once('=').ok_or("a header is written as name=value")?;
        let name = name.trim().parse().map_err(|_| "what stands before a `=` is no header's name")?;
        let value = percent_decode_str(value.trim()).decode_utf8().ok();
        let value = value.and_then(|value| value.parse().ok());
        Ok((name, value.ok_or("a value cannot be sent")?))
    })?;
    Ok(Some(Collector {
        endpoint: endpoint.trim_end_matches('/').to_owned(),
        headers,
        service_name: given("OTEL_SERVICE_NAME")?.unwrap_or_else(|| "patchbay".to_owned()),
        ratio,
    }))
}

fn read_network(text: &str) -> std::result::Result<IpNet, String> {
    let single = || text.parse::<IpAddr>().map(IpNet::from);
    text.parse().or_else(|_| single()).map_err(|_| format!("{text:?} is not a network like 10.0.0.0/8"))
}

fn read_list<T>(
    name: &str,
    text: Option<String>,
    read: impl Fn(&str) -> std::result::Result<T, String>,
) -> Result<Vec<T>> {
    let text = text.unwrap_or_default();
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| read(part).or_else(|why| wrong(name, format!("cannot be used: {why}.")))).collect()
}

#[cfg(test)]
mod tests;
