//! The browser's files: wasm, script, styles, fonts, and whatever lies in `public/`.
//!
//! A release carries them inside the executable, put there by `build.rs`. A development build reads
//! the folder `PATCHBAY_SITE_DIR` (`target/site` unless set) once, at the first request. Either way
//! a file whose name holds its content's hash may be kept for ever, every other one is asked for
//! again with its ETag. Which files exist is said by the packed site's manifest, nothing else is
//! ever read.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};

/// One file as `build.rs` writes it into the program.
struct Embedded {
    logical: &'static str,
    url: &'static str,
    hash: &'static str,
    immutable: bool,
    plain: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

static EMBEDDED: &[Embedded] = include!(concat!(env!("OUT_DIR"), "/site.rs"));

/// One file as it is served.
#[derive(Debug)]
struct Asset {
    content_type: &'static str,
    hash: String,
    immutable: bool,
    plain: Bytes,
    brotli: Option<Bytes>,
    gzip: Option<Bytes>,
}

/// Every file by its URL path, and the URL path of every file by its plain name.
#[derive(Debug, Default)]
struct Site {
    files: HashMap<String, Asset>,
    urls: HashMap<String, String>,
}

/// The URL paths that a page's head names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AssetNames {
    /// The JavaScript that loads the wasm module.
    pub js: &'static str,
    /// The wasm module.
    pub wasm: &'static str,
    /// The style sheet.
    pub css: &'static str,
}

/// The current script and module of a part of the pages, and the style sheet. A development build has one module
/// for all parts.
pub fn names(part: &str) -> AssetNames {
    let of_part = |extension: &str| url(&format!("/pkg/patchbay-{part}.{extension}"));
    AssetNames {
        js: of_part("js").or_else(|| url("/pkg/patchbay.js")).unwrap_or("/pkg/patchbay.js"),
        wasm: of_part("wasm").or_else(|| url("/pkg/patchbay.wasm")).unwrap_or("/pkg/patchbay.wasm"),
        css: url("/pkg/patchbay.css").unwrap_or("/pkg/patchbay.css"),
    }
}

/// The URL path of a file by the name it has before its hash is added: `/fonts/inter-latin.woff2`.
pub fn url(logical: &str) -> Option<&'static str> {
    site().urls.get(logical).map(String::as_str)
}

/// One route per file; what is not a file is left to the other routes.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    site().files.keys().fold(Router::new(), |router, path| router.route(path, get(serve)))
}

async fn serve(request: Request) -> Response {
    match site().files.get(request.uri().path()) {
        Some(asset) => asset.respond(request.headers()),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

impl Asset {
    fn respond(&self, asked: &HeaderMap) -> Response {
        let (encoding, body) = self.variant(asked);
        let etag = format!("\"{}{}\"", self.hash, encoding.map(|name| format!("-{name}")).unwrap_or_default());
        let known = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        let unchanged = known.flat_map(|list| list.split(',')).any(|tag| {
            let tag = tag.trim();
            tag == "*" || tag.trim_start_matches("W/") == etag
        });
        let mut response = match unchanged {
            true => StatusCode::NOT_MODIFIED.into_response(),
            false => Body::from(body.clone()).into_response(),
        };
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(self.cache_control()));
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        if let Ok(etag) = HeaderValue::from_str(&etag) {
            headers.insert(header::ETAG, etag);
        }
        if let Some(encoding) = encoding.filter(|_| !unchanged) {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    }

    fn cache_control(&self) -> &'static str {
        if self.immutable { "public, max-age=31536000, immutable" } else { "no-cache" }
    }

    /// The smallest form the browser takes.
    fn variant(&self, asked: &HeaderMap) -> (Option<&'static str>, &Bytes) {
        let accepted = asked.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
        match (&self.brotli, &self.gzip) {
            (Some(packed), _) if accepts(accepted, "br") => (Some("br"), packed),
            (_, Some(packed)) if accepts(accepted, "gzip") => (Some("gzip"), packed),
            _ => (None, &self.plain),
        }
    }
}

/// Whether an `Accept-Encoding` names a coding and does not rule it out by `q=0`.
fn accepts(accepted: &str, coding: &str) -> bool {
    accepted.split(',').any(|offer| {
        let mut parts = offer.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
        let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok());
        named && weight.is_none_or(|weight| weight > 0.0)
    })
}

fn site() -> &'static Site {
    static SITE: OnceLock<Site> = OnceLock::new();
    SITE.get_or_init(|| if EMBEDDED.is_empty() { read_folder() } else { Site::embedded() })
}

