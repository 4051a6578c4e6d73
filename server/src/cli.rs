//! The commands as they are typed.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use domain::Permission;
use domain::caller::OperatorRole;
use domain::id::{ApiKeyId, OrgId};

use crate::config::SETTINGS;

/// Events in, signed webhooks out.
#[derive(Debug, Parser)]
#[command(name = "patchbay", version, about, after_help = settings())]
pub struct Cli {
    /// A TOML file with settings (names in lower case, without PATCHBAY_); the environment wins over it.
    #[arg(long, global = true, env = "PATCHBAY_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What to do; `serve` when nothing is said.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run: the API, the dashboard and the deliveries.
    Serve,
    /// Bring the database's schema up to date, and end.
    Migrate,
    /// Create the operator and the first organization, without a browser. Twice changes nothing.
    Bootstrap {
        /// The organization's name.
        #[arg(long)]
        org: String,
        /// The address the operator signs in with.
        #[arg(long)]
        email: String,
        /// Read the password from standard input (the first line).
        #[arg(long, required = true)]
        password_stdin: bool,
        /// Print one line of JSON: {"org_id","user_id","api_key"}.
        #[arg(long)]
        json: bool,
    },
    /// Print the OpenAPI document.
    Openapi,
    /// What only whoever runs the installation may do.
    #[command(subcommand)]
    Admin(Admin),
    /// Export the audit log, and verify exports.
    #[command(subcommand)]
    Audit(Audit),
    /// The keys for secrets at rest: how it stands with them, and replacing them while everything runs.
    #[command(subcommand)]
    Keys(Keys),
}

/// The keys for secrets at rest: how it stands with them, and replacing them while everything runs.
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Tell what wraps the data keys, and whether older master keys may be dropped.
    Status,
    /// Put a new master key on top of its file. Running nodes that read this file take it over within seconds, wrap the data keys
    /// anew within a minute, and still open what older keys in the file have sealed.
    RotateMaster,
    /// Give an organization, or each of them, another data key. What older ones sealed is sealed anew within minutes.
    Rotate {
        /// The organization's id.
        #[arg(long, value_name = "ORG_ID", required_unless_present = "all")]
        org: Option<OrgId>,
        /// Every organization.
        #[arg(long, conflicts_with = "org")]
        all: bool,
    },
}

/// Export the audit log, and verify exports.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Verify the chain of hashes in an export, offline: no database, network or setting is needed. Says where the chain begins and
    /// what its last hash is, to be compared with one that was noted elsewhere.
    Verify {
        /// The exported CSV.
        file: PathBuf,
    },
    /// Print the audit log as CSV, oldest first; recorded in that log.
    Export {
        /// The organization's id; without it the installation's own log, of what is about no organization.
        #[arg(long, value_name = "ORG_ID")]
        org: Option<OrgId>,
    },
}

/// What only whoever runs the installation may do.
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Make an API key of the installation; it acts for any organization by the header Patchbay-Org.
    ApiKey {
        /// What to call it.
        #[arg(long)]
        name: String,
        /// What it may do; everything when not given. May be repeated.
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<Permission>,
    },
    /// List the installation's API keys, without the keys themselves.
    ApiKeys,
    /// Revoke an API key of the installation.
    RevokeApiKey {
        /// Its id: key_…
        #[arg(long)]
        id: ApiKeyId,
    },
    /// Make somebody with an account an operator or support, or neither.
    OperatorRole {
        /// The address they sign in with.
        #[arg(long)]
        email: String,
        /// operator, support or none.
        #[arg(long, value_parser = operator_role)]
        role: NewRole,
    },
    /// Give somebody a new password; their sessions end.
    ResetPassword {
        /// The address they sign in with.
        #[arg(long)]
        email: String,
        /// Read the password from standard input (the first line).
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// List the organizations.
    Orgs,
}

/// A role in the installation, or none.
#[derive(Debug, Clone, Copy)]
pub struct NewRole(pub Option<OperatorRole>);

fn operator_role(text: &str) -> Result<NewRole, String> {
    match text {
        "none" => Ok(NewRole(None)),
        other => other
            .parse()
            .map(|role| NewRole(Some(role)))
            .map_err(|_| format!("{other:?} is none of: operator, support, none")),
    }
}

/// The table of settings for the help text.
fn settings() -> String {
    let rows =
        SETTINGS.iter().map(|setting| format!("  {:<27} {} [{}]", setting.name, setting.meaning, setting.default));
    format!("Settings (environment variables):\n{}", rows.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_commands_are_well_formed() {
        super::Cli::command().debug_assert();
    }
}
