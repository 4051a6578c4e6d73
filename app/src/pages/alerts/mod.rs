//! Alerts: what people must know about their endpoints, the open ones first.

mod calls;

use std::time::Duration;

use domain::alert::{Alert, AlertKind};
use domain::live::Notice;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use calls::{AlertsData, LoadAlerts, SeeAlert};

use crate::Alerts;
use crate::components::{Empty, FormError, Icon, PageHead, Pager, Status, Time, Tone, loaded};
use crate::fresh::pulse;
use crate::remote::{Post, PostForm, load_after};
use crate::words::alert_place;

/// Open alerts with what to do, and below them those that are over.
#[component]
pub fn AlertsPage() -> impl IntoView {
    let see = Post::<SeeAlert>::new();
    let query = use_query_map();
    let beat = pulse(Duration::from_millis(700), |notice| matches!(notice, Notice::Endpoint(_) | Notice::Connection));
    let page = load_after(
        move || see.version().get() + usize::try_from(beat.get()).unwrap_or_default(),
        move || LoadAlerts { cursor: query.with(|query| query.get("cursor")) },
    );
    // The number in the rail goes down with it.
    let rail = use_context::<Alerts>();
    Effect::watch(
        move || see.version().get(),
        move |_, _, _| {
            if let Some(rail) = rail {
                rail.changed();
            }
        },
        false,
    );
    view! {
        <PageHead title="Alerts"/>
        <div class="stack">
            <FormError error=see.error()/>
            {loaded(page, move |page| view(&page, see))}
        </div>
    }
}

fn view(page: &AlertsData, see: Post<SeeAlert>) -> AnyView {
    let open: Vec<_> = page.open.iter().map(|alert| open_row(alert, page.may_see, see)).collect();
    let open = if open.is_empty() {
        view! {
            <div class="panel">
                <Empty title="All is well" text="When an endpoint fails again and again or is disabled, or a figure of health is beyond its limit, it is told here, on the home page, and to every endpoint that subscribes to endpoint.failing, endpoint.disabled or health.degraded."/>
            </div>
        }
        .into_any()
    } else {
        view! { <section class="panel" aria-label="Open alerts"><ul class="divide-y divide-line">{open}</ul></section> }
            .into_any()
    };
    view! { {open} {closed(page)} }.into_any()
}

const fn kind(kind: AlertKind) -> (Tone, &'static str) {
    match kind {
        AlertKind::EndpointFailing => (Tone::Warn, "Failing"),
        AlertKind::EndpointDisabled => (Tone::Bad, "Disabled"),
        AlertKind::HealthDegraded => (Tone::Bad, "Health"),
        AlertKind::ConnectionBroken => (Tone::Bad, "Connection"),
        AlertKind::ConnectionSilent => (Tone::Warn, "No answer"),
    }
}

fn open_row(alert: &Alert, may_see: bool, see: Post<SeeAlert>) -> AnyView {
    let (tone, word) = kind(alert.kind);
    let (href, label) = alert_place(alert);
    let id = alert.id.to_string();
    let seen = match alert.seen_at {
        Some(at) => view! { <span class="faint row gap-1.5!"><Icon name="check"/>"Seen "<Time at/></span> }.into_any(),
        None if may_see => view! {
            <PostForm action=see attr:class="contents">
                <input type="hidden" name="id" value=id/>
                <button type="submit" class="btn small" disabled=move || see.pending().get()><Icon name="check"/>"Seen"</button>
            </PostForm>
        }
        .into_any(),
        None => ().into_any(),
    };
    view! {
        <li class="grid gap-x-4 gap-y-2 px-4 py-3 sm:grid-cols-[104px_minmax(0,1fr)_auto] items-start">
            <Status tone word/>
            <div class="min-w-0">
                <p class=if alert.seen_at.is_none() { "font-[560]" } else { "" }>{alert.message.clone()}</p>
                <p class="help">"Since "<Time at=alert.created_at/></p>
            </div>
            <div class="row wrap">
                {seen}
                <a class="btn small" href=href>{label}</a>
            </div>
        </li>
    }
    .into_any()
}

fn closed(page: &AlertsData) -> Option<AnyView> {
    let href = |cursor: &Option<String>| cursor.as_ref().map(|cursor| format!("/alerts?cursor={cursor}"));
    let (previous, next) = (href(&page.closed.previous_cursor), href(&page.closed.next_cursor));
    let rows: Vec<_> = page.closed.data.iter().map(closed_row).collect();
    (!rows.is_empty() || previous.is_some() || next.is_some()).then(|| {
        view! {
            <section class="panel" aria-labelledby="over-title">
                <div class="panel-head"><h2 id="over-title">"Over"</h2></div>
                <table>
                    <thead><tr><th>"What"</th><th>"Message"</th><th class="r hide-s">"Began"</th><th class="r">"Over since"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </section>
            <Pager previous next/>
        }
        .into_any()
    })
}

fn closed_row(alert: &Alert) -> AnyView {
    let (_, word) = kind(alert.kind);
    let (href, _) = alert_place(alert);
    view! {
        <tr>
            <td class="muted">{word}</td>
            <td class="w-full max-w-0"><a class="block ell hover:underline underline-offset-2" href=href title=alert.message.clone()>{alert.message.clone()}</a></td>
            <td class="r faint hide-s"><Time at=alert.created_at/></td>
            <td class="r faint">{alert.closed_at.map(|at| view! { <Time at/> })}</td>
        </tr>
    }
    .into_any()
}
