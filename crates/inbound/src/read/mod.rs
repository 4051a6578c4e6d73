//! Reading a verified request: which events are in it, and what each becomes in the hub.
//!
//! Nothing here is an error but a body that cannot be read at all. A type that is not known is kept and shown, and so
//! is an event that is passed over, with the reason.

mod apply;
mod item;

pub(crate) use apply::fill;
pub(crate) use item::key as idempotency_key;
pub use item::{HubEvent, Item, Outcome, Passed, State};

use serde_json::Value;

use crate::email;
use crate::mapping::Layout;
use crate::provider::Provider;
use crate::request::InboundRequest;
use apply::Event;

/// Events in one request that are read; HubSpot sends a hundred at most.
const MOST_ITEMS: usize = 1000;

/// Why a body cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// It is not JSON, nor a form.
    #[error("the body is neither JSON nor a form")]
    BadJson,
    /// It is not a form of several parts, as SendGrid sends.
    #[error("the body is no multipart form")]
    BadForm,
}

/// Reads the events of a request. Call it with what is verified; a request of a challenge has none that matter.
///
/// # Errors
/// The body is not what the provider sends. It never panics, whatever the bytes are.
pub fn read(provider: Provider, request: &InboundRequest<'_>) -> Result<Vec<Item>, ReadError> {
    if provider.is_email() {
        return email::read(provider, request);
    }
    let body = request.json().map_err(|_| ReadError::BadJson)?;
    let layout = Layout::of(provider);
    let item = |value| Event { provider, layout, request, value }.item();
    Ok(split(layout, &body).into_iter().map(item).collect())
}

/// The events of a request as they were sent, each with its type.
pub(crate) fn values(
    provider: Provider,
    request: &InboundRequest<'_>,
) -> Result<Vec<(Option<String>, Value)>, ReadError> {
    let body = request.json().map_err(|_| ReadError::BadJson)?;
    let layout = Layout::of(provider);
    let typed = |value: &Value| (Event { provider, layout, request, value }.provider_type(), value.clone());
    Ok(split(layout, &body).into_iter().map(typed).collect())
}

/// The events in a body.
fn split<'a>(layout: &Layout, body: &'a Value) -> Vec<&'a Value> {
    let list = layout.list.and_then(|pointer| body.pointer(pointer)).and_then(Value::as_array);
    list.map_or_else(|| vec![body], |list| list.iter().take(MOST_ITEMS).collect())
}
