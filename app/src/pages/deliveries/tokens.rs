//! What can be typed into the search box, as suggestions: the names of the tokens, then their values. Drawn on the
//! server; [`super::suggest`] shows those that fit, and without scripts the browser does.

use domain::delivery::{DeliveryStatus, ErrorClass, Trigger};
use domain::event_type::EventType;
use leptos::prelude::*;

use super::drawn::html;
use super::text;
use super::url::{Field, quoted};

/// An endpoint as it can be asked for.
#[derive(Debug, Clone)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its URL, of which the host tells one from another.
    pub url: String,
}

/// A token as it is typed, and what it means.
struct Suggestion {
    token: String,
    meaning: String,
}

/// Values that mean the same in every organization.
const VALUES: &[(Field, &str, &str)] = &[
    (Field::Code, "2xx", "Taken"),
    (Field::Code, "3xx", "Redirects, which are not followed"),
    (Field::Code, "4xx", "Refused by the receiver"),
    (Field::Code, "5xx", "Errors of the receiver"),
    (Field::Code, "none", "No answer"),
    (Field::Attempt, "1", "First attempt only"),
    (Field::Attempt, ">1", "Tried again"),
    (Field::Attempt, ">3", "More than three attempts"),
    (Field::Duration, "<50", "Faster than 50 ms"),
    (Field::Duration, ">500", "Slower than half a second"),
    (Field::Duration, ">2000", "Slower than two seconds"),
    (Field::Duration, ">10s", "Slower than ten seconds"),
    (Field::Since, "15m", "Last 15 minutes"),
    (Field::Since, "1h", "Last hour"),
    (Field::Since, "24h", "Last 24 hours"),
    (Field::Since, "7d", "Last 7 days"),
    (Field::Since, "30d", "Last 30 days"),
];

/// All suggestions: a list for the script, and one that the browser itself offers where there is none.
#[must_use]
pub fn draw(endpoints: &[Named], types: &[EventType]) -> String {
    let all = suggestions(endpoints, types);
    let row = |(number, Suggestion { token, meaning }): (usize, &Suggestion)| {
        view! {
            <div role="option" id=format!("s{number}") data-v=token.clone() hidden><code>{token.clone()}</code><span>{meaning.clone()}</span></div>
        }
    };
    let rows: Vec<_> = all.iter().enumerate().map(row).collect();
    let plain =
        |Suggestion { token, meaning }: &Suggestion| view! { <option value=token.clone()>{meaning.clone()}</option> };
    let plain: Vec<_> = all.iter().filter(|suggestion| !suggestion.token.ends_with(':')).map(plain).collect();
    html(
        view! {
            <div id="log-suggestions" class="suggestions" role="listbox" aria-label="Suggestions" hidden>{rows}</div>
            <noscript><datalist id="log-tokens">{plain}</datalist></noscript>
        }
        .into_any(),
    )
}

fn suggestions(endpoints: &[Named], types: &[EventType]) -> Vec<Suggestion> {
    let mut all: Vec<_> =
        Field::ALL.into_iter().map(|field| suggestion(field, "", meaning(field).to_owned())).collect();
    for status in DeliveryStatus::ALL {
        all.push(suggestion(Field::Status, status.as_str(), text::status_word(*status).to_owned()));
    }
    for error in ErrorClass::ALL {
        all.push(suggestion(Field::Error, error.as_str(), failure(*error).to_owned()));
    }
    for trigger in Trigger::ALL {
        all.push(suggestion(Field::Trigger, trigger.as_str(), text::trigger_word(*trigger).to_owned()));
    }
    all.extend(VALUES.iter().map(|(field, value, meaning)| suggestion(*field, value, (*meaning).to_owned())));
    let mut names: Vec<String> = Vec::new();
    for Named { id, name, url } in endpoints {
        if !names.contains(&name.to_lowercase()) {
            // A name that cannot be quoted is given by its id.
            let (value, meaning) = if name.contains('"') { (id, name.as_str()) } else { (name, host(url)) };
            all.push(suggestion(Field::Endpoint, value, meaning.to_owned()));
            names.push(name.to_lowercase());
        }
    }
    let mut resource = "";
    for event_type in types {
        let name = event_type.name.as_str();
        match name.split_once('.') {
            Some((first, _)) if first != resource => {
                resource = first;
                all.push(suggestion(Field::Type, &format!("{first}.*"), format!("All of {first}")));
            }
            _ => {}
        }
        all.push(suggestion(Field::Type, name, event_type.description.clone()));
    }
    all
}

