//! What headers of a part say of it. The reading is done by `mail-parser`, RFC 2231 and encoded words included.

use mail_parser::{MessageParser, MimeHeaders as _};

/// Of a header, so many characters are read.
const MAX_HEADER: usize = 4096;

/// What the headers of a part say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// The name of the field, in a form.
    pub(crate) field: Option<String>,
    /// The name of the file.
    pub(crate) file_name: Option<String>,
    /// The media type without parameters, in lower case.
    pub(crate) content_type: Option<String>,
    /// The id, without brackets.
    pub(crate) content_id: Option<String>,
}

/// Reads the values of the headers of a part; empty for what is absent.
pub(crate) fn told(content_type: &str, disposition: &str, id: &str) -> Told {
    let line = |value: &str| -> String {
        value.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_HEADER).collect()
    };
    let mut block = String::new();
    for (name, value) in [("Content-Type", content_type), ("Content-Disposition", disposition), ("Content-ID", id)] {
        if !value.trim().is_empty() {
            block.push_str(&format!("{name}: {}\r\n", line(value)));
        }
    }
    block.push_str("\r\n");
    let Some(message) = MessageParser::new().parse_headers(block.as_bytes()) else { return Told::default() };
    Told {
        field: message.content_disposition().and_then(|it| it.attribute("name")).map(str::to_owned),
        file_name: message.attachment_name().map(str::to_owned),
        content_type: message.content_type().map(media_type),
        content_id: message.content_id().map(str::to_owned),
    }
}

/// `text/plain`.
pub(crate) fn media_type(it: &mail_parser::ContentType<'_>) -> String {
    let subtype = it.subtype().map(|subtype| format!("/{subtype}")).unwrap_or_default();
    format!("{}{subtype}", it.ctype()).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_every_form() {
        let name = |disposition| told("", disposition, "").file_name;
        assert_eq!(name("attachment; filename=\"a b.txt\"").as_deref(), Some("a b.txt"));
        assert_eq!(name("attachment; filename*=utf-8''na%C3%AFve.txt").as_deref(), Some("naïve.txt"));
        let part = told("Text/Plain; charset=utf-8; name=hello.txt", "form-data; name=\"file\"", "<ii_1>");
        assert_eq!(part.field.as_deref(), Some("file"));
        assert_eq!(part.file_name.as_deref(), Some("hello.txt"));
        assert_eq!((part.content_type.as_deref(), part.content_id.as_deref()), (Some("text/plain"), Some("ii_1")));
        assert_eq!(told("", "", ""), Told::default());
    }
}
