//! E-mail that was received. Its parsers take the plain fields from here; addresses, attachments and the thread need
//! more than a place.

use super::{Field, Layout, Mapping, same, take_all};

pub(super) static LAYOUT: Layout = Layout {
    list: None,
    id: &[],
    kind: &[],
    kind_otherwise: Some("inbound"),
    occurred_at: &[],
    common: &[],
    mappings: &[Mapping::new("inbound", "email.received", &[FIELDS], None)],
    passed: take_all,
};

/// Brevo, Mailjet, Postmark and SendGrid, in this order where they differ.
pub(crate) const FIELDS: &[Field] = &[
    same("subject", &["/Subject", "/subject"]),
    same("text", &["/RawTextBody", "/Text-part", "/TextBody", "/text"]),
    same("html", &["/RawHtmlBody", "/Html-part", "/HtmlBody", "/html"]),
    same("reply_text", &["/ExtractedMarkdownMessage", "/StrippedTextReply"]),
    same("mailbox_hash", &["/MailboxHash"]),
    same("spam_score", &["/SpamScore", "/SpamAssassinScore", "/spam_score"]),
    same("sent_at", &["/SentAtDate", "/Date"]),
];
