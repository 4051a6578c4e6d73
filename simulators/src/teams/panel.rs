//! `/_control`: the channels with what was posted there, newest first, and the addresses of their workflows.

use super::{Axum, Html, PROVIDER, Shared, TeamsMessage, html};

pub(super) async fn show(Axum(shared): Axum<Shared>, headers: http::HeaderMap) -> Html<String> {
    let host = headers.get(http::header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
    let base = format!("http://{host}");
    let body = shared.with(|state| {
        let workflows = state.workflows.iter().map(|workflow| {
            let own = state.messages.iter().rev().filter(|message| message.channel == workflow.channel);
            let messages: String = own.take(50).map(message).collect();
            let messages = if messages.is_empty() { "<p>Nothing was posted yet.</p>".to_owned() } else { messages };
            format!(
                "<h2>{}</h2><p>Workflow: <code>{}</code></p>{messages}",
                html::escape(&workflow.channel),
                html::escape(&workflow.url(&base)),
            )
        });
        let violations = state.journal.violations.iter().rev().take(20);
        let violations: String = violations
            .map(|one| format!("<li>{}: {}</li>", html::escape(&one.method), html::escape(&one.what)))
            .collect();
        let violations =
            if violations.is_empty() { String::new() } else { format!("<h2>Not understood</h2><ul>{violations}</ul>") };
        format!("<h1>Channels</h1>{}{violations}", workflows.collect::<String>())
    });
    Html(html::page(PROVIDER, "Channels", &body))
}

fn message(message: &TeamsMessage) -> String {
    let lines: Vec<String> = message.text().lines().map(html::escape).collect();
    format!(r#"<div class="message">{}</div>"#, lines.join("<br>"))
}
