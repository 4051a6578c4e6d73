//! In what form deliveries reach the receiver, on the endpoint's page: drawn on the server, and only where it is not the
//! usual one.

use domain::endpoint::DeliveryForm;
use leptos::prelude::*;

use crate::words::count;

/// The panel; nothing for an endpoint that is pushed to one by one.
#[must_use]
pub fn draw(form: DeliveryForm, messages_url: &str) -> String {
    match form {
        DeliveryForm::Push => String::new(),
        DeliveryForm::Pull => fetched(messages_url),
        DeliveryForm::Batch { max_events, max_wait_s } => {
            let text = format!(
                "Up to {} events go in one signed request, or what came within {max_wait_s} s of the first.",
                count(max_events)
            );
            view! { <p class="notice info mb-4">{text}</p> }.to_html()
        }
    }
}

/// How to fetch and commit, with curl.
fn fetched(url: &str) -> String {
    let fetch = format!("curl '{url}?wait_s=20' \\\n  -H 'Authorization: Bearer pb_…'");
    let commit = format!(
        "curl {url}/commit \\\n  -H 'Authorization: Bearer pb_…' -H 'Content-Type: application/json' \\\n  -d '{{\"cursor\": \"NEXT_CURSOR\"}}'"
    );
    view! {
        <section class="panel pad stack gap-2 mb-4" aria-labelledby="fetch-title">
            <h2 id="fetch-title">"Fetched by its receiver"</h2>
            <p class="help">"Fetch what waits, oldest first; with "<code>"wait_s"</code>" the answer waits for something to come. The key needs the scope "<code>"messages:pull"</code>", best alone."</p>
            <pre class="overflow-x-auto" tabindex="0">{fetch}</pre>
            <p class="help">"Once all of it is kept safe, commit its "<code>"next_cursor"</code>". What is not committed comes again."</p>
            <pre class="overflow-x-auto" tabindex="0">{commit}</pre>
        </section>
    }
    .to_html()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_unusual_is_told() {
        assert_eq!(draw(DeliveryForm::Push, "https://hub.test/m"), "");
        let batch = draw(DeliveryForm::Batch { max_events: 100, max_wait_s: 5 }, "https://hub.test/m");
        assert!(batch.contains("Up to 100 events") && batch.contains("within 5 s"), "{batch}");
        let pull = draw(DeliveryForm::Pull, "https://hub.test/m");
        assert!(pull.contains("https://hub.test/m?wait_s=20") && pull.contains("https://hub.test/m/commit"), "{pull}");
    }
}
