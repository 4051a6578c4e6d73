//! The OpenAPI document, walked operation by operation.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Ask, TestServer};

async fn document() -> (TestServer, Value) {
    let server = TestServer::sqlite().await;
    let answer = server.ask(Ask::get("/api/v1/openapi.json")).await;
    let document = answer.expect(200);
    (server, document)
}

/// Every operation with its method and path.
fn operations(document: &Value) -> impl Iterator<Item = (&String, &String, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    paths.iter().flat_map(|(path, item)| {
        item.as_object().expect("an item").iter().map(move |(method, operation)| (method, path, operation))
    })
}

#[tokio::test]
async fn the_document_is_openapi_3_1_with_a_bearer_scheme() {
    let (_server, document) = document().await;
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["components"]["securitySchemes"]["api_key"]["scheme"], "bearer");
    assert_eq!(document["security"][0]["api_key"], serde_json::json!([]));
}

#[tokio::test]
async fn every_operation_is_named_verb_noun_once_and_told_in_words() {
    let (_server, document) = document().await;
    let verbs = [
        "clear", "commit", "create", "delete", "erase", "export", "fetch", "get", "list", "plan", "preview", "remove",
        "replay", "revoke", "rotate", "see", "test", "try", "update",
    ];
    let mut seen = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let id = operation["operationId"].as_str().expect("an id");
        assert!(seen.insert(id.to_owned()), "{id} twice");
        assert!(
            id.split_once('_').is_some_and(|(verb, noun)| verbs.contains(&verb) && !noun.is_empty()),
            "{method} {path}: {id}"
        );
        assert!(operation["summary"].as_str().is_some_and(|text| text.len() > 10), "{id} has no words");
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{id}");
    }
    assert!(seen.len() > 40, "{}", seen.len());
}

#[tokio::test]
async fn every_operation_describes_its_answers_and_refusals() {
    let (_server, document) = document().await;
    for (method, path, operation) in operations(&document) {
        let answers = operation["responses"].as_object().expect("answers");
        let successes: Vec<_> = answers.iter().filter(|(status, _)| status.starts_with('2')).collect();
        assert_eq!(successes.len(), 1, "{method} {path}");
        let (status, success) = successes[0];
        assert!(
            status == "204"
                || success["content"]["application/json"]["schema"].is_object()
                || success["content"]["text/csv"]["schema"].is_object(),
            "{method} {path} has no body"
        );
        for refusal in ["401", "403", "429", "503"] {
            let schema = &answers[refusal]["content"]["application/json"]["schema"]["$ref"];
            assert_eq!(schema, "#/components/schemas/ErrorBody", "{method} {path} {refusal}");
        }
        assert_eq!(answers.contains_key("404"), path.contains('{'), "{method} {path}");
        if let Some(body) = operation.get("requestBody") {
            let json = &body["content"]["application/json"];
            assert!(json["schema"].is_object() && json["example"].is_object(), "{method} {path} has no example");
            assert!(
                answers.contains_key("400") && answers.contains_key("413") && answers.contains_key("422"),
                "{method} {path}"
            );
        }
    }
}

#[tokio::test]
async fn every_reference_leads_somewhere_and_every_parameter_of_a_path_is_described() {
    let (_server, document) = document().await;
    let mut references = BTreeSet::new();
    collect(&document, &mut references);
    for reference in references {
        let found = document.pointer(reference.trim_start_matches('#'));
        assert!(found.is_some(), "{reference} leads nowhere");
    }
    for (method, path, operation) in operations(&document) {
        let named: Vec<_> = path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
        let empty = Vec::new();
        let parameters = operation["parameters"].as_array().unwrap_or(&empty);
        let described: Vec<_> =
            parameters.iter().filter(|p| p["in"] == "path").filter_map(|p| p["name"].as_str()).collect();
        assert_eq!(named, described, "{method} {path}");
        assert!(parameters.iter().any(|p| p["name"] == "Patchbay-Org"), "{method} {path}");
    }
}

fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            found.extend(object.get("$ref").and_then(Value::as_str).map(str::to_owned));
            object.values().for_each(|value| collect(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| collect(value, found)),
        _ => {}
    }
}

#[tokio::test]
async fn lists_are_pages_with_limit_cursor_fields_and_sort() {
    let (_server, document) = document().await;
    for (method, path, operation) in operations(&document)
        .filter(|(_, _, operation)| operation["operationId"].as_str().is_some_and(|id| id.starts_with("list_")))
    {
        let names: Vec<_> =
            operation["parameters"].as_array().expect("parameters").iter().filter_map(|p| p["name"].as_str()).collect();
        for name in ["limit", "cursor", "fields", "sort"] {
            assert!(names.contains(&name), "{method} {path} lacks {name}");
        }
    }
}

#[tokio::test]
async fn the_reference_page_loads_only_our_own_files() {
    let server = TestServer::sqlite().await;
    domain::account::actions::bootstrap(server.hub(), "Acme", "a@acme.test", crate::support::PASSWORD)
        .await
        .expect("set up");
    let page = server.ask(Ask::get("/docs/api")).await;
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("http://") && !page.text.contains("https://"), "{}", page.text);
    assert!(page.header("content-security-policy").contains("connect-src 'self'"));
}
