//! Every mistake that can be named, in the words a person reads. `{}` stands for the detail of the case.
//!
//! No logic lives here: [`mod@super::search`] finds by trial, [`super::suspect`] by looking.

use std::borrow::Cow;

use super::{Certainty, Finding};

pub(super) mod body;
pub(super) mod secret;
pub(super) mod signature;
pub(super) mod text;
pub(super) mod time;

/// A kind of mistake.
#[derive(Debug)]
pub(super) struct Mistake {
    code: &'static str,
    title: &'static str,
    explanation: &'static str,
    fix: &'static str,
}

/// A mistake that was made here.
#[derive(Debug, Clone)]
pub(super) struct Slip {
    mistake: &'static Mistake,
    detail: Cow<'static, str>,
}

impl Mistake {
    const fn new(code: &'static str, title: &'static str, explanation: &'static str, fix: &'static str) -> Self {
        Self { code, title, explanation, fix }
    }

    /// This mistake, where nothing more can be said.
    pub(super) fn slip(&'static self) -> Slip {
        self.with("")
    }

    /// This mistake, with the detail its words ask for.
    pub(super) fn with(&'static self, detail: impl Into<Cow<'static, str>>) -> Slip {
        Slip { mistake: self, detail: detail.into() }
    }
}

impl Slip {
    /// The words, filled in.
    pub(super) fn finding(&self, certainty: Certainty) -> Finding {
        let fill = |text: &str| text.replace("{}", &self.detail);
        Finding {
            code: self.mistake.code,
            certainty,
            title: fill(self.mistake.title),
            explanation: fill(self.mistake.explanation),
            fix: fill(self.mistake.fix),
        }
    }
}
