//! The flat form: what an editor posts and gets.

use serde_json::{Value, json};

use super::super::{Filter, Join, Operator, Row};
use super::{example, filter};

fn row(path: &str, operator: Operator, value_text: &str) -> Row {
    Row { path: path.into(), operator, value_text: value_text.into() }
}

#[test]
fn what_is_typed_is_read_by_its_looks() {
    for (operator, typed, value) in [
        (Operator::Equals, "12", json!(12)),
        (Operator::Equals, " 12.50 ", json!(12.5)),
        (Operator::Equals, "true", json!(true)),
        (Operator::Equals, "null", json!(null)),
        (Operator::Equals, "gold", json!("gold")),
        (Operator::Equals, "\"12\"", json!("12")),
        (Operator::Equals, "\"\"", json!("")),
        (Operator::Equals, "007", json!("007")),
        (Operator::Equals, "\"half", json!("\"half")),
        (Operator::NotEquals, "[1]", json!("[1]")),
        (Operator::Gt, "1000", json!(1000)),
        (Operator::Lt, "2026-11-22", json!("2026-11-22")),
        (Operator::Prefix, "12", json!("12")),
        (Operator::Suffix, "true", json!("true")),
        (Operator::Suffix, "\" \"", json!(" ")),
        (Operator::Contains, "a b", json!("a b")),
        (Operator::Exists, "", json!(true)),
        (Operator::Exists, "false", json!(false)),
        (Operator::In, "eur, usd,1 , true", json!(["eur", "usd", 1, true])),
        (Operator::In, "\"a,b\", c\"d, , \"1\"", json!(["a,b", "c\"d", "1"])),
        (Operator::NotIn, "\"a\\\"b,c\",d", json!(["a\"b,c", "d"])),
        (Operator::NotIn, "\"half, open\\", json!(["\"half, open\\"])),
    ] {
        let filter = Filter::from_rows(Join::Any, &[row("data.x", operator, typed)]).expect(typed);
        let expected = json!({"any": [{"path": "data.x", operator.as_str(): value}]});
        assert_eq!(serde_json::to_value(&filter).expect("writable"), expected);
    }
}

#[test]
fn a_flat_filter_has_rows_and_any_other_has_none() {
    let flat = filter(json!({"any": [
        {"path": "data.items[0]", "in": ["a", "b,c", " d", "1", 1, null, "\"", "", "x\"y"]},
        {"path": "data.x", "gt": "12.50"},
        {"path": "data.x", "prefix": "12"},
    ]}));
    let (join, rows) = flat.rows().expect("flat");
    assert_eq!(join, Join::Any);
    assert_eq!(
        rows,
        [
            row("data.items.0", Operator::In, r#"a, "b,c", " d", "1", 1, null, "\"", "", x"y"#),
            row("data.x", Operator::Gt, "\"12.50\""),
            row("data.x", Operator::Prefix, "12"),
        ]
    );
    assert_eq!(Filter::from_rows(join, &rows).expect("good rows"), flat);

    let single = filter(json!({"path": "data.x", "exists": false}));
    assert_eq!(single.rows(), Some((Join::All, vec![row("data.x", Operator::Exists, "false")])));
    let condition = json!({"path": "data.x", "exists": false});
    for nested in [example(), json!({"not": condition}), json!({"all": [condition, {"all": [condition]}]})] {
        assert_eq!(filter(nested).rows(), None);
    }
}

#[test]
fn bad_rows_are_named_by_their_place_and_blank_ones_are_left_out() {
    let rows = [
        row("data.a", Operator::Gt, "much"),
        row(" ", Operator::Equals, ""),
        row("a", Operator::Equals, "1"),
        row("data.a", Operator::Equals, " "),
        row("", Operator::Equals, "1"),
        row("data.a", Operator::In, " , "),
    ];
    let problem = Filter::from_rows(Join::All, &rows).expect_err("bad rows").problem();
    let fields: Vec<_> = problem.details.iter().map(|detail| detail.field.as_str()).collect();
    let expected =
        ["filter.all[0].gt", "filter.all[2].path", "filter.all[3].equals", "filter.all[4].path", "filter.all[5].in"];
    assert_eq!(fields, expected);
    for none in [&[][..], &rows[1..2]] {
        let problem = Filter::from_rows(Join::Any, none).expect_err("no rows").problem();
        assert_eq!(problem.message, "`filter.any`: needs at least one condition.");
    }
    let many = vec![row("data.a", Operator::Exists, ""); 70];
    assert_eq!(Filter::from_rows(Join::All, &many).expect_err("too many").problem().details.len(), 1);
}

#[test]
fn rows_travel_as_json() {
    let rows: Vec<Row> =
        serde_json::from_value(json!([{"path": "data.x", "operator": "not_in", "value_text": "a, b"}])).expect("rows");
    let filter = Filter::from_rows("all".parse().expect("a join"), &rows).expect("good rows");
    assert_eq!(serde_json::from_str::<Value>(&filter.to_json()).expect("json")["all"][0]["not_in"], json!(["a", "b"]));
}
