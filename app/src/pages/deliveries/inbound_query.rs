//! The filters of the log of inbound requests in the URL, changed one at a time.

use domain::delivery::address::{decode, encode};

use super::direction::Direction;

/// A filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// The source's id.
    Source,
    /// Whether they are the provider's.
    Verdict,
    /// How far they have come.
    State,
    /// The provider's type of event.
    Type,
    /// What they were refused for.
    Cause,
    /// How old they are.
    Since,
}

impl Filter {
    const ALL: [Self; 6] = [Self::Source, Self::Verdict, Self::State, Self::Type, Self::Cause, Self::Since];

    const fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Verdict => "verdict",
            Self::State => "state",
            Self::Type => "type",
            Self::Cause => "cause",
            Self::Since => "since",
        }
    }
}

/// What the address asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    filters: Vec<(Filter, String)>,
    /// Which page.
    pub cursor: Option<String>,
}

impl Asked {
    /// Reads the part of the URL behind the question mark; what it does not know is passed over.
    #[must_use]
    pub fn read(search: &str) -> Self {
        let mut asked = Self::default();
        for (name, value) in search.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('=')) {
            let value = decode(value).trim().to_owned();
            let filter = Filter::ALL.into_iter().find(|filter| filter.name() == name);
            match filter {
                _ if value.is_empty() => {}
                Some(filter) => asked = Self { cursor: asked.cursor.clone(), ..asked.with(filter, Some(&value)) },
                None if name == "cursor" => asked.cursor = Some(value),
                None => {}
            }
        }
        asked
    }

    /// The value of a filter as what it stands for.
    ///
    /// # Errors
    /// It is none of that kind; names the filter.
    pub fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(&self, filter: Filter) -> domain::Result<Option<T>> {
        let wrong = |error: T::Err| domain::Error::invalid(filter.name(), format!("{error}."));
        self.get(filter).map(|text| text.parse().map_err(wrong)).transpose()
    }

    /// The value of a filter, if it is set.
    #[must_use]
    pub fn get(&self, filter: Filter) -> Option<&str> {
        self.filters.iter().find(|(known, _)| *known == filter).map(|(_, value)| value.as_str())
    }

    /// The same filters with one set or dropped, from the first page on.
    #[must_use]
    pub fn with(&self, filter: Filter, value: Option<&str>) -> Self {
        let mut filters: Vec<_> = self.filters.iter().filter(|(known, _)| *known != filter).cloned().collect();
        filters.extend(value.map(|value| (filter, value.to_owned())));
        Self { filters, cursor: None }
    }

    /// The address on the page of inbound requests, at another page of the list where one is given.
    #[must_use]
    pub fn href(&self, cursor: Option<&str>) -> String {
        let pair = |name: &str, value: &str| format!("{name}={}", encode(value));
        let filters = Filter::ALL.into_iter().filter_map(|filter| Some(pair(filter.name(), self.get(filter)?)));
        let pairs: Vec<_> = filters.chain(cursor.map(|cursor| pair("cursor", cursor))).collect();
        let path = Direction::Inbound.path();
        if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
    }

    /// Whether anything narrows the list.
    #[must_use]
    pub fn is_filtered(&self) -> bool {
        !self.filters.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_survive_the_url_and_change_one_at_a_time() {
        let asked = Asked::read("?type=invoice.paid&verdict=verified&cursor=after-1&x=y&state=");
        assert_eq!((asked.get(Filter::Type), asked.cursor.as_deref()), (Some("invoice.paid"), Some("after-1")));
        assert_eq!(
            asked.href(Some("after-2")),
            "/deliveries/inbound?verdict=verified&type=invoice.paid&cursor=after-2"
        );
        assert_eq!(asked.with(Filter::Verdict, None).href(None), "/deliveries/inbound?type=invoice.paid");
        assert!(asked.is_filtered() && !Asked::read("cursor=after-1").is_filtered());
        assert_eq!(Asked::read("type=a%26b").href(None), "/deliveries/inbound?type=a%26b");
    }
}
