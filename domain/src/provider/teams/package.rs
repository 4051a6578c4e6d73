//! The Teams app of this installation, to be uploaded in Teams: a manifest and two icons in a zip file. It has one
//! personal tab, which shows a page of the dashboard; whoever opens it signs in to the installation there as anywhere
//! else.
//!
//! The manifest keeps to Microsoft's schema in version 1.16 ("App manifest schema for Teams", learn.microsoft.com).
//! Teams shows tabs in a frame of its own pages: the installation must let these frame it, which is not this module's
//! business.

use http::Uri;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{archive, icon};

/// The version of the manifest's schema.
const SCHEMA: &str = "1.16";
/// The longest short name and the longest name of whoever offers the app, in characters.
const LONGEST_NAME: usize = 30;
const LONGEST_DEVELOPER: usize = 32;

/// What the app is made of.
#[derive(Debug, Clone, Copy)]
pub struct Installation<'a> {
    /// Where the installation is, by https: `https://hub.example`.
    pub base_url: &'a str,
    /// The path of the page in the tab: `/alerts`.
    pub page: &'a str,
    /// What the app is called: at most 30 characters, the rest is cut.
    pub name: &'a str,
    /// Who offers it: at most 32 characters, the rest is cut.
    pub developer: &'a str,
    /// The version of the app, which must grow when anything of it changes: `1.0.0`.
    pub version: &'a str,
}

/// Why there is no app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PackageError {
    /// Teams shows only pages that come by https, of a host with a name.
    #[error("Teams only shows pages that come by https; the address of this installation does not begin with https://")]
    NotHttps,
    /// The page is not one of this installation.
    #[error("the page in the tab must be a path of this installation, such as /alerts")]
    NoPath,
}

/// The app, as a zip file: the same bytes for the same installation.
///
/// # Errors
/// [`PackageError`].
pub fn build(installation: &Installation<'_>) -> Result<Vec<u8>, PackageError> {
    let manifest = format!("{:#}\n", manifest(installation)?);
    let (colour, outline) = (icon::colour(), icon::outline());
    let files = [("manifest.json", manifest.as_bytes()), ("color.png", &colour), ("outline.png", &outline)];
    Ok(archive::pack(&files))
}

/// The manifest.
///
/// # Errors
/// [`PackageError`].
pub fn manifest(installation: &Installation<'_>) -> Result<Value, PackageError> {
    let base = installation.base_url.trim_end_matches('/');
    let uri: Uri = base.parse().map_err(|_| PackageError::NotHttps)?;
    let authority = uri.authority().filter(|_| uri.scheme_str() == Some("https")).ok_or(PackageError::NotHttps)?;
    let is_path = installation.page.starts_with('/') && !installation.page.starts_with("//");
    let tab = format!("{base}{}", installation.page);
    if !is_path || tab.parse::<Uri>().is_err() {
        return Err(PackageError::NoPath);
    }
    let (name, developer) = (cut(installation.name, LONGEST_NAME), cut(installation.developer, LONGEST_DEVELOPER));
    let schemas = "https://developer.microsoft.com/en-us/json-schemas/teams";
    let full = format!(
        "Shows the alerts of {name} at {authority} in Teams. Sign in there with the account you have at {authority}."
    );
    Ok(json!({
        "$schema": format!("{schemas}/v{SCHEMA}/MicrosoftTeams.schema.json"),
        "manifestVersion": SCHEMA,
        "version": installation.version,
        "id": id(base),
        "developer": { "name": developer, "websiteUrl": base, "privacyUrl": base, "termsOfUseUrl": base },
        "name": { "short": name, "full": name },
        "description": {
            "short": "What needs attention in your integrations.",
            "full": full,
        },
        "icons": { "color": "color.png", "outline": "outline.png" },
        "accentColor": "#1c1a17",
        "staticTabs": [{
            "entityId": "notifications",
            "name": "Notifications",
            "contentUrl": tab,
            "websiteUrl": tab,
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

fn cut(text: &str, longest: usize) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(longest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Installation<'static> = Installation {
        base_url: "https://hub.example:8443/",
        page: "/alerts",
        name: "Patchbay",
        developer: "Acme",
        version: "1.0.0",
    };

    #[test]
    fn the_package_holds_a_manifest_and_two_icons_and_is_the_same_each_time() {
        let package = build(&HERE).expect("a package");
        assert_eq!(package, build(&HERE).expect("a package"));
        assert!(package.len() < 32 * 1024, "{}", package.len());
        let files = archive::unpack(&package);
        let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["manifest.json", "color.png", "outline.png"]);
        let read: Value = serde_json::from_slice(&files[0].1).expect("JSON");
        assert_eq!(read, manifest(&HERE).expect("a manifest"));
        assert_eq!((&files[1].1, &files[2].1), (&icon::colour(), &icon::outline()));
    }

    #[test]
    fn the_manifest_keeps_the_limits_of_its_schema() {
        let long = "Patchbay of a very large company with a long name";
        let found = manifest(&Installation { name: long, developer: long, ..HERE }).expect("a manifest");
        let length = |pointer: &str| found.pointer(pointer).and_then(Value::as_str).expect(pointer).chars().count();
        assert_eq!((length("/name/short"), length("/developer/name")), (30, 32));
        assert!(
            length("/description/short") <= 80 && length("/description/full") <= 4_000 && length("/name/full") <= 100
        );
        assert_eq!(found["staticTabs"][0]["contentUrl"], "https://hub.example:8443/alerts");
        assert_eq!(found["validDomains"][0], "hub.example:8443");
        for url in
            ["/developer/websiteUrl", "/developer/privacyUrl", "/developer/termsOfUseUrl", "/staticTabs/0/websiteUrl"]
        {
            assert!(found.pointer(url).and_then(Value::as_str).expect(url).starts_with("https://"), "{url}");
        }
    }

    #[test]
    fn an_installation_has_an_id_of_its_own() {
        let id = |base_url: &str| {
            let found = manifest(&Installation { base_url, ..HERE }).expect("a manifest");
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
            assert_eq!(manifest(&Installation { base_url, ..HERE }), Err(PackageError::NotHttps), "{base_url}");
        }
        for page in ["alerts", "//evil.example/", "", "/a b"] {
            assert_eq!(manifest(&Installation { page, ..HERE }), Err(PackageError::NoPath), "{page}");
        }
    }
}