impl Site {
    fn embedded() -> Self {
        let mut site = Self::default();
        for file in EMBEDDED {
            let asset = Asset {
                content_type: content_type(file.url),
                hash: file.hash.to_owned(),
                immutable: file.immutable,
                plain: Bytes::from_static(file.plain),
                brotli: file.brotli.map(Bytes::from_static),
                gzip: file.gzip.map(Bytes::from_static),
            };
            site.add(file.logical, file.url, asset);
        }
        site
    }

    /// Reads a packed site; a file that the manifest names must be there.
    fn from_folder(folder: &Path) -> std::io::Result<Self> {
        let mut site = Self::default();
        for line in std::fs::read_to_string(folder.join("manifest.tsv"))?.lines() {
            let columns: Vec<&str> = line.split('\t').collect();
            let [logical, url, hash, cache, encodings] = columns[..] else { continue };
            let file = folder.join(url.trim_start_matches('/')).display().to_string();
            let packed = |name: &str| match encodings.split(',').any(|encoding| encoding == name) {
                true => std::fs::read(format!("{file}.{name}")).map(|bytes| Some(Bytes::from(bytes))),
                false => Ok(None),
            };
            let asset = Asset {
                content_type: content_type(url),
                hash: hash.to_owned(),
                immutable: cache == "immutable",
                plain: Bytes::from(std::fs::read(&file)?),
                brotli: packed("br")?,
                gzip: packed("gz")?,
            };
            site.add(logical, url, asset);
        }
        Ok(site)
    }

    fn add(&mut self, logical: &str, url: &str, asset: Asset) {
        self.urls.insert(logical.to_owned(), url.to_owned());
        self.files.insert(url.to_owned(), asset);
    }
}

fn read_folder() -> Site {
    let folder = PathBuf::from(std::env::var_os("PATCHBAY_SITE_DIR").unwrap_or_else(|| "target/site".into()));
    Site::from_folder(&folder).unwrap_or_else(|error| {
        tracing::warn!(folder = %folder.display(), %error, "no site: pages come without styles and script");
        Site::default()
    })
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("css") => "text/css; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        Some("ico") => "image/x-icon",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("png") => "image/png",
        Some("svg") => "image/svg+xml",
        Some("txt") => "text/plain; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("webmanifest") => "application/manifest+json",
        Some("webp") => "image/webp",
        Some("woff2") => "font/woff2",
        Some("xml") => "application/xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script() -> Asset {
        Asset {
            content_type: content_type("/pkg/patchbay.0123456789abcdef.js"),
            hash: "0123456789abcdef".to_owned(),
            immutable: true,
            plain: Bytes::from_static(b"plain"),
            brotli: Some(Bytes::from_static(b"br")),
            gzip: Some(Bytes::from_static(b"gz")),
        }
    }

    fn asked(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn the_smallest_accepted_form_is_served() {
        let encoding = |accepted| {
            script().respond(&asked(header::ACCEPT_ENCODING, accepted)).headers().get("content-encoding").cloned()
        };
        assert_eq!(encoding("gzip, deflate, br").unwrap(), "br");
        assert_eq!(encoding("gzip;q=0.5, br;q=0").unwrap(), "gzip");
        assert_eq!(encoding("identity"), None);
    }

    #[test]
    fn a_hashed_file_may_be_kept_for_ever() {
        let response = script().respond(&HeaderMap::new());
        assert_eq!(response.headers()["cache-control"], "public, max-age=31536000, immutable");
        assert_eq!(response.headers()["content-type"], "text/javascript; charset=utf-8");
    }

    #[test]
    fn a_known_file_is_not_sent_again() {
        let icon = Asset { immutable: false, brotli: None, gzip: None, ..script() };
        let response = icon.respond(&asked(header::IF_NONE_MATCH, "\"other\", W/\"0123456789abcdef\""));
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(response.headers()["cache-control"], "no-cache");
        assert!(!response.headers().contains_key("content-encoding"));
    }

    #[test]
    fn a_packed_folder_is_served_by_its_manifest_alone() {
        let folder = std::env::temp_dir().join(format!("patchbay-assets-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("pkg")).unwrap();
        std::fs::write(folder.join("pkg/a.1f.js"), "1").unwrap();
        std::fs::write(folder.join("secret.txt"), "2").unwrap();
        std::fs::write(folder.join("manifest.tsv"), "/pkg/a.js\t/pkg/a.1f.js\t1f\timmutable\t-\n").unwrap();
        let site = Site::from_folder(&folder).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(site.urls["/pkg/a.js"], "/pkg/a.1f.js");
        assert_eq!(site.files.keys().collect::<Vec<_>>(), ["/pkg/a.1f.js"]);
    }
}
