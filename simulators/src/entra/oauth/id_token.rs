//! The id token: who signed in, and in which tenant. Signed with the client secret (HS256); the real one is signed with
//! a key of Microsoft's (RS256), which whoever gets it straight from the token endpoint need not check (OpenID Connect
//! Core, 3.1.3.7).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use sha2::Sha256;

use crate::entra::state::{Person, State, Tenant};

/// An id token of a person, good for an hour. Who it is, is told with the scope `profile` alone.
pub(super) fn write(
    state: &State,
    (tenant, person): (&Tenant, &Person),
    asked: &[String],
    nonce: Option<&str>,
) -> String {
    let now = state.clock.now_s();
    let mut claims = json!({
        "aud": state.app.client_id,
        "iss": format!("{}/{}/v2.0", state.base_url, tenant.id),
        "iat": now,
        "nbf": now,
        "exp": now + 3600,
        "sub": format!("sub-{}", person.id),
        "tid": tenant.id,
        "ver": "2.0",
    });
    if asked.iter().any(|scope| scope == "profile") {
        claims["name"] = person.name.as_str().into();
        claims["oid"] = person.id.as_str().into();
        claims["preferred_username"] = person.principal.as_str().into();
    }
    if let Some(nonce) = nonce {
        claims["nonce"] = nonce.into();
    }
    let encode = |text: String| URL_SAFE_NO_PAD.encode(text);
    let signed =
        format!("{}.{}", encode(json!({ "typ": "JWT", "alg": "HS256" }).to_string()), encode(claims.to_string()));
    let mut mac = Hmac::<Sha256>::new_from_slice(state.app.client_secret.as_bytes()).expect("a key of any length");
    mac.update(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}
