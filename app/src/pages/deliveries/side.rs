//! What stands around the rows of the log, as the server draws it.

use domain::Timestamp;
use domain::delivery::LogStats;
use domain::delivery::query::LogQuery;
use domain::view::without_page;
use leptos::prelude::*;

use super::calls::Side;
use super::direction::Direction;
use super::drawn::html;
use super::empty::nothing;
use super::export::offer;
use super::facets::facets;
use super::histogram::{histogram, presets};
use super::search_box::chips;
use super::views::{Saved, links, save};

/// Draws it for these filters. Without numbers (a filter that cannot be read) the filters can still be taken off.
#[must_use]
pub fn draw(query: &LogQuery, stats: Option<&LogStats>, saved: &Saved, now: Timestamp, base_url: &str) -> Side {
    let failed = |stats: &LogStats| {
        stats.by_status.iter().find(|status| status.value == "failed").map_or(0, |failed| failed.count)
    };
    Side {
        views: html(links(query, saved)),
        save: html(view! { {save(query, saved)}{offer(Direction::Outbound, &without_page(query))} }.into_any()),
        chips: html(chips(query, stats)),
        presets: html(presets(query)),
        histogram: stats.map(|stats| html(histogram(query, stats, now))).unwrap_or_default(),
        directions: String::new(),
        facets: stats.map(|stats| html(facets(query, stats))).unwrap_or_default(),
        empty: html(nothing(query, stats, now, base_url)),
        failed: stats.map_or(0, failed),
    }
}

#[cfg(test)]
mod tests {
    use domain::delivery::{Bucket, FacetCount};

    use super::super::url;
    use super::*;

    fn count(value: &str, label: Option<&str>, count: i64) -> FacetCount {
        FacetCount { value: value.into(), label: label.map(str::to_owned), count }
    }

    #[test]
    fn the_numbers_are_links_that_filter() {
        let stats = LogStats {
            total: 1204,
            by_status: vec![count("failed", None, 4)],
            by_endpoint: vec![count("ep_1", Some("<Billing>"), 9)],
            histogram: vec![Bucket { at: Timestamp(0), delivered: 1200, waiting: 0, failed: 4 }],
            bucket_ms: 60_000,
            ..LogStats::default()
        };
        let side = draw(&url::read("code=5xx"), Some(&stats), &Saved::default(), Timestamp(61_000), "https://hub.test");
        assert!(
            side.facets.contains("href=\"/deliveries?endpoint=ep_1&amp;code=5xx\"")
                || side.facets.contains("href=\"/deliveries?endpoint=ep_1&code=5xx\""),
            "{}",
            side.facets
        );
        assert!(side.facets.contains("&lt;Billing"));
        assert!(
            side.histogram.contains("1,204") && side.histogram.contains("<rect") && side.histogram.contains("1 min")
        );
        assert!(side.chips.contains("Remove the filter code: 5xx") && side.empty.contains("Without code: 5xx"));
        assert_eq!(side.failed, 4);
    }

    #[test]
    fn an_empty_log_shows_the_first_steps_and_a_wrong_filter_can_be_taken_off() {
        let none = Saved::default();
        let side = draw(&LogQuery::default(), Some(&LogStats::default()), &none, Timestamp(0), "https://hub.test");
        assert!(
            side.empty.contains("https://hub.test/api/v1/events")
                && !side.histogram.contains("<section")
                && !side.facets.contains("<nav")
        );
        let side = draw(&url::read("status=done"), None, &none, Timestamp(0), "");
        assert!(side.chips.contains("Remove the filter status: done"));
    }
}
