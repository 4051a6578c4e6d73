//! The log as a file: the button that offers it, drawn on the server, and what its links lead to.

use leptos::prelude::*;

use super::direction::Direction;
use crate::components::Icon;

/// Where files come from.
pub const PATH: &str = "/deliveries/export";
/// The names of what is asked for beside the filters.
const DIRECTION: &str = "direction";
const FORMAT: &str = "format";

/// The button and the kinds of file that it offers; `search` are the filters as they stand in the log's own address.
pub fn offer(direction: Direction, search: &str) -> AnyView {
    let link = |format: &str, name: &'static str, text: &'static str| {
        let and = if search.is_empty() { "" } else { "&" };
        let href = format!("{PATH}?{DIRECTION}={}&{FORMAT}={format}{and}{search}", direction.word());
        view! {
            <li>
                <a class="btn w-full justify-start!" href=href rel="external" download="">{name}<span class="faint">{text}</span></a>
            </li>
        }
        .into_any()
    };
    view! {
        <button type="button" class="btn small self-center" popovertarget="log-export"><Icon name="download"/>"Export"</button>
        <div id="log-export" popover="auto" class="dialog" role="dialog" aria-labelledby="log-export-title">
            <div class="stack p-[18px]">
                <h2 id="log-export-title">"Export the log"</h2>
                <p class="muted">"Everything that the filters match, newest first. It is noted in the audit log."</p>
                <ul class="stack gap-2!">{link("csv", "CSV", "for spreadsheets")}{link("ndjson", "NDJSON", "a JSON object on each line")}</ul>
                <div class="row justify-end">
                    <button type="button" class="btn" popovertarget="log-export" popovertargetaction="hide">"Close"</button>
                </div>
            </div>
        </div>
    }
    .into_any()
}

/// Begins the export that an address asks for; `search` is the part of it behind the question mark.
///
/// # Errors
/// Forbidden; there is no such direction or kind of file; a wrong filter, by name.
#[cfg(feature = "ssr")]
pub async fn begin(
    hub: &domain::Hub,
    caller: &domain::Caller,
    search: &str,
) -> domain::Result<domain::source::export::LogExport> {
    use domain::delivery::address::decode;
    use domain::source::export::{self, ExportFormat};

    use super::inbound_query::Asked;
    let (mut direction, mut format, mut filters) = (Direction::Outbound, ExportFormat::Csv, Vec::new());
    for pair in search.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decode(value);
        match name {
            DIRECTION => {
                let none = || domain::Error::invalid(DIRECTION, "is \"outbound\", \"inbound\" or \"both\".");
                direction = Direction::named(&value).ok_or_else(none)?;
            }
            FORMAT => format = value.parse().map_err(|error| domain::Error::invalid(FORMAT, format!("{error}.")))?,
            // A file has no pages.
            "cursor" | "limit" => {}
            _ => filters.push(pair),
        }
    }
    let filters = filters.join("&");
    match direction {
        Direction::Outbound => export::deliveries(hub, caller, &super::url::read(&filters), format).await,
        Direction::Inbound => {
            export::requests(hub, caller, &Asked::read(direction, &filters).request_query()?, format).await
        }
        Direction::Both => export::entries(hub, caller, &Asked::read(direction, &filters).entry_query(), format).await,
    }
}

#[cfg(test)]
mod tests {
    use super::super::drawn::html;
    use super::*;

    #[test]
    fn links_keep_the_filters() {
        let drawn = html(offer(Direction::Both, "status=failed&since=24h")).replace("&amp;", "&");
        for format in ["csv", "ndjson"] {
            let href = format!("\"/deliveries/export?direction=both&format={format}&status=failed&since=24h\"");
            assert!(drawn.contains(&href), "{drawn}");
        }
        assert!(html(offer(Direction::Outbound, "")).contains("format=csv\""));
    }
}
