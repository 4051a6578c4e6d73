//! Replaying one, a selection, or all dead letters: forms that the boxes and buttons of the rows belong to.

use domain::delivery::query::LogQuery;
use domain::id::EndpointId;
use leptos::prelude::*;

use super::calls::{ReplayAllFailed, ReplaySelection};
use super::tail::Tail;
use super::text;
use super::url::{self, Field};
use crate::components::{Confirm, FormError, Icon};
use crate::error::UiError;
use crate::remote::{Post, PostForm};

/// The form that the rows' boxes belong to.
pub const SELECTION_FORM: &str = "replay-selection";
/// The form that the rows' buttons belong to.
pub const ROW_FORM: &str = "replay-row";

/// The actions behind the forms; made once per page, so that they outlive a reload of the rows.
#[derive(Clone, Copy)]
pub struct Bulk {
    selection: Post<ReplaySelection>,
    row: Post<ReplaySelection>,
    failed: Post<ReplayAllFailed>,
    /// Whether scripts run, so that the count of what is selected is known.
    hydrated: RwSignal<bool>,
}

impl Bulk {
    /// The actions; a replayed selection is no longer selected.
    #[must_use]
    pub fn new(tail: Tail) -> Self {
        let this =
            Self { selection: Post::new(), row: Post::new(), failed: Post::new(), hydrated: RwSignal::new(false) };
        Effect::new(move |_| this.hydrated.set(true));
        Effect::new(move |_| {
            if this.selection.is_done() {
                tail.selected.update(std::collections::BTreeSet::clear);
            }
        });
        this
    }

    /// Forgets what was done, because the page shows something else.
    pub fn clear(self) {
        self.selection.clear();
        self.row.clear();
        self.failed.clear();
    }

    /// The newest outcome of any of the forms.
    fn outcome(self) -> Option<Result<i64, UiError>> {
        let values = [
            (self.selection.answers().get(), self.selection.outcome()),
            (self.row.answers().get(), self.row.outcome()),
            (self.failed.answers().get(), self.failed.outcome()),
        ];
        values
            .into_iter()
            .filter_map(|(answers, value)| Some((answers, value?)))
            .max_by_key(|(answers, _)| *answers)
            .map(|(_, value)| value)
    }
}

/// What the last replay did, or why it did not happen.
#[component]
pub fn Outcome(
    /// The actions.
    bulk: Bulk,
) -> impl IntoView {
    let error = Signal::derive(move || bulk.outcome().and_then(Result::err));
    let done = move || {
        let count = bulk.outcome()?.ok()?;
        Some(if count == 0 {
            "Nothing was left to replay.".to_owned()
        } else {
            format!("{} replayed.", text::counted(count, "delivery", "deliveries"))
        })
    };
    view! {
        <FormError error=error/>
        <div role="status">
            {move || done().map(|words| view! { <div class="notice ok mb-3"><Icon name="check"/><div>{words}</div></div> })}
        </div>
    }
}

/// The forms themselves: invisible, but for the buttons.
#[component]
pub fn BulkActions(
    /// The actions.
    bulk: Bulk,
    /// What is selected.
    tail: Tail,
    /// The filters.
    query: Memo<LogQuery>,
    /// Dead letters in this view.
    failed: Memo<i64>,
) -> impl IntoView {
    let count = move || tail.selected.with(std::collections::BTreeSet::len);
    let word = move || if count() == 0 { "Replay selected".to_owned() } else { format!("Replay {} selected", count()) };
    view! {
        <PostForm action=bulk.row attr:id=ROW_FORM attr:class="hidden">""</PostForm>
        <PostForm action=bulk.selection attr:id=SELECTION_FORM attr:class="contents">
            <button type="submit" class="btn small" disabled=move || bulk.hydrated.get() && (count() == 0 || bulk.selection.pending().get())>
                <Icon name="replay"/>
                {word}
            </button>
        </PostForm>
        {move || query.with(|query| all_failed(bulk, query, failed.get()))}
        <a class="btn small" href=move || query.with(plan)>"Replay all that match…"</a>
    }
}

/// Where a replay of all that match is planned.
fn plan(query: &LogQuery) -> String {
    let search = url::search(&LogQuery { limit: None, cursor: None, ..query.clone() });
    if search.is_empty() { "/replays/new".to_owned() } else { format!("/replays/new?{search}") }
}

/// "Replay all failed", offered where it does what the view shows: for the organization or one endpoint.
fn all_failed(bulk: Bulk, query: &LogQuery, failed: i64) -> Option<impl IntoView + use<>> {
    let plain =
        url::search(&LogQuery { status: None, endpoint: None, limit: None, cursor: None, ..query.clone() }).is_empty();
    let only_failed = query.status.as_deref().is_none_or(|status| status == "failed");
    let endpoint = Field::Endpoint.get(query).unwrap_or_default().to_owned();
    // A name may stand for several endpoints.
    let is_one = endpoint.is_empty() || endpoint.parse::<EndpointId>().is_ok();
    let what = text::counted(failed, "failed delivery", "failed deliveries");
    let whose = if endpoint.is_empty() { "all endpoints" } else { "this endpoint" };
    (plain && is_one && only_failed && failed > 0).then(|| {
        view! {
            <PostForm action=bulk.failed attr:class="contents">
                <Confirm
                    label="Replay all failed"
                    class="small"
                    title=format!("Replay {what} to {whose}?")
                    text="Each is sent again as a new delivery to the endpoint as it is now. Those that were replayed already or whose payload is erased are left out; at most 1,000 are sent at a time."
                >
                    <input type="hidden" name="endpoint_id" value=endpoint/>
                </Confirm>
            </PostForm>
        }
    })
}
