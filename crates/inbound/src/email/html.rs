//! HTML of strangers, made safe to be shown. It takes an HTML parser, which is for servers: without the feature `html`,
//! a message has none.

/// What may be shown of HTML; none without the feature.
#[cfg(feature = "html")]
pub(super) fn sanitise(html: &str) -> Option<String> {
    use std::borrow::Cow;
    use std::collections::HashSet;

    /// Of HTML, so many bytes are read; more is not kept anyway.
    const MAX_HTML: usize = 512 * 1024;
    /// Tags that are read. The work grows with the square of their depth, which a stranger chooses.
    const MOST_TAGS: usize = 5000;

    // A picture from elsewhere tells its sender that, when and where the message was read.
    fn without_remote_pictures<'v>(element: &str, attribute: &str, value: &'v str) -> Option<Cow<'v, str>> {
        let remote = element == "img" && attribute == "src" && !value.trim_start().starts_with("cid:");
        (!remote).then(|| value.into())
    }

    let end = html.match_indices('<').nth(MOST_TAGS).map_or(html.len(), |(at, _)| at);
    let html = &html[..html.floor_char_boundary(end.min(MAX_HTML))];
    let mut builder = ammonia::Builder::default();
    builder.url_schemes(HashSet::from(["http", "https", "mailto", "tel", "cid"]));
    builder.attribute_filter(without_remote_pictures);
    Some(builder.clean(html).to_string())
}

/// What may be shown of HTML; none without the feature.
#[cfg(not(feature = "html"))]
pub(super) fn sanitise(_: &str) -> Option<String> {
    None
}

#[cfg(all(test, feature = "html"))]
mod tests {
    use super::sanitise;

    #[test]
    fn only_what_is_harmless_remains() {
        for (html, kept) in [
            ("<p>Thanks!</p>", "<p>Thanks!</p>"),
            ("<p onclick=\"x()\">a<script>alert(1)</script></p>", "<p>a</p>"),
            ("<a href=\"javascript:x()\">a</a>", "<a rel=\"noopener noreferrer\">a</a>"),
            ("<img src=\"https://x/pixel.gif\" alt=\"a\">", "<img alt=\"a\">"),
            ("<img src=\"cid:ii_1\">", "<img src=\"cid:ii_1\">"),
            ("<style>p{}</style><form action=\"/\"><input></form>b", "b"),
            ("<svg><style><img src=x onerror=alert(1)></style></svg>", "<img>"),
        ] {
            assert_eq!(sanitise(html).as_deref(), Some(kept), "{html}");
        }
    }

    #[test]
    fn deep_nesting_does_no_harm() {
        for tag in ["<div>", "<b>", "<table><td>", "<svg>", "<a href=x>"] {
            assert!(sanitise(&tag.repeat(50_000)).is_some());
        }
    }
}
