//! `/endpoints/{id}`: how one endpoint is doing, what it last got, how it is set up, and its secrets.

use std::time::Duration;

use domain::delivery::DeliverySummary;
use domain::endpoint::breaker::FAILURES_TO_OPEN;
use domain::endpoint::{EndpointStatus, Failing, Health, Retry};
use domain::live::Notice;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::backlog::waiting;
use super::calls::{DeleteEndpoint, EndpointDetail, GetEndpoint, RotateEndpointSecret, SetEndpointStatus};
use super::chart::DaysChart;
use super::editor_delivery::Timeline;
use super::figures::standing;
use super::secret::{FreshSecret, SecretPanel};
use super::test::TestPanel;
use super::verify_panel::VerifyCode;
use crate::components::{Clock, Confirm, Copy, FormError, Icon, PageHead, ProblemPanel, Status, Time};
use crate::endpoint_tabs::endpoint_tabs;
use crate::fresh::{pulse, reload};
use crate::remote::{Post, PostForm, ask, load};
use crate::shown::Endpoint;
use crate::words::{count, delivery_status, duration, success};

/// `/endpoints/{id}`.
#[component]
pub fn EndpointPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let first = load(move || GetEndpoint { id: id.get() });
    view! {
        <Suspense fallback=|| view! { <PageHead title="Endpoint" /> }>
            {move || Suspend::new(async move {
                match first.await {
                    Ok(detail) => view! { <Loaded detail=detail /> }.into_any(),
                    Err(error) => view! { <PageHead title="Endpoint" crumbs=vec![("Endpoints".into(), "/endpoints".into())] /><ProblemPanel error=error /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Loaded(detail: EndpointDetail) -> impl IntoView {
    let (id, may_write, types) = (detail.endpoint.id.to_string(), detail.may_write, detail.types.clone());
    let (status, rotate, delete) =
        (Post::<SetEndpointStatus>::new(), Post::<RotateEndpointSecret>::new(), Post::<DeleteEndpoint>::new());
    let title = detail.endpoint.name.clone();
    let patterns = detail.endpoint.event_types.clone();
    let shown = RwSignal::new(detail);
    let own = id.clone();
    let beat = pulse(Duration::from_secs(1), move |notice| match notice {
        Notice::Delivery(row) => row.endpoint_id.as_str() == own,
        Notice::Endpoint(changed) => *changed == own,
        Notice::Inbox(_) | Notice::Connection | Notice::Source => false,
    });
    let again = id.clone();
    reload(
        shown,
        move || (beat.get(), status.version().get(), rotate.version().get()),
        move || ask(GetEndpoint { id: again.clone() }),
    );
    let endpoint = Memo::new(move |_| shown.with(|detail| detail.endpoint.clone()));
    let health = Memo::new(move |_| shown.with(|detail| detail.health.clone()));
    let failed = Memo::new(move |_| health.with(|health| health.failed > 0));
    let recent = Memo::new(move |_| shown.with(|detail| detail.recent.clone()));
    let error = Signal::derive(move || {
        [status.error(), rotate.error(), delete.error()].into_iter().find_map(|error| error.get())
    });
    let log = format!("/deliveries?endpoint_id={id}");
    let missed = format!("/replays/new?endpoint={id}&status=failed&since=7d");
    let key = StoredValue::new(id.clone());
    view! {
        <PageHead title=title crumbs=vec![("Endpoints".into(), "/endpoints".into())]>
            {may_write.then(|| view! { <Buttons endpoint=endpoint status=status delete=delete /> })}
        </PageHead>
        {endpoint_tabs(&id, "")}
        <FormError error=error />
        <FreshSecret id=Signal::derive(move || key.get_value()) made=rotate.version() />
        {move || endpoint.with(|endpoint| banner(endpoint, status, may_write))}
        <div inner_html=move || shown.with(|detail| detail.delivery.clone())></div>
        <div class="split">
            <div class="stack">
                <section class="panel pad stack gap-4" aria-labelledby="health-title">
                    <div class="row spread wrap">
                        <h2 id="health-title">"Last 7 days"</h2>
                        {move || shown.with(|detail| { let (tone, word) = standing(&detail.endpoint, &detail.health); view! { <Status tone=tone word=word /> } })}
                    </div>
                    {move || health.with(figures)}
                    {move || health.with(|health| endpoint.with(|endpoint| waiting(endpoint, health))).map(|text| view! { <p class="help">{text}</p> })}
                    {move || (may_write && failed.get()).then(|| view! { <div><a class="btn small" href=missed.clone()><Icon name="replay" />"Replay what it missed"</a></div> })}
                    {move || view! { <DaysChart days=health.with(|health| health.days.clone()) /> }}
                </section>
                <section class="panel" aria-labelledby="recent-title">
                    <div class="panel-head"><h2 id="recent-title">"Recent deliveries"</h2><a class="btn small" href=log><Icon name="log" />"Open in the log"</a></div>
                    {move || recent.with(|rows| deliveries(rows))}
                </section>
                {move || endpoint.with(configuration)}
            </div>
            <aside class="stack">
                <SecretPanel endpoint=endpoint rotate=rotate may_write=may_write />
                <TestPanel id=id may_write=may_write types=types patterns=patterns />
                <VerifyCode />
            </aside>
        </div>
    }
}

#[component]
fn Buttons(endpoint: Memo<Endpoint>, status: Post<SetEndpointStatus>, delete: Post<DeleteEndpoint>) -> impl IntoView {
    let (id, name) = endpoint.with_untracked(|endpoint| {
        (StoredValue::new(endpoint.id.to_string()), StoredValue::new(endpoint.name.clone()))
    });
    let active = Memo::new(move |_| endpoint.with(|endpoint| endpoint.status == EndpointStatus::Active));
    let disabled = Memo::new(move |_| endpoint.with(|endpoint| endpoint.status == EndpointStatus::Disabled));
    view! {
        <PostForm action=delete>
            <input type="hidden" name="id" value=id.get_value() />
            <Confirm title=format!("Delete {}?", name.get_value()) text="What still waits for it ends as failed, and nothing more is delivered to it. The delivery log keeps its past. This cannot be undone." label="Delete" class="quiet" />
        </PostForm>
        <PostForm action=status>
            <input type="hidden" name="id" value=id.get_value() />
            <input type="hidden" name="status" value=move || if active.get() { "paused" } else { "active" } />
            <button class="btn" type="submit" disabled=status.pending()>
                {move || if active.get() { view! { <Icon name="pause" /> } } else { view! { <Icon name="play" /> } }}
                {move || if active.get() { "Pause" } else if disabled.get() { "Enable" } else { "Resume" }}
            </button>
        </PostForm>
        <a class="btn primary" href=format!("/endpoints/{}/edit", id.get_value())><Icon name="pencil" />"Edit"</a>
    }
}

/// What must be known before anything else: nothing goes out, or what goes out fails.
fn banner(endpoint: &Endpoint, status: Post<SetEndpointStatus>, may_write: bool) -> Option<AnyView> {
    let reason = endpoint.disabled_reason.clone().unwrap_or_else(|| "It was switched off.".into());
    match (endpoint.status, &endpoint.failing) {
        (EndpointStatus::Active, None) => None,
        (EndpointStatus::Active, Some(failing)) => Some(failing_banner(failing)),
        (EndpointStatus::Paused, _) => Some(view! { <div class="notice warn mb-4"><Icon name="pause" /><div><b>"Paused. "</b>"Deliveries are kept and go out when you resume it."</div></div> }.into_any()),
        (EndpointStatus::Disabled, _) => {
            let id = endpoint.id.to_string();
            let enable = may_write.then(|| view! {
                <PostForm action=status>
                    <input type="hidden" name="id" value=id />
                    <input type="hidden" name="status" value="active" />
                    <button class="btn primary" type="submit" disabled=status.pending()>"Enable and send what was kept"</button>
                </PostForm>
            });
            Some(view! { <div class="notice bad mb-4 flex-wrap"><Icon name="warning" /><div class="grow basis-60"><b>"Disabled. "</b>{reason}" Deliveries are kept. Enable it when the receiver is back."</div>{enable}</div> }.into_any())
        }
    }
}

fn failing_banner(failing: &Failing) -> AnyView {
    let count =
        if failing.failures == 1 { "1 failure".to_owned() } else { format!("{} failures in a row", failing.failures) };
    let next = match failing.open_until {
        Some(until) => {
            view! { " The circuit breaker holds deliveries back. The next probe goes "<Time at=until />"." }.into_any()
        }
        None if failing.failures >= FAILURES_TO_OPEN => {
            view! { " The circuit breaker is open: one delivery goes as a probe." }.into_any()
        }
        None => ().into_any(),
    };
    // The server writes the time itself, the browser how long ago it was.
    let since = failing.since;
    let ago =
        move || use_context::<Clock>().and_then(Clock::now).filter(|now| now.since(since) >= 1000).map(|_| " ago");
    view! { <div class="notice warn mb-4"><Icon name="warning" /><div><b>"Failing. "</b>{count}", the first "<Time at=since />{ago}"."{next}</div></div> }.into_any()
}

fn figures(health: &Health) -> impl IntoView + use<> {
    let figure = |value: String, word: &'static str, class: &'static str| {
        view! { <div><dt class="help">{word}</dt><dd class=format!("text-[19px]/7 font-[560] tabular-nums {class}")>{value}</dd></div> }
    };
    let tone = |count: i64, class: &'static str| if count > 0 { class } else { "" };
    let waiting = health.waiting + health.retrying;
    view! {
        <dl class="grid grid-cols-2 sm:grid-cols-3 xl:grid-cols-5 gap-3">
            {figure(success(health.delivered, health.failed).unwrap_or_else(|| "–".into()), "Arrived", "")}
            {figure(count(health.delivered), "Delivered", "")}
            {figure(count(health.failed), "Failed", tone(health.failed, "text-bad"))}
            {figure(count(waiting), "Waiting", tone(waiting, "text-warn"))}
            {figure(health.p95_us.map_or_else(|| "–".into(), duration), "p95", "")}
        </dl>
    }
}

fn deliveries(rows: &[DeliverySummary]) -> impl IntoView + use<> {
    if rows.is_empty() {
        return view! { <p class="pad muted border-t border-line">"Nothing yet. Post an event that it subscribes to, or send a test."</p> }.into_any();
    }
    let rows = rows
        .iter()
        .map(|row| {
            let (tone, word) = delivery_status(row.status);
            let answer = row.last_code.map(|code| code.to_string()).or_else(|| row.last_error.map(|error| error.to_string())).unwrap_or_else(|| "–".into());
            view! {
                <tr>
                    <td><Status tone=tone word=word /></td>
                    <td class="num hide-s">{answer}</td>
                    <td class="w-full max-w-0"><a class="mono block ell hover:underline underline-offset-2" href=format!("/deliveries/{}", row.id)>{row.event_type.clone()}</a></td>
                    <td class="num r muted hide-s">{format!("{}/{}", row.attempt_count, row.max_attempts)}</td>
                    <td class="num r muted hide-s">{row.last_duration_us.map(duration)}</td>
                    <td class="r muted"><Time at=row.created_at /></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="scroll">
            <table>
                <thead><tr>
                    <th scope="col">"Status"</th><th scope="col" class="hide-s">"Answer"</th><th scope="col">"Event type"</th>
                    <th scope="col" class="r hide-s">"Attempt"</th><th scope="col" class="r hide-s">"Duration"</th><th scope="col" class="r">"Received"</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn configuration(endpoint: &Endpoint) -> impl IntoView + use<> {
    let patterns = endpoint.event_types.iter().map(|pattern| view! { <span class="chip mono">{if pattern == "*" { "* all, also future ones".to_owned() } else { pattern.clone() }}</span> }).collect_view();
    let headers = endpoint.headers.iter().map(|header| view! { <div class="mono break-all">{header.name.clone()}": "<span class="muted">{header.value.clone()}</span></div> }).collect_view();
    let headers = if endpoint.headers.is_empty() {
        view! { <span class="faint">"none"</span> }.into_any()
    } else {
        headers.into_any()
    };
    let rate = endpoint
        .rate_limit_per_minute
        .map_or_else(|| "no limit".to_owned(), |rate| format!("{} per minute", count(rate)));
    let retry = match &endpoint.retry {
        Retry::Preset(preset) => preset.to_string(),
        Retry::Own(_) => "own".to_owned(),
    };
    let line =
        |name: &'static str, value: AnyView| view! { <dt class="muted">{name}</dt><dd class="min-w-0">{value}</dd> };
    let (url, id) = (endpoint.url.clone(), endpoint.id.to_string());
    let description = (!endpoint.description.is_empty())
        .then(|| line("Description", view! { {endpoint.description.clone()} }.into_any()));
    view! {
        <section class="panel pad stack gap-3.5" aria-labelledby="configuration-title">
            <h2 id="configuration-title">"Configuration"</h2>
            <dl class="grid grid-cols-[minmax(88px,auto)_minmax(0,1fr)] gap-x-5 gap-y-2 items-baseline">
                {line("URL", view! { <span class="row"><span class="mono break-all">{url.clone()}</span><Copy text=url /></span> }.into_any())}
                {description}
                {line("Events", view! { <span class="row wrap">{patterns}</span> }.into_any())}
                {line("Timeout", view! { <span class="num">{duration(endpoint.timeout_ms * 1000)}</span> }.into_any())}
                {line("At most", view! { {rate} }.into_any())}
                {line("Headers", headers)}
                {line("Id", view! { <span class="row"><span class="mono break-all">{id.clone()}</span><Copy text=id /></span> }.into_any())}
                {line("Created", view! { <Time at=endpoint.created_at /> }.into_any())}
                {line("Retry", view! { <span class="capitalize">{retry}</span> }.into_any())}
            </dl>
            <Timeline waits=endpoint.retry.seconds().to_vec() />
        </section>
    }
}
