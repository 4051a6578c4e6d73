//! What came in as the server draws it: facets, rows, and both directions in one table.

use domain::delivery::{DeliverySummary, FacetCount};
use domain::id::SourceId;
use domain::source::{InboundRequestSummary, LogEntry, LogEntryFacets, RequestFacets};
use domain::{Page, Timestamp};
use leptos::prelude::*;

use super::calls::InboundLog;
use super::direction::{Direction, Shared, directions, item};
use super::drawn::html;
use super::export::offer;
use super::inbound_histogram::histogram;
use super::inbound_query::{Asked, Filter};
use super::row::ago;
use super::text;
use crate::components::{Empty, Pager, Status, Tone};
use crate::words::inbound_request;

/// Ages that are offered.
const PRESETS: [&str; 5] = ["15m", "1h", "24h", "7d", "30d"];

/// What the rows need besides themselves.
pub struct Beside {
    /// The sources by name.
    pub names: Vec<(SourceId, String)>,
    /// The server's time.
    pub now: Timestamp,
    /// Whether the viewer may see what goes out.
    pub sees_deliveries: bool,
}

/// Draws the rows of the requests that came in.
#[must_use]
pub fn inbound_rows(asked: &Asked, page: &Page<InboundRequestSummary>, beside: &Beside) -> InboundLog {
    let rows: Vec<_> = page.data.iter().map(|request| came_in(request, &beside.names, beside.now)).collect();
    let nothing = if asked.is_filtered() {
        nothing_matches(Direction::Inbound, "No request that came in is of this kind.")
    } else {
        view! { <Empty title="Nothing came in" text="What providers post to your sources is shown here, accepted or refused."><a class="btn" href="/sources">"Sources"</a></Empty> }.into_any()
    };
    rows_of(asked, page, rows, nothing)
}

/// Draws what stands around the requests that came in.
#[must_use]
pub fn inbound_side(asked: &Asked, facets: &RequestFacets, beside: &Beside) -> InboundLog {
    let drawn = view! {
        {beside.sees_deliveries.then(|| directions(Direction::Inbound, shared(asked), Some(facets.total), None))}
        <nav class="grid grid-cols-1 content-start gap-4" aria-label="Filters" data-facets="">
            {facet(asked, "Source", Filter::Source, &facets.by_source)}
            {facet(asked, "Verdict", Filter::Verdict, &facets.by_verdict)}
            {facet(asked, "State", Filter::State, &facets.by_state)}
            {facet(asked, "Event there", Filter::Type, &facets.by_type)}
            {facet(asked, "Refused for", Filter::Cause, &facets.by_cause)}
        </nav>
    };
    let shown = histogram(asked, &facets.histogram, facets.bucket_ms, facets.partial, beside.now);
    side_of(asked, &facets.by_source, drawn.into_any(), shown)
}

/// Draws the rows of both directions.
#[must_use]
pub fn both_rows(asked: &Asked, page: &Page<LogEntry>, beside: &Beside) -> InboundLog {
    let row = |entry: &LogEntry| match entry {
        LogEntry::Inbound(request) => came_in(request, &beside.names, beside.now),
        LogEntry::Outbound(delivery) => goes_out(delivery, beside.now),
    };
    let rows: Vec<_> = page.data.iter().map(row).collect();
    let nothing = if asked.is_filtered() {
        nothing_matches(Direction::Both, "No delivery and no request that came in is of this kind.")
    } else {
        view! { <Empty title="Nothing yet" text="Requests that come in and deliveries that go out are shown here as they happen."/> }.into_any()
    };
    rows_of(asked, page, rows, nothing)
}

/// Draws what stands around both directions.
#[must_use]
pub fn both_side(asked: &Asked, facets: &LogEntryFacets, beside: &Beside) -> InboundLog {
    let drawn = view! {
        {directions(Direction::Both, shared(asked), Some(facets.inbound), Some(facets.outbound))}
        <nav class="grid grid-cols-1 content-start gap-4" aria-label="Filters" data-facets="">
            {facet(asked, "Status", Filter::Status, &facets.by_status)}
            {facet(asked, "From or to", Filter::Place, &facets.by_place)}
            {facet(asked, "Event", Filter::Type, &facets.by_event_type)}
        </nav>
    };
    let shown = histogram(asked, &facets.histogram, facets.bucket_ms, facets.partial, beside.now);
    side_of(asked, &facets.by_place, drawn.into_any(), shown)
}

