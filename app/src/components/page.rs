//! What every page has: its head, its tabs, its pager, and its empty state.

use leptos::prelude::*;
use leptos_meta::Title;

/// The crumbs, the title and, as children, the page's actions.
#[component]
pub fn PageHead(
    /// The page's title; also the window's.
    #[prop(into)]
    title: String,
    /// The pages above this one: label and path.
    #[prop(optional)]
    crumbs: Vec<(String, String)>,
    /// The actions; the primary one last.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let trail = (!crumbs.is_empty()).then(|| {
        let links: Vec<_> =
            crumbs.into_iter().map(|(label, href)| view! { <a href=href>{label}</a>" / " }.into_any()).collect();
        view! {
            <nav class="crumbs" aria-label="Breadcrumb">
                {links}
                <span aria-current="page">{title.clone()}</span>
            </nav>
        }
    });
    view! {
        <Title text=title.clone()/>
        {trail}
        <div class="page-head">
            <h1 class="ell">{title}</h1>
            {children.map(|children| view! { <div class="row wrap">{children()}</div> })}
        </div>
    }
}

/// A page's sections as links.
#[component]
pub fn Tabs(
    /// Label, address, and whether it is the one shown.
    items: Vec<(String, String, bool)>,
) -> impl IntoView {
    let links: Vec<_> = items
        .into_iter()
        .map(|(label, href, on)| view! { <a href=href aria-current=on.then_some("page")>{label}</a> }.into_any())
        .collect();
    view! { <nav class="tabs" aria-label="Sections">{links}</nav> }
}

/// Links to the neighbouring pages of a list.
#[component]
pub fn Pager(
    /// Where newer rows are.
    previous: Option<String>,
    /// Where older rows are.
    next: Option<String>,
) -> impl IntoView {
    let any = previous.is_some() || next.is_some();
    let newer = previous.map(|href| view! { <a class="btn small" href=href rel="prev">"Newer"</a> });
    let older = next.map(|href| view! { <a class="btn small" href=href rel="next">"Older"</a> });
    any.then(|| view! { <nav class="row mt-3" aria-label="Pages">{newer}{older}</nav> })
}

/// What stands where rows would be: why there are none, and what to do next.
#[component]
pub fn Empty(
    /// What is missing.
    #[prop(into)]
    title: String,
    /// Why, and what it is for.
    #[prop(into)]
    text: String,
    /// The next action.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <h2>{title}</h2>
            <p>{text}</p>
            {children.map(|children| view! { <div class="row">{children()}</div> })}
        </div>
    }
}
