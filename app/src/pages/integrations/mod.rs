//! Integrations: the catalogue as cards, and the page of each with what it does, what it may do, and the button that connects it.

mod calls;
mod card;
mod ending;
mod guide;
mod jira;
mod plan;
mod slack;
mod teams;

use domain::provider::catalogue::Category;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

pub use jira::JiraPage;
pub use slack::SlackPage;
pub use teams::TeamsPage;

use calls::{Integrations, LoadIntegrations};
use card::{Card, Segment, Sort};

use crate::components::{Empty, Icon, PageHead, loaded};
use crate::remote::load;

/// The catalogue.
#[component]
pub fn IntegrationsPage() -> impl IntoView {
    let page = load(|| LoadIntegrations {});
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|query| {
            let get = |name: &str| query.get(name).unwrap_or_default();
            Asked { q: get("q"), category: get("category"), show: get("show"), sort: get("sort") }
        })
    });
    view! {
        <PageHead title="Integrations"/>
        <p class="muted mb-4">"Connect the tools your team works in. Each card shows what it may read and write before you agree."</p>
        {loaded(page, move |page| {
            let cards = Card::all(&page);
            let categories: Vec<Category> = Category::ALL.iter().copied().filter(|category| cards.iter().any(|card| card.is_in(*category))).collect();
            let attention = cards.iter().filter(|card| card.attention > 0).count();
            let connected = cards.iter().filter(|card| card.connected > 0).count();
            let shown = move || {
                let Asked { q, category, show, sort } = asked.get();
                let mut cards: Vec<&Card> = cards.iter().filter(|card| card.is_asked(&q, &category, Segment::of(&show))).collect();
                Sort::of(&sort).apply(&mut cards);
                let cards: Vec<_> = cards.into_iter().map(Card::view).collect();
                if cards.is_empty() {
                    view! { <Empty title="No integration found" text="None matches what you look for."><a class="btn" href="/integrations">"Show all"</a></Empty> }.into_any()
                } else {
                    view! { <ul class="grid gap-3 sm:grid-cols-2 xl:grid-cols-4">{cards}</ul> }.into_any()
                }
            };
            let request = page.contact_url.clone().map(|url| view! {
                <p class="help mt-4">"Is one missing? "<a class="link" href=url rel="noopener">"Request an integration"</a></p>
            });
            let bar = move || asked.with(|asked| bar(asked, connected, attention, &categories));
            view! { {bar} {shown} {request} }.into_any()
        })}
    }
}

/// What the address asks for.
#[derive(Debug, Clone, PartialEq)]
struct Asked {
    q: String,
    category: String,
    show: String,
    sort: String,
}

impl Asked {
    fn href(&self) -> String {
        let Self { q, category, show, sort } = self;
        let q = leptos_router::location::Url::escape(q);
        format!("/integrations?q={q}&category={category}&show={show}&sort={sort}")
    }
}

/// The search, the segments, the order and the categories, all in the address. Their links load the page anew, so that the search keeps
/// to what they have set.
fn bar(asked: &Asked, connected: usize, attention: usize, categories: &[Category]) -> AnyView {
    let Asked { q, category, show, sort } = asked.clone();
    let link = |label: String, class: &'static str, is_on: bool, to: Asked| {
        view! { <a class=class href=to.href() rel="external" aria-current=is_on.then_some("true")>{label}</a> }
            .into_any()
    };
    let segments = [
        ("", "All".to_owned()),
        ("connected", format!("Connected {connected}")),
        ("attention", format!("Needs attention {attention}")),
    ];
    let segments: Vec<_> = segments
        .into_iter()
        .map(|(value, label)| link(label, "", show == value, Asked { show: value.to_owned(), ..asked.clone() }))
        .collect();
    let orders: Vec<_> = [("", "Featured"), ("name", "A–Z"), ("new", "New")]
        .into_iter()
        .map(|(value, label)| {
            link(label.to_owned(), "", sort == value, Asked { sort: value.to_owned(), ..asked.clone() })
        })
        .collect();
    let categories: Vec<_> = categories
        .iter()
        .map(|one| {
            let is_on = category == one.as_str();
            let word = if is_on { String::new() } else { one.as_str().to_owned() };
            let class = "btn small quiet aria-[current=true]:bg-sunken aria-[current=true]:text-ink";
            link(one.name().to_owned(), class, is_on, Asked { category: word, ..asked.clone() })
        })
        .collect();
    view! {
        <div class="row wrap mb-4">
            <form method="get" action="/integrations" role="search" class="grow min-w-56 max-w-md">
                <div class="input"><Icon name="search"/><input name="q" type="search" placeholder="Search integrations" aria-label="Search integrations" value=q/></div>
                <input type="hidden" name="category" value=category/>
                <input type="hidden" name="show" value=show/>
                <input type="hidden" name="sort" value=sort/>
            </form>
            <div class="seg" role="group" aria-label="Show">{segments}</div>
            <div class="seg" role="group" aria-label="Order">{orders}</div>
            <div class="row wrap" role="group" aria-label="Category">{categories}</div>
        </div>
    }
    .into_any()
}
