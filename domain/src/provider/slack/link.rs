//! What people paste to name a channel: an id, or a link to it or to a message in it.

/// The id of a channel in what was pasted: `C061EG9R6`, `<#C061EG9R6|general>`,
/// `https://example.slack.com/archives/C061EG9R6/p1503435956000247`, `https://app.slack.com/client/T061EG9R6/C061EG9R6`.
#[must_use]
pub fn channel_id(text: &str) -> Option<&str> {
    let text = text.trim();
    if let Some(inside) = text.strip_prefix("<#").and_then(|rest| rest.strip_suffix('>')) {
        return inside.split('|').next().filter(|id| is_channel_id(id));
    }
    match text.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => in_link(rest),
        Some(_) => None,
        None => Some(text).filter(|id| is_channel_id(id)),
    }
}

/// Whether it has the form of a channel's id: public (`C`) or private (`G`, or `C` as well since 2021).
#[must_use]
pub fn is_channel_id(text: &str) -> bool {
    (9..=24).contains(&text.len())
        && text.starts_with(['C', 'G'])
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

fn in_link(rest: &str) -> Option<&str> {
    let rest = rest.split(['?', '#']).next()?;
    let (host, path) = rest.split_once('/')?;
    if !host.to_ascii_lowercase().ends_with(".slack.com") {
        return None;
    }
    let mut parts = path.split('/');
    let id = match parts.next()? {
        "archives" => parts.next(),
        "client" => parts.nth(1),
        _ => None,
    };
    id.filter(|id| is_channel_id(id))
}

#[cfg(test)]
mod tests {
    use super::channel_id;

    #[test]
    fn ids_are_found_by_themselves_and_in_links() {
        for text in [
            "C061EG9R6",
            " C061EG9R6\n",
            "<#C061EG9R6|general>",
            "<#C061EG9R6>",
            "https://example.slack.com/archives/C061EG9R6",
            "https://example.enterprise.slack.com/archives/C061EG9R6/",
            "https://example.slack.com/archives/C061EG9R6/p1503435956000247?thread_ts=1.2&cid=C1",
            "HTTPS://Example.Slack.com/archives/C061EG9R6#x",
            "https://app.slack.com/client/T061EG9R6/C061EG9R6",
            "https://app.slack.com/client/T061EG9R6/C061EG9R6/thread/x",
        ] {
            assert_eq!(channel_id(text), Some("C061EG9R6"), "{text}");
        }
        assert_eq!(channel_id("G0123456789"), Some("G0123456789"));
    }

    #[test]
    fn names_people_and_other_links_are_no_ids() {
        for text in [
            "",
            "#general",
            "general",
            "GENERAL",
            "c061eg9r6",
            "U061EG9R6",
            "C061EG9R6 general",
            "https://example.com/archives/C061EG9R6",
            "https://slack.com.evil.example/archives/C061EG9R6",
            "http://example.slack.com/archives/C061EG9R6",
            "https://example.slack.com/messages/C061EG9R6",
            "https://example.slack.com/archives/",
            "https://example.slack.com",
            "<#|general>",
            "<#C061EG9R6",
        ] {
            assert_eq!(channel_id(text), None, "{text}");
        }
    }
}
