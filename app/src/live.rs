//! What happens on the server, as it happens: one `EventSource` on `/live` per page.
//!
//! The server sends `notices` (a JSON list of [`Numbered`], with the last number as the event's
//! id) and `reset` (the page missed something that is no longer kept and must load its list
//! again). The browser itself reconnects and names the last id, so nothing is missed or doubled.
//! While paused, what arrives is kept here and handed over on resume; if that becomes too much,
//! resuming is a reset.

use domain::live::{Notice, Numbered};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{EventSource, MessageEvent};

use crate::frame::Alerts;

/// Notices kept while paused.
const KEPT: usize = 1000;

/// How the stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveState {
    /// Not open yet: the page has not been hydrated.
    Off,
    /// Open.
    Live,
    /// Lost; the browser is trying again.
    Reconnecting,
    /// Open, but held back on request.
    Paused,
}

impl LiveState {
    /// The word that is shown.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Off => "Off",
            Self::Live => "Live",
            Self::Reconnecting => "Reconnecting",
            Self::Paused => "Paused",
        }
    }
}

/// A page's view of the stream. Copy it into any handler.
#[derive(Clone, Copy)]
pub struct Live {
    connected: RwSignal<Option<bool>>,
    paused: RwSignal<bool>,
    waiting: RwSignal<usize>,
    alerts: Option<Alerts>,
    kept: StoredValue<Vec<Notice>>,
    overflowed: StoredValue<bool>,
    on_notices: Callback<Vec<Notice>>,
    on_reset: Callback<()>,
}

impl Live {
    /// How the stream is, for the badge.
    #[must_use]
    pub fn state(&self) -> LiveState {
        match (self.connected.get(), self.paused.get()) {
            (None, _) => LiveState::Off,
            (Some(_), true) => LiveState::Paused,
            (Some(true), false) => LiveState::Live,
            (Some(false), false) => LiveState::Reconnecting,
        }
    }

    /// How many notices wait for [`Live::resume`].
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.get()
    }

    /// Holds notices back.
    pub fn pause(&self) {
        self.paused.set(true);
    }

    /// Hands over what was held back and goes on.
    pub fn resume(&self) {
        self.paused.set(false);
        self.waiting.set(0);
        let kept = self.kept.try_update_value(std::mem::take).unwrap_or_default();
        if self.overflowed.try_update_value(std::mem::take).unwrap_or_default() {
            self.on_reset.run(());
        } else if !kept.is_empty() {
            self.on_notices.run(kept);
        }
    }

    /// Pauses or resumes.
    pub fn toggle(&self) {
        if self.paused.get_untracked() { self.resume() } else { self.pause() }
    }

    fn receive(&self, notices: Vec<Notice>) {
        // The frame's part, whatever the page does with it.
        if let Some(alerts) = self.alerts.filter(|_| notices.iter().any(|notice| matches!(notice, Notice::Endpoint(_))))
        {
            alerts.changed();
        }
        if !self.paused.get_untracked() {
            return self.on_notices.run(notices);
        }
        self.waiting.update(|waiting| *waiting += notices.len());
        self.kept.update_value(|kept| kept.extend(notices));
        if self.waiting.get_untracked() > KEPT {
            self.kept.set_value(Vec::new());
            self.overflowed.set_value(true);
        }
    }

    fn reset(&self) {
        if self.paused.get_untracked() { self.overflowed.set_value(true) } else { self.on_reset.run(()) }
    }
}

/// Opens the stream after hydration and closes it with the page. `on_notices` gets each batch in
/// order; `on_reset` loads the page's list again.
pub fn open(
    on_notices: impl Fn(Vec<Notice>) + Send + Sync + 'static,
    on_reset: impl Fn() + Send + Sync + 'static,
) -> Live {
    let live = Live {
        connected: RwSignal::new(None),
        paused: RwSignal::new(false),
        waiting: RwSignal::new(0),
        alerts: use_context(),
        kept: StoredValue::new(Vec::new()),
        overflowed: StoredValue::new(false),
        on_notices: Callback::new(on_notices),
        on_reset: Callback::new(move |()| on_reset()),
    };
    // The effect holds the stream, and is gone with the page.
    Effect::new(move |_: Option<Option<Source>>| Source::connect(live));
    live
}

/// The open stream with the closures it calls; closed when dropped.
struct Source {
    inner: EventSource,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _plain: [Closure<dyn FnMut()>; 3],
}

impl Source {
    fn connect(live: Live) -> Option<Self> {
        let inner = EventSource::new(&address()).ok()?;
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let text = event.data().as_string().unwrap_or_default();
            match serde_json::from_str::<Vec<Numbered>>(&text) {
                Ok(batch) => live.receive(batch.into_iter().map(|numbered| numbered.notice).collect()),
                Err(_) => live.reset(),
            }
        });
        let connected = move |value| Closure::<dyn FnMut()>::new(move || live.connected.set(Some(value)));
        let plain = [connected(true), connected(false), Closure::<dyn FnMut()>::new(move || live.reset())];
        for (name, closure) in ["open", "error", "reset"].into_iter().zip(&plain) {
            inner.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref()).ok()?;
        }
        inner.add_event_listener_with_callback("notices", message.as_ref().unchecked_ref()).ok()?;
        Some(Self { inner, _message: message, _plain: plain })
    }
}

/// Where the stream is opened. The page that the server drew says up to which notice it knows everything; what came since
/// is then sent first.
fn address() -> String {
    let mark = document().query_selector("meta[name='live'][content]").ok().flatten();
    let known = mark.and_then(|mark| {
        let known = mark.get_attribute("content");
        // Only the first page knows it; those that the router shows load their data anew.
        mark.remove_attribute("content").ok()?;
        known
    });
    known.map_or_else(|| "/live".to_owned(), |known| format!("/live?last_id={known}"))
}

impl Drop for Source {
    fn drop(&mut self) {
        self.inner.close();
    }
}
