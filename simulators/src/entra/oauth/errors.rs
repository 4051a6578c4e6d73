//! Errors of the token endpoint, by the numbers that Entra ID gives them (`AADSTS70008`).

use serde_json::json;

use crate::entra::graph::Refusal;
use crate::entra::state::{State, entra_moment, guid};

/// An error: its number, the status, the code of the standard, what Entra ID adds to the code, its words.
struct Known(u32, u16, &'static str, Option<&'static str>, &'static str);

const GRANT: &str = "invalid_grant";
const REQUEST: &str = "invalid_request";

/// All that are given here, or by a fault.
#[rustfmt::skip]
static KNOWN: [Known; 25] = [
    Known(50020, 400, GRANT, None, "User account from identity provider does not exist in tenant and cannot access the application."),
    Known(50057, 400, GRANT, None, "The user account is disabled."),
    Known(50059, 400, REQUEST, None, "No tenant-identifying information found in either the request or implied by any provided credentials."),
    Known(50076, 400, "interaction_required", Some("basic_action"), "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the resource."),
    Known(50173, 400, GRANT, Some("bad_token"), "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password."),
    Known(53003, 400, GRANT, Some("message_only"), "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance."),
    Known(54005, 400, GRANT, None, "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token."),
    Known(65001, 400, GRANT, Some("consent_required"), "The user or administrator has not consented to use the application. Send an interactive authorization request for this user and resource."),
    Known(70000, 400, GRANT, None, "The provided authorization code or refresh token is malformed or invalid."),
    Known(70003, 400, "unsupported_grant_type", None, "The app requested an unsupported grant type."),
    Known(70008, 400, GRANT, None, "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource."),
    Known(70011, 400, "invalid_scope", None, "The provided value for the input parameter 'scope' isn't valid."),
    Known(90002, 400, REQUEST, None, "Tenant not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud."),
    Known(90033, 503, "temporarily_unavailable", None, "A transient error has occurred. Please try again."),
    Known(500112, 400, GRANT, None, "The reply address does not match the reply address provided when requesting Authorization code."),
    Known(501481, 400, GRANT, None, "The Code_Verifier does not match the code_challenge supplied in the authorization request."),
    Known(700005, 400, GRANT, None, "The provided authorization code is intended to use against other tenant, thus rejected."),
    Known(700016, 400, "unauthorized_client", None, "Application was not found in the directory. You may have sent your authentication request to the wrong tenant."),
    Known(700082, 400, GRANT, None, "The refresh token has expired due to inactivity. The token was inactive for 90.00:00:00."),
    Known(900144, 400, REQUEST, None, "The request body must contain all required parameters."),
    Known(1002012, 400, "invalid_scope", None, "Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI)."),
    Known(7000112, 400, "unauthorized_client", None, "Application is disabled."),
    Known(7000215, 401, "invalid_client", None, "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID."),
    Known(7000222, 401, "invalid_client", None, "The provided client secret keys for the app are expired. Create new keys for your app."),
    Known(7000229, 401, "unauthorized_client", None, "The client application is missing service principal in the tenant. Ask an administrator to consent to it."),
];

impl State {
    /// The error with this number; `words` say more than it does by itself. A number that is not known is an invalid
    /// request.
    pub(crate) fn aadsts(&mut self, number: u32, words: &str) -> Refusal {
        let found = KNOWN.iter().find(|known| known.0 == number);
        let (status, code, suberror, usual) =
            found.map_or((400, REQUEST, None, "An error."), |known| (known.1, known.2, known.3, known.4));
        let words = if words.is_empty() { usual } else { words };
        let (trace, correlation) = (guid(&mut self.ids), guid(&mut self.ids));
        let at = entra_moment(self.now_ms());
        let mut body = json!({
            "error": code,
            "error_description":
                format!("AADSTS{number}: {words} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {at}"),
            "error_codes": [number],
            "timestamp": at,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": format!("{}/error?code={number}", self.base_url),
        });
        if let Some(suberror) = suberror {
            body["suberror"] = suberror.into();
        }
        Refusal { status, error: format!("{code} {number}"), body }
    }
}
