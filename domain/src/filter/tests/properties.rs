//! What holds for every filter and every document.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::compare::orderable;
use super::super::{Filter, Join, Operator, Row};
use super::{filter, holds};

/// Numbers close to each other and to where floats end, and texts that look like something.
fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        (-3i64..3).prop_map(Value::from),
        (-3i64..3).prop_map(|n| json!(n as f64 / 2.0)),
        (0u64..4).prop_map(|n| json!((1u64 << 53) + n)),
        (0u64..4).prop_map(|n| json!(((1u64 << 53) + n) as f64)),
        prop_oneof![Just(json!(u64::MAX)), Just(json!(i64::MIN)), Just(json!(1e300)), Just(json!(u64::MAX as f64))],
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
        "[ab]{0,3}".prop_map(Value::from),
        "-?[0-2]{1,2}(\\.[0-5]{1,2})?".prop_map(Value::from),
        "2026-1[0-2]-[0-3][0-9](T1[0-9]:00:00(\\.[0-9]{1,5})?(Z|[+-]0[0-9]:30))?".prop_map(Value::from),
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![scalar(), any::<f64>().prop_map(|f| json!(f)), any::<String>().prop_map(Value::from)];
    leaf.prop_recursive(4, 40, 5, |inner| {
        let key = prop_oneof![
            "[abx*0-2.]{1,2}",
            prop_oneof![Just("all"), Just("any"), Just("not"), Just("path"), Just("gt"), Just("in"), Just("equals"),]
                .prop_map(str::to_owned)
        ];
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(key, inner, 0..4).prop_map(|map| json!(map))
        ]
    })
}

/// Documents in which the paths of [`path`] often lead somewhere.
fn any_document() -> impl Strategy<Value = Value> {
    let value = scalar().prop_recursive(3, 20, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map("[abc0]|a\\.b", inner, 0..4).prop_map(|map| json!(map)),
        ]
    });
    (btree_map("[abc0]|a\\.b", value, 0..5), vec("[ab]{1,2}", 0..3))
        .prop_map(|(data, channels)| json!({"event_type": "a.b", "data": data, "channels": channels}))
}

fn path() -> impl Strategy<Value = String> {
    let step = prop_oneof![
        4 => "\\.[abc]",
        1 => Just(".*".to_owned()),
        1 => Just("[0]".to_owned()),
        1 => Just("[\"a.b\"]".to_owned()),
        1 => "\\[\"[a-zé.*\\[\\] ']{0,4}\"\\]",
    ];
    prop_oneof![
        6 => vec(step, 1..4).prop_map(|steps| format!("data{}", steps.concat())),
        1 => Just("channels.*".to_owned()),
        1 => Just("event_type".to_owned()),
    ]
}

fn condition() -> impl Strategy<Value = Value> {
    let text = prop_oneof!["[ab]{1,2}", "[0-9, \"\\\\\\[a]{1,6}", "\\PC{1,6}"];
    let ordered = scalar().prop_filter("can be ordered", orderable);
    let asked = prop_oneof![
        (prop_oneof![Just("equals"), Just("not_equals")], prop_oneof![scalar(), text.clone().prop_map(Value::from)]),
        (prop_oneof![Just("gt"), Just("gte"), Just("lt"), Just("lte")], ordered),
        (
            prop_oneof![Just("in"), Just("not_in")],
            vec(prop_oneof![scalar(), text.clone().prop_map(Value::from)], 1..5).prop_map(Value::from)
        ),
        (prop_oneof![Just("prefix"), Just("suffix"), Just("contains")], text.prop_map(Value::from)),
        (Just("exists"), any::<bool>().prop_map(Value::from)),
    ];
    (path(), asked).prop_map(|(path, (operator, value))| json!({"path": path, operator: value}))
}

