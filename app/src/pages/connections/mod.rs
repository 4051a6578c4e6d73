//! A connection: how it is, its rules, what is asked of the provider; and the page of one rule.

mod calls;
mod detail;
pub mod form;
mod picker;
mod rule;
mod rules;

pub use detail::ConnectionPage;
pub use rule::{RuleNewPage, RulePage};
