//! The first five minutes: four steps, each ticked by what has really happened.

use leptos::prelude::*;

use super::calls::HomeData;
use super::page::HomeActions;
use super::progress::{Steps, curl};
use crate::components::{Copy, Icon, Status, Time, Tone};
use crate::remote::PostForm;

/// The panel of the steps.
#[component]
pub fn FirstSteps(
    /// How far the organization has come.
    steps: RwSignal<Steps>,
    /// For the address that events are posted to.
    home: RwSignal<HomeData>,
    /// What the buttons do.
    actions: HomeActions,
) -> impl IntoView {
    let count = move || steps.with(|steps| steps.done().iter().filter(|done| **done).count());
    let bar = move || (count() * 25).to_string();
    view! {
        <section class="panel" aria-labelledby="steps-title">
            <div class="panel-head">
                <div>
                    <h2 id="steps-title">"Your first five minutes"</h2>
                    <p class="help">"From nothing to a signed delivery. Each step ticks itself when it has happened."</p>
                </div>
                <div class="row">
                    <span class="badge" role="status">{move || format!("{} of 4", count())}</span>
                    <PostForm action=actions.skip>
                        <input type="hidden" name="skip" value="true" />
                        <button class="btn small quiet" type="submit">"Skip"</button>
                    </PostForm>
                </div>
            </div>
            <svg class="block w-full h-0.5" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
                <rect width="100" height="1" class="fill-line" /><rect width=bar height="1" class="fill-ok-fill" />
            </svg>
            <ol>
                <Step index=0 title="Add an endpoint" steps=steps>{move || endpoint_step(steps, actions)}</Step>
                <Step index=1 title="Send your first event" steps=steps>{move || event_step(steps, home, actions)}</Step>
                <Step index=2 title="See it delivered" steps=steps>{move || delivered_step(steps)}</Step>
                <Step index=3 title="Invite a colleague" steps=steps>{move || invite_step(steps)}</Step>
            </ol>
        </section>
    }
}

/// One step: a mark, a title, and what to do while it is open.
#[component]
fn Step(index: usize, title: &'static str, steps: RwSignal<Steps>, children: ChildrenFn) -> impl IntoView {
    let done = Memo::new(move |_| steps.with(|steps| steps.done()[index]));
    let current = Memo::new(move |_| steps.with(|steps| steps.current() == Some(index)));
    let mark = move || {
        if done.get() {
            view! { <span class="grid size-6 place-items-center rounded-full bg-ok-soft text-ok"><Icon name="check" /><span class="sr-only">"Done:"</span></span> }.into_any()
        } else {
            let class = if current.get() { "bg-ink text-on-ink" } else { "border border-line-strong text-ink-3" };
            view! { <span class=format!("grid size-6 place-items-center rounded-full text-xs font-semibold {class}")>{index + 1}</span> }.into_any()
        }
    };
    view! {
        <li class="grid grid-cols-[24px_minmax(0,1fr)] gap-x-3 gap-y-2 border-t border-line px-4 py-3.5 first:border-0" aria-current=move || current.get().then_some("step")>
            {mark}
            <div class="stack gap-2.5 pt-0.5">
                <h3 class=move || if done.get() || current.get() { "text-[14px]! leading-5! text-ink!" } else { "text-[14px]! leading-5! font-[540]! text-ink-3!" }>{title}</h3>
                {children()}
            </div>
        </li>
    }
}

fn endpoint_step(steps: RwSignal<Steps>, actions: HomeActions) -> impl IntoView {
    let (done, may) = steps.with(|steps| (steps.endpoint, steps.may_write));
    if done {
        return ().into_any();
    }
    if !may {
        return view! { <p class="muted">"An owner or admin of your organization adds it."</p> }.into_any();
    }
    view! {
        <p class="muted max-w-prose">"The URL that events are delivered to. No server yet? The inbox is a receiver of the hub itself that shows what arrives."</p>
        <div class="row wrap">
            <PostForm action=actions.inbox>
                <button class="btn primary" type="submit" disabled=actions.inbox.pending()><Icon name="inbox" />"Use the inbox"</button>
            </PostForm>
            <a class="btn" href="/endpoints/new">"Enter my own URL"</a>
        </div>
    }
    .into_any()
}

fn event_step(steps: RwSignal<Steps>, home: RwSignal<HomeData>, actions: HomeActions) -> impl IntoView {
    let (done, open, may) = steps.with(|steps| (steps.event, steps.endpoint, steps.may_write));
    if done || !open {
        return ().into_any();
    }
    let line = home.with_untracked(|home| curl(&home.events_url));
    view! {
        <p class="muted max-w-prose">"From your program, or from a shell with an API key from "<a class="link" href="/developers">"Developers"</a>":"</p>
        <div class="relative">
            <pre class="mono pr-12!" tabindex="0" role="region" aria-label="Command">{line.clone()}</pre>
            <div class="absolute right-1.5 top-1.5"><Copy text=line /></div>
        </div>
        {may.then(|| view! {
            <PostForm action=actions.sample>
                <button class="btn" type="submit" disabled=actions.sample.pending()><Icon name="test" />"Send a test event"</button>
            </PostForm>
        })}
    }
    .into_any()
}

fn delivered_step(steps: RwSignal<Steps>) -> impl IntoView {
    let (delivered, event) = steps.with(|steps| (steps.delivered.clone(), steps.event));
    match delivered {
        Some(row) => view! {
            <p class="row wrap">
                <Status tone=Tone::Ok word="Delivered" />
                <a class="mono link" href=format!("/deliveries/{}", row.id)>{row.event_type}</a>
                <span class="muted">"to "{row.endpoint_name}</span>
                <span class="faint"><Time at=row.created_at /></span>
                <a class="link" href="/inbox">"Look into the inbox"</a>
            </p>
        }
        .into_any(),
        None if event => view! { <p class="muted">"Waiting for the receiver. It shows up here the moment it arrives; the "<a class="link" href="/deliveries">"delivery log"</a>" has every attempt."</p> }.into_any(),
        None => ().into_any(),
    }
}

fn invite_step(steps: RwSignal<Steps>) -> impl IntoView {
    let (done, may, open) = steps.with(|steps| (steps.invited, steps.may_invite, steps.delivered.is_some()));
    match (done, may && open) {
        (false, true) => view! { <p class="muted">"They get a link. Admins set things up; members look."</p><div><a class="btn" href="/settings/members"><Icon name="users" />"Invite"</a></div> }.into_any(),
        _ => ().into_any(),
    }
}
