//! `/`: the first steps while there are any, and the dashboard.

use std::time::Duration;

use domain::live::Notice;
use leptos::prelude::*;

use super::calls::{HomeData, LoadHome, LoadSteps, SendSample, SkipSteps, UseInbox};
use super::dashboard::Dashboard;
use super::progress::Steps;
use super::steps::FirstSteps;
use crate::components::{FormError, Icon, PageHead, ProblemPanel};
use crate::fresh::{pulse, reload};
use crate::remote::{Post, PostForm, ask, load};

/// What can be done from the home page.
#[derive(Clone, Copy)]
pub struct HomeActions {
    /// Adds an endpoint at the inbox.
    pub inbox: Post<UseInbox>,
    /// Posts a sample.
    pub sample: Post<SendSample>,
    /// Hides or shows the steps.
    pub skip: Post<SkipSteps>,
}

/// `/`.
#[component]
pub fn HomePage() -> impl IntoView {
    let (home, steps) = (load(|| LoadHome {}), load(|| LoadSteps {}));
    view! {
        <Suspense fallback=|| view! { <PageHead title="Home" /> }>
            {move || Suspend::new(async move {
                match (home.await, steps.await) {
                    (Ok(home), Ok(steps)) => view! { <Loaded home=home steps=steps /> }.into_any(),
                    (Err(error), _) | (_, Err(error)) => view! { <PageHead title="Home" /><ProblemPanel error=error /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Loaded(home: HomeData, steps: Steps) -> impl IntoView {
    let actions = HomeActions { inbox: Post::new(), sample: Post::new(), skip: Post::new() };
    let (home, steps) = (RwSignal::new(home), RwSignal::new(steps));
    let beat = pulse(Duration::from_millis(700), |notice| matches!(notice, Notice::Delivery(_) | Notice::Endpoint(_)));
    let done = move || {
        (beat.get(), actions.inbox.version().get(), actions.sample.version().get(), actions.skip.version().get())
    };
    reload(home, done, || ask(LoadHome {}));
    reload(steps, done, || ask(LoadSteps {}));
    let guided = Memo::new(move |_| steps.with(Steps::shown));
    let may_write = steps.with_untracked(|steps| steps.may_write);
    let error = Signal::derive(move || {
        [actions.inbox.error(), actions.sample.error(), actions.skip.error()].into_iter().find_map(|error| error.get())
    });
    let again = move || steps.with(|steps| steps.skipped && steps.current().is_some());
    view! {
        <PageHead title="Home">
            {move || again().then(|| view! { <PostForm action=actions.skip><input type="hidden" name="skip" value="false" /><button class="btn quiet" type="submit">"Show the first steps"</button></PostForm> })}
            {may_write.then(|| view! { <a class="btn" class:primary=move || !guided.get() href="/endpoints/new"><Icon name="plus" />"Add endpoint"</a> })}
        </PageHead>
        <FormError error=error />
        <div class="stack">
            {move || guided.get().then(|| view! { <FirstSteps steps=steps home=home actions=actions /> })}
            <Dashboard home=home />
        </div>
    }
}
