//! Who is looking: the [`Visit`] that the server's middleware puts into each request, and what a
//! page or server function may do to the answer (status, cookies, redirects).
//!
//! In the browser only the functions at the end exist, and they do nothing.

#[cfg(feature = "ssr")]
pub use server::*;

#[cfg(feature = "ssr")]
mod server {
    use base64::Engine as _;
    use base64::prelude::{BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD};
    use domain::account::actions::Client;
    use domain::account::{SESSION_MAX_MS, SessionToken};
    use domain::{Caller, Hub};
    use http::request::Parts;
    use http::{HeaderValue, Method, StatusCode, header};
    use leptos::prelude::use_context;
    use leptos::server_fn::ServerFn;
    use leptos_axum::ResponseOptions;
    use serde::Serialize;

    use crate::error::UiError;

    /// The cookie that holds a session's secret.
    pub const SESSION_COOKIE: &str = "patchbay_session";
    /// The cookie that holds the chosen theme.
    pub const THEME_COOKIE: &str = "theme";
    const STEPS_COOKIE: &str = "patchbay_steps";
    const FLASH_COOKIE: &str = "patchbay_flash";
    const FLASH_PLACE: &str = "flash";
    const FLASH_SECONDS: i64 = 60;

    /// The URL paths of the files that a page's head names.
    #[derive(Debug, Clone, Default)]
    pub struct Assets {
        /// The JavaScript that loads the wasm module.
        pub js: String,
        /// The wasm module.
        pub wasm: String,
        /// The style sheet.
        pub css: String,
    }

    /// One request of a browser, as the server's middleware understood it.
    #[derive(Clone)]
    pub struct Visit {
        /// The program's shared state.
        pub hub: Hub,
        /// Who is signed in, if anybody.
        pub caller: Option<Caller>,
        /// The browser's address and name.
        pub client: Client,
        /// The id that the logs know this request by.
        pub request_id: String,
        /// Whether cookies are marked `Secure` (the base URL is https).
        pub secure_cookies: bool,
        /// The nonce of this answer's Content-Security-Policy.
        pub nonce: String,
        /// `light`, `dark`, or empty for the system's choice.
        pub theme: String,
        /// Where the browser's files are.
        pub assets: Assets,
    }

    /// The visit that this code runs for.
    ///
    /// # Errors
    /// There is no request (the route table is being listed), or the middleware is missing.
    pub fn visit() -> Result<Visit, UiError> {
        use_context::<Parts>()
            .and_then(|parts| parts.extensions.get::<Visit>().cloned())
            .ok_or_else(|| UiError::plain(500, "internal", "There is no visit for this request."))
    }

    /// The fields of a form that was sent to a page itself; put into the request by the server.
    #[derive(Debug, Clone)]
    pub struct Posted(pub String);

    /// What was posted to the page that is being rendered, with the arguments of the server function that the form
    /// goes to with scripts.
    #[must_use]
    pub fn posted<S: serde::de::DeserializeOwned>() -> Option<S> {
        let parts = use_context::<Parts>()?;
        let Posted(fields) = parts.extensions.get()?;
        // As server functions read their forms: brackets may be encoded.
        serde_qs::Config::new(5, false).deserialize_str(fields).ok()
    }

    /// Runs a server function for the page that is being rendered.
    pub async fn call<S>(input: S) -> Result<String, UiError>
    where
        S: ServerFn<Error = UiError>,
        S::Output: Serialize,
    {
        let output = input.run_body().await?;
        serde_json::to_string(&output).map_err(|error| UiError::from(domain::Error::internal(error)))
    }

    /// The program's state and who is signed in.
    ///
    /// # Errors
    /// Nobody is signed in (401).
    pub fn caller() -> Result<(Hub, Caller), UiError> {
        let visit = visit()?;
        match visit.caller {
            Some(caller) => Ok((visit.hub, caller)),
            None => {
                set_status(401);
                Err(UiError::plain(401, "unauthenticated", "You are signed out. Sign in and try again."))
            }
        }
    }

