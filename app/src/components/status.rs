//! Small signs: icons, and status as a dot with a word.

use leptos::prelude::*;

/// What a status means, never told by colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// It went well.
    Ok,
    /// It may still go well.
    Warn,
    /// It did not.
    Bad,
    /// Neither good nor bad.
    Info,
    /// Not in use.
    #[default]
    Off,
}

impl Tone {
    /// The CSS class.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Info => "info",
            Self::Off => "off",
        }
    }
}

/// A dot and a word.
#[component]
pub fn Status(
    /// What it means.
    tone: Tone,
    /// What it is called.
    #[prop(into)]
    word: String,
) -> impl IntoView {
    view! {
        <span class=format!("status {}", tone.class())>
            <span class="dot" aria-hidden="true"></span>
            {word}
        </span>
    }
}

/// One of the icons in `public/icons.svg`; always beside a word or inside something that has a name.
#[component]
pub fn Icon(
    /// The icon's id in the sprite.
    name: &'static str,
) -> impl IntoView {
    view! {
        <svg class="icon" aria-hidden="true">
            <use href=format!("/icons.svg#{name}")></use>
        </svg>
    }
}
