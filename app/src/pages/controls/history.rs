//! The versions of an endpoint as a table. Drawn on the server.

use domain::Timestamp;
use leptos::prelude::*;

use crate::components::{Empty, relative};

/// One version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// 1 for the first.
    pub number: i64,
    /// When the change was made.
    pub at: Timestamp,
    /// Who made it.
    pub who: String,
    /// The fields that changed.
    pub fields: Vec<String>,
}

/// Draws the versions, newest first.
#[must_use]
pub fn draw(versions: &[Version], now: Timestamp) -> String {
    if versions.is_empty() {
        return view! { <Empty title="Nothing is recorded yet" text="Each change of what is delivered, where and how appears here."/> }.to_html();
    }
    let rows: Vec<_> = versions.iter().enumerate().map(|(index, version)| row(version, index == 0, now)).collect();
    view! {
        <div class="scroll">
            <table>
                <thead><tr><th scope="col">"Version"</th><th scope="col">"What changed"</th><th scope="col" class="hide-s">"Who"</th><th scope="col" class="r">"When"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .to_html()
}

fn row(version: &Version, newest: bool, now: Timestamp) -> AnyView {
    let fields: Vec<_> =
        version.fields.iter().map(|field| view! { <span class="chip">{word(field)}</span> }.into_any()).collect();
    let what = match (version.fields.is_empty(), version.number) {
        (true, 1) => view! { <span class="muted">"Created"</span> }.into_any(),
        (true, _) => view! { <span class="muted">"–"</span> }.into_any(),
        _ => view! { <span class="row wrap gap-1.5!">{fields}</span> }.into_any(),
    };
    let exact = version.at.rfc3339();
    let current = newest.then(|| view! { <span class="badge ok ml-2 hide-s">"in use"</span> });
    view! {
        <tr id=format!("v{}", version.number) class="target:bg-accent-soft">
            <td class="whitespace-nowrap align-top py-2!"><span class="mono">{version.number}</span>{current}</td>
            <td class="w-full whitespace-normal! align-top py-2!">{what}<span class="faint md:hidden block mt-1 break-words">{version.who.clone()}</span></td>
            <td class="hide-s align-top py-2!">{version.who.clone()}</td>
            <td class="r muted align-top py-2!"><time datetime=exact.clone() title=exact>{relative(now, version.at)}</time></td>
        </tr>
    }
    .into_any()
}

/// A field in words; what is new here is shown by its name.
#[must_use]
pub fn word(field: &str) -> String {
    match field {
        "name" => "Name",
        "url" => "URL",
        "event_types" => "Event types",
        "timeout_ms" => "Timeout",
        "retry" => "Retry schedule",
        "rate_limit_per_minute" => "Rate limit",
        "headers" => "Custom headers",
        "auth" => "Authentication",
        "concurrency_limit" => "Concurrency limit",
        "status_rules" => "Status rules",
        "channels" => "Channels",
        "filter" => "Filter",
        "transformation" => "Transformation",
        "signing_schemes" => "Signing schemes",
        "delivery" => "Form of delivery",
        other => return other.replace('_', " "),
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(number: i64, fields: &[&str]) -> Version {
        let fields = fields.iter().map(|field| (*field).to_owned()).collect();
        Version { number, at: Timestamp(0), who: "Ada <ada@example.com>".into(), fields }
    }

    #[test]
    fn each_version_says_who_when_and_what() {
        let html = draw(&[version(2, &["filter", "url"]), version(1, &[])], Timestamp(7_200_000));
        for words in [">Filter<", ">URL<", ">Created<", "Ada &lt;ada@", ">2 h<", "id=\"v2\""] {
            assert!(html.contains(words), "{words}: {html}");
        }
        assert_eq!(html.matches("in use").count(), 1, "one version is in use");
        assert!(draw(&[], Timestamp(0)).contains("Nothing is recorded yet"));
    }
}
