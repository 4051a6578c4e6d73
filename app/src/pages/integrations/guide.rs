//! The parts that every integration's page has: what it reads and writes, and the setup guide.

use domain::provider::catalogue::Integration;
use domain::provider::{Access, Scope};
use leptos::prelude::*;

/// What it reads and what it writes.
pub fn reads_and_writes(integration: &'static Integration) -> AnyView {
    let list = |words: &'static [&'static str]| {
        let words = if words.is_empty() { &["Nothing"] } else { words };
        words.iter().map(|word| view! { <li>{*word}</li> }.into_any()).collect::<Vec<_>>()
    };
    view! {
        <section class="panel" aria-labelledby="access">
            <div class="panel-head"><h2 id="access">"What it reads and writes"</h2></div>
            <div class="grid gap-4 px-4 pb-4 sm:grid-cols-2">
                <div><h3 class="font-[540] mb-1">"Reads"</h3><ul class="list-disc pl-5 muted">{list(integration.reads)}</ul></div>
                <div><h3 class="font-[540] mb-1">"Writes"</h3><ul class="list-disc pl-5 muted">{list(integration.writes)}</ul></div>
            </div>
        </section>
    }
    .into_any()
}

/// The setup guide, and what has changed.
pub fn guide(integration: &'static Integration) -> AnyView {
    let chapters: Vec<_> = integration
        .guide
        .iter()
        .map(|chapter| {
            let lines: Vec<_> = chapter.text.iter().map(|line| view! { <li>{*line}</li> }.into_any()).collect();
            let open = chapter.title == "Setup";
            view! {
                <details open=open class="border-t border-line px-4 py-2.5">
                    <summary class="font-[540] cursor-pointer">{chapter.title}</summary>
                    <ol class="list-decimal pl-5 pt-2 muted grid gap-1">{lines}</ol>
                </details>
            }
            .into_any()
        })
        .collect();
    view! {
        <section class="panel" aria-labelledby="guide">
            <div class="panel-head"><h2 id="guide">"Setup guide"</h2></div>
            {chapters}
        </section>
        {changes(integration)}
    }
    .into_any()
}

/// What has changed, newest first.
fn changes(integration: &'static Integration) -> AnyView {
    let rows: Vec<_> = integration
        .changes
        .iter()
        .map(|change| view! { <li class="px-4 py-2.5"><time class="help num" datetime=change.on>{change.on}</time>" "{change.text}</li> }.into_any())
        .collect();
    view! {
        <section class="panel" aria-labelledby="changes">
            <div class="panel-head"><h2 id="changes">"Changes"</h2></div>
            <ul class="divide-y divide-line border-t border-line">{rows}</ul>
        </section>
    }
    .into_any()
}

/// What the provider is asked for, in plain words.
pub fn permissions(scopes: &'static [Scope]) -> AnyView {
    let rows: Vec<_> = scopes
        .iter()
        .map(|scope| {
            let access = match scope.access {
                Access::Read => "Read",
                Access::Write => "Write",
            };
            view! {
                <li class="grid grid-cols-[56px_minmax(0,1fr)] gap-2 py-1.5">
                    <span class="badge self-start justify-self-start">{access}</span>
                    <span>{scope.sentence}<span class="help block mono">{scope.name}{scope.optional.then_some(" · optional")}</span></span>
                </li>
            }
            .into_any()
        })
        .collect();
    view! {
        <section class="panel pad" aria-labelledby="permissions">
            <h2 id="permissions" class="mb-1">"Permissions"</h2>
            <ul>{rows}</ul>
        </section>
    }
    .into_any()
}
