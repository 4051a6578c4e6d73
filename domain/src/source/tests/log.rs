//! What came in as a part of the log.

use super::*;
use crate::db::testing::both;
use crate::delivery::FacetCount;
use crate::delivery::query::LogQuery;
use crate::source::both::{self, EntryQuery};
use crate::source::export::{self, ExportFormat};
use crate::source::{LogColumn, LogEntry, log, origin};

const STRIPE: &str = "whsec_EXAMPLEnotARealSecret0000";

fn named(counts: &[FacetCount]) -> Vec<(String, i64)> {
    counts.iter().map(|count| (count.label.clone().unwrap_or_else(|| count.value.clone()), count.count)).collect()
}

fn pair(name: &str, count: i64) -> (String, i64) {
    (name.to_owned(), count)
}

/// The columns in which anything is: done, waiting, failed.
fn over_time(columns: &[LogColumn]) -> Vec<[i64; 3]> {
    let counts = columns.iter().map(|column| [column.done, column.waiting, column.failed]);
    counts.filter(|counts| *counts != [0; 3]).collect()
}

/// The directions of rows: `<` for what came in.
fn ways(rows: &[LogEntry]) -> String {
    rows.iter().map(|row| if matches!(row, LogEntry::Inbound(_)) { '<' } else { '>' }).collect()
}

both!(a_request_leads_to_its_deliveries_and_they_lead_back, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    endpoint_with(&hub, &receiver.url, json!({})).await;
    let request = desk.take(&desk.stripe(&invoice("evt_1"))).await;
    let went = log::deliveries(&hub, &desk.owner, &request).await.expect("deliveries");
    assert_eq!(went.len(), 1);
    assert_eq!(Some(&went[0].event_id), request.outcomes[0].event_id.as_ref());
    let event = crate::event::actions::get(&hub, &desk.owner, &went[0].event_id).await.expect("an event");
    assert_eq!(origin(&event), Some((desk.source.id.clone(), request.summary.id.clone())));
    let stranger = hub.stranger().await;
    assert!(log::deliveries(&hub, &stranger, &request).await.expect("none").is_empty());
});

both!(a_type_that_is_the_id_of_somebody_elses_source_does_not_tell_its_name, |hub| {
    let hub = hub.with_org().await;
    let new = NewSource {
        provider: "stripe".into(),
        name: Some("Secret plans".into()),
        secret: Some(STRIPE.into()),
        ..NewSource::default()
    };
    let theirs = actions::create(&hub, &hub.stranger().await, new).await.expect("a source").source;
    let desk = Desk::open(&hub, "bearer", None).await;
    let body = json!({ "type": theirs.id }).to_string();
    desk.take(&Sent::new(body).with("Authorization", &format!("Bearer {}", desk.secret))).await;
    let facets = log::facets(&hub, &desk.owner, &RequestQuery::default()).await.expect("facets");
    assert_eq!(named(&facets.by_type), [pair(theirs.id.as_str(), 1)]);
});

both!(requests_are_counted_by_source_verdict_type_and_cause, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    desk.take(&desk.stripe(&invoice("evt_1"))).await;
    desk.take(&desk.stripe(&subscription("evt_2", "created", 1_795_356_000, "active"))).await;
    desk.post(&desk.stripe_by("whsec_another", &invoice("evt_3"))).await.expect_err("refused");
    let beside = Desk::open(&hub, "bearer", None).await;
    hub.clock.advance_ms(3_600_000);
    let sent = Sent::new(r#"{"type":"tick"}"#).with("Authorization", &format!("Bearer {}", beside.secret));
    beside.take(&sent).await;
    let all = log::facets(&hub, &desk.owner, &RequestQuery::default()).await.expect("facets");
    assert_eq!(named(&all.by_source), [pair("Stripe", 3), pair("Token in a header", 1)]);
    assert_eq!(named(&all.by_verdict), [pair("verified", 3), pair("rejected", 1)]);
    assert_eq!(named(&all.by_state), [pair("processed", 3), pair("refused", 1)]);
    assert_eq!(named(&all.by_cause), [pair("bad_signature", 1)]);
    assert_eq!(named(&all.by_type).len(), 3);
    // Three came an hour before the last, of which one was refused.
    assert_eq!((over_time(&all.histogram), all.partial), (vec![[2, 0, 1], [1, 0, 0]], false));
    let span = all.bucket_ms * i64::try_from(all.histogram.len()).expect("few");
    assert!((3_600_000..3_800_000).contains(&span) && all.histogram.len() <= 61, "{span}");
    // A facet leaves its own filter out, and keeps to the others.
    let paid = RequestQuery {
        provider_event_type: Some("invoice.paid".into()),
        verdict: Some(InboundVerdict::Verified),
        ..RequestQuery::default()
    };
    let paid = log::facets(&hub, &desk.owner, &paid).await.expect("facets");
    assert_eq!((named(&paid.by_source), named(&paid.by_type).len()), (vec![pair("Stripe", 1)], 3));
    assert_eq!(over_time(&paid.histogram), [[1, 0, 0]]);
    let count = async |since: &str| {
        let query = RequestQuery { since: Some(since.into()), ..RequestQuery::default() };
        log::count(&hub, &desk.owner, &query).await
    };
    assert_eq!((count("30m").await.expect("a count"), count("2h").await.expect("a count")), (1, 4));
    assert_eq!(count("yesterday").await.expect_err("no time").problem().details[0].field, "since");
    assert_eq!(log::count(&hub, &hub.stranger().await, &RequestQuery::default()).await.expect("none"), 0);
});

