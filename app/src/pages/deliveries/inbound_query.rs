//! The filters of the logs with what came in, alone or with what goes out, in the URL, changed one at a time.

use domain::delivery::address::{decode, encode, parts, quoted};

use super::direction::Direction;

/// A filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// The status of deliveries or the state of requests, several with commas; where both are shown.
    Status,
    /// A source or an endpoint; where both are shown.
    Place,
    /// The source's id.
    Source,
    /// Whether they are the provider's.
    Verdict,
    /// How far they have come.
    State,
    /// The type of event, of requests the provider's.
    Type,
    /// What they were refused for.
    Cause,
    /// From when on.
    Since,
    /// Until when.
    Until,
    /// Free words.
    Words,
}

impl Filter {
    const INBOUND: &[Self] =
        &[Self::Source, Self::Verdict, Self::State, Self::Type, Self::Cause, Self::Words, Self::Since, Self::Until];
    const BOTH: &[Self] = &[Self::Status, Self::Type, Self::Place, Self::Words, Self::Since, Self::Until];

    /// Those that a list has, in the order of the chips. The time is last, as [`super::brush`] needs it.
    const fn of(direction: Direction) -> &'static [Self] {
        match direction {
            Direction::Both => Self::BOTH,
            Direction::Inbound | Direction::Outbound => Self::INBOUND,
        }
    }

    /// Its name in the address, in the search box, and on its chip.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Place => "place",
            Self::Source => "source",
            Self::Verdict => "verdict",
            Self::State => "state",
            Self::Type => "type",
            Self::Cause => "cause",
            Self::Since => "since",
            Self::Until => "until",
            Self::Words => "q",
        }
    }

    fn named(direction: Direction, word: &str) -> Option<Self> {
        let word = match (direction, word) {
            // What a place is on either side.
            (Direction::Both, "source" | "endpoint") => "place",
            (_, "event_type") => "type",
            (_, word) => word,
        };
        Self::of(direction).iter().copied().find(|filter| filter.name() == word)
    }
}

/// What the address asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    direction: Direction,
    filters: Vec<(Filter, String)>,
    /// Which page.
    pub cursor: Option<String>,
}

impl Asked {
    /// Everything that went this way.
    #[must_use]
    pub const fn all(direction: Direction) -> Self {
        Self { direction, filters: Vec::new(), cursor: None }
    }

    /// Which list it is about.
    #[must_use]
    pub const fn direction(&self) -> Direction {
        self.direction
    }

    /// Reads the part of the URL behind the question mark; what it does not know is passed over. Tokens that were typed into the
    /// search box (`status:failed`) become filters, the rest stays as words.
    #[must_use]
    pub fn read(direction: Direction, search: &str) -> Self {
        let mut asked = Self::all(direction);
        let (mut typed, mut cursor) = (String::new(), None);
        for (name, value) in search.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('=')) {
            let value = decode(value).trim().to_owned();
            match Filter::named(direction, name) {
                _ if value.is_empty() => {}
                Some(Filter::Words) => typed = value,
                Some(filter) => asked = asked.with(filter, Some(&value)),
                None if name == "cursor" => cursor = Some(value),
                None => {}
            }
        }
        let mut words = Vec::new();
        for part in parts(&typed) {
            let token = part.split_once(':').filter(|(_, value)| !value.is_empty());
            match token.and_then(|(name, value)| Some((Filter::named(direction, name)?, value))) {
                Some((filter, value)) if filter != Filter::Words => asked = asked.with(filter, Some(value)),
                _ => words.push(quoted(&part)),
            }
        }
        let words = words.join(" ");
        asked = asked.with(Filter::Words, Some(words.as_str()).filter(|words| !words.is_empty()));
        Self { cursor, ..asked }
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

    /// The filters that are set, in the order of the chips.
    pub fn set(&self) -> impl Iterator<Item = (Filter, &str)> {
        Filter::of(self.direction).iter().filter_map(|filter| Some((*filter, self.get(*filter)?)))
    }

    /// The same filters with one set or dropped, from the first page on.
    #[must_use]
    pub fn with(&self, filter: Filter, value: Option<&str>) -> Self {
        let mut filters: Vec<_> = self.filters.iter().filter(|(known, _)| *known != filter).cloned().collect();
        filters.extend(value.map(|value| (filter, value.to_owned())));
        Self { direction: self.direction, filters, cursor: None }
    }

