//! A card of the catalogue.

use domain::provider::catalogue::{CATALOGUE, Category, Integration, Stage};
use leptos::prelude::*;

use super::calls::SourceCard;
use super::{Integrations, plan};

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

/// In which order cards stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// As the catalogue has them.
    Featured,
    /// By name.
    Name,
    /// What came last is first; providers of sources, which came together, stand at the end.
    New,
}

impl Sort {
    /// The order that an address names.
    pub fn of(word: &str) -> Self {
        match word {
            "name" => Self::Name,
            "new" => Self::New,
            _ => Self::Featured,
        }
    }

    /// Puts cards in order.
    pub fn apply(self, cards: &mut [&Card]) {
        match self {
            Self::Featured => {}
            Self::Name => cards.sort_by_key(|card| card.name.to_lowercase()),
            Self::New => cards.sort_by_key(|card| std::cmp::Reverse(card.since)),
        }
    }
}

/// An integration with what is connected of it, or a provider with the sources that it posts to.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    name: String,
    line: String,
    category: Category,
    maker: &'static str,
    /// The picture of it, if there is one.
    logo: Option<String>,
    /// What stands in its corner: how far it has come, and whether it is new or featured.
    badge: Option<(&'static str, String)>,
    /// Where it is set up.
    href: String,
    /// What can be connected.
    noun: &'static str,
    /// Connections, endpoints or sources.
    pub connected: usize,
    /// Those that somebody must look at.
    pub attention: usize,
    /// Where people ask for what is not in their organization's plan.
    contact: Option<String>,
    /// The day on which it came, if it is known.
    since: Option<&'static str>,
}

impl Card {
    /// All cards: what the catalogue has, then the providers that post to sources.
    pub fn all(page: &Integrations) -> Vec<Self> {
        let integrations = CATALOGUE.iter().map(|integration| Self::of(integration, page));
        integrations.chain(page.sources.iter().map(Self::of_source)).collect()
    }

    fn of(integration: &'static Integration, page: &Integrations) -> Self {
        let own =
            || page.connections.iter().filter(move |connection| Some(connection.provider) == integration.provider);
        let broken = own().filter(|own| own.state.needs_attention() || !own.missing_scopes.is_empty()).count();
        let (href, noun, connected) = match integration.provider {
            Some(_) => (format!("/integrations/{}", integration.key), "connection", own().count()),
            None => ("/endpoints".to_owned(), "endpoint", page.endpoints),
        };
        Self {
            name: integration.name.to_owned(),
            line: integration.line.to_owned(),
            category: integration.category,
            maker: integration.maker,
            logo: Some(format!("/logos/{}.svg", integration.key)),
            badge: badge(integration, &page.today),
            href,
            noun,
            connected,
            attention: broken,
            contact: plan::contact(page, integration.key),
            since: integration.changes.last().map(|change| change.on),
        }
    }

    fn of_source(source: &SourceCard) -> Self {
        // Of some there is an integration by this name, which posts there.
        let is_both = CATALOGUE.iter().any(|integration| integration.key == source.provider);
        Self {
            name: if is_both { format!("{} as a source", source.name) } else { source.name.clone() },
            line: source.about.clone(),
            category: source.category,
            maker: "Patchbay",
            logo: source.logo.clone(),
            badge: None,
            href: if source.count > 0 { "/sources".into() } else { format!("/sources#add-{}", source.provider) },
            noun: "source",
            connected: source.count,
            attention: source.attention,
            contact: None,
            since: None,
        }
    }

    pub fn is_in(&self, category: Category) -> bool {
        self.category == category
    }

    pub fn is_asked(&self, q: &str, category: &str, segment: Segment) -> bool {
        let q = q.trim().to_lowercase();
        let text = format!("{} {}", self.name, self.line).to_lowercase();
        let is_in = match segment {
            Segment::All => true,
            Segment::Connected => self.connected > 0,
            Segment::Attention => self.attention > 0,
        };
        is_in && text.contains(&q) && (category.is_empty() || self.category.as_str() == category)
    }