fn rows_of<T>(asked: &Asked, page: &Page<T>, rows: Vec<AnyView>, nothing: AnyView) -> InboundLog {
    let drawn = view! { {table(rows, nothing)}{pager(asked, &page.previous_cursor, &page.next_cursor)} };
    InboundLog { rows: html(drawn.into_any()), ..InboundLog::default() }
}

fn side_of(asked: &Asked, places: &[FacetCount], facets: AnyView, histogram: AnyView) -> InboundLog {
    InboundLog {
        chips: html(chips(asked, places)),
        words: words_of(asked),
        presets: html(view! { {presets(asked)}{offer(asked.direction(), &asked.search())} }.into_any()),
        facets: html(facets),
        histogram: html(histogram),
        rows: String::new(),
    }
}

/// Draws what is wrong with a filter, so that it can be taken off.
#[must_use]
pub fn unreadable(asked: &Asked, message: &str) -> InboundLog {
    let all = Asked::all(asked.direction()).href(None);
    let said = view! {
        <Empty title="A filter cannot be read" text=message.to_owned()><a class="btn" href=all>"Drop the filters"</a></Empty>
    };
    let rows = html(view! { <div class="panel">{said}</div> }.into_any());
    let ways = directions(asked.direction(), shared(asked), None, None);
    InboundLog { rows, ..side_of(asked, &[], ways, ().into_any()) }
}

fn nothing_matches(direction: Direction, text: &'static str) -> AnyView {
    let all = Asked::all(direction).href(None);
    view! { <Empty title="Nothing matches" text=text><a class="btn" href=all>"Drop the filters"</a></Empty> }.into_any()
}

fn pager(asked: &Asked, newer: &Option<String>, older: &Option<String>) -> AnyView {
    let to = |cursor: &Option<String>| cursor.as_deref().map(|cursor| asked.href(Some(cursor)));
    let (newer, older) = (to(newer), to(older));
    view! { <Pager previous=newer next=older/> }.into_any()
}

fn shared(asked: &Asked) -> Shared<'_> {
    Shared { since: asked.get(Filter::Since), until: asked.get(Filter::Until), words: asked.get(Filter::Words) }
}

fn words_of(asked: &Asked) -> String {
    asked.get(Filter::Words).unwrap_or_default().to_owned()
}

/// A chip per filter that is set, which takes it off, and the field that keeps it while words are searched.
fn chips(asked: &Asked, places: &[FacetCount]) -> AnyView {
    let set: Vec<_> = asked.set().filter(|(filter, _)| *filter != Filter::Words).collect();
    let chips = set.into_iter().map(|(filter, value)| {
        let known = places.iter().find(|place| place.value == value).and_then(|place| place.label.clone());
        let shown = match filter {
            Filter::Place | Filter::Source => known.unwrap_or_else(|| value.to_owned()),
            Filter::Since => crate::log_url::readable(crate::log_url::Field::Since, value),
            Filter::Until => crate::log_url::readable(crate::log_url::Field::Until, value),
            _ => value.to_owned(),
        };
        let label = format!("Remove the filter {}: {shown}", filter.name());
        view! {
            <a class="chip hover:border-line-strong" href=asked.with(filter, None).href(None) aria-label=label>
                <i>{filter.name()}":"</i>
                <span class="ell max-w-[14rem]">{shown}</span>
                <i aria-hidden="true">"×"</i>
            </a>
            <input type="hidden" name=filter.name() value=value.to_owned()/>
        }
    });
    chips.collect_view().into_any()
}

fn table(rows: Vec<AnyView>, nothing: AnyView) -> AnyView {
    let content = if rows.is_empty() {
        nothing
    } else {
        view! {
            <table>
                <thead><tr><th>"Status"</th><th>"Event"</th><th class="hide-s">"From or to"</th><th class="r hide-s">"Size"</th><th class="r">"Ago"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        }
        .into_any()
    };
    view! { <div class="panel relative overflow-clip">{content}</div> }.into_any()
}

fn came_in(request: &InboundRequestSummary, names: &[(SourceId, String)], now: Timestamp) -> AnyView {
    let (tone, word) = inbound_request(request);
    let source =
        names.iter().find(|(id, _)| *id == request.source_id).map(|(_, name)| name.clone()).unwrap_or_default();
    let row = Line {
        tone,
        word,
        event: request.provider_event_type.clone().unwrap_or_else(|| "Request".into()),
        href: format!("/sources/{}/requests/{}", request.source_id, request.id),
        arrow: "← ",
        way: "from ",
        place: source,
        size: Some(text::bytes(usize::try_from(request.size).unwrap_or(0))),
        at: request.received_at,
    };
    row.draw(now)
}

