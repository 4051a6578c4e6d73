//! The commands that do one thing and end.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use domain::api_key::NewApiKey;
use domain::audit::query::AuditQuery;
use domain::audit::verify::verify;
use domain::caller::OperatorRole;
use domain::id::OrgId;
use domain::{Caller, Error, Hub, PageQuery, Permission, account, api_key, audit, key, org};
use secret_box::Keyring;
use serde_json::json;

use crate::cli::{Admin, Audit, Cli, Command, Keys};
use crate::config::{Config, ConfigError, KeySource};
use crate::{master_key, startup, telemetry};

/// Does what was typed; answers the exit code.
///
/// # Errors
/// One sentence for the console.
pub async fn run(cli: Cli) -> Result<()> {
    if let Some(Command::Openapi) = cli.command {
        std::io::stdout().write_all(crate::openapi()?.as_bytes())?;
        return Ok(());
    }
    if let Some(Command::Audit(Audit::Verify { file })) = &cli.command {
        return verify_audit(file);
    }
    let mut config = Config::load(cli.config.as_deref())?;
    config.own_processes = true;
    let export = telemetry::start(&config)?;
    for warning in &config.warnings {
        eprintln!("warning: {warning}");
    }
    let done = obey(cli.command.unwrap_or(Command::Serve), &config).await;
    if let Some(export) = export {
        export.finish().await;
    }
    done
}

async fn obey(command: Command, config: &Config) -> Result<()> {
    match command {
        Command::Serve => startup::serve(config).await,
        Command::Migrate => {
            let db = startup::open_database(config).await?;
            println!("The database ({}) is up to date.", db.kind());
            db.close().await;
            Ok(())
        }
        Command::Bootstrap { org, email, json, .. } => {
            let password = password()?;
            with_hub(config, async |hub| bootstrap(hub, &org, &email, &password, json).await).await
        }
        Command::Admin(admin) => with_hub(config, async |hub| run_admin(hub, admin).await).await,
        Command::Audit(Audit::Export { org }) => with_hub(config, async |hub| export_audit(hub, org).await).await,
        Command::Keys(Keys::RotateMaster) => rotate_master(config),
        Command::Keys(keys) => with_hub(config, async |hub| run_keys(hub, keys).await).await,
        // Done before there were settings.
        Command::Openapi | Command::Audit(Audit::Verify { .. }) => Ok(()),
    }
}

/// The exit code for an error: 2 for a wrong setting, 1 for all else.
#[must_use]
pub fn exit_code(error: &anyhow::Error) -> u8 {
    if error.is::<ConfigError>() { 2 } else { 1 }
}

/// Runs something with a hub that serves nobody.
async fn with_hub(config: &Config, job: impl AsyncFnOnce(&Hub) -> Result<()>) -> Result<()> {
    let hub = startup::open_hub(config, config.addr).await?;
    let done = job(&hub).await;
    hub.db.close().await;
    done
}

async fn bootstrap(hub: &Hub, org: &str, email: &str, password: &str, as_json: bool) -> Result<()> {
    let made = account::actions::bootstrap(hub, org, email, password).await.map_err(say)?;
    if !made.created {
        eprintln!("Nothing changed: this organization and this operator are already set up.");
    }
    if as_json {
        println!("{}", json!({ "org_id": made.org_id, "user_id": made.user_id, "api_key": made.api_key }));
    } else if let Some(key) = made.api_key {
        println!("Organization {}, operator {}.\nAPI key, shown this once: {key}", made.org_id, made.user_id);
    }
    Ok(())
}

async fn run_admin(hub: &Hub, admin: Admin) -> Result<()> {
    let caller = Caller::system(None);
    match admin {
        Admin::ApiKey { name, scopes } => {
            let scopes = if scopes.is_empty() { Permission::ALL.to_vec() } else { scopes };
            let made =
                api_key::actions::create_operator_key(hub, &caller, NewApiKey { name, scopes, expires_at: None })
                    .await
                    .map_err(say)?;
            println!("{}", made.key);
        }
        Admin::ApiKeys => {
            for key in api_key::actions::list_operator_keys(hub, &caller).await.map_err(say)? {
                let state = if key.revoked_at.is_some() { "revoked" } else { "active" };
                println!("{}\t{}\t{}\t{state}\t{}", key.id, key.hint, key.created_at, key.name);
            }
        }
        Admin::RevokeApiKey { id } => {
            let key = api_key::actions::revoke_operator_key(hub, &caller, &id).await.map_err(say)?;
            println!("{} ({}) is revoked.", key.id, key.name);
        }
        Admin::OperatorRole { email, role } => {
            let user = account::actions::set_operator_role(hub, &caller, &email, role.0).await.map_err(say)?;
            println!(
                "{} is now {}.",
                user.email,
                user.operator_role.map_or("neither operator nor support", OperatorRole::as_str)
            );
        }
        Admin::ResetPassword { email, .. } => {
            let user = account::actions::reset_password(hub, &caller, &email, &password()?).await.map_err(say)?;
            println!("{} has a new password; their sessions have ended.", user.email);
        }
        Admin::Orgs => list_orgs(hub, &caller).await?,
    }
    Ok(())
}

