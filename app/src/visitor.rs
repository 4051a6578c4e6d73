//! Who looks at a page, for the frame around it. Strangers do not come this far: the server's
//! middleware sends them to set-up or sign-in.

use domain::{Caller, Permission, account};

use crate::error::UiError;
use crate::frame::Me;
use crate::session;

/// Who is signed in. When a page is being rendered that is of no use to them, sends them to one that is.
pub async fn welcome() -> Result<Option<Me>, UiError> {
    let visit = session::visit()?;
    let Some(caller) = visit.caller else { return Ok(None) };
    if let Some(better) = session::page_path().as_deref().and_then(|path| better_page(&caller, path)) {
        session::redirect(better);
    }
    let known = account::actions::me(&visit.hub, &caller).await?;
    let alerts = domain::alert::actions::count_unseen(&visit.hub, &caller).await?;
    let installation_alerts = domain::alert::actions::count_unseen_installation(&visit.hub, &caller).await?;
    let org_name = known.org.map(|org| org.name);
    Ok(Some(Me { alerts, installation_alerts, org_name, theme: visit.theme, orgs: known.orgs, caller }))
}

/// Where a signed-in person is sent instead: nobody signs in twice, staff starts at what it may read.
fn better_page(caller: &Caller, path: &str) -> Option<&'static str> {
    match path.split('?').next() {
        Some("/sign-in") => Some("/"),
        Some("/") if caller.org_id.is_none() && caller.operator.is_some() => Some("/operator/orgs"),
        Some("/") if !caller.may(Permission::EndpointsRead) && caller.may(Permission::DeliveriesRead) => {
            Some("/deliveries")
        }
        _ => None,
    }
}
