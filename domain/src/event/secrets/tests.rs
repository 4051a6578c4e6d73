//! What is found, what is let pass, and that nothing makes the scanner fall.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn found(data: &Value) -> Option<(String, &'static str)> {
    find(&data.to_string()).expect("not deep")
}

fn path(data: &Value) -> Option<String> {
    found(data).map(|(path, _)| path)
}

#[test]
fn names_of_secrets_are_known_in_every_spelling() {
    for key in [
        "password",
        "Password",
        "PASSWORD",
        "userPassword",
        "db_password",
        "new-password",
        "passwd",
        "pwd",
        "passphrase",
        "secret",
        "client_secret",
        "clientSecret",
        "CLIENT-SECRET",
        "clientsecret",
        "webhookSecret",
        "api_key",
        "apiKey",
        "APIKey",
        "X-Api-Key",
        "apikey",
        "access_token",
        "accessToken",
        "slack.access_token",
        "refreshToken",
        "auth_token",
        "private_key",
        "privateKey",
        "aws_secret_access_key",
        "signingKey",
        "password_hash",
        "password2",
        "api_key_1",
        "pass\u{77}ord",
    ] {
        assert!(found(&json!({ key: "v4lue" })).is_some(), "{key}");
    }
}

#[test]
fn harmless_neighbours_are_let_pass() {
    for (key, value) in [
        ("password_reset_at", json!("2026-11-22T14:02:11Z")),
        ("passwordChangedAt", json!("2026-11-22T14:02:11Z")),
        ("password_policy", json!("strong")),
        ("has_password", json!(true)),
        ("has_password", json!("yes, since 2024")),
        ("forgot_password", json!("https://example.com/forgot")),
        ("password", json!("")),
        ("password", json!(null)),
        ("password", json!("********")),
        ("password", json!("[FILTERED]")),
        ("token_count", json!(812)),
        ("token", json!("EUR")),
        ("token", json!("the next word")),
        ("next_page_token", json!("page-2")),
        ("secret_id", json!("sec_0042")),
        ("api_key_id", json!("key_01kbm4x9tq8z3v5w7y2c6d0e1f")),
        ("secretary", json!("Ms Ito")),
        ("compass", json!("north")),
        ("authorization", json!("auth_3Nf82")),
        ("card_number", json!("•••• 4242")),
        ("card_number", json!("4242")),
        ("cvc_check", json!("pass")),
        ("cvc", json!("pass")),
        ("japan", json!("4111111111111112")),
        ("pan", json!("ABCDE1234F")),
        ("monkey", json!("banana")),
    ] {
        assert_eq!(found(&json!({ key: value })), None, "{key}: {value}");
    }
}

#[test]
fn shapes_of_tokens_are_known_wherever_they_stand() {
    let long = "Zk3vQ9xWm2Lr8TnB5cYd7HfJ1pGs4aUe6oVi0RbX";
    for (text, what) in [
        (format!("sk_live_{long}"), "a Stripe secret key"),
        (format!("use rk_live_{long}, please"), "a Stripe restricted key"),
        (format!("whsec_{long}"), "a webhook signing secret"),
        ("xoxb-123456789012-1234567890123-AbCdEfGhIjKl".into(), "a Slack token"),
        (format!("Authorization: token ghp_{long}"), "a GitHub token"),
        (format!("github_pat_{long}"), "a GitHub token"),
        (format!("https://x.example/?key=glpat-{long}"), "a GitLab token"),
        ("line\nAKIAIOSFODNN7EXAMPLE\n".into(), "an AWS access key"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE".into(), "a private key"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE".into(), "a private key"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVPmB92K27uhbUJU1p1r".into(), "a JSON Web Token"),
        (format!("pb_{long}"), "a Patchbay API key"),
        (format!("SG.{}.{}", &long[..22], &long[..30]), "a SendGrid key"),
        (format!("{{\"key\":\"sk_live_{long}\"}}"), "a Stripe secret key"),
    ] {
        assert_eq!(found(&json!({ "note": [text] })), Some(("data.note[0]".into(), what)), "{text}");
    }
    for text in [
        "sk_live_",
        "task_live_aaaaaaaaaaaaaaaaaaaaaaaa",
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----",
        "eyJhbGciOiJIUzI1NiJ9",
        "pb_short",
        "AKIAlowercase1234567890",
    ] {
        assert_eq!(found(&json!({ "note": text })), None, "{text}");
    }
}

#[test]
fn card_numbers_are_known_by_network_length_and_check_digit() {
    for card in [
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "5555555555554444",
        "2223003122003222",
        "378282246310005",
        "3782 822463 10005",
        "6011111111111117",
        "3056 930902 5904",
        "3566002020360505",
        "paid with 4242 4242 4242 4242.",
        "card:\n4242424242424242\n",
        "{\"card\":\"4242424242424242\"}",
    ] {
        assert_eq!(found(&json!({ "text": card })), Some(("data.text".into(), "a card number")), "{card}");
    }
    for other in [
        "4111111111111112",
        "1111111111111111",
        "1795356131000123",
        "+49 30 1234 5678 90",
        "DE89 3704 0044 0532 0130 00",
        "41111111-1111-4111-8111-111111111111",
        "order-4111111111111111",
        "4111111111111111.pdf",
        "https://x.example/4111111111111111",
        "4111111111111111@c.us",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "2026-11-22 14:02:11",
        "41111111111111111111",
    ] {
        assert_eq!(found(&json!({ "text": other })), None, "{other}");
    }
    assert_eq!(found(&json!({ "order_id": "4111111111111111" })), None, "an id");
    assert_eq!(found(&json!({ "amount": 4_111_111_111_111_111_i64 })), None, "a plain number");
    assert_eq!(path(&json!({ "card_number": 4_111_111_111_111_111_i64 })), Some("data.card_number".into()));
    assert_eq!(path(&json!({ "cardNumber": "4000 1234 5678 9010" })), Some("data.cardNumber".into()));
    assert_eq!(found(&json!({ "cvc": "123" })).map(|f| f.1), Some("a card's check digits"));
    assert_eq!(found(&json!({ "cvv2": 123 })).map(|f| f.1), Some("a card's check digits"));
    assert_eq!(found(&json!({ "ssn": "078-05-1120" })).map(|f| f.1), Some("a social security number"));
}

#[test]
fn the_path_leads_through_objects_and_lists() {
    let data = json!({"a": [1, {"b c": {"token": "Zk3vQ9xWm2Lr8TnB5cYd7Hf"}}]});
    assert_eq!(path(&data).as_deref(), Some("data.a[1][\"b c\"].token"));
    assert_eq!(path(&json!({"customer": {"password": "hunter2"}})).as_deref(), Some("data.customer.password"));
    assert_eq!(
        path(&json!({"items": [[], {}, "x", {"token": "Zk3vQ9xWm2Lr8TnB5cYd7Hf"}]})).as_deref(),
        Some("data.items[3].token")
    );
    assert_eq!(find(" { \"a\" : { } , \"secret\" : \"x1\" } ").expect("flat").expect("found").0, "data.secret");
}

#[test]
fn a_changed_password_is_found_in_its_change() {
    let data = json!({"changes": {"name": {"from": "A", "to": "B"}, "password": {"from": "old", "to": "new"}}});
    assert_eq!(path(&data).as_deref(), Some("data.changes.password.from"));
    assert_eq!(path(&json!({"api_keys": ["x"], "api_key": ["k-1"]})).as_deref(), Some("data.api_key[0]"));
    assert_eq!(path(&json!({"secret": {"id": "sec_1", "created_by": "usr_1"}})), None);
}

#[test]
fn deep_nesting_is_refused() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert_eq!(find(&nested(MAX_DEPTH)), Ok(None));
    assert_eq!(find(&nested(MAX_DEPTH + 1)), Err(TooDeep));
    assert_eq!(find(&"[".repeat(200_000)), Err(TooDeep));
}

