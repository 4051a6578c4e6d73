//! The list of replays as the server draws it.

use domain::replay::{Replay, ReplayState};
use domain::{Page, Timestamp};
use leptos::prelude::*;

use super::{sheet, words};
use crate::components::{Empty, Icon, Pager, Status, relative};
use crate::log_url::{self, Field};
use crate::words::count;

/// The page of the list as HTML. While one runs, browsers without scripts load it again every few seconds.
#[must_use]
pub fn draw(page: &Page<Replay>, now: Timestamp) -> String {
    if page.data.is_empty() {
        return nothing().into_any().to_html();
    }
    let running = page.data.iter().any(|replay| replay.state == ReplayState::Running);
    let again =
        running.then(|| view! { <noscript inner_html=r#"<meta http-equiv="refresh" content="2">"#></noscript> });
    let rows: Vec<_> = page.data.iter().map(|replay| row(replay, now)).collect();
    let href = |cursor: &Option<String>| cursor.as_ref().map(|cursor| format!("/replays?cursor={cursor}"));
    let view = view! {
        {again}
        <div class="panel overflow-clip">
            <table>
                <thead>
                    <tr>
                        <th>"State"</th><th>"What"</th><th>"Made"</th><th class="hide-s">"Settings"</th><th class="hide-s">"Started by"</th><th class="r hide-s">"Started"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <Pager previous=href(&page.previous_cursor) next=href(&page.next_cursor)/>
    };
    view.into_any().to_html()
}

fn nothing() -> impl IntoView {
    view! {
        <div class="panel">
            <Empty title="No replays yet" text="When a receiver was down, filter the delivery log for what it missed and send all of it again: with a plan first, at a speed of your choice.">
                <a class="btn" href="/deliveries?status=failed"><Icon name="log"/>"Failed deliveries"</a>
            </Empty>
        </div>
    }
}

fn row(replay: &Replay, now: Timestamp) -> AnyView {
    let (tone, word) = words::state(replay.state);
    let what = what(replay);
    view! {
        <tr class="relative hover:bg-sunken">
            <td class="w-[1%]"><Status tone=tone word=word/></td>
            <td class="max-w-0 w-1/2"><a class="block ell after:absolute after:inset-0" href=format!("/replays/{}", replay.id) title=what.clone()>{what.clone()}</a></td>
            <td class="min-w-[112px] pr-3! sm:min-w-[200px]">
                <span class="stack gap-1! py-1.5">
                    <span class="num leading-4">{count(replay.made)}<span class="faint">{format!(" / {}", count(replay.expected))}</span></span>
                    {sheet::bar(replay)}
                </span>
            </td>
            <td class="hide-s muted">{match replay.settings { domain::replay::Settings::Now => "now", domain::replay::Settings::Then => "then" }}</td>
            <td class="hide-s muted ell max-w-[12rem]">{replay.actor_name.clone()}</td>
            <td class="r faint hide-s"><time datetime=replay.created_at.rfc3339() title=words::exact(replay.created_at)>{relative(now, replay.created_at)}</time></td>
        </tr>
    }
    .into_any()
}

/// The filters in one line; the end that every replay has says nothing.
fn what(replay: &Replay) -> String {
    let query = sheet::asked(replay).query;
    let set = Field::ALL
        .into_iter()
        .filter(|field| *field != Field::Until)
        .filter_map(|field| Some(format!("{}: {}", field.token(), log_url::readable(field, field.get(&query)?))));
    let all: Vec<String> = query.q.clone().into_iter().chain(set).collect();
    if all.is_empty() { "Every delivery".to_owned() } else { all.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::super::words::tests::replay;
    use super::*;

    fn page(data: Vec<Replay>) -> Page<Replay> {
        Page { data, next_cursor: Some("after-1".into()), previous_cursor: None }
    }

    #[test]
    fn each_replay_is_a_row_with_its_progress() {
        let drawn = draw(&page(vec![replay(ReplayState::Running), replay(ReplayState::Finished)]), Timestamp(60_000));
        for words in ["Running", "Finished", "300", " / 1,200", "status: failed", "1 min", "/replays?cursor=after-1"] {
            assert!(drawn.contains(words), "{words}: {drawn}");
        }
        assert!(drawn.contains("http-equiv"));
        assert!(!draw(&page(vec![replay(ReplayState::Finished)]), Timestamp(0)).contains("http-equiv"));
    }

    #[test]
    fn an_empty_list_leads_to_the_failed_ones() {
        assert!(draw(&page(Vec::new()), Timestamp(0)).contains("/deliveries?status=failed"));
    }
}
