//! One row of the endpoint list, and the menu of what can be done from it.

use domain::endpoint::{EndpointStatus, Health};
use leptos::prelude::*;

use super::calls::{DeleteEndpoint, RotateEndpointSecret, SetEndpointStatus, TestEndpoint};
use super::chart::Spark;
use super::figures::{split_url, standing};
use super::tree::summary;
use crate::components::{Confirm, Icon, Status, Time};
use crate::error::UiError;
use crate::remote::{Post, PostForm};
use crate::shown::{Endpoint, EndpointOverview};
use crate::words::{count, duration, success};

/// What can be done from a row.
#[derive(Clone, Copy)]
pub struct RowActions {
    test: Post<TestEndpoint>,
    status: Post<SetEndpointStatus>,
    rotate: Post<RotateEndpointSecret>,
    delete: Post<DeleteEndpoint>,
}

impl RowActions {
    /// Nothing done yet.
    pub fn new() -> Self {
        Self { test: Post::new(), status: Post::new(), rotate: Post::new(), delete: Post::new() }
    }

    /// Moves when one of them is done.
    pub fn done(self) -> usize {
        self.test.version().get() + self.status.version().get() + self.delete.version().get()
    }

    /// What the last one that failed says.
    pub fn error(self) -> Option<UiError> {
        [self.test.error(), self.status.error(), self.rotate.error(), self.delete.error()]
            .into_iter()
            .find_map(|error| error.get())
    }
}

/// One row. It stays while its figures change, so that an open menu stays open.
#[component]
pub fn Row(
    first: EndpointOverview,
    rows: Memo<Vec<EndpointOverview>>,
    actions: RowActions,
    may_write: bool,
) -> impl IntoView {
    let id = first.endpoint.id.clone();
    let row = Memo::new(move |last: Option<&EndpointOverview>| {
        rows.with(|rows| rows.iter().find(|row| row.endpoint.id == id).cloned())
            .or_else(|| last.cloned())
            .unwrap_or_else(|| first.clone())
    });
    let endpoint = Memo::new(move |_| row.with(|row| row.endpoint.clone()));
    let health = Memo::new(move |_| row.with(|row| row.health.clone()));
    view! {
        <tr>
            <td class="h-14! w-full max-w-0">{move || endpoint.with(name_cell)}</td>
            <td>{move || row.with(status_cell)}</td>
            <td class="hidden xl:table-cell"><span class="mono muted block ell max-w-56" title=move || endpoint.with(|e| e.event_types.join(", "))>{move || endpoint.with(|e| summary(&e.event_types))}</span></td>
            <td class="hide-s">{move || health.with(success_cell)}</td>
            <td class="num r muted hidden lg:table-cell">{move || health.with(|health| health.p95_us.map_or_else(|| "–".to_owned(), duration))}</td>
            <td class="num r hide-s">{move || health.with(|health| waiting_cell(health.waiting + health.retrying))}</td>
            <td class="r muted hidden lg:table-cell">{move || health.with(|health| last_cell(health.last_delivery_at))}</td>
            <td class="r">{move || endpoint.with(|endpoint| view! { <RowMenu id=endpoint.id.to_string() name=endpoint.name.clone() active=endpoint.status == EndpointStatus::Active actions=actions may_write=may_write /> })}</td>
        </tr>
    }
}

fn name_cell(endpoint: &Endpoint) -> impl IntoView + use<> {
    let (host, path) = split_url(&endpoint.url);
    view! {
        <a class="block min-w-0 group" href=format!("/endpoints/{}", endpoint.id)>
            <b class="block ell font-[560] group-hover:underline underline-offset-2">{endpoint.name.clone()}</b>
            <span class="mono block ell muted">{host.to_owned()}<span class="faint">{path.to_owned()}</span></span>
        </a>
    }
}

fn status_cell(row: &EndpointOverview) -> impl IntoView + use<> {
    let (tone, word) = standing(&row.endpoint, &row.health);
    view! { <span title=row.endpoint.disabled_reason.clone()><Status tone=tone word=word /></span> }
}

fn success_cell(health: &Health) -> impl IntoView + use<> {
    match success(health.delivered, health.failed) {
        None if health.retrying + health.waiting > 0 => {
            view! { <span class="faint">"none ended yet"</span> }.into_any()
        }
        None => view! { <span class="faint">"no deliveries"</span> }.into_any(),
        Some(share) => {
            view! { <span class="row"><Spark days=health.days.clone() /><span class="num">{share}</span></span> }
                .into_any()
        }
    }
}

fn waiting_cell(waiting: i64) -> impl IntoView {
    let class = if waiting > 0 { "text-warn" } else { "faint" };
    view! { <span class=class>{count(waiting)}</span> }
}

fn last_cell(at: Option<domain::Timestamp>) -> impl IntoView {
    match at {
        Some(at) => view! { <Time at=at /> }.into_any(),
        None => view! { <span class="faint">"never"</span> }.into_any(),
    }
}

/// What can be done with one endpoint.
#[component]
fn RowMenu(id: String, name: String, active: bool, actions: RowActions, may_write: bool) -> impl IntoView {
    let log = format!("/deliveries?endpoint_id={id}");
    let edit = format!("/endpoints/{id}/edit");
    let label = format!("Actions for {name}");
    view! {
        <details class="menu inline-block" name="endpoint-menu">
            <summary class="btn small quiet square" aria-label=label>"⋯"</summary>
            <div class="sheet left-auto! right-0! top-full mt-1 w-52 overflow-visible! max-h-none!">
                <a class="nav" href=log><Icon name="log" />"Delivery log"</a>
                {may_write.then(|| view! { <Writing id=id name=name active=active actions=actions edit=edit /> })}
            </div>
        </details>
    }
}

/// The part of the menu for those who may change endpoints.
#[component]
fn Writing(id: String, name: String, active: bool, actions: RowActions, edit: String) -> impl IntoView {
    let (id, name) = (StoredValue::new(id), StoredValue::new(name));
    let (next, icon, word) = if active { ("paused", "pause", "Pause") } else { ("active", "play", "Resume") };
    view! {
                    <a class="nav" href=edit><Icon name="pencil" />"Edit"</a>
                    <PostForm action=actions.test>
                        <input type="hidden" name="id" value=id.get_value() />
                        <input type="hidden" name="open" value="true" />
                        <button class="nav" type="submit"><Icon name="test" />"Send test"</button>
                    </PostForm>
                    <PostForm action=actions.status>
                        <input type="hidden" name="id" value=id.get_value() />
                        <input type="hidden" name="status" value=next />
                        <button class="nav" type="submit"><Icon name=icon />{word}</button>
                    </PostForm>
                    <hr />
                    <div class="row wrap px-2 py-1">
                        <PostForm action=actions.rotate>
                            <input type="hidden" name="id" value=id.get_value() />
                            <Confirm title=format!("Make a new signing secret for {}?", name.get_value()) text="The old one signs too for 24 hours. The new one is shown once, on the next page." label="Rotate secret" class="small" />
                        </PostForm>
                        <PostForm action=actions.delete>
                            <input type="hidden" name="id" value=id.get_value() />
                            <Confirm title=format!("Delete {}?", name.get_value()) text="What still waits for it ends as failed, and nothing more is delivered to it. The delivery log keeps its past. This cannot be undone." label="Delete" class="small" />
                        </PostForm>
                    </div>
    }
}
