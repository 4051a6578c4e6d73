//! The Teams app of this installation, to be uploaded in Teams: a manifest and two icons in a zip file. It has one
//! personal tab, which shows a page of the dashboard; whoever opens it signs in to the installation there.
//!
//! The manifest keeps to Microsoft's schema in version 1.16 ("App manifest schema for Teams", learn.microsoft.com).
//! Teams shows tabs in a frame of its own pages, [`FRAMES`], which must be let frame the page.

use http::Uri;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{archive, icon};

/// The path of the page in the tab.
pub const PAGE: &str = "/teams/alerts";
/// Who may frame that page: Teams in browsers, on desktops and on phones ("Prerequisites for creating Teams tabs",
/// learn.microsoft.com).
pub const FRAMES: &str = "https://teams.microsoft.com https://*.teams.microsoft.com https://*.cloud.microsoft";

/// The version of the manifest's schema.
const SCHEMA: &str = "1.16";
/// The version of the app: it must grow when anything below changes, or Teams does not take the newer package.
const VERSION: &str = "1.0.0";
/// What the app and whoever offers it are called.
const NAME: &str = "Patchbay";

/// Why there is no app: Teams shows only pages that come by https, of a host with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Teams only shows pages that come by https; the address of this installation does not begin with https://")]
pub struct NotHttps;

/// The app of the installation at this URL, as a zip file: the same bytes each time.
///
/// # Errors
/// [`NotHttps`].
pub fn build(base_url: &str) -> Result<Vec<u8>, NotHttps> {
    let manifest = format!("{:#}\n", manifest(base_url)?);
    let (colour, outline) = (icon::colour(), icon::outline());
    let files = [("manifest.json", manifest.as_bytes()), ("color.png", &colour), ("outline.png", &outline)];
    Ok(archive::pack(&files))
}

/// The manifest.
fn manifest(base_url: &str) -> Result<Value, NotHttps> {
    let base = base_url.trim_end_matches('/');
    let uri: Uri = base.parse().map_err(|_| NotHttps)?;
    let authority = uri.authority().filter(|_| uri.scheme_str() == Some("https")).ok_or(NotHttps)?;
    let tab = format!("{base}{PAGE}");
    let schemas = "https://developer.microsoft.com/en-us/json-schemas/teams";
    let full = format!(
        "Shows the open alerts of {NAME} at {authority} in Teams. Sign in there with the account you have at {authority}."
    );
    Ok(json!({
        "$schema": format!("{schemas}/v{SCHEMA}/MicrosoftTeams.schema.json"),
        "manifestVersion": SCHEMA,
        "version": VERSION,
        "id": id(base),
        "developer": { "name": NAME, "websiteUrl": base, "privacyUrl": base, "termsOfUseUrl": base },
        "name": { "short": NAME, "full": format!("{NAME} at {}", authority.host()).chars().take(100).collect::<String>() },
        "description": {
            "short": "What needs attention in your integrations.",
            "full": full,
        },
        "icons": { "color": "color.png", "outline": "outline.png" },
        "accentColor": "#1c1a17",
        "staticTabs": [{
            "entityId": "alerts",
            "name": "Alerts",
            "contentUrl": tab,
            "websiteUrl": format!("{base}/alerts"),
            "scopes": ["personal"],
        }],
        "validDomains": [authority.as_str()],
    }))
}

/// The id of the app: a GUID that follows from the address, so that a newer package takes the place of an older one
/// (RFC 9562, version 8).
fn id(base: &str) -> String {
    let mut bytes: [u8; 16] = [0; 16];
    bytes.copy_from_slice(&Sha256::digest(format!("teams app of {base}"))[..16]);
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "https://hub.example:8443/";

    #[test]
    fn the_package_holds_a_manifest_and_two_icons_and_is_the_same_each_time() {
        let package = build(HERE).expect("a package");
        assert_eq!(package, build(HERE).expect("a package"));
        assert!(package.len() < 32 * 1024, "{}", package.len());
        let files = archive::unpack(&package);
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["manifest.json", "color.png", "outline.png"]);
        let read: Value = serde_json::from_slice(&files[0].1).expect("JSON");
        assert_eq!(read, manifest(HERE).expect("a manifest"));
        assert_eq!((&files[1].1, &files[2].1), (&icon::colour(), &icon::outline()));
    }

    #[test]
    fn the_manifest_keeps_the_limits_of_its_schema() {
        let found = manifest(&format!("https://{}.example", "a".repeat(63))).expect("a manifest");
        let text = |pointer: &str| found.pointer(pointer).and_then(Value::as_str).expect(pointer).to_owned();
        for (pointer, longest) in [
            ("/name/short", 30),
            ("/name/full", 100),
            ("/developer/name", 32),
            ("/description/short", 80),
            ("/description/full", 4000),
            ("/staticTabs/0/name", 128),
        ] {
            assert!((1..=longest).contains(&text(pointer).chars().count()), "{pointer}");
        }
        for url in ["/developer/websiteUrl", "/developer/privacyUrl", "/developer/termsOfUseUrl"] {
            assert!(text(url).starts_with("https://"), "{url}");
        }
        let here = manifest(HERE).expect("a manifest");
        assert_eq!(here["staticTabs"][0]["contentUrl"], "https://hub.example:8443/teams/alerts");
        assert_eq!(here["validDomains"][0], "hub.example:8443");
    }

    #[test]
    fn an_installation_has_an_id_of_its_own() {
        let id = |base_url: &str| {
            let found = manifest(base_url).expect("a manifest");
            found["id"].as_str().expect("an id").to_owned()
        };
        assert_eq!(id("https://hub.example"), id("https://hub.example/"));
        assert_ne!(id("https://hub.example"), id("https://other.example"));
        let parts: Vec<usize> = id("https://hub.example").split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert_eq!(id("https://hub.example").as_bytes()[14], b'8');
    }

    #[test]
    fn only_what_teams_can_show_is_packed() {
        for base_url in ["http://hub.example", "hub.example", "", "https://"] {
            assert_eq!(build(base_url), Err(NotHttps), "{base_url}");
        }
    }
}
