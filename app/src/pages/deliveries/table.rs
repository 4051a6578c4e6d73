//! The rows of the log with their head, the pill for what is new, and the way to older ones.

use domain::delivery::query::LogQuery;
use leptos::prelude::*;

use super::bulk::{Bulk, BulkActions};
use super::calls::{LogPage, Side};
use super::drawn::piece;
use super::row::Row;
use super::tail::Tail;
use super::{text, url};
use crate::components::{Icon, Pager, ProblemPanel};
use crate::error::UiError;

/// What the rows share.
#[derive(Clone, Copy)]
pub struct Context {
    /// The live rows.
    pub tail: Tail,
    /// The replay forms.
    pub bulk: Bulk,
    /// What stands around the rows.
    pub side: RwSignal<Result<Side, UiError>>,
    /// Asks for the rows again.
    pub rows_again: RwSignal<usize>,
    /// Asks for what stands around them again.
    pub side_again: RwSignal<usize>,
    /// Whether that is to be asked again once nobody is busy with it.
    pub changed: StoredValue<bool>,
}

impl Context {
    /// Asks for the rows again.
    pub fn reload_rows(self) {
        self.tail.clear();
        self.rows_again.update(|again| *again += 1);
    }

    /// Asks for everything again.
    pub fn reload(self) {
        self.reload_rows();
        self.side_again.update(|again| *again += 1);
    }
}

/// A page of rows, or what to do when there is none.
#[component]
pub fn Table(
    /// The filters.
    query: Memo<LogQuery>,
    /// The rows as they were loaded.
    log: RwSignal<Result<LogPage, UiError>>,
    /// What the page shares.
    context: Context,
) -> impl IntoView {
    let tail = context.tail;
    let now = log.with_untracked(|log| log.as_ref().map(|log| log.now).unwrap_or_default());
    let may_replay = Memo::new(move |_| log.with(|log| log.as_ref().is_ok_and(|log| log.may_replay)));
    let is_empty = Memo::new(move |_| tail.rows.with(Vec::is_empty));
    let is_lost = Memo::new(move |_| log.with(Result::is_err));
    let problem = move || log.with(|log| log.as_ref().err().cloned()).map(|error| view! { <ProblemPanel error/> });
    let nothing = move || is_empty.get().then(|| nothing(query, context));
    let each = move || tail.rows.get();
    view! {
        {problem}
        <div class="panel relative overflow-clip" class:hidden=move || is_lost.get()>
            {move || may_replay.get().then(|| toolbar(query, is_empty, context))}
            <Pill context/>
            <table class:hidden=move || is_empty.get()>
                <thead>
                    <tr>
                        <th class="w-[30px]">{move || may_replay.get().then(|| view! { <SelectAll tail/> })}</th>
                        <th>"Status"</th>
                        <th class="hide-s">"Code"</th>
                        <th>"Event"</th>
                        <th class="hide-s">"To"</th>
                        <th class="r hide-s">"Try"</th>
                        <th class="r hide-s">"ms"</th>
                        <th class="r hidden xl:table-cell">"Next try"</th>
                        <th class="r">"Ago"</th>
                        <th class="hide-s"><span class="sr-only">"Actions"</span></th>
                    </tr>
                </thead>
                <tbody>
                    <For each=each key=|row| row.with_untracked(|row| row.id.clone()) let:row>
                        <Row row tail now may_replay=may_replay.get_untracked()/>
                    </For>
                </tbody>
            </table>
            {nothing}
        </div>
        {move || pager(query, log)}
    }
}

/// The way to newer and older rows.
fn pager(query: Memo<LogQuery>, log: RwSignal<Result<LogPage, UiError>>) -> AnyView {
    let cursors = log.with(|log| {
        log.as_ref().map(|log| (log.page.previous_cursor.clone(), log.page.next_cursor.clone())).unwrap_or_default()
    });
    let href = |cursor: String| query.with_untracked(|query| url::href(&url::at_cursor(query, Some(cursor))));
    view! { <Pager previous=cursors.0.map(href) next=cursors.1.map(href)/> }.into_any()
}

/// The bar above the rows: what can be done with several at once.
fn toolbar(query: Memo<LogQuery>, is_empty: Memo<bool>, context: Context) -> AnyView {
    let Context { tail, bulk, side, .. } = context;
    let failed = Memo::new(move |_| side.with(|side| side.as_ref().map_or(0, |side| side.failed)));
    view! {
        <div class="row wrap border-b border-line px-4 py-[7px] max-sm:px-3" class:hidden=move || is_empty.get()>
            <BulkActions bulk tail query failed/>
        </div>
    }
    .into_any()
}

/// What stands where rows would be: a way back from a page that is no more, else what the server drew.
fn nothing(query: Memo<LogQuery>, context: Context) -> AnyView {
    if query.with_untracked(|query| query.cursor.is_none()) {
        return piece(context.side, |side| &side.empty);
    }
    let newest = query.with_untracked(|query| url::href(&url::at_cursor(query, None)));
    view! { <div class="empty"><h2>"No older deliveries"</h2><p><a class="link" href=newest>"Back to the newest"</a></p></div> }.into_any()
}

/// Selects all rows on screen; needs scripts.
#[component]
fn SelectAll(tail: Tail) -> impl IntoView {
    let some = move || tail.selected.with(|selected| !selected.is_empty());
    view! {
        <input
            type="checkbox" class="check js-only" aria-label="Select all on this page"
            prop:checked=some on:change=move |event| tail.select_all(event_target_checked(&event))
        />
    }
}

/// "37 new", and what a filter cannot tell without asking.
#[component]
fn Pill(context: Context) -> impl IntoView {
    let tail = context.tail;
    let show = move |_| {
        window().scroll_to_with_x_and_y(0.0, 0.0);
        tail.release();
    };
    let pill = "btn small primary pointer-events-auto shadow-lg";
    view! {
        <div class="pointer-events-none sticky top-[58px] z-10 flex h-0 justify-center md:top-3" role="status">
            {move || {
                let (held, unchecked) = (tail.held.with(Vec::len), tail.unchecked.get());
                if held > 0 {
                    Some(view! { <button type="button" class=pill on:click=show>{format!("↑ {held} new")}</button> }.into_any())
                } else if unchecked > 0 {
                    let words = format!("{} changed, load again", text::count(i64::try_from(unchecked).unwrap_or(i64::MAX)));
                    Some(view! { <button type="button" class=pill on:click=move |_| context.reload()><Icon name="replay"/>{words}</button> }.into_any())
                } else {
                    None
                }
            }}
        </div>
    }
}
