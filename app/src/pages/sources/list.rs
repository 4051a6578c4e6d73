//! `/sources`: the sources, and the presets that new ones are made of.

use domain::live::Notice;
use domain::source::SourceSummary;
use leptos::prelude::*;

use super::calls::{CreateSource, LoadSources, SourcesData};
use super::words;
use crate::components::{Done, Empty, FormError, PageHead, Status, Time, loaded};
use crate::fresh::pulse;
use crate::remote::{Post, PostForm, load_after};

const DONE: &[(&str, &str)] = &[("deleted", "Deleted. Remove its address at the provider, too.")];

/// `/sources`.
#[component]
pub fn SourcesPage() -> impl IntoView {
    let create = Post::<CreateSource>::new();
    let beat = pulse(std::time::Duration::from_secs(1), |notice| matches!(notice, Notice::Source));
    let moved = move || usize::try_from(beat.get()).unwrap_or_default();
    let page = load_after(moved, || LoadSources {});
    view! {
        <PageHead title="Sources"/>
        <Done words=DONE/>
        <FormError error=create.error()/>
        {loaded(page, move |page| view(&page, create))}
    }
}

fn view(page: &SourcesData, create: Post<CreateSource>) -> AnyView {
    let rows: Vec<_> = page.sources.iter().map(row).collect();
    let table = if rows.is_empty() {
        view! { <Empty title="No sources yet" text="A source is an address that a provider posts its webhooks to. They are verified, kept, and told on as events to your endpoints and rules."/> }.into_any()
    } else {
        view! {
            <div class="scroll" tabindex="0" role="group" aria-label="Sources, as a table"><table>
                <thead><tr><th>"Name"</th><th>"State"</th><th class="hide-s">"Provider"</th><th class="r">"Last request"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
        }
        .into_any()
    };
    let cards: Vec<_> = page.presets.iter().map(|preset| card(preset, create)).collect();
    let choose = page.may_write.then(|| {
        view! {
            <section class="stack gap-3 mt-6" aria-labelledby="add-source">
                <h2 id="add-source">"Add a source"</h2>
                <ul class="grid gap-3 sm:grid-cols-2 xl:grid-cols-3 list-none p-0 m-0">{cards}</ul>
            </section>
        }
    });
    view! { <section class="panel" aria-label="Sources">{table}</section>{choose} }.into_any()
}

fn row(source: &SourceSummary) -> AnyView {
    let (tone, word) = words::source(source.status, source.has_secret, source.last_verified_at.is_some());
    let href = format!("/sources/{}", source.id);
    view! {
        <tr>
            <td><a class="link" href=href>{source.name.clone()}</a></td>
            <td><Status tone word/></td>
            <td class="muted hide-s">{source.provider_name.clone()}</td>
            <td class="r faint">{source.last_received_at.map(|at| view! { <Time at/> })}</td>
        </tr>
    }
    .into_any()
}

fn card((key, name, about): &(String, String, String), create: Post<CreateSource>) -> AnyView {
    let label = format!("Add a source for {name}");
    let (key, anchor) = (key.clone(), format!("add-{key}"));
    view! {
        <li class="panel pad stack gap-2 target:border-accent" id=anchor>
            <h3>{name.clone()}</h3>
            <p class="muted grow">{about.clone()}</p>
            <PostForm action=create>
                <input type="hidden" name="provider" value=key/>
                <button class="btn small" aria-label=label disabled=create.pending()>"Add source"</button>
            </PostForm>
        </li>
    }
    .into_any()
}
