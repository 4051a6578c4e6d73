//! How things are: the last 24 hours, the newest deliveries, and what needs a look.

use domain::alert::Alert;
use domain::delivery::DeliverySummary;
use leptos::prelude::*;

use super::calls::HomeData;
use super::progress::{Attention, Figures};
use crate::components::{Empty, Icon, Status, Time};
use crate::words::{alert_place, count, delivery_status, success};

/// The dashboard. Each part is drawn again only when its own numbers change.
#[component]
pub fn Dashboard(
    /// What it shows.
    home: RwSignal<HomeData>,
) -> impl IntoView {
    let figures = Memo::new(move |_| home.with(|home| home.figures.clone()));
    let recent = Memo::new(move |_| home.with(|home| home.recent.clone()));
    let endpoints = Memo::new(move |_| home.with(|home| home.endpoints));
    let attention = Memo::new(move |_| home.with(|home| home.attention.clone()));
    let alerts = Memo::new(move |_| home.with(|home| home.alerts.clone()));
    view! {
        {move || alerts.with(|alerts| open_alerts(alerts))}
        <section aria-labelledby="day-title">
            <h2 id="day-title" class="sr-only">"Last 24 hours"</h2>
            {move || figures.with(tiles)}
        </section>
        <div class="split">
            <section class="panel" aria-labelledby="recent-title">
                <div class="panel-head"><h2 id="recent-title">"Recent deliveries"</h2><a class="btn small" href="/deliveries"><Icon name="log" />"Delivery log"</a></div>
                {move || recent.with(|rows| deliveries(rows))}
            </section>
            <section class="panel" aria-labelledby="attention-title">
                <div class="panel-head"><h2 id="attention-title">"Needs attention"</h2><a class="btn small" href="/endpoints"><Icon name="endpoints" />"Endpoints"</a></div>
                {move || attention.with(|rows| troubles(rows, endpoints.get()))}
            </section>
        </div>
    }
}

/// Alerts shown here; the others are on their page.
const SHOWN: usize = 3;

/// What must be known before any number.
fn open_alerts(alerts: &[Alert]) -> Option<AnyView> {
    let rows = alerts.iter().take(SHOWN).map(|alert| {
        let (href, label) = alert_place(alert);
        view! {
            <li class="notice bad">
                <Icon name="warning"/>
                <div class="grow min-w-0 row spread wrap gap-y-1!">
                    <span class="min-w-0">{alert.message.clone()}" "<span class="muted"><Time at=alert.created_at/></span></span>
                    <a class="btn small" href=href>{label}</a>
                </div>
            </li>
        }
    });
    let more = alerts.len().saturating_sub(SHOWN);
    let more = (more > 0).then(|| view! { <p><a class="link" href="/alerts">{format!("{more} more alerts")}</a></p> });
    (!alerts.is_empty()).then(|| {
        view! {
            <section class="stack gap-2" aria-label="Open alerts">
                <ul class="stack gap-2">{rows.collect_view()}</ul>
                {more}
            </section>
        }
        .into_any()
    })
}

fn tiles(figures: &Figures) -> impl IntoView + use<> {
    let share = success(figures.delivered, figures.failed).unwrap_or_else(|| "–".to_owned());
    let total = if figures.partial { format!("{}+", count(figures.total)) } else { count(figures.total) };
    let link = |status: &str| Some(format!("/deliveries?status={status}&since=24h"));
    view! {
        <div class="grid grid-cols-2 lg:grid-cols-4 gap-3">
            {tile("Deliveries, 24 h", total, "", Some("/deliveries?since=24h".into()), Some(spark(&figures.columns).into_any()))}
            {tile("Arrived", share, "", link("delivered"), None)}
            {tile("Waiting", count(figures.waiting), if figures.waiting > 0 { "text-warn" } else { "" }, link("pending,retrying,paused"), None)}
            {tile("Failed", count(figures.failed), if figures.failed > 0 { "text-bad" } else { "" }, link("failed"), None)}
        </div>
    }
}

