//! The address of a site, as people type it.

use http::Uri;

/// Reads the address of a site, or of any page of it: answers its origin, `https://example.atlassian.net`. `simulated` is where a
/// simulated Atlassian is, whose sites are subdomains of `localhost` at the same port.
///
/// # Errors
/// What is wrong with it, as a sentence that follows the field's name.
pub fn origin(text: &str, simulated: Option<&str>) -> Result<String, &'static str> {
    const WRONG: &str = "is not the address of a Jira Cloud site. It is like https://example.atlassian.net.";
    let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let uri: Uri = whole.parse().map_err(|_| WRONG)?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return Err(WRONG) };
    let host = authority.host().to_ascii_lowercase();
    let is_name =
        |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let is_site = host.strip_suffix(".atlassian.net").is_some_and(is_name);
    if scheme == "https" && is_site && authority.as_str().eq_ignore_ascii_case(&host) {
        return Ok(format!("https://{host}"));
    }
    let port = simulated.and_then(|base| base.parse::<Uri>().ok()).and_then(|base| base.port_u16());
    let is_simulated =
        host.strip_suffix(".localhost").is_some_and(is_name) && port.is_some() && authority.port_u16() == port;
    if scheme == "http" && is_simulated && !authority.as_str().contains('@') {
        return Ok(format!("http://{authority}"));
    }
    Err(WRONG)
}

/// Port, host and path of a URL at the site of a simulated Atlassian, which is at `base`; none where the URL is elsewhere.
#[must_use]
pub fn simulated<'u>(url: &'u str, base: &str) -> Option<(u16, &'u str, &'u str)> {
    let (host, path) = url.strip_prefix("http://")?.split_at_checked(url.strip_prefix("http://")?.find('/')?)?;
    let origin = origin(&url[..url.len() - path.len()], Some(base)).ok()?;
    let port = origin.strip_prefix("http://")?.rsplit_once(':')?.1.parse().ok()?;
    Some((port, host, path))
}

#[cfg(test)]
mod tests {
    use super::{origin, simulated};

    #[test]
    fn only_a_site_of_jira_cloud_is_one() {
        for good in [
            "https://example.atlassian.net",
            "https://EXAMPLE.atlassian.net/jira/your-work?x=1",
            "example.atlassian.net",
        ] {
            assert_eq!(origin(good, None).as_deref(), Ok("https://example.atlassian.net"), "{good}");
        }
        for wrong in [
            "",
            "http://example.atlassian.net",
            "https://atlassian.net",
            "https://a.b.atlassian.net",
            "https://example.atlassian.net.evil.example",
            "https://x@example.atlassian.net",
            "https://example.atlassian.net:8443",
            "https://169.254.169.254",
            "http://acme.localhost:4020",
        ] {
            assert!(origin(wrong, None).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_simulated_one_is_taken_where_it_is_and_nowhere_else() {
        let base = Some("http://127.0.0.1:4020");
        assert_eq!(origin("http://acme.localhost:4020/browse/ED-1", base).as_deref(), Ok("http://acme.localhost:4020"));
        for wrong in [
            "http://acme.localhost:4021",
            "http://x@acme.localhost:4020",
            "http://127.0.0.1:4020",
            "http://localhost:4020",
        ] {
            assert!(origin(wrong, base).is_err(), "{wrong}");
        }
        let base = "http://127.0.0.1:4020";
        let place = simulated("http://acme.localhost:4020/rest/api/3/myself?x=1", base);
        assert_eq!(place, Some((4020, "acme.localhost:4020", "/rest/api/3/myself?x=1")));
        for other in [
            "https://example.atlassian.net/rest",
            "http://acme.localhost:4021/x",
            "http://127.0.0.1:4020/x",
            "http://acme.localhost:4020",
        ] {
            assert_eq!(simulated(other, base), None, "{other}");
        }
    }
}
