//! Where on the page of a delivery somebody is: tab, attempt and form, kept in the URL.

/// A section of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    /// What was sent.
    #[default]
    Request,
    /// What came back.
    Response,
    /// How it was signed.
    Signature,
    /// The event itself.
    Event,
    /// The same event elsewhere, and replays.
    Related,
}

impl Tab {
    /// Every section in order, with its word in the URL and its name.
    pub const ALL: [(Self, &'static str, &'static str); 5] = [
        (Self::Request, "request", "Request"),
        (Self::Response, "response", "Response"),
        (Self::Signature, "signature", "Signature"),
        (Self::Event, "event", "Event"),
        (Self::Related, "related", "Related"),
    ];
}

/// The part of the URL behind the question mark.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    /// The section.
    pub tab: Tab,
    /// The attempt; the last one when absent.
    pub attempt: Option<i64>,
    /// Bodies as they were sent instead of indented.
    pub raw: bool,
    /// The language of the code that verifies a signature.
    pub language: String,
}

impl Place {
    /// Reads the part of the URL behind the question mark.
    #[must_use]
    pub fn read(search: &str) -> Self {
        let value = |name: &str| {
            search.trim_start_matches('?').split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
        };
        let tab = value("tab").and_then(|word| Tab::ALL.into_iter().find(|(_, name, _)| *name == word));
        Self {
            tab: tab.map(|(tab, _, _)| tab).unwrap_or_default(),
            attempt: value("attempt").and_then(|number| number.parse().ok()),
            raw: value("raw") == Some("1"),
            language: value("code")
                .filter(|word| word.bytes().all(|b| b.is_ascii_lowercase()))
                .unwrap_or_default()
                .to_owned(),
        }
    }

    /// The address of this place on a delivery's page.
    #[must_use]
    pub fn href(&self, id: &str) -> String {
        let mut pairs: Vec<String> = Vec::new();
        if self.tab != Tab::default() {
            pairs.extend(
                Tab::ALL.into_iter().find(|(tab, _, _)| *tab == self.tab).map(|(_, word, _)| format!("tab={word}")),
            );
        }
        pairs.extend(self.attempt.map(|number| format!("attempt={number}")));
        pairs.extend(self.raw.then(|| "raw=1".to_owned()));
        if !self.language.is_empty() {
            pairs.push(format!("code={}", self.language));
        }
        if pairs.is_empty() { format!("/deliveries/{id}") } else { format!("/deliveries/{id}?{}", pairs.join("&")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_the_url() {
        let place = Place { tab: Tab::Signature, attempt: Some(3), raw: true, language: "go".into() };
        let href = place.href("dlv_1");
        assert_eq!(href, "/deliveries/dlv_1?tab=signature&attempt=3&raw=1&code=go");
        assert_eq!(Place::read(href.split_once('?').expect("a query").1), place);
        assert_eq!(Place::default().href("dlv_1"), "/deliveries/dlv_1");
    }

    #[test]
    fn nonsense_is_the_first_tab() {
        assert_eq!(Place::read("tab=x&attempt=y&raw=2&code=%3Cb%3E"), Place::default());
    }
}