both!(both_directions_stand_in_one_line_of_time, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    endpoint_with(&hub, &receiver.url, json!({})).await;
    for event in ["evt_1", "evt_2", "evt_3"] {
        desk.take(&desk.stripe(&invoice(event))).await;
        hub.clock.advance_ms(1000);
    }
    let page = async |limit: u32, cursor: Option<String>| {
        let query = EntryQuery { limit: Some(limit), cursor, ..EntryQuery::default() };
        both::list(&hub, &desk.owner, &query).await.expect("a page")
    };
    let whole = page(50, None).await;
    assert!(whole.data.windows(2).all(|pair| pair[0].key() > pair[1].key()), "newest first");
    assert_eq!((ways(&whole.data).len(), whole.next_cursor.is_none()), (6, true));
    assert_eq!(ways(&whole.data).matches('<').count(), 3);
    // Page by page it is the same, there and back.
    let mut pages = vec![page(2, None).await];
    while let Some(cursor) = pages.last().expect("a page").next_cursor.clone() {
        pages.push(page(2, Some(cursor)).await);
    }
    let rows: Vec<_> = pages.iter().flat_map(|page| page.data.clone()).collect();
    assert_eq!(rows, whole.data);
    let back = page(2, pages[2].previous_cursor.clone()).await;
    assert_eq!(back.data, pages[1].data);
    let stranger = hub.stranger().await;
    assert!(both::list(&hub, &stranger, &EntryQuery::default()).await.expect("none").data.is_empty());
    assert_eq!(both::facets(&hub, &stranger, &EntryQuery::default()).await.expect("none").inbound, 0);
});

/// All of an export, read two rows at a time.
async fn whole(export: Result<export::LogExport>) -> String {
    let mut export = export.expect("an export");
    export.part = 2;
    let mut text = String::new();
    while let Some(part) = export.next().await.expect("a part") {
        text.push_str(&part);
    }
    text
}

