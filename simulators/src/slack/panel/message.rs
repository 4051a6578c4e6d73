//! A message as people would see it, roughly: each kind of block that the app sends, the others as JSON.

use serde_json::Value;

use super::{ACT, markup};
use crate::html::{button, escape};
use crate::slack::state::{Message, State};

/// One message with its buttons. `back` is the page that it is on.
pub(super) fn show(state: &State, message: &Message, back: &str) -> String {
    let who =
        state.user(&message.user).map_or_else(|| format!("{} (app)", state.app.name), |user| user.real_name.clone());
    let mut notes = vec![message.ts.clone()];
    notes.extend(message.thread_ts.as_ref().map(|ts| format!("in the thread of {ts}")));
    notes.extend(message.only_for.as_ref().map(|user| format!("only visible to {user}")));
    notes.extend((message.edits > 0).then(|| format!("edited {} times", message.edits)));
    notes.extend(message.is_deleted.then(|| "deleted".to_owned()));
    let body = match message.blocks.is_empty() {
        true => format!("<p>{}</p>", markup::render(&message.text)),
        false => message.blocks.iter().map(|block| show_block(message, block, back)).collect(),
    };
    let fallback = format!("<p class=\"meta\">Notification: {}</p>", escape(&message.text));
    let metadata = message.metadata.as_ref().map_or(String::new(), |metadata| {
        format!("<details><summary>Metadata</summary><pre>{}</pre></details>", escape(&pretty(metadata)))
    });
    let attachments =
        message.attachments.iter().map(|attachment| format!("<pre>{}</pre>", escape(&pretty(attachment))));
    format!(
        r#"<article class="message" id="m{ts}"><p class="meta"><strong>{who}</strong> · {notes}</p>{body}{attachments}{fallback}
{metadata}</article>"#,
        ts = message.ts,
        who = escape(&who),
        notes = escape(&notes.join(" · ")),
        attachments = attachments.collect::<String>(),
        fallback = if message.blocks.is_empty() { "" } else { &fallback },
    )
}

fn show_block(message: &Message, block: &Value, back: &str) -> String {
    let list = |name: &str| block[name].as_array().map(Vec::as_slice).unwrap_or_default();
    match block["type"].as_str().unwrap_or_default() {
        "header" => format!("<header>{}</header>", text(&block["text"])),
        "divider" => "<hr>".to_owned(),
        "section" => {
            let fields: String = list("fields").iter().map(|field| format!("<div>{}</div>", text(field))).collect();
            let accessory = if block["accessory"].is_object() {
                element(message, &block["accessory"], back)
            } else {
                String::new()
            };
            format!("<div>{}{accessory}</div><div class=\"fields\">{fields}</div>", text(&block["text"]))
        }
        "context" => {
            let parts: Vec<String> = list("elements").iter().map(|inner| element(message, inner, back)).collect();
            format!("<p class=\"context\">{}</p>", parts.join(" "))
        }
        "actions" => {
            let parts: Vec<String> = list("elements").iter().map(|inner| element(message, inner, back)).collect();
            format!("<div class=\"acts\">{}</div>", parts.join(" "))
        }
        "markdown" => format!("<pre>{}</pre>", escape(block["text"].as_str().unwrap_or_default())),
        "image" => image(block),
        _ => format!("<pre>{}</pre>", escape(&pretty(block))),
    }
}

fn element(message: &Message, element: &Value, back: &str) -> String {
    match element["type"].as_str().unwrap_or_default() {
        "mrkdwn" | "plain_text" => text(element),
        "image" => image(element),
        "button" => press(message, element, back),
        _ => format!("<code>{}</code>", escape(&element.to_string())),
    }
}

/// A button that is pressed here; one with a link also shows the link.
fn press(message: &Message, element: &Value, back: &str) -> String {
    let label = element["text"]["text"].as_str().unwrap_or_default();
    let link = element["url"].as_str().filter(|url| url.starts_with("http"));
    let link = link.map(|url| format!(r#" <a href="{}" rel="noreferrer">{}</a>"#, escape(url), escape(label)));
    let id = element["action_id"].as_str().unwrap_or_default();
    let fields =
        [("act", "press"), ("channel", &message.channel), ("ts", &message.ts), ("action_id", id), ("back", back)];
    button(ACT, &fields, label) + &link.unwrap_or_default()
}

fn image(element: &Value) -> String {
    // Not fetched: a simulator leaves the network alone.
    format!("<span class=\"meta\">[image: {}]</span>", escape(element["alt_text"].as_str().unwrap_or_default()))
}

fn text(element: &Value) -> String {
    let content = element["text"].as_str().unwrap_or_default();
    if element["type"] == "mrkdwn" { markup::render(content) } else { escape(content).replace('\n', "<br>") }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
