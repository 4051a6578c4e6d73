//! `/sources/{id}/emails`: what became of e-mail that was sent, by message or by recipient.

use domain::source::EmailFact;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::calls::{EmailData, LoadEmails};
use crate::components::{Empty, PageHead, Status, Time, Tone, loaded};
use crate::remote::load;

/// `/sources/{id}/emails`.
#[component]
pub fn SourceEmailsPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let about = move || query.with(|query| query.get("about")).unwrap_or_default();
    let page =
        load(move || LoadEmails { id: params.with(|params| params.get("id")).unwrap_or_default(), about: about() });
    loaded(page, |page| view(&page))
}

fn view(page: &EmailData) -> AnyView {
    let base = format!("/sources/{}", page.source_id);
    let crumbs = vec![("Sources".to_owned(), "/sources".to_owned()), (page.source_name.clone(), base.clone())];
    let rows: Vec<_> = page.facts.iter().map(|fact| row(fact, &base)).collect();
    let of_several = page.facts.iter().any(|fact| fact.recipients > 1).then(|| {
        view! { <p class="help pad">"Where a message went to several, Resend names all of them with each event and not the one it is about: such an event is noted for each, and may be about any of them."</p> }
    });
    let content = if page.about.is_empty() {
        view! { <Empty title="What became of an e-mail?" text="Look for the id of a message, or for an address that messages went to."/> }.into_any()
    } else if rows.is_empty() {
        view! { <Empty title="Nothing is known of it" text="No event of this message, or to this address, has come to the source. What is older than the organization keeps payloads is forgotten."/> }.into_any()
    } else {
        view! {
            <div class="scroll" tabindex="0" role="group" aria-label="History, as a table"><table>
                <thead><tr><th>"What"</th><th>"To"</th><th>"Message"</th><th class="hide-s">"Details"</th><th class="r">"When"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
            {of_several}
        }
        .into_any()
    };
    view! {
        <PageHead title="E-mail history" crumbs=crumbs/>
        {search(&base, &page.about)}
        <section class="panel mt-4" aria-label="History">{content}</section>
    }
    .into_any()
}

/// The form that looks for a message or an address.
pub fn search(base: &str, about: &str) -> AnyView {
    let (action, about) = (format!("{base}/emails"), about.to_owned());
    view! {
        <form method="get" action=action class="row wrap" role="search">
            <input class="input mono grow min-w-0" name="about" required value=about aria-label="Id of a message, or an address" placeholder="message id or ada@example.com" autocomplete="off" spellcheck="false"/>
            <button class="btn">"Look"</button>
        </form>
    }
    .into_any()
}

fn row(fact: &EmailFact, base: &str) -> AnyView {
    let tone = match fact.event_type.as_str() {
        "email.delivered" | "email.opened" | "email.clicked" => Tone::Ok,
        "email.bounced" | "email.complained" | "email.failed" | "email.suppressed" => Tone::Bad,
        "email.delivery_delayed" => Tone::Warn,
        _ => Tone::Info,
    };
    let word = fact.event_type.trim_start_matches("email.").replace('_', " ");
    let request = format!("{base}/requests/{}", fact.request_id);
    let several = (fact.recipients > 1).then(|| {
        view! { " "<span class="badge" title="The event names all of them, and not the one it is about">{format!("one of {}", fact.recipients)}</span> }
    });
    let link = |text: &str| format!("{base}/emails?about={}", domain::delivery::address::encode(text));
    view! {
        <tr>
            <td><a class="link" href=request><Status tone word/></a></td>
            <td class="ell max-w-56"><a class="link" href=link(&fact.recipient)>{fact.recipient.clone()}</a>{several}</td>
            <td class="mono ell max-w-48"><a class="link" href=link(&fact.message_id)>{fact.message_id.clone()}</a></td>
            <td class="hide-s whitespace-normal">{fact.detail.clone()}</td>
            <td class="r faint"><Time at=fact.happened_at/></td>
        </tr>
    }
    .into_any()
}
