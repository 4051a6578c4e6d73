//! `/replays/new`: the plan of a replay, and the form that changes and starts it.

use domain::Permission;
use domain::replay::Settings;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_location;

use super::asked::{Asked, PATH};
use super::calls::{PlanReplay, StartReplay, UpdatePlan};
use crate::May;
use crate::components::{FieldError, FormError, Icon, PageHead, loaded};
use crate::remote::{Post, PostForm, load};

/// The plan for the filters in the address.
#[component]
pub fn ReplayNewPage() -> impl IntoView {
    let location = use_location();
    // While the router is on its way to another page, this one keeps what it shows.
    let search = Memo::new(move |before: Option<&String>| match before {
        Some(before) if location.pathname.with(|path| path != PATH) => before.clone(),
        _ => location.search.get(),
    });
    let plan = load(move || PlanReplay { search: search.get() });
    let (update, start) = (Post::<UpdatePlan>::new(), Post::<StartReplay>::new());
    // Of the two the newer one is shown; with scripts both answer to the first.
    let error = Signal::derive(move || update.error().get().or_else(|| start.error().get()));
    // Without scripts the server says that there is nothing to send.
    let nothing = RwSignal::new(false);
    Effect::new(move |_| nothing.set(plan.get().is_some_and(|plan| plan.is_ok_and(|plan| plan.expected == 0))));
    let asked = Memo::new(move |_| search.with(|search| Asked::read(search)));
    view! {
        <PageHead title="Replay deliveries" crumbs=vec![("Delivery log".into(), "/deliveries".into()), ("Replays".into(), "/replays".into())]/>
        <FormError error fields=&["rate_per_minute"]/>
        <div class="split">
            {loaded(plan, |plan| view! { <div data-drawn="" inner_html=plan.html></div> }.into_any())}
            <May permission=Permission::DeliveriesReplay>
                {move || form(asked, update, nothing, error)}
            </May>
        </div>
    }
}

/// How to send, and the two buttons. The fields follow the address.
fn form(
    asked: Memo<Asked>,
    update: Post<UpdatePlan>,
    nothing: RwSignal<bool>,
    error: Signal<Option<crate::error::UiError>>,
) -> AnyView {
    let at_first = asked.get_untracked();
    let choice = move |value: Settings, title: &'static str, text: &'static str| {
        let is_set = move || asked.with(|asked| asked.settings == value);
        view! {
            <label class="choice">
                <input type="radio" class="check" name="settings" value=value.as_str() checked=untrack(is_set) prop:checked=is_set/>
                <span class="grow">{title}<span class="help block">{text}</span></span>
            </label>
        }
        .into_any()
    };
    let invalid =
        move || error.with(|error| error.as_ref().is_some_and(|error| error.field("rate_per_minute").is_some()));
    view! {
        <section class="panel pad" aria-labelledby="how-title">
            <PostForm action=update>
                <input type="hidden" name="search" value=move || asked.with(Asked::filters)/>
                <div class="stack gap-4">
                    <h2 id="how-title">"How to send"</h2>
                    <fieldset class="field">
                        <legend class="mb-1">"Settings of the endpoints"</legend>
                        <div>
                            {choice(Settings::Now, "As they are now", "To today's URL, with today's headers, credentials and transformation. For a receiver that was mended or has moved.")}
                            {choice(Settings::Then, "As they were then", "To the URL of each delivery's last attempt, with the headers, credentials and transformation of then: the same request again, but for time and signature.")}
                        </div>
                    </fieldset>
                    <div class="field">
                        <label for="rate_per_minute">"Speed"</label>
                        <div class="row">
                            <input class="input num w-28!" id="rate_per_minute" name="rate_per_minute" inputmode="numeric" autocomplete="off" placeholder="no limit" value=at_first.rate prop:value=move || asked.with(|asked| asked.rate.clone())
                                aria-invalid=move || invalid().then_some("true") aria-describedby="rate-help"/>
                            <span class="muted">"deliveries a minute"</span>
                        </div>
                        <FieldError error field="rate_per_minute"/>
                        <p class="help" id="rate-help">"Empty: as fast as each endpoint takes them, within its own limits. A receiver that has just come back is glad of less."</p>
                    </div>
                    <label class="choice">
                        <input type="checkbox" class="check" name="skip" value="true" checked=at_first.skip prop:checked=move || asked.with(|asked| asked.skip)/>
                        <span class="grow">"Skip what arrived"<span class="help block">"Leaves out deliveries that arrived by themselves or by an earlier replay, and all but the newest replay of what was replayed in vain. Receivers get the same webhook-id again, so those that remember ids are safe either way."</span></span>
                    </label>
                    <div class="row wrap">
                        <button class="btn" type="submit" disabled=move || update.pending().get()>"Update plan"</button>
                        <button class="btn primary" type="submit" formaction=StartReplay::PATH disabled=move || update.pending().get() || nothing.get()>
                            <Icon name="replay"/>"Start replay"
                        </button>
                    </div>
                </div>
            </PostForm>
        </section>
    }
    .into_any()
}