    /// The same filters with a value of one taken in or out. Of statuses several hold, of others the newest.
    #[must_use]
    pub fn toggled(&self, filter: Filter, value: &str, is_set: bool) -> Self {
        if filter != Filter::Status {
            return self.with(filter, Some(value).filter(|_| !is_set));
        }
        let set = self.get(filter).unwrap_or_default();
        let others = set.split(',').filter(|other| !other.is_empty() && *other != value);
        let list: Vec<_> = others.chain(Some(value).filter(|_| !is_set)).collect();
        self.with(filter, Some(list.join(",").as_str()).filter(|list| !list.is_empty()))
    }

    /// The address on this page, at another page of the list where one is given.
    #[must_use]
    pub fn href(&self, cursor: Option<&str>) -> String {
        let pair = |name: &str, value: &str| format!("{name}={}", encode(value));
        let filters = self.set().map(|(filter, value)| pair(filter.name(), value));
        let pairs: Vec<_> = filters.chain(cursor.map(|cursor| pair("cursor", cursor))).collect();
        let path = self.direction.path();
        if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
    }

    /// The address without its path.
    #[must_use]
    pub fn search(&self) -> String {
        self.href(None).split_once('?').map(|(_, search)| search.to_owned()).unwrap_or_default()
    }

    /// What it asks of the requests that came in.
    ///
    /// # Errors
    /// A filter is none of its kind; names it.
    #[cfg(feature = "ssr")]
    pub fn request_query(&self) -> domain::Result<domain::source::requests::RequestQuery> {
        let given = |filter| self.get(filter).map(str::to_owned);
        Ok(domain::source::requests::RequestQuery {
            source_id: self.parsed(Filter::Source)?,
            verdict: self.parsed(Filter::Verdict)?,
            state: self.parsed(Filter::State)?,
            cause: given(Filter::Cause),
            provider_event_type: given(Filter::Type),
            q: given(Filter::Words),
            since: given(Filter::Since),
            until: given(Filter::Until),
            page: domain::PageQuery { limit: None, cursor: self.cursor.clone() },
        })
    }

    /// What it asks of both directions.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub fn entry_query(&self) -> domain::source::both::EntryQuery {
        let given = |filter| self.get(filter).map(str::to_owned);
        domain::source::both::EntryQuery {
            q: given(Filter::Words),
            status: given(Filter::Status),
            event_type: given(Filter::Type),
            place: given(Filter::Place),
            since: given(Filter::Since),
            until: given(Filter::Until),
            limit: None,
            cursor: self.cursor.clone(),
        }
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

    fn inbound(search: &str) -> Asked {
        Asked::read(Direction::Inbound, search)
    }

    #[test]
    fn filters_survive_the_url_and_change_one_at_a_time() {
        let asked = inbound("?type=invoice.paid&verdict=verified&cursor=after-1&x=y&state=");
        assert_eq!((asked.get(Filter::Type), asked.cursor.as_deref()), (Some("invoice.paid"), Some("after-1")));
        assert_eq!(
            asked.href(Some("after-2")),
            "/deliveries/inbound?verdict=verified&type=invoice.paid&cursor=after-2"
        );
        assert_eq!(asked.with(Filter::Verdict, None).href(None), "/deliveries/inbound?type=invoice.paid");
        assert!(asked.is_filtered() && !inbound("cursor=after-1").is_filtered());
        assert_eq!(inbound("type=a%26b").href(None), "/deliveries/inbound?type=a%26b");
    }

    #[test]
    fn what_is_typed_becomes_filters_and_words() {
        let asked = inbound("q=verdict%3Arejected+late+%22two+words%22+foo:bar&since=24h");
        assert_eq!((asked.get(Filter::Verdict), asked.get(Filter::Since)), (Some("rejected"), Some("24h")));
        assert_eq!(asked.get(Filter::Words), Some("late \"two words\" foo:bar"));
        let asked = Asked::read(Direction::Both, "q=endpoint:Billing+status:failed&verdict=rejected");
        assert_eq!((asked.get(Filter::Place), asked.get(Filter::Status)), (Some("Billing"), Some("failed")));
        assert_eq!(asked.href(None), "/deliveries/both?status=failed&place=Billing");
    }

    #[test]
    fn statuses_add_up_and_other_filters_replace_each_other() {
        let asked = Asked::read(Direction::Both, "status=failed&place=src_1");
        let both = asked.toggled(Filter::Status, "refused", false);
        assert_eq!(both.get(Filter::Status), Some("failed,refused"));
        assert_eq!(both.toggled(Filter::Status, "failed", true).get(Filter::Status), Some("refused"));
        assert_eq!(asked.toggled(Filter::Status, "failed", true).get(Filter::Status), None);
        assert_eq!(asked.toggled(Filter::Place, "ep_1", false).get(Filter::Place), Some("ep_1"));
    }
}