both!(the_log_is_given_as_a_file_that_leaves_nothing_out, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    let receiver = Receiver::answering(&["200 OK"]).await;
    endpoint_with(&hub, &receiver.url, json!({ "name": "=1+1, \"x\"" })).await;
    for event in ["evt_1", "evt_2"] {
        desk.take(&desk.stripe(&invoice(event))).await;
        hub.clock.advance_ms(1000);
    }
    desk.post(&desk.stripe_by("whsec_another", &invoice("evt_3"))).await.expect_err("refused");
    let (owner, all) = (&desk.owner, EntryQuery::default());
    let shown = both::list(&hub, owner, &all).await.expect("rows").data;
    let text = whole(export::entries(&hub, owner, &all, ExportFormat::Ndjson).await).await;
    let rows: Vec<LogEntry> = text.lines().map(|line| serde_json::from_str(line).expect("a row")).collect();
    assert_eq!((rows.len(), &rows), (5, &shown), "newest first, as the list has them");
    // As CSV: a line of names, and nothing that is a formula.
    let text = whole(export::entries(&hub, owner, &all, ExportFormat::Csv).await).await;
    let lines: Vec<_> = text.lines().map(|line| crate::audit::csv::cells(line).expect("cells")).collect();
    assert_eq!((lines.len(), lines[0].len(), lines[0][1].as_str()), (6, 14, "direction"));
    assert!(lines.iter().all(|line| line.len() == 14), "{text}");
    let of = |column: usize| lines[1..].iter().map(|line| line[column].as_str()).collect::<Vec<_>>();
    assert!(of(2).iter().zip(&shown).all(|(id, row)| id.ends_with(row.key())), "{text}");
    assert_eq!(of(8).iter().filter(|reason| **reason == "bad_signature").count(), 1);
    assert_eq!(text.matches(r#","'=1+1, ""x""","#).count(), 2, "{text}");
    assert_eq!(of(6).iter().filter(|place| **place == "Stripe").count(), 3);
    // One direction, filtered; the look is on record with its filters.
    let failed = LogQuery { status: Some("failed".into()), ..LogQuery::default() };
    assert_eq!(whole(export::deliveries(&hub, owner, &failed, ExportFormat::Ndjson).await).await, "");
    let refused = RequestQuery { verdict: Some(InboundVerdict::Rejected), ..RequestQuery::default() };
    assert_eq!(whole(export::requests(&hub, owner, &refused, ExportFormat::Csv).await).await.lines().count(), 2);
    let audit = crate::audit::actions::list(&hub, owner, &Default::default()).await.expect("entries").data;
    let said: Vec<_> = audit.iter().take(2).map(|entry| (entry.action.as_str(), entry.note.as_deref())).collect();
    let expected =
        [("inbound_request.exported", Some("verdict=rejected")), ("delivery.exported", Some("status=failed"))];
    assert_eq!(said, expected);
    // Nothing of it is another organization's, and there are no pages.
    let stranger = hub.stranger().await;
    assert_eq!(whole(export::entries(&hub, &stranger, &all, ExportFormat::Ndjson).await).await, "");
    let odd = LogQuery { q: Some("a\0b".into()), ..LogQuery::default() };
    assert_eq!(whole(export::deliveries(&hub, owner, &odd, ExportFormat::Ndjson).await).await, "");
    let audit = crate::audit::actions::list(&hub, owner, &Default::default()).await.expect("entries").data;
    assert_eq!(audit[0].note.as_deref(), Some("q=ab"));
    let paged = LogQuery { limit: Some(5), ..LogQuery::default() };
    let wrong = export::deliveries(&hub, owner, &paged, ExportFormat::Csv).await.err().expect("no pages");
    assert_eq!(wrong.problem().details[0].field, "limit");
});

both!(both_directions_are_filtered_and_counted_together, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    let receiver = Receiver::answering(&["200 OK", "410 Gone"]).await;
    let endpoint = endpoint_with(&hub, &receiver.url, json!({})).await;
    desk.take(&desk.stripe(&invoice("evt_alpha"))).await;
    hub.clock.advance_ms(1000);
    desk.take(&desk.stripe(&invoice("evt_beta"))).await;
    desk.post(&desk.stripe_by("whsec_another", &invoice("evt_gamma"))).await.expect_err("refused");
    drain(&hub).await.expect("indexed");
    let find = async |query: &EntryQuery| {
        let rows = both::list(&hub, &desk.owner, query).await.expect("rows").data;
        let facets = both::facets(&hub, &desk.owner, query).await.expect("facets");
        let seen = ways(&rows);
        let of = |way: char| i64::try_from(seen.matches(way).count()).expect("few");
        assert_eq!((of('<'), of('>')), (facets.inbound, facets.outbound), "{query:?}");
        let counted: i64 = over_time(&facets.histogram).iter().flatten().sum();
        assert_eq!(counted, facets.inbound + facets.outbound, "{query:?}");
        (seen, facets)
    };
    let with = |set: fn(&mut EntryQuery, String), value: &str| {
        let mut query = EntryQuery::default();
        set(&mut query, value.to_owned());
        query
    };
    let (seen, all) = find(&EntryQuery::default()).await;
    assert_eq!(seen.len(), 5);
    assert_eq!(
        over_time(&all.histogram),
        [[2, 0, 0], [1, 0, 2]],
        "a request and its delivery, then one that both sides refuse"
    );
    assert_eq!(
        named(&all.by_status),
        [pair("processed", 2), pair("delivered", 1), pair("failed", 1), pair("refused", 1)]
    );
    assert_eq!(named(&all.by_event_type), [pair("invoice.paid", 4)]);
    assert_eq!(all.by_place.iter().map(|count| count.count).collect::<Vec<_>>(), [3, 2]);
    // A status is of one side or of both; its own facet leaves it out.
    let status = |value: &str| with(|query, value| query.status = Some(value), value);
    let (seen, facets) = find(&status("failed,refused")).await;
    assert_eq!((seen.len(), named(&facets.by_status).len()), (2, 4));
    assert_eq!(find(&status("refused")).await.0, "<");
    assert_eq!(find(&status("delivered")).await.0, ">");
    let wrong = both::list(&hub, &desk.owner, &status("done")).await.expect_err("no status").problem();
    assert_eq!(wrong.details[0].field, "status");
    // A place is a source or an endpoint, by id or by name.
    let place = |value: &str| with(|query, value| query.place = Some(value), value);
    assert_eq!(find(&place(desk.source.id.as_str())).await.0, "<<<");
    assert_eq!(find(&place("STRIPE")).await.0, "<<<");
    let (seen, facets) = find(&place(endpoint.endpoint.id.as_str())).await;
    assert_eq!((seen.as_str(), facets.by_place.len()), (">>", 2));
    // Types by name or pattern; times; and words and ids, which both indexes know.
    let kind = |value: &str| with(|query, value| query.event_type = Some(value), value);
    assert_eq!((find(&kind("invoice.*")).await.0.len(), find(&kind("order.*")).await.0.len()), (4, 0));
    let since = |value: &str| with(|query, value| query.since = Some(value), value);
    hub.clock.advance_ms(59_500);
    assert_eq!((find(&since("1m")).await.0.len(), find(&since("2m")).await.0.len()), (3, 5));
    let until = with(|query, value| query.until = Some(value), "1m");
    assert_eq!(find(&until).await.0.len(), 2);
    let typed = |value: &str| with(|query, value| query.q = Some(value), value);
    assert_eq!(find(&typed("in_evt_alpha")).await.0.len(), 2, "the invoice, coming and going");
    assert_eq!(find(&typed("status:processed in_evt_alpha")).await.0, "<");
    assert_eq!(find(&typed("code:410")).await.0, ">", "no request was answered 410 by an endpoint");
    let event = desk.request(&desk.all().await[2].id).await.outcomes[0].event_id.clone().expect("an event");
    assert_eq!(find(&typed(event.as_str())).await.0.len(), 2, "an event leads to the request it was in");
    assert_eq!(find(&typed(desk.all().await[2].id.as_str())).await.0.len(), 2, "and the request to its event");
});

