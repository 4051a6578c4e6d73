//! `/search/jql`: pages without a total, each with the token of the next.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::answer::{Answer, Outcome, Refusal};
use super::issues::site;
use super::request::Asked;
use super::show;
use crate::jira::jql::{Asker, Query};
use crate::jira::state::State;

/// Issues of a page at most.
const LARGEST_PAGE: usize = 100;
/// Issues of a page unless it is said.
const USUAL_PAGE: usize = 50;

struct Wish {
    jql: String,
    token: Option<String>,
    size: usize,
    fields: Vec<String>,
}

/// `GET /search/jql`.
pub(super) fn by_query(state: &mut State, asked: &Asked) -> Outcome {
    let wish = Wish {
        jql: asked.text("jql").unwrap_or_default().to_owned(),
        token: asked.text("nextPageToken").map(str::to_owned),
        size: asked.number("maxResults").unwrap_or(USUAL_PAGE),
        fields: asked.list("fields"),
    };
    page(state, asked, &wish)
}

/// `POST /search/jql`.
pub(super) fn by_body(state: &mut State, asked: &Asked) -> Outcome {
    let text = |name: &str| asked.body[name].as_str().map(str::to_owned);
    let fields = asked.body["fields"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let wish = Wish {
        jql: text("jql").unwrap_or_default(),
        token: text("nextPageToken"),
        size: asked.body["maxResults"].as_u64().and_then(|size| size.try_into().ok()).unwrap_or(USUAL_PAGE),
        fields: fields.map(str::to_owned).collect(),
    };
    page(state, asked, &wish)
}

fn page(state: &State, asked: &Asked, wish: &Wish) -> Outcome {
    let site = site(state, asked)?;
    let bad = |sentence: &str| Refusal::jira(400, sentence);
    let query = Query::read(&wish.jql).map_err(|sentence| bad(&sentence))?;
    if !query.is_bounded() {
        return Err(bad("Unbounded JQL queries are not allowed here. Please add a search restriction to your query."));
    }
    if let Some(stranger) = query.strangers(site).first() {
        return Err(bad(stranger));
    }
    let start = match &wish.token {
        None => 0,
        Some(token) => read_token(token, &wish.jql).ok_or_else(|| bad("The provided next page token is invalid."))?,
    };
    let asker = Asker { site, user: &asked.caller()?.user, now_ms: state.now_ms() };
    let seen = site.issues.iter().filter(|issue| site.visible(&issue.id).is_some());
    let mut found: Vec<_> = seen.filter(|issue| query.matches(&asker, issue)).collect();
    found.sort_by(|one, other| query.order(&asker, one, other));
    let size = if asked.empty_page { 0 } else { wish.size.clamp(1, LARGEST_PAGE) };
    let shown = found.iter().skip(start).take(size).map(|issue| match wish.fields.as_slice() {
        [] => json!({ "id": issue.id }),
        [only] if only == "id" => json!({ "id": issue.id }),
        fields => show::issue(state, site, issue, fields),
    });
    let shown: Vec<Value> = shown.collect();
    let next = start + size;
    let mut answer = json!({ "issues": shown, "isLast": next >= found.len() });
    if next < found.len() {
        answer["nextPageToken"] = write_token(next, &wish.jql).into();
    }
    Ok(Answer::ok(answer))
}

/// The token says where the next page starts, and for which query alone it is good.
fn write_token(start: usize, jql: &str) -> String {
    let digest = Sha256::digest(jql);
    URL_SAFE_NO_PAD.encode(format!("{start} {:02x}{:02x}{:02x}", digest[0], digest[1], digest[2]))
}

fn read_token(token: &str, jql: &str) -> Option<usize> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
    let start = text.split_once(' ')?.0.parse().ok()?;
    (write_token(start, jql) == token).then_some(start)
}