    /// The id of this request; empty outside of one.
    #[must_use]
    pub fn request_id() -> String {
        visit().map(|visit| visit.request_id).unwrap_or_default()
    }

    /// Gives the browser the secret of a session just made.
    pub fn sign_in_cookie(token: &SessionToken) {
        set_cookie(SESSION_COOKIE, &token.0, SESSION_MAX_MS / 1000);
    }

    /// Takes the secret of the session from the browser.
    pub fn sign_out_cookie() {
        set_cookie(SESSION_COOKIE, "", 0);
    }

    /// Remembers the theme; anything but `light` and `dark` forgets it.
    pub fn theme_cookie(theme: &str) {
        match theme {
            "light" | "dark" => set_cookie(THEME_COOKIE, theme, 400 * 24 * 3600),
            _ => set_cookie(THEME_COOKIE, "", 0),
        }
    }

    /// Hides the first steps in this browser, or shows them again.
    pub fn steps_cookie(skip: bool) {
        set_cookie(STEPS_COOKIE, if skip { "skip" } else { "" }, if skip { 400 * 24 * 3600 } else { 0 });
    }

    /// Whether the first steps are hidden in this browser.
    #[must_use]
    pub fn steps_skipped() -> bool {
        cookie(STEPS_COOKIE).as_deref() == Some("skip")
    }

    /// Keeps a text for the next page of this browser, sealed as the organization's if somebody acts in one, for a minute: how things
    /// that are shown once (a key, a secret, a link) survive the redirect after a form without JavaScript.
    pub fn flash_put(visit: &Visit, text: &str) {
        let until = visit.hub.now().seconds() + FLASH_SECONDS;
        let text = format!("{until} {text}");
        let org_id = visit.caller.as_ref().and_then(|caller| caller.org_id.as_ref());
        let sealed = match org_id.map(|org_id| visit.hub.seal(org_id, FLASH_PLACE, text.as_bytes())) {
            None => visit.hub.seal_own(FLASH_PLACE, text.as_bytes()),
            Some(Ok(sealed)) => sealed,
            Some(Err(error)) => return log_internal(&error),
        };
        set_cookie(FLASH_COOKIE, &BASE64_URL_SAFE_NO_PAD.encode(sealed), FLASH_SECONDS);
    }

    /// The text kept for this page, which is forgotten with this answer.
    #[must_use]
    pub fn flash_take(visit: &Visit) -> Option<String> {
        let cookie = cookie(FLASH_COOKIE).filter(|value| !value.is_empty())?;
        set_cookie(FLASH_COOKIE, "", 0);
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(cookie).ok()?;
        let plain = visit.hub.open_sealed(FLASH_PLACE, &sealed).ok()?;
        let (until, text) = std::str::from_utf8(&plain).ok()?.split_once(' ')?;
        (until.parse::<i64>().ok()? >= visit.hub.now().seconds()).then(|| text.to_owned())
    }

    /// `next` if it is a path of this site, else the home page. What else comes in a link (another
    /// host, a scheme, bytes that no header may hold) is not followed.
    #[must_use]
    pub fn local_path(next: &str) -> &str {
        let mut rest = next.chars();
        let local = rest.next() == Some('/') && !matches!(rest.next(), Some('/' | '\\'));
        if local && next.bytes().all(|byte| byte.is_ascii_graphic()) { next } else { "/" }
    }

    /// Sends the browser to a path of this site.
    pub fn redirect(path: &str) {
        leptos_axum::redirect(local_path(path));
    }

