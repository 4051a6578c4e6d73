//! Rules that make issues, and the issues that they made: the form of a rule with the fields of its project, the list of linked
//! issues, and the sync log of one.

mod calls;
mod detail;
mod fields;
pub mod form;
mod list;
mod rule;

pub use detail::LinkedIssuePage;
pub use list::LinkedIssuesPage;
pub use rule::{IssueRuleNewPage, IssueRulePage};
