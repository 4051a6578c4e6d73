//! What an endpoint may be changed to: everything that is wrong, at once.

use super::{Auth, EndpointChange, Subscription, check_headers, check_limits, refuse};
use crate::filter::Filter;
use crate::id::OrgId;
use crate::{Detail, Error, Hub, Result};

/// Checks a change (or a new endpoint as one) by itself. Headers and secrets that may be masked are checked once they
/// are put together with what is stored.
///
/// # Errors
/// The fields that are wrong.
pub(super) async fn check_change(hub: &Hub, org_id: &OrgId, change: &EndpointChange) -> Result<()> {
    let mut details = check_limits(change.name.as_deref(), change.timeout_ms, change.rate_limit_per_minute);
    // Whether there has to be one is known once the change is put together with what is stored.
    let bare = change.delivery.is_none_or(|form| form.is_pull());
    let url = change.url.as_deref().map(str::trim).filter(|url| !(bare && url.is_empty()));
    if let Some(Err(error)) = url.map(|url| crate::directory::target(hub, url)) {
        details.push(Detail { field: "url".into(), message: format!("{error}.") });
    }
    let errors = [
        change.event_types.as_deref().and_then(|types| Subscription::parse(types).err()),
        change.retry.as_ref().and_then(|retry| retry.check().err()),
        change.filter.as_ref().and_then(Option::as_ref).and_then(|filter| Filter::from_value(filter).err()),
        match change.transformation.as_ref().and_then(Option::as_deref).filter(|script| !script.trim().is_empty()) {
            Some(script) => crate::transformation::check(hub, org_id, script).await.err(),
            None => None,
        },
    ];
    details.extend(errors.into_iter().flatten().flat_map(|error: Error| error.problem().details));
    if change.description.as_ref().is_some_and(|text| text.chars().count() > 1000) {
        details.push(Detail { field: "description".into(), message: "must have at most 1000 characters.".into() });
    }
    refuse(details)
}

/// Checks the whole set of headers, masks resolved.
pub(super) fn check_all_headers(headers: &std::collections::BTreeMap<String, String>) -> Result<()> {
    refuse(check_headers(headers))
}

/// Checks authentication with its secrets in place.
pub(super) fn check_auth(hub: &Hub, auth: &Auth) -> Result<()> {
    let mut details = auth.check();
    if details.is_empty() {
        match auth {
            Auth::Oauth2 { token_url, .. } => {
                if let Err(error) = hub.http.target(token_url) {
                    details.push(Detail { field: "auth.token_url".into(), message: format!("{error}.") });
                }
            }
            Auth::Mtls { certificate, private_key } => {
                if let Err(error) = guarded_http::ClientCertificate::from_pem(certificate, private_key) {
                    details.push(Detail { field: "auth.certificate".into(), message: format!("{error}.") });
                }
            }
            _ => {}
        }
    }
    refuse(details)
}
