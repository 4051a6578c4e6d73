//! Four ways of posting e-mail, one message model.

use inbound::{Address, Email, HubEvent, Item, Outcome, Provider, read};
use serde_json::{Value, json};

use crate::signing::{NOW, Sent, secret};
use crate::specs::example;

/// The one event of a request, verified by the usual scheme of its provider.
fn received(sent: Sent) -> (Item, HubEvent, Email) {
    let secret = secret(sent.provider, 1);
    let sent = sent.signed(&secret, NOW);
    assert_eq!(sent.word(&[&secret], NOW), "verified");
    let mut items = read(sent.provider, &sent.request()).expect("a message");
    assert_eq!(items.len(), 1);
    let item = items.remove(0);
    let Outcome::Mapped(event) = item.outcome.clone() else { panic!("{item:?}") };
    assert_eq!((event.event_type.as_str(), &event.data["provider"]), ("email.received", &json!(sent.provider.key())));
    let email = serde_json::from_value(event.data.clone()).expect("an e-mail");
    (item, event, email)
}

fn address(name: Option<&str>, address: &str) -> Address {
    Address { name: name.map(str::to_owned), address: address.to_owned() }
}

/// A form of several parts, made of an example. Texts are written in Latin-1.
fn form(file: &Value) -> Sent {
    let mut body = Vec::new();
    let mut part = |disposition: String, content: &str| {
        body.extend_from_slice(format!("--xYzZY\r\nContent-Disposition: form-data; {disposition}\r\n\r\n").as_bytes());
        body.extend(content.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin-1")));
        body.extend_from_slice(b"\r\n");
    };
    for (name, value) in file["form"].as_object().expect("fields") {
        part(format!("name=\"{name}\""), value.as_str().expect(name));
    }
    for (name, content) in file["files"].as_object().into_iter().flatten() {
        let text = |key: &str| content[key].as_str().expect(key);
        part(
            format!("name=\"{name}\"; filename=\"{}\"\r\nContent-Type: {}", text("filename"), text("content_type")),
            text("content"),
        );
    }
    body.extend_from_slice(b"--xYzZY--\r\n");
    Sent::new(Provider::Sendgrid, "multipart/form-data; boundary=xYzZY", body)
}

/// HTML is there only with the feature.
fn html(text: &str) -> Option<String> {
    cfg!(feature = "html").then(|| text.to_owned())
}

#[test]
fn brevos_message_is_read() {
    let Some(sent) = Sent::example(Provider::Brevo, "brevo-inbound/inbound") else { return };
    let (item, event, email) = received(sent);
    assert_eq!(event.idempotency_key.as_deref(), Some("brevo:0f0c0d3c-1111-4a2b-9c3d-000000000001"));
    assert_eq!((item.occurred_at_ms, email.sent_at_ms), (Some(1_769_180_341_000), Some(1_769_180_341_000)));
    assert_eq!(email.from, Some(address(Some("Jane Guest"), "jane@example.net")));
    assert_eq!(email.to, [address(None, "ticket+42@inbound.hub.example.com")]);
    assert_eq!(email.recipients, ["ticket+42@inbound.hub.example.com"]);
    assert_eq!((email.subject.as_str(), email.reply_text.as_deref()), ("Re: Order 42", Some("Thanks!")));
    assert_eq!((email.text.as_deref(), email.html), (Some("Thanks!\n\n> previous"), html("<p>Thanks!</p>")));
    assert_eq!(email.message_id.as_deref(), Some("<abc-1@mail.example.net>"));
    assert_eq!(email.thread_key.as_deref(), Some("<ticket-42@hub.example.com>"));
    assert_eq!((email.spam_score, email.is_automatic), (Some(0.3), false));
    let [file] = &email.attachments[..] else { panic!("not one attachment") };
    assert_eq!(
        (file.name.as_deref(), file.size, file.content_id.as_deref()),
        (Some("note.txt"), Some(12), Some("att-001"))
    );
    assert_eq!(file.found_at, "EXAMPLE-download-token");
}

#[test]
fn mailjets_message_is_read() {
    let Some(sent) = Sent::example(Provider::Mailjet, "mailjet-parse/inbound") else { return };
    let (item, event, email) = received(sent);
    assert_eq!((item.provider_id, event.idempotency_key), (None, None));
    // The header has a zone, the field has none.
    assert_eq!(email.sent_at_ms, Some(1_428_681_998_000));
    assert_eq!(email.from, Some(address(Some("Pilot"), "pilot@example.com")));
    assert_eq!(email.to, [address(None, "passenger@inbound.hub.example.com")]);
    assert_eq!(
        (email.recipients, email.spam_score),
        (vec!["passenger@inbound.hub.example.com".to_owned()], Some(0.602))
    );
    assert_eq!(email.message_id, email.thread_key);
    assert_eq!(email.text.as_deref(), Some("Hi,\n\nImportant notice: it's Friday.\n"));
    let [file] = &email.attachments[..] else { panic!("not one attachment") };
    assert_eq!((file.name.as_deref(), file.content_type.as_deref()), (Some("helloworld.txt"), Some("text/plain")));
    assert_eq!((file.size, file.found_at.as_str()), (Some(12), "/Attachment1"));
}

#[test]
fn postmarks_message_is_read_and_its_test_is_no_duplicate() {
    let Some(sent) = Sent::example(Provider::Postmark, "postmark-inbound/inbound") else { return };
    // The example has the very id of the test that Postmark's page sends.
    let (item, event, email) = received(sent.clone());
    assert_eq!((item.is_test, event.idempotency_key), (true, None));
    assert_eq!(email.from, Some(address(Some("Jane Guest"), "jane@example.net")));
    assert_eq!(email.recipients, ["0d1e2f3a+ticket_42@inbound.hub.example.com"]);
    assert_eq!(email.mailbox_hash.as_deref(), Some("ticket_42"));
    assert_eq!(email.message_id.as_deref(), Some("<abc-1@mail.example.net>"));
    assert_eq!(email.in_reply_to.as_deref(), Some("<ticket-42@hub.example.com>"));
    assert_eq!(
        (email.attachments[0].size, email.attachments[0].found_at.as_str()),
        (Some(12), "/Attachments/0/Content")
    );
    let mut body: Value = serde_json::from_slice(&sent.body).unwrap();
    body["MessageID"] = json!("22c74902-0000-4511-804f-341342852c90");
    let (item, event, _) = received(Sent::json(Provider::Postmark, &body));
    assert_eq!(
        (item.is_test, event.idempotency_key.as_deref()),
        (false, Some("postmark:22c74902-0000-4511-804f-341342852c90"))
    );
}

#[test]
fn sendgrids_message_is_read_taken_apart_and_whole() {
    let Some(mut file) = example("sendgrid-parse/inbound_default") else { return };
    file["form"]["text"] = json!("Grüße");
    let (item, _, email) = received(form(&file));
    assert_eq!(item.provider_id, None);
    assert_eq!(email.from, Some(address(Some("Jane Guest"), "jane@example.net")));
    assert_eq!((email.subject.as_str(), email.text.as_deref()), ("Hello", Some("Grüße")));
    assert_eq!(email.recipients, ["ticket+42@parse.hub.example.com"]);
    assert_eq!((email.message_id.as_deref(), email.spam_score), (Some("<abc-1@mail.example.net>"), Some(0.012)));
    assert_eq!(email.html, html("<p>Hello</p>"));
    let [file] = &email.attachments[..] else { panic!("not one attachment") };
    assert_eq!((file.name.as_deref(), file.content_type.as_deref()), (Some("note.txt"), Some("text/plain")));
    assert_eq!(
        (file.size, file.content_id.as_deref(), file.found_at.as_str()),
        (Some(12), Some("ii_1"), "attachment1")
    );

    let (_, _, email) = received(form(&example("sendgrid-parse/inbound_raw").unwrap()));
    assert_eq!(email.from, Some(address(Some("Jane"), "jane@example.net")));
    assert_eq!((email.subject.as_str(), email.text.as_deref().map(str::trim)), ("Hello", Some("Hello")));
    assert_eq!(email.recipients, ["ticket+42@parse.hub.example.com"]);
    assert_eq!((email.message_id.as_deref(), email.attachments.len()), (Some("<abc-1@mail.example.net>"), 0));
}

#[test]
fn a_whole_message_with_parts_is_taken_apart() {
    let message = "From: =?iso-8859-1?q?Zo=EB?= <zoe@example.net>\r\nTo: a@hub.example, \"B, C\" <b@hub.example>\r\n\
                   References: <1@x>\r\n <2@x>\r\nIn-Reply-To: <2@x>\r\nMessage-ID: <3@x>\r\nAuto-Submitted: auto-replied\r\n\
                   Date: Fri, 23 Jan 2026 16:59:01 +0200\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n\
                   --m\r\nContent-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
                   <p>Gr=FC=DFe<script>alert(1)</script></p>\r\n\
                   --m\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename*=utf-8''na%C3%AFve.pdf\r\n\
                   Content-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--m--\r\n";
    let file = json!({ "form": { "email": message, "envelope": "{\"to\":[\"a@hub.example\"],\"from\":\"\"}" } });
    let (item, _, email) = received(form(&file));
    assert_eq!(email.from, Some(address(Some("Zoë"), "zoe@example.net")));
    assert_eq!(email.to, [address(None, "a@hub.example"), address(Some("B, C"), "b@hub.example")]);
    assert_eq!((email.thread_key.as_deref(), email.references.len()), (Some("<1@x>"), 2));
    assert_eq!((email.is_automatic, item.occurred_at_ms), (true, Some(1_769_180_341_000)));
    assert!(email.text.as_deref().is_some_and(|text| text.contains("Grüße")), "{email:?}");
    assert_eq!(email.html.map(|html| html.trim().to_owned()), html("<p>Grüße</p>"));
    let [file] = &email.attachments[..] else { panic!("not one attachment") };
    assert_eq!(
        (file.name.as_deref(), file.size, file.content_type.as_deref()),
        (Some("naïve.pdf"), Some(3), Some("application/pdf"))
    );
}

#[test]
fn several_messages_in_one_request_are_several_events() {
    let item = |uuid: Value| {
        json!({ "Uuid": uuid, "From": { "Address": "a@x" }, "Recipients": [{ "Address": "t@hub" }],
        "Headers": { "references": ["<1@x> <2@x>"], "Precedence": "bulk" }, "ReplyTo": { "Address": "r@x", "Name": "R" } })
    };
    let body = json!({ "items": [item(json!(["u1", "u2"])), item(json!("u3")), item(json!(null))] });
    let items = read(Provider::Brevo, &Sent::json(Provider::Brevo, &body).request()).unwrap();
    let ids: Vec<_> = items.iter().map(|item| item.provider_id.as_deref()).collect();
    assert_eq!(ids, [Some("u1,u2"), Some("u3"), None]);
    let Outcome::Mapped(event) = &items[0].outcome else { panic!("{items:?}") };
    assert_eq!((&event.data["thread_key"], &event.data["is_automatic"]), (&json!("<1@x>"), &json!(true)));
    assert_eq!((&event.data["recipients"], &event.data["reply_to"][0]["name"]), (&json!(["t@hub"]), &json!("R")));
}

#[test]
fn a_long_text_is_cut_at_a_boundary_of_characters() {
    let body = json!({ "MessageID": "1", "TextBody": "é".repeat(200_000) });
    let (_, _, email) = received(Sent::json(Provider::Postmark, &body));
    assert!(email.is_cut && email.text.is_some_and(|text| text.len() == 256 * 1024));
}
