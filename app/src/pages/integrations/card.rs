//! A card of the catalogue.

use domain::provider::catalogue::{Integration, Stage};
use leptos::prelude::*;

use super::Integrations;

/// Which cards are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segment {
    All,
    Connected,
    Attention,
}

impl Segment {
    /// The segment that an address names.
    pub fn of(word: &str) -> Self {
        match word {
            "connected" => Self::Connected,
            "attention" => Self::Attention,
            _ => Self::All,
        }
    }
}

/// An integration with what is connected of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    integration: &'static Integration,
    /// Connections, or endpoints for webhooks.
    pub connected: usize,
    /// Connections that somebody must look at.
    pub attention: usize,
}

impl Card {
    pub fn of(integration: &'static Integration, page: &Integrations) -> Self {
        let Some(provider) = integration.provider else {
            return Self { integration, connected: page.endpoints, attention: 0 };
        };
        let own = || page.connections.iter().filter(move |connection| connection.provider == provider);
        Self {
            integration,
            connected: own().count(),
            attention: own()
                .filter(|connection| connection.state.needs_attention() || !connection.missing_scopes.is_empty())
                .count(),
        }
    }

    pub fn is_asked(&self, q: &str, category: &str, segment: Segment) -> bool {
        let q = q.trim().to_lowercase();
        let text = format!("{} {}", self.integration.name, self.integration.line).to_lowercase();
        let is_in = match segment {
            Segment::All => true,
            Segment::Connected => self.connected > 0,
            Segment::Attention => self.attention > 0,
        };
        is_in && text.contains(&q) && (category.is_empty() || self.integration.category.as_str() == category)
    }

    pub fn view(&self) -> AnyView {
        let integration = self.integration;
        let (href, noun) = match integration.provider {
            Some(_) => (format!("/integrations/{}", integration.key), "connection"),
            None => ("/endpoints".to_owned(), "endpoint"),
        };
        let many = |count: usize| if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") };
        let (class, dot, words) = match (self.attention, self.connected, integration.stage) {
            (1.., ..) => (
                "badge warn",
                true,
                format!("{} {} attention", self.attention, if self.attention == 1 { "needs" } else { "need" }),
            ),
            (0, 1.., _) => ("badge ok", true, many(self.connected)),
            (_, _, Stage::Beta) => ("badge info", false, "Beta".to_owned()),
            (_, _, Stage::Preview) => ("badge info", false, "Preview".to_owned()),
            (_, _, Stage::Deprecated(date)) => ("badge warn", false, format!("Deprecated, until {date}")),
            (_, _, Stage::General) => ("badge", false, "Available".to_owned()),
        };
        let action = if self.connected > 0 { "Configure" } else { "Connect" };
        view! {
            <li class="panel pad grid grid-rows-[auto_1fr_auto] gap-3">
                <div class="row gap-3!">
                    <img src=format!("/logos/{}.svg", integration.key) width="40" height="40" alt="" class="rounded-lg border border-line p-1.5 bg-white"/>
                    <div class="min-w-0"><h2 class="ell">{integration.name}</h2><p class="help ell">{integration.category.name()}" · by "{integration.maker}</p></div>
                </div>
                <p class="muted">{integration.line}</p>
                <div class="row spread">
                    <span class=class>{dot.then(|| view! { <span class="dot" aria-hidden="true"></span> })}{words}</span>
                    <a class="btn small" href=href aria-label=format!("{action} {}", integration.name)>{action}</a>
                </div>
            </li>
        }
        .into_any()
    }
}
