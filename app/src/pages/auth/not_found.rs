//! What stands where there is no page.

use leptos::prelude::*;

use crate::components::{PageHead, ProblemPanel};
use crate::error::UiError;
use crate::session;

/// Answers 404 and says so.
#[component]
pub fn NotFound() -> impl IntoView {
    session::set_status(404);
    // No request id: the browser, which has none, must draw the same.
    let error = UiError {
        status: 404,
        problem: domain::Problem {
            code: "page_not_found".into(),
            message: "No page has this address. It may have been mistyped, or what it showed was deleted.".into(),
            details: Vec::new(),
        },
        request_id: String::new(),
    };
    view! {
        <PageHead title="Not found"/>
        <ProblemPanel error=error/>
    }
}