both!(what_came_in_is_found_by_its_words, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "github", None).await;
    let body = json!({"action": "opened", "issue": {"title": "Pr\u{fc}fung f\u{e4}llig"}});
    desk.take(&desk.github("issues", "7f3a-delivery", &body)).await;
    desk.take(&desk.github("issues", "another", &json!({"action": "closed"}))).await;
    let mut wrong = desk.github("issues", "third", &json!({"note": "forged"}));
    wrong.body.push(b' ');
    desk.post(&wrong).await.expect_err("refused");
    drain(&hub).await.expect("indexed");
    let find = async |caller: &Caller, q: &str| {
        let query = RequestQuery { q: Some(q.into()), ..RequestQuery::default() };
        let found = requests::list(&hub, caller, &query).await.expect("requests").data.len();
        assert_eq!(log::count(&hub, caller, &query).await.expect("a count"), found as i64);
        found
    };
    let owner = &desk.owner;
    assert_eq!(find(owner, "prüfung").await, 1, "the body");
    assert_eq!(find(owner, "7f3a").await, 1, "a header");
    assert_eq!(find(owner, "203.0.113.9").await, 3, "where it came from");
    assert_eq!(find(owner, "forged").await, 1, "also what was refused");
    assert_eq!(find(owner, "bad_signature").await, 1, "and why");
    assert_eq!(find(owner, &desk.all().await[2].id.to_string()).await, 1, "its id");
    assert_eq!(find(owner, "prüfung closed").await, 0);
    assert_eq!(find(&hub.stranger().await, "forged").await, 0, "each tenant for itself");
    let stripped = desk.source.url.rsplit('/').next().expect("a token");
    assert_eq!(find(owner, stripped).await, 0, "the token is no word");
    // What is erased or deleted is not found any more, nor kept in the index.
    let mut tx = hub.db.begin().await.expect("a transaction");
    let store = async |tx: &mut crate::db::Tx| {
        let (org, before) = (hub.org_id.clone(), hub.now().plus_ms(1));
        crate::source::store::requests::erase(tx, &org, before, 1, hub.now()).await.expect("erased")
    };
    assert_eq!(store(&mut tx).await, 1);
    tx.commit().await.expect("committed");
    drain(&hub).await.expect("indexed");
    assert_eq!((find(owner, "prüfung").await, find(owner, "issues").await), (0, 3), "its type stays");
    actions::delete(&hub, owner, &desk.source.id).await.expect("deleted");
    let mut conn = hub.db.read().await.expect("a connection");
    let left: i64 = crate::db::on!(&mut conn, |c| {
        sqlx::query_scalar("SELECT COUNT(*) FROM inbound_search_docs").fetch_one(c).await.expect("a count")
    });
    assert_eq!(left, 0);
});

both!(what_waits_to_be_handled_is_counted_with_the_age_of_the_oldest, |hub| {
    let hub = hub.with_org().await;
    let desk = Desk::open(&hub, "stripe", Some(STRIPE)).await;
    let waiting = async || {
        let mut conn = hub.db.read().await.expect("a connection");
        crate::figures::inbound_waiting(&mut conn, hub.now()).await.expect("figures")
    };
    assert_eq!(waiting().await, (0, 0));
    kept(desk.post(&desk.stripe(&invoice("evt_1"))).await);
    hub.clock.advance_ms(90_000);
    kept(desk.post(&desk.stripe(&invoice("evt_2"))).await);
    assert_eq!(waiting().await, (2, 90_000));
    drain(&hub).await.expect("handled");
    assert_eq!(waiting().await, (0, 0));
});
