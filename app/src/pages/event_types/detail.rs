//! `/event-types/{name}`: what a type means, its schema and sample, how to post it and who wants it. With the
//! name `new` it is the form for a type of the organization's own.

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::calls::{DeleteEventType, GetEventType, TakeTypeDraft, TypeDetail, Wanting};
use super::editor::TypeEditor;
use super::form::{TypeForm, curl, pretty};
use crate::components::{Confirm, Copy, FormError, Icon, Json, PageHead, ProblemPanel, Time};
use crate::remote::{Post, PostForm, load};

/// `/event-types/{name}`.
#[component]
pub fn EventTypePage() -> impl IntoView {
    let params = use_params_map();
    let name = Memo::new(move |_| params.with(|params| params.get("name").unwrap_or_default()));
    move || match name.get().as_str() {
        // Names of types have a dot, so this is none.
        "new" => view! { <New /> }.into_any(),
        name => view! { <Existing name=name.to_owned() /> }.into_any(),
    }
}

#[component]
fn New() -> impl IntoView {
    let draft = load(|| TakeTypeDraft { existing: String::new() });
    view! {
        <Suspense fallback=|| view! { <PageHead title="Add event type" /> }>
            {move || Suspend::new(async move {
                let form = draft.await.ok().flatten().unwrap_or_default();
                view! { <TypeEditor form=form /> }
            })}
        </Suspense>
    }
}

#[component]
fn Existing(name: String) -> impl IntoView {
    let query = use_query_map();
    let editing = Memo::new(move |_| query.with(|query| query.get("edit").is_some()));
    let owned = name.clone();
    let detail = load(move || GetEventType { name: name.clone() });
    let draft = load(move || TakeTypeDraft { existing: owned.clone() });
    let crumbs = || vec![("Event types".to_owned(), "/event-types".to_owned())];
    view! {
        <Suspense fallback=|| view! { <PageHead title="Event type" /> }>
            {move || Suspend::new(async move {
                let editing = editing.get();
                match detail.await {
                    Ok(detail) if editing && detail.may_write && !detail.event_type.standard => {
                        let form = draft.await.ok().flatten().unwrap_or_else(|| form_of(&detail));
                        view! { <TypeEditor form=form /> }.into_any()
                    }
                    Ok(detail) => view! { <Loaded detail=detail /> }.into_any(),
                    Err(error) => view! { <PageHead title="Event type" crumbs=crumbs() /><ProblemPanel error=error /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

fn form_of(detail: &TypeDetail) -> TypeForm {
    TypeForm {
        existing: detail.event_type.name.clone(),
        name: detail.event_type.name.clone(),
        description: detail.event_type.description.clone(),
        sample: pretty(&detail.event_type.sample),
        schema: detail.event_type.schema.as_ref().map(pretty).unwrap_or_default(),
    }
}

#[component]
fn Loaded(detail: TypeDetail) -> impl IntoView {
    let delete = Post::<DeleteEventType>::new();
    let error = delete.error();
    let TypeDetail { event_type, wanting, events_url, may_write } = detail;
    let name = event_type.name.clone();
    let (hidden, question, edit) = (name.clone(), format!("Delete {name}?"), format!("/event-types/{name}?edit=1"));
    let buttons = (may_write && !event_type.standard).then(|| {
        view! {
            <PostForm action=delete>
                <input type="hidden" name="name" value=hidden />
                <Confirm title=question text="Posting it will be refused from then on. What was posted stays in the log. Endpoints that name it must drop it first." label="Delete" class="quiet" />
            </PostForm>
            <a class="btn primary" href=edit><Icon name="pencil" />"Edit"</a>
        }
    });
    let badge = if event_type.standard {
        view! { <span class="badge">"standard"</span> }.into_any()
    } else {
        view! { <span class="badge info">"own"</span> }.into_any()
    };
    let line = curl(&events_url, &name, &event_type.sample);
    let sample = pretty(&event_type.sample);
    let schema = event_type.schema.as_ref().map(pretty);
    view! {
        <PageHead title=event_type.name.clone() crumbs=vec![("Event types".into(), "/event-types".into())]>{buttons}</PageHead>
        <FormError error=error />
        <div class="row wrap mb-4 gap-x-3!">
            {badge}
            <p class="muted max-w-prose">{event_type.description.clone()}</p>
            {event_type.created_at.map(|at| view! { <span class="faint">"Added "<Time at=at /></span> })}
        </div>
        <div class="split">
            <div class="stack">
                {json_panel("sample-title", "Sample", "The object that is sent as `data`.", Some(sample))}
                {json_panel("schema-title", "JSON Schema", "What every `data` of this type holds.", schema)}
            </div>
            <aside class="stack">
                <section class="panel pad stack gap-2.5" aria-labelledby="post-title">
                    <div class="row spread"><h2 id="post-title">"Post one"</h2><Copy text=line.clone() label="Copy" /></div>
                    <pre class="mono max-h-96 overflow-auto" tabindex="0" role="region" aria-label="Command">{line}</pre>
                    <p class="help">"Make an API key with the scope "<code>"events:write"</code>" under "<a class="link" href="/developers">"Developers"</a>"."</p>
                </section>
                {wanted_by(&wanting)}
            </aside>
        </div>
    }
}

fn json_panel(id: &'static str, title: &'static str, text: &'static str, json: Option<String>) -> impl IntoView {
    let copy = json.clone().map(|json| view! { <Copy text=json label="Copy" /> });
    let body = match json {
        Some(json) => view! { <div class="[&>pre]:max-h-140"><Json text=json /></div> }.into_any(),
        None => view! { <p class="faint">"None is given; any object is taken."</p> }.into_any(),
    };
    view! {
        <section class="panel pad stack gap-2.5" aria-labelledby=id>
            <div class="row spread"><div><h2 id=id>{title}</h2><p class="help">{text.replace('`', "")}</p></div>{copy}</div>
            {body}
        </section>
    }
}

fn wanted_by(wanting: &[Wanting]) -> impl IntoView + use<> {
    let rows = wanting
        .iter()
        .map(|endpoint| view! { <li><a class="row spread py-1.5 hover:underline underline-offset-2" href=format!("/endpoints/{}", endpoint.id)><span class="ell">{endpoint.name.clone()}</span><span class="chip mono">{endpoint.pattern.clone()}</span></a></li> })
        .collect_view();
    let body = if wanting.is_empty() {
        view! { <p class="help">"No endpoint subscribes to it yet."</p> }.into_any()
    } else {
        view! { <ul>{rows}</ul> }.into_any()
    };
    view! { <section class="panel pad stack gap-1.5" aria-labelledby="wanted-title"><h2 id="wanted-title">"Endpoints that want it"</h2>{body}</section> }
}