#[test]
fn hostile_texts_are_read_in_one_pass() {
    let started = std::time::Instant::now();
    for part in [
        "-eyJaaaaaa",
        ".eyJ",
        "eyJaaaaaaaaaa.",
        "1 ",
        "-----BEGIN ",
        ".whsec_",
        "\\u0020",
        "4111 ",
        "sk_live_ ",
        "{\\\"a\\\":",
    ] {
        let data = format!("{{\"t\":\"{}\"}}", part.repeat(260_000 / part.len()));
        assert_eq!(find(&data), Ok(None), "{part}");
    }
    assert!(started.elapsed() < std::time::Duration::from_secs(60), "took {:?}", started.elapsed());
}

/// Payloads of other products, beside the checkout on machines that have them.
#[test]
fn payloads_of_real_products_are_mostly_let_pass() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/providers/examples");
    let mut folders = vec![folder];
    let (mut read, mut flagged) = (0, Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let file = entry.path();
            if file.is_dir() {
                folders.push(file);
            } else if file.extension().is_some_and(|end| end == "json") {
                let text = std::fs::read_to_string(&file).expect("readable");
                read += 1;
                flagged.extend(
                    find(&text).expect("not deep").map(|(path, what)| format!("{}: {path}: {what}", file.display())),
                );
            }
        }
    }
    if read == 0 {
        println!("skipped: no example payloads beside the checkout");
    }
    println!("{} of {read} flagged\n{}", flagged.len(), flagged.join("\n"));
    assert!(flagged.len() * 5 <= read, "{flagged:#?}");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[ a-z0-9_.-]{0,40}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(".{0,12}", inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_it_fall(text in any::<String>(), junk in "[\\[\\]{}\",:\\\\a0-9é -]{0,80}") {
        let _answers = (find(&text), find(&junk));
    }

    #[test]
    fn a_planted_secret_is_found_at_its_path(around in prop::collection::vec(("[a-k]{1,8}", "[a-z ]{0,20}"), 0..5), way in prop::collection::vec((any::<bool>(), 0_usize..4, "[l-z]{1,8}"), 0..8)) {
        let mut expected = String::from("data");
        for (list, index, key) in &way {
            expected += &if *list { format!("[{index}]") } else { format!(".{key}") };
        }
        expected += ".password";
        let siblings: serde_json::Map<String, Value> = around.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
        let mut data = Value::Object(siblings.clone());
        data["password"] = "hunter2".into();
        for (list, index, key) in way.iter().rev() {
            data = if *list {
                let mut items: Vec<Value> = vec![Value::Object(siblings.clone()); *index];
                items.push(data);
                Value::from(items)
            } else {
                let mut object = siblings.clone();
                object.insert(key.clone(), data);
                Value::Object(object)
            };
        }
        prop_assert_eq!(path(&data), Some(expected.clone()));
        let pretty = serde_json::to_string_pretty(&data).expect("writable");
        prop_assert_eq!(find(&pretty).expect("not deep").map(|f| f.0), Some(expected));
    }

    #[test]
    fn blanks_do_not_change_the_answer(data in any_json()) {
        let pretty = serde_json::to_string_pretty(&data).expect("writable");
        prop_assert_eq!(find(&data.to_string()), find(&pretty));
    }
}
