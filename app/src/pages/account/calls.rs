//! What the account page asks the server.

use domain::account::Session;
use domain::id::SessionId;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::UiError;

/// What the page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// What the person is called.
    pub name: String,
    /// The address they sign in with.
    pub email: String,
    /// `light`, `dark`, or empty.
    pub theme: String,
    /// Where they are signed in, latest use first.
    pub sessions: Vec<Session>,
    /// The session of this browser.
    pub current: SessionId,
}

/// The person's account and sessions.
#[server]
pub async fn load_account() -> Result<Account, UiError> {
    let (hub, caller) = crate::session::caller()?;
    let sessions = domain::account::actions::list_sessions(&hub, &caller).await?;
    let theme = crate::session::visit()?.theme;
    match caller.identity {
        domain::caller::Identity::User { session_id, email, name, .. } => {
            Ok(Account { name, email, theme, sessions, current: session_id })
        }
        _ => Err(domain::Error::forbidden("Only a signed-in person has an account.").into()),
    }
}

/// Changes what the person is called.
#[server]
pub async fn rename(name: String) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    domain::account::actions::update_name(&hub, &caller, &name).await?;
    crate::session::redirect("/settings/account?done=name");
    Ok(())
}

/// Changes the password; the other sessions end.
#[server]
pub async fn change_password(current: String, new: String) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    domain::account::actions::change_password(&hub, &caller, &current, &new).await?;
    crate::session::redirect("/settings/account?done=password");
    Ok(())
}

/// Ends one of the person's sessions.
#[server]
pub async fn revoke_session(id: SessionId) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    Ok(domain::account::actions::revoke_session(&hub, &caller, &id).await?)
}

/// Ends all of the person's sessions but this one.
#[server]
pub async fn revoke_other_sessions() -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    domain::account::actions::revoke_other_sessions(&hub, &caller).await?;
    crate::session::redirect("/settings/account?done=sessions");
    Ok(())
}
