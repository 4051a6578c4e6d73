//! The methods of the Web API: what each takes, needs and costs.

use super::Caller;
use super::answer::Outcome;
use super::arguments::Arguments;
use crate::slack::state::State;

mod table;

pub(crate) use table::METHODS;

/// One method.
pub(crate) struct Method {
    pub(crate) name: &'static str,
    pub(crate) tier: Tier,
    pub(crate) auth: Auth,
    /// Methods that read, and those of OAuth, take forms only.
    pub(crate) takes_json: bool,
    pub(crate) parameters: &'static [Parameter],
    /// The published schema of its arguments.
    pub(crate) schema: Option<&'static str>,
    pub(crate) run: fn(&mut State, &Caller, &Arguments) -> Outcome,
}

/// How often a method may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tier {
    /// Once a minute.
    One,
    /// 20 times a minute.
    Two,
    /// 50 times a minute.
    Three,
    /// 100 times a minute.
    Four,
    /// Once a second and channel.
    Posting,
    /// Hundreds of times a minute.
    Generous,
}

/// Who may call a method.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Auth {
    /// Whoever has a token with one of these scopes; with any token where none is named.
    Token(&'static [&'static str]),
    /// No token: the method looks at the client secret itself, or needs nothing.
    Own,
}

/// One parameter of a method.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) is_required: bool,
}

/// What a parameter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Flag,
    Number,
    /// A list or an object; in a form, its JSON.
    Json,
}

impl Method {
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        METHODS.iter().find(|method| method.name == name)
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<&'static Parameter> {
        static TOKEN: Parameter = Parameter { name: "token", kind: Kind::Text, is_required: false };
        if name == "token" { Some(&TOKEN) } else { self.parameters.iter().find(|parameter| parameter.name == name) }
    }
}