fn suggestion(field: Field, value: &str, meaning: String) -> Suggestion {
    Suggestion { token: format!("{}:{}", field.token(), quoted(value)), meaning }
}

/// `api.acme.dev`: neither the path nor what stands before the host, which may be secrets.
fn host(url: &str) -> &str {
    url.split('/').nth(2).and_then(|place| place.rsplit('@').next()).unwrap_or_default()
}

const fn failure(class: ErrorClass) -> &'static str {
    match class {
        ErrorClass::Dns => "The name does not resolve",
        ErrorClass::Tls => "The certificate or handshake failed",
        ErrorClass::Connect => "No connection",
        ErrorClass::Timeout => "No whole answer in time",
        ErrorClass::Http => "An answer that is not 2xx",
        ErrorClass::BlockedIp => "A private or refused address",
        ErrorClass::Reset => "The connection broke",
        ErrorClass::Protocol => "What came back is not HTTP",
        ErrorClass::TooLarge => "The answer's headers are too large",
        ErrorClass::Transformation => "The transformation failed",
        ErrorClass::Auth => "No token or credentials",
        ErrorClass::Provider => "The provider refused the message",
    }
}

const fn meaning(field: Field) -> &'static str {
    match field {
        Field::Status => "Where a delivery stands",
        Field::Type => "Event type, or a pattern like invoice.*",
        Field::Endpoint => "Name or id of the endpoint",
        Field::Code => "Status code, or a class like 5xx",
        Field::Error => "Kind of failure",
        Field::Attempt => "Attempts so far: 2, >3, <3",
        Field::Duration => "Milliseconds of the last attempt: >2000, <50",
        Field::Trigger => "Why it was made",
        Field::Event => "Id of the event",
        Field::Since => "Not older than: 24h, 7d, or a time",
        Field::Until => "Made before a time",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event_type(name: &str) -> EventType {
        EventType {
            name: name.into(),
            description: "It happened.".into(),
            schema: None,
            sample: serde_json::Value::Null,
            standard: false,
            created_at: None,
        }
    }

    fn named(id: &str, name: &str) -> Named {
        Named { id: id.into(), name: name.into(), url: "https://key@api.acme.dev/T01/secret".into() }
    }

    fn tokens(endpoints: &[(&str, &str)], types: &[&str]) -> Vec<String> {
        let endpoints: Vec<_> = endpoints.iter().map(|(id, name)| named(id, name)).collect();
        let types: Vec<_> = types.iter().map(|name| event_type(name)).collect();
        suggestions(&endpoints, &types).into_iter().map(|suggestion| suggestion.token).collect()
    }

    #[test]
    fn names_come_first_then_values_of_the_organization_too() {
        let all = tokens(
            &[("ep_1", "Billing"), ("ep_2", "Billing sync")],
            &["invoice.failed", "invoice.paid", "user.joined"],
        );
        assert_eq!(&all[..3], ["status:", "type:", "endpoint:"]);
        for token in [
            "status:failed",
            "error:timeout",
            "since:24h",
            "endpoint:Billing",
            "endpoint:\"Billing sync\"",
            "type:user.joined",
        ] {
            assert!(all.iter().any(|other| other == token), "{token}");
        }
        assert_eq!(all.iter().filter(|token| *token == "type:invoice.*").count(), 1);
    }

    #[test]
    fn a_name_is_suggested_once_and_by_its_id_where_it_cannot_be_quoted() {
        let all = tokens(&[("ep_1", "Billing"), ("ep_2", "BILLING"), ("ep_3", "the \"new\" one")], &[]);
        let endpoints: Vec<_> = all.iter().filter(|token| token.starts_with("endpoint:") && token.len() > 9).collect();
        assert_eq!(endpoints, ["endpoint:Billing", "endpoint:ep_3"]);
    }

    #[test]
    fn every_suggestion_is_a_filter_that_can_be_read() {
        for token in tokens(&[("ep_1", "Billing sync")], &["invoice.paid"]).iter().filter(|token| !token.ends_with(':'))
        {
            let query = super::super::url::read(&format!("q={}", super::super::url::encode(token)));
            assert!(query.q.is_none() && super::super::url::is_filtered(&query), "{token}");
            query.filter(domain::Timestamp(100_000_000_000)).expect(token);
        }
    }

    #[test]
    fn what_people_have_named_stays_text() {
        let drawn = draw(&[named("ep_1", "<b>")], &[]);
        assert!(drawn.contains("&lt;b") && !drawn.contains("<b>"), "{drawn}");
        assert!(drawn.contains("api.acme.dev") && !drawn.contains("secret") && !drawn.contains("key@"), "{drawn}");
    }
}
