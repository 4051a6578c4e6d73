//! The fields of a provider's events, held against those that are expected. Drawn on the server.

use domain::source::{EventField, FieldReport, FieldStanding};
use leptos::prelude::*;

use crate::components::{Empty, Status, Tone};

/// Draws them for the page of a source at `base`.
#[must_use]
pub fn draw(report: &FieldReport, base: &str) -> String {
    let rows: Vec<_> = report.fields.iter().map(|field| row(field, report.events)).collect();
    let content = if report.events == 0 {
        view! { <Empty title="No event of this type is kept" text="Fields are told by the newest verified requests, as long as their bodies are kept."/> }
            .into_any()
    } else {
        view! {
            <div class="scroll" tabindex="0" role="group" aria-label="Fields, as a table"><table>
                <thead><tr><th>"Field there"</th><th>"Here"</th><th>"Standing"</th><th class="hide-s">"Kind"</th><th class="r">"Seen in"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table></div>
        }
        .into_any()
    };
    let kind = report.provider_event_type.clone();
    view! {
        <section class="panel" aria-labelledby="source-fields">
            <div class="panel-head row spread">
                <h2 id="source-fields">"Fields of "<span class="mono">{kind}</span></h2>
                <a class="btn small quiet" href=base.to_owned()>"Close"</a>
            </div>
            <p class="help pad py-2!">{words(report)}</p>
            {content}
        </section>
    }
    .into_any()
    .to_html()
}

/// What was looked at, and how it stands as a whole.
fn words(report: &FieldReport) -> String {
    let of = |standing: FieldStanding| report.fields.iter().filter(|field| field.standing == standing).count();
    let events = match report.events {
        1 => "1 event".to_owned(),
        many => format!("{many} events"),
    };
    format!(
        "In the newest {events}: {} expected fields seen, {} missing, {} of another kind; {} more are there and not read.",
        of(FieldStanding::Seen),
        of(FieldStanding::Missing),
        of(FieldStanding::OtherKind),
        of(FieldStanding::Unexpected)
    )
}

fn row(field: &EventField, events: i64) -> AnyView {
    let (tone, word) = match (field.standing, field.is_required) {
        (FieldStanding::Seen, _) if field.seen < events => (Tone::Info, "Seen in some"),
        (FieldStanding::Seen, _) => (Tone::Ok, "Seen"),
        (FieldStanding::Missing, true) => (Tone::Bad, "Missing, required"),
        (FieldStanding::Missing, false) => (Tone::Warn, "Missing"),
        (FieldStanding::OtherKind, _) => (Tone::Bad, "Of another kind"),
        (FieldStanding::Unexpected, _) => (Tone::Off, "Not read"),
    };
    let kinds = field.kinds.join(", ");
    let kinds = match field.standing {
        FieldStanding::OtherKind => format!("{kinds}; expected {}", field.expected.join(" or ")),
        _ => kinds,
    };
    view! {
        <tr>
            <td class="mono whitespace-normal break-all">{field.place.clone()}</td>
            <td class="mono">{field.field.clone()}</td>
            <td><Status tone word/></td>
            <td class="hide-s muted">{kinds}</td>
            <td class="num r">{format!("{} of {events}", field.seen)}</td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_told_with_how_they_stand() {
        let field = |place: &str, standing, seen| EventField {
            place: place.into(),
            field: Some("amount".into()).filter(|_| standing != FieldStanding::Unexpected),
            standing,
            is_required: true,
            expected: vec!["integer".into()],
            seen,
            kinds: vec!["string".into()],
        };
        let fields = vec![
            field("/a", FieldStanding::Seen, 3),
            field("/b", FieldStanding::Missing, 0),
            field("/c", FieldStanding::OtherKind, 1),
            field("/<d>", FieldStanding::Unexpected, 2),
        ];
        let mut report =
            FieldReport { provider_event_type: "invoice.paid".into(), event_type: None, events: 3, fields };
        let drawn = draw(&report, "/sources/src_1");
        for part in [
            "1 expected fields seen, 1 missing, 1 of another kind; 1 more",
            "Missing, required",
            "string; expected integer",
            "/&lt;d",
            "2 of 3",
            "href=\"/sources/src_1\"",
        ] {
            assert!(drawn.contains(part), "{part}: {drawn}");
        }
        report.events = 0;
        assert!(draw(&report, "/sources/src_1").contains("No event of this type is kept"));
    }
}