fn goes_out(delivery: &DeliverySummary, now: Timestamp) -> AnyView {
    let row = Line {
        tone: text::status_tone(delivery.status),
        word: text::status_word(delivery.status).to_owned(),
        event: delivery.event_type.clone(),
        href: format!("/deliveries/{}", delivery.id),
        arrow: "→ ",
        way: "to ",
        place: delivery.endpoint_name.clone(),
        size: None,
        at: delivery.created_at,
    };
    row.draw(now)
}

/// A row of either direction. The link covers it.
struct Line {
    tone: Tone,
    word: String,
    event: String,
    href: String,
    arrow: &'static str,
    way: &'static str,
    place: String,
    size: Option<String>,
    at: Timestamp,
}

impl Line {
    fn draw(self, now: Timestamp) -> AnyView {
        let named = format!("{} {}{}", self.event, self.way, self.place);
        view! {
            <tr class="relative hover:bg-sunken focus-within:bg-sunken">
                <td><Status tone=self.tone word=self.word/></td>
                <td class="mono ell max-w-[38vw] sm:max-w-[20rem]">
                    <a class="outline-none after:absolute after:inset-0 focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-focus" href=self.href aria-label=named>
                        <span class="faint" aria-hidden="true">{self.arrow}</span>{self.event}
                    </a>
                </td>
                <td class="hide-s ell max-w-[16rem]">{self.place}</td>
                <td class="num r faint hide-s">{self.size}</td>
                <td class="r faint">{ago(self.at, now)}</td>
            </tr>
        }
        .into_any()
    }
}

fn facet(asked: &Asked, title: &'static str, filter: Filter, counts: &[FacetCount]) -> Option<AnyView> {
    let set = asked.get(filter);
    let items: Vec<_> = counts
        .iter()
        .map(|count| {
            // Statuses add up, and a place may be named instead of identified.
            let is_named = count.label.as_ref().zip(set).is_some_and(|(label, set)| label.eq_ignore_ascii_case(set));
            let on = match filter {
                Filter::Status => set.is_some_and(|set| set.split(',').any(|value| value == count.value)),
                Filter::Place => set == Some(count.value.as_str()) || is_named,
                _ => set == Some(count.value.as_str()),
            };
            let href = asked.toggled(filter, &count.value, on).href(None);
            let label = count.label.clone().unwrap_or_else(|| match filter {
                Filter::Type => count.value.clone(),
                _ => words(&count.value),
            });
            let label = match filter {
                Filter::Place if count.value.starts_with(SourceId::PREFIX) => format!("← {label}"),
                Filter::Place => format!("→ {label}"),
                _ => label,
            };
            let number = if on { "×".to_owned() } else { text::count(count.count) };
            item(&href, label, Some(number), on)
        })
        .collect();
    (!items.is_empty()).then(|| {
        view! {
            <section>
                <h2 class="px-2 pb-1 text-[12px] leading-4 font-semibold text-ink-2">{title}</h2>
                <ul>{items}</ul>
            </section>
        }
        .into_any()
    })
}

/// `bad_signature` as people write it.
fn words(value: &str) -> String {
    let text = value.replace('_', " ");
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}", letters.as_str())
}

fn presets(asked: &Asked) -> AnyView {
    let is_range = asked.get(Filter::Until).is_some();
    let (set, free) = (asked.get(Filter::Since), asked.with(Filter::Until, None));
    let link = |label: &'static str, value: Option<&str>| {
        let href = free.with(Filter::Since, value).href(None);
        view! { <a href=href class="min-h-[26px]! px-[9px]! py-0! text-[12.5px]" aria-current=(set == value && !is_range).then_some("true")>{label}</a> }.into_any()
    };
    let links: Vec<_> = PRESETS.iter().map(|preset| link(preset, Some(preset))).chain([link("All", None)]).collect();
    view! { <div class="seg" role="group" aria-label="Time range">{links}</div> }.into_any()
}

#[cfg(test)]
mod tests {
    use domain::id::InboundRequestId;
    use domain::source::{InboundState, InboundVerdict};

    use super::super::samples;
    use super::*;

    fn source() -> SourceId {
        SourceId::new(1, [1; 10])
    }

    fn request(cause: Option<&str>) -> InboundRequestSummary {
        InboundRequestSummary {
            id: InboundRequestId::new(2, [2; 10]),
            source_id: source(),
            received_at: Timestamp(2000),
            verdict: if cause.is_some() { InboundVerdict::Rejected } else { InboundVerdict::Verified },
            cause: cause.map(str::to_owned),
            state: InboundState::Processed,
            provider_event_id: None,
            provider_event_type: Some("<invoice.paid>".into()),
            duplicate_of: None,
            size: 1434,
            attempts: 1,
            due_at: None,
            error: None,
        }
    }

