//! Twilio SendGrid's Inbound Parse: a form of several parts, either with the message taken apart or with the whole of
//! it in `email` ("raw"). <https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/inbound-email>
//!
//! A message that was taken apart comes in several character sets at once; `charsets` tells which field is in which.

use encoding_rs::Encoding;
use mail_parser::{Message, MessageParser, MimeHeaders as _};
use serde_json::{Map, Value, json};

use super::form::{self, Part};
use super::headers::Headers;
use super::{Address, Attachment, Draft, MOST};
use crate::mime;
use crate::request::InboundRequest;

/// Of a whole message, so many bytes are searched for headers.
const MAX_BLOCK: usize = 128 * 1024;

/// Reads the form. None where it is none.
pub(super) fn read(request: &InboundRequest<'_>) -> Option<Draft> {
    let parts = form::parts(request.media_parameter("boundary")?, request.body)?;
    let raw = |name: &str| parts.iter().find(|part| part.told.field.as_deref() == Some(name)).map(|part| part.content);
    let object = |name: &str| raw(name).and_then(|json| serde_json::from_slice::<Value>(json).ok()).unwrap_or_default();
    let fields = texts(&parts, &object("charsets"));
    let mut draft = match raw("email").and_then(|email| Some((email, MessageParser::new().parse(email)?))) {
        Some((email, message)) => whole(email, &message, &fields),
        None => apart(&parts, &fields, &object("attachment-info")),
    };
    let envelope = object("envelope");
    let to = envelope["to"].as_array().into_iter().flatten().filter_map(Value::as_str);
    draft.email.recipients = to.take(MOST).map(str::to_owned).collect();
    Some(draft)
}

/// The fields as text, each by its own character set; UTF-8 for those of which none is told.
fn texts(parts: &[Part<'_>], charsets: &Value) -> Value {
    let mut fields = Map::new();
    for part in parts.iter().filter(|part| part.told.file_name.is_none()) {
        let Some(name) = &part.told.field else { continue };
        let label = charsets.get(name).and_then(Value::as_str).unwrap_or("utf-8");
        let encoding = Encoding::for_label(label.as_bytes()).unwrap_or(encoding_rs::UTF_8);
        fields.entry(name.clone()).or_insert_with(|| json!(encoding.decode(part.content).0));
    }
    Value::Object(fields)
}

/// A message that was taken apart.
fn apart(parts: &[Part<'_>], fields: &Value, info: &Value) -> Draft {
    let list = |name: &str| fields[name].as_str().map(Address::list).unwrap_or_default();
    let headers = Headers::of_block(fields["headers"].as_str().unwrap_or_default());
    let reply_to = headers.first("reply-to").map(Address::list).unwrap_or_default();
    let mut draft = Draft { headers, ..Draft::default() }.with_fields(fields);
    let email = &mut draft.email;
    email.from = list("from").into_iter().next();
    (email.to, email.cc, email.reply_to) = (list("to"), list("cc"), reply_to);
    let files = parts.iter().filter(|part| part.told.file_name.is_some()).take(MOST);
    email.attachments = files.map(|part| attachment(part, info)).collect();
    draft
}

/// A file, with what the form says of it besides.
fn attachment(part: &Part<'_>, info: &Value) -> Attachment {
    let name = part.told.field.clone().unwrap_or_default();
    let told = |key: &str| info.get(&name).and_then(|info| info.get(key)).and_then(Value::as_str).map(str::to_owned);
    Attachment {
        name: told("filename").or_else(|| told("name")).or_else(|| part.told.file_name.clone()),
        content_type: told("type").or_else(|| part.told.content_type.clone()),
        size: u64::try_from(part.content.len()).ok(),
        content_id: told("content-id").or_else(|| part.told.content_id.clone()),
        found_at: name,
    }
}

/// A whole message.
fn whole(raw: &[u8], message: &Message<'_>, fields: &Value) -> Draft {
    let block = String::from_utf8_lossy(&raw[..raw.len().min(MAX_BLOCK)]);
    let body = json!({
        "subject": message.subject(),
        "text": message.body_text(0),
        "html": message.html_part(0).filter(|part| part.is_text_html()).and_then(|part| part.text_contents()),
        "spam_score": fields["spam_score"],
    });
    let mut draft = Draft { headers: Headers::of_block(&block), ..Draft::default() }.with_fields(&body);
    let list = |header: Option<&mail_parser::Address<'_>>| header.map(Address::of_header).unwrap_or_default();
    let email = &mut draft.email;
    email.from = list(message.from()).into_iter().next();
    (email.to, email.cc, email.reply_to) = (list(message.to()), list(message.cc()), list(message.reply_to()));
    let files = message.attachments().take(MOST).enumerate();
    email.attachments = files
        .map(|(at, part)| Attachment {
            name: part.attachment_name().map(str::to_owned),
            content_type: part.content_type().map(mime::media_type),
            size: u64::try_from(part.len()).ok(),
            content_id: part.content_id().map(str::to_owned),
            found_at: format!("attachment {}", at + 1),
        })
        .collect();
    draft
}
