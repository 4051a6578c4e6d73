//! One attempt: how it ended and why, where its time went, and below it what was sent and what came back.
//! Drawn on the server.

use domain::Timestamp;
use domain::delivery::{Attempt, DeliveryDetail, Outcome};
use leptos::prelude::*;

use super::explain::explain;
use super::place::{Place, Tab};
use super::row::exact;
use super::{steps, tabs, text};
use crate::components::{DurationBar, Tabs};

/// The attempt of this number, else the last one.
#[must_use]
pub fn chosen(detail: &DeliveryDetail, number: Option<i64>) -> Option<&Attempt> {
    detail.attempts.iter().find(|attempt| Some(attempt.number) == number).or(detail.attempts.last())
}

/// The attempts of a delivery, one at a time, and the section that the place names.
pub fn attempts(detail: &DeliveryDetail, place: &Place, now: Timestamp) -> AnyView {
    let id = detail.delivery.id.as_str();
    let attempt = chosen(detail, place.attempt);
    let items = Tab::ALL.into_iter().map(|(tab, _, name)| {
        let name = match detail.related.len() {
            count @ 1.. if tab == Tab::Related => format!("{name} {count}"),
            _ => name.to_owned(),
        };
        (name, Place { tab, ..place.clone() }.href(id), tab == place.tab)
    });
    view! {
        <section class="panel pad stack gap-4!" aria-label="Attempts">
            {attempt.map(|attempt| summary(detail, attempt, place, id))}
            <Tabs items=items.collect()/>
            {tabs::content(detail, attempt, place, now)}
        </section>
    }
    .into_any()
}

/// The choice of attempts, the explanation, and where the time went.
fn summary(detail: &DeliveryDetail, attempt: &Attempt, place: &Place, id: &str) -> impl IntoView + use<> {
    let href = |number: i64| Place { attempt: Some(number), ..place.clone() }.href(id);
    let numbers: Vec<i64> = detail.attempts.iter().map(|attempt| attempt.number).collect();
    let at = numbers.iter().position(|number| *number == attempt.number).unwrap_or(0);
    let several = numbers.len() > 1;
    let step = |id: &'static str, label: &'static str, key: &'static str, number: Option<&i64>| {
        match number {
        Some(number) => {
            let title = format!("{label} ({key})");
            Some(view! { <a id=id class="btn small square" href=href(*number) title=title aria-label=label><span class="mono">{key}</span></a> }.into_any())
        }
        None => several.then(|| view! { <span class="btn small square opacity-40" aria-hidden="true"><span class="mono">{key}</span></span> }.into_any()),
    }
    };
    let previous = step("attempt-previous", "Previous attempt", "[", at.checked_sub(1).and_then(|at| numbers.get(at)));
    let next = step("attempt-next", "Next attempt", "]", numbers.get(at + 1));
    let choice = several.then(|| {
        let links = detail.attempts.iter().map(|other| {
            let tone = if other.outcome == Outcome::Succeeded { "dot ok" } else { "dot bad" };
            let on = (other.number == attempt.number).then_some("true");
            view! {
                <a href=href(other.number) class="min-h-[26px]! py-0!" aria-current=on title=format!("Attempt {}: {}", other.number, steps::ended(other))>
                    <span class=tone aria-hidden="true"></span>
                    <span class="mono">{other.number}</span>
                </a>
            }
        });
        view! { <nav class="max-w-full overflow-x-auto" aria-label="Attempts"><div class="seg">{links.collect_view()}</div></nav> }
    });
    view! {
        <div class="row spread wrap">
            <h2>{format!("Attempt {} of {}", attempt.number, detail.delivery.max_attempts.max(attempt.number))}</h2>
            <div class="row min-w-0">{choice}{previous}{next}</div>
        </div>
        <p class="muted">{sentence(attempt)}" "<span class="faint mono">{exact(attempt.started_at)}</span></p>
        {explain(attempt).map(|words| view! {
            <div class="notice bad flex-col gap-0!"><b class="font-semibold">{words.what}</b><span class="muted">{words.fix}</span></div>
        })}
        <DurationBar dns_us=attempt.dns_us connect_us=attempt.connect_us tls_us=attempt.tls_us first_byte_us=attempt.first_byte_us total_us=attempt.total_us/>
        {changed(detail, attempt)}
        {connection(attempt, detail.delivery.endpoint_id.as_str())}
    }
}

/// Said where the endpoint was changed between the attempt before and this one.
fn changed(detail: &DeliveryDetail, attempt: &Attempt) -> Option<AnyView> {
    let before = detail.attempts.iter().rfind(|other| other.number < attempt.number)?;
    let (old, new) = (before.endpoint_version?, attempt.endpoint_version?);
    let href = format!("/endpoints/{}/history#v{new}", detail.delivery.endpoint_id);
    (old != new).then(|| view! { <p class="notice info">"The endpoint was changed before this attempt."<a class="link" href=href>{format!("From version {old} to {new}")}</a></p> }.into_any())
}

fn sentence(attempt: &Attempt) -> String {
    let took = text::duration(attempt.total_us);
    match (attempt.outcome, attempt.code, attempt.error_class) {
        (Outcome::Succeeded, None, _) => "The receiver fetched it and said that it has it.".to_owned(),
        (Outcome::TimedOut, _, _) => format!("Timed out after {took}."),
        (_, Some(code), _) => format!("Answered {code} in {took}."),
        (_, None, Some(class)) => format!("Failed ({}) after {took}.", text::error_word(class)),
        (_, None, None) => format!("Failed after {took}."),
    }
}

/// Where it went and how.
fn connection(attempt: &Attempt, endpoint_id: &str) -> impl IntoView + use<> {
    let reused = attempt.connect_us.is_none() && attempt.remote.is_some() && attempt.code.is_some();
    let fact = |name: &'static str, value: Option<String>| {
        value.map(|value| view! { <span><span class="faint">{name}" "</span><span class="mono">{value}</span></span> })
    };
    view! {
        <p class="row wrap gap-x-5! gap-y-1!">
            {fact("Address", attempt.remote.clone())}
            {fact("TLS", attempt.tls.clone())}
            {fact("Connection", reused.then(|| "reused".to_owned()))}
            {attempt.endpoint_version.map(|version| view! { <span><span class="faint">"Endpoint version "</span><a class="link mono" href=format!("/endpoints/{endpoint_id}/history#v{version}")>{version}</a></span> })}
            {fact("Attempt id", Some(attempt.id.to_string()))}
        </p>
    }
}

#[cfg(test)]
mod tests {
    use domain::delivery::{DeliveryStatus, ErrorClass};

    use super::super::samples;
    use super::*;

    #[test]
    fn the_last_attempt_is_shown_unless_another_is_named() {
        let detail = samples::detail(
            DeliveryStatus::Retrying,
            vec![samples::failed(ErrorClass::Http), Attempt { number: 2, ..samples::failed(ErrorClass::Http) }],
        );
        let number = |wanted| chosen(&detail, wanted).map(|attempt| attempt.number);
        assert_eq!([number(None), number(Some(1)), number(Some(9))], [Some(2), Some(1), Some(2)]);
        assert_eq!(sentence(&detail.attempts[0]), "Answered 503 in 1.0 ms.");
    }
}