fn any_filter() -> impl Strategy<Value = Value> {
    condition().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 1..4).prop_map(|list| json!({"all": list})),
            vec(inner.clone(), 1..4).prop_map(|list| json!({"any": list})),
            inner.prop_map(|inner| json!({"not": inner})),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_reads_back_the_same(value in any_filter()) {
        let first = filter(value);
        let text = first.to_json();
        let again = Filter::parse(&text).expect("what was written is good");
        prop_assert_eq!(&again, &first);
        prop_assert_eq!(again.to_json(), text);
    }

    #[test]
    fn a_match_and_its_explanation_agree(value in any_filter(), document in any_document()) {
        let filter = filter(value);
        let explanation = filter.explain(&document);
        prop_assert_eq!(explanation.matches, filter.matches(&document));
        prop_assert_eq!(explanation.matches, explanation.mismatches.is_empty());
    }

    #[test]
    fn not_turns_all_into_any_and_any_into_all(list in vec(any_filter(), 1..4), document in any_document()) {
        let negated: Vec<Value> = list.iter().map(|one| json!({"not": one})).collect();
        let answer = |value: Value| filter(value).matches(&document);
        prop_assert_eq!(answer(json!({"not": {"all": list}})), answer(json!({"any": negated})));
        prop_assert_eq!(answer(json!({"not": {"any": list}})), answer(json!({"all": negated})));
        prop_assert_eq!(answer(json!({"not": {"not": list[0]}})), answer(list[0].clone()));
        prop_assert_ne!(answer(json!({"not": list[0]})), answer(list[0].clone()));
    }

    #[test]
    fn the_negated_operators_are_the_opposite(path in path(), value in scalar(), list in vec(scalar(), 1..4), document in any_document()) {
        for (operator, opposite, value) in [("equals", "not_equals", value), ("in", "not_in", json!(list))] {
            let answer = |operator: &str| filter(json!({"path": path, operator: value})).matches(&document);
            prop_assert_ne!(answer(operator), answer(opposite));
        }
    }

    #[test]
    fn rows_carry_a_flat_filter_there_and_back(list in vec(condition(), 1..5), join in prop_oneof![Just(Join::All), Just(Join::Any)]) {
        let flat = filter(json!({ join.as_str(): list }));
        let (found, rows) = flat.rows().expect("flat");
        prop_assert_eq!(found, join);
        prop_assert_eq!(Filter::from_rows(join, &rows).expect("good rows"), flat);
    }

    #[test]
    fn nothing_makes_it_fall(value in any_json(), text in any::<String>(), junk in "[{}\\[\\]\":,a-z0-9.*\\\\ ]{0,40}", good in any_filter()) {
        let good = filter(good);
        prop_assert_eq!(good.matches(&value), good.explain(&value).matches);
        let listed = json!({"path": text, "in": value});
        let read = [Filter::from_value(&value), Filter::parse(&text), Filter::parse(&junk), Filter::from_value(&listed)];
        for filter in read.into_iter().flatten() {
            prop_assert_eq!(Filter::parse(&filter.to_json()).expect("reads back"), filter);
        }
        for operator in Operator::ALL {
            let rows = [Row { path: format!("data.{junk}"), operator: *operator, value_text: text.clone() }];
            if let Ok(filter) = Filter::from_rows(Join::All, &rows) {
                prop_assert_eq!(filter.rows().map(|(join, rows)| Filter::from_rows(join, &rows).expect("good rows")), Some(filter));
            }
        }
    }

    #[test]
    fn numbers_are_ordered_as_their_exact_values(a in any::<i64>(), b in prop_oneof![any::<u64>(), Just(1 << 53)], shift in -2i64..3, cents in 0u8..100) {
        let near = (b as i64).wrapping_add(shift);
        for (x, y) in [(i128::from(a), i128::from(b)), (i128::from(near), i128::from(b)), (i128::from(near), i128::from(a))] {
            let (left, right) = (number(x), number(y));
            prop_assert_eq!(holds(&left, "lt", &right), x < y);
            prop_assert_eq!(holds(&left, "equals", &right), x == y);
            prop_assert_eq!(holds(&left, "gte", &json!(y.to_string())), x >= y);
            // A float is exactly the integer it was rounded to.
            let rounded = json!(y as f64);
            prop_assert_eq!(holds(&rounded, "gt", &left), y as f64 as i128 > x);
            prop_assert_eq!(holds(&rounded, "equals", &left), y as f64 as i128 == x);
            // In hundredths, as text.
            let (x, y) = (x * 100, y * 100 + i128::from(cents));
            let decimal = |n: i128| format!("{}{}.{:02}", if n < 0 { "-" } else { "" }, n.abs() / 100, n.abs() % 100);
            prop_assert_eq!(holds(&json!(decimal(x)), "lt", &json!(decimal(y))), x < y);
            prop_assert_eq!(holds(&left, "lte", &json!(decimal(y))), x <= y);
        }
    }
}

fn number(value: i128) -> Value {
    i64::try_from(value).map_or_else(|_| json!(u64::try_from(value).expect("64 bits")), Value::from)
}
