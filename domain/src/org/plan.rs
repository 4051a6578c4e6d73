//! Which integrations an organization may connect. All of them, but for those that the operator keeps for certain plans
//! ([`Plans`]): these an operator gives to one organization after the other. What is connected already goes on.

use super::{OrgIntegration, store};
use crate::audit::store::record;
use crate::db::Conn;
use crate::id::OrgId;
use crate::provider::catalogue::{self, Integration, Stage};
use crate::{Caller, Error, Hub, Permission, Result};

/// What the operator keeps for certain plans.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plans {
    /// Keys of integrations that not every organization may connect.
    pub gated: Vec<String>,
    /// Where people ask for them: a page or a `mailto:` address.
    pub contact_url: Option<String>,
}

impl Plans {
    fn is_gated(&self, key: &str) -> bool {
        self.gated.iter().any(|gated| gated == key)
    }
}

/// The catalogue as the organization has it, by key. Needs `connections:read`.
///
/// # Errors
/// Forbidden.
pub async fn list(hub: &Hub, caller: &Caller) -> Result<Vec<OrgIntegration>> {
    let org_id = caller.require(Permission::ConnectionsRead)?;
    let given = store::integrations(&mut hub.db.read().await?, org_id).await?;
    let mut all: Vec<_> = catalogue::CATALOGUE.iter().map(|integration| of(hub, integration, &given)).collect();
    all.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(all)
}

/// Gives an organization an integration that is kept for certain plans, or takes it back: then nothing more of it can be
/// connected. For operators.
///
/// # Errors
/// Forbidden; no such integration; one that every organization may connect.
pub async fn set(hub: &Hub, caller: &Caller, key: &str, is_included: bool) -> Result<OrgIntegration> {
    caller.require_operator()?;
    let org_id = caller.require(Permission::ConnectionsRead)?;
    let integration = catalogue::find(key).ok_or_else(|| Error::not_found("integration"))?;
    if !hub.settings.plans.is_gated(key) {
        let message = format!(
            "Every organization may connect {}. PATCHBAY_GATED_INTEGRATIONS names those that are kept for certain plans.",
            integration.name
        );
        return Err(Error::conflict("integration_not_gated", message));
    }
    let mut tx = hub.db.begin().await?;
    let changed = if is_included {
        store::give_integration(&mut tx, org_id, key, hub.now()).await?
    } else {
        store::take_integration(&mut tx, org_id, key).await?
    };
    if changed {
        let action = if is_included { "integration.included" } else { "integration.excluded" };
        record(&mut tx, hub, caller, Some(org_id), action, Some(key), Some(integration.name)).await?;
    }
    let given = store::integrations(&mut tx, org_id).await?;
    tx.commit().await?;
    Ok(of(hub, integration, &given))
}

/// Lets an organization connect an integration.
///
/// # Errors
/// It is not in its plan.
pub(crate) async fn require(conn: &mut Conn, hub: &Hub, org_id: &OrgId, key: &str) -> Result<()> {
    if !hub.settings.plans.is_gated(key) || store::integrations(conn, org_id).await?.iter().any(|given| given == key) {
        return Ok(());
    }
    let name = catalogue::find(key).map_or(key, |integration| integration.name);
    Err(Error::conflict(
        "integration_not_in_plan",
        format!("{name} is not in your organization's plan. Ask whoever runs this installation for it."),
    ))
}

fn of(hub: &Hub, integration: &Integration, given: &[String]) -> OrgIntegration {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let (stage, until) = match integration.stage {
        Stage::Preview => ("preview", None),
        Stage::Beta => ("beta", None),
        Stage::General => ("general", None),
        Stage::Deprecated(until) => ("deprecated", Some(until)),
    };
    let is_gated = hub.settings.plans.is_gated(integration.key);
    OrgIntegration {
        key: integration.key.to_owned(),
        name: integration.name.to_owned(),
        line: integration.line.to_owned(),
        category: integration.category,
        maker: integration.maker.to_owned(),
        stage: stage.to_owned(),
        deprecated_until: until.map(str::to_owned),
        reads: words(integration.reads),
        writes: words(integration.writes),
        is_gated,
        is_included: !is_gated || given.iter().any(|key| key == integration.key),
    }
}
