//! What is not in an organization's plan: where people ask for it, in place of the button that connects.

use leptos::prelude::*;

use super::Integrations;
use crate::components::Icon;

/// Where people ask for an integration that is not in their organization's plan; empty where no address is known.
pub fn contact(page: &Integrations, key: &str) -> Option<String> {
    page.closed.iter().any(|closed| closed == key).then(|| page.contact_url.clone().unwrap_or_default())
}

/// The way to whoever sells it.
pub fn button(url: &str, name: &str) -> AnyView {
    if url.is_empty() {
        return view! { <span class="help">"Ask your operator"</span> }.into_any();
    }
    view! { <a class="btn small" href=url.to_owned() rel="noopener" aria-label=format!("Contact sales about {name}")>"Contact sales"</a> }.into_any()
}

/// On the page of an integration, in place of the button that connects.
pub fn notice(page: &Integrations, key: &str, name: &str) -> Option<AnyView> {
    let url = contact(page, key)?;
    let words = format!("{name} is not in your organization's plan. What is connected already goes on.");
    Some(
        view! { <div class="notice info"><Icon name="info"/><div class="row wrap grow spread"><span>{words}</span>{button(&url, name)}</div></div> }
            .into_any(),
    )
}
