//! A connection: how it is, its rules, what is asked of the provider; the page of one rule; and the page on
//! which somebody in Slack is linked to an account.

mod calls;
mod detail;
pub mod form;
mod link;
mod picker;
mod rule;
mod rules;

pub use detail::ConnectionPage;
pub use link::LinkPage;
pub use rule::{RuleNewPage, RulePage};