    /// The path and query of the page that is being rendered; none in a server function's own request.
    #[must_use]
    pub fn page_path() -> Option<String> {
        let parts = use_context::<Parts>()?;
        let page = parts.method == Method::GET && !parts.uri.path().starts_with("/fn/");
        page.then(|| parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string))
    }

    /// Sets the status of the answer. A plain form's answer stays the redirect back to the form: the
    /// error travels in its URL.
    pub fn set_status(status: u16) {
        let options = use_context::<ResponseOptions>().filter(|options| !is_redirect(options));
        if let (false, Some(options), Ok(status)) = (is_plain_form(), options, StatusCode::from_u16(status)) {
            options.set_status(status);
        }
    }

    /// Whether this is a form that the browser posted to a server function itself, without scripts.
    #[must_use]
    pub fn is_plain_form() -> bool {
        use_context::<Parts>().is_some_and(|parts| {
            let html = parts
                .headers
                .get(header::ACCEPT)
                .is_some_and(|accept| accept.to_str().is_ok_and(|accept| accept.contains("text/html")));
            parts.method == Method::POST && html && parts.uri.path().starts_with("/fn/")
        })
    }

    /// Whether the answer already sends the browser elsewhere, because nobody is signed in.
    fn is_redirect(options: &ResponseOptions) -> bool {
        options.0.read().is_ok_and(|parts| parts.headers.contains_key(header::LOCATION))
    }

    /// The bytes behind a text in base64, as addresses have it.
    #[must_use]
    pub fn decode_base64(text: &str) -> Option<Vec<u8>> {
        BASE64_URL_SAFE.decode(text).ok()
    }

    /// Logs a fault of ours, once, at this door.
    pub fn log_internal(error: &domain::Error) {
        if let domain::Error::Internal(source) = error {
            tracing::error!(request_id = request_id(), error = %source, "a page or server function failed");
        }
    }

    fn cookie(name: &str) -> Option<String> {
        let parts = use_context::<Parts>()?;
        let cookies = parts.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        cookies.flat_map(|line| line.split(';')).find_map(|pair| {
            pair.trim().split_once('=').filter(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
        })
    }

    fn set_cookie(name: &str, value: &str, max_age_s: i64) {
        let secure = if visit().is_ok_and(|visit| visit.secure_cookies) { "; Secure" } else { "" };
        let line = format!("{name}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{secure}");
        if let (Some(options), Ok(line)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&line)) {
            options.append_header(header::SET_COOKIE, line);
        }
    }

    #[cfg(test)]
    mod tests {
        use super::local_path;

        #[test]
        fn only_paths_of_this_site_are_followed() {
            for good in ["/", "/deliveries?status=failed&q=a%20b", "/endpoints/ep_1"] {
                assert_eq!(local_path(good), good);
            }
            for bad in
                ["", "//evil.test", "/\\evil.test", "https://evil.test", "deliveries", "/a\r\nSet-Cookie: x=1", "/é"]
            {
                assert_eq!(local_path(bad), "/", "{bad:?}");
            }
        }
    }
}

/// In the browser a server function is asked over HTTP.
#[cfg(not(feature = "ssr"))]
pub fn call<S>(input: S) -> impl Future<Output = Result<String, crate::error::UiError>> + Send
where
    S: leptos::server_fn::ServerFn + serde::Serialize,
{
    let body = serde_qs::to_string(&input).unwrap_or_default();
    send_wrapper::SendWrapper::new(crate::remote::fetch(S::PATH, body))
}

/// In the browser, the browser's own decoder does it: it is there already.
#[cfg(not(feature = "ssr"))]
#[must_use]
pub fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let latin1 = leptos::prelude::window().atob(&text.replace('-', "+").replace('_', "/")).ok()?;
    latin1.chars().map(|byte| u8::try_from(byte).ok()).collect()
}

/// In the browser there is no answer to set a status on.
#[cfg(not(feature = "ssr"))]
pub fn set_status(_status: u16) {}

/// In the browser there is no request.
#[cfg(not(feature = "ssr"))]
#[must_use]
pub fn request_id() -> String {
    String::new()
}

/// In the browser there is no log.
#[cfg(not(feature = "ssr"))]
pub fn log_internal(_error: &domain::Error) {}