fn tile(
    title: &'static str,
    value: String,
    class: &'static str,
    href: Option<String>,
    picture: Option<AnyView>,
) -> impl IntoView {
    view! {
        <a class="panel pad stack gap-1 content-start hover:border-line-strong" href=href>
            <span class="help">{title}</span>
            <span class="row spread items-end!">
                <span class=format!("text-[22px]/8 font-[580] tracking-tight tabular-nums {class}")>{value}</span>
                {picture}
            </span>
        </a>
    }
}

/// The day's columns, small; the log has the large ones with their numbers.
fn spark(columns: &[(i64, i64, i64)]) -> impl IntoView + use<> {
    let most =
        columns.iter().map(|(delivered, waiting, failed)| delivered + waiting + failed).max().unwrap_or(0).max(1);
    let step = 100.0 / columns.len().max(1) as f64;
    let height = |count: i64| count as f64 / most as f64 * 28.0;
    let bars = columns
        .iter()
        .enumerate()
        .map(|(index, (delivered, waiting, failed))| {
            let (x, width) = (format!("{:.2}", step * index as f64), format!("{:.2}", step * 0.7));
            let (good, open, bad) = (height(*delivered), height(*waiting), height(*failed));
            view! {
                <rect x=x.clone() y=format!("{:.2}", 28.0 - good) width=width.clone() height=format!("{good:.2}") class="fill-ok-fill" />
                <rect x=x.clone() y=format!("{:.2}", 28.0 - good - open) width=width.clone() height=format!("{open:.2}") class="fill-warn-fill" />
                <rect x=x y=format!("{:.2}", 28.0 - good - open - bad) width=width height=format!("{bad:.2}") class="fill-bad-fill" />
            }
        })
        .collect_view();
    view! { <svg class="h-7 w-24 hide-s" viewBox="0 0 100 28" preserveAspectRatio="none" aria-hidden="true">{bars}</svg> }
}

fn deliveries(rows: &[DeliverySummary]) -> impl IntoView + use<> {
    if rows.is_empty() {
        return view! { <div class="border-t border-line"><Empty title="No deliveries yet" text="Each event that an endpoint wants becomes one delivery, with every attempt on record." /></div> }.into_any();
    }
    let rows = rows
        .iter()
        .map(|row| {
            let (tone, word) = delivery_status(row.status);
            view! {
                <tr>
                    <td><Status tone=tone word=word /></td>
                    <td class="w-1/2 max-w-0"><a class="mono block ell hover:underline underline-offset-2" href=format!("/deliveries/{}", row.id)>{row.event_type.clone()}</a></td>
                    <td class="w-1/2 max-w-0 hide-s"><span class="block ell muted">{row.endpoint_name.clone()}</span></td>
                    <td class="r muted"><Time at=row.created_at /></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <table>
            <thead><tr><th scope="col">"Status"</th><th scope="col">"Event type"</th><th scope="col" class="hide-s">"Endpoint"</th><th scope="col" class="r">"Received"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

fn troubles(rows: &[Attention], endpoints: usize) -> impl IntoView + use<> {
    if endpoints == 0 {
        return view! { <p class="pad muted border-t border-line">"No endpoint yet."</p> }.into_any();
    }
    if rows.is_empty() {
        return view! { <p class="pad muted border-t border-line row"><span class="text-ok"><Icon name="check" /></span>"All endpoints are fine."</p> }.into_any();
    }
    let rows = rows
        .iter()
        .map(|row| {
            let (id, name) = (row.id.clone(), row.name.clone());
            view! {
                <li class="border-t border-line">
                    <a class="row items-start! gap-2.5! px-4 py-2.5 hover:bg-sunken" href=format!("/endpoints/{id}")>
                        <span class="text-warn pt-0.5"><Icon name="warning" /></span>
                        <span class="grow"><b class="block ell font-[560]">{name}</b><span class="muted block">{row.trouble.clone()}</span></span>
                    </a>
                </li>
            }
        })
        .collect_view();
    view! { <ul>{rows}</ul> }.into_any()
}