async fn run_keys(hub: &Hub, keys: Keys) -> Result<()> {
    let caller = Caller::system(None);
    match keys {
        Keys::Status => {
            let status = key::actions::status(hub, &caller).await.map_err(say)?;
            println!("Data keys are wrapped by {}.", status.wraps);
            for (by, count) in &status.wrapped {
                println!("{count}\twrapped by {by}");
            }
            println!(
                "{}\torganizations with secrets that are yet to be sealed with their own newest key",
                status.unsealed
            );
            println!(
                "{}",
                if status.is_settled() {
                    "Nothing needs an older master key: those may be dropped."
                } else {
                    "Older master keys are still needed. The running program works on it, a minute or two after a change."
                }
            );
        }
        // Done without a hub.
        Keys::RotateMaster => {}
        Keys::Rotate { org: Some(id), .. } => rotate_key(hub, &caller, &id).await?,
        Keys::Rotate { .. } => {
            let mut asked = PageQuery { limit: Some(200), cursor: None };
            loop {
                let page = org::actions::list_all(hub, &caller, None, &asked).await.map_err(say)?;
                for org in page.data {
                    rotate_key(hub, &caller, &org.id).await?;
                }
                let Some(cursor) = page.next_cursor else { break };
                asked.cursor = Some(cursor);
            }
        }
    }
    Ok(())
}

async fn rotate_key(hub: &Hub, caller: &Caller, org_id: &OrgId) -> Result<()> {
    key::actions::rotate(hub, caller, org_id).await.map_err(say)?;
    println!("{org_id} has another key, which is used within a minute.");
    Ok(())
}

/// Puts a new master key on top of its file.
fn rotate_master(config: &Config) -> Result<()> {
    let file = match (&config.vault, &config.master_key) {
        (Some(vault), _) => bail!(
            "The master key is in Vault: rotate it there (`vault write -f {}/keys/{}/rotate`); the data keys are wrapped anew by themselves.",
            vault.mount,
            vault.key
        ),
        (None, KeySource::Given(_)) => bail!(
            "The master key is in PATCHBAY_MASTER_KEY: set a new one there and the old one in PATCHBAY_MASTER_KEYS_OLD, and start anew; or keep it in a file (PATCHBAY_MASTER_KEY_FILE)."
        ),
        (None, KeySource::File(file)) => file.clone(),
        (None, KeySource::DataDir) => master_key::usual_file(config),
    };
    let keys = Keyring::rotate_file(&file)?;
    println!("{} has a new master key, {}, above the older ones.", file.display(), keys.current().id());
    println!(
        "Back the file up, and put it where other nodes read it. `patchbay keys status` tells when older keys may be dropped."
    );
    Ok(())
}

async fn list_orgs(hub: &Hub, caller: &Caller) -> Result<()> {
    let mut asked = PageQuery { limit: Some(200), cursor: None };
    loop {
        let page = org::actions::list_all(hub, caller, None, &asked).await.map_err(say)?;
        for org in page.data {
            println!(
                "{}\t{}\t{} members\t{} endpoints\t{}",
                org.id, org.created_at, org.members, org.endpoints, org.name
            );
        }
        match page.next_cursor {
            Some(cursor) => asked.cursor = Some(cursor),
            None => return Ok(()),
        }
    }
}

/// Prints an audit log as it is read.
async fn export_audit(hub: &Hub, org: Option<OrgId>) -> Result<()> {
    let mut export = match &org {
        Some(id) => {
            let caller = Caller::system(Some(id.clone()));
            org::actions::get(hub, &caller).await.map_err(say)?;
            audit::actions::export(hub, &caller, &AuditQuery::default()).await
        }
        None => audit::actions::export_installation(hub, &Caller::system(None)).await,
    }
    .map_err(say)?;
    let mut out = std::io::stdout();
    while let Some(part) = export.next().await.map_err(say)? {
        out.write_all(part.as_bytes()).context("standard output takes no more")?;
    }
    out.flush().context("standard output takes no more")
}

/// Verifies an export and says what is in it.
fn verify_audit(file: &Path) -> Result<()> {
    let opened = File::open(file).with_context(|| format!("{} cannot be opened", file.display()))?;
    let found = verify(BufReader::new(opened)).with_context(|| format!("{} does not verify", file.display()))?;
    let of = if found.org_id.is_empty() { "the installation" } else { &found.org_id };
    println!("Verified: the audit log of {of}, entries {} to {}, complete and unchanged.", found.first, found.last);
    if found.unchained > 0 {
        println!("Not verified: {} entries from before the chain of hashes began.", found.unchained);
    }
    if found.first == 1 {
        println!("It begins with the first entry of the chain.");
    } else {
        println!("Older entries are not in it; hash of entry {}, before its first: {}", found.first - 1, found.anchor);
    }
    println!("Hash of entry {}, its last: {}", found.last, found.last_hash);
    Ok(())
}

/// The first line of standard input.
fn password() -> Result<String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("the password cannot be read from standard input")?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        bail!("--password-stdin: there is no password on standard input");
    }
    Ok(password.to_owned())
}

/// The sentence of an error, with the cause of a fault of ours: whoever types commands may read it.
fn say(error: Error) -> anyhow::Error {
    match error {
        Error::Internal(source) => anyhow::Error::from_boxed(source),
        other => anyhow::anyhow!(other.problem().message),
    }
}
