//! A part of a page that waits for its data.

use std::pin::Pin;

use leptos::prelude::*;
use serde::de::DeserializeOwned;

use super::ProblemPanel;
use crate::remote::Load;

/// Shows what was loaded, or why it was not. While it is loaded again, the old view stays.
pub fn loaded<T>(load: Load<T>, view: impl Fn(T) -> AnyView + Clone + Send + Sync + 'static) -> AnyView
where
    T: DeserializeOwned + Send + 'static,
{
    waiting(Box::new(move || {
        let view = view.clone();
        Box::pin(async move {
            match load.await {
                Ok(value) => view(value),
                Err(error) => view! { <ProblemPanel error=error/> }.into_any(),
            }
        })
    }))
}

type Part = Pin<Box<dyn Future<Output = AnyView> + Send>>;

/// The part that does not know what is loaded, and is compiled once.
fn waiting(part: Box<dyn Fn() -> Part + Send + Sync>) -> AnyView {
    view! { <Transition>{move || Suspend::new(part())}</Transition> }.into_any()
}
