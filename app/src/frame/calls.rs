//! What the frame asks the server.

use domain::id::OrgId;
use leptos::prelude::*;

use super::Me;
use crate::error::UiError;

/// Who is signed in, if anybody.
#[server]
pub async fn load_me() -> Result<Option<Me>, UiError> {
    crate::visitor::welcome().await
}

/// How many alerts are open and unseen.
#[server]
pub async fn count_alerts() -> Result<i64, UiError> {
    let (hub, caller) = crate::session::caller()?;
    Ok(domain::alert::actions::count_unseen(&hub, &caller).await?)
}

/// Makes this session act in another organization, and goes to its start page.
#[server]
pub async fn switch_org(org_id: OrgId) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    domain::account::actions::switch_org(&hub, &caller, &org_id).await?;
    crate::session::redirect("/");
    Ok(())
}

/// Ends this session.
#[server]
pub async fn sign_out() -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    domain::account::actions::sign_out(&hub, &caller).await?;
    crate::session::sign_out_cookie();
    crate::session::redirect("/sign-in");
    Ok(())
}

/// Remembers `light`, `dark` or (anything else) the system's choice in this browser.
#[server]
pub async fn set_theme(theme: String) -> Result<(), UiError> {
    crate::session::theme_cookie(&theme);
    Ok(())
}
