//! Requests to a site's REST API, as data: the method, the path below `/rest/api/3`, the body.

use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::facts::{LIST_PAGE, SEARCH_PAGE};

/// What stands for itself in a path and in a query.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A request.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path with its query, for [`super::facts::Urls::rest`].
    pub path: String,
    /// The JSON body.
    pub body: Option<Value>,
}

/// A text as one segment of a path, or a value of a query.
#[must_use]
pub fn segment(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

/// A text as a value in JQL: in quotes, whatever it is.
#[must_use]
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn get(path: String) -> Request {
    Request { method: Method::GET, path, body: None }
}

fn send(method: Method, path: String, body: Value) -> Request {
    Request { method, path, body: Some(body) }
}

fn issue(key: &str, rest: &str) -> String {
    format!("/issue/{}{rest}", segment(key))
}

/// Who the token acts as; also tells whether it is good.
#[must_use]
pub fn myself() -> Request {
    get("/myself".to_owned())
}

/// Projects in which the person may create issues, from an index.
#[must_use]
pub fn projects(start: usize, words: &str) -> Request {
    let query = if words.is_empty() { String::new() } else { format!("&query={}", segment(words)) };
    get(format!("/project/search?action=create&orderBy=name&startAt={start}&maxResults={LIST_PAGE}{query}"))
}

/// The issue types of a project, from an index.
#[must_use]
pub fn issue_types(project: &str, start: usize) -> Request {
    get(format!("/issue/createmeta/{}/issuetypes?startAt={start}&maxResults={LIST_PAGE}", segment(project)))
}

/// What the screen asks for on which an issue of a type is made, from an index.
#[must_use]
pub fn create_screen(project: &str, issue_type: &str, start: usize) -> Request {
    let (project, issue_type) = (segment(project), segment(issue_type));
    get(format!("/issue/createmeta/{project}/issuetypes/{issue_type}?startAt={start}&maxResults={LIST_PAGE}"))
}

/// What the screen asks for on which an issue is changed.
#[must_use]
pub fn edit_screen(key: &str) -> Request {
    get(issue(key, "/editmeta"))
}

/// The statuses of a project, by issue type.
#[must_use]
pub fn statuses(project: &str) -> Request {
    get(format!("/project/{}/statuses", segment(project)))
}

/// People whom issues of a project can be assigned to.
#[must_use]
pub fn assignable(project: &str, words: &str) -> Request {
    get(format!("/user/assignable/search?project={}&query={}&maxResults={LIST_PAGE}", segment(project), segment(words)))
}

/// A new issue. The marker becomes a label: Jira knows no idempotency key, and by it a later search finds whether an answer
/// that never came was a success.
#[must_use]
pub fn create(project_id: &str, issue_type_id: &str, mut fields: Map<String, Value>, marker: &str) -> Request {
    fields.insert("project".to_owned(), json!({ "id": project_id }));
    fields.insert("issuetype".to_owned(), json!({ "id": issue_type_id }));
    let labels = fields.entry("labels").or_insert_with(|| json!([]));
    if let Some(labels) = labels.as_array_mut().filter(|labels| !labels.iter().any(|label| label == marker)) {
        labels.push(marker.into());
    }
    send(Method::POST, "/issue".to_owned(), json!({ "fields": fields }))
}

/// The issues of a project that carry a marker.
#[must_use]
pub fn find_marker(project: &str, marker: &str) -> Request {
    search(&format!("project = {} AND labels = {}", quoted(project), quoted(marker)), &["summary"], None)
}

/// An issue with these fields.
#[must_use]
pub fn read(key: &str, fields: &[&str]) -> Request {
    get(issue(key, &format!("?fields={}", fields.iter().map(|name| segment(name)).collect::<Vec<_>>().join(","))))
}

/// Other values for fields of an issue. The status is none of them: see [`transition`].
#[must_use]
pub fn edit(key: &str, fields: &Map<String, Value>) -> Request {
    send(Method::PUT, issue(key, ""), json!({ "fields": fields }))
}

/// Where an issue can go from where it is.
#[must_use]
pub fn transitions(key: &str) -> Request {
    get(issue(key, "/transitions?expand=transitions.fields"))
}

/// Moves an issue by a transition, which is known by an id that holds for its present status only.
#[must_use]
pub fn transition(key: &str, id: &str, fields: &Map<String, Value>) -> Request {
    let mut body = json!({ "transition": { "id": id } });
    if !fields.is_empty() {
        body["fields"] = json!(fields);
    }
    send(Method::POST, issue(key, "/transitions"), body)
}

/// The newest comments of an issue.
#[must_use]
pub fn comments(key: &str) -> Request {
    get(issue(key, &format!("/comment?orderBy=-created&maxResults={LIST_PAGE}")))
}

/// A comment, of a document.
#[must_use]
pub fn comment(key: &str, document: &Value) -> Request {
    send(Method::POST, issue(key, "/comment"), json!({ "body": document }))
}

/// A link to something of ours. The same `global_id` again takes the place of the link before.
#[must_use]
pub fn remote_link(key: &str, global_id: &str, url: &str, title: &str) -> Request {
    let object = json!({ "url": url, "title": title });
    send(Method::POST, issue(key, "/remotelink"), json!({ "globalId": global_id, "object": object }))
}

/// A property of an issue, which programs see and people do not.
#[must_use]
pub fn set_property(key: &str, property: &str, value: &Value) -> Request {
    send(Method::PUT, issue(key, &format!("/properties/{}", segment(property))), value.clone())
}

/// A page of a search; `token` is that of the page before.
#[must_use]
pub fn search(jql: &str, fields: &[&str], token: Option<&str>) -> Request {
    let mut body = json!({ "jql": jql, "fields": fields, "maxResults": SEARCH_PAGE });
    if let Some(token) = token {
        body["nextPageToken"] = token.into();
    }
    send(Method::POST, "/search/jql".to_owned(), body)
}

/// What the app wants to hear of: events of the issues of some projects, by id or key.
#[must_use]
pub fn register_webhook(url: &str, projects: &[&str], events: &[&str]) -> Request {
    let list = projects.iter().map(|project| quoted(project)).collect::<Vec<_>>().join(", ");
    let webhook = json!({ "jqlFilter": format!("project in ({list})"), "events": events });
    send(Method::POST, "/webhook".to_owned(), json!({ "url": url, "webhooks": [webhook] }))
}

/// The app's webhooks, from an index.
#[must_use]
pub fn webhooks(start: usize) -> Request {
    get(format!("/webhook?startAt={start}&maxResults=100"))
}

/// Thirty days more for these webhooks.
#[must_use]
pub fn refresh_webhooks(ids: &[i64]) -> Request {
    send(Method::PUT, "/webhook/refresh".to_owned(), json!({ "webhookIds": ids }))
}

/// An end for these webhooks.
#[must_use]
pub fn delete_webhooks(ids: &[i64]) -> Request {
    send(Method::DELETE, "/webhook".to_owned(), json!({ "webhookIds": ids }))
}

/// What came of registering: the id, or why not. Jira answers 200 in either case.
///
/// # Errors
/// Jira's sentence about it.
pub fn registered(answer: &Value) -> Result<i64, String> {
    let result = &answer["webhookRegistrationResult"][0];
    let why = || result["errors"][0].as_str().unwrap_or("Jira did not say what became of the webhook.").to_owned();
    result["createdWebhookId"].as_i64().ok_or_else(why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::jira::adf;
    use crate::testing::published;

    fn fields(value: Value) -> Map<String, Value> {
        value.as_object().expect("an object").clone()
    }

    fn all() -> Vec<(&'static str, Request)> {
        let document = adf::of_text("hello");
        let events = ["jira:issue_created", "jira:issue_updated"];
        vec![
            ("/myself", myself()),
            ("/project/search", projects(50, "a & b")),
            ("/issue/createmeta/{projectIdOrKey}/issuetypes", issue_types("ED", 0)),
            ("/issue/createmeta/{projectIdOrKey}/issuetypes/{issueTypeId}", create_screen("ED", "10004", 50)),
            ("/issue/{issueIdOrKey}/editmeta", edit_screen("ED-1")),
            ("/project/{projectIdOrKey}/statuses", statuses("ED")),
            ("/user/assignable/search", assignable("ED", "Ada L")),
            (
                "/issue",
                create("10000", "10004", fields(json!({ "summary": "x", "description": document })), "patchbay-1"),
            ),
            ("/search/jql", find_marker("ED", "patchbay-1")),
            ("/search/jql", search("project = ED", &["summary"], Some("t"))),
            ("/issue/{issueIdOrKey}", read("ED-1", &["summary", "status"])),
            ("/issue/{issueIdOrKey}", edit("ED-1", &fields(json!({ "summary": "y" })))),
            ("/issue/{issueIdOrKey}/transitions", transitions("ED-1")),
            (
                "/issue/{issueIdOrKey}/transitions",
                transition("ED-1", "31", &fields(json!({ "resolution": { "id": "1" } }))),
            ),
            ("/issue/{issueIdOrKey}/comment", comment("ED-1", &document)),
            (
                "/issue/{issueIdOrKey}/remotelink",
                remote_link("ED-1", "patchbay=evt_1", "https://hub.example/e", "Event"),
            ),
            ("/issue/{issueIdOrKey}/properties/{propertyKey}", set_property("ED-1", "patchbay", &json!({ "id": 1 }))),
            ("/issue/{issueIdOrKey}/comment", comments("ED-1")),
            ("/webhook", register_webhook("https://hub.example/jira/x", &["ED", "10001"], &events)),
            ("/webhook", webhooks(0)),
            ("/webhook", delete_webhooks(&[1000])),
            ("/webhook/refresh", refresh_webhooks(&[1000])),
        ]
    }

    #[test]
    fn every_request_is_one_of_the_published_description() {
        let Some(api) = published("jira/jira-cloud-platform-v3.trimmed.json") else { return };
        for (template, request) in all() {
            let method = request.method.as_str().to_lowercase();
            let operation = &api["paths"][format!("/rest/api/3{template}")][&method];
            assert!(operation.is_object(), "{method} {template}");
            let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
            assert_eq!(path.split('/').count(), template.split('/').count(), "{path}");
            for pair in query.split('&').filter(|pair| !pair.is_empty()) {
                let name = pair.split('=').next().expect("a name");
                let known = operation["parameters"].as_array().expect("parameters").iter();
                assert!(known.into_iter().any(|one| one["name"] == name && one["in"] == "query"), "{template}: {name}");
            }
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            assert_eq!(request.body.is_some(), !schema.is_null(), "{method} {template}");
            if let Some(body) = &request.body {
                let schema = json!({ "allOf": [schema], "components": api["components"] });
                let validator = jsonschema::validator_for(&schema).expect("published schemas are schemas");
                let wrong: Vec<String> = validator.iter_errors(body).map(|error| error.to_string()).collect();
                assert!(wrong.is_empty(), "{template}: {wrong:?}");
            }
        }
    }

    #[test]
    fn what_others_wrote_cannot_leave_its_place() {
        assert_eq!(read("ED-1/../x?y", &["a,b"]).path, "/issue/ED-1%2F..%2Fx%3Fy?fields=a%2Cb");
        let body = find_marker("ED\" OR project = \"X", "a\\").body.expect("a body");
        assert_eq!(body["jql"], "project = \"ED\\\" OR project = \\\"X\" AND labels = \"a\\\\\"");
    }

    #[test]
    fn an_issue_carries_its_marker_once() {
        let labels = |given: Value| {
            create("1", "2", fields(json!({ "labels": given })), "m").body.expect("a body")["fields"]["labels"].clone()
        };
        assert_eq!(labels(json!(["a"])), json!(["a", "m"]));
        assert_eq!(labels(json!(["m", "a"])), json!(["m", "a"]));
        assert_eq!(create("1", "2", Map::new(), "m").body.expect("a body")["fields"]["labels"], json!(["m"]));
    }

    #[test]
    fn registering_succeeds_or_says_why_though_the_answer_is_200() {
        assert_eq!(registered(&json!({ "webhookRegistrationResult": [{ "createdWebhookId": 1000 }] })), Ok(1000));
        let refused = json!({ "webhookRegistrationResult": [{ "errors": ["The clause watchCount is unsupported"] }] });
        assert_eq!(registered(&refused), Err("The clause watchCount is unsupported".to_owned()));
        assert!(registered(&json!({})).is_err());
    }
}