    pub fn view(&self) -> AnyView {
        let noun = self.noun;
        let many = |count: usize| if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") };
        let (class, dot, words) = match (self.attention, self.connected) {
            (1.., _) => (
                "badge warn",
                true,
                format!("{} {} attention", self.attention, if self.attention == 1 { "needs" } else { "need" }),
            ),
            (0, 1..) => ("badge ok", true, many(self.connected)),
            _ if self.contact.is_some() => ("badge", false, "Not in your plan".to_owned()),
            _ => ("badge", false, "Available".to_owned()),
        };
        let action = match self.connected {
            0 if self.noun == "source" => "Set up",
            0 => "Connect",
            _ => "Configure",
        };
        let button = match &self.contact {
            Some(url) if self.connected == 0 => plan::button(url, &self.name),
            _ => view! { <a class="btn small" href=self.href.clone() aria-label=format!("{action} {}", self.name)>{action}</a> }.into_any(),
        };
        let logo = match &self.logo {
            Some(src) => view! { <img src=src.clone() width="40" height="40" alt="" class="rounded-lg border border-line p-1.5 bg-white"/> }.into_any(),
            None => view! { <span class="grid place-items-center size-10 shrink-0 rounded-lg border border-line bg-sunken text-lg font-[540] muted" aria-hidden="true">{self.name.chars().next()}</span> }.into_any(),
        };
        view! {
            <li class="panel pad grid grid-rows-[auto_1fr_auto] gap-3">
                <div class="row gap-3!">
                    {logo}
                    <div class="min-w-0 grow"><h2 class="ell">{self.name.clone()}</h2><p class="help ell">{self.category.name()}" · by "{self.maker}</p></div>
                    {self.badge.clone().map(|(class, word)| view! { <span class=class>{word}</span> })}
                </div>
                <p class="muted">{self.line.clone()}</p>
                <div class="row spread">
                    <span class=class>{dot.then(|| view! { <span class="dot" aria-hidden="true"></span> })}{words}</span>
                    {button}
                </div>
            </li>
        }
        .into_any()
    }
}

/// How far an integration has come; of one that has come all the way, whether it is new, or featured.
fn badge(integration: &Integration, today: &str) -> Option<(&'static str, String)> {
    let is_new = integration.new_until.is_some_and(|until| today <= until);
    Some(match integration.stage {
        Stage::Deprecated(until) => ("badge warn", format!("Deprecated, until {until}")),
        Stage::Preview => ("badge info", "Preview".to_owned()),
        Stage::Beta => ("badge info", "Beta".to_owned()),
        Stage::General if is_new => ("badge info", "New".to_owned()),
        Stage::General if integration.is_featured => ("badge", "Featured".to_owned()),
        Stage::General => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_stand_in_the_order_that_is_asked_for() {
        let card = |name: &str, since| Card {
            name: name.to_owned(),
            line: String::new(),
            category: Category::Tools,
            maker: "",
            logo: None,
            badge: None,
            href: String::new(),
            noun: "",
            connected: 0,
            attention: 0,
            contact: None,
            since,
        };
        let all = [card("b", Some("2026-01-01")), card("c", None), card("A", Some("2026-02-01"))];
        for (word, wanted) in [("", "bcA"), ("name", "Abc"), ("new", "Abc"), ("popular", "bcA")] {
            let mut cards: Vec<&Card> = all.iter().collect();
            Sort::of(word).apply(&mut cards);
            assert_eq!(cards.iter().map(|card| card.name.as_str()).collect::<String>(), wanted, "{word}");
        }
    }

    #[test]
    fn a_card_tells_how_far_its_integration_has_come() {
        let on = |stage, new_until, is_featured| Integration { stage, new_until, is_featured, ..CATALOGUE[0] };
        let word = |integration: &Integration| badge(integration, "2026-12-01").map(|(_, word)| word);
        let of = |stage, new_until, is_featured| word(&on(stage, new_until, is_featured));
        assert_eq!(of(Stage::General, None, false), None);
        assert_eq!(of(Stage::General, None, true).as_deref(), Some("Featured"));
        assert_eq!(of(Stage::General, Some("2026-12-01"), true).as_deref(), Some("New"));
        assert_eq!(of(Stage::General, Some("2026-11-30"), true).as_deref(), Some("Featured"));
        assert_eq!(of(Stage::Beta, Some("2026-11-30"), false).as_deref(), Some("Beta"));
        assert_eq!(of(Stage::Beta, Some("2027-01-01"), true).as_deref(), Some("Beta"));
        assert_eq!(of(Stage::Preview, Some("2027-01-01"), false).as_deref(), Some("Preview"));
        let ends = of(Stage::Deprecated("2027-06-30"), None, true);
        assert_eq!(ends.as_deref(), Some("Deprecated, until 2027-06-30"));
    }
}
