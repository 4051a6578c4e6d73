//! The providers that post JSON.
//!
//! Brevo: <https://developers.brevo.com/docs/inbound-parse-webhooks>. Mailjet: its published Parse API guide. Postmark:
//! the types of its official client.

use serde_json::Value;

use super::headers::{Headers, message_ids};
use super::{Address, Attachment, Draft, MOST};
use crate::mime;

/// Messages in one request that are read.
const MOST_MESSAGES: usize = 100;

/// The id of the message that Postmark's page sends to try an address.
const POSTMARK_TEST: &str = "22c74902-a0c1-4511-804f-341342852c90";

/// Several messages in one request. `MessageId` is the sender's; `Uuid` is Brevo's, one per recipient.
pub(super) fn brevo(body: &Value) -> Vec<Draft> {
    let items = body.get("items").and_then(Value::as_array).into_iter().flatten();
    items.take(MOST_MESSAGES).map(brevo_item).collect()
}

fn brevo_item(item: &Value) -> Draft {
    let id = |key: &str| item[key].as_str().map(message_ids).unwrap_or_default().into_iter().next();
    let mut draft = Draft { headers: Headers::of_object(item.get("Headers")), ..Draft::default() }.with_fields(item);
    let uuids: Vec<String> = texts(item.get("Uuid")).collect();
    draft.provider_id = (!uuids.is_empty()).then(|| uuids.join(","));
    let email = &mut draft.email;
    email.from = Address::of_value(&item["From"]);
    email.to = Address::of_values(item.get("To"));
    email.cc = Address::of_values(item.get("Cc"));
    email.reply_to = Address::of_value(&item["ReplyTo"]).into_iter().collect();
    email.recipients = Address::of_values(item.get("Recipients")).into_iter().map(|one| one.address).collect();
    email.message_id = id("MessageId");
    email.in_reply_to = id("InReplyTo");
    let attachments = item["Attachments"].as_array().into_iter().flatten().take(MOST);
    email.attachments = attachments
        .map(|file| Attachment { found_at: text(&file["DownloadToken"]).unwrap_or_default(), ..attachment(file) })
        .collect();
    draft
}

/// One message. No delivery has an id. The time without zone is left to the header, which has one.
pub(super) fn mailjet(body: &Value) -> Draft {
    let headers = Headers::of_object(body.get("Headers"));
    let list = |field: &str, header: &str| {
        body[field].as_str().or_else(|| headers.first(header)).map(Address::list).unwrap_or_default()
    };
    let (from, to, cc) = (list("From", "from"), list("To", "to"), list("Cc", "cc"));
    let reply_to = headers.first("reply-to").map(Address::list).unwrap_or_default();
    let mut draft = Draft { headers, ..Draft::default() }.with_fields(body);
    let email = &mut draft.email;
    email.from = from.into_iter().next();
    (email.to, email.cc, email.reply_to) = (to, cc, reply_to);
    email.recipients = text(&body["Recipient"]).into_iter().collect();
    let parts = body["Parts"].as_array().into_iter().flatten().take(MOST);
    email.attachments = parts.filter_map(|part| mailjet_attachment(part, body)).collect();
    draft
}

/// A part that names a content; always base64, whatever its own headers say.
fn mailjet_attachment(part: &Value, body: &Value) -> Option<Attachment> {
    let name = part["ContentRef"].as_str().filter(|name| name.contains("Attachment"))?;
    let headers = Headers::of_object(part.get("Headers"));
    let header = |name: &str| headers.first(name).unwrap_or_default();
    let told = mime::told(header("content-type"), header("content-disposition"), header("content-id"));
    Some(Attachment {
        name: told.file_name,
        content_type: told.content_type,
        size: body[name].as_str().map(decoded_len),
        content_id: told.content_id,
        found_at: format!("/{name}"),
    })
}

/// One message. `MessageID` is Postmark's own; the sender's is among the headers.
pub(super) fn postmark(body: &Value) -> Draft {
    let mut draft = Draft { headers: Headers::of_list(body.get("Headers")), ..Draft::default() }.with_fields(body);
    draft.provider_id = text(&body["MessageID"]);
    draft.is_test = draft.provider_id.as_deref() == Some(POSTMARK_TEST);
    let email = &mut draft.email;
    email.from = Address::of_value(&body["FromFull"]).or_else(|| Address::of_value(&body["From"]));
    email.to = Address::of_values(body.get("ToFull"));
    email.cc = Address::of_values(body.get("CcFull"));
    email.reply_to = body["ReplyTo"].as_str().map(Address::list).unwrap_or_default();
    email.recipients = text(&body["OriginalRecipient"]).into_iter().collect();
    let attachments = body["Attachments"].as_array().into_iter().flatten().take(MOST).enumerate();
    email.attachments = attachments
        .map(|(at, file)| Attachment { found_at: format!("/Attachments/{at}/Content"), ..attachment(file) })
        .collect();
    draft
}

/// What Brevo and Postmark say of a file in the same words.
fn attachment(file: &Value) -> Attachment {
    Attachment {
        name: text(&file["Name"]),
        content_type: text(&file["ContentType"]),
        size: file["ContentLength"].as_u64(),
        content_id: text(&file["ContentID"]).map(|id| id.trim_matches(['<', '>']).to_owned()),
        found_at: String::new(),
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A text, or the texts of a list.
fn texts(value: Option<&Value>) -> impl Iterator<Item = String> {
    let list = value.map_or(&[][..], |value| value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice));
    list.iter().take(MOST).filter_map(text)
}

/// How many bytes base64 stands for.
fn decoded_len(base64: &str) -> u64 {
    let sextets: u64 = base64.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=').map(|_| 1).sum();
    sextets * 3 / 4
}