    fn page<T>(data: Vec<T>) -> Page<T> {
        Page { data, next_cursor: Some("after-x".into()), previous_cursor: None }
    }

    #[test]
    fn rows_lead_to_their_requests_and_facets_filter() {
        let count = |value: &str, label: Option<&str>| FacetCount {
            value: value.into(),
            label: label.map(Into::into),
            count: 7,
        };
        let facets = RequestFacets {
            by_source: vec![count(source().as_str(), Some("<Shop>"))],
            by_cause: vec![count("bad_signature", None)],
            ..RequestFacets::default()
        };
        let beside = Beside { names: vec![(source(), "Shop".into())], now: Timestamp(62_000), sees_deliveries: true };
        let asked = Asked::read(Direction::Inbound, "verdict=rejected&q=late");
        let rows = inbound_rows(&asked, &page(vec![request(Some("bad_signature"))]), &beside).rows;
        let drawn = inbound_side(&asked, &facets, &beside);
        for part in [
            "Refused: bad signature",
            "/requests/ibr_",
            "&lt;invoice.paid",
            "Shop",
            "1.4 KiB",
            "1 min",
            "cursor=after-x",
        ] {
            assert!(rows.contains(part), "{part}: {rows}");
        }
        for part in ["cause=bad_signature", "Bad signature", "&lt;Shop", "/deliveries/both", "aria-current"] {
            assert!(drawn.facets.contains(part), "{part}: {}", drawn.facets);
        }
        assert!(drawn.presets.contains("since=24h"));
        for part in ["Remove the filter verdict: rejected", "type=\"hidden\" name=\"verdict\" value=\"rejected\""] {
            assert!(drawn.chips.contains(part), "{part}: {}", drawn.chips);
        }
        assert_eq!(drawn.words, "late");
        let none = inbound_rows(&asked, &page(Vec::new()), &beside);
        assert!(none.rows.contains("Drop the filters"));
    }

    #[test]
    fn a_preset_of_time_ends_a_range() {
        let drawn = html(presets(&Asked::read(Direction::Inbound, "since=2h&until=1h&verdict=verified")));
        assert!(!drawn.contains("until=") && !drawn.contains("aria-current"), "{drawn}");
        assert!(drawn.contains("since=24h") && drawn.contains("verdict=verified"));
        assert!(html(presets(&Asked::read(Direction::Both, "since=24h"))).contains("aria-current"));
    }

    #[test]
    fn both_directions_stand_in_one_table() {
        let out = samples::row(1000, domain::delivery::DeliveryStatus::Delivered);
        let entries = vec![LogEntry::Inbound(Box::new(request(None))), LogEntry::Outbound(Box::new(out))];
        let beside = Beside { names: vec![(source(), "Shop".into())], now: Timestamp(62_000), sees_deliveries: true };
        let count = |value: &str, label: Option<&str>| FacetCount {
            value: value.into(),
            label: label.map(Into::into),
            count: 1200,
        };
        let facets = LogEntryFacets {
            inbound: 1200,
            outbound: 34,
            by_status: vec![count("failed", None), count("refused", None)],
            by_event_type: vec![count("invoice.paid", None)],
            by_place: vec![count(source().as_str(), Some("Shop")), count("ep_1", Some("<Billing>"))],
            ..LogEntryFacets::default()
        };
        let asked = Asked::read(Direction::Both, "status=failed&place=shop&since=24h&q=late");
        let rows = both_rows(&asked, &page(entries), &beside).rows;
        let drawn = both_side(&asked, &facets, &beside);
        let (came, went) = (rows.find("from Shop"), rows.find("to Billing sync"));
        assert!(came.is_some() && came < went, "{rows}");
        assert!(rows.contains("cursor=after-x") && rows.contains("status=failed"), "{rows}");
        let plain = drawn.facets.replace("&amp;", "&");
        for part in [
            "status=failed,refused",
            "← Shop",
            "→ &lt;Billing",
            "place=ep_1",
            "type=invoice.paid",
            "1,234",
            "/deliveries/inbound?since=24h&q=late",
            "/deliveries?since=24h&q=late",
        ] {
            assert!(plain.contains(part), "{part}: {plain}");
        }
        assert!(drawn.chips.contains("Remove the filter place: shop"));
        let wrong = unreadable(&asked, "`status`: \"done\" is neither.");
        assert!(
            wrong.rows.contains("Drop the filters") && wrong.chips.contains("status") && wrong.facets.contains("Both")
        );
    }
}
