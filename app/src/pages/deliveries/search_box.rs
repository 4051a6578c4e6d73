//! The search box: filters as chips that can be taken off, and free words. A plain GET form.

use domain::delivery::LogStats;
use domain::delivery::query::LogQuery;
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use super::calls::Side;
use super::drawn::piece;
use super::suggest;
use super::url::{self, Field};
use crate::components::Icon;
use crate::error::UiError;

/// The id of the text field, for the `/` key.
pub const FIELD_ID: &str = "log-search";

/// The box above the log.
#[component]
pub fn SearchBox(
    /// The filters in the URL.
    query: Memo<LogQuery>,
    /// For the chips.
    side: RwSignal<Result<Side, UiError>>,
    /// All that can be suggested, as the server draws it.
    suggestions: String,
) -> impl IntoView {
    let field = NodeRef::<leptos::html::Input>::new();
    let navigate = use_navigate();
    let search = move |typed: String| {
        let wanted = query.with_untracked(|query| url::with_typed(query, &typed));
        navigate(&url::href(&wanted), Default::default());
        if let Some(field) = field.get_untracked() {
            // What became a filter is a chip now.
            field.set_value(&wanted.q.unwrap_or_default());
        }
    };
    suggest::listen(search.clone());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        suggest::close();
        search(field.get_untracked().map(|field| field.value()).unwrap_or_default());
    };
    let words = move || query.with(|query| query.q.clone().unwrap_or_default());
    let kept = move || {
        let set = |query: &LogQuery| {
            Field::ALL
                .into_iter()
                .filter_map(|field| Some((field.name(), field.get(query)?.to_owned())))
                .collect::<Vec<_>>()
        };
        query
            .with(set)
            .into_iter()
            .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
            .collect_view()
    };
    view! {
        <form method="get" action=url::PATH role="search" class="input relative h-auto! min-h-[38px] w-auto! min-w-[280px] flex-1 flex-wrap gap-y-1 py-[5px]" on:submit=submit>
            <Icon name="search"/>
            {piece(side, |side| &side.chips)}
            <input
                id=FIELD_ID
                node_ref=field
                type="search"
                name="q"
                class="min-w-[9rem]! h-[26px]!"
                aria-label="Search deliveries"
                placeholder="Words, ids, code:5xx, endpoint:Billing …"
                role="combobox"
                aria-expanded="false"
                list="log-tokens"
                autocomplete="off"
                spellcheck="false"
                enterkeyhint="search"
                value=words
                prop:value=words
            />
            <div class="contents" inner_html=suggestions></div>
            {kept}
            <span class="kbd hide-s js-only" aria-hidden="true">"/"</span>
            <button type="submit" class="sr-only focus:not-sr-only">"Search"</button>
        </form>
    }
}

/// A chip per filter that is set; the whole chip is the link that takes it off. Drawn on the server.
pub fn chips(query: &LogQuery, stats: Option<&LogStats>) -> AnyView {
    let set = Field::ALL.into_iter().filter_map(|field| Some((field, field.get(query)?)));
    let chips = set.map(|(field, value)| {
        let shown = readable(field, value, stats);
        let label = format!("Remove the filter {}: {shown}", field.token());
        view! {
            <a class="chip hover:border-line-strong" href=url::href(&url::with(query, field, None)) aria-label=label>
                <i>{field.token()}":"</i>
                <span class="ell max-w-[14rem]">{shown}</span>
                <i aria-hidden="true">"×"</i>
            </a>
        }
    });
    chips.collect_view().into_any()
}

/// A filter's value as people know it: an endpoint by its name, a time without its seconds' fraction.
#[must_use]
pub fn readable(field: Field, value: &str, stats: Option<&LogStats>) -> String {
    match field {
        Field::Endpoint => stats
            .and_then(|stats| stats.by_endpoint.iter().find(|endpoint| endpoint.value == value)?.label.clone())
            .unwrap_or_else(|| value.to_owned()),
        _ => url::readable(field, value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_shown_as_people_know_them() {
        let stats = LogStats {
            by_endpoint: vec![domain::delivery::FacetCount {
                value: "ep_1".into(),
                label: Some("Billing sync".into()),
                count: 1,
            }],
            ..LogStats::default()
        };
        assert_eq!(readable(Field::Endpoint, "ep_1", Some(&stats)), "Billing sync");
        assert_eq!(readable(Field::Endpoint, "ep_2", Some(&stats)), "ep_2");
        assert_eq!(readable(Field::Since, "2026-11-22T14:02:11.408Z", None), "2026-11-22 14:02:11 UTC");
        assert_eq!(readable(Field::Since, "24h", None), "24h");
    }
}
