//! The tabs that the pages of one endpoint share, whichever part they belong to.

use leptos::prelude::*;

/// Each tab: its word, its word on a phone, and the end of its path.
const TABS: [(&str, &str, &str); 6] = [
    ("Overview", "Overview", ""),
    ("Settings", "Settings", "/edit"),
    ("Filter and transformation", "Filter", "/filter"),
    ("Security", "Security", "/security"),
    ("Delivery rules", "Rules", "/rules"),
    ("History", "History", "/history"),
];

/// Links to the pages of an endpoint; `on` is the end of the path of the one shown. Plain HTML, so that it weighs next
/// to nothing in the parts that have it.
pub fn endpoint_tabs(id: &str, on: &str) -> AnyView {
    view! { <nav class="tabs mb-4 max-md:gap-2.5! max-md:text-[13px]" aria-label="Endpoint" inner_html=links(id, on)></nav> }
        .into_any()
}

/// `id` is that of an endpoint, which needs no escaping.
fn links(id: &str, on: &str) -> String {
    let mut html = String::new();
    for (word, short, end) in TABS {
        let current = if end == on { "\" aria-current=\"page" } else { "" };
        let words = if word == short {
            word.to_owned()
        } else {
            ["<span class=\"hide-s\">", word, "</span><span class=\"md:hidden\">", short, "</span>"].concat()
        };
        html.push_str(&["<a href=\"/endpoints/", id, end, current, "\">", &words, "</a>"].concat());
    }
    html
}

#[cfg(test)]
mod tests {
    use super::links;

    #[test]
    fn the_page_that_is_shown_is_marked_and_all_are_linked() {
        let html = links("ep_1", "/rules");
        assert_eq!(html.matches("<a href=\"/endpoints/ep_1").count(), 6);
        assert_eq!(html.matches("aria-current").count(), 1);
        assert!(html.contains("<a href=\"/endpoints/ep_1/rules\" aria-current=\"page\">"), "{html}");
    }
}
