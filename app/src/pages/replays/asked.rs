//! What a plan is about, in its URL: the log's filters and how to send.

use domain::delivery::query::LogQuery;
use domain::replay::{NewReplay, Settings};

use crate::log_url;

/// Where a plan is shown.
pub const PATH: &str = "/replays/new";

/// A plan as its URL has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Which deliveries.
    pub query: LogQuery,
    /// With which settings of the endpoints.
    pub settings: Settings,
    /// Deliveries a minute, as typed; empty for as fast as the endpoints take them.
    pub rate: String,
    /// Whether what arrived is left out.
    pub skip: bool,
}

impl Asked {
    /// Reads the part of the URL behind the question mark. The log's page and its length mean nothing here.
    #[must_use]
    pub fn read(search: &str) -> Self {
        let value = |name: &str| {
            let pairs = search.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('='));
            pairs.rev().find(|(known, _)| *known == name).map(|(_, value)| log_url::decode(value))
        };
        Self {
            query: LogQuery { limit: None, cursor: None, ..log_url::read(search) },
            settings: value("settings").and_then(|word| word.parse().ok()).unwrap_or(Settings::Now),
            rate: value("rate").unwrap_or_default().trim().to_owned(),
            skip: value("skip").as_deref() != Some("no"),
        }
    }

    /// The filters alone, as they stand behind the question mark.
    #[must_use]
    pub fn filters(&self) -> String {
        log_url::search(&self.query)
    }

    /// The address of the plan.
    #[must_use]
    pub fn href(&self) -> String {
        let mut pairs: Vec<String> = Some(self.filters()).filter(|filters| !filters.is_empty()).into_iter().collect();
        pairs.extend((self.settings == Settings::Then).then(|| "settings=then".to_owned()));
        pairs.extend((!self.rate.is_empty()).then(|| format!("rate={}", log_url::encode(&self.rate))));
        pairs.extend((!self.skip).then(|| "skip=no".to_owned()));
        if pairs.is_empty() { PATH.to_owned() } else { format!("{PATH}?{}", pairs.join("&")) }
    }

    /// The replay that is asked for.
    ///
    /// # Errors
    /// The speed is no whole number.
    pub fn replay(&self) -> domain::Result<NewReplay> {
        let rate = match self.rate.replace([',', ' '], "").as_str() {
            "" => None,
            digits => Some(digits.parse().map_err(|_| {
                domain::Error::invalid("rate_per_minute", "must be a whole number of deliveries a minute, or empty.")
            })?),
        };
        Ok(NewReplay {
            query: self.query.clone(),
            settings: self.settings,
            skip_delivered: self.skip,
            rate_per_minute: rate,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_survives_its_url() {
        let asked = Asked::read("?status=failed&q=late+fee&settings=then&rate=600&skip=no");
        assert_eq!((asked.settings, asked.rate.as_str(), asked.skip), (Settings::Then, "600", false));
        assert_eq!(asked.href(), "/replays/new?q=late+fee&status=failed&settings=then&rate=600&skip=no");
        assert_eq!(Asked::read(asked.href().split_once('?').expect("a query").1), asked);
    }

    #[test]
    fn the_address_of_the_log_is_a_plan_that_skips_what_arrived() {
        let asked = Asked::read("status=failed&endpoint=ep_1&since=24h&limit=20&cursor=after-1");
        assert_eq!(asked.filters(), "status=failed&endpoint=ep_1&since=24h");
        let new = asked.replay().expect("a replay");
        assert_eq!((new.settings, new.skip_delivered, new.rate_per_minute), (Settings::Now, true, None));
        assert_eq!(Asked::read("").href(), PATH);
    }

    #[test]
    fn a_speed_is_a_whole_number() {
        let rate = |text: &str| Asked { rate: text.into(), ..Asked::read("") }.replay().map(|new| new.rate_per_minute);
        assert_eq!(rate("1,200").expect("a rate"), Some(1200));
        assert_eq!(rate("").expect("no rate"), None);
        for wrong in ["fast", "1.5", "60/min"] {
            assert!(rate(wrong).is_err(), "{wrong}");
        }
    }
}
