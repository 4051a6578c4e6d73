//! The form, filled well and badly.

use super::*;

fn form() -> EndpointForm {
    EndpointForm { name: " Billing ".into(), url: "https://a.test/h".into(), ..EndpointForm::fresh() }
}

#[test]
fn a_fresh_form_asks_for_the_defaults() {
    let new = form().new_endpoint().expect("a good form");
    assert_eq!((new.name.as_str(), new.event_types.as_slice()), ("Billing", &["*".to_owned()][..]));
    assert_eq!(
        (new.timeout_ms, new.rate_limit_per_minute, new.retry),
        (Some(10_000), Some(Some(100)), Some(Retry::default()))
    );
    assert_eq!((new.secret, new.status, new.headers), (None, Some(EndpointStatus::Active), Some(BTreeMap::new())));
}

#[test]
fn an_empty_rate_is_no_limit_and_parts_of_a_second_count() {
    let change = EndpointForm {
        rate: " ".into(),
        timeout_s: "1.5".into(),
        retry: "own".into(),
        own_retry: "5s, 2m".into(),
        ..form()
    }
    .change();
    let change = change.expect("a good form");
    assert_eq!(
        (change.rate_limit_per_minute, change.timeout_ms, change.retry),
        (Some(None), Some(1500), Some(Retry::Own(vec![5, 120])))
    );
}

#[test]
fn every_wrong_field_is_named_at_once() {
    let wrong = EndpointForm {
        rate: "many".into(),
        timeout_s: "31".into(),
        retry: "own".into(),
        own_retry: "soon".into(),
        header_names: vec!["X-A".into(), "x-a".into()],
        header_values: vec!["1".into(), "2".into()],
        event_types: Vec::new(),
        ..form()
    };
    let fields: Vec<_> =
        wrong.change().expect_err("a wrong form").problem().details.into_iter().map(|detail| detail.field).collect();
    assert_eq!(fields, ["timeout_ms", "rate_limit_per_minute", "retry", "headers.x-a", "event_types"]);
    for bad in ["", "x", "1e1", "0.9", "-1", "1.0001"] {
        assert!(parse_seconds(bad).is_err(), "{bad}");
    }
}

#[test]
fn empty_header_rows_do_not_count_and_ticks_are_tidied() {
    let form = EndpointForm {
        header_names: vec!["X-Team".into(), String::new()],
        header_values: vec!["core".into(), String::new()],
        event_types: vec!["invoice.paid".into(), "invoice.*".into()],
        ..form()
    };
    let new = form.new_endpoint().expect("a good form");
    assert_eq!(new.headers, Some(BTreeMap::from([("X-Team".into(), "core".into())])));
    assert_eq!(new.event_types, ["invoice.*"]);
}

#[test]
fn a_kept_secret_is_shown_for_its_own_endpoint_only() {
    let kept = flash_text("ep_1", "whsec_abc");
    assert_eq!(secret_of(&kept, "ep_1"), Some("whsec_abc"));
    assert_eq!(secret_of(&kept, "ep_2"), None);
    assert_eq!(secret_of("an API key", "ep_1"), None);
}

#[test]
fn seconds_are_written_without_needless_zeros() {
    assert_eq!([seconds(10_000), seconds(1500), seconds(30_000), seconds(1001)], ["10", "1.5", "30", "1.001"]);
}
