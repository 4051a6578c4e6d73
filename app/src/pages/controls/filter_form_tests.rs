use super::*;
use serde_json::json;

fn typed(rows: &[(&str, &str, &str)]) -> FilterForm {
    let mut form = FilterForm { join: "all".into(), ..FilterForm::default() };
    let row = |(path, operator, value): &(&str, &str, &str)| TypedRow {
        path: (*path).into(),
        operator: (*operator).into(),
        value: (*value).into(),
    };
    form.set_rows(rows.iter().map(row).collect());
    form
}

#[test]
fn rows_become_a_filter_and_come_back_as_they_were() {
    let form = typed(&[("data.amount", "gt", "1000"), ("data.currency", "in", "eur, usd"), ("", "", "")]);
    let change = form.change().expect("a good form");
    assert_eq!(
        change.filter,
        Some(Some(
            json!({"all": [{"path": "data.amount", "gt": 1000}, {"path": "data.currency", "in": ["eur", "usd"]}]})
        ))
    );
    let mut again = FilterForm::default();
    assert!(again.show_as_rows(&form.filter().expect("good").expect("some")));
    assert_eq!(again.rows(), form.rows()[..2]);
}

#[test]
fn nothing_typed_is_no_filter_no_channel_and_no_transformation() {
    let form = FilterForm { script: " \r\n".into(), channels: " , \n".into(), ..typed(&[("", "exists", "")]) };
    let change = form.change().expect("a good form");
    assert_eq!((change.filter, change.channels, change.transformation), (Some(None), Some(Vec::new()), Some(None)));
    assert_eq!(FilterForm::default().rows().len(), 1, "there is always a row to fill in");
}

#[test]
fn a_wrong_row_is_named_by_its_place() {
    let form = typed(&[("data.a", "equals", "1"), ("nowhere", "equals", "1"), ("data.b", "gt", "")]);
    let problem = form.change().expect_err("a wrong form").problem();
    let fields: Vec<_> = problem.details.iter().map(|detail| detail.field.as_str()).collect();
    assert!(fields.iter().any(|field| field.starts_with("filter.all[1]")), "{fields:?}");
    assert!(fields.contains(&"filter.all[2].gt"), "{fields:?}");
}

#[test]
fn rows_are_added_and_removed_without_scripts() {
    let two = typed(&[("data.a", "equals", "1"), ("data.b", "equals", "2")]);
    let after = |then: &str| FilterForm { then: then.into(), ..two.clone() }.turned().expect("good").map(|f| f.paths);
    assert_eq!(after("add"), Some(vec!["data.a".to_owned(), "data.b".to_owned(), String::new()]));
    assert_eq!(after("remove:0"), Some(vec!["data.b".to_owned()]));
    assert_eq!(after("remove:9").map(|paths| paths.len()), Some(2));
    assert_eq!([after("try"), after("save"), after("")], [None, None, None]);
}

#[test]
fn a_filter_changes_its_form_both_ways_unless_it_is_nested() {
    let rows = FilterForm { then: "json".into(), ..typed(&[("data.a", "equals", "1")]) };
    let as_json = rows.turned().expect("good").expect("turned");
    assert!(as_json.is_json() && as_json.json.contains("\"equals\": 1"), "{}", as_json.json);
    let back = FilterForm { then: "rows".into(), ..as_json.clone() }.turned().expect("good").expect("turned");
    assert_eq!((back.is_json(), back.rows()), (false, rows.rows()));
    let nested =
        FilterForm { then: "rows".into(), json: r#"{"not":{"path":"data.a","equals":1}}"#.into(), ..as_json.clone() };
    assert_eq!(nested.turned().expect_err("nested").problem().details[0].field, "filter");
    let broken = FilterForm { json: "{".into(), ..as_json };
    assert_eq!(broken.change().expect_err("no JSON").problem().details[0].field, "filter");
}

#[test]
fn channels_are_split_and_counted_once_and_lines_lose_their_carriage_return() {
    let form = FilterForm {
        channels: "acme, globex\nacme".into(),
        script: "function transform(e) {\r\n  return e;\r\n}".into(),
        ..FilterForm::default()
    };
    let change = form.change().expect("good");
    assert_eq!(change.channels, Some(vec!["acme".to_owned(), "globex".to_owned()]));
    assert_eq!(change.transformation, Some(Some("function transform(e) {\n  return e;\n}".to_owned())));
}
