//! What the developers page asks the server.

use domain::Permission;
use domain::api_key::ApiKey;
use domain::id::ApiKeyId;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::UiError;

/// What the page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Developers {
    /// Where the API is.
    pub base_url: String,
    /// The keys, newest first; none for those who may not see them.
    pub keys: Option<Vec<ApiKey>>,
    /// The scopes that this person may give to a key; empty for those who may not make one.
    pub scopes: Vec<Permission>,
}

/// The API's address and the organization's keys.
#[server]
pub async fn load_developers() -> Result<Developers, UiError> {
    let (hub, caller) = crate::session::caller()?;
    caller.require(Permission::OrgRead)?;
    let keys = match caller.may(Permission::ApiKeysRead) {
        true => Some(domain::api_key::actions::list(&hub, &caller).await?),
        false => None,
    };
    let may_make = caller.may(Permission::ApiKeysWrite);
    let grantable = |scope: &Permission| may_make && *scope != Permission::OrgsManage && caller.may(*scope);
    Ok(Developers {
        base_url: hub.settings.base_url.clone(),
        keys,
        scopes: Permission::ALL.iter().copied().filter(grantable).collect(),
    })
}

/// Makes a key; its secret is kept for the next page.
#[server]
pub async fn create_key(name: String, #[server(default)] scopes: Vec<Permission>) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    let made =
        domain::api_key::actions::create(&hub, &caller, domain::api_key::NewApiKey { name, scopes, expires_at: None })
            .await?;
    crate::session::flash_put(&crate::session::visit()?, &made.key);
    crate::session::redirect("/developers");
    Ok(())
}

/// The key just made; shown once.
#[server]
pub async fn take_key() -> Result<Option<String>, UiError> {
    Ok(crate::session::flash_take(&crate::session::visit()?).filter(|text| text.starts_with(domain::api_key::PREFIX)))
}

/// Revokes a key, at once.
#[server]
pub async fn revoke_key(id: ApiKeyId) -> Result<(), UiError> {
    let (hub, caller) = crate::session::caller()?;
    domain::api_key::actions::revoke(&hub, &caller, &id).await?;
    Ok(())
}
