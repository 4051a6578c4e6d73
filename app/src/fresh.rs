//! Keeps what a page shows fresh: something happens on the server, the page asks again, and only what
//! changed is drawn again. The first picture comes with the page; all this begins after hydration.

use std::future::Future;
use std::time::Duration;

use domain::live::Notice;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::error::UiError;
use crate::live;

/// A number that moves when something that `counts` has happened, at most once per `every`.
pub fn pulse(every: Duration, counts: impl Fn(&Notice) -> bool + Send + Sync + 'static) -> ReadSignal<u32> {
    let (number, set_number) = signal(0);
    let waiting = StoredValue::new(false);
    let beat = move || {
        if !waiting.get_value() {
            waiting.set_value(true);
            set_timeout(
                move || {
                    _ = waiting.try_set_value(false);
                    _ = set_number.try_update(|number| *number += 1);
                },
                every,
            );
        }
    };
    live::open(
        move |notices| {
            if notices.iter().any(&counts) {
                beat();
            }
        },
        beat,
    );
    number
}

/// A number that follows another, at most once per `every`: at once after a pause, and else when the time is over.
pub fn slower(every: Duration, beat: ReadSignal<u32>) -> ReadSignal<u32> {
    let (number, set_number) = signal(0);
    // While the time runs: whether the other has moved again.
    let running = StoredValue::new(None);
    Effect::watch(move || beat.get(), move |_, _, _| step(every, set_number, running), false);
    number
}

fn step(every: Duration, number: WriteSignal<u32>, running: StoredValue<Option<bool>>) {
    match running.try_get_value() {
        Some(None) => {
            running.set_value(Some(false));
            number.update(|number| *number += 1);
            let over = move || {
                let again = running.try_get_value() == Some(Some(true));
                _ = running.try_set_value(None);
                if again {
                    step(every, number, running);
                }
            };
            set_timeout(over, every);
        }
        Some(Some(_)) => running.set_value(Some(true)),
        // The page is gone.
        None => {}
    }
}

/// Asks again whenever `when` moves, and replaces what is `shown` by a good answer. A bad one changes nothing:
/// what is shown stays, and the next change asks again.
pub fn reload<T, V, F>(
    shown: RwSignal<T>,
    when: impl Fn() -> V + Send + Sync + 'static,
    load: impl Fn() -> F + Send + Sync + 'static,
) where
    T: PartialEq + Send + Sync + 'static,
    V: PartialEq + Send + Sync + 'static,
    F: Future<Output = Result<T, UiError>> + 'static,
{
    let when = Memo::new(move |_| when());
    Effect::watch(
        // Read, not only tracked: a memo that nobody reads follows nothing.
        move || when.with(|_| ()),
        move |(), _, _| {
            let answer = load();
            spawn_local(async move {
                if let Ok(fresh) = answer.await {
                    let stale = shown.try_with_untracked(|old| *old != fresh);
                    if stale == Some(true) {
                        _ = shown.try_set(fresh);
                    }
                }
            });
        },
        false,
    );
}
