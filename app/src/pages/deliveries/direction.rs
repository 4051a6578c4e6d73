//! Which way the log looks: what goes out, what came in, or both. Drawn on the server.

use domain::delivery::address::encode;
use leptos::prelude::*;

use super::text;

/// A direction, each with a page of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Deliveries.
    Outbound,
    /// Requests that came to sources.
    Inbound,
    /// Both in one line of time.
    Both,
}

impl Direction {
    const ALL: [Self; 3] = [Self::Outbound, Self::Inbound, Self::Both];

    /// Where it is shown.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Outbound => "/deliveries",
            Self::Inbound => "/deliveries/inbound",
            Self::Both => "/deliveries/both",
        }
    }

    /// Its name in addresses.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Outbound => "outbound",
            Self::Inbound => "inbound",
            Self::Both => "both",
        }
    }

    /// The one with this name.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|direction| direction.word() == word)
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Outbound => "Outbound",
            Self::Inbound => "Inbound",
            Self::Both => "Both",
        }
    }
}

/// What the three lists call alike, and so keep from one to the other.
#[derive(Debug, Clone, Copy, Default)]
pub struct Shared<'a> {
    /// From when on.
    pub since: Option<&'a str>,
    /// Until when.
    pub until: Option<&'a str>,
    /// Free words.
    pub words: Option<&'a str>,
}

impl Shared<'_> {
    fn href(self, direction: Direction) -> String {
        let pairs = [("since", self.since), ("until", self.until), ("q", self.words)];
        let pairs: Vec<_> =
            pairs.iter().filter_map(|(name, value)| Some(format!("{name}={}", encode((*value)?)))).collect();
        let path = direction.path();
        if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
    }
}

/// The directions as a facet, with what is known of their numbers.
pub fn directions(shown: Direction, shared: Shared<'_>, inbound: Option<i64>, outbound: Option<i64>) -> AnyView {
    let items: Vec<_> = Direction::ALL
        .into_iter()
        .map(|direction| {
            let on = direction == shown;
            let count = match direction {
                Direction::Outbound => outbound,
                Direction::Inbound => inbound,
                Direction::Both => inbound.zip(outbound).map(|(inbound, outbound)| inbound + outbound),
            };
            item(&shared.href(direction), direction.label().to_owned(), count.map(text::count), on)
        })
        .collect();
    view! {
        <nav class="mb-4" aria-label="Direction" data-facets="">
            <h2 class="px-2 pb-1 text-[12px] leading-4 font-semibold text-ink-2">"Direction"</h2>
            <ul>{items}</ul>
        </nav>
    }
    .into_any()
}

/// One value of a facet: a link, marked where it is set.
pub fn item(href: &str, label: String, count: Option<String>, on: bool) -> AnyView {
    let class = if on {
        "flex items-center gap-2 rounded-[6px] px-2 py-[3px] text-[13px] bg-sunken text-ink font-medium"
    } else {
        "flex items-center gap-2 rounded-[6px] px-2 py-[3px] text-[13px] text-ink-2 hover:bg-sunken hover:text-ink"
    };
    view! {
        <li>
            <a href=href.to_owned() class=class aria-current=on.then_some("true")>
                <span class="ell grow">{label}</span>
                <span class="mono faint text-[12px]!">{count}</span>
            </a>
        </li>
    }
    .into_any()
}
