//! What the control panels have in common: lists of what was recorded, the fields of forms, icons.

use axum::extract::Path;
use axum::response::IntoResponse;
use http::header;

use crate::fault::Fault;
use crate::html::escape;
use crate::journal::{Call, Journal};

/// Lines of each list.
const SHOWN: usize = 20;

/// The fields of a form.
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(crate) fn read(form: &[u8]) -> Self {
        Self(form_urlencoded::parse(form).into_owned().collect())
    }

    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
    }

    pub(crate) fn url(&self, name: &str) -> Option<String> {
        Some(self.get(name).trim().to_owned()).filter(|url| !url.is_empty())
    }

    /// The lines of a field, without empty ones.
    pub(crate) fn lines(&self, name: &str) -> Vec<String> {
        self.get(name).lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    /// The page to go back to, which is always one of the panel's.
    pub(crate) fn back(&self) -> &str {
        Some(self.get("back")).filter(|back| back.starts_with("/_control")).unwrap_or("/_control")
    }

    /// The fault that was chosen.
    pub(crate) fn fault(&self) -> Fault {
        let value = self.get("value").trim();
        match self.get("fault") {
            "limited" => Fault::RateLimited(value.parse().unwrap_or(30)),
            "status" => Fault::Status(value.parse().unwrap_or(500)),
            "hang" => Fault::Hang,
            "drop" => Fault::Drop,
            "hang-after" => Fault::HangAfter,
            _ => Fault::Error(value.to_owned()),
        }
    }
}

/// A square for a workspace, site or app: the two characters of its id that differ most.
pub(crate) async fn icon(Path(name): Path<String>) -> impl IntoResponse {
    let id: String = name.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '-').collect();
    let hue = id.bytes().fold(0_u32, |sum, byte| (sum * 31 + u32::from(byte)) % 360);
    let letters: String = id.chars().rev().take(2).collect();
    let svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 72"><rect width="72" height="72" rx="12" fill="hsl({hue} 55% 40%)"/>
<text x="36" y="46" text-anchor="middle" font-family="sans-serif" font-size="28" fill="white">{letters}</text></svg>"#
    );
    ([(header::CONTENT_TYPE, "image/svg+xml")], svg)
}

/// A time in words that need no calendar: seconds ago.
fn ago(now_ms: i64, at_ms: i64) -> String {
    match (now_ms - at_ms) / 1000 {
        seconds @ ..=119 => format!("{seconds} s ago"),
        seconds @ 120..=7199 => format!("{} min ago", seconds / 60),
        seconds => format!("{} h ago", seconds / 3600),
    }
}

/// The requests that the provider would not have understood.
pub(crate) fn violations(provider: &str, journal: &Journal) -> String {
    let rows = journal.violations.iter().rev().take(SHOWN);
    let rows: String = rows
        .map(|one| format!("<li class=\"bad\"><code>{}</code>: {}</li>", escape(&one.method), escape(&one.what)))
        .collect();
    let none = format!("<p>Every request so far was one that {provider} understands.</p>");
    format!("<h2>Not understood</h2>{}", if rows.is_empty() { none } else { format!("<ul>{rows}</ul>") })
}

/// What was sent to the app.
pub(crate) fn sent(journal: &Journal, now_ms: i64) -> String {
    let rows = journal.sent.iter().rev().take(SHOWN).map(|sent| {
        let outcome = sent.outcome.as_ref().map_or_else(|why| escape(why), ToString::to_string);
        format!(
            "<tr><td>{}</td><td>{}</td><td><code>{}</code></td><td>{outcome}</td><td>{}</td></tr>",
            ago(now_ms, sent.at_ms),
            escape(&sent.what),
            escape(&sent.url),
            escape(&sent.answer),
        )
    });
    format!("<h2>Sent to the app</h2><table><tbody>{}</tbody></table>", rows.collect::<String>())
}

/// What the app asked.
pub(crate) fn calls(journal: &Journal, now_ms: i64) -> String {
    let rows = journal.calls.iter().rev().take(SHOWN).map(|call| row(now_ms, call));
    format!("<h2>Asked by the app</h2><table><tbody>{}</tbody></table>", rows.collect::<String>())
}

fn row(now_ms: i64, call: &Call) -> String {
    let result = match (&call.error, call.status) {
        (Some(error), _) => error.clone(),
        (None, 0) => "no answer".to_owned(),
        (None, 200) => "ok".to_owned(),
        (None, status) => status.to_string(),
    };
    let account = call.authorised_as.as_ref().map_or("", |who| who.account.as_str());
    format!(
        "<tr><td>{}</td><td><code>{}</code></td><td>{account}</td><td>{}</td></tr>",
        ago(now_ms, call.at_ms),
        escape(&call.method),
        escape(&result),
    )
}
