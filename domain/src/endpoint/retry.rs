//! When failed attempts are tried again.

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// 1 m, 5 m, 30 m.
pub const RETRY_SHORT: &[i64] = &[60, 300, 1800];
/// 5 s, 5 m, 30 m, 2 h, 5 h, 10 h, 10 h: the schedule of the Standard Webhooks field.
pub const RETRY_STANDARD: &[i64] = &[5, 300, 1800, 7200, 18_000, 36_000, 36_000];
/// 5 s, 5 m, 30 m, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h: a little over three days.
pub const RETRY_LONG: &[i64] = &[5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// A retry schedule: a preset by name, or the seconds to wait before each further attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum Retry {
    /// `short`, `standard` or `long`.
    Preset(RetryPreset),
    /// Seconds before each further attempt; an empty list means one attempt only.
    Own(Vec<i64>),
}

crate::text_enum! {
    /// A schedule by name.
    pub enum RetryPreset {
        /// 1 m, 5 m, 30 m.
        Short = "short",
        /// 5 s, 5 m, 30 m, 2 h, 5 h, 10 h, 10 h.
        Standard = "standard",
        /// Over three days.
        Long = "long",
    }
}

impl Default for Retry {
    fn default() -> Self {
        Self::Preset(RetryPreset::Standard)
    }
}

impl Retry {
    /// Seconds before the second, third … attempt.
    #[must_use]
    pub fn seconds(&self) -> &[i64] {
        match self {
            Self::Preset(RetryPreset::Short) => RETRY_SHORT,
            Self::Preset(RetryPreset::Standard) => RETRY_STANDARD,
            Self::Preset(RetryPreset::Long) => RETRY_LONG,
            Self::Own(seconds) => seconds,
        }
    }

    /// Attempts in all.
    #[must_use]
    pub fn max_attempts(&self) -> i64 {
        self.seconds().len() as i64 + 1
    }

    /// Checks an own list: at most 20 waits of 1 second to 7 days.
    ///
    /// # Errors
    /// A wait outside that, or too many.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Preset(_) => Ok(()),
            Self::Own(list) if list.len() <= 20 && list.iter().all(|s| (1..=604_800).contains(s)) => Ok(()),
            Self::Own(_) => Err(Error::invalid(
                "retry",
                "must be `short`, `standard`, `long`, or at most 20 waits of 1 to 604800 seconds.",
            )),
        }
    }

    /// The wait after the `attempts`-th failed attempt in milliseconds, ±20 % by `jitter` (0 to 1); none
    /// when no attempt is left.
    #[must_use]
    pub fn wait_ms(&self, attempts: i64, jitter: f64) -> Option<i64> {
        let index = usize::try_from(attempts - 1).ok()?;
        let seconds = *self.seconds().get(index)?;
        Some((seconds as f64 * 1000.0 * (0.8 + 0.4 * jitter.clamp(0.0, 1.0))) as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_schedule_has_eight_attempts_with_jitter_of_a_fifth() {
        let retry = Retry::default();
        assert_eq!(retry.max_attempts(), 8);
        assert_eq!(retry.wait_ms(1, 0.5), Some(5000));
        assert_eq!(retry.wait_ms(1, 0.0), Some(4000));
        assert_eq!(retry.wait_ms(1, 1.0), Some(6000));
        assert_eq!(retry.wait_ms(8, 0.5), None);
    }

    #[test]
    fn an_own_list_is_read_from_json_and_checked() {
        let own: Retry = serde_json::from_str("[1,2]").expect("a list");
        assert_eq!(own.max_attempts(), 3);
        assert!(
            own.check().is_ok() && Retry::Own(vec![0]).check().is_err() && Retry::Own(vec![1; 21]).check().is_err()
        );
        assert_eq!(serde_json::from_str::<Retry>("\"long\"").expect("a name").seconds(), RETRY_LONG);
        assert!(serde_json::from_str::<Retry>("\"forever\"").is_err());
    }
}
