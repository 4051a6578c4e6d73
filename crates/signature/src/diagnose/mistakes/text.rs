//! What can be wrong with the text that was signed, apart from the body.

use super::Mistake;

pub(in super::super) const ID_NOT_SIGNED: Mistake = Mistake::new(
    "id_not_signed",
    "The id was left out of the signed text",
    "The signature was made without the message's id in front. Standard Webhooks sign the id, the timestamp and the body, joined by full stops.",
    "Sign id.timestamp.body.",
);
pub(in super::super) const TIMESTAMP_NOT_SIGNED: Mistake = Mistake::new(
    "timestamp_not_signed",
    "The timestamp was left out of the signed text",
    "The signature was made without the timestamp, so that an old message could be sent again with a new one.",
    "Put the timestamp into the signed text where the scheme says.",
);
pub(in super::super) const ID_SIGNED: Mistake = Mistake::new(
    "id_signed",
    "The id is in the signed text, where it does not belong",
    "The signature was made over the id as well. This scheme does not sign it.",
    "Leave the id out of the signed text, or use Standard Webhooks, which signs it.",
);
pub(in super::super) const TIMESTAMP_SIGNED: Mistake = Mistake::new(
    "timestamp_signed",
    "The timestamp is in the signed text, where it does not belong",
    "The signature was made over the timestamp as well. GitHub's scheme signs the body alone.",
    "Sign the body alone, or use a scheme that protects the timestamp.",
);
pub(in super::super) const LAYOUT: Mistake = Mistake::new(
    "signed_text_layout",
    "The signed text was put together in another way",
    "The signature was made over {}.",
    "Put the parts together as the scheme says; the right text is shown here.",
);
pub(in super::super) const OTHER_ID: Mistake = Mistake::new(
    "other_id",
    "The id belongs to another message",
    "The signature was made for the id {}, which is not the one in the header.",
    "Take the id, the timestamp, the signature and the body from the same request.",
);
pub(in super::super) const OTHER_TIMESTAMP: Mistake = Mistake::new(
    "other_timestamp",
    "The timestamp belongs to another message or attempt",
    "The signature was made for the timestamp {}, which is not the one in the header. Every attempt is signed again with its own time.",
    "Take the timestamp and the signature from the same request.",
);
pub(in super::super) const MILLISECONDS: Mistake = Mistake::new(
    "timestamp_signed_in_milliseconds",
    "Milliseconds were signed, seconds were sent",
    "The signature was made over the timestamp {}, in milliseconds. The header has seconds, and both must be the same text.",
    "Sign the very text that the header carries, in seconds.",
);
pub(in super::super) const SECONDS: Mistake = Mistake::new(
    "timestamp_sent_in_milliseconds",
    "Seconds were signed, milliseconds were sent",
    "The signature was made over the timestamp {}, in seconds. The header has milliseconds, and both must be the same text.",
    "Send the timestamp in seconds, the very text that is signed.",
);
pub(in super::super) const HEADERS_DIFFER: Mistake = Mistake::new(
    "headers_differ",
    "The headers come from different messages",
    "These should be the same and are not: {}.",
    "Paste the headers of one request, all at once.",
);
