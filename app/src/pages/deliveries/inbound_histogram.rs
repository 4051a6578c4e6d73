//! What came in over time, alone or with what goes out, as the server draws it.

use domain::Timestamp;
use domain::source::LogColumn;
use leptos::prelude::*;

use super::bars::Column;
use super::direction::Direction;
use super::histogram::{Chart, chart};
use super::inbound_query::{Asked, Filter};
use super::text;

/// How a list names what it counts: the whole, what is done, what failed, and the filters that show only what waits or failed.
struct Words {
    name: &'static str,
    noun: [&'static str; 2],
    heads: [&'static str; 3],
    waiting: (Filter, &'static str),
    failed: Option<(Filter, &'static str)>,
}

const INBOUND: Words = Words {
    name: "Requests over time",
    noun: [" request", " requests"],
    heads: ["Handled", "Waiting", "Refused or failed"],
    waiting: (Filter::State, "pending"),
    // One state can be asked for at a time, and this is two.
    failed: None,
};
const BOTH: Words = Words {
    name: "Requests and deliveries over time",
    noun: [" in all", " in all"],
    heads: ["Done", "Waiting", "Failed"],
    waiting: (Filter::Status, "pending,retrying,paused"),
    failed: Some((Filter::Status, "failed,refused")),
};

/// Totals and the histogram; nothing for nothing. `more` says that only the newest were counted.
#[must_use]
pub fn histogram(asked: &Asked, counted: &[LogColumn], width_ms: i64, more: bool, now: Timestamp) -> AnyView {
    let words = if asked.direction() == Direction::Both { &BOTH } else { &INBOUND };
    let counted: Vec<_> =
        counted.iter().map(|column| (column.at, [column.done, column.waiting, column.failed])).collect();
    let sum = |part: usize| counted.iter().map(|(_, counts)| counts[part]).sum::<i64>();
    let sums = [sum(0), sum(1), sum(2)];
    let total: i64 = sums.iter().sum();
    if total == 0 {
        return ().into_any();
    }
    let href = |column: &Column| {
        let from = asked.with(Filter::Since, Some(&column.at.rfc3339()));
        from.with(Filter::Until, Some(&column.until.rfc3339())).href(None)
    };
    let drawn = Chart { name: words.name, heads: words.heads, href: &href, now };
    view! {
        <section class="panel pad mb-3 py-3!" aria-label=words.name>
            <p class="row wrap mb-2 gap-x-[18px]! gap-y-1!">{totals(asked, words, sums, more)}</p>
            {chart(&counted, width_ms, &drawn)}
        </section>
    }
    .into_any()
}

fn totals(asked: &Asked, words: &Words, sums: [i64; 3], more: bool) -> AnyView {
    let total: i64 = sums.iter().sum();
    let [done, waiting, failed] = sums;
    let [_, _, failed_word] = words.heads.map(str::to_lowercase);
    let done_word = format!("{} {}", text::share(done, total), words.heads[0].to_lowercase());
    let only = |(filter, value)| asked.with(filter, Some(value)).href(None);
    let failed_text = format!("{} {failed_word}", text::count(failed));
    let failed = match words.failed {
        Some(filter) => {
            view! { <a class="row hover:underline" href=only(filter)><span class="dot bad" aria-hidden="true"></span>{failed_text}</a> }.into_any()
        }
        None => view! { <span class="row"><span class="dot bad" aria-hidden="true"></span>{failed_text}</span> }.into_any(),
    };
    view! {
        <span><b class="font-semibold">{text::count(total)}</b><span class="muted">{more.then_some(" or more")}{words.noun[usize::from(total != 1)]}</span></span>
        <span class="row"><span class="dot ok" aria-hidden="true"></span>{done_word}</span>
        <a class="row hover:underline" href=only(words.waiting)><span class="dot warn" aria-hidden="true"></span>{format!("{} waiting", text::count(waiting))}</a>
        {failed}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::super::drawn::html;
    use super::*;

    fn drawn(direction: Direction, search: &str, counted: &[LogColumn]) -> String {
        let asked = Asked::read(direction, search);
        html(histogram(&asked, counted, 60_000, false, Timestamp(61_000))).replace("&amp;", "&")
    }

    #[test]
    fn columns_lead_to_their_time_under_the_same_filters() {
        let column = LogColumn { at: Timestamp(0), done: 1200, waiting: 1, failed: 3 };
        let text = drawn(Direction::Inbound, "verdict=verified&q=late", std::slice::from_ref(&column));
        for part in [
            "1,204",
            " requests",
            "1 waiting",
            "3 refused or failed",
            "1,200 handled, 1 waiting, 3 refused or failed",
            // What is chosen with the pointer is put together from addresses that end with their time.
            "/deliveries/inbound?verdict=verified&q=late&since=1970-01-01T00:00:00.000Z&until=1970-01-01T00:01:00.000Z\"",
            "Requests over time as a table",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let text = drawn(Direction::Both, "place=shop", &[column]);
        for part in ["status=failed,refused", "place=shop&since=", "Requests and deliveries over time"] {
            assert!(text.replace("%2C", ",").contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn of_nothing_there_is_no_histogram() {
        let none = LogColumn { at: Timestamp(0), done: 0, waiting: 0, failed: 0 };
        assert!(!drawn(Direction::Inbound, "", &[none]).contains("<section"));
        assert!(!drawn(Direction::Both, "", &[]).contains("<section"));
    }
}
