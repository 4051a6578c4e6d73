//! What set-up, sign-in and invitations ask the server.

use domain::account::InvitationPreview;
use leptos::prelude::*;

use crate::error::UiError;

/// Creates the operator and the first organization, and signs in.
#[server]
pub async fn set_up(token: String, org: String, name: String, email: String, password: String) -> Result<(), UiError> {
    let visit = crate::session::visit()?;
    let session =
        domain::account::actions::set_up(&visit.hub, &visit.client, token.trim(), &org, &name, &email, &password)
            .await?;
    crate::session::sign_in_cookie(&session);
    crate::session::redirect("/");
    Ok(())
}

/// Signs in and goes to `next`, if that is a path of this site.
#[server]
pub async fn sign_in(email: String, password: String, #[server(default)] next: String) -> Result<(), UiError> {
    let visit = crate::session::visit()?;
    let session = domain::account::actions::sign_in(&visit.hub, &visit.client, &email, &password).await?;
    crate::session::sign_in_cookie(&session);
    crate::session::redirect(&next);
    Ok(())
}

/// What the page behind an invitation link shows.
#[server]
pub async fn load_invitation(token: String) -> Result<InvitationPreview, UiError> {
    let visit = crate::session::visit()?;
    Ok(domain::account::members::preview_invitation(&visit.hub, &token).await?)
}

/// Accepts an invitation and signs in.
#[server]
pub async fn accept_invitation(
    token: String,
    #[server(default)] name: String,
    password: String,
) -> Result<(), UiError> {
    let visit = crate::session::visit()?;
    let session =
        domain::account::members::accept_invitation(&visit.hub, &visit.client, &token, &name, &password).await?;
    crate::session::sign_in_cookie(&session);
    crate::session::redirect("/");
    Ok(())
}
