//! Why dead letters failed: a table that stands above the log of failed deliveries. Drawn on the server.

use domain::Timestamp;
use domain::delivery::query::LogQuery;
use domain::delivery::{FailureReason, FailureReasons};
use leptos::prelude::*;

use super::row::ago;
use super::text;
use super::url::{self, Field};
use crate::components::Icon;

/// The reasons, most frequent first; nothing for nothing.
pub fn reasons(query: &LogQuery, reasons: &FailureReasons, now: Timestamp, may_replay: bool) -> AnyView {
    if reasons.data.is_empty() {
        return ().into_any();
    }
    let rows: Vec<_> = reasons.data.iter().map(|reason| row(query, reason, now, may_replay)).collect();
    let partial = reasons.partial.then(|| view! { <p class="help px-4 py-2">"The newest 20,000 are counted."</p> });
    view! {
        <section class="panel mb-3" aria-labelledby="why-title">
            <div class="panel-head py-2!"><h2 id="why-title">"Why"</h2></div>
            <div class="scroll" tabindex="0" role="group" aria-label="Reasons, as a table">
                <table>
                    <thead>
                        <tr>
                            <th>"Reason"</th><th class="hide-s">"What the last attempt says"</th><th class="r">"Count"</th><th class="r hide-s">"Oldest"</th><th class="r hide-s">"Newest"</th>
                            <th><span class="sr-only">"Actions"</span></th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            {partial}
        </section>
    }
    .into_any()
}

fn row(query: &LogQuery, reason: &FailureReason, now: Timestamp, may_replay: bool) -> AnyView {
    let narrowed = narrowed(query, reason);
    let word = word(reason);
    let plan = format!("/replays/new?{}", url::search(&narrowed));
    let replay = may_replay.then(|| {
        view! { <a class="btn small" href=plan aria-label=format!("Replay these: {word}")><Icon name="replay"/>"Replay these"</a> }
    });
    view! {
        <tr>
            <td><a class="link mono" href=url::href(&narrowed)>{word.clone()}</a></td>
            <td class="hide-s w-full max-w-0"><span class="block ell muted" title=reason.message.clone()>{reason.message.clone()}</span></td>
            <td class="num r">{text::count(reason.count)}</td>
            <td class="r faint hide-s">{ago(reason.oldest_at, now)}</td>
            <td class="r faint hide-s">{ago(reason.newest_at, now)}</td>
            <td class="r">{replay}</td>
        </tr>
    }
    .into_any()
}

/// The code, else the class of failure; with both where the code alone says nothing.
fn word(reason: &FailureReason) -> String {
    match (reason.code, reason.error) {
        (Some(code), None | Some(domain::delivery::ErrorClass::Http)) => code.to_string(),
        (Some(code), Some(class)) => format!("{code}, {}", text::error_word(class)),
        (None, Some(class)) => text::error_word(class).to_owned(),
        (None, None) => "not sent".to_owned(),
    }
}

/// The same filters narrowed to one reason.
fn narrowed(query: &LogQuery, reason: &FailureReason) -> LogQuery {
    let set = |query: &LogQuery, field, value: String| url::with(query, field, Some(&value));
    let code = reason.code.map_or_else(|| "none".to_owned(), |code| code.to_string());
    let query = set(query, Field::Code, code);
    match reason.error {
        Some(class) => set(&query, Field::Error, class.to_string()),
        None if reason.code.is_none() => set(&query, Field::Attempt, "0".to_owned()),
        None => query,
    }
}

#[cfg(test)]
mod tests {
    use domain::delivery::ErrorClass;

    use super::*;

    fn reason(code: Option<i64>, error: Option<ErrorClass>) -> FailureReason {
        FailureReason {
            code,
            error,
            message: Some("<b>disk full".into()),
            count: 1204,
            oldest_at: Timestamp(0),
            newest_at: Timestamp(60_000),
        }
    }

    #[test]
    fn a_reason_leads_to_its_deliveries_and_to_the_plan_of_their_replay() {
        let query = url::read("status=failed&endpoint=ep_1&cursor=after-1");
        for (code, error, word, search) in [
            (Some(503), Some(ErrorClass::Http), "503", "code=503&error=http"),
            (Some(200), Some(ErrorClass::TooLarge), "200, too large", "code=200&error=too_large"),
            (None, Some(ErrorClass::Timeout), "timeout", "code=none&error=timeout"),
            (None, None, "not sent", "code=none&attempt=0"),
        ] {
            let reason = reason(code, error);
            assert_eq!(super::word(&reason), word);
            assert_eq!(url::search(&narrowed(&query, &reason)), format!("status=failed&endpoint=ep_1&{search}"));
        }
        let all = FailureReasons { data: vec![reason(Some(503), Some(ErrorClass::Http))], partial: true };
        let drawn = |may| super::super::drawn::html(reasons(&query, &all, Timestamp(120_000), may));
        for words in ["1,204", "&lt;b&gt;disk full", "2 min", "Replay these", "/replays/new?status=failed", "20,000"] {
            assert!(drawn(true).contains(words), "{words}: {}", drawn(true));
        }
        assert!(!drawn(false).contains("Replay these"));
    }
}
